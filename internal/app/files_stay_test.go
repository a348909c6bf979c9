package app

import (
	"strings"
	"testing"

	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// desk is one on the office's registry, and its recteur.
func (o *office) desk() (*desk.Desk, roles.Caller) {
	o.t.Helper()
	day := registry.DateOf(o.b.now())
	o.put(registry.Change{Appointments: []registry.Appointment{{
		ID: "recteur", Role: registry.Recteur, Over: registry.Over{Academies: []string{"exemple"}}, Reason: "décret", From: day,
		Until: day.Add(300), State: registry.ConfirmedApp, Holder: "handle-of-the-recteur",
	}}})
	return &desk.Desk{
		Store: o.b.store, Words: o.b.words, Now: o.b.now, Journal: o.b.journal,
		Live: &registry.Live{Store: o.b.store, Zone: o.b.zone, Now: o.b.now, Shipped: o.b.shipped}, StepUps: desktest.Confirming{},
	}, roles.Caller{Handle: "handle-of-the-recteur"}
}

func TestTheSameFilesLiftNoSuspensionOfTheDeskAndForgetNoApproval(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.write("a.yaml", aSchool+"---\n"+aService+"---\n"+aSource)
	o.applied()
	d, recteur := o.desk()
	if _, err := d.SuspendService(t.Context(), recteur, o.contents().Services[0].ID, true, "fuite de données"); err != nil {
		t.Fatal(err)
	}
	source := o.contents().Sources[0].ID
	if _, err := d.ApproveSource(t.Context(), recteur, source, registry.Approved, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := d.SuspendSource(t.Context(), recteur, source, true, "annuaire compromis"); err != nil {
		t.Fatal(err)
	}
	stays := func() {
		t.Helper()
		c := o.contents()
		if s := c.Services[0]; !s.Suspended || len(s.Decisions) != 1 || s.Decisions[0].Reason != "fuite de données" {
			t.Errorf("the service: suspended %v, %v", s.Suspended, s.Decisions)
		}
		s := c.Sources[0]
		if !s.Suspended || len(s.Decisions) != 1 || s.Declaration == nil || s.Declaration.State != registry.Approved || len(s.Declaration.Decisions) != 1 {
			t.Errorf("the source: suspended %v, %v, declaration %+v", s.Suspended, s.Decisions, s.Declaration)
		}
	}
	wantLines(t, o.applied(), "nothing to change")
	stays()
	o.write("a.yaml", aSchool+"---\n"+strings.Replace(aService, "Lire SAS", "Lire SA", 1)+"---\n"+
		strings.Replace(aSource, "fr: Annuaire", "fr: Annuaire fédérateur", 1))
	wantLines(t, o.applied(), "stays suspended: a person lifts that")
	stays()
	if c := o.contents(); c.Services[0].Provider != "Lire SA" || c.Sources[0].Name.FR != "Annuaire fédérateur" {
		t.Errorf("the rest is not what the files say: %+v", c.Services[0])
	}
	bare, _, _ := strings.Cut(aSource, "declaration:")
	o.write("a.yaml", aSchool+"---\n"+aService+"---\n"+bare)
	if _, err := o.apply(); err == nil {
		t.Error("a file leaves the declaration of a source out")
	}
}
