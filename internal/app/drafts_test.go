package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ecluse/internal/app"
	"ecluse/internal/registry"
)

// drafted sends what an integrator's program would.
func (s *story) drafted(t *testing.T, method, path, token, body string) (int, map[string]any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.w.public+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	out, err := s.b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	var said map[string]any
	_ = json.Unmarshal([]byte(s.b.read(out)), &said)
	return out.StatusCode, said
}

func TestAnIntegratorRegistersADraftWithATokenOfTheDeskAndSignsNobodyIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	s, _ := deskOf(t, w, "alix")
	s.clerks = map[string]*browser{"alix": s.b}
	service := registry.Service{
		ID: "dessin", Name: registry.Text{FR: "Dessin"}, Sentence: registry.Text{FR: "Pour dessiner."}, Provider: "Éditions du Canal", Category: "arts",
		Bindings: []registry.Binding{{Protocol: "oidc", Handle: "dessin-web", Settings: json.RawMessage(`{"registration":"awaited"}`)}},
	}
	if err := s.ask("alix", "PUT", "/services/dessin", service); err != nil || s.said.status >= 300 {
		t.Fatalf("%v: %d %s", err, s.said.status, s.said.text)
	}
	wanted := map[string]any{"client": "dessin-web", "name": "Canal", "until": w.now().AddDate(0, 0, 7).Format(time.RFC3339)}
	if err := s.ask("alix", "POST", "/services/dessin/tokens", wanted); err != nil || s.said.status != http.StatusCreated {
		t.Fatalf("%v: %d %s", err, s.said.status, s.said.text)
	}
	var made struct{ Secret string }
	if err := json.Unmarshal([]byte(s.said.text), &made); err != nil {
		t.Fatal(err)
	}
	const metadata = `{"redirect_uris":["https://dessin.example/cb"],"token_endpoint_auth_method":"none"`
	if status, said := s.drafted(t, "POST", "/oidc/register", made.Secret, metadata+`,"id_token_signed_response_alg":"none"}`); status != 400 || said["error"] != "invalid_client_metadata" {
		t.Errorf("%d %v", status, said)
	}
	status, said := s.drafted(t, "POST", "/oidc/register", made.Secret, metadata+`}`)
	manage, _ := said["registration_access_token"].(string)
	if status != 201 || said["client_id"] != "dessin-web" || manage == "" {
		t.Fatalf("%d %v", status, said)
	}
	for _, token := range []string{made.Secret, "", "ecl_x"} {
		if status, _ := s.drafted(t, "POST", "/oidc/register", token, metadata+`}`); status != 401 {
			t.Errorf("a token that is used or none: %d", status)
		}
	}
	q := url.Values{
		"client_id": {"dessin-web"}, "response_type": {"code"}, "scope": {"openid"}, "redirect_uri": {"https://dessin.example/cb"},
		"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
	}
	if err := s.b.open(w.public + "/oidc/authorize?" + q.Encode()); err != nil || s.b.tab.page.status != http.StatusBadRequest {
		t.Errorf("a draft is asked for: %v\n%s", err, s.where())
	}
	if status, said := s.drafted(t, "GET", "/oidc/register/dessin-web", manage, ""); status != 200 || said["client_id"] != "dessin-web" {
		t.Errorf("%d %v", status, said)
	}
	if status, said := s.drafted(t, "PUT", "/oidc/register/dessin-web", manage, metadata+`,"client_id":"dessin-web"}`); status != 200 {
		t.Errorf("%d %v", status, said)
	}
	if status, _ := s.drafted(t, "DELETE", "/oidc/register/dessin-web", manage, ""); status != 204 {
		t.Errorf("%d", status)
	}
	if status, _ := s.drafted(t, "GET", "/oidc/register/dessin-web", manage, ""); status != 401 {
		t.Errorf("after it was taken back: %d", status)
	}
}
