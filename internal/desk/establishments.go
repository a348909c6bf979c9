package desk

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// PutEstablishment adds or changes a school; what applies by level is inherited by that alone. A UAI with a wrong letter is
// refused and the right one proposed, unless it is a test tenant's. Closing one moves nothing: its declarations and
// enablings stay where they are, and the successor that it names begins with what applies to it by level.
func (d *Desk) PutEstablishment(ctx context.Context, c roles.Caller, e registry.Establishment, tag string) (registry.Establishment, error) {
	if uai, err := person.ParseUAI(string(e.UAI)); err == nil {
		e.UAI = uai
	}
	e.ManagedBy = ""
	err := d.settle(ctx, c, "establishment_put", func(t *turn) error {
		t.at(e.UAI)
		old, known := t.Establishment(e.UAI)
		if err := t.mayEditSchools(e); err != nil {
			return err
		}
		if known {
			if err := match(old, tag); err != nil {
				return err
			}
		} else if tag != "" {
			return &NotFound{"establishment", string(e.UAI)}
		}
		if err := editable("establishment", string(e.UAI), old.ManagedBy); err != nil {
			return err
		}
		if err := mistakes(append(e.Check(), t.closing(e)...)).err(); err != nil {
			return err
		}
		if Tag(old) == Tag(e) {
			return errIdle
		}
		t.change.Establishments = []registry.Establishment{e}
		return nil
	})
	if err != nil {
		return registry.Establishment{}, err
	}
	return e, nil
}

// mayEditSchools asks for each academy in which an establishment is, or was.
func (t *turn) mayEditSchools(list ...registry.Establishment) error {
	academies := map[string]bool{}
	for _, e := range list {
		academies[e.Academy] = true
		if old, known := t.Establishment(e.UAI); known {
			academies[old.Academy] = true
		}
	}
	delete(academies, "") // an establishment of no academy passes no form
	for _, academy := range slices.Sorted(maps.Keys(academies)) {
		if _, err := t.may(roles.EditSchool, roles.Target{Academy: academy}); err != nil {
			return err
		}
	}
	return nil
}

// closing wants a successor that is there, is another one, and is open.
func (t *turn) closing(e registry.Establishment) []registry.Finding {
	if e.Successor == "" {
		return nil
	}
	var m mistakes
	next, known := t.Establishment(e.Successor)
	m.say(e.Successor == e.UAI, "successor", "an establishment cannot succeed itself", "")
	m.say(!known, "successor", fmt.Sprintf("%s is not registered", e.Successor), "register it first")
	m.say(known && next.ClosedAt(t.now, t.Zone()), "successor", fmt.Sprintf("%s is closed", e.Successor), "the one that is open")
	m.say(!e.Closed && e.ClosedOn.IsZero(), "successor", "a successor is named and no day of closing", "closed_on: yyyy-mm-dd")
	return m
}

// ImportEstablishments writes many at once, all or none, after a preview; source is the list's name for the journal. What
// a list of schools knows is taken from it; what an academy decides by hand stays as it is: the ways back, the
// collectivité, the cité scolaire, a vacancy, a successor, a test tenant. It never reopens a school, and leaves alone those
// that files manage.
func (d *Desk) ImportEstablishments(ctx context.Context, c roles.Caller, list []registry.Establishment, source string) (Report, error) {
	var report Report
	err := d.settle(ctx, c, "establishment_import", func(t *turn) error {
		report = Report{}
		if err := t.mayEditSchools(list...); err != nil {
			return err
		}
		if err := t.importable(list, source); err != nil {
			return err
		}
		for _, e := range list {
			old, known := t.Establishment(e.UAI)
			next := listed(old, e, known)
			if known && (old.ManagedBy != "" || Tag(old) == Tag(next)) {
				report.Unchanged++
				continue
			}
			t.change.Establishments = append(t.change.Establishments, next)
			report.Done++
			report.UAIs = append(report.UAIs, next.UAI)
		}
		t.detail("list", source)
		return t.decided(report)
	})
	if err != nil {
		return Report{}, err
	}
	return report, nil
}

// importable names every row that is wrong.
func (t *turn) importable(list []registry.Establishment, source string) error {
	var m mistakes
	m.say(len(list) == 0, "establishments", "the list is empty", "")
	m.text("source", source, mostName)
	rows := make(map[person.UAI]int, len(list))
	for i, e := range list {
		where := fmt.Sprintf("establishments[%d]", i)
		if first, twice := rows[e.UAI]; twice {
			m.say(true, where+".uai", fmt.Sprintf("%s stands in row %d already", e.UAI, first), "each establishment once")
			continue
		}
		rows[e.UAI] = i
		for _, f := range e.Check() {
			f.Where = where + "." + f.Where
			m = append(m, f)
		}
	}
	return m.err()
}

// listed puts what a list of schools knows over what is registered.
func listed(old, from registry.Establishment, known bool) registry.Establishment {
	if !known {
		from.ManagedBy = ""
		return from
	}
	next := old
	next.Name, next.Town, next.Kind, next.Private = from.Name, from.Town, from.Kind, from.Private
	next.Academy, next.Department, next.Contract = from.Academy, from.Department, from.Contract
	if from.District != "" {
		next.District = from.District
	}
	if from.Pupils != 0 {
		next.Pupils = from.Pupils
	}
	if !old.Closed && old.ClosedOn.IsZero() {
		next.Closed, next.ClosedOn = from.Closed, from.ClosedOn
	}
	return next
}
