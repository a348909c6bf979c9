package desk_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
	"ecluse/internal/roles"
	"ecluse/internal/store/sqldb"
)

// The establishments of the place: an école and its circonscription's inspector, a collège, a lycée without a head, a
// private school, one of another department, one that is closed, and a rectorat's service.
const (
	jules   = person.UAI("0280101H")
	veil    = person.UAI("0280202T")
	vacant  = person.UAI("0280303C")
	private = person.UAI("0280404M")
	far     = person.UAI("0410505X")
	gone    = person.UAI("0280606G")
	aca     = "exemple"
)

func right(uai person.UAI) person.UAI {
	for _, letter := range "ABCDEFGHJKLMNPRSTUVWXYZ" {
		if fits, err := person.ParseUAI(string(uai[:7]) + string(letter)); err == nil {
			return fits
		}
	}
	return uai
}

func day(s string) registry.Date {
	d, err := registry.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// place is a desk over a real database, with a clock that tests move.
type place struct {
	*desk.Desk
	t       *testing.T
	clock   time.Time
	db      *sqldb.DB
	journal *audit.Journal
}

func newPlace(t *testing.T) *place {
	t.Helper()
	db := desktest.Database(t)
	zone := registrytest.Paris()
	p := &place{t: t, db: db, clock: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	now := func() time.Time { return p.clock }
	p.journal = audittest.Journal(t, db.Audit(), keystest.Ring(t), "w-test", now)
	store := &sqldb.Registry{DB: db, Journal: p.journal}
	live := &registry.Live{
		Store: store, Zone: zone, Now: now,
		Shipped: registry.Contents{RuleSets: []registry.RuleSet{{Rules: someRules()}}},
	}
	p.Desk = &desk.Desk{Store: store, Live: live, Words: desktest.Words(t), Now: now, Journal: p.journal, StepUps: desktest.Confirming{}}
	p.given(furniture())
	return p
}

// given registers what a test begins with, as nobody's act.
func (p *place) given(c registry.Change) {
	p.t.Helper()
	_, err := p.Store.Apply(p.t.Context(), c, audit.Entry{Class: audit.ClassAdmin, Action: "apply", Outcome: audit.Done, Actor: "command:test"})
	if err != nil {
		p.t.Fatal(err)
	}
	p.snapshot()
}

func (p *place) snapshot() *registry.Snapshot {
	p.t.Helper()
	if err := p.Live.Refresh(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
	s, err := p.Live.Current()
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

func (p *place) at(moment string) {
	p.t.Helper()
	at, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		p.t.Fatal(err)
	}
	p.clock = at
	p.snapshot()
}

// kept lists what the journal says was done of an action.
func (p *place) kept(action string) []audit.Entry {
	p.t.Helper()
	var out []audit.Entry
	for _, class := range []audit.Class{audit.ClassAdmin} {
		rows, err := p.db.Audit().Rows(p.t.Context(), audit.Chain{Writer: "w-test", Class: class}, 0, 1000)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, row := range rows {
			if row.Action == action && row.Outcome == audit.Done {
				out = append(out, row.Entry)
			}
		}
	}
	return out
}

func (p *place) enabling(service string, uai person.UAI) registry.Enabling {
	p.t.Helper()
	e, _ := p.snapshot().Enabling(service, uai)
	return e
}

// furniture is the place itself: schools, offices, one service that the academy has examined.
func furniture() registry.Change {
	school := func(uai person.UAI, kind registry.Kind, change func(*registry.Establishment)) registry.Establishment {
		e := registry.Establishment{UAI: uai, Name: "École " + string(uai), Town: "Chartres", Kind: kind, Academy: aca, Department: "028"}
		if change != nil {
			change(&e)
		}
		return e
	}
	return registry.Change{
		Establishments: []registry.Establishment{
			school(right(jules), registry.Ecole, func(e *registry.Establishment) { e.District = "Chartres 1" }),
			school(right(veil), registry.College, nil),
			school(right(vacant), registry.Lycee, func(e *registry.Establishment) { e.Vacant = true }),
			school(right(private), registry.College, func(e *registry.Establishment) { e.Private = true }),
			school(right(far), registry.College, func(e *registry.Establishment) { e.Department = "041" }),
			school(right(gone), registry.College, func(e *registry.Establishment) { e.Closed = true }),
		},
		Services:     []registry.Service{reading()},
		Declarations: []registry.Declaration{examined(1, registry.Approved)},
		Sources:      []registry.Source{directory()},
		Appointments: []registry.Appointment{
			office("recteur", registry.Recteur, registry.Over{Academies: []string{aca}}),
			office("dasen", registry.DASEN, registry.Over{Departments: []string{"028"}}),
			office("dpo", registry.DPO, registry.Over{Academies: []string{aca}}),
			office("drane", registry.DRANE, registry.Over{Academies: []string{aca}}),
			office("admin", registry.Admin, registry.Over{Academies: []string{aca}}),
			office("oncall", registry.OnCall, registry.Over{Academies: []string{aca}}),
			office("ien", registry.IEN, registry.Over{Circonscriptions: []string{"Chartres 1"}}),
			office("elsewhere", registry.Recteur, registry.Over{Academies: []string{"ailleurs"}}),
		},
	}
}

func office(handle string, role registry.Role, over registry.Over) registry.Appointment {
	return registry.Appointment{
		ID: "office-" + handle, Role: role, Over: over, Reason: "in office", Act: "arrêté " + handle,
		From: day("2026-09-01"), Until: day("2027-08-31"), State: registry.ConfirmedApp, Holder: handle, Author: "command:admin-link",
		Claim: "claimed-" + handle,
	}
}

func in(handle string) roles.Caller { return roles.Caller{Handle: handle} }

// at is somebody for whom a federation vouches at one establishment.
func at(handle string, role registry.Role, uais ...person.UAI) roles.Caller {
	return roles.Caller{Handle: handle, Held: []registry.Held{{
		Role: role, Over: registry.Over{UAIs: uais},
		From: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2027, 9, 1, 0, 0, 0, 0, time.UTC),
	}}}
}

func headOfVeil() roles.Caller { return at("head-veil", registry.HeadOfSchool, right(veil)) }

func teacher() roles.Caller { return at("teacher", registry.Staff, right(veil)) }

func reading() registry.Service {
	return registry.Service{
		ID: "lire", Name: registry.Text{FR: "Lire"}, Sentence: registry.Text{FR: "Pour lire."}, Provider: "Éditions Lire",
		Bindings: []registry.Binding{{Protocol: "saml", Handle: "https://lire.example/sp"}},
	}
}

// examined is a version of the academy's declaration of the service, available and enabled nowhere.
func examined(version int, state registry.State) registry.Declaration {
	d := registry.Declaration{
		ID: "lire-aca", ServiceID: "lire", Version: version,
		Controller: registry.Controller{Name: "Rectorat", Office: "recteur", DPO: "dpd@example.org"},
		Supplier:   registry.Supplier{Relation: registry.Processor, Name: "Éditions Lire", Evidence: registry.ByContract, Reference: "marché 1"},
		Scope:      registry.Scope{Level: registry.ByAcademy, Academies: []string{aca}},
		Purposes:   []registry.Text{{FR: "lire"}},
		Basis:      registry.Basis{Kind: registry.PublicInterest, Text: "code de l'éducation, art. L. 111-1"},
		Mode:       registry.Pseudonymous,
		Audience:   registry.Audience{Profiles: []person.Profile{person.Pupil}},
		Hosting:    []string{"FR"}, Retention: registry.Text{FR: "un an"},
		From: day("2026-09-01"), Until: day("2027-08-31"), State: state, Author: "drane",
	}
	if state == registry.Approved {
		d.Decisions = []registry.Decision{{At: time.Date(2026, 8, 20, 0, 0, 0, 0, time.UTC), State: registry.Approved, Office: "recteur", By: "recteur"}}
	}
	return d
}

func directory() registry.Source {
	return registry.Source{
		ID: "annuaire", Name: registry.Text{FR: "Annuaire"}, Connector: "ldap", Authority: "ac-exemple",
		Declaration: &registry.SourceDeclaration{
			State: registry.Submitted, Reference: "R-1", Covers: "interconnexion", From: day("2026-09-01"), Until: day("2027-08-31"),
			Controller: registry.Controller{Name: "Rectorat", Office: "recteur", DPO: "dpd@example.org"},
		},
	}
}

func someRules() registry.Rules {
	return registry.Rules{
		Note: "as shipped", ConsentAge: 15, Majority: 18, TermsMonths: 12, TermsGrace: 30, KeepMonths: 12,
		EEA:      []string{"FR", "DE"},
		Adequate: []registry.AdequacyRule{{Country: "CH", Law: "décision 2000/518/CE", Since: day("2000-08-25")}},
		Uses:     []registry.Use{{ID: "lire", Label: registry.Text{FR: "Lire"}}},
		DPIA:     []registry.Criterion{{ID: "mineurs", Label: registry.Text{FR: "Mineurs"}}, {ID: "echelle", Label: registry.Text{FR: "Échelle"}}},
		DPIAFrom: 2,
	}
}

// Want helpers: what kind of no an act gave.

func wantDenied(t *testing.T, err error, why string) {
	t.Helper()
	var denied *roles.Denied
	if !errors.As(err, &denied) || denied.Why != why {
		t.Errorf("error %v, want a denial (%s)", err, why)
	}
}

func wantConflict(t *testing.T, err error, code string) {
	t.Helper()
	var conflict *desk.Conflict
	if !errors.As(err, &conflict) || conflict.Code != code {
		t.Errorf("error %v, want a conflict (%s)", err, code)
	}
}

func wantMissing(t *testing.T, err error, kind string) {
	t.Helper()
	var missing *desk.NotFound
	if !errors.As(err, &missing) || missing.Kind != kind {
		t.Errorf("error %v, want no such %s", err, kind)
	}
}

// wantInvalid wants a mistake at each place, and no others.
func wantInvalid(t *testing.T, err error, places ...string) []registry.Finding {
	t.Helper()
	var invalid *desk.Invalid
	if !errors.As(err, &invalid) {
		t.Errorf("error %v, want mistakes at %q", err, places)
		return nil
	}
	var got []string
	for _, f := range invalid.Findings {
		got = append(got, f.Where)
	}
	slices.Sort(got)
	slices.Sort(places)
	if strings.Join(got, " ") != strings.Join(places, " ") {
		t.Errorf("mistakes at %q, want %q: %v", got, places, invalid.Findings)
	}
	return invalid.Findings
}

func ok[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			var invalid *desk.Invalid
			if errors.As(err, &invalid) {
				t.Fatal(fmt.Sprint(invalid.Findings))
			}
			t.Fatal(err)
		}
		return v
	}
}
