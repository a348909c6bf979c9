package oidcop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
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
	said, err := e.statement(ctx, c, token)
	if err != nil {
		return nil, err
	}
	if said.tooLong(e.cfg.Now()) {
		return nil, badObject("the request object lives for too long")
	}
	return said.form()
}

// statement gives what a request object says, if it is good now.
func (e *endpoints) statement(ctx context.Context, c *client, token string) (statement, error) {
	payload, err := e.verifyObject(ctx, c, token)
	if err != nil {
		return statement{}, err
	}
	said, err := readStatement(payload)
	if err != nil {
		return statement{}, err
	}
	if err := said.whose(c.GetID(), e.cfg.Issuer); err != nil {
		return statement{}, err
	}
	return said, said.when(e.cfg.Now())
}

// verifyObject checks the signature: with the client's registered keys, and the registered algorithm where there is one.
// The header chooses among the keys and brings none. Its type keeps other things that the client signs apart (RFC 9101
// 10.8).
func (e *endpoints) verifyObject(ctx context.Context, c *client, token string) ([]byte, error) {
	jws, err := c.settings.parseObject(token)
	if err != nil {
		return nil, err
	}
	header := jws.Signatures[0].Protected
	keys, err := e.keysOf(ctx, c, header.KeyID, header.Algorithm)
	if err != nil {
		e.cfg.Failed(ctx, fmt.Errorf("oidc client %s: keys: %w", c.GetID(), err))
	}
	if payload := verifiedBy(jws, keys); payload != nil {
		return payload, nil
	}
	return nil, badObject("the signature of the request object is not good")
}

// verifiedBy gives what was signed with one of the keys that go with the header, or nil.
func verifiedBy(jws *jose.JSONWebSignature, keys []jose.JSONWebKey) []byte {
	header := jws.Signatures[0].Protected
	for _, k := range choose(keys, header.KeyID, header.Algorithm) {
		if payload, err := jws.Verify(k.Key); err == nil {
			return payload
		}
	}
	return nil
}

// parseObject reads the form of a request object: signed, with an algorithm that the client is registered with.
func (s Settings) parseObject(token string) (*jose.JSONWebSignature, error) {
	algs := s.proofAlgsOf()
	if s.RequestObjectAlg != "" {
		algs = []string{s.RequestObjectAlg}
	}
	if len(token) > maxObject {
		return nil, badObject("the request object is too long")
	}
	jws, err := parseProof(token, algs...)
	if err != nil || !typed(jws, "", "jwt", "oauth-authz-req+jwt") {
		return nil, badObject("the request object is not signed as it must be")
	}
	return jws, nil
}

// statement is what a request object says.
type statement struct {
	said  map[string]json.RawMessage
	times claimsOfProof
}

func readStatement(payload []byte) (statement, error) {
	var s statement
	if json.Unmarshal(payload, &s.said) != nil || json.Unmarshal(payload, &s.times) != nil {
		return statement{}, badObject("the request object holds no claims that can be read")
	}
	return s, nil
}

// whose: it comes from this client and is for us, and is nothing else that the client might sign: a client assertion says
// sub (RFC 9101 4).
func (s statement) whose(client, issuer string) error {
	for _, no := range []struct {
		bad bool
		why string
	}{
		{s.times.Issuer != client, "the issuer of the request object is not the client"},
		{!audience(s.times.Audience, issuer), "the request object is not for this provider"},
		{text(s.said["client_id"]) != client, "the request object is another client's"},
		{s.said["sub"] != nil, "the request object has a subject"},
		{s.said["request"] != nil || s.said["request_uri"] != nil, "the request object holds another one"},
	} {
		if no.bad {
			return badObject(no.why)
		}
	}
	return nil
}

// when: it is good now.
func (s statement) when(now time.Time) error {
	for _, no := range []struct {
		bad bool
		why string
	}{
		{s.times.Expires != nil && !instant(s.times.Expires).After(now.Add(-clientSkew)), "the request object is over"},
		{s.times.NotBefore != nil && !inPast(s.times.NotBefore, now), "the request object is not good yet"},
		{s.times.IssuedAt != nil && !inPast(s.times.IssuedAt, now), "the request object is from the future"},
	} {
		if no.bad {
			return badObject(no.why)
		}
	}
	return nil
}

// tooLong tells a life that is longer than that of one sign-in.
func (s statement) tooLong(now time.Time) bool {
	return s.times.Expires != nil && instant(s.times.Expires).After(now.Add(objectLife+clientSkew))
}

// form gives the parameters.
func (s statement) form() (parameters, error) {
	form := parameters{}
	for _, name := range used() {
		raw, there := s.said[name]
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
