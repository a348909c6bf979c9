package demo_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// op is a small OpenID provider: it keeps to the standard unless a test sets
// one of its deviations.
type op struct {
	s   *street
	key *ecdsa.PrivateKey

	mu       sync.Mutex
	verifier string // challenge of the last code
	nonce    string
	client   string
	redirect string

	claims     map[string]any // added to or replacing those of the id token
	userinfo   map[string]any
	tokenError string
	signWith   *ecdsa.PrivateKey
	noIDToken  bool
	infoStatus int
}

var opKey = sync.OnceValue(func() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
})

func newOP(s *street) *op {
	o := &op{s: s, key: opKey(), claims: map[string]any{}, userinfo: map[string]any{"sub": "pair-5"}}
	o.signWith = o.key
	s.mux.HandleFunc("GET /.well-known/openid-configuration", o.discovery)
	s.mux.HandleFunc("GET /jwks", o.jwks)
	s.mux.HandleFunc("POST /token", o.token)
	s.mux.HandleFunc("GET /userinfo", o.info)
	return o
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (o *op) discovery(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer": o.s.gateway, "authorization_endpoint": o.s.gateway + "/authorize", "token_endpoint": o.s.gateway + "/token",
		"jwks_uri": o.s.gateway + "/jwks", "userinfo_endpoint": o.s.gateway + "/userinfo",
		"id_token_signing_alg_values_supported": []string{"ES256"},
	})
}

func (o *op) jwks(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: o.key.Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"},
	}})
}

// authorize reads the authorization request of a site, checks it, and returns
// its state.
func (o *op) authorize(path string) (state string, q url.Values) {
	o.s.t.Helper()
	to := o.s.get(path).wantTo(o.s.t, o.s.gateway+"/authorize?")
	q = to.Query()
	for name, want := range map[string]string{"response_type": "code", "code_challenge_method": "S256"} {
		if q.Get(name) != want {
			o.s.t.Errorf("%s = %q, want %q", name, q.Get(name), want)
		}
	}
	if q.Get("state") == "" || q.Get("nonce") == "" || q.Get("code_challenge") == "" {
		o.s.t.Errorf("state, nonce or challenge is missing: %v", q)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.verifier, o.nonce, o.client, o.redirect = q.Get("code_challenge"), q.Get("nonce"), q.Get("client_id"), q.Get("redirect_uri")
	return q.Get("state"), q
}

func (o *op) token(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.tokenError != "" {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": o.tokenError, "error_description": "trop tard"})
		return
	}
	if why := o.reject(r); why != "" {
		writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client", "error_description": why})
		return
	}
	answer := map[string]any{"access_token": "at", "token_type": "Bearer", "expires_in": 60}
	if !o.noIDToken {
		answer["id_token"] = o.idToken()
	}
	writeJSON(w, http.StatusOK, answer)
}

// reject says what is wrong with a token request.
func (o *op) reject(r *http.Request) string {
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	id, secret, basic := r.BasicAuth()
	switch {
	case r.PostFormValue("code") != "good" || r.PostFormValue("redirect_uri") != o.redirect:
		return "code or redirect_uri"
	case base64.RawURLEncoding.EncodeToString(sum[:]) != o.verifier:
		return "code_verifier"
	case o.client == "classe":
		if want := url.QueryEscape(classeSecret); !basic || id != "classe" || secret != want || r.PostFormValue("client_secret") != "" {
			return "client_secret_basic"
		}
	case basic || r.PostFormValue("client_id") != o.client || r.PostFormValue("client_secret") != "":
		return "public client"
	}
	return ""
}

func (o *op) idToken() string {
	now := time.Now()
	sum := sha256.Sum256([]byte("at"))
	claims := map[string]any{
		"iss": o.s.gateway, "sub": "pair-5", "aud": o.client, "exp": now.Add(time.Minute).Unix(), "iat": now.Unix(),
		"nonce": o.nonce, "at_hash": base64.RawURLEncoding.EncodeToString(sum[:16]),
	}
	for name, value := range o.claims {
		claims[name] = value
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: o.signWith, KeyID: "k1"}}, nil)
	if err != nil {
		panic(err)
	}
	body, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	signed, err := signer.Sign(body)
	if err != nil {
		panic(err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return compact
}

func (o *op) info(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer at" || o.infoStatus != 0 {
		writeJSON(w, http.StatusForbidden, map[string]string{"error": "insufficient_scope"})
		return
	}
	writeJSON(w, http.StatusOK, o.userinfo)
}

func (s *street) callback(id string, q url.Values) seen {
	s.t.Helper()
	return s.get(s.url(id, "/cb?"+q.Encode()))
}

func TestPseudonymousOIDCSignIn(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	o := newOP(s)
	o.claims["level"] = []string{"CE2", "CM1"}
	state, q := o.authorize(s.url("calcul", "/connexion"))
	if q.Get("client_id") != "calcul" || q.Get("scope") != "openid school" || q.Get("redirect_uri") != s.url("calcul", "/cb") || q.Has("prompt") {
		t.Errorf("request %v", q)
	}
	s.callback("calcul", url.Values{"state": {state}, "code": {"good"}, "iss": {s.gateway}}).wantTo(t, "/")
	page := s.get(s.url("calcul", "/"))
	page.want(t, http.StatusOK, "Ce que Calcul sait de toi", "pair-5", "CE2", "CM1", "ton prénom", "Contenu de l’id_token",
		"&#34;at_hash&#34;", "Réponse de userinfo", "ES256")
	checkPage(t, page)
	s.post(s.url("calcul", "/deconnexion"), nil).wantTo(t, "/")
	s.get(s.url("calcul", "/")).wantNot(t, "pair-5")
}

func TestNominativeOIDCSignInAuthenticatesTheClient(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	o := newOP(s)
	o.userinfo = map[string]any{"sub": "pair-5", "given_name": "Paul", "family_name": "Petit", "email": "paul@example.org", "email_verified": true}
	state, q := o.authorize(s.url("classe", "/connexion"))
	if q.Get("scope") != "openid profile email school" {
		t.Errorf("scope %q", q.Get("scope"))
	}
	s.callback("classe", url.Values{"state": {state}, "code": {"good"}}).wantTo(t, "/")
	page := s.get(s.url("classe", "/"))
	page.want(t, http.StatusOK, "Bonjour Paul", "Petit", "paul@example.org", "true", "ta date de naissance")
	page.wantNot(t, "your last name", "your first name")
}

func TestOIDCAnswersAreRefused(t *testing.T) {
	t.Parallel()
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]func(*op){
		"wrong nonce":                func(o *op) { o.claims["nonce"] = "other" },
		"no nonce":                   func(o *op) { o.claims["nonce"] = "" },
		"wrong audience":             func(o *op) { o.claims["aud"] = "classe" },
		"wrong issuer":               func(o *op) { o.claims["iss"] = "http://autre.example" },
		"expired":                    func(o *op) { o.claims["exp"] = time.Now().Add(-time.Hour).Unix() },
		"wrong at_hash":              func(o *op) { o.claims["at_hash"] = "AAAA" },
		"signed by a stranger":       func(o *op) { o.signWith = stranger },
		"no id token":                func(o *op) { o.noIDToken = true },
		"userinfo of another":        func(o *op) { o.userinfo["sub"] = "pair-6" },
		"userinfo without a sub":     func(o *op) { delete(o.userinfo, "sub") },
		"userinfo that is not given": func(o *op) { o.infoStatus = http.StatusForbidden },
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStreet(t)
			o := newOP(s)
			change(o)
			state, _ := o.authorize(s.url("calcul", "/connexion"))
			page := s.callback("calcul", url.Values{"state": {state}, "code": {"good"}})
			page.want(t, http.StatusBadRequest, "n’est pas valable")
			checkPage(t, page)
			s.get(s.url("calcul", "/")).wantNot(t, "pair-5", "pair-6")
		})
	}
}

func TestOIDCAnswerNotAskedForIsRefused(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	o := newOP(s)
	state, _ := o.authorize(s.url("calcul", "/connexion"))
	for _, q := range []url.Values{{"code": {"good"}}, {"code": {"good"}, "state": {"invented"}}, {"error": {"access_denied"}, "state": {""}}} {
		s.callback("calcul", q).want(t, http.StatusBadRequest, "ne l’avait pas demandée")
	}
	own := s.browser
	s.browser = s.newBrowser()
	s.callback("calcul", url.Values{"state": {state}, "code": {"good"}}).want(t, http.StatusBadRequest, "ne l’avait pas demandée")
	s.browser = own
	// The state is spent, although another browser brought it.
	s.callback("calcul", url.Values{"state": {state}, "code": {"good"}}).want(t, http.StatusBadRequest, "ne l’avait pas demandée")
}

func TestOIDCAnswerOfAnotherIssuerIsRefused(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	o := newOP(s)
	state, _ := o.authorize(s.url("calcul", "/connexion?iss="+url.QueryEscape(s.gateway)))
	s.callback("calcul", url.Values{"state": {state}, "code": {"good"}, "iss": {"http://autre.example"}}).want(t, http.StatusBadRequest, "n’est pas valable")
	s.get(s.url("calcul", "/connexion?iss=http://autre.example")).want(t, http.StatusBadRequest, "n’est pas valable")
}

func TestOIDCStateCountsOnce(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	o := newOP(s)
	state, _ := o.authorize(s.url("calcul", "/connexion"))
	q := url.Values{"state": {state}, "code": {"good"}}
	s.callback("calcul", q).wantTo(t, "/")
	s.callback("calcul", q).want(t, http.StatusBadRequest, "ne l’avait pas demandée")
}

func TestOIDCRefusalIsShownPlainly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ code, path, want string }{
		{"access_denied", "/connexion", "n’a pas donné son accord"},
		{"login_required", "/connexion?passif=1", "te montrer une page d’abord"},
		{"temporarily_unavailable", "/connexion", "La passerelle a répondu non"},
	} {
		t.Run(c.code, func(t *testing.T) {
			t.Parallel()
			s := newStreet(t)
			o := newOP(s)
			state, q := o.authorize(s.url("discute", c.path))
			if (q.Get("prompt") == "none") != strings.Contains(c.path, "passif") {
				t.Errorf("prompt %q", q.Get("prompt"))
			}
			s.callback("discute", url.Values{"state": {state}, "error": {c.code}, "error_description": {"K7Q2 <b>"}}).wantTo(t, "/refus")
			page := s.get(s.url("discute", "/refus"))
			page.want(t, http.StatusOK, "Tu ne peux pas entrer sur Discute", c.want, c.code, "K7Q2 &lt;b&gt;")
			checkPage(t, page)
		})
	}
}

func TestCodeRefusedAtTheTokenEndpointIsShownPlainly(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	o := newOP(s)
	o.tokenError = "invalid_grant"
	state, _ := o.authorize(s.url("calcul", "/connexion"))
	s.callback("calcul", url.Values{"state": {state}, "code": {"good"}}).wantTo(t, "/refus")
	s.get(s.url("calcul", "/refus")).want(t, http.StatusOK, "invalid_grant", "trop tard", "a repris son accord")
}

func TestSilentGatewayIsRetriedLater(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.get(s.url("calcul", "/connexion")).want(t, http.StatusBadGateway, "La passerelle ne répond pas")
	newOP(s).authorize(s.url("calcul", "/connexion"))
}

func TestRefusalPageNeedsARefusal(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.get(s.url("calcul", "/refus")).wantTo(t, "/")
}
