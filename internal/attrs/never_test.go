package attrs_test

import (
	"slices"
	"strings"
	"testing"

	"ecluse/internal/attrs"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

const nir = "1 84 12 76 451 089 46" // a well-formed number that the health insurance uses as an example

// TestHardCase42NoNumberLeavesUnderAnotherWord has a source put the two national numbers where other things belong.
func TestHardCase42NoNumberLeavesUnderAnotherWord(t *testing.T) {
	t.Parallel()
	const ine = "0123456789A"
	words := []person.Attr{person.Login, person.Anchor, person.DisplayName, person.Level, "classes", "groups", "functions", person.Subjects}
	for name, value := range map[string]string{
		"a NIR": nir, "a NIR without spaces": strings.ReplaceAll(nir, " ", ""), "a NIR in a text": "compte " + nir,
		"the NIR with a sign that a service leaves out": "1 84 12 76 中 451 089 46",
		"the INE in wide figures":                       "０１２３４５６７８９Ａ", "the INE with a sign that nobody sees": "012345\u200b6789A",
		"the INE with one that a service leaves out": "012345ĸ6789A", "the INE in circles": "⓪①②③④⑤⑥⑦⑧⑨Ａ",
		"the INE": ine, "the INE in small letters": strings.ToLower(ine), "the INE with spaces": "01234 56789 A", "the INE in a text": "eleve." + ine,
	} {
		s := newScene(words...)
		s.declaration.Mode, s.rules = registry.Nominative, &registry.Rules{INE: "arrêté", ConsentAge: 15}
		a := &s.person.Affiliations[0]
		for _, n := range words {
			a.Values[n] = []string{value, "harmless"}
		}
		a.Classes, a.Groups, a.Functions = []string{value, "harmless"}, []string{"harmless", value}, []string{value}
		s.person.Values[person.INE] = []string{ine}
		r := s.must(t)
		for _, item := range r.Items() {
			if !slices.Equal(item.Values, []string{"harmless"}) || item.Rule != attrs.HeldBack {
				t.Errorf("%s: %s leaves as %q by %s", name, item.Entry.Attr, item.Values, item.Rule)
			}
		}
		if len(r.Items()) != len(words)-1 || why(r)["functions"] != attrs.NotAllowed || why(r)[person.Login] != attrs.NotAllowed {
			t.Errorf("%s: %v leave, withheld %v", name, r.Names(), why(r))
		}
	}
}

func TestAnINEThatTheSourceDoesNotNameIsKnownByItsShape(t *testing.T) {
	t.Parallel()
	s := newScene(person.Login, person.LevelCode)
	s.declaration.Mode = registry.Nominative
	delete(s.person.Values, person.INE)
	for login, leaves := range map[string]bool{
		"0123456789A": false, "012345678AB": false, " 012345678ab ": false, "01234567890": true, "alovelace": true, "A0123456789": true, "0123456789AB": true,
	} {
		s.person.Values[person.Login] = []string{login}
		if got := values(s.must(t))[person.Login]; (got != nil) != leaves {
			t.Errorf("the login %q leaves as %q", login, got)
		}
	}
	s.person.Affiliations[0].Values[person.LevelCode] = []string{"1671000211A"}
	if got := values(s.must(t))[person.LevelCode]; got == nil {
		t.Error("the code of a level is taken for a pupil's number")
	}
}

// TestNobodyStopsAServiceByWhatTheyCallAGroupOrThemselves: a value that looks like what no declaration covers under that
// word would make the message a breach, and the service would stop for a whole academy.
func TestNobodyStopsAServiceByWhatTheyCallAGroupOrThemselves(t *testing.T) {
	t.Parallel()
	for word, taken := range map[person.Attr][]string{
		"groups":            {"0123456789A", "012345678AB", string(college), "987654321\u200b0A", "９８７６５４３２１０Ａ", "987654321ĸ0A", "0280\u2060202T", "０２８０２０２Ｔ"},
		"classes":           {"0123456789A", string(college)},
		"functions":         {"0123456789A", string(college)},
		person.Level:        {"0123456789A", string(college)},
		person.LevelLabel:   {"0123456789A", string(college)},
		person.DisplayName:  {"lea@ecole.example", "Léa <lea@ecole.example>", "lea＠ecole.example", "lea﹫ecole.example", "0123456789A", string(college)},
		person.GivenName:    {"lea@ecole.example"},
		person.FamilyName:   {"lea@ecole.example"},
		person.Title:        {"lea@ecole.example"},
		"birth_name":        {"lea@ecole.example"},
		person.Login:        {"0123456789A", string(college)},
		"school_local_id":   {"lea@ecole.example", "0123456789A"},
		person.SubjectCodes: {string(college)},
	} {
		for _, value := range taken {
			s := newScene(word)
			s.declaration.Mode = registry.Nominative
			a := &s.person.Affiliations[0]
			a.Values[word] = []string{value, "harmless"}
			a.Classes, a.Groups, a.Functions = []string{value, "harmless"}, []string{value, "harmless"}, []string{value, "harmless"}
			if got := values(s.must(t))[word]; !slices.Equal(got, []string{"harmless"}) {
				t.Errorf("%s leaves as %q", word, got)
			}
		}
	}
	for word, value := range map[person.Attr]string{
		"groups": string(ecole), person.Login: "lea@ecole.example", person.Mail: "lea@ecole.example", person.SubjectCodes: "0123456789A",
		person.PrincipalName: "lea@ecole.example", person.DisplayName: "Léa 0280202U",
	} {
		s := newScene(word)
		s.declaration.Mode = registry.Nominative
		s.person.Affiliations[0].Values[word], s.person.Affiliations[0].Groups = []string{value}, []string{value}
		if got := values(s.must(t))[word]; !slices.Equal(got, []string{value}) {
			t.Errorf("%s leaves as %q", word, got)
		}
	}
}

// counted is a headcount of the école on the first of October.
func counted(classes, groups map[string]int) *registry.Headcount {
	return &registry.Headcount{UAI: ecole, On: registry.Date{Year: 2026, Month: 10, Day: 1}, Classes: classes, Groups: groups}
}

func TestLabelsThatFewShareDoNotLeaveUnderAPseudonym(t *testing.T) {
	t.Parallel()
	s := newScene("uai", "classes", "groups", "class_levels")
	s.rules = &registry.Rules{SmallGroup: 5, ConsentAge: 15}
	s.person.Affiliations[0].Classes, s.person.Affiliations[0].Groups = []string{"CM2A"}, []string{"G1", "G2", "G3"}
	s.headcount = counted(map[string]int{"CM2A": 4, "CM2B": 20}, map[string]int{"G1": 5, "G2": 4, "G3": 30})
	r := s.must(t)
	if got := values(r); got["classes"] != nil || !slices.Equal(got["groups"], []string{"G1", "G3"}) || got["uai"] == nil || got["class_levels"] == nil {
		t.Errorf("%v leave", got)
	}
	if got := why(r); got["classes"] != attrs.TooFew || got["groups"] != attrs.TooFew || attrs.TooFew.ForJournal() != attrs.NotKnown {
		t.Errorf("withheld %v", got)
	}
	s.person.Affiliations[0].Groups = []string{"G1", "G2", "new since"}
	if got := values(s.must(t)); !slices.Equal(got["groups"], []string{"G1"}) {
		t.Errorf("%v leave of a school where a group was not counted", got["groups"])
	}
	all := func(name string, change func(*scene)) {
		s := s
		change(&s)
		if got := values(s.must(t)); len(got["classes"]) != 1 || len(got["groups"]) != 3 {
			t.Errorf("%s: %v leave", name, got)
		}
	}
	all("nobody counts", func(s *scene) { s.headcount = nil })
	all("the rules ask for nothing", func(s *scene) { s.rules = &registry.Rules{ConsentAge: 15} })
	all("names leave", func(s *scene) { s.declaration.Mode = registry.Nominative })
	all("counted too long ago", func(s *scene) { old := *s.headcount; old.On.Year = 2024; s.headcount = &old })
	all("counted elsewhere", func(s *scene) { other := *s.headcount; other.UAI = college; s.headcount = &other })
	s.declaration.Items[1].Required = true
	if _, err := s.release(t); err == nil || strings.Contains(err.Error(), "few") {
		t.Errorf("a required label that few share: %v", err)
	}
}
