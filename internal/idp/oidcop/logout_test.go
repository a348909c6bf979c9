package oidcop_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/registry"
)

// Leave stands for login: it asks nobody, and does as Left says.
func (g *gateway) Leave(w http.ResponseWriter, r *http.Request, leaving idp.Leaving) error {
	g.mu.Lock()
	g.leaves = append(g.leaves, leaving)
	outcome := g.became
	g.mu.Unlock()
	handoff, err := g.protocol.Left(r.Context(), leaving, outcome)
	if err != nil {
		return err
	}
	if handoff.Empty() {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("you have left"))
		return nil
	}
	return g.kit.Redirect(w, r, handoff.Location, http.StatusSeeOther)
}

// set changes the settings of a client.
func set(client string, pairs ...any) func(*gateway) {
	return func(g *gateway) {
		for i, s := range g.contents.Services {
			for j, b := range s.Bindings {
				if b.Handle != client {
					continue
				}
				var settings map[string]any
				if err := json.Unmarshal(b.Settings, &settings); err != nil {
					panic(err)
				}
				for k := 0; k < len(pairs); k += 2 {
					settings[pairs[k].(string)] = pairs[k+1]
					if pairs[k+1] == nil {
						delete(settings, pairs[k].(string))
					}
				}
				raw, err := json.Marshal(settings)
				if err != nil {
					panic(err)
				}
				g.contents.Services[i].Bindings = slices.Clone(s.Bindings)
				g.contents.Services[i].Bindings[j].Settings = raw
			}
		}
	}
}

const after = "https://rp.example/bye?from=us"

// leave asks for a sign-out.
func (h *house) leave(t *testing.T, pairs ...string) *http.Response {
	t.Helper()
	resp, err := browser.Get(h.issuer + "/oidc/logout?" + params(pairs...).Encode())
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp
}

func TestServiceThatShowsTheIDTokenSignsOutWithoutAQuestionAndGetsThePersonBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.change(set("classe", "post_logout_redirect_uris", []string{after}))
	token := h.exchange(t, "classe", h.code(t, "classe")).text("id_token")
	sid, _ := payload(t, token)["sid"].(string)
	h.clock.Advance(10 * time.Hour) // an expired hint is good
	for name, more := range map[string][]string{
		"alone": nil, "with the client": {"client_id", "classe"}, "with unknown parameters": {"what", "ever", "logout_hint", "lea"},
	} {
		resp := h.leave(t, append([]string{"id_token_hint", token, "post_logout_redirect_uri", after, "state", "a b&c", "ui_locales", "en"}, more...)...)
		if got := resp.Header.Get("Location"); resp.StatusCode != http.StatusSeeOther || got != after+"&state=a+b%26c" {
			t.Errorf("%s: status %d, location %q", name, resp.StatusCode, got)
		}
	}
	l := h.leaves[0]
	if !l.Sure || l.ServiceID != "classe" || l.Protocol != "oidc" || l.Language != "en" || sid == "" || !slices.Equal(l.Names, []string{"sid:" + sid}) {
		t.Errorf("leaving %v, sure %v, names %v", l, l.Sure, l.Names)
	}
	if p := h.participants[0]; !slices.Contains(p.Names, l.Names[0]) || !strings.HasPrefix(p.Names[1], "sub:") || p.Reachable {
		t.Errorf("the names of the session are %v", p.Names)
	}
	posted := h.post(t, "/oidc/logout", params("id_token_hint", token, "post_logout_redirect_uri", after))
	posted.Header.Set("Origin", "https://rp.example")
	posted.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := browser.Do(posted)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.Header.Get("Location") != after {
		t.Errorf("posted: status %d, location %q", resp.StatusCode, resp.Header.Get("Location"))
	}
}

func TestWhoeverProvesNothingMayAskAndIsNotSure(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.change(set("classe", "post_logout_redirect_uris", []string{after}))
	for _, c := range []struct {
		params   []string
		location string
	}{
		{nil, ""},
		{[]string{"state", "x"}, ""},
		{[]string{"client_id", "classe"}, ""},
		{[]string{"client_id", "classe", "post_logout_redirect_uri", after, "state", "x"}, after + "&state=x"},
	} {
		resp := h.leave(t, c.params...)
		if resp.Header.Get("Location") != c.location || resp.StatusCode >= 400 {
			t.Errorf("%v: status %d, location %q", c.params, resp.StatusCode, resp.Header.Get("Location"))
		}
		if l := h.leaves[len(h.leaves)-1]; l.Sure || l.ServiceID != "" || l.Names != nil {
			t.Errorf("%v: leaving %+v, want nobody's word", c.params, l)
		}
	}
}

func TestSignOutThatIsWrongGetsOurPageAndEndsNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.change(set("classe", "post_logout_redirect_uris", []string{after}))
	token := h.exchange(t, "classe", h.code(t, "classe")).text("id_token")
	wrong := map[string][]string{
		"another's client":           {"id_token_hint", token, "client_id", "poste"},
		"unknown client":             {"client_id", "nobody"},
		"nobody's address":           {"post_logout_redirect_uri", after},
		"return address":             {"id_token_hint", token, "post_logout_redirect_uri", callback},
		"another's address":          {"client_id", "poste", "post_logout_redirect_uri", after},
		"a state without end":        {"client_id", "classe", "state", strings.Repeat("s", 9000)},
		"a hint twice":               {"id_token_hint", token, "id_token_hint", token},
		"an address twice":           {"id_token_hint", token, "post_logout_redirect_uri", after, "post_logout_redirect_uri", "https://evil.example/"},
		"an address that is no text": {"id_token_hint", token, "post_logout_redirect_uri", "\xff"},
	}
	for _, address := range []string{
		after + "&x=1", after + "#", "https://rp.example/bye", "https://RP.example/bye?from=us", "http://rp.example/bye?from=us",
		"https://rp.example:443/bye?from=us", "https://a@rp.example/bye?from=us", "https://rp.example/%62ye?from=us",
		"https://rp.example/x/../bye?from=us", "https://rp.example.evil.example/bye?from=us", "//evil.example", "javascript:alert(1)",
		after + "\r\nSet-Cookie: a=b", `https://rp.example\@evil.example/bye?from=us`,
	} {
		wrong["address "+address] = []string{"id_token_hint", token, "post_logout_redirect_uri", address}
	}
	for name, forged := range forgeries(token) {
		wrong["hint: "+name] = []string{"id_token_hint", forged, "post_logout_redirect_uri", after}
	}
	for name, p := range wrong {
		ownPage(t, name, h.leave(t, p...), http.StatusBadRequest)
	}
	if len(h.leaves) != 0 {
		t.Errorf("%d wrong requests reached the gateway", len(h.leaves))
	}
}

func TestWhoeverStayedIsNotSentBackAndARemovedAddressIsNotFollowed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.change(set("classe", "post_logout_redirect_uris", []string{after}))
	h.change(func(g *gateway) { g.became = idp.Outcome{Found: true, Cancelled: true} })
	if resp := h.leave(t, "client_id", "classe", "post_logout_redirect_uri", after); resp.Header.Get("Location") != "" {
		t.Errorf("who stayed is sent to %q", resp.Header.Get("Location"))
	}
	leaving := h.leaves[0]
	h.change(set("classe", "post_logout_redirect_uris", nil))
	for _, outcome := range []idp.Outcome{{}, {Found: true}, {Found: true, Partial: true}} {
		if at, err := h.provider.Left(t.Context(), leaving, outcome); err != nil || !at.Empty() {
			t.Errorf("%+v: %v, %v; want our own page", outcome, at, err)
		}
	}
	h.change(func(g *gateway) { g.stale = true })
	if _, err := h.provider.Left(t.Context(), leaving, idp.Outcome{}); !errors.Is(err, registry.ErrStale) {
		t.Errorf("a stale registry: %v", err)
	}
	ownPage(t, "stale", h.leave(t, "client_id", "classe"), http.StatusServiceUnavailable)
}
