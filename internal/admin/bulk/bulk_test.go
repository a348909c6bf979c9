package bulk_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/policy/conformity/conformitytest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

const (
	form    = "/bureau/lot/apercu"
	confirm = "/bureau/lot/confirmer"
)

func TestTheConsequencesAreShownInNumbersAndThenTheActIsDoneAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.inForce(t, desktest.Reading())
	typed := []string{"acte", "activer", "service", "lire", "departement", desktest.Department}
	a := o.post(o.DASEN(), form, typed...)
	if a.status != 200 || !a.says("Établissements qui changent", "<dd>1</dd>", "<dd>120</dd>", "dont quelqu'un d'autre décide", "<dd>4</dd>", `name="attendu" value="1"`, "2026-001 v1") {
		t.Fatalf("%d %s", a.status, a.text)
	}
	if o.state(t, desktest.Ecole) != "" {
		t.Fatal("the preview did it")
	}
	a = o.post(o.DASEN(), confirm, append(typed, "attendu", "1")...)
	if a.status != 303 || o.state(t, desktest.Ecole) != registry.Enabled || o.state(t, desktest.College) != "" {
		t.Fatalf("%d %s", a.status, a.text)
	}
	report := o.get(o.DASEN(), a.location)
	if !report.says("L'acte est fait", string(desktest.Ecole), "<dd>1</dd>", "<dd>120</dd>", "DASEN", "activé") {
		t.Errorf("%s", report.text)
	}
	if others := o.get(o.Head(desktest.College), a.location); !others.says("Aucun acte de vous") || others.says(string(desktest.Ecole)) {
		t.Errorf("somebody else's report: %s", others.text)
	}
	entries := slices.DeleteFunc(o.Entries(t), func(e audit.Entry) bool { return e.Action != "enabling_enable" })
	if len(entries) != 1 {
		t.Errorf("one act, %d entries", len(entries))
	}
	if again := o.post(o.DASEN(), form, typed...); !again.says("Il n'y a rien à faire") || again.says("/confirmer") {
		t.Errorf("%s", again.text)
	}
}

func TestAListIsTakenWholeOrNotAtAllAndEachMistakeIsNamed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.inForce(t, desktest.Reading())
	typed := []string{"acte", "refuser", "service", "lire", "raison", "hors projet", "uai", string(desktest.College) + " ;" + string(desktest.Other) + "\n0289999X"}
	for _, path := range []string{form, confirm} {
		a := o.post(o.Head(desktest.College), path, append(typed, "attendu", "1")...)
		if a.status != 422 || !a.says(string(desktest.Other), "0289999X", `href="#uai"`, "hors projet") || o.state(t, desktest.College) != "" {
			t.Errorf("%s: %d %s", path, a.status, a.text)
		}
	}
	a := o.post(o.Head(desktest.College), form, "acte", "refuser", "service", "lire", "uai", strings.ToLower(string(desktest.College)))
	if a.status != 422 || !a.says("Écrivez pourquoi", `href="#raison"`) {
		t.Errorf("without a reason: %d %s", a.status, a.text)
	}
	typed[len(typed)-1] = strings.ToLower(string(desktest.College))
	if a := o.post(o.Head(desktest.College), form, typed...); a.status != 200 || !a.says("Le service se ferme tout de suite", "button-danger") {
		t.Errorf("%d %s", a.status, a.text)
	}
	if a := o.post(o.Head(desktest.College), confirm, append(typed, "attendu", "1")...); a.status != 303 || o.state(t, desktest.College) != registry.RefusedHere {
		t.Errorf("%d %s", a.status, a.text)
	}
}

func TestAnActThatWouldDoSomethingElseThanWhatWasShownIsShownAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.inForce(t, desktest.Reading())
	typed := []string{"acte", "suspendre", "service", "lire", "raison", "incident", "type", "college"}
	a := o.post(o.OnCall(), confirm, append(typed, "attendu", "1")...)
	if a.status != 409 || !a.says("Ces nombres ont changé", `name="attendu" value="2"`) || o.state(t, desktest.College) != "" {
		t.Errorf("%d %s", a.status, a.text)
	}
	if a := o.post(o.OnCall(), confirm, append(typed, "attendu", "2")...); a.status != 303 || o.state(t, desktest.Other) != registry.SuspendedHere {
		t.Fatalf("%d %s", a.status, a.text)
	}
	if a := o.post(o.OnCall(), confirm, append(typed, "attendu", "0")...); a.status != 409 || !a.says("Il n'y a rien à faire") {
		t.Errorf("%d %s", a.status, a.text)
	}
}

func TestANameFindsTheServiceOrOffersThoseItCouldMean(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.inForce(t, desktest.Reading())
	o.Apply(t, registry.Change{Services: []registry.Service{
		{ID: "s1", Name: registry.Text{FR: "Lecture facile"}},
		{ID: "s2", Name: registry.Text{FR: "Lecture à voix haute"}},
		{ID: "lire", Name: registry.Text{FR: "Lire en ligne"}},
	}})
	if a := o.post(o.Head(desktest.College), form, "acte", "activer", "service", "LIRE EN LIGNE", "uai", string(desktest.College)); a.status != 200 || !a.says("Activer un service : Lire en ligne") {
		t.Errorf("%d %s", a.status, a.text)
	}
	a := o.get(o.Head(desktest.College), "/bureau/lot?acte=activer&service=lecture")
	if a.status != 200 || !a.says("Plusieurs services portent un nom proche", "service=s1", "service=s2") || a.says("service=lire") {
		t.Errorf("%d %s", a.status, a.text)
	}
	if a := o.post(o.Head(desktest.College), form, "acte", "activer", "service", "s1", "uai", string(desktest.College)); a.status != 422 || !a.says("pas de déclaration à activer") {
		t.Errorf("%d %s", a.status, a.text)
	}
	second := o.Snapshot(t).Declarations("lire")[0]
	second.ID = "autre"
	o.Apply(t, registry.Change{Declarations: []registry.Declaration{second}})
	if a := o.post(o.Head(desktest.College), form, "acte", "activer", "service", "lire", "uai", string(desktest.College)); a.status != 422 || !a.says(`<option value="`+second.ID+`"`) {
		t.Errorf("%d %s", a.status, a.text)
	}
}

func TestWhatWasSignedOnPaperIsAttestedForACircumscription(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.inForce(t, desktest.Reading())
	o.Apply(t, registry.Change{Enablings: []registry.Enabling{{
		Service: "lire", UAI: desktest.Ecole, State: registry.ClaimedOnPaper, Declaration: d.ID, Version: 1,
		Paper: &registry.Paper{Act: "A-1", Date: desktest.Day("2026-06-30"), Signatory: "DASEN", Document: conformitytest.Hash("acte")},
	}}})
	typed := []string{"acte", "attester", "circonscription", "Chartres 1"}
	if a := o.post(o.DASEN(), form, typed...); a.status != 200 || !a.says("<dd>120</dd>", `name="attendu" value="1"`) {
		t.Fatalf("%d %s", a.status, a.text)
	}
	a := o.post(o.DASEN(), confirm, append(typed, "attendu", "1")...)
	if a.status != 303 || o.state(t, desktest.Ecole) != registry.Enabled {
		t.Fatalf("%d %s", a.status, a.text)
	}
	if report := o.get(o.DASEN(), a.location); !report.says(string(desktest.Ecole)) {
		t.Errorf("%s", report.text)
	}
	if a := o.post(o.DASEN(), form, typed...); !a.says("Aucune décision sur papier") {
		t.Errorf("%s", a.text)
	}
}

func TestDeclarationsThatEndAreRenewedTogetherByTwoPeople(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	text := desktest.Reading()
	text.Until = desktest.Day("2027-03-31")
	first, second := o.inForce(t, text), o.inForce(t, text)
	page := o.get(o.DRANE(), "/bureau/lot/renouvellements?mois=2027-03")
	if page.status != 200 || !page.says(`value="`+first.ID+`" checked`, `value="`+second.ID+`" checked`, "son dernier jour", `value="commencer"`) || page.says(`value="approuver"`) {
		t.Fatalf("%d %s", page.status, page.text)
	}
	if page := o.get(o.DRANE(), "/bureau/lot/renouvellements?mois=2027-04"); page.says(first.ID) {
		t.Errorf("another month: %s", page.text)
	}
	typed := []string{"geste", "commencer", "declaration", first.ID, "declaration", second.ID, "jusque", "2027-08-31"}
	for _, wrong := range []string{"", "hier", "2027-01-01"} {
		bad := append(slices.Clone(typed[:6]), "jusque", wrong)
		if a := o.post(o.DRANE(), "/bureau/lot/renouvellements/apercu", bad...); a.status != 422 || !a.says("Choisissez un dernier jour") && !a.says("does not go on") {
			t.Errorf("until %q: %d %s", wrong, a.status, a.text)
		}
	}
	if a := o.post(o.DRANE(), "/bureau/lot/renouvellements/apercu", typed...); a.status != 200 || !a.says("<dd>2</dd>", first.ID+" v2", "31 août 2027") || len(o.Snapshot(t).Versions(first.ID)) != 1 {
		t.Fatalf("%d %s", a.status, a.text)
	}
	a := o.post(o.DRANE(), "/bureau/lot/renouvellements/confirmer", typed...)
	if a.status != 303 {
		t.Fatalf("%d %s", a.status, a.text)
	}
	if report := o.get(o.DRANE(), a.location); !report.says("/bureau/declarations/"+first.ID+"/2", "<dd>2</dd>") {
		t.Errorf("%s", report.text)
	}
	page = o.get(o.Recteur(), "/bureau/lot/renouvellements?mois=2027-03")
	if !page.says(`value="`+first.ID+`@2" checked`, `value="approuver"`) || page.says(`value="commencer"`) {
		t.Fatalf("%s", page.text)
	}
	typed = []string{"geste", "approuver", "version", first.ID + "@2", "version", second.ID + "@2"}
	if a := o.post(o.Recteur(), "/bureau/lot/renouvellements/apercu", typed...); a.status != 200 || !a.says("Les services continuent") {
		t.Errorf("%d %s", a.status, a.text)
	}
	if a := o.post(o.DRANE(), "/bureau/lot/renouvellements/confirmer", typed...); a.status != 403 {
		t.Errorf("who began it approves: %d", a.status)
	}
	if a := o.post(o.Recteur(), "/bureau/lot/renouvellements/confirmer", typed...); a.status != 303 {
		t.Fatalf("%d %s", a.status, a.text)
	}
	if v, _ := o.Snapshot(t).Declaration(second.ID, 2); v.State != registry.Approved {
		t.Errorf("it is %s", v.State)
	}
}

func TestEachRoleOfTwoSchoolsActsForItsOwn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.inForce(t, desktest.Reading())
	moment := url.Values{"acte": {"suspendre"}, "moment": {o.Now().Format(time.RFC3339Nano)}}.Encode()
	for name, who := range map[string]struct {
		c             roles.Caller
		page, suspend int // in the collège
		refuse        int
	}{
		"its head":          {o.Head(desktest.College), 200, 200, 200},
		"another head":      {o.Head(desktest.Other), 200, 403, 403},
		"a directeur":       {o.Head(desktest.Ecole), 200, 403, 422},
		"the DASEN":         {o.DASEN(), 200, 200, 403},
		"the recteur":       {o.Recteur(), 200, 200, 403},
		"the officer":       {o.DPO(), 200, 200, 422},
		"on call":           {o.OnCall(), 200, 200, 422},
		"an IEN":            {o.IEN(), 200, 403, 422},
		"a teacher there":   {o.Teacher(desktest.College), 403, 403, 403},
		"its assistant":     {o.Assistant(), 403, 403, 403},
		"the DRANE":         {o.DRANE(), 403, 403, 403},
		"the administrator": {o.Admin(), 403, 403, 403},
		"support":           {o.Support(), 403, 403, 403},
		"an auditor":        {o.Auditor(), 403, 403, 403},
		"the provider":      {o.Provider(), 403, 403, 403},
		"a stranger":        {o.Stranger(), 403, 403, 403},
	} {
		if a := o.get(who.c, "/bureau/lot"); a.status != who.page {
			t.Errorf("%s: the page: %d, want %d", name, a.status, who.page)
		}
		for act, want := range map[string]int{"suspendre": who.suspend, "refuser": who.refuse} {
			typed := []string{"acte", act, "service", "lire", "raison", "essai", "uai", string(desktest.College)}
			if a := o.post(who.c, form, typed...); a.status != want {
				t.Errorf("%s: %s: %d, want %d", name, act, a.status, want)
			}
			if want != 200 {
				if a := o.post(who.c, confirm, append(typed, "attendu", "1")...); a.status != want {
					t.Errorf("%s: %s confirmed: %d, want %d", name, act, a.status, want)
				}
			}
		}
		if a := o.get(who.c, "/bureau/lot/fait?"+moment); a.says(string(desktest.College)) {
			t.Errorf("%s reads a report of nobody's", name)
		}
	}
	if o.state(t, desktest.College) != "" {
		t.Error("somebody's preview did something")
	}
}

func TestRenewalsAreForWhoWritesThem(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.inForce(t, desktest.Reading())
	typed := []string{"geste", "commencer", "declaration", d.ID, "jusque", "2028-08-31"}
	for name, who := range map[string]struct {
		c    roles.Caller
		list int
		act  int
	}{
		"the DRANE":    {o.DRANE(), 200, 200},
		"the provider": {o.Provider(), 200, 200},
		"a head":       {o.Head(desktest.College), 200, 403},
		"the officer":  {o.DPO(), 200, 403},
		"a teacher":    {o.Teacher(desktest.College), 200, 403},
		"a stranger":   {o.Stranger(), 403, 403},
	} {
		if a := o.get(who.c, "/bureau/lot/renouvellements"); a.status != who.list || a.says(`value="`+d.ID+`"`) != (who.act == 200) {
			t.Errorf("%s: the list: %d", name, a.status)
		}
		if a := o.post(who.c, "/bureau/lot/renouvellements/apercu", typed...); a.status != who.act {
			t.Errorf("%s: %d, want %d", name, a.status, who.act)
		}
	}
}

func TestAReportIsOfOnesOwnActsAtThatMoment(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.inForce(t, desktest.Reading())
	for _, uai := range []person.UAI{desktest.College, desktest.Other} {
		if _, err := o.Decide(t.Context(), o.Head(uai), desk.Stance{
			Service: "lire", Declaration: d.ID, State: registry.Enabled, Where: desk.Where{UAIs: []person.UAI{uai}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	path := "/bureau/lot/fait?" + url.Values{"moment": {o.Now().UTC().Format(time.RFC3339Nano)}}.Encode()
	if a := o.get(o.Head(desktest.College), path); !a.says(string(desktest.College)) || a.says(string(desktest.Other)) {
		t.Errorf("%s", a.text)
	}
	if a := o.get(o.Head(desktest.College), "/bureau/lot/fait?moment=hier"); a.status != 404 {
		t.Errorf("%d", a.status)
	}
}
