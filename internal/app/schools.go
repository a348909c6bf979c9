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
	"slices"
	"time"

	"ecluse/internal/audit"
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

// ErrNotImported says that a list was left aside as a whole; what was printed says why.
var ErrNotImported = errors.New("nothing was imported")

// ImportSchools reads the ministry's list of schools into the registry, all or nothing.
func ImportSchools(ctx context.Context, c Config, o ImportOptions, out, logTo io.Writer) error {
	log, err := newLogger(c.Log, logTo)
	if err != nil {
		return err
	}
	b, err := openBase(ctx, c, "import", time.Now, log)
	if err != nil {
		return err
	}
	return errors.Join(importSchools(ctx, b, o, out), b.closers.close())
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
	switch {
	case plan.Stop != "":
		return fmt.Errorf("%w: %s", ErrNotImported, plan.Stop)
	case o.DryRun:
		fmt.Fprintln(out, "the registry is as it was (--dry-run)")
		return nil
	case len(schools) == 0:
		fmt.Fprintln(out, "nothing to change")
		return nil
	}
	sum := sha256.Sum256(data)
	revision, err := b.store.Apply(ctx, registry.Change{Base: before.Revision, Establishments: schools}, audit.Entry{
		Class: audit.ClassAdmin, Action: "import_schools", Outcome: audit.Done, Actor: "command:import", Detail: map[string]string{
			"list": hex.EncodeToString(sum[:]), "created": fmt.Sprint(len(plan.Created)), "changed": fmt.Sprint(len(plan.Changed)),
			"closed": fmt.Sprint(len(plan.Closed)),
		},
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "registry revision %d\n", revision)
	return nil
}

// mostTold bounds what the command prints of bad rows and samples; the report has all of them.
const mostTold = 20

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
	if report == "" {
		return nil
	}
	f, err := os.OpenFile(report, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(plan.Report(f), f.Close())
}

func sortedWords(m map[string]int) []string {
	var out []string
	for word := range m {
		out = append(out, word)
	}
	slices.Sort(out)
	return out
}
