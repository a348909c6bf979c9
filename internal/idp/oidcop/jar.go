package oidcop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Bounds of a request object.
const (
	maxObject  = 32 << 10
	objectLife = time.Hour // FAPI 2.0 Message Signing 5.3.1
)

// requestAlgs are those with which clients sign request objects: the same as for their other proofs. none and the
// algorithms of shared secrets are not among them.
func requestAlgs() []string { return proofAlgs() }

func badObject(description string) error { return &refusal{"invalid_request_object", description} }

// object gives the parameters in a signed request object (RFC 9101 6, OpenID Connect Core 6.1). It is read here, before
// fosite sees any of it. What stands beside it counts for nothing (RFC 9101 6.3).
func (e *endpoints) object(ctx context.Context, c *client, token string) (parameters, error) {
	if len(c.settings.JWKS) == 0 && c.settings.JWKSURI == "" {
		return nil, &refusal{"request_not_supported", "the client has no keys registered to sign a request with"}
	}
	payload, err := e.verifyObject(ctx, c, token)
	if err != nil {
		return nil, err
	}
	var said map[string]json.RawMessage
	if json.Unmarshal(payload, &said) != nil {
		return nil, badObject("the request object holds no claims")
	}
	if err := e.checkObject(c, payload, said); err != nil {
		return nil, err
	}
	form := parameters{}
	for _, name := range used() {
		raw, there := said[name]
		if !there {
			continue
		}
		text, err := parameter(raw)
		if err != nil {
			return nil, badObject("the claim " + name + " is not written as a parameter can be")
		}
		form[name] = []string{text}
	}
	return form, nil
}

// verifyObject checks the signature: with the client's registered keys, and the registered algorithm where there is one.
// The header chooses among the keys and brings none. Its type keeps other things that the client signs apart (RFC 9101
// 10.8).
func (e *endpoints) verifyObject(ctx context.Context, c *client, token string) ([]byte, error) {
	algs := c.settings.proofAlgsOf()
	if c.settings.RequestObjectAlg != "" {
		algs = []string{c.settings.RequestObjectAlg}
	}
	if len(token) > maxObject {
		return nil, badObject("the request object is too long")
	}
	jws, err := parseProof(token, algs...)
	if err != nil || !typed(jws, "", "jwt", "oauth-authz-req+jwt") {
		return nil, badObject("the request object is not signed as it must be")
	}
	header := jws.Signatures[0].Protected
	keys, err := e.keysOf(ctx, c, header.KeyID, header.Algorithm)
	if err != nil {
		e.cfg.Failed(ctx, fmt.Errorf("oidc client %s: keys: %w", c.GetID(), err))
	}
	for _, k := range keys {
		if payload, err := jws.Verify(k.Key); err == nil {
			return payload, nil
		}
	}
	return nil, badObject("the signature of the request object is not good")
}

// checkObject: it comes from this client and is for us, now, and is nothing else that the client might sign: a client
// assertion says sub (RFC 9101 4).
func (e *endpoints) checkObject(c *client, payload []byte, said map[string]json.RawMessage) error {
	var times claimsOfProof
	if json.Unmarshal(payload, &times) != nil {
		return badObject("the request object cannot be read")
	}
	now := e.cfg.Now()
	for _, no := range []struct {
		bad bool
		why string
	}{
		{times.Issuer != c.GetID(), "the issuer of the request object is not the client"},
		{!audience(times.Audience, e.cfg.Issuer), "the request object is not for this provider"},
		{text(said["client_id"]) != c.GetID(), "the request object is another client's"},
		{said["sub"] != nil, "the request object has a subject"},
		{said["request"] != nil || said["request_uri"] != nil, "the request object holds another one"},
		{times.Expires != nil && !instant(times.Expires).After(now.Add(-clientSkew)), "the request object is over"},
		{times.Expires != nil && instant(times.Expires).After(now.Add(objectLife+clientSkew)), "the request object lives for too long"},
		{times.NotBefore != nil && !inPast(times.NotBefore, now), "the request object is not good yet"},
		{times.IssuedAt != nil && !inPast(times.IssuedAt, now), "the request object is from the future"},
	} {
		if no.bad {
			return badObject(no.why)
		}
	}
	return nil
}

func inPast(n *float64, now time.Time) bool {
	at := instant(n)
	return !at.IsZero() && !at.After(now.Add(clientSkew))
}

// audience tells whether an aud, one text or a list, names an issuer (RFC 7519 4.1.3). A request object that is also good
// elsewhere lets nobody in here: the client is its issuer.
func audience(raw json.RawMessage, issuer string) bool {
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return slices.Contains(list, issuer)
	}
	return text(raw) == issuer
}

// text reads a JSON string; anything else is the empty one.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// errParameter says that a claim is no parameter.
var errParameter = errors.New("not a parameter")

// parameter writes a claim as the parameter of its name would be written: texts and numbers as they are, objects in JSON
// (RFC 9101 4).
func parameter(raw json.RawMessage) (string, error) {
	var s string
	if json.Unmarshal(raw, &s) == nil && string(raw) != "null" {
		return s, nil
	}
	var n json.Number
	if json.Unmarshal(raw, &n) == nil && string(raw) != "null" {
		return n.String(), nil
	}
	if strings.HasPrefix(strings.TrimSpace(string(raw)), "{") {
		return string(raw), nil
	}
	return "", errParameter
}
