package desk

import (
	"context"
	"encoding/json"
	"fmt"

	"ecluse/internal/charter"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Charters lists the charters by level and name. What a charter says hangs on the walls of a school: whoever holds a role
// may read it.
func (d *Desk) Charters(ctx context.Context, c roles.Caller) ([]registry.Charter, error) {
	g, err := d.glance(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := g.may(roles.Read, roles.Target{}); err != nil {
		return nil, err
	}
	return g.Snapshot.Charters(), nil
}

// Charter finds the charter of an academy, a department or an establishment.
func (d *Desk) Charter(ctx context.Context, c roles.Caller, level registry.Level, of string) (registry.Charter, error) {
	all, err := d.Charters(ctx, c)
	name := registry.CharterName(level, of)
	return one("charter", name, all, err, func(o registry.Charter) bool { return o.Name() == name })
}

// PutCharter writes the charter of an academy, a department or an establishment, and keeps each text under its version. It
// holds at once: who has not read a version that is new is asked at their next sign-in.
func (d *Desk) PutCharter(ctx context.Context, c roles.Caller, next registry.Charter, tag string) (registry.Charter, error) {
	next.ManagedBy = ""
	err := d.settle(ctx, c, "charter_put", func(t *turn) error {
		t.detail("charter", next.Name())
		t.entry.UAI = string(next.UAI)
		if _, err := t.may(roles.EditCharter, roles.Target{Declaration: &registry.Declaration{Scope: next.Scope()}}); err != nil {
			return err
		}
		old, known := t.Snapshot.Charter(next.Level(), next.Of())
		switch {
		case known:
			if err := match(old, tag); err != nil {
				return err
			}
		case tag != "":
			return &NotFound{"charter", next.Name()}
		}
		if err := editable("charter", next.Name(), old.ManagedBy); err != nil {
			return err
		}
		if err := t.charterForm(next); err != nil {
			return err
		}
		if known && Tag(old) == Tag(next) {
			return errIdle
		}
		for i, w := range charter.Wordings() {
			if version := next.Texts()[i].Version(); version != "" {
				t.detail(string(w), version)
			}
		}
		t.detail("mode", string(next.Mode))
		t.change.Charters, t.change.Files = []registry.Charter{next}, next.Files()
		return nil
	})
	if err != nil {
		return registry.Charter{}, err
	}
	return next, nil
}

// charterForm says everything that is wrong with a charter, and wants somebody who would read it.
func (t *turn) charterForm(c registry.Charter) error {
	var tenants []person.UAI
	reached := false
	for _, school := range t.Establishments() {
		if c.Reaches(school) {
			reached, tenants = true, append(tenants, registry.TestTenants(school)...)
		}
	}
	m := mistakes(c.Check(tenants...))
	m.say(c.Level() != "" && !reached, string(c.Level()), fmt.Sprintf("no establishment of %q is registered: nobody would read it", c.Of()), "")
	return m.err()
}

// CharterText gives the text of one version, that of one which no longer holds too, as it was when it was read.
func (d *Desk) CharterText(ctx context.Context, c roles.Caller, version string) (registry.CharterText, error) {
	var text registry.CharterText
	if _, err := d.Charters(ctx, c); err != nil {
		return text, err
	}
	none := &NotFound{"text of a charter", version}
	if !isHash(version) {
		return text, none
	}
	file, ok, err := d.Store.File(ctx, version)
	switch {
	case err != nil:
		return text, fmt.Errorf("desk: %w", err)
	case !ok || file.Type != registry.CharterFile: // other papers are read by those whom they bind
		return text, none
	}
	return text, json.Unmarshal(file.Body, &text)
}

// Applied is what holds in an establishment: its texts by wording, the terms, and, for who keeps its register, how many
// have read.
type Applied struct {
	UAI       person.UAI            `json:"uai"`
	Texts     []AppliedText         `json:"texts"`
	Mode      registry.CharterMode  `json:"mode"`
	Year      int                   `json:"year"`               // in which the charter's year began
	Begins    registry.YearDay      `json:"begins"`             // the day from which it is asked anew
	Last      registry.Date         `json:"last,omitzero"`      // the last day of a reminder this year
	Guardians bool                  `json:"guardians"`          // whether they are asked too
	Contact   registry.Text         `json:"contact,omitzero"`   // to whom a question is put
	Pupils    bool                  `json:"pupils_are_asked"`   // not in an école: there the school attests
	Counts    []charter.Told        `json:"counts,omitempty"`   // numbers under ten are hidden
	Attested  []charter.Attestation `json:"attested,omitempty"` // this year's, by class
	Sums      *Attested             `json:"sums,omitempty"`
}

// AppliedText is the text of one wording and where it comes from.
type AppliedText struct {
	Wording charter.Wording      `json:"wording"`
	Version string               `json:"version"`
	Level   registry.Level       `json:"level"` // whose it is: inherited unless it is the establishment's
	Of      string               `json:"of"`
	Instead charter.Wording      `json:"instead,omitempty"` // the wording that stands in its place where it is not written
	Text    registry.CharterText `json:"text"`
}

// Attested sums up what a school attested.
type Attested struct {
	Classes int `json:"classes"`
	Read    int `json:"read"`
	Signed  int `json:"signed"`
}

// CharterAt gives what holds in an establishment today. Numbers are for those who keep its register, and by nobody's name.
func (d *Desk) CharterAt(ctx context.Context, c roles.Caller, uai person.UAI) (Applied, error) {
	g, err := d.glance(ctx, c)
	if err != nil {
		return Applied{}, err
	}
	on := roles.Target{UAIs: []person.UAI{uai}}
	school, known := g.Establishment(uai)
	if err := g.may(roles.Read, on); err != nil {
		return Applied{}, err
	}
	if !known {
		return Applied{}, &NotFound{"establishment", string(uai)}
	}
	terms := charter.TermsAt(g.Snapshot, school)
	a := Applied{
		UAI: uai, Mode: terms.Mode, Year: terms.Year(g.now, g.Zone()), Begins: terms.Begins, Last: terms.LastDay(g.now, g.Zone()),
		Guardians: terms.Guardians, Contact: terms.Contact, Pupils: school.Kind != registry.Ecole, Texts: []AppliedText{},
	}
	for _, w := range charter.Wordings() {
		text, ok := charter.TextAt(g.Snapshot, school, w)
		if !ok {
			continue
		}
		at := AppliedText{Wording: w, Version: text.Version, Level: text.From, Of: text.Of, Text: text.CharterText}
		if text.Wording != w {
			at.Instead = text.Wording
		}
		a.Texts = append(a.Texts, at)
	}
	if g.may(roles.Export, on) != nil || d.Readers == nil {
		return a, nil
	}
	return d.counted(ctx, a)
}

// counted adds how many have read.
func (d *Desk) counted(ctx context.Context, a Applied) (Applied, error) {
	counts, err := d.Readers.Counts(ctx, a.UAI, a.Year)
	if err != nil {
		return Applied{}, fmt.Errorf("desk: %w", err)
	}
	var versions []string
	for _, t := range a.Texts {
		versions = append(versions, t.Version)
	}
	a.Counts = charter.Tell(counts, versions...)
	if a.Attested, err = d.Readers.Attested(ctx, a.UAI, a.Year); err != nil {
		return Applied{}, fmt.Errorf("desk: %w", err)
	}
	a.Sums = &Attested{Classes: len(a.Attested)}
	for _, at := range a.Attested {
		a.Sums.Read, a.Sums.Signed = a.Sums.Read+at.Read, a.Sums.Signed+at.Signed
	}
	return a, nil
}
