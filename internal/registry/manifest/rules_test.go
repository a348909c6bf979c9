package manifest_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"ecluse/configs"
	"ecluse/internal/registry/manifest"
)

func TestRulesTellEveryMistakeAtOnceWithItsLine(t *testing.T) {
	t.Parallel()
	text := `version: 1
consent_age: fifteen
majority: 12
terms_months: 0
terms_grace_days: -1
keep_months: -1
small_group: 31
eea: [FR, fr, FR]
adequate:
  - {country: FR, law: x, since: 2020-01-01}
  - {country: CH, since: 2020-01-01, until: 2019-01-01}
  - {country: CA, law: x, partial: true}
certified:
  - {organisation: "", since: 2026-01-01}
uses:
  - {id: reading, label: {fr: Lecture}, items: [uai]}
  - {id: reading, label: {en: Reading}}
sensitive:
  - {word: ULIS, reveals: secrets}
  - {word: ULIS, reveals: health, neutral: x}
dpia:
  - {id: vulnerable, label: {fr: x}}
dpia_from: 2
withdrawn:
  - {instrument: shield, country: usa, since: 2026-02-01, deadline: 2026-01-01}
  - {why: x}
colour: blue
`
	_, problems := manifest.ReadRules(fstest.MapFS{"r.yaml": {Data: []byte(text)}}, "r.yaml")
	var got []string
	for _, p := range problems {
		got = append(got, p.Path)
		if p.Line == 0 || p.File != "r.yaml" || p.What == "" {
			t.Errorf("%v says nothing or not where", p)
		}
	}
	want := []string{
		"colour", "consent_age", "majority", "terms_months", "terms_grace_days", "keep_months", "small_group", "eea[1]", "eea[2]",
		"adequate[0].country", "adequate[1].law", "adequate[1].until", "adequate[2].since", "adequate[2].scope",
		"certified[0].organisation", "certified[0].until", "uses[1].id", "uses[1].label.fr", "sensitive[0].reveals", "sensitive[0].neutral",
		"sensitive[1].word", "dpia_from", "withdrawn[0].instrument", "withdrawn[0].country", "withdrawn[0].why", "withdrawn[0].deadline",
		"withdrawn[1].since", "withdrawn[1].deadline",
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("told:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestRulesAreOneDocumentThatIsThere(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"empty": "", "two": "version: 0\n---\nversion: 1\n", "a list": "- version\n", "no yaml": "a: [\n"} {
		if _, problems := manifest.ReadRules(fstest.MapFS{"r.yaml": {Data: []byte(text)}}, "r.yaml"); problems.Or() == nil {
			t.Errorf("%s passes", name)
		}
	}
	if _, problems := manifest.ReadRules(fstest.MapFS{}, "r.yaml"); problems.Or() == nil {
		t.Error("a missing file passes")
	}
}

func TestTheShippedRulesAreRead(t *testing.T) {
	t.Parallel()
	r, problems := manifest.ReadRules(configs.Files, "rules.yaml")
	if err := problems.Or(); err != nil || len(r.EEA) == 0 || len(r.Uses) == 0 {
		t.Errorf("%v, %d countries, %d uses", err, len(r.EEA), len(r.Uses))
	}
}
