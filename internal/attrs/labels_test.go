package attrs_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/attrs"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

func sensitive() *registry.Rules {
	return &registry.Rules{ConsentAge: 15, Majority: 18, TermsMonths: 12, TermsGrace: 30, KeepMonths: 3, Sensitive: []registry.SensitiveWord{
		{Word: "ULIS", Reveals: "disability", Neutral: "le niveau seul"},
		{Word: "UPE2A", Reveals: "origin", Neutral: "le niveau seul"},
		{Word: "6e SEGPA", Reveals: "difficulty", Neutral: "6EME"},
		{Word: "SEGPA", Reveals: "difficulty", Neutral: "le niveau seul"},
		{Word: "AESH", Reveals: "disability", Neutral: "accompagnement"},
		{Word: "langue des signes", Reveals: "disability", Neutral: "langue"},
	}}
}

// revealing is a pupil whose every label says too much.
func revealing(items ...person.Attr) scene {
	s := newScene(items...)
	s.rules = sensitive()
	a := &s.person.Affiliations[0]
	a.Classes, a.Groups, a.Functions = []string{"6E ULIS"}, []string{"UPE2A", "G1", "gr. upe2a-2"}, []string{"AESH"}
	a.Values = map[person.Attr][]string{
		person.Level: {"6EME SEGPA"}, person.LevelCode: {"16410002110"}, person.Subjects: {"ALLEMAND", "Langue des signes"},
	}
	return s
}

func TestLabelsThatRevealDoNotLeave(t *testing.T) {
	t.Parallel()
	r := revealing("uai", "classes", "groups", "functions", person.Subjects, person.Level, person.LevelCode).must(t)
	got := values(r)
	for n, want := range map[person.Attr][]string{
		"uai": {string(ecole)}, "classes": nil, "groups": {"G1"}, "functions": nil, person.Subjects: {"ALLEMAND"}, person.Level: {"6EME"}, person.LevelCode: nil,
	} {
		if !slices.Equal(got[n], want) {
			t.Errorf("%s leaves as %v, want %v", n, got[n], want)
		}
	}
	neutral := map[person.Attr]string{
		"classes": "le niveau seul", "groups": "le niveau seul", "functions": "accompagnement", person.Subjects: "langue", person.Level: "6EME", person.LevelCode: "6EME",
	}
	for _, w := range r.Withheld() {
		if w.Why == attrs.Reveals && neutral[w.Entry.Attr] == w.Neutral {
			delete(neutral, w.Entry.Attr)
		}
	}
	if len(neutral) > 0 {
		t.Errorf("not withheld with what is offered instead: %v", neutral)
	}
}

func TestALevelLeavesAsItsNeutralWordOnceAndOnlyWhereThatIsALevel(t *testing.T) {
	t.Parallel()
	s := revealing(person.Level)
	s.person.Affiliations[0].Values[person.Level] = []string{"6EME SEGPA", "6E SEGPA", "6E ULIS"}
	if got := values(s.must(t))[person.Level]; !slices.Equal(got, []string{"6EME"}) {
		t.Errorf("the levels leave as %v", got)
	}
	s.person.Affiliations[0].Values[person.Level] = []string{"ULIS"}
	if r := s.must(t); len(r.Items()) != 0 || why(r)[person.Level] != attrs.Reveals {
		t.Errorf("a level without a neutral one leaves as %v", values(r))
	}
}

func TestLabelsThatRevealNothingLeaveAsTheyAre(t *testing.T) {
	t.Parallel()
	s := newScene("classes", "groups", person.Level, person.LevelCode)
	s.rules = sensitive()
	r := s.must(t)
	if got := values(r); len(got) != 4 || !slices.Equal(got["groups"], []string{"G1", "G2"}) || why(r)["groups"] != "" {
		t.Errorf("%v leave", got)
	}
	for _, item := range r.Items() {
		if strings.Contains(item.How, "reveal") {
			t.Errorf("%s: %s", item.Entry.Attr, item.How)
		}
	}
}

func TestARequiredLabelThatRevealsIsMissingAndNoLogSaysWhy(t *testing.T) {
	t.Parallel()
	s := revealing("uai", "classes", "groups")
	s.declaration.Items[1].Required, s.declaration.Items[2].Required = true, true
	r, err := s.release(t)
	var missing *attrs.Missing
	if !errors.As(err, &missing) || missing.Entry.Attr != "classes" || missing.Why != attrs.Reveals || missing.Neutral != "le niveau seul" || !r.Empty() {
		t.Fatalf("%v, want the class missing", err)
	}
	if text := err.Error(); strings.Contains(text, "reveal") || strings.Contains(text, "ULIS") || !strings.Contains(text, string(attrs.NotKnown)) {
		t.Errorf("a log would say %q", text)
	}
	s.person.Affiliations[0].Classes = []string{"6B"}
	if got := values(s.must(t)); !slices.Equal(got["groups"], []string{"G1"}) {
		t.Errorf("a required attribute that keeps a value leaves with it: %v", got)
	}
}

// TestHardCase42TheINELeavesOnlyWhileTheRulesCiteAText asks for all that every other rule asks, and for the text.
func TestHardCase42TheINELeavesOnlyWhileTheRulesCiteAText(t *testing.T) {
	t.Parallel()
	s := newScene("uai", person.INE)
	s.declaration.Mode, s.rules = registry.Nominative, sensitive()
	for text, want := range map[string]attrs.WhyNot{"": attrs.NotAllowed, "  ": attrs.NotAllowed, "arrêté, art. 2": ""} {
		s.rules.INE = text
		if r := s.must(t); why(r)[person.INE] != want || (len(values(r)[person.INE]) == 1) != (want == "") {
			t.Errorf("text %q: withheld as %q, %v leave", text, why(r)[person.INE], r.Names())
		}
	}
	s.rules.INE, s.declaration.Items[1].Required = "", true
	var missing *attrs.Missing
	if _, err := s.release(t); !errors.As(err, &missing) || missing.Why != attrs.NotAllowed {
		t.Errorf("required and without a text: %v", err)
	}
	s.rules.INE, s.declaration.Mode, s.declaration.Items[1].Required = "arrêté, art. 2", registry.Pseudonymous, false
	if r := s.must(t); why(r)[person.INE] != attrs.NotNominative {
		t.Errorf("under a pseudonymous declaration: %v leave", r.Names())
	}
	s.declaration.Items = s.declaration.Items[:1]
	if r := s.must(t); why(r)[person.INE] != attrs.NotDeclared {
		t.Errorf("undeclared: withheld as %q", why(r)[person.INE])
	}
}
