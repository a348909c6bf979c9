package policy

import (
	"slices"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// inquiry is one question on its way through the checks; each check may add what it found: the snapshot's own objects, which
// nobody changes.
type inquiry struct {
	view
	ask Ask

	service     *registry.Service
	source      *registry.Source
	school      *registry.Establishment
	affiliation person.Affiliation
	house       footing
	footing     footing
}

func newInquiry(s *registry.Snapshot, now time.Time, ask Ask) *inquiry {
	return &inquiry{view: newView(s, now), ask: ask}
}

type check struct {
	name   string
	run    func(*inquiry) *Refusal
	detail func(*inquiry) string
}

// checks is the gate, in order: the service, the source's own declaration, the establishment and the gateway's own entry
// there, the person's place in it, the word of the controller, and the declaration that covers the lot.
func checks() [13]check {
	return [...]check{
		{"service known", (*inquiry).serviceKnown, func(c *inquiry) string { return c.ask.Service }},
		{"service declared", (*inquiry).serviceDeclared, (*inquiry).declared},
		{"source declared", (*inquiry).sourceDeclared, func(c *inquiry) string { return c.ask.Person.Authn.Source }},
		{"establishment known", (*inquiry).placeKnown, func(c *inquiry) string { return string(c.ask.Place.UAI) }},
		{"gateway declared there", (*inquiry).houseCovers, func(c *inquiry) string { return c.house.id() }},
		{"member there", (*inquiry).member, func(c *inquiry) string { return string(c.ask.Place.Profile) }},
		{"controller says nothing against it", (*inquiry).controllerSays, func(c *inquiry) string { return string(c.school.Controller()) }},
		{"declaration covers it", (*inquiry).covered, (*inquiry).declared},
		{"no test account is named", (*inquiry).notNamedInTests, (*inquiry).declared},
		{"audience", (*inquiry).audience, (*inquiry).declared},
		{"level", (*inquiry).level, (*inquiry).declared},
		{"age", (*inquiry).age, (*inquiry).declared},
		{"parental authority", (*inquiry).authority, func(*inquiry) string { return "" }},
	}
}

// beforeSignIn is how many of the checks need nobody: a closed service asks no one for a password.
const beforeSignIn = 2

func (f footing) id() string {
	if f.version == nil {
		return ""
	}
	return f.version.ID
}

func (c *inquiry) declared() string { return c.footing.id() }

func (c *inquiry) no(r Reason) *Refusal {
	return &Refusal{Reason: r, Service: c.ask.Service, UAI: c.ask.Place.UAI}
}

func (c *inquiry) serviceKnown() *Refusal {
	service := c.snapshot.FindService(c.ask.Service)
	if service == nil {
		return c.no(UnknownService)
	}
	c.service = service
	if service.Suspended {
		refusal := c.no(ServiceSuspended)
		if service.StoppedItself() {
			refusal.Message = registry.StoppedText()
		}
		refusal.Words, _ = c.snapshot.Notice(registry.StopService, service.ID, c.ask.Place.UAI)
		return refusal
	}
	return nil
}

// serviceDeclared wants that somebody, somewhere, could enter.
func (c *inquiry) serviceDeclared() *Refusal {
	if c.anywhere(c.ask.Service, c.ask.Place.UAI) {
		return nil
	}
	return c.whyClosed()
}

func (c *inquiry) sourceDeclared() *Refusal {
	source := c.snapshot.FindSource(c.ask.Person.Authn.Source)
	switch {
	case source == nil:
		return c.no(UnknownSource)
	case source.Suspended:
		refusal := c.no(SourceSuspended)
		refusal.Words, _ = c.snapshot.Notice(registry.StopSource, source.ID, c.ask.Place.UAI)
		return refusal
	case !source.Declaration.InForce(c.now, c.zone):
		return c.no(SourceNotDeclared)
	}
	c.source = source
	return nil
}

func (c *inquiry) placeKnown() *Refusal {
	school := c.snapshot.FindEstablishment(c.ask.Place.UAI)
	switch {
	case school == nil:
		return c.no(UnknownPlace)
	case school.ClosedAt(c.now, c.zone):
		return c.no(PlaceClosed)
	case c.snapshot.Stopped(registry.StopEstablishment, string(school.UAI)):
		return c.placeStopped()
	case !c.source.SpeaksFor(school.UAI):
		return c.no(SourceNotForPlace)
	}
	c.school = school
	return nil
}

func (c *inquiry) placeStopped() *Refusal {
	refusal := c.no(PlaceSuspended)
	refusal.Words, _ = c.snapshot.Notice(registry.StopEstablishment, string(c.ask.Place.UAI), c.ask.Place.UAI)
	if stop, _ := c.snapshot.Stop(registry.StopEstablishment, string(c.ask.Place.UAI)); !stop.Since.IsZero() {
		refusal.Date = registry.DateOf(stop.Since.In(c.zone))
	}
	return refusal
}

func (c *inquiry) member() *Refusal {
	affiliation, ok := c.ask.Person.At(c.ask.Place.UAI, c.ask.Place.Profile, c.now)
	if !ok {
		return c.no(NotMember)
	}
	c.affiliation = affiliation
	return nil
}

// houseCovers wants the gateway's own register entry to reach the establishment, by the same rules as any service's. A
// crisis opens no gateway.
func (c *inquiry) houseCovers() *Refusal {
	f, ok := c.houseThere()
	if !ok {
		refusal := c.no(HouseNotCovering)
		refusal.Office = office(c.school.Controller())
		return refusal
	}
	c.house = f
	return nil
}

func (c *inquiry) houseThere() (footing, bool) {
	if house := c.snapshot.FindService(registry.House); house == nil || house.Suspended {
		return footing{}, false
	}
	if e := c.snapshot.FindEnabling(registry.House, c.school.UAI); e != nil && against(e.State) {
		return footing{}, false
	}
	return c.on(registry.House, c.school)
}

// against tells whether the controller's word closes the service whatever anybody else decided. A word that nobody knows
// does.
func against(s registry.EnablingState) bool {
	return s != registry.Enabled && s != registry.ClaimedOnPaper && s != registry.Withdrawn
}

// controllerSays listens to the establishment's own controller before anybody else: a local refusal wins.
func (c *inquiry) controllerSays() *Refusal {
	e := c.snapshot.FindEnabling(c.ask.Service, c.school.UAI)
	if e == nil || !against(e.State) {
		return nil
	}
	refusal := c.no(SuspendedHere)
	if e.State == registry.RefusedHere {
		refusal.Reason = RefusedHere
	}
	refusal.Message, refusal.Office = e.Message, office(c.school.Controller())
	if !e.Since.IsZero() {
		refusal.Date = registry.DateOf(e.Since.In(c.zone))
	}
	return refusal
}

// covered finds the version under which the person enters: what the controller enabled; or else the DASEN's, the
// rectorat's for the whole academy, or a crisis opening.
func (c *inquiry) covered() *Refusal {
	f, ok := c.on(c.ask.Service, c.school)
	if !ok {
		f, ok = c.crisis(c.ask.Service, c.school)
	}
	if !ok {
		return c.whyNotHere()
	}
	c.footing = f
	return nil
}

// notNamedInTests keeps the accounts of a test tenant out of services that are told who somebody is: a name there would be
// taken for a real one. The declaration counts, not what the service's own setting narrows it to.
func (c *inquiry) notNamedInTests() *Refusal {
	mode := c.footing.version.Mode
	if c.school.Test && mode != registry.Pseudonymous && mode != "" { // no word is pseudonymous, a word that nobody knows is not
		return c.no(TestNotNamed)
	}
	return nil
}

func (c *inquiry) audience() *Refusal {
	audience := c.footing.version.Audience
	if !slices.Contains(audience.Profiles, c.ask.Place.Profile) {
		refusal := c.no(NotForProfile)
		refusal.For = audience.Profiles
		return refusal
	}
	return nil
}

func (c *inquiry) level() *Refusal {
	levels := c.footing.version.Audience.Levels
	if c.ask.Place.Profile != person.Pupil || len(levels) == 0 {
		return nil
	}
	for _, level := range c.affiliation.Values[person.Level] {
		if slices.Contains(levels, level) {
			return nil
		}
	}
	return c.no(NotForLevel)
}

// age counts an unknown age as below any minimum, and birthdays by the academy's calendar.
func (c *inquiry) age() *Refusal {
	minimum := c.footing.version.Audience.MinAge
	if c.ask.Place.Profile != person.Pupil || c.ask.Person.Age.AtLeast(minimum, c.now.In(c.zone)) {
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
	d := c.footing.version
	g := Grant{
		granted: true, service: c.service, declaration: d, place: c.ask.Place, school: c.school,
		source: c.source, at: c.now.In(c.zone), year: schoolYear(c.today),
		rules: c.rules, labels: c.snapshot.Labels(c.now), family: c.snapshot.FindFamily(c.service.Family()),
	}
	if h := c.snapshot.FindHeadcount(c.ask.Place.UAI); h != nil && h.Holds(c.now, c.zone) {
		g.headcount = h // an old one is of other classes
	}
	last := first(first(c.footing.last, c.house.last), c.source.Declaration.Until)
	if !c.school.ClosedOn.IsZero() {
		last = first(last, c.school.ClosedOn)
	}
	g.until = last.Ends(c.zone)
	g.items = itemsFor(d.Items, c.ask.Place.Profile)
	return g
}

// itemsFor lists the items that concern a profile: the declaration's own slice where all do, which is the rule.
func itemsFor(items []registry.Item, p person.Profile) []registry.Item {
	i := slices.IndexFunc(items, func(item registry.Item) bool { return !item.For(p) })
	if i < 0 {
		return slices.Clip(items)
	}
	out := make([]registry.Item, i, len(items))
	copy(out, items)
	for _, item := range items[i:] {
		if item.For(p) {
			out = append(out, item)
		}
	}
	return out
}
