package desk

import (
	"context"
	"iter"
	"slices"
	"strings"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Sheet is what whoever decides looks at: the version, the one before it, what differs, what the machine found, who is
// concerned, and what is missing before it can be approved.
type Sheet struct {
	Declaration registry.Declaration  `json:"declaration"`
	Tag         string                `json:"-"`
	Standing    registry.Standing     `json:"standing"`
	Before      int                   `json:"before,omitempty"` // the version it is compared with; 0 for none
	Changes     []registry.Difference `json:"changes"`
	Change      registry.ChangeKind   `json:"change"`
	Findings    []registry.Finding    `json:"findings"` // under the rules that hold now; those it was approved under stand in the version
	Missing     []registry.Finding    `json:"missing"`  // what keeps it from being approved now, whoever would; Rule is the code of the refusal
	Schools     int                   `json:"schools"`  // that it would reach
	Pupils      int                   `json:"pupils"`   // as far as the ministry's list says
	Waiting     int                   `json:"waiting"`  // schools whose own act a wider version waits for
	Acts        []roles.Act           `json:"acts"`     // what the caller may do about a version under review; who wrote it decides nothing
	Charge      []InCharge            `json:"-"`        // who may do what comes next about a version under review
}

// Sheet gives the sheet of a version in the caller's sight; version 0 is the newest.
func (d *Desk) Sheet(ctx context.Context, c roles.Caller, ref Ref) (Sheet, error) {
	t, err := d.begin(ctx, c, "")
	if err != nil {
		return Sheet{}, err
	}
	v, err := t.find(ref)
	if err != nil {
		return Sheet{}, err
	}
	sheet := Sheet{Declaration: v, Tag: Tag(v), Standing: t.standing(v), Change: t.kindOfChange(v), Findings: d.examine(t, v)}
	if older, ok := t.before(v); ok {
		sheet.Before, sheet.Changes = older.Version, registry.Diff(older, v)
	}
	for _, o := range d.obstaclesOf(t, v, sheet.Findings, t.opinionOn(v)) {
		for _, f := range o.need {
			f.Rule = o.code
			sheet.Missing = append(sheet.Missing, f)
		}
	}
	unkept, err := d.unkept(ctx, v)
	if err != nil {
		return Sheet{}, err
	}
	if !v.WasApproved() {
		sheet.Missing = append(sheet.Missing, unkept...)
	}
	t.effect(v, &sheet)
	if v.State == registry.Submitted || v.State == registry.InReview {
		sheet.Acts, sheet.Charge = t.actsOn(v), t.inCharge(v)
	}
	return sheet, nil
}

// standing is where a version stands, what it rests on included: its contract, its terms, its transfers, its pilot.
func (t *turn) standing(v registry.Declaration) registry.Standing {
	standing := v.StandingAt(t.now, t.Zone())
	if end, _ := policy.Ends(v, t.Rules(t.now), t.Zone()); standing == registry.Active && !t.now.Before(end) {
		return registry.Expired
	}
	return standing
}

// effect counts the schools that a version reaches, test tenants, closed ones and those whose controller said no left out, and those of
// them that would go on under the version before it until their own controller accepts a wider one.
func (t *turn) effect(v registry.Declaration, sheet *Sheet) {
	for _, e := range t.FindEstablishments() {
		enabling, _ := t.Enabling(v.ServiceID, e.UAI)
		if e.Test || t.closed(*e) || !v.Scope.Covers(*e) || enabling.State == registry.RefusedHere {
			continue
		}
		sheet.Schools++
		sheet.Pupils += e.Pupils
		if sheet.Change == registry.Wider && waits(enabling, v) {
			sheet.Waiting++
		}
	}
}

// waits tells whether a school has accepted an older version of the declaration and not this one.
func waits(e registry.Enabling, v registry.Declaration) bool {
	return e.State == registry.Enabled && e.Declaration == v.ID && e.Version < v.Version
}

// Query narrows a list; empty fields do not.
type Query struct {
	Service  string
	ID       string
	Standing registry.Standing
	UAI      string // declarations whose scope covers the establishment
	Text     string // in the service's and the supplier's names and in purposes, whatever the case
	States   []registry.State
}

// Find lists versions in the caller's sight, by service, newest first.
func (d *Desk) Find(ctx context.Context, c roles.Caller, q Query) ([]registry.Declaration, error) {
	t, err := d.begin(ctx, c, "")
	if err != nil {
		return nil, err
	}
	var out []registry.Declaration
	for v := range t.among(q) {
		if (len(q.States) == 0 || slices.Contains(q.States, stateWord(v.State))) && t.fits(*v, q) && t.seesThe(v) {
			out = append(out, *v)
		}
	}
	return out, nil
}

// among are the versions that a query is about, before they are looked at.
func (t *turn) among(q Query) iter.Seq[*registry.Declaration] {
	list := t.Declarations(q.Service)
	switch {
	case q.ID != "" && q.Service == "":
		list = t.Versions(q.ID)
	case q.Service == "":
		return t.EachDeclaration()
	}
	return func(yield func(*registry.Declaration) bool) {
		for i := range list {
			if !yield(&list[i]) {
				return
			}
		}
	}
}

func (t *turn) fits(v registry.Declaration, q Query) bool {
	if q.ID != "" && v.ID != q.ID || q.Standing != "" && t.standing(v) != q.Standing {
		return false
	}
	if school, ok := t.Establishment(person.UAI(q.UAI)); q.UAI != "" && !(ok && v.Scope.Covers(school)) {
		return false
	}
	return q.Text == "" || t.holds(v, strings.ToLower(q.Text))
}

func (t *turn) holds(v registry.Declaration, text string) bool {
	service, _ := t.Service(v.ServiceID)
	words := []string{v.ID, v.ServiceID, service.Name.FR, service.Name.EN, v.Supplier.Name}
	for _, p := range v.Purposes {
		words = append(words, p.FR, p.EN)
	}
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(strings.ToLower(w), text) })
}
