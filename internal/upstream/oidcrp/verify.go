package oidcrp

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"ecluse/internal/person"
	"ecluse/internal/upstream"
)

// skew is by how much the source's clock and ours may differ, either way.
const skew = 3 * time.Minute

const shortestRSA = 2048

func usable(key jose.JSONWebKey) bool {
	if !key.Valid() || !key.IsPublic() || key.Use != "" && key.Use != "sig" {
		return false
	}
	switch public := key.Key.(type) {
	case *rsa.PublicKey:
		return public.N.BitLen() >= shortestRSA
	case *ecdsa.PublicKey, ed25519.PublicKey:
		return true
	default:
		return false
	}
}

// fits tells whether a key may have made a signature: one of its own algorithm, and of its own kind.
func fits(key jose.JSONWebKey, alg string) bool {
	if key.Algorithm != "" && key.Algorithm != alg {
		return false
	}
	switch key.Key.(type) {
	case *rsa.PublicKey:
		return strings.HasPrefix(alg, "RS") || strings.HasPrefix(alg, "PS")
	case *ecdsa.PublicKey:
		return strings.HasPrefix(alg, "ES")
	default:
		return alg == "EdDSA"
	}
}

// signature verifies one token with the source's published keys and remembers what came of it. The header of the token
// chooses among those keys by its kid, and nothing else in it is followed: no jku, no x5u, no jwk.
type signature struct {
	p    *provider
	m    metadata
	away error  // the keys could not be had
	good []byte // what was signed
}

var _ oidc.KeySet = (*signature)(nil)

var errSignature = errors.New("the signature is none of the source's")

// VerifySignature implements oidc.KeySet.
func (s *signature) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	jws, err := jose.ParseSignedCompact(jwt, s.p.algorithms())
	if err != nil {
		return nil, errSignature
	}
	set := s.p.keySet(s.m)
	keys, err := set.current(ctx)
	if err != nil {
		s.away = err
		return nil, err
	}
	header := jws.Signatures[0].Header
	chosen := candidates(keys, header)
	if len(chosen) == 0 { // the source may have new keys
		if keys, err = set.newer(ctx); err != nil && !errors.Is(err, errNotNow) {
			s.away = err
			return nil, err
		}
		chosen = candidates(keys, header)
	}
	for _, key := range chosen {
		if payload, err := jws.Verify(key.Key); err == nil {
			s.good = payload
			return payload, nil
		}
	}
	return nil, errSignature
}

// candidates are the keys that the header names; without a kid the only one that fits, as more would be a guess.
func candidates(keys []jose.JSONWebKey, header jose.Header) []jose.JSONWebKey {
	var out []jose.JSONWebKey
	for _, key := range keys {
		if fits(key, header.Algorithm) && (header.KeyID == "" || header.KeyID == key.KeyID) {
			out = append(out, key)
		}
	}
	if header.KeyID == "" && len(out) != 1 {
		return nil
	}
	return out
}

// claims are what a token says.
type claims map[string]any

func readClaims(payload []byte) (claims, error) {
	var c claims
	d := json.NewDecoder(bytes.NewReader(payload))
	d.UseNumber()
	if err := d.Decode(&c); err != nil || c == nil {
		return nil, errors.New("the token holds no claims")
	}
	return c, nil
}

func (c claims) text(name string) string {
	v, _ := c[name].(string)
	return v
}

func (c claims) instant(name string) (time.Time, bool) {
	n, ok := c[name].(json.Number)
	if !ok {
		return time.Time{}, false
	}
	seconds, err := n.Float64()
	if err != nil || seconds < 1 || seconds > 1<<40 {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0), true
}

// audience reads aud, one text or several.
func (c claims) audience() []string {
	switch v := c["aud"].(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, one := range v {
			text, _ := one.(string)
			out = append(out, text)
		}
		return out
	default:
		return nil
	}
}

// verifier is go-oidc's, over our own choice of keys.
func (c *Connector) verifier(keys oidc.KeySet) *oidc.IDTokenVerifier {
	return oidc.NewVerifier(c.settings.Issuer, keys, &oidc.Config{
		ClientID: c.settings.ClientID, SupportedSigningAlgs: c.settings.Algorithms,
		Now: func() time.Time { return c.now().Add(-skew) }, // it gives an end that passed no leeway of its own
	})
}

// identity verifies an ID token for one request (OpenID Connect Core 3.1.3.7) and gives what it says. go-oidc judges first;
// what it does not look at, and why it refused, is said here in words of our own, as its own repeat claims.
func (c *Connector) identity(ctx context.Context, m metadata, token, access string, asked request) (claims, error) {
	keys := &signature{p: c.provider, m: m}
	parsed, err := c.verifier(keys).Verify(ctx, token)
	switch {
	case keys.away != nil:
		return nil, away("its keys cannot be had")
	case keys.good == nil:
		return nil, refused("the ID token is not signed by the source")
	}
	said, unread := readClaims(keys.good)
	if unread != nil {
		return nil, refused(unread.Error())
	}
	if why := c.judge(said, asked); why != "" {
		return nil, refused("the ID token " + why)
	}
	if err := c.suits(said, asked); err != nil {
		return nil, err
	}
	if err != nil {
		return nil, refused("the ID token cannot be read")
	}
	if parsed.AccessTokenHash != "" && parsed.VerifyAccessToken(access) != nil {
		return nil, refused("the ID token came with another access token")
	}
	return said, nil
}

// judge says what is wrong with the claims of an ID token; nothing when all is right.
func (c *Connector) judge(said claims, asked request) string {
	now := c.now()
	issued, dated := said.instant("iat")
	ends, ending := said.instant("exp")
	begins, beginning := said.instant("nbf")
	switch why := c.addressed(said); {
	case why != "":
		return why
	case said.text("sub") == "":
		return "says of nobody"
	case !ending || !dated:
		return "does not say when it was issued or ends"
	case !ends.After(now.Add(-skew)):
		return "has ended: compare the clocks"
	case issued.After(now.Add(skew)), beginning && begins.After(now.Add(skew)):
		return "is of the future: compare the clocks"
	case issued.Before(asked.Began.Add(-skew)):
		return "is older than the question: compare the clocks"
	case subtle.ConstantTimeCompare([]byte(said.text("nonce")), []byte(asked.Nonce)) != 1:
		return "answers another question"
	case len(c.settings.Assurance) > 0 && c.settings.Assurance[said.text("acr")] == "":
		return "names no level that is believed"
	}
	return c.dated(said, asked)
}

// addressed checks who a token is of and for: our client alone, or named as the party that it was given to.
func (c *Connector) addressed(said claims) string {
	audience, party := said.audience(), said.text("azp")
	_, named := said["azp"]
	switch {
	case said.text("iss") != c.settings.Issuer:
		return "is of another issuer"
	case !slices.Contains(audience, c.settings.ClientID):
		return "is for another client"
	case len(audience) > 1 && party != c.settings.ClientID, named && party != c.settings.ClientID:
		return "was given to another client"
	}
	return ""
}

// proved is when the person proved who they are, on our clock: the source's own says how long before the token that was.
// ok is false where the source does not say.
func (c *Connector) proved(said claims) (at time.Time, ok bool) {
	issued, _ := said.instant("iat")
	at, ok = said.instant("auth_time")
	if !ok || at.After(issued) {
		return c.now(), ok && !at.After(issued.Add(skew))
	}
	return c.now().Add(at.Sub(issued)), true
}

// tick is the precision of the instants in a token, twice: one is rounded when somebody proves who they are, the other when
// that is told.
const tick = 2 * time.Second

// dated checks how old the proof is, for a fresh one and for max_age.
func (c *Connector) dated(said claims, asked request) string {
	at, told := c.proved(said)
	oldest := c.settings.MaxAge
	switch {
	case !told && (asked.Proof || c.settings.AuthTime == timeRequired):
		return "does not say when the person proved who they are (auth_time)"
	case oldest > 0 && c.now().Sub(at) > oldest+tick && at.Before(asked.Began.Add(-tick)):
		return "rests on a proof older than max_age"
	}
	return ""
}

// suits tells whether the person proved who they are in one of the ways that were asked for, and anew where that was asked for
// (OpenID Connect Core 3.1.2.1: acr_values is a wish, and prompt may be ignored).
func (c *Connector) suits(said claims, asked request) error {
	if len(asked.Contexts) > 0 && !slices.Contains(asked.Contexts, said.text("acr")) {
		return fmt.Errorf("%w: the ID token names another acr, or none", upstream.ErrContext)
	}
	if at, _ := c.proved(said); asked.Fresh && at.Before(asked.Began.Add(-tick)) {
		return fmt.Errorf("%w: the ID token rests on a proof older than the question", upstream.ErrStale)
	}
	return nil
}

// authn says how and when the person proved who they are. A proof that was asked for afresh is not older than the question,
// whatever the rounding.
func (c *Connector) authn(said claims, asked request) person.Authn {
	at, _ := c.proved(said)
	if asked.Fresh && at.Before(asked.Began) {
		at = asked.Began
	}
	out := person.Authn{At: at}
	acr := said.text("acr")
	if out.Assurance = c.settings.Assurance[acr]; out.Assurance == "" {
		return out
	}
	if isClass(acr) {
		out.Method = acr
	}
	return out
}

// isClass tells whether an acr is an authentication context class.
func isClass(acr string) bool {
	return strings.HasPrefix(acr, "urn:oasis:names:tc:SAML:2.0:ac:classes:") || strings.HasPrefix(acr, "https://refeds.org/profile/")
}
