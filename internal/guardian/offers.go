package guardian

import (
	"slices"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// Enters asks the gate about a pupil of whom nothing is known but the school, the level and an age. Which source they use is
// not known either: from, the guardian's own, is tried first.
func Enters(s *registry.Snapshot, now time.Time, from string, w person.Ward, age person.AgeFacts, service string) (policy.Grant, bool) {
	pupil := person.Person{
		Key: w.Child, Age: age,
		Affiliations: []person.Affiliation{{UAI: w.UAI, Profile: person.Pupil, Values: map[person.Attr][]string{}}},
	}
	if w.Level != "" {
		pupil.Affiliations[0].Values[person.Level] = []string{w.Level}
	}
	sources := []string{from}
	for _, source := range s.Sources() {
		sources = append(sources, source.ID)
	}
	for _, source := range sources {
		pupil.Authn = person.Authn{Source: source, At: now}
		place := policy.Place{UAI: w.UAI, Profile: person.Pupil}
		if grant, err := policy.Gate(s, now, policy.Ask{Person: pupil, Place: place, Service: service}); err == nil {
			return grant, true
		}
	}
	return policy.Grant{}, false
}

// Offer is one service that is open to pupils where a ward is, or was until lately.
type Offer struct {
	Service     registry.Service
	Declaration registry.Declaration // the version under which it is, or was
	Items       []registry.Item      // those that concern a pupil
	Nominative  bool                 // identity may leave
	Open        bool
	Ends        time.Time // the first moment at which the declaration opens nothing any more
	Approved    string    // the office that approved it
	Enabled     string    // the office that opened it in the establishment; empty where none had to
}

// lately is how long what is over stays on the list.
const lately = 365 * 24 * time.Hour

// Offers lists them in the register's order. It looks at the register alone: at nothing that anybody did or said.
func Offers(s *registry.Snapshot, now time.Time, from string, w person.Ward) []Offer {
	var out []Offer
	for _, service := range s.Services() {
		if service.ID == registry.House {
			continue
		}
		grant, open := Enters(s, now, from, w, w.Age, service.ID)
		d := grant.Declaration()
		if !open {
			var was bool
			if d, was = stopped(s, now, service, w); !was {
				continue
			}
		}
		o := Offer{
			Service: service, Declaration: d, Items: itemsOfPupils(d.Items), Open: open,
			Nominative: d.Mode == registry.Nominative && service.Narrow != registry.Pseudonymous,
			Approved:   office(d.Decisions, registry.Approved, d.Controller.Office),
		}
		o.Ends, _ = policy.Ends(d, s.Rules(now), s.Zone())
		if e, said := s.Enabling(service.ID, w.UAI); said && e.Declaration == d.ID {
			o.Enabled = office(e.Decisions, registry.State(registry.Enabled), "")
		}
		out = append(out, o)
	}
	return out
}

// office is that of the last decision for a state; otherwise where no decision says one.
func office(decisions []registry.Decision, state registry.State, otherwise string) string {
	for _, d := range slices.Backward(decisions) {
		if d.State == state && d.Office != "" {
			return d.Office
		}
	}
	return otherwise
}

func itemsOfPupils(items []registry.Item) []registry.Item {
	return slices.DeleteFunc(slices.Clone(items), func(i registry.Item) bool { return !i.For(person.Pupil) })
}

// stopped finds the newest version that was open to pupils of the ward's level in its establishment, where it is not any
// more: since less than a year, or because somebody stopped the service or closed it there.
func stopped(s *registry.Snapshot, now time.Time, service registry.Service, w person.Ward) (registry.Declaration, bool) {
	school, known := s.Establishment(w.UAI)
	if !known {
		return registry.Declaration{}, false
	}
	for _, d := range s.Declarations(service.ID) { // newest first
		if !d.WasApproved() || now.Before(d.From.Starts(s.Zone())) || !d.Scope.Covers(school) || !forPupil(d.Audience, w, now) {
			continue
		}
		since, open := opened(s, d, school)
		end, _ := policy.Ends(d, s.Rules(now), s.Zone())
		if d.State != registry.Approved && d.Since.Before(end) {
			end = d.Since
		}
		if !since.IsZero() && since.Before(end) {
			end = since
		}
		return d, open && (service.Suspended || !now.Before(end)) && now.Sub(end) < lately
	}
	return registry.Declaration{}, false
}

// forPupil tells whether an audience has pupils of the ward's level and age.
func forPupil(a registry.Audience, w person.Ward, now time.Time) bool {
	return slices.Contains(a.Profiles, person.Pupil) && (len(a.Levels) == 0 || slices.Contains(a.Levels, w.Level)) && w.Age.AtLeast(a.MinAge, now)
}

// opened tells whether a declaration ever opened its service in an establishment, for all of its schools or by the word of
// its controller; and since when that controller has closed it there, zero where they have not.
func opened(s *registry.Snapshot, d registry.Declaration, school registry.Establishment) (closed time.Time, ever bool) {
	e, said := s.Enabling(d.ServiceID, school.UAI)
	if !said {
		return time.Time{}, d.Scope.Alone()
	}
	if e.State != registry.Enabled {
		closed = e.Since
	}
	was := slices.ContainsFunc(e.Decisions, func(by registry.Decision) bool { return by.State == registry.State(registry.Enabled) })
	return closed, e.Declaration == d.ID && (was || e.State == registry.Enabled)
}
