package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ecluse/internal/audit"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Looks finds somebody real for an explanation, and files in their own history who looked and why.
type Looks interface {
	// Find gives the person whose identifier at a source is id, as a sign-in there would. ErrNobody when there is none or
	// the source cannot say.
	Find(ctx context.Context, source, id string) (person.Person, error)
	// Subject is under which the journal files who looked at the person.
	Subject(key person.Key) string
	// Hide seals a typed text for one subject.
	Hide(subject, text string) (string, error)
}

// ErrNobody says that a source knows nobody by an identifier, or cannot be asked for somebody by one.
var ErrNobody = errors.New("nobody is known there by this identifier")

// Look is the wish to see what somebody real would be let into and what would be sent. It is in the journal before
// anything is shown, and the person reads it in their own history: who looked, by function, and why.
type Look struct {
	Service string     `json:"service"`
	UAI     person.UAI `json:"uai"`
	Source  string     `json:"source"`
	Person  string     `json:"person"` // the identifier at the source
	Reason  string     `json:"reason"`

	// ShownFrom puts the entry in the person's history off to that day, where the law imposes secrecy: the data-protection
	// officer's alone, with the legal Ground, and for a year at most.
	ShownFrom registry.Date `json:"shown_from,omitzero"`
	Ground    string        `json:"ground,omitempty"`
}

// How long the reason for a look is, in characters, and for how many days it may be put off.
const (
	leastReason = 15
	mostLook    = 500
	mostPutOff  = 366
)

// Actions of the journal about explanations.
const (
	actionSimulate = "simulate"
	ActionLook     = "explain_person" // filed under the person's own history
)

// Simulable gives the newest view for a simulation about a service, and the version that is named, as far as it is in the
// caller's sight. An empty draft names none.
func (d *Desk) Simulable(ctx context.Context, c roles.Caller, service string, draft Ref) (*registry.Snapshot, registry.Declaration, error) {
	t, err := d.begin(ctx, c, actionSimulate)
	if err != nil {
		return nil, registry.Declaration{}, err
	}
	if _, err := t.may(roles.Simulate, roles.Target{Service: service}); err != nil {
		return nil, registry.Declaration{}, d.keepDenial(ctx, t, err)
	}
	if draft.ID == "" {
		return t.Snapshot, registry.Declaration{}, nil
	}
	v, err := t.find(draft)
	if err == nil && v.ServiceID != service {
		err = &NotFound{"declaration of " + service, draft.String()}
	}
	if err != nil {
		return nil, registry.Declaration{}, err
	}
	return t.Snapshot, v, nil
}

// LookAt finds somebody real for an explanation. The journal has it before this returns: the look itself, a look that
// found nobody, and one that was denied.
func (d *Desk) LookAt(ctx context.Context, c roles.Caller, l Look) (person.Person, *registry.Snapshot, error) {
	t, err := d.begin(ctx, c, ActionLook)
	if err != nil {
		return person.Person{}, nil, err
	}
	t.entry.Service, t.entry.UAI = l.Service, string(l.UAI)
	in, err := t.may(roles.SimulatePerson, roles.Target{UAIs: []person.UAI{l.UAI}})
	if err != nil {
		return person.Person{}, nil, d.keepDenial(ctx, t, err)
	}
	if err := t.look(l, in); err != nil {
		return person.Person{}, nil, d.keepMistaken(ctx, t, err)
	}
	if d.Looks == nil || d.Journal == nil {
		return person.Person{}, nil, &Conflict{Code: "state", What: "this gateway explains nobody real"}
	}
	t.entry.Source = l.Source
	who, err := d.Looks.Find(ctx, l.Source, l.Person)
	if err == nil && !t.answersFor(who) {
		err = ErrNobody // a source may know people of other academies, who are not the caller's to find
	}
	if err != nil {
		t.entry.Outcome, t.entry.Reason = audit.Failed, "nobody"
		if _, failed := d.Journal.Append(ctx, t.entry); failed != nil {
			return person.Person{}, nil, fmt.Errorf("desk: look: %w", failed)
		}
		return person.Person{}, nil, err
	}
	if err := d.fileLook(ctx, t, who.Key, l, in); err != nil {
		return person.Person{}, nil, err
	}
	return who, t.Snapshot, nil
}

// answersFor tells whether somebody belongs to an establishment about whose people the caller may ask. Whom a source places
// nowhere is anybody's to explain: that is why they cannot enter.
func (t *turn) answersFor(who person.Person) bool {
	return len(who.Affiliations) == 0 || slices.ContainsFunc(who.Affiliations, func(a person.Affiliation) bool {
		_, err := t.may(roles.SimulatePerson, roles.Target{UAIs: []person.UAI{a.UAI}})
		return err == nil
	})
}

// keepMistaken journals that somebody who may look gave no good reason or no one to look at, and gives the error back.
func (d *Desk) keepMistaken(ctx context.Context, t *turn, err error) error {
	if d.Journal == nil || !d.denied.fresh(denial{t.by.Handle, t.entry.Action, "invalid"}, t.now) {
		return err
	}
	t.entry.Service, t.entry.Outcome, t.entry.Reason = "", audit.Refused, "invalid" // what was typed is not kept
	if _, failed := d.Journal.Append(ctx, t.entry); failed != nil {
		return errors.Join(err, failed)
	}
	return err
}

// look says everything that is wrong with the wish.
func (t *turn) look(l Look, in roles.Capacity) error {
	var bad mistakes
	reason := strings.TrimSpace(l.Reason)
	bad.text("reason", reason, mostLook)
	bad.say(reason != "" && len([]rune(reason)) < leastReason, "reason", fmt.Sprintf("it is shorter than %d characters", leastReason), "say why, so that the person can understand it")
	bad.text("person", l.Person, mostLook)
	_, known := t.Source(l.Source)
	bad.say(!known, "source", fmt.Sprintf("%q is not a registered source", l.Source), "")
	_, known = t.Service(l.Service)
	bad.say(!known, "service", fmt.Sprintf("%q is not a registered service", l.Service), "")
	today := registry.DateOf(t.now.In(t.Zone()))
	if ground := strings.TrimSpace(l.Ground); !l.ShownFrom.IsZero() || ground != "" {
		bad.say(in.Role != registry.DPO, "shown_from", "only the data-protection officer puts it off", "leave it out")
		bad.text("ground", ground, mostLook)
		bad.say(l.ShownFrom.IsZero(), "shown_from", "the day from which the person sees it is missing", "yyyy-mm-dd")
		bad.say(!l.ShownFrom.IsZero() && (l.ShownFrom.String() <= today.String() || l.ShownFrom.String() > today.Add(mostPutOff).String()),
			"shown_from", "it is not a day to come within a year", "yyyy-mm-dd")
	}
	return bad.err()
}

// fileLook writes the entry that the person will read.
func (d *Desk) fileLook(ctx context.Context, t *turn, key person.Key, l Look, in roles.Capacity) error {
	subject := d.Looks.Subject(key)
	t.entry.Subject = subject
	t.detail("role", string(in.Role))
	t.detail("office", in.Office)
	for name, text := range map[string]string{"reason": l.Reason, "ground": l.Ground} {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		hidden, err := d.Looks.Hide(subject, text)
		if err != nil {
			return fmt.Errorf("desk: look: %w", err)
		}
		t.detail(name+"_sealed", hidden)
	}
	if !l.ShownFrom.IsZero() {
		t.detail("shown_from", l.ShownFrom.String())
	}
	if _, err := d.Journal.Append(ctx, t.entry); err != nil {
		return fmt.Errorf("desk: look: %w", err)
	}
	return nil
}
