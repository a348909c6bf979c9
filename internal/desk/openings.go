package desk

import (
	"context"
	"fmt"
	"slices"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// openingGap is for how many days there is no other opening after one: openings in a row would be a decision for good that
// nobody examined.
const openingGap = 30

// Open opens an examined service for an academy in a crisis: a declaration of the academy's level, in force, with the act's
// reference and reason, for registry.CrisisDays at most, the first and the last counted. From is today when empty, Version
// the one in force when 0. Renews names the opening that it prolongs, on whose renewal a data-protection officer gave an
// opinion (OpineOpening) that is not unfavourable; a renewal is not renewed.
func (d *Desk) Open(ctx context.Context, c roles.Caller, o registry.Opening) (registry.Opening, error) {
	var made registry.Opening
	err := d.act(ctx, c, "opening_begin", func(t *turn) error {
		t.entry.Service, t.entry.Declaration = o.Service, o.Declaration
		in, err := t.may(roles.OpenInCrisis, roles.Target{Service: o.Service, Academy: o.Academy})
		if err != nil {
			return err
		}
		next := o
		next.ID, next.Opinion, next.Ended = newID(), nil, false
		v, err := t.examined(o)
		if err != nil {
			return err
		}
		next.Version = v.Version
		if err := t.span(&next); err != nil {
			return err
		}
		if err := t.sequence(&next); err != nil {
			return err
		}
		next.Decisions = []registry.Decision{t.decision(in, registry.Approved, o.Reason)}
		t.about(v)
		t.detail("opening", next.ID)
		t.detail("until", next.Until.String())
		t.change.Openings = []registry.Opening{next}
		made = next
		return nil
	})
	return made, err
}

// examined finds the version in force that a crisis opens: one that somebody examined for the whole academy.
func (t *turn) examined(o registry.Opening) (registry.Declaration, error) {
	if _, ok := t.Service(o.Service); !ok {
		return registry.Declaration{}, &NotFound{"service", o.Service}
	}
	v, superseded, err := t.version(Stance{Service: o.Service, Declaration: o.Declaration, Version: o.Version})
	switch {
	case err != nil:
		return v, err
	case superseded || !v.InForce(t.now, t.Zone()):
		return v, &Conflict{Code: "state", What: fmt.Sprintf("%s is not the version in force", Ref{v.ID, v.Version})}
	case v.Scope.Level != registry.ByAcademy || !slices.Contains(v.Scope.Academies, o.Academy):
		return v, &Conflict{Code: "level", What: fmt.Sprintf("%s was not examined for the academy %s", Ref{v.ID, v.Version}, o.Academy)}
	}
	return v, nil
}

// span wants an act, a reason, and dates that a crisis allows.
func (t *turn) span(o *registry.Opening) error {
	if old, ok := t.opening(o.Renews); ok && o.From.IsZero() {
		o.From = old.Until.Add(1)
	}
	if o.From.IsZero() {
		o.From = t.today()
	}
	var m mistakes
	m.text("act", o.Act, mostName)
	m.text("reason", o.Reason, mostReason)
	m.say(before(o.From, t.today()), "from", "the first day is past", t.today().String())
	m.say(o.Until.IsZero(), "until", "the last day is missing", "yyyy-mm-dd")
	m.say(!o.Until.IsZero() && before(o.Until, o.From), "until", "the last day is before the first", "")
	last := o.From.Add(registry.CrisisDays - 1)
	m.say(before(last, o.Until), "until", fmt.Sprintf("an opening lasts %d days at most", registry.CrisisDays), last.String())
	return m.err()
}

func (t *turn) opening(id string) (registry.Opening, bool) {
	all := t.Openings()
	i := slices.IndexFunc(all, func(o registry.Opening) bool { return o.ID == id && id != "" })
	if i < 0 {
		return registry.Opening{}, false
	}
	return all[i], true
}

// sequence judges an opening against those before it: a renewal follows at once on one opening that was not renewed, with
// an opinion; anything else keeps its distance.
func (t *turn) sequence(o *registry.Opening) error {
	if o.Renews != "" {
		return t.renewal(o)
	}
	for _, other := range t.Openings() {
		if other.Service != o.Service || other.Academy != o.Academy || before(other.Until.Add(openingGap), o.From) {
			continue
		}
		if other.Ended && !before(other.Until, o.Until) {
			continue // opened again, no longer than it was
		}
		return &Conflict{Code: "state", What: fmt.Sprintf("opening %s is too near: renew it, or wait until %s", other.ID, other.Until.Add(openingGap+1))}
	}
	return nil
}

func (t *turn) renewal(o *registry.Opening) error {
	old, ok := t.opening(o.Renews)
	taken := slices.ContainsFunc(t.Openings(), func(other registry.Opening) bool { return other.Renews == o.Renews })
	switch {
	case !ok || old.Service != o.Service || old.Academy != o.Academy:
		return &NotFound{"opening", o.Renews}
	case old.Renews != "" || taken:
		return &Conflict{Code: "state", What: fmt.Sprintf("opening %s was renewed already: once is all", old.ID)}
	case old.Ended:
		return &Conflict{Code: "state", What: fmt.Sprintf("opening %s was ended", old.ID)}
	case o.From != old.Until.Add(1):
		return &Invalid{Findings: mistakes{{Where: "from", What: "a renewal begins when the opening ends", Mend: old.Until.Add(1).String()}}}
	case old.Opinion == nil:
		return &Conflict{Code: "opinion", What: fmt.Sprintf("no data-protection officer has given an opinion on renewing %s", old.ID)}
	case old.Opinion.Value == registry.Unfavourable:
		return &Conflict{Code: "opinion", What: fmt.Sprintf("the opinion on renewing %s is unfavourable", old.ID)}
	}
	o.Opinion = old.Opinion
	return nil
}

// OpineOpening records the one data-protection officer's opinion on renewing an opening. It wants a reason unless it is
// favourable.
func (d *Desk) OpineOpening(ctx context.Context, c roles.Caller, id string, value registry.Verdict, reason string) (registry.Opening, error) {
	var made registry.Opening
	err := d.act(ctx, c, "opening_opine", func(t *turn) error {
		o, ok := t.opening(id)
		if !ok {
			return &NotFound{"opening", id}
		}
		in, err := t.may(roles.Opine, roles.Target{Service: o.Service, Academy: o.Academy})
		switch {
		case err != nil:
			return err
		case o.Opinion != nil:
			return &Conflict{Code: "opinion", What: "an opinion was given already"}
		case o.Renews != "":
			return &Conflict{Code: "state", What: "a renewal is not renewed"}
		}
		opinion, err := t.opinion(in, value, reason)
		if err != nil {
			return err
		}
		o.Opinion = &opinion
		t.entry.Service, t.entry.Declaration, t.entry.Version = o.Service, o.Declaration, o.Version
		t.detail("opening", o.ID)
		t.detail("opinion", string(value))
		t.change.Openings = []registry.Opening{o}
		made = o
		return nil
	})
	return made, err
}

// opinion is the caller's, in a capacity, now.
func (t *turn) opinion(in roles.Capacity, value registry.Verdict, reason string) (registry.Opinion, error) {
	var m mistakes
	values := []registry.Verdict{registry.Favourable, registry.WithReservations, registry.Unfavourable}
	m.say(!slices.Contains(values, value), "value", fmt.Sprintf("%q is not known", value), fmt.Sprintf("one of %q", values))
	if value != registry.Favourable {
		m.text("reason", reason, mostReason)
	}
	return registry.Opinion{At: t.now, Value: value, Reason: reason, Office: in.Office, By: t.by.Handle}, m.err()
}

// EndOpening ends one before its time.
func (d *Desk) EndOpening(ctx context.Context, c roles.Caller, id, reason string) (registry.Opening, error) {
	var made registry.Opening
	err := d.act(ctx, c, "opening_end", func(t *turn) error {
		o, ok := t.opening(id)
		if !ok {
			return &NotFound{"opening", id}
		}
		in, err := t.may(roles.OpenInCrisis, roles.Target{Service: o.Service, Academy: o.Academy})
		switch {
		case err != nil:
			return err
		case o.Ended || !t.now.Before(o.Until.Ends(t.Zone())):
			return &Conflict{Code: "state", What: fmt.Sprintf("opening %s is over", id)}
		}
		var m mistakes
		m.text("reason", reason, mostReason)
		if err := m.err(); err != nil {
			return err
		}
		o.Ended = true
		o.Decisions = append(slices.Clone(o.Decisions), t.decision(in, registry.Archived, reason))
		t.entry.Service, t.entry.Declaration, t.entry.Version = o.Service, o.Declaration, o.Version
		t.detail("opening", o.ID)
		t.change.Openings = []registry.Opening{o}
		made = o
		return nil
	})
	return made, err
}
