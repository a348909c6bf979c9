package oidcop_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"ecluse/internal/idp/oidcop"
	"ecluse/internal/registry"
)

// foreignClient is panva's openid-client, which `make setup` installs from a lock file: a certified relying party that is not
// ours.
const foreignClient = "../../../tools/node_modules/openid-client/build/index.js"

// today moves a house to the machine's own time, which programs beside us go by.
func today(t *testing.T) *house {
	t.Helper()
	h := newHouseWith(t, nil, func(c *oidcop.Config) { c.Now = time.Now })
	h.clock.Advance(time.Since(h.clock.Now()))
	h.change(func(g *gateway) {
		g.person = pupil(time.Now())
		day := registry.DateOf(time.Now())
		for i := range g.contents.Declarations {
			g.contents.Declarations[i].From, g.contents.Declarations[i].Until = day.Add(-30), day.Add(30)
		}
		for _, s := range g.contents.Sources {
			s.Declaration.From, s.Declaration.Until = day.Add(-30), day.Add(30)
		}
	})
	h.change(lasting)
	return h
}

// played is what the script says of one client.
type played struct {
	ID, Type, Sub, Again, Given, Refused, Failed string
	Same, Before, After                          bool
}

func TestOpenIDClientPlaysEveryKindOfClient(t *testing.T) {
	t.Parallel()
	path, h := foreignModule(t), today(t)
	const shared = "a secret of thirty-two bytes or more"
	sealed, err := oidcop.SealSecret(ring(t), "hmac", shared)
	if err != nil {
		t.Fatal(err)
	}
	h.register(t, "browser", publicAgain)
	h.register(t, "browser-bound", publicAgain)
	h.withSecret(t, "body", `,"id_token_alg":"RS256"`)
	h.withSecret(t, "jwt", `,"access_token":"jwt","access_token_audience":"https://api.example","userinfo_alg":"ES256","dpop_nonce":true`)
	h.register(t, "hmac", fmt.Sprintf(`{"redirect_uris":[%q],"type":"confidential","refresh":true,"auth_method":"client_secret_jwt","secret_sealed":%q,"secret_sealed_until":%q}`,
		callback, sealed, registry.DateOf(time.Now()).Add(30)))
	clients := []map[string]any{
		{"id": "browser", "method": "none"},
		{"id": "browser-bound", "method": "none", "dpop": "ES256"},
		{"id": "body", "method": "client_secret_post", "secret": secret, "metadata": map[string]any{"id_token_signed_response_alg": "RS256"}},
		{"id": "jwt", "method": "client_secret_post", "secret": secret, "dpop": "PS256", "metadata": map[string]any{"userinfo_signed_response_alg": "ES256"}},
		{"id": "hmac", "method": "client_secret_jwt", "secret": shared},
	}
	for _, alg := range []string{"ES256", "PS256", "EdDSA"} {
		key, idAlg := keyFor(t, alg), alg
		h.register(t, alg, fmt.Sprintf(keyClient, `"auth_alg":"`+alg+`","id_token_alg":"`+idAlg+`","refresh":true,"dpop":"required","jwks":`+jwksOf(t, "k1", key)))
		clients = append(clients, map[string]any{
			"id": alg, "method": "private_key_jwt", "alg": alg, "key": jose.JSONWebKey{Key: key}, "dpop": "ES256", "par": true,
			"metadata": map[string]any{"id_token_signed_response_alg": idAlg},
		})
	}
	for _, got := range openIDClient(t, path, h, clients) {
		bound := got.ID == "browser-bound" || got.ID == "jwt" || len(got.ID) == 5
		switch {
		case got.Failed != "":
			t.Errorf("%s: %s", got.ID, got.Failed)
		case got.Sub == "" || got.Sub != got.Again || got.Given != "Léa" || got.Refused != "invalid_grant":
			t.Errorf("%s: %+v", got.ID, got)
		case got.Same != bound || (got.Type == "dpop") != bound:
			t.Errorf("%s: %+v; a token that is bound is not exchanged, any other is", got.ID, got)
		case got.After || got.Before != (got.ID[:3] != "bro"):
			t.Errorf("%s: active before its revocation %t, after %t", got.ID, got.Before, got.After)
		}
	}
}

// foreignModule is where the client lies.
func foreignModule(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs(foreignClient)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		t.Fatalf("run `make setup` first: %v", err)
	}
	return path
}

func TestOpenIDClientPlaysAScreen(t *testing.T) {
	t.Parallel()
	path, h := foreignModule(t), today(t)
	h.register(t, "tableau", board)
	got := openIDClient(t, path, h, []map[string]any{{"id": "tableau", "says": "oui"}, {"id": "tableau", "says": "non"}})
	if yes := got[0]; yes.Failed != "" || yes.Sub == "" || yes.Sub != yes.Again || yes.Given != "Léa" || yes.Type != "bearer" || yes.Refused != "" {
		t.Errorf("let in: %+v", yes)
	}
	if no := got[1]; no.Failed != "" || no.Sub != "" || no.Refused != "access_denied" {
		t.Errorf("not let in: %+v", no)
	}
}

func TestOpenIDClientRegistersItself(t *testing.T) {
	t.Parallel()
	path, d := foreignModule(t), newDesk(t, false)
	metadata := map[string]any{"redirect_uris": []string{callback}, "token_endpoint_auth_method": "client_secret_post", "grant_types": []string{"authorization_code"}}
	got := openIDClient(t, path, d.house, []map[string]any{{"token": "token-1", "metadata": metadata}, {"token": "token-1", "metadata": metadata}})
	if made := got[0]; made.Failed != "" || made.ID != draftHandle || made.Type != "client_secret_post" || made.Given != callback || !made.Same {
		t.Errorf("it registers: %+v", made)
	}
	if again := got[1]; !strings.Contains(again.Failed, "invalid_token") {
		t.Errorf("a second time with one token: %+v", again)
	}
}

func openIDClient(t *testing.T, module string, h *house, clients []map[string]any) (out []played) {
	t.Helper()
	settings, err := json.Marshal(map[string]any{"issuer": h.issuer, "callback": callback, "clients": clients})
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", "rp.mjs"))
	node.Env = append(os.Environ(), "RP_MODULE="+module, "RP_SETTINGS="+string(settings), "NODE_NO_WARNINGS=1")
	var complaints bytes.Buffer
	node.Stderr = &complaints
	said, err := node.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &complaints)
	}
	for line := range bytes.Lines(said) {
		var one played
		if err := json.Unmarshal(line, &one); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		out = append(out, one)
	}
	if len(out) != len(clients) {
		t.Fatalf("%d of %d clients were played:\n%s", len(out), len(clients), said)
	}
	return out
}
