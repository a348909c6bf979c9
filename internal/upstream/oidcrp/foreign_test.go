package oidcrp_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"html"
	"io"
	"math/big"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/store/storetest"
	"ecluse/internal/upstream"
	"ecluse/internal/upstream/upstreamtest"
	"ecluse/internal/web/webtest"
)

// module is panva's oidc-provider, which `make test` installs from a lock file: a certified provider that is not ours. It is
// the last version that runs on Debian's Node.
const module = "../../../tools/node_modules/oidc-provider/lib/index.js"

// foreign starts that provider with our clients in it and gives its issuer. What it sends us by itself goes to the handler.
func foreign(t *testing.T, ring *keys.Ring, ours http.Handler) string {
	t.Helper()
	path, err := filepath.Abs(module)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		t.Fatalf("run `make setup` first: %v", err)
	}
	site := httptest.NewServer(ours)
	t.Cleanup(site.Close)
	client := func(id string, more map[string]any) map[string]any {
		return over(map[string]any{
			"client_id": id, "redirect_uris": []string{webtest.Origin + "/source/ent/callback"}, "post_logout_redirect_uris": []string{webtest.Origin + "/source/ent/signed-out"},
			"backchannel_logout_uri": site.URL + "/source/ent/logout", "backchannel_logout_session_required": true, "id_token_signed_response_alg": "ES256",
			"scope": "openid profile ecluse",
		}, more)
	}
	settings, err := json.Marshal(map[string]any{
		"claims": map[string]any{
			"given_name": "Zoé", "family_name": "Petit", "uai": []string{"0280202T"},
			"schools": []any{map[string]any{"uai": "0280202T", "classes": []any{map[string]any{"name": "4A"}}}},
		},
		"clients": []any{
			client("basic", map[string]any{"client_secret": secret}),
			client("post", map[string]any{"client_secret": secret, "token_endpoint_auth_method": "client_secret_post", "id_token_signed_response_alg": "RS256"}),
			client("key", map[string]any{
				"token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_signing_alg": "ES256", "userinfo_signed_response_alg": "ES256",
				"jwks": map[string]any{"keys": []any{jwkOf(t, ring)}},
			}),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	node := exec.CommandContext(ctx, "node", filepath.Join("testdata", "op.mjs"))
	node.Env = append(os.Environ(), "OP_MODULE="+path, "OP_SETTINGS="+string(settings), "NODE_NO_WARNINGS=1")
	var complaints upstreamtest.Log
	node.Stderr = &complaints
	out, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = node.Wait()
		if t.Failed() {
			t.Logf("the provider: %s", &complaints)
		}
	})
	issuer, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the provider did not start: %v\n%s", err, &complaints)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return strings.TrimSpace(issuer)
}

func jwkOf(t *testing.T, ring *keys.Ring) map[string]any {
	t.Helper()
	key := ring.Signer(keys.UseOIDCES256)
	public, ok := key.Public().(*ecdsa.PublicKey)
	if !ok {
		t.Fatal("no key")
	}
	point, err := public.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	text := func(b []byte) string {
		return base64.RawURLEncoding.EncodeToString(new(big.Int).SetBytes(b).FillBytes(make([]byte, 32)))
	}
	return map[string]any{"kty": "EC", "crv": "P-256", "kid": key.KeyID(), "alg": "ES256", "use": "sig", "x": text(point[1:33]), "y": text(point[33:])}
}

// visitor is a browser with somebody before it. It follows everything but the way back to us.
type visitor struct {
	http.Client
	t *testing.T
}

func newVisitor(t *testing.T) *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t: t}
	v.Jar = jar
	v.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), webtest.Origin) {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return v
}

// page is what came of a step: a page of the provider, or the way back to us.
func (v *visitor) page(resp *http.Response, err error) (text string, back *url.URL) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	if to, err := resp.Location(); err == nil {
		return "", to
	}
	if resp.StatusCode != http.StatusOK {
		v.t.Fatalf("the provider answers %d: %s", resp.StatusCode, body)
	}
	return string(body), nil
}

// signIn goes to the provider, says who one is where it asks, agrees where it asks, and comes back.
func (v *visitor) signIn(to *url.URL, name string) (back *url.URL, asked []string) {
	v.t.Helper()
	text, back := v.page(v.Get(to.String()))
	for range 5 {
		if back != nil {
			return back, asked
		}
		action, fields := form(v.t, text)
		asked = append(asked, fields.Get("prompt"))
		if fields.Get("prompt") == "login" {
			fields.Set("login", name)
			fields.Set("password", "x")
		}
		text, back = v.page(v.PostForm(action, fields))
	}
	v.t.Fatalf("no way back: %s", text)
	return nil, nil
}

// form reads the first form of a page.
func form(t *testing.T, page string) (action string, fields url.Values) {
	t.Helper()
	to := regexp.MustCompile(`action="([^"]*)"`).FindStringSubmatch(page)
	if to == nil {
		t.Fatalf("no form: %s", page)
	}
	fields = url.Values{}
	for _, in := range regexp.MustCompile(`<input[^>]*>`).FindAllString(page, -1) {
		name, value := regexp.MustCompile(`name="([^"]*)"`).FindStringSubmatch(in), regexp.MustCompile(`value="([^"]*)"`).FindStringSubmatch(in)
		if name != nil && value != nil {
			fields.Set(name[1], html.UnescapeString(value[1]))
		}
	}
	return html.UnescapeString(to[1]), fields
}

// realTime sets the gate's clock to the provider's, which goes.
func realTime(g *gate) *gate {
	g.clock.Advance(time.Since(g.clock.Now()))
	return g
}

// abroad is a gateway toward that provider.
func abroad(t *testing.T, settings map[string]any) (*gate, *visitor) {
	t.Helper()
	ring := keystest.Ring(t)
	var g *gate
	issuer := foreign(t, ring, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		form, _ := io.ReadAll(r.Body)
		values, _ := url.ParseQuery(string(form))
		answer := g.request(http.MethodPost, r.URL.Path, values)
		w.WriteHeader(answer.Code)
	}))
	o := &op{Server: &httptest.Server{URL: issuer}, clock: storetest.NewClock(time.Now()), at: map[string]http.HandlerFunc{}, asked: map[string]int{}}
	g = gateAt(t, o, setup{ring: ring, settings: over(map[string]any{
		"insecure": true, "client_id": "basic", "scopes": []any{"openid", "profile", "ecluse"},
		"attributes": map[string]any{"ENTEleveClasses": map[string]any{"each": "schools", "join": []any{"uai", "classes.name"}}},
	}, settings)})
	return g, newVisitor(t)
}

// goes plays one sign-in at the foreign provider.
func (g *gate) goes(v *visitor, challenge upstream.Challenge) (status int, asked []string) {
	v.t.Helper()
	realTime(g)
	to, err := g.leaves(challenge)
	if err != nil {
		v.t.Fatalf("%v\n%s", err, &g.logged)
	}
	back, asked := v.signIn(to, "u-4711")
	realTime(g)
	return g.callback(back.Query()).Code, asked
}

func TestAForeignProviderSignsPeopleInAndOutWhateverTheProofOfTheClient(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]map[string]any{
		"basic": {"client_id": "basic"},
		"post":  {"client_id": "post", "client_auth": "client_secret_post"},
		"key":   {"client_id": "key", "client_auth": "private_key_jwt", "userinfo": "signed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, v := abroad(t, settings)
			if found := g.Probe(t.Context()); len(found) != 0 {
				t.Errorf("the probe finds %v", found)
			}
			if status, asked := g.goes(v, upstream.Challenge{Language: "fr"}); status != http.StatusNoContent || asked[0] != "login" {
				t.Fatalf("status %d, %v\n%s", status, g.host.Failures(), &g.logged)
			}
			a := g.host.Last(t)
			for attribute, want := range map[string]string{
				"sub": "u-4711", "given_name": "Zoé", "family_name": "Petit", "uai": "0280202T", "ENTEleveClasses": "0280202T$4A",
			} {
				if !slices.Equal(a.Attributes[attribute], []string{want}) {
					t.Errorf("%s is %q, want %q", attribute, a.Attributes[attribute], want)
				}
			}
			if age := time.Since(a.Authn.At); age < -time.Minute || age > time.Minute || a.Session == "" {
				t.Errorf("proved at %s, session %q", a.Authn.At, a.Session)
			}
			g.ends(t, v, a.Session)
		})
	}
}

// ends signs out at the provider, which asks first and then tells us by itself.
func (g *gate) ends(t *testing.T, v *visitor, session string) {
	t.Helper()
	location, err := g.SignOut(t.Context(), g.host.Last(t).Authn)
	if err != nil || !strings.HasPrefix(location, g.URL+"/session/end?") {
		t.Fatalf("signs out at %q: %v", location, err)
	}
	text, _ := v.page(v.Get(location))
	action, fields := form(t, text)
	fields.Set("logout", "yes")
	_, back := v.page(v.PostForm(action, fields))
	if back == nil || back.String() != webtest.Origin+"/source/ent/signed-out" {
		t.Fatalf("comes back to %v", back)
	}
	if w := g.request(http.MethodGet, back.RequestURI(), nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/signout" {
		t.Errorf("back here: status %d to %s", w.Code, w.Header().Get("Location"))
	}
	if ended := g.host.Ended(); !slices.Equal(ended, []string{"ent " + session}) {
		t.Errorf("ended %v, want this session\n%s", ended, &g.logged)
	}
}

func TestAForeignProviderAsksAgainForAFreshProofAndNothingOfAPassiveOne(t *testing.T) {
	t.Parallel()
	g, v := abroad(t, nil)
	if status, _ := g.goes(v, upstream.Challenge{Passive: true}); status != http.StatusAccepted || !errors.Is(g.host.Failures()[0], upstream.ErrNoSession) {
		t.Errorf("nobody is signed in there: status %d, %v", status, g.host.Failures())
	}
	if status, asked := g.goes(v, upstream.Challenge{}); status != http.StatusNoContent {
		t.Fatalf("status %d, %v, %v", status, asked, g.host.Failures())
	}
	first := g.host.Last(t).Authn.At
	if status, asked := g.goes(v, upstream.Challenge{Passive: true}); status != http.StatusNoContent || len(asked) != 0 {
		t.Errorf("signed in there: status %d, asked %v, %v", status, asked, g.host.Failures())
	}
	if again := g.host.Last(t).Authn.At; again.Sub(first).Abs() > 3*time.Second {
		t.Errorf("the proof is of %s, and was of %s", again, first)
	}
	if status, asked := g.goes(v, upstream.Challenge{Fresh: true}); status != http.StatusNoContent || !slices.Contains(asked, "login") {
		t.Errorf("a fresh proof: status %d, asked %v, %v", status, asked, g.host.Failures())
	}
	if a := g.host.Last(t); a.Authn.At.Before(first) {
		t.Error("the fresh proof is older than the first")
	}
}

func TestAForeignProviderPostsItsAnswerAndRefusesACodeTwice(t *testing.T) {
	t.Parallel()
	g, v := abroad(t, map[string]any{"response_mode": "form_post"})
	realTime(g)
	to, err := g.leaves(upstream.Challenge{})
	if err != nil {
		t.Fatal(err)
	}
	text, _ := v.page(v.Get(to.String()))
	for range 2 { // sign in, agree
		action, fields := form(t, text)
		fields.Set("login", "u-4711")
		fields.Set("password", "x")
		text, _ = v.page(v.PostForm(action, fields))
	}
	action, fields := form(t, text)
	if action != webtest.Origin+"/source/ent/callback" || fields.Get("code") == "" || fields.Get("iss") != g.URL {
		t.Fatalf("posts %v to %s", fields, action)
	}
	realTime(g)
	if w := g.posted(fields); w.Code != http.StatusNoContent {
		t.Fatalf("status %d, %v", w.Code, g.host.Failures())
	}
	next, err := g.leaves(upstream.Challenge{})
	if err != nil {
		t.Fatal(err)
	}
	fields.Set("state", next.Query().Get("state")) // a code of yesterday in a question of today
	if w := g.posted(fields); w.Code != http.StatusAccepted || !strings.Contains(g.host.Failures()[0].Error(), "invalid_grant") {
		t.Errorf("a code twice: status %d, %v", w.Code, g.host.Failures())
	}
}
