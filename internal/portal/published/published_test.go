package published_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/policy/conformity/conformitytest"
	"ecluse/internal/portal/published"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

const (
	ecole   = person.UAI("0280101H")
	college = person.UAI("0280202T")
	closed  = person.UAI("0280303C")
	test    = person.UAI("0280404E")
)

func noon() time.Time { return time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC) }

// fixed is a store that holds what a test says.
type fixed struct {
	registry.Store
	contents *registry.Contents
}

func (f fixed) Revision(context.Context) (int64, error) { return f.contents.Revision, nil }

func (f fixed) Load(context.Context) (registry.Contents, error) { return *f.contents, nil }

func (f fixed) Since(context.Context, int64) (registry.Contents, error) { return *f.contents, nil }

// world is an academy of four establishments, and the pages about it.
type world struct {
	registry.Contents
	mux  *web.Mux
	now  time.Time
	live *registry.Live
}

func approved(service string, scope registry.Scope) registry.Declaration {
	d := conformitytest.Conforming(service, service+"-1")
	d.Scope, d.State, d.Change = scope, registry.Approved, registry.First
	d.Decisions = []registry.Decision{{At: noon().Add(-48 * time.Hour), State: registry.Approved, Office: "recteur"}}
	return d
}

func contents() registry.Contents {
	c := registry.Contents{
		Revision: 1,
		Establishments: []registry.Establishment{
			{UAI: ecole, Name: "École Jules-Ferry", Town: "Chartres", Kind: registry.Ecole, Academy: "exemple", Department: "028"},
			{UAI: college, Name: "Collège Jean-Moulin", Town: "Dreux", Kind: registry.College, Academy: "exemple", Department: "028"},
			{UAI: closed, Name: "Collège fermé", Town: "Dreux", Kind: registry.College, Academy: "exemple", Department: "028", Closed: true},
			{UAI: test, Name: "Essai", Town: "Essai", Kind: registry.College, Academy: "exemple", Department: "028", Test: true},
		},
		Declarations: []registry.Declaration{
			approved("partout", registry.Scope{Level: registry.ByAcademy, Academies: []string{"exemple"}, All: true}),
			approved("local", registry.Scope{Level: registry.ByEstablishment, UAIs: []person.UAI{college}}),
		},
	}
	for _, id := range []string{"partout", "local"} {
		c.Services = append(c.Services, registry.Service{
			ID: id, Name: registry.Text{FR: "Service " + id, EN: "The " + id}, Sentence: registry.Text{FR: "Pour lire.", EN: "To read."}, Provider: "Éditions du Canal",
		})
	}
	registrytest.Cover(&c)
	registrytest.Say(&c, registry.Enabling{Service: "local", UAI: college, State: registry.Enabled, Declaration: "local-1", Version: 1, Since: noon().Add(-24 * time.Hour)})
	return c
}

func open(t testing.TB, c registry.Contents) *world {
	t.Helper()
	return openWith(t, webtest.New(t, published.Pages()), c)
}

func openWith(t testing.TB, kit *web.Kit, c registry.Contents) *world {
	t.Helper()
	w := &world{Contents: c, now: noon()}
	words, err := dictionary.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	w.live = w.begin(t)
	w.mux = web.NewMux(kit)
	published.Mount(w.mux, published.Config{Kit: kit, Live: w.live, Words: words, Now: func() time.Time { return w.now }})
	return w
}

func (w *world) begin(t testing.TB) *registry.Live {
	t.Helper()
	paris := registrytest.Paris()
	live := &registry.Live{Store: fixed{contents: &w.Contents}, Zone: paris, Shipped: registry.Contents{RuleSets: w.RuleSets}, Now: func() time.Time { return w.now }}
	if err := live.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return live
}

func (w *world) get(path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, webtest.Origin+path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	out := httptest.NewRecorder()
	w.mux.ServeHTTP(out, r)
	return out
}

// says is what a page says, blanks and entities made plain.
func says(w *httptest.ResponseRecorder) string {
	body := w.Body.String()
	if _, main, ok := strings.Cut(body, "<main"); ok {
		head, _, _ := strings.Cut(body, "<head>")
		body, _, _ = strings.Cut(main, "</main>")
		body = head + body
	}
	return regexp.MustCompile(`[\s\x{202f}\x{a0}]+`).ReplaceAllString(html.UnescapeString(webtest.Straight(body)), " ")
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

func TestAParentReadsWhatIsOpenInASchool(t *testing.T) {
	t.Parallel()
	w := open(t, contents())
	page := w.get("/registre/" + string(college))
	if page.Code != http.StatusOK {
		t.Fatalf("%d %s", page.Code, page.Body)
	}
	webtest.CheckPage(t, page.Body.String())
	has(t, says(page),
		"Collège Jean-Moulin", "Dreux, 0280202T", "Service local", "Service partout", "Pour lire.", "Proposer des lectures", "les élèves",
		"retrouver ses lectures", "Depuis le samedi 21 novembre 2026, jusqu'au jeudi 15 juillet 2027", "Depuis le mardi 1er septembre 2026,",
		"Ouvert par l'établissement.", "Ouvert par le rectorat", "Mission d'intérêt public", "Code de l'éducation, art. L. 131-2", "Académie d'Exemple, recteur",
		"Éditions du Canal", "sous-traitant : il agit sur instruction", "Hébergement du Midi, France", "l'année scolaire et trois mois", "Aucun transfert",
		"2 services.", "La passerelle de connexion elle-même", "CNIL", `lang="fr"`,
	)
	english := w.get("/registre/" + string(college) + "?langue=en")
	webtest.CheckPage(t, english.Body.String())
	has(t, says(english), "The local", "What it is for", "Offer readings that suit the age", "Since Saturday 21 November 2026, until Thursday 15 July 2027", `lang="en"`)
	school := says(w.get("/registre/" + string(ecole)))
	has(t, school, "Service partout", "1 service.")
	hasNot(t, school, "Service local")
}

func TestASchoolWhereNothingIsOpenSaysSo(t *testing.T) {
	t.Parallel()
	c := contents()
	c.Declarations = slices.DeleteFunc(c.Declarations, func(d registry.Declaration) bool { return d.ServiceID != registry.House })
	w := open(t, c)
	has(t, says(w.get("/registre/"+string(college))), "Aucun service n'est ouvert ici.", "La passerelle de connexion")
	page := says(w.get("/registre/" + string(closed)))
	has(t, page, "Cet établissement est fermé", "Aucun service n'est ouvert ici.")
	hasNot(t, page, "La passerelle de connexion")
	for _, nowhere := range []string{"/registre/0289999X", "/registre/" + string(test), "/registre/academie?nom=ailleurs", "/registre/academie", "/registre/" + string(college) + "/pdf", "/registre/0289999X/csv"} {
		if got := w.get(nowhere); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d", nowhere, got.Code)
		}
	}
}

func TestWhatIsStoppedIsSaidWithoutItsReason(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(*registry.Contents){
		"the service":     func(c *registry.Contents) { c.Services[1].Suspended = true },
		"the declaration": func(c *registry.Contents) { c.Declarations[1].State = registry.Suspended },
		"the school": func(c *registry.Contents) {
			i := slices.IndexFunc(c.Enablings, func(e registry.Enabling) bool { return e.Service == "local" })
			c.Enablings[i].State, c.Enablings[i].Message = registry.SuspendedHere, registry.Text{FR: "fuite de données"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := contents()
			stop(&c)
			page := says(open(t, c).get("/registre/" + string(college)))
			has(t, page, "Service local", "suspendu", "Le service est arrêté pour le moment.")
			hasNot(t, page, "fuite", "21 novembre")
		})
	}
}

func TestAnAcademyListsEachServiceOnceWithItsSchools(t *testing.T) {
	t.Parallel()
	w := open(t, contents())
	page := says(w.get("/registre/academie?nom=exemple"))
	has(t, page, "Académie : exemple", "L'académie a 2 établissements.", "Dans 2 établissements.", "Dans 1 établissement.", "Service partout", "Service local")
	if n := strings.Count(page, `id="s-local"`); n != 1 {
		t.Errorf("the local service stands there %d times", n)
	}
	c := contents()
	for i := range 70 {
		id := fmt.Sprintf("s%02d", i)
		c.Services = append(c.Services, registry.Service{ID: id, Name: registry.Text{FR: "Nombreux " + id}})
		c.Declarations = append(c.Declarations, approved(id, registry.Scope{Level: registry.ByAcademy, Academies: []string{"exemple"}, All: true}))
	}
	w = open(t, c)
	for page, want := range map[string]string{"": "Nombreux s00", "&page=3": "Nombreux s69", "&page=99": "Nombreux s69"} {
		has(t, says(w.get("/registre/academie?nom=exemple"+page)), want, "72 services.")
	}
}

func TestSchoolsAreFoundByNameTownAndNumberWhateverTheAccents(t *testing.T) {
	t.Parallel()
	w := open(t, contents())
	for asked, want := range map[string]string{"ecole jules": "École Jules-Ferry", "DREUX moulin": "Collège Jean-Moulin", "0280202t": "Collège Jean-Moulin", "ferme": "fermé"} {
		page := w.get("/registre?q=" + strings.ReplaceAll(asked, " ", "+"))
		webtest.CheckPage(t, page.Body.String())
		has(t, says(page), want, "1 établissement trouvé.")
	}
	hasNot(t, says(w.get("/registre?q=essai")), "0280404E")
	has(t, says(w.get("/registre?q=introuvable")), "0 établissement")
	has(t, says(w.get("/registre")), "Académie : exemple")
	hasNot(t, says(w.get("/registre")), "trouvé")
}

func TestPagesAreKeptByCachesAndMadeAnewWhenTheRegisterOrTheDayChanges(t *testing.T) {
	t.Parallel()
	w := open(t, contents())
	path := "/registre/" + string(college) + "?langue=fr"
	first := w.get(path)
	tag := first.Header().Get("ETag")
	if first.Header().Get("Cache-Control") != "public, max-age=300" || tag == "" || first.Header().Get("Vary") != "" || first.Header().Get("Set-Cookie") != "" {
		t.Errorf("headers %v", first.Header())
	}
	if again := w.get(path, "If-None-Match", tag); again.Code != http.StatusNotModified {
		t.Errorf("a known page: %d", again.Code)
	}
	if free := w.get("/registre/"+string(college), "Accept-Language", "en"); free.Header().Get("Vary") == "" || !strings.Contains(free.Body.String(), `lang="en"`) {
		t.Errorf("a page in the browser's language: %v", free.Header())
	}
	c := contents()
	c.Revision, c.Services[0].Suspended = 2, true
	w.Contents = c
	w.refresh(t)
	has(t, says(w.get(path)), "Le service est arrêté pour le moment.")
	w.now = time.Date(2027, 9, 1, 10, 0, 0, 0, time.UTC)
	w.refresh(t)
	has(t, says(w.get(path)), "Aucun service n'est ouvert ici.")
}

func (w *world) refresh(t *testing.T) {
	t.Helper()
	if err := w.live.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestExportsSayTheSameToProgramsAndSpreadsheets(t *testing.T) {
	t.Parallel()
	w := open(t, contents())
	for _, base := range []string{"/registre/" + string(college) + "/%s", "/registre/academie/%s?nom=exemple"} {
		table := w.get(fmt.Sprintf(base, "csv"))
		in := csv.NewReader(strings.NewReader(strings.TrimPrefix(table.Body.String(), "\ufeff")))
		in.Comma = ';'
		rows, err := in.ReadAll()
		if err != nil || len(rows) != 4 || !strings.HasPrefix(table.Header().Get("Content-Type"), "text/csv") || table.Header().Get("Content-Disposition") == "" {
			t.Fatalf("%v %v %v", err, rows, table.Header())
		}
		has(t, strings.Join(rows[1], "|"), "Service local", "ouvert", "mission d’intérêt public", "2027-07-15")
		var told struct {
			Services []map[string]any `json:"services"`
			Gateway  []map[string]any `json:"gateway"`
		}
		if err := json.Unmarshal(w.get(fmt.Sprintf(base, "json")).Body.Bytes(), &told); err != nil || len(told.Services) != 2 || len(told.Gateway) != 1 {
			t.Fatalf("%v %v", err, told)
		}
		if told.Services[0]["until"] != "2027-07-15" || told.Services[0]["suspended"] != false {
			t.Errorf("the program reads %v", told.Services[0])
		}
	}
}

// mark fills every text below a value with a word that no page may show, but for what is public.
func mark(v reflect.Value, path string, public func(string) bool) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			mark(v.Field(i), path+"."+v.Type().Field(i).Name, public)
		}
	case reflect.Slice:
		for i := range v.Len() {
			mark(v.Index(i), path, public)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			mark(v.Elem(), path, public)
		}
	case reflect.Map:
		if v.Type() == reflect.TypeFor[map[string]string]() {
			v.Set(reflect.ValueOf(map[string]string{"secret": "zz" + path}))
		}
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() && v.CanSet() && !public(path) {
			v.SetString("zz" + path)
		}
	}
}

// open texts of a declaration and of a service, by the paths of their fields.
func isPublic(path string) bool {
	for _, p := range []string{
		".ID", ".ServiceID", ".Controller.Name", ".Controller.Office", ".Joint.Name", ".Joint.Office", ".Supplier.Name", ".Supplier.Sub", ".Scope", ".Purposes", ".Basis.Text",
		".Persons", ".Data", ".Recipients", ".Items.Justification", ".Audience", ".Hosting", ".Transfers.Country", ".Transfers.Recipient", ".Retention",
		".Erasure", ".Name", ".Sentence", ".Provider", ".Sector", ".Category", ".Bindings.Protocol", ".Bindings.Handle",
	} {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}

// drawn is an academy in which every text that is not public bears a mark, and every state is drawn.
func drawn(rt *rapid.T) registry.Contents {
	c := contents()
	state := rapid.SampledFrom([]registry.State{registry.Approved, registry.Approved, registry.Approved, registry.Suspended, registry.Draft, registry.Submitted, registry.Archived, registry.Refused})
	word := rapid.SampledFrom([]registry.EnablingState{registry.Enabled, registry.Enabled, registry.RefusedHere, registry.SuspendedHere, registry.ClaimedOnPaper, registry.Withdrawn})
	for i := range c.Declarations {
		d := &c.Declarations[i]
		if d.ServiceID == registry.House {
			continue
		}
		d.State = state.Draw(rt, "state")
		d.Joint = []registry.Controller{{Name: "Région", Office: "présidence", DPO: "x", Contact: "x"}}
		d.Transfers = []registry.Transfer{{Country: "US", Recipient: "Cloud", Instrument: registry.DPF, Reference: "x", Assessment: "x"}}
		d.Justified, d.Paper, d.Pilot = []registry.Justified{{Rule: "x", Text: "x"}}, &registry.Paper{Act: "x"}, &registry.Pilot{Why: "x"}
		d.Opinions = []registry.Opinion{{Reason: "x", Office: "x", By: "x"}}
		d.Judged, d.Terms, d.Review = &registry.Examination{Findings: []registry.Finding{{What: "x"}}}, []registry.Confirmed{{Office: "x"}}, &registry.Review{Why: "x"}
		d.Decisions = []registry.Decision{{State: d.State, Office: "x", By: "x", Reason: "x", Notes: []registry.Remark{{What: "x"}}, Paper: &registry.Paper{Act: "x"}}}
		d.Pilot.Until, d.Review.Deadline = d.Until, d.Until
		mark(reflect.ValueOf(d).Elem(), "", isPublic)
		d.Purposes = append(d.Purposes, registry.Text{FR: "Écrire à prenom.nom@zz.example", EN: "Write to prenom.nom@zz.example"})
		draft := *d
		draft.Version, draft.State, draft.Decisions = 2, registry.Draft, nil
		draft.Purposes = []registry.Text{{FR: "zz a draft", EN: "zz a draft"}}
		c.Declarations = append(c.Declarations, draft)
	}
	for i := range c.Services {
		s := &c.Services[i]
		s.Suspended = rapid.IntRange(0, 4).Draw(rt, "stopped") == 3
		s.Labels, s.Decisions = map[string]string{"x": "x"}, []registry.Decision{{Reason: "x", Office: "x", By: "x"}}
		s.Bindings = []registry.Binding{{Protocol: "link", Handle: s.ID}}
		mark(reflect.ValueOf(s).Elem(), "", isPublic)
	}
	for _, service := range []string{"partout", "local"} {
		registrytest.Say(&c, registry.Enabling{
			Service: service, UAI: college, State: word.Draw(rt, "word"), Declaration: service + "-1", Version: 1, Message: registry.Text{FR: "zz message", EN: "zz message"},
			Decisions: []registry.Decision{{Reason: "zz reason", Office: "zz office", By: "zz handle"}}, Since: noon().Add(-time.Hour),
		})
	}
	c.Comments = []registry.Comment{{ID: "k", Declaration: "local-1", Version: 1, Says: "zz comment", Office: "zz", By: "zz"}}
	c.Wishes = []registry.Wish{{ID: "w", UAI: college, About: "local", Reason: "zz wish", By: []string{"zz"}}}
	c.Incidents = []registry.Incident{{ID: "i", Title: "zz incident", Services: []string{"local"}, UAIs: []person.UAI{college}, What: "zz", Contact: "zz@zz", State: registry.IncidentOpen, Message: registry.Wording{Adulte: registry.Text{FR: "zz words"}}}}
	c.Stops = []registry.Stop{{Kind: registry.StopEstablishment, ID: string(ecole), Suspended: rapid.Bool().Draw(rt, "school stopped"), Decisions: []registry.Decision{{Reason: "zz stop"}}}}
	return c
}

func TestNothingHiddenEverStandsInThePublicRegister(t *testing.T) {
	t.Parallel()
	shown, kit := 0, webtest.New(t, published.Pages())
	rapid.Check(t, func(rt *rapid.T) {
		w := openWith(t, kit, drawn(rt))
		for _, path := range []string{
			"/registre", "/registre?q=" + string(college), "/registre/academie?nom=exemple", "/registre/academie/csv?nom=exemple", "/registre/academie/json?nom=exemple",
			"/registre/" + string(ecole), "/registre/" + string(college), "/registre/" + string(college) + "/csv", "/registre/" + string(college) + "/json",
		} {
			for _, lang := range []string{"fr", "en"} {
				sep := "?"
				if strings.Contains(path, "?") {
					sep = "&"
				}
				got := w.get(path + sep + "langue=" + lang)
				if got.Code != http.StatusOK {
					rt.Fatalf("%s: %d", path, got.Code)
				}
				body := got.Body.String()
				if i := strings.Index(body, "zz"); i >= 0 {
					rt.Fatalf("%s in %s shows …%s…", path, lang, body[max(0, i-60):min(len(body), i+60)])
				}
				if strings.Contains(body, "@") {
					rt.Fatalf("%s shows a mail address: …%s…", path, body[max(0, strings.Index(body, "@")-60):])
				}
				if strings.Contains(body, "Service local") {
					shown++
				}
			}
		}
	})
	if shown < 50 {
		t.Errorf("only %d of the pages showed anything: the property says little", shown)
	}
}
