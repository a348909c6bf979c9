package api_test

import (
	"slices"
	"strings"
	"testing"

	"ecluse/internal/admin/api"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
)

// crawl asks for every route that reads, as somebody, with the paths of the table and with those of the drafts.
func (s *stage) crawl(t *testing.T, who string, see func(path, body string)) {
	t.Helper()
	paths := []string{
		"/declarations?uai=" + string(desktest.College), "/declarations?service=lire", "/declarations?text=" + secret,
		"/declarations?standing=draft", "/declarations?standing=in_review", "/declarations?id=d-draft",
	}
	for _, id := range []string{"d-draft", "d-submitted", "d-review", "d-paper"} {
		paths = append(paths, "/declarations/"+id+"/versions/1", "/declarations/"+id+"/versions/1/sheet", "/declarations/"+id+"/versions/1/diff?against=1")
	}
	for _, tr := range trials(t, s) {
		if strings.HasPrefix(tr.route, "GET "+api.Base) {
			paths = append(paths, strings.TrimPrefix(tr.target(), api.Base))
		}
	}
	n := 0
	for _, path := range paths {
		w := s.get(t, who, path)
		if w.Code >= 500 {
			t.Errorf("%s as %s: %d %s", path, who, w.Code, w.Body)
		}
		n++
		see(path, w.Body.String())
	}
	if n < 50 {
		t.Errorf("only %d paths", n)
	}
}

func TestNoRoleSeesAnotherSchoolsDrafts(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	found := false
	s.crawl(t, "head", func(_, body string) { found = found || strings.Contains(body, secret) })
	if !found {
		t.Fatal("their own head does not see them: the crawl proves nothing")
	}
	for _, who := range []string{"other_head", "staff", "directeur", "ien", "dasen", "admin", "oncall", "collectivite", "support", "stranger"} {
		s.crawl(t, who, func(path, body string) {
			for _, word := range []string{secret, `"d-draft"`, `"d-submitted"`, `"d-review"`, `"d-paper"`, `d-draft v1`, `d-review v1`} {
				if strings.Contains(body, word) {
					t.Errorf("%s shows %s to %s", path, word, who)
				}
			}
		})
	}
}

func TestNoRoleSeesWhoWishesForWhat(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	about := "Lecture libre"
	teacher := s.Teacher(desktest.College)
	if w := s.ask(t, "staff", "POST", api.Base+"/wishes", jsonOf(object{"uai": desktest.College, "about": about, "reason": "pour la classe"})); w.Code != 201 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	seen := false
	for _, c := range s.columns() {
		s.crawl(t, c.name, func(path, body string) {
			if strings.Contains(body, wisher) {
				t.Errorf("%s shows the wisher to %s", path, c.name)
			}
			if c.name != "staff" && strings.Contains(body, teacher.Handle) {
				t.Errorf("%s shows the teacher to %s", path, c.name)
			}
			seen = seen || strings.Contains(body, about)
		})
	}
	if !seen {
		t.Error("nobody sees the wish: the crawl proves nothing")
	}
}

func TestAProviderSeesItsOwnServicesAndNobody(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.crawl(t, "provider", func(path, body string) {
		if !strings.HasPrefix(path, "/catalogue") && !strings.HasPrefix(path, "/rules") && strings.Contains(body, `"a-approved"`) {
			t.Errorf("%s shows another provider's declaration", path)
		}
		if strings.Contains(body, `"calcul"`) {
			t.Errorf("%s shows another provider's service", path)
		}
	})
}

func TestAWishOfTheJournalNamesNobody(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	teacher := f.Teacher(desktest.College)
	if _, err := f.Wish(t.Context(), teacher, desktest.College, "pix", "pour la classe"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Decide(t.Context(), f.Head(desktest.College), stanceOf("lire")); err != nil {
		t.Fatal(err)
	}
	me := f.as("auditor", f.Auditor())
	type events struct{ Items []api.Event }
	all := read[events](t, f.get(t, me, "/journal"), 200).Items
	var actions []string
	for _, e := range all {
		actions = append(actions, e.Action)
		if e.Actor == teacher.Handle {
			t.Errorf("%s names its author", e.Action)
		}
	}
	if !slices.ContainsFunc(actions, func(a string) bool { return strings.HasPrefix(a, "wish") }) || len(all) < 3 || !slices.IsSortedFunc(all, func(a, b api.Event) int { return b.At.Compare(a.At) }) {
		t.Errorf("%v", actions)
	}
	if list := read[events](t, f.get(t, me, "/journal?actor="+teacher.Handle), 200).Items; len(list) != 0 {
		t.Errorf("asked for by handle: %v", list)
	}
	if list := read[events](t, f.get(t, me, "/journal?uai="+string(desktest.Other)), 200).Items; len(list) != 0 {
		t.Errorf("another school's: %v", list)
	}
	first := read[struct {
		Items []api.Event
		Next  string `json:"next_page_token"`
	}](t, f.get(t, me, "/journal?page_size=1"), 200)
	rest := read[events](t, f.get(t, me, "/journal?page_token="+first.Next), 200)
	if len(first.Items) != 1 || len(rest.Items) != len(all)-1 {
		t.Errorf("%d and %d of %d", len(first.Items), len(rest.Items), len(all))
	}
}

func TestTheRegisterIsSavedInBothForms(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for format, kind := range map[string]string{"csv": "text/csv; charset=utf-8", "html": "text/html; charset=utf-8"} {
		w := s.get(t, "head", "/register?format="+format+"&uai="+string(desktest.College))
		h := w.Header()
		if w.Code != 200 || h.Get("Content-Type") != kind || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") ||
			!strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox") || !strings.Contains(w.Body.String(), "ecluse-2026") || strings.Contains(w.Body.String(), secret) {
			t.Errorf("%s: %d %v", format, w.Code, h)
		}
	}
	for path, status := range map[string]int{
		"/register": 422, "/register?uai=x&academy=exemple": 422, "/register?department=999": 404, "/register?uai=0280202T&format=pdf": 422, "/register?academy=other": 403,
	} {
		if w := s.get(t, "recteur", path); w.Code != status {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestAListOfSchoolsIsPlannedThenWritten(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	const header = "identifiant_de_l_etablissement;nom_etablissement;type_etablissement;statut_public_prive;libelle_nature;nom_commune;code_departement;libelle_academie;etat\n"
	const good = "0281234P;Collège neuf;Collège;Public;COLLEGE;Dreux;028;Exemple;OUVERT\n"
	send := func(query, list string) *response {
		return s.ask(t, "admin", "POST", api.Base+"/establishments/import"+query, header+list, "Content-Type", "text/csv", "X-Requested-With", "x")
	}
	plan := read[api.ImportPlan](t, send("?dry_run=true", good), 200)
	if plan.Written || len(plan.Created) != 1 || plan.Stop != "" {
		t.Errorf("planned: %+v", plan)
	}
	if w := s.get(t, "admin", "/establishments/0281234P"); w.Code != 404 {
		t.Errorf("a plan wrote: %d", w.Code)
	}
	bad := send("", good+"0281235Z;Faux;Collège;Public;COLLEGE;Dreux;028;Exemple;OUVERT\n")
	if p := problemOf(t, bad); bad.Code != 422 || p.Code != "list" || len(p.Errors) != 1 || !strings.Contains(p.Errors[0].Message, "line 3") {
		t.Errorf("a bad row: %d %s", bad.Code, bad.Body)
	}
	if w := s.get(t, "admin", "/establishments/0281234P"); w.Code != 404 {
		t.Errorf("half was done: %d", w.Code)
	}
	if plan := read[api.ImportPlan](t, send("", good), 200); !plan.Written {
		t.Errorf("written: %+v", plan)
	}
	if e := read[registry.Establishment](t, s.get(t, "admin", "/establishments/0281234P"), 200); e.Name != "Collège neuf" {
		t.Errorf("%+v", e)
	}
	if w := s.ask(t, "admin", "POST", api.Base+"/establishments/import", "no list", "Content-Type", "text/csv", "X-Requested-With", "x"); w.Code != 422 {
		t.Errorf("no list: %d %s", w.Code, w.Body)
	}
	foreign := strings.ReplaceAll(good, "Exemple", "Paris")
	if w := send("?dry_run=true", foreign); w.Code != 403 {
		t.Errorf("another academy's: %d %s", w.Code, w.Body)
	}
}

func TestAListOfHeadcountsIsPlannedThenWritten(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	send := func(query, list string) *response {
		return s.ask(t, "admin", "POST", api.Base+"/establishments/headcounts"+query, "uai;type;libellé;effectif\n"+list, "Content-Type", "text/csv", "X-Requested-With", "x")
	}
	const good, here = "0280202T;classe;6E 2;3\n0280202T;groupe;GR M. Dupont;12\n", "/establishments/0280202T/headcount"
	plan := read[api.CountPlan](t, send("?dry_run=true", good), 200)
	if plan.Written || len(plan.Created) != 1 || plan.Stop != "" || len(plan.Named) != 1 || plan.Named[0].Line != 3 {
		t.Errorf("planned: %+v", plan)
	}
	bad := send("", good+"0280202T;classe;6E 3;many\n0289999X;classe;6E 3;20\n")
	if p := problemOf(t, bad); bad.Code != 422 || p.Code != "list" || len(p.Errors) != 2 || !strings.Contains(p.Errors[0].Message, "line 4") || strings.Contains(bad.Body.String(), "Dupont") {
		t.Errorf("a bad row: %d %s", bad.Code, bad.Body)
	}
	for _, on := range []string{"2025-01-01", "2030-01-01", "hier"} {
		if w := send("?on="+on, good); w.Code != 422 {
			t.Errorf("counted on %s: %d %s", on, w.Code, w.Body)
		}
	}
	if w := s.get(t, "admin", here); w.Code != 404 {
		t.Errorf("half was done: %d", w.Code)
	}
	if plan := read[api.CountPlan](t, send("?on=2026-09-15", good), 200); !plan.Written {
		t.Errorf("written: %+v", plan)
	}
	if h := read[registry.Headcount](t, s.get(t, "head", here), 200); h.Classes["6E 2"] != 3 || h.On.String() != "2026-09-15" {
		t.Errorf("%+v", h)
	}
	if plan := read[api.CountPlan](t, send("?on=2026-09-15", good), 200); plan.Written || plan.Unchanged != 1 {
		t.Errorf("again: %+v", plan)
	}
}
