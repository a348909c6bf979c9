package desk_test

import (
	"strings"
	"testing"

	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func another(id, provider string) registry.Service {
	s := reading()
	s.ID, s.Provider, s.Name.FR = id, provider, id
	s.Bindings = []registry.Binding{{Protocol: "saml", Handle: "urn:" + id}}
	return s
}

func TestAnAdministratorConnectsAServiceAndNeverStopsOne(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := another("calcul", "Éditions Calcul")
	s.Suspended = true
	s.Decisions = []registry.Decision{{By: "me"}}
	s.ManagedBy = "mine.yaml"
	got := ok[registry.Service](t)(p.PutService(t.Context(), in("admin"), s, ""))
	if got.Suspended || got.Decisions != nil || got.ManagedBy != "" {
		t.Errorf("%+v", got)
	}
	if _, there := p.snapshot().Service("calcul"); !there {
		t.Error("the service is not registered")
	}
	ok[registry.Service](t)(p.SuspendService(t.Context(), in("oncall"), "calcul", true, "incident"))
	s.Suspended, s.Contact = false, "contact@example.org"
	if got = ok[registry.Service](t)(p.PutService(t.Context(), in("admin"), s, "")); !got.Suspended || len(got.Decisions) != 1 {
		t.Errorf("changing a service started it again: %+v", got)
	}
	for _, c := range []roles.Caller{in("recteur"), in("dpo"), in("drane"), headOfVeil(), teacher()} {
		_, err := p.PutService(t.Context(), c, s, "")
		wantDenied(t, err, "role")
	}
}

func TestNoTwoServicesHaveOneName(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := another("calcul", "Éditions Calcul")
	s.Bindings = append(s.Bindings, reading().Bindings[0], s.Bindings[0])
	_, err := p.PutService(t.Context(), in("admin"), s, "")
	found := wantInvalid(t, err, "bindings[1].handle", "bindings[2].handle")
	if len(found) == 2 && !strings.Contains(found[0].What, "service Lire has") {
		t.Errorf("%v does not say whose name it is", found)
	}
	s = reading()
	s.Contact = "x@example.org"
	ok[registry.Service](t)(p.PutService(t.Context(), in("admin"), s, ""))
}

func TestAServiceWantsWhatItsProtocolsWant(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.Settings = func(s registry.Service) []registry.Finding {
		return []registry.Finding{{Where: "bindings[0].settings", What: "no metadata"}, {Where: "x", What: "worth knowing", Severity: registry.Note}}
	}
	s := another("calcul", "")
	_, err := p.PutService(t.Context(), in("admin"), s, "")
	wantInvalid(t, err, "bindings[0].settings", "provider", "x")
	p.Settings = func(registry.Service) []registry.Finding {
		return []registry.Finding{{Where: "x", What: "worth knowing", Severity: registry.Note}}
	}
	s.Provider = "Éditions"
	ok[registry.Service](t)(p.PutService(t.Context(), in("admin"), s, ""))
}

func TestWhatFilesOrTheProgramManageIsNotChangedAtTheDesk(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := another("calcul", "Éditions")
	s.ManagedBy = "services.yaml"
	p.given(registry.Change{Services: []registry.Service{s}})
	s.Contact = "x@example.org"
	_, err := p.PutService(t.Context(), in("admin"), s, "")
	wantConflict(t, err, "managed")
	for _, id := range []string{registry.House, registry.Desk} {
		_, err = p.PutService(t.Context(), in("admin"), another(id, "nous"), "")
		wantConflict(t, err, "managed")
	}
	old, _ := p.snapshot().Service("lire")
	tag := desk.Tag(old)
	old.Contact = "a@example.org"
	ok[registry.Service](t)(p.PutService(t.Context(), in("admin"), old, tag))
	old.Contact = "b@example.org"
	_, err = p.PutService(t.Context(), in("admin"), old, tag)
	wantConflict(t, err, "changed")
	_, err = p.PutService(t.Context(), in("admin"), another("neuf", "x"), tag)
	wantMissing(t, err, "service")
}

// notes lists what is worth knowing at a place.
func notes(found []registry.Finding, where, word string) int {
	n := 0
	for _, f := range found {
		if f.Severity == registry.Note && f.Where == where && strings.Contains(f.What, word) {
			n++
		}
	}
	return n
}

func TestHardCase34AServiceThatIsResoldKeepsItsSector(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	sold := reading()
	sold.Provider, sold.Name.FR = "Grand Groupe", "Lire +"
	found := ok[[]registry.Finding](t)(p.Remarks(t.Context(), in("admin"), sold))
	if notes(found, "provider", "new version of the declaration") != 1 || notes(found, "sector", "") != 0 {
		t.Errorf("%v", found)
	}
	got := ok[registry.Service](t)(p.PutService(t.Context(), in("admin"), sold, ""))
	if got.Family() != "lire" {
		t.Errorf("the sector became %s", got.Family())
	}
	if d := p.snapshot().Declarations("lire"); len(d) != 1 || d[0].Supplier.Name != "Éditions Lire" {
		t.Error("the declaration names a supplier that nobody declared")
	}
	merged := got
	merged.Sector = "groupe"
	found = ok[[]registry.Finding](t)(p.Remarks(t.Context(), in("admin"), merged))
	if notes(found, "sector", "pseudonym changes") != 1 {
		t.Errorf("%v", found)
	}
	family := another("lire-plus", "Grand Groupe")
	family.Sector = "lire"
	found = ok[[]registry.Finding](t)(p.Remarks(t.Context(), in("admin"), family))
	if notes(found, "sector", "service Lire + of Grand Groupe") != 1 {
		t.Errorf("%v", found)
	}
	_, err := p.Remarks(t.Context(), teacher(), family)
	wantDenied(t, err, "role")
}

func TestHardCase35TwoWaysToOneProviderAreTold(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	found := ok[[]registry.Finding](t)(p.Remarks(t.Context(), in("admin"), another("lire-gar", " éditions LIRE ")))
	if notes(found, "provider", "cannot be linked") != 1 || registry.Blocks(found) {
		t.Errorf("%v", found)
	}
	if found = ok[[]registry.Finding](t)(p.Remarks(t.Context(), in("admin"), another("x", "Autre"))); len(found) != 0 {
		t.Errorf("%v", found)
	}
}

func TestHardCase43OneActStopsAServiceAndTheRecteurStartsItAgain(t *testing.T) {
	t.Parallel()
	for _, who := range []string{"dpo", "oncall", "recteur"} {
		p := newPlace(t)
		p.given(registry.Change{Appointments: []registry.Appointment{office("secretary", registry.Recteur, registry.Over{Academies: []string{aca}})}})
		s := ok[registry.Service](t)(p.SuspendService(t.Context(), in(who), "lire", true, "données exposées"))
		if stored, _ := p.snapshot().Service("lire"); !s.Suspended || !stored.Suspended || stored.Decisions[0].By != who || stored.Decisions[0].Reason != "données exposées" {
			t.Errorf("%+v", stored)
		}
		_, err := p.SuspendService(t.Context(), in(who), "lire", true, "encore")
		wantConflict(t, err, "state")
		_, err = p.SuspendService(t.Context(), in("admin"), "lire", false, "fini")
		wantDenied(t, err, "role")
		_, err = p.SuspendService(t.Context(), headOfVeil(), "lire", false, "fini")
		wantDenied(t, err, "perimeter")
		if who == "recteur" {
			_, err = p.SuspendService(t.Context(), in("recteur"), "lire", false, "fini")
			wantDenied(t, err, "own_act")
		}
		_, err = p.SuspendService(t.Context(), in("secretary"), "lire", false, "")
		wantInvalid(t, err, "reason")
		s = ok[registry.Service](t)(p.SuspendService(t.Context(), in("secretary"), "lire", false, "corrigé"))
		if s.Suspended || len(s.Decisions) != 2 || len(p.kept("service_suspend")) != 1 || len(p.kept("service_lift")) != 1 {
			t.Errorf("%+v", s)
		}
	}
	p := newPlace(t)
	for _, c := range []roles.Caller{in("admin"), in("drane"), headOfVeil(), teacher()} {
		_, err := p.SuspendService(t.Context(), c, "lire", true, "incident")
		wantDenied(t, err, "role")
	}
	_, err := p.SuspendService(t.Context(), in("dpo"), "lire", true, "")
	wantInvalid(t, err, "reason")
	_, err = p.SuspendService(t.Context(), in("dpo"), "none", true, "incident")
	wantMissing(t, err, "service")
	managed := another("calcul", "x")
	managed.ManagedBy = "services.yaml"
	p.given(registry.Change{Services: []registry.Service{managed}})
	ok[registry.Service](t)(p.SuspendService(t.Context(), in("dpo"), "calcul", true, "incident"))
}

func TestASourceIsApprovedByTheRecteurAndStoppedByMore(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	for _, c := range []roles.Caller{in("admin"), in("dpo"), in("drane"), in("dasen"), headOfVeil(), teacher()} {
		_, err := p.ApproveSource(t.Context(), c, "annuaire", registry.Approved, "")
		wantDenied(t, err, "role")
	}
	_, err := p.ApproveSource(t.Context(), in("elsewhere"), "none", registry.Approved, "")
	wantDenied(t, err, "perimeter")
	_, err = p.ApproveSource(t.Context(), in("recteur"), "annuaire", registry.Suspended, "")
	wantInvalid(t, err, "state")
	_, err = p.ApproveSource(t.Context(), in("recteur"), "annuaire", registry.Refused, "")
	wantInvalid(t, err, "reason")
	s := ok[registry.Source](t)(p.ApproveSource(t.Context(), in("recteur"), "annuaire", registry.Approved, ""))
	if d := s.Declaration; d.State != registry.Approved || d.Demo || d.Decisions[0].By != "recteur" || !d.InForce(p.clock, p.snapshot().Zone()) {
		t.Errorf("%+v", d)
	}
	_, err = p.ApproveSource(t.Context(), in("recteur"), "annuaire", registry.Approved, "")
	wantConflict(t, err, "state")
	_, err = p.ApproveSource(t.Context(), in("recteur"), "annuaire", registry.Refused, "la finalité ne couvre pas")
	wantConflict(t, err, "state")

	p.given(registry.Change{Appointments: []registry.Appointment{office("secretary", registry.Recteur, registry.Over{Academies: []string{aca}})}})
	for _, who := range []string{"dpo", "oncall", "admin", "recteur"} {
		s = ok[registry.Source](t)(p.SuspendSource(t.Context(), in(who), "annuaire", true, "incident"))
		if !s.Suspended {
			t.Errorf("%s did not stop the source", who)
		}
		_, err = p.SuspendSource(t.Context(), in("admin"), "annuaire", false, "fini")
		wantDenied(t, err, "role")
		s = ok[registry.Source](t)(p.SuspendSource(t.Context(), in("secretary"), "annuaire", false, "corrigé"))
	}
	if s.Suspended || len(s.Decisions) != 8 {
		t.Errorf("%+v", s)
	}
	_, err = p.SuspendSource(t.Context(), teacher(), "annuaire", true, "incident")
	wantDenied(t, err, "role")
	_, err = p.SuspendSource(t.Context(), in("dpo"), "annuaire", true, "")
	wantInvalid(t, err, "reason")
}

func TestOnlyASubmittedDeclarationOfASourceIsDecidedOn(t *testing.T) {
	t.Parallel()
	for _, state := range []registry.State{
		"", registry.Draft, registry.InReview, registry.ToCorrect, registry.Approved, registry.Suspended, registry.Refused, registry.Archived,
	} {
		p := newPlace(t)
		s := directory()
		s.Declaration.State = state
		p.given(registry.Change{Sources: []registry.Source{s}})
		for _, want := range []registry.State{registry.Approved, registry.Refused} {
			if state == registry.Suspended && want == registry.Approved {
				continue
			}
			_, err := p.ApproveSource(t.Context(), in("recteur"), s.ID, want, "la finalité ne couvre pas")
			wantConflict(t, err, "state")
		}
		if kept, _ := p.snapshot().Source(s.ID); kept.Declaration.State != state || len(kept.Declaration.Decisions) != 0 {
			t.Errorf("from %q it went to %+v", state, kept.Declaration)
		}
	}
	p := newPlace(t)
	s := ok[registry.Source](t)(p.ApproveSource(t.Context(), in("recteur"), "annuaire", registry.Refused, "la finalité ne couvre pas"))
	if d := s.Declaration; d.State != registry.Refused || d.InForce(p.clock, p.snapshot().Zone()) || len(d.Decisions) != 1 || d.Decisions[0].Reason == "" {
		t.Errorf("%+v", s.Declaration)
	}
	_, err := p.ApproveSource(t.Context(), in("recteur"), "annuaire", registry.Approved, "")
	wantConflict(t, err, "state")
	s.Declaration.State, s.Declaration.Covers = registry.Submitted, "l'interconnexion avec la passerelle"
	p.given(registry.Change{Sources: []registry.Source{s}})
	if s = ok[registry.Source](t)(p.ApproveSource(t.Context(), in("recteur"), "annuaire", registry.Approved, "")); s.Declaration.State != registry.Approved || len(s.Declaration.Decisions) != 2 {
		t.Errorf("%+v", s.Declaration)
	}
}

func TestASourceWithoutAWholeDeclarationIsNotApproved(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*registry.Source)
		code   string
	}{
		"no declaration": {func(s *registry.Source) { s.Declaration = nil }, "state"},
		"no purpose":     {func(s *registry.Source) { s.Declaration.Covers = "" }, "findings"},
		"no end":         {func(s *registry.Source) { s.Declaration.Until = registry.Date{} }, "findings"},
		"over":           {func(s *registry.Source) { s.Declaration.Until = day("2026-11-22") }, "state"},
	} {
		p := newPlace(t)
		s := directory()
		s.ID = "autre"
		c.change(&s)
		p.given(registry.Change{Sources: []registry.Source{s}})
		_, err := p.ApproveSource(t.Context(), in("recteur"), "autre", registry.Approved, "")
		t.Log(name)
		wantConflict(t, err, c.code)
	}
}
