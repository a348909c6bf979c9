package charttest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// schema is the part of JSON Schema by which the chart closes its values.
type schema struct {
	Properties map[string]schema `json:"properties"`
	Additional json.RawMessage   `json:"additionalProperties"`
	Items      *schema           `json:"items"`
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(chartDir, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// valuesNode returns values.yaml with its comments.
func valuesNode(t *testing.T) *yaml.Node {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal(read(t, "values.yaml"), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Content[0]
}

func valuesSchema(t *testing.T) schema {
	t.Helper()
	var s schema
	if err := json.Unmarshal(read(t, "values.schema.json"), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEveryValueIsCommented(t *testing.T) {
	t.Parallel()
	checkComments(t, valuesNode(t), valuesSchema(t), "")
}

// checkComments wants a comment on each key that the schema does not open into
// further keys; a comment on a group may stand for keys that Kubernetes defines.
func checkComments(t *testing.T, node *yaml.Node, s schema, prefix string) {
	t.Helper()
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		name := prefix + key.Value
		if key.HeadComment != "" {
			continue
		}
		sub, known := s.Properties[key.Value]
		if value.Kind != yaml.MappingNode || !known || len(sub.Properties) == 0 {
			t.Errorf("values.yaml: %s has no comment", name)
			continue
		}
		checkComments(t, value, sub, name+".")
	}
}

func TestSchemaAndValuesNameTheSameKeys(t *testing.T) {
	t.Parallel()
	s := valuesSchema(t)
	delete(s.Properties, "global") // Helm's own, there whenever a parent chart is
	checkKeys(t, valuesNode(t), s, "")
}

func checkKeys(t *testing.T, node *yaml.Node, s schema, prefix string) {
	t.Helper()
	seen := make(map[string]bool)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i].Value, node.Content[i+1]
		seen[key] = true
		sub, known := s.Properties[key]
		if !known {
			t.Errorf("values.schema.json does not know %s%s", prefix, key)
		} else if len(sub.Properties) > 0 {
			checkKeys(t, value, sub, prefix+key+".")
		}
	}
	for key := range s.Properties {
		if !seen[key] {
			t.Errorf("values.yaml does not show %s%s", prefix, key)
		}
	}
}

func TestSchemaClosesEveryObject(t *testing.T) {
	t.Parallel()
	checkClosed(t, valuesSchema(t), "values")
}

func checkClosed(t *testing.T, s schema, name string) {
	t.Helper()
	if len(s.Properties) > 0 && string(s.Additional) != "false" {
		t.Errorf("%s: unknown keys are let through", name)
	}
	if s.Items != nil {
		checkClosed(t, *s.Items, name+"[]")
	}
	for key, sub := range s.Properties {
		checkClosed(t, sub, name+"."+key)
	}
}

func TestReadmeNamesEveryTopLevelValue(t *testing.T) {
	t.Parallel()
	readme := string(read(t, "README.md"))
	node := valuesNode(t)
	for i := 0; i < len(node.Content); i += 2 {
		if key := node.Content[i].Value; !strings.Contains(readme, "`"+key+"`") {
			t.Errorf("README.md does not name %s", key)
		}
	}
}
