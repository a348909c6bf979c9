package desk

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"ecluse/internal/audit"
	"ecluse/internal/guardian"
	"ecluse/internal/person"
	"ecluse/internal/roles"
)

// GuardianView is one guardian's view of one child, both named by the identifiers that a source gives them, and why it is
// closed or opened. What is kept and journaled is derived from the two and says of neither who they are.
type GuardianView struct {
	Source   string          `json:"source" doc:"the identity source that named both"`
	Guardian string          `json:"guardian" doc:"the guardian's identifier there"`
	Child    string          `json:"child" doc:"the child's identifier there"`
	Reason   guardian.Reason `json:"reason" enum:"court,source,danger,asked,over,mistake" doc:"a kind; to close: court, source, danger or asked; to open again: court, source, over or mistake"`
}

// String shows nothing of the two.
func (v GuardianView) String() string { return "[a guardian's view]" }

// GoString shows nothing of the two.
func (v GuardianView) GoString() string { return v.String() }

// LogValue shows nothing of the two.
func (v GuardianView) LogValue() slog.Value { return slog.StringValue(v.String()) }

// GuardianActed says what became of it. Changed is false where it was so already. Seen tells whether somebody is known here
// under each of the two identifiers; where not, one may be mistyped, or nobody has signed in yet: the closing stands for
// whoever will.
type GuardianActed struct {
	Changed bool `json:"changed" doc:"false where it was so already"`
	Seen    bool `json:"seen" doc:"whether both identifiers were ever seen here; where not, look whether they are right"`
}

// CloseGuardian closes one guardian's view of one child from the next page on, everywhere, and with it agreements and
// requests for that child. The guardian is told nothing. What they said before stays.
func (d *Desk) CloseGuardian(ctx context.Context, c roles.Caller, uai person.UAI, v GuardianView) (GuardianActed, error) {
	return d.guardians(ctx, c, "guardian_close", uai, v, guardian.ToClose(), func(t *turn, in roles.Capacity, p guardian.Pair) (bool, bool, error) {
		return d.Guardians.Close(ctx, p, guardian.Closing{UAI: uai, Office: in.Office, By: c.Handle, Reason: v.Reason}, t.entry)
	})
}

// OpenGuardian opens what an establishment closed. What another one closed is that one's to open.
func (d *Desk) OpenGuardian(ctx context.Context, c roles.Caller, uai person.UAI, v GuardianView) (GuardianActed, error) {
	return d.guardians(ctx, c, "guardian_open", uai, v, guardian.ToOpen(), func(t *turn, _ roles.Capacity, p guardian.Pair) (bool, bool, error) {
		return d.Guardians.Open(ctx, p, uai, v.Reason, t.entry)
	})
}

func (d *Desk) guardians(ctx context.Context, c roles.Caller, word string, uai person.UAI, v GuardianView, reasons []guardian.Reason, do func(*turn, roles.Capacity, guardian.Pair) (bool, bool, error)) (GuardianActed, error) {
	t, in, err := d.protects(ctx, c, word, uai)
	if err != nil {
		return GuardianActed{}, err
	}
	pair, err := t.pair(uai, v, reasons)
	if err != nil {
		return GuardianActed{}, err
	}
	t.detail("office", in.Office)
	t.entry.Source = v.Source
	changed, seen, err := do(t, in, pair)
	if err != nil {
		return GuardianActed{}, fmt.Errorf("desk: %s: %w", word, err)
	}
	return GuardianActed{changed, seen}, nil
}

// Closings lists what an establishment closed, the newest first; of nobody it says who.
func (d *Desk) Closings(ctx context.Context, c roles.Caller, uai person.UAI) ([]guardian.Closing, error) {
	if _, _, err := d.protects(ctx, c, "guardian_list", uai); err != nil {
		return nil, err
	}
	out, err := d.Guardians.Closings(ctx, uai)
	if err != nil {
		return nil, fmt.Errorf("desk: guardian_list: %w", err)
	}
	return out, nil
}

// protects asks whether the caller may act for a child of an establishment.
func (d *Desk) protects(ctx context.Context, c roles.Caller, word string, uai person.UAI) (*turn, roles.Capacity, error) {
	if c.Handle == "" && !c.Demo || d.Guardians == nil {
		return nil, roles.Capacity{}, &roles.Denied{Act: roles.CloseGuardian, Why: "role"} // an act that nobody answers for is none
	}
	t, err := d.begin(ctx, c, word)
	if err != nil {
		return nil, roles.Capacity{}, err
	}
	t.entry.UAI, t.entry.Class = string(uai), audit.ClassAdmin
	in, err := t.may(roles.CloseGuardian, roles.Target{UAIs: []person.UAI{uai}})
	if err != nil {
		return nil, roles.Capacity{}, d.keepDenial(ctx, t, err)
	}
	return t, in, nil
}

// pair reads who is named, and says everything that is wrong with it.
func (t *turn) pair(uai person.UAI, v GuardianView, reasons []guardian.Reason) (guardian.Pair, error) {
	var m mistakes
	source, known := t.Source(v.Source)
	m.say(!known || source.Authority == "" || !source.SpeaksFor(uai), "source", fmt.Sprintf("%q is not a registered source that speaks for %s", v.Source, uai), "")
	m.text("guardian", v.Guardian, mostName)
	m.text("child", v.Child, mostName)
	p := guardian.Pair{
		Guardian: person.Key{Authority: source.Authority, ID: strings.TrimSpace(v.Guardian)},
		Child:    person.Key{Authority: source.Authority, ID: strings.TrimSpace(v.Child)},
	}
	m.say(p.Guardian == p.Child && p.Child.ID != "", "child", "it is the guardian's own identifier", "")
	m.say(!slices.Contains(reasons, v.Reason), "reason", fmt.Sprintf("%q is no reason for this", v.Reason), fmt.Sprintf("one of %q", reasons))
	return p, m.err()
}
