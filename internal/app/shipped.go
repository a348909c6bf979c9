package app

import (
	"fmt"
	"io/fs"

	"ecluse/configs"
	"ecluse/internal/registry"
	"ecluse/internal/registry/manifest"
)

// shipped reads what comes with the program: the rules under which declarations are examined until others are signed,
// and the catalogue. What is registered under the same name stands in its place.
func shipped() (registry.Contents, error) {
	files, err := fs.Sub(configs.Files, "catalogue")
	if err != nil {
		return registry.Contents{}, err
	}
	contents, problems := manifest.Catalogue(files)
	rules, bad := manifest.ReadRules(configs.Files, "rules.yaml")
	if err := append(problems, bad...).Or(); err != nil {
		return registry.Contents{}, fmt.Errorf("what comes with the program: %w", err)
	}
	contents.RuleSets = []registry.RuleSet{{Rules: rules}}
	contents.Services = []registry.Service{house(), bureau()}
	return contents, nil
}

// snapshot is the view of what is stored, as a running gateway has it: what comes with the program stands below.
func (b *base) snapshot(stored registry.Contents) *registry.Snapshot {
	return registry.NewSnapshot(b.shipped, b.zone).With(stored)
}
