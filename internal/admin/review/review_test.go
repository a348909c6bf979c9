package review_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func TestTheOfficerFindsAnExaminesAndTheRecteurDecides(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.handed(t, o.DRANE(), desktest.Reading())
	page := o.get(o.DPO(), "/bureau/file")
	if page.status != 200 || !page.says(`href="`+at(d)+`"`, "1 dossier", "L'avis du délégué", "donner l'avis", "avant le") {
		t.Fatalf("%d %s", page.status, page.text)
	}
	page = o.get(o.DPO(), at(d))
	if !page.says("soumise", "Établissements atteints", "Contrôles", "Contrat", "Enregistrer l'avis", "Une première version", "Académie d'Exemple") {
		t.Fatalf("%s", page.text)
	}
	for _, not := range []string{"/approbation", "/refus", "/correction", "/prendre"} {
		if page.says(`action="` + at(d) + not) {
			t.Errorf("the officer is offered %s", not)
		}
	}
	if a := o.post(o.DRANE(), at(d)+"/prendre", "lu", desk.Tag(d)); a.status != 303 || a.location != at(d)+"?fait=prendre" {
		t.Errorf("take: %+v", a)
	}
	if a := o.get(o.DRANE(), at(d)+"?fait=prendre"); !a.says("L'examen est commencé", "en examen") || a.says("Prendre en examen") {
		t.Errorf("%s", a.text)
	}
	if a := o.post(o.DPO(), at(d)+"/avis", "avis", "reservations", "avis-motif", "les pièces"); a.status != 303 {
		t.Errorf("opinion: %+v", a)
	}
	a := o.post(o.Recteur(), at(d)+"/approbation")
	if a.status != 409 || !a.says("Écrivez pourquoi vous approuvez", `id="approbation-motif"`) {
		t.Errorf("against reservations: %d %s", a.status, a.text)
	}
	if a := o.post(o.Recteur(), at(d)+"/approbation", "approbation-motif", "les pièces suivront"); a.status != 303 {
		t.Errorf("approve: %+v", a)
	}
	if v := o.now(t, d); v.State != registry.Approved || len(v.Opinions) != 1 {
		t.Errorf("%s %+v", v.State, v.Opinions)
	}
	page = o.get(o.DPO(), at(d))
	if !page.says("en vigueur", "(recteur)", "Historique", "les pièces suivront", "favorable avec réserves", "recteur") || page.says(o.DPO().Handle) || page.says(o.Recteur().Handle) {
		t.Errorf("%s", page.text)
	}
}

func TestARefusalWantsAReasonAndKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.handed(t, o.Assistant(), desktest.ForSchools(desktest.College))
	a := o.post(o.Head(desktest.College), at(d)+"/refus", "refus-motif", " ")
	if a.status != 422 || !a.says("Écrivez pourquoi, en une phrase.", `href="#refus-motif"`) {
		t.Errorf("%d %s", a.status, a.text)
	}
	long := strings.Repeat("x", 2001)
	if a := o.post(o.Head(desktest.College), at(d)+"/refus", "refus-motif", long); a.status != 422 || !a.says(long) {
		t.Errorf("%d: what was typed is gone", a.status)
	}
	if a := o.post(o.Head(desktest.College), at(d)+"/refus", "refus-motif", "hors sujet"); a.status != 303 || o.now(t, d).State != registry.Refused {
		t.Errorf("%+v", a)
	}
}

func TestWhoWroteADeclarationIsToldThatSomebodyElseDecides(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	head := o.Head(desktest.College)
	d := o.handed(t, head, desktest.ForSchools(desktest.College))
	if page := o.get(head, at(d)); !page.says("Vous avez écrit cette déclaration") || page.says("/approbation") || page.says("/refus") {
		t.Errorf("%s", page.text)
	}
	for _, act := range []string{"/approbation", "/refus"} {
		if a := o.post(head, at(d)+act, "refus-motif", "non"); a.status != 409 || !a.says("il revient à quelqu'un d'autre") {
			t.Errorf("%s: %d", act, a.status)
		}
	}
	if v := o.now(t, d); v.State != registry.Submitted {
		t.Errorf("it is %s", v.State)
	}
}

func TestAVersionThatChangedSinceItWasReadIsNotDecidedOn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.handed(t, o.DRANE(), desktest.Reading())
	o.post(o.DPO(), at(d)+"/avis", "avis", "favourable")
	a := o.post(o.Recteur(), at(d)+"/approbation", "lu", desk.Tag(d))
	if a.status != 409 || !a.says("Quelqu'un d'autre l'a changé") || o.now(t, d).State != registry.Submitted {
		t.Errorf("%d %s", a.status, a.text)
	}
}

func TestCommentsStandAtTheirFieldAndGoIntoTheCorrection(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.handed(t, o.Assistant(), desktest.ForSchools(desktest.College))
	page := o.get(o.DPO(), at(d)+"?champ="+url.QueryEscape("items[uai].justification"))
	if !page.says("Plus précisément : Données transmises : uai, justification", `value="items" selected`, `name="precision" value="items[uai].justification"`) {
		t.Fatalf("%s", page.text)
	}
	if a := o.post(o.DPO(), at(d)+"/commentaire", "champ", "items", "precision", "items[uai].justification", "commentaire", "Pourquoi l'UAI ?"); a.status != 303 {
		t.Fatalf("%+v", a)
	}
	o.Wait(time.Minute)
	if a := o.post(o.DPO(), at(d)+"/commentaire", "champ", "until", "precision", "items[uai].justification", "commentaire", "Trop long."); a.status != 303 {
		t.Fatalf("%+v", a)
	}
	if a := o.post(o.DPO(), at(d)+"/commentaire", "champ", "until", "commentaire", " "); a.status != 422 || !a.says("Écrivez votre commentaire") {
		t.Errorf("%d %s", a.status, a.text)
	}
	said, err := o.Comments(t.Context(), o.DPO(), desk.Ref{ID: d.ID, Version: 1})
	if err != nil || len(said) != 2 || said[0].Where != "items[uai].justification" || said[1].Where != "until" {
		t.Fatalf("%+v, %v", said, err)
	}
	head := o.Head(desktest.College)
	if page := o.get(head, at(d)); !page.says("Données transmises : uai, justification", "Pourquoi l'UAI ?", "Trop long.", "DPD") {
		t.Errorf("%s", page.text)
	}
	if a := o.post(head, at(d)+"/correction"); a.status != 422 || !a.says("Dites au moins ce qui est à corriger") {
		t.Errorf("%d %s", a.status, a.text)
	}
	if a := o.post(head, at(d)+"/correction", "joindre", said[0].ID, "remarque", "Revoir la durée.", "correction-champ", "retention"); a.status != 303 {
		t.Fatalf("%+v", a)
	}
	v := o.now(t, d)
	notes := v.Decisions[len(v.Decisions)-1].Notes
	if v.State != registry.ToCorrect || len(notes) != 2 || notes[0] != (registry.Remark{Where: "items[uai].justification", What: "Pourquoi l'UAI ?"}) || notes[1].Where != "retention" {
		t.Errorf("%s %+v", v.State, notes)
	}
	if page := o.get(o.Assistant(), at(d)); !page.says("à corriger", "Durée de conservation", "Revoir la durée.") {
		t.Errorf("%s", page.text)
	}
}

func TestTheNextVersionIsShownFieldByField(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.handed(t, o.DRANE(), desktest.Reading())
	o.post(o.DPO(), at(d)+"/avis", "avis", "favourable")
	o.post(o.Recteur(), at(d)+"/approbation")
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
	page := o.get(o.DPO(), strings.TrimSuffix(at(d), "1")+"2")
	if !page.says("Ce qui change depuis la version 1", "<del>l'année scolaire et trois mois</del>", "<ins>dix ans</ins>", "version plus large", "<ins>2028-08-31</ins>", "de forme", "version plus étroite",
		`href="`+at(d)+`"`, "?champ=retention.fr#commenter", "Durée de conservation : fr") {
		t.Errorf("%s", page.text)
	}
	if page.says(`{"attribute"`) {
		t.Error("an object stands on the page as a program writes it")
	}
}

func TestAFileKeepsTheTextAndThePageSaysWhich(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	text := desktest.Reading()
	text.ID, text.State, text.ManagedBy, text.Author = "fichier-1", registry.Submitted, "declarations/lire.yaml", "command:apply"
	o.Apply(t, registry.Change{Declarations: []registry.Declaration{text}})
	if page := o.get(o.DPO(), "/bureau/declarations/fichier-1/1"); !page.says("tenu par declarations/lire.yaml", "se change dans le fichier", "Enregistrer l'avis") {
		t.Errorf("%s", page.text)
	}
}

// asked is a draft of the collège, handed over, and what one of its teachers asks for.
func asked(t *testing.T, o *office) (registry.Declaration, registry.Wish) {
	t.Helper()
	w, err := o.Wish(t.Context(), o.Teacher(desktest.College), desktest.College, "Géoportail", "raison-du-collège")
	if err != nil {
		t.Fatal(err)
	}
	return o.handed(t, o.Assistant(), desktest.ForSchools(desktest.College)), w
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
			page := o.get(who.c, at(d))
			if page.status != who.sees || who.sees != 200 && page.says("Collège d'Exemple") {
				t.Errorf("the version: %d", page.status)
			}
			queue := o.get(who.c, "/bureau/file?vue=tout")
			if queue.status != who.queues || queue.says("raison-du-collège") != who.wish || queue.says(at(d)) != (who.sees == 200) {
				t.Errorf("the queue: %d, the request %t, the version %t", queue.status, queue.says("raison-du-collège"), queue.says(at(d)))
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
				if got := place.post(who.c, act.path, act.fields...); got.status != act.want {
					t.Errorf("%s: %d, want %d", act.path, got.status, act.want)
				}
			}
		})
	}
}

func TestNobodyIsLedToTheSignIn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.out = true
	for _, path := range []string{"/bureau/file", "/bureau/declarations/x/1"} {
		if a := o.get(roles.Caller{}, path); a.status != 200 || !a.says("Entrer au bureau") {
			t.Errorf("%s: %d", path, a.status)
		}
		if a := o.post(roles.Caller{}, strings.Replace(path, "file", "file/demande", 1)+strings.Repeat("/refus", strings.Count(path, "declarations"))); a.status != 401 {
			t.Errorf("a form at %s: %d", path, a.status)
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
	page := o.get(o.DPO(), at(o.handed(t, o.DRANE(), text)))
	if !page.says("Pays d'hébergement", "bloquant</span>", "autres points pour information ne sont pas affichés") {
		t.Errorf("%s", page.text)
	}
	if n := strings.Count(page.text, ">pour information</span>"); n != 20 {
		t.Errorf("%d notes stand there", n)
	}
}
