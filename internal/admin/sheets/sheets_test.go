package sheets_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/admin/sheets"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

func declared(id string, uais ...person.UAI) registry.Declaration {
	d := desktest.ForSchools(uais...)
	d.ID, d.Version, d.State, d.Since = id, 1, registry.Approved, desktest.Start()
	d.Decisions = []registry.Decision{{At: desktest.Start(), State: registry.Submitted}, {At: desktest.Start(), State: registry.Approved}}
	d.Opinions = []registry.Opinion{{At: desktest.Start(), Value: registry.WithReservations, Reason: "revoir la durée", Office: "Délégué à la protection des données"}}
	return d
}

// newBench is the pages in a house where "lire" is declared for two collèges.
func newBench(t testing.TB) *frametest.Bench {
	t.Helper()
	b := frametest.New(t, sheets.Pages(), func(h *desktest.House, mux *web.Mux, f *frame.Frame) {
		sheets.Mount(mux, f, sheets.Config{Words: h.Words})
	})
	b.Apply(t, registry.Change{Declarations: []registry.Declaration{declared("d-1", desktest.College, desktest.Other)}})
	return b
}

const decision = "/bureau/services/lire/decision"

func TestAHeadReadsOneSheetAndDecidesOnIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	head := b.Head(desktest.College)
	page := b.Get(t, head, "/bureau/services/lire")
	frametest.Has(t, page,
		"À quoi ça sert", "Pour qui", "élèves", "Quelles données", "Où sont les données", "Jusqu'à quand", "Vos élèves",
		"Avis du délégué", "avec réserves", "revoir la durée", "d-1 v1", "pas activé", ">Activer<", ">Refuser<", ">Suspendre ici<", "0280202T",
	)
	frametest.Lacks(t, page, "0280303C", "Arrêter partout")
	college := string(desktest.College)
	for _, step := range []struct {
		form  []string
		state registry.EnablingState
		says  []string
		gone  []string
	}{
		{[]string{"etat", "enabled"}, registry.Enabled, []string{"Le service est activé dans l'établissement.", "Suspendre ici", "Refuser"}, []string{">Activer<"}},
		{[]string{"etat", "suspended", "motif-suspended", "fuite signalée"}, registry.SuspendedHere, []string{"suspendu ici", "fuite signalée", "Lever la suspension"}, []string{"Suspendre ici"}},
		{[]string{"etat", "enabled"}, registry.Enabled, []string{"activé"}, nil},
		{[]string{"etat", "refused", "motif-refused", "avis du conseil"}, registry.RefusedHere, []string{"refusé", "avis du conseil", ">Activer<"}, []string{"Suspendre ici", ">Refuser<"}},
	} {
		a := b.Ask(head, "POST", decision, append(step.form, "uai", college)...)
		if a.Status != 303 || !strings.HasPrefix(a.Location, "/bureau/services/lire?") {
			t.Fatalf("%v: %d %s %s", step.form, a.Status, a.Location, a.Page)
		}
		if e, _ := b.Snapshot(t).Enabling("lire", desktest.College); e.State != step.state {
			t.Errorf("%v: the register says %s", step.form, e.State)
		}
		page := b.Get(t, head, a.Location)
		frametest.Has(t, page, step.says...)
		frametest.Lacks(t, page, step.gone...)
	}
	if e, ok := b.Snapshot(t).Enabling("lire", desktest.Other); ok {
		t.Errorf("the other collège: %+v", e)
	}
}

func TestARefusalWithoutAReasonIsShownAgainWithItsField(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, state := range []string{"refused", "suspended"} {
		a := b.Ask(b.Head(desktest.College), "POST", decision, "etat", state, "uai", string(desktest.College), "motif-"+state, "  ")
		if a.Status != 422 {
			t.Errorf("%s: %d", state, a.Status)
		}
		frametest.Has(t, a.Page, "Écrivez pourquoi", `href="#motif-`+state+`"`, `<details class="details" open>`, `aria-invalid="true"`)
	}
	a := b.Ask(b.Head(desktest.College), "POST", decision, "etat", "suspended", "uai", string(desktest.College), "motif-suspended", strings.Repeat("long ", 500))
	if a.Status != 422 || !a.Says("long long") {
		t.Errorf("what was typed is lost: %d %s", a.Status, a.Page)
	}
	if e, ok := b.Snapshot(t).Enabling("lire", desktest.College); ok {
		t.Errorf("%+v", e)
	}
}

func TestNobodyDecidesForAnotherSchool(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, who := range map[string]roles.Caller{
		"another head": b.Head(desktest.Other), "teacher": b.Teacher(desktest.College), "admin": b.Admin(), "support": b.Support(), "provider": b.Provider(),
	} {
		for _, state := range []string{"enabled", "refused", "suspended"} {
			a := b.Ask(who, "POST", decision, "etat", state, "uai", string(desktest.College), "motif-"+state, "parce que")
			if a.Status != 403 && a.Status != 404 {
				t.Errorf("%s, %s: %d %s", name, state, a.Status, a.Page)
			}
		}
	}
	if e, ok := b.Snapshot(t).Enabling("lire", desktest.College); ok {
		t.Errorf("%+v", e)
	}
	b.Ask(b.Head(desktest.College), "POST", decision, "etat", "refused", "uai", string(desktest.College), "motif-refused", "secret du collège")
	for name, who := range map[string]roles.Caller{"another head": b.Head(desktest.Other), "teacher": b.Teacher(desktest.Other), "provider": b.Provider()} {
		for _, path := range []string{"/bureau/services/lire?uai=0280202T", "/bureau/services/lire", "/bureau/services"} {
			page := b.Ask(who, "GET", path).Page
			if strings.Contains(page, "secret du") || strings.Contains(page, "refusé") || strings.Contains(page, "0280202T (") {
				t.Errorf("%s reads at %s what the collège decided: %s", name, path, page)
			}
		}
	}
}

func TestAnOfficerSuspendsInASchoolAndDoesNotOpenThere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	frametest.Has(t, b.Get(t, b.DPO(), "/bureau/services/lire"), "UAI de l'établissement")
	page := b.Get(t, b.DPO(), "/bureau/services/lire?uai=0280202t")
	frametest.Has(t, page, "Suspendre ici")
	frametest.Lacks(t, page, ">Activer<", ">Refuser<")
	if a := b.Ask(b.DPO(), "POST", decision, "etat", "enabled", "uai", "0280202T"); a.Status != 403 {
		t.Errorf("a data-protection officer enables: %d %s", a.Status, a.Page)
	}
	b.Ask(b.Head(desktest.College), "POST", decision, "etat", "enabled", "uai", "0280202T")
	if a := b.Ask(b.DPO(), "POST", decision, "etat", "suspended", "uai", "0280202T", "motif-suspended", "plainte"); a.Status != 303 {
		t.Errorf("%d %s", a.Status, a.Page)
	}
	frametest.Has(t, b.Get(t, b.Head(desktest.College), "/bureau/services/lire"), "suspendu ici", "Lever la suspension")
}

func TestWhoeverMayStopsAServiceEverywhere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	page := b.Get(t, b.OnCall(), "/bureau/services/lire")
	frametest.Has(t, page, "Arrêter partout", "Suspendre le service partout", "établissements")
	const stop = "/bureau/services/lire/arret"
	if a := b.Ask(b.Head(desktest.College), "POST", stop, "etat", "stop", "motif-stop", "x"); a.Status != 403 {
		t.Errorf("a head stops a service everywhere: %d", a.Status)
	}
	a := b.Ask(b.OnCall(), "POST", stop, "etat", "stop", "motif-stop", "")
	if a.Status != 422 || !a.Says(`href="#motif-stop"`) {
		t.Errorf("without a reason: %d %s", a.Status, a.Page)
	}
	frametest.Has(t, b.Sent(t, b.OnCall(), stop, "etat", "stop", "motif-stop", "fuite"), "Le service est suspendu partout.", "suspendu")
	if s, _ := b.Snapshot(t).Service("lire"); !s.Suspended {
		t.Error("the service goes on")
	}
	page = b.Get(t, b.Head(desktest.College), "/bureau/services/lire")
	frametest.Has(t, page, "Rien ne peut être activé")
	frametest.Lacks(t, page, ">Activer<")
	frametest.Has(t, b.Get(t, b.Recteur(), "/bureau/services/lire"), "Remettre le service en marche")
	if a := b.Ask(b.OnCall(), "POST", stop, "etat", "lift", "motif-stop", "réparé"); a.Status != 403 {
		t.Errorf("who stopped it lifts it: %d", a.Status)
	}
}

func TestTheListIsNarrowedAndComesInParts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var many []registry.Service
	for i := range 100 {
		many = append(many, registry.Service{ID: fmt.Sprintf("s-%03d", i), Name: registry.Text{FR: fmt.Sprintf("Sérvice n° %d", i)}, Provider: "Essai", ManagedBy: "services.yaml"})
	}
	b.Apply(t, registry.Change{Services: many})
	head := b.Head(desktest.College)
	page := b.Get(t, head, "/bureau/services")
	frametest.Has(t, page, "Page 1 sur 3", "services", "tenu par services.yaml", "Chez vous", "pas activé")
	if n := strings.Count(page, "<tr>"); n != 41 {
		t.Errorf("%d rows", n)
	}
	frametest.Has(t, b.Get(t, head, "/bureau/services?q=SERVICE+99"), "1 service", "/bureau/services/s-099")
	page = b.Get(t, head, "/bureau/services?etat=open")
	frametest.Has(t, page, "/bureau/services/lire", "déclaré", "jusqu'au")
	frametest.Lacks(t, page, "/bureau/services/s-0")
	frametest.Has(t, b.Get(t, head, "/bureau/services?q=zzz"), "Aucun service ne répond")
	frametest.Has(t, b.Get(t, head, "/bureau/services/s-001"), "services.yaml", "Aucune déclaration approuvée")
	frametest.Lacks(t, b.Get(t, b.DPO(), "/bureau/services"), "Chez vous")
}

func TestWhoAnswersForSeveralSchoolsChoosesOne(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	both := b.Head(desktest.College)
	both.Held = append(both.Held, b.Head(desktest.Other).Held...)
	page := b.Get(t, both, "/bureau/services/lire")
	frametest.Has(t, page, "Choisir un établissement", "/bureau/services/lire?uai=0280202T", "/bureau/services/lire?uai=0280303C")
	frametest.Lacks(t, page, ">Activer<")
	frametest.Has(t, b.Get(t, both, "/bureau/services/lire?uai=0280303C"), ">Activer<", `value="0280303C"`)
	frametest.Has(t, b.Get(t, both, "/bureau/services"), "ouvert dans 0 sur 2")
}

// What the academy or the DASEN opened by themselves is open in a school that did nothing; that it says otherwise would
// have a head believe that nothing leaves.
func TestWhatIsOpenWithoutAnActOfTheSchoolIsCalledOpen(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	d := declared("d-2")
	d.ServiceID, d.Scope = "partout", registry.Scope{Level: registry.ByAcademy, Academies: []string{desktest.Academy}, All: true}
	b.Apply(t, registry.Change{Services: []registry.Service{{ID: "partout", Name: registry.Text{FR: "Partout"}, Provider: "Essai"}}, Declarations: []registry.Declaration{d}})
	head := b.Head(desktest.College)
	for _, page := range []string{"/bureau/services?q=partout", "/bureau/services/partout"} {
		text := b.Get(t, head, page)
		frametest.Has(t, text, "ouvert par l'académie")
		frametest.Lacks(t, text, "pas activé")
	}
	both := b.Head(desktest.College)
	both.Held = append(both.Held, b.Head(desktest.Other).Held...)
	frametest.Has(t, b.Get(t, both, "/bureau/services?q=partout"), "ouvert dans 2 sur 2")
	frametest.Has(t, b.Get(t, both, "/bureau/services/partout"), "ouvert par l'académie")
	b.Ask(head, "POST", "/bureau/services/partout/decision", "uai", string(desktest.College), "etat", "refused", "motif-refused", "avis du conseil")
	text := b.Get(t, head, "/bureau/services/partout")
	frametest.Has(t, text, "refusé")
	frametest.Lacks(t, text, "ouvert par l'académie")
	frametest.Has(t, b.Get(t, both, "/bureau/services?q=partout"), "ouvert dans 1 sur 2")
	b.Apply(t, registry.Change{Services: []registry.Service{{ID: "partout", Name: registry.Text{FR: "Partout"}, Provider: "Essai", Suspended: true}}})
	frametest.Lacks(t, b.Get(t, both, "/bureau/services/partout"), "ouvert par l'académie")
}

func TestAServiceThatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, path := range []string{"/bureau/services/nothing", "/bureau/services/%2e%2e"} {
		if a := b.Ask(b.DPO(), "GET", path); a.Status != 404 && a.Status != 307 && a.Status != 301 {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	if a := b.Ask(b.Head(desktest.College), "POST", "/bureau/services/nothing/decision", "etat", "refused", "uai", "0280202T", "motif-refused", "x"); a.Status != 404 {
		t.Errorf("%d", a.Status)
	}
	if a := b.Ask(b.Head(desktest.College), "POST", decision, "etat", "anything", "uai", "0280202T"); a.Status != 422 {
		t.Errorf("an unknown word: %d", a.Status)
	}
	if a := b.Ask(roles.Caller{}, "POST", decision, "etat", "enabled", "uai", "0280202T"); a.Status != 401 {
		t.Errorf("nobody: %d", a.Status)
	}
}

func TestAnEndedDeclarationOpensNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Wait(5 * 365 * 24 * time.Hour)
	b.Snapshot(t)
	head := b.Head(desktest.College)
	page := b.Get(t, head, "/bureau/services/lire")
	frametest.Has(t, page, "terminé", "Rien ne peut être activé")
	frametest.Lacks(t, page, ">Activer<")
}

func TestASheetTellsOfTheDeclarationThatCoversTheSchool(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	lycee := declared("d-2", desktest.Lycee)
	lycee.Version = 7
	b.Apply(t, registry.Change{Declarations: []registry.Declaration{lycee}})
	frametest.Has(t, b.Get(t, b.Head(desktest.College), "/bureau/services/lire"), "d-1 v1", ">Activer<")
	frametest.Has(t, b.Get(t, b.Head(desktest.Lycee), "/bureau/services/lire"), "d-2 v7", ">Activer<")
}

func TestASuspendedDeclarationEnablesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	d := declared("d-1", desktest.College, desktest.Other)
	d.State = registry.Suspended
	d.Opinions = append(d.Opinions, registry.Opinion{At: desktest.Start(), Value: registry.Unfavourable, Reason: "dit l'autre", Beside: true})
	b.Apply(t, registry.Change{Declarations: []registry.Declaration{d}})
	page := b.Get(t, b.Head(desktest.College), "/bureau/services/lire")
	frametest.Has(t, page, "suspendu", "Rien ne peut être activé", "avec réserves")
	frametest.Lacks(t, page, ">Activer<", "dit l'autre", "défavorable")
}

func TestWhoOnlyStopsInASchoolReadsNoReasonThere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Apply(t, registry.Change{Declarations: []registry.Declaration{declared("d-3", desktest.Ecole)}})
	if a := b.Ask(b.DASEN(), "POST", decision, "etat", "refused", "uai", string(desktest.Ecole), "motif-refused", "réservé au registre"); a.Status != 303 {
		t.Fatalf("%d %s", a.Status, a.Page)
	}
	path := "/bureau/services/lire?uai=" + string(desktest.Ecole)
	frametest.Has(t, b.Get(t, b.DASEN(), path), "réservé au registre")
	page := b.Get(t, b.IEN(), path)
	frametest.Has(t, page, "refusé")
	frametest.Lacks(t, page, "réservé au registre", ">Activer<")
}

func TestWhatADeclarationRestsOnEndsIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	d := declared("d-4", desktest.Lycee)
	d.Supplier.Until = desktest.Day("2026-10-31") // the contract's own end
	b.Apply(t, registry.Change{Declarations: []registry.Declaration{d}})
	page := b.Get(t, b.Head(desktest.Lycee), "/bureau/services/lire")
	frametest.Has(t, page, "terminé", "31 octobre 2026")
	frametest.Lacks(t, page, ">Activer<")
}
