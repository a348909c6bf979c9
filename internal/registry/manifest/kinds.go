package manifest

import (
	"fmt"

	"ecluse/internal/registry"
	"ecluse/internal/strictyaml"
)

// Kinds lists the kinds of objects that are registered from files and written to them.
func Kinds() []string {
	return []string{"Service", "Declaration", "Establishment", "Source", "Delegation", "Enabling", "Charter", "Model", "Tool"}
}

func kinds() []string { return append(Kinds(), "Person") }

// DeclarationName is the name under which At and Told know a version of a declaration.
func DeclarationName(d registry.Declaration) string { return fmt.Sprintf("%s v%d", d.ID, d.Version) }

// EnablingName is the name under which At and Told know an enabling.
func EnablingName(e registry.Enabling) string { return fmt.Sprintf("%s %s", e.Service, e.UAI) }

// What a file may say of each kind: the noun's own fields, and the kind.
type (
	declaration struct {
		Kind                 string `yaml:"kind"`
		registry.Declaration `yaml:",inline"`
	}
	establishment struct {
		Kind                   string `yaml:"kind"`
		registry.Establishment `yaml:",inline"`
	}
	source struct {
		Kind            string `yaml:"kind"`
		registry.Source `yaml:",inline"`
	}
	delegation struct {
		Kind                string `yaml:"kind"`
		registry.Delegation `yaml:",inline"`
	}
	enabling struct {
		Kind              string `yaml:"kind"`
		registry.Enabling `yaml:",inline"`
	}
	charter struct {
		Kind             string `yaml:"kind"`
		registry.Charter `yaml:",inline"`
	}
	model struct {
		Kind           string `yaml:"kind"`
		registry.Model `yaml:",inline"`
	}
	tool struct {
		Kind              string `yaml:"kind"`
		registry.Assessed `yaml:",inline"`
	}
	service struct {
		Kind             string    `yaml:"kind"`
		Bindings         []binding `yaml:"bindings"`
		registry.Service `yaml:",inline"`
	}
	binding struct {
		registry.Binding `yaml:",inline"`
		Settings         map[string]any `yaml:"settings"`
	}
)

// addCatalogue files a model or an assessed tool.
func (l *Loaded) addCatalogue(kind string, doc strictyaml.Document) strictyaml.Problems {
	if kind == "Tool" {
		return add(l, doc, &l.Assessments, func(o *tool) (registry.Assessed, string) {
			o.Assessed.ManagedBy = doc.File
			return o.Assessed, o.ID
		})
	}
	return add(l, doc, &l.Models, func(o *model) (registry.Model, string) {
		o.Model.ManagedBy = doc.File
		return o.Model, o.ID
	})
}
