package policy

import (
	"slices"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// inquiry is one question on its way through the checks; each check may add what it found.
type inquiry struct {
	snapshot *registry.Snapshot
	now      time.Time
	ask      Ask

	service     registry.Service
	source      registry.Source
	school      registry.Establishment
	affiliation person.Affiliation
	declaration registry.Declaration
}

type check struct {
	name   string
	run    func(*inquiry) *Refusal
	detail func(*inquiry) string
}

// checks is the gate, in order: the service, the source's own declaration, the establishment, the person's place in
// it, and the declaration that covers the lot.
func checks() []check {
	return append(checksBeforeSignIn(),
		check{"source declared", (*inquiry).sourceDeclared, func(c *inquiry) string { return c.ask.Person.Authn.Source }},
		check{"establishment known", (*inquiry).placeKnown, func(c *inquiry) string { return string(c.ask.Place.UAI) }},
		check{"member there", (*inquiry).member, func(c *inquiry) string { return string(c.ask.Place.Profile) }},
		check{"declaration covers it", (*inquiry).covered, (*inquiry).declared},
		check{"audience", (*inquiry).audience, (*inquiry).declared},
		check{"age", (*inquiry).age, (*inquiry).declared},
		check{"parental authority", (*inquiry).authority, func(*inquiry) string { return "" }},
	)
}

// checksBeforeSignIn need nobody: a closed service asks no one for a password.
func checksBeforeSignIn() []check {
	return []check{
		{"service known", (*inquiry).serviceKnown, func(c *inquiry) string { return c.ask.Service }},
		{"service declared", (*inquiry).serviceDeclared, (*inquiry).declared},
	}
}

func (c *inquiry) declared() string {
	if c.declaration.ID == "" {
		return ""
	}
	return c.declaration.ID
}

func (c *inquiry) no(r Reason) *Refusal {
	return &Refusal{Reason: r, Service: c.ask.Service, UAI: c.ask.Place.UAI}
}

func (c *inquiry) serviceKnown() *Refusal {
	service, ok := c.snapshot.Service(c.ask.Service)
	if !ok {
		return c.no(UnknownService)
	}
	c.service = service
	if service.Suspended {
		return c.no(ServiceSuspended)
	}
	return nil
}

func (c *inquiry) serviceDeclared() *Refusal {
	if len(governing(c.snapshot, c.now, c.ask.Service)) > 0 {
		return nil
	}
	return c.whyClosed()
}

// whyClosed explains the newest version that was ever approved, because that is the one that closed, or else the newest
// there is.
func (c *inquiry) whyClosed() *Refusal {
	all := c.snapshot.Declarations(c.ask.Service)
	if len(all) == 0 {
		return c.no(NoDeclaration)
	}
	d, zone := all[max(0, slices.IndexFunc(all, registry.Declaration.WasApproved))], c.snapshot.Zone()
	refusal := c.no(NotApproved)
	refusal.Office, refusal.Message = d.Controller.Office, d.Message
	switch {
	case d.State == registry.Suspended:
		refusal.Reason = DeclarationStopped
		if !d.Since.IsZero() {
			refusal.Date = registry.DateOf(d.Since.In(zone))
		}
	case d.State == registry.Approved && !d.From.IsZero() && c.now.Before(d.From.Starts(zone)):
		refusal.Reason, refusal.Date = NotYet, d.From
	case d.State == registry.Approved:
		refusal.Reason, refusal.Date = Expired, d.Until
	}
	return refusal
}

func (c *inquiry) sourceDeclared() *Refusal {
	source, ok := c.snapshot.Source(c.ask.Person.Authn.Source)
	switch {
	case !ok:
		return c.no(UnknownSource)
	case source.Suspended:
		return c.no(SourceSuspended)
	case !source.Declaration.InForce(c.now, c.snapshot.Zone()):
		return c.no(SourceNotDeclared)
	}
	c.source = source
	return nil
}

func (c *inquiry) placeKnown() *Refusal {
	school, ok := c.snapshot.Establishment(c.ask.Place.UAI)
	switch {
	case !ok:
		return c.no(UnknownPlace)
	case school.Closed:
		return c.no(PlaceClosed)
	case len(c.source.UAIs) > 0 && !slices.Contains(c.source.UAIs, school.UAI):
		return c.no(SourceNotForPlace)
	}
	c.school = school
	return nil
}

func (c *inquiry) member() *Refusal {
	affiliation, ok := c.ask.Person.At(c.ask.Place.UAI, c.ask.Place.Profile, c.now)
	if !ok {
		return c.no(NotMember)
	}
	c.affiliation = affiliation
	return nil
}

// covered finds the declaration under which the person enters: the most local one in force. A refusal by the
// establishment's own controller closes it whatever another level decided.
func (c *inquiry) covered() *Refusal {
	var covering []registry.Declaration
	for _, d := range governing(c.snapshot, c.now, c.service.ID) {
		if d.Scope.Refuses(c.school.UAI) {
			return c.no(RefusedHere)
		}
		if d.Scope.Covers(c.school) {
			covering = append(covering, d)
		}
	}
	if len(covering) == 0 {
		return c.no(NotHere)
	}
	c.declaration = slices.MinFunc(covering, func(a, b registry.Declaration) int {
		return breadth(a.Scope.Level) - breadth(b.Scope.Level)
	})
	return nil
}

func breadth(l registry.Level) int {
	return slices.Index([]registry.Level{registry.ByEstablishment, registry.ByDepartment, registry.ByAcademy}, l)
}

func (c *inquiry) audience() *Refusal {
	audience := c.declaration.Audience
	if !slices.Contains(audience.Profiles, c.ask.Place.Profile) {
		refusal := c.no(NotForProfile)
		refusal.For = audience.Profiles
		return refusal
	}
	if c.ask.Place.Profile != person.Pupil || len(audience.Levels) == 0 {
		return nil
	}
	for _, level := range c.affiliation.Values[person.Level] {
		if slices.Contains(audience.Levels, level) {
			return nil
		}
	}
	return c.no(NotForLevel)
}

// age counts an unknown age as below any minimum, and birthdays by the academy's calendar.
func (c *inquiry) age() *Refusal {
	minimum := c.declaration.Audience.MinAge
	if c.ask.Place.Profile != person.Pupil || c.ask.Person.Age.AtLeast(minimum, c.now.In(c.snapshot.Zone())) {
		return nil
	}
	refusal := c.no(TooYoung)
	refusal.MinAge = minimum
	return refusal
}

// authority lets a guardian act only for a child over whom the source says that they hold parental authority: unknown
// is no.
func (c *inquiry) authority() *Refusal {
	if c.ask.Place.Profile != person.Guardian {
		if !c.ask.Place.Child.IsZero() {
			return c.no(NoParentalAuthority)
		}
		return nil
	}
	for _, w := range c.ask.Person.Wards {
		if w.Child == c.ask.Place.Child && w.UAI == c.school.UAI && w.Authority == person.Yes && !w.Child.IsZero() {
			return nil
		}
	}
	return c.no(NoParentalAuthority)
}

func (c *inquiry) grant() Grant {
	zone := c.snapshot.Zone()
	g := Grant{
		granted: true, service: c.service, declaration: c.declaration, place: c.ask.Place, school: c.school,
		source: c.source, at: c.now.In(zone), until: c.declaration.Until.Ends(zone), year: schoolYear(c.now, zone),
	}
	if end := c.source.Declaration.Until.Ends(zone); end.Before(g.until) {
		g.until = end
	}
	for _, item := range c.declaration.Items {
		if item.For(c.ask.Place.Profile) {
			g.items = append(g.items, item)
		}
	}
	return g
}

// governing lists, for each declaration of a service, the version in force at now. The newest version that was ever
// approved and has begun governs alone: when it is suspended, archived or over, no older one takes its place.
func governing(s *registry.Snapshot, now time.Time, service string) []registry.Declaration {
	var out []registry.Declaration
	var decided []string
	zone := s.Zone()
	for _, d := range s.Declarations(service) { // newest first
		if slices.Contains(decided, d.ID) || !d.WasApproved() || now.Before(d.From.Starts(zone)) {
			continue
		}
		decided = append(decided, d.ID)
		if d.InForce(now, zone) {
			out = append(out, d)
		}
	}
	return out
}
