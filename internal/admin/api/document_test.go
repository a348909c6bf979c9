package api_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"ecluse/internal/admin/api"
)

const documentFile = "../../../docs/openapi.json"

type document struct {
	OpenAPI    string
	Paths      map[string]map[string]operation
	Security   []map[string][]string
	Components struct {
		Schemas, Responses, SecuritySchemes map[string]any
	}
}

type operation struct {
	OperationID string
	Summary     string
	Tags        []string
	Security    []map[string][]string
	Parameters  []struct {
		Name, In string
		Required bool
	}
	Responses map[string]any
}

func documentOf(t *testing.T, f *front) (document, string) {
	t.Helper()
	w := f.get(t, "", "/openapi.json")
	return read[document](t, w, 200), w.Body.String()
}

func TestTheDocumentIsTheOneThatIsCommitted(t *testing.T) {
	t.Parallel()
	_, text := documentOf(t, newFront(t))
	held(t, documentFile, text)
}

func TestTheDocumentDescribesEveryRoute(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	doc, _ := documentOf(t, f)
	if doc.OpenAPI != "3.1.0" || len(doc.Security) != 2 {
		t.Errorf("version %q, %d ways to be known", doc.OpenAPI, len(doc.Security))
	}
	said, ids := 0, map[string]bool{}
	for _, route := range f.mux.Routes() {
		if !strings.HasPrefix(route.Pattern, api.Programs) || strings.Contains(route.Pattern, "/openapi.") {
			continue
		}
		op, ok := doc.Paths[route.Pattern][strings.ToLower(route.Method)]
		if !ok {
			t.Errorf("%s %s is not described", route.Method, route.Pattern)
			continue
		}
		said++
		if op.OperationID == "" || ids[op.OperationID] || op.Summary == "" || len(op.Tags) != 1 {
			t.Errorf("%s %s: id %q, summary %q, tags %v", route.Method, route.Pattern, op.OperationID, op.Summary, op.Tags)
		}
		ids[op.OperationID] = true
		for _, status := range []string{"401", "403", "422", "500"} {
			if op.Responses[status] == nil {
				t.Errorf("%s: %s is not described", op.OperationID, status)
			}
		}
		checkPathParameters(t, route.Pattern, op)
	}
	n := 0
	for _, item := range doc.Paths {
		n += len(item)
	}
	if said != n || n < 60 {
		t.Errorf("%d operations are described, %d are routes", n, said)
	}
}

func checkPathParameters(t *testing.T, pattern string, op operation) {
	t.Helper()
	declared := map[string]bool{}
	for _, p := range op.Parameters {
		if p.In == "path" {
			declared[p.Name] = p.Required
		}
	}
	names := regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(pattern, -1)
	for _, name := range names {
		if !declared[name[1]] {
			t.Errorf("%s: the path's %s is not declared", pattern, name[1])
		}
	}
	if len(declared) != len(names) {
		t.Errorf("%s: %d parameters of the path are declared", pattern, len(declared))
	}
}

func TestEveryReferenceOfTheDocumentLeadsSomewhere(t *testing.T) {
	t.Parallel()
	doc, text := documentOf(t, newFront(t))
	refs := regexp.MustCompile(`"\$ref": "([^"]+)"`).FindAllStringSubmatch(text, -1)
	for _, ref := range refs {
		group, name, _ := strings.Cut(strings.TrimPrefix(ref[1], "#/components/"), "/")
		there := map[string]map[string]any{"schemas": doc.Components.Schemas, "responses": doc.Components.Responses}[group][name] != nil
		if !there {
			t.Errorf("%s leads nowhere", ref[1])
		}
	}
	for name := range doc.Components.Schemas {
		if !strings.Contains(text, `"#/components/schemas/`+name+`"`) {
			t.Errorf("the schema %s is used nowhere", name)
		}
	}
	if len(refs) < 300 || doc.Components.SecuritySchemes["token"] == nil || doc.Components.SecuritySchemes["session"] == nil {
		t.Errorf("%d references", len(refs))
	}
}

func TestBothFormsOfTheDocumentSayTheSame(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	w := f.get(t, "", "/openapi.yaml")
	var fromYAML any
	if err := yaml.Unmarshal(w.Body.Bytes(), &fromYAML); err != nil {
		t.Fatal(err)
	}
	_, text := documentOf(t, f)
	var fromJSON any
	if err := json.Unmarshal([]byte(text), &fromJSON); err != nil {
		t.Fatal(err)
	}
	if a, b := jsonOf(fromYAML), jsonOf(fromJSON); a != b || w.Header().Get("Content-Type") != "application/yaml" {
		t.Errorf("%d and %d bytes", len(a), len(b))
	}
}
