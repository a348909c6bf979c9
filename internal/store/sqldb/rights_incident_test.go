package sqldb

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/registry"
	"ecluse/internal/rights"
)

func said(ref, line, service string) rights.Report {
	return rights.Report{Ref: ref, Line: line, Service: service, UAI: "0280202T", Declaration: service + "-d", Version: 3}
}

func TestAnIncidentIsOneForOneServiceHoweverOftenItIsSaid(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		o := rightsOn(t, d, ring, "w")
		report := func(p rights.Party, r rights.Report, fresh bool) rights.Request {
			t.Helper()
			made, is, err := o.Report(t.Context(), p, r)
			if err != nil || is != fresh || made.Kind != rights.Incident {
				t.Fatalf("%+v: fresh %v, %v", r, is, err)
			}
			return made
		}
		first := report(lina, said("I1", "LINE-1", "lire"), true)
		if first.Due.String() != "2027-02-03" || first.State != rights.Open || first.Child || !first.Settled {
			t.Errorf("%+v", first)
		}
		for _, again := range []rights.Report{said("I1", "LINE-1", "lire"), said("I2", "LINE-1", "lire")} {
			if made := report(lina, again, false); made.Ref != "I1" {
				t.Errorf("twice: %s", made.Ref)
			}
		}
		if made := report(lina, said("I3", "LINE-2", "lire"), false); made.Ref != "I1" {
			t.Errorf("a second release: %s", made.Ref)
		}
		if made := report(camille, said("I4", "LINE-1", "lire"), true); made.Ref != "I4" {
			t.Errorf("somebody else's: %s", made.Ref)
		}
		report(lina, said("I5", "LINE-3", "calcul"), true)
		elsewhere := said("I6", "LINE-6", "lire")
		elsewhere.UAI = "0289999Z"
		if made := report(lina, elsewhere, true); made.Ref != "I6" || made.UAI != elsewhere.UAI {
			t.Errorf("what happened at another school is told to %s in %s", made.UAI, made.Ref)
		}
		h, err := o.One(t.Context(), lina, "I1")
		if err != nil || !slices.Equal(h.Lines, []string{"LINE-1", "LINE-2"}) || !slices.Equal(h.Who, lina.Own) {
			t.Errorf("%q about %q, %v", h.Lines, h.Who, err)
		}
		if mine, err := o.Of(t.Context(), lina); err != nil || len(mine) != 3 {
			t.Errorf("%d incidents of one person, %v", len(mine), err)
		}
		actions, text := words(t, d)
		if got := strings.Join(actions, " "); got != "right_file right_add right_file right_file right_file" {
			t.Errorf("journal: %s", got)
		}
		if strings.Contains(text, "LINE") {
			t.Error("the journal says which release it is about")
		}
		rows, err := o.store.Current(t.Context(), o.clock)
		if err != nil || len(rows) != 4 || slices.ContainsFunc(rows, func(r rights.Request) bool { return strings.Contains(r.Sealed, "LINE") }) {
			t.Errorf("%d rows, or what they say lies open: %v", len(rows), err)
		}
	})
}

func TestAnIncidentIsOverdueByTheHourAndHasNoMoreTime(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		o := rightsOn(t, d, ring, "w")
		r, _, err := o.Report(t.Context(), lina, said("I1", "LINE-1", "lire"))
		if err != nil {
			t.Fatal(err)
		}
		o.file(t, lina, wish("R1", rights.Access, false))
		end := o.clock.Add(72 * time.Hour)
		for at, want := range map[time.Time]int{end.Add(-time.Second): 0, end: 1} {
			counts, err := o.store.Count(t.Context(), registry.DateOf(at.In(o.Zone)), at)
			if err != nil || counts.Overdue != want || counts.Pending != 2 || r.Overdue(at, o.Zone) != (want == 1) {
				t.Errorf("at %s: %+v, overdue %v, %v", at, counts, r.Overdue(at, o.Zone), err)
			}
		}
		if err := r.Extend(o.clock, o.Zone); !errors.Is(err, rights.ErrState) {
			t.Errorf("more time: %v", err)
		}
		if _, err := o.Drop(t.Context(), lina, "I1"); !errors.Is(err, rights.ErrState) {
			t.Errorf("dropped: %v", err)
		}
		if wrong := wish("R9", rights.Incident, false).Check(); len(wrong) == 0 {
			t.Error("a form asks for an incident")
		}
		o.answer(t, "I1", rights.Accepted, rights.Contents{Answer: "vu"})
		if _, err := o.Done(t.Context(), lina, "I1"); err != nil {
			t.Fatal(err)
		}
		h, err := o.One(t.Context(), lina, "I1")
		if err != nil || h.Sealed != "" || len(h.Lines) != 0 || h.State != rights.Closed {
			t.Errorf("closed: %+v, %v", h, err)
		}
		if made, fresh, err := o.Report(t.Context(), lina, said("I2", "LINE-9", "lire")); err != nil || !fresh || made.Ref != "I2" {
			t.Errorf("after it was closed: %v, %v", fresh, err)
		}
	})
}

func TestAnIncidentIsNeverOneTooManyAndWantsARelease(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		o := rightsOn(t, d, ring, "w")
		for i := range 60 {
			f := wish("R"+strings.Repeat("x", i+1), rights.Access, false)
			f.Entry.ServiceID = strings.Repeat("s", i+1)
			o.file(t, lina, f)
		}
		if _, fresh, err := o.Report(t.Context(), lina, said("I1", "LINE-1", "lire")); err != nil || !fresh {
			t.Errorf("%v, %v", fresh, err)
		}
		for _, bad := range []rights.Report{said("", "LINE-1", "lire"), said("I2", "", "lire"), said("I2", "LINE-1", "")} {
			if _, _, err := o.Report(t.Context(), lina, bad); err == nil {
				t.Errorf("%+v is an incident", bad)
			}
		}
		if _, _, err := o.Report(t.Context(), rights.Party{}, said("I2", "LINE-1", "lire")); err == nil {
			t.Error("nobody's incident")
		}
	})
}
