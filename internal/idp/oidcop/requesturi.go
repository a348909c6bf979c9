package oidcop

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Bounds of what is kept of the requests that a client registered.
const (
	mostObjects   = 3
	maxKeptObject = 8 << 10
)

// RequestObject is a request that was registered beforehand (OpenID Connect Core 6.2): a signed request object as it was read
// at an address of the client's, while it registered. A request that names the address is answered from here; nobody looks
// there again, and whatever stands there later counts for nothing before it is registered anew.
type RequestObject struct {
	URI    string `json:"uri"`    // compared byte for byte, with its fragment
	Hash   string `json:"hash"`   // sha256: and digits, of Object
	Object string `json:"object"` // as it was read
}

// fresh lists the parameters that are of one request. They come beside the address and never stand in what is registered,
// where they would be the same for everybody.
func fresh() []string {
	return []string{"state", "nonce", "code_challenge", "code_challenge_method", "dpop_jkt", "login_hint", "id_token_hint"}
}

// registeredRequest gives the parameters of a request that was registered, with what is of this one request beside it.
func (e *endpoints) registeredRequest(ctx context.Context, c *client, uri string, form parameters) (parameters, error) {
	objects := c.settings.RequestObjects
	i := slices.IndexFunc(objects, func(o RequestObject) bool { return o.URI == uri })
	switch {
	case len(objects) == 0:
		return nil, &refusal{"request_uri_not_supported", "the client has registered none, and nothing is fetched while a person waits: push the request"}
	case i < 0:
		return nil, &refusal{"invalid_request_uri", "it is none of those that the client has registered"}
	}
	said, err := e.statement(ctx, c, strings.TrimSpace(objects[i].Object))
	if err != nil {
		return nil, err
	}
	wanted, err := said.form()
	if err != nil {
		return nil, err
	}
	for _, name := range fresh() {
		delete(wanted, name)
		if v, there := form[name]; there {
			wanted[name] = v
		}
	}
	return wanted, nil
}

// requestURIs says which addresses cannot be registered, before any of them is asked.
func (c *checker) requestURIs(uris []string) {
	if len(uris) > mostObjects {
		c.say("request_uris", fmt.Sprintf("more than %d are named", mostObjects), "the others by PAR (RFC 9126)")
		return
	}
	for i, uri := range uris {
		c.requestURI(fmt.Sprintf("request_uris[%d]", i), uri, slices.Index(uris, uri) < i)
	}
}

// requestURI: an address as return addresses are, but for the fragment, which may be the hash of what stands there (OpenID
// Connect Core 6.2).
func (c *checker) requestURI(where, uri string, twice bool) {
	address, _, _ := strings.Cut(uri, "#")
	what := c.address(address)
	switch {
	case what == "" && len(uri) > maxRequestURI:
		what = "it is too long (OpenID Connect Core 6.2)"
	case what == "" && twice:
		what = "it stands twice"
	}
	if what != "" {
		c.say(where, what, "an https address, complete, without user name; its fragment is nothing or a SHA-256 in base64url")
	}
}

// maxRequestURI bounds an address (OpenID Connect Core 6.2: 512 ASCII characters).
const maxRequestURI = 512

// askRequests reads what stands at the addresses, once, and checks it as the authorization endpoint will. keys are those at the
// client's jwks_uri.
func (e *endpoints) askRequests(ctx context.Context, c *checker, uris []string, client string, keys []jose.JSONWebKey, next *Settings) {
	next.RequestObjects = nil
	for i, uri := range uris {
		where := fmt.Sprintf("request_uris[%d]", i)
		address, fragment, hashed := strings.Cut(uri, "#")
		body, ok := e.fetched(ctx, address)
		sum := sha256.Sum256(body)
		switch {
		case !ok || len(body) > maxKeptObject:
			c.say(where, "no request object was read there", fmt.Sprintf("a public https address that answers with a signed request object of %d bytes at most", maxKeptObject))
			return
		case hashed && fragment != base64.RawURLEncoding.EncodeToString(sum[:]):
			c.say(where, "what stands there has another SHA-256 than the address says (OpenID Connect Core 6.2)", "the base64url of its SHA-256 as fragment, or none")
			return
		}
		next.RequestObjects = append(next.RequestObjects, RequestObject{URI: uri, Hash: digest(string(body)), Object: string(body)})
	}
	c.objects("request_uris", *next, client)
	for i, o := range next.RequestObjects {
		if err := next.goodNow(o, keys, e.cfg.Now()); err != nil && len(c.found) == 0 {
			c.say(fmt.Sprintf("request_uris[%d]", i), err.Error(), "a request object that is good now, signed with a registered key")
		}
	}
}

// goodNow tells what is wrong with a registered object at this hour; remote are the keys that stand at an address.
func (s Settings) goodNow(o RequestObject, remote []jose.JSONWebKey, now time.Time) error {
	said, err := s.opened(o)
	if err != nil {
		return err
	}
	if s.JWKSURI != "" {
		if jws, err := s.parseObject(strings.TrimSpace(o.Object)); err != nil || verifiedBy(jws, remote) == nil {
			return badObject("the signature of the request object is not good")
		}
	}
	return said.when(now)
}

// objects says what is wrong with requests that are registered. Whether they are good at this hour is asked when they are used.
func (c *checker) objects(key string, s Settings, client string) {
	if len(s.RequestObjects) == 0 {
		return
	}
	if len(s.RequestObjects) > mostObjects {
		c.say(key, fmt.Sprintf("more than %d are registered", mostObjects), "the others by PAR (RFC 9126)")
	}
	if s.pushes() {
		c.say(key, "a client that pushes its requests registers none", "remove them, or par")
	}
	if len(s.JWKS) == 0 && s.JWKSURI == "" {
		c.say(key, "there is no key that they could be signed with", "jwks, or jwks_uri")
	}
	for i, o := range s.RequestObjects {
		where := fmt.Sprintf("%s[%d]", key, i)
		twice := slices.ContainsFunc(s.RequestObjects[:i], func(other RequestObject) bool { return other.URI == o.URI })
		c.requestURI(where, o.URI, twice)
		c.object(where, s, client, o)
	}
}

func (c *checker) object(where string, s Settings, client string, o RequestObject) {
	if len(o.Object) > maxKeptObject || subtle.ConstantTimeCompare([]byte(o.Hash), []byte(digest(o.Object))) != 1 {
		c.say(where, "it is too long, or not what its hash says", "as it was read at the address")
		return
	}
	said, err := s.opened(o)
	if err == nil {
		err = said.whose(client, c.issuer)
	}
	var form parameters
	if err == nil {
		form, err = said.form()
	}
	if err != nil {
		c.say(where, err.Error(), "a request object signed with a registered key")
		return
	}
	for _, name := range fresh() {
		if len(form[name]) > 0 {
			c.say(where, name+" would be the same in every request", "leave it out: it is sent beside request_uri")
		}
	}
	if !slices.Contains(s.RedirectURIs, form.get("redirect_uri")) {
		c.say(where, "its redirect_uri is not registered", "one of redirect_uris")
	}
}

// opened gives what a registered object says. Its signature is checked here where the keys are registered with it; those at an
// address are asked by whoever may ask it.
func (s Settings) opened(o RequestObject) (statement, error) {
	jws, err := s.parseObject(strings.TrimSpace(o.Object))
	if err != nil {
		return statement{}, err
	}
	payload := jws.UnsafePayloadWithoutVerification()
	if len(s.JWKS) > 0 {
		keys, _ := parseKeySet(s.JWKS, true) // what is wrong with it is a finding of its own
		if payload = verifiedBy(jws, keys); payload == nil {
			return statement{}, badObject("the signature of the request object is not good")
		}
	}
	return readStatement(payload)
}

// digest is the form in which hashes are registered.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return secretPrefix + hex.EncodeToString(sum[:])
}
