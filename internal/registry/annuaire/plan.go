package annuaire

import (
	"fmt"
	"reflect"
	"slices"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// MostClosed is the share of the registered schools, in percent, above which a list that lacks them is taken for broken.
const MostClosed = 5

// How says how a list is to be carried out.
type How struct {
	Only      Only
	Today     registry.Date
	SkipBad   bool // leave bad rows out; without it one bad row keeps everything back
	Close     bool // close the schools that the list no longer has
	CloseMany bool // even if they are more than MostClosed percent
}

// Plan is what a list would change.
type Plan struct {
	Created   []registry.Establishment
	Changed   []Change
	Closed    []registry.Establishment // that the list no longer has, or says to be closed
	Missing   []person.UAI             // that the list no longer has and that stay as they are
	Managed   []person.UAI             // that files manage: they stay as they are
	Unchanged int
	Problems  []Problem
	Stop      string // why nothing may be written; empty when it may
	Why       Told   // the same
}

// Change is a school that the list says something new of.
type Change struct {
	Line   int
	Fields []string // what differs
	Next   registry.Establishment
}

// NewPlan compares a list with what is registered.
func NewPlan(l List, before []registry.Establishment, how How) Plan {
	p := Plan{Problems: l.Problems}
	known := make(map[person.UAI]registry.Establishment, len(before))
	for _, e := range before {
		known[e.UAI] = e
	}
	listed := map[person.UAI]bool{}
	for _, s := range l.Schools {
		listed[s.UAI] = true
		p.add(s, known, how.Today)
	}
	for _, bad := range l.Problems {
		listed[bad.UAI] = true // a row that cannot be read is no school that has gone
	}
	p.gone(before, listed, how)
	p.Stop, p.Why = p.stop(l, before, how)
	return p
}

func (p *Plan) add(s School, known map[person.UAI]registry.Establishment, today registry.Date) {
	old, ok := known[s.UAI]
	next := merge(old, s.Establishment, today)
	switch {
	case !ok && next.Closed: // a school that closed before we knew it
		p.Unchanged++
	case !ok:
		p.Created = append(p.Created, next)
	case same(old, next):
		p.Unchanged++
	case old.ManagedBy != "":
		p.Managed = append(p.Managed, s.UAI)
	case next.Closed && !old.Closed:
		p.Closed = append(p.Closed, next)
	default:
		p.Changed = append(p.Changed, Change{Line: s.Line, Fields: differing(old, next), Next: next})
	}
}

// merge puts what the list says over what is registered. What the list knows nothing of stays.
func merge(old, listed registry.Establishment, today registry.Date) registry.Establishment {
	next := old
	next.UAI, next.Name, next.Town, next.Kind, next.Private = listed.UAI, listed.Name, listed.Town, listed.Kind, listed.Private
	next.Academy, next.Department, next.Contract = listed.Academy, listed.Department, listed.Contract
	if listed.District != "" {
		next.District = listed.District
	}
	if listed.Pupils != 0 {
		next.Pupils = listed.Pupils
	}
	switch {
	case listed.Closed && !old.Closed && old.ClosedOn.IsZero():
		next.Closed, next.ClosedOn = true, today
	case listed.Closed:
		next.Closed = true
	}
	return next // the list never reopens a school: somebody who answers for it does
}

func (p *Plan) gone(before []registry.Establishment, listed map[person.UAI]bool, how How) {
	for _, e := range before {
		if listed[e.UAI] || e.Closed || e.Test || e.ManagedBy != "" || !how.Only.wants(e) || !e.ClosedOn.IsZero() {
			continue
		}
		if !how.Close {
			p.Missing = append(p.Missing, e.UAI)
			continue
		}
		e.ClosedOn = how.Today
		p.Closed = append(p.Closed, e)
	}
}

func (p *Plan) stop(l List, before []registry.Establishment, how How) (string, Told) {
	ours := 0
	for _, e := range before {
		if how.Only.wants(e) && !e.Closed {
			ours++
		}
	}
	switch {
	case l.Encoding == "" || len(l.Schools) == 0:
		return "the list holds no school that can be read", Told{Word: "empty"}
	case l.Cut:
		return "the list cannot be read to its end", Told{Word: "cut"}
	case len(p.Problems) > 0 && !how.SkipBad:
		return fmt.Sprintf("%d rows cannot be read", len(p.Problems)), Told{"rows", []any{"n", len(p.Problems)}}
	case len(p.Closed)*100 > ours*MostClosed && len(p.Closed) > 1 && !how.CloseMany:
		return fmt.Sprintf("it would close %d of %d schools, more than %d %%", len(p.Closed), ours, MostClosed),
			Told{"closes", []any{"n", len(p.Closed), "all", ours, "most", MostClosed}}
	}
	return "", Told{}
}

// Establishments lists everything that the plan writes.
func (p Plan) Establishments() []registry.Establishment {
	out := slices.Concat(p.Created, p.Closed)
	for _, c := range p.Changed {
		out = append(out, c.Next)
	}
	return out
}

func same(a, b registry.Establishment) bool { return reflect.DeepEqual(a, b) }

// differing names the fields that differ, as files call them.
func differing(a, b registry.Establishment) []string {
	var out []string
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range x.NumField() {
		if !reflect.DeepEqual(x.Field(i).Interface(), y.Field(i).Interface()) {
			out = append(out, x.Type().Field(i).Tag.Get("yaml"))
		}
	}
	return out
}
