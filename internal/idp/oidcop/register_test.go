package oidcop_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/fetch"
	"ecluse/internal/idp/oidcop"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
)

// desk keeps drafts in the house's own register, as the desk would: one token for each client, another after it.
type desk struct {
	*house
	first, later string
	closed       bool
}

const draftHandle = "dessin-web"

func (d *desk) Client(_ context.Context, token string) (registry.Binding, bool, error) {
	snapshot, err := d.Registry()
	if err != nil {
		return registry.Binding{}, false, err
	}
	_, b, _ := snapshot.Binding("oidc", draftHandle)
	if token == "" || (token != d.first && token != d.later) {
		return registry.Binding{}, false, oidcop.ErrDraftToken
	}
	return b, token == d.later, nil
}

func (d *desk) Register(_ context.Context, _ string, was, next json.RawMessage) (string, error) {
	d.first, d.later = "", "token-2"
	return d.later, d.put(was, next)
}

func (d *desk) Change(_ context.Context, _ string, was, next json.RawMessage, over bool) error {
	if over && !d.closed {
		d.later = ""
	}
	return d.put(was, next)
}

func (d *desk) put(was, next json.RawMessage) error {
	if d.closed {
		return oidcop.ErrDraftClosed
	}
	d.change(func(g *gateway) {
		b := dessin(g)
		if !bytes.Equal(b.Settings, was) {
			panic("other settings were looked at")
		}
		b.Settings = next
	})
	return nil
}

func dessin(g *gateway) *registry.Binding {
	i := slices.IndexFunc(g.contents.Services, func(s registry.Service) bool { return s.ID == "dessin" })
	return &g.contents.Services[i].Bindings[0]
}

// newDesk is a house where the service "dessin" waits for its client. Addresses on this machine are asked where inside is.
func newDesk(t *testing.T, inside bool) *desk {
	t.Helper()
	d := &desk{first: "token-1"}
	d.house = newHouseWith(t, nil, func(c *oidcop.Config) {
		c.Drafts = d
		f := fetch.Config{PlainHTTP: true}
		if inside {
			f.Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		}
		c.Outside = fetch.New(f)
	})
	d.change(func(g *gateway) {
		g.contents.Services = append(g.contents.Services, registry.Service{
			ID: "dessin", Name: registry.Text{FR: "Dessin"},
			Bindings: []registry.Binding{{Protocol: "oidc", Handle: draftHandle, Settings: json.RawMessage(`{"registration":"awaited"}`)}},
		})
	})
	return d
}

// send asks the registration endpoint; a client's name leads to its own address.
func (d *desk) send(t *testing.T, method, client, token, body string, headers ...string) reply {
	t.Helper()
	at := d.issuer + "/oidc/register"
	if client != "" {
		at += "/" + client
	}
	r, err := http.NewRequestWithContext(t.Context(), method, at, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return d.house.send(t, r)
}

// metadata is that of a client with one return address, with more.
func metadata(more string) string { return `{"redirect_uris":["` + callback + `"]` + more + `}` }

// approve has the service's declaration in a state.
func (d *desk) approve(state registry.State) {
	d.change(func(g *gateway) {
		v := g.contents.Declarations[0]
		v.ID, v.ServiceID, v.State = "d-dessin", "dessin", state
		g.contents.Declarations = append(slices.DeleteFunc(g.contents.Declarations, func(o registry.Declaration) bool { return o.ID == v.ID }), v)
		registrytest.Enable(&g.contents, v, school)
	})
}

func TestARegisteredClientSignsNobodyInBeforeItsDeclarationIsApproved(t *testing.T) {
	t.Parallel()
	d := newDesk(t, false)
	got := d.send(t, "POST", "", "token-1", metadata(`,"client_name":"Dessin","unknown":{"a":1}`))
	secret := got.text("client_secret")
	if got.status != 201 || got.text("client_id") != draftHandle || len(secret) != 43 || got.body["client_secret_expires_at"] != 0.0 ||
		got.text("registration_access_token") != "token-2" || got.text("registration_client_uri") != d.issuer+"/oidc/register/"+draftHandle ||
		got.text("id_token_signed_response_alg") != "RS256" || got.text("token_endpoint_auth_method") != "client_secret_basic" ||
		got.body["client_name"] != nil || got.body["client_id_issued_at"] == nil || got.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v", got.status, got.body)
	}
	_, b, _ := d.snapshot().Binding("oidc", draftHandle)
	if strings.Contains(string(b.Settings), secret) || !strings.Contains(string(b.Settings), oidcop.HashSecret(secret)) {
		t.Error("the secret is kept, or not its hash")
	}
	for _, state := range []registry.State{"", registry.Draft, registry.Submitted, registry.InReview, registry.ToCorrect, registry.Refused} {
		if state != "" {
			d.approve(state)
		}
		if at := d.ask(t, request(draftHandle)).Header.Get("Location"); at != "" {
			t.Errorf("in state %q it leads to %s", state, at)
		}
		r := d.post(t, "/oidc/par", request(draftHandle))
		r.SetBasicAuth(url.QueryEscape(draftHandle), url.QueryEscape(secret))
		refused(t, "pushing in state "+string(state), d.house.send(t, r), 401, "invalid_client")
	}
	d.approve(registry.Approved)
	v := request(draftHandle)
	if at := d.ask(t, v).Header.Get("Location"); !strings.HasPrefix(at, callback+"?code=") {
		t.Errorf("after approval it leads to %s", at)
	}
	d.approve(registry.Suspended)
	if at := d.ask(t, v).Header.Get("Location"); !strings.Contains(at, "error=access_denied") {
		t.Errorf("when it is suspended it leads to %s", at)
	}
}

func TestOnlyATokenOfTheDeskOpensTheRegistration(t *testing.T) {
	t.Parallel()
	d := newDesk(t, false)
	for what, headers := range map[string][]string{
		"none": {}, "a wrong one": {"Authorization", "Bearer x"}, "another scheme": {"Authorization", "Basic dG9rZW4tMTo="},
		"DPoP": {"Authorization", "DPoP token-1"}, "empty": {"Authorization", "Bearer "},
	} {
		got := d.send(t, "POST", "", "", metadata(""), headers...)
		refused(t, what, got, 401, "invalid_token")
		if (got.header.Get("WWW-Authenticate") == "Bearer") != (len(headers) == 0) {
			t.Errorf("%s: %q", what, got.header.Get("WWW-Authenticate"))
		}
	}
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		refused(t, method+" with the first token", d.send(t, method, draftHandle, "token-1", "{}"), 401, "invalid_token")
	}
	if got := d.send(t, "POST", "", "token-1", metadata("")); got.status != 201 {
		t.Fatalf("%v", got.body)
	}
	refused(t, "a used token", d.send(t, "POST", "", "token-1", metadata("")), 401, "invalid_token")
	refused(t, "the second token", d.send(t, "POST", "", "token-2", metadata("")), 401, "invalid_token")
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		refused(t, method+" of another client", d.send(t, method, "classe", "token-2", "{}"), 401, "invalid_token")
		refused(t, method+" without token", d.send(t, method, draftHandle, "", "{}"), 401, "invalid_token")
	}
}

func TestADraftIsReadChangedAndTakenBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t, false)
	secret := d.send(t, "POST", "", "token-1", metadata("")).text("client_secret")
	got := d.send(t, "GET", draftHandle, "token-2", "")
	if got.status != 200 || got.text("registration_access_token") != "token-2" || got.body["client_secret"] != nil || got.text("client_id") != draftHandle {
		t.Errorf("%d %v", got.status, got.body)
	}
	for what, more := range map[string]string{
		"no client_id": ``, "another client_id": `,"client_id":"classe"`, "a secret of its own": `,"client_id":"dessin-web","client_secret":"mine"`,
		"what is ours": `,"client_id":"dessin-web","registration_access_token":"token-2"`,
	} {
		refused(t, what, d.send(t, "PUT", draftHandle, "token-2", metadata(more)), 400, "invalid_client_metadata")
	}
	got = d.send(t, "PUT", draftHandle, "token-2", metadata(`,"client_id":"dessin-web","client_secret":"`+secret+`","grant_types":["authorization_code","refresh_token"]`))
	if got.status != 200 || got.body["client_secret"] != nil || fmt.Sprint(got.body["grant_types"]) != "[authorization_code refresh_token]" {
		t.Errorf("%d %v", got.status, got.body)
	}
	if _, b, _ := d.snapshot().Binding("oidc", draftHandle); !strings.Contains(string(b.Settings), oidcop.HashSecret(secret)) {
		t.Error("the secret is another after the change")
	}
	got = d.send(t, "PUT", draftHandle, "token-2", metadata(`,"client_id":"dessin-web","token_endpoint_auth_method":"none"`))
	if _, b, _ := d.snapshot().Binding("oidc", draftHandle); got.status != 200 || strings.Contains(string(b.Settings), "sha256:") {
		t.Errorf("a public client has a secret: %d %s", got.status, b.Settings)
	}
	d.closed = true
	for method, body := range map[string]string{"PUT": metadata(`,"client_id":"dessin-web"`), "DELETE": ""} {
		refused(t, method+" after it was handed in", d.send(t, method, draftHandle, "token-2", body), 403, "access_denied")
	}
	d.closed = false
	if got := d.send(t, "DELETE", draftHandle, "token-2", ""); got.status != 204 {
		t.Errorf("%d", got.status)
	}
	refused(t, "after it", d.send(t, "GET", draftHandle, "token-2", ""), 401, "invalid_token")
	if _, b, _ := d.snapshot().Binding("oidc", draftHandle); string(b.Settings) != `{"registration":"awaited"}` {
		t.Errorf("what is left is %s", b.Settings)
	}
}

func TestWhatTheDeskRegisteredIsNotRegisteredFromOutside(t *testing.T) {
	t.Parallel()
	d := newDesk(t, false)
	d.change(func(g *gateway) { dessin(g).Settings = json.RawMessage(publicAgain) })
	refused(t, "over the desk's own settings", d.send(t, "POST", "", "token-1", metadata("")), 403, "access_denied")
	d.later = "token-2"
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		refused(t, method, d.send(t, method, draftHandle, "token-2", "{}"), 403, "access_denied")
	}
}

func TestATokenIsNotShownWithoutEnd(t *testing.T) {
	t.Parallel()
	d := newDesk(t, false)
	for range 30 {
		refused(t, "no metadata", d.send(t, "POST", "", "token-1", "{}"), 400, "invalid_redirect_uri")
	}
	refused(t, "once more", d.send(t, "POST", "", "token-1", metadata("")), 429, "temporarily_unavailable")
}

func TestWithoutADeskThereIsNoRegistration(t *testing.T) {
	t.Parallel()
	said := func(h *house) any {
		_, body := h.document(t, "/.well-known/openid-configuration", "")
		var out map[string]any
		if err := json.Unmarshal(body, &out); err != nil {
			t.Fatal(err)
		}
		return out["registration_endpoint"]
	}
	h, d := newHouse(t, nil), newDesk(t, false)
	if said(h) != nil || said(d.house) != d.issuer+"/oidc/register" {
		t.Errorf("%v and %v", said(h), said(d.house))
	}
	resp, err := browser.Post(h.issuer+"/oidc/register", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != 404 {
		t.Errorf("%d", resp.StatusCode)
	}
}

func TestABindingThatAwaitsItsRegistrationSaysNothingElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for settings, where := range map[string]string{
		`{"registration":"awaited"}`:                                                                         "",
		`{"registration":"awaited","type":"public"}`:                                                         "settings.registration",
		`{"registration":"awaited","redirect_uris":[]}`:                                                      "settings.registration",
		`{"registration":"later","type":"public","redirect_uris":["` + callback + `"]}`:                      "settings.registration",
		`{"sector_identifier_uri":"http://x.example/","type":"public","redirect_uris":["` + callback + `"]}`: "settings.sector_identifier_uri",
	} {
		found := h.provider.CheckSettings(registry.Binding{Protocol: "oidc", Handle: "x", Settings: json.RawMessage(settings)})
		if (where == "") != (len(found) == 0) || (where != "" && found[0].Where != where) {
			t.Errorf("%s: %v", settings, found)
		}
	}
	if found := h.provider.CheckSettings(registry.Binding{Protocol: "oidc", Handle: "a b", Settings: json.RawMessage(`{"registration":"awaited"}`)}); len(found) != 1 {
		t.Errorf("a handle that is no client_id: %v", found)
	}
}
