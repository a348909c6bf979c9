package registry_test

import (
	"slices"
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

func contents() registry.Contents {
	second := service()
	second.ID, second.Bindings = "compter", []registry.Binding{{Protocol: "oidc", Handle: "compter"}, {Protocol: "saml", Handle: "urn:compter"}}
	older, newer, other := declaration(), declaration(), declaration()
	newer.Version = 2
	other.ID = "lire-colleges"
	return registry.Contents{
		Revision: 7, Services: []registry.Service{service(), second}, Declarations: []registry.Declaration{older, other, newer},
		Establishments: []registry.Establishment{establishment()}, Sources: []registry.Source{{ID: "z"}, source()},
	}
}

func TestSnapshotFindsWhatIsRegisteredAndNothingElse(t *testing.T) {
	t.Parallel()
	s := registry.NewSnapshot(contents(), time.UTC)
	if s.Revision() != 7 || s.Zone() != time.UTC {
		t.Errorf("revision %d, zone %v", s.Revision(), s.Zone())
	}
	if v, ok := s.Service("lire"); !ok || v.ID != "lire" {
		t.Error("a registered service is not found")
	}
	if v, b, ok := s.Binding("saml", "urn:compter"); !ok || v.ID != "compter" || b.Handle != "urn:compter" {
		t.Error("a registered binding is not found, or the wrong one is")
	}
	if e, ok := s.Establishment(ecole); !ok || e.UAI != ecole {
		t.Error("a registered establishment is not found")
	}
	if v, ok := s.Source("ent"); !ok || v.ID != "ent" {
		t.Error("a registered source is not found")
	}
	for name, found := range map[string]bool{
		"another service": has(s.Service("autre")), "a service without a name": has(s.Service("")),
		"another establishment": has(s.Establishment(college)), "another source": has(s.Source("autre")),
		"a handle under another protocol": hasBinding(s, "oidc", "urn:compter"),
		"an unknown handle":               hasBinding(s, "saml", "urn:autre"), "no handle": hasBinding(s, "", ""),
		"declarations of another service": len(s.Declarations("autre")) > 0,
	} {
		if found {
			t.Errorf("%s is found", name)
		}
	}
}

func has[T any](_ T, ok bool) bool { return ok }

func hasBinding(s *registry.Snapshot, protocol, handle string) bool {
	_, _, ok := s.Binding(protocol, handle)
	return ok
}

func TestSnapshotListsInAFixedOrder(t *testing.T) {
	t.Parallel()
	s := registry.NewSnapshot(contents(), time.UTC)
	var services, sources, declarations []string
	for _, v := range s.Services() {
		services = append(services, v.ID)
	}
	for _, v := range s.Sources() {
		sources = append(sources, v.ID)
	}
	for _, d := range s.Declarations("lire") {
		declarations = append(declarations, d.ID+"/"+string(rune('0'+d.Version)))
	}
	for _, c := range []struct{ got, want []string }{
		{services, []string{"compter", "lire"}},
		{sources, []string{"ent", "z"}},
		{declarations, []string{"lire-ecoles/2", "lire-colleges/1", "lire-ecoles/1"}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("got %v, want %v", c.got, c.want)
		}
	}
}

func TestSnapshotDoesNotFollowWhatItWasMadeFrom(t *testing.T) {
	t.Parallel()
	c := contents()
	s := registry.NewSnapshot(c, time.UTC)
	c.Services[0].ID, c.Services[0].Suspended = "autre", true
	c.Declarations[0].State, c.Establishments[0].Closed, c.Sources[1].Suspended = registry.Approved, true, true
	c.Declarations = append(c.Declarations, registry.Declaration{ServiceID: "lire", Version: 9})
	if v, _ := s.Service("lire"); v.Suspended {
		t.Error("a service changed under the snapshot")
	}
	if d := s.Declarations("lire"); len(d) != 3 || slices.ContainsFunc(d, func(d registry.Declaration) bool { return d.State != "" }) {
		t.Error("declarations changed under the snapshot")
	}
	if e, _ := s.Establishment(ecole); e.Closed {
		t.Error("an establishment changed under the snapshot")
	}
	if v, _ := s.Source("ent"); v.Suspended {
		t.Error("a source changed under the snapshot")
	}
	list := s.Services()
	list[0].ID = "autre"
	if s.Services()[0].ID != "compter" {
		t.Error("the list of services is the snapshot's own")
	}
}

func TestNameThatTwoServicesClaimIsNobodys(t *testing.T) {
	t.Parallel()
	c := contents()
	thief := service()
	for _, id := range []string{"aaa", "zzz"} {
		thief.ID = id
		c.Services = append(c.Services, thief)
	}
	if v, _, ok := registry.NewSnapshot(c, time.UTC).Binding("saml", "https://lire.example/sp"); ok {
		t.Errorf("the name leads to %s", v.ID)
	}
	twice := service()
	twice.Bindings = append(twice.Bindings, twice.Bindings[0])
	s := registry.NewSnapshot(registry.Contents{Services: []registry.Service{twice}}, time.UTC)
	if _, _, ok := s.Binding("saml", "https://lire.example/sp"); !ok {
		t.Error("a name that one service gives twice is lost")
	}
}

func TestServiceWithoutAnIDIsReachedByNoName(t *testing.T) {
	t.Parallel()
	s := registry.NewSnapshot(registry.Contents{Services: []registry.Service{{Provider: "x"}}}, time.UTC)
	if hasBinding(s, "saml", "anything") {
		t.Error("an unknown name leads to a service without an id")
	}
}

func TestNilSnapshotKnowsNothing(t *testing.T) {
	t.Parallel()
	var s *registry.Snapshot
	if has(s.Service("lire")) || has(s.Source("ent")) || has(s.Establishment(ecole)) || hasBinding(s, "saml", "x") ||
		s.Services() != nil || s.Sources() != nil || s.Declarations("lire") != nil || s.Revision() != 0 || s.Zone() != time.UTC {
		t.Error("the nil snapshot knows something")
	}
	if registry.NewSnapshot(registry.Contents{}, nil).Zone() != time.UTC {
		t.Error("no zone is not UTC")
	}
}

func TestFamilyIsTheSectorOrTheServiceItself(t *testing.T) {
	t.Parallel()
	s := service()
	if s.Family() != "lire" {
		t.Errorf("family %q", s.Family())
	}
	if s.Sector = "lecture"; s.Family() != "lecture" {
		t.Errorf("family %q", s.Family())
	}
}

func TestTextFallsBackToFrench(t *testing.T) {
	t.Parallel()
	both, french := registry.Text{FR: "école", EN: "school"}, registry.Text{FR: "école"}
	if both.In("en") != "school" || both.In("fr") != "école" || french.In("en") != "école" || both.In("de") != "école" {
		t.Error("a text in the wrong language")
	}
}

func TestThePersonsSchoolsAreThoseOpenNowEachOnceAsTheSourceListsThem(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	at := func(uai person.UAI, closed bool, last string) registry.Establishment {
		e := registry.Establishment{UAI: uai, Closed: closed}
		if last != "" {
			e.ClosedOn = day(last)
		}
		return e
	}
	s := registry.NewSnapshot(registry.Contents{Establishments: []registry.Establishment{
		at("0280101H", false, ""), at("0280202T", false, "2026-11-23"), at("0280303C", true, ""), at("0280404M", false, "2026-11-22"), at("0280505X", false, ""),
	}}, time.UTC)
	who := person.Person{Affiliations: []person.Affiliation{
		{UAI: "0280202T", Profile: person.Teacher},
		{UAI: "0280101H", Profile: person.Teacher, Until: noon.Add(1)},
		{UAI: "0280202T", Profile: person.Guardian},
		{UAI: "0280303C"},
		{UAI: "0280404M"},
		{UAI: "0280999X"},
		{UAI: "0280505X", From: noon.Add(1)},
		{UAI: "0280505X", Until: noon},
	}}
	var got []person.UAI
	for _, e := range s.SchoolsOf(who, noon) {
		got = append(got, e.UAI)
	}
	if want := []person.UAI{"0280202T", "0280101H"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := s.SchoolsOf(person.Person{}, noon); got != nil {
		t.Errorf("somebody who is nowhere is at %v", got)
	}
	if got := (*registry.Snapshot)(nil).SchoolsOf(who, noon); got != nil {
		t.Errorf("without a registry somebody is at %v", got)
	}
}
