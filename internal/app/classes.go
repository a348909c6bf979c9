package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"ecluse/internal/registry"
	"ecluse/internal/registry/headcounts"
)

// ClassesOptions are the flags of `gateway import classes`.
type ClassesOptions struct {
	File   string
	How    headcounts.How // Now and Zone are filled
	Report string         // a file for the report, row by row; none when empty
	DryRun bool
}

// ImportClasses reads how many pupils are in each class and group into the registry, all or nothing.
func ImportClasses(ctx context.Context, c Config, o ClassesOptions, out, logTo io.Writer) error {
	return onBase(ctx, c, "import", logTo, func(b *base) error { return importClasses(ctx, b, o, out) })
}

func importClasses(ctx context.Context, b *base, o ClassesOptions, out io.Writer) error {
	data, err := os.ReadFile(o.File)
	if err != nil {
		return err
	}
	list, err := headcounts.Read(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%s: %w", o.File, err)
	}
	before, err := b.store.Load(ctx)
	if err != nil {
		return err
	}
	o.How.Now, o.How.Zone = b.now(), b.zone
	plan := headcounts.NewPlan(list, b.snapshot(before), o.How)
	if err := tellClasses(list, plan, o.Report, out); err != nil {
		return err
	}
	counts := plan.Headcounts()
	return b.importList(ctx, imported{
		data: data, stop: plan.Stop, idle: len(counts) == 0, dryRun: o.DryRun,
		change: registry.Change{Base: before.Revision, Headcounts: counts},
		action: "import_classes", created: len(plan.Created), changed: len(plan.Changed),
	}, out)
}

func tellClasses(list headcounts.List, plan headcounts.Plan, report string, out io.Writer) error {
	fmt.Fprintf(out, "%d rows, %s, separated by %q\n", list.Rows, list.Encoding, list.Separator)
	tellRows(plan.Problems, out)
	if len(plan.Named) > 0 {
		fmt.Fprintln(out, "  labels like a name, which are taken as they are:")
		tellRows(plan.Named, out)
	}
	fmt.Fprintln(out, plan.Summary())
	return writeReport(report, plan.Report)
}
