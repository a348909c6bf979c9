package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/consent/papers"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/store/sqldb"
)

// AgreementsOptions are the flags of `gateway agreements attest`.
type AgreementsOptions struct {
	File        string
	UAI         string
	Declaration string
	Version     int    // 0: the one that is in force
	By          string // the function of whoever attests
	DryRun      bool
}

// ErrNotAttested says that a list was left aside as a whole; what was printed says why.
var ErrNotAttested = errors.New("nothing was attested")

// attester is what the journal and the receipts call whoever attests by command.
const attester = "command:agreements"

// AttestAgreements files what a list of papers says, all or nothing, as the desk does it for whoever is signed in there.
func AttestAgreements(ctx context.Context, c Config, o AgreementsOptions, out, logTo io.Writer) error {
	return onBase(ctx, c, "agreements", logTo, func(b *base) error { return attestAgreements(ctx, b, o, out) })
}

func attestAgreements(ctx context.Context, b *base, o AgreementsOptions, out io.Writer) error {
	o.By = strings.TrimSpace(o.By)
	if o.By == "" || utf8.RuneCountInString(o.By) > mostJoinText {
		return fmt.Errorf("%w: --by: the function of whoever attests, in 1 to %d characters, without a name", ErrNotAttested, mostJoinText)
	}
	data, err := os.ReadFile(o.File)
	if err != nil {
		return err
	}
	list, err := papers.Read(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrNotAttested, o.File, err)
	}
	all, err := b.store.Load(ctx)
	if err != nil {
		return err
	}
	s, uai := registry.NewSnapshot(all, b.zone), person.UAI(o.UAI)
	d, wrong, ok := papers.About(s, b.now(), uai, o.Declaration, o.Version)
	problems := append(list.Problems, papers.Check(list.Lines, papers.Authorities(s, uai), registry.DateOf(b.now().In(b.zone)))...)
	if !ok {
		problems = append(problems, wrong)
	}
	if n := tellPapers(list, problems, out); n > 0 {
		return fmt.Errorf("%w: %d mistakes", ErrNotAttested, n)
	}
	t := papers.Count(list.Lines)
	fmt.Fprintf(out, "%s v%d at %s: %d lines: %d agreed, %d refused, %d withdrawn\n", d.ID, d.Version, uai, len(list.Lines), t.Agreed, t.Refused, t.Withdrawn)
	if o.DryRun {
		fmt.Fprintln(out, "nothing was filed (--dry-run)")
		return nil
	}
	return b.filePapers(ctx, o, d, list.Lines)
}

// tellPapers prints every mistake by its line in the file, and gives their number.
func tellPapers(list papers.List, problems []papers.Problem, out io.Writer) int {
	for _, broken := range list.Broken {
		fmt.Fprintln(out, broken)
	}
	for _, p := range problems {
		if p.Line >= 0 {
			fmt.Fprintf(out, "line %d, %s\n", list.At[p.Line], p.Error())
		} else {
			fmt.Fprintf(out, "%s\n", p.Error())
		}
	}
	return len(list.Broken) + len(problems)
}

func (b *base) filePapers(ctx context.Context, o AgreementsOptions, d registry.Declaration, lines []papers.SignedPaper) error {
	book := consent.Book{Store: &sqldb.Receipts{DB: b.db, Journal: b.journal}, Keys: b.ring, People: b.people(), Now: b.now}
	ledger := book.Ledger()
	receipts := make([]consent.Receipt, len(lines))
	for i, l := range lines {
		r, err := ledger.Attested(l.Signed(o.By, attester, person.UAI(o.UAI)), d, b.zone)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrNotAttested, err)
		}
		receipts[i] = r
	}
	detail := papers.Detail(lines)
	detail["by"] = o.By
	return ledger.File(ctx, audit.Entry{
		Class: audit.ClassAdmin, Action: "agreements_attest", Outcome: audit.Done, Actor: attester, UAI: o.UAI,
		Service: d.ServiceID, Declaration: d.ID, Version: d.Version, Detail: detail,
	}, receipts...)
}
