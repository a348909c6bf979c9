package oidcrp

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/oauth2"

	"ecluse/internal/fetch"
	"ecluse/internal/keys"
)

// tokens are what a code is worth. They live for this request and are kept nowhere.
type tokens struct{ id, access string }

// exchange spends a code (OpenID Connect Core 3.1.3.1), once: an answer that is lost is not asked for again.
func (c *Connector) exchange(ctx context.Context, m metadata, code string, asked request) (tokens, error) {
	config := oauth2.Config{
		ClientID: c.settings.ClientID, RedirectURL: c.callback(),
		Endpoint: oauth2.Endpoint{TokenURL: m.Token, AuthStyle: oauth2.AuthStyleInHeader},
	}
	var options []oauth2.AuthCodeOption
	if asked.Verifier != "" {
		options = append(options, oauth2.VerifierOption(asked.Verifier))
	}
	proof, err := c.prove(&config, m)
	if err != nil {
		c.log.ErrorContext(ctx, "the client cannot prove itself to a source", "error", err)
		return tokens{}, away("the gateway cannot prove itself to it")
	}
	ctx, cancel := c.within(ctx)
	defer cancel()
	token, err := config.Exchange(context.WithValue(ctx, oauth2.HTTPClient, c.outside.HTTP()), code, append(options, proof...)...)
	if err := c.exchanged(err); err != nil {
		return tokens{}, err
	}
	id, _ := token.Extra("id_token").(string)
	if id == "" || !strings.EqualFold(token.TokenType, "bearer") {
		return tokens{}, refused("its token answer lacks what OpenID Connect asks for")
	}
	return tokens{id: id, access: token.AccessToken}, nil
}

// exchanged says what an error of the token endpoint means, and tells the breaker. The library's error repeats the body.
func (c *Connector) exchanged(err error) error {
	var told *oauth2.RetrieveError
	switch {
	case err == nil:
		c.breaker.report(true)
		return nil
	case errors.As(err, &told) && told.Response != nil:
		status := told.Response.StatusCode
		down := status >= http.StatusInternalServerError || status == http.StatusTooManyRequests
		c.breaker.report(!down)
		if down {
			return away(fmt.Sprintf("its token endpoint answers with status %d", status))
		}
		return fmt.Errorf("token endpoint, status %d: %w", status, translated(refusals(told.ErrorCode)))
	case errors.Is(err, context.Canceled):
		return away("the question was given up")
	case silent(err):
		c.breaker.report(false)
		return away("its token endpoint does not answer")
	default:
		c.breaker.report(true)
		return refused("its token answer cannot be read")
	}
}

// silent tells a server that did not answer, or not to the end, from an answer that may not be used. The library gives the
// cause of a body that ends early as text only.
func silent(err error) bool {
	var connection *url.Error
	cut := strings.HasPrefix(err.Error(), "oauth2: cannot fetch token")
	return (errors.As(err, &connection) || cut) && !answered(err) && !strings.Contains(err.Error(), fetch.ErrTooLarge.Error())
}

// refusals keeps the codes of RFC 6749 section 5.2 and takes anything else for none: at the token endpoint nobody gives up.
func refusals(code string) string {
	if slices.Contains([]string{"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "invalid_scope"}, code) {
		return code
	}
	return ""
}

// prove adds what proves to the source who we are.
func (c *Connector) prove(config *oauth2.Config, m metadata) ([]oauth2.AuthCodeOption, error) {
	if c.settings.ClientAuth == authKey {
		config.Endpoint.AuthStyle = oauth2.AuthStyleInParams
		assertion, err := c.assertion(m)
		return []oauth2.AuthCodeOption{
			oauth2.SetAuthURLParam("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
			oauth2.SetAuthURLParam("client_assertion", assertion),
		}, err
	}
	if c.settings.ClientAuth == authPost {
		config.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	secret, err := c.settings.secret()
	config.ClientSecret = secret
	return nil, err
}

const assertionLife = time.Minute

// assertion is a client assertion (RFC 7523 section 3, OpenID Connect Core 9). Its audience is one text, the issuer, unless
// the source knows only its token endpoint there.
func (c *Connector) assertion(m metadata) (string, error) {
	use := keys.UseOIDCES256
	if c.settings.ClientKey == string(keys.RS256) {
		use = keys.UseOIDCRS256
	}
	audience := c.settings.Issuer
	if c.settings.AssertionAudience == audienceToken {
		audience = m.Token
	}
	now := c.now()
	return sign(c.keys.Signer(use), map[string]any{
		"iss": c.settings.ClientID, "sub": c.settings.ClientID, "aud": audience, "jti": rand.Text(),
		"iat": now.Unix(), "exp": now.Add(assertionLife).Unix(),
	})
}

// sign writes a JWS in compact form (RFC 7515 3.1); the algorithm is the key's own.
func sign(key keys.SigningKey, said map[string]any) (string, error) {
	if key.Public() == nil {
		return "", errors.New("there is no active key for client assertions")
	}
	header, err1 := json.Marshal(map[string]string{"alg": string(key.Algorithm()), "kid": key.KeyID(), "typ": "JWT"})
	payload, err2 := json.Marshal(said)
	if err := errors.Join(err1, err2); err != nil {
		return "", err
	}
	b64 := base64.RawURLEncoding
	text := b64.EncodeToString(header) + "." + b64.EncodeToString(payload)
	digest := sha256.Sum256([]byte(text))
	signature, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err == nil && key.Algorithm() == keys.ES256 {
		signature, err = sideBySide(signature)
	}
	if err != nil {
		return "", err
	}
	return text + "." + b64.EncodeToString(signature), nil
}

// sideBySide turns an ASN.1 ECDSA signature on P-256 into its two numbers (RFC 7518 3.4).
func sideBySide(der []byte) ([]byte, error) {
	var r, s big.Int
	input, inner := cryptobyte.String(der), cryptobyte.String(nil)
	if !input.ReadASN1(&inner, asn1.SEQUENCE) || !inner.ReadASN1Integer(&r) || !inner.ReadASN1Integer(&s) || r.BitLen() > 256 || s.BitLen() > 256 {
		return nil, errors.New("signature is not what P-256 gives")
	}
	raw := make([]byte, 64)
	r.FillBytes(raw[:32])
	s.FillBytes(raw[32:])
	return raw, nil
}

// userinfo asks for what the ID token leaves out (OpenID Connect Core 5.3). An answer about somebody else is refused: the
// access token may have been exchanged for another's.
func (c *Connector) userinfo(ctx context.Context, m metadata, access, subject string) (claims, error) {
	if c.settings.Userinfo == userinfoNone {
		return nil, nil
	}
	if m.Userinfo == "" {
		if c.settings.Userinfo == userinfoSigned {
			return nil, refused("it has no userinfo endpoint")
		}
		return nil, nil
	}
	kind, body, err := c.asked(ctx, m.Userinfo, access)
	if err != nil {
		return nil, err
	}
	switch {
	case kind == "application/jwt":
		if body, err = c.opened(ctx, m, body); err != nil {
			return nil, err
		}
	case kind != "application/json" || c.settings.Userinfo == userinfoSigned:
		return nil, refused("its userinfo is of another kind than was agreed")
	}
	said, err := readClaims(body)
	if err != nil {
		return nil, refused("its userinfo cannot be read")
	}
	if said.text("sub") != subject {
		return nil, refused("its userinfo is about somebody else")
	}
	return said, nil
}

func (c *Connector) asked(ctx context.Context, address, access string) (kind string, body []byte, err error) {
	ctx, cancel := c.within(ctx)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", nil, away(errEndpoint.Error())
	}
	r.Header.Set("Authorization", "Bearer "+access)
	r.Header.Set("Accept", "application/json, application/jwt")
	resp, err := c.outside.HTTP().Do(r)
	if err != nil {
		if answered(err) {
			return "", nil, refused("its userinfo cannot be read")
		}
		return "", nil, away("its userinfo endpoint does not answer")
	}
	defer resp.Body.Close()
	switch status := resp.StatusCode; {
	case status >= http.StatusInternalServerError || status == http.StatusTooManyRequests:
		return "", nil, away(fmt.Sprintf("its userinfo endpoint answers with status %d", status))
	case status != http.StatusOK:
		return "", nil, refused(fmt.Sprintf("its userinfo endpoint answers with status %d", status))
	}
	if body, err = io.ReadAll(resp.Body); err != nil {
		if answered(err) {
			return "", nil, refused("its userinfo cannot be read")
		}
		return "", nil, away("its userinfo endpoint does not answer to the end")
	}
	kind, _, _ = mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return kind, body, nil
}

// opened verifies a signed userinfo answer. Issuer and audience are checked where they are said (5.3.2).
func (c *Connector) opened(ctx context.Context, m metadata, body []byte) ([]byte, error) {
	keys := &signature{p: c.provider, m: m}
	payload, err := keys.VerifySignature(ctx, strings.TrimSpace(string(body)))
	if keys.away != nil {
		return nil, away("its keys cannot be had")
	}
	if err != nil {
		return nil, refused("its userinfo is not signed by the source")
	}
	said, err := readClaims(payload)
	if err != nil {
		return nil, refused("its userinfo cannot be read")
	}
	_, from := said["iss"]
	_, to := said["aud"]
	if from && said.text("iss") != c.settings.Issuer || to && !slices.Contains(said.audience(), c.settings.ClientID) {
		return nil, refused("its userinfo is of another issuer, or for another client")
	}
	if ends, ending := said.instant("exp"); ending && !ends.After(c.now().Add(-skew)) {
		return nil, refused("its userinfo has ended: compare the clocks")
	}
	return payload, nil
}
