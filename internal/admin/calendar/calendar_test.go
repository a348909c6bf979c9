package calendar_test

import (
	"testing"

	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// open is the reading site, open in the two collèges until the end of March.
func open(t *testing.T) (*frametest.Bench, registry.Declaration) {
	t.Helper()
	o := newOffice(t)
	text := desktest.Reading()
	text.Until = desktest.Day("2027-03-31")
	d := o.InForce(t, text)
	for _, uai := range []person.UAI{desktest.College, desktest.Other} {
		if _, err := o.Decide(t.Context(), o.Head(uai), desk.Stance{
			Service: "lire", Declaration: d.ID, State: registry.Enabled, Where: desk.Where{UAIs: []person.UAI{uai}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	return o, d
}

func TestEachMonthSaysHowManySchoolsAndPupilsItCloses(t *testing.T) {
	t.Parallel()
	o, d := open(t)
	page := o.Ask(o.DRANE(), "GET", "/bureau/calendrier")
	if page.Status != 200 || !page.Says("mars 2027", `<td data-label="Établissements">2</td>`, `<td data-label="Élèves">750</td>`,
		`href="/bureau/calendrier?mois=2027-03#mois"`, `href="/bureau/lot/renouvellements?mois=2027-03"`, "<svg", `height="160"`) {
		t.Fatalf("%d %s", page.Status, page.Page)
	}
	page = o.Ask(o.DRANE(), "GET", "/bureau/calendrier?mois=2027-03")
	if !page.Says("Ce qui se termine en mars 2027", `href="/bureau/declarations/`+d.ID+`/1"`, "son dernier jour", "rien encore", "31 mars 2027") {
		t.Errorf("%s", page.Page)
	}
	if page := o.Ask(o.DPO(), "GET", "/bureau/calendrier?mois=2027-03"); page.Says("renouvellements") || !page.Says("750") {
		t.Errorf("the officer renews nothing: %s", page.Page)
	}
	if page := o.Ask(o.DRANE(), "GET", "/bureau/calendrier?mois=2031-01"); page.Status != 200 || page.Says("Ce qui se termine en") {
		t.Errorf("a month far away: %d", page.Status)
	}
}

func TestEachRoleOfTwoSchoolsCountsItsOwn(t *testing.T) {
	t.Parallel()
	o, _ := open(t)
	for name, who := range map[string]struct {
		c      roles.Caller
		status int
		pupils string
	}{
		"its head":          {o.Head(desktest.College), 200, "400"},
		"another head":      {o.Head(desktest.Other), 200, "350"},
		"a third head":      {o.Head(desktest.Lycee), 200, ""},
		"its assistant":     {o.Assistant(), 200, "400"},
		"the officer":       {o.DPO(), 200, "750"},
		"the recteur":       {o.Recteur(), 200, "750"},
		"the DASEN":         {o.DASEN(), 200, "750"},
		"the administrator": {o.Admin(), 200, "750"},
		"an auditor":        {o.Auditor(), 200, "750"},
		"an IEN":            {o.IEN(), 200, ""},
		"a teacher there":   {o.Teacher(desktest.College), 200, ""},
		"support":           {o.Support(), 200, ""},
		"on call":           {o.OnCall(), 200, ""},
		"a stranger":        {o.Stranger(), 403, ""},
	} {
		page := o.Ask(who.c, "GET", "/bureau/calendrier")
		if page.Status != who.status {
			t.Errorf("%s: %d", name, page.Status)
		}
		for _, pupils := range []string{"400", "350", "750"} {
			if got := page.Says(`<td data-label="Élèves">` + pupils + "</td>"); got != (pupils == who.pupils) {
				t.Errorf("%s: %s pupils: %t", name, pupils, got)
			}
		}
	}
}

func TestNothingThatEndsIsSaidSo(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	if page := o.Ask(o.Teacher(desktest.College), "GET", "/bureau/calendrier"); page.Status != 200 || !page.Says("Aucune fin de déclaration") || page.Says("<svg") {
		t.Errorf("%d %s", page.Status, page.Page)
	}
	if page := o.Ask(roles.Caller{}, "GET", "/bureau/calendrier"); !page.Says("Entrer au bureau") {
		t.Errorf("nobody: %s", page.Page)
	}
}
