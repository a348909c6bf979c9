package policy_test

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
)

func TestWhatTheGateOpensToSomebodyIsOpenThereAndWhatIsOpenThereIsClosedToNobodyForThePlace(t *testing.T) {
	t.Parallel()
	ofThePlace := []policy.Reason{
		policy.UnknownService, policy.ServiceSuspended, policy.NoDeclaration, policy.NotApproved, policy.NotYet, policy.Expired, policy.Lapsed,
		policy.DeclarationStopped, policy.NotEnabled, policy.AwaitingController, policy.PlaceClosed, policy.PlaceSuspended,
		policy.HouseNotCovering, policy.RefusedHere, policy.SuspendedHere, policy.NotHere,
	}
	granted, closed, stopped := 0, 0, 0
	for range 60 {
		rapid.Check(t, func(rt *rapid.T) {
			w, now, ask := draw(rt, t)
			s := w.snapshot()
			school, known := s.Establishment(ask.Place.UAI)
			if !known {
				return
			}
			g, err := policy.Gate(s, now, ask)
			stand, ok := policy.Here(s, now, ask.Service, school)
			open := ok && !stand.Stopped
			var refusal *policy.Refusal
			switch {
			case err == nil:
				granted++
				if !open || stand.Version.ID != g.Declaration().ID || stand.Version.Version != g.Declaration().Version || stand.Last.IsZero() {
					rt.Fatalf("the gate lets in under %s %d, and there stands %+v, %v", g.Declaration().ID, g.Declaration().Version, stand, ok)
				}
			case errors.As(err, &refusal) && open && slices.Contains(ofThePlace, refusal.Reason):
				rt.Fatalf("it is open there under %+v, and the gate says %s", stand, refusal.Reason)
			}
			if !ok {
				closed++
			} else if stand.Stopped {
				stopped++
				if stand.Version == nil || !stand.Last.IsZero() {
					rt.Fatalf("a stop tells %+v", stand)
				}
			}
		})
	}
	if granted < 100 || closed < 100 || stopped < 100 {
		t.Errorf("let in %d, closed %d, stopped %d: the property says little", granted, closed, stopped)
	}
}

func TestWhoOpensAServiceSomewhereIsToldWithItsFirstDay(t *testing.T) {
	t.Parallel()
	at := func(w *world, uai person.UAI) (policy.Stand, bool) {
		s := w.snapshot()
		school, _ := s.Establishment(uai)
		return policy.Here(s, w.noon(), "lire", school)
	}
	for name, c := range map[string]struct {
		change  func(*world)
		uai     person.UAI
		by      policy.Opener
		stopped bool
		ok      bool
	}{
		"the rectorat":                  {func(*world) {}, ecole, policy.ByRectorat, false, true},
		"a school that refused":         {func(w *world) { w.says(ecole, registry.RefusedHere) }, ecole, "", false, false},
		"a school that suspended":       {func(w *world) { w.says(ecole, registry.SuspendedHere) }, ecole, policy.ByRectorat, true, true},
		"a service that is stopped":     {func(w *world) { w.Services[0].Suspended = true }, ecole, policy.ByRectorat, true, true},
		"a declaration that is stopped": {func(w *world) { w.Declarations[0].State = registry.Suspended }, ecole, policy.ByRectorat, true, true},
		"the head": {func(w *world) {
			w.local(ecole, college)
			w.enable(w.Declarations[0], college)
		}, college, policy.ByController, false, true},
		"a head who said nothing": {func(w *world) { w.local(ecole) }, college, "", false, false},
		"a head whose declaration is stopped": {func(w *world) {
			w.local(ecole, college)
			w.enable(w.Declarations[0], college)
			w.Declarations[0].State = registry.Suspended
		}, college, policy.ByController, true, true},
		"a school whose access is stopped": {func(w *world) {
			w.Stops = []registry.Stop{{Kind: registry.StopEstablishment, ID: string(ecole), Suspended: true}}
		}, ecole, policy.ByRectorat, true, true},
		"the DASEN": {func(w *world) {
			w.Declarations[0].Scope = registry.Scope{Level: registry.ByDepartment, Departments: []string{"028"}}
		}, ecole, policy.ByDASEN, false, true},
		"a school that the gateway's own entry does not reach": {func(w *world) {
			registrytest.Say(&w.Contents, registry.Enabling{Service: registry.House, UAI: ecole, State: registry.RefusedHere})
		}, ecole, "", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.change(w)
			stand, ok := at(w, c.uai)
			if ok != c.ok || stand.By != c.by || stand.Stopped != c.stopped {
				t.Fatalf("there stands %+v, %v", stand, ok)
			}
			if ok && stand.Last.IsZero() != stand.Stopped {
				t.Errorf("it stands until %s", stand.Last)
			}
		})
	}
}
