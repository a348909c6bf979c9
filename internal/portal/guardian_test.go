package portal_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"html"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/portal"
	"ecluse/internal/registry"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// family is the page of children of one visitor, who may be changed.
type family struct {
	*counter
	asked map[string]portal.Asked
	fails error
}

func newFamily(t *testing.T) *family {
	t.Helper()
	h := desktest.New(t)
	f := &family{counter: &counter{House: h, t: t, audience: web.Teen, lang: "fr"}}
	f.visitor = motherOf(wardOf("lina", desktest.Ecole, "2018-04-02"))
	h.Apply(t, registry.Change{Declarations: []registry.Declaration{entryOf("lire", registry.PublicInterest), entryOf("calcul", registry.Consent)}})
	f.enable("lire", desktest.Ecole)
	f.enable("calcul", desktest.Ecole)
	kit := webtest.NewWith(t, web.Config{Contributions: []web.Contribution{portal.ChildrenPages()}})
	f.mux = web.NewMux(kit)
	portal.MountChildren(f.mux, portal.Children{
		Kit: kit, Live: h.Live, Words: h.Words, Now: h.Now, Enter: "/entrer", Rights: "/mes-droits",
		Asked: func(_ context.Context, _ *registry.Snapshot, _ person.Person, _ int) (map[string]portal.Asked, error) {
			return f.asked, f.fails
		},
		Visitor: func(r *http.Request) (person.Person, web.Frame, bool, error) {
			return f.visitor, web.Frame{Audience: f.audience}, r.Header.Get("X-Nobody") == "", nil
		},
	})
	return f
}

// enable has the controller of a school open a service under the entry of the test.
func (f *family) enable(service string, uai person.UAI) {
	f.t.Helper()
	f.Apply(f.t, registry.Change{Enablings: []registry.Enabling{{
		Service: service, UAI: uai, State: registry.Enabled, Declaration: service + "-d", Version: 1, Since: desktest.Start(),
		Decisions: []registry.Decision{{At: desktest.Start(), State: registry.State(registry.Enabled), Office: "DASEN"}},
	}}})
}

func wardOf(id string, uai person.UAI, born string) person.Ward {
	w := person.Ward{Child: person.Key{Authority: "ent", ID: id}, UAI: uai, Level: "CE2", Authority: person.Yes, Label: "Lina"}
	if born != "" {
		w.Age.Born = desktest.Day(born).Starts(time.UTC)
	}
	return w
}

func motherOf(wards ...person.Ward) person.Person {
	p := person.Person{Key: person.Key{Authority: "ent", ID: "nadia"}, Wards: wards, Authn: person.Authn{Source: "ent"}}
	for _, w := range wards {
		p.Affiliations = append(p.Affiliations, person.Affiliation{UAI: w.UAI, Profile: person.Guardian})
	}
	return p
}

func (f *family) read() string {
	f.t.Helper()
	return f.page("/mes-enfants")
}

func TestAGuardianReadsServicesKindsBasesAndDecisions(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	at := time.Date(2026, time.October, 3, 12, 0, 0, 0, time.UTC)
	f.asked = map[string]portal.Asked{"calcul calcul-d": {URL: "/accords/0/calcul", Answered: at, Yes: true}}
	text := f.read()
	for _, want := range []string{
		"Pour Lina", "Services ouverts", "Ce qui peut être transmis", "Approuvé par", "Ouvert par", "DASEN", "Jusqu'au",
		"La mission de service public d'enseignement", "L'accord de la personne", "Vous avez donné votre accord le samedi 3 octobre 2026", "/accords/0/calcul",
		`href="/mes-droits"`, "un enfant qui n'est pas sur cette page",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	f.asked["calcul calcul-d"] = portal.Asked{URL: "/accords/0/calcul", Answered: at}
	if text = f.read(); !strings.Contains(text, "Vous avez dit non le") {
		t.Error("a no is not said")
	}
	f.asked["calcul calcul-d"] = portal.Asked{URL: "/accords/0/calcul", Waits: true}
	if text = f.read(); !strings.Contains(text, "Votre réponse est attendue") || strings.Contains(text, "1er janvier 1") {
		t.Error("what waits is not said")
	}
	f.lang = "en"
	if text = f.read(); !strings.Contains(text, "What may be sent") || !strings.Contains(text, "Approved by") {
		t.Error("no English")
	}
}

// TestWhatStoppedLatelyIsToldApart for a year, as nobody's use of it says.
func TestWhatStoppedLatelyIsToldApart(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	d := entryOf("lire", registry.PublicInterest)
	d.State, d.Since = registry.Suspended, desktest.Start()
	f.Apply(t, registry.Change{Declarations: []registry.Declaration{d}})
	text := f.read()
	open, ended, found := strings.Cut(text, "Services qui ne sont plus ouverts")
	if !found || !strings.Contains(ended, "Plus rien ne leur est transmis") || strings.Contains(open, "La mission de service public") || !strings.Contains(ended, "La mission de service public") {
		t.Errorf("what stopped: %s", text)
	}
	f.Set(desktest.Start().AddDate(1, 0, 1))
	if text = f.read(); strings.Contains(text, "La mission de service public") {
		t.Error("it is told after more than a year")
	}
}

func TestWhatWasNeverOpenThereIsNotTold(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	f.visitor = motherOf(wardOf("tom", desktest.College, "2012-04-02")) // which enabled nothing
	if text := f.read(); !strings.Contains(text, "Aucun service n'est ouvert aujourd'hui") || strings.Contains(text, "Services qui ne sont plus ouverts") {
		t.Errorf("%s", text)
	}
	d := entryOf("lire", registry.PublicInterest)
	d.State, d.Since = registry.Suspended, desktest.Start()
	f.Apply(t, registry.Change{Declarations: []registry.Declaration{d}})
	if text := f.read(); strings.Contains(text, "Services qui ne sont plus ouverts") {
		t.Errorf("what stopped elsewhere is told: %s", text)
	}
}

// TestWhoSeesNoChildReadsOnePage byte for byte, whatever the reason.
func TestWhoSeesNoChildReadsOnePage(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	f.visitor = motherOf()
	f.visitor.Affiliations = []person.Affiliation{{UAI: desktest.Ecole, Profile: person.Guardian}}
	want := f.ask(http.MethodGet, "/mes-enfants", nil).Body.String()
	if text := readable(want); !strings.Contains(text, "adressez-vous à son établissement") || !strings.Contains(text, "directeur de son école ou le chef de son établissement") || strings.Contains(text, "Lina") {
		t.Fatalf("%s", text)
	}
	for name, change := range map[string]func(*person.Ward){
		"an unknown authority": func(w *person.Ward) { w.Authority = person.Unknown }, // what a closed view is by now
		"no authority":         func(w *person.Ward) { w.Authority = person.No },
		"an unknown age":       func(w *person.Ward) { w.Age = person.AgeFacts{} },
		"a flag alone":         func(w *person.Ward) { w.Age = person.AgeFacts{Adult: person.No} },
		"somebody of age":      func(w *person.Ward) { w.Age.Born = desktest.Day("2008-11-22").Starts(time.UTC) },
	} {
		w := wardOf("lina", desktest.Ecole, "2018-04-02")
		change(&w)
		f.visitor = motherOf(w)
		if got := f.ask(http.MethodGet, "/mes-enfants", nil).Body.String(); got != want {
			t.Errorf("%s reads another page: %s", name, got)
		}
	}
}

// TestHardCase11ThePageEndsAtMidnight of the eighteenth birthday, in the gateway's zone, and not at that of UTC.
func TestHardCase11ThePageEndsAtMidnight(t *testing.T) {
	t.Parallel()
	for born, ends := range map[string]string{"2008-11-25": "2026-11-25", "2009-02-28": "2027-02-28", "2008-02-29": "2026-03-01"} {
		f := newFamily(t)
		f.visitor = motherOf(wardOf("lina", desktest.Ecole, born))
		midnight := desktest.Day(ends).Starts(f.Live.Zone)
		f.Set(midnight.Add(-time.Second))
		if !strings.Contains(f.read(), "Pour Lina") {
			t.Errorf("born on %s: gone before midnight", born)
		}
		f.Set(midnight)
		if strings.Contains(f.read(), "Lina") {
			t.Errorf("born on %s: there after midnight", born)
		}
	}
}

func TestAChildOfTwoSchoolsHasOneListAndNeitherIsTold(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	f.enable("lire", desktest.College)
	f.visitor = motherOf(wardOf("lina", desktest.Ecole, "2018-04-02"), wardOf("lina", desktest.College, "2018-04-02"))
	if text := f.read(); strings.Count(text, "Pour Lina") != 1 || strings.Count(text, "La mission de service public") != 1 {
		t.Errorf("%s", text)
	}
}

func TestNobodyAndPupilsOfAnEcoleReadNothingOfAnybody(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	f.visitor = pupilOf(desktest.Ecole, person.Pupil)
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		if w := f.ask(method, "/mes-enfants", nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/mes-sites" {
			t.Errorf("%s: a child comes to %d %q", method, w.Code, w.Header().Get("Location"))
		}
	}
	if w := f.ask(http.MethodPost, "/mes-enfants", nil); w.Code != http.StatusMethodNotAllowed && w.Code != http.StatusForbidden {
		t.Errorf("POST: %d", w.Code)
	}
	f.visitor = motherOf(wardOf("lina", desktest.Ecole, "2018-04-02"))
	for _, a := range []web.Audience{web.Child, web.Teen, web.Adult} { // whichever wording was chosen elsewhere, it is a grown-up who reads
		f.audience = a
		if w := f.ask(http.MethodGet, "/mes-enfants", nil); !strings.Contains(w.Body.String(), `data-audience="adulte"`) || !strings.Contains(readable(w.Body.String()), "Pour Lina") {
			t.Errorf("%s: %d", a, w.Code)
		}
	}
}

func TestAStoreThatFailsShowsNobodysChild(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	f.fails = errors.New("MARQUE")
	r := httptest.NewRequest(http.MethodGet, webtest.Origin+"/mes-enfants", nil)
	r.TLS = &tls.ConnectionState{}
	w := httptest.NewRecorder()
	f.mux.ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "Lina") || strings.Contains(w.Body.String(), "MARQUE") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestTheListTellsNothingOfAnyChild plays random children in random places: the page holds no value of theirs, names no
// school and no class, and is the same for two children of one age, place and level.
func TestTheListTellsNothingOfAnyChild(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	draw := rand.New(rand.NewPCG(3, 9))
	local := entryOf("lire", registry.PublicInterest)
	local.Purposes = []registry.Text{{FR: "Pour l'établissement 0280101h", EN: "For 0280101h"}, {FR: "Faire lire", EN: "Reading"}}
	school, _ := f.Snapshot(t).Establishment(desktest.Ecole)
	local.Retention = registry.Text{FR: "Gardé par " + school.Name, EN: "Kept by " + school.Name}
	local.Version, local.Change = 2, registry.Renewal
	f.Apply(t, registry.Change{Declarations: []registry.Declaration{local}})
	lasts := regexp.MustCompile(`<dt>Jusqu'au</dt><dd>[^<]*</dd>`)
	dates := regexp.MustCompile(`\b(19|20)\d\d\b`)
	schools := []person.UAI{desktest.Ecole, desktest.College, desktest.Other}
	seen, told := 0, 0
	for i := range 200 {
		born := desktest.Day("2009-01-01").Add(draw.IntN(4000))
		w := person.Ward{
			Child: person.Key{Authority: "ent", ID: fmt.Sprintf("MARQUE-%d", i)}, Number: "MARQUE-number", UAI: schools[draw.IntN(len(schools))],
			Level: []string{"CE2", "CM2", "6EME", ""}[draw.IntN(4)], Authority: person.Tri(draw.IntN(3)), Label: "Lina",
		}
		if draw.IntN(3) > 0 {
			w.Age.Born = born.Starts(time.UTC)
		}
		f.visitor = motherOf(w)
		raw := f.ask(http.MethodGet, "/mes-enfants", nil).Body.String()
		text := lasts.ReplaceAllString(readable(raw), "")
		if strings.Contains(text, "Pour Lina") {
			seen++
		}
		if strings.Contains(text, "Faire lire") {
			told++
		}
		for _, e := range f.Snapshot(t).Establishments() {
			for _, never := range []string{string(e.UAI), e.Name, e.Town} {
				if never != "" && strings.Contains(strings.ToLower(text), strings.ToLower(never)) {
					t.Fatalf("%d: it names %q: %s", i, never, text)
				}
			}
		}
		for _, never := range []string{"MARQUE", born.String(), fmt.Sprintf("%02d/%02d/%d", born.Day, born.Month, born.Year), "CE2", "CM2", "6EME"} {
			if strings.Contains(text, never) {
				t.Fatalf("%d: it says %q", i, never)
			}
		}
		if found := dates.FindAllString(html.UnescapeString(text), -1); len(found) > 0 {
			t.Fatalf("%d: it has dates %q: %s", i, found, text)
		}
		w.Child.ID, w.Number = "MARQUE-twin", "MARQUE-other"
		f.visitor = motherOf(w)
		if f.ask(http.MethodGet, "/mes-enfants", nil).Body.String() != raw {
			t.Fatalf("%d: another child of that place, level and age has another list", i)
		}
	}
	if seen < 20 || seen > 150 || told == 0 || told > seen {
		t.Errorf("%d of 200 are seen, %d with a service", seen, told)
	}
}

func TestThePageOfChildrenRendersInBothLanguages(t *testing.T) {
	t.Parallel()
	f := newFamily(t)
	stopped := entryOf("lire", registry.PublicInterest)
	for _, d := range [][]registry.Declaration{nil, {func() registry.Declaration { stopped.State = registry.Suspended; return stopped }()}} {
		f.Apply(t, registry.Change{Declarations: d})
		for _, w := range [][]person.Ward{nil, {wardOf("lina", desktest.Ecole, "2018-04-02"), wardOf("tom", desktest.Other, "2012-04-02")}} {
			for i := range w {
				w[i].Label = []string{"Lina", ""}[i]
			}
			f.visitor = motherOf(slices.Clone(w)...)
			for _, lang := range []string{"fr", "en"} {
				f.lang = lang
				webtest.CheckPage(t, f.ask(http.MethodGet, "/mes-enfants", nil).Body.String())
			}
		}
	}
}
