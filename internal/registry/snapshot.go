package registry

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"ecluse/internal/person"
)

// Contents is everything registered, as storage holds it.
type Contents struct {
	Revision       int64
	Services       []Service
	Declarations   []Declaration
	Establishments []Establishment
	Sources        []Source
	Delegations    []Delegation
	Enablings      []Enabling
	Openings       []Opening
	Wishes         []Wish
	Inquiries      []Inquiry
	Appointments   []Appointment
	Tokens         []Token
	RuleSets       []RuleSet
	Families       []Family
	Headcounts     []Headcount
	Charters       []Charter
	Comments       []Comment
	Given          []Given
	Stops          []Stop
	Incidents      []Incident
	Models         []Model
	Assessments    []Assessed
}

// Snapshot is an immutable view of everything registered at one revision. Every decision reads one; two steps of one
// answer read the same one. Its look-ups cost a map access each. The nil Snapshot knows nothing.
type Snapshot struct {
	revision int64
	zone     *time.Location
	byHandle map[handle]string
	byHash   map[string]string // token hash -> id
	rules    []RuleSet         // signed ones, the one that begins last first
	labels   []*Labels         // of each of rules

	revealing []*lazy[Revealing] // likewise
	kin       *lazy[kin]

	services       table[string, Service]
	declarations   map[string][]Declaration // by service, newest version first
	versions       map[string][]Declaration // by the declaration's id, newest first
	enabled        map[string][]person.UAI  // by service: where a controller has said something
	opened         map[string][]Opening     // by service, in the order of their ids
	establishments table[person.UAI, Establishment]
	sources        table[string, Source]
	delegations    table[string, Delegation]
	enablings      table[EnablingKey, Enabling]
	openings       table[string, Opening]
	wishes         table[string, Wish]
	inquiries      table[string, Inquiry]
	appointments   table[string, Appointment]
	tokens         table[string, Token]
	ruleSets       table[int, RuleSet]
	families       table[string, Family]
	headcounts     table[person.UAI, Headcount]
	charters       table[string, Charter]
	comments       map[versionKey][]Comment // the oldest first
	given          map[EnablingKey][]Given  // likewise
	stops          table[string, Stop]
	incidents      table[string, Incident]
	models         table[string, Model]
	assessments    table[string, Assessed]
	holders        holders
}

// EnablingKey names an enabling.
type EnablingKey struct {
	Service string
	UAI     person.UAI
}

type handle struct{ protocol, name string }

// NewSnapshot indexes the contents. zone is the academy's: bare dates end at the end of the day there.
func NewSnapshot(c Contents, zone *time.Location) *Snapshot {
	return (&Snapshot{zone: zone}).With(c)
}

// With is the view with changed objects put in the place of the old ones. The receiver stays as it was, and what did not
// change is shared with it.
func (s *Snapshot) With(c Contents) *Snapshot {
	next := *s
	next.revision = c.Revision
	next.services = s.services.with(c.Services, func(o Service) string { return o.ID })
	next.establishments = s.establishments.with(c.Establishments, func(o Establishment) person.UAI { return o.UAI })
	next.sources = s.sources.with(c.Sources, func(o Source) string { return o.ID })
	next.delegations = s.delegations.with(c.Delegations, func(o Delegation) string { return o.ID })
	next.enablings = s.enablings.with(c.Enablings, func(o Enabling) EnablingKey { return EnablingKey{o.Service, o.UAI} })
	next.openings = s.openings.with(c.Openings, func(o Opening) string { return o.ID })
	next.wishes = s.wishes.with(c.Wishes, func(o Wish) string { return o.ID })
	next.inquiries = s.inquiries.with(c.Inquiries, func(o Inquiry) string { return o.ID })
	next.appointments = s.appointments.with(c.Appointments, func(o Appointment) string { return o.ID })
	next.tokens = s.tokens.with(c.Tokens, func(o Token) string { return o.ID })
	next.ruleSets = s.ruleSets.with(c.RuleSets, func(o RuleSet) int { return o.Rules.Version })
	next.families = s.families.with(c.Families, func(o Family) string { return o.ID })
	next.headcounts = s.headcounts.with(c.Headcounts, func(o Headcount) person.UAI { return o.UAI })
	next.charters = s.charters.with(c.Charters, Charter.Name)
	next.comments = withComments(s.comments, c.Comments)
	next.given = withGiven(s.given, c.Given)
	next.stops = s.stops.with(c.Stops, Stop.Name)
	next.incidents = s.incidents.with(c.Incidents, func(o Incident) string { return o.ID })
	next.models = s.models.with(c.Models, func(o Model) string { return o.ID })
	next.assessments = s.assessments.with(c.Assessments, func(o Assessed) string { return o.ID })
	next.addEnablings(c.Enablings, s.enablings)
	if len(c.Openings) > 0 {
		next.opened = map[string][]Opening{}
		for _, o := range sorted(next.openings) {
			next.opened[o.Service] = append(next.opened[o.Service], o)
		}
	}
	next.index(c)
	return &next
}

// index renews what is looked up by another name than the object's own.
func (s *Snapshot) index(c Contents) {
	s.addDeclarations(c.Declarations)
	s.holders = s.holders.with(s, c)
	if len(c.Services) > 0 || s.byHandle == nil {
		s.byHandle = make(map[handle]string, s.services.len())
		for _, v := range s.services.all() {
			s.name(v)
		}
	}
	if len(c.Tokens) > 0 {
		s.byHash = map[string]string{}
		for _, t := range s.tokens.all() {
			s.byHash[t.Hash] = t.ID
		}
	}
	if len(c.RuleSets) > 0 {
		s.rules = s.ruleSets.all()
		s.rules = slices.DeleteFunc(s.rules, func(r RuleSet) bool { return !r.Signed() && r.Rules.Version != 0 })
		slices.SortStableFunc(s.rules, func(a, b RuleSet) int {
			return cmp.Or(strings.Compare(b.From.String(), a.From.String()), b.Rules.Version-a.Rules.Version)
		})
		s.labels = make([]*Labels, len(s.rules))
		for i := range s.rules {
			s.labels[i] = s.rules[i].Rules.Labels()
		}
	}
	s.renewKin(c)
}

// name files the names that protocols give a service. A name that two services claim is nobody's: one of them would
// receive what the other was declared for.
func (s *Snapshot) name(v Service) {
	for _, b := range v.Bindings {
		at := handle{b.Protocol, b.Handle}
		if other, taken := s.byHandle[at]; taken && other != v.ID {
			s.byHandle[at] = ""
			continue
		}
		s.byHandle[at] = v.ID
	}
}

// addDeclarations files versions under their service and under their id. A declaration that changed its service stays
// filed under the first one too, as it was: Versions tells which one counts.
func (s *Snapshot) addDeclarations(changed []Declaration) {
	if len(changed) == 0 && s.declarations != nil {
		return
	}
	s.declarations = fileVersions(s.declarations, changed, func(d Declaration) string { return d.ServiceID })
	s.versions = fileVersions(s.versions, changed, func(d Declaration) string { return d.ID })
}

func fileVersions(filed map[string][]Declaration, changed []Declaration, under func(Declaration) string) map[string][]Declaration {
	if filed = maps.Clone(filed); filed == nil {
		filed = map[string][]Declaration{}
	}
	touched := map[string]bool{}
	for _, d := range changed {
		name := under(d)
		list := filed[name]
		if !touched[name] {
			list, touched[name] = slices.Clone(list), true
		}
		i := slices.IndexFunc(list, func(o Declaration) bool { return o.ID == d.ID && o.Version == d.Version })
		if i < 0 {
			list = append(list, d)
		} else {
			list[i] = d
		}
		filed[name] = list
	}
	for name := range touched {
		slices.SortFunc(filed[name], func(a, b Declaration) int {
			return cmp.Or(b.Version-a.Version, strings.Compare(a.ID, b.ID))
		})
	}
	return filed
}

// addEnablings notes in which establishments something was said about a service. Nothing is ever taken away: the state
// of the enabling says what holds.
func (s *Snapshot) addEnablings(changed []Enabling, before table[EnablingKey, Enabling]) {
	if len(changed) == 0 {
		return
	}
	if s.enabled = maps.Clone(s.enabled); s.enabled == nil {
		s.enabled = map[string][]person.UAI{}
	}
	fresh, touched := map[EnablingKey]bool{}, map[string]bool{}
	for _, e := range changed {
		key := EnablingKey{e.Service, e.UAI}
		if _, known := before.get(key); known || fresh[key] {
			continue
		}
		list := s.enabled[e.Service]
		if !touched[e.Service] {
			list = slices.Clone(list)
		}
		fresh[key], touched[e.Service] = true, true
		s.enabled[e.Service] = append(list, e.UAI)
	}
}

// Revision tells which state of the registry this is; it only grows.
func (s *Snapshot) Revision() int64 {
	if s == nil {
		return 0
	}
	return s.revision
}

// Zone is the academy's time zone.
func (s *Snapshot) Zone() *time.Location {
	if s == nil || s.zone == nil {
		return time.UTC
	}
	return s.zone
}

// Service finds a service by its id.
func (s *Snapshot) Service(id string) (Service, bool) {
	if s == nil {
		return Service{}, false
	}
	return s.services.get(id)
}

// Services lists all services in the order of their ids.
func (s *Snapshot) Services() []Service {
	if s == nil {
		return nil
	}
	return sorted(s.services)
}

// Binding finds a service by the name that a protocol's messages give it.
func (s *Snapshot) Binding(protocol, name string) (Service, Binding, bool) {
	if s == nil {
		return Service{}, Binding{}, false
	}
	id, ok := s.byHandle[handle{protocol, name}]
	if !ok || id == "" {
		return Service{}, Binding{}, false
	}
	v, _ := s.services.get(id)
	i := slices.IndexFunc(v.Bindings, func(b Binding) bool { return b.Protocol == protocol && b.Handle == name })
	return v, v.Bindings[i], true
}

// Declarations lists every version of every declaration of a service, newest first. Callers must not change the slice.
func (s *Snapshot) Declarations(serviceID string) []Declaration {
	if s == nil {
		return nil
	}
	return s.declarations[serviceID]
}

// Establishment finds an establishment by its UAI.
func (s *Snapshot) Establishment(uai person.UAI) (Establishment, bool) {
	if s == nil {
		return Establishment{}, false
	}
	return s.establishments.get(uai)
}

// Source finds an identity source by its id.
func (s *Snapshot) Source(id string) (Source, bool) {
	if s == nil {
		return Source{}, false
	}
	return s.sources.get(id)
}

// Sources lists all identity sources in the order of their ids.
func (s *Snapshot) Sources() []Source {
	if s == nil {
		return nil
	}
	return sorted(s.sources)
}

// InForce tells whether a declaration is approved and its dates hold at now, exactly.
func (d Declaration) InForce(now time.Time, zone *time.Location) bool {
	return d.State == Approved && holds(d.From, d.Until, now, zone)
}

// InForce tells whether a source's declaration is approved and its dates hold at now, exactly.
func (d *SourceDeclaration) InForce(now time.Time, zone *time.Location) bool {
	return d != nil && d.State == Approved && holds(d.From, d.Until, now, zone)
}

// holds wants both dates: a declaration without an end is not one.
func holds(from, until Date, now time.Time, zone *time.Location) bool {
	return !from.IsZero() && !until.IsZero() && !now.Before(from.Starts(zone)) && now.Before(until.Ends(zone))
}
