package manifest

import (
	"fmt"
	"io/fs"
	"strings"

	"ecluse/internal/registry"
	"ecluse/internal/strictyaml"
)

// Catalogue reads the models and assessed tools of a folder, as they come with the program. Nothing manages them: an
// academy that registers one of the same id has its own in its place. Whether a model's items are words of the dictionary
// is for others to say.
func Catalogue(files fs.FS) (registry.Contents, strictyaml.Problems) {
	l, problems := Load(files)
	for name, doc := range l.places {
		if kind, _, _ := strings.Cut(name, " "); kind != "Model" && kind != "Tool" {
			problems = append(problems, doc.At("kind", "a catalogue holds nothing of this kind", "Model, Tool"))
		}
	}
	for _, doc := range l.People {
		problems = append(problems, doc.At("kind", "a catalogue holds nothing of this kind", "Model, Tool"))
	}
	for _, m := range l.Models {
		problems = append(problems, l.all("Model", m.ID, m.Check())...)
	}
	for _, a := range l.Assessments {
		problems = append(problems, l.all("Tool", a.ID, a.Check())...)
		problems = append(problems, l.all("Tool", a.ID, Offered(a, l.Models))...)
	}
	for i := range l.Models {
		l.Models[i].ManagedBy = ""
	}
	for i := range l.Assessments {
		l.Assessments[i].ManagedBy = ""
	}
	return registry.Contents{Models: l.Models, Assessments: l.Assessments}, problems
}

// all gives findings their places, but for what follows from something already told.
func (l Loaded) all(kind, id string, findings []registry.Finding) strictyaml.Problems {
	var out strictyaml.Problems
	for _, f := range findings {
		if !l.Told(kind, id, f.Where) {
			out = append(out, l.At(kind, id, f))
		}
	}
	return out
}

// Offered says which alternatives of a tool name a model that no list has.
func Offered(a registry.Assessed, models ...[]registry.Model) []registry.Finding {
	known := map[string]bool{"": true}
	for _, list := range models {
		for _, m := range list {
			known[m.ID] = true
		}
	}
	var out []registry.Finding
	for i, o := range a.Alternatives {
		if !known[o.Model] {
			out = append(out, registry.Finding{
				Where: fmt.Sprintf("alternatives[%d].model", i), What: fmt.Sprintf("the model %q is not in the catalogue", o.Model),
			})
		}
	}
	return out
}
