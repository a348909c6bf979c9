// Package audittest gives tests a journal in memory. No production package
// imports it.
package audittest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"ecluse/internal/audit"
)

// Store is an audit.Store in memory. Its zero value is empty and ready; it is
// safe for concurrent use.
type Store struct {
	mu    sync.Mutex
	fail  error
	state State
}

// State is everything that a Store holds.
type State struct {
	Rows  []audit.Row // in the order of writing
	Heads []audit.Head
	Root  audit.Root
}

// Fail makes every later Append fail with err, and work again after Fail(nil).
func (s *Store) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

// State returns a copy of what the store holds.
func (s *Store) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.clone()
}

// Set replaces what the store holds, as somebody with access to the database
// would.
func (s *Store) Set(state State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = state.clone()
}

// Entries returns the entries in the order of writing.
func (s *Store) Entries() []audit.Entry {
	var all []audit.Entry
	for _, row := range s.State().Rows {
		all = append(all, row.Entry)
	}
	return all
}

func (s State) clone() State {
	s.Rows = slices.Clone(s.Rows)
	for i := range s.Rows {
		s.Rows[i].Attributes = slices.Clone(s.Rows[i].Attributes)
		s.Rows[i].Detail = maps.Clone(s.Rows[i].Detail)
	}
	s.Heads = slices.Clone(s.Heads)
	return s
}

// Append implements audit.Store.
func (s *Store) Append(ctx context.Context, d audit.Draft) (audit.Row, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil || ctx.Err() != nil {
		return audit.Row{}, cmp.Or(s.fail, ctx.Err())
	}
	root, at := s.state.Root, s.head(d.Chain())
	var head audit.Head
	var err error
	if at >= 0 {
		head = s.state.Heads[at]
	} else if head, root, err = d.Open(root); err != nil {
		return audit.Row{}, err
	}
	row, head, err := d.Link(head)
	if err != nil {
		return audit.Row{}, err
	}
	if at >= 0 {
		s.state.Heads[at] = head
	} else {
		s.state.Heads = append(s.state.Heads, head)
	}
	s.state.Root, s.state.Rows = root, append(s.state.Rows, row)
	d.Durable(row)
	return row, nil
}

func (s *Store) head(c audit.Chain) int {
	return slices.IndexFunc(s.state.Heads, func(h audit.Head) bool { return h.Chain == c })
}

// Rows implements audit.Store. Rows of one sequence come in the order of writing.
func (s *Store) Rows(_ context.Context, c audit.Chain, after int64, limit int) ([]audit.Row, error) {
	var out []audit.Row
	for _, row := range s.State().Rows {
		if row.Chain() == c && row.Sequence > after {
			out = append(out, row)
		}
	}
	slices.SortStableFunc(out, func(a, b audit.Row) int { return int(a.Sequence - b.Sequence) })
	return out[:min(limit, len(out))], nil
}

// Chains implements audit.Store.
func (s *Store) Chains(context.Context) ([]audit.Chain, error) {
	var out []audit.Chain
	for _, row := range s.State().Rows {
		if !slices.Contains(out, row.Chain()) {
			out = append(out, row.Chain())
		}
	}
	return out, nil
}

// Heads implements audit.Store.
func (s *Store) Heads(context.Context) ([]audit.Head, error) { return s.State().Heads, nil }

// Head implements audit.Store.
func (s *Store) Head(_ context.Context, c audit.Chain) (audit.Head, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at := s.head(c); at >= 0 {
		return s.state.Heads[at], nil
	}
	return audit.Head{}, audit.ErrNoHead
}

// Root implements audit.Store.
func (s *Store) Root(context.Context) (audit.Root, error) { return s.State().Root, nil }

// ByRef implements audit.Store.
func (s *Store) ByRef(_ context.Context, ref string) ([]audit.Row, error) {
	return slices.DeleteFunc(s.State().Rows, func(r audit.Row) bool { return r.Ref != ref }), nil
}

// Journal returns a journal on store that writes as writer with mac.
func Journal(tb testing.TB, store audit.Store, mac audit.MAC, writer string, now func() time.Time) *audit.Journal {
	tb.Helper()
	j, err := audit.New(audit.Config{Store: store, MAC: mac, Writer: writer, Class: audit.ClassSignIn, Now: now})
	if err != nil {
		tb.Fatalf("audittest: %v", err)
	}
	return j
}

// Entry returns a valid entry that fills every field; n makes it another one.
func Entry(n int) audit.Entry {
	subject := make([]byte, 32)
	subject[0], subject[1] = byte(n), byte(n>>8)
	return audit.Entry{
		Action: "release", Outcome: audit.Released, Reason: "informed", Ref: "R-" + fmt.Sprintf("%x", subject[:4]),
		Actor: "command:test", Subject: fmt.Sprintf("%x", subject), Service: "lire", Declaration: "lire-2026", Version: n,
		UAI: "0781234X", Source: "ent", Protocol: "saml", Attributes: []string{"profile", "class"},
		Detail: map[string]string{"withheld": "mail=not_declared", "note": "première fois"},
	}
}
