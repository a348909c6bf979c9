package app

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"ecluse/internal/registry"
	"ecluse/internal/registry/manifest"
	"ecluse/internal/strictyaml"
	"ecluse/internal/upstream/samlsp"
)

// sourceCheck looks at the settings of sources as the start does, and asks no source.
type sourceCheck struct {
	kinds map[string]connectorKind
	path  func(string) string // where files that settings name lie; nil when nobody said
	now   time.Time
	seen  map[string]bool // sources that stood in files: the registry's are checked for the rest

	metadata func(name string) bool // whether the configuration keeps metadata of that name; nil when nobody said
}

func newSourceCheck(configFile string, now time.Time) *sourceCheck {
	c := &sourceCheck{kinds: connectorKinds(sides{}), now: now, seen: map[string]bool{}}
	if configFile != "" {
		c.path = configNamed(configFile).path
	}
	return c
}

// inFiles tells every mistake of the sources in files, with its line.
func (c *sourceCheck) inFiles(l manifest.Loaded, out io.Writer) strictyaml.Problems {
	var problems strictyaml.Problems
	for _, source := range l.Sources {
		if c.seen[source.ID] = true; source.Connector == demoKind { // the same folder may be there for the demo
			fmt.Fprintf(out, "source %s: %v\n", source.ID, errOutsideDemo)
			continue
		}
		for _, f := range c.findings(source, out) {
			if !l.Told("Source", source.ID, f.Where) {
				problems = append(problems, l.At("Source", source.ID, f))
			}
		}
	}
	return problems
}

// registered tells every mistake of the sources that are registered and stand in none of the files.
func (c *sourceCheck) registered(sources []registry.Source, out io.Writer) strictyaml.Problems {
	var problems strictyaml.Problems
	for _, source := range sources {
		if c.seen[source.ID] {
			continue
		}
		for _, f := range c.findings(source, out) {
			problems = append(problems, strictyaml.Problem{File: "the registry", Path: "Source " + source.ID + ": " + f.Where, What: f.What, Mend: f.Mend})
		}
	}
	return problems
}

// findings is everything that would keep a source from being set up. That no kind is said is told by the source itself.
func (c *sourceCheck) findings(source registry.Source, out io.Writer) []registry.Finding {
	kind, known := c.kinds[source.Connector]
	switch {
	case source.Connector == "":
		return nil
	case !known:
		kinds := slices.DeleteFunc(slices.Sorted(maps.Keys(c.kinds)), func(name string) bool { return name == demoKind })
		return []registry.Finding{{Where: "connector", What: fmt.Sprintf("the connector %q is not known", source.Connector), Mend: strings.Join(kinds, ", ")}}
	case c.path != nil:
		return append(kind.check(source, c.path, c.now), c.unkept(source)...)
	}
	found := kind.check(source, func(name string) string { return name }, c.now)
	if names := filesNamed(source); len(names) > 0 {
		fmt.Fprintf(out, "source %s: the files in %s were not looked at: they lie beside a configuration, and no --config says which\n", source.ID, strings.Join(names, ", "))
		found = slices.DeleteFunc(found, func(f registry.Finding) bool {
			return slices.Contains(names, strings.TrimPrefix(f.Where, "settings."))
		})
	}
	return found
}

// unkept tells of metadata that a source is said to stand in, and that nobody keeps.
func (c *sourceCheck) unkept(source registry.Source) []registry.Finding {
	from, _ := samlsp.Kept(source)
	if from == "" || c.metadata == nil || c.metadata(from) {
		return nil
	}
	return []registry.Finding{samlsp.NoSuchMetadata(from)}
}

// filesNamed are the settings that name a file or a folder.
func filesNamed(source registry.Source) []string {
	var out []string
	for key, value := range source.Settings {
		name, _ := value.(string)
		if name != "" && (strings.HasSuffix(key, "_file") || strings.HasSuffix(key, "_folder")) {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}
