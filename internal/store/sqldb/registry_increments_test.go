package sqldb

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// enablings is a bulk act: n schools enable a service; more is how many decisions stand behind each beside this one.
func enablings(service string, more, n int) []registry.Enabling {
	out := make([]registry.Enabling, n)
	for i := range out {
		out[i] = registry.Enabling{
			Service: service, UAI: person.UAI(fmt.Sprintf("%07dA", i)), State: registry.Enabled, Declaration: "d-" + service, Version: 1 + more,
			Since: time.Date(2026, 9, 1+more, 8, 0, 0, 0, time.UTC),
		}
		for j := range more + 1 {
			out[i].Decisions = append(out[i].Decisions, registry.Decision{
				At: time.Date(2026, 9, 1+j, 8, 0, 0, 0, time.UTC), State: registry.Approved, Office: "chef d'établissement", By: strings.Repeat("h", 43), Reason: "conseil d'administration",
			})
		}
	}
	return out
}

// everything is what a snapshot holds, in an order that does not depend on how it came to.
func everything(s *registry.Snapshot) map[string]any {
	list := s.Enablings()
	slices.SortFunc(list, func(a, b registry.Enabling) int {
		return strings.Compare(a.Service+string(a.UAI), b.Service+string(b.UAI))
	})
	return map[string]any{
		"revision": s.Revision(), "services": s.Services(), "declarations": s.AllDeclarations(), "establishments": s.Establishments(),
		"enablings": list, "wishes": s.Wishes(), "tokens": s.Tokens(), "rules": s.RuleSets(), "openings": s.Openings(),
	}
}

// scribble makes random changes. The two halves of each pair of enablings always carry the same version: who sees one
// without the other sees half a change.
func scribble(ctx context.Context, s *Registry, r *rand.Rand, rounds int) error {
	for range rounds {
		n, pair := r.IntN(1<<30)+1, fmt.Sprint("s", r.IntN(4))
		change := registry.Change{
			Services:  []registry.Service{{ID: pair, Contact: fmt.Sprint(n), Bindings: []registry.Binding{{Protocol: "saml", Handle: "urn:" + pair}}}},
			Enablings: []registry.Enabling{{Service: pair, UAI: "0280101H", Version: n}, {Service: pair, UAI: "0280202T", Version: n}},
		}
		if r.IntN(2) == 0 {
			change.Declarations = []registry.Declaration{{ID: "d" + pair, ServiceID: pair, Version: r.IntN(3), Why: registry.Text{FR: fmt.Sprint(n)}}}
			change.Wishes = []registry.Wish{{ID: fmt.Sprint("w", r.IntN(5)), Reason: fmt.Sprint(n)}}
		}
		if r.IntN(4) == 0 { // prepared on a revision that somebody may have left behind
			var err error
			if change.Base, err = s.Revision(ctx); err != nil {
				return err
			}
		}
		if _, err := s.Apply(ctx, change, applyEntry()); err != nil && !errors.Is(err, registry.ErrConflict) {
			return err
		}
	}
	return nil
}

func TestIncrementsReadBesideConcurrentWritersAddUpToTheWhole(t *testing.T) {
	t.Parallel()
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reader := &Registry{DB: openAt(t, location, Options{})}
			var writing sync.WaitGroup
			for w := range 4 { // two processes, two callers in each
				d := openAt(t, location, Options{})
				s := &Registry{DB: d, Journal: testJournal(t, d, fmt.Sprint("w-", w))}
				for caller := range 2 {
					writing.Go(func() {
						if err := scribble(t.Context(), s, rand.New(rand.NewPCG(uint64(w), uint64(caller))), 20); err != nil {
							t.Error(err)
						}
					})
				}
			}
			done := make(chan struct{})
			go func() { writing.Wait(); close(done) }()

			view, looks := registry.NewSnapshot(registry.Contents{}, time.UTC), 0
			for over := false; !over; {
				select {
				case <-done:
					over = true // one last look
				default:
				}
				changed, err := reader.Since(t.Context(), view.Revision())
				if err != nil {
					t.Fatal(err)
				}
				if changed.Revision < view.Revision() {
					t.Fatalf("revision %d after %d", changed.Revision, view.Revision())
				}
				if view = view.With(changed); len(changed.Services) > 0 {
					looks++
				}
				for _, v := range view.Services() {
					a, _ := view.Enabling(v.ID, "0280101H")
					b, _ := view.Enabling(v.ID, "0280202T")
					if fmt.Sprint(a.Version) != v.Contact || a.Version != b.Version {
						t.Fatalf("half a change is seen: %s, %d, %d", v.Contact, a.Version, b.Version)
					}
				}
			}
			whole, err := reader.Load(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(everything(registry.NewSnapshot(whole, time.UTC)), everything(view)); diff != "" {
				t.Error(diff)
			}
			t.Logf("%d revisions in %d increments", whole.Revision, looks)
			if whole.Revision < 40 || looks < 3 {
				t.Errorf("%d revisions in %d increments: nothing was shown", whole.Revision, looks)
			}
		})
	}
}
