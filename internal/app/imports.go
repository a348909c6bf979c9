package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"

	"ecluse/internal/audit"
	"ecluse/internal/registry"
	"ecluse/internal/registry/annuaire"
)

// ErrNotImported says that a list was left aside as a whole; what was printed says why.
var ErrNotImported = errors.New("nothing was imported")

// imported is a list of the registry's that was read, planned and told: schools or classes.
type imported struct {
	data   []byte // the list as it was handed in; the journal keeps its digest
	stop   string // why it is left aside as a whole
	idle   bool   // the registry says the same already
	dryRun bool
	change registry.Change

	action           string
	created, changed int
	detail           map[string]string // what the journal counts beside these two
}

// importList writes what a list comes to, all or nothing, with its journal entry.
func (b *base) importList(ctx context.Context, i imported, out io.Writer) error {
	switch {
	case i.stop != "":
		return fmt.Errorf("%w: %s", ErrNotImported, i.stop)
	case i.dryRun:
		fmt.Fprintln(out, "the registry is as it was (--dry-run)")
		return nil
	case i.idle:
		fmt.Fprintln(out, "nothing to change")
		return nil
	}
	sum := sha256.Sum256(i.data)
	detail := map[string]string{"list": hex.EncodeToString(sum[:]), "created": fmt.Sprint(i.created), "changed": fmt.Sprint(i.changed)}
	maps.Copy(detail, i.detail)
	revision, err := b.store.Apply(ctx, i.change, audit.Entry{
		Class: audit.ClassAdmin, Action: i.action, Outcome: audit.Done, Actor: "command:import", Detail: detail,
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "registry revision %d\n", revision)
	return nil
}

// mostTold bounds what the command prints of bad rows and samples; the report has all of them.
const mostTold = 20

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

// writeReport writes what is said of a list, row by row, into a file that its owner alone reads; none when it has no name.
func writeReport(file string, report func(io.Writer) error) error {
	if file == "" {
		return nil
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(report(f), f.Close())
}
