package sqldb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
)

// rotationOn is a rotation of a database whose keys are those of every test.
func rotationOn(t *testing.T, d *DB, writer string) *keys.Rotation {
	t.Helper()
	if err := d.Keys().Create(context.Background(), keystest.Rows(t)); err != nil {
		t.Fatal(err)
	}
	journal := audittest.Journal(t, d.Audit(), journalRing(t), writer, time.Now)
	c := ringConfig(t, d.Keys())
	r, err := keys.Rotate(c, &Rotation{Keys: d.Keys(), Journal: journal})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func atOnce() keys.Asked { return keys.Asked{By: "DSI", Reason: "a drill", Early: true} }

func TestARolloverReachesAnotherReplicaStepByStepAndStandsInTheJournal(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		ctx, use := t.Context(), keys.UseOIDCEdDSA
		r := rotationOn(t, d, "one")
		ring, err := keys.Open(ctx, ringConfig(t, d.Keys()))
		if err != nil {
			t.Fatal(err)
		}
		former := ring.Signer(use).KeyID()
		step := func(k keys.Key, err error) keys.Key {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			if changed, err := ring.Reload(ctx); !changed || err != nil {
				t.Fatalf("the other replica: %v, %v", changed, err)
			}
			return k
		}
		next := step(r.Prepare(ctx, use, atOnce()))
		if ring.Signer(use).KeyID() != former || len(ring.All(use)) != 2 {
			t.Error("a next key is published and not used")
		}
		step(r.Activate(ctx, use, atOnce()))
		if ring.Signer(use).KeyID() != next.ID || len(ring.All(use)) != 2 {
			t.Error("the active key is the new one, and the former one is still published")
		}
		step(r.Retire(ctx, use, keys.Previous, atOnce()))
		if ring.Signer(use).KeyID() != next.ID || len(ring.All(use)) != 1 {
			t.Error("a retired key is not published")
		}
		step(r.Certify(ctx, keys.UseSAMLECDSA, atOnce()))
		report, found := verified(t, d, journalRing(t)), actsOf(t, d)
		if !report.OK() || len(found) != 4 {
			t.Fatalf("%d entries, problems %v", len(found), report.Problems)
		}
		e := found[1]
		if e.Action != "key_activated" || e.Class != audit.ClassSystem || e.Actor != "command:keys" || e.Detail["key"] != next.ID ||
			e.Detail["former"] != former || e.Detail["by"] != "DSI" || e.Detail["early"] != "true" || e.Detail["use"] != string(use) {
			t.Errorf("the journal says %v %v", e.Action, e.Detail)
		}
	})
}

// actsOf are the journal's entries in the order of their chains.
func actsOf(t *testing.T, d *DB) (all []audit.Entry) {
	t.Helper()
	heads, err := d.Audit().Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range heads {
		rows, err := d.Audit().Rows(t.Context(), h.Chain, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			all = append(all, row.Entry)
		}
	}
	return all
}

func TestOfTwoReplicasThatRotateAtOnceOneDoesAndTheOtherIsToldSo(t *testing.T) {
	t.Parallel()
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var rotations []*keys.Rotation
			for i := range 3 {
				rotations = append(rotations, rotationOn(t, openAt(t, location, Options{}), fmt.Sprint("replica-", i)))
			}
			for _, act := range []func(*keys.Rotation) (keys.Key, error){
				func(r *keys.Rotation) (keys.Key, error) { return r.Prepare(t.Context(), keys.UseOIDCEdDSA, atOnce()) },
				func(r *keys.Rotation) (keys.Key, error) { return r.Activate(t.Context(), keys.UseOIDCEdDSA, atOnce()) },
				func(r *keys.Rotation) (keys.Key, error) {
					return r.Retire(t.Context(), keys.UseOIDCEdDSA, keys.Previous, atOnce())
				},
			} {
				errs := make([]error, len(rotations))
				var wg sync.WaitGroup
				for i, r := range rotations {
					wg.Go(func() { _, errs[i] = act(r) })
				}
				wg.Wait()
				done := 0
				for _, err := range errs {
					if err == nil {
						done++
					} else if !errors.Is(err, keys.ErrRaced) && !errors.Is(err, keys.ErrNotNow) && !errors.Is(err, keys.ErrNoSuchKey) {
						t.Error(err)
					}
				}
				if done != 1 {
					t.Errorf("done %d times: %v", done, errs)
				}
			}
			d := openAt(t, location, Options{})
			if r := verified(t, d, journalRing(t)); !r.OK() || r.Entries != 3 {
				t.Errorf("%d entries, want 3: %v", r.Entries, r.Problems)
			}
		})
	}
}

// Whoever rotates is killed in mid-act 5 times. What was acknowledged is there, each use has its active key, and the
// journal has as many steps as were done.
func TestKillLeavesAWholeSetOfKeys(t *testing.T) {
	t.Parallel()
	onKills(t, rotateUntilKilled, func(t *testing.T, d *DB, k killing) {
		beside := rotationOn(t, d, "beside")
		acknowledged := map[string]string{}
		for round := range 5 {
			for _, line := range k.after(t, round, 1+round*3, time.Duration(round)*time.Millisecond) {
				id, state, _ := strings.Cut(line, " ")
				acknowledged[id] = state
			}
			ring, err := keys.Open(t.Context(), ringConfig(t, d.Keys()))
			if err != nil {
				t.Fatalf("after the kill: %v", err)
			}
			if ring.Signer(keys.UseOIDCEdDSA).Public() == nil || ring.Signer(keys.UseOIDCES256).Public() == nil {
				t.Error("a use has no active key")
			}
			checkRotated(t, d, beside, acknowledged)
		}
	})
}

// checkRotated finds what only half a step would have left.
func checkRotated(t *testing.T, d *DB, r *keys.Rotation, acknowledged map[string]string) {
	t.Helper()
	list, err := r.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	order := []keys.State{keys.Next, keys.Active, keys.Previous, keys.Retired}
	steps, places := 0, map[string]int{}
	for _, k := range list {
		places[string(k.Use)+" "+string(k.State)]++
		at := slices.Index(order, k.State)
		if was, ok := acknowledged[k.ID]; ok && at < slices.Index(order, keys.State(was)) {
			t.Errorf("a key was acknowledged as %s and is %s", was, k.State)
		}
		delete(acknowledged, k.ID)
		switch first := slices.ContainsFunc(keystest.Rows(t), func(row keys.Row) bool { return row.ID == k.ID }); {
		case first && k.State == keys.Retired: // its retirement; becoming previous is the next one's activation
			steps++
		case first:
		case k.State == keys.Retired:
			steps += 3
		case k.State == keys.Next:
			steps++
		default:
			steps += 2
		}
	}
	for id := range acknowledged {
		t.Errorf("key %s was acknowledged and is lost", id)
	}
	for _, use := range keys.Rotating() {
		if places[string(use)+" active"] != 1 || places[string(use)+" next"] > 1 {
			t.Errorf("%s: %v", use, places)
		}
	}
	if report := verified(t, d, journalRing(t)); !report.OK() || report.Entries != int64(steps) {
		t.Errorf("%d steps were done, %d stand in the journal: %v", steps, report.Entries, report.Problems)
	}
}

func rotateUntilKilled(t *testing.T, d *DB, _ string) {
	r, ctx := rotationOn(t, d, audit.WriterID("child")), context.Background()
	uses := []keys.Use{keys.UseOIDCEdDSA, keys.UseOIDCES256}
	untilKilled(len(uses), func(caller, i int) (string, error) {
		var k keys.Key
		var err error
		// A kill leaves a rollover anywhere; whatever can be done next is.
		for _, act := range []func() (keys.Key, error){
			func() (keys.Key, error) { return r.Retire(ctx, uses[caller], keys.Previous, atOnce()) },
			func() (keys.Key, error) { return r.Activate(ctx, uses[caller], atOnce()) },
			func() (keys.Key, error) { return r.Prepare(ctx, uses[caller], atOnce()) },
		} {
			if k, err = act(); err == nil {
				break
			}
		}
		return k.ID + " " + string(k.State), err
	})
}
