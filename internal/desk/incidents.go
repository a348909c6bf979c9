package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ecluse/internal/incident"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// mostSteps bounds what is added to one record by hand.
const mostSteps = 500

// IncidentView is a record with what is known about it now. It names nobody.
type IncidentView struct {
	Incident registry.Incident
	Counted  []incident.Counted
	Warned   []incident.Warned       // whom to warn, and when they were
	Timeline []registry.IncidentStep // the record's steps, and what was stopped and started again of what it is about
	Due      time.Time
	Late     bool
	Stopped  []Button // what it is about that is not stopped yet, and the caller may stop
}

// aboutIncident is what roles is asked of a record: the establishments that it names, or the whole academy.
func aboutIncident(i registry.Incident) roles.Target {
	if len(i.UAIs) > 0 {
		return roles.Target{UAIs: i.UAIs}
	}
	return roles.Target{Academy: i.Academy}
}

// owned says whose a record is that names no establishment: the academy's that the caller holds.
func (t *turn) owned(i registry.Incident) registry.Incident {
	if len(i.UAIs) > 0 {
		i.Academy = ""
		return i
	}
	for _, h := range roles.Holds(t.Snapshot, t.now, t.by) {
		if i.Academy == "" && len(h.Over.Academies) > 0 {
			i.Academy = h.Over.Academies[0]
		}
	}
	return i
}

// spanOf is what is counted for a record: where several academies share a gateway, in the record's own.
func spanOf(s *registry.Snapshot, i registry.Incident, now time.Time) incident.Span {
	span := incident.Of(i, now)
	all := s.Establishments()
	if i.Academy == "" || !slices.ContainsFunc(all, func(e registry.Establishment) bool { return e.Academy != i.Academy }) {
		return span
	}
	for _, e := range all {
		if e.Academy == i.Academy {
			span.UAIs = append(span.UAIs, e.UAI)
		}
	}
	return span
}

// OpenIncident opens the record of something that went wrong with people's data. The clock of RGPD art. 33(1) runs from
// Known. A head opens one for the own establishment and nothing else.
func (d *Desk) OpenIncident(ctx context.Context, c roles.Caller, i registry.Incident) (registry.Incident, error) {
	var made registry.Incident
	id := newID()
	err := d.act(ctx, c, "incident_open", func(t *turn) error {
		next := i
		next.ID, next.State, next.Opened = id, registry.IncidentOpen, t.now
		if next.Known.IsZero() {
			next.Known = t.now
		}
		next = t.owned(tidied(next))
		in, err := t.may(roles.KeepIncident, aboutIncident(next))
		if err != nil {
			return err
		}
		if err := t.wellFormed(next); err != nil {
			return err
		}
		next.Steps = []registry.IncidentStep{t.stepOf(in, registry.StepOpened, "", "")}
		t.records(next)
		made = next
		return nil
	})
	return shownIncident(made), err
}

// ReviseIncident writes the record anew, as more is known. What was done about it, and when it was opened, stays.
func (d *Desk) ReviseIncident(ctx context.Context, c roles.Caller, i registry.Incident, tag string) (registry.Incident, error) {
	return d.keepIncident(ctx, c, "incident_revise", i.ID, func(t *turn, in roles.Capacity, old registry.Incident) (registry.Incident, error) {
		if err := match(shownIncident(old), tag); err != nil {
			return old, err
		}
		next := t.owned(tidied(i))
		next.State, next.Opened, next.Steps = old.State, old.Opened, old.Steps
		if next.Known.IsZero() {
			next.Known = old.Known
		}
		if _, err := t.may(roles.KeepIncident, aboutIncident(next)); err != nil { // also where it is about more than before
			return old, err
		}
		if err := t.wellFormed(next); err != nil {
			return old, err
		}
		if Tag(next) == Tag(old) {
			return old, errIdle
		}
		return t.added(next, t.stepOf(in, registry.StepRevised, "", revised(old, next))), nil
	})
}

// revised says which moment was moved: the hours are counted from it.
func revised(old, next registry.Incident) string {
	if old.Known.Equal(next.Known) {
		return ""
	}
	return fmt.Sprintf("known: %s -> %s", old.Known.UTC().Format(time.RFC3339), next.Known.UTC().Format(time.RFC3339))
}

// StepIncident adds something that was done: a note, a controller who was warned, the authority or the people who were told.
func (d *Desk) StepIncident(ctx context.Context, c roles.Caller, id string, s registry.IncidentStep) (registry.Incident, error) {
	return d.keepIncident(ctx, c, "incident_step", id, func(t *turn, in roles.Capacity, old registry.Incident) (registry.Incident, error) {
		var m mistakes
		m.say(!slices.Contains(registry.Added(), s.Word), "word", fmt.Sprintf("%q is not known", s.Word), fmt.Sprintf("one of %q", registry.Added()))
		m.say(s.Word == registry.StepNoted && strings.TrimSpace(s.Text) == "", "text", "what is noted is missing", "a sentence")
		m.say((s.Word == registry.StepWarned) != (s.To != ""), "to", "who was warned is said of a warning, and of nothing else", "a role and what it is held over")
		m.say(len([]rune(s.To)) > mostName, "to", fmt.Sprintf("it is longer than %d characters", mostName), "")
		m.say(len([]rune(s.Text)) > incident.MostText, "text", fmt.Sprintf("it is longer than %d characters", incident.MostText), "say it shorter")
		m.say(len(old.Steps) >= mostSteps, "text", fmt.Sprintf("there are %d steps", len(old.Steps)), "")
		if err := m.err(); err != nil {
			return old, err
		}
		t.detail("step", string(s.Word))
		return t.added(old, t.stepOf(in, s.Word, s.To, strings.TrimSpace(s.Text))), nil
	})
}

// CloseIncident ends the record, which wants a reason. It is kept, and nothing in it changes any more (art. 33(5)).
func (d *Desk) CloseIncident(ctx context.Context, c roles.Caller, id, reason string) (registry.Incident, error) {
	return d.keepIncident(ctx, c, "incident_close", id, func(t *turn, in roles.Capacity, old registry.Incident) (registry.Incident, error) {
		var m mistakes
		m.text("reason", reason, mostReason)
		if err := m.err(); err != nil {
			return old, err
		}
		next := t.added(old, t.stepOf(in, registry.StepClosed, "", strings.TrimSpace(reason)))
		next.State = registry.IncidentClosed
		return next, nil
	})
}

// keepIncident does one act on a record in the caller's sight. One that is closed stays as it is.
func (d *Desk) keepIncident(ctx context.Context, c roles.Caller, word, id string, f func(*turn, roles.Capacity, registry.Incident) (registry.Incident, error)) (registry.Incident, error) {
	var made registry.Incident
	err := d.settle(ctx, c, word, func(t *turn) error {
		t.detail("incident", id)
		old, known := t.Incident(id)
		if !known {
			return t.unseenIncident(id)
		}
		if _, err := t.may(roles.ReadIncident, aboutIncident(old)); err != nil {
			return t.unseenIncident(id)
		}
		in, err := t.may(roles.KeepIncident, aboutIncident(old))
		if err != nil {
			return err
		}
		made = old
		if old.State == registry.IncidentClosed {
			return &Conflict{Code: "state", What: fmt.Sprintf("incident %s is closed", id)}
		}
		next, err := f(t, in, old)
		if err != nil {
			return err
		}
		t.records(next)
		made = next
		return nil
	})
	if err != nil {
		return registry.Incident{}, err
	}
	return shownIncident(made), nil
}

// unseenIncident does not tell a record of another place from none; whoever keeps none at all is denied.
func (t *turn) unseenIncident(id string) error {
	_, err := t.may(roles.ReadIncident, roles.Target{})
	var denied *roles.Denied
	if errors.As(err, &denied) && denied.Why == "role" {
		return err
	}
	return &NotFound{"incident", id}
}

func (t *turn) records(i registry.Incident) {
	t.detail("incident", i.ID)
	t.detail("due", incident.Due(i).UTC().Format(time.RFC3339))
	if len(i.Services) == 1 {
		t.entry.Service = i.Services[0]
	}
	if len(i.Sources) == 1 {
		t.entry.Source = i.Sources[0]
	}
	if len(i.UAIs) > 0 {
		t.at(i.UAIs...)
	}
	t.change.Incidents = []registry.Incident{i}
}

func (t *turn) stepOf(in roles.Capacity, word registry.StepWord, to, text string) registry.IncidentStep {
	return registry.IncidentStep{At: t.now, Word: word, Office: in.Office, By: t.by.Handle, To: to, Text: text}
}

func (t *turn) added(i registry.Incident, s registry.IncidentStep) registry.Incident {
	i.Steps = append(slices.Clone(i.Steps), s)
	return i
}

// tidied is a record as it is kept: each thing once, moments to the second.
func tidied(i registry.Incident) registry.Incident {
	i.Natures, i.Services = each(i.Natures), each(i.Services)
	i.Sources, i.UAIs = each(i.Sources), each(i.UAIs)
	for _, at := range []*time.Time{&i.Known, &i.From, &i.Until} {
		*at = at.UTC().Truncate(time.Second)
	}
	return i
}

func each[T ~string](list []T) []T { return slices.Compact(slices.Sorted(slices.Values(list))) }

// wellFormed says what is wrong with a record, all of it.
func (t *turn) wellFormed(i registry.Incident) error {
	m := mistakes(incident.Check(i, t.now))
	for n, id := range i.Services {
		_, known := t.Service(id)
		m.say(!known, fmt.Sprintf("services[%d]", n), fmt.Sprintf("%s is not registered", id), "")
	}
	for n, id := range i.Sources {
		_, known := t.Source(id)
		m.say(!known, fmt.Sprintf("sources[%d]", n), fmt.Sprintf("%s is not registered", id), "")
	}
	for n, uai := range i.UAIs {
		_, known := t.Establishment(uai)
		m.say(!known, fmt.Sprintf("uais[%d]", n), fmt.Sprintf("%s is not registered", uai), "")
	}
	return m.err()
}

// shownIncident is a record without the hands that wrote it.
func shownIncident(i registry.Incident) registry.Incident {
	i.Steps = slices.Clone(i.Steps)
	for n := range i.Steps {
		i.Steps[n].By = ""
	}
	return i
}

// Incidents lists the records in the caller's sight, open ones first, of those the one whose hours end first.
func (d *Desk) Incidents(ctx context.Context, c roles.Caller) ([]registry.Incident, error) {
	g, err := d.glance(ctx, c)
	if err != nil {
		return nil, err
	}
	list := keep(g, g.Snapshot.Incidents(), roles.ReadIncident, aboutIncident)
	for i := range list {
		list[i] = shownIncident(list[i])
	}
	slices.SortStableFunc(list, func(a, b registry.Incident) int {
		if (a.State == registry.IncidentOpen) != (b.State == registry.IncidentOpen) {
			if a.State == registry.IncidentOpen {
				return -1
			}
			return 1
		}
		if a.State == registry.IncidentOpen {
			return a.Known.Compare(b.Known)
		}
		return b.Opened.Compare(a.Opened)
	})
	return list, nil
}

// Incident is one record in the caller's sight, with how many people were sent what, counted now, and its Tag.
func (d *Desk) Incident(ctx context.Context, c roles.Caller, id string) (IncidentView, string, error) {
	g, err := d.glance(ctx, c)
	if err != nil {
		return IncidentView{}, "", err
	}
	i, known := g.Snapshot.Incident(id)
	if !known || g.may(roles.ReadIncident, aboutIncident(i)) != nil {
		return IncidentView{}, "", &NotFound{"incident", id}
	}
	v := IncidentView{Incident: shownIncident(i), Due: incident.Due(i), Late: incident.Late(i, g.now), Timeline: timeline(g.Snapshot, i)}
	if d.Counter != nil {
		if v.Counted, err = d.Counter.Count(ctx, spanOf(g.Snapshot, i, g.now)); err != nil {
			return IncidentView{}, "", fmt.Errorf("desk: %w", err)
		}
	}
	v.Warned = incident.Controllers(g.Snapshot, i, v.Counted)
	v.Stopped = g.stoppable(i)
	return v, Tag(v.Incident), nil
}

// Notification is what the authority asks of a record (RGPD art. 33(3)).
func (d *Desk) Notification(ctx context.Context, c roles.Caller, id string) (incident.Notification, error) {
	v, _, err := d.Incident(ctx, c, id)
	if err != nil {
		return incident.Notification{}, err
	}
	s, err := d.Live.Current()
	if err != nil {
		return incident.Notification{}, err
	}
	i := v.Incident
	i.Steps = v.Timeline
	return incident.Notify(s, i, v.Counted, d.Now().UTC()), nil
}

// timeline is a record's steps with what was stopped of what it is about, and started again, since it began.
func timeline(s *registry.Snapshot, i registry.Incident) []registry.IncidentStep {
	out := shownIncident(i).Steps
	add := func(what string, list []registry.Decision) {
		for _, by := range list {
			if !by.At.Before(i.Since()) && by.State == registry.Suspended {
				out = append(out, registry.IncidentStep{At: by.At, Word: registry.StepStopped, Office: by.Office, To: what, Text: by.Reason})
			}
		}
	}
	for _, id := range i.Services {
		o, _ := s.Service(id)
		add(id, o.Decisions)
	}
	for _, id := range i.Sources {
		o, _ := s.Source(id)
		add(id, o.Decisions)
	}
	for _, uai := range i.UAIs {
		o, _ := s.Stop(registry.StopEstablishment, string(uai))
		add(string(uai), o.Decisions)
	}
	slices.SortStableFunc(out, func(a, b registry.IncidentStep) int { return a.At.Compare(b.At) })
	return out
}

// stoppable lists what a record is about that still runs and that the caller may stop.
func (g glance) stoppable(i registry.Incident) []Button {
	var out []Button
	for _, id := range i.Services {
		if o, ok := g.Service(id); ok && !o.Suspended && g.may(roles.Suspend, roles.Target{Service: id}) == nil {
			out = append(out, Button{Kind: registry.StopService, ID: id})
		}
	}
	for _, id := range i.Sources {
		if o, ok := g.Source(id); ok && !o.Suspended && g.may(roles.SuspendSource, roles.Target{Source: id}) == nil {
			out = append(out, Button{Kind: registry.StopSource, ID: id})
		}
	}
	for _, uai := range i.UAIs {
		on := roles.Target{UAIs: []person.UAI{uai}}
		if !g.Stopped(registry.StopEstablishment, string(uai)) && g.may(roles.SuspendSchool, on) == nil {
			out = append(out, Button{Kind: registry.StopEstablishment, ID: string(uai)})
		}
	}
	return out
}
