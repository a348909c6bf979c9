package internal_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// header reads a line `// key: value` of a fixture.
func header(t *testing.T, text []byte, key string) string {
	t.Helper()
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "// "+key+": "); ok {
			return strings.TrimSpace(value)
		}
	}
	t.Fatalf("a fixture does not say %q", key)
	return ""
}

func fixtures(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", folder, "*.go"))
	if err != nil || len(names) < 7 {
		t.Fatalf("%d fixtures in %s, %v", len(names), folder, err)
	}
	out := map[string][]byte{}
	for _, name := range names {
		if out[name], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestTheLawRefusesWhatItForbids gives the law one small file for each thing that it forbids, and one that is right.
func TestTheLawRefusesWhatItForbids(t *testing.T) {
	t.Parallel()
	for name, text := range fixtures(t, "law") {
		check(t, name, header(t, text, "file"), text, header(t, text, "want"))
	}
	long := []byte("package keys\n" + strings.Repeat("\n", mostLines))
	check(t, "a long file", "internal/keys/x.go", long, "401 lines, at most 400")
	function := []byte("package keys\n\nfunc f() {" + strings.Repeat("\n", mostOfAFunc) + "}\n")
	check(t, "a long function", "internal/keys/x.go", function, "f has 61 lines, at most 60")
	defended := append([]byte("// Package keys is long; size: one table of a standard.\n"), long...)
	check(t, "a long file that says why", "internal/keys/x.go", defended, "nothing")
	check(t, "a test", "internal/idp/oidcop/x_test.go", []byte("package oidcop\n\nimport (\n_ \"testing\"\n_ \"ecluse/internal/login\"\n)\n"), "nothing")
}

func check(t *testing.T, name, file string, text []byte, want string) {
	t.Helper()
	files, err := read(fstest.MapFS{file: {Data: text}}, "internal")
	if err != nil {
		t.Fatal(err)
	}
	broken := strings.Join(judge(table(t), files), "\n")
	if want == "nothing" && broken != "" || want != "nothing" && !strings.Contains(broken, file+": "+want) {
		t.Errorf("%s: %q, want %q", name, broken, want)
	}
}

// TestTheChainCannotBeForged compiles small packages that stand outside policy, attrs and consent: only a gate makes a
// Grant, only an engine a Release, only a book a Cleared.
func TestTheChainCannotBeForged(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range fixtures(t, "wall") {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".go"), func(t *testing.T) {
			t.Parallel()
			said, err := compile(t, root, name)
			want := header(t, text, "want")
			if want == "nothing" {
				if err != nil {
					t.Fatalf("what is right does not compile, so the other cases say nothing: %v\n%s", err, said)
				}
				return
			}
			if err == nil || !strings.Contains(said, want) || !strings.Contains(said, "# ecluse/internal/forged") {
				t.Errorf("%v, %s; want it refused for %q", err, said, want)
			}
		})
	}
}

// compile builds a file as if it were a package of the module.
func compile(t *testing.T, root, file string) (string, error) {
	t.Helper()
	from, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{
		"Replace": map[string]string{filepath.Join(root, "internal", "forged", "forged.go"): from},
	})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(t.TempDir(), "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-overlay", list, "./internal/forged")
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	return string(out), err
}
