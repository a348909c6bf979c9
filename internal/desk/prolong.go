package desk

import (
	"context"
	"fmt"
	"slices"

	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// mostProlonged is how many declarations one act renews.
const mostProlonged = 500

// Prolong begins the renewal of declarations in one act, all or none: of each, the next version of the newest that was
// approved, with the same text until another day, handed over for review at once. Somebody else approves them
// (ApproveRenewals). *Invalid names each that cannot be renewed so: one that another version follows already, that a file
// manages, or whose contract, terms, transfers or pilot end before that day.
func (d *Desk) Prolong(ctx context.Context, c roles.Caller, ids []string, until registry.Date) ([]Ref, error) {
	var made []Ref
	err := d.act(ctx, c, "declaration_prolong", func(t *turn) (err error) {
		made, err = d.prolongAll(t, ids, until)
		return err
	})
	return made, err
}

// ForeseeProlong tells what Prolong would do, and gives the error that it would give. Nothing is written.
func (d *Desk) ForeseeProlong(ctx context.Context, c roles.Caller, ids []string, until registry.Date) ([]Ref, error) {
	t, err := d.begin(ctx, c, "")
	if err != nil {
		return nil, err
	}
	return d.prolongAll(t, ids, until)
}

func (d *Desk) prolongAll(t *turn, ids []string, until registry.Date) ([]Ref, error) {
	if err := t.several("ids", len(ids)); err != nil {
		return nil, err
	}
	var failed failures
	var made []Ref
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			continue
		}
		next, err := d.prolonged(t, id, until)
		failed.add(fmt.Sprintf("ids[%d]", i), err)
		if err == nil {
			made = append(made, Ref{next.ID, next.Version})
			t.change.Declarations = append(t.change.Declarations, next)
		}
	}
	if err := failed.err(len(ids)); err != nil {
		return nil, err
	}
	t.aboutAll(made)
	return made, nil
}

// several wants one thing at least, and not more than one act is good for.
func (t *turn) several(where string, n int) error {
	var bad mistakes
	bad.say(n == 0, where, "nothing is named", "")
	bad.say(n > mostProlonged, where, fmt.Sprintf("%d are too many for one act", n), fmt.Sprintf("%d at most", mostProlonged))
	return bad.err()
}

// aboutAll fills the journal entry of an act about several versions.
func (t *turn) aboutAll(refs []Ref) {
	if len(refs) == 1 {
		v, _ := t.Declaration(refs[0].ID, refs[0].Version)
		t.entry.Service, t.entry.Declaration, t.entry.Version = v.ServiceID, refs[0].ID, refs[0].Version
	} else {
		t.entry.UAI = ""
	}
	t.detail("declarations", fmt.Sprint(len(refs)))
}

// prolonged is the next version of a declaration, handed over, with the same text until another day.
func (d *Desk) prolonged(t *turn, id string, until registry.Date) (registry.Declaration, error) {
	all := t.Versions(id)
	i := slices.IndexFunc(all, registry.Declaration.WasApproved)
	if i < 0 || !t.sees(all[i]) {
		return registry.Declaration{}, &NotFound{"declaration", id}
	}
	last := all[i]
	if last.State == registry.Suspended || last.State == registry.Archived {
		return last, &Conflict{Code: "state", What: fmt.Sprintf("%s is %s: that is settled first", Ref{id, last.Version}, last.State)}
	}
	if j := slices.IndexFunc(all, underWay); j >= 0 {
		return last, &Conflict{Code: "state", What: fmt.Sprintf("%s is on its way already", Ref{id, all[j].Version})}
	}
	next := withLife(last, registry.Declaration{})
	next.Version, next.Paper, next.From, next.Until = all[0].Version+1, nil, last.Until.Add(1), until
	if before(next.From, t.today()) {
		next.From = t.today()
	}
	next.Supplier.Terms.Accepted = t.accepts(last)
	if err := t.mayWrite(next); err != nil {
		return last, err
	}
	if err := editable("declaration", id, last.ManagedBy); err != nil {
		return last, err
	}
	if err := t.lasts(next); err != nil {
		return last, err
	}
	next.State, next.Since, next.Author = registry.Draft, t.now, t.by.Handle
	next.Decisions = []registry.Decision{t.decision(roles.Capacity{}, registry.Draft, "")}
	handed, err := move(next, t.decision(roles.Capacity{}, registry.Submitted, ""))
	if err != nil {
		return last, err
	}
	return handed, mistakes(d.form(t, handed)).err()
}

// lasts wants a renewal to be one: until a later day, and with no contract, transfer or pilot below it that ends
// sooner.
func (t *turn) lasts(next registry.Declaration) error {
	var bad mistakes
	bad.say(next.Until.IsZero(), "until", "the last day is missing", "yyyy-mm-dd")
	bad.say(!next.Until.IsZero() && !before(next.From, next.Until), "until", fmt.Sprintf("it does not go on until %s", next.Until), next.From.Add(365).String())
	if err := bad.err(); err != nil {
		return err
	}
	next.Supplier.Terms = registry.Terms{} // they are confirmed from year to year while it runs
	end, why := policy.Ends(next, t.Rules(t.now), t.Zone())
	if end.Before(next.Until.Ends(t.Zone())) {
		bad.say(true, string(why), "what it rests on ends before that day: it wants a version of its own", "")
	}
	return bad.err()
}

// accepts is the day on which the terms of a version were last said to hold: what was confirmed once more is not asked again
// because the version goes on.
func (t *turn) accepts(v registry.Declaration) registry.Date {
	last := v.Supplier.Terms.Accepted
	for _, c := range v.Terms {
		if on := registry.DateOf(c.At.In(t.Zone())); c.Version == v.Supplier.Terms.Version && before(last, on) {
			last = on
		}
	}
	return last
}

// ApproveRenewals approves versions that change nothing in substance, in one act, all or none, each under the conditions of
// Approve. *Invalid names each that cannot be.
func (d *Desk) ApproveRenewals(ctx context.Context, c roles.Caller, refs []Ref, reason string) (Report, error) {
	var report Report
	err := d.act(ctx, c, "declaration_renew", func(t *turn) (err error) {
		report, err = d.approveAll(ctx, t, refs, reason)
		return err
	})
	return report, err
}

// ForeseeRenewals tells what ApproveRenewals would do, and gives the error that it would give. Nothing is written.
func (d *Desk) ForeseeRenewals(ctx context.Context, c roles.Caller, refs []Ref, reason string) (Report, error) {
	t, err := d.begin(ctx, c, "")
	if err != nil {
		return Report{}, err
	}
	return d.approveAll(ctx, t, refs, reason)
}

func (d *Desk) approveAll(ctx context.Context, t *turn, refs []Ref, reason string) (Report, error) {
	if err := t.several("versions", len(refs)); err != nil {
		return Report{}, err
	}
	if len([]rune(reason)) > mostReason {
		return Report{}, &Invalid{Findings: mistakes{{Where: "reason", What: fmt.Sprintf("it is longer than %d characters", mostReason), Mend: "say it shorter"}}}
	}
	var failed failures
	var done []Ref
	for i, ref := range refs {
		if slices.Contains(refs[:i], ref) {
			continue
		}
		next, err := d.renewed(ctx, t, ref, reason)
		failed.add(fmt.Sprintf("versions[%d]", i), err)
		if err == nil {
			done = append(done, ref)
			t.change.Declarations = append(t.change.Declarations, next)
		}
	}
	if err := failed.err(len(refs)); err != nil {
		return Report{}, err
	}
	t.aboutAll(done)
	t.lastOfEach()
	report := Report{Done: len(done)}
	for _, e := range t.change.Enablings {
		report.UAIs = append(report.UAIs, e.UAI)
	}
	return report, nil
}

// renewed is a version that only goes on, approved by the caller.
func (d *Desk) renewed(ctx context.Context, t *turn, ref Ref, reason string) (registry.Declaration, error) {
	v, err := t.find(ref)
	if err != nil {
		return v, err
	}
	in, err := t.mayApprove(v)
	if err != nil {
		return v, err
	}
	if in.Role == registry.Collectivite || t.kindOfChange(v) != registry.Renewal {
		return v, &Conflict{Code: "state", What: fmt.Sprintf("%s is no renewal: it is decided on by itself", ref)}
	}
	if err := t.hindered(d.obstacles(t, v)); err != nil {
		return v, err
	}
	if err := d.papersKept(ctx, v); err != nil {
		return v, err
	}
	m := Move{Ref: ref, Reason: reason}
	if err := t.opinionAllows(v, in, m); err != nil {
		return v, err
	}
	return t.approved(d, v, t.decision(in, registry.Approved, reason), in)
}
