package app_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"ecluse/internal/registry/manifest"
	"ecluse/internal/upstream/oidcrp"
)

func TestTheExamplesOfOpenIDSourcesCanBeUsedAsTheyAre(t *testing.T) {
	t.Parallel()
	loaded, problems := manifest.Load(os.DirFS("../../configs/sources"))
	if len(problems) != 0 {
		t.Fatal(problems)
	}
	dir, read := t.TempDir(), 0
	for _, s := range loaded.Sources {
		if s.Connector != oidcrp.Name {
			continue
		}
		if name, named := s.Settings["client_secret_file"].(string); named {
			if err := os.WriteFile(filepath.Join(dir, name), []byte("geheim"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, findings := oidcrp.ReadSettings(s, func(name string) string { return filepath.Join(dir, name) }); len(findings) != 0 {
			t.Errorf("%s: %v", s.ID, findings)
		}
		read++
	}
	if read < 4 {
		t.Errorf("%d examples", read)
	}
}

func TestThePageOfOpenIDSourcesNamesEverySettingAndNoOther(t *testing.T) {
	t.Parallel()
	var settings []string
	for i := range reflect.TypeFor[oidcrp.Settings]().NumField() {
		if name := reflect.TypeFor[oidcrp.Settings]().Field(i).Tag.Get("json"); name != "" {
			settings = append(settings, name)
		}
	}
	namesExactly(t, "../../docs/source-oidc.md", settings)
}

// namesExactly wants each of the settings in the table of a page, and nothing else.
func namesExactly(t *testing.T, file string, settings []string) {
	t.Helper()
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| setting | what |")
	table, _, _ = strings.Cut(table, "\n\n")
	said := map[string]bool{}
	for _, row := range strings.Split(table, "\n") {
		first, _, _ := strings.Cut(strings.TrimPrefix(row, "|"), "|")
		for _, name := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(first, -1) {
			said[name[1]] = true
		}
	}
	for _, name := range settings {
		if !said[name] {
			t.Errorf("%s is not on the page", name)
		}
		delete(said, name)
	}
	for name := range said {
		t.Errorf("%s is on the page and no setting", name)
	}
}
