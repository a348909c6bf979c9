package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// noun is what a plan needs to know about a kind of object whose state no decision makes.
type noun[T any] struct {
	kind    string
	name    func(T) string
	managed func(*T) *string
	keep    func(old T, next *T) []string // carries over what persons decided; nil when they decide nothing there
}

// put compares the objects of one kind with those registered and gives those to write.
func put[T any](p *planner, n noun[T], files, before []T) []T {
	known := make(map[string]T, len(before))
	for _, o := range before {
		known[n.name(o)] = o
	}
	var out []T
	for _, next := range files {
		s := step{kind: n.kind, id: n.name(next), what: created}
		old, exists := known[s.id]
		if n.keep != nil {
			s.notes = n.keep(old, &next)
		}
		if !exists {
			p.step(s)
			out = append(out, next)
			continue
		}
		s.diff = fields(old, next)
		if p.settle(s, *n.managed(&old), *n.managed(&next)) {
			out = append(out, next)
		}
	}
	return out
}

func services() noun[registry.Service] {
	return noun[registry.Service]{
		"Service", func(o registry.Service) string { return o.ID }, func(o *registry.Service) *string { return &o.ManagedBy },
		func(old registry.Service, next *registry.Service) []string {
			next.Decisions = old.Decisions
			return stays(old.Suspended, &next.Suspended)
		},
	}
}

// stays keeps what a person suspended suspended: a file may stop something and never lifts that.
func stays(old bool, next *bool) []string {
	if old && !*next {
		*next = true
		return []string{"stays suspended: a person lifts that, no file does"}
	}
	return nil
}

func establishments() noun[registry.Establishment] {
	return noun[registry.Establishment]{
		"Establishment", func(o registry.Establishment) string { return string(o.UAI) },
		func(o *registry.Establishment) *string { return &o.ManagedBy }, nil,
	}
}

// sources keeps what was decided about a source's declaration that says the same, for the same people, and leaves another
// one submitted.
func sources() noun[registry.Source] {
	return noun[registry.Source]{
		"Source", func(o registry.Source) string { return o.ID }, func(o *registry.Source) *string { return &o.ManagedBy },
		func(old registry.Source, next *registry.Source) []string {
			notes := stays(old.Suspended, &next.Suspended)
			next.Decisions = old.Decisions
			d := next.Declaration
			if d == nil {
				return notes
			}
			d.State = registry.Submitted
			if was := old.Declaration; was != nil {
				same := *was
				same.State, same.Decisions, same.Demo = registry.Submitted, nil, false
				d.Decisions = was.Decisions
				if said := *d; len(fields(same, withoutDecisions(said))) == 0 && !vouchesForMore(old, *next) {
					*d = *was
					return notes
				}
			}
			return append(notes, "its declaration is submitted: a person with the right to do so must approve it")
		},
	}
}

// vouchesForMore tells whether a source would speak under another authority, or for an establishment for which nobody
// approved it. None named is all of them.
func vouchesForMore(old, next registry.Source) bool {
	switch {
	case old.Authority != next.Authority:
		return true
	case len(old.UAIs) == 0:
		return false
	default:
		return len(next.UAIs) == 0 || slices.ContainsFunc(next.UAIs, func(uai person.UAI) bool { return !slices.Contains(old.UAIs, uai) })
	}
}

func withoutDecisions(d registry.SourceDeclaration) registry.SourceDeclaration {
	d.Decisions = nil
	return d
}

func delegations() noun[registry.Delegation] {
	return noun[registry.Delegation]{
		"Delegation", func(o registry.Delegation) string { return o.ID }, func(o *registry.Delegation) *string { return &o.ManagedBy }, nil,
	}
}

func charters() noun[registry.Charter] {
	return noun[registry.Charter]{"Charter", registry.Charter.Name, func(o *registry.Charter) *string { return &o.ManagedBy }, nil}
}

// models keeps the opinions on a model that says the same; another text has to be examined again.
func models() noun[registry.Model] {
	return noun[registry.Model]{
		"Model", func(o registry.Model) string { return o.ID }, func(o *registry.Model) *string { return &o.ManagedBy },
		func(old registry.Model, next *registry.Model) []string {
			said := old
			said.Opinions, said.Retired, said.Decisions = nil, false, nil
			same := len(fields(said, *next)) == 0
			next.Decisions = old.Decisions // who put it out of use is still known; a file's model is in use
			if same {
				next.Opinions = old.Opinions
				return nil
			}
			if len(old.Opinions) > 0 {
				return []string{"the opinions were about another text: it has to be examined again"}
			}
			return nil
		},
	}
}

func tools() noun[registry.Assessed] {
	return noun[registry.Assessed]{
		"Tool", func(o registry.Assessed) string { return o.ID }, func(o *registry.Assessed) *string { return &o.ManagedBy }, nil,
	}
}

// fields lists where two objects of one kind say something else, by their paths; empty and absent are the same, and by
// which file an object is managed is no part of what it says.
func fields(before, after any) []registry.Difference {
	a, b := flat(before), flat(after)
	all := maps.Clone(a)
	maps.Copy(all, b)
	var out []registry.Difference
	for _, where := range slices.Sorted(maps.Keys(all)) {
		if a[where] != b[where] {
			out = append(out, registry.Difference{Where: where, Before: a[where], After: b[where]})
		}
	}
	return out
}

func flat(object any) map[string]string {
	out := map[string]string{}
	text, err := json.Marshal(object)
	if err != nil {
		return map[string]string{"": err.Error()}
	}
	var value any
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&value); err != nil {
		return map[string]string{"": err.Error()}
	}
	if top, ok := value.(map[string]any); ok {
		delete(top, "managed_by")
	}
	spread(out, "", value)
	return out
}

func spread(into map[string]string, where string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for key, v := range value {
			next := key
			if where != "" {
				next = where + "." + key
			}
			spread(into, next, v)
		}
	case []any:
		for i, v := range value {
			spread(into, fmt.Sprintf("%s[%d]", where, i), v)
		}
	case nil:
	case bool:
		if value {
			into[where] = "true"
		}
	default:
		if text := fmt.Sprint(value); text != "" {
			into[where] = text
		}
	}
}
