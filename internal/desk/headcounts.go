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

// Headcount is how many pupils are in the classes and groups of an establishment. It is for those who see the drafts of
// declarations there: a class of one pupil is somebody. *NotFound where nobody counted.
func (d *Desk) Headcount(ctx context.Context, c roles.Caller, uai person.UAI) (registry.Headcount, error) {
	g, err := d.glance(ctx, c)
	if err != nil {
		return registry.Headcount{}, err
	}
	school, _ := g.Establishment(uai)
	if err := g.may(roles.Export, roles.Target{UAIs: []person.UAI{uai}}); err != nil {
		if edit := g.may(roles.EditSchool, roles.Target{Academy: school.Academy}); edit != nil {
			return registry.Headcount{}, err
		}
	}
	h, known := g.Snapshot.Headcount(uai)
	if !known {
		return h, &NotFound{"headcount", string(uai)}
	}
	return h, nil
}

// ImportHeadcounts writes how many pupils are in the classes and groups of establishments, all or none, after a preview;
// source is the list's name for the journal. An establishment is replaced whole. Those that files manage stay.
func (d *Desk) ImportHeadcounts(ctx context.Context, c roles.Caller, list []registry.Headcount, source string) (Report, error) {
	var report Report
	err := d.settle(ctx, c, "headcount_import", func(t *turn) error {
		report = Report{}
		if err := t.mayCount(list, source); err != nil {
			return err
		}
		if err := t.countable(list, source); err != nil {
			return err
		}
		for _, h := range list {
			h.ManagedBy = ""
			old, known := t.Snapshot.Headcount(h.UAI)
			if known && (old.ManagedBy != "" || Tag(old) == Tag(h)) {
				report.Unchanged++
				continue
			}
			t.change.Headcounts = append(t.change.Headcounts, h)
			report.Done++
			report.UAIs = append(report.UAIs, h.UAI)
		}
		t.detail("list", source)
		return t.decided(report)
	})
	if err != nil {
		return Report{}, err
	}
	return report, nil
}

// mayCount asks for each academy in which something was counted. What is counted nowhere is nobody's to write.
func (t *turn) mayCount(list []registry.Headcount, source string) error {
	academies := map[string]bool{}
	for _, h := range list {
		school, _ := t.Establishment(h.UAI)
		academies[school.Academy] = true
	}
	delete(academies, "") // an unknown establishment passes no form
	if len(academies) == 0 {
		return t.nowhere(roles.EditSchool, "", t.countable(list, source))
	}
	for _, academy := range slices.Sorted(maps.Keys(academies)) {
		if _, err := t.may(roles.EditSchool, roles.Target{Academy: academy}); err != nil {
			return err
		}
	}
	return nil
}

// countable names everything that is wrong with a list.
func (t *turn) countable(list []registry.Headcount, source string) error {
	var m mistakes
	m.say(len(list) == 0, "headcounts", "the list is empty", "")
	m.text("source", source, mostName)
	seen := map[person.UAI]bool{}
	for i, h := range list {
		where := fmt.Sprintf("headcounts[%d]", i)
		school, known := t.Establishment(h.UAI)
		m.say(!known, where+".uai", fmt.Sprintf("%s is not registered", h.UAI), "")
		m.say(known && school.ClosedAt(t.now, t.Zone()), where+".uai", fmt.Sprintf("%s is closed", h.UAI), "")
		m.say(seen[h.UAI], where+".uai", fmt.Sprintf("%s stands there already", h.UAI), "each establishment once")
		m.say(!h.On.IsZero() && !h.Holds(t.now, t.Zone()), where+".on", "a headcount holds for one year from its day", t.today().String())
		seen[h.UAI] = true
		for _, f := range h.Check(registry.TestTenants(school)...) {
			f.Where = where + "." + f.Where
			m = append(m, f)
		}
	}
	return m.err()
}
