package register

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// Of says whose register it is: exactly one field is set.
type Of struct {
	UAI        person.UAI
	Department string
	Academy    string
}

// Register is one controller's register, or several controllers' of a place.
type Register struct {
	Title   string
	At      time.Time
	Entries []Entry
	Sources []registry.Source // with the declarations of their own
}

// Entry is one version of one declaration.
type Entry struct {
	registry.Declaration
	Service  registry.Service
	Standing registry.Standing
	Here     string        // at a school: enabled, refused, suspended, waiting, or by whom it is covered
	Since    registry.Date // since when it stands so at the school
	Schools  int           // that enabled it, for a department or an academy
	Ceases   registry.Date // its last day under the rules of now, where that is before its own
	Because  policy.Lapse  // why it ceases then
	Approved *registry.Decision
}

// Make gathers a register at now. ok is false when there is no such school, department or academy.
func Make(s *registry.Snapshot, now time.Time, of Of) (Register, bool) {
	schools := of.schools(s)
	if len(schools) == 0 {
		return Register{}, false
	}
	at := place{of, schools, map[person.UAI]*registry.Establishment{}, s.Rules(now)}
	for _, e := range schools {
		at.known[e.UAI] = e
	}
	r := Register{Title: of.title(schools), At: now.In(s.Zone())}
	for d := range s.EachDeclaration() {
		if e, applies := at.entry(s, now, d); applies {
			r.Entries = append(r.Entries, e)
		}
	}
	for _, source := range s.Sources() {
		if source.Declaration != nil && slices.ContainsFunc(schools, func(e *registry.Establishment) bool { return source.SpeaksFor(e.UAI) }) {
			r.Sources = append(r.Sources, source)
		}
	}
	return r, true
}

func (of Of) schools(s *registry.Snapshot) []*registry.Establishment {
	return slices.DeleteFunc(slices.Clone(s.FindEstablishments()), func(e *registry.Establishment) bool {
		switch {
		case of.UAI != "":
			return e.UAI != of.UAI
		case of.Department != "":
			return e.Department != of.Department
		default:
			return of.Academy == "" || e.Academy != of.Academy
		}
	})
}

// place is whose register is made, with what is asked of each version.
type place struct {
	of      Of
	schools []*registry.Establishment
	known   map[person.UAI]*registry.Establishment
	rules   registry.Rules
}

func (of Of) title(schools []*registry.Establishment) string {
	switch {
	case of.UAI != "":
		return strings.TrimSuffix(schools[0].Name+", "+schools[0].Town, ", ") + " (" + string(of.UAI) + ")"
	case of.Department != "":
		return "Département " + of.Department
	default:
		return "Académie " + of.Academy
	}
}

func (p place) entry(s *registry.Snapshot, now time.Time, v *registry.Declaration) (Entry, bool) {
	if !v.WasApproved() || !slices.ContainsFunc(p.schools, func(e *registry.Establishment) bool { return v.Scope.Covers(*e) }) {
		return Entry{}, false
	}
	d, of := *v, p.of
	service, _ := s.Service(d.ServiceID)
	e := Entry{Declaration: d, Service: service, Standing: d.StandingAt(now, s.Zone()), Approved: approval(d)}
	if end, why := policy.Ends(d, p.rules, s.Zone()); why != policy.LapseEnd {
		e.Ceases, e.Because = registry.DateOf(end.In(s.Zone())).Add(-1), why
		if e.Standing == registry.Active && !now.Before(end) {
			e.Standing = registry.Expired
		}
	}
	if of.UAI != "" {
		e.Here, e.Since = here(s, d, of.UAI)
		return e, e.Here != ""
	}
	for _, uai := range s.Said(service.ID) {
		school := p.known[uai]
		en := s.FindEnabling(service.ID, uai)
		if school != nil && en.State == registry.Enabled && en.Declaration == d.ID && en.Version <= d.Version && d.Scope.Covers(*school) {
			e.Schools++
		}
	}
	return e, true
}

// approval is the last act that approved the version.
func approval(d registry.Declaration) *registry.Decision {
	for _, by := range slices.Backward(d.Decisions) {
		if by.State == registry.Approved {
			return &by
		}
	}
	return nil
}

// here says where a school stands on a version, in words of the page; nothing when it is offered there and nobody took
// it up: what is not done is no activity.
func here(s *registry.Snapshot, d registry.Declaration, uai person.UAI) (string, registry.Date) {
	en, ok := s.Enabling(d.ServiceID, uai)
	since := registry.Date{}
	if ok && !en.Since.IsZero() {
		since = registry.DateOf(en.Since.In(s.Zone()))
	}
	switch {
	case ok && en.State == registry.RefusedHere:
		return "refusé par l’établissement", since
	case ok && en.State == registry.SuspendedHere:
		return "suspendu dans l’établissement", since
	case ok && en.State == registry.Enabled && en.Declaration == d.ID:
		return "activé par l’établissement", since
	case d.Scope.Level == registry.ByDepartment:
		return "décidé par le DASEN", registry.Date{}
	case d.Scope.Level == registry.ByAcademy && d.Scope.All:
		return "décidé par l’académie", registry.Date{}
	default:
		return "", registry.Date{}
	}
}

// data lists the items in words, then what people produce there.
func (e Entry) data(words *dictionary.Dictionary) string {
	var out []string
	for _, item := range e.Items {
		label := string(item.Attr)
		if entry, ok := words.Entry(item.Attr); ok {
			label = entry.Label.FR
		}
		out = append(out, label+" : "+item.Justification.FR)
	}
	return strings.Join(append(out, texts(e.Data)...), "\n")
}

func texts(list []registry.Text) []string {
	var out []string
	for _, t := range list {
		out = append(out, t.FR)
	}
	return out
}

func lines[T any](list []T, say func(T) string) string {
	var out []string
	for _, v := range list {
		if text := strings.TrimSpace(say(v)); text != "" {
			out = append(out, text)
		}
	}
	return strings.Join(out, "\n")
}

func controllers(d registry.Declaration) string {
	return lines(append([]registry.Controller{d.Controller}, d.Joint...), func(c registry.Controller) string {
		return c.Name + ", " + c.Office + cmp.Or(prefixed(", ", c.Contact), "")
	})
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}
