package registry

import (
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
}

// Snapshot is an immutable view of everything registered at one revision. Every decision reads one; two steps of one
// answer read the same one. Its look-ups cost a map access each. The nil Snapshot knows nothing.
type Snapshot struct {
	revision       int64
	zone           *time.Location
	services       map[string]Service
	byHandle       map[handle]string
	declarations   map[string][]Declaration // by service, newest version first
	establishments map[person.UAI]Establishment
	sources        map[string]Source
	order          []string // sources in the order of their ids
	serviceOrder   []string
}

type handle struct{ protocol, name string }

// NewSnapshot indexes the contents. zone is the academy's: bare dates end at the end of the day there.
func NewSnapshot(c Contents, zone *time.Location) *Snapshot {
	s := &Snapshot{
		revision: c.Revision, zone: zone,
		services:       make(map[string]Service, len(c.Services)),
		byHandle:       make(map[handle]string, len(c.Services)),
		declarations:   make(map[string][]Declaration, len(c.Services)),
		establishments: make(map[person.UAI]Establishment, len(c.Establishments)),
		sources:        make(map[string]Source, len(c.Sources)),
	}
	for _, v := range c.Services {
		s.services[v.ID] = v
		s.serviceOrder = append(s.serviceOrder, v.ID)
		s.name(v)
	}
	for _, d := range c.Declarations {
		s.declarations[d.ServiceID] = append(s.declarations[d.ServiceID], d)
	}
	for _, e := range c.Establishments {
		s.establishments[e.UAI] = e
	}
	for _, v := range c.Sources {
		s.sources[v.ID] = v
		s.order = append(s.order, v.ID)
	}
	s.sort()
	return s
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

func (s *Snapshot) sort() {
	slices.Sort(s.order)
	slices.Sort(s.serviceOrder)
	for _, list := range s.declarations {
		slices.SortFunc(list, func(a, b Declaration) int {
			if a.Version != b.Version {
				return b.Version - a.Version
			}
			return strings.Compare(a.ID, b.ID)
		})
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
	v, ok := s.services[id]
	return v, ok
}

// Services lists all services in the order of their ids.
func (s *Snapshot) Services() []Service {
	if s == nil {
		return nil
	}
	out := make([]Service, 0, len(s.serviceOrder))
	for _, id := range s.serviceOrder {
		out = append(out, s.services[id])
	}
	return out
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
	v := s.services[id]
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
	e, ok := s.establishments[uai]
	return e, ok
}

// Source finds an identity source by its id.
func (s *Snapshot) Source(id string) (Source, bool) {
	if s == nil {
		return Source{}, false
	}
	v, ok := s.sources[id]
	return v, ok
}

// Sources lists all identity sources in the order of their ids.
func (s *Snapshot) Sources() []Source {
	if s == nil {
		return nil
	}
	out := make([]Source, 0, len(s.order))
	for _, id := range s.order {
		out = append(out, s.sources[id])
	}
	return out
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
