package app

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"ecluse/configs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/policy/conformity"
	"ecluse/internal/registry"
	"ecluse/internal/registry/manifest"
)

// shipped reads what comes with the program: the rules under which declarations are examined until others are signed,
// and the catalogue. What is registered under the same name stands in its place. It is read once in a process, and nobody
// may change it.
var shipped = sync.OnceValues(func() (registry.Contents, error) {
	files, err := fs.Sub(configs.Files, "catalogue")
	if err != nil {
		return registry.Contents{}, err
	}
	contents, problems := manifest.Catalogue(files)
	rules, bad := manifest.ReadRules(configs.Files, "rules.yaml")
	if err := append(problems, bad...).Or(); err != nil {
		return registry.Contents{}, fmt.Errorf("what comes with the program: %w", err)
	}
	if err := sound(rules); err != nil {
		return registry.Contents{}, fmt.Errorf("what comes with the program: rules.yaml: %w", err)
	}
	contents.RuleSets = []registry.RuleSet{{Rules: rules}}
	contents.Services = []registry.Service{house(), bureau()}
	return contents, nil
})

// sound refuses rules whose uses name a word that the dictionary does not know, or one that may never leave.
func sound(rules registry.Rules) error {
	words, err := dictionary.Shipped()
	if err != nil {
		return err
	}
	var wrong []error
	for _, f := range conformity.CheckRules(rules, words) {
		if f.Severity == registry.Blocking {
			wrong = append(wrong, errors.New(f.String()))
		}
	}
	return errors.Join(wrong...)
}

// snapshot is the view of what is stored, as a running gateway has it: what comes with the program stands below.
func (b *base) snapshot(stored registry.Contents) *registry.Snapshot {
	return registry.NewSnapshot(b.shipped, b.zone).With(stored)
}
