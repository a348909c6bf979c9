package oidcop

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ory/fosite"

	"ecluse/internal/attrs"
)

// idTokenClaims are what id tokens say of themselves (OpenID Connect Core 2, 3.3.2.11), and the session that they belong to.
// All of these names are reserved: no attribute has one.
type idTokenClaims struct {
	Issuer          string `json:"iss"`
	Subject         string `json:"sub"`
	Audience        string `json:"aud"`
	Issued          int64  `json:"iat"`
	Expires         int64  `json:"exp"`
	Session         string `json:"sid"`
	AuthTime        int64  `json:"auth_time,omitempty"`
	Assurance       string `json:"acr,omitempty"`
	Nonce           string `json:"nonce,omitempty"`
	AccessTokenHash string `json:"at_hash,omitempty"`
	CodeHash        string `json:"c_hash,omitempty"`
}

// idTokenBase is what every id token says.
func (p *Provider) idTokenBase(c *client, r attrs.Release, subject string, now time.Time) idTokenClaims {
	end := now.Add(idTokenLife)
	if r.NotAfter().Before(end) {
		end = r.NotAfter()
	}
	t := idTokenClaims{
		Issuer: p.cfg.Issuer, Subject: subject, Audience: c.GetID(), Issued: now.Unix(), Expires: end.Unix(), Session: r.Session(),
		Assurance: r.Authn().Assurance,
	}
	if at := r.Authn().At; !at.IsZero() {
		t.AuthTime = at.Unix()
	}
	return t
}

// beside writes the token's content: what it says of itself, and then of the person, under names that are not reserved.
func (t idTokenClaims) beside(claims map[string]any) ([]byte, error) {
	content, err := json.Marshal(t)
	if err != nil || len(claims) == 0 {
		return content, err
	}
	for name := range claims {
		if reserved(name) {
			return nil, fmt.Errorf("id token: %q is no attribute's name", name)
		}
	}
	more, err := json.Marshal(claims)
	if err != nil {
		return nil, fmt.Errorf("id token: %w", err)
	}
	content[len(content)-1] = ',' // two objects become one
	return append(content, more[1:]...), nil
}

// GenerateIDToken prints and signs the id token of the exchange. Everything but the hash of the access token comes from the
// release that was decided just before.
func (x *exchange) GenerateIDToken(context.Context, time.Duration, fosite.Requester) (string, error) {
	if x.release.Empty() {
		return "", fosite.ErrServerError
	}
	claims := x.wording(x.only.binding).pick(x.output, inIDToken(x.only.settings, x.grant.InIDToken, x.grant.InUserinfo))
	t := x.idTokenBase(x.only, x.release, x.output.Subject, x.cfg.Now())
	t.AccessTokenHash = halfHash(x.only.settings.IDTokenAlg, x.token)
	t.Nonce = x.grant.Nonce // never in a later one (OpenID Connect Core 12.2)
	payload, err := t.beside(claims)
	if err == nil {
		var token string
		if token, err = x.signer.sign(x.only.settings.signingUse(), payload); err == nil {
			return token, nil
		}
	}
	x.failed = err
	return "", fosite.ErrServerError
}
