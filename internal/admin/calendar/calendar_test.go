package calendar_test

import (
	"testing"

	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// open is the reading site, open in the two collèges until the end of March.
func open(t *testing.T) (*office, registry.Declaration) {
	t.Helper()
	o := newOffice(t)
	text := desktest.Reading()
	text.Until = desktest.Day("2027-03-31")
	d := o.inForce(t, text)
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
	page := o.get(o.DRANE(), "/bureau/calendrier")
	if page.status != 200 || !page.says("mars 2027", `<td data-label="Établissements">2</td>`, `<td data-label="Élèves">750</td>`,
		`href="/bureau/calendrier?mois=2027-03#mois"`, `href="/bureau/lot/renouvellements?mois=2027-03"`, "<svg", `height="160"`) {
		t.Fatalf("%d %s", page.status, page.text)
	}
	page = o.get(o.DRANE(), "/bureau/calendrier?mois=2027-03")
	if !page.says("Ce qui se termine en mars 2027", `href="/bureau/declarations/`+d.ID+`/1"`, "son dernier jour", "rien encore", "31 mars 2027") {
		t.Errorf("%s", page.text)
	}
	if page := o.get(o.DPO(), "/bureau/calendrier?mois=2027-03"); page.says("renouvellements") || !page.says("750") {
		t.Errorf("the officer renews nothing: %s", page.text)
	}
	if page := o.get(o.DRANE(), "/bureau/calendrier?mois=2031-01"); page.status != 200 || page.says("Ce qui se termine en") {
		t.Errorf("a month far away: %d", page.status)
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
		page := o.get(who.c, "/bureau/calendrier")
		if page.status != who.status {
			t.Errorf("%s: %d", name, page.status)
		}
		for _, pupils := range []string{"400", "350", "750"} {
			if got := page.says(`<td data-label="Élèves">` + pupils + "</td>"); got != (pupils == who.pupils) {
				t.Errorf("%s: %s pupils: %t", name, pupils, got)
			}
		}
	}
}

func TestNothingThatEndsIsSaidSo(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	if page := o.get(o.Teacher(desktest.College), "/bureau/calendrier"); page.status != 200 || !page.says("Aucune fin de déclaration") || page.says("<svg") {
		t.Errorf("%d %s", page.status, page.text)
	}
	o.out = true
	if page := o.get(roles.Caller{}, "/bureau/calendrier"); !page.says("Entrer au bureau") {
		t.Errorf("nobody: %s", page.text)
	}
}
