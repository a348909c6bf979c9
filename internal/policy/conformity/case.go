package conformity

import (
	"fmt"
	"slices"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// In is the case of one service's declaration within a state of the registry, under rules that need not be those that hold
// there. What the service asks for is the caller's to add.
func In(s *registry.Snapshot, service string, rules registry.Rules, now time.Time, words *dictionary.Dictionary) Case {
	c := Case{
		Rules: rules, Now: now, Zone: s.Zone(), Words: words, School: s.Establishment, Model: s.Model,
		Schools: s.FindEstablishments, Headcount: s.Headcount, Declared: s.Declarations,
		Labels:    func() *registry.Labels { return s.LabelsFor(rules) },
		Revealing: func() registry.Revealing { return s.Revealing(rules) },
	}
	c.Service, _ = s.Service(service)
	c.Services = func() []registry.Service { return s.Kin(c.Service.Family(), c.Service.Provider) }
	return c
}

// declares tells whether any of the words is an item.
func (e *exam) declares(words ...person.Attr) bool { return len(e.declared(words...)) > 0 }

// declared lists those of the words that are items, in the order of the items.
func (e *exam) declared(words ...person.Attr) []person.Attr {
	var out []person.Attr
	for _, item := range e.d.Items {
		if slices.Contains(words, item.Attr) && !slices.Contains(out, item.Attr) {
			out = append(out, item.Attr)
		}
	}
	return out
}

// each calls f for every item that is one of the words, with its place.
func (e *exam) each(words []person.Attr, f func(where string, item registry.Item)) {
	for i, item := range e.d.Items {
		if slices.Contains(words, item.Attr) {
			f(fmt.Sprintf("items[%d]", i), item)
		}
	}
}

// pseudonymous tells whether nobody is to be named; an unsaid mode is pseudonymous.
func (e *exam) pseudonymous() bool { return e.d.Mode != registry.Nominative }

// names tells whether a word names a person, as far as the dictionary knows.
func (e *exam) names(a person.Attr) bool {
	if e.c.Words == nil {
		return false
	}
	entry, known := e.c.Words.Entry(a)
	return known && entry.Names
}

// seen is what an examination has looked up in the registry, once for all of its rules.
type seen struct {
	reached   []*registry.Establishment
	counted   []registry.Headcount
	uncounted int
}

// Shared is what many examinations in one state of the registry, at one moment and under the same rules, look up once: who
// examines a whole academy gives each case the same. The zero value is ready; it is for one goroutine.
type Shared struct{ seen map[string]*seen }

// scope names what a scope covers, where it may be shared: an establishment's own list is its own.
func scope(s registry.Scope) (name string, shared bool) {
	return fmt.Sprint(s.Level, s.Academies, s.Departments), s.Level == registry.ByAcademy || s.Level == registry.ByDepartment
}

// look finds the open establishments that the scope covers, those of them that were counted within the year, and how many
// were not. Where no establishment is known, one at least was not. Test tenants are nobody's.
func (e *exam) look() *seen {
	if e.seen != nil {
		return e.seen
	}
	name, shared := scope(e.d.Scope)
	if shared = shared && e.c.Shared != nil; shared {
		if e.seen = e.c.Shared.seen[name]; e.seen != nil {
			return e.seen
		}
	}
	e.seen = e.looked()
	if shared {
		if e.c.Shared.seen == nil {
			e.c.Shared.seen = map[string]*seen{}
		}
		e.c.Shared.seen[name] = e.seen
	}
	return e.seen
}

func (e *exam) looked() *seen {
	s := &seen{}
	if e.c.Schools != nil {
		for _, school := range e.c.Schools() {
			if !school.Test && !school.ClosedAt(e.c.Now, e.c.Zone) && e.d.Scope.Covers(*school) {
				s.reached = append(s.reached, school)
			}
		}
	}
	for _, school := range s.reached {
		if e.c.Headcount == nil {
			break
		}
		if h, known := e.c.Headcount(school.UAI); known && h.Holds(e.c.Now, e.c.Zone) {
			s.counted = append(s.counted, h)
		}
	}
	s.uncounted = max(len(s.reached), 1) - len(s.counted)
	return s
}
