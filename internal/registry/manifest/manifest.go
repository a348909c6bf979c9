// Package manifest reads and writes files of registered objects: services, declarations, establishments, sources,
// delegations, enablings, charters, the catalogue's models and assessed tools, and the demo's people. A file holds one or more YAML
// documents, each with a `kind` and the fields of that kind. All mistakes of all files are told at once, with their
// lines. What is loaded beside a problem is there to be examined further, so that nothing has to be mended twice: while
// there is one, nothing may be written.
//
// A file never says the state of a declaration: what is read is not approved. Of an enabling it says what the controller
// decided; that it counts is for whoever registers it to find out.
package manifest

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"ecluse/internal/registry"
	"ecluse/internal/strictyaml"
)

// Loaded is what files held, with the place of each object for later complaints.
type Loaded struct {
	registry.Change
	People []strictyaml.Document // documents of kind Person, for whoever knows people

	places map[string]strictyaml.Document // by kind and id
	broken map[string][]string            // by kind and id: the paths about which something was said while reading
}

// Told tells whether something was already said about a field of an object, or about what stands around it: a complaint
// that only follows from the first one helps nobody.
func (l Loaded) Told(kind, id, where string) bool {
	return slices.ContainsFunc(l.broken[kind+" "+id], func(path string) bool {
		rest, below := strings.CutPrefix(where, path)
		return below && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// At makes a problem of a finding about an object.
func (l Loaded) At(kind, id string, f registry.Finding) strictyaml.Problem {
	what := f.What
	if f.Law != "" {
		what += " [" + f.Law + "]"
	}
	doc, ok := l.places[kind+" "+id]
	if !ok {
		return strictyaml.Problem{File: kind + " " + id, Path: f.Where, What: what, Mend: f.Mend}
	}
	p := doc.At(f.Where, what, f.Mend)
	if p.Path = kind + " " + id; f.Where != "" {
		p.Path += ": " + f.Where
	}
	return p
}

// maxSide bounds a file that a setting names.
const maxSide = 1 << 20

// Load reads every .yaml and .yml file below the root of files, in the order of their names.
func Load(files fs.FS) (Loaded, strictyaml.Problems) {
	l := Loaded{places: map[string]strictyaml.Document{}, broken: map[string][]string{}}
	var problems strictyaml.Problems
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if ext := path.Ext(name); ext != ".yaml" && ext != ".yml" {
			return nil
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		docs, bad := strictyaml.Parse(name, data)
		problems = append(problems, bad...)
		for _, doc := range docs {
			problems = append(problems, l.add(files, doc)...)
		}
		return nil
	})
	if err != nil {
		problems = append(problems, strictyaml.Problem{File: ".", What: err.Error()})
	}
	return l, problems
}

func (l *Loaded) add(files fs.FS, doc strictyaml.Document) strictyaml.Problems {
	kind, ok := doc.Field("kind")
	if !ok {
		return strictyaml.Problems{doc.At("", "the key kind is missing", strings.Join(kinds(), ", "))}
	}
	switch kind {
	case "Service":
		return l.addService(files, doc)
	case "Declaration":
		return l.addDeclaration(files, doc)
	case "Establishment":
		return add(l, doc, &l.Establishments, func(o *establishment) (registry.Establishment, string) {
			o.Establishment.ManagedBy = doc.File
			return o.Establishment, string(o.UAI)
		})
	case "Source":
		return add(l, doc, &l.Sources, func(o *source) (registry.Source, string) {
			o.Source.ManagedBy = doc.File
			return o.Source, o.ID
		})
	case "Delegation":
		return add(l, doc, &l.Delegations, func(o *delegation) (registry.Delegation, string) {
			o.Delegation.ManagedBy = doc.File
			return o.Delegation, o.ID
		})
	case "Enabling":
		return add(l, doc, &l.Enablings, func(o *enabling) (registry.Enabling, string) {
			o.Enabling.ManagedBy = doc.File
			return o.Enabling, EnablingName(o.Enabling)
		})
	case "Charter":
		return add(l, doc, &l.Charters, func(o *charter) (registry.Charter, string) {
			o.Charter.ManagedBy = doc.File
			return o.Charter, o.Name()
		})
	case "Model", "Tool":
		return l.addCatalogue(kind, doc)
	case "Person":
		l.People = append(l.People, doc)
		return nil
	default:
		return strictyaml.Problems{doc.At("kind", fmt.Sprintf("the kind %q is not known", kind), strings.Join(kinds(), ", "))}
	}
}

// add decodes one object and files it, unless its file has another of the same name.
func add[F, O any](l *Loaded, doc strictyaml.Document, into *[]O, take func(*F) (O, string)) strictyaml.Problems {
	var read F
	problems := doc.Decode(&read)
	object, id := take(&read)
	kind, _ := doc.Field("kind")
	if first, twice := l.places[kind+" "+id]; twice {
		return append(problems, doc.At("", fmt.Sprintf("%s %s stands twice, first in %s", kind, id, first.File), ""))
	}
	l.places[kind+" "+id] = doc
	for _, problem := range problems {
		l.broken[kind+" "+id] = append(l.broken[kind+" "+id], problem.Path)
	}
	*into = append(*into, object)
	return problems
}

func (l *Loaded) addService(files fs.FS, doc strictyaml.Document) strictyaml.Problems {
	var side strictyaml.Problems
	problems := add(l, doc, &l.Services, func(o *service) (registry.Service, string) {
		o.Service.ManagedBy = doc.File
		for i, b := range o.Bindings {
			settings, bad := inline(files, doc, fmt.Sprintf("bindings[%d].settings", i), b.Settings)
			side = append(side, bad...)
			b.Binding.Settings = settings
			o.Service.Bindings = append(o.Service.Bindings, b.Binding)
		}
		return o.Service, o.ID
	})
	for _, problem := range side {
		settings, _, _ := strings.Cut(problem.Path, ".settings.") // what its settings lack follows from the missing file
		id, _ := doc.Field("id")
		l.broken["Service "+id] = append(l.broken["Service "+id], settings+".settings")
	}
	return append(problems, side...)
}

// inline puts the text of the files that settings name (metadata_file: sp.xml, beside the manifest or below it) in the
// place of their names (metadata: …): what is registered does not depend on files any more.
func inline(files fs.FS, doc strictyaml.Document, where string, settings map[string]any) (json.RawMessage, strictyaml.Problems) {
	var problems strictyaml.Problems
	names := make([]string, 0, len(settings))
	for key := range settings {
		names = append(names, key)
	}
	slices.Sort(names)
	for _, key := range names {
		name, isFile := strings.CutSuffix(key, "_file")
		if !isFile || name == "" {
			continue
		}
		text, err := sideFile(files, path.Dir(doc.File), settings[key])
		if err != nil {
			problems = append(problems, doc.At(where+"."+key, err.Error(), "a file beside this one or below it"))
			continue
		}
		if _, both := settings[name]; both {
			problems = append(problems, doc.At(where+"."+key, fmt.Sprintf("%s is given twice, here and in %s", name, key), "one of them"))
			continue
		}
		delete(settings, key)
		settings[name] = text
	}
	raw, err := json.Marshal(settings)
	if err != nil {
		problems = append(problems, doc.At(where, err.Error(), ""))
	}
	return raw, problems
}

func sideFile(files fs.FS, dir string, name any) (string, error) {
	text, ok := name.(string)
	if !ok {
		return "", fmt.Errorf("the name of a file is expected")
	}
	full := path.Join(dir, text)
	if below := path.Clean(text); !fs.ValidPath(below) || below == "." {
		return "", fmt.Errorf("%q lies outside", text)
	}
	info, err := fs.Stat(files, full)
	if err != nil {
		return "", fmt.Errorf("%q cannot be read", text)
	}
	if info.Size() > maxSide {
		return "", fmt.Errorf("%q is larger than %d MiB", text, maxSide>>20)
	}
	data, err := fs.ReadFile(files, full)
	if err != nil {
		return "", fmt.Errorf("%q cannot be read", text)
	}
	if !utf8.Valid(data) {
		return "", fmt.Errorf("%q is not written in UTF-8", text) // what is registered would not be what the file says
	}
	return string(data), nil
}
