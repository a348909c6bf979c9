package oidcop_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ecluse/internal/attrs"
	"ecluse/internal/idp"
)

func TestServiceHasItsOwnNames(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.change(func(g *gateway) {
		g.contents.Services[1].Bindings[0].Names = map[attrs.Name]string{"mail": "adresse"}
	})
	r := h.exchange(t, "classe", h.code(t, "classe", "claims", `{"id_token":{"adresse":null,"email":null}}`, "scope", "openid email"))
	if id := payload(t, r.text("id_token")); id["adresse"] != "lea@ecole.example" || id["email"] != nil {
		t.Errorf("id token says %v, want the mail as adresse", id)
	}
	if info := h.userinfo(t, r.text("access_token")).body; info["adresse"] != "lea@ecole.example" || len(info) != 2 {
		t.Errorf("userinfo says %v, want the mail as adresse", info)
	}
}

func TestSubjectMayBeAReleasedValueAndOnlyAReleasedOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.change(func(g *gateway) {
		g.contents.Services[0].Bindings[0].Subject = "mail"
		g.contents.Services[1].Bindings[0].Subject = "mail"
	})
	r := h.exchange(t, "classe", h.code(t, "classe"))
	if id := payload(t, r.text("id_token")); id["sub"] != "lea@ecole.example" {
		t.Errorf("sub %v, want the mail", id["sub"])
	}
	if info := h.userinfo(t, r.text("access_token")).body; len(info) != 1 {
		t.Errorf("userinfo says %v, want sub alone", info)
	}
	if q := h.answered(t, request("calcul")); q.Get("error") != "access_denied" {
		t.Errorf("a service that has no mail declared is answered %v", q)
	}
}

func TestClientThatMovedToAnotherServiceStartsAnew(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.change(func(g *gateway) { // one family, so that the subject stays the same
		g.contents.Services[0].Sector, g.contents.Services[1].Sector = "family", "family"
	})
	code := h.code(t, "calcul")
	token := h.exchange(t, "calcul", h.code(t, "calcul")).text("access_token")
	h.change(func(g *gateway) {
		moved := g.contents.Services[0].Bindings[0]
		g.contents.Services[0].Bindings = nil
		g.contents.Services[1].Bindings = append(g.contents.Services[1].Bindings, moved)
	})
	refused(t, "token", h.exchange(t, "calcul", code), http.StatusBadRequest, "invalid_grant")
	refused(t, "userinfo", h.userinfo(t, token), http.StatusUnauthorized, "invalid_token")
}

func TestAddressThatWasRemovedMeanwhileGetsNoCode(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.code(t, "calcul")
	pending := h.last
	h.change(func(g *gateway) {
		g.contents.Services[0].Bindings[0].Settings = json.RawMessage(`{"redirect_uris":["https://rp.example/new"],"type":"public"}`)
	})
	if handoff, err := h.start(t.Context(), pending, h.tickets); err == nil || !handoff.Empty() {
		t.Errorf("answer %v, error %v; want an error", handoff, err)
	}
}

func TestErrorsTravelAsTheAnswerWould(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	at := h.issuer + "/oidc/authorize?" + request("calcul", "response_mode", "form_post", "prompt", "odd").Encode()
	if q := posted(t, at); q.Get("error") != "invalid_request" || q.Get("state") != "st" || q.Get("iss") != h.issuer {
		t.Errorf("posted %v, want the error with state and iss", q)
	}
	for _, changes := range [][]string{{"response_mode", "fragment", "prompt", "odd"}, {"response_type", "id_token"}} {
		resp := h.ask(t, request("calcul", changes...))
		u, err := url.Parse(resp.Header.Get("Location"))
		if err != nil || u.RawQuery != "" || !strings.Contains(u.EscapedFragment(), "error=") {
			t.Errorf("%v: location %q, want the error in the fragment", changes, resp.Header.Get("Location"))
		}
	}
	h.change(func(g *gateway) { g.says = &idp.Failure{Kind: idp.Denied} })
	if q := posted(t, h.issuer+"/oidc/authorize?"+request("calcul", "response_mode", "form_post").Encode()); q.Get("error") != "access_denied" {
		t.Errorf("posted %v, want access_denied", q)
	}
}

func TestParticipantNamesTheSessionAndCannotBeToldYet(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.code(t, "calcul")
	_, binding, _ := h.snapshot().Binding("oidc", "calcul")
	cleared, err := h.clear(t.Context(), right{service: "calcul", asked: []attrs.Name{}, binding: binding}, false)
	if err != nil {
		t.Fatal(err)
	}
	_, who, err := h.provider.Answer(t.Context(), h.last, idp.Answered{Cleared: cleared, Resume: "x"})
	if err != nil || who.Protocol != "oidc" || who.ServiceID != "calcul" {
		t.Fatalf("participant %+v, error %v", who, err)
	}
	var state map[string]string
	if err := json.Unmarshal(who.State, &state); err != nil || state["sid"] != cleared.Release().Session() || state["client_id"] != "calcul" {
		t.Errorf("participant's state %s, error %v", who.State, err)
	}
	if step, err := h.provider.SignOut(t.Context(), who, ""); err != nil || step.Outcome != idp.Unsupported {
		t.Errorf("sign-out %v, error %v; want unsupported", step, err)
	}
}
