package portal

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/guardian"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// choice is an entry of the register about which somebody may ask something, in one establishment.
type choice struct {
	Service string // its name; empty for the gateway itself
	School  string
	URL     string // of the form
	Used    bool   // something was sent to it

	uai   person.UAI
	entry registry.Declaration
	kid   *kid
	at    string // the establishment's word in an address: that where only a child goes is a mark
}

// group is what can be asked about one person.
type group struct {
	Label   string // the child's first name; empty for oneself
	Child   bool
	Used    []choice
	Others  []choice
	Gateway []choice
}

// groups are what the guest may ask about: themself first, then each child.
func (p *rightsPages) groups(ctx context.Context, g guest) ([]group, error) {
	out := []group{}
	for i := -1; i < len(g.kids); i++ {
		var k *kid
		if i >= 0 {
			k = &g.kids[i]
		}
		list, err := p.choices(ctx, g, k)
		if err != nil {
			return nil, err
		}
		one := group{Child: k != nil}
		if k != nil {
			one.Label = k.Label
		}
		for _, c := range list {
			switch {
			case c.entry.ServiceID == registry.House:
				one.Gateway = append(one.Gateway, c)
			case c.Used:
				one.Used = append(one.Used, c)
			default:
				one.Others = append(one.Others, c)
			}
		}
		if len(list) > 0 {
			out = append(out, one)
		}
	}
	return out, nil
}

// choices are the services that were sent something of the person, and those that are declared for them where they are. For a
// child they are what is declared for pupils there, or was until lately: a guardian does not read here what a child used.
func (p *rightsPages) choices(ctx context.Context, g guest, k *kid) ([]choice, error) {
	var used []choice
	if k == nil {
		var err error
		if used, err = p.used(ctx, g, nil); err != nil {
			return nil, err
		}
	}
	out, seen := []choice{}, map[[2]string]bool{}
	add := func(entry registry.Declaration, uai person.UAI, used bool) {
		school, known := g.view.Establishment(uai)
		at := [2]string{entry.ServiceID, string(uai)}
		if seen[at] || !known || school.ClosedAt(p.Now(), g.view.Zone()) || entry.ServiceID == registry.Desk {
			return
		}
		seen[at] = true
		c := choice{Service: g.service(entry.ServiceID), School: g.school(uai), Used: used, uai: uai, entry: entry, kid: k, at: p.at(g, uai)}
		c.URL = rightsAsk + "?" + c.query().Encode()
		out = append(out, c)
	}
	now := p.Now()
	for _, u := range used {
		if entry, ok := inForce(g.view, u.entry.ServiceID, u.uai, now); ok {
			u.entry = entry // what holds today is what is asked about
		}
		add(u.entry, u.uai, true)
	}
	for _, at := range g.places(k, now) {
		for _, service := range g.view.Services() {
			entry, ok := inForce(g.view, service.ID, at.UAI, now)
			if ok && (service.ID == registry.House || slices.Contains(entry.Audience.Profiles, at.Profile)) {
				add(entry, at.UAI, false)
			}
		}
	}
	if k != nil {
		for _, offer := range guardian.Offers(g.view, now.In(g.view.Zone()), g.who.Authn.Source, k.Ward) {
			add(offer.Declaration, k.UAI, false)
		}
	}
	slices.SortStableFunc(out, func(a, b choice) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.School, b.School))
	})
	return out, nil
}

// places are where the person is what: for a child, a pupil where the guardian's source says that they go to school.
func (g guest) places(k *kid, now time.Time) []person.Affiliation {
	if k != nil {
		return []person.Affiliation{{UAI: k.UAI, Profile: person.Pupil}}
	}
	return slices.DeleteFunc(slices.Clone(g.who.Affiliations), func(a person.Affiliation) bool { return !a.Holds(now) })
}

// inForce finds the entry that holds for a service in an establishment: the school's own before the department's, that
// before the academy's, and of several the newest.
func inForce(view *registry.Snapshot, service string, uai person.UAI, now time.Time) (registry.Declaration, bool) {
	school, known := view.Establishment(uai)
	if !known {
		return registry.Declaration{}, false
	}
	var found registry.Declaration
	for _, level := range []registry.Level{registry.ByEstablishment, registry.ByDepartment, registry.ByAcademy} {
		for _, d := range view.Declarations(service) {
			if d.Scope.Level == level && d.InForce(now, view.Zone()) && d.Scope.Covers(school) && d.Version >= found.Version {
				found = d
			}
		}
		if found.ID != "" {
			return found, true
		}
	}
	return found, false
}

// at is an establishment's word in an address.
func (p *rightsPages) at(g guest, uai person.UAI) string { return placeWord(p.About, g.who, uai) }

// query names the choice in an address.
func (c choice) query() url.Values {
	q := url.Values{"service": {c.entry.ServiceID}, "etablissement": {c.at}}
	if c.kid != nil {
		q.Set("enfant", c.kid.mark)
	}
	return q
}

// choice finds what an address or a form names, among what the guest may ask about.
func (p *rightsPages) choice(ctx context.Context, g guest, q url.Values) (choice, bool, error) {
	k := g.kid(q.Get("enfant"))
	if q.Get("enfant") != "" && k == nil {
		return choice{}, false, nil
	}
	list, err := p.choices(ctx, g, k)
	if err != nil {
		return choice{}, false, err
	}
	i := slices.IndexFunc(list, func(c choice) bool {
		return c.entry.ServiceID == q.Get("service") && c.at == q.Get("etablissement")
	})
	if i < 0 {
		return choice{}, false, nil
	}
	return list[i], true, nil
}

// used are the services that were sent something of the person, with the entry under which it last was.
func (p *rightsPages) used(ctx context.Context, g guest, k *kid) ([]choice, error) {
	entries, err := p.sent(ctx, g, k, "")
	if err != nil {
		return nil, err
	}
	var out []choice
	seen := map[[2]string]bool{}
	for _, e := range entries {
		at := [2]string{e.Service, e.UAI}
		if entry, known := g.view.Declaration(e.Declaration, e.Version); known && !seen[at] {
			seen[at] = true
			out = append(out, choice{uai: person.UAI(e.UAI), entry: entry})
		}
	}
	return out, nil
}

// sent are the releases about a person, the newest first: to one service, or to all when none is named.
func (p *rightsPages) sent(ctx context.Context, g guest, k *kid, service string) ([]audit.Entry, error) {
	handles := g.own
	if k != nil {
		handles = k.handles
	}
	var subjects []string
	for _, s := range g.view.Services() {
		for _, h := range handles {
			if service == "" || s.ID == service {
				subjects = append(subjects, p.Sent(h, s.ID))
			}
		}
	}
	page, err := p.Events.List(ctx, audit.Query{Outcome: audit.Released, AnyOf: subjects, Limit: audit.MaxLimit})
	if err != nil {
		return nil, fmt.Errorf("rights: %w", err)
	}
	return page.Entries, nil
}
