package sqldb

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/stepup"
)

func factorEntry(action string) audit.Entry {
	return audit.Entry{Class: audit.ClassAdmin, Action: action, Outcome: audit.Done, Actor: "h-me"}
}

func factorOf(handle, id string) stepup.Factor {
	return stepup.Factor{ID: id, Handle: handle, Means: stepup.TOTP, Name: "téléphone", Made: time.UnixMilli(1_700_000_000_000).UTC(), Step: 7, Sealed: []byte{1, 2}}
}

func TestAMeansIsKeptAsItWasAndTakenAwayByItsHolderAlone(t *testing.T) {
	onEach(t, func(t *testing.T, d *DB) {
		s := &Factors{DB: d, Journal: audittest.Journal(t, d.Audit(), keystest.Ring(t), "test", time.Now)}
		ctx := t.Context()
		want := factorOf("h-me", "f-1")
		if err := s.Add(ctx, want, factorEntry("factor_add")); err != nil {
			t.Fatal(err)
		}
		if err := s.Add(ctx, factorOf("h-other", "f-2"), factorEntry("factor_add")); err != nil {
			t.Fatal(err)
		}
		got, err := s.Of(ctx, "h-me")
		if err != nil || len(got) != 1 || got[0].ID != want.ID || got[0].Name != want.Name || got[0].Step != 7 || !got[0].Made.Equal(want.Made) || !got[0].Used.IsZero() || string(got[0].Sealed) != "\x01\x02" {
			t.Fatalf("%+v, %v", got, err)
		}
		if n, err := s.Remove(ctx, "h-other", "f-1", factorEntry("factor_remove")); n != 0 || err != nil {
			t.Errorf("somebody else's: %d, %v", n, err)
		}
		if n := entriesOf(t, d, "factor_remove"); n != 0 {
			t.Errorf("%d entries for nothing", n)
		}
		if n, err := s.Remove(ctx, "h-me", "", factorEntry("factor_remove")); n != 1 || err != nil {
			t.Errorf("all: %d, %v", n, err)
		}
		if n := entriesOf(t, d, "factor_remove"); n != 1 {
			t.Errorf("%d entries", n)
		}
		if left, _ := s.Of(ctx, "h-other"); len(left) != 1 {
			t.Errorf("%d are left of somebody else's", len(left))
		}
	})
}

func TestOfManyUsesOfOneStepExactlyOneIsTaken(t *testing.T) {
	onEach(t, func(t *testing.T, d *DB) {
		s := &Factors{DB: d, Journal: audittest.Journal(t, d.Audit(), keystest.Ring(t), "test", time.Now)}
		ctx := t.Context()
		if err := s.Add(ctx, factorOf("h-me", "f-1"), factorEntry("factor_add")); err != nil {
			t.Fatal(err)
		}
		var taken atomic.Int32
		var group sync.WaitGroup
		at := time.UnixMilli(1_700_000_100_000).UTC()
		for range 8 {
			group.Go(func() {
				ok, err := s.Use(ctx, "h-me", "f-1", 8, at)
				if err != nil {
					t.Error(err)
				}
				if ok {
					taken.Add(1)
				}
			})
		}
		group.Wait()
		if taken.Load() != 1 {
			t.Errorf("taken %d times", taken.Load())
		}
		for step, want := range map[int64]bool{0: false, 7: false, 8: false} {
			if ok, err := s.Use(ctx, "h-me", "f-1", step, at); ok != want || err != nil {
				t.Errorf("step %d: %t, %v", step, ok, err)
			}
		}
		if ok, _ := s.Use(ctx, "h-other", "f-1", 9, at); ok {
			t.Error("somebody else uses it")
		}
		if got, _ := s.Of(ctx, "h-me"); !got[0].Used.Equal(at) || got[0].Step != 8 {
			t.Errorf("used %v, step %d", got[0].Used, got[0].Step)
		}
		still := factorOf("h-me", "f-0")
		still.Step = 0 // a key that does not count
		if err := s.Add(ctx, still, factorEntry("factor_add")); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if ok, err := s.Use(ctx, "h-me", "f-0", 0, at); !ok || err != nil {
				t.Errorf("a key that does not count: %t, %v", ok, err)
			}
		}
	})
}

func TestNobodyEnrolsWithoutEnd(t *testing.T) {
	onEach(t, func(t *testing.T, d *DB) {
		s := &Factors{DB: d, Journal: audittest.Journal(t, d.Audit(), keystest.Ring(t), "test", time.Now)}
		for i := range stepup.Most {
			if err := s.Add(t.Context(), factorOf("h-me", string(rune('a'+i))), factorEntry("factor_add")); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Add(t.Context(), factorOf("h-me", "z"), factorEntry("factor_add")); !errors.Is(err, stepup.ErrFull) {
			t.Errorf("one more: %v", err)
		}
		if n := entriesOf(t, d, "factor_add"); n != stepup.Most {
			t.Errorf("%d entries", n)
		}
	})
}
