package oidcop

import (
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"

	"ecluse/internal/registry"
)

// metadata is what a client says of itself (RFC 7591 2, OpenID Connect Registration 2, and the logout specifications), as
// far as it is registered. What people read of a service (its name, logo, pages, contacts) stands in the register; it is
// left out, and so is what nobody here knows.
type metadata struct {
	RedirectURIs        []string        `json:"redirect_uris"`
	AuthMethod          string          `json:"token_endpoint_auth_method"`
	AuthAlg             string          `json:"token_endpoint_auth_signing_alg"`
	GrantTypes          []string        `json:"grant_types"`
	ResponseTypes       []string        `json:"response_types"`
	ApplicationType     string          `json:"application_type"`
	SubjectType         string          `json:"subject_type"`
	JWKS                json.RawMessage `json:"jwks"`
	JWKSURI             string          `json:"jwks_uri"`
	SectorIdentifierURI string          `json:"sector_identifier_uri"`
	IDTokenAlg          string          `json:"id_token_signed_response_alg"`
	UserinfoAlg         string          `json:"userinfo_signed_response_alg"`
	RequestObjectAlg    string          `json:"request_object_signing_alg"`
	RequestURIs         []string        `json:"request_uris"`
	Pushes              bool            `json:"require_pushed_authorization_requests"`
	DPoP                bool            `json:"dpop_bound_access_tokens"`

	PostLogoutRedirectURIs      []string `json:"post_logout_redirect_uris"`
	BackchannelLogoutURI        string   `json:"backchannel_logout_uri"`
	BackchannelSessionRequired  bool     `json:"backchannel_logout_session_required"`
	FrontchannelLogoutURI       string   `json:"frontchannel_logout_uri"`
	FrontchannelSessionRequired bool     `json:"frontchannel_logout_session_required"`

	ClientID     string `json:"client_id"` // of a change (RFC 7592 2.2)
	ClientSecret string `json:"client_secret"`
}

// notServed are the words of metadata that would promise something which is not kept here.
func notServed() []string {
	return []string{
		"software_statement", "require_signed_request_object", "default_max_age", "default_acr_values",
		"id_token_encrypted_response_alg", "id_token_encrypted_response_enc", "userinfo_encrypted_response_alg",
		"userinfo_encrypted_response_enc", "request_object_encryption_alg", "request_object_encryption_enc",
		"authorization_signed_response_alg", "authorization_encrypted_response_alg", "authorization_encrypted_response_enc",
		"tls_client_certificate_bound_access_tokens",
	}
}

// notTheirs are the words of an answer of ours that a change must not repeat (RFC 7592 2.2).
func notTheirs() []string {
	return []string{"registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"}
}

// draftError is everything that is wrong with a registration (RFC 7591 3.2.2).
type draftError struct{ found []registry.Finding }

func (e *draftError) Error() string {
	return fmt.Sprintf("%d mistakes in the metadata of a client", len(e.found))
}

// said gives one code for all: that of return addresses when nothing else is wrong.
func (e *draftError) said() map[string]any {
	code, lines := "invalid_redirect_uri", []string{}
	for _, f := range e.found {
		lines = append(lines, f.Where+": "+f.What)
		switch {
		case f.Where == "software_statement":
			return map[string]any{"error": "unapproved_software_statement", "error_description": "no software statement is taken here"}
		case !strings.HasPrefix(f.Where, "redirect_uris"):
			code = "invalid_client_metadata"
		}
	}
	return map[string]any{"error": code, "error_description": printable(strings.Join(lines, "; ")), "findings": e.found}
}

// draft makes settings of the metadata in a request, checked as those of the desk are, with what only an address can say.
// secret is the one that was drawn, if one was.
func (e *endpoints) draft(r *http.Request, d drafting) (next Settings, secret string, _ error) {
	c := e.checker()
	m := c.metadata(r)
	if len(c.found) > 0 {
		return next, "", &draftError{c.found}
	}
	if d.now.Registration == registrationMade {
		c.change(d, m)
	}
	next = c.settings(m)
	if next.showsSecret() {
		if next.SecretHashes = d.now.SecretHashes; len(next.SecretHashes) == 0 {
			secret = newSecret()
			next.SecretHashes = []string{HashSecret(secret)}
		}
	}
	raw, err := json.Marshal(next)
	if err != nil {
		return next, "", fmt.Errorf("client %s: %w", d.binding.Handle, err)
	}
	checked := d.binding
	checked.Settings = raw
	for _, f := range e.CheckSettings(checked) {
		f.Where = metadataWord(f.Where)
		c.found = append(c.found, f)
	}
	if len(c.found) == 0 {
		e.ask(r.Context(), c, m, d.binding.Handle, &next)
	}
	if len(c.found) > 0 {
		return next, "", &draftError{c.found}
	}
	return next, secret, nil
}

// metadata reads the body, and says which words of it are not served.
func (c *checker) metadata(r *http.Request) (m metadata) {
	var all map[string]json.RawMessage
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		c.say("body", "it is no JSON (RFC 7591 3.1)", "Content-Type: application/json")
		return m
	}
	decoder := json.NewDecoder(r.Body)
	err = decoder.Decode(&all)
	if err == nil && decoder.More() {
		err = fmt.Errorf("something follows the object")
	}
	whole, _ := json.Marshal(all)
	if err == nil {
		err = json.Unmarshal(whole, &m)
	}
	if err != nil || all == nil {
		c.say("body", "it cannot be read as the metadata of a client", "one JSON object; texts, lists and yes or no where RFC 7591 2 says so")
		return m
	}
	if string(m.JWKS) == "null" {
		m.JWKS = nil
	}
	for _, word := range notServed() {
		if v := string(all[word]); v != "" && v != "null" && v != `""` && v != "[]" && v != "false" {
			c.say(word, "it is not served here", "leave it out")
		}
	}
	for _, word := range notTheirs() {
		if _, there := all[word]; there {
			c.say(word, "it is not the client's to say (RFC 7592 2.2)", "leave it out")
		}
	}
	return m
}

// change: whoever changes a client names it, and repeats no other secret than its own.
func (c *checker) change(d drafting, m metadata) {
	if m.ClientID != d.binding.Handle {
		c.say("client_id", "it is not the client that is changed (RFC 7592 2.2)", d.binding.Handle)
	}
	if m.ClientSecret != "" && !d.now.secretFits(m.ClientSecret) {
		c.say("client_secret", "it is not the present one, and is not chosen by the client (RFC 7592 2.2)", "leave it out")
	}
}

// settings says in our words what the metadata asks for. What is left out has the default of the standards.
func (c *checker) settings(m metadata) Settings {
	s := Settings{
		RedirectURIs: m.RedirectURIs, Type: typeConfidential, AuthMethod: m.AuthMethod, IDTokenAlg: m.IDTokenAlg,
		TokenSettings: TokenSettings{
			AuthAlg: m.AuthAlg, JWKS: m.JWKS, JWKSURI: m.JWKSURI, UserinfoAlg: m.UserinfoAlg, Refresh: slices.Contains(m.GrantTypes, grantRefresh),
		},
		FrontSettings: FrontSettings{
			RequestObjectAlg: m.RequestObjectAlg, PostLogoutRedirectURIs: m.PostLogoutRedirectURIs,
			BackchannelLogoutURI: m.BackchannelLogoutURI, BackchannelSessionRequired: m.BackchannelSessionRequired,
			FrontchannelLogoutURI: m.FrontchannelLogoutURI, FrontchannelSessionRequired: m.FrontchannelSessionRequired,
		},
		DraftSettings: DraftSettings{Registration: registrationMade, SectorIdentifierURI: m.SectorIdentifierURI},
	}
	if m.AuthMethod == authNone {
		s.Type = typePublic
	}
	if s.IDTokenAlg == "" {
		s.IDTokenAlg = algRS256 // OpenID Connect Registration 2
	}
	if m.Pushes {
		s.PAR = parRequired
	}
	if m.DPoP {
		s.TokenSettings.DPoP = dpopRequired
	}
	c.asked(m)
	return s.filled()
}

// asked refuses what a client cannot be given without somebody at the desk who answers for the exception.
func (c *checker) asked(m metadata) {
	if m.AuthMethod == authSecretJWT {
		c.say("token_endpoint_auth_method", "client_secret_jwt is an exception that the desk makes", "private_key_jwt")
	}
	if m.AuthMethod == authTLS || m.AuthMethod == authSelfSigned {
		c.say("token_endpoint_auth_method", "a certificate is registered at the desk", "private_key_jwt")
	}
	c.requestURIs(m.RequestURIs)
	if m.ApplicationType != "" {
		c.oneOf("application_type", m.ApplicationType, "web", "native")
	}
	if m.SubjectType != "" {
		c.oneOf("subject_type", m.SubjectType, "pairwise")
	}
	for i, g := range m.GrantTypes {
		c.oneOf(fmt.Sprintf("grant_types[%d]", i), g, grantCode, grantRefresh)
	}
	if len(m.GrantTypes) > 0 && !slices.Contains(m.GrantTypes, grantCode) {
		c.say("grant_types", "nothing is issued without a code", grantCode)
	}
	for i, t := range m.ResponseTypes {
		c.oneOf(fmt.Sprintf("response_types[%d]", i), t, typeCode)
	}
}

// metadataOf says in the standards' words what is registered.
func metadataOf(s Settings) map[string]any {
	grants := []string{grantCode}
	if s.Refresh {
		grants = append(grants, grantRefresh)
	}
	out := map[string]any{
		"redirect_uris": s.RedirectURIs, "token_endpoint_auth_method": s.AuthMethod, "grant_types": grants,
		"response_types": []string{typeCode}, "subject_type": "pairwise", "id_token_signed_response_alg": s.IDTokenAlg,
	}
	for word, value := range map[string]string{
		"token_endpoint_auth_signing_alg": s.AuthAlg, "jwks_uri": s.JWKSURI, "sector_identifier_uri": s.SectorIdentifierURI,
		"userinfo_signed_response_alg": s.UserinfoAlg, "request_object_signing_alg": s.RequestObjectAlg,
		"backchannel_logout_uri": s.BackchannelLogoutURI, "frontchannel_logout_uri": s.FrontchannelLogoutURI,
	} {
		if value != "" {
			out[word] = value
		}
	}
	for word, yes := range map[string]bool{
		"require_pushed_authorization_requests": s.pushes(), "dpop_bound_access_tokens": s.DPoP == dpopRequired,
		"backchannel_logout_session_required":  s.BackchannelSessionRequired,
		"frontchannel_logout_session_required": s.FrontchannelSessionRequired,
	} {
		if yes {
			out[word] = true
		}
	}
	if len(s.PostLogoutRedirectURIs) > 0 {
		out["post_logout_redirect_uris"] = s.PostLogoutRedirectURIs
	}
	for _, o := range s.RequestObjects {
		list, _ := out["request_uris"].([]string)
		out["request_uris"] = append(list, o.URI)
	}
	if len(s.JWKS) > 0 {
		out["jwks"] = s.JWKS
	}
	return out
}

// metadataWord is what the standards call one of our settings.
func metadataWord(where string) string {
	where = strings.TrimPrefix(where, "settings.")
	words := map[string]string{
		"type": "token_endpoint_auth_method", "auth_method": "token_endpoint_auth_method", "auth_alg": "token_endpoint_auth_signing_alg",
		"id_token_alg": "id_token_signed_response_alg", "userinfo_alg": "userinfo_signed_response_alg",
		"par": "require_pushed_authorization_requests", "dpop": "dpop_bound_access_tokens",
	}
	for _, ours := range slices.Sorted(maps.Keys(words)) {
		if where == ours {
			return words[ours]
		}
	}
	return where
}
