package registry

import (
	"slices"
	"strings"
	"time"

	"ecluse/internal/person"
)

// House is the id of the service that stands for Écluse itself: its declaration is the gateway's own register entry, and
// a school adheres to it as it enables any other. No release is made in an establishment that it does not cover.
const House = "ecluse"

// Desk is the id of the service that stands for the console and its API.
const Desk = "bureau"

// Establishments lists all establishments in the order of their UAI.
func (s *Snapshot) Establishments() []Establishment {
	if s == nil {
		return nil
	}
	return sorted(s.establishments)
}

// AllDeclarations lists every version of every declaration, by service, newest first.
func (s *Snapshot) AllDeclarations() []Declaration {
	var out []Declaration
	for _, v := range s.FindServices() {
		out = append(out, s.declarations[v.ID]...)
	}
	return out
}

// Declaration finds one version.
func (s *Snapshot) Declaration(id string, version int) (Declaration, bool) {
	list := s.Versions(id)
	for i := range list {
		if list[i].Version == version {
			return list[i], true
		}
	}
	return Declaration{}, false
}

// Versions lists the versions of one declaration, newest first. Callers must not change the slice.
func (s *Snapshot) Versions(id string) []Declaration {
	if s == nil {
		return nil
	}
	return s.versions[id]
}

// Said lists the establishments whose controller has said something about a service, whatever it was, in the order in
// which they first did. Callers must not change the slice.
func (s *Snapshot) Said(service string) []person.UAI {
	if s == nil {
		return nil
	}
	return s.enabled[service]
}

// Enabling finds where an establishment's controller stands on a service.
func (s *Snapshot) Enabling(service string, uai person.UAI) (Enabling, bool) {
	if s == nil {
		return Enabling{}, false
	}
	return s.enablings.get(EnablingKey{service, uai})
}

// Enablings lists all enablings.
func (s *Snapshot) Enablings() []Enabling {
	if s == nil {
		return nil
	}
	return s.enablings.all()
}

// Openings lists every crisis opening.
func (s *Snapshot) Openings() []Opening {
	if s == nil {
		return nil
	}
	return sorted(s.openings)
}

// OpeningsOf lists the crisis openings of a service, whatever became of them. Callers must not change the slice.
func (s *Snapshot) OpeningsOf(service string) []Opening {
	if s == nil {
		return nil
	}
	return s.opened[service]
}

// Wishes lists every wish.
func (s *Snapshot) Wishes() []Wish {
	if s == nil {
		return nil
	}
	return sorted(s.wishes)
}

// Inquiries lists every inquiry.
func (s *Snapshot) Inquiries() []Inquiry {
	if s == nil {
		return nil
	}
	return sorted(s.inquiries)
}

// Delegations lists every delegation.
func (s *Snapshot) Delegations() []Delegation {
	if s == nil {
		return nil
	}
	return sorted(s.delegations)
}

// Appointments lists every appointment.
func (s *Snapshot) Appointments() []Appointment {
	if s == nil {
		return nil
	}
	return sorted(s.appointments)
}

// Tokens lists every token.
func (s *Snapshot) Tokens() []Token {
	if s == nil {
		return nil
	}
	return sorted(s.tokens)
}

// TokenByHash finds the token whose secret has a hash.
func (s *Snapshot) TokenByHash(hash string) (Token, bool) {
	if s == nil {
		return Token{}, false
	}
	return s.tokens.get(s.byHash[hash])
}

// Rules are the rules that hold at now: of those that two persons signed, the ones that began last; the program's own,
// version 0, when there are none.
func (s *Snapshot) Rules(now time.Time) Rules {
	if i := s.ruling(now); i >= 0 {
		return s.rules[i].Rules
	}
	return Rules{}
}

// RulesAt is Rules without the copy, for who asks at every decision. Callers must not change what it points to.
func (s *Snapshot) RulesAt(now time.Time) *Rules {
	if i := s.ruling(now); i >= 0 {
		return &s.rules[i].Rules
	}
	return &Rules{}
}

// ruling finds the rules that hold at now, or -1.
func (s *Snapshot) ruling(now time.Time) int {
	if s == nil {
		return -1
	}
	for i := range s.rules {
		if s.rules[i].Rules.Version == 0 || !now.Before(s.rules[i].From.Starts(s.Zone())) {
			return i
		}
	}
	return -1
}

// RuleSets lists every version of the rules, proposals included.
func (s *Snapshot) RuleSets() []RuleSet {
	if s == nil {
		return nil
	}
	return sorted(s.ruleSets)
}

// Family finds what happened to the numbers of a sector. A sector without an entry is in its generation 0.
func (s *Snapshot) Family(id string) Family {
	if s != nil {
		if f, ok := s.families.get(id); ok {
			return f
		}
	}
	return Family{ID: id}
}

// Families lists every sector to which something happened.
func (s *Snapshot) Families() []Family {
	if s == nil {
		return nil
	}
	return sorted(s.families)
}

// Headcount finds how many pupils are in the classes and groups of an establishment; ok is false when nobody counted.
func (s *Snapshot) Headcount(uai person.UAI) (h Headcount, ok bool) {
	if s == nil {
		return Headcount{}, false
	}
	return s.headcounts.get(uai)
}

// Model finds a model of the catalogue.
func (s *Snapshot) Model(id string) (Model, bool) {
	if s == nil {
		return Model{}, false
	}
	return s.models.get(id)
}

// Models lists the catalogue.
func (s *Snapshot) Models() []Model {
	if s == nil {
		return nil
	}
	return sorted(s.models)
}

// Assessments lists the tools that were assessed and refused.
func (s *Snapshot) Assessments() []Assessed {
	if s == nil {
		return nil
	}
	return sorted(s.assessments)
}

// Assessed finds an assessed tool by its id, its name or another name that people ask for it by, whatever the case.
func (s *Snapshot) Assessed(name string) (Assessed, bool) {
	name = strings.TrimSpace(name)
	for _, a := range s.Assessments() {
		names := append([]string{a.ID, a.Name.FR, a.Name.EN}, a.Aliases...)
		if name != "" && slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
			return a, true
		}
	}
	return Assessed{}, false
}

// SchoolsOf lists the registered establishments in which somebody is now, each once, in the order of their source. One
// that has closed is none of them. What the person may do there is package policy's to say.
func (s *Snapshot) SchoolsOf(who person.Person, now time.Time) []Establishment {
	var out []Establishment
	for _, a := range who.Affiliations {
		school, known := s.Establishment(a.UAI)
		twice := slices.ContainsFunc(out, func(e Establishment) bool { return e.UAI == a.UAI })
		if known && !twice && a.Holds(now) && !school.ClosedAt(now, s.Zone()) {
			out = append(out, school)
		}
	}
	return out
}
