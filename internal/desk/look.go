package desk

import (
	"context"
	"slices"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// glance is somebody looking at one state of the registry.
type glance struct {
	*registry.Snapshot
	now  time.Time
	by   roles.Caller
	asks *roles.Bearer // by, now
}

func (d *Desk) glance(ctx context.Context, c roles.Caller) (glance, error) {
	s, err := d.view(ctx)
	if err != nil {
		return glance{}, err
	}
	return glanceAt(s, d.Now().UTC(), c), nil
}

func glanceAt(s *registry.Snapshot, now time.Time, c roles.Caller) glance {
	return glance{Snapshot: s, now: now, by: c, asks: roles.NewBearer(s, now, c)}
}

func (g glance) may(act roles.Act, on roles.Target) error {
	_, err := g.asks.May(act, on)
	return err
}

// keep leaves out what the caller may not do act about.
func keep[T any](g glance, all []T, act roles.Act, on func(T) roles.Target) []T {
	return slices.DeleteFunc(slices.Clone(all), func(o T) bool { return g.may(act, on(o)) != nil })
}

// one finds an object among those in the caller's sight, or *NotFound.
func one[T any](kind, id string, all []T, err error, is func(T) bool) (T, error) {
	if i := slices.IndexFunc(all, is); err == nil && i >= 0 {
		return all[i], nil
	}
	var none T
	if err == nil {
		err = &NotFound{kind, id}
	}
	return none, err
}

// Whoami lists the roles that the caller holds now.
func (d *Desk) Whoami(ctx context.Context, c roles.Caller) ([]registry.Held, error) {
	g, err := d.glance(ctx, c)
	if err != nil {
		return nil, err
	}
	return roles.Holds(g.Snapshot, g.now, c), nil
}

// Catalogue is what everybody at the desk may read who holds any role: the newest state, of which the caller uses models,
// assessed tools, rules and the list of schools, and nothing else.
func (d *Desk) Catalogue(ctx context.Context, c roles.Caller) (*registry.Snapshot, error) {
	g, err := d.glance(ctx, c)
	if err != nil {
		return nil, err
	}
	return g.Snapshot, g.may(roles.Read, roles.Target{})
}

// Services lists the services in the caller's sight. The settings of bindings are for those who may change them.
func (d *Desk) Services(ctx context.Context, c roles.Caller) ([]registry.Service, error) {
	g, err := d.glance(ctx, c)
	if err != nil {
		return nil, err
	}
	all := g.FindServices()
	list := make([]registry.Service, 0, len(all))
	for _, v := range all {
		if g.may(roles.Read, roles.Target{Service: v.ID}) == nil {
			list = append(list, g.shown(*v))
		}
	}
	return list, nil
}

// shown is a service without the settings of its bindings, for who may not change them.
func (g glance) shown(v registry.Service) registry.Service {
	if len(v.Bindings) == 0 || g.may(roles.EditService, roles.Target{Service: v.ID}) == nil {
		return v
	}
	v.Bindings = slices.Clone(v.Bindings)
	for i := range v.Bindings {
		v.Bindings[i].Settings = nil
	}
	return v
}

// Service finds one service in the caller's sight, and the Tag of its whole state.
func (d *Desk) Service(ctx context.Context, c roles.Caller, id string) (registry.Service, string, error) {
	g, err := d.glance(ctx, c)
	if err != nil {
		return registry.Service{}, "", err
	}
	whole, known := g.Snapshot.Service(id)
	if !known || g.may(roles.Read, roles.Target{Service: id}) != nil {
		return registry.Service{}, "", &NotFound{"service", id}
	}
	return g.shown(whole), Tag(whole), nil
}

// Sources lists the sources in the caller's sight, without what is the connector's own.
func (d *Desk) Sources(ctx context.Context, c roles.Caller) ([]registry.Source, error) {
	g, err := d.glance(ctx, c)
	if err != nil {
		return nil, err
	}
	list := keep(g, g.Snapshot.Sources(), roles.Read, func(v registry.Source) roles.Target { return roles.Target{Source: v.ID} })
	for i := range list {
		list[i].Settings, list[i].Mapping = nil, nil
	}
	return list, nil
}

// Source is one source in the caller's sight; what is the connector's own stays with those who look after connections. A
// secret is no part of it: settings name the file that holds one.
func (d *Desk) Source(ctx context.Context, c roles.Caller, id string) (registry.Source, error) {
	g, err := d.glance(ctx, c)
	if err != nil {
		return registry.Source{}, err
	}
	found, known := g.Snapshot.Source(id)
	on := roles.Target{Source: id}
	if !known || g.may(roles.Read, on) != nil {
		return registry.Source{}, &NotFound{"source", id}
	}
	if g.may(roles.EditSource, on) != nil {
		found.Settings, found.Mapping = nil, nil
	}
	return found, nil
}

// Openings lists the crisis openings of services in the caller's sight.
func (d *Desk) Openings(ctx context.Context, c roles.Caller) ([]registry.Opening, error) {
	g, err := d.glance(ctx, c)
	if err != nil {
		return nil, err
	}
	return keep(g, g.Snapshot.Openings(), roles.Read, func(o registry.Opening) roles.Target { return roles.Target{Service: o.Service} }), nil
}

// Appointments lists the appointments in the caller's sight, their own among them, without what they are claimed with.
func (d *Desk) Appointments(ctx context.Context, c roles.Caller) ([]registry.Appointment, error) {
	g, err := d.glance(ctx, c)
	if err != nil {
		return nil, err
	}
	list := keep(g, g.Snapshot.Appointments(), roles.ReadAccess, func(a registry.Appointment) roles.Target {
		on := target(a)
		on.Holder = a.Holder
		return on
	})
	for i := range list {
		list[i] = withoutClaim(list[i])
	}
	return list, nil
}

// Delegations lists the delegations in establishments of the caller's.
func (d *Desk) Delegations(ctx context.Context, c roles.Caller) ([]registry.Delegation, error) {
	g, err := d.glance(ctx, c)
	if err != nil {
		return nil, err
	}
	return keep(g, g.Snapshot.Delegations(), roles.ReadAccess, func(o registry.Delegation) roles.Target {
		return roles.Target{UAIs: []person.UAI{o.UAI}}
	}), nil
}

// Tokens lists the caller's tokens, and those of others for whoever looks after access. Nothing of a secret is in them.
func (d *Desk) Tokens(ctx context.Context, c roles.Caller) ([]registry.Token, error) {
	g, err := d.glance(ctx, c)
	if err != nil {
		return nil, err
	}
	list := keep(g, g.Snapshot.Tokens(), roles.ReadAccess, func(k registry.Token) roles.Target {
		_, on := ofToken(k)
		return on
	})
	for i := range list {
		list[i] = withoutHash(list[i])
	}
	return list, nil
}

// Exportable gives what the register of a school, a department or an academy is made from: exactly one is named.
func (d *Desk) Exportable(ctx context.Context, c roles.Caller, uai person.UAI, department, academy string) (*registry.Snapshot, error) {
	g, err := d.glance(ctx, c)
	if err != nil {
		return nil, err
	}
	on := roles.Target{Academy: academy}
	if uai != "" {
		on.UAIs = []person.UAI{uai}
	}
	for _, e := range g.FindEstablishments() {
		if department != "" && e.Department == department {
			on.UAIs = append(on.UAIs, e.UAI)
		}
	}
	if on.Academy == "" && len(on.UAIs) == 0 {
		return nil, &NotFound{"establishments of department", department}
	}
	return g.Snapshot, g.may(roles.Export, on)
}

// Importable tells whether the caller may write a list of schools, before any of it is written. Of an empty list it tells
// whether they may write any list at all.
func (d *Desk) Importable(ctx context.Context, c roles.Caller, list []registry.Establishment) error {
	t, err := d.begin(ctx, c, "")
	if err != nil {
		return err
	}
	if len(list) > 0 {
		return t.mayEditSchools(list...)
	}
	var academies []string
	for _, h := range roles.Holds(t.Snapshot, t.now, c) {
		academies = append(academies, h.Over.Academies...)
	}
	_, err = t.may(roles.EditSchool, roles.Target{})
	for _, academy := range academies {
		if _, denied := t.may(roles.EditSchool, roles.Target{Academy: academy}); denied == nil {
			return nil
		}
	}
	return err
}

// MayReadJournal asks whether the caller may read the journal of an establishment, or of everywhere when none is named.
func (d *Desk) MayReadJournal(ctx context.Context, c roles.Caller, uai person.UAI) error {
	g, err := d.glance(ctx, c)
	if err != nil {
		return err
	}
	on := roles.Target{}
	if uai != "" {
		on.UAIs = []person.UAI{uai}
	}
	return g.may(roles.ReadJournal, on)
}
