package strictyaml_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecluse/internal/strictyaml"
)

type inner struct {
	URL  string `yaml:"url"`
	Size int    `yaml:"size"`
}

type outer struct {
	Public string            `yaml:"public_url"`
	Store  inner             `yaml:"store"`
	Keep   time.Duration     `yaml:"keep"`
	List   []inner           `yaml:"list"`
	Words  map[string]string `yaml:"words"`
	On     bool              `yaml:"on"`
	Hidden string            `yaml:"-"`
}

func read(t *testing.T, text string) (outer, strictyaml.Problems) {
	t.Helper()
	docs, problems := strictyaml.Parse("a.yaml", []byte(text))
	var o outer
	for _, d := range docs {
		problems = append(problems, d.Decode(&o)...)
	}
	return o, problems
}

func TestDecodeFillsWhatIsKnown(t *testing.T) {
	t.Parallel()
	got, problems := read(t, "public_url: https://a\nstore: {url: x, size: 3}\nkeep: 90s\nlist:\n- url: 1.0\nwords: {a: b}\non: true\n")
	if problems != nil {
		t.Fatal(problems)
	}
	want := outer{
		Public: "https://a", Store: inner{"x", 3}, Keep: 90 * time.Second, List: []inner{{URL: "1.0"}},
		Words: map[string]string{"a": "b"}, On: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeReportsEveryMistakeAtOnceWithLineAndMend(t *testing.T) {
	t.Parallel()
	_, problems := read(t, `public_ulr: https://a
store:
  url: x
  size: many
  url: y
keep: soon
list: {a: b}
words: [a]
on: perhaps
Hidden: x
`)
	want := []string{
		"a.yaml:1:1: public_ulr: unknown key (did you mean public_url?)",
		`a.yaml:4:9: store.size: "many" does not fit (a whole number)`,
		"a.yaml:5:3: store.url: this key stands twice, first in line 3",
		`a.yaml:6:7: keep: "soon" is no duration (as in 90s, 10m or 8h)`,
		"a.yaml:7:7: list: a list is expected here (as in [a, b])",
		"a.yaml:8:8: words: keys and values are expected here",
		`a.yaml:9:5: on: "perhaps" does not fit (true or false)`,
		"a.yaml:10:1: Hidden: unknown key (known here: keep, list, on, public_url, store, words)",
	}
	if diff := cmp.Diff(strings.Join(want, "\n"), problems.Error()); diff != "" {
		t.Error(diff)
	}
}

func TestParseRefusesAliasesAndBrokenFiles(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"alias":  "store: &a {url: x}\nlist: [*a]\n",
		"merge":  "store: &a {url: x}\nwords:\n  <<: {a: b}\n",
		"syntax": "store: {url: x\n",
		"tab":    "store:\n\turl: x\n",
	} {
		if _, problems := read(t, text); problems == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// The library counts the lines of half of its mistakes from 0: whoever mends a file looks at the line that is named.
func TestBrokenYAMLIsToldWithItsLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a: [\n foo: : bar\n":       "a.yaml:2:1: did not find expected node content",
		"a: [b, : c\n":              "a.yaml:1:1: did not find expected node content",
		"a: 1\nb: {c: d\n":          "a.yaml:2:1: did not find expected ',' or '}'",
		"a: 1\nb: 2\n  c: 3\n":      "a.yaml:3:1: mapping values are not allowed in this context",
		"a: 1\nb: \"x\n":            "a.yaml:2:1: found unexpected end of stream",
		"a: 1\nb:\n\tc: 3\n":        "a.yaml:3:1: found character that cannot start any token",
		"- a\nb: c\n":               "a.yaml:2:1: did not find expected '-' indicator",
		"a: 1\nb:\n  c: 1\n d: 2\n": "a.yaml:4:1: did not find expected key",
	} {
		if _, problems := strictyaml.Parse("a.yaml", []byte(text)); problems.Error() != want {
			t.Errorf("%q: %s, want %s", text, problems, want)
		}
	}
}

func TestAtPointsToThePath(t *testing.T) {
	t.Parallel()
	docs, _ := strictyaml.Parse("a.yaml", []byte("store:\n  url: x\nlist:\n- url: a\n- url: b\n"))
	if got := docs[0].At("list[1].url", "bad", "").Error(); got != "a.yaml:5:8: list[1].url: bad" {
		t.Error(got)
	}
	if got := docs[0].At("list[1].size", "missing", "").Line; got != 5 {
		t.Errorf("a missing key is reported in line %d, want its parent's, 5", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("a: b\n---\nc: [d]\n")
	f.Add("store: {url: x}\nkeep: 1s\n")
	f.Fuzz(func(_ *testing.T, text string) {
		docs, _ := strictyaml.Parse("f", []byte(text))
		for _, d := range docs {
			var o outer
			d.Decode(&o)
			d.At("list[0].url", "x", "")
		}
	})
}
