package policy

import (
	"log/slog"
	"strconv"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Ask is the question put to the gate.
type Ask struct {
	Person  person.Person
	Place   Place
	Service string
}

// String shows nothing of the person.
func (a Ask) String() string { return "[ask " + a.Service + "]" }

// GoString shows what String shows.
func (a Ask) GoString() string { return a.String() }

// LogValue shows what String shows.
func (a Ask) LogValue() slog.Value { return slog.StringValue(a.String()) }

// Gate says whether the person may enter the service at now, or why not. The answer holds for that moment only: every
// issuance asks again. The error is always a *Refusal.
func Gate(s *registry.Snapshot, now time.Time, ask Ask) (Grant, error) {
	c := newInquiry(s, now, ask)
	for _, check := range checks() {
		if refusal := check.run(c); refusal != nil {
			return Grant{}, refusal
		}
	}
	return c.grant(), nil
}

// Step is one check as it went, for people who want to know why.
type Step struct {
	Check  string // a stable word
	Passed bool
	Detail string // what it looked at: ids and dates of the registry, nothing of the person
}

// Trace asks the same question and tells each check that was made, in order, the failing one last.
func Trace(s *registry.Snapshot, now time.Time, ask Ask) ([]Step, Grant, error) {
	c := newInquiry(s, now, ask)
	var steps []Step
	for _, check := range checks() {
		refusal := check.run(c)
		steps = append(steps, Step{Check: check.name, Passed: refusal == nil, Detail: check.detail(c)})
		if refusal != nil {
			return steps, Grant{}, refusal
		}
	}
	return steps, c.grant(), nil
}

// Open says whether the service is open for anybody at all at now, before anyone is asked to sign in. The error is
// always a *Refusal.
func Open(s *registry.Snapshot, now time.Time, service string) error {
	c := newInquiry(s, now, Ask{Service: service})
	all := checks()
	for _, check := range all[:beforeSignIn] {
		if refusal := check.run(c); refusal != nil {
			return refusal
		}
	}
	return nil
}

// Places lists where and as what the person may enter the service now, in the order in which the source named the
// establishments. A guardian has one place for each child.
func Places(s *registry.Snapshot, now time.Time, p person.Person, service string) []Place {
	var open []Place
	for _, place := range candidates(p) {
		if _, err := Gate(s, now, Ask{Person: p, Place: place, Service: service}); err == nil {
			open = append(open, place)
		}
	}
	return open
}

// Why tells the refusal to show when Places is empty: the one that came furthest through the checks, of the person's
// first establishment where several came as far.
func Why(s *registry.Snapshot, now time.Time, p person.Person, service string) *Refusal {
	var best *Refusal
	far := -1
	places := candidates(p)
	if len(places) == 0 {
		return nowhere(s, now, p, service)
	}
	for _, place := range places {
		steps, _, err := Trace(s, now, Ask{Person: p, Place: place, Service: service})
		if refusal, ok := err.(*Refusal); ok && len(steps) > far { //nolint:errorlint // Trace documents the type
			best, far = refusal, len(steps)
		}
	}
	return best
}

// nowhere explains somebody whom the source places in no establishment: what stands before that in the checks first.
func nowhere(s *registry.Snapshot, now time.Time, p person.Person, service string) *Refusal {
	_, _, err := Trace(s, now, Ask{Person: p, Service: service})
	refusal, ok := err.(*Refusal) //nolint:errorlint // Trace documents the type
	if !ok || refusal.Reason == UnknownPlace {
		return &Refusal{Reason: NotMember, Service: service}
	}
	return refusal
}

func candidates(p person.Person) []Place {
	var out []Place
	for _, a := range p.Affiliations {
		if a.Profile != person.Guardian {
			out = append(out, Place{UAI: a.UAI, Profile: a.Profile})
			continue
		}
		children := len(out)
		for _, w := range p.Wards {
			if w.UAI == a.UAI {
				out = append(out, Place{UAI: a.UAI, Profile: a.Profile, Child: w.Child})
			}
		}
		if len(out) == children { // nobody to act for: a place that the gate refuses for that reason
			out = append(out, Place{UAI: a.UAI, Profile: a.Profile})
		}
	}
	return out
}

// Alternatives lists other services of the same category that are open for a whole academy now, without saying who
// uses them.
func Alternatives(s *registry.Snapshot, now time.Time, service string) []registry.Service {
	this, ok := s.Service(service)
	if !ok || this.Category == "" {
		return nil
	}
	var out []registry.Service
	open := newView(s, now)
	for _, other := range s.Services() {
		if other.ID == service || other.Category != this.Category || Open(s, now, other.ID) != nil {
			continue
		}
		if open.academyWide(other.ID) {
			out = append(out, other)
		}
	}
	return out
}

// schoolYear names the school year of a day; it begins on the first of September.
func schoolYear(today registry.Date) string {
	first := today.Year
	if today.Month < time.September {
		first--
	}
	var room [24]byte
	year := append(strconv.AppendInt(room[:0], int64(first), 10), '-')
	return string(strconv.AppendInt(year, int64(first)+1, 10))
}
