package sqldb

import (
	"context"
	"testing"
	"time"

	"ecluse/internal/registry"
)

// following keeps a view as a replica does, with a database handle of its own.
func following(t *testing.T, location string) *registry.Live {
	t.Helper()
	live := &registry.Live{Store: &Registry{DB: openAt(t, location, Options{})}, Zone: time.UTC, Now: time.Now, Failed: func(err error) { t.Error(err) }}
	if err := live.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); live.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return live
}

// seenWithin waits until the view holds something. That it is a second at most is tried where a test has the clock, in package
// registry: here a busy machine has its say.
func seenWithin(t *testing.T, live *registry.Live, since time.Time, holds func(*registry.Snapshot) bool) time.Duration {
	t.Helper()
	for {
		s, err := live.Current()
		took := time.Since(since)
		if err == nil && holds(s) {
			return took
		}
		if took > time.Minute { // only a replica that never looks takes so long
			t.Fatalf("not seen: %v", err)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestAnActIsSeenThroughAnotherHandleThatOnlyFollows(t *testing.T) {
	t.Parallel()
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openAt(t, location, Options{})
			s := &Registry{DB: d, Journal: testJournal(t, d, "w-1")}
			mustApply(t, s, sampleChange())
			own := &registry.Live{Store: s, Zone: time.UTC, Now: time.Now}
			other := following(t, location)
			for _, act := range []registry.EnablingState{registry.Enabled, registry.RefusedHere, registry.SuspendedHere} {
				says := func(s *registry.Snapshot) bool {
					e, ok := s.Enabling("lire", "0280101H")
					return ok && e.State == act
				}
				revision, err := s.Apply(t.Context(), registry.Change{Enablings: []registry.Enabling{{Service: "lire", UAI: "0280101H", State: act}}}, applyEntry())
				committed := time.Now()
				if err != nil {
					t.Fatal(err)
				}
				if mine, err := own.After(t.Context(), revision); err != nil || !says(mine) {
					t.Errorf("%s: whoever acted does not see it: %v", act, err)
				}
				t.Logf("%s: seen after %s", act, seenWithin(t, other, committed, says))
			}
		})
	}
}
