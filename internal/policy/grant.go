package policy

import (
	"log/slog"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Grant says that one person may enter one service now, in one establishment under one profile, under one declaration,
// and which of the declaration's items concern that profile. Only Gate makes one; the zero Grant grants nothing.
//
// What it points to is the snapshot's own, which nobody changes: a grant is carried through many hands, and stays small.
type Grant struct {
	granted     bool
	service     *registry.Service
	declaration *registry.Declaration
	place       Place
	school      *registry.Establishment
	items       []registry.Item
	source      *registry.Source
	at          time.Time
	until       time.Time
	year        string
	rules       *registry.Rules
	labels      *registry.Labels
	family      *registry.Family    // nil where nothing happened to the sector's numbers
	headcount   *registry.Headcount // nil where nobody counted
}

// of is what a pointer of the grant points to; nothing where it points nowhere.
func of[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// Granted tells whether this is a grant at all.
func (g Grant) Granted() bool { return g.granted }

// Service is the service that may be entered.
func (g Grant) Service() registry.Service { return of(g.service) }

// Declaration is the version under which it may.
func (g Grant) Declaration() registry.Declaration { return of(g.declaration) }

// Version is Declaration without the copy, for who asks at every decision. Callers must not change what it points to.
func (g *Grant) Version() *registry.Declaration {
	if g.declaration == nil {
		return &registry.Declaration{}
	}
	return g.declaration
}

// Place is the establishment, the profile there, and for whom one acts.
func (g Grant) Place() Place { return g.place }

// Establishment is the establishment of Place as registered.
func (g Grant) Establishment() registry.Establishment { return of(g.school) }

// Items are the declared items that concern the profile. Callers must not change the slice.
func (g Grant) Items() []registry.Item { return g.items }

// Source is the identity source that vouched for the person.
func (g Grant) Source() registry.Source { return of(g.source) }

// At is the moment of the decision, in the academy's time zone.
func (g Grant) At() time.Time { return g.at }

// Until is the moment from which nothing may be issued on this grant: the first end among the declarations it rests on.
func (g Grant) Until() time.Time { return g.until }

// SchoolYear is the school year of the decision, as 2026-2027; it begins on the first of September.
func (g Grant) SchoolYear() string { return g.year }

// Rules are the rules that held at the decision.
func (g Grant) Rules() registry.Rules { return of(g.rules) }

// Reveals tells whether a label holds a word that, by those rules, reveals health, disability, origin or religion.
func (g Grant) Reveals(label string) (registry.SensitiveWord, bool) { return g.labels.Reveals(label) }

// RevealsCode tells the same of the code of a level.
func (g Grant) RevealsCode(code string) (registry.SensitiveCode, bool) {
	return g.labels.RevealsCode(code)
}

// Family is what happened to the numbers of the service's sector.
func (g Grant) Family() registry.Family {
	if g.family == nil && g.service != nil {
		return registry.Family{ID: g.service.Family()}
	}
	return of(g.family)
}

// Headcount is how many pupils are in the classes and groups of the establishment; empty where nobody counted.
func (g Grant) Headcount() registry.Headcount { return of(g.headcount) }

// Nominative tells whether identity may leave: the declaration must say so, and the service's own setting may only
// narrow it.
func (g Grant) Nominative() bool {
	return g.granted && g.declaration.Mode == registry.Nominative && g.service.Narrow != registry.Pseudonymous
}

// Place is where and as what somebody enters, and for which child when a guardian does.
type Place struct {
	UAI     person.UAI
	Profile person.Profile
	Child   person.Key // zero unless Profile is a guardian's
}

// String shows nothing of the person.
func (g Grant) String() string { return "[grant]" }

// GoString shows nothing of the person.
func (g Grant) GoString() string { return g.String() }

// LogValue shows nothing of the person.
func (g Grant) LogValue() slog.Value { return slog.StringValue(g.String()) }

// String shows the establishment and the profile; the child is nobody's to read.
func (p Place) String() string { return "[place " + string(p.UAI) + " " + string(p.Profile) + "]" }

// GoString shows what String shows.
func (p Place) GoString() string { return p.String() }

// LogValue shows what String shows.
func (p Place) LogValue() slog.Value { return slog.StringValue(p.String()) }
