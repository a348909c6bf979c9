package desk_test

import (
	"strings"
	"testing"

	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func newSchool(uai person.UAI) registry.Establishment {
	return registry.Establishment{UAI: uai, Name: "Collège neuf", Town: "Dreux", Kind: registry.College, Academy: aca, Department: "028"}
}

func TestAddingASchoolIsOneOperationThatInheritsByLevel(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	everywhere := examined(1, registry.Approved)
	everywhere.ID, everywhere.Scope.All = "partout", true
	p.given(registry.Change{Declarations: []registry.Declaration{everywhere}})
	uai := right("0281212A")
	e := ok[registry.Establishment](t)(p.PutEstablishment(t.Context(), in("admin"), newSchool(person.UAI(strings.ToLower(string(uai)))), ""))
	if e.UAI != uai {
		t.Errorf("registered as %s, want %s", e.UAI, uai)
	}
	if !everywhere.Scope.Covers(e) || len(p.snapshot().Enablings()) != 0 {
		t.Error("the school does not inherit by level alone")
	}
	r := ok[desk.Report](t)(p.Decide(t.Context(), at("h", registry.HeadOfSchool, uai), enable(uai)))
	if r.Done != 1 {
		t.Errorf("its head could not enable what is available: %+v", r)
	}
	revision := p.snapshot().Revision()
	ok[registry.Establishment](t)(p.PutEstablishment(t.Context(), in("admin"), newSchool(uai), desk.Tag(e)))
	if p.snapshot().Revision() != revision {
		t.Error("the same school was written twice")
	}
}

func TestHardCase29AWrongLetterIsRefusedAndTheRightOneProposed(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	uai := right("0281212A")
	wrong := uai[:7] + "Z"
	_, err := p.PutEstablishment(t.Context(), in("admin"), newSchool(wrong), "")
	found := wantInvalid(t, err, "uai")
	if len(found) != 1 || !strings.Contains(found[0].What+found[0].Mend, string(uai)) {
		t.Errorf("%v does not propose %s", found, uai)
	}
	test := newSchool(wrong)
	test.Test = true
	if e := ok[registry.Establishment](t)(p.PutEstablishment(t.Context(), in("admin"), test, "")); e.UAI != wrong {
		t.Errorf("a test tenant was registered as %s", e.UAI)
	}
	_, err = p.ImportEstablishments(t.Context(), in("admin"), []registry.Establishment{newSchool(uai), newSchool(wrong)}, "annuaire.csv")
	found = wantInvalid(t, err, "establishments[1].uai")
	if len(found) != 1 || !strings.Contains(found[0].What+found[0].Mend, string(uai)) {
		t.Errorf("%v does not propose %s", found, uai)
	}
	if _, there := p.snapshot().Establishment(uai); there {
		t.Error("half a list was written")
	}
}

func TestHardCase22AClosedSchoolMovesNothingToItsSuccessor(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	ok[desk.Report](t)(p.Decide(t.Context(), headOfVeil(), enable(right(veil))))
	e, _ := p.snapshot().Establishment(right(veil))
	e.ClosedOn, e.Successor = day("2026-11-30"), right(private)
	ok[registry.Establishment](t)(p.PutEstablishment(t.Context(), in("admin"), e, ""))
	if p.enabling("lire", right(veil)).State != registry.Enabled {
		t.Error("closing a school to come changed what is open today")
	}
	p.at("2026-12-01T09:00:00Z")
	if got := p.snapshot().Enablings(); len(got) != 1 || got[0].UAI != right(veil) {
		t.Errorf("enablings moved: %+v", got)
	}
	_, err := p.Decide(t.Context(), headOfVeil(), stop(registry.RefusedHere, right(veil)))
	wantDenied(t, err, "perimeter")
	if e, _ := p.snapshot().Establishment(right(veil)); !e.ClosedAt(p.clock, p.snapshot().Zone()) {
		t.Error("the school is not closed after its last day")
	}
}

func TestASuccessorIsAnotherSchoolThatIsOpen(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	e, _ := p.snapshot().Establishment(right(veil))
	e.ClosedOn = day("2026-11-30")
	for _, successor := range []person.UAI{right(veil), right(gone), right("0289999A")} {
		e.Successor = successor
		_, err := p.PutEstablishment(t.Context(), in("admin"), e, "")
		wantInvalid(t, err, "successor")
	}
	e.Successor, e.ClosedOn = right(private), registry.Date{}
	_, err := p.PutEstablishment(t.Context(), in("admin"), e, "")
	wantInvalid(t, err, "successor")
}

func TestSchoolsAreTheAdministratorsInTheirAcademy(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	for _, c := range []roles.Caller{in("recteur"), in("dpo"), in("drane"), headOfVeil(), teacher()} {
		_, err := p.PutEstablishment(t.Context(), c, newSchool(right("0281212A")), "")
		wantDenied(t, err, "role")
		_, err = p.ImportEstablishments(t.Context(), c, []registry.Establishment{newSchool(right("0281212A"))}, "annuaire.csv")
		wantDenied(t, err, "role")
	}
	foreign := newSchool(right("0281212A"))
	foreign.Academy = "ailleurs"
	_, err := p.PutEstablishment(t.Context(), in("admin"), foreign, "")
	wantDenied(t, err, "perimeter")
	p.given(registry.Change{Establishments: []registry.Establishment{foreign}})
	foreign.Academy = aca
	_, err = p.PutEstablishment(t.Context(), in("admin"), foreign, "")
	wantDenied(t, err, "perimeter")
	_, err = p.ImportEstablishments(t.Context(), in("admin"), []registry.Establishment{foreign}, "annuaire.csv")
	wantDenied(t, err, "perimeter")
}

func TestTheSecondOfTwoWritersOfASchoolIsTold(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	e, _ := p.snapshot().Establishment(right(veil))
	tag := desk.Tag(e)
	e.Name = "Collège Simone-Veil"
	ok[registry.Establishment](t)(p.PutEstablishment(t.Context(), in("admin"), e, tag))
	e.Name = "Collège de la gare"
	_, err := p.PutEstablishment(t.Context(), in("admin"), e, tag)
	wantConflict(t, err, "changed")
	_, err = p.PutEstablishment(t.Context(), in("admin"), newSchool(right("0281212A")), tag)
	wantMissing(t, err, "establishment")
}

func TestASchoolThatAFileManagesIsChangedThere(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	e := newSchool(right("0281212A"))
	e.ManagedBy = "ecoles.yaml"
	p.given(registry.Change{Establishments: []registry.Establishment{e}})
	e.Name = "autre"
	_, err := p.PutEstablishment(t.Context(), in("admin"), e, "")
	wantConflict(t, err, "managed")
	r := ok[desk.Report](t)(p.ImportEstablishments(t.Context(), in("admin"), []registry.Establishment{e, newSchool(right("0281313A"))}, "annuaire.csv"))
	if stored, _ := p.snapshot().Establishment(e.UAI); r.Done != 1 || r.Unchanged != 1 || stored.Name != "Collège neuf" {
		t.Errorf("%+v, %+v", r, stored)
	}
}

func TestAnImportKeepsWhatTheAcademyDecidedByHand(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	e, _ := p.snapshot().Establishment(right(vacant))
	e.Mailbox = "accueil@lycee.example"
	e.Ways, e.Authority, e.Group = []registry.Way{{Label: "ENT", URL: "https://ent.example/"}}, "Région", "Cité"
	p.given(registry.Change{Establishments: []registry.Establishment{e}})
	shut := newSchool(right(gone))
	listed := newSchool(right(vacant))
	listed.Kind, listed.Pupils, listed.Name = registry.Lycee, 900, "Lycée nouveau"
	r := ok[desk.Report](t)(p.ImportEstablishments(t.Context(), in("admin"), []registry.Establishment{listed, shut, newSchool(right("0281212A"))}, "annuaire.csv"))
	if r.Done != 3 {
		t.Errorf("%+v", r)
	}
	s := p.snapshot()
	got, _ := s.Establishment(right(vacant))
	if got.Name != "Lycée nouveau" || got.Pupils != 900 || !got.Vacant || len(got.Ways) != 1 || got.Authority != "Région" || got.Group != "Cité" || got.Mailbox != "accueil@lycee.example" {
		t.Errorf("%+v", got)
	}
	if got, _ := s.Establishment(right(gone)); !got.Closed {
		t.Error("a list reopened a school")
	}
	again := ok[desk.Report](t)(p.ImportEstablishments(t.Context(), in("admin"), []registry.Establishment{listed, shut}, "annuaire.csv"))
	if again.Done != 0 || again.Unchanged != 2 || p.snapshot().Revision() != s.Revision() {
		t.Errorf("the same list again: %+v", again)
	}
	kept := p.kept("establishment_import")
	if len(kept) != 1 || kept[0].Detail["establishments"] != "3" || kept[0].Detail["list"] != "annuaire.csv" {
		t.Errorf("journal %+v", kept)
	}
}

func TestAListNamesEveryRowThatIsWrong(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	bare := newSchool(right("0281313A"))
	bare.Name, bare.Academy = "", ""
	list := []registry.Establishment{newSchool(right("0281212A")), bare, newSchool(right("0281212A"))}
	_, err := p.ImportEstablishments(t.Context(), in("admin"), list, "annuaire.csv")
	wantInvalid(t, err, "establishments[1].name", "establishments[1].academy", "establishments[2].uai")
	_, err = p.ImportEstablishments(t.Context(), in("admin"), nil, "")
	wantInvalid(t, err, "establishments", "source")
}
