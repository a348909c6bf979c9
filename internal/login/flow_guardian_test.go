package login_test

import (
	"crypto/tls"
	"net/http"
	"strings"
	"testing"
	"time"

	"ecluse/internal/idp/idptest"
	"ecluse/internal/person"
)

// born says in the source when the children of a parent were born, and shortly before midnight somebody signs in.
func born(t *testing.T, h *idptest.House, who string, days ...string) *idptest.Browser {
	t.Helper()
	h.Sources[idptest.ENT].People[who]["ecluseWardBorn"] = days
	view, err := h.Flow.Live.Current()
	if err != nil {
		t.Fatal(err)
	}
	now := h.Clock.Now().In(view.Zone())
	y, m, d := now.Date()
	h.Clock.Advance(time.Date(y, m, d+1, 0, 0, 0, 0, view.Zone()).Sub(now) - 20*time.Minute)
	b, _ := holder(t, h, who)
	return b
}

// signed is a request of whoever is signed in on a browser.
func signed(b *idptest.Browser) *http.Request {
	r := get("/accords")
	r.TLS = &tls.ConnectionState{}
	r.AddCookie(&http.Cookie{Name: "__Host-session", Value: b.Cookie("session")})
	return r
}

// tomorrow is the day after that of the clock, so many years earlier.
func tomorrow(h *idptest.House, years int) string {
	return h.Clock.Now().AddDate(-years, 0, 1).Format(time.DateOnly)
}

// TestHardCase11SpeakingForAChildEndsAtMidnight of the day on which the child turns 18, within one session; of a child whose
// age nobody knows it goes on.
func TestHardCase11SpeakingForAChildEndsAtMidnight(t *testing.T) {
	t.Parallel()
	h := family(t)
	b := born(t, h, "mere", "ACADEMIE$1001$"+tomorrow(h, 18))
	list := b.Open(get("/accords"))
	if text := list.Text(); !strings.Contains(text, "Léa") || !strings.Contains(text, "Tom") || !strings.Contains(list.Body, "/mes-enfants") {
		t.Fatalf("before midnight: %s", text)
	}
	form := b.Open(get(ofLea))
	which := hidden(t, form, "which")
	h.Clock.Advance(20 * time.Minute)
	after := b.Post(idptest.Origin+ofLea, map[string][]string{"which": {which}, "act": {"agreed"}})
	if after.URL.Path != "/accords" {
		t.Errorf("a form of before midnight comes to %s", after.URL)
	}
	list = b.Open(get("/accords"))
	if text := list.Text(); strings.Contains(text, "Léa") || !strings.Contains(text, "Tom") {
		t.Errorf("after midnight: %s", text)
	}
	if strings.Contains(list.Body, "/mes-enfants") {
		t.Error("a page of children is offered to whoever has none to see")
	}
	for _, path := range []string{ofLea, ofLea + "/retirer"} {
		if p := b.Open(get(path)); p.URL.Path != "/accords" {
			t.Errorf("%s is open: %s", path, p.URL)
		}
	}
	if p := b.Open(get("/accords/1/avis")); p.URL.Path != "/accords/1/avis" {
		t.Errorf("Tom, whose age nobody knows, is gone: %s", p.URL)
	}
}

// TestWhatAGuardianIsAskedFollowsFromTheChildsAgeAndNotFromWhatTheChildDid looks at what the page of children is told.
func TestWhatAGuardianIsAskedFollowsFromTheChildsAgeAndNotFromWhatTheChildDid(t *testing.T) {
	t.Parallel()
	h := family(t)
	b := born(t, h, "mere", "ACADEMIE$1001$"+tomorrow(h, 15), "ACADEMIE$1009$2018-04-02")
	view, err := h.Flow.Live.Current()
	if err != nil {
		t.Fatal(err)
	}
	asked := func(i int) int {
		t.Helper()
		who, _, ok, err := h.Flow.Visitor(signed(b))
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		said, err := h.Flow.AskedFor(t.Context(), view, who, i)
		if err != nil {
			t.Fatal(err)
		}
		return len(said)
	}
	if asked(0) != 1 || asked(1) != 1 {
		t.Fatalf("%d and %d are asked", asked(0), asked(1))
	}
	h.Clock.Advance(20 * time.Minute)
	if asked(0) != 0 || asked(1) != 1 {
		t.Errorf("at fifteen %d are asked, of the younger one %d", asked(0), asked(1))
	}
	who, _, _, _ := h.Flow.Visitor(signed(b))
	who.Wards[1].Authority = person.Unknown
	if said, err := h.Flow.AskedFor(t.Context(), view, who, 1); err != nil || len(said) != 0 {
		t.Errorf("without authority: %v %v", said, err)
	}
}
