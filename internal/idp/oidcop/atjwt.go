package oidcop

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
)

// typeAccess is the type of an access token that is a JWT (RFC 9068 2.1).
const typeAccess = "at+jwt"

// handlePrefix tells the names under which the records of such tokens are kept from those of opaque ones, which have no
// colon.
const handlePrefix = "jwt:"

// accessClaims are what an access token says: whom it is about by the service's own pseudonym, and nothing else of the
// person (RFC 9068 2.2, 6).
type accessClaims struct {
	Issuer   string        `json:"iss"`
	Subject  string        `json:"sub"`
	Audience []string      `json:"aud"`
	Client   string        `json:"client_id"`
	ID       string        `json:"jti"`
	Issued   int64         `json:"iat"`
	Expires  int64         `json:"exp"`
	Scope    string        `json:"scope,omitempty"`
	Key      *confirmation `json:"cnf,omitempty"`
}

// confirmation names the key that a token is bound to (RFC 9449 6), and the certificate (RFC 8705 3.1).
type confirmation struct {
	Thumbprint  string `json:"jkt,omitempty"`
	Certificate string `json:"x5t#S256,omitempty"`
}

func (g grant) confirmation() *confirmation {
	if g.DPoPKeyThumbprint == "" && g.Certificate == "" {
		return nil
	}
	return &confirmation{g.DPoPKeyThumbprint, g.Certificate}
}

// accessJWT writes the access token of the exchange for the resource server that the client registered, and for userinfo.
// There is a record of it as of an opaque one, so that userinfo, introspection and revocation need not believe it.
func (x *exchange) accessJWT() (token, handle string, err error) {
	now, id := x.cfg.Now(), strings.TrimPrefix(x.planned.signature, handlePrefix)
	if id == "" {
		id = rand.Text()
	}
	x.grant.Audience = x.only.settings.AccessTokenAudience
	payload, err := json.Marshal(accessClaims{
		Issuer: x.cfg.Issuer, Subject: x.grant.Subject, Audience: []string{x.grant.Audience, x.cfg.Issuer}, Client: x.grant.Client,
		ID: id, Issued: now.Unix(), Expires: now.Add(x.life).Unix(), Scope: strings.Join(x.grant.Scopes, " "), Key: x.grant.confirmation(),
	})
	if err == nil {
		token, err = x.signer.signAs(typeAccess, x.only.settings.signingUse(), payload)
	}
	return token, handlePrefix + id, err
}

var errAccess = errors.New("not an access token of ours")

// accessHandle finds the name of the record of an access token that is a JWT of ours. An id token or a logout token is none,
// whoever signed it.
func (p *Provider) accessHandle(token string) (string, error) {
	if len(token) > maxAssertion {
		return "", errAccess
	}
	payload, err := p.signer.read(token, typeAccess)
	var said accessClaims
	if err != nil || json.Unmarshal(payload, &said) != nil {
		return "", errAccess
	}
	if said.Issuer != p.cfg.Issuer || said.ID == "" || !slices.Contains(said.Audience, p.cfg.Issuer) || !p.cfg.Now().Before(time.Unix(said.Expires, 0)) {
		return "", errAccess
	}
	return handlePrefix + said.ID, nil
}
