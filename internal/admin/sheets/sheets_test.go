package sheets_test

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/sheets"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// bench is the pages in a house where "lire" is declared for two collèges.
type bench struct {
	*desktest.House
	mux    *web.Mux
	caller roles.Caller
}

func declared(id string, uais ...person.UAI) registry.Declaration {
	d := desktest.ForSchools(uais...)
	d.ID, d.Version, d.State, d.Since = id, 1, registry.Approved, desktest.Start()
	d.Decisions = []registry.Decision{{At: desktest.Start(), State: registry.Submitted}, {At: desktest.Start(), State: registry.Approved}}
	d.Opinions = []registry.Opinion{{At: desktest.Start(), Value: registry.WithReservations, Reason: "revoir la durée", Office: "Délégué à la protection des données"}}
	return d
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{House: desktest.New(t)}
	b.Apply(t, registry.Change{Declarations: []registry.Declaration{declared("d-1", desktest.College, desktest.Other)}})
	kit := webtest.NewWith(t, web.Config{Now: b.Now, Offices: frame.Home, Contributions: []web.Contribution{frame.Pages(), sheets.Pages()}})
	b.mux = web.NewMux(kit)
	f := frame.New(frame.Config{
		Kit: kit, Desk: b.Desk, Live: b.Live, Now: b.Now, Enter: "/bureau/entrer", Word: "/bureau/lien", Routes: b.mux.Routes,
		Who: func(*http.Request) (frame.Who, bool) { return frame.Who{Caller: b.caller}, b.caller.Handle != "" },
	})
	sheets.Mount(b.mux, f, sheets.Config{Words: b.Words})
	return b
}

func (b *bench) send(who roles.Caller, method, path, body string) (status int, page, location string) {
	b.caller = who
	r := httptest.NewRequest(method, webtest.Origin+path, strings.NewReader(body))
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	b.mux.ServeHTTP(w, r)
	_, main, _ := strings.Cut(w.Body.String(), "<main")
	main, _, _ = strings.Cut(main, "</main>")
	return w.Code, regexp.MustCompile(`[\s\x{202f}\x{a0}]+`).ReplaceAllString(html.UnescapeString(main), " "), w.Header().Get("Location")
}

func (b *bench) get(t *testing.T, who roles.Caller, path string) string {
	t.Helper()
	status, page, _ := b.send(who, "GET", path, "")
	if status != 200 {
		t.Fatalf("%s: %d %s", path, status, page)
	}
	return page
}

func has(t *testing.T, page string, want ...string) {
	t.Helper()
	for _, words := range want {
		if !strings.Contains(page, words) {
			t.Errorf("the page does not say %q: %s", words, page)
		}
	}
}

func hasNot(t *testing.T, page string, never ...string) {
	t.Helper()
	for _, words := range never {
		if strings.Contains(page, words) {
			t.Errorf("the page says %q: %s", words, page)
		}
	}
}

const decision = "/bureau/services/lire/decision"

func form(values ...string) string {
	v := url.Values{}
	for i := 0; i < len(values); i += 2 {
		v.Set(values[i], values[i+1])
	}
	return v.Encode()
}

func TestAHeadReadsOneSheetAndDecidesOnIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	head := b.Head(desktest.College)
	page := b.get(t, head, "/bureau/services/lire")
	has(t, page,
		"À quoi ça sert", "Pour qui", "élèves", "Quelles données", "Où sont les données", "Jusqu'à quand", "Vos élèves",
		"Avis du délégué", "avec réserves", "revoir la durée", "d-1 v1", "pas activé", ">Activer<", ">Refuser<", ">Suspendre ici<", "0280202T",
	)
	hasNot(t, page, "0280303C", "Arrêter partout")
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
		status, page, to := b.send(head, "POST", decision, form(append(step.form, "uai", college)...))
		if status != 303 || !strings.HasPrefix(to, "/bureau/services/lire?") {
			t.Fatalf("%v: %d %s %s", step.form, status, to, page)
		}
		if e, _ := b.Snapshot(t).Enabling("lire", desktest.College); e.State != step.state {
			t.Errorf("%v: the register says %s", step.form, e.State)
		}
		page = b.get(t, head, to)
		has(t, page, step.says...)
		hasNot(t, page, step.gone...)
	}
	if e, ok := b.Snapshot(t).Enabling("lire", desktest.Other); ok {
		t.Errorf("the other collège: %+v", e)
	}
}

func TestARefusalWithoutAReasonIsShownAgainWithItsField(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, state := range []string{"refused", "suspended"} {
		status, page, _ := b.send(b.Head(desktest.College), "POST", decision, form("etat", state, "uai", string(desktest.College), "motif-"+state, "  "))
		if status != 422 {
			t.Errorf("%s: %d", state, status)
		}
		has(t, page, "Écrivez pourquoi", `href="#motif-`+state+`"`, `<details class="details" open>`, `aria-invalid="true"`)
	}
	status, page, _ := b.send(b.Head(desktest.College), "POST", decision, form("etat", "suspended", "uai", string(desktest.College), "motif-suspended", strings.Repeat("long ", 500)))
	if status != 422 || !strings.Contains(page, "long long") {
		t.Errorf("what was typed is lost: %d %s", status, page)
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
			status, page, _ := b.send(who, "POST", decision, form("etat", state, "uai", string(desktest.College), "motif-"+state, "parce que"))
			if status != 403 && status != 404 {
				t.Errorf("%s, %s: %d %s", name, state, status, page)
			}
		}
	}
	if e, ok := b.Snapshot(t).Enabling("lire", desktest.College); ok {
		t.Errorf("%+v", e)
	}
	b.send(b.Head(desktest.College), "POST", decision, form("etat", "refused", "uai", string(desktest.College), "motif-refused", "secret du collège"))
	for name, who := range map[string]roles.Caller{"another head": b.Head(desktest.Other), "teacher": b.Teacher(desktest.Other), "provider": b.Provider()} {
		for _, path := range []string{"/bureau/services/lire?uai=0280202T", "/bureau/services/lire", "/bureau/services"} {
			_, page, _ := b.send(who, "GET", path, "")
			if strings.Contains(page, "secret du") || strings.Contains(page, "refusé") || strings.Contains(page, "0280202T (") {
				t.Errorf("%s reads at %s what the collège decided: %s", name, path, page)
			}
		}
	}
}

func TestAnOfficerSuspendsInASchoolAndDoesNotOpenThere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	has(t, b.get(t, b.DPO(), "/bureau/services/lire"), "UAI de l'établissement")
	page := b.get(t, b.DPO(), "/bureau/services/lire?uai=0280202t")
	has(t, page, "Suspendre ici")
	hasNot(t, page, ">Activer<", ">Refuser<")
	if status, page, _ := b.send(b.DPO(), "POST", decision, form("etat", "enabled", "uai", "0280202T")); status != 403 {
		t.Errorf("a data-protection officer enables: %d %s", status, page)
	}
	b.send(b.Head(desktest.College), "POST", decision, form("etat", "enabled", "uai", "0280202T"))
	if status, page, _ := b.send(b.DPO(), "POST", decision, form("etat", "suspended", "uai", "0280202T", "motif-suspended", "plainte")); status != 303 {
		t.Errorf("%d %s", status, page)
	}
	has(t, b.get(t, b.Head(desktest.College), "/bureau/services/lire"), "suspendu ici", "Lever la suspension")
}

func TestWhoeverMayStopsAServiceEverywhere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	page := b.get(t, b.OnCall(), "/bureau/services/lire")
	has(t, page, "Arrêter partout", "Suspendre le service partout", "établissements")
	const stop = "/bureau/services/lire/arret"
	if status, _, _ := b.send(b.Head(desktest.College), "POST", stop, form("etat", "stop", "motif-stop", "x")); status != 403 {
		t.Errorf("a head stops a service everywhere: %d", status)
	}
	status, page, _ := b.send(b.OnCall(), "POST", stop, form("etat", "stop", "motif-stop", ""))
	if status != 422 || !strings.Contains(page, `href="#motif-stop"`) {
		t.Errorf("without a reason: %d %s", status, page)
	}
	if status, _, to := b.send(b.OnCall(), "POST", stop, form("etat", "stop", "motif-stop", "fuite")); status != 303 {
		t.Errorf("%d", status)
	} else {
		has(t, b.get(t, b.OnCall(), to), "Le service est suspendu partout.", "suspendu")
	}
	if s, _ := b.Snapshot(t).Service("lire"); !s.Suspended {
		t.Error("the service goes on")
	}
	page = b.get(t, b.Head(desktest.College), "/bureau/services/lire")
	has(t, page, "Rien ne peut être activé")
	hasNot(t, page, ">Activer<")
	has(t, b.get(t, b.Recteur(), "/bureau/services/lire"), "Remettre le service en marche")
	if status, _, _ := b.send(b.OnCall(), "POST", stop, form("etat", "lift", "motif-stop", "réparé")); status != 403 {
		t.Errorf("who stopped it lifts it: %d", status)
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
	page := b.get(t, head, "/bureau/services")
	has(t, page, "Page 1 sur 3", "services", "tenu par services.yaml", "Chez vous", "pas activé")
	if n := strings.Count(page, "<tr>"); n != 41 {
		t.Errorf("%d rows", n)
	}
	has(t, b.get(t, head, "/bureau/services?q=SERVICE+99"), "1 service", "/bureau/services/s-099")
	page = b.get(t, head, "/bureau/services?etat=open")
	has(t, page, "/bureau/services/lire", "déclaré", "jusqu'au")
	hasNot(t, page, "/bureau/services/s-0")
	has(t, b.get(t, head, "/bureau/services?q=zzz"), "Aucun service ne répond")
	has(t, b.get(t, head, "/bureau/services/s-001"), "services.yaml", "Aucune déclaration approuvée")
	hasNot(t, b.get(t, b.DPO(), "/bureau/services"), "Chez vous")
}

func TestWhoAnswersForSeveralSchoolsChoosesOne(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	both := b.Head(desktest.College)
	both.Held = append(both.Held, b.Head(desktest.Other).Held...)
	page := b.get(t, both, "/bureau/services/lire")
	has(t, page, "Choisir un établissement", "/bureau/services/lire?uai=0280202T", "/bureau/services/lire?uai=0280303C")
	hasNot(t, page, ">Activer<")
	has(t, b.get(t, both, "/bureau/services/lire?uai=0280303C"), ">Activer<", `value="0280303C"`)
	has(t, b.get(t, both, "/bureau/services"), "activé dans 0 sur 2")
}

func TestAServiceThatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, path := range []string{"/bureau/services/nothing", "/bureau/services/%2e%2e"} {
		if status, _, _ := b.send(b.DPO(), "GET", path, ""); status != 404 && status != 307 && status != 301 {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status, _, _ := b.send(b.Head(desktest.College), "POST", "/bureau/services/nothing/decision", form("etat", "refused", "uai", "0280202T", "motif-refused", "x")); status != 404 {
		t.Errorf("%d", status)
	}
	if status, _, _ := b.send(b.Head(desktest.College), "POST", decision, form("etat", "anything", "uai", "0280202T")); status != 422 {
		t.Errorf("an unknown word: %d", status)
	}
	if status, _, _ := b.send(roles.Caller{}, "POST", decision, form("etat", "enabled", "uai", "0280202T")); status != 401 {
		t.Errorf("nobody: %d", status)
	}
}

func TestAnEndedDeclarationOpensNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Wait(5 * 365 * 24 * time.Hour)
	b.Snapshot(t)
	head := b.Head(desktest.College)
	page := b.get(t, head, "/bureau/services/lire")
	has(t, page, "terminé", "Rien ne peut être activé")
	hasNot(t, page, ">Activer<")
}

func TestASheetTellsOfTheDeclarationThatCoversTheSchool(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	lycee := declared("d-2", desktest.Lycee)
	lycee.Version = 7
	b.Apply(t, registry.Change{Declarations: []registry.Declaration{lycee}})
	has(t, b.get(t, b.Head(desktest.College), "/bureau/services/lire"), "d-1 v1", ">Activer<")
	has(t, b.get(t, b.Head(desktest.Lycee), "/bureau/services/lire"), "d-2 v7", ">Activer<")
}

func TestASuspendedDeclarationEnablesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	d := declared("d-1", desktest.College, desktest.Other)
	d.State = registry.Suspended
	d.Opinions = append(d.Opinions, registry.Opinion{At: desktest.Start(), Value: registry.Unfavourable, Reason: "dit l'autre", Beside: true})
	b.Apply(t, registry.Change{Declarations: []registry.Declaration{d}})
	page := b.get(t, b.Head(desktest.College), "/bureau/services/lire")
	has(t, page, "suspendu", "Rien ne peut être activé", "avec réserves")
	hasNot(t, page, ">Activer<", "dit l'autre", "défavorable")
}

func TestWhoOnlyStopsInASchoolReadsNoReasonThere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Apply(t, registry.Change{Declarations: []registry.Declaration{declared("d-3", desktest.Ecole)}})
	body := form("etat", "refused", "uai", string(desktest.Ecole), "motif-refused", "réservé au registre")
	if status, page, _ := b.send(b.DASEN(), "POST", decision, body); status != 303 {
		t.Fatalf("%d %s", status, page)
	}
	path := "/bureau/services/lire?uai=" + string(desktest.Ecole)
	has(t, b.get(t, b.DASEN(), path), "réservé au registre")
	page := b.get(t, b.IEN(), path)
	has(t, page, "refusé")
	hasNot(t, page, "réservé au registre", ">Activer<")
}

func TestWhatADeclarationRestsOnEndsIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	d := declared("d-4", desktest.Lycee)
	d.Supplier.Until = desktest.Day("2026-10-31") // the contract's own end
	b.Apply(t, registry.Change{Declarations: []registry.Declaration{d}})
	page := b.get(t, b.Head(desktest.Lycee), "/bureau/services/lire")
	has(t, page, "terminé", "31 octobre 2026")
	hasNot(t, page, ">Activer<")
}
