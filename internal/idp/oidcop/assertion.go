package oidcop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"ecluse/internal/registry"
)

// assertionType is the one kind of client assertion (RFC 7523 2.2).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// Bounds of what a client signs about itself.
const (
	assertionLife = 10 * time.Minute
	clientSkew    = time.Minute // how far a client's clock may be wrong
	maxAssertion  = 8 << 10
	maxID         = 256
)

// claimsOfProof are those that are read of an assertion or a proof.
type claimsOfProof struct {
	Issuer    string          `json:"iss"`
	Subject   string          `json:"sub"`
	Audience  json.RawMessage `json:"aud"`
	ID        string          `json:"jti"`
	IssuedAt  *float64        `json:"iat"`
	NotBefore *float64        `json:"nbf"`
	Expires   *float64        `json:"exp"`

	Method      string `json:"htm"`
	Address     string `json:"htu"`
	AccessToken string `json:"ath"`
	Nonce       string `json:"nonce"`
}

// instant reads a NumericDate (RFC 7519 2), which may have a fraction. What is no date of this age is the zero time.
func instant(n *float64) time.Time {
	if n == nil || *n < 1 || *n > 1<<40 {
		return time.Time{}
	}
	return time.UnixMilli(int64(*n * 1000))
}

// readAssertion finds the client of an assertion (RFC 7521 4.2). Nothing of it is believed yet.
func readAssertion(r *http.Request, form parameters) (credentials, error) {
	token := form.get("client_assertion")
	switch {
	case form.get("client_assertion_type") != assertionType || token == "" || len(token) > maxAssertion:
		return credentials{}, noClient("the client assertion cannot be read")
	case len(form["client_secret"]) > 0 || r.Header.Get("Authorization") != "":
		return credentials{}, &answerError{http.StatusBadRequest, "invalid_request", "the client proved itself in two ways"}
	}
	jws, err := parseProof(token, append(proofAlgs(), algHS256)...)
	if err != nil {
		return credentials{}, noClient("the client assertion cannot be read")
	}
	var said claimsOfProof
	if json.Unmarshal(jws.UnsafePayloadWithoutVerification(), &said) != nil || said.Subject == "" {
		return credentials{}, noClient("the client assertion cannot be read")
	}
	if id := form.get("client_id"); id != "" && id != said.Subject {
		return credentials{}, &answerError{http.StatusBadRequest, "invalid_request", "the client gave two names"}
	}
	method := authKeyJWT
	if jws.Signatures[0].Header.Algorithm == algHS256 {
		method = authSecretJWT
	}
	return credentials{id: said.Subject, assertion: token, method: method}, nil
}

// parseProof reads a compact JWS with one of the algorithms, and without what must be understood and is not (RFC 7515
// 4.1.11). Nothing else in its header is acted upon but alg and kid, and in a DPoP proof typ and jwk.
func parseProof(token string, algs ...string) (*jose.JSONWebSignature, error) {
	allowed := make([]jose.SignatureAlgorithm, len(algs))
	for i, alg := range algs {
		allowed[i] = jose.SignatureAlgorithm(alg)
	}
	jws, err := jose.ParseSignedCompact(token, allowed)
	if err != nil {
		return nil, err
	}
	if _, critical := jws.Signatures[0].Protected.ExtraHeaders["crit"]; critical {
		return nil, errors.New("an extension is not understood")
	}
	return jws, nil
}

// checkAssertion has a client prove itself by what it signed (RFC 7523 3, OpenID Connect Core 9). The algorithm is the
// registered one. The audience is one text: a list would also be good somewhere else.
func (p *Provider) checkAssertion(ctx context.Context, snapshot *registry.Snapshot, c *client, token string) error {
	no := noClient("the client assertion is not good")
	jws, err := parseProof(token, c.settings.AuthAlg)
	if err != nil || !typed(jws, "", "jwt", "client-authentication+jwt") {
		return no
	}
	payload, err := p.verifyAssertion(ctx, snapshot, c, jws)
	if err != nil {
		return err
	}
	var said claimsOfProof
	var audience string
	if json.Unmarshal(payload, &said) != nil || json.Unmarshal(said.Audience, &audience) != nil {
		return no
	}
	wanted := p.cfg.Issuer
	if c.settings.AssertionAudience == audTokenEndpoint {
		wanted += tokenPath
	}
	if said.Issuer != c.GetID() || said.Subject != c.GetID() || audience != wanted || !said.inTime(p.cfg.Now()) {
		return no
	}
	first, err := p.once(ctx, kindAssertion, instant(said.IssuedAt), instant(said.Expires).Add(clientSkew+stampUnit), c.GetID(), said.ID)
	switch {
	case err != nil:
		return err
	case !first:
		return noClient("the client assertion was used before")
	}
	return nil
}

// inTime bounds the life of an assertion by our clock as well as by its own words.
func (s claimsOfProof) inTime(now time.Time) bool {
	issued, end, from := instant(s.IssuedAt), instant(s.Expires), instant(s.NotBefore)
	return s.ID != "" && len(s.ID) <= maxID &&
		!issued.IsZero() && !issued.After(now.Add(clientSkew)) && issued.After(now.Add(-assertionLife-clientSkew)) &&
		end.After(now.Add(-clientSkew)) && !end.After(now.Add(assertionLife+clientSkew)) &&
		!from.After(now.Add(clientSkew))
}

// verifyAssertion checks the signature with the client's registered keys, or with its secret.
func (p *Provider) verifyAssertion(ctx context.Context, snapshot *registry.Snapshot, c *client, jws *jose.JSONWebSignature) ([]byte, error) {
	no := noClient("the client assertion is not good")
	if c.settings.AuthMethod == authSecretJWT {
		if !p.cfg.Now().Before(c.settings.SealedUntil.Ends(snapshot.Zone())) {
			return nil, no
		}
		secret, err := openSecret(p.cfg.Keys, c.GetID(), c.settings.SealedSecret)
		if err != nil {
			p.cfg.Failed(ctx, fmt.Errorf("oidc client %s: %w", c.GetID(), err))
			return nil, no
		}
		if payload, err := jws.Verify(secret); err == nil {
			return payload, nil
		}
		return nil, no
	}
	keys, err := p.keysOf(ctx, c, jws.Signatures[0].Protected.KeyID, c.settings.AuthAlg)
	if err != nil {
		p.cfg.Failed(ctx, fmt.Errorf("oidc client %s: keys: %w", c.GetID(), err))
	}
	for _, k := range keys {
		if payload, err := jws.Verify(k.Key); err == nil {
			return payload, nil
		}
	}
	return nil, no
}

// typed tells whether the typ of a header is one of those, the absent one included where it is listed. Case does not
// matter, nor a leading application/ (RFC 7515 4.1.9).
func typed(jws *jose.JSONWebSignature, types ...string) bool {
	typ, _ := jws.Signatures[0].Protected.ExtraHeaders[jose.HeaderType].(string)
	typ = strings.TrimPrefix(strings.ToLower(typ), "application/")
	for _, t := range types {
		if typ == t {
			return true
		}
	}
	return false
}
