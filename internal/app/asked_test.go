package app_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/app"
	"ecluse/internal/registry"
	"ecluse/internal/registry/manifest"
)

func TestWhatIsDeclaredIsComparedWithWhatTheServicesMetadataAsksFor(t *testing.T) {
	t.Parallel()
	contents := newWorld(t, app.DemoOptions{}).contents()
	service := contents.Services[slices.IndexFunc(contents.Services, func(s registry.Service) bool { return s.ID == "lire" })]
	d := contents.Declarations[slices.IndexFunc(contents.Declarations, func(d registry.Declaration) bool { return d.ServiceID == "lire" })]
	said := func(items []registry.Item) string {
		other := d
		other.Items = items
		dir := t.TempDir()
		for name, object := range map[string]any{"service.yaml": service, "declaration.yaml": other} {
			var text bytes.Buffer
			if err := manifest.Write(&text, object); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, name), text.String())
		}
		var out strings.Builder
		if err := app.Check("", []string{dir}, nil, &out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	without := slices.DeleteFunc(slices.Clone(d.Items), func(i registry.Item) bool { return i.Attr == "level" })
	more := append(slices.Clone(d.Items), registry.Item{Attr: "classes", Justification: registry.Text{FR: "les classes"}})
	const missing, idle = "the service asks for level, which is not declared", "classes is declared, and the service never asks for it"
	for name, c := range map[string]struct {
		items         []registry.Item
		missing, idle bool
	}{"as asked": {d.Items, false, false}, "less": {without, true, false}, "more": {more, false, true}} {
		text := said(c.items)
		if strings.Contains(text, missing) != c.missing || strings.Contains(text, idle) != c.idle || strings.Contains(text, "pseudonym is declared, and") {
			t.Errorf("%s: %s", name, text)
		}
	}
	service.Bindings = append(slices.Clone(service.Bindings), registry.Binding{
		Protocol: "oidc", Handle: "lire", Settings: []byte(`{"type":"public","redirect_uris":["http://lire.localhost/cb"]}`),
	})
	if text := said(more); strings.Contains(text, "asks for") {
		t.Errorf("a binding that does not say what it asks for: %s", text)
	}
}
