package notify_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/notify"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
	"ecluse/internal/store/sqldb"
	"ecluse/internal/store/storetest"
)

const (
	college person.UAI = "0590001A"
	ecole   person.UAI = "0590002B"
	lycee   person.UAI = "0620003C"
)

func day(y int, m time.Month, d int) registry.Date { return registry.Date{Year: y, Month: m, Day: d} }

// now is a Tuesday, at noon in Paris.
func now() time.Time { return time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC) }

// academy is a small one: three schools in two departments, a service and a source.
func academy() registry.Contents {
	c := registry.Contents{
		Revision: 1,
		Services: []registry.Service{{ID: "pix", Name: registry.Text{FR: "Pix", EN: "Pix (en)"}}, {ID: "lire", Name: registry.Text{FR: "Lire\nBcc: x"}}},
		Sources:  []registry.Source{{ID: "educonnect", Name: registry.Text{FR: "ÉduConnect"}, UAIs: []person.UAI{college}}},
		Establishments: []registry.Establishment{
			{UAI: college, Name: "Collège Jean Moulin", Kind: registry.College, Academy: "lille", Department: "059"},
			{UAI: ecole, Name: "École Prévert", Kind: registry.Ecole, Academy: "lille", Department: "059"},
			{UAI: lycee, Name: "Lycée Blaringhem", Kind: registry.Lycee, Academy: "lille", Department: "062"},
		},
	}
	registrytest.Cover(&c)
	return c
}

func declared(id, service string, scope registry.Scope, until registry.Date) registry.Declaration {
	return registry.Declaration{
		ID: id, ServiceID: service, Version: 1, State: registry.Approved, Scope: scope, From: day(2026, 1, 1), Until: until,
	}
}

func inSchools(uais ...person.UAI) registry.Scope {
	return registry.Scope{Level: registry.ByEstablishment, UAIs: uais}
}

func inLille() registry.Scope {
	return registry.Scope{Level: registry.ByAcademy, Academies: []string{"lille"}}
}

func inNord() registry.Scope {
	return registry.Scope{Level: registry.ByDepartment, Departments: []string{"059"}}
}

func view(t testing.TB, c registry.Contents, at time.Time) *notify.View {
	t.Helper()
	return notify.NewView(registry.NewSnapshot(c, registrytest.Paris()), at)
}

// told are the boxes of a list, in words.
func told(list []notify.Box) string {
	out := make([]string, len(list))
	for i, b := range list {
		out[i] = b.String()
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func stopped(at time.Time) []registry.Decision {
	return []registry.Decision{{At: at, State: registry.Suspended, Office: "DPD", By: "handle-4711", Reason: "Madame Dupont a dit"}}
}

// migrated is the empty database of every desk.
var migrated = storetest.NewTemplate(func(location string) error {
	db, err := sqldb.Open(context.Background(), location, sqldb.Options{})
	if err != nil {
		return err
	}
	return db.Close()
})

// desk is a notifier on a database of its own, with a clock that a test sets.
type desk struct {
	notify.Notifier
	outbox *sqldb.Mails
	at     time.Time
	c      registry.Contents
	zone   *time.Location
}

func newDesk(t *testing.T, c registry.Contents) *desk {
	t.Helper()
	db, err := sqldb.Open(t.Context(), migrated.SQLite(t), sqldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	w, err := notify.NewWriter("https://sso.example.org/bureau/", registrytest.Paris())
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{outbox: &sqldb.Mails{DB: db}, at: now(), c: c, zone: registrytest.Paris()}
	d.Notifier = notify.Notifier{
		Outbox: d.outbox, Writer: w, Schedule: notify.Schedule{Day: time.Monday, Hour: 7}, Now: func() time.Time { return d.at },
		Reaches: func(notify.Box) bool { return true },
	}
	return d
}

// look looks at an instant and gives the mails that are new since the last look.
func (d *desk) look(t *testing.T, at time.Time) []notify.Mail {
	t.Helper()
	d.at = at
	if err := d.Look(t.Context(), registry.NewSnapshot(d.c, d.zone)); err != nil {
		t.Fatal(err)
	}
	return d.taken(t)
}

func (d *desk) taken(t *testing.T) []notify.Mail {
	t.Helper()
	if counts, err := d.outbox.Count(t.Context(), d.at); err != nil || counts[notify.Queued] == 0 {
		if err != nil {
			t.Fatal(err)
		}
		return nil // most looks find nothing, and a lease is a write
	}
	list, err := d.outbox.Lease(t.Context(), 1000, d.at.Add(time.Second), d.at.AddDate(9, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// boxes are the boxes of mails, in words.
func boxes(list []notify.Mail) string {
	out := map[notify.Box]bool{}
	for _, m := range list {
		out[m.To] = true
	}
	if len(out) != len(list) {
		return "a box twice"
	}
	return told(slices.Collect(maps.Keys(out)))
}
