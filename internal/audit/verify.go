package audit

import (
	"context"
	"errors"
	"fmt"
	"math"
)

const (
	pageSize         = 500
	problemsPerChain = 20 // enough to see what happened; the rest is the same story
)

// Fault says what is wrong at a place of the journal.
type Fault string

// The faults.
const (
	Changed     Fault = "changed, or moved here from another place"
	Missing     Fault = "removed"
	Inserted    Fault = "inserted: its place is taken or not covered by the head"
	Rewritten   Fault = "rewritten: the chain does not end in the sealed hash"
	HeadForged  Fault = "the seal of the head does not fit"
	HeadMissing Fault = "the head was removed"
	ChainGone   Fault = "the chain was removed as a whole, or its head was"
	RootForged  Fault = "the seal of the root does not fit"
	RootMissing Fault = "the root was removed"
)

// Problem is one finding. Chain is zero for what concerns all chains.
type Problem struct {
	Chain    Chain
	Number   int64 // of a chain that is gone
	Sequence int64 // the entry; 0 for the chain as a whole
	Until    int64 // the last entry, where a run of them is missing
	Fault    Fault
}

// String is a line for a report.
func (p Problem) String() string {
	switch {
	case p.Fault == ChainGone:
		return fmt.Sprintf("chain number %d: %s", p.Number, p.Fault)
	case p.Chain == Chain{}:
		return string(p.Fault)
	case p.Sequence == 0 && p.Fault != Inserted:
		return fmt.Sprintf("chain %s: %s", p.Chain, p.Fault)
	case p.Fault == Missing && p.Until > p.Sequence:
		return fmt.Sprintf("chain %s, entries %d to %d: %s", p.Chain, p.Sequence, p.Until, p.Fault)
	}
	return fmt.Sprintf("chain %s, entry %d: %s", p.Chain, p.Sequence, p.Fault)
}

// Report is what Verify found.
type Report struct {
	Chains   int   // chains looked at
	Entries  int64 // entries found in place and unchanged
	Problems []Problem
}

// OK reports that nothing is wrong.
func (r Report) OK() bool { return len(r.Problems) == 0 }

// Verify reads the whole journal and reports what was done to it. Writers may go
// on meanwhile: what they add is looked at or not, and is never a problem. The
// error is about reading; a journal that was tampered with is a Report.
func Verify(ctx context.Context, s Store, m MAC) (Report, error) {
	v := &verifier{store: s, mac: m}
	if err := v.all(ctx); err != nil {
		return Report{}, fmt.Errorf("verifying the journal: %w", err)
	}
	return v.report, nil
}

type verifier struct {
	store  Store
	mac    MAC
	report Report
}

func (v *verifier) problem(p Problem) { v.report.Problems = append(v.report.Problems, p) }

// all reads in the order that keeps writers from looking like forgers: the root,
// then the chains with rows, then the heads, then the root again. A transaction
// that shows in one of them shows in the later ones.
func (v *verifier) all(ctx context.Context) error {
	before, err := v.store.Root(ctx)
	if err != nil {
		return err
	}
	chains, err := v.store.Chains(ctx)
	if err != nil {
		return err
	}
	heads, err := v.store.Heads(ctx)
	if err != nil {
		return err
	}
	after, err := v.store.Root(ctx)
	if err != nil {
		return err
	}
	v.numbers(before, after, heads)
	known := make(map[Chain]bool, len(heads))
	for _, h := range heads {
		known[h.Chain] = true
		if err := v.chain(ctx, h); err != nil {
			return err
		}
	}
	for _, c := range chains {
		if known[c] {
			continue
		}
		v.problem(Problem{Chain: c, Fault: HeadMissing})
		if err := v.orphans(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// numbers compares the heads with the roots read before and after them.
func (v *verifier) numbers(before, after Root, heads []Head) {
	if after == (Root{}) {
		if len(heads) > 0 {
			v.problem(Problem{Fault: RootMissing})
		}
		return
	}
	if !after.sealed(v.mac) || before != (Root{}) && !before.sealed(v.mac) {
		v.problem(Problem{Fault: RootForged})
		return
	}
	there := make(map[int64]bool, len(heads))
	for _, h := range heads {
		there[h.Number] = true // whether it is to be believed is reported by chain
		if h.Number > after.Chains {
			v.problem(Problem{Chain: h.Chain, Fault: RootForged})
		}
	}
	for n := int64(1); n <= before.Chains; n++ {
		if !there[n] {
			v.problem(Problem{Number: n, Fault: ChainGone})
		}
	}
}

// chain checks the rows of a chain against its head.
func (v *verifier) chain(ctx context.Context, head Head) error {
	v.report.Chains++
	w := &walk{verifier: v, head: head, sealed: head.sealed(v.mac), want: head.Base + 1, before: head.BaseHash, linked: true}
	if !w.sealed {
		w.found(Problem{Fault: HeadForged})
	}
	if err := w.rows(ctx); err != nil {
		return err
	}
	w.end()
	return nil
}

// orphans checks rows that have no head with each other.
func (v *verifier) orphans(ctx context.Context, c Chain) error {
	v.report.Chains++
	w := &walk{verifier: v, head: Head{Chain: c}, want: 1, before: c.Genesis(), linked: true}
	return w.rows(ctx)
}

// walk is the way along one chain.
type walk struct {
	*verifier
	head   Head
	sealed bool // head is to be believed
	want   int64
	before Hash
	linked bool // before is the hash of the entry want-1
	count  int
}

func (w *walk) found(p Problem) {
	w.count++
	if w.count <= problemsPerChain {
		p.Chain = w.head.Chain
		w.problem(p)
	}
}

func (w *walk) rows(ctx context.Context) error {
	for after := int64(math.MinInt64); ; { // nothing below 1 belongs there, so it is looked at
		page, err := w.store.Rows(ctx, w.head.Chain, after, pageSize)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return nil
		}
		for _, row := range page {
			if err := w.row(ctx, row); err != nil {
				return err
			}
		}
		after = max(after+1, page[len(page)-1].Sequence)
	}
}

func (w *walk) row(ctx context.Context, row Row) error {
	covered, err := w.covered(ctx, row)
	if err != nil {
		return err
	}
	if !covered || row.Sequence < w.want {
		w.found(Problem{Sequence: row.Sequence, Fault: Inserted})
		return nil
	}
	if row.Sequence > w.want {
		w.found(Problem{Sequence: w.want, Until: row.Sequence - 1, Fault: Missing})
		w.linked = false // whether this row followed the missing one cannot be told
	}
	switch {
	case w.linked && row.Link(w.before) != row.Hash:
		w.found(Problem{Sequence: row.Sequence, Fault: Changed})
	case w.linked:
		w.report.Entries++
	}
	w.want, w.before, w.linked = row.Sequence+1, row.Hash, true
	return nil
}

// covered reports whether the head knows of the row. Rows may have been added
// since the head was read; then it is read again.
func (w *walk) covered(ctx context.Context, row Row) (bool, error) {
	if !w.sealed || row.Sequence <= w.head.Last {
		return true, nil
	}
	fresh, err := w.store.Head(ctx, w.head.Chain)
	if errors.Is(err, ErrNoHead) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if fresh.sealed(w.mac) && fresh.Chain == w.head.Chain && fresh.Number == w.head.Number {
		w.head = fresh
	}
	return row.Sequence <= w.head.Last, nil
}

// end compares the last row with the head.
func (w *walk) end() {
	switch {
	case !w.sealed:
	case w.want <= w.head.Last:
		w.found(Problem{Sequence: w.want, Until: w.head.Last, Fault: Missing})
	case w.before != w.head.Hash:
		w.found(Problem{Sequence: w.head.Last, Fault: Rewritten})
	}
}
