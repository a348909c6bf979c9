package consent_test

import (
	"fmt"
	"slices"
	"testing"

	"ecluse/internal/consent"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// past are the versions of a declaration that are known.
type past []registry.Declaration

func (p past) Declaration(id string, version int) (registry.Declaration, bool) {
	for _, d := range p {
		if d.ID == id && d.Version == version {
			return d, true
		}
	}
	return registry.Declaration{}, false
}

func TestEveryChangeOfSubstanceHasWords(t *testing.T) {
	t.Parallel()
	item := func(a person.Attr, of ...person.Profile) registry.Item { return registry.Item{Attr: a, Profiles: of} }
	for name, c := range map[string]struct {
		change func(*registry.Declaration)
		want   string
	}{
		"data added":           {func(d *registry.Declaration) { d.Items = append(d.Items, item("given_name")) }, "[data_added:[given_name]]"},
		"data removed":         {func(d *registry.Declaration) { d.Items = d.Items[:1] }, "[data_removed:[mail classes]]"},
		"data of others":       {func(d *registry.Declaration) { d.Items = append(d.Items, item("title", person.Teacher)) }, "[others:[]]"},
		"data now of others":   {func(d *registry.Declaration) { d.Items[1].Profiles = []person.Profile{person.Teacher} }, "[data_removed:[mail]]"},
		"another reason":       {func(d *registry.Declaration) { d.Items[0].Justification.FR = "x" }, "[data_reason:[uai]]"},
		"required":             {func(d *registry.Declaration) { d.Items[0].Required = true }, "[others:[]]"},
		"order":                {func(d *registry.Declaration) { slices.Reverse(d.Items) }, "[others:[]]"},
		"named to numbered":    {func(d *registry.Declaration) { d.Mode = registry.Pseudonymous }, "[unnamed:[]]"},
		"purpose":              {func(d *registry.Declaration) { d.Purposes = []registry.Text{{FR: "jouer"}} }, "[purpose_added:[] purpose_removed:[]]"},
		"controller":           {func(d *registry.Declaration) { d.Controller.Name = "x" }, "[controller:[]]"},
		"a second controller":  {func(d *registry.Declaration) { d.Joint = []registry.Controller{{Name: "x"}} }, "[controller:[]]"},
		"supplier":             {func(d *registry.Declaration) { d.Supplier.Name = "x" }, "[supplier:[]]"},
		"relation":             {func(d *registry.Declaration) { d.Supplier.Relation = "x" }, "[supplier:[]]"},
		"recipients":           {func(d *registry.Declaration) { d.Recipients = []registry.Text{{FR: "x"}} }, "[recipients:[]]"},
		"where":                {func(d *registry.Declaration) { d.Hosting = []string{"DE"} }, "[where:[]]"},
		"a transfer":           {func(d *registry.Declaration) { d.Transfers = []registry.Transfer{{Country: "US"}} }, "[where:[]]"},
		"a transfer's paper":   {func(d *registry.Declaration) { d.Hosting = []string{"FR", "FR"} }, "[others:[]]"},
		"how long":             {func(d *registry.Declaration) { d.Retention.FR = "dix ans" }, "[how_long:[]]"},
		"basis":                {func(d *registry.Declaration) { d.Basis.Kind = registry.Contract }, "[basis:[]]"},
		"nothing":              {func(*registry.Declaration) {}, "[]"},
		"a day":                {func(d *registry.Declaration) { d.Until = d.Until.Add(1) }, "[]"},
		"the number's default": {func(d *registry.Declaration) { d.Pseudonym = registry.PerCycle }, "[]"},
	} {
		before := newScene(registry.Consent).declaration
		before.Purposes, before.Hosting = []registry.Text{{FR: "lire"}}, []string{"FR"}
		now := before
		now.Items, now.Purposes = slices.Clone(before.Items), slices.Clone(before.Purposes)
		c.change(&now)
		got := consent.Changes(before, now, person.Pupil)
		words := make([]string, len(got))
		for i, change := range got {
			words[i] = fmt.Sprintf("%s:%v", change.Topic, change.Attrs)
			if !slices.Contains(consent.Topics(), change.Topic) {
				t.Errorf("%s: the topic %q is not listed", name, change.Topic)
			}
		}
		if fmt.Sprint(words) != c.want {
			t.Errorf("%s: %v, want %s", name, words, c.want)
		}
		if (len(got) == 0) != (before.Substance() == now.Substance()) {
			t.Errorf("%s: %d changes, substance the same: %t", name, len(got), before.Substance() == now.Substance())
		}
	}
	before := newScene(registry.Consent).declaration
	before.Mode = registry.Pseudonymous
	now := before
	now.Pseudonym = registry.Stable
	if got := consent.Changes(before, now, person.Pupil); len(got) != 1 || got[0].Topic != consent.Number {
		t.Errorf("a number that lasts longer: %v", got)
	}
	now.Mode = registry.Nominative
	if got := consent.Changes(before, now, person.Pupil); len(got) != 1 || got[0].Topic != consent.Named {
		t.Errorf("from a number to a name: %v", got)
	}
}

func TestWhatChangedIsSaidAgainstTheVersionThatWasSeen(t *testing.T) {
	t.Parallel()
	s := newScene(registry.PublicInterest)
	known := past{s.declaration}
	s.book.Past = func() (*registry.Snapshot, error) {
		return registry.NewSnapshot(registry.Contents{Declarations: known}, s.zone), nil
	}
	s.child(t, consent.Informed)
	s.declaration.Version, s.declaration.Retention.FR = 2, "dix ans"
	known = append(known, s.declaration)
	s.declaration.Version, s.declaration.Hosting = 3, []string{"DE"}
	need, err := s.needs(t)
	if err != nil || len(need.Changes) != 2 || need.Changes[0].Topic != consent.Where || need.Changes[1].Topic != consent.HowLong {
		t.Errorf("two versions later: %+v, %v", need.Changes, err)
	}
	known[0].Retention.FR = "not what was seen"
	if need, _ := s.needs(t); !need.Changed || need.Changes != nil {
		t.Errorf("a version that is not the one that was seen: %+v", need)
	}
	known = nil
	if need, _ := s.needs(t); !need.Changed || need.Changes != nil {
		t.Errorf("a version that is not known any more: %+v", need)
	}
}

// TestNothingIsShownToThoseWhomTheSchoolInformed and recorded so; whatever is not known has the page shown.
func TestNothingIsShownToThoseWhomTheSchoolInformed(t *testing.T) {
	t.Parallel()
	day := registry.Date{Year: 2026, Month: 9, Day: 3}
	school := func() registry.Declaration {
		d := newScene(registry.PublicInterest).declaration
		d.Scope = registry.Scope{Level: registry.ByEstablishment, UAIs: []person.UAI{ecole}}
		for _, kind := range []registry.NoticeKind{registry.ToPupils, registry.ToGuardians} {
			d.Informed = append(d.Informed, registry.Notice{Kind: kind, Date: day, Document: "mot-2026-3"})
		}
		return d
	}
	now := newScene("").now
	rules := registry.Rules{ConsentAge: 15, Majority: 18}
	mode := func(d registry.Declaration, profile person.Profile, known consent.Versions, age person.AgeFacts) consent.Mode {
		return consent.Asks(person.Person{Age: age}, profile, d, rules, known, now).Mode
	}
	none := person.AgeFacts{}
	for _, profile := range []person.Profile{person.Pupil, person.Guardian} {
		if got := mode(school(), profile, nil, none); got != consent.None {
			t.Errorf("%s: %s, want none", profile, got)
		}
	}
	for name, change := range map[string]func(*registry.Declaration){
		"no document":         func(d *registry.Declaration) { d.Informed[0].Document = "" },
		"no day":              func(d *registry.Declaration) { d.Informed[0].Date = registry.Date{} },
		"a day to come":       func(d *registry.Declaration) { d.Informed[1].Date = registry.Date{Year: 2026, Month: 11, Day: 23} },
		"guardians were not":  func(d *registry.Declaration) { d.Informed = d.Informed[:1] },
		"pupils were not":     func(d *registry.Declaration) { d.Informed = d.Informed[1:] },
		"the academy's":       func(d *registry.Declaration) { d.Scope.Level = registry.ByAcademy },
		"two schools'":        func(d *registry.Declaration) { d.Scope.UAIs = append(d.Scope.UAIs, "0280001A") },
		"a version not known": func(d *registry.Declaration) { d.Version = 2 },
	} {
		d := school()
		change(&d)
		if got := mode(d, person.Pupil, nil, none); got != consent.Information {
			t.Errorf("%s: %s, want information", name, got)
		}
	}
	if got := mode(school(), person.Teacher, nil, none); got != consent.Information {
		t.Errorf("a teacher whom no notice reached: %s", got)
	}
	d := school()
	d.Informed = d.Informed[:1]
	if got := mode(d, person.Pupil, nil, person.AgeFacts{Born: now.AddDate(-18, 0, 0)}); got != consent.None {
		t.Errorf("a pupil who is of age: %s, want none: nobody else is informed for them", got)
	}
	d = school()
	d.Basis.Kind = registry.Consent
	if got := mode(d, person.Pupil, nil, none); got != consent.Joint {
		t.Errorf("a consent: %s, want joint: a notice is no question", got)
	}

	first, second := school(), school()
	second.Version, second.Retention.FR = 2, "dix ans"
	if got := mode(second, person.Pupil, past{first}, none); got != consent.Information {
		t.Errorf("notices of before the change: %s, want information", got)
	}
	for i := range second.Informed {
		second.Informed[i].Document = "mot-2026-11"
	}
	if got := mode(second, person.Pupil, past{first}, none); got != consent.None {
		t.Errorf("notices of the change: %s, want none", got)
	}
	renewed := second
	renewed.Version = 3
	if got := mode(renewed, person.Pupil, past{first, second}, none); got != consent.None {
		t.Errorf("a renewal: %s, want none", got)
	}
	renewed.Informed = first.Informed
	if got := mode(renewed, person.Pupil, past{first, second}, none); got != consent.Information {
		t.Errorf("a renewal with the notices of before: %s, want information", got)
	}
}

func TestNoneIsClearedInSilenceAndInTheJournal(t *testing.T) {
	t.Parallel()
	s := newScene(registry.PublicInterest)
	s.declaration.Scope = registry.Scope{Level: registry.ByEstablishment, UAIs: []person.UAI{ecole}}
	s.declaration.Informed = []registry.Notice{{Kind: registry.ToStaff, Date: registry.Date{Year: 2026, Month: 9, Day: 3}, Document: "note"}}
	r := s.release(t)
	c, err := s.book.Clear(t.Context(), s.person, r, consent.Said{}, consent.Around{Protocol: "saml"})
	if err != nil || c.Empty() || len(s.store.receipts) != 0 || len(s.store.entries) != 1 || s.store.entries[0].Reason != "passed" {
		t.Errorf("%v, %d receipts, entries %+v", err, len(s.store.receipts), s.store.entries)
	}
}
