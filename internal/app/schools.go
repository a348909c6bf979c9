package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"ecluse/internal/registry"
	"ecluse/internal/registry/annuaire"
)

// ImportOptions are the flags of `gateway import schools`.
type ImportOptions struct {
	File   string
	How    annuaire.How // Today is filled
	Report string       // a file for the report, row by row; none when empty
	DryRun bool
}

// ImportSchools reads the ministry's list of schools into the registry, all or nothing.
func ImportSchools(ctx context.Context, c Config, o ImportOptions, out, logTo io.Writer) error {
	return onBase(ctx, c, "import", logTo, func(b *base) error { return importSchools(ctx, b, o, out) })
}

func importSchools(ctx context.Context, b *base, o ImportOptions, out io.Writer) error {
	data, err := os.ReadFile(o.File)
	if err != nil {
		return err
	}
	list, err := annuaire.Read(bytes.NewReader(data), o.How.Only)
	if err != nil {
		return fmt.Errorf("%s: %w", o.File, err)
	}
	before, err := b.store.Load(ctx)
	if err != nil {
		return err
	}
	o.How.Today = registry.DateOf(b.now().In(b.zone))
	plan := annuaire.NewPlan(list, before.Establishments, o.How)
	if err := tellPlan(list, plan, o.Report, out); err != nil {
		return err
	}
	schools := plan.Establishments()
	return b.importList(ctx, imported{
		data: data, stop: plan.Stop, idle: len(schools) == 0, dryRun: o.DryRun,
		change: registry.Change{Base: before.Revision, Establishments: schools},
		action: "import_schools", created: len(plan.Created), changed: len(plan.Changed),
		detail: map[string]string{"closed": fmt.Sprint(len(plan.Closed))},
	}, out)
}

func tellPlan(list annuaire.List, plan annuaire.Plan, report string, out io.Writer) error {
	fmt.Fprintf(out, "%d rows, %s, separated by %q\n", list.Rows, list.Encoding, list.Separator)
	for _, word := range sortedWords(list.Skipped) {
		fmt.Fprintf(out, "  %d of the kind %q are not registered here\n", list.Skipped[word], word)
	}
	tellRows(plan.Problems, out)
	for _, e := range plan.Samples(3) {
		fmt.Fprintf(out, "  for instance %s %s, %s, %s, academy %s, department %s\n", e.UAI, e.Name, e.Town, e.Kind, e.Academy, e.Department)
	}
	fmt.Fprintln(out, plan.Summary())
	return writeReport(report, plan.Report)
}

func sortedWords(m map[string]int) []string {
	var out []string
	for word := range m {
		out = append(out, word)
	}
	slices.Sort(out)
	return out
}
