package policy_test

import (
	"testing"

	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// crisis is thirty days from 2026-11-10 on, for the whole academy.
func crisis() registry.Opening {
	return registry.Opening{
		ID: "crise-1", Service: "lire", Declaration: "lire-academie", Version: 1, Academy: "Exemple", Act: "arrêté", Reason: "fermeture",
		From: date("2026-11-10"), Until: date("2026-12-09"),
	}
}

func TestACrisisOpensEveryEstablishmentOfTheAcademyAndEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.local() // examined, and nobody has enabled it
	w.closed(t, college, policy.NotEnabled)
	w.Openings = []registry.Opening{crisis()}
	w.under(t, college, 1)
	w.under(t, ecole, 1)
	end := date("2026-12-09").Ends(w.zone)
	g, err := w.at(end.Add(-1), lycee)
	enters(t, g, err)
	if !g.Until().Equal(end) {
		t.Errorf("the grant ends at %v, want %v", g.Until(), end)
	}
	g, err = w.at(end, lycee)
	refused(t, g, err, policy.NotEnabled)
	g, err = w.at(date("2026-11-10").Starts(w.zone).Add(-1), lycee)
	refused(t, g, err, policy.NotEnabled)
}

func TestALocalRefusalWinsOverACrisis(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.local()
	w.Openings = []registry.Opening{crisis()}
	w.says(college, registry.RefusedHere)
	w.closed(t, college, policy.RefusedHere)
	w.says(college, registry.SuspendedHere)
	w.closed(t, college, policy.SuspendedHere)
	w.under(t, lycee, 1)
}

func TestACrisisOpensOnlyWhatMayBeOpened(t *testing.T) {
	t.Parallel()
	renewal := func(change func(o *registry.Opening)) func(w *world) {
		return func(w *world) {
			first := crisis()
			first.From, first.Until = date("2026-10-01"), date("2026-10-30")
			second := crisis()
			second.ID, second.Renews, second.Opinion = "crise-2", "crise-1", &registry.Opinion{Value: registry.Favourable}
			change(&second)
			w.Openings = []registry.Opening{first, second}
		}
	}
	for name, c := range map[string]struct {
		change func(w *world)
		open   bool
	}{
		"thirty days":               {func(*world) {}, true},
		"thirty-one":                {func(w *world) { w.Openings[0].Until = date("2026-12-10") }, false},
		"no end":                    {func(w *world) { w.Openings[0].Until = registry.Date{} }, false},
		"ended before its day":      {func(w *world) { w.Openings[0].Ended = true }, false},
		"another academy":           {func(w *world) { w.Openings[0].Academy = "Autre" }, false},
		"no academy":                {func(w *world) { w.Openings[0].Academy = "" }, false},
		"another service":           {func(w *world) { w.Openings[0].Service = "autre" }, false},
		"a version nobody approved": {func(w *world) { w.Openings[0].Version = 2 }, false},
		"a suspended version":       {func(w *world) { w.Declarations[0].State = registry.Suspended }, false},
		"a version that is over":    {func(w *world) { w.Declarations[0].Until = date("2026-11-21") }, false},
		"one that lapsed":           {func(w *world) { w.Declarations[0].Supplier.Until = date("2026-11-21") }, false},
		"renewed":                   {renewal(func(*registry.Opening) {}), true},
		"renewed without opinion":   {renewal(func(o *registry.Opening) { o.Opinion = nil }), false},
		"an opinion without value":  {renewal(func(o *registry.Opening) { o.Opinion = &registry.Opinion{} }), false},
		"renews nothing known":      {renewal(func(o *registry.Opening) { o.Renews = "autre" }), false},
		"renews itself":             {renewal(func(o *registry.Opening) { o.Renews = o.ID }), false},
		"renewed twice in a row": {func(w *world) {
			renewal(func(o *registry.Opening) { o.From, o.Until = date("2026-10-31"), date("2026-11-20") })(w)
			third := w.Openings[1]
			third.ID, third.Renews, third.From, third.Until = "crise-3", "crise-2", date("2026-11-21"), date("2026-12-01")
			w.Openings = append(w.Openings, third)
		}, false},
		"renewed twice from one": {func(w *world) {
			renewal(func(o *registry.Opening) { o.From, o.Until = date("2026-10-31"), date("2026-11-20") })(w)
			third := w.Openings[1]
			third.ID, third.From, third.Until = "crise-3", date("2026-11-21"), date("2026-12-01")
			w.Openings = append(w.Openings, third)
		}, false},
	} {
		w := newWorld(t)
		w.local()
		w.Openings = []registry.Opening{crisis()}
		c.change(w)
		g, err := w.at(w.noon(), lycee)
		if got := err == nil && g.Granted(); got != c.open {
			t.Errorf("%s: %v, want %v (%v)", name, got, c.open, err)
		}
	}
}

func TestACrisisDoesNotOutgrowAVersionThatWasNarrowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.local()
	w.Openings = []registry.Opening{crisis()}
	w.under(t, college, 1)
	w.next(2, registry.Narrower).Scope.Academies = []string{"Ailleurs"}
	w.closed(t, college, policy.NotHere)
}
