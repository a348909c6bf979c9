package registry_test

import (
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

func TestASchoolClosesAtTheEndOfItsLastDay(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("La Réunion", 4*3600)
	e := establishment()
	e.ClosedOn = day("2026-08-31")
	end := time.Date(2026, 9, 1, 0, 0, 0, 0, zone)
	if e.ClosedAt(end.Add(-1), zone) || !e.ClosedAt(end, zone) {
		t.Error("the last day is not the whole day there")
	}
	e.ClosedOn = registry.Date{}
	if e.ClosedAt(end, zone) {
		t.Error("a school without a last day is closed")
	}
	e.Closed = true
	if !e.ClosedAt(end.Add(-1), zone) {
		t.Error("a closed school is open")
	}
}

func TestWhoAnswersForAnEstablishment(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind    registry.Kind
		private bool
		want    registry.Role
	}{
		{registry.Ecole, false, registry.DASEN},
		{registry.Ecole, true, registry.HeadOfSchool},
		{registry.College, false, registry.HeadOfSchool},
		{registry.Lycee, false, registry.HeadOfSchool},
		{registry.Lycee, true, registry.HeadOfSchool},
		{registry.Office, false, registry.Recteur},
		{registry.Circonscription, false, registry.Recteur},
		{"", false, ""},
		{"unheard-of", false, ""},
	} {
		e := registry.Establishment{Kind: c.kind, Private: c.private}
		if got := e.Controller(); got != c.want {
			t.Errorf("%q, private %v: %q, want %q", c.kind, c.private, got, c.want)
		}
	}
}

func TestASourcesDeclarationMovesAsItMay(t *testing.T) {
	t.Parallel()
	legal := map[[2]registry.State]bool{
		{"", registry.Submitted}:                true,
		{registry.Draft, registry.Submitted}:    true,
		{registry.Submitted, registry.Approved}: true,
		{registry.Submitted, registry.Refused}:  true,
		{registry.Approved, registry.Suspended}: true,
		{registry.Suspended, registry.Approved}: true,
	}
	for _, from := range states() {
		for _, to := range states() {
			before := registry.SourceDeclaration{Reference: "R1", State: from, Decisions: make([]registry.Decision, 0, 4)}
			after, err := before.Move(registry.Decision{State: to, Office: "recteur"})
			if legal[[2]registry.State{from, to}] != (err == nil) {
				t.Errorf("from %q to %q: %v", from, to, err)
			}
			if err == nil && (after.State != to || len(after.Decisions) != 1 || len(before.Decisions) != 0) {
				t.Errorf("from %q to %q: the decision is not kept", from, to)
			}
			if err != nil && after.State != from {
				t.Errorf("from %q to %q: refused and changed all the same", from, to)
			}
		}
	}
}

// TestAViewFindsByOtherNamesWhatChangedInIt holds the indexes of a changed view to those of one made anew.
func TestAViewFindsByOtherNamesWhatChangedInIt(t *testing.T) {
	t.Parallel()
	first := declaration()
	base := registry.NewSnapshot(registry.Contents{
		Declarations: []registry.Declaration{first},
		Enablings:    []registry.Enabling{{Service: "lire", UAI: ecole, State: registry.Enabled}},
		Openings:     []registry.Opening{opening()},
	}, time.UTC)
	second, third := declaration(), declaration()
	second.Version, third.ID = 2, "autre"
	ended := opening()
	ended.Ended = true
	next := base.With(registry.Contents{
		Declarations: []registry.Declaration{second, third},
		Enablings: []registry.Enabling{
			{Service: "lire", UAI: ecole, State: registry.RefusedHere},
			{Service: "lire", UAI: college, State: registry.Enabled},
			{Service: "lire", UAI: college, State: registry.Withdrawn},
		},
		Openings: []registry.Opening{ended},
	})
	if got := next.Versions(first.ID); len(got) != 2 || got[0].Version != 2 || len(next.Versions("autre")) != 1 || next.Versions("x") != nil {
		t.Errorf("versions %v", got)
	}
	if d, ok := next.Declaration(first.ID, 1); !ok || d.Version != 1 {
		t.Error("an older version is lost")
	}
	if _, ok := next.Declaration(first.ID, 3); ok {
		t.Error("a version is found that is not")
	}
	if got := next.Said("lire"); len(got) != 2 || got[0] != ecole || got[1] != college {
		t.Errorf("said in %v", got)
	}
	if got := next.OpeningsOf("lire"); len(got) != 1 || !got[0].Ended {
		t.Errorf("openings %v", got)
	}
	if len(base.Versions(first.ID)) != 1 || len(base.Said("lire")) != 1 || base.OpeningsOf("lire")[0].Ended {
		t.Error("the view before has changed")
	}
	var none *registry.Snapshot
	if none.Versions("x") != nil || none.Said("x") != nil || none.OpeningsOf("x") != nil {
		t.Error("nobody's view knows something")
	}
}

func TestWhichSchoolsShareTheirDevices(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind registry.Kind
		says registry.Devices
		want bool
	}{
		{registry.Ecole, "", true},
		{registry.Ecole, registry.PersonalDevices, false},
		{registry.Ecole, registry.SharedDevices, true},
		{registry.College, "", false},
		{registry.College, registry.SharedDevices, true},
		{registry.Lycee, registry.PersonalDevices, false},
		{registry.Office, "", false},
		{registry.Lycee, "nobody knows", true},
	} {
		e := registry.Establishment{Kind: c.kind, Devices: c.says}
		if e.SharesDevices() != c.want {
			t.Errorf("%s that says %q: %v", c.kind, c.says, !c.want)
		}
	}
	e := establishment()
	e.Devices = "ours"
	if found := e.Check(); len(found) != 1 || found[0].Where != "devices" {
		t.Errorf("a word that nobody knows: %v", found)
	}
}

func TestASourceSpeaksForItsListAndWithoutOneForAllSchools(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		list []person.UAI
		want bool
	}{
		{nil, true},
		{[]person.UAI{}, true},
		{[]person.UAI{"0280202T"}, true},
		{[]person.UAI{"0280101H", "0280202T"}, true},
		{[]person.UAI{"0280101H"}, false},
		{[]person.UAI{""}, false},
	} {
		if got := (registry.Source{UAIs: c.list}).SpeaksFor("0280202T"); got != c.want {
			t.Errorf("%q: %t, want %t", c.list, got, c.want)
		}
	}
	if (registry.Source{UAIs: []person.UAI{"0280202T"}}).SpeaksFor("") {
		t.Error("a source with a list speaks for no school at all")
	}
}
