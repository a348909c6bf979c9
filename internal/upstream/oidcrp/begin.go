package oidcrp

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"ecluse/internal/store"
	"ecluse/internal/upstream"
)

// request is one question to the source, as it stands sealed in a ticket until the answer comes.
type request struct {
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier,omitempty"` // of PKCE
	Fresh    bool      `json:"fresh,omitempty"`
	Proof    bool      `json:"proof,omitempty"`    // it is for an act: the answer says when the person proved who they are, whatever the settings make do with
	Contexts []string  `json:"contexts,omitempty"` // values of acr, one of which is to be answered
	Began    time.Time `json:"began"`
}

const (
	kindRequest    = store.Kind("oidc-request")
	longestRequest = 30 * time.Minute
)

// secretText is 64 hexadecimal digits that nobody guesses: some sources count the characters of state and nonce.
func secretText() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // it never fails
	return hex.EncodeToString(b)
}

// prepared is the address that a browser is sent to.
type prepared string

// Prepare implements upstream.Preparing.
func (c *Connector) Prepare(ctx context.Context, challenge *upstream.Challenge) ([]store.Op, error) {
	if challenge.Passive && (challenge.Fresh || !c.settings.Passive) {
		return nil, upstream.ErrNoSession // a fresh proof takes a page
	}
	if c.breaker.open() {
		return nil, away("it did not answer several times and is left alone for a while")
	}
	m, err := c.provider.about.current(ctx)
	if err != nil {
		return nil, c.provider.unknown(err)
	}
	challenge.Fresh = challenge.Fresh || challenge.Proof
	asked := request{Nonce: secretText(), Fresh: challenge.Fresh, Proof: challenge.Proof, Contexts: challenge.Contexts, Began: c.now()}
	if !c.settings.omits(omitPKCE) {
		asked.Verifier = oauth2.GenerateVerifier()
	}
	state := challenge.ID + "." + secretText()
	target, err := c.question(m, state, *challenge, asked)
	if err != nil {
		return nil, err
	}
	challenge.Prepared = prepared(target)
	return c.keeping(state, asked)
}

// Begin implements upstream.Connector, of a challenge that was prepared.
func (c *Connector) Begin(w http.ResponseWriter, r *http.Request, challenge upstream.Challenge) error {
	target, ok := challenge.Prepared.(prepared)
	if !ok {
		return errors.New("a challenge that was not prepared")
	}
	return c.kit.Leave(w, r, string(target), challenge.Frame)
}

// unknown says that there is no configuration to go by, and why in so far as that is ours to say.
func (p *provider) unknown(err error) error {
	for _, known := range []error{errIssuer, errEndpoint, errMetadata} {
		if errors.Is(err, known) {
			return away(known.Error())
		}
	}
	return away("its configuration cannot be had")
}

// keeping is what an answer will be judged by.
func (c *Connector) keeping(state string, asked request) ([]store.Op, error) {
	value, err := json.Marshal(asked)
	if err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	return []store.Op{{Do: store.Put, Ticket: store.Ticket{
		Kind: kindRequest, Name: c.source + " " + state, Value: value, Expires: asked.Began.Add(longestRequest),
	}}}, nil
}

// question is the address of the authentication request (OpenID Connect Core 3.1.2.1).
func (c *Connector) question(m metadata, state string, challenge upstream.Challenge, asked request) (string, error) {
	s := c.settings
	u, err := url.Parse(m.Authorization)
	if err != nil {
		return "", away(errEndpoint.Error())
	}
	q := u.Query()
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("response_type", "code")
	set("client_id", s.ClientID)
	set("redirect_uri", c.callback())
	set("scope", strings.Join(s.Scopes, " "))
	set("state", state)
	set("nonce", asked.Nonce)
	if s.ResponseMode != modeQuery {
		set("response_mode", s.ResponseMode)
	}
	if asked.Verifier != "" {
		set("code_challenge", oauth2.S256ChallengeFromVerifier(asked.Verifier))
		set("code_challenge_method", "S256")
	}
	levels := s.ACRValues
	if len(asked.Contexts) > 0 {
		levels = asked.Contexts
	}
	set("acr_values", strings.Join(levels, " "))
	claims, err := c.wanted(m, asked)
	if err != nil {
		return "", err
	}
	set("claims", claims)
	if !s.omits(omitHint) {
		set("login_hint", challenge.Login)
	}
	if !s.omits(omitLocales) {
		set("ui_locales", challenge.Language)
	}
	maxAge := int64(s.MaxAge / time.Second)
	switch {
	case challenge.Passive:
		set("prompt", "none")
	case challenge.Fresh:
		set("prompt", "login")
		maxAge = 0
	}
	if !s.omits(omitMaxAge) && (challenge.Fresh || maxAge > 0) {
		set("max_age", strconv.FormatInt(maxAge, 10))
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// wanted is the claims parameter (OpenID Connect Core 5.5). Where the source reads it, the instant of the proof is asked for
// as well: it is told by default by some sources only.
func (c *Connector) wanted(m metadata, question request) (string, error) {
	asked := map[string]map[string]any{}
	for where, names := range c.settings.Claims {
		asked[where] = maps.Clone(names)
	}
	_, said := asked["id_token"]["auth_time"]
	if (c.settings.AuthTime == timeRequired || question.Proof) && m.TakesClaims && !said {
		if asked["id_token"] == nil {
			asked["id_token"] = map[string]any{}
		}
		asked["id_token"]["auth_time"] = map[string]bool{"essential": true}
	}
	if len(asked) == 0 {
		return "", nil
	}
	text, err := json.Marshal(asked)
	if err != nil {
		return "", fmt.Errorf("claims: %w", err)
	}
	return string(text), nil
}

// callback is the address to which the source answers: this source's own.
func (c *Connector) callback() string { return c.kit.URL(c.prefix + callbackPath) }
