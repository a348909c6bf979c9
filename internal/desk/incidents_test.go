package desk_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func leakOf(uais ...person.UAI) registry.Incident {
	return registry.Incident{
		Title: "Liste publiée", Natures: []registry.Nature{registry.Confidentiality, registry.Confidentiality}, Services: []string{"lire"}, UAIs: uais,
		Known: time.Date(2026, 11, 22, 21, 0, 0, 0, time.UTC), From: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC),
	}
}

func TestARecordIsOpenedReadAndKeptByThoseWhoAnswerThere(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by           roles.Caller
		where        []person.UAI
		opens, reads bool
		why          string
	}{
		"the officer, the academy":        {in("dpo"), nil, true, true, ""},
		"on call, the academy":            {in("oncall"), nil, true, true, ""},
		"the recteur":                     {in("recteur"), nil, true, true, ""},
		"another academy's recteur":       {in("elsewhere"), nil, true, false, ""}, // of the own academy
		"the head, the own collège":       {headOfVeil(), []person.UAI{right(veil)}, true, true, ""},
		"the head, the academy":           {headOfVeil(), nil, false, false, "perimeter"},
		"the head, another school":        {headOfVeil(), []person.UAI{right(far)}, false, false, "perimeter"},
		"the head, one of two":            {headOfVeil(), []person.UAI{right(veil), right(far)}, false, false, "perimeter"},
		"the DASEN, the department":       {in("dasen"), []person.UAI{right(jules)}, true, true, ""},
		"the DASEN, another department":   {in("dasen"), []person.UAI{right(far)}, false, false, "perimeter"},
		"the administrator":               {in("admin"), nil, false, false, "role"},
		"the DRANE":                       {in("drane"), nil, false, false, "role"},
		"a teacher, the own collège":      {teacher(), []person.UAI{right(veil)}, false, false, "role"},
		"the officer, one school":         {in("dpo"), []person.UAI{right(veil)}, true, true, ""},
		"another head, this collège":      {at("head-far", registry.HeadOfSchool, right(far)), []person.UAI{right(veil)}, false, false, "perimeter"},
		"nobody who answers for anything": {in("nobody"), nil, false, false, "role"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			_, err := p.OpenIncident(t.Context(), c.by, leakOf(c.where...))
			if c.opens != (err == nil) {
				t.Errorf("opening: %v", err)
			}
			if !c.opens {
				wantDenied(t, err, c.why)
			}
			made := ok[registry.Incident](t)(p.OpenIncident(t.Context(), in("recteur"), leakOf(c.where...)))
			_, _, err = p.Incident(t.Context(), c.by, made.ID)
			if c.reads != (err == nil) {
				t.Errorf("reading: %v", err)
			}
			_, err = p.Notification(t.Context(), c.by, made.ID)
			if c.reads != (err == nil) {
				t.Errorf("the notification: %v", err)
			}
			all := ok[[]registry.Incident](t)(p.Incidents(t.Context(), c.by))
			if slices.ContainsFunc(all, func(i registry.Incident) bool { return i.ID == made.ID }) != c.reads {
				t.Errorf("the list has %d", len(all))
			}
			_, err = p.StepIncident(t.Context(), c.by, made.ID, registry.IncidentStep{Word: registry.StepNoted, Text: "vu"})
			var missing *desk.NotFound
			var denied *roles.Denied
			if c.reads && err != nil || !c.reads && !errors.As(err, &missing) && !errors.As(err, &denied) {
				t.Errorf("a step: %v", err)
			}
		})
	}
}

func TestARecordLivesFromItsOpeningToItsEnd(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	dpo := in("dpo")
	_, err := p.OpenIncident(t.Context(), dpo, registry.Incident{Services: []string{"none"}, Sources: []string{"none"}, UAIs: nil})
	wantInvalid(t, err, "title", "natures", "services[0]", "sources[0]")
	made := ok[registry.Incident](t)(p.OpenIncident(t.Context(), dpo, leakOf()))
	if made.State != registry.IncidentOpen || len(made.Natures) != 1 || len(made.Steps) != 1 || made.Steps[0].By != "" || made.Steps[0].Office != "DPD" {
		t.Errorf("%+v", made)
	}
	if e := p.kept("incident_open"); len(e) != 1 || e[0].Service != "lire" || e[0].Detail["incident"] != made.ID || e[0].Detail["due"] != "2026-11-25T21:00:00Z" || e[0].Actor != "dpo" {
		t.Errorf("the journal says %+v", e)
	}
	view, tag, err := p.Incident(t.Context(), in("oncall"), made.ID)
	if err != nil || !view.Due.Equal(made.Known.Add(72*time.Hour)) || view.Late || len(view.Stopped) != 1 || view.Stopped[0] != (desk.Button{Kind: registry.StopService, ID: "lire"}) {
		t.Fatalf("%+v, %v", view, err)
	}

	next := made
	next.What, next.Message = "une liste de numéros", registry.Wording{Adulte: registry.Text{FR: "Nous vérifions."}, Enfant: registry.Text{FR: "On vérifie."}}
	changed := ok[registry.Incident](t)(p.ReviseIncident(t.Context(), in("oncall"), next, tag))
	_, err = p.ReviseIncident(t.Context(), dpo, next, tag)
	wantConflict(t, err, "changed")
	same := ok[registry.Incident](t)(p.ReviseIncident(t.Context(), dpo, changed, ""))
	if len(same.Steps) != 2 {
		t.Errorf("what says nothing new is a step: %+v", same.Steps)
	}
	later := changed
	later.Known = later.Known.Add(-time.Hour)
	if moved := ok[registry.Incident](t)(p.ReviseIncident(t.Context(), dpo, later, "")); moved.Steps[2].Text != "known: 2026-11-22T21:00:00Z -> 2026-11-22T20:00:00Z" {
		t.Errorf("moving the clock leaves %+v", moved.Steps[2])
	}

	for _, c := range []struct {
		step registry.IncidentStep
		at   string
	}{
		{registry.IncidentStep{Word: registry.StepClosed}, "word"},
		{registry.IncidentStep{Word: registry.StepNoted}, "text"},
		{registry.IncidentStep{Word: registry.StepWarned}, "to"},
		{registry.IncidentStep{Word: registry.StepNoted, To: "dasen 028", Text: "x"}, "to"},
	} {
		_, err = p.StepIncident(t.Context(), dpo, made.ID, c.step)
		wantInvalid(t, err, c.at)
	}
	ok[registry.Incident](t)(p.StepIncident(t.Context(), dpo, made.ID, registry.IncidentStep{Word: registry.StepWarned, To: "dasen 028", By: "somebody else", Office: "recteur"}))
	ok[registry.Incident](t)(p.StepIncident(t.Context(), dpo, made.ID, registry.IncidentStep{Word: registry.StepNotified, Text: "par le téléservice"}))
	ok[desk.Stopped](t)(p.Stop(t.Context(), in("oncall"), button(registry.StopService, "lire")))
	view, _, _ = p.Incident(t.Context(), dpo, made.ID)
	if n := len(view.Timeline); n != 6 || view.Timeline[n-1].Word != registry.StepStopped || view.Timeline[n-1].Office != "RSSI et astreinte" || view.Timeline[3].Office != "DPD" {
		t.Errorf("%+v", view.Timeline)
	}
	if len(view.Stopped) != 0 {
		t.Errorf("what is stopped is offered to be stopped: %+v", view.Stopped)
	}

	_, err = p.CloseIncident(t.Context(), dpo, made.ID, "")
	wantInvalid(t, err, "reason")
	over := ok[registry.Incident](t)(p.CloseIncident(t.Context(), dpo, made.ID, "liste retirée"))
	if over.State != registry.IncidentClosed || over.Steps[len(over.Steps)-1].Text != "liste retirée" {
		t.Errorf("%+v", over)
	}
	_, err = p.CloseIncident(t.Context(), dpo, made.ID, "encore")
	wantConflict(t, err, "state")
	_, err = p.ReviseIncident(t.Context(), dpo, later, "")
	wantConflict(t, err, "state")
	_, err = p.StepIncident(t.Context(), dpo, "none", registry.IncidentStep{Word: registry.StepNoted, Text: "vu"})
	wantMissing(t, err, "incident")
}

func TestAHeadCannotMakeTheOwnRecordOneOfAnotherSchool(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	made := ok[registry.Incident](t)(p.OpenIncident(t.Context(), headOfVeil(), leakOf(right(veil))))
	for _, where := range [][]person.UAI{nil, {right(far)}, {right(veil), right(far)}} {
		wider := made
		wider.UAIs = where
		_, err := p.ReviseIncident(t.Context(), headOfVeil(), wider, "")
		wantDenied(t, err, "perimeter")
	}
}

func TestARecordCountsWhatTheJournalSaysWasSentThere(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		now := h.Now()
		for n, uai := range []person.UAI{desktest.College, desktest.College, desktest.Other} {
			_, err := h.Journal.Append(t.Context(), audit.Entry{
				Class: audit.ClassRelease, Action: "release", Outcome: audit.Released, Service: "lire", UAI: string(uai), Attributes: []string{"class"},
				Subject: fmt.Sprintf("%064x", n),
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		i := leakOf(desktest.College)
		i.Known, i.From = now, now.Add(-time.Hour)
		made, err := h.OpenIncident(t.Context(), h.Head(desktest.College), i)
		if err != nil {
			t.Fatal(err)
		}
		soon := h.Now
		h.Now = func() time.Time { return soon().Add(time.Hour) }
		v, _, err := h.Incident(t.Context(), h.Head(desktest.College), made.ID)
		if err != nil || len(v.Counted) != 1 || v.Counted[0].People != 2 || len(v.Counted[0].Schools) != 1 {
			t.Fatalf("%+v, %v", v.Counted, err)
		}
		if len(v.Warned) != 1 || v.Warned[0].Name() != "head "+string(desktest.College) {
			t.Errorf("%+v", v.Warned)
		}
	})
}
