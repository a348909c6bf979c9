package desk_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// What a desk relies on its storage for, on each engine.

// manyEcoles registers public écoles of the department beside the first one.
func manyEcoles(t *testing.T, h *desktest.House, n int) {
	t.Helper()
	var list []registry.Establishment
	for i := range n {
		uai := right(person.UAI(fmt.Sprintf("0284%03d", i)))
		list = append(list, registry.Establishment{
			UAI: uai, Name: string(uai), Town: "Dreux", Kind: registry.Ecole, Academy: desktest.Academy, Department: desktest.Department,
		})
	}
	h.Apply(t, registry.Change{Establishments: list})
}

func here(d registry.Declaration, uais ...person.UAI) desk.Stance {
	return desk.Stance{Service: d.ServiceID, Declaration: d.ID, Where: desk.Where{UAIs: uais}, State: registry.Enabled}
}

func TestABulkActIsWrittenWholeAndOnce(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		const many = 150
		manyEcoles(t, h, many)
		d := inForce(t, h, desktest.Reading())
		everywhere := desk.Stance{Service: "lire", Declaration: d.ID, Where: desk.Where{Kind: registry.Ecole, Department: desktest.Department}, State: registry.Enabled}
		report, err := h.Decide(t.Context(), h.DASEN(), everywhere)
		if err != nil || report.Done != many+1 {
			t.Fatalf("%d schools, %v", report.Done, explain(err))
		}
		before := h.Snapshot(t).Revision()
		if report, err := h.Decide(t.Context(), h.DASEN(), everywhere); err != nil || report.Done != 0 || h.Snapshot(t).Revision() != before {
			t.Errorf("once more: %d, %v, revision %d after %d", report.Done, explain(err), h.Snapshot(t).Revision(), before)
		}
		for _, e := range h.Snapshot(t).Enablings() {
			if e.State != registry.Enabled || e.Declaration != d.ID || len(e.Decisions) != 1 || e.Decisions[0].Office != "DASEN" {
				t.Fatalf("%+v", e)
			}
		}
		mixed := here(d, desktest.Ecole, desktest.College)
		if _, err := h.Decide(t.Context(), h.DASEN(), mixed); err == nil || h.Snapshot(t).Revision() != before {
			t.Errorf("a list with a school of another controller: %v, revision %d after %d", err, h.Snapshot(t).Revision(), before)
		}
	})
}

func TestReplicasThatActAtOnceLoseNothing(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		d := inForce(t, h, desktest.Reading())
		heads := []person.UAI{desktest.College, desktest.Other, desktest.Lycee}
		done := make(chan error)
		for i, uai := range heads {
			replica := h.Replica(t, fmt.Sprintf("replica-%d", i))
			go func() {
				_, err := replica.Decide(context.WithoutCancel(t.Context()), h.Head(uai), here(d, uai))
				done <- err
			}()
		}
		for range heads {
			if err := <-done; err != nil {
				t.Error(explain(err))
			}
		}
		if n := len(h.Snapshot(t).Enablings()); n != len(heads) {
			t.Errorf("%d of %d acts were kept", n, len(heads))
		}
	})
}

func TestTheSecondOfTwoWritersOnTwoReplicasIsTold(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		draft := begun(t, h, h.Provider(), desktest.Reading())
		seen, done := desk.Tag(draft), make(chan error)
		for i := range 2 {
			replica, text := h.Replica(t, fmt.Sprintf("replica-%d", i)), draft
			text.Retention.FR = fmt.Sprintf("jusqu'au %d novembre 2027", 10+i)
			go func() {
				_, err := replica.Edit(context.WithoutCancel(t.Context()), h.Provider(), text, seen)
				done <- err
			}()
		}
		var told int
		for range 2 {
			var conflict *desk.Conflict
			switch err := <-done; {
			case errors.As(err, &conflict) && conflict.Code == "changed":
				told++
			case err != nil:
				t.Error(explain(err))
			}
		}
		if told != 1 {
			t.Errorf("%d of two writers were told", told)
		}
	})
}

func TestAReplicaSeesASuspensionWithoutAsking(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		d := inForce(t, h, desktest.Reading())
		replica := h.Replica(t, "replica")
		if err := replica.Live.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		watching, stop := context.WithCancel(t.Context())
		over := make(chan struct{})
		go func() { defer close(over); replica.Live.Run(watching) }()
		defer func() { stop(); <-over }()
		if _, err := h.Suspend(t.Context(), h.OnCall(), because(d, "fuite de données")); err != nil {
			t.Fatal(explain(err))
		}
		for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
			s, err := replica.Live.Current()
			if err != nil {
				t.Fatal(err)
			}
			if v, _ := s.Declaration(d.ID, d.Version); v.State == registry.Suspended {
				return
			}
			if time.Since(begun) > 30*time.Second { // only a replica that never looks takes so long
				t.Fatal("the replica does not see it")
			}
		}
	})
}
