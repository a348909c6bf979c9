package conformity_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/configs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/policy/conformity"
	"ecluse/internal/policy/conformity/conformitytest"
	"ecluse/internal/registry"
	"ecluse/internal/registry/manifest"
)

// noon is a moment at which the conforming declaration holds.
func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

func shipped(t *testing.T) registry.Rules {
	t.Helper()
	r, problems := manifest.ReadRules(configs.Files, "rules.yaml")
	if err := problems.Or(); err != nil {
		t.Fatal(err)
	}
	return r
}

func newCase(t *testing.T) conformity.Case {
	t.Helper()
	words, err := dictionary.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return conformity.Case{Rules: shipped(t), Now: noon(), Zone: time.UTC, Words: words}
}

func conforming() registry.Declaration { return conformitytest.Conforming("lire", "lire-academie") }

func day(text string) registry.Date {
	d, err := registry.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// sentence is one sentence of the law: what is changed in a conforming declaration, or in what it is examined against,
// and what is found then, each as "severity rule field"; law is a part of the reference of each.
type sentence struct {
	says   string
	change func(*registry.Declaration)
	given  func(*conformity.Case)
	want   []string
	law    string
}

func read(t *testing.T, law []sentence) {
	t.Helper()
	for _, s := range law {
		t.Run(s.says, func(t *testing.T) {
			t.Parallel()
			d, c := conforming(), newCase(t)
			if s.change != nil {
				s.change(&d)
			}
			if s.given != nil {
				s.given(&c)
			}
			findings := conformity.Examine(d, c)
			if got := told(findings); !slices.Equal(got, s.want) {
				t.Errorf("found:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(s.want, "\n"))
			}
			for _, f := range findings {
				if f.Law == "" || f.What == "" || f.Rule == "" || !strings.Contains(f.Law, strings.TrimPrefix(s.law, "art. ")) {
					t.Errorf("%+v: it says nothing, or cites something else than %q", f, s.law)
				}
			}
		})
	}
}

func told(findings []registry.Finding) []string {
	out := []string{}
	for _, f := range findings {
		out = append(out, fmt.Sprintf("%s %s %s", strings.ReplaceAll(f.Severity.String(), " ", "-"), f.Rule, f.Where))
	}
	return out
}

func nothing() []string { return []string{} }

func TestNothingStandsAgainstAConformingDeclaration(t *testing.T) {
	t.Parallel()
	for _, f := range conformity.Examine(conforming(), newCase(t)) {
		t.Errorf("%s %s", f.Rule, f)
	}
}

func TestWithoutRulesNothingConforms(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*registry.Rules){
		"no rules at all":     func(r *registry.Rules) { *r = registry.Rules{} },
		"no countries":        func(r *registry.Rules) { r.EEA = nil },
		"no age of majority":  func(r *registry.Rules) { r.Majority = 0 },
		"no age of consent":   func(r *registry.Rules) { r.ConsentAge = 0 },
		"no number for DPIAs": func(r *registry.Rules) { r.DPIAFrom = 0 },
		"no uses":             func(r *registry.Rules) { r.Uses = nil },
	} {
		c := newCase(t)
		spoil(&c.Rules)
		found := conformity.Examine(conforming(), c)
		if !slices.ContainsFunc(found, func(f registry.Finding) bool { return f.Rule == "rules" && f.Severity == registry.Blocking }) {
			t.Errorf("%s: %v", name, found)
		}
	}
}

func TestAnEmptyDeclarationIsToldEverythingAtOnce(t *testing.T) {
	t.Parallel()
	found := conformity.Examine(registry.Declaration{}, newCase(t))
	rules := map[string]bool{}
	for _, f := range found {
		rules[f.Rule] = true
		if f.Law == "" || f.What == "" || f.Rule == "" {
			t.Errorf("%+v says nothing or cites no law", f)
		}
	}
	for _, rule := range []string{
		"controller", "purposes", "uses", "persons", "data", "recipients", "security", "directory", "supplier-relation", "basis",
		"hosting", "country", "risk", "erasure", "dates",
	} {
		if !rules[rule] {
			t.Errorf("%s is not told", rule)
		}
	}
	if !registry.Blocks(found) {
		t.Error("nothing blocks")
	}
}

func TestExaminingChangesNothing(t *testing.T) {
	t.Parallel()
	d := conforming()
	d.DPIA.Criteria = append(make([]string, 0, 8), "monitoring")
	before := fmt.Sprintf("%#v %q", d, d.DPIA.Criteria[:8:8][1:1])
	conformity.Examine(d, newCase(t))
	if after := fmt.Sprintf("%#v %q", d, d.DPIA.Criteria[:8:8][1:1]); after != before || d.DPIA.Criteria[:2][1] != "" {
		t.Error("the declaration was changed")
	}
}

func TestTheControllerAnswersWhatIsToBeJustifiedAndNothingElse(t *testing.T) {
	t.Parallel()
	mail := registry.Finding{Rule: "item-usual", Where: "items[4]", Severity: registry.ToJustify}
	name := registry.Finding{Rule: "item-usual", Where: "items[5]", Severity: registry.ToJustify}
	blocks := registry.Finding{Rule: "supplier-terms", Where: "supplier.terms.offer"}
	note := registry.Finding{Rule: "labels", Severity: registry.Note}
	all := []registry.Finding{mail, name, blocks, note}
	for _, c := range []struct {
		says    string
		answers []registry.Justified
		want    []registry.Finding
	}{
		{"nothing is answered", nil, []registry.Finding{mail, name}},
		{"an answer without place answers every place", []registry.Justified{{Rule: "item-usual", Text: "parce que"}}, nil},
		{"an answer at one place answers no other", []registry.Justified{{Rule: "item-usual", Where: "items[4]", Text: "parce que"}}, []registry.Finding{name}},
		{"an answer that says nothing is none", []registry.Justified{{Rule: "item-usual", Text: "  "}}, []registry.Finding{mail, name}},
		{"an answer to another rule is none", []registry.Justified{{Rule: "dates-long", Text: "parce que"}}, []registry.Finding{mail, name}},
		{"an answer to no rule is none", []registry.Justified{{Text: "parce que"}}, []registry.Finding{mail, name}},
	} {
		if got := conformity.Unanswered(all, registry.Declaration{Justified: c.answers}); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.says, got, c.want)
		}
	}
	answered := registry.Declaration{Justified: []registry.Justified{{Rule: "supplier-terms", Text: "parce que"}}}
	if registry.Blocks(conformity.Unanswered([]registry.Finding{blocks}, answered)) {
		t.Error("a blocking finding is no finding to justify")
	}
	if d := conforming(); !registry.Blocks(conformity.Examine(consumerWithAnswer(d), newCase(t))) {
		t.Error("an answer made a blocking finding go away")
	}
}

func consumerWithAnswer(d registry.Declaration) registry.Declaration {
	d.Supplier.Terms.Offer = registry.ConsumerOffer
	d.Justified = []registry.Justified{{Rule: "supplier-terms", Text: "parce que"}}
	return d
}

// schools is a directory of establishments for cases.
func schools(uai person.UAI) (registry.Establishment, bool) {
	switch uai {
	case "0280202T":
		return registry.Establishment{UAI: uai, Kind: registry.College}, true
	case "0280101H":
		return registry.Establishment{UAI: uai, Kind: registry.Ecole}, true
	case "0280505X":
		return registry.Establishment{UAI: uai, Kind: registry.College, Private: true}, true
	}
	return registry.Establishment{}, false
}

// ofSchools makes the declaration one of establishments, answered for and signed by their head.
func ofSchools(uais ...person.UAI) func(*registry.Declaration) {
	return func(d *registry.Declaration) {
		d.Scope = registry.Scope{Level: registry.ByEstablishment, UAIs: uais}
		d.Controller.Office, d.Supplier.SignedBy = "chef d'établissement", "chef d'établissement"
	}
}

func both(changes ...func(*registry.Declaration)) func(*registry.Declaration) {
	return func(d *registry.Declaration) {
		for _, change := range changes {
			change(d)
		}
	}
}

func inSchools(c *conformity.Case) { c.School = schools }
