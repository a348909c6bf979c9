package sqldb

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
)

// scattered writes entries of two writers about several things, some of them in the same millisecond, and gives them as
// a list should: newest first.
func scattered(t testing.TB, d *DB, n int) []audit.Entry {
	t.Helper()
	now := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	var journals []*audit.Journal
	for _, writer := range []string{"w-a", "w-b"} {
		journals = append(journals, audittest.Journal(t, d.Audit(), journalRing(t), writer, func() time.Time { return now }))
	}
	var all []audit.Entry
	for i := range n {
		now = now.Add(time.Duration(i%3/2) * time.Millisecond) // three entries in each millisecond
		e := audittest.Entry(i % 5)
		e.Service, e.Declaration, e.Version = fmt.Sprint("s", i%4), fmt.Sprint("d", i%7), i
		e.UAI, e.Action, e.Actor = fmt.Sprintf("%07dA", i%3), []string{"enable", "release"}[i%2], "command:"+fmt.Sprint(i%2)
		if i%4 == 0 {
			e.Detail = map[string]string{audit.As: "dpo"}
		}
		if i%6 == 0 {
			e.Class, e.Service, e.Declaration, e.UAI, e.Subject, e.Outcome = audit.ClassAdmin, "", "", "", "", audit.Refused
		}
		written, err := journals[i%2].Append(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, written)
	}
	slices.SortFunc(all, func(b, a audit.Entry) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Writer, b.Writer), strings.Compare(string(a.Class), string(b.Class)), cmp.Compare(a.Sequence, b.Sequence))
	})
	return all
}

// chosen is a Query by hand, with all subjects.
func chosen(all []audit.Entry, q audit.Query) []audit.Entry {
	var out []audit.Entry
	for _, e := range all {
		fits := (q.From.IsZero() || !e.At.Before(q.From)) && (q.Until.IsZero() || e.At.Before(q.Until))
		for _, f := range [][2]string{
			{string(q.Class), string(e.Class)},
			{q.Action, e.Action},
			{string(q.Outcome), string(e.Outcome)},
			{q.Actor, e.Actor},
			{q.Ref, e.Ref},
			{q.Service, e.Service},
			{q.Declaration, e.Declaration},
			{q.UAI, e.UAI},
			{q.Subject, e.Subject},
		} {
			fits = fits && (f[0] == "" || f[0] == f[1])
		}
		fits = fits && (len(q.Actions) == 0 || slices.Contains(q.Actions, e.Action)) && (len(q.UAIs) == 0 || slices.Contains(q.UAIs, e.UAI))
		fits = fits && (q.Role == "" || e.Detail[audit.As] == q.Role || e.Actor != "" && slices.Contains(q.Holders, e.Actor))
		fits = fits && (q.Sequence == 0 || e.Chain() == q.Of && e.Sequence == q.Sequence)
		fits = fits && (q.AnyOf == nil || e.Subject != "" && slices.Contains(q.AnyOf, e.Subject))
		if fits {
			out = append(out, e)
		}
	}
	return out
}

func TestTheJournalIsListedByWhatIsAskedForNewestFirst(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		all := scattered(t, d, 120)
		some := all[40]
		many := []string{"0000001A", "release"} // more than a query has branches
		for i := range mostBranches {
			many = append(many, fmt.Sprint("m", i))
		}
		for _, q := range []audit.Query{
			{},
			{Class: audit.ClassAdmin},
			{Action: "enable"},
			{Outcome: audit.Refused},
			{Actor: "command:1"},
			{Ref: some.Ref},
			{Service: "s1"},
			{Declaration: "d3"},
			{UAI: "0000002A"},
			{Subject: some.Subject},
			{AnyOf: []string{some.Subject, "nobody", all[70].Subject}},
			{AnyOf: []string{some.Subject, ""}, Service: some.Service, Until: all[10].At},
			{AnyOf: []string{}},
			{From: some.At},
			{Until: some.At},
			{From: some.At.Add(1)},
			{Until: some.At.Add(1)},
			{From: some.At, Until: some.At.Add(time.Millisecond)},
			{Service: "s1", UAI: "0000002A", Class: audit.ClassSignIn, Action: "release", From: all[100].At, Until: all[3].At},
			{Service: "s9"},
			{Service: "' OR 1=1 --"},
			{Actions: []string{"release", "enable", "release"}},
			{Actions: []string{"enable"}, Class: audit.ClassAdmin},
			{Actions: []string{"none"}},
			{UAIs: []string{"0000001A", "0000002A"}},
			{UAIs: []string{"0000001A", "0000002A", "x"}, Actions: []string{"release", "y"}, Service: "s1", Until: all[3].At},
			{UAIs: many},
			{Actions: many, Service: "s2"},
			{Role: "dpo"},
			{Role: "d_o"},
			{Role: "dpo", Class: audit.ClassAdmin},
			{Role: "dpo", Class: audit.ClassAdmin, Holders: []string{"command:1", "command:0", "", "command:1"}},
			{Role: "d%", Class: audit.ClassAdmin, Holders: []string{"command:1"}, From: some.At},
			{Role: "dpo", Class: audit.ClassAdmin, Holders: many},
			{Role: "dpo", Class: audit.ClassAdmin, Holders: []string{"command:0"}, Actions: []string{"enable"}, UAIs: many},
			{Role: "dpo", Holders: []string{"command:1"}, Until: all[9].At},
			{Role: "none", Holders: []string{"command:0", ""}, UAIs: []string{"0000001A"}},
			{Holders: []string{"command:0"}, Actions: []string{"enable"}},
			{Of: some.Chain(), Sequence: some.Sequence},
			{Of: some.Chain(), Sequence: 100000},
		} {
			want := chosen(all, q)
			q.Subjects = true
			for _, q.Limit = range []int{7, 500} {
				if got := pages(t, d, q); !reflect.DeepEqual(got, want) {
					t.Errorf("%+v: %d entries, want %d, or in another order", q, len(got), len(want))
				}
			}
		}
		if q := (audit.Query{Service: "s1", UAI: "0000002A"}); len(chosen(all, q)) < 5 || len(chosen(all, audit.Query{From: some.At, Until: some.At.Add(time.Millisecond)})) < 3 {
			t.Error("the entries show nothing")
		}
	})
}

// pages reads a list to its end.
func pages(t *testing.T, d *DB, q audit.Query) []audit.Entry {
	t.Helper()
	var all []audit.Entry
	for {
		p, err := d.Audit().List(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Entries) > q.Size() || p.Next != "" && len(p.Entries) != q.Size() {
			t.Fatalf("a page of %d, %d were asked for", len(p.Entries), q.Size())
		}
		all = append(all, p.Entries...)
		if q.After = p.Next; q.After == "" {
			return all
		}
	}
}

func TestAListOfTheJournalSaysAboutWhomOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		all := scattered(t, d, 12)
		for _, q := range []audit.Query{{}, {Subject: all[3].Subject}, {Service: all[3].Service}} {
			p, err := d.Audit().List(t.Context(), q)
			if err != nil || len(p.Entries) == 0 {
				t.Fatalf("%d entries, %v", len(p.Entries), err)
			}
			for _, e := range p.Entries {
				if e.Subject != "" {
					t.Errorf("%+v: an entry says about whom it is", q)
				}
				if e.Service != "" && (e.Actor == "" || e.Ref == "" || len(e.Attributes) == 0) {
					t.Errorf("%+v: more than the subject is missing", q)
				}
			}
		}
		if _, err := d.Audit().List(t.Context(), audit.Query{After: "nonsense"}); err == nil {
			t.Error("a cursor that nobody gave was taken")
		}
	})
}

func TestEntriesThatComeMeanwhileDisturbNoLaterPage(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		all := scattered(t, d, 20)
		first, err := d.Audit().List(t.Context(), audit.Query{Limit: 10, Subjects: true})
		if err != nil {
			t.Fatal(err)
		}
		fill(t, audittest.Journal(t, d.Audit(), journalRing(t), "w-c", time.Now), 5)
		second, err := d.Audit().List(t.Context(), audit.Query{Limit: 10, Subjects: true, After: first.Next})
		if err != nil || second.Next != "" || !reflect.DeepEqual(append(first.Entries, second.Entries...), all) {
			t.Errorf("%d and %d entries, %v", len(first.Entries), len(second.Entries), err)
		}
	})
}

func TestListsOfTheJournalUseTheirIndex(t *testing.T) {
	t.Parallel()
	d := openAt(t, migrated.SQLite(t), Options{})
	at := time.Now()
	for index, q := range map[string]audit.Query{
		"audit_entries_by_at": {}, "audit_entries_by_class": {Class: "sign_in"}, "audit_entries_desk_office": {Class: "admin", Role: "dpo", Holders: []string{"h"}}, "audit_entries_desk_action": {Class: "admin", Action: "enable"},
		"audit_entries_desk_actor": {Class: "admin", Actor: "h"}, "audit_entries_desk_service": {Class: "admin", Service: "s"},
		"audit_entries_desk_outcome": {Class: "admin", Outcome: "refused"}, "audit_entries_desk_uai": {Class: "admin", UAIs: []string{"a", "b"}, Actions: []string{"c", "d"}}, "audit_entries_by_service": {Service: "s"},
		"audit_entries_by_declaration": {Declaration: "d"}, "audit_entries_by_uai": {UAI: "u"}, "audit_entries_by_subject": {Subject: "s"},
		"audit_entries_by_ref": {Ref: "r"},
	} {
		q.After, q.Until = (audit.Entry{Writer: "w", Class: "admin", Sequence: 1, At: at}).Cursor(), at
		if got := plan(t, d, q); !strings.Contains(got, index+" ") {
			t.Errorf("%+v reads by %s, want %s", q, got, index)
		}
	}
	q := audit.Query{Outcome: audit.Released, AnyOf: []string{"s", "t"}, Until: at}
	if got := plan(t, d, q); !strings.Contains(got, "audit_entries_by_subject ") {
		t.Errorf("the entries of several subjects are read by %s", got)
	}
}

// plan is how SQLite would read a list.
func plan(t *testing.T, d *DB, q audit.Query) string {
	t.Helper()
	text, args, err := listing(q, d.engine.officeOf)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := d.reader().QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+text, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var a, b, c int
		var step string
		if err := rows.Scan(&a, &b, &c, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(steps, "; ")
}

func TestAnEntryThatWasChangedDoesNotFitTheOneBefore(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		fill(t, audittest.Journal(t, d.Audit(), journalRing(t), "w-fits", time.Now), 4)
		chains, err := d.Audit().Chains(t.Context())
		if err != nil || len(chains) == 0 {
			t.Fatal(err)
		}
		c := chains[0]
		rows, err := d.Audit().Rows(t.Context(), c, 0, 10)
		if err != nil || len(rows) < 2 {
			t.Fatalf("%d, %v", len(rows), err)
		}
		fits := func(n int64) bool {
			t.Helper()
			ok, err := audit.Fits(t.Context(), d.Audit(), c, n)
			if err != nil {
				t.Fatal(err)
			}
			return ok
		}
		last := rows[len(rows)-1].Sequence
		if !fits(1) || !fits(last) || fits(last+1) || fits(0) {
			t.Errorf("first %v, last %v, none %v, zero %v", fits(1), fits(last), fits(last+1), fits(0))
		}
		for _, change := range []string{`UPDATE audit_entries SET action = 'other' WHERE sequence = 1`, `DELETE FROM audit_entries WHERE sequence = 1`} {
			if _, err := d.engine.writer.ExecContext(t.Context(), change); err != nil {
				t.Fatal(err)
			}
			if fits(1) {
				t.Errorf("after %s the first fits", change)
			}
		}
		if fits(2) {
			t.Error("the second fits, whose first is gone")
		}
	})
}
