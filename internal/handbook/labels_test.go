package handbook_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"ecluse/docs"
)

// labels are the French texts of all pages, those with an argument up to it.
func labels(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	var gather func(any)
	gather = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, below := range v {
				gather(below)
			}
		case string:
			text, _, _ := strings.Cut(v, " {")
			out[text] = true
		}
	}
	err := filepath.WalkDir("..", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(filepath.ToSlash(name), "/texts/fr.yaml") {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		var texts map[string]any
		if err := yaml.Unmarshal(data, &texts); err != nil {
			return err
		}
		gather(texts)
		return nil
	})
	if err != nil || len(out) < 1000 {
		t.Fatalf("%d texts: %v", len(out), err)
	}
	return out
}

// Whoever follows the manual looks for its words on the page: what it quotes stands there, letter for letter.
func TestTheManualQuotesThePagesWordForWord(t *testing.T) {
	t.Parallel()
	known, quoted := labels(t), regexp.MustCompile(`«\s([^»]+)\s»`)
	files, err := fs.Glob(docs.Files, "manuel/*.md")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, file := range files {
		text, err := fs.ReadFile(docs.Files, file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range quoted.FindAllStringSubmatch(string(text), -1) {
			n++
			if label := strings.Join(strings.Fields(m[1]), " "); !known[label] {
				t.Errorf("%s quotes %q, which stands on no page", file, label)
			}
		}
	}
	if n < 15 {
		t.Errorf("only %d quotations in %q", n, files)
	}
}

// What is said of a source that gives no identity stands in the log as it stands in the tables.
func TestTheSentencesOfTheLogAreThoseOfTheProgram(t *testing.T) {
	t.Parallel()
	for file, dirs := range map[string][]string{
		"source-saml.md": {"../upstream/samlsp", "../saml", "../login"}, "source-oidc.md": {"../upstream/oidcrp", "../login"},
	} {
		text, err := fs.ReadFile(docs.Files, file)
		if err != nil {
			t.Fatal(err)
		}
		said := program(t, dirs)
		_, table, found := strings.Cut(string(text), "| it says |")
		if !found {
			t.Fatalf("%s has no table", file)
		}
		n := 0
		for row := range strings.Lines(table) {
			first, _, _ := strings.Cut(strings.TrimPrefix(row, "|"), "|")
			for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(first, -1) {
				n++
				sentence := strings.TrimPrefix(m[1], "encrypted assertion: ")
				if head, _, is := strings.Cut(sentence, " error "); is {
					sentence = head + " error "
				}
				if !strings.Contains(said, sentence) {
					t.Errorf("%s: nothing in %v says %q", file, dirs, sentence)
				}
			}
		}
		if n < 8 {
			t.Errorf("only %d sentences in %s", n, file)
		}
	}
}

func program(t *testing.T, dirs []string) string {
	t.Helper()
	var out strings.Builder
	for _, dir := range dirs {
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", dir, len(files), err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			out.Write(data)
		}
	}
	return out.String()
}
