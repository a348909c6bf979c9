package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// spoken is a page that shows one thing to children and another to everybody else, and says it in three wordings, two of
// which one text has.
func spoken() web.Contribution {
	page := `{{define "title"}}x{{end}}{{define "main"}}<h1>{{t "said"}}</h1><p>{{t "half"}}</p>` +
		`<p>{{if eq audience "enfant"}}few{{else}}all{{end}}</p>{{end}}`
	said := "said: {enfant: Mot doux, ado: Mot net, adulte: Mot entier}\nhalf: {enfant: Petit, adulte: Grand}\n"
	return contribution("spoken", map[string]string{"pages/p.html": page, "texts/fr.yaml": said, "texts/en.yaml": said})
}

// shownTo renders the page to an audience on a browser that keeps a version.
func shownTo(t *testing.T, kit *web.Kit, audience web.Audience, version, path string) string {
	t.Helper()
	r := request("GET", path, "")
	if version != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-wording", Value: version})
	}
	w := httptest.NewRecorder()
	page := struct{ web.Frame }{web.Frame{Audience: audience}}
	if err := kit.Render(w, r, 200, "spoken/p", page); err != nil {
		t.Fatal(err)
	}
	webtest.CheckPage(t, w.Body.String())
	return w.Body.String()
}

func offered(page string) []string {
	var out []string
	for _, word := range []string{"simple", "habituelle", "detaillee"} {
		if strings.Contains(page, `href="/version/`+word+`?retour=`) {
			out = append(out, word)
		}
	}
	return out
}

func TestAVersionIsOneStepFromAPersonsOwnWordingAndOffersOnlyWhatChangesSomething(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, spoken())
	for _, c := range []struct {
		audience web.Audience
		version  string
		words    web.Audience
		shown    string
		offered  []string
	}{
		{web.Child, "", web.Child, "Mot doux", []string{"detaillee"}},
		{web.Child, "simple", web.Child, "Mot doux", []string{"detaillee"}},
		{web.Child, "detailed", web.Teen, "Mot net", []string{"habituelle"}},
		{web.Teen, "", web.Teen, "Mot net", []string{"simple", "detaillee"}},
		{web.Teen, "simple", web.Child, "Mot doux", []string{"habituelle", "detaillee"}},
		{web.Teen, "detailed", web.Adult, "Mot entier", []string{"simple", "habituelle"}},
		{web.Adult, "", web.Adult, "Mot entier", []string{"simple"}},
		{web.Adult, "simple", web.Teen, "Mot net", []string{"habituelle"}},
		{web.Adult, "detailed", web.Adult, "Mot entier", []string{"simple"}},
		{"", "simple", web.Teen, "Mot net", []string{"habituelle"}},
	} {
		page := shownTo(t, kit, c.audience, c.version, "/x")
		if !strings.Contains(page, `data-audience="`+string(c.words)+`"`) || !strings.Contains(page, c.shown) {
			t.Errorf("%s, version %q: the page does not speak as to %s:\n%s", c.audience, c.version, c.words, page)
		}
		if got := offered(page); !slices.Equal(got, c.offered) {
			t.Errorf("%s, version %q: offers %v, want %v", c.audience, c.version, got, c.offered)
		}
	}
}

func TestAVersionChangesWordsAndNothingThatIsShown(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, spoken())
	for audience, want := range map[web.Audience]string{web.Child: "<p>few</p>", web.Teen: "<p>all</p>", web.Adult: "<p>all</p>"} {
		for _, version := range []string{"", "simple", "detailed"} {
			if page := shownTo(t, kit, audience, version, "/x"); !strings.Contains(page, want) {
				t.Errorf("%s, version %q: the page shows something else:\n%s", audience, version, page)
			}
		}
	}
}

func TestATextWithoutAWordingIsSaidAsToAdultsInEveryVersion(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, spoken())
	if page := shownTo(t, kit, web.Child, "detailed", "/x"); !strings.Contains(page, "<p>Grand</p>") {
		t.Errorf("the detailed version for a child does not fall back:\n%s", page)
	}
}

func TestACraftedVersionIsNone(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, spoken())
	for _, value := range []string{"adulte", "enfant", "SIMPLE", "detaillee", "simple,detailed", "x", strings.Repeat("a", 5000)} {
		if page := shownTo(t, kit, web.Teen, value, "/x"); !strings.Contains(page, `data-audience="ado"`) {
			t.Errorf("version %q is taken for one", value)
		}
	}
	r := request("GET", "/x", "")
	r.AddCookie(&http.Cookie{Name: "__Host-wording", Value: "simple"})
	r.AddCookie(&http.Cookie{Name: "__Host-wording", Value: "detailed"})
	if got := kit.Wording(r, web.Frame{Audience: web.Teen}); got != web.Teen {
		t.Errorf("of two versions one was planted, and %s is spoken", got)
	}
}

func TestTheSwitchOfVersionsRemembersUntilTheBrowserIsClosedAndGoesBack(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, spoken())
	link := "/version/detaillee?retour=" + url.QueryEscape("/x?a=1&b=%2F")
	if page := shownTo(t, kit, web.Child, "", "/x?a=1&b=%2F"); !strings.Contains(page, `href="`+link+`">Version détaillée</a>`) {
		t.Fatalf("no link %s:\n%s", link, page)
	}
	for _, method := range []string{"GET", "HEAD"} {
		w := serve(t, kit, request(method, link, ""))
		if w.Code != 303 || w.Header().Get("Location") != "/x?a=1&b=%2F" {
			t.Errorf("%s: status %d, Location %q", method, w.Code, w.Header().Get("Location"))
		}
		if got := w.Header().Get("Set-Cookie"); got != "__Host-wording=detailed; Path=/; HttpOnly; Secure; SameSite=Lax" {
			t.Errorf("%s: cookie %q", method, got)
		}
	}
	if w := serve(t, kit, request("GET", "/version/simple", "")); !strings.HasPrefix(w.Header().Get("Set-Cookie"), "__Host-wording=simple; ") {
		t.Errorf("simple: cookie %q", w.Header().Get("Set-Cookie"))
	}
	w := serve(t, kit, request("GET", "/version/habituelle?retour=%2Fx", ""))
	if got := w.Header().Get("Set-Cookie"); !strings.HasPrefix(got, "__Host-wording=; ") || !strings.Contains(got, "Max-Age=0") || w.Header().Get("Location") != "/x" {
		t.Errorf("the usual version: cookie %q, Location %q", got, w.Header().Get("Location"))
	}
	for _, word := range []string{"detailed", "adulte", "SIMPLE", "%2F"} {
		if w := serve(t, kit, request("GET", "/version/"+word, "")); w.Code != 404 || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("version %q: %d %q", word, w.Code, w.Header().Get("Set-Cookie"))
		}
	}
	if w := serve(t, kit, request("GET", "/version/simple?retour=https%3A%2F%2Fevil.example", "")); w.Header().Get("Location") != "/" {
		t.Errorf("the switch leads to %q", w.Header().Get("Location"))
	}
	if w := serve(t, kit, request("POST", "/version/simple", "a=b")); w.Code != 405 || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("a post: %d %q", w.Code, w.Header().Get("Set-Cookie"))
	}
}

func TestPageThatAnswersAPostHasASwitchOfVersionsOnlyWhenItSaysWhere(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, spoken())
	for here, want := range map[string]bool{"": false, "/login/abc": true, "//evil.example": false} {
		w := serve(t, kit, request("POST", "/x", "a=b"), web.Route{
			Method: "POST", Pattern: "/x", Handler: func(w http.ResponseWriter, r *http.Request) error {
				return kit.Render(w, r, 200, "spoken/p", struct{ web.Frame }{web.Frame{Here: here, Audience: web.Teen}})
			},
		})
		if got := len(offered(w.Body.String())) == 2; got != want || w.Code != 200 {
			t.Errorf("here %q: status %d, switch %v, want %v", here, w.Code, got, want)
		}
	}
}

func TestPlacesOfWorkHaveOneVersion(t *testing.T) {
	t.Parallel()
	kit := webtest.NewWith(t, web.Config{Offices: "/bureau/", Programs: "/api/", Contributions: []web.Contribution{spoken()}})
	for _, path := range []string{"/bureau/", "/bureau/x?y=z", "/api/v1/x"} {
		page := shownTo(t, kit, web.Adult, "simple", path)
		if !strings.Contains(page, `data-audience="adulte"`) || len(offered(page)) > 0 {
			t.Errorf("%s has versions:\n%s", path, page)
		}
	}
	if page := shownTo(t, kit, web.Adult, "simple", "/bureaux"); !strings.Contains(page, `data-audience="ado"`) {
		t.Errorf("a page beside the place of work has no version:\n%s", page)
	}
}

func TestErrorPagesAndTextsMadeInGoSpeakInTheChosenVersion(t *testing.T) {
	t.Parallel()
	kit := webtest.NewWith(t, web.Config{
		Contributions: []web.Contribution{spoken()}, Around: func(*http.Request) web.Frame { return web.Frame{Audience: web.Teen} },
	})
	r := request("GET", "/nowhere", "")
	r.AddCookie(&http.Cookie{Name: "__Host-wording", Value: "simple"})
	page := webtest.Straight(serve(t, kit, r).Body.String())
	if !strings.Contains(page, `data-audience="enfant"`) || !strings.Contains(page, "Cette page n&#39;existe pas.") {
		t.Errorf("the error page does not speak simply:\n%s", page)
	}
	if said, err := kit.Say(r, web.Frame{Audience: web.Adult}, "spoken/said"); said != "Mot net" || err != nil {
		t.Errorf("Say = %q, %v", said, err)
	}
	if page, err := kit.Print(web.French, "spoken/p", struct{ web.Frame }{web.Frame{Audience: web.Child}}); err != nil || len(offered(string(page))) > 0 {
		t.Errorf("a printed page has a switch: %v\n%s", err, page)
	}
}
