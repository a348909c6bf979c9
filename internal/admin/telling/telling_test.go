package telling_test

import (
	"net/http"
	"strings"
	"testing"

	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/admin/telling"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// bench is the pages in a house where "lire" is declared for the academy.
type bench struct{ *frametest.Bench }

func newBench(t testing.TB, change func(*registry.Declaration)) *bench {
	t.Helper()
	d := desktest.Reading()
	d.ID, d.Version, d.State, d.Since, d.Scope.All = "d-1", 1, registry.Approved, desktest.Start(), true
	d.Decisions = []registry.Decision{{At: desktest.Start(), State: registry.Submitted}, {At: desktest.Start(), State: registry.Approved}}
	if change != nil {
		change(&d)
	}
	return &bench{frametest.New(t, telling.Pages(), func(h *desktest.House, mux *web.Mux, f *frame.Frame) {
		h.Apply(t, registry.Change{Declarations: []registry.Declaration{d}})
		telling.Mount(mux, f)
	})}
}

// send asks for a page, or posts a form; what is no page comes as it was sent.
func (b *bench) send(t *testing.T, who roles.Caller, method, path string, values ...string) (int, string, http.Header) {
	t.Helper()
	a := b.Ask(who, method, path, values...)
	page := strings.HasPrefix(a.Header.Get("Content-Type"), "text/html")
	if page && a.Status < http.StatusBadRequest && a.Body != "" {
		webtest.CheckPage(t, a.Body)
	}
	if !page {
		return a.Status, a.Body, a.Header
	}
	return a.Status, a.Page, a.Header
}

const notices = "/bureau/services/lire/notices"

func TestADirecteurReadsTheNoticesOfTheirEcoleAndRecordsThatTheyWereGiven(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	directeur := b.Head(desktest.Ecole)
	status, page, _ := b.send(t, directeur, "GET", notices)
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, page)
	}
	frametest.Has(t, page, "Informer sur", string(desktest.Ecole), "Familles", "Personnels", "Collectivité", "Rien n'est consigné.", "Consigner une remise", notices+"/familles?uai=")
	_, page, _ = b.send(t, directeur, "GET", notices+"/familles?uai="+string(desktest.Ecole))
	frametest.Has(t, page, `<article class="sheet" lang="fr">`, "information des familles", "votre enfant", "Réclamation", "(IEN)", "d-1 v1")
	_, page, _ = b.send(t, directeur, "GET", notices+"/familles?langue=en&uai="+string(desktest.Ecole))
	frametest.Has(t, page, `<article class="sheet" lang="en">`, "information for families", "Complaint")
	_, page, head := b.send(t, directeur, "GET", notices+"/conseil/texte?uai="+string(desktest.Ecole))
	frametest.Has(t, page, "INFORMATION DU CONSEIL D’ÉCOLE", "- ")
	if head.Get("Content-Type") != "text/plain; charset=utf-8" || !strings.Contains(head.Get("Content-Disposition"), "notice-conseil.txt") {
		t.Errorf("the text comes as %v", head)
	}
	status, page, head = b.send(t, directeur, "POST", notices, "uai", string(desktest.Ecole), "pour", "guardians", "jour", "2026-11-20", "maniere", "paper", "preuve", "classeur RGPD")
	if status != http.StatusSeeOther {
		t.Fatalf("%d %s", status, page)
	}
	_, page, _ = b.send(t, directeur, "GET", head.Get("Location"))
	frametest.Has(t, page, "C'est consigné.", "Remise le vendredi 20 novembre 2026, sur papier", "d-1 v1", "classeur RGPD")
	given := b.Snapshot(t).GivenAt("lire", desktest.Ecole)
	if len(given) != 1 || given[0].To != registry.ReadGuardians || given[0].On != desktest.Day("2026-11-20") || given[0].Declaration != "d-1" || given[0].Office == "" {
		t.Fatalf("the register has %+v", given)
	}
	entries := b.Entries(t)
	last := entries[len(entries)-1]
	if last.Action != "notice_given" || last.UAI != string(desktest.Ecole) || last.Service != "lire" || last.Declaration != "d-1" || last.Detail["to"] != "guardians" || last.Detail["how"] != "paper" || last.Detail["on"] != "2026-11-20" {
		t.Errorf("the journal has %+v", last)
	}
}

func TestNobodyReadsOrRecordsWhatAnotherSchoolTellsItsPeople(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	given := []string{"uai", string(desktest.College), "pour", "guardians", "jour", "2026-11-20", "maniere", "ent"}
	if status, page, _ := b.send(t, b.Head(desktest.College), "POST", notices, given...); status != http.StatusSeeOther {
		t.Fatalf("their own head: %d %s", status, page)
	}
	for name, who := range map[string]roles.Caller{"another head": b.Head(desktest.Other), "a directeur": b.Head(desktest.Ecole)} {
		for _, path := range []string{"", "/familles", "/familles/texte"} {
			if status, page, _ := b.send(t, who, "GET", notices+path+"?uai="+string(desktest.College)); status != http.StatusForbidden || strings.Contains(page, "20 novembre") {
				t.Errorf("%s reads %q: %d %s", name, path, status, page)
			}
		}
		if status, _, _ := b.send(t, who, "POST", notices, given...); status != http.StatusForbidden {
			t.Errorf("%s records: %d", name, status)
		}
	}
	if n := len(b.Snapshot(t).GivenAt("lire", desktest.College)); n != 1 {
		t.Errorf("%d records", n)
	}
	_, page, _ := b.send(t, b.Head(desktest.Other), "GET", notices+"?uai="+string(desktest.Other))
	frametest.Has(t, page, "Rien n'est consigné.")
	if strings.Contains(page, "20 novembre") {
		t.Error("what another school recorded")
	}
	if status, page, _ := b.send(t, b.DPO(), "GET", notices+"?uai="+string(desktest.College)); status != http.StatusOK || !strings.Contains(page, "20 novembre") || strings.Contains(page, "Consigner une remise") {
		t.Errorf("the officer reads %d %s", status, page)
	}
	if status, _, _ := b.send(t, b.DPO(), "POST", notices, given...); status != http.StatusForbidden {
		t.Errorf("the officer records: %d", status)
	}
	_, page, _ = b.send(t, b.DPO(), "GET", notices)
	frametest.Has(t, page, "Établissement (UAI)")
}

func TestANoticeOfWhichAnythingLacksIsRefusedAndNotRecorded(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(d *registry.Declaration) { d.Controller.DPO, d.Basis.Prescribed = "", "" })
	head := b.Head(desktest.College)
	at := "?uai=" + string(desktest.College)
	_, page, _ := b.send(t, head, "GET", notices+at)
	frametest.Has(t, page, "comment joindre le délégué", "art. 13(1)(b)", "si un enseignant prescrit")
	if strings.Contains(page, "Consigner une remise") {
		t.Error("there is nothing to record")
	}
	status, page, _ := b.send(t, head, "GET", notices+"/familles"+at)
	if status != http.StatusConflict || strings.Contains(page, "Réclamation") {
		t.Errorf("%d %s", status, page)
	}
	frametest.Has(t, page, "La notice ne peut pas être faite", "comment joindre le délégué")
	if status, _, h := b.send(t, head, "GET", notices+"/familles/texte"+at); status != http.StatusSeeOther || !strings.Contains(h.Get("Location"), "/familles?") {
		t.Errorf("the text: %d", status)
	}
	status, page, _ = b.send(t, head, "POST", notices, "uai", string(desktest.College), "pour", "guardians", "jour", "2026-11-20", "maniere", "ent")
	if status != http.StatusConflict || len(b.Snapshot(t).GivenAt("lire", desktest.College)) > 0 {
		t.Errorf("%d %s", status, page)
	}
}

func TestAllThatIsWrongWithARecordIsSaidAtItsFields(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	head := b.Head(desktest.College)
	status, page, _ := b.send(t, head, "POST", notices, "uai", string(desktest.College), "pour", "x", "jour", "demain", "maniere", "y", "preuve", strings.Repeat("a", 400))
	if status != http.StatusUnprocessableEntity {
		t.Fatalf("%d %s", status, page)
	}
	frametest.Has(t, page, `href="#pour"`, `href="#jour"`, `href="#maniere"`, `href="#preuve"`, "Donnez un jour", `aria-invalid="true"`)
	for _, day := range []string{"2026-11-23", "2025-11-01"} {
		if status, _, _ := b.send(t, head, "POST", notices, "uai", string(desktest.College), "pour", "staff", "jour", day, "maniere", "ent"); status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", day, status)
		}
	}
	for _, path := range []string{notices + "/voisins?uai=" + string(desktest.College), "/bureau/services/inconnu/notices", "/bureau/services/inconnu/notices/familles?uai=" + string(desktest.College)} {
		if status, _, _ := b.send(t, head, "GET", path); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status, _, _ := b.send(t, b.Head(desktest.College), "GET", notices+"/familles?uai="+string(person.UAI("0289999X"))); status != http.StatusForbidden {
		t.Errorf("a school that is not there: %d", status)
	}
}
