package frame_test

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// bench is a desk with one group of pages, whose only handler a test writes.
type bench struct {
	*desktest.House
	frame  *frame.Frame
	mux    *web.Mux
	caller roles.Caller
	do     frame.Handler
	nobody bool
	untold error // why nobody can tell who it is
}

func someFiles() fstest.MapFS {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	text := "title: %s\nmenu: %s\nwrong:\n  items:\n    why: %s\nconflict:\n  late: %s\n"
	return fstest.MapFS{
		"pages/list.html": file(`{{define "title"}}{{t "title"}}{{end}}{{define "main"}}<h1>{{t "title"}}</h1>{{range .Part}}<p>n° {{.}}</p>{{end}}{{template "pager" .Pager}}{{end}}`),
		"texts/fr.yaml":   file(fmt.Sprintf(text, "Des choses", "Les choses", "Dites pourquoi.", "Le jour est passé.")),
		"texts/en.yaml":   file(fmt.Sprintf(text, "Things", "The things", "Say why.", "The day is over.")),
	}
}

// ruleFiles are words for what a rule about declarations finds, where the wizard has them.
func ruleFiles() fstest.MapFS {
	text := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte("rule:\n  told: " + s + "\n")} }
	return fstest.MapFS{"texts/fr.yaml": text("Un public n'est pas informé."), "texts/en.yaml": text("A public was not told.")}
}

type listPage struct {
	web.Frame
	Part  []int
	Pager web.Pager
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{House: desktest.New(t)}
	kit := webtest.NewWith(t, web.Config{
		Now: b.Now, Offices: frame.Home, Contributions: []web.Contribution{frame.Pages(), {Name: "some", Files: someFiles()}, {Name: "wizard", Files: ruleFiles()}},
	})
	b.caller = b.Head(desktest.College)
	b.frame = frame.New(frame.Config{
		Kit: kit, Desk: b.Desk, Live: b.Live, Now: b.Now, Routes: func() []web.Route { return b.mux.Routes() }, Enter: "/bureau/entrer", Word: "/bureau/lien",
		Who: func(*http.Request) (frame.Who, bool, error) {
			return frame.Who{Caller: b.caller, Until: b.Now().Add(time.Hour)}, !b.nobody && b.untold == nil, b.untold
		},
	})
	b.mux = web.NewMux(kit)
	b.mux.Handle(web.Route{Method: "GET", Pattern: "/bureau/choses/{id}/{n}", Handler: b.frame.Page("some", failing(nil))})
	b.mux.Handle(web.Route{Method: "POST", Pattern: "/bureau/cles", Handler: b.frame.Page("some", failing(nil))})
	for _, method := range []string{"GET", "POST"} {
		b.mux.Handle(web.Route{Method: method, Pattern: "/bureau/choses", Handler: b.frame.Page("some", func(w http.ResponseWriter, v *frame.Visit) error {
			return b.do(w, v)
		})})
	}
	return b
}

func (b *bench) ask(method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, webtest.Origin+path, strings.NewReader(body))
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	b.mux.ServeHTTP(w, r)
	return w
}

func failing(err error) frame.Handler {
	return func(http.ResponseWriter, *frame.Visit) error { return err }
}

func TestNobodyIsLedToTheSignIn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.nobody, b.do = true, failing(errors.New("a page of the desk was asked for by nobody"))
	w := b.ask("GET", "/bureau/choses", "")
	if w.Code != 200 || !strings.Contains(w.Body.String(), `href="/bureau/entrer"`) || strings.Contains(w.Body.String(), "est terminé") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w = b.ask("POST", "/bureau/choses", "x=1")
	if w.Code != 401 || !strings.Contains(w.Body.String(), "est terminé") {
		t.Errorf("a form that nobody posted: %d %s", w.Code, w.Body)
	}
}

// Nobody is told that their session is over because the register cannot be read.
func TestADeskThatCannotReadTheRegisterSaysSoAndNotThatASessionIsOver(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.nobody, b.do = true, failing(errors.New("a page of the desk was asked for by nobody"))
	b.Set(b.Now().Add(registry.MaxAge))
	for _, method := range []string{"GET", "POST"} {
		if w := b.ask(method, "/bureau/choses", ""); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "SYS-503") || strings.Contains(w.Body.String(), "terminé") {
			t.Errorf("%s: %d %s", method, w.Code, w.Body)
		}
	}
}

// A store of sessions that does not answer ends nobody's session: to sign in again would mend nothing, and a form that was
// typed is not lost to a page that asks for that.
func TestADeskThatCannotReadSessionsSaysSoAndNotThatASessionIsOver(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.untold, b.do = errors.New("no connection"), failing(errors.New("a page of the desk was asked for by nobody"))
	for _, method := range []string{"GET", "POST"} {
		w := b.ask(method, "/bureau/choses", "")
		if page := w.Body.String(); w.Code != http.StatusServiceUnavailable || !strings.Contains(page, "SYS-503") || strings.Contains(page, "terminé") || strings.Contains(page, "/bureau/entrer") {
			t.Errorf("%s: %d %s", method, w.Code, page)
		}
	}
}

func TestTheDesksErrorsBecomePages(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	denied := &roles.Denied{Act: roles.Enable, Why: "perimeter", Who: []registry.Role{registry.HeadOfSchool, registry.DASEN}}
	for name, c := range map[string]struct {
		err    error
		status int
		says   []string
	}{
		"not found":      {&desk.NotFound{Kind: "service", ID: "x"}, 404, []string{"Page introuvable"}},
		"denied":         {denied, 403, []string{"Ce n'est pas dans ce dont vous répondez", "Chef ou cheffe d'établissement, DASEN"}},
		"denied to all":  {&roles.Denied{Act: "x", Why: "role"}, 403, []string{"Aucune de vos qualités", "personne"}},
		"a conflict":     {&desk.Conflict{Code: "changed", What: "somebody"}, 409, []string{"Quelqu'un d'autre l'a changé"}},
		"its own words":  {&desk.Conflict{Code: "late", What: "too late"}, 409, []string{"Le jour est passé."}},
		"unknown word":   {&desk.Conflict{Code: "new", What: "never heard"}, 409, []string{"never heard"}},
		"needs":          {&desk.Conflict{Code: "findings", Need: []registry.Finding{{Where: "a", What: "the first"}, {Where: "b", What: "the second", Mend: "do so"}}}, 409, []string{"contrôles", "the first", "the second: do so"}},
		"a rule":         {&desk.Conflict{Code: "findings", Need: []registry.Finding{{Rule: "told", What: "pupils were not told"}, {Rule: "other", What: "the other"}}}, 409, []string{"Un public n'est pas informé.", "the other"}},
		"invalid":        {&desk.Invalid{Findings: []registry.Finding{{Where: "items[2].why", What: "x"}, {Where: "b", What: "the other"}}}, 422, []string{"Dites pourquoi.", "the other"}},
		"a step-up":      {&desk.StepUp{Word: "x"}, 403, nil},
		"a fault":        {web.TooLarge(errors.New("x")), 413, nil},
		"anything else":  {errors.New("no such table"), 503, nil},
		"a lost context": {fmt.Errorf("desk: %w", context.DeadlineExceeded), 503, nil},
	} {
		b.do = failing(c.err)
		w := b.ask("GET", "/bureau/choses", "")
		if w.Code != c.status || !strings.Contains(w.Body.String(), `class="office"`) || strings.Contains(w.Body.String(), "no such table") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		for _, words := range c.says {
			if !strings.Contains(html.UnescapeString(webtest.Straight(w.Body.String())), words) {
				t.Errorf("%s: the page does not say %q: %s", name, words, w.Body)
			}
		}
	}
}

func TestAStepUpIsTakenOverWithWhatWasPosted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.do = func(_ http.ResponseWriter, v *frame.Visit) error {
		_, err := v.Form()
		return errors.Join(err, fmt.Errorf("approve: %w", &desk.StepUp{Key: "k"}))
	}
	b.frame.ConfirmWith(func(w http.ResponseWriter, v *frame.Visit, s *desk.StepUp) error {
		return v.Redirect(w, "/bureau/"+s.Key+v.R.PostForm.Get("x"))
	})
	if w := b.ask("POST", "/bureau/choses", "x=1"); w.Code != 303 || w.Header().Get("Location") != "/bureau/k1" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestTheMenuShowsWhatIsMountedAndMayBeOpened(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	officer := func(v *frame.Visit) bool { return v.Holds(registry.DPO) }
	all := func(*frame.Visit) bool { return true }
	b.frame.Add(frame.Entry{Task: frame.Reading, Path: "/bureau/choses", Key: "some/menu"})
	b.frame.Add(frame.Entry{Task: frame.Keeping, Path: "/bureau/regles", Key: "some/menu", May: officer})
	b.frame.Add(frame.Entry{Task: frame.Doing, Path: "/bureau/moi", Key: "some/menu", May: all})
	b.frame.SearchAt("/bureau/recherche")
	b.do = func(w http.ResponseWriter, v *frame.Visit) error {
		return v.Render(w, 200, "list", listPage{Frame: v.Around(v.Say("title"), web.Tab{Label: "Au-dessus", URL: "/bureau/dessus"})})
	}
	for name, c := range map[string]struct {
		who  roles.Caller
		want []string
	}{
		"head": {b.Head(desktest.College), []string{"/bureau/moi", "/bureau/choses"}}, "officer": {b.DPO(), []string{"/bureau/moi", "/bureau/choses", "/bureau/regles"}},
		"in no capacity": {roles.Caller{Handle: "h"}, []string{"/bureau/moi"}},
	} {
		b.caller = c.who
		page := b.ask("GET", "/bureau/choses", "").Body.String()
		_, menu, _ := strings.Cut(page, `<nav id="menu"`)
		var got []string
		for rest := menu; ; {
			_, after, ok := strings.Cut(rest, `<a href="`)
			if !ok {
				break
			}
			path, more, _ := strings.Cut(after, `"`)
			if rest = more; strings.HasPrefix(path, "/bureau/") {
				got = append(got, path)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: the menu has %v, want %v", name, got, c.want)
		}
		if slices.Contains(c.want, "/bureau/choses") != strings.Contains(menu, `href="/bureau/choses" aria-current="page"`) {
			t.Errorf("%s: the menu does not say where one is", name)
		}
		for _, part := range []string{`action="/bureau/recherche"`, `<a href="/bureau/">À faire</a>`, `<a href="/bureau/dessus">Au-dessus</a>`, `<li aria-current="page">Des choses</li>`} {
			if !strings.Contains(page, part) {
				t.Errorf("%s: the page has no %s", name, part)
			}
		}
	}
	for path, want := range map[string]bool{
		"/bureau/choses": true, "/bureau/choses?x=1": true, "/bureau/choses/a/2": true, "/bureau/choses/a": false, "/bureau/cles": false, "": false, "%": false,
	} {
		if b.frame.Mounted(path) != want {
			t.Errorf("%q: mounted is %v", path, !want)
		}
	}
}

func TestALongListComesInParts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	all := make([]int, 101)
	for i := range all {
		all[i] = i + 1
	}
	size := 50
	b.do = func(w http.ResponseWriter, v *frame.Visit) error {
		part, pager := frame.Part(v, all, size)
		return v.Render(w, 200, "list", listPage{Frame: v.Around("x"), Part: part, Pager: pager})
	}
	for query, want := range map[string][]string{
		"":                             {"n° 1<", "n° 50<", "Page 1 sur 3", `href="/bureau/choses?page=2" rel="next"`},
		"?page=2&q=a%26b":              {"n° 51<", "n° 100<", `href="/bureau/choses?page=1&amp;q=a%26b" rel="prev"`, `page=3&amp;q=a%26b" rel="next"`},
		"?page=3":                      {"n° 101<", "Page 3 sur 3"},
		"?page=99999":                  {"n° 101<"},
		"?page=-4":                     {"n° 1<", "n° 50<"},
		"?page=x":                      {"n° 1<"},
		"?page=1000000000000000000000": {"n° 1<"},
	} {
		page := b.ask("GET", "/bureau/choses"+query, "").Body.String()
		for _, words := range want {
			if !strings.Contains(page, words) {
				t.Errorf("%s: no %q in %s", query, words, page)
			}
		}
		if n := strings.Count(page, "n° "); n > 50 {
			t.Errorf("%s: %d on one page", query, n)
		}
	}
	if page := b.ask("GET", "/bureau/choses?page=3", "").Body.String(); strings.Contains(page, `rel="next"`) {
		t.Error("the last page has a next one")
	}
	if all = nil; strings.Contains(b.ask("GET", "/bureau/choses?page=2", "").Body.String(), "pager") {
		t.Error("an empty list has pages")
	}
}

func TestWrongKnowsItsFields(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var wrong frame.Wrong
	b.do = func(w http.ResponseWriter, v *frame.Visit) error {
		var ok, not bool
		wrong, ok = v.Wrong(fmt.Errorf("x: %w", &desk.Invalid{Findings: []registry.Finding{{Where: "items[2].why", What: "a"}, {Where: "reasons", What: "b"}}}))
		_, not = v.Wrong(&desk.NotFound{})
		if !ok || not {
			t.Error("what is wrong with a form is taken for something else")
		}
		return v.Redirect(w, "/bureau/")
	}
	b.ask("GET", "/bureau/choses", "")
	if wrong.At("items") != "Dites pourquoi." || wrong.At("reason") != "" || wrong.At("reasons") != "b" {
		t.Errorf("%+v", wrong)
	}
	sum := wrong.Summary(func(field string) string { return map[string]string{"reasons": "motif"}[field] })
	if len(sum) != 2 || sum[0].Name != "contenu" || sum[1] != (web.InputError{Name: "motif", Text: "b"}) {
		t.Errorf("%+v", sum)
	}
}

func TestAVisitSaysNothingOfWhoIsThere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.do = func(w http.ResponseWriter, v *frame.Visit) error {
		for _, text := range []string{fmt.Sprint(v), fmt.Sprintf("%+v", v), fmt.Sprintf("%#v", v)} {
			if strings.Contains(text, v.Caller.Handle) {
				t.Errorf("%s", text)
			}
		}
		return v.Redirect(w, "/bureau/")
	}
	b.ask("GET", "/bureau/choses", "")
}

func TestPupilsOfWhomNoListSaysAnythingAreNotNone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.do = func(w http.ResponseWriter, v *frame.Visit) error {
		for _, c := range []struct {
			pupils, schools int
			want            string
		}{{0, 0, "0"}, {0, 2, "nombre inconnu"}, {1200, 2, "1\u202f200"}} {
			if got := v.Pupils(c.pupils, c.schools); got != c.want {
				t.Errorf("%d in %d schools: %q", c.pupils, c.schools, got)
			}
		}
		return v.Redirect(w, "/bureau/")
	}
	b.ask("GET", "/bureau/choses", "")
}

func TestNamesAreFoundWithoutAccentsAndCase(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]bool{
		"": true, "  ": true, "chartres": true, "ecole elementaire": true, "ÉCOLE chartres": true, "élém": true, "coeur": true, "cœur": true,
		"0280101h": true, "sacre-coeur": true, "ecole dreux": false, "écolé x": false,
	} {
		if got := frame.Seek(typed).In("École élémentaire du Sacré-Cœur", "CHARTRES", "0280101H"); got != want {
			t.Errorf("%q: %v", typed, got)
		}
	}
}

func TestAPageThatWasThereBeforeIsSurroundedForWhoIsThere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.frame.Add(frame.Entry{Task: frame.Reading, Path: "/bureau/choses", Key: "some/menu"})
	r := httptest.NewRequest("GET", webtest.Origin+"/bureau/autre", nil)
	if at := b.frame.Surround(r, "some/title"); at.Office == nil || at.Office.Here != "Des choses" || len(at.Office.Groups) != 1 {
		t.Errorf("%+v", at)
	}
	if at := b.frame.Surround(r, ""); at.Office == nil || at.Office.Here != "" {
		t.Errorf("without a name: %+v", at)
	}
	b.nobody = true
	if at := b.frame.Surround(r, "some/title"); at.Office != nil {
		t.Errorf("nobody gets a menu: %+v", at)
	}
}

// What is kept in one language is read in the visitor's: functions in decisions, references to the law, lists, data.
func TestWhatIsKeptInOneLanguageIsReadInTheVisitorsOwn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for lang, want := range map[string]string{
		"fr": "chef d’établissement|DPD|la vie scolaire||RGPD art. 4 et 5 (à confirmer)|a\u202f; b|Prénom\u202f; never_heard",
		"en": "Head of school|Data-protection officer|la vie scolaire||GDPR art. 4 and 5 (to be confirmed)|a; b|First name; never_heard",
	} {
		got := ""
		b.do = func(w http.ResponseWriter, v *frame.Visit) error {
			got = strings.Join([]string{
				v.InOffice("chef d'établissement"), v.InOffice("DPD"), v.InOffice("la vie scolaire"), v.InOffice(""),
				v.Law("RGPD art. 4 and 5 (to be confirmed)"), v.List("a", "b"), v.Data([]string{"given_name", "never_heard"}),
			}, "|")
			return v.Render(w, 200, "list", listPage{Frame: v.Around("")})
		}
		r := httptest.NewRequest("GET", webtest.Origin+"/bureau/choses", nil)
		r.Header.Set("Accept-Language", lang)
		b.mux.ServeHTTP(httptest.NewRecorder(), r)
		if got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
}
