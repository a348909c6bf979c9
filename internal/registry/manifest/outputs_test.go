package manifest_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"ecluse/internal/registry"
	"ecluse/internal/registry/manifest"
)

const withOutputs = `kind: Service
id: vecteur
name: {fr: Vecteur}
sentence: {fr: Un outil}
provider: Exemple
bindings:
  - protocol: saml
    handle: https://sp.example
    subject: mail
    subject_only: true
    subject_form: {case: lower, most: 64, over: refuse}
    names: {uai: rne}
    outputs:
      - {attribute: classes, name: DIV, name_format: unspecified, profiles: [National_ELV], form: {labelled: "##", join: ";"}}
      - name: FrEduVecteur
        between: "|"
        parts:
          - {attribute: profile, with: [school_kind], form: {values: {National_ELV ecole: "3"}}}
          - {text: fr}
          - {attribute: family_name, empty: true}
    limit: {bytes: 2048, over: drop, ascii: true}
    settings: {metadata: x}
`

func TestOutputsAreReadWrittenAndReadAgain(t *testing.T) {
	t.Parallel()
	read := func(text string) registry.Binding {
		l, problems := manifest.Load(fstest.MapFS{"s.yaml": {Data: []byte(text)}})
		if err := problems.Or(); err != nil || len(l.Services) != 1 {
			t.Fatal(err)
		}
		return l.Services[0].Bindings[0]
	}
	first := read(withOutputs)
	if found := first.Check(); len(found) > 0 || len(first.Outputs) != 2 || len(first.Outputs[1].Parts) != 3 || first.Limit.Bytes != 2048 || !first.SubjectOnly {
		t.Errorf("read %+v, found %v", first, found)
	}
	var out bytes.Buffer
	l, _ := manifest.Load(fstest.MapFS{"s.yaml": {Data: []byte(withOutputs)}})
	if err := manifest.Write(&out, l.Services[0]); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, read(out.String())); diff != "" {
		t.Errorf("written and read again: want -, got +:\n%s\n%s", diff, out.String())
	}
}

func TestAMistakeInAnOutputIsToldWithItsLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ from, to, want string }{
		{"between:", "betwen:", "s.yaml:16"},
		{"{text: fr}", "{txt: fr}", "s.yaml:19"},
		{"ascii: true", "ascii: perhaps", "s.yaml:21"},
	} {
		_, problems := manifest.Load(fstest.MapFS{"s.yaml": {Data: []byte(strings.Replace(withOutputs, c.from, c.to, 1))}})
		if err := problems.Or(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.to, err, c.want)
		}
	}
}
