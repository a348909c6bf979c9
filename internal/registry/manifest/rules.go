package manifest

import (
	"io/fs"

	"ecluse/internal/registry"
	"ecluse/internal/strictyaml"
)

// ReadRules reads one file of rules: one YAML document with the fields of registry.Rules. All its mistakes are told at
// once, with their lines; while there is one, nothing may be judged by what was read.
func ReadRules(files fs.FS, name string) (registry.Rules, strictyaml.Problems) {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return registry.Rules{}, strictyaml.Problems{{File: name, What: err.Error()}}
	}
	docs, problems := strictyaml.Parse(name, data)
	if len(docs) != 1 {
		return registry.Rules{}, append(problems, strictyaml.Problem{File: name, What: "one document is expected"})
	}
	var r registry.Rules
	read := docs[0].Decode(&r)
	told := Loaded{broken: map[string][]string{}}
	for _, p := range read {
		told.broken[" "] = append(told.broken[" "], p.Path)
	}
	for _, f := range r.Check() {
		if !told.Told("", "", f.Where) {
			read = append(read, docs[0].At(f.Where, f.What, f.Mend))
		}
	}
	return r, append(problems, read...)
}
