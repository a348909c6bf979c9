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
	o.InForce(t, desktest.Reading())
	typed := []string{"acte", "activer", "service", "lire", "departement", desktest.Department}
	a := o.Ask(o.DASEN(), "POST", form, typed...)
	if a.Status != 200 || !a.Says("Établissements qui changent", "<dd>1</dd>", "<dd>120</dd>", "dont quelqu'un d'autre décide", "<dd>4</dd>", `name="attendu" value="1"`, "2026-001 v1") {
		t.Fatalf("%d %s", a.Status, a.Page)
	}
	if state(t, o, desktest.Ecole) != "" {
		t.Fatal("the preview did it")
	}
	a = o.Ask(o.DASEN(), "POST", confirm, append(typed, "attendu", "1")...)
	if a.Status != 303 || state(t, o, desktest.Ecole) != registry.Enabled || state(t, o, desktest.College) != "" {
		t.Fatalf("%d %s", a.Status, a.Page)
	}
	report := o.Ask(o.DASEN(), "GET", a.Location)
	if !report.Says("L'acte est fait", string(desktest.Ecole), "<dd>1</dd>", "<dd>120</dd>", "DASEN", "activé") {
		t.Errorf("%s", report.Page)
	}
	if others := o.Ask(o.Head(desktest.College), "GET", a.Location); !others.Says("Aucun acte de vous") || others.Says(string(desktest.Ecole)) {
		t.Errorf("somebody else's report: %s", others.Page)
	}
	entries := slices.DeleteFunc(o.Entries(t), func(e audit.Entry) bool { return e.Action != "enabling_enable" })
	if len(entries) != 1 {
		t.Errorf("one act, %d entries", len(entries))
	}
	if again := o.Ask(o.DASEN(), "POST", form, typed...); !again.Says("Il n'y a rien à faire") || again.Says("/confirmer") {
		t.Errorf("%s", again.Page)
	}
}

func TestAListIsTakenWholeOrNotAtAllAndEachMistakeIsNamed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.InForce(t, desktest.Reading())
	typed := []string{"acte", "refuser", "service", "lire", "raison", "hors projet", "uai", string(desktest.College) + " ;" + string(desktest.Other) + "\n0289999X"}
	for _, path := range []string{form, confirm} {
		a := o.Ask(o.Head(desktest.College), "POST", path, append(typed, "attendu", "1")...)
		if a.Status != 422 || !a.Says(string(desktest.Other), "0289999X", `href="#uai"`, "hors projet") || state(t, o, desktest.College) != "" {
			t.Errorf("%s: %d %s", path, a.Status, a.Page)
		}
	}
	a := o.Ask(o.Head(desktest.College), "POST", form, "acte", "refuser", "service", "lire", "uai", strings.ToLower(string(desktest.College)))
	if a.Status != 422 || !a.Says("Écrivez pourquoi", `href="#raison"`) {
		t.Errorf("without a reason: %d %s", a.Status, a.Page)
	}
	typed[len(typed)-1] = strings.ToLower(string(desktest.College))
	if a := o.Ask(o.Head(desktest.College), "POST", form, typed...); a.Status != 200 || !a.Says("Le service se ferme tout de suite", "button-danger") {
		t.Errorf("%d %s", a.Status, a.Page)
	}
	if a := o.Ask(o.Head(desktest.College), "POST", confirm, append(typed, "attendu", "1")...); a.Status != 303 || state(t, o, desktest.College) != registry.RefusedHere {
		t.Errorf("%d %s", a.Status, a.Page)
	}
}

func TestAnActThatWouldDoSomethingElseThanWhatWasShownIsShownAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.InForce(t, desktest.Reading())
	typed := []string{"acte", "suspendre", "service", "lire", "raison", "incident", "type", "college"}
	a := o.Ask(o.OnCall(), "POST", confirm, append(typed, "attendu", "1")...)
	if a.Status != 409 || !a.Says("Ces nombres ont changé", `name="attendu" value="2"`) || state(t, o, desktest.College) != "" {
		t.Errorf("%d %s", a.Status, a.Page)
	}
	if a := o.Ask(o.OnCall(), "POST", confirm, append(typed, "attendu", "2")...); a.Status != 303 || state(t, o, desktest.Other) != registry.SuspendedHere {
		t.Fatalf("%d %s", a.Status, a.Page)
	}
	if a := o.Ask(o.OnCall(), "POST", confirm, append(typed, "attendu", "0")...); a.Status != 409 || !a.Says("Il n'y a rien à faire") {
		t.Errorf("%d %s", a.Status, a.Page)
	}
}

func TestANameFindsTheServiceOrOffersThoseItCouldMean(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.InForce(t, desktest.Reading())
	o.Apply(t, registry.Change{Services: []registry.Service{
		{ID: "s1", Name: registry.Text{FR: "Lecture facile"}},
		{ID: "s2", Name: registry.Text{FR: "Lecture à voix haute"}},
		{ID: "lire", Name: registry.Text{FR: "Lire en ligne"}},
	}})
	if a := o.Ask(o.Head(desktest.College), "POST", form, "acte", "activer", "service", "LIRE EN LIGNE", "uai", string(desktest.College)); a.Status != 200 || !a.Says("Activer un service : Lire en ligne") {
		t.Errorf("%d %s", a.Status, a.Page)
	}
	a := o.Ask(o.Head(desktest.College), "GET", "/bureau/lot?acte=activer&service=lecture")
	if a.Status != 200 || !a.Says("Plusieurs services portent un nom proche", "service=s1", "service=s2") || a.Says("service=lire") {
		t.Errorf("%d %s", a.Status, a.Page)
	}
	if a := o.Ask(o.Head(desktest.College), "POST", form, "acte", "activer", "service", "s1", "uai", string(desktest.College)); a.Status != 422 || !a.Says("pas de déclaration à activer") {
		t.Errorf("%d %s", a.Status, a.Page)
	}
	second := o.Snapshot(t).Declarations("lire")[0]
	second.ID = "autre"
	o.Apply(t, registry.Change{Declarations: []registry.Declaration{second}})
	if a := o.Ask(o.Head(desktest.College), "POST", form, "acte", "activer", "service", "lire", "uai", string(desktest.College)); a.Status != 422 || !a.Says(`<option value="`+second.ID+`"`) {
		t.Errorf("%d %s", a.Status, a.Page)
	}
}

func TestWhatWasSignedOnPaperIsAttestedForACircumscription(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.InForce(t, desktest.Reading())
	o.Apply(t, registry.Change{Enablings: []registry.Enabling{{
		Service: "lire", UAI: desktest.Ecole, State: registry.ClaimedOnPaper, Declaration: d.ID, Version: 1,
		Paper: &registry.Paper{Act: "A-1", Date: desktest.Day("2026-06-30"), Signatory: "DASEN", Document: conformitytest.Hash("acte")},
	}}})
	typed := []string{"acte", "attester", "circonscription", "Chartres 1"}
	if a := o.Ask(o.DASEN(), "POST", form, typed...); a.Status != 200 || !a.Says("<dd>120</dd>", `name="attendu" value="1"`) {
		t.Fatalf("%d %s", a.Status, a.Page)
	}
	a := o.Ask(o.DASEN(), "POST", confirm, append(typed, "attendu", "1")...)
	if a.Status != 303 || state(t, o, desktest.Ecole) != registry.Enabled {
		t.Fatalf("%d %s", a.Status, a.Page)
	}
	if report := o.Ask(o.DASEN(), "GET", a.Location); !report.Says(string(desktest.Ecole)) {
		t.Errorf("%s", report.Page)
	}
	if a := o.Ask(o.DASEN(), "POST", form, typed...); !a.Says("Aucune décision sur papier") {
		t.Errorf("%s", a.Page)
	}
}

func TestDeclarationsThatEndAreRenewedTogetherByTwoPeople(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	text := desktest.Reading()
	text.Until = desktest.Day("2027-03-31")
	first, second := o.InForce(t, text), o.InForce(t, text)
	page := o.Ask(o.DRANE(), "GET", "/bureau/lot/renouvellements?mois=2027-03")
	if page.Status != 200 || !page.Says(`value="`+first.ID+`" checked`, `value="`+second.ID+`" checked`, "son dernier jour", `value="commencer"`) || page.Says(`value="approuver"`) {
		t.Fatalf("%d %s", page.Status, page.Page)
	}
	if page := o.Ask(o.DRANE(), "GET", "/bureau/lot/renouvellements?mois=2027-04"); page.Says(first.ID) {
		t.Errorf("another month: %s", page.Page)
	}
	typed := []string{"geste", "commencer", "declaration", first.ID, "declaration", second.ID, "jusque", "2027-08-31"}
	for _, wrong := range []string{"", "hier", "2027-01-01"} {
		bad := append(slices.Clone(typed[:6]), "jusque", wrong)
		if a := o.Ask(o.DRANE(), "POST", "/bureau/lot/renouvellements/apercu", bad...); a.Status != 422 || !a.Says("Choisissez un dernier jour") && !a.Says("does not go on") {
			t.Errorf("until %q: %d %s", wrong, a.Status, a.Page)
		}
	}
	if a := o.Ask(o.DRANE(), "POST", "/bureau/lot/renouvellements/apercu", typed...); a.Status != 200 || !a.Says("<dd>2</dd>", first.ID+" v2", "31 août 2027") || len(o.Snapshot(t).Versions(first.ID)) != 1 {
		t.Fatalf("%d %s", a.Status, a.Page)
	}
	a := o.Ask(o.DRANE(), "POST", "/bureau/lot/renouvellements/confirmer", typed...)
	if a.Status != 303 {
		t.Fatalf("%d %s", a.Status, a.Page)
	}
	if report := o.Ask(o.DRANE(), "GET", a.Location); !report.Says("/bureau/declarations/"+first.ID+"/2", "<dd>2</dd>") {
		t.Errorf("%s", report.Page)
	}
	page = o.Ask(o.Recteur(), "GET", "/bureau/lot/renouvellements?mois=2027-03")
	if !page.Says(`value="`+first.ID+`@2" checked`, `value="approuver"`) || page.Says(`value="commencer"`) {
		t.Fatalf("%s", page.Page)
	}
	typed = []string{"geste", "approuver", "version", first.ID + "@2", "version", second.ID + "@2"}
	if a := o.Ask(o.Recteur(), "POST", "/bureau/lot/renouvellements/apercu", typed...); a.Status != 200 || !a.Says("Les services continuent") {
		t.Errorf("%d %s", a.Status, a.Page)
	}
	if a := o.Ask(o.DRANE(), "POST", "/bureau/lot/renouvellements/confirmer", typed...); a.Status != 403 {
		t.Errorf("who began it approves: %d", a.Status)
	}
	if a := o.Ask(o.Recteur(), "POST", "/bureau/lot/renouvellements/confirmer", typed...); a.Status != 303 {
		t.Fatalf("%d %s", a.Status, a.Page)
	}
	if v, _ := o.Snapshot(t).Declaration(second.ID, 2); v.State != registry.Approved {
		t.Errorf("it is %s", v.State)
	}
}

func TestEachRoleOfTwoSchoolsActsForItsOwn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.InForce(t, desktest.Reading())
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
		if a := o.Ask(who.c, "GET", "/bureau/lot"); a.Status != who.page {
			t.Errorf("%s: the page: %d, want %d", name, a.Status, who.page)
		}
		for act, want := range map[string]int{"suspendre": who.suspend, "refuser": who.refuse} {
			typed := []string{"acte", act, "service", "lire", "raison", "essai", "uai", string(desktest.College)}
			if a := o.Ask(who.c, "POST", form, typed...); a.Status != want {
				t.Errorf("%s: %s: %d, want %d", name, act, a.Status, want)
			}
			if want != 200 {
				if a := o.Ask(who.c, "POST", confirm, append(typed, "attendu", "1")...); a.Status != want {
					t.Errorf("%s: %s confirmed: %d, want %d", name, act, a.Status, want)
				}
			}
		}
		if a := o.Ask(who.c, "GET", "/bureau/lot/fait?"+moment); a.Says(string(desktest.College)) {
			t.Errorf("%s reads a report of nobody's", name)
		}
	}
	if state(t, o, desktest.College) != "" {
		t.Error("somebody's preview did something")
	}
}

func TestRenewalsAreForWhoWritesThem(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.InForce(t, desktest.Reading())
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
		if a := o.Ask(who.c, "GET", "/bureau/lot/renouvellements"); a.Status != who.list || a.Says(`value="`+d.ID+`"`) != (who.act == 200) {
			t.Errorf("%s: the list: %d", name, a.Status)
		}
		if a := o.Ask(who.c, "POST", "/bureau/lot/renouvellements/apercu", typed...); a.Status != who.act {
			t.Errorf("%s: %d, want %d", name, a.Status, who.act)
		}
	}
}

func TestAReportIsOfOnesOwnActsAtThatMoment(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	d := o.InForce(t, desktest.Reading())
	for _, uai := range []person.UAI{desktest.College, desktest.Other} {
		if _, err := o.Decide(t.Context(), o.Head(uai), desk.Stance{
			Service: "lire", Declaration: d.ID, State: registry.Enabled, Where: desk.Where{UAIs: []person.UAI{uai}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	path := "/bureau/lot/fait?" + url.Values{"moment": {o.Now().UTC().Format(time.RFC3339Nano)}}.Encode()
	if a := o.Ask(o.Head(desktest.College), "GET", path); !a.Says(string(desktest.College)) || a.Says(string(desktest.Other)) {
		t.Errorf("%s", a.Page)
	}
	if a := o.Ask(o.Head(desktest.College), "GET", "/bureau/lot/fait?moment=hier"); a.Status != 404 {
		t.Errorf("%d", a.Status)
	}
}
