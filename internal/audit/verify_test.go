package audit_test

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
)

// written is a journal of three chains: a/sign_in with 6 entries, b/sign_in with
// 3, c/sign_in with 1.
func written(t *testing.T) audittest.State {
	t.Helper()
	store := new(audittest.Store)
	appendN(t, audittest.Journal(t, store, right, "a", clock), 6)
	appendN(t, audittest.Journal(t, store, right, "b", clock), 3)
	appendN(t, audittest.Journal(t, store, right, "c", clock), 1)
	return store.State()
}

// only keeps the rows of which keep is true.
func only(rows []audit.Row, keep func(audit.Row) bool) []audit.Row {
	return slices.DeleteFunc(rows, func(r audit.Row) bool { return !keep(r) })
}

// tampering is one thing done to a written journal, and what Verify must say.
type tampering struct {
	name   string
	tamper func(s *audittest.State)
	want   []string
}

// changedCases is what can be done to the content of rows.
func changedCases() []tampering {
	return []tampering{
		{"nothing", func(*audittest.State) {}, nil},
		{"changed", func(s *audittest.State) { s.Rows[2].Reason = "agreed" }, []string{"chain a/sign_in, entry 3: changed"}},
		{"detail changed", func(s *audittest.State) { s.Rows[2].Detail["note"] = "" }, []string{"chain a/sign_in, entry 3: changed"}},
		{"changed with its own hash", func(s *audittest.State) {
			s.Rows[2].Reason = "agreed"
			s.Rows[2].Hash = s.Rows[2].Link(s.Rows[1].Hash)
		}, []string{"chain a/sign_in, entry 4: changed"}},
		{"changed with all later hashes", func(s *audittest.State) {
			s.Rows[2].Reason = "agreed"
			for i := 2; i < 6; i++ {
				s.Rows[i].Hash = s.Rows[i].Link(s.Rows[i-1].Hash)
			}
		}, []string{"chain a/sign_in, entry 6: rewritten"}},
		{"last one changed with its hash", func(s *audittest.State) {
			s.Rows[5].Reason = "agreed"
			s.Rows[5].Hash = s.Rows[5].Link(s.Rows[4].Hash)
		}, []string{"chain a/sign_in, entry 6: rewritten"}},
	}
}

// removedCases is what can be taken away.
func removedCases() []tampering {
	return []tampering{
		{"first removed", func(s *audittest.State) { s.Rows = s.Rows[1:] }, []string{"chain a/sign_in, entry 1: removed"}},
		{
			"middle ones removed", func(s *audittest.State) { s.Rows = slices.Delete(s.Rows, 2, 4) },
			[]string{"chain a/sign_in, entries 3 to 4: removed"},
		},
		{"last removed", func(s *audittest.State) { s.Rows = slices.Delete(s.Rows, 5, 6) }, []string{"chain a/sign_in, entry 6: removed"}},
		{
			"last two removed", func(s *audittest.State) { s.Rows = slices.Delete(s.Rows, 4, 6) },
			[]string{"chain a/sign_in, entries 5 to 6: removed"},
		},
		{"all rows of a chain removed", func(s *audittest.State) {
			s.Rows = only(s.Rows, func(r audit.Row) bool { return r.Writer != "b" })
		}, []string{"chain b/sign_in, entries 1 to 3: removed"}},
		{"chain removed", func(s *audittest.State) {
			s.Rows = only(s.Rows, func(r audit.Row) bool { return r.Writer != "b" })
			s.Heads = slices.Delete(s.Heads, 1, 2)
		}, []string{"chain number 2: the chain was removed"}},
		{"last chain removed", func(s *audittest.State) {
			s.Rows = only(s.Rows, func(r audit.Row) bool { return r.Writer != "c" })
			s.Heads = s.Heads[:2]
		}, []string{"chain number 3: the chain was removed"}},
		{"chain and root removed", func(s *audittest.State) {
			s.Rows, s.Heads, s.Root = s.Rows[:9], s.Heads[:2], audit.Root{}
		}, []string{"the root was removed"}},
		{"removed and renumbered", func(s *audittest.State) {
			s.Rows = slices.Delete(s.Rows, 2, 3)
			for i := 2; i < 5; i++ {
				s.Rows[i].Sequence--
			}
		}, []string{
			"chain a/sign_in, entry 3: changed", "chain a/sign_in, entry 4: changed", "chain a/sign_in, entry 5: changed",
			"chain a/sign_in, entry 6: removed",
		}},
	}
}

// movedCases is what can be added or moved.
func movedCases() []tampering {
	return []tampering{
		{"inserted at the end", func(s *audittest.State) {
			r := s.Rows[5]
			r.Sequence = 7
			r.Hash = r.Link(s.Rows[5].Hash)
			s.Rows = append(s.Rows, r)
		}, []string{"chain a/sign_in, entry 7: inserted"}},
		{"inserted before the first", func(s *audittest.State) {
			r := s.Rows[0]
			r.Sequence = 0
			s.Rows = append(s.Rows, r)
		}, []string{"chain a/sign_in, entry 0: inserted"}},
		{"inserted far before the first", func(s *audittest.State) {
			r := s.Rows[0]
			r.Sequence = -7
			s.Rows = append(s.Rows, r)
		}, []string{"chain a/sign_in, entry -7: inserted"}},
		{"inserted with the others moved up", func(s *audittest.State) {
			r := s.Rows[2]
			for i := 2; i < 6; i++ {
				s.Rows[i].Sequence++
			}
			s.Rows = append(s.Rows, r)
		}, []string{"entry 4: changed", "entry 5: changed", "entry 6: changed", "entry 7: inserted", "entry 6: rewritten"}},
		{"duplicated", func(s *audittest.State) { s.Rows = append(s.Rows, s.Rows[2]) }, []string{"chain a/sign_in, entry 3: inserted"}},
		{"reordered", func(s *audittest.State) {
			s.Rows[2].Sequence, s.Rows[3].Sequence = s.Rows[3].Sequence, s.Rows[2].Sequence
		}, []string{"chain a/sign_in, entry 3: changed", "chain a/sign_in, entry 4: changed", "chain a/sign_in, entry 5: changed"}},
		{"moved to another chain", func(s *audittest.State) {
			s.Rows[5].Writer, s.Rows[5].Sequence = "c", 2
		}, []string{"chain a/sign_in, entry 6: removed", "chain c/sign_in, entry 2: inserted"}},
	}
}

// headCases is what can be done to heads and root.
func headCases(t *testing.T) []tampering {
	return []tampering{
		{"two chains swap names", func(s *audittest.State) {
			for i := range s.Rows {
				s.Rows[i].Writer = map[string]string{"a": "a", "b": "c", "c": "b"}[s.Rows[i].Writer]
			}
			s.Heads[1].Writer, s.Heads[2].Writer = "c", "b"
		}, []string{
			"chain c/sign_in: the seal of the head", "c/sign_in, entry 1: changed", "c/sign_in, entry 2: changed",
			"c/sign_in, entry 3: changed", "chain b/sign_in: the seal of the head", "b/sign_in, entry 1: changed",
		}},
		{"head cut back with its rows", func(s *audittest.State) {
			s.Heads[0].Last, s.Heads[0].Hash = 4, s.Rows[3].Hash
			s.Rows = slices.Delete(s.Rows, 4, 6)
		}, []string{"chain a/sign_in: the seal of the head"}},
		{"head sealed by another ring", func(s *audittest.State) {
			s.Heads[0].Seal = s.Heads[1].Seal
		}, []string{"chain a/sign_in: the seal of the head"}},
		{"head pretends a purge", func(s *audittest.State) {
			s.Heads[0].Base, s.Heads[0].BaseHash = 2, s.Rows[1].Hash
			s.Rows = s.Rows[2:]
		}, []string{"chain a/sign_in: the seal of the head"}},
		{
			"head removed", func(s *audittest.State) { s.Heads = s.Heads[1:] },
			[]string{"chain number 1: the chain was removed", "chain a/sign_in: the head was removed"},
		},
		{"a chain of rows alone", func(s *audittest.State) {
			r := s.Rows[0]
			r.Writer = "z"
			s.Rows = append(s.Rows, r)
		}, []string{"chain z/sign_in: the head was removed", "chain z/sign_in, entry 1: changed"}},
		{"root forged", func(s *audittest.State) { s.Root.Chains = 2 }, []string{"the seal of the root"}},
		{"everything forged by another ring", func(s *audittest.State) {
			store := new(audittest.Store)
			appendN(t, audittest.Journal(t, store, mac{"other"}, "a", clock), 1)
			*s = store.State()
		}, []string{"the seal of the root", "chain a/sign_in: the seal of the head"}},
	}
}

func TestVerifyNamesWhatWasDone(t *testing.T) {
	t.Parallel()
	cases := slices.Concat(changedCases(), removedCases(), movedCases(), headCases(t))
	state := written(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			store := new(audittest.Store)
			store.Set(state)
			s := store.State()
			c.tamper(&s)
			store.Set(s)
			report, err := audit.Verify(t.Context(), store, right)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, report, c.want)
		})
	}
}

func compare(t *testing.T, report audit.Report, want []string) {
	t.Helper()
	if report.OK() != (len(want) == 0) || len(report.Problems) != len(want) {
		t.Errorf("%d problems, want %d", len(report.Problems), len(want))
	}
	for i, p := range report.Problems {
		if i >= len(want) || !strings.Contains(p.String(), want[i]) {
			t.Errorf("problem %d is %q, want %q", i, p, slices.Concat(want, []string{"none"})[min(i, len(want))])
		}
	}
}

func TestVerifyCountsWhatIsGood(t *testing.T) {
	t.Parallel()
	store := new(audittest.Store)
	store.Set(written(t))
	r, err := audit.Verify(t.Context(), store, right)
	if err != nil || !r.OK() || r.Chains != 3 || r.Entries != 10 {
		t.Errorf("%+v, %v; want 3 chains, 10 entries", r, err)
	}
	if r, err := audit.Verify(t.Context(), new(audittest.Store), right); err != nil || !r.OK() || r.Entries != 0 {
		t.Errorf("an empty journal: %+v, %v", r, err)
	}
}

// A purge keeps the head, moves its base and seals it again.
func TestVerifyAcceptsASealedBase(t *testing.T) {
	t.Parallel()
	s := written(t)
	h := &s.Heads[0]
	h.Base, h.BaseHash = 2, s.Rows[1].Hash
	h.Seal = right.MAC("audit-head/1", h.Writer, string(h.Class), "1", "2", hex.EncodeToString(h.BaseHash[:]),
		"6", hex.EncodeToString(h.Hash[:]))
	s.Rows = s.Rows[2:]
	store := new(audittest.Store)
	store.Set(s)
	if r, err := audit.Verify(t.Context(), store, right); err != nil || !r.OK() || r.Entries != 8 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestVerifyReadsOverPages(t *testing.T) {
	t.Parallel()
	store := new(audittest.Store)
	appendN(t, audittest.Journal(t, store, right, "a", clock), 1203)
	r, err := audit.Verify(t.Context(), store, right)
	if err != nil || !r.OK() || r.Entries != 1203 {
		t.Errorf("%+v, %v", r, err)
	}
}

// racing appends an entry between any two reads of Verify.
type racing struct {
	*audittest.Store
	write func()
}

func (r racing) Rows(ctx context.Context, c audit.Chain, after int64, limit int) ([]audit.Row, error) {
	r.write()
	defer r.write()
	return r.Store.Rows(ctx, c, after, limit)
}

func (r racing) Heads(ctx context.Context) ([]audit.Head, error) {
	r.write()
	defer r.write()
	return r.Store.Heads(ctx)
}

func (r racing) Chains(ctx context.Context) ([]audit.Chain, error) {
	r.write()
	defer r.write()
	return r.Store.Chains(ctx)
}

func TestVerifyDoesNotTakeWritersForForgers(t *testing.T) {
	t.Parallel()
	store := new(audittest.Store)
	j := audittest.Journal(t, store, right, "a", clock)
	appendN(t, j, 3)
	n := 0
	r := racing{store, func() {
		if n++; n > 20 {
			return
		}
		appendN(t, j, 2)
		appendN(t, audittest.Journal(t, store, right, audit.WriterID("new"), clock), 1)
	}}
	report, err := audit.Verify(t.Context(), r, right)
	if err != nil || !report.OK() || report.Entries < 3 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestVerifyStopsListingOneChain(t *testing.T) {
	t.Parallel()
	store := new(audittest.Store)
	appendN(t, audittest.Journal(t, store, right, "a", clock), 300)
	s := store.State()
	for i := range s.Rows {
		s.Rows[i].Service = "other"
	}
	store.Set(s)
	r, err := audit.Verify(t.Context(), store, right)
	if err != nil || len(r.Problems) != 20 || r.Entries != 0 {
		t.Errorf("%d problems, %d entries, %v", len(r.Problems), r.Entries, err)
	}
}

// broken cannot be read.
type broken struct{ *audittest.Store }

var errBroken = errors.New("broken")

func (broken) Rows(context.Context, audit.Chain, int64, int) ([]audit.Row, error) {
	return nil, errBroken
}

func TestVerifyReportsNothingWhenItCannotRead(t *testing.T) {
	t.Parallel()
	store := new(audittest.Store)
	store.Set(written(t))
	if r, err := audit.Verify(t.Context(), broken{store}, right); !errors.Is(err, errBroken) || r.Entries != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}
