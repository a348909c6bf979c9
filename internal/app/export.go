package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ecluse/internal/registry"
	"ecluse/internal/registry/manifest"
)

// ExportOptions are the flags of `gateway export`.
type ExportOptions struct {
	Dir     string   // where to write; "" and "-" are the output
	Kinds   []string // as files name them; every kind when empty
	Managed bool     // only what files manage
}

// Export writes what is registered as files that Apply reads back unchanged. What the console manages keeps being its own
// when such a file is applied, unless taking over is asked for. No file that is there already is overwritten.
func Export(ctx context.Context, c Config, o ExportOptions, out, logTo io.Writer) error {
	return onBase(ctx, c, "export", logTo, func(b *base) error {
		contents, err := b.store.Load(ctx)
		if err != nil {
			return err
		}
		objects, err := o.choose(contents)
		if err != nil {
			return err
		}
		if o.Dir == "" || o.Dir == "-" {
			return writeObjects(out, objects)
		}
		return writeFolder(o.Dir, objects, out)
	})
}

// exported is an object with the file that it goes into.
type exported struct {
	kind, file string
	object     any
}

// choose lists what the options ask for, kind by kind.
func (o ExportOptions) choose(c registry.Contents) ([]exported, error) {
	var out []exported
	add := func(kind, managed, usual string, object any) {
		file := managed
		if !filepath.IsLocal(filepath.FromSlash(file)) {
			file = usual
		}
		if (managed != "" || !o.Managed) && (len(o.Kinds) == 0 || slices.Contains(o.Kinds, kind)) {
			out = append(out, exported{kind, file, object})
		}
	}
	for _, v := range c.Establishments {
		add("Establishment", v.ManagedBy, "establishments.yaml", v)
	}
	for _, v := range c.Services {
		add("Service", v.ManagedBy, "services.yaml", v)
	}
	for _, v := range c.Declarations {
		add("Declaration", v.ManagedBy, "declarations.yaml", v)
	}
	for _, v := range c.Sources {
		add("Source", v.ManagedBy, "sources.yaml", v)
	}
	for _, v := range c.Delegations {
		add("Delegation", v.ManagedBy, "delegations.yaml", v)
	}
	for _, v := range c.Enablings {
		add("Enabling", v.ManagedBy, "enablings.yaml", v)
	}
	for _, v := range c.Charters {
		add("Charter", v.ManagedBy, "charters.yaml", v)
	}
	for _, v := range c.Models {
		add("Model", v.ManagedBy, "catalogue.yaml", v)
	}
	for _, v := range c.Assessments {
		add("Tool", v.ManagedBy, "catalogue.yaml", v)
	}
	for _, kind := range o.Kinds {
		if !slices.Contains(manifest.Kinds(), kind) {
			return nil, fmt.Errorf("--kind %q: one of %s", kind, strings.Join(manifest.Kinds(), ", "))
		}
	}
	return out, nil
}

func writeObjects(w io.Writer, list []exported) error {
	for _, o := range list {
		if err := manifest.Write(w, o.object); err != nil {
			return err
		}
	}
	return nil
}

// writeFolder writes every file, or none when one of them is there already.
func writeFolder(dir string, list []exported, out io.Writer) error {
	files := map[string][]exported{}
	var names []string
	for _, o := range list {
		if files[o.file] == nil {
			names = append(names, o.file)
		}
		files[o.file] = append(files[o.file], o)
	}
	slices.Sort(names)
	texts := map[string][]byte{}
	for _, name := range names {
		var text bytes.Buffer
		if err := writeObjects(&text, files[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		texts[name] = text.Bytes()
		full := filepath.Join(dir, filepath.FromSlash(name))
		if _, err := os.Lstat(full); !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("%s: there is something already, and nothing is overwritten", full)
		}
	}
	for _, name := range names {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o750); err != nil {
			return err
		}
		if err := os.WriteFile(full, texts[name], 0o640); err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %d objects\n", full, len(files[name]))
	}
	return nil
}
