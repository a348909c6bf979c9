package oidcop_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"ecluse/internal/idp/oidcop"
	"ecluse/internal/registry"
)

// Settings of clients that the tests register beside those of the house.
const (
	publicAgain = `{"redirect_uris":["` + callback + `"],"type":"public","refresh":true}`
	secretAgain = `{"redirect_uris":["` + callback + `"],"type":"confidential","refresh":true,"auth_method":"client_secret_post","secret_hashes":[%q]%s}`
)

// register adds a client to the service "classe".
func (h *house) register(tb testing.TB, client, settings string) {
	tb.Helper()
	b := registry.Binding{Protocol: "oidc", Handle: client, Settings: json.RawMessage(settings)}
	for _, f := range h.provider.CheckSettings(b) {
		tb.Fatalf("client %s: %s: %s", client, f.Where, f.What)
	}
	h.change(func(g *gateway) { g.contents.Services[1].Bindings = append(g.contents.Services[1].Bindings, b) })
}

// withSecret registers a client that shows the house's secret in the body.
func (h *house) withSecret(tb testing.TB, client, more string) {
	tb.Helper()
	h.register(tb, client, fmt.Sprintf(secretAgain, oidcop.HashSecret(secret), more))
}

// to posts a form, with headers.
func (h *house) to(tb testing.TB, path string, v url.Values, headers ...string) reply {
	tb.Helper()
	r := h.post(tb, path, v)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return h.send(tb, r)
}

// redeeming is the form for a code; renewing is the one for a refresh token.
func redeeming(client, code string, more ...string) url.Values {
	v := params("grant_type", "authorization_code", "code", code, "redirect_uri", callback, "code_verifier", verifier, "client_id", client)
	for i := 0; i < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

func renewing(client, token string, more ...string) url.Values {
	v := params("grant_type", "refresh_token", "refresh_token", token, "client_id", client)
	for i := 0; i < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

// offline signs in for refresh tokens.
func (h *house) offline(tb testing.TB, client string, changes ...string) string {
	tb.Helper()
	return h.code(tb, client, append([]string{"scope", "openid profile offline_access"}, changes...)...)
}

var theirKeys struct {
	once sync.Once
	keys map[string]crypto.Signer
}

// keyFor is a client's key for an algorithm.
func keyFor(tb testing.TB, alg string) crypto.Signer {
	tb.Helper()
	theirKeys.once.Do(func() {
		ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		rs, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		_, ed, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			panic(err)
		}
		theirKeys.keys = map[string]crypto.Signer{"ES256": ec, "RS256": rs, "PS256": rs, "EdDSA": ed}
	})
	return theirKeys.keys[alg]
}

func freshKey(tb testing.TB) *ecdsa.PrivateKey {
	tb.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func jwksOf(tb testing.TB, kid string, key crypto.Signer) string {
	tb.Helper()
	raw, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: kid, Use: "sig"}}})
	if err != nil {
		tb.Fatal(err)
	}
	return string(raw)
}

// signedBy is a compact JWS of claims.
func signedBy(tb testing.TB, alg string, key any, headers map[string]any, claims map[string]any) string {
	tb.Helper()
	options := &jose.SignerOptions{}
	for name, value := range headers {
		options.WithHeader(jose.HeaderKey(name), value)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(alg), Key: key}, options)
	if err != nil {
		tb.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		tb.Fatal(err)
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		tb.Fatal(err)
	}
	out, err := jws.CompactSerialize()
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

func changed(base map[string]any, changes ...any) map[string]any {
	out := map[string]any{}
	for k, v := range base {
		out[k] = v
	}
	for i := 0; i < len(changes); i += 2 {
		out[changes[i].(string)] = changes[i+1]
		if changes[i+1] == nil {
			delete(out, changes[i].(string))
		}
	}
	return out
}

// assertion are the claims of a good one.
func (h *house) assertion(client string, changes ...any) map[string]any {
	now := h.clock.Now()
	return changed(map[string]any{
		"iss": client, "sub": client, "aud": h.issuer, "jti": rand.Text(), "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
	}, changes...)
}

const jwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// dpop is a proof for a request; token is the access token at a resource.
func (h *house) dpop(tb testing.TB, key crypto.Signer, method, path, token string, changes ...any) string {
	tb.Helper()
	claims := map[string]any{"jti": rand.Text(), "htm": method, "htu": h.issuer + path, "iat": h.clock.Now().Unix()}
	if token != "" {
		sum := sha256.Sum256([]byte(token))
		claims["ath"] = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return signedBy(tb, "ES256", key, map[string]any{"typ": "dpop+jwt", "jwk": jose.JSONWebKey{Key: key.Public()}}, changed(claims, changes...))
}

// shown asks userinfo with an access token in a scheme.
func (h *house) shown(tb testing.TB, scheme, token string, proofs ...string) reply {
	tb.Helper()
	r, err := http.NewRequest(http.MethodGet, h.issuer+"/oidc/userinfo", nil)
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("Authorization", scheme+" "+token)
	for _, p := range proofs {
		r.Header.Add("DPoP", p)
	}
	return h.send(tb, r)
}
