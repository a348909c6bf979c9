package oidcrp_test

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"ecluse/internal/keys"
	"ecluse/internal/upstream"
)

func TestASignInHandsOverTheClaimsAndNothingOfTheTokens(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	g.set(func(o *op) {
		o.claims = map[string]any{"given_name": "Zoé Marie", "level": 4, "adult": false, "acr": "1", "at_hash": nil}
	})
	a := g.signsIn(t, upstream.Challenge{})
	for name, want := range map[string][]string{
		"sub": {subject}, "given_name": {"Zoé Marie"}, "family_name": {"Petit"}, "level": {"4"}, "adult": {"false"},
		"iss": nil, "aud": nil, "nonce": nil, "sid": nil, "acr": nil, "exp": nil, "auth_time": nil,
	} {
		if !slices.Equal(a.Attributes[name], want) {
			t.Errorf("%s is %q, want %q", name, a.Attributes[name], want)
		}
	}
	if a.Authn.Assurance != "" || a.Authn.Method != "" || !a.Ends.IsZero() {
		t.Errorf("a level that nobody believes is handed over: %+v", a.Authn)
	}
	if len(g.host.Failures()) != 0 {
		t.Error(g.host.Failures())
	}
	g.silent(t, "")
}

func TestLevelsAreToldInOurWords(t *testing.T) {
	t.Parallel()
	const mfa = "https://refeds.org/profile/mfa"
	g := newGate(t, setup{settings: map[string]any{"assurance": map[string]any{"eidas2": "substantial", mfa: "strong"}}})
	for acr, want := range map[string][2]string{"eidas2": {"substantial", ""}, mfa: {"strong", mfa}} {
		g.set(func(o *op) { o.claims = map[string]any{"acr": acr} })
		if a := g.signsIn(t, upstream.Challenge{}); a.Authn.Assurance != want[0] || a.Authn.Method != want[1] {
			t.Errorf("%s is told as %+v", acr, a.Authn)
		}
	}
}

func TestClocksMayDifferByTwoMinutesAndNotByTen(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{-2 * time.Minute, 2 * time.Minute, -10 * time.Minute, 10 * time.Minute} {
		for _, fresh := range []bool{false, true} {
			g := newGate(t, setup{})
			g.set(func(o *op) {
				there := o.clock.Now().Add(off)
				o.claims = map[string]any{"iat": there.Unix(), "auth_time": there.Add(-time.Second).Unix(), "exp": there.Add(time.Minute).Unix()}
			})
			if off.Abs() > 5*time.Minute {
				g.fails(t, upstream.Challenge{Fresh: fresh}, upstream.ErrRejected, "compare the clocks")
				continue
			}
			a := g.signsIn(t, upstream.Challenge{Fresh: fresh})
			if d := g.clock.Now().Sub(a.Authn.At); d < 0 || d > time.Second || fresh && d != 0 {
				t.Errorf("%s off: proved %s ago", off, d)
			}
		}
	}
}

func TestAnAgeIsCountedOnTheSourcesOwnClock(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{settings: map[string]any{"max_age": "1h"}})
	for ago, good := range map[time.Duration]bool{0: true, 59 * time.Minute: true, time.Hour: true, time.Hour + time.Minute: false} {
		g.set(func(o *op) {
			there := o.clock.Now().Add(2 * time.Minute)
			o.claims = map[string]any{"iat": there.Unix(), "auth_time": there.Add(-ago).Unix()}
		})
		before := len(g.host.Signed())
		g.answers(t, upstream.Challenge{})
		if signed := len(g.host.Signed()) > before; signed != good {
			t.Errorf("%s ago: signed in %v", ago, signed)
		}
		if good && g.clock.Now().Sub(g.host.Last(t).Authn.At) != ago {
			t.Errorf("%s ago is told as %s", ago, g.clock.Now().Sub(g.host.Last(t).Authn.At))
		}
	}
}

func TestASourceThatDoesNotTellTheInstantIsTakenAtItsWordOnlyWhereSaid(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{settings: map[string]any{"auth_time": "assumed"}})
	g.set(func(o *op) { o.claims = map[string]any{"auth_time": nil} })
	for _, fresh := range []bool{false, true} {
		if a := g.signsIn(t, upstream.Challenge{Fresh: fresh}); !a.Authn.At.Equal(g.clock.Now()) {
			t.Errorf("proved at %s", a.Authn.At)
		}
	}
	g.set(func(o *op) { o.claims = map[string]any{"auth_time": o.clock.Now().Add(-time.Hour).Unix()} })
	if w := g.answers(t, upstream.Challenge{Fresh: true}); w.Code != http.StatusAccepted {
		t.Errorf("an instant that is told and old: status %d", w.Code)
	}
}

func TestAClientProvesItselfAsItWasAgreed(t *testing.T) {
	t.Parallel()
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(clientID+":"+url.QueryEscape(secret))) // RFC 6749 2.3.1
	for method, want := range map[string]struct{ header, inForm string }{"client_secret_basic": {basic, ""}, "client_secret_post": {"", secret}} {
		g := newGate(t, setup{settings: map[string]any{"client_auth": method}})
		g.signsIn(t, upstream.Challenge{})
		if g.auth != want.header || g.form.Get("client_secret") != want.inForm || g.form.Get("redirect_uri") != "https://connexion.example/source/ent/callback" {
			t.Errorf("%s: sent %q, %v", method, g.auth, g.form)
		}
	}
	for alg, use := range map[string]keys.Use{"ES256": keys.UseOIDCES256, "RS256": keys.UseOIDCRS256} {
		for audience, end := range map[string]string{"issuer": "", "token_endpoint": "/token"} {
			g := newGate(t, setup{settings: map[string]any{"client_auth": "private_key_jwt", "client_key": alg, "assertion_audience": audience}})
			g.signsIn(t, upstream.Challenge{})
			first := g.assertion(t, alg, use, g.URL+end)
			g.signsIn(t, upstream.Challenge{})
			if again := g.assertion(t, alg, use, g.URL+end); again == first || first == "" {
				t.Error("an assertion is sent twice")
			}
		}
	}
}

// assertion checks the client assertion that was sent last and gives its jti.
func (g *gate) assertion(t *testing.T, alg string, use keys.Use, audience string) string {
	t.Helper()
	if g.auth != "" || g.form.Has("client_secret") || g.form.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
		t.Errorf("sent %q, %v", g.auth, g.form)
	}
	token, err := jwt.ParseSigned(g.form.Get("client_assertion"), []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
	if err != nil {
		t.Fatal(err)
	}
	key := g.ring.Signer(use)
	var said map[string]any
	if err := token.Claims(key.Public(), &said); err != nil {
		t.Fatal(err)
	}
	now := float64(g.clock.Now().Unix())
	if token.Headers[0].KeyID != key.KeyID() || said["iss"] != clientID || said["sub"] != clientID || said["aud"] != audience || said["exp"] != now+60 || said["iat"] != now {
		t.Errorf("asserts %v", said)
	}
	jti, _ := said["jti"].(string)
	return jti
}

func TestASecretMayChangeWhileTheGatewayRuns(t *testing.T) {
	t.Parallel()
	path := file(t, "secret", "old")
	g := newGate(t, setup{settings: map[string]any{"client_auth": "client_secret_post", "client_secret_file": path}})
	g.signsIn(t, upstream.Challenge{})
	rewrite(t, path, "new\r\n")
	g.signsIn(t, upstream.Challenge{})
	if g.form.Get("client_secret") != "new" {
		t.Error("the old secret was sent")
	}
	rewrite(t, path, "")
	before := g.count("/token")
	if w := g.answers(t, upstream.Challenge{}); w.Code != http.StatusAccepted || !errors.Is(g.host.Failures()[0], upstream.ErrUnavailable) || g.count("/token") != before {
		t.Errorf("without a secret: status %d, %v", w.Code, g.host.Failures())
	}
	if found := g.Probe(t.Context()); len(found) != 1 || found[0].Where != "settings.client_secret_file" {
		t.Errorf("the probe finds %v", found)
	}
}

func TestKeysAreRenewedWhenTheSourceSignsWithANewOneAndSeldom(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	for range 3 {
		g.signsIn(t, upstream.Challenge{})
	}
	if g.count("/jwks") != 1 {
		t.Errorf("keys were asked for %d times", g.count("/jwks"))
	}
	next := rsaKey(t, 2048, "next", "RS256")
	g.clock.Advance(2 * time.Minute)
	g.set(func(o *op) { o.key, o.keys = next, append(o.keys, next.Public()) })
	g.signsIn(t, upstream.Challenge{})
	if g.count("/jwks") != 2 {
		t.Errorf("keys were asked for %d times", g.count("/jwks"))
	}
	strange := rsaKey(t, 2048, "strange", "RS256")
	g.set(func(o *op) { o.key = strange })
	for range 5 {
		g.answers(t, upstream.Challenge{})
	}
	if g.count("/jwks") != 2 || len(g.host.Signed()) != 4 {
		t.Errorf("unknown keys were asked for %d times", g.count("/jwks"))
	}
	g.clock.Advance(2 * time.Minute)
	g.answers(t, upstream.Challenge{})
	if g.count("/jwks") != 3 {
		t.Errorf("after a while: asked %d times", g.count("/jwks"))
	}
}

func TestKeysThatWereWithdrawnAreNotBelievedForEver(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	g.signsIn(t, upstream.Challenge{})
	other := rsaKey(t, 2048, "other", "RS256")
	g.set(func(o *op) { o.keys = []jose.JSONWebKey{other.Public()} })
	g.clock.Advance(2 * time.Hour)
	if w := g.answers(t, upstream.Challenge{}); w.Code != http.StatusAccepted || len(g.host.Signed()) != 1 {
		t.Errorf("a withdrawn key signs in: status %d", w.Code)
	}
}

func TestTheLastGoodKeysServeWhileTheSourceDoesNotGiveThem(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	g.signsIn(t, upstream.Challenge{})
	g.set(func(o *op) {
		o.at["/jwks"] = func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"keys":[{"kty":"oct","k":"AAAA"}]}`)
		}
	})
	g.clock.Advance(2 * time.Hour)
	g.signsIn(t, upstream.Challenge{})
	g.clock.Advance(25 * time.Hour)
	w := g.answers(t, upstream.Challenge{})
	if w.Code != http.StatusAccepted || !errors.Is(g.host.Failures()[0], upstream.ErrUnavailable) {
		t.Errorf("keys of yesterday: status %d, %v", w.Code, g.host.Failures())
	}
}

func TestASourceWhoseTokensDoNotComeIsLeftAloneForAWhile(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	down := func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", http.StatusBadGateway) }
	g.set(func(o *op) { o.at["/token"] = down })
	for range 3 {
		if w := g.answers(t, upstream.Challenge{}); w.Code != http.StatusAccepted {
			t.Fatalf("status %d", w.Code)
		}
	}
	if _, err := g.leaves(upstream.Challenge{}); !errors.Is(err, upstream.ErrUnavailable) {
		t.Errorf("people are sent to a source that does not answer: %v", err)
	}
	g.clock.Advance(11 * time.Second)
	g.set(func(o *op) { delete(o.at, "/token") })
	g.signsIn(t, upstream.Challenge{})
	g.set(func(o *op) { o.at["/token"] = down })
	g.answers(t, upstream.Challenge{})
	g.begin(t, upstream.Challenge{}) // one failure after a success is one
	g.set(func(o *op) {
		o.at["/token"] = func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		}
	})
	for range 5 { // a code that is refused says that the source is there
		g.answers(t, upstream.Challenge{})
	}
	g.begin(t, upstream.Challenge{})
}

func TestManyWhoComeAtOnceAskTheSourceOnce(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := g.leaves(upstream.Challenge{}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := g.count("/.well-known/openid-configuration"); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestUserinfoIsReadSignedOrNot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		settings map[string]any
		signed   bool
		asked    int
	}{
		"plain": {nil, false, 1}, "signed": {nil, true, 1}, "signed as agreed": {map[string]any{"userinfo": "signed"}, true, 1}, "none": {map[string]any{"userinfo": "none"}, false, 0},
	} {
		g := newGate(t, setup{settings: c.settings})
		g.set(func(o *op) { o.signed = c.signed })
		a := g.signsIn(t, upstream.Challenge{})
		if g.count("/userinfo") != c.asked || len(a.Attributes["family_name"]) != c.asked {
			t.Errorf("%s: asked %d times, %q", name, g.count("/userinfo"), a.Attributes["family_name"])
		}
	}
	g := newGate(t, setup{})
	g.set(func(o *op) { o.about = map[string]any{"userinfo_endpoint": nil} })
	g.signsIn(t, upstream.Challenge{})
}

func TestTheProbeTellsWhatWillNotWork(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		about    map[string]any
		settings map[string]any
		where    string
	}{
		"no code":          {map[string]any{"response_types_supported": []string{"id_token"}}, nil, "issuer"},
		"no PKCE":          {map[string]any{"code_challenge_methods_supported": []string{"plain"}}, nil, "omit"},
		"no form_post":     {map[string]any{"response_modes_supported": []string{"query"}}, map[string]any{"response_mode": "form_post"}, "response_mode"},
		"another proof":    {map[string]any{"token_endpoint_auth_methods_supported": []string{"client_secret_post", "tls_client_auth"}}, nil, "client_auth"},
		"the default":      {map[string]any{"token_endpoint_auth_methods_supported": nil}, map[string]any{"client_auth": "client_secret_post"}, "client_auth"},
		"another key":      {map[string]any{"token_endpoint_auth_signing_alg_values_supported": []string{"RS256"}}, map[string]any{"client_auth": "private_key_jwt"}, "client_key"},
		"other algorithms": {map[string]any{"id_token_signing_alg_values_supported": []string{"HS256"}}, nil, "algorithms"},
		"another scope":    {map[string]any{"scopes_supported": []string{"openid"}}, map[string]any{"scopes": []any{"openid", "x"}}, "scopes"},
		"another level":    {map[string]any{"acr_values_supported": []string{"1"}}, map[string]any{"acr_values": []any{"2"}}, "acr_values"},
		"no userinfo":      {map[string]any{"userinfo_endpoint": nil}, map[string]any{"userinfo": "signed"}, "userinfo"},
		"all is well":      {nil, nil, ""},
	} {
		g := newGate(t, setup{settings: c.settings})
		g.set(func(o *op) { o.about = c.about })
		found := g.Probe(t.Context())
		if c.where == "" && len(found) != 0 || c.where != "" && (len(found) != 1 || found[0].Where != "settings."+c.where) {
			t.Errorf("%s: found %v", name, found)
		}
	}
	g := newGate(t, setup{})
	g.set(func(o *op) { o.keys = nil })
	if found := g.Probe(t.Context()); len(found) != 1 || !strings.Contains(found[0].What, "keys") {
		t.Errorf("no keys: found %v", found)
	}
}
