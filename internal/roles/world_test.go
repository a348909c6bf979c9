package roles_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// The establishments of these tests, in academy exemple unless their name says else.
const (
	ecole    person.UAI = "0280101H"
	ecole2   person.UAI = "0280102J" // of the other circonscription
	private  person.UAI = "0280104L" // a private école
	college  person.UAI = "0280202T"
	college2 person.UAI = "0280303C"
	vacant   person.UAI = "0280404M" // no head in office
	shut     person.UAI = "0280505X"
	office   person.UAI = "0280001Z"
	inspects person.UAI = "0280900B" // the circonscription of ecole
	far      person.UAI = "0370201A" // in academy ailleurs
	farEcole person.UAI = "0370101B"
	unheard  person.UAI = "0999999Z"
)

var (
	zone = time.FixedZone("UTC+2", 2*3600)
	noon = time.Date(2026, 9, 15, 12, 0, 0, 0, zone)
)

type world struct{ registry.Contents }

func here(uai person.UAI, kind registry.Kind) registry.Establishment {
	return registry.Establishment{UAI: uai, Kind: kind, Academy: "exemple", Department: "028"}
}

func newWorld() *world {
	list := []registry.Establishment{
		here(ecole, registry.Ecole), here(ecole2, registry.Ecole), here(private, registry.Ecole), here(college, registry.College),
		here(college2, registry.College), here(vacant, registry.Lycee), here(shut, registry.Lycee), here(office, registry.Office),
		here(inspects, registry.Circonscription),
		{UAI: far, Kind: registry.Lycee, Academy: "ailleurs", Department: "037"},
		{UAI: farEcole, Kind: registry.Ecole, Academy: "ailleurs", Department: "037"},
	}
	list[0].District, list[1].District, list[2].Private = string(inspects), "other", true
	list[5].Vacant, list[6].ClosedOn = true, registry.Date{Year: 2026, Month: 8, Day: 31}
	return &world{registry.Contents{
		Establishments: list,
		Services:       []registry.Service{{ID: "lecture"}, {ID: "calcul"}},
		Sources:        []registry.Source{{ID: "annuaire"}, {ID: "ent", UAIs: []person.UAI{college}}},
		Declarations: []registry.Declaration{{
			ID: "d-calcul", ServiceID: "calcul", Version: 1, State: registry.Approved,
			Scope: registry.Scope{Level: registry.ByAcademy, Academies: []string{"exemple"}},
		}},
	}}
}

func (w *world) snapshot() *registry.Snapshot { return registry.NewSnapshot(w.Contents, zone) }

// appoint gives a role by hand for September, claimed and confirmed.
func (w *world) appoint(handle string, role registry.Role, over registry.Over) *registry.Appointment {
	w.Appointments = append(w.Appointments, registry.Appointment{
		ID: "a-" + handle, Role: role, Over: over, Reason: "written", Holder: handle, State: registry.ConfirmedApp,
		From: registry.Date{Year: 2026, Month: 9, Day: 1}, Until: registry.Date{Year: 2026, Month: 9, Day: 30},
	})
	return &w.Appointments[len(w.Appointments)-1]
}

func at(uais ...person.UAI) registry.Over { return registry.Over{UAIs: uais} }

func inAcademy(ids ...string) registry.Over { return registry.Over{Academies: ids} }

// by is a caller with one role that a federation vouches for until the evening.
func by(role registry.Role, uais ...person.UAI) roles.Caller {
	return roles.Caller{Handle: "h-" + string(role), Held: []registry.Held{{Role: role, Over: at(uais...), From: noon.Add(-time.Hour), Until: noon.Add(6 * time.Hour)}}}
}

func declared(level registry.Level, where ...string) *registry.Declaration {
	d := &registry.Declaration{ID: "d-lecture", ServiceID: "lecture", Version: 1, State: registry.Submitted, Author: "h-author", Scope: registry.Scope{Level: level}}
	switch level {
	case registry.ByAcademy:
		d.Scope.Academies = where
	case registry.ByDepartment:
		d.Scope.Departments = where
	case registry.ByEstablishment:
		for _, uai := range where {
			d.Scope.UAIs = append(d.Scope.UAIs, person.UAI(uai))
		}
	}
	return d
}

func schools(uais ...person.UAI) roles.Target { return roles.Target{Service: "lecture", UAIs: uais} }

func about(d *registry.Declaration) roles.Target {
	return roles.Target{Service: d.ServiceID, Declaration: d}
}

// may and mayNot ask the table and say in the test's words what went wrong.
func may(t *testing.T, s *registry.Snapshot, c roles.Caller, act roles.Act, on roles.Target) roles.Capacity {
	t.Helper()
	in, err := roles.May(s, noon, c, act, on)
	if err != nil {
		t.Errorf("%v on %s: %v, want yes", c, act, err)
	}
	return in
}

func mayNot(t *testing.T, s *registry.Snapshot, c roles.Caller, act roles.Act, on roles.Target, why string) {
	t.Helper()
	in, err := roles.May(s, noon, c, act, on)
	var denied *roles.Denied
	if !errors.As(err, &denied) {
		t.Errorf("%v on %s: allowed as %s, want a denial (%s)", c, act, in.Role, why)
		return
	}
	if denied.Why != why || denied.Act != act || (in != roles.Capacity{}) {
		t.Errorf("%v on %s: %v, want %s", c, act, denied, why)
	}
}

func names(held []registry.Held) []registry.Role {
	var out []registry.Role
	for _, h := range held {
		if !slices.Contains(out, h.Role) {
			out = append(out, h.Role)
		}
	}
	return out
}
