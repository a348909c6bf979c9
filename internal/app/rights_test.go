package app

import (
	"bytes"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/rights"
)

// TestAnObjectionInTheDemoStopsTheServiceForThatPersonUntilItIsTakenBack goes through every wire: the page, the request, the
// receipts, the sign-in, the desk's answer, the gauge and the list of the command.
func TestAnObjectionInTheDemoStopsTheServiceForThatPersonUntilItIsTakenBack(t *testing.T) {
	t.Parallel()
	x := newBench(t)
	g := x.app.gateway
	x.signIn(x.authnRequest(0), "hugo")
	page := x.ask(http.MethodGet, "/mes-droits", nil).Body.String()
	form := html.UnescapeString(regexp.MustCompile(`/mes-droits/demande\?[^"]*service=lire[^"]*`).FindString(page))
	if form == "" {
		t.Fatalf("nothing can be asked about: %s", page)
	}
	body := x.ask(http.MethodGet, form, nil).Body.String()
	values := url.Values{"quoi": {"objection"}, "texte": {"ma situation"}, "arret": {"oui"}}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)">`).FindAllStringSubmatch(body, -1) {
		values.Set(m[1], html.UnescapeString(m[2]))
	}
	w := x.ask(http.MethodPost, "/mes-droits/demande", values)
	one, _, _ := strings.Cut(w.Header().Get("Location"), "?")
	ref := strings.TrimPrefix(one, "/mes-droits/")
	if w.Code != http.StatusSeeOther || len(ref) != 9 {
		t.Fatalf("%d %q %s", w.Code, w.Header().Get("Location"), w.Body)
	}
	n, last := 0, ""
	opens := func() bool {
		t.Helper()
		n++
		w := x.ask(http.MethodGet, x.authnRequest(n), nil)
		for w.Code >= 300 && w.Code < 400 {
			w = x.ask(http.MethodGet, w.Header().Get("Location"), nil)
		}
		last = w.Body.String()
		return strings.Contains(last, "SAMLResponse")
	}
	if opens() {
		t.Error("the service opens although sending is stopped meanwhile")
	}
	h := answerAs(t, g, ref, desk.RightAnswer{Outcome: rights.Accepted, Text: "d'accord", Instead: rights.Instead{Service: "calcul"}})
	if !h.Stands() || !h.Settled {
		t.Errorf("%+v", h.Request)
	}
	if opens() {
		t.Error("it opens after the objection was accepted")
	}
	if text := x.ask(http.MethodGet, one, nil).Body.String(); !strings.Contains(text, one+"/reprendre") {
		t.Errorf("%s", text)
	}
	x.ask(http.MethodPost, one+"/reprendre", url.Values{"x": {"1"}})
	if !opens() {
		t.Errorf("taken back, and closed still: %s", last)
	}
}

// answerAs answers as the desk does, without somebody in an office.
func answerAs(t *testing.T, g *gateway, ref string, a desk.RightAnswer) rights.Held {
	t.Helper()
	r, found, err := g.desk.Rights.Store.Request(t.Context(), ref)
	if err != nil || !found {
		t.Fatal(err)
	}
	h, err := g.desk.Rights.Read(r)
	if err != nil {
		t.Fatal(err)
	}
	h.Contents.Answer, h.Instead = a.Text, a.Instead
	if err := h.Request.Answer(a.Outcome, "DASEN", a.Fiche, g.now()); err != nil {
		t.Fatal(err)
	}
	if err := g.desk.Rights.Keep(t.Context(), &h, audit.Entry{Class: audit.ClassAdmin, Action: "right_answer", Outcome: audit.Done}); err != nil {
		t.Fatal(err)
	}
	if err := g.desk.Rights.Settle(t.Context(), &h.Request); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestWhatWaitsIsCountedAndListedByReference(t *testing.T) {
	t.Parallel()
	x := newBench(t)
	g := x.app.gateway
	at := time.Now()
	old := &rights.Book{Store: g.desk.Rights.Store, Keys: g.ring, Now: func() time.Time { return at.AddDate(0, -2, 0) }, Zone: g.zone}
	for ref, book := range map[string]*rights.Book{"0000-0001": old, "0000-0002": g.desk.Rights} {
		_, _, err := book.File(t.Context(), rights.Party{Own: []string{ref}}, rights.Form{
			Ref: ref, Kind: rights.Access, UAI: string(desktest.College), Words: "MARQUE", Entry: registry.Declaration{ID: "d", ServiceID: "lire", Version: 1},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	late := &rights.Book{Store: g.desk.Rights.Store, Keys: g.ring, Now: func() time.Time { return at.Add(-73 * time.Hour) }, Zone: g.zone}
	_, _, err := late.Report(t.Context(), rights.Party{Own: []string{"0000-0003"}}, rights.Report{
		Ref: "0000-0003", Line: "0000-0004", Service: "lire", UAI: desktest.College, Declaration: "d", Version: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.sweepRights(t.Context()); err != nil {
		t.Fatal(err)
	}
	families, err := g.meter.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		if strings.HasPrefix(f.GetName(), "ecluse_rights_") {
			got[f.GetName()] = f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	if got["ecluse_rights_pending"] != 3 || got["ecluse_rights_overdue"] != 2 {
		t.Errorf("%v", got)
	}
	var out bytes.Buffer
	if err := g.printRightsDue(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if !strings.Contains(lines[1], "overdue") || !strings.Contains(lines[1], "0000-0001") || !strings.Contains(lines[2], "overdue") ||
		!strings.Contains(lines[2], "0000-0003") || !strings.Contains(lines[2], "incident") || !strings.Contains(lines[3], "0000-0002") ||
		lines[4] != "3 requests wait for an answer, 2 of them overdue" || strings.Contains(out.String(), "MARQUE") {
		t.Errorf("%s", out.String())
	}
}
