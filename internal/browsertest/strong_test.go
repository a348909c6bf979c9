package browsertest_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// counter is an OpenID provider where the same person is always there, and proves it by what is asked for.
type counter struct {
	*httptest.Server
	signer jose.Signer
	key    jose.JSONWebKey
	weak   atomic.Bool  // it forgets to ask for a strong factor
	asked  atomic.Value // the last question, as url.Values
}

func newCounter(t *testing.T) *counter {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{key: jose.JSONWebKey{Key: private, KeyID: "k", Algorithm: "ES256", Use: "sig"}}
	if c.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: c.key}, nil); err != nil {
		t.Fatal(err)
	}
	c.Server = httptest.NewServer(http.HandlerFunc(c.serve))
	t.Cleanup(c.Close)
	return c
}

func (c *counter) serve(w http.ResponseWriter, r *http.Request) {
	var answer any
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		answer = map[string]any{"issuer": c.URL, "authorization_endpoint": c.URL + "/authorize", "token_endpoint": c.URL + "/token", "jwks_uri": c.URL + "/jwks"}
	case "/jwks":
		answer = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{c.key.Public()}}
	case "/authorize":
		q := r.URL.Query()
		c.asked.Store(q)
		http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"state": {q.Get("state")}, "code": {"c"}}.Encode(), http.StatusFound)
		return
	case "/token":
		answer = map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": c.token()}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

func (c *counter) token() string {
	q, _ := c.asked.Load().(url.Values)
	acr, now := q.Get("acr_values"), time.Now()
	if c.weak.Load() {
		acr = "pwd"
	}
	text, _ := jwt.Signed(c.signer).Claims(map[string]any{
		"iss": c.URL, "aud": "ecluse", "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(), "auth_time": now.Unix(), "nonce": q.Get("nonce"), "acr": acr,
		"sub": "FORT$1", "ENTPersonProfils": "National_DIR", "ENTPersonStructRattach": "0280202T", "FrEduFonctAdm": "DIR", "FrEduRneResp": "0280202T$UAJ$PU$N$T3$CLG$340",
	}).Serialize()
	return text
}

// folder is one with the source, to start a demonstration with.
func (c *counter) folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	secret := filepath.Join(t.TempDir(), "secret")
	for name, text := range map[string]string{secret: "geheim", filepath.Join(dir, "fort.yaml"): fmt.Sprintf(`kind: Source
id: fort
name: {fr: Compte académique, en: Academy account}
authority: fort
connector: oidc
settings: {issuer: %q, insecure: true, client_id: ecluse, client_secret_file: %q, networks: [127.0.0.0/8], strong_factor: [mfa], attributes: {ENTPersonJointure: sub}}
declaration: {reference: R, controller: {name: Académie, office: recteur, dpo: dpd@ac-exemple.fr}, covers: Interconnexion, from: 2020-01-01, until: 2099-12-31}
`, c.URL, secret)} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// confirmsBySource confirms an act at the source that signed somebody in, through the pages that lead there and back.
func confirmsBySource(t *testing.T, h *house) {
	c := newCounter(t)
	own := *h
	own.options.With = c.folder(t)
	own.port = startDemo(t, own.options)
	b := own.tab(t)
	b.open(own.at(own.gateway, "/bureau/entrer"))
	b.arrive(own.gateway, "Se connecter")
	b.press("Compte académique")
	b.informed(&own)
	plugIn(b)
	addsKey(b, &own, "Clé rouge")
	wantsCode(b, &own)
	b.inspect("confirm-by-source")
	c.weak.Store(true)
	b.press("Confirmer par Compte académique")
	at := b.wait("the refusal of a weak proof", func(at where) bool { return strings.Contains(at.Text, "n'a pas demandé de preuve forte") })
	b.shows(at, "Compte académique", "Confirmer avec une clé")
	b.inspect("confirm-by-source-weak")
	c.weak.Store(false)
	b.press("Confirmer par Compte académique")
	at = b.wait("the confirmation", func(at where) bool { return strings.Contains(at.Text, "Votre confirmation est reçue") })
	if !strings.HasPrefix(at.URL, own.at(own.gateway, "/bureau/confirmer?")) {
		t.Errorf("it comes back to %s", at.URL)
	}
	b.inspect("confirm-by-source-done")
	b.press("Enregistrer l'acte")
	b.arrive(own.gateway, "Ajouter un code à six chiffres")
}
