package review_test

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func TestTheOfficerFindsAnExaminesAndTheRecteurDecides(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.Handed(t, o.DRANE(), desktest.Reading())
	page := o.Ask(o.DPO(), "GET", "/bureau/file")
	if page.Status != 200 || !page.Says(`href="`+at(d)+`"`, "1 dossier", "L'avis du délégué", "donner l'avis", "avant le") {
		t.Fatalf("%d %s", page.Status, page.Page)
	}
	page = o.Ask(o.DPO(), "GET", at(d))
	if !page.Says("soumise", "Établissements atteints", "Contrôles", "Contrat", "Enregistrer l'avis", "Une première version", "Académie d'Exemple") {
		t.Fatalf("%s", page.Page)
	}
	for _, not := range []string{"/approbation", "/refus", "/correction", "/prendre"} {
		if page.Says(`action="` + at(d) + not) {
			t.Errorf("the officer is offered %s", not)
		}
	}
	if a := o.Ask(o.DRANE(), "POST", at(d)+"/prendre", "lu", desk.Tag(d)); a.Status != 303 || a.Location != at(d)+"?fait=prendre" {
		t.Errorf("take: %+v", a)
	}
	if a := o.Ask(o.DRANE(), "GET", at(d)+"?fait=prendre"); !a.Says("L'examen est commencé", "en examen") || a.Says("Prendre en examen") {
		t.Errorf("%s", a.Page)
	}
	if a := o.Ask(o.DPO(), "POST", at(d)+"/avis", "avis", "reservations", "avis-motif", "les pièces"); a.Status != 303 {
		t.Errorf("opinion: %+v", a)
	}
	a := o.Ask(o.Recteur(), "POST", at(d)+"/approbation")
	if a.Status != 409 || !a.Says("Écrivez pourquoi vous approuvez", `id="approbation-motif"`) {
		t.Errorf("against reservations: %d %s", a.Status, a.Page)
	}
	if a := o.Ask(o.Recteur(), "POST", at(d)+"/approbation", "approbation-motif", "les pièces suivront"); a.Status != 303 {
		t.Errorf("approve: %+v", a)
	}
	if v := current(t, o, d); v.State != registry.Approved || len(v.Opinions) != 1 {
		t.Errorf("%s %+v", v.State, v.Opinions)
	}
	page = o.Ask(o.DPO(), "GET", at(d))
	if !page.Says("en vigueur", "(recteur)", "Historique", "les pièces suivront", "favorable avec réserves", "recteur") || page.Says(o.DPO().Handle) || page.Says(o.Recteur().Handle) {
		t.Errorf("%s", page.Page)
	}
}

func TestARefusalWantsAReasonAndKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.Handed(t, o.Assistant(), desktest.ForSchools(desktest.College))
	a := o.Ask(o.Head(desktest.College), "POST", at(d)+"/refus", "refus-motif", " ")
	if a.Status != 422 || !a.Says("Écrivez pourquoi, en une phrase.", `href="#refus-motif"`) {
		t.Errorf("%d %s", a.Status, a.Page)
	}
	long := strings.Repeat("x", 2001)
	if a := o.Ask(o.Head(desktest.College), "POST", at(d)+"/refus", "refus-motif", long); a.Status != 422 || !a.Says(long) {
		t.Errorf("%d: what was typed is gone", a.Status)
	}
	if a := o.Ask(o.Head(desktest.College), "POST", at(d)+"/refus", "refus-motif", "hors sujet"); a.Status != 303 || current(t, o, d).State != registry.Refused {
		t.Errorf("%+v", a)
	}
}

func TestWhoWroteADeclarationIsToldThatSomebodyElseDecides(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	head := o.Head(desktest.College)
	d := o.Handed(t, head, desktest.ForSchools(desktest.College))
	if page := o.Ask(head, "GET", at(d)); !page.Says("Vous avez écrit cette déclaration") || page.Says("/approbation") || page.Says("/refus") {
		t.Errorf("%s", page.Page)
	}
	for _, act := range []string{"/approbation", "/refus"} {
		if a := o.Ask(head, "POST", at(d)+act, "refus-motif", "non"); a.Status != 409 || !a.Says("il revient à quelqu'un d'autre") {
			t.Errorf("%s: %d", act, a.Status)
		}
	}
	if v := current(t, o, d); v.State != registry.Submitted {
		t.Errorf("it is %s", v.State)
	}
}

func TestAVersionThatChangedSinceItWasReadIsNotDecidedOn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.Handed(t, o.DRANE(), desktest.Reading())
	o.Ask(o.DPO(), "POST", at(d)+"/avis", "avis", "favourable")
	a := o.Ask(o.Recteur(), "POST", at(d)+"/approbation", "lu", desk.Tag(d))
	if a.Status != 409 || !a.Says("Quelqu'un d'autre l'a changé") || current(t, o, d).State != registry.Submitted {
		t.Errorf("%d %s", a.Status, a.Page)
	}
}

func TestCommentsStandAtTheirFieldAndGoIntoTheCorrection(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.Handed(t, o.Assistant(), desktest.ForSchools(desktest.College))
	page := o.Ask(o.DPO(), "GET", at(d)+"?champ="+url.QueryEscape("items[uai].justification"))
	if !page.Says("Plus précisément : Données transmises : uai, justification", `value="items" selected`, `name="precision" value="items[uai].justification"`) {
		t.Fatalf("%s", page.Page)
	}
	if a := o.Ask(o.DPO(), "POST", at(d)+"/commentaire", "champ", "items", "precision", "items[uai].justification", "commentaire", "Pourquoi l'UAI ?"); a.Status != 303 {
		t.Fatalf("%+v", a)
	}
	o.Wait(time.Minute)
	if a := o.Ask(o.DPO(), "POST", at(d)+"/commentaire", "champ", "until", "precision", "items[uai].justification", "commentaire", "Trop long."); a.Status != 303 {
		t.Fatalf("%+v", a)
	}
	if a := o.Ask(o.DPO(), "POST", at(d)+"/commentaire", "champ", "until", "commentaire", " "); a.Status != 422 || !a.Says("Écrivez votre commentaire") {
		t.Errorf("%d %s", a.Status, a.Page)
	}
	said, err := o.Comments(t.Context(), o.DPO(), desk.Ref{ID: d.ID, Version: 1})
	if err != nil || len(said) != 2 || said[0].Where != "items[uai].justification" || said[1].Where != "until" {
		t.Fatalf("%+v, %v", said, err)
	}
	head := o.Head(desktest.College)
	if page := o.Ask(head, "GET", at(d)); !page.Says("Données transmises : uai, justification", "Pourquoi l'UAI ?", "Trop long.", "DPD") {
		t.Errorf("%s", page.Page)
	}
	if a := o.Ask(head, "POST", at(d)+"/correction"); a.Status != 422 || !a.Says("Dites au moins ce qui est à corriger") {
		t.Errorf("%d %s", a.Status, a.Page)
	}
	if a := o.Ask(head, "POST", at(d)+"/correction", "joindre", said[0].ID, "remarque", "Revoir la durée.", "correction-champ", "retention"); a.Status != 303 {
		t.Fatalf("%+v", a)
	}
	v := current(t, o, d)
	notes := v.Decisions[len(v.Decisions)-1].Notes
	if v.State != registry.ToCorrect || len(notes) != 2 || notes[0] != (registry.Remark{Where: "items[uai].justification", What: "Pourquoi l'UAI ?"}) || notes[1].Where != "retention" {
		t.Errorf("%s %+v", v.State, notes)
	}
	if page := o.Ask(o.Assistant(), "GET", at(d)); !page.Says("à corriger", "Durée de conservation", "Revoir la durée.") {
		t.Errorf("%s", page.Page)
	}
}

func TestTheNextVersionIsShownFieldByField(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.Handed(t, o.DRANE(), desktest.Reading())
	o.Ask(o.DPO(), "POST", at(d)+"/avis", "avis", "favourable")
	o.Ask(o.Recteur(), "POST", at(d)+"/approbation")
	next, err := o.NewVersion(t.Context(), o.DRANE(), d.ID)
	if err != nil {
		t.Fatal(err)
	}
	next.Retention.FR, next.Until = "dix ans", desktest.Day("2028-08-31")
	next.Items = next.Items[:2]
	if next, err = o.Edit(t.Context(), o.DRANE(), next, ""); err == nil {
		_, err = o.Submit(t.Context(), o.DRANE(), desk.Move{Ref: desk.Ref{ID: d.ID, Version: 2}})
	}
	if err != nil {
		t.Fatal(err)
	}
	page := o.Ask(o.DPO(), "GET", strings.TrimSuffix(at(d), "1")+"2")
	if !page.Says("Ce qui change depuis la version 1", "<del>l'année scolaire et trois mois</del>", "<ins>dix ans</ins>", "version plus large", "<del>mardi 31 août 2027</del>", "<ins>jeudi 31 août 2028</ins>", "de forme", "version plus étroite",
		`href="`+at(d)+`"`, "?champ=retention.fr#commenter", "Durée de conservation : en français") {
		t.Errorf("%s", page.Page)
	}
	if page.Says(`{"attribute"`) {
		t.Error("an object stands on the page as a program writes it")
	}
	o.Lang = "en"
	english := o.Ask(o.DPO(), "GET", strings.TrimSuffix(at(d), "1")+"2")
	if !english.Says("<del>Tuesday 31 August 2027</del>", "<ins>Thursday 31 August 2028</ins>") {
		t.Errorf("%s", english.Page)
	}
	for lang, page := range map[string]frametest.Answer{"fr": page, "en": english} {
		if iso := regexp.MustCompile(`>[^<]*\b\d{4}-\d{2}-\d{2}\b[^<]*<`).FindString(page.Page); iso != "" {
			t.Errorf("%s: a day stands there as the register writes it: %s", lang, iso)
		}
	}
}

func TestAFileKeepsTheTextAndThePageSaysWhich(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	text := desktest.Reading()
	text.ID, text.State, text.ManagedBy, text.Author = "fichier-1", registry.Submitted, "declarations/lire.yaml", "command:apply"
	o.Apply(t, registry.Change{Declarations: []registry.Declaration{text}})
	if page := o.Ask(o.DPO(), "GET", "/bureau/declarations/fichier-1/1"); !page.Says("tenu par declarations/lire.yaml", "se change dans le fichier", "Enregistrer l'avis") {
		t.Errorf("%s", page.Page)
	}
}

// asked is a draft of the collège, handed over, and what one of its teachers asks for.
func asked(t *testing.T, o *frametest.Bench) (registry.Declaration, registry.Wish) {
	t.Helper()
	w, err := o.Wish(t.Context(), o.Teacher(desktest.College), desktest.College, "Géoportail", "raison-du-collège")
	if err != nil {
		t.Fatal(err)
	}
	return o.Handed(t, o.Assistant(), desktest.ForSchools(desktest.College)), w
}

// TestEachRoleOfTwoSchoolsSeesItsOwn walks every page as everybody, about a draft of one school.
func TestEachRoleOfTwoSchoolsSeesItsOwn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d, w := asked(t, o)
	const hidden = 404
	for name, who := range map[string]struct {
		c              roles.Caller
		sees           int  // the version's page
		queues         int  // the queue
		wish           bool // the request stands there
		takes, opines  int
		decides, wants int // 409: they may, and the opinion is missing
		answers        int
		comments       int
	}{
		"its head":            {o.Head(desktest.College), 200, 200, true, 303, 403, 409, 303, 303, 303},
		"another head":        {o.Head(desktest.Other), hidden, 200, false, hidden, hidden, hidden, hidden, 403, hidden},
		"its assistant":       {o.Assistant(), 200, 200, false, 403, 403, 403, 403, 403, 303},
		"a teacher there":     {o.Teacher(desktest.College), hidden, 200, true, hidden, hidden, hidden, hidden, 403, hidden},
		"a teacher elsewhere": {o.Teacher(desktest.Other), hidden, 200, false, hidden, hidden, hidden, hidden, 403, hidden},
		"the officer":         {o.DPO(), 200, 200, true, 403, 303, 403, 403, 403, 303},
		"the recteur":         {o.Recteur(), 200, 200, false, 403, 403, 403, 403, 403, 303},
		"the DASEN":           {o.DASEN(), hidden, 200, false, hidden, hidden, hidden, hidden, 403, hidden},
		"the DRANE":           {o.DRANE(), 200, 200, true, 303, 403, 403, 403, 303, 303},
		"the provider":        {o.Provider(), 200, 200, false, 403, 403, 403, 403, 403, 303},
		"an auditor":          {o.Auditor(), 200, 200, false, 403, 403, 403, 403, 403, 403},
		"the administrator":   {o.Admin(), hidden, 403, false, hidden, hidden, hidden, hidden, 403, hidden},
		"support":             {o.Support(), hidden, 403, false, hidden, hidden, hidden, hidden, 403, hidden},
		"on call":             {o.OnCall(), hidden, 403, false, hidden, hidden, hidden, hidden, 403, hidden},
		"a stranger":          {o.Stranger(), hidden, 403, false, hidden, hidden, hidden, hidden, 403, hidden},
	} {
		t.Run(name, func(t *testing.T) {
			page := o.Ask(who.c, "GET", at(d))
			if page.Status != who.sees || who.sees != 200 && page.Says("Collège d'Exemple") {
				t.Errorf("the version: %d", page.Status)
			}
			queue := o.Ask(who.c, "GET", "/bureau/file?vue=tout")
			if queue.Status != who.queues || queue.Says("raison-du-collège") != who.wish || queue.Says(at(d)) != (who.sees == 200) {
				t.Errorf("the queue: %d, the request %t, the version %t", queue.Status, queue.Says("raison-du-collège"), queue.Says(at(d)))
			}
			place, d, w := o, d, w
			if who.comments == 303 { // somebody who changes something has an office of their own
				place = newOffice(t)
				d, w = asked(t, place)
			}
			for _, act := range []struct {
				path   string
				want   int
				fields []string
			}{
				{at(d) + "/commentaire", who.comments, []string{"commentaire", "vu"}},
				{at(d) + "/prendre", who.takes, nil},
				{at(d) + "/avis", who.opines, []string{"avis", "favourable"}},
				{at(d) + "/approbation", who.decides, nil},
				{"/bureau/file/demande", who.answers, []string{"demandes", w.ID, "reponse", "taken_up"}},
				{at(d) + "/refus", who.wants, []string{"refus-motif", "non"}},
			} {
				if got := place.Ask(who.c, "POST", act.path, act.fields...); got.Status != act.want {
					t.Errorf("%s: %d, want %d", act.path, got.Status, act.want)
				}
			}
		})
	}
}

func TestNobodyIsLedToTheSignIn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, path := range []string{"/bureau/file", "/bureau/declarations/x/1"} {
		if a := o.Ask(roles.Caller{}, "GET", path); a.Status != 200 || !a.Says("Entrer au bureau") {
			t.Errorf("%s: %d", path, a.Status)
		}
		if a := o.Ask(roles.Caller{}, "POST", strings.Replace(path, "file", "file/demande", 1)+strings.Repeat("/refus", strings.Count(path, "declarations"))); a.Status != 401 {
			t.Errorf("a form at %s: %d", path, a.Status)
		}
	}
}

func TestAPageTellsSomeNotesAndCountsTheRestAndLeavesOutNothingThatBlocks(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var twins []registry.Service
	for i := range 30 {
		id := "jumeau-" + strconv.Itoa(i)
		twins = append(twins, registry.Service{ID: id, Name: registry.Text{FR: id}, Provider: "Éditions du Canal", Sector: id})
	}
	o.Apply(t, registry.Change{Services: twins})
	text := desktest.Reading()
	text.Hosting = []string{"US"}
	page := o.Ask(o.DPO(), "GET", at(o.Handed(t, o.DRANE(), text)))
	if !page.Says("Pays d'hébergement", "bloquant</span>", "autres points pour information ne sont pas affichés") {
		t.Errorf("%s", page.Page)
	}
	if n := strings.Count(page.Page, ">pour information</span>"); n != 20 {
		t.Errorf("%d notes stand there", n)
	}
}
