package charter_test

import (
	"testing"
	"time"

	"ecluse/internal/charter"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
)

const (
	ecole   = person.UAI("0280101H")
	college = person.UAI("0280202T")
	other   = person.UAI("0280303C")
)

func schools() []registry.Establishment {
	return []registry.Establishment{
		{UAI: ecole, Kind: registry.Ecole, Academy: "exemple", Department: "028"},
		{UAI: college, Kind: registry.College, Academy: "exemple", Department: "028"},
		{UAI: other, Kind: registry.College, Academy: "exemple", Department: "036"},
	}
}

func text(says string) registry.CharterText {
	if says == "" {
		return registry.CharterText{}
	}
	return registry.CharterText{Rules: []registry.CharterRule{{Icon: "key", Text: registry.Text{FR: says}}}}
}

func view(tb testing.TB, list ...registry.Charter) *registry.Snapshot {
	tb.Helper()
	return registry.NewSnapshot(registry.Contents{Establishments: schools(), Charters: list}, registrytest.Paris())
}

func academy() registry.Charter {
	return registry.Charter{Academy: "exemple", Child: text("academy child"), Teen: text("academy teen"), Adult: text("academy adult")}
}

func at(day string) time.Time {
	t, err := time.Parse(time.DateTime, day+" 12:00:00")
	if err != nil {
		panic(err)
	}
	return t
}

func TestEachWordingComesFromTheNarrowestPlaceThatHasIt(t *testing.T) {
	t.Parallel()
	department := registry.Charter{Department: "028", Teen: text("department teen"), Adult: text("department adult")}
	own := registry.Charter{UAI: college, Adult: text("school adult")}
	gone := registry.Charter{UAI: other, Adult: text("withdrawn"), Withdrawn: true}
	s := view(t, academy(), department, own, gone)
	for _, c := range []struct {
		uai  person.UAI
		w    charter.Wording
		says string
		from registry.Level
	}{
		{college, charter.Adult, "school adult", registry.ByEstablishment},
		{college, charter.Teen, "department teen", registry.ByDepartment},
		{college, charter.Child, "academy child", registry.ByAcademy},
		{ecole, charter.Adult, "department adult", registry.ByDepartment},
		{other, charter.Adult, "academy adult", registry.ByAcademy},
		{other, charter.Teen, "academy teen", registry.ByAcademy},
	} {
		school, _ := s.Establishment(c.uai)
		got, ok := charter.TextAt(s, school, c.w)
		if !ok || got.Rules[0].Text.FR != c.says || got.From != c.from || got.Version != got.CharterText.Version() || got.Wording != c.w {
			t.Errorf("%s, %s: %+v, %v; want %q", c.uai, c.w, got, ok, c.says)
		}
	}
}

func TestATeenagerReadsTheAdultsTextAndAChildNever(t *testing.T) {
	t.Parallel()
	s := view(t, registry.Charter{Academy: "exemple", Adult: text("adult")})
	school, _ := s.Establishment(college)
	if got, ok := charter.TextAt(s, school, charter.Teen); !ok || got.Wording != charter.Adult {
		t.Errorf("a teenager: %+v, %v", got, ok)
	}
	if _, ok := charter.TextAt(s, school, charter.Child); ok {
		t.Error("a child is shown an adult's text")
	}
	s = view(t, registry.Charter{Academy: "exemple", Teen: text("teen")})
	if _, ok := charter.TextAt(s, school, charter.Adult); ok {
		t.Error("staff are shown a teenager's text")
	}
	broader := view(t, registry.Charter{Academy: "exemple", Teen: text("academy teen")}, registry.Charter{UAI: college, Adult: text("school adult")})
	if got, _ := charter.TextAt(broader, school, charter.Teen); got.Rules[0].Text.FR != "academy teen" {
		t.Errorf("the school's text for adults stands before the academy's for teenagers: %+v", got)
	}
}

func TestTheTermsAreInheritedEachByItself(t *testing.T) {
	t.Parallel()
	whole := academy()
	whole.Mode, whole.Until, whole.Begins = registry.CharterRemind, "10-15", "08-24"
	whole.Guardians, whole.Contact = registry.AnswerYes, registry.Text{FR: "le rectorat"}
	s := view(t, whole, registry.Charter{UAI: college, Mode: registry.CharterRemind}, registry.Charter{Department: "028", Guardians: registry.AnswerNo})
	for uai, want := range map[person.UAI]charter.Terms{
		other:   {Mode: registry.CharterRemind, Until: "10-15", Begins: "08-24", Guardians: true, Contact: whole.Contact},
		ecole:   {Mode: registry.CharterRemind, Until: "10-15", Begins: "08-24", Contact: whole.Contact},
		college: {Mode: registry.CharterRemind, Begins: "08-24", Contact: whole.Contact}, // its own choice has no last day
	} {
		school, _ := s.Establishment(uai)
		if got := charter.TermsAt(s, school); got != want {
			t.Errorf("%s: %+v, want %+v", uai, got, want)
		}
	}
	school, _ := s.Establishment(college)
	if got := charter.TermsAt(view(t), school); got != (charter.Terms{Mode: registry.CharterRemind, Begins: "09-01"}) {
		t.Errorf("where nobody said anything: %+v", got)
	}
}

// TestHardCase38EachCharterHasItsOwnYear has two places whose years begin on two days, in the zone in which they are.
func TestHardCase38EachCharterHasItsOwnYear(t *testing.T) {
	t.Parallel()
	usual, early, south := charter.Terms{Begins: "09-01"}, charter.Terms{Begins: "08-15"}, charter.Terms{Begins: "02-15"}
	zone := registrytest.Paris()
	for _, c := range []struct {
		at                  time.Time
		usual, early, south int
	}{
		{time.Date(2027, 8, 14, 23, 59, 59, 0, zone), 2026, 2026, 2027},
		{time.Date(2027, 8, 15, 0, 0, 0, 0, zone), 2026, 2027, 2027},
		{time.Date(2027, 8, 31, 21, 59, 59, 0, time.UTC), 2026, 2027, 2027},
		{time.Date(2027, 8, 31, 22, 0, 0, 0, time.UTC), 2027, 2027, 2027}, // 1 September in Paris
		{time.Date(2028, 2, 14, 12, 0, 0, 0, zone), 2027, 2027, 2027},
		{time.Date(2028, 2, 15, 12, 0, 0, 0, zone), 2027, 2027, 2028},
	} {
		if a, b, d := usual.Year(c.at, zone), early.Year(c.at, zone), south.Year(c.at, zone); a != c.usual || b != c.early || d != c.south {
			t.Errorf("%v: %d, %d and %d, want %d, %d and %d", c.at, a, b, d, c.usual, c.early, c.south)
		}
	}
	if got := (charter.Terms{Begins: "nonsense"}).Year(time.Date(2027, 8, 31, 12, 0, 0, 0, zone), zone); got != 2026 {
		t.Errorf("a day that is none: %d", got)
	}
}

func TestTheLastDayOfAReminderComesBackEachYear(t *testing.T) {
	t.Parallel()
	zone := registrytest.Paris()
	for _, c := range []struct {
		terms charter.Terms
		on    string
		want  string
	}{
		{charter.Terms{Mode: registry.CharterRemind, Until: "10-15", Begins: "09-01"}, "2026-09-01", "2026-10-15"},
		{charter.Terms{Mode: registry.CharterRemind, Until: "10-15", Begins: "09-01"}, "2027-08-31", "2026-10-15"},
		{charter.Terms{Mode: registry.CharterRemind, Until: "10-15", Begins: "09-01"}, "2027-09-01", "2027-10-15"},
		{charter.Terms{Mode: registry.CharterRemind, Until: "01-31", Begins: "09-01"}, "2026-12-01", "2027-01-31"},
		{charter.Terms{Mode: registry.CharterRemind, Until: "01-31", Begins: "09-01"}, "2027-02-01", "2027-01-31"},
		{charter.Terms{Mode: registry.CharterRemind, Begins: "09-01"}, "2026-12-01", ""},
		{charter.Terms{Mode: registry.CharterRequire, Until: "10-15", Begins: "09-01"}, "2026-12-01", ""},
	} {
		if got := c.terms.LastDay(at(c.on), zone).String(); got != c.want {
			t.Errorf("%+v on %s: %q, want %q", c.terms, c.on, got, c.want)
		}
	}
}

func TestWhoIsAskedFollowsFromModeProfileAndSchool(t *testing.T) {
	t.Parallel()
	with := func(mode registry.CharterMode, until registry.YearDay, guardians registry.Answer) registry.Charter {
		c := academy()
		c.Mode, c.Until, c.Guardians = mode, until, guardians
		return c
	}
	for name, c := range map[string]struct {
		charter registry.Charter
		uai     person.UAI
		profile person.Profile
		want    charter.Duty
	}{
		"nobody chose":                      {with("", "", ""), college, person.Pupil, charter.Remind},
		"reminded":                          {with(registry.CharterRemind, "", ""), college, person.Teacher, charter.Remind},
		"reminded until a day to come":      {with(registry.CharterRemind, "11-22", ""), college, person.Pupil, charter.Remind},
		"reminded until a day that is past": {with(registry.CharterRemind, "11-21", ""), college, person.Pupil, charter.Require},
		"reminded until no day":             {with(registry.CharterRemind, "soon", ""), college, person.Pupil, charter.Require},
		"required":                          {with(registry.CharterRequire, "", ""), college, person.Pupil, charter.Require},
		"a mode that nobody knows":          {with("force", "", ""), college, person.Pupil, charter.Require},
		"shown":                             {with(registry.CharterShown, "", ""), college, person.Pupil, charter.Nothing},
		"a pupil of an école":               {with(registry.CharterRequire, "", ""), ecole, person.Pupil, charter.Nothing},
		"a teacher of an école":             {with(registry.CharterRequire, "", ""), ecole, person.Teacher, charter.Require},
		"a guardian":                        {with(registry.CharterRequire, "", ""), college, person.Guardian, charter.Nothing},
		"a guardian of an école":            {with(registry.CharterRequire, "", registry.AnswerNo), ecole, person.Guardian, charter.Nothing},
		"a guardian who is to be asked":     {with(registry.CharterRequire, "", registry.AnswerYes), ecole, person.Guardian, charter.Require},
		"a place that nobody knows":         {with(registry.CharterRequire, "", ""), "0750652B", person.Pupil, charter.Nothing},
	} {
		if got := charter.DueAt(view(t, c.charter), at("2026-11-22"), c.uai, c.profile); got.Duty != c.want {
			t.Errorf("%s: %s, want %s", name, got.Duty, c.want)
		}
	}
	if got := charter.DueAt(view(t), at("2026-11-22"), college, person.Pupil); got.Duty != charter.Nothing {
		t.Errorf("without a charter: %s", got.Duty)
	}
	if got := charter.DueAt(view(t, registry.Charter{UAI: college, Mode: registry.CharterRequire}), at("2026-11-22"), college, person.Pupil); got.Duty != charter.Nothing {
		t.Errorf("a mode without a text: %s", got.Duty)
	}
}

func TestTheLastDayEndsWhereTheSchoolsAre(t *testing.T) {
	t.Parallel()
	c := academy()
	c.Mode, c.Until = registry.CharterRemind, "11-22"
	last := time.Date(2026, 11, 22, 22, 59, 59, 0, time.UTC) // a second before midnight in Paris
	if got := charter.DueAt(view(t, c), last, college, person.Pupil); got.Duty != charter.Remind || got.Last.String() != "2026-11-22" {
		t.Errorf("on the last day: %s, %s", got.Duty, got.Last)
	}
	if got := charter.DueAt(view(t, c), last.Add(time.Second), college, person.Pupil); got.Duty != charter.Require {
		t.Errorf("after it: %s", got.Duty)
	}
}

func TestFewAreNotCounted(t *testing.T) {
	t.Parallel()
	got := charter.Tell([]charter.Count{
		{Version: "now", Group: charter.Pupils, N: 9},
		{Version: "now-too", Group: charter.Pupils, N: 1},
		{Version: "now", Group: charter.Staff, N: 9},
		{Version: "old", Group: charter.Pupils, N: 200},
		{Version: "old", Group: charter.Staff, N: 1},
	}, "now", "now-too")
	want := []charter.Told{
		{Group: charter.Pupils, N: 10},
		{Group: charter.Staff, Hidden: true},
		{Group: charter.Pupils, N: 200, Older: true},
		{Group: charter.Staff, Hidden: true, Older: true},
	}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
}

func TestATextIsShownInOneLanguageThroughout(t *testing.T) {
	t.Parallel()
	both := charter.Text{CharterText: registry.CharterText{
		Rules: []registry.CharterRule{{Icon: "key", Text: registry.Text{FR: "Un.", EN: "One."}}, {Icon: "later", Text: registry.Text{FR: "Deux.", EN: "Two."}}},
		Full:  registry.Text{FR: "# Titre", EN: "# Title"},
	}}
	if got := both.In("en"); got.Lang != "en" || got.Rules[0].Text != "One." || got.Full[0].Heading != "Title" || got.Rules[1].Icon != "info" {
		t.Errorf("%+v", got)
	}
	if got := both.In("fr"); got.Lang != "fr" || got.Rules[1].Text != "Deux." || got.Rules[0].Icon != "key" {
		t.Errorf("%+v", got)
	}
	for name, change := range map[string]func(*charter.Text){
		"a rule": func(t *charter.Text) { t.Rules[1].Text.EN = "" }, "the full text": func(t *charter.Text) { t.Full.EN = "" },
	} {
		half := both
		half.Rules = append([]registry.CharterRule{}, both.Rules...)
		change(&half)
		if got := half.In("en"); got.Lang != "fr" || got.Rules[0].Text != "Un." || got.Full[0].Heading != "Titre" {
			t.Errorf("without %s in English: %+v", name, got)
		}
	}
}
