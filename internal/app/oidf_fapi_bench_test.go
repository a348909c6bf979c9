package app_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// party is one of the two clients of the plan FAPI 2.0, as a module of the suite plays it.
type party struct {
	*suite
	alg      string
	key      crypto.Signer
	dpop     *ecdsa.PrivateKey
	verifier string
}

// fapiPlan is a plan whose two clients have the keys of an algorithm.
func fapiPlan(t *testing.T, alg string) func(name string, play func(one, two *party)) {
	t.Helper()
	keys := []crypto.Signer{signerFor(t, alg), signerFor(t, alg)}
	n := 0
	p := newPlan(t, func(text string) string {
		text = strings.ReplaceAll(text, "auth_alg: ES256", "auth_alg: "+alg)
		return regexp.MustCompile(`jwks: .*`).ReplaceAllStringFunc(text, func(string) string {
			set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: keys[n].Public(), KeyID: "k", Use: "sig"}}})
			if err != nil {
				t.Fatal(err)
			}
			n++
			return "jwks: " + string(set)
		})
	})
	return func(name string, play func(one, two *party)) {
		p.module("fapi2-security-profile-final-"+name, func(s *suite) {
			other := *s
			s.client, other.client = clientOf{id: "oidf-fapi-1"}, clientOf{id: "oidf-fapi-2"}
			play(&party{suite: s, alg: alg, key: keys[0], dpop: freshKey(t)}, &party{suite: &other, alg: alg, key: keys[1], dpop: freshKey(t)})
		})
	}
}

func freshKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func signerFor(t *testing.T, alg string) crypto.Signer {
	t.Helper()
	if alg == "ES256" {
		return freshKey(t)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// signed is a compact JWS of claims.
func signed(t *testing.T, alg string, key any, header map[jose.HeaderKey]any, claims map[string]any) string {
	t.Helper()
	o := &jose.SignerOptions{}
	for name, value := range header {
		o.WithHeader(name, value)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(alg), Key: key}, o)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// with sets claims; nil takes one away.
func with(claims map[string]any, changes ...any) map[string]any {
	for i := 0; i < len(changes); i += 2 {
		name, _ := changes[i].(string)
		if claims[name] = changes[i+1]; changes[i+1] == nil {
			delete(claims, name)
		}
	}
	return claims
}

// assertion is how the client proves itself: the suite's own, with changes.
func (p *party) assertion(changes ...any) string { return p.assertionBy(p.alg, p.key, changes...) }

func (p *party) assertionBy(alg string, key any, changes ...any) string {
	p.t.Helper()
	now := p.w.now().Unix()
	return signed(p.t, alg, key, map[jose.HeaderKey]any{"kid": "k"}, with(map[string]any{
		"iss": p.client.id, "sub": p.client.id, "aud": p.said["issuer"], "jti": rand.Text(), "nbf": now, "iat": now, "exp": now + 60,
	}, changes...))
}

// proof is a DPoP proof for a request; access is the token that it goes with.
func (p *party) proof(method, address, access string, changes ...any) string {
	p.t.Helper()
	return signed(p.t, "ES256", p.dpop, p.proofHeader(), p.proofClaims(method, address, access, changes...))
}

func (p *party) proofHeader() map[jose.HeaderKey]any {
	return map[jose.HeaderKey]any{"typ": "dpop+jwt", "jwk": jose.JSONWebKey{Key: p.dpop.Public()}}
}

func (p *party) proofClaims(method, address, access string, changes ...any) map[string]any {
	claims := map[string]any{"jti": rand.Text(), "htm": method, "htu": address, "iat": p.w.now().Unix()}
	if access != "" {
		sum := sha256.Sum256([]byte(access))
		claims["ath"] = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return with(claims, changes...)
}

func (p *party) thumbprint() string {
	p.t.Helper()
	sum, err := (&jose.JSONWebKey{Key: p.dpop.Public()}).Thumbprint(crypto.SHA256)
	if err != nil {
		p.t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(sum)
}

// post sends a form to an endpoint, proven by an assertion unless that is empty, with DPoP proofs.
func (p *party) post(endpoint, assertion string, form url.Values, proofs ...string) reply {
	p.t.Helper()
	if assertion != "" {
		form.Set("client_assertion", assertion)
		form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	}
	r, err := http.NewRequest(http.MethodPost, p.endpoint(endpoint), strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, proof := range proofs {
		r.Header.Add("DPoP", proof)
	}
	return p.do(r)
}

const pushedTo, tokensAt = "pushed_authorization_request_endpoint", "token_endpoint"

// wish is a request as the profile has it, with changes.
func (p *party) wish(changes ...string) url.Values {
	p.verifier = rand.Text() + rand.Text()
	return p.request(append([]string{"code_challenge", challengeOf(p.verifier), "code_challenge_method", "S256"}, changes...)...)
}

// push pushes a request that must be taken, and gives its name.
func (p *party) push(q url.Values, proofs ...string) string {
	p.t.Helper()
	p.sent = q
	r := p.post(pushedTo, p.assertion(), q, proofs...)
	life, _ := r.body["expires_in"].(float64)
	if r.status != http.StatusCreated || len(r.text("request_uri")) < 40 || life <= 0 || life >= 600 {
		p.t.Fatalf("pushed: %d %v", r.status, r.body)
	}
	return r.text("request_uri")
}

// bring sends the browser with the name of a pushed request.
func (p *party) bring(uri string, more ...string) arrival {
	p.t.Helper()
	q := url.Values{"client_id": {p.client.id}, "request_uri": {uri}}
	for i := 0; i < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return p.visit(p.going(p.endpoint("authorization_endpoint") + "?" + q.Encode()))
}

// codeBy is the code of a pushed request that must succeed.
func (p *party) codeBy(q url.Values) string {
	p.t.Helper()
	v := p.answered(p.bring(p.push(q)))
	if v.Get("code") == "" {
		p.t.Fatalf("no code: %s %s", v.Get("error"), v.Get("error_description"))
	}
	return v.Get("code")
}

// redeem exchanges a code as the profile wants it.
func (p *party) redeem(code string) reply {
	p.t.Helper()
	form := redeeming(code, "code_verifier", p.verifier, "redirect_uri", p.sent.Get("redirect_uri"))
	return p.post(tokensAt, p.assertion(), form, p.proof("POST", p.endpoint(tokensAt), ""))
}

// whole is a flow that must succeed.
func (p *party) whole(q url.Values) reply {
	p.t.Helper()
	r := p.redeem(p.codeBy(q))
	claims := p.nonced(p.good(r, "DPoP"))
	if _, header := p.verified(r.text("id_token")); header.Algorithm == "RS256" {
		p.t.Errorf("the id token is signed by %s", header.Algorithm)
	}
	about := p.resource("DPoP", r.text("access_token"), p.proof("GET", p.endpoint("userinfo_endpoint"), r.text("access_token")))
	if p.about(about, claims); about.header.Get("Date") == "" {
		p.t.Error("the resource says no date")
	}
	return r
}

// resource asks userinfo, which is the plan's resource.
func (p *party) resource(scheme, access string, proofs ...string) reply {
	p.t.Helper()
	r, err := http.NewRequest(http.MethodGet, p.endpoint("userinfo_endpoint"), nil)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Authorization", scheme+" "+access)
	for _, proof := range proofs {
		r.Header.Add("DPoP", proof)
	}
	return p.do(r)
}
