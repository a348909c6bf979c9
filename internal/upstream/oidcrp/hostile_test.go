package oidcrp_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"ecluse/internal/upstream"
	"ecluse/internal/upstream/upstreamtest"
)

// b64 writes a part of a token.
func b64(v any) string {
	text, ok := v.([]byte)
	if !ok {
		text, _ = json.Marshal(v)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// TestHostileIDTokensSignNobodyIn plays a source, or somebody in its place, that answers with a token which must not be
// believed.
func TestHostileIDTokensSignNobodyIn(t *testing.T) {
	t.Parallel()
	sec := func(o *op, d time.Duration) int64 { return o.clock.Now().Add(d).Unix() }
	said := func(name string, v any) func(*op) {
		return func(o *op) { o.claims = map[string]any{name: v} }
	}
	for name, c := range map[string]struct {
		change   func(*op)
		settings map[string]any
		fresh    bool
		words    string
	}{
		"wrong iss":              {said("iss", "https://hostile.example"), nil, false, "another issuer"},
		"iss with a slash":       {func(o *op) { o.claims = map[string]any{"iss": o.URL + "/"} }, nil, false, "another issuer"},
		"no iss":                 {said("iss", nil), nil, false, "another issuer"},
		"wrong aud":              {said("aud", "hostile"), nil, false, "another client"},
		"aud in other letters":   {said("aud", "Ecluse"), nil, false, "another client"},
		"no aud":                 {said("aud", nil), nil, false, "another client"},
		"two audiences":          {said("aud", []string{clientID, "hostile"}), nil, false, "given to another"},
		"two audiences, azp":     {func(o *op) { o.claims = map[string]any{"aud": []string{clientID, "hostile"}, "azp": "hostile"} }, nil, false, "given to another"},
		"azp of another":         {said("azp", "hostile"), nil, false, "given to another"},
		"azp of no kind":         {said("azp", 7), nil, false, "given to another"},
		"no sub":                 {said("sub", nil), nil, false, "nobody"},
		"empty sub":              {said("sub", ""), nil, false, "nobody"},
		"no nonce":               {said("nonce", nil), nil, false, "another question"},
		"another nonce":          {said("nonce", "hostile"), nil, false, "another question"},
		"no exp":                 {said("exp", nil), nil, false, "issued or ends"},
		"exp as text":            {said("exp", "9999999999"), nil, false, ""},
		"expired":                {func(o *op) { o.claims = map[string]any{"exp": sec(o, -10*time.Minute)} }, nil, false, "has ended"},
		"no iat":                 {said("iat", nil), nil, false, "issued or ends"},
		"of the future":          {func(o *op) { o.claims = map[string]any{"iat": sec(o, 10*time.Minute)} }, nil, false, "of the future"},
		"not yet":                {func(o *op) { o.claims = map[string]any{"nbf": sec(o, 4*time.Minute)} }, nil, false, "of the future"},
		"of yesterday":           {func(o *op) { o.claims = map[string]any{"iat": sec(o, -24*time.Hour)} }, nil, false, "older than the question"},
		"no auth_time":           {said("auth_time", nil), nil, false, "auth_time"},
		"auth_time to come":      {func(o *op) { o.claims = map[string]any{"auth_time": sec(o, time.Hour)} }, nil, true, "auth_time"},
		"auth_time as text":      {said("auth_time", "1"), nil, false, "auth_time"},
		"auth_time old, fresh":   {func(o *op) { o.claims = map[string]any{"auth_time": sec(o, -time.Minute)} }, nil, true, "older than the question"},
		"auth_time old, max_age": {func(o *op) { o.claims = map[string]any{"auth_time": sec(o, -2*time.Hour)} }, map[string]any{"max_age": "1h"}, false, "max_age"},
		"acr lower":              {said("acr", "eidas1"), map[string]any{"assurance": map[string]any{"eidas2": "substantial"}}, false, "no level"},
		"acr missing":            {said("acr", nil), map[string]any{"assurance": map[string]any{"eidas2": "substantial"}}, false, "no level"},
		"another access token":   {said("at_hash", "aaaaaaaaaaaaaaaaaaaaaa"), nil, false, "another access token"},
		"distributed claims": {func(o *op) {
			o.claims = map[string]any{"_claim_names": map[string]any{"x": "nowhere"}}
		}, nil, false, "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, setup{settings: c.settings})
			g.set(c.change)
			g.fails(t, upstream.Challenge{Fresh: c.fresh}, upstream.ErrRejected, c.words)
			g.set(func(o *op) { o.claims = map[string]any{"acr": "eidas2"} })
			g.signsIn(t, upstream.Challenge{Fresh: c.fresh}) // the right one is taken
		})
	}
}

// forge makes tokens that the source did not sign, or not so.
func forge(t *testing.T) map[string]func(*op) string {
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	parts := func(o *op) []string { return strings.Split(o.idToken(), ".") }
	with := func(o *op, key jose.JSONWebKey, header map[string]any) string {
		own := o.key
		defer func() { o.key = own }()
		o.key, o.header = key, header
		return o.idToken()
	}
	return map[string]func(*op) string{
		"alg none":          func(o *op) string { return b64(map[string]any{"alg": "none"}) + "." + parts(o)[1] + "." },
		"alg None with kid": func(o *op) string { return b64(map[string]any{"alg": "None", "kid": "one"}) + "." + parts(o)[1] + "." },
		"signature cut off": func(o *op) string { return strings.Join(parts(o)[:2], ".") + "." },
		"one bit of the claims": func(o *op) string {
			p := parts(o)
			return p[0] + "." + b64(map[string]any{"sub": "hostile"}) + "." + p[2]
		},
		"another key under the same kid": func(o *op) string {
			return with(o, jose.JSONWebKey{Key: other, KeyID: "one", Algorithm: "ES256"}, nil)
		},
		"kid of another": func(o *op) string { return with(o, jose.JSONWebKey{Key: other, KeyID: "two", Algorithm: "ES256"}, nil) },
		"jku": func(o *op) string {
			return with(o, jose.JSONWebKey{Key: other, KeyID: "x", Algorithm: "ES256"}, map[string]any{"jku": o.URL + "/hostile-jwks"})
		},
		"x5u": func(o *op) string {
			return with(o, jose.JSONWebKey{Key: other, KeyID: "x", Algorithm: "ES256"}, map[string]any{"x5u": o.URL + "/hostile-jwks"})
		},
		"jwk": func(o *op) string {
			return with(o, jose.JSONWebKey{Key: other, KeyID: "one", Algorithm: "ES256"}, map[string]any{"jwk": jose.JSONWebKey{Key: other.Public()}})
		},
		"crit": func(o *op) string {
			return with(o, o.key, map[string]any{"crit": []string{"hostile"}, "hostile": true})
		},
		"HS256 with the public key": func(o *op) string {
			public, _ := x509.MarshalPKIXPublicKey(o.keys[0].Key)
			text := b64(map[string]any{"alg": "HS256", "kid": "one"}) + "." + parts(o)[1]
			mac := hmac.New(sha256.New, public)
			mac.Write([]byte(text))
			return text + "." + b64(mac.Sum(nil))
		},
		"HS256 with the client's secret": func(o *op) string {
			text := b64(map[string]any{"alg": "HS256"}) + "." + parts(o)[1]
			mac := hmac.New(sha256.New, []byte(secret))
			mac.Write([]byte(text))
			return text + "." + b64(mac.Sum(nil))
		},
		"an algorithm that was not agreed": func(o *op) string {
			key := rsaKey(t, 2048, "rsa512", "RS512")
			o.keys = append(o.keys, key.Public())
			return with(o, key, nil)
		},
		"an algorithm that the key is not for": func(o *op) string {
			key := rsaKey(t, 2048, "rsa", "RS256")
			o.keys = append(o.keys, key.Public())
			key.Algorithm = "PS256"
			return with(o, key, nil)
		},
		"a short RSA key": func(o *op) string {
			key := rsaKey(t, 1024, "short", "RS256")
			o.keys = []jose.JSONWebKey{key.Public()}
			return with(o, key, nil)
		},
		"a key for encryption": func(o *op) string {
			key := rsaKey(t, 2048, "enc", "RS256")
			key.Use = "enc"
			o.keys = append(o.keys, key.Public())
			return with(o, key, nil)
		},
		"no kid, and several keys": func(o *op) string {
			second, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			o.keys = append(o.keys, jose.JSONWebKey{Key: second.Public(), KeyID: "two", Algorithm: "ES256"})
			return with(o, jose.JSONWebKey{Key: o.key.Key, Algorithm: "ES256"}, map[string]any{"kid": ""})
		},
		"two signatures": func(o *op) string {
			p := parts(o)
			one := map[string]any{"protected": p[0], "signature": p[2]}
			text, _ := json.Marshal(map[string]any{"payload": p[1], "signatures": []any{one, one}})
			return string(text)
		},
		"JSON form": func(o *op) string {
			p := parts(o)
			text, _ := json.Marshal(map[string]any{"payload": p[1], "protected": p[0], "signature": p[2]})
			return string(text)
		},
		"no claims": func(o *op) string { return o.signBytes([]byte("null")) },
		"a list":    func(o *op) string { return o.signBytes([]byte("[]")) },
		"nothing":   func(*op) string { return "" },
		"no token":  func(*op) string { return "hostile" },
		"many dots": func(*op) string { return strings.Repeat(".", 1000) },
		"a JWE":     func(*op) string { return b64(map[string]any{"alg": "dir", "enc": "A256GCM"}) + "..a.b.c" },
		"in a logout": func(o *op) string {
			now := o.clock.Now().Unix()
			return o.sign(map[string]any{"iss": o.URL, "aud": clientID, "sub": subject, "iat": now, "exp": now + 60, "jti": "1", "events": map[string]any{}}, nil)
		},
	}
}

// signBytes signs what need be no JSON object.
func (o *op) signBytes(payload []byte) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: o.key.Key}, (&jose.SignerOptions{}).WithHeader("kid", o.key.KeyID))
	if err != nil {
		panic(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		panic(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return text
}

func TestTokensThatTheSourceDidNotSignSignNobodyIn(t *testing.T) {
	t.Parallel()
	for name, made := range forge(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, setup{})
			asked := 0
			g.set(func(o *op) {
				o.token = func(url.Values) string { return made(o) }
				o.at["/hostile-jwks"] = func(http.ResponseWriter, *http.Request) { asked++ }
			})
			w := g.answers(t, upstream.Challenge{})
			if w.Code != http.StatusAccepted || len(g.host.Signed()) != 0 {
				t.Fatalf("status %d, signed in %d", w.Code, len(g.host.Signed()))
			}
			last := g.host.Failures()[0]
			g.silent(t, last.Error())
			if asked != 0 {
				t.Error("an address in a header was asked")
			}
			unusable := name == "a short RSA key" // the source then has no key at all
			if !isCause(last, upstream.ErrRejected) && !unusable || unusable && !isCause(last, upstream.ErrUnavailable) {
				t.Errorf("the cause is %v", last)
			}
		})
	}
}

func TestAStateIsGoodOnceAndInOneBrowserAndAtOneSource(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	other := gateAt(t, g.op, setup{source: "other", tickets: g.tickets, ring: g.ring})
	q := g.begin(t, upstream.Challenge{})
	answer := url.Values{"state": {q.Get("state")}, "code": {"c"}}
	if w := g.callbackAt("ent", "browser=another", answer); w.Code != http.StatusBadRequest {
		t.Errorf("another browser: status %d", w.Code)
	}
	if w := other.callbackAt("other", browser, answer); w.Code != http.StatusAccepted || g.count("/token") != 0 {
		t.Errorf("at another source: status %d", w.Code)
	}
	for name, state := range map[string]string{
		"none": "", "cut": q.Get("state")[:len(q.Get("state"))-1], "of nobody": upstreamtest.Challenge + "." + strings.Repeat("a", 64),
		"long": upstreamtest.Challenge + "." + strings.Repeat("a", 10_000), "of another challenge": "x." + strings.Repeat("a", 64),
	} {
		if w := g.callback(url.Values{"state": {state}, "code": {"c"}}); w.Code != http.StatusBadRequest && w.Code != http.StatusAccepted {
			t.Errorf("state %s: status %d", name, w.Code)
		}
	}
	if len(g.host.Signed())+len(other.host.Signed()) != 0 || g.count("/token") != 0 {
		t.Fatal("somebody was signed in, or a code was spent")
	}
	if w := g.callback(answer); w.Code != http.StatusNoContent {
		t.Fatalf("the right browser: status %d, %v", w.Code, g.host.Failures())
	}
	if w := g.callback(answer); w.Code != http.StatusAccepted || len(g.host.Signed()) != 1 || g.count("/token") != 1 {
		t.Errorf("the same answer again: status %d, token endpoint asked %d times", w.Code, g.count("/token"))
	}
}

func TestAnAnswerIsReadInOneWayOnly(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	state := g.begin(t, upstream.Challenge{}).Get("state")
	for name, q := range map[string]url.Values{
		"a code twice":  {"state": {state}, "code": {"a", "b"}},
		"a state twice": {"state": {state, state}, "code": {"a"}},
		"an iss twice":  {"state": {state}, "code": {"a"}, "iss": {"a", "b"}},
	} {
		if w := g.callback(q); w.Code != http.StatusBadRequest {
			t.Errorf("%s: status %d", name, w.Code)
		}
	}
	if w := g.posted(url.Values{"state": {state}, "code": {"a"}}); w.Code != http.StatusBadRequest {
		t.Errorf("posted, though a query was asked for: status %d", w.Code)
	}
	if w := g.request(http.MethodHead, "/source/ent/callback?"+url.Values{"state": {state}, "code": {"a"}}.Encode(), nil); w.Code != http.StatusBadRequest {
		t.Errorf("HEAD: status %d", w.Code)
	}
	if w := g.callback(url.Values{"state": {state}, "code": {"a"}}); w.Code != http.StatusNoContent {
		t.Errorf("what was refused spent the state: status %d", w.Code)
	}
	for name, q := range map[string]url.Values{"no code": {}, "a long code": {"code": {strings.Repeat("a", 5000)}}} {
		q.Set("state", g.begin(t, upstream.Challenge{}).Get("state"))
		if w := g.callback(q); w.Code != http.StatusAccepted || g.count("/token") != 1 {
			t.Errorf("%s: status %d", name, w.Code)
		}
	}
}

func TestAFormPostIsTakenWhereItWasAskedFor(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{settings: map[string]any{"response_mode": "form_post"}})
	state := g.begin(t, upstream.Challenge{}).Get("state")
	if w := g.callback(url.Values{"state": {state}, "code": {"a"}}); w.Code != http.StatusBadRequest {
		t.Errorf("in the query, though a post was asked for: status %d", w.Code)
	}
	if w := g.posted(url.Values{"state": {state}, "code": {"a"}}); w.Code != http.StatusNoContent {
		t.Errorf("posted from the source's site: status %d, %v", w.Code, g.host.Failures())
	}
}

// TestAnAnswerOfAnotherIssuerIsRefused is the defence against mix-up (RFC 9207, RFC 9700 section 4.4).
func TestAnAnswerOfAnotherIssuerIsRefused(t *testing.T) {
	t.Parallel()
	for _, announced := range []bool{false, true} {
		for _, c := range []struct {
			iss  []string
			good bool
		}{{nil, !announced}, {[]string{""}, false}, {[]string{"https://hostile.example"}, false}, {[]string{"own"}, true}} {
			g := newGate(t, setup{})
			g.set(func(o *op) { o.about = map[string]any{"authorization_response_iss_parameter_supported": announced} })
			if slices.Equal(c.iss, []string{"own"}) {
				c.iss = []string{g.URL}
			}
			q := url.Values{"state": {g.begin(t, upstream.Challenge{}).Get("state")}, "code": {"c"}, "iss": c.iss}
			w := g.callback(q)
			if c.good && w.Code != http.StatusNoContent {
				t.Errorf("announced %v, %q: status %d", announced, c.iss, w.Code)
			}
			if !c.good {
				g.failed(t, w, upstream.ErrRejected, "another issuer")
				if g.count("/token") != 0 {
					t.Error("a code was sent to a source that did not make it")
				}
			}
		}
	}
}

func TestErrorsOfASourceAreTranslated(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]error{
		"login_required": upstream.ErrNoSession, "interaction_required": upstream.ErrNoSession, "consent_required": upstream.ErrNoSession,
		"account_selection_required": upstream.ErrNoSession, "access_denied": upstream.ErrCancelled, "temporarily_unavailable": upstream.ErrUnavailable,
		"server_error": upstream.ErrUnavailable, "invalid_request": upstream.ErrRejected, "hostile": upstream.ErrRejected, "": upstream.ErrRejected,
	} {
		g := newGate(t, setup{})
		state := g.begin(t, upstream.Challenge{}).Get("state")
		w := g.callback(url.Values{"state": {state}, "error": {code}, "error_description": {"hostile"}, "code": {"c"}})
		g.failed(t, w, want, "")
		if g.count("/token") != 0 {
			t.Errorf("%s: a code beside an error was spent", code)
		}
	}
}

func TestWhatTheTokenEndpointAnswers(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for name, c := range map[string]struct {
		at   http.HandlerFunc
		want error
		word string
	}{
		"invalid_grant":        {answer(400, `{"error":"invalid_grant","error_description":"hostile"}`), upstream.ErrRejected, "invalid_grant"},
		"an error of its own":  {answer(400, `{"error":"hostile"}`), upstream.ErrRejected, "400"},
		"access_denied":        {answer(400, `{"error":"access_denied"}`), upstream.ErrRejected, "400"}, // nobody gives up there
		"an error with 200":    {answer(200, `{"error":"invalid_client"}`), upstream.ErrRejected, "invalid_client"},
		"500":                  {answer(500, `hostile`), upstream.ErrUnavailable, "500"},
		"too many":             {answer(429, `hostile`), upstream.ErrUnavailable, "429"},
		"no JSON":              {answer(200, `hostile`), upstream.ErrRejected, "cannot be read"},
		"no access token":      {answer(200, `{"id_token":"hostile"}`), upstream.ErrRejected, ""},
		"no ID token":          {answer(200, `{"access_token":"hostile","token_type":"bearer"}`), upstream.ErrRejected, "lacks"},
		"an ID token that's 7": {answer(200, `{"access_token":"hostile","token_type":"bearer","id_token":7}`), upstream.ErrRejected, "lacks"},
		"another kind":         {answer(200, `{"access_token":"hostile","token_type":"mac","id_token":"hostile"}`), upstream.ErrRejected, "lacks"},
		"huge":                 {answer(200, `{"access_token":"`+strings.Repeat("a", 300<<10)+`"}`), upstream.ErrRejected, "cannot be read"},
		"private address": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://169.254.169.254/hostile", http.StatusTemporaryRedirect)
		}, upstream.ErrRejected, ""},
		"cut": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, upstream.ErrUnavailable, "does not answer"},
		"slow": {func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, upstream.ErrUnavailable, "does not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			with := setup{}
			if name == "slow" {
				with.settings = map[string]any{"timeout": "2s"}
			}
			g := newGate(t, with)
			g.set(func(o *op) { o.at["/token"] = c.at })
			g.fails(t, upstream.Challenge{}, c.want, c.word)
			if g.count("/token") != 1 {
				t.Errorf("a code was sent %d times", g.count("/token"))
			}
		})
	}
}

func TestUserinfoIsAboutTheSamePersonAndReadWhole(t *testing.T) {
	t.Parallel()
	body := func(kind string, status int, text string) func(*op) {
		return func(o *op) {
			o.at["/userinfo"] = func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") != "Bearer access-secret" {
					status = http.StatusUnauthorized
				}
				w.Header().Set("Content-Type", kind)
				w.WriteHeader(status)
				_, _ = io.WriteString(w, text)
			}
		}
	}
	for name, c := range map[string]struct {
		change   func(*op)
		settings map[string]any
		want     error
		word     string
	}{
		"sub of another":         {func(o *op) { o.info = map[string]any{"sub": "hostile"} }, nil, upstream.ErrRejected, "somebody else"},
		"no sub":                 {func(o *op) { o.info = map[string]any{"sub": nil} }, nil, upstream.ErrRejected, "somebody else"},
		"signed, sub of another": {func(o *op) { o.signed, o.info = true, map[string]any{"sub": "hostile"} }, nil, upstream.ErrRejected, "somebody else"},
		"signed for another":     {func(o *op) { o.signed, o.info = true, map[string]any{"aud": "hostile"} }, nil, upstream.ErrRejected, "another client"},
		"signed by another":      {func(o *op) { o.signed, o.info = true, map[string]any{"iss": "hostile"} }, nil, upstream.ErrRejected, "another issuer"},
		"signed long ago":        {func(o *op) { o.signed, o.info = true, map[string]any{"exp": o.clock.Now().Add(-time.Hour).Unix()} }, nil, upstream.ErrRejected, "has ended"},
		"unsigned JWT":           {body("application/jwt", 200, b64(map[string]any{"alg": "none"})+"."+b64(map[string]any{"sub": subject})+"."), nil, upstream.ErrRejected, "not signed"},
		"plain where signed":     {func(*op) {}, map[string]any{"userinfo": "signed"}, upstream.ErrRejected, "another kind"},
		"a page":                 {body("text/html", 200, "hostile"), nil, upstream.ErrRejected, "another kind"},
		"no JSON":                {body("application/json", 200, "hostile"), nil, upstream.ErrRejected, "cannot be read"},
		"401":                    {body("application/json", 401, "hostile"), nil, upstream.ErrRejected, "401"},
		"503":                    {body("application/json", 503, "hostile"), nil, upstream.ErrUnavailable, "503"},
		"huge":                   {body("application/json", 200, `{"a":"`+strings.Repeat("a", 300<<10)+`"}`), nil, upstream.ErrRejected, "cannot be read"},
		"cut": {func(o *op) {
			o.at["/userinfo"] = func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
		}, nil, upstream.ErrUnavailable, ""},
		"none where signed": {func(o *op) { o.about = map[string]any{"userinfo_endpoint": nil} }, map[string]any{"userinfo": "signed"}, upstream.ErrRejected, "no userinfo"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, setup{settings: c.settings})
			g.set(c.change)
			g.fails(t, upstream.Challenge{}, c.want, c.word)
		})
	}
}
