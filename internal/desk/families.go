package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// mostOverlap is for how many days a former number may be sent beside the new one at most.
const mostOverlap = 366

// Renewal asks for new numbers in a sector, because its list got out: why, and until when the former number may be sent
// beside the new one to services that declare it.
type Renewal struct {
	Overlap registry.Date `json:"overlap"`
	Reason  string        `json:"reason"`
}

// AskRenewal asks that everybody in a sector be given another number. Nothing changes before somebody else confirms it.
func (d *Desk) AskRenewal(ctx context.Context, c roles.Caller, id string, r Renewal) (registry.Family, error) {
	return d.family(ctx, c, "renewal_ask", id, func(t *turn, f *registry.Family) error {
		in, err := t.mayEverywhere(roles.Renew, "")
		if err != nil {
			return err
		}
		var bad mistakes
		bad.text("reason", r.Reason, mostReason)
		today := registry.DateOf(t.now.In(t.Zone()))
		first, last := today.Starts(t.Zone()), today.Add(mostOverlap).Ends(t.Zone())
		late := r.Overlap.Starts(t.Zone())
		bad.say(!r.Overlap.IsZero() && (late.Before(first) || !late.Before(last)), "overlap", fmt.Sprintf("it ends today at the earliest and in %d days at the latest", mostOverlap), "")
		if err := bad.err(); err != nil {
			return err
		}
		if desk, ok := t.Service(registry.Desk); ok && desk.Family() == id {
			return &Conflict{Code: "state", What: "every appointment is held under a number of this sector, and would be lost"}
		}
		if f.State == registry.Submitted {
			return &Conflict{Code: "state", What: "new numbers were asked for already and wait for a second person"}
		}
		f.State, f.Next = registry.Submitted, r.Overlap
		f.Decisions = append(slices.Clone(f.Decisions), t.decision(in, registry.Submitted, r.Reason))
		return nil
	})
}

// ConfirmRenewal is the second person's word: from then on everybody in the sector has another number, and nobody
// elsewhere.
func (d *Desk) ConfirmRenewal(ctx context.Context, c roles.Caller, id, reason string) (registry.Family, error) {
	return d.family(ctx, c, "renewal_confirm", id, func(t *turn, f *registry.Family) error {
		in, err := t.mayEverywhere(roles.ConfirmRenewal, f.Asker())
		if err != nil {
			return err
		}
		if f.State != registry.Submitted {
			return &Conflict{Code: "state", What: "no new numbers wait for a second person"}
		}
		f.Generation++
		f.State, f.Overlap, f.Next = registry.Approved, f.Next, registry.Date{}
		f.Taken = time.Time{}
		f.Decisions = append(slices.Clone(f.Decisions), t.decision(in, registry.Approved, reason))
		return nil
	})
}

// DeclineRenewal takes the question back, or declines it. Whoever may ask or confirm may decline.
func (d *Desk) DeclineRenewal(ctx context.Context, c roles.Caller, id, reason string) (registry.Family, error) {
	return d.family(ctx, c, "renewal_decline", id, func(t *turn, f *registry.Family) error {
		in, err := t.mayEverywhere(roles.Renew, "")
		if err != nil {
			in, err = t.mayEverywhere(roles.ConfirmRenewal, "")
		}
		if err != nil {
			return err
		}
		if f.State != registry.Submitted {
			return &Conflict{Code: "state", What: "no new numbers wait for a second person"}
		}
		t.stops()
		f.State, f.Next = registry.Approved, registry.Date{}
		f.Decisions = append(slices.Clone(f.Decisions), t.decision(in, registry.Refused, reason))
		return nil
	})
}

// Families lists the sectors to whose numbers something happened, to whoever may ask or confirm.
func (d *Desk) Families(ctx context.Context, c roles.Caller) ([]registry.Family, error) {
	t, err := d.begin(ctx, c, "")
	if err != nil {
		return nil, err
	}
	if _, err := t.mayEverywhere(roles.Renew, ""); err != nil {
		if _, err := t.mayEverywhere(roles.ConfirmRenewal, ""); err != nil {
			return nil, err
		}
	}
	return t.Families(), nil
}

// family changes the family of a registered service.
func (d *Desk) family(ctx context.Context, c roles.Caller, word, id string, change func(*turn, *registry.Family) error) (registry.Family, error) {
	var made registry.Family
	err := d.act(ctx, c, word, func(t *turn) error {
		f := t.Family(id)
		t.detail("family", id)
		if !t.knows(id) {
			return &NotFound{"family", id}
		}
		t.bind(id, fmt.Sprint(f.Generation))
		if err := change(t, &f); err != nil {
			return err
		}
		t.change.Families = []registry.Family{f}
		t.detail("generation", fmt.Sprint(f.Generation))
		made = f
		return nil
	})
	return made, err
}

// mayEverywhere wants the caller to hold the office over every academy whose people are here: a sector's numbers are
// everybody's.
func (t *turn) mayEverywhere(act roles.Act, author string) (in roles.Capacity, err error) {
	academies := map[string]bool{}
	for _, e := range t.Establishments() {
		academies[e.Academy] = true
	}
	if len(academies) == 0 {
		return in, &roles.Denied{Act: act, Why: "perimeter"}
	}
	for academy := range academies {
		if in, err = t.may(act, roles.Target{Academy: academy, Author: author}); err != nil {
			return in, err
		}
	}
	return in, nil
}
