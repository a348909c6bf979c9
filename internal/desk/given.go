package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ecluse/internal/notice"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Giving is what a school records: whom it told of a service, which day and how. Note says where the proof is filed.
type Giving struct {
	UAI  person.UAI      `json:"uai"`
	To   registry.Reader `json:"to"`
	On   registry.Date   `json:"on"`
	How  registry.Manner `json:"how"`
	Note string          `json:"note,omitempty"`
}

// Notice is the notice of a service for those of an establishment, for who keeps the establishment's register. Where
// anything lacks there is none, and lacks say what.
func (d *Desk) Notice(ctx context.Context, c roles.Caller, ask notice.Ask) (notice.Notice, []notice.Lack, error) {
	g, err := d.glance(ctx, c)
	if err != nil {
		return notice.Notice{}, nil, err
	}
	if err := g.keepsRegister(ask.Service, ask.School.UAI); err != nil {
		return notice.Notice{}, nil, err
	}
	ask.School, _ = g.Establishment(ask.School.UAI)
	told, lacks := notice.Write(g.Snapshot, d.Words, g.now, ask)
	return told, lacks, nil
}

// keepsRegister wants a service in sight, and an establishment whose register is the caller's to read.
func (g glance) keepsRegister(service string, uai person.UAI) error {
	if _, known := g.Service(service); !known || g.may(roles.Read, roles.Target{Service: service}) != nil {
		return &NotFound{"service", service}
	}
	if err := g.may(roles.Export, roles.Target{UAIs: []person.UAI{uai}}); err != nil {
		return err
	}
	if _, known := g.Establishment(uai); !known {
		return &NotFound{"establishment", string(uai)}
	}
	return nil
}

// Given lists what an establishment recorded of notices about a service, the oldest first, for who keeps its register. It
// says in which function something was recorded, and never by whom.
func (d *Desk) Given(ctx context.Context, c roles.Caller, service string, uai person.UAI) ([]registry.Given, error) {
	g, err := d.glance(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := g.keepsRegister(service, uai); err != nil {
		return nil, err
	}
	list := slices.Clone(g.GivenAt(service, uai))
	for i := range list {
		list[i].By = ""
	}
	return list, nil
}

// Give records that an establishment gave a notice. It is about the version that a notice of today tells of; what lacks a
// notice was not given one. A record is added and never changed: whoever erred records anew.
func (d *Desk) Give(ctx context.Context, c roles.Caller, service string, given Giving) (registry.Given, error) {
	var made registry.Given
	err := d.act(ctx, c, "notice_given", func(t *turn) error {
		t.entry.Service, t.entry.UAI = service, string(given.UAI)
		in, err := t.may(roles.RecordNotice, roles.Target{UAIs: []person.UAI{given.UAI}})
		if err != nil {
			return err
		}
		if _, known := t.Service(service); !known {
			return &NotFound{"service", service}
		}
		school, known := t.Establishment(given.UAI)
		if !known {
			return &NotFound{"establishment", string(given.UAI)}
		}
		if err := t.givable(given); err != nil {
			return err
		}
		told, lacks := notice.Write(t.Snapshot, d.Words, t.now, notice.Ask{Service: service, School: school, To: given.To})
		if len(lacks) > 0 {
			return &Conflict{Code: "notice", What: "there is no notice to give: the declaration does not say all that the law wants told", Need: asFindings(lacks)}
		}
		made = registry.Given{
			ID: newID(), Service: service, UAI: given.UAI, Declaration: told.Declaration, Version: told.Version, To: given.To, On: given.On, How: given.How,
			Note: strings.TrimSpace(given.Note), Office: in.Office, By: c.Handle, At: t.now,
		}
		t.entry.Declaration, t.entry.Version = made.Declaration, made.Version
		for key, value := range map[string]string{"to": string(made.To), "on": made.On.String(), "how": string(made.How), "office": made.Office} {
			t.detail(key, value)
		}
		t.change.Given = []registry.Given{made}
		return nil
	})
	made.By = ""
	return made, err
}

// givable names everything that is wrong with what is recorded. A notice may be recorded a year later, as papers turn up, and
// not before it was given.
func (t *turn) givable(g Giving) error {
	var m mistakes
	m.say(!slices.Contains(registry.Readers(), g.To), "to", fmt.Sprintf("%q is nobody", g.To), fmt.Sprintf("one of %q", registry.Readers()))
	m.say(!slices.Contains(registry.Manners(), g.How), "how", fmt.Sprintf("%q is no way", g.How), fmt.Sprintf("one of %q", registry.Manners()))
	m.say(g.On.IsZero(), "on", "the day is missing", "yyyy-mm-dd")
	m.say(before(t.today(), g.On), "on", fmt.Sprintf("%s is still to come", g.On), "")
	m.say(!g.On.IsZero() && before(g.On, t.today().Add(-366)), "on", fmt.Sprintf("%s is more than a year ago", g.On), "")
	m.say(len([]rune(g.Note)) > mostName, "note", fmt.Sprintf("it is longer than %d characters", mostName), "where the proof is filed, in a few words")
	return m.err()
}

func asFindings(lacks []notice.Lack) []registry.Finding {
	var out []registry.Finding
	for _, l := range lacks {
		out = append(out, registry.Finding{Severity: registry.Blocking, Rule: "notice", Where: l.Where, What: l.What.FR, Law: l.Law})
	}
	return out
}
