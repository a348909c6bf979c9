package portal_test

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/portal"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

type keys struct {
	consent.Looks
}

func (k keys) Own(_ context.Context, who person.Person) ([]string, error) {
	own := []string{who.Key.Handle(k.Keys)}
	if who.Key == lina {
		own = append(own, before.Handle(k.Keys))
	}
	return own, nil
}

func (k keys) Sent(handle, service string) string { return consent.SubjectOf(k.Keys, handle, service) }
func (k keys) Looked(handle string) string        { return consent.HistoryOf(k.Keys, handle) }
func (k keys) Marked(handle string) string        { return "marked " + handle }

// lina is the visitor, whom another source knew before under another key.
var (
	lina   = person.Key{Authority: "ac", ID: "lina"}
	before = person.Key{Authority: "ent", ID: "lina at school"}
)

// house is an academy with the page of one visitor.
func house(t *testing.T) (*desktest.House, func(path string, cookies ...*http.Cookie) string) {
	t.Helper()
	h := desktest.New(t)
	kit := webtest.NewWith(t, web.Config{Contributions: []web.Contribution{portal.Pages()}})
	mux := web.NewMux(kit)
	portal.Mount(mux, portal.Config{
		Kit: kit, Live: h.Live, Words: h.Words, Events: h.DB.Audit(), Keys: keys{consent.Looks{Keys: h.Ring}}, Now: h.Now,
		Enter: func(page string) string { return "/entrer?vers=" + page }, About: marked,
		Visitor: func(r *http.Request) (person.Person, web.Frame, bool, error) {
			return person.Person{Key: lina}, web.Frame{Audience: web.Teen}, r.Header.Get("X-Nobody") == "", nil
		},
	})
	return h, func(path string, cookies ...*http.Cookie) string {
		h.Snapshot(t) // as a running gateway reads it again and again
		r := httptest.NewRequest(http.MethodGet, webtest.Origin+path, nil)
		r.TLS = &tls.ConnectionState{}
		for _, c := range cookies {
			r.AddCookie(c)
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w.Body.String()
	}
}

func write(t *testing.T, h *desktest.House, e audit.Entry) {
	t.Helper()
	if _, err := h.Journal.Append(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	h.Wait(time.Minute)
}

func sent(h *desktest.House, key person.Key, service string) audit.Entry {
	return audit.Entry{
		Class: audit.ClassRelease, Action: "release", Outcome: audit.Released, Subject: consent.JournalSubject(h.Ring, key, service),
		Service: service, UAI: string(desktest.College), Declaration: "d", Version: 1, Attributes: []string{"uai", "level"},
	}
}

func looked(t *testing.T, h *desktest.House, key person.Key, from string) audit.Entry {
	t.Helper()
	subject := consent.HistorySubject(h.Ring, key)
	hidden, err := consent.Looks{Keys: h.Ring}.Hide(subject, "motif lisible par elle")
	if err != nil {
		t.Fatal(err)
	}
	e := audit.Entry{
		Class: audit.ClassAdmin, Action: "explain_person", Outcome: audit.Done, Actor: "handle-of-the-admin", Subject: subject, Service: "lire",
		Detail: map[string]string{"role": "dpo", "office": "DPD", "reason_sealed": hidden},
	}
	if from != "" {
		e.Detail["shown_from"] = from
	}
	return e
}

func TestTheHistoryShowsOnesOwnAndNobodyElses(t *testing.T) {
	t.Parallel()
	h, page := house(t)
	write(t, h, sent(h, lina, "lire"))
	write(t, h, sent(h, person.Key{Authority: "ac", ID: "other"}, "calcul"))
	write(t, h, looked(t, h, lina, ""))
	write(t, h, looked(t, h, person.Key{Authority: "ac", ID: "other"}, ""))
	text := page("/historique")
	if strings.Count(text, `class="card"`) != 2 || !strings.Contains(text, "motif lisible par elle") || !strings.Contains(text, "Niveau") || !strings.Contains(text, "protection des données") {
		t.Errorf("%s", text)
	}
	if strings.Contains(text, "handle-of") || strings.Index(text, "motif lisible") > strings.Index(text, "Niveau") {
		t.Error("a handle is shown, or the newest is not first")
	}
}

func TestTheHistoryNamesWhatWasSentInTheVersionThatWasChosen(t *testing.T) {
	t.Parallel()
	h, page := house(t)
	write(t, h, sent(h, lina, "lire"))
	level, _ := h.Words.Entry("level")
	usual, simple := page("/historique"), page("/historique", &http.Cookie{Name: "__Host-wording", Value: "simple"})
	if !strings.Contains(usual, level.Label.FR) || !strings.Contains(simple, level.Child.FR) || strings.Contains(simple, level.Label.FR) {
		t.Errorf("%s\n%s", usual, simple)
	}
}

func TestWhatWasFiledUnderAFormerKeyIsInTheHistoryToo(t *testing.T) {
	t.Parallel()
	h, page := house(t)
	write(t, h, sent(h, before, "lire"))
	write(t, h, looked(t, h, before, ""))
	write(t, h, sent(h, lina, "lire"))
	write(t, h, sent(h, lina, "calcul"))
	if text := page("/historique"); strings.Count(text, `class="card"`) != 4 || strings.Count(text, "motif lisible par elle") != 1 {
		t.Errorf("%s", text)
	}
}

func TestALookThatWasPutOffIsShownFromItsDay(t *testing.T) {
	t.Parallel()
	h, page := house(t)
	write(t, h, looked(t, h, lina, "2027-01-31"))
	if strings.Contains(page("/historique"), "motif lisible") {
		t.Error("shown before its day")
	}
	h.Set(desktest.Day("2027-01-31").Starts(h.Live.Zone).Add(-time.Second))
	if strings.Contains(page("/historique"), "motif lisible") {
		t.Error("shown a second before its day")
	}
	h.Wait(time.Second)
	if !strings.Contains(page("/historique"), "motif lisible") {
		t.Error("not shown on its day")
	}
}

func TestALongHistoryGoesOnOverPagesAndLosesNothing(t *testing.T) {
	t.Parallel()
	h, page := house(t)
	for i := range 45 {
		e := sent(h, lina, []string{"lire", "calcul"}[i%2])
		e.Declaration = "numero"
		e.Version = i + 1
		write(t, h, e)
	}
	seen, address := map[string]bool{}, "/historique"
	for range 4 {
		text := page(address)
		for part := range strings.SplitSeq(text, "numero v") {
			number, _, _ := strings.Cut(part, "<")
			seen[number] = true
		}
		_, rest, more := strings.Cut(text, `href="/historique?avant=`)
		if !more {
			break
		}
		number, _, _ := strings.Cut(rest, `"`)
		address = "/historique?avant=" + number
	}
	for _, want := range []string{"1", "20", "21", "25", "26", "45"} {
		if !seen[want] {
			t.Errorf("entry %s is on no page", want)
		}
	}
	if text := page("/historique?avant=x"); strings.Contains(text, "numero") {
		t.Error("a place that is none shows something")
	}
}
