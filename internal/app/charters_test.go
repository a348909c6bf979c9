package app

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"ecluse/configs"
	"ecluse/internal/charter"
	"ecluse/internal/registry"
	"ecluse/internal/registry/manifest"
)

// shippedCharter reads a file that comes with the program.
func shippedCharter(t *testing.T, name string) registry.Charter {
	t.Helper()
	data, err := fs.ReadFile(configs.Files, name)
	if err != nil {
		t.Fatal(err)
	}
	l, problems := manifest.Load(fstest.MapFS{"charter.yaml": {Data: data}})
	if err := problems.Or(); err != nil || len(l.Charters) != 1 {
		t.Fatalf("%s: %v", name, err)
	}
	return l.Charters[0]
}

func TestTheCharterToBeginWithIsRightInEveryWordingAndBothLanguages(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]registry.CharterMode{"charter.yaml": registry.CharterRemind, "demo/charter.yaml": registry.CharterShown} {
		c := shippedCharter(t, name)
		if found := c.Check(); found != nil || c.Level() != registry.ByAcademy || c.Mode != mode {
			t.Errorf("%s: %v, %s", name, found, c.Mode)
		}
		for i, most := range []int{12, 18, 25} {
			text := charter.Text{CharterText: c.Texts()[i]}
			if shown := text.In("en"); shown.Lang != "en" || len(shown.Rules) < 5 || len(shown.Rules) > 8 {
				t.Errorf("%s, wording %d: %s, %d rules", name, i, shown.Lang, len(shown.Rules))
			}
			for _, rule := range text.In("fr").Rules {
				if n := len(strings.Fields(rule.Text)); n > most {
					t.Errorf("%s: %q has %d words, at most %d", name, rule.Text, n, most)
				}
			}
		}
	}
}

func TestACharterIsAppliedFromAFileKeptUnderItsVersionsAndExportedAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	data, err := fs.ReadFile(configs.Files, "charter.yaml")
	if err != nil {
		t.Fatal(err)
	}
	o.write("charter.yaml", string(data))
	if _, err := o.apply(); err == nil || !strings.Contains(err.Error(), "nobody would read it") {
		t.Errorf("a charter of an academy that nobody registered: %v", err)
	}
	o.write("school.yaml", aSchool)
	o.write("own.yaml", "kind: Charter\nuai: 0280202T\nmode: forced\nbegins: 10-32\n")
	if _, err := o.apply(); err == nil || !strings.Contains(err.Error(), "own.yaml:3:7") || !strings.Contains(err.Error(), "own.yaml:4:9") {
		t.Errorf("two mistakes, told with their lines: %v", err)
	}
	if len(o.contents().Charters) != 0 {
		t.Error("something was written beside a mistake")
	}
	o.write("own.yaml", "kind: Charter\nuai: 0280202T\nmode: require\n")
	wantLines(t, o.applied(), "created    Charter academy exemple", "created    Charter establishment 0280202T")
	wantLines(t, o.applied(), "nothing to change")
	o.write("own.yaml", "kind: Charter\nuai: 0280202T\nmode: shown\n")
	wantLines(t, o.applied(), "changed    Charter establishment 0280202T", `mode: "require" → "shown"`)
	for _, c := range o.contents().Charters {
		for _, f := range c.Files() {
			if kept, ok, err := o.b.store.File(t.Context(), f.Hash); err != nil || !ok || kept.Type != registry.CharterFile {
				t.Errorf("the text of version %s is not kept: %v", f.Hash, err)
			}
		}
	}
	o.put(registry.Change{Charters: []registry.Charter{{Department: "028", Mode: registry.CharterRemind}}})
	o.write("department.yaml", "kind: Charter\ndepartment: \"028\"\nmode: require\n")
	if _, err := o.apply(); err == nil || !strings.Contains(err.Error(), "the console manages it") {
		t.Errorf("a file takes over what the console manages: %v", err)
	}
	objects, err := ExportOptions{Kinds: []string{"Charter"}}.choose(o.contents())
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := writeObjects(&out, objects); err != nil {
		t.Fatal(err)
	}
	l, problems := manifest.Load(fstest.MapFS{"a.yaml": {Data: []byte(out.String())}})
	if problems.Or() != nil || len(l.Charters) != 3 || l.Charters[0].Teen.Version() != shippedCharter(t, "charter.yaml").Teen.Version() {
		t.Errorf("what is exported is not read again: %v", problems)
	}
}
