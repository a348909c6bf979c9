package attrs_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

func TestAPupilOfUnknownAgeCountsAsUnder15(t *testing.T) {
	t.Parallel()
	s := newScene("age_band", "adult")
	born := func(years, days int) time.Time {
		day := s.now.AddDate(-years, 0, -days)
		return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)
	}
	for name, c := range map[string]struct {
		age         person.AgeFacts
		band, adult string
	}{
		"unknown":                   {person.AgeFacts{}, "under_15", "false"},
		"a placeholder":             {person.AgeFacts{Born: born(150, 0)}, "under_15", "false"},
		"a day before the 15th":     {person.AgeFacts{Born: born(15, -1)}, "under_15", "false"},
		"on the 15th birthday":      {person.AgeFacts{Born: born(15, 0)}, "15_to_17", "false"},
		"a day before the 18th":     {person.AgeFacts{Born: born(18, -1)}, "15_to_17", "false"},
		"on the 18th birthday":      {person.AgeFacts{Born: born(18, 0)}, "adult", "true"},
		"of age by the source":      {person.AgeFacts{Adult: person.Yes}, "adult", "true"},
		"not of age by the source":  {person.AgeFacts{Adult: person.No}, "under_15", "false"},
		"a date against the source": {person.AgeFacts{Born: born(12, 0), Adult: person.Yes}, "under_15", "false"},
	} {
		s.person.Age = c.age
		if got := values(s.must(t)); !slices.Equal(got["age_band"], []string{c.band}) || !slices.Equal(got["adult"], []string{c.adult}) {
			t.Errorf("%s: %v, want %s, %s", name, got, c.band, c.adult)
		}
	}
	s.person.Age = person.AgeFacts{}
	s.person.Affiliations, s.place.Profile = []person.Affiliation{{UAI: ecole, Profile: person.Teacher}}, person.Teacher
	if r := s.must(t); len(r.Items()) != 0 || why(r)["age_band"] != attrs.NotKnown {
		t.Errorf("of a teacher of unknown age %v leave", values(r))
	}
}

func TestClassesWithoutTheirNumber(t *testing.T) {
	t.Parallel()
	for label, want := range map[string][]string{
		"CE2 B": {"CE2"}, "5E3": {"5E"}, "6B": {"6E"}, "6EME A": {"6E"}, "6ème2": {"6E"}, "5EB": {"5E"}, "CM2": {"CM2"}, "cm2a": {"CM2"}, "GS-2": {"GS"},
		"CP 1": {"CP"}, "2NDE 5": {"2NDE"}, "2DE4": {"2NDE"}, "Seconde 12": {"2NDE"}, "1ère 3": {"1ERE"}, "1RE2": {"1ERE"}, "TLE 3": {"TLE"}, "Terminale A": {"TLE"},
		"CM1-CM2": {"CM1", "CM2"}, "CP/CE1 B": {"CP", "CE1"}, "3E 2": {"3E"}, "4°C": {"4E"}, " CE1 ": {"CE1"}, "3A2": {"3E"},
		"6E SEGPA": nil, "6E ULIS": nil, "ULIS": nil, "CPE": nil, "CE2 DUPONT": nil, "5E3 Durand": nil, "": nil, "42": nil, "CP A B": nil, "T5": nil, "7E1": nil, "\xff": nil, "CE": nil, "CE1 2 3": nil,
	} {
		s := newScene("class_levels")
		s.person.Affiliations[0].Classes = []string{label}
		if got := values(s.must(t))["class_levels"]; !slices.Equal(got, want) {
			t.Errorf("%q gives %q, want %q", label, got, want)
		}
	}
	s := newScene("class_levels")
	s.person.Affiliations[0].Classes = []string{"5E3", "6E ULIS", "5E1", "4E2"}
	r := s.must(t)
	if got := values(r)["class_levels"]; !slices.Equal(got, []string{"5E", "4E"}) || !slices.Equal(r.Items()[0].Said, s.person.Affiliations[0].Classes) {
		t.Errorf("of four classes %q leave", got)
	}
}

func TestANeutralLevelNeverReveals(t *testing.T) {
	t.Parallel()
	for label, want := range map[string][]string{"CM2": {"CM2"}, "6EME SEGPA": {"6EME"}, "5EME ULIS": {"5EME"}, "ULIS": nil, "UPE2A 6EME": nil, "SEGPA 6EME": nil} {
		s := revealing("neutral_level", "cycle")
		s.person.Affiliations[0].Values[person.Level] = []string{label}
		r := s.must(t)
		if got := values(r)["neutral_level"]; !slices.Equal(got, want) {
			t.Errorf("%q leaves as %q, want %q", label, got, want)
		}
		if got := values(r)["cycle"]; (len(got) == 1) != (want != nil) {
			t.Errorf("%q is of cycle %q", label, got)
		}
	}
}

func TestALevelCodeThatRevealsIsHeldBackBesideAHarmlessLabel(t *testing.T) {
	t.Parallel()
	s := newScene(person.Level, person.LevelCode, "level_stat4", "neutral_level")
	s.rules = sensitive()
	s.rules.SensitiveCodes = []registry.SensitiveCode{{Code: "164", Reveals: "difficulty", Neutral: "6EME"}}
	s.person.Affiliations[0].Values = map[person.Attr][]string{person.Level: {"6EME"}, person.LevelCode: {"16410002110"}, "level_stat4": {"2118"}}
	r := s.must(t)
	if got := values(r); got[person.LevelCode] != nil || got["level_stat4"] != nil || !slices.Equal(got[person.Level], []string{"6EME"}) || !slices.Equal(got["neutral_level"], []string{"6EME"}) {
		t.Errorf("%v leave", got)
	}
	i := slices.IndexFunc(r.Withheld(), func(w attrs.Withheld) bool { return w.Entry.Attr == person.LevelCode })
	if i < 0 || r.Withheld()[i].Why != attrs.Reveals || r.Withheld()[i].Neutral != "6EME" {
		t.Errorf("withheld: %v", why(r))
	}
	s.person.Affiliations[0].Values[person.LevelCode] = []string{"10010012110"}
	if got := values(s.must(t)); got[person.LevelCode] == nil || got["level_stat4"] == nil {
		t.Errorf("codes of the ordinary way are held back: %v leave", got)
	}
}

func TestTheNameOfASchoolThatRevealsIsHeldBack(t *testing.T) {
	t.Parallel()
	s := newScene("school_name", "school_kind")
	s.rules = sensitive()
	s.rules.Sensitive = append(s.rules.Sensitive, registry.SensitiveWord{Word: "école", Reveals: "health", Neutral: "le niveau seul"})
	r := s.must(t)
	if got := r.Names(); !slices.Equal(got, []string{"school_kind"}) || why(r)["school_name"] != attrs.Reveals {
		t.Errorf("%v leave, withheld %v", got, why(r))
	}
	for _, w := range r.Withheld() {
		if w.Why == attrs.Reveals && (strings.Contains(w.Neutral, "niveau") || w.Neutral == "") {
			t.Errorf("in the place of a school's name stands %q", w.Neutral)
		}
	}
}

func TestWordsWithAScopeNeedOne(t *testing.T) {
	t.Parallel()
	s := newScene("scoped_affiliation", "affiliation")
	if got := values(s.must(t)); got["scoped_affiliation"] != nil || got["affiliation"] == nil {
		t.Errorf("without a domain %v leave", got)
	}
	e := engine(t)
	e.Scope = "sso.ac-exemple.fr"
	r, err := e.Release(s.person, s.grant(t), s.request)
	if err != nil || !slices.Equal(values(r)["scoped_affiliation"], []string{"student@sso.ac-exemple.fr"}) {
		t.Errorf("%v leave; %v", values(r), err)
	}
}

func TestTheDomainOfAnAddressTellsNothingElseOfIt(t *testing.T) {
	t.Parallel()
	s := newScene("mail_domain")
	for mail, want := range map[string][]string{
		"Ada@Example.org": {"example.org"}, "ada": nil, "ada@": nil, "ada@localhost": nil, "a@b@example.org": nil, "": nil, "ada@exa mple.org": nil,
	} {
		s.person.Values[person.Mail] = []string{mail}
		if got := values(s.must(t))["mail_domain"]; !slices.Equal(got, want) {
			t.Errorf("%q gives %q, want %q", mail, got, want)
		}
	}
	g := guardian("mail_domain")
	if got := values(g.must(t)); got["mail_domain"] != nil {
		t.Errorf("a guardian's own domain may be their name, and leaves under a pseudonym: %v", got)
	}
	g.declaration.Mode = registry.Nominative
	if got := values(g.must(t)); !slices.Equal(got["mail_domain"], []string{"blanc.example"}) {
		t.Errorf("where names leave: %v", got)
	}
}

func TestARelayAddressIsOnePerPersonAndService(t *testing.T) {
	t.Parallel()
	relay := attrs.Relay{Domain: "relais.ac-exemple.fr", Pattern: "relais-{code}"}
	address := func(change func(*scene)) string {
		s := newScene("relay_mail")
		change(&s)
		e := engine(t)
		e.Relay = relay
		r, err := e.Release(s.person, s.grant(t), s.request)
		if err != nil || len(values(r)["relay_mail"]) != 1 {
			t.Fatalf("%v; %v", values(r), err)
		}
		return values(r)["relay_mail"][0]
	}
	first := address(same)
	if !regexp.MustCompile(`^relais-[a-z2-7]{16}@relais\.ac-exemple\.fr$`).MatchString(first) || address(same) != first {
		t.Errorf("the address is %q", first)
	}
	for name, change := range map[string]func(*scene){
		"another person":  func(s *scene) { s.person.Key.ID = "2" },
		"another service": func(s *scene) { s.service.ID, s.declaration.ServiceID = "compter", "compter" },
		"a later year":    func(s *scene) { s.declaration.Pseudonym = registry.PerSchoolYear },
	} {
		if address(change) == first {
			t.Errorf("%s: the same address", name)
		}
	}
	family := func(id string) string {
		return address(func(s *scene) { s.service.Sector, s.service.ID, s.declaration.ServiceID = "lecture", id, id })
	}
	if family("lire") == family("relire") {
		t.Error("two services of one family share an address")
	}
	if got := values(newScene("relay_mail").must(t)); got["relay_mail"] != nil {
		t.Errorf("without a relay %v leave", got)
	}
}

func TestARelayIsCheckedWholly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		relay attrs.Relay
		wrong string
	}{
		"none":             {attrs.Relay{}, ""},
		"a plain one":      {attrs.Relay{Domain: "relais.ac-exemple.fr", Pattern: "{code}"}, ""},
		"around":           {attrs.Relay{Domain: "relais.ac-exemple.fr", Pattern: "r.{code}.x"}, ""},
		"no domain":        {attrs.Relay{Pattern: "{code}"}, "domain"},
		"no code":          {attrs.Relay{Domain: "a.fr", Pattern: "relais"}, "pattern"},
		"two codes":        {attrs.Relay{Domain: "a.fr", Pattern: "{code}{code}"}, "pattern"},
		"capitals":         {attrs.Relay{Domain: "a.fr", Pattern: "R-{code}"}, "pattern"},
		"an address":       {attrs.Relay{Domain: "a.fr", Pattern: "{code}@b"}, "pattern"},
		"a host":           {attrs.Relay{Domain: "localhost", Pattern: "{code}"}, "domain"},
		"too long":         {attrs.Relay{Domain: "a.fr", Pattern: strings.Repeat("a", 50) + "{code}"}, "pattern"},
		"a dot at the end": {attrs.Relay{Domain: "a.fr", Pattern: "{code}."}, "pattern"},
		"everything":       {attrs.Relay{Domain: "-", Pattern: "-"}, "domain pattern"},
	} {
		var where []string
		for _, f := range c.relay.Check() {
			where = append(where, f.Where)
		}
		if got := strings.Join(where, " "); got != c.wrong {
			t.Errorf("%s: wrong is %q, want %q", name, got, c.wrong)
		}
		if c.wrong == "" {
			continue
		}
		s, e := newScene("relay_mail"), engine(t)
		e.Relay = c.relay
		if r, err := e.Release(s.person, s.grant(t), s.request); err != nil || len(r.Items()) != 0 {
			t.Errorf("%s: %v leave; %v", name, values(r), err)
		}
	}
}

func TestEveryItemSaysWhatItWasMadeFrom(t *testing.T) {
	t.Parallel()
	s := newScene("uai", "profile", "classes", person.Level, "cycle", person.Mail, "initials", "pseudonym")
	s.declaration.Mode = registry.Nominative
	rules := map[attrs.Name]attrs.Rule{
		"uai": attrs.Registered, "profile": attrs.OfThePlace, "classes": attrs.OfThePlace, person.Level: attrs.OfThePlace, "cycle": attrs.Computed,
		person.Mail: attrs.AsSaid, "initials": attrs.Computed, "pseudonym": attrs.Numbered,
	}
	said := map[attrs.Name][]string{
		"classes": {"CM2A"}, person.Level: {"CM2"}, "cycle": {"CM2"}, person.Mail: {"ada@example.org"}, "initials": {"Ada", "Lovelace"},
	}
	for _, item := range s.must(t).Items() {
		if n := item.Entry.Attr; item.Rule != rules[n] || !slices.Equal(item.Said, said[n]) || item.Entry.Derived == (item.How == "") {
			t.Errorf("%s: rule %q, said %q, how %q", n, item.Rule, item.Said, item.How)
		}
	}
}
