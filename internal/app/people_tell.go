package app

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"ecluse/internal/keybook"
	"ecluse/internal/keybook/pairs"
)

// tellMistakes prints the first of what is wrong with a list.
func tellMistakes(mistakes []pairs.Problem, out io.Writer) {
	for i, bad := range mistakes {
		if i == mostTold {
			fmt.Fprintf(out, "  and %d more\n", len(mistakes)-mostTold)
			return
		}
		fmt.Fprintln(out, " ", bad.Error())
	}
}

// tellAuthorities names the authorities of a list that no source has: one that is gone or comes later, or is misspelt.
func (l joinList) tellAuthorities(ctx context.Context, out io.Writer) error {
	contents, err := l.store.Load(ctx)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, s := range contents.Sources {
		known[s.Authority] = true
		for _, v := range s.Vouches {
			known[v] = true
		}
	}
	for i, p := range l.Pairs {
		for _, authority := range []string{p.Former.Authority, p.Now.Authority} {
			if !known[authority] {
				known[authority] = true
				fmt.Fprintf(out, "  line %d: no source has the authority %q\n", l.Lines[i], authority)
			}
		}
	}
	return nil
}

// tell counts what became of the list, and says of which lines something is to be done. It repeats no identifier.
func (l joinList) tell(plan keybook.Join, doubles map[int]bool, out io.Writer) {
	told := 0
	for i, fate := range plan.Fates {
		text := detailOf(fate, doubles[i])
		if text == "" || fate == keybook.Unseen {
			continue
		}
		if told++; told <= mostTold {
			fmt.Fprintf(out, "  line %d: %s\n", l.Lines[i], text)
		}
	}
	if told > mostTold {
		fmt.Fprintf(out, "  and %d more\n", told-mostTold)
	}
	fmt.Fprintf(out, "%d joined (%d keys that were in doubt, %d lines whose two people had numbers already, %d known twice to a service), %d one already, %d never seen, %d refused\n",
		plan.Count(keybook.Joined), plan.Settled, len(plan.Merged), len(doubles), plan.Count(keybook.Already), plan.Count(keybook.Unseen), plan.Count(keybook.Apart))
}

// detailOf says what is to be known of a line; nothing of one with which all went as it was written.
func detailOf(fate keybook.Fate, double bool) string {
	switch {
	case double:
		return "a service knows both by numbers of their own: it keeps both, and sees one person as two"
	case fate == keybook.Unseen:
		return "nobody was ever known by either identifier: nothing is kept"
	case fate == keybook.Apart:
		return "an authority would name one person by two identifiers: they are two people, or a line lacks that joins those two"
	}
	return ""
}

// report writes what became of each line, as CSV: line, what, detail.
func (l joinList) report(plan keybook.Join, doubles map[int]bool) error {
	return writeReport(l.Report, func(out io.Writer) error { return csv.NewWriter(out).WriteAll(l.rows(plan, doubles)) })
}

func (l joinList) rows(plan keybook.Join, doubles map[int]bool) [][]string {
	rows := [][]string{{"line", "what", "detail"}}
	for _, bad := range l.Problems {
		rows = append(rows, []string{strconv.Itoa(bad.Line), "bad", bad.Column + ": " + bad.What})
	}
	for i, fate := range plan.Fates {
		rows = append(rows, []string{strconv.Itoa(l.Lines[i]), string(fate), detailOf(fate, doubles[i])})
	}
	return rows
}
