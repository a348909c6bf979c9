package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

func failing(err error) web.Route {
	return web.Route{Method: "GET", Pattern: "/x", Handler: func(http.ResponseWriter, *http.Request) error { return err }}
}

func TestFaultPageSaysWhatHappenedWhatToDoAndWhoHelps(t *testing.T) {
	t.Parallel()
	faults := &webtest.Faults{}
	kit := webtest.NewWith(t, web.Config{Contributions: []web.Contribution{showcase(t)}, Report: faults.Report})
	cause := errors.New("ticket abc is gone")
	fault := &web.Fault{
		Status: 410, Code: "SES-410", Kind: "showcase/expired", Args: map[string]string{"service": "Lire <b>"}, Cause: cause,
		Back: web.WayBack{Label: "Liretou", URL: "https://lire.example/"}, Retry: "/go/lire",
		Frame: web.Frame{Audience: web.Child, WayBack: web.WayBack{Label: "Mon ENT", URL: "https://ent.example/"}},
	}
	w := serve(t, kit, request("GET", "/x", ""), failing(fmt.Errorf("step source: %w", fault)))
	body := webtest.Straight(w.Body.String())
	webtest.CheckPage(t, body)
	for _, want := range []string{
		"La connexion a expiré", "La page de Lire &lt;b&gt; est restée", "Recommence depuis le début.", "à l&#39;assistance",
		"SES-410", string(webtest.Ref), `href="https://lire.example/"`, `href="/go/lire"`, `href="https://ent.example/"`,
		`data-audience="enfant"`, "lundi 7 septembre 2026 à 10\u202fh\u202f42", "Numéro à montrer",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if w.Code != 410 || strings.Contains(body, "ticket") {
		t.Errorf("status %d, or the cause is shown", w.Code)
	}
	all := faults.All()
	if len(all) != 1 || !errors.Is(all[0], cause) || all[0].Code != "SES-410" || !strings.Contains(all[0].Error(), "step source") {
		t.Errorf("reported: %v", all)
	}
}

func TestUnknownErrorsBecomeSYS500WithoutDetail(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t)
	for name, err := range map[string]error{
		"plain":        errors.New("dial tcp 10.0.0.3: camille"),
		"empty fault":  &web.Fault{Cause: errors.New("camille")},
		"odd status":   &web.Fault{Status: 200, Cause: errors.New("camille")},
		"unknown kind": &web.Fault{Status: 500, Code: "SYS-500", Kind: "nobody/nothing", Cause: errors.New("camille")},
	} {
		w := serve(t, kit, request("GET", "/x", ""), failing(err))
		body := webtest.Straight(w.Body.String())
		if w.Code != 500 || !strings.Contains(body, "SYS-500") || !strings.Contains(body, string(webtest.Ref)) {
			t.Errorf("%s: status %d: %s", name, w.Code, body)
		}
		if strings.Contains(body, "camille") || !strings.Contains(body, "Quelque chose n&#39;a pas fonctionné") {
			t.Errorf("%s: detail shown, or no general text: %s", name, body)
		}
	}
}

func TestFaultWithoutItsTextsOrArgumentsIsReportedAndStillShown(t *testing.T) {
	t.Parallel()
	faults := &webtest.Faults{}
	kit := webtest.NewWith(t, web.Config{Contributions: []web.Contribution{showcase(t)}, Report: faults.Report})
	w := serve(t, kit, request("GET", "/x", ""), failing(&web.Fault{Status: 410, Code: "SES-410", Kind: "showcase/expired"}))
	if w.Code != 410 || !strings.Contains(w.Body.String(), "SES-410") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	if all := faults.All(); len(all) != 2 || !strings.Contains(all[1].Error(), "{service}") {
		t.Errorf("reported: %v", all)
	}
}

func TestFaultDropsAddressesNobodyMayFollow(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t)
	evil := web.WayBack{Label: "x", URL: "javascript:alert(1)"}
	fault := &web.Fault{Status: 400, Code: "REQ-400", Kind: "bad-request", Back: evil, Retry: "//evil.example", Frame: web.Frame{WayBack: evil}}
	w := serve(t, kit, request("GET", "/x", ""), failing(fault))
	if body := w.Body.String(); w.Code != 400 || strings.Contains(body, "javascript") || strings.Contains(body, "evil") {
		t.Errorf("status %d: %s", w.Code, body)
	}
	if fault.Retry == "" || fault.Back != evil {
		t.Error("the fault of the caller was changed")
	}
}

func TestFaultSpeaksTheClientsLanguage(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t)
	for _, c := range []struct{ accept, lang, kind, want string }{
		{"", "", "text/html; charset=utf-8", "<h1>Page introuvable</h1>"},
		{"*/*", "", "text/html; charset=utf-8", "<h1>Page introuvable</h1>"},
		{"text/html,application/json", "en", "text/html; charset=utf-8", "<h1>Page not found</h1>"},
		{"application/json, text/plain, */*", "en", "application/problem+json", `"title":"Page not found"`},
		{"application/problem+json", "", "application/problem+json", `"code":"REQ-404"`},
		{"text/plain", "", "text/plain; charset=utf-8", "Page introuvable\n"},
	} {
		r := request("GET", "/nowhere", "")
		r.Header.Del("Accept")
		setHeader(r, "Accept", c.accept)
		setHeader(r, "Accept-Language", c.lang)
		w := serve(t, kit, r)
		if w.Code != 404 || w.Header().Get("Content-Type") != c.kind || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("Accept %q: %d %s\n%s", c.accept, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
		if !strings.Contains(w.Body.String(), string(webtest.Ref)) {
			t.Errorf("Accept %q: no reference", c.accept)
		}
		if strings.Contains(c.kind, "json") && !json.Valid(w.Body.Bytes()) {
			t.Errorf("Accept %q: not JSON: %s", c.accept, w.Body)
		}
	}
}

func TestHeadGetsTheHeadersOfTheFaultOnly(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(web.NewMux(webtest.NewWith(t, web.Config{PublicURL: "http://localhost"})))
	defer server.Close()
	answer, err := http.Head(server.URL + "/nowhere")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != 404 || answer.ContentLength <= 0 {
		t.Errorf("status %d, length %d", answer.StatusCode, answer.ContentLength)
	}
}

func TestFaultOfAClientThatLeftIsNotOurs(t *testing.T) {
	t.Parallel()
	faults := &webtest.Faults{}
	kit := webtest.NewWith(t, web.Config{Report: faults.Report})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	serve(t, kit, request("GET", "/x", "").WithContext(ctx), failing(fmt.Errorf("query: %w", context.Canceled)))
	if all := faults.All(); len(all) != 1 || all[0].Code != "REQ-499" {
		t.Errorf("reported: %v", all)
	}
}

func TestConstructorsOfFaultsHaveTexts(t *testing.T) {
	t.Parallel()
	faults := &webtest.Faults{}
	kit := webtest.NewWith(t, web.Config{Report: faults.Report})
	for status, fault := range map[int]*web.Fault{
		400: web.BadRequest(nil), 403: web.Forbidden(nil), 404: web.NotFound(nil), 413: web.TooLarge(nil),
		429: web.TooMany(nil), 503: web.Unavailable(nil),
	} {
		w := serve(t, kit, request("GET", "/x", ""), failing(fault))
		if w.Code != status || !strings.Contains(w.Body.String(), fmt.Sprintf("-%d", status)) {
			t.Errorf("%s: status %d, want %d", fault, w.Code, status)
		}
	}
	if n := len(faults.All()); n != 6 {
		t.Errorf("%d reports for 6 faults: a text is missing", n)
	}
}

func TestFaultWithoutAFrameGetsTheOneAroundIt(t *testing.T) {
	t.Parallel()
	around := func(*http.Request) web.Frame {
		return web.Frame{Audience: web.Child, WayBack: web.WayBack{Label: "Mon ENT", URL: "https://ent.example/"}}
	}
	kit := webtest.NewWith(t, web.Config{Contributions: []web.Contribution{showcase(t)}, Around: around})
	own := &web.Fault{Status: 410, Kind: "showcase/expired", Args: map[string]string{"service": "Lire"}, Frame: web.Frame{Audience: web.Teen}}
	for name, c := range map[string]struct {
		err  error
		want bool
	}{"none": {errors.New("x"), true}, "its own": {own, false}} {
		body := serve(t, kit, request("GET", "/x", ""), failing(c.err)).Body.String()
		if got := strings.Contains(body, `href="https://ent.example/"`) && strings.Contains(body, `data-audience="enfant"`); got != c.want {
			t.Errorf("a fault with %s frame: the one around it is used: %v, want %v", name, got, c.want)
		}
	}
}

func TestWhatProgramsAskForIsAnsweredWithProblemDetails(t *testing.T) {
	t.Parallel()
	kit := webtest.NewWith(t, web.Config{Programs: "/api/"})
	fault := &web.Fault{Status: 409, Code: "REQ-409", Kind: "bad-request", Members: map[string]any{
		"code": "changed", "type": "urn:x", "ref": "mine", "who_may": []string{"dpo"},
	}}
	for _, c := range []struct{ method, path, accept, lang, want string }{
		{"GET", "/api/nowhere", "text/html", "", `"title":"Page not found"`},
		{"GET", "/api/nowhere", "text/plain", "fr", `"title":"Page introuvable"`},
		{"DELETE", "/api/x", "", "", `"status":405`},
		{"GET", "/api/x", "*/*", "", `"code":"changed"`},
		{"GET", "/api/x", "*/*", "", `"type":"urn:x"`},
		{"GET", "/api/x", "*/*", "", `"who_may":["dpo"]`},
		{"GET", "/api/x", "*/*", "", `"ref":"` + string(webtest.Ref) + `"`},
	} {
		mux := web.NewMux(kit)
		mux.Handle(web.Route{Method: "GET", Pattern: "/api/x", Handler: failing(fault).Handler})
		r := request(c.method, c.path, "")
		r.Header.Del("Accept")
		setHeader(r, "Accept", c.accept)
		setHeader(r, "Accept-Language", c.lang)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Header().Get("Content-Type") != "application/problem+json" || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s %s %q: %s %s", c.method, c.path, c.accept, w.Header().Get("Content-Type"), w.Body)
		}
	}
}

// TestWhatIsToldToWhoeverWroteAProgramIsFoldedOnThePage: a person reads the same with it and without it.
func TestWhatIsToldToWhoeverWroteAProgramIsFoldedOnThePage(t *testing.T) {
	t.Parallel()
	const told = "redirect_uri: <it> is none of those"
	kit := webtest.NewWith(t, web.Config{})
	for accept, want := range map[string]string{
		"text/html": `<span lang="en">redirect_uri: &lt;it&gt; is none of those</span>`, "application/json": `"told":"redirect_uri: \u003cit\u003e is none of those"`,
		"text/plain": "\n" + told + "\n",
	} {
		r := request("GET", "/x", "")
		r.Header.Set("Accept", accept)
		body := serve(t, kit, r, failing(&web.Fault{Status: 400, Code: "OIC-402", Kind: "bad-request", Told: told})).Body.String()
		without := serve(t, kit, r, failing(&web.Fault{Status: 400, Code: "OIC-402", Kind: "bad-request"})).Body.String()
		if !strings.Contains(body, want) || strings.Contains(without, "redirect_uri") || strings.Contains(without, `<span lang="en">`) {
			t.Errorf("%s: %s", accept, body)
		}
		if open, _, folded := strings.Cut(body, `<details class="details">`); accept == "text/html" && (!folded || strings.Contains(open, "redirect_uri")) {
			t.Error("it stands before the fold")
		}
	}
}

func TestMembersOfAFaultStandOnNoPage(t *testing.T) {
	t.Parallel()
	fault := &web.Fault{Status: 400, Code: "REQ-400", Kind: "bad-request", Members: map[string]any{"detail": "only-for-programs"}}
	if w := serve(t, webtest.New(t), request("GET", "/x", ""), failing(fault)); strings.Contains(w.Body.String(), "only-for-programs") {
		t.Error("a page shows what is for programs")
	}
}

func TestWhoeverIsLostFindsWhereToBeginAnew(t *testing.T) {
	t.Parallel()
	kit := webtest.NewWith(t, web.Config{Front: "/mine", Offices: "/work/"})
	const front, work = `<a href="/mine">Mes services</a>`, `<a href="/work/">Le bureau</a>`
	for _, c := range []struct {
		path, want string
		fault      web.Fault
	}{
		{"/x", front, web.Fault{Status: 404, Code: "REQ-404", Kind: "not-found"}},
		{"/work/x", work, web.Fault{Status: 404, Code: "REQ-404", Kind: "not-found"}},
		{"/mine", "", web.Fault{Status: 404, Code: "REQ-404", Kind: "not-found"}},
		{"/x", "", web.Fault{Status: 503, Code: "SYS-503", Kind: "unavailable"}},
		{"/x", "", web.Fault{Status: 410, Code: "SES-410", Kind: "not-found", Retry: "/again"}},
		{"/x", "", web.Fault{Status: 410, Code: "SES-410", Kind: "not-found", Back: web.WayBack{Label: "Lire", URL: "https://lire.example/"}}},
	} {
		route := failing(&c.fault)
		route.Pattern = c.path
		body := serve(t, kit, request("GET", c.path, ""), route).Body.String()
		for _, link := range []string{front, work} {
			if strings.Contains(body, link) != (link == c.want) {
				t.Errorf("%s, %d %+v: %q stands there: %v", c.path, c.fault.Status, c.fault, link, link != c.want)
			}
		}
	}
	if body := serve(t, webtest.NewWith(t, web.Config{}), request("GET", "/x", ""), failing(&web.Fault{Status: 404, Kind: "not-found"})).Body.String(); strings.Contains(body, `class="alone"`) {
		t.Error("a link to nowhere stands where there is no front")
	}
}
