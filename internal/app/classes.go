package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/registry"
	"ecluse/internal/registry/annuaire"
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
	log, err := newLogger(c.Log, logTo)
	if err != nil {
		return err
	}
	b, err := openBase(ctx, c, "import", time.Now, log)
	if err != nil {
		return err
	}
	return errors.Join(importClasses(ctx, b, o, out), b.closers.close())
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
	switch {
	case plan.Stop != "":
		return fmt.Errorf("%w: %s", ErrNotImported, plan.Stop)
	case o.DryRun:
		fmt.Fprintln(out, "the registry is as it was (--dry-run)")
		return nil
	case len(counts) == 0:
		fmt.Fprintln(out, "nothing to change")
		return nil
	}
	sum := sha256.Sum256(data)
	revision, err := b.store.Apply(ctx, registry.Change{Base: before.Revision, Headcounts: counts}, audit.Entry{
		Class: audit.ClassAdmin, Action: "import_classes", Outcome: audit.Done, Actor: "command:import", Detail: map[string]string{
			"list": hex.EncodeToString(sum[:]), "created": fmt.Sprint(len(plan.Created)), "changed": fmt.Sprint(len(plan.Changed)),
		},
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "registry revision %d\n", revision)
	return nil
}

func tellClasses(list headcounts.List, plan headcounts.Plan, report string, out io.Writer) error {
	fmt.Fprintf(out, "%d rows, %s, separated by %q\n", list.Rows, list.Encoding, list.Separator)
	tellRows(plan.Problems, out)
	if len(plan.Named) > 0 {
		fmt.Fprintln(out, "  labels like a name, which are taken as they are:")
		tellRows(plan.Named, out)
	}
	fmt.Fprintln(out, plan.Summary())
	if report == "" {
		return nil
	}
	f, err := os.OpenFile(report, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(plan.Report(f), f.Close())
}

// tellRows prints the first of the rows that something is to be said of.
func tellRows(rows []annuaire.Problem, out io.Writer) {
	for i, bad := range rows {
		if i == mostTold {
			fmt.Fprintf(out, "  and %d more\n", len(rows)-mostTold)
			return
		}
		fmt.Fprintf(out, "  %s %s\n", bad.UAI, bad.Error())
	}
}
