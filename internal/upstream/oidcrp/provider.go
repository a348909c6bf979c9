package oidcrp

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"ecluse/internal/fetch"
)

// How long what a source publishes is believed without asking again, and how it is asked.
const (
	freshFor   = time.Hour        // then it is asked again, and the old one serves while that fails
	goodFor    = 24 * time.Hour   // then the old one no longer serves: a key that was withdrawn must not be believed for ever
	retryPause = 10 * time.Second // between attempts that failed
	kidPause   = time.Minute      // between attempts that an unknown key identifier asked for
)

var errNotNow = errors.New("it was asked a moment ago")

// document is one published document, read and kept.
type document[T any] struct {
	from  *fetch.Source
	parse func([]byte) (T, error)
	now   func() time.Time

	asking sync.Mutex // one asks, the others wait or take the old one
	mu     sync.Mutex
	value  T
	known  bool
	got    time.Time // when the source last confirmed it
	tried  time.Time
}

func newDocument[T any](client *fetch.Client, address string, now func() time.Time, parse func([]byte) (T, error)) *document[T] {
	return &document[T]{parse: parse, now: now, from: &fetch.Source{
		Client: client, URL: address, Now: now,
		Check: func(body []byte) error { _, err := parse(body); return err },
	}}
}

func (d *document[T]) look() (value T, known bool, age time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.value, d.known, d.now().Sub(d.got)
}

// current gives the document: as it is when it is fresh, asked again when it is not, and the old one while it is good
// enough and the source does not answer.
func (d *document[T]) current(ctx context.Context) (T, error) {
	value, known, age := d.look()
	if known && age < freshFor {
		return value, nil
	}
	err := d.ask(ctx, retryPause, known && age < goodFor)
	value, known, age = d.look()
	if known && age < goodFor {
		return value, nil
	}
	if err == nil {
		err = errNotNow
	}
	return value, err
}

// newer asks for the document though it is fresh, seldom.
func (d *document[T]) newer(ctx context.Context) (T, error) {
	err := d.ask(ctx, kidPause, false)
	value, _, _ := d.look()
	return value, err
}

// ask asks the source unless that was done less than pause ago. Whoever has an old one does not wait for another's question.
// A request that ends meanwhile does not end the question: the next one would ask again.
func (d *document[T]) ask(ctx context.Context, pause time.Duration, hasOld bool) error {
	if hasOld {
		if !d.asking.TryLock() {
			return errNotNow
		}
	} else {
		before := d.now()
		d.asking.Lock()
		if _, known, _ := d.look(); known && d.confirmedSince(before) { // somebody else asked meanwhile
			d.asking.Unlock()
			return nil
		}
	}
	defer d.asking.Unlock()
	if !d.mayTry(pause) {
		return errNotNow
	}
	got, err := d.from.Refresh(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	value, err := d.parse(got.Body)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.value, d.known, d.got = value, true, d.now()
	return nil
}

func (d *document[T]) confirmedSince(t time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.got.After(t)
}

func (d *document[T]) mayTry(pause time.Duration) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	if !d.tried.IsZero() && now.Sub(d.tried) < pause {
		return false
	}
	d.tried = now
	return true
}

// metadata is what a source says of itself (OpenID Connect Discovery 1.0 section 3, RFC 8414, RFC 9207).
type metadata struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Userinfo      string   `json:"userinfo_endpoint"`
	JWKS          string   `json:"jwks_uri"`
	EndSession    string   `json:"end_session_endpoint"`
	SaysIssuer    bool     `json:"authorization_response_iss_parameter_supported"`
	TakesClaims   bool     `json:"claims_parameter_supported"`
	Responses     []string `json:"response_types_supported"`
	Modes         []string `json:"response_modes_supported"`
	Challenges    []string `json:"code_challenge_methods_supported"`
	Auth          []string `json:"token_endpoint_auth_methods_supported"`
	AuthAlgs      []string `json:"token_endpoint_auth_signing_alg_values_supported"`
	Algs          []string `json:"id_token_signing_alg_values_supported"`
	ACRs          []string `json:"acr_values_supported"`
	Scopes        []string `json:"scopes_supported"`
}

// provider is what one source publishes: its metadata, and its keys at the address that they name.
type provider struct {
	settings Settings
	client   *fetch.Client
	now      func() time.Time
	about    *document[metadata]

	mu   sync.Mutex
	at   string
	keys *document[[]jose.JSONWebKey]
}

func newProvider(s Settings, client *fetch.Client, now func() time.Time) *provider {
	p := &provider{settings: s, client: client, now: now}
	address := s.Issuer
	if n := len(address); n > 0 && address[n-1] == '/' {
		address = address[:n-1]
	}
	p.about = newDocument(client, address+"/.well-known/openid-configuration", now, p.readMetadata)
	return p
}

var (
	errMetadata = errors.New("this is no OpenID configuration")
	errIssuer   = errors.New("the configuration is another issuer's")
	errEndpoint = errors.New("an address in the configuration is missing, or is not https")
	errKeys     = errors.New("this is no key set, or there is no key in it that may be used")
)

// readMetadata takes a configuration only if it is the source's own (Discovery 4.3) and can be used safely.
func (p *provider) readMetadata(body []byte) (metadata, error) {
	var m metadata
	if err := json.Unmarshal(body, &m); err != nil {
		return metadata{}, errMetadata
	}
	if m.Issuer != p.settings.Issuer {
		return metadata{}, errIssuer
	}
	for _, address := range []string{m.Authorization, m.Token, m.JWKS} {
		if !p.asks(address) {
			return metadata{}, errEndpoint
		}
	}
	for _, address := range []string{m.Userinfo, m.EndSession} {
		if address != "" && !p.asks(address) {
			return metadata{}, errEndpoint
		}
	}
	return m, nil
}

// asks tells whether an address is one to which browser or gateway may be sent.
func (p *provider) asks(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || p.settings.Insecure && u.Scheme == "http" && isLoopback(u.Hostname())
}

// keySet is the document of the keys at the address that the metadata name.
func (p *provider) keySet(m metadata) *document[[]jose.JSONWebKey] {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.keys == nil || p.at != m.JWKS {
		p.at, p.keys = m.JWKS, newDocument(p.client, m.JWKS, p.now, readKeys)
	}
	return p.keys
}

// readKeys reads the keys that may verify a signature (RFC 7517). What is of a kind that nobody here knows is left out; a
// secret, and an RSA key that is too short, are no keys to believe.
func readKeys(body []byte) ([]jose.JSONWebKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, errKeys
	}
	var keys []jose.JSONWebKey
	for _, raw := range set.Keys {
		var key jose.JSONWebKey
		if json.Unmarshal(raw, &key) == nil && usable(key) {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, errKeys
	}
	return keys, nil
}

func (p *provider) algorithms() []jose.SignatureAlgorithm {
	var out []jose.SignatureAlgorithm
	for _, alg := range p.settings.Algorithms {
		out = append(out, jose.SignatureAlgorithm(alg))
	}
	return out
}

// offers tells whether a list of what a source supports holds a word; a source that gives no list says nothing.
func offers(list []string, word string) bool { return len(list) == 0 || slices.Contains(list, word) }

// answered tells errors of package fetch that mean an answer which may not be used, from a server that does not answer.
func answered(err error) bool {
	return errors.Is(err, fetch.ErrTooLarge) || errors.Is(err, fetch.ErrRedirect)
}
