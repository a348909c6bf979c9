package oidcop

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"

	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// The paths below the issuer.
const (
	authorizePath = "/oidc/authorize"
	tokenPath     = "/oidc/token"
	userinfoPath  = "/oidc/userinfo"
	jwksPath      = "/oidc/jwks"
	discoveryPath = "/.well-known/openid-configuration"
	serverPath    = "/.well-known/oauth-authorization-server"
)

func newDocument(content any) (web.Document, error) {
	body, err := json.Marshal(content)
	if err != nil {
		return web.Document{}, err
	}
	return web.NewDocument("application/json", body), nil
}

// serve lets scripts of any site read a document: nothing in it depends on who asks.
func serve(w http.ResponseWriter, r *http.Request, d web.Document) error {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	return d.Serve(w, r)
}

// metadata is what discovery says (OpenID Connect Discovery 3): only what is served.
func (p *Provider) metadata() map[string]any {
	at := func(path string) string { return p.cfg.Issuer + path }
	claims := []string{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "sid", "at_hash", "c_hash"}
	for _, word := range p.cfg.Dictionary.Words() {
		if entry, ok := p.cfg.Dictionary.Entry(word); ok {
			claims = append(claims, entry.OIDC.Name)
		}
	}
	said := map[string]any{
		"issuer":                                         p.cfg.Issuer,
		"authorization_endpoint":                         at(authorizePath),
		"token_endpoint":                                 at(tokenPath),
		"userinfo_endpoint":                              at(userinfoPath),
		"jwks_uri":                                       at(jwksPath),
		"response_types_supported":                       []string{typeCode, typeHybrid, typeToken}, // all but the first by exception
		"response_modes_supported":                       []string{modeQuery, modeFragment, modeFormPost},
		"subject_types_supported":                        []string{"pairwise"},
		"code_challenge_methods_supported":               []string{"S256"},
		"claim_types_supported":                          []string{"normal"},
		"claims_supported":                               claims,
		"claims_parameter_supported":                     true,
		"request_parameter_supported":                    true,
		"request_object_signing_alg_values_supported":    requestAlgs(),
		"pushed_authorization_request_endpoint":          at(parPath),
		"device_authorization_endpoint":                  at(devicePath),
		"end_session_endpoint":                           at(logoutPath),
		"backchannel_logout_supported":                   true,
		"backchannel_logout_session_supported":           true,
		"frontchannel_logout_supported":                  true,
		"frontchannel_logout_session_supported":          true,
		"request_uri_parameter_supported":                true,
		"require_request_uri_registration":               true,
		"ui_locales_supported":                           []string{"fr", "en"},
		"authorization_response_iss_parameter_supported": true,
	}
	if p.cfg.Drafts != nil {
		said["registration_endpoint"] = at(registerPath)
	}
	maps.Copy(said, p.tokenMetadata())
	return said
}

func (e *endpoints) serveDiscovery(w http.ResponseWriter, r *http.Request) error {
	d, err := e.described()
	if err != nil {
		return err
	}
	return serve(w, r, d)
}

// described is the document as the register has it now, prepared once for each of its revisions that says something else: the
// levels of assurance are those that registered sources can vouch for. While the register cannot be read, what was said last
// stands.
func (e *endpoints) described() (web.Document, error) {
	last := e.levels.Load()
	snapshot, err := e.gateway.Registry()
	switch {
	case err != nil && last != nil:
		return last.Document, nil
	case err != nil:
		return e.discovery, nil
	case last != nil && last.revision == snapshot.Revision():
		return last.Document, nil
	}
	acr := levelsOf(snapshot, e.cfg.Now())
	if last == nil || !slices.Equal(last.acr, acr) {
		said := e.metadata()
		if len(acr) > 0 {
			said["acr_values_supported"] = acr
		}
		d, err := newDocument(said)
		if err != nil {
			return web.Document{}, fmt.Errorf("discovery: %w", err)
		}
		last = &levels{Document: d, acr: acr}
	}
	e.levels.Store(&levels{Document: last.Document, acr: acr, revision: snapshot.Revision()})
	return last.Document, nil
}

// levels is the document, and the levels of assurance in it.
type levels struct {
	web.Document
	acr      []string
	revision int64 // of the register in which they were looked up
}

// levelsOf lists what an acr may say (OpenID Connect Core 2): the levels of sources that people may sign in at. The ways of
// signing in that SAML has names for are no levels.
func levelsOf(s *registry.Snapshot, now time.Time) []string {
	var out []string
	for _, source := range s.Sources() {
		if source.Suspended || !source.Declaration.InForce(now, s.Zone()) {
			continue
		}
		for _, level := range source.Assurance {
			if !strings.HasPrefix(level, "urn:oasis:names:tc:SAML:") {
				out = append(out, level)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (e *endpoints) serveJWKS(w http.ResponseWriter, r *http.Request) error {
	d, err := e.jwks.current()
	if err != nil {
		return err
	}
	return serve(w, r, d)
}

// jwks keeps the key set ready, and makes it anew when the published keys are others.
type jwks struct {
	keys  Keys
	ready atomic.Pointer[keySet]
}

type keySet struct {
	ids string
	web.Document
}

func (j *jwks) current() (web.Document, error) {
	published := j.keys.All(oidcUses()...)
	var ids strings.Builder
	for _, k := range published {
		ids.WriteString(k.KeyID() + " ")
	}
	if set := j.ready.Load(); set != nil && set.ids == ids.String() {
		return set.Document, nil
	}
	var set jose.JSONWebKeySet
	for _, k := range published {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: k.Public(), KeyID: k.KeyID(), Algorithm: string(k.Algorithm()), Use: "sig"})
	}
	d, err := newDocument(set)
	if err != nil {
		return web.Document{}, fmt.Errorf("key set: %w", err)
	}
	j.ready.Store(&keySet{ids: ids.String(), Document: d})
	return d, nil
}
