package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// EnablingRef names an enabling.
type EnablingRef struct {
	Service string     `json:"service"`
	UAI     person.UAI `json:"uai"`
}

// ConfirmPaper confirms decisions that were signed on paper and taken over from files: declarations, and enablings of
// the caller's establishments. All or none: of several, *Invalid names each that cannot be. A paper that is older than what
// was begun here takes the place of the opinion and of the answers to findings, which were given when it was signed; not of
// the law: what blocks still blocks.
func (d *Desk) ConfirmPaper(ctx context.Context, c roles.Caller, declarations []Ref, enablings []EnablingRef) (Report, error) {
	var report Report
	err := d.act(ctx, c, "confirm_paper", func(t *turn) (err error) {
		report, err = d.confirmAll(t, declarations, enablings)
		return err
	})
	return report, err
}

func (d *Desk) confirmAll(t *turn, declarations []Ref, enablings []EnablingRef) (Report, error) {
	var report Report
	var failed failures
	for i, ref := range declarations {
		failed.add(fmt.Sprintf("declarations[%d]", i), d.confirm(t, ref))
	}
	for i, ref := range enablings {
		failed.add(fmt.Sprintf("enablings[%d]", i), t.confirmEnabling(ref))
	}
	if err := failed.err(len(declarations) + len(enablings)); err != nil {
		return report, err
	}
	t.lastOfEach()
	report.Done = len(declarations) + len(enablings)
	for _, e := range t.change.Enablings {
		report.UAIs = append(report.UAIs, e.UAI)
	}
	t.detail("declarations", fmt.Sprint(len(declarations)))
	t.detail("enablings", fmt.Sprint(len(enablings)))
	return report, nil
}

// failures gathers what kept parts of a bulk act back.
type failures struct {
	first error
	found []registry.Finding
}

func (f *failures) add(where string, err error) {
	if err == nil {
		return
	}
	if f.first == nil {
		f.first = err
	}
	var conflict *Conflict
	var invalid *Invalid
	switch {
	case errors.As(err, &conflict) && len(conflict.Need) > 0:
		f.each(where, conflict.Code, conflict.Need)
	case errors.As(err, &conflict):
		f.found = append(f.found, registry.Finding{Where: where, What: err.Error(), Rule: conflict.Code})
	case errors.As(err, &invalid):
		f.each(where, "", invalid.Findings)
	default:
		f.found = append(f.found, registry.Finding{Where: where, What: err.Error()})
	}
}

// each adds what stands against one part, at its place in the whole.
func (f *failures) each(where, code string, need []registry.Finding) {
	for _, n := range need {
		n.Where = where + "." + n.Where
		if code != "" {
			n.Rule = code
		}
		f.found = append(f.found, n)
	}
}

// err is nothing, the only failure of the only part, or each of several. Being denied a part is being denied.
func (f *failures) err(parts int) error {
	var denied *roles.Denied
	switch {
	case parts == 0:
		return &Invalid{Findings: mistakes{{Where: "declarations", What: "nothing is named"}}}
	case f.first == nil:
		return nil
	case parts == 1 || errors.As(f.first, &denied):
		return f.first
	default:
		return &Invalid{Findings: f.found}
	}
}

// confirm approves a declaration that its controller signed on paper.
func (d *Desk) confirm(t *turn, ref Ref) error {
	v, err := t.find(ref)
	if err != nil {
		return err
	}
	t.about(v)
	in, err := t.may(roles.ConfirmPaper, of(v))
	if err != nil {
		return err
	}
	if wrote(v, t.by.Handle) {
		return &Conflict{Code: "author", What: fmt.Sprintf("%s: whoever entered a paper does not confirm it", ref)}
	}
	if err := t.paper(v.Paper); err != nil {
		return err
	}
	left := slices.DeleteFunc(d.obstacles(t, v), func(o obstacle) bool {
		return t.signedBefore(v) && (o.code == "opinion" || o.code == "justify")
	})
	if err := t.hindered(left); err != nil {
		return err
	}
	switch t.opinionOn(v).Value {
	case registry.Unfavourable:
		return &Conflict{Code: "level", What: fmt.Sprintf("%s: the opinion is unfavourable: the level above decides, and not on paper", ref)}
	case registry.WithReservations:
		return &Conflict{Code: "reservations", What: fmt.Sprintf("%s: the opinion has reservations: it is approved with a written reason, and not on paper", ref)}
	}
	by := t.decision(in, registry.Approved, "")
	by.Paper = v.Paper
	next, err := t.approved(d, v, by, in)
	if err != nil {
		return err
	}
	t.put(next)
	return nil
}

// signedBefore tells whether the paper of a version is older than what was begun here: only then were the opinion and the
// answers given elsewhere. What was begun here is examined here, whatever is signed about it later.
func (t *turn) signedBefore(v registry.Declaration) bool {
	return len(v.Decisions) > 0 && before(v.Paper.Date, registry.DateOf(v.Decisions[0].At.In(t.Zone())))
}

// paper wants the act's reference, its date, who signed, and the document's hash.
func (t *turn) paper(p *registry.Paper) error {
	if p == nil {
		return &Conflict{Code: "state", What: "no decision on paper was taken over"}
	}
	var bad mistakes
	bad.text("paper.act", p.Act, mostName)
	bad.text("paper.signatory", p.Signatory, mostName)
	bad.say(p.Date.IsZero(), "paper.date", "when it was signed is missing", "yyyy-mm-dd")
	bad.say(before(t.today(), p.Date), "paper.date", fmt.Sprintf("%s is still to come", p.Date), "")
	bad.say(!isHash(p.Document), "paper.document", "the document's hash is missing", "SHA-256, 64 hex")
	return bad.err()
}

// confirmEnabling makes an enabling count that its controller signed on paper, under a version that is approved, or was
// confirmed a moment ago.
func (t *turn) confirmEnabling(ref EnablingRef) error {
	name := fmt.Sprintf("%s in %s", ref.Service, ref.UAI)
	e, known := t.Enabling(ref.Service, ref.UAI)
	in, err := t.may(roles.Enable, roles.Target{Service: ref.Service, UAIs: []person.UAI{ref.UAI}})
	switch {
	case err != nil:
		return err
	case !known:
		return &NotFound{"enabling", name}
	case e.State != registry.ClaimedOnPaper:
		return &Conflict{Code: "state", What: fmt.Sprintf("%s was not taken over from a paper", name)}
	}
	if err := t.paper(e.Paper); err != nil {
		return err
	}
	school, _ := t.Establishment(ref.UAI)
	v, ok := t.confirmed(Ref{e.Declaration, e.Version})
	if !ok || v.ServiceID != ref.Service || !v.Scope.Covers(school) {
		return &Conflict{Code: "state", What: fmt.Sprintf("%s: no approved declaration covers it", name)}
	}
	by := t.decision(in, registry.State(registry.Enabled), "")
	by.Paper, by.Notes = e.Paper, []registry.Remark{{Where: "declaration", What: Ref{v.ID, v.Version}.String()}}
	e.State, e.Since, e.Version = registry.Enabled, t.now, v.Version
	e.Decisions = append(slices.Clone(e.Decisions), by)
	t.change.Enablings = append(t.change.Enablings, e)
	return nil
}

// confirmed finds an approved version among those of this act and those before it; version 0 is the newest.
func (t *turn) confirmed(ref Ref) (registry.Declaration, bool) {
	for _, d := range slices.Concat(t.change.Declarations, t.Versions(ref.ID)) {
		if d.ID == ref.ID && (ref.Version == 0 || d.Version == ref.Version) && d.State == registry.Approved {
			return d, true
		}
	}
	return registry.Declaration{}, false
}

// lastOfEach keeps one state of each enabling: what a declaration brought with it gives way to the paper of its own.
func (t *turn) lastOfEach() {
	last := map[EnablingRef]int{}
	for i, e := range t.change.Enablings {
		last[EnablingRef{e.Service, e.UAI}] = i
	}
	var kept []registry.Enabling
	for i, e := range t.change.Enablings {
		if last[EnablingRef{e.Service, e.UAI}] == i {
			kept = append(kept, e)
		}
	}
	t.change.Enablings = kept
}
