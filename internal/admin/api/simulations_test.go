package api_test

import (
	"strings"
	"testing"

	"ecluse/configs"
	"ecluse/internal/admin"
	"ecluse/internal/admin/api"
	"ecluse/internal/attrs"
	"ecluse/internal/consent"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
)

// simulator asks the real gate and engine about the shipped personas, and knows one real person.
func (f *front) simulator(t testing.TB) (*admin.Simulator, admin.Personas) {
	t.Helper()
	data, err := configs.Files.ReadFile("personas.yaml")
	if err != nil {
		t.Fatal(err)
	}
	personas, problems := admin.ReadPersonas("personas.yaml", data)
	if err := problems.Or(); err != nil {
		t.Fatal(err)
	}
	f.Desk.Looks = desktest.OnePupil{Looks: consent.Looks{Keys: f.Ring}, Now: f.Now}
	return &admin.Simulator{Engine: &attrs.Engine{Dictionary: f.Desk.Words, Keys: f.Ring}, Now: f.Now}, personas
}

// simulation is a question about a persona as it is asked.
func simulation(service string, more ...string) object {
	out := object{"service": service, "persona": "eleve-6e", "uai": desktest.College}
	for i := 0; i+1 < len(more); i += 2 {
		out[more[i]] = more[i+1]
	}
	return out
}

func ofSimulations() []trial {
	const ask = "/bureau/simulation?persona=eleve-6e&uai=" + string(desktest.College) + "&service="
	page := func(path, note string) trial {
		route, _, _ := strings.Cut(path, "?")
		return trial{route: "GET " + route, path: path, note: note}
	}
	look := func(note, who, reason string) trial {
		return journaled(post("simulation", note, "service=lire&source=ent&uai="+string(desktest.College)+"&personne="+who+"&motif="+reason))
	}
	return []trial{
		send("POST", "/simulations", "", "about a service", simulation("lire")),
		send("POST", "/simulations", "", "about another provider's", simulation("calcul")),
		send("POST", "/simulations", "", "as if a draft of the collège were approved", simulation("lire", "draft", "d-draft@1")),
		page("/bureau/simulation", "the empty form"),
		page(ask+"lire", "about a service"),
		page(ask+"calcul", "about another provider's"),
		page(ask+"lire&version=d-draft@1", "as if a draft of the collège were approved"),
		page("/bureau/simulation?reference=K7Q2-9FMZ", "a reference that nobody has"),
		page(strings.Replace(ask, "simulation?", "simulation/page?", 1)+"lire&pour=adulte&langue=fr", "without anything to print it"),
		look("somebody real of the collège", "eleve-4711", "le+parent+demande+pourquoi+l%27entr%C3%A9e+est+refus%C3%A9e"),
		look("somebody real, without a reason", "eleve-4711", ""),
		look("somebody whom the source does not know", "personne", "le+parent+demande+pourquoi+l%27entr%C3%A9e+est+refus%C3%A9e"),
	}
}

func TestALinkThatNamesAServiceAloneOpensTheFormWithIt(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	page := s.ask(t, "staff", "GET", "/bureau/simulation?service=lire", "")
	if page.Code != 200 || !strings.Contains(page.Body.String(), `<option value="lire" selected>`) || strings.Contains(page.Body.String(), "Choisissez un persona") {
		t.Errorf("%d %s", page.Code, page.Body)
	}
	if sent := s.ask(t, "staff", "GET", "/bureau/simulation?service=lire&persona=personne", ""); sent.Code != 422 {
		t.Errorf("a persona that is none: %d", sent.Code)
	}
}

func TestASimulationTellsTheDecisionAndWhatWouldBeSent(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	closed := read[admin.Explanation](t, s.ask(t, "staff", "POST", api.Base+"/simulations", jsonOf(simulation("lire"))), 200)
	if closed.Allowed || closed.Reason != "not_enabled" {
		t.Errorf("nobody has enabled it here: %+v", closed)
	}
	e := read[admin.Explanation](t, s.ask(t, "staff", "POST", api.Base+"/simulations", jsonOf(simulation("lire", "draft", "d-approved@1"))), 200)
	if !e.Allowed || e.Declaration != "d-approved" || len(e.Steps) < 5 || len(e.Released) == 0 || e.Released[0].Justification == "" {
		t.Errorf("%+v", e)
	}
	if e.Pages != nil || e.Profile != string(person.Pupil) || e.UAI != string(desktest.College) {
		t.Errorf("profile %s at %s, %d pages", e.Profile, e.UAI, len(e.Pages))
	}
	refused := read[admin.Explanation](t, s.ask(t, "staff", "POST", api.Base+"/simulations", jsonOf(simulation("arrete", "lang", "en"))), 200)
	if refused.Allowed || refused.Reason != "service_suspended" || refused.ReasonSays != "the service is suspended" || len(refused.Released) > 0 {
		t.Errorf("%+v", refused)
	}
}

func TestASimulationAsIfADraftWereApproved(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	w := s.ask(t, "head", "POST", api.Base+"/simulations", jsonOf(simulation("lire", "draft", "d-draft@1")))
	e := read[admin.Explanation](t, w, 200)
	if e.Declaration != "d-draft" || !strings.Contains(w.Body.String(), secret) {
		t.Errorf("%s", w.Body)
	}
	for _, who := range []string{"other_head", "staff", "admin"} {
		w := s.ask(t, who, "POST", api.Base+"/simulations", jsonOf(simulation("lire", "draft", "d-draft@1")))
		none := s.ask(t, who, "POST", api.Base+"/simulations", jsonOf(simulation("lire", "draft", "d-nowhere@1")))
		if w.Code != 422 || none.Code != 422 || strings.Contains(w.Body.String(), secret) {
			t.Errorf("%s: %d and %d: %s", who, w.Code, none.Code, w.Body)
		}
	}
}

func TestEveryMistakeOfASimulationIsToldAtOnceWithWhatThereIs(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	w := s.ask(t, "staff", "POST", api.Base+"/simulations", jsonOf(object{
		"service": "rien", "persona": "personne", "uai": "0000000X", "profile": "National_X", "draft": "sans-version",
	}))
	if w.Code != 422 || code(t, w) != "invalid" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	mend := map[string]string{}
	for _, m := range problemOf(t, w).Errors {
		mend[m.Pointer] = m.Mend
	}
	for pointer, there := range map[string]string{
		"/service": "calcul, lire", "/persona": "eleve-ce2", "/uai": string(desktest.College), "/profile": "leave it out", "/draft": "id@version",
	} {
		if !strings.Contains(mend[pointer], there) {
			t.Errorf("%s: %q does not say %q", pointer, mend[pointer], there)
		}
	}
	if len(mend) != 5 {
		t.Errorf("%d mistakes: %v", len(mend), mend)
	}
	for _, body := range []object{simulation("ecluse"), simulation("lire", "profile", "National_ENS"), simulation("lire", "lang", "de"), simulation("lire", "person", "eleve-4711")} {
		if w := s.ask(t, "staff", "POST", api.Base+"/simulations", jsonOf(body)); w.Code != 422 {
			t.Errorf("%v: %d %s", body, w.Code, w.Body)
		}
	}
}

// Somebody real is looked at on the page alone, by a signed-in person: no role and no token changes that.
func TestNobodyRealIsSimulatedForAProgram(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, who := range []string{"dpo", "admin"} {
		for _, body := range []object{
			{"service": "lire", "persona": "eleve-4711", "uai": desktest.College},
			{"service": "lire", "source": "ent", "person": "eleve-4711", "uai": desktest.College, "reason": "le parent demande pourquoi"},
		} {
			if w := s.ask(t, who, "POST", api.Base+"/simulations", jsonOf(body)); w.Code != 422 || strings.Contains(w.Body.String(), `"steps"`) {
				t.Errorf("%s: %d %s", who, w.Code, w.Body)
			}
		}
	}
}

func TestATokenForReadingSimulates(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	_, reads := f.token(t, f.Recteur(), "read")
	_, decides := f.token(t, f.Recteur(), "decide")
	body := jsonOf(simulation("lire"))
	if w := f.ask(t, "", "POST", api.Base+"/simulations", body, "Authorization", "Bearer "+reads); w.Code != 200 {
		t.Errorf("for reading: %d %s", w.Code, w.Body)
	}
	if w := f.ask(t, "", "POST", api.Base+"/simulations", body, "Authorization", "Bearer "+decides); w.Code != 403 {
		t.Errorf("for deciding: %d %s", w.Code, w.Body)
	}
}
