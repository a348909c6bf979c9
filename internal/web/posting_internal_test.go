package web

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
)

func postingKit(tb testing.TB, public string) *Kit {
	tb.Helper()
	kit, err := New(Config{Product: "Écluse & Cie", PublicURL: public, Offices: "/bureau"})
	if err != nil {
		tb.Fatal(err)
	}
	return kit
}

// samePage posts by the prepared page and by the templates, and compares all that a browser gets.
func samePage(tb testing.TB, k *Kit, r *http.Request, action string, fields []Param, f Frame) {
	tb.Helper()
	u, err := k.target(action)
	if err != nil {
		return // PostForm refuses it: other tests
	}
	slow := httptest.NewRecorder()
	slow.Header().Set("Content-Security-Policy", contentPolicy(k.postFormAction()))
	page := leavePage{Frame: k.soundFrame(f), URL: u.String(), Host: u.Hostname(), Fields: fields}
	if err := k.Render(slow, r, http.StatusOK, postName, page); err != nil {
		tb.Fatal(err)
	}
	sameAs(tb, slow, r, action, func(quick http.ResponseWriter) error { return k.PostForm(quick, r, action, fields, f) })
}

// sameLeave is samePage for a page that leaves.
func sameLeave(tb testing.TB, k *Kit, r *http.Request, target string, f Frame) {
	tb.Helper()
	u, err := k.target(target)
	if err != nil {
		return
	}
	slow := httptest.NewRecorder()
	page := leavePage{Frame: k.soundFrame(f), URL: u.String(), Host: u.Hostname()}
	if err := k.render(slow, r, http.StatusOK, leaveName, page.URL, page); err != nil {
		tb.Fatal(err)
	}
	sameAs(tb, slow, r, target, func(quick http.ResponseWriter) error { return k.Leave(quick, r, target, f) })
}

func sameAs(tb testing.TB, slow *httptest.ResponseRecorder, r *http.Request, action string, write func(http.ResponseWriter) error) {
	tb.Helper()
	for range 2 { // made, and found
		quick := httptest.NewRecorder()
		if err := write(quick); err != nil {
			tb.Fatal(err)
		}
		if quick.Body.String() != slow.Body.String() || quick.Code != slow.Code {
			tb.Fatalf("%s to %s: status %d, prepared page\n%s\nthe templates' page\n%s", r.URL, action, quick.Code, quick.Body, slow.Body)
		}
		for name := range slow.Header() {
			if quick.Header().Get(name) != slow.Header().Get(name) || len(quick.Header()) != len(slow.Header()) {
				tb.Fatalf("header %s: %q, want %q", name, quick.Header().Get(name), slow.Header().Get(name))
			}
		}
	}
}

func TestAPreparedPageIsTheTemplatesPage(t *testing.T) {
	t.Parallel()
	fields := map[string][]Param{
		"none":    nil,
		"saml":    {{"SAMLResponse", strings.Repeat("PHg+/=", 1000)}, {"RelayState", `"><script>alert('é')</script>&amp;` + "\x00\xff\n"}},
		"twice":   {{"a", "1"}, {"a", "2"}, {"a", "a"}},
		"hostile": {{`"><b>`, "x"}, {"+é' ", "y"}},
		"nul":     {{"a\x00b", "x"}},
	}
	frames := map[string]Frame{
		"zero":     {},
		"journey":  {Here: "/flow/ABC-123", SignOut: "/signout", WayBack: WayBack{Label: "Mon <ENT> & moi", URL: "https://ent.example/?a=1&b='"}},
		"bad back": {Here: "/flow/ABC", WayBack: WayBack{Label: "x", URL: "javascript:alert(1)"}},
		"hostile":  {Here: `/flow/"&<x>%41+é`, SignOut: `/signout?a=1&b="x"`},
		"escaped":  {Here: "/flow/a%2Fb?x=1&y=2"},
		"root":     {Here: "/"},
		"not ours": {Here: "//evil.example/"},
		"tabs":     {Here: "/flow/ABC", Tabs: []Tab{{Label: "Compte", URL: "/compte"}}},
		"office":   {Here: "/flow/ABC", Office: &Office{Search: "/bureau/recherche"}},
	}
	for _, public := range []string{"https://connexion.example"} {
		kit := postingKit(t, public)
		for _, audience := range []Audience{"", Child, Teen} {
			for _, lang := range []string{"fr", "en-GB"} {
				for _, cookie := range []version{usual, simple, detailed} {
					for _, path := range []string{"/saml/sso", "/saml/sso?SAMLRequest=a%2Bb&x='<", "/bureau/x"} {
						for name, frame := range frames {
							frame.Audience = audience
							r := httptest.NewRequest(http.MethodGet, public+path, nil)
							if name == "zero" {
								r.Method = http.MethodPost
							}
							r.Header.Set("Accept-Language", lang)
							w := httptest.NewRecorder()
							kit.cookies.Set(w, versionCookie(), string(cookie))
							r.Header.Set("Cookie", strings.Split(w.Header().Get("Set-Cookie"), ";")[0])
							for _, f := range fields {
								samePage(t, kit, r, "https://lire.example/acs?x=1&y=2%20+", f, frame)
							}
							sameLeave(t, kit, r, "https://lire.example/sso?x=1&y=2%2F%2b+=", frame)
						}
					}
				}
			}
		}
	}
}

func TestTwoServicesHaveTwoPreparedPages(t *testing.T) {
	t.Parallel()
	kit := postingKit(t, "http://localhost:8080")
	r := httptest.NewRequest(http.MethodGet, "/saml/sso", nil)
	for _, action := range []string{"https://a.example/acs", "https://b.example/acs", "https://a.example:444/acs", "http://127.0.0.1:1/acs", "https://a.example/acs"} {
		for _, field := range []string{"SAMLResponse", "code"} {
			for _, here := range []string{"/flow/A", "/flow/B", "/a/b/c", "/"} {
				samePage(t, kit, r, action, []Param{{field, here}}, Frame{Here: here})
			}
		}
	}
	if n := len(kit.postings.byKey); n != 8 {
		t.Errorf("%d pages are kept, want one for each of 4 addresses and 2 fields", n)
	}
}

func TestAPreparedPageLeavesForAnyAddressAsTheTemplatesPageDoes(t *testing.T) {
	t.Parallel()
	kit := postingKit(t, "https://connexion.example")
	r := httptest.NewRequest(http.MethodGet, "/flow/A", nil)
	for c := range rune(0x7f) {
		for _, target := range []string{"https://a.example/sso?x=" + string(c) + "y", "https://a.example/" + string(c), "https://a.example/sso#" + string(c) + "%2" + string(c)} {
			sameLeave(t, kit, r, target, Frame{Here: "/flow/A"})
		}
	}
	for _, target := range []string{"https://a.example:444/", "http://127.0.0.1:1/cb", "HTTPS://A.example", "https://[::1]/x", "https://b.example/%C3%A9?é"} {
		sameLeave(t, kit, r, target, Frame{Here: "/flow/B"})
	}
	before, w := len(kit.postings.byKey), httptest.NewRecorder()
	if err := kit.Leave(w, r, "https://c.example/sso?SAMLRequest=a%2Bb%3D&RelayState=_x-1", Frame{Here: "/flow/A"}); err != nil {
		t.Fatal(err)
	}
	sameLeave(t, kit, r, "https://c.example/sso?SAMLRequest=c%2Fd&RelayState=_y-2", Frame{Here: "/flow/B"})
	if n := len(kit.postings.byKey); n != before+1 || !strings.Contains(w.Body.String(), "SAMLRequest=a%2Bb%3D&amp;RelayState=_x-1") {
		t.Errorf("%d pages are kept after %d", n, before)
	}
}

func TestPreparedPagesAreBounded(t *testing.T) {
	t.Parallel()
	kit := postingKit(t, "https://connexion.example")
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			r := httptest.NewRequest(http.MethodGet, "/saml/sso", nil)
			for i := range maxPostings/4 + 30 {
				w := httptest.NewRecorder()
				action := "https://sp.example/" + strconv.Itoa(worker) + "/" + strconv.Itoa(i)
				if err := kit.PostForm(w, r, action, nil, Frame{}); err != nil || !strings.Contains(w.Body.String(), `action="`+action+`"`) {
					t.Errorf("%s: %v", action, err)
				}
			}
		})
	}
	wg.Wait()
	if n := len(kit.postings.byKey); n == 0 || n > maxPostings {
		t.Errorf("%d pages are kept, at most %d may be", n, maxPostings)
	}
}

func FuzzAPreparedPageIsTheTemplatesPage(f *testing.F) {
	f.Add("https://lire.example/acs", "SAMLResponse", "PHg+", "/flow/A", "/saml/sso")
	f.Add("https://lire.example/a?b=c&d=%zz", `"'<>&+`, "\x00\xff\ufdd0", "/flow/%2f", "/x?y=z")
	kit := postingKit(f, "https://connexion.example")
	f.Fuzz(func(t *testing.T, action, name, value, here, signOut string) {
		r := httptest.NewRequest(http.MethodGet, "https://connexion.example/saml/sso", nil)
		samePage(t, kit, r, action, []Param{{name, value}, {"RelayState", value}}, Frame{Here: here, SignOut: signOut})
		sameLeave(t, kit, r, action, Frame{Here: here, SignOut: signOut})
		sameLeave(t, kit, r, "https://lire.example/sso?"+name+"="+value, Frame{Here: here, SignOut: signOut})
	})
}

// BenchmarkPostForm is a page that carries an answer of the usual size.
func BenchmarkPostForm(b *testing.B) {
	kit := postingKit(b, "https://connexion.example")
	r := httptest.NewRequest(http.MethodGet, "/saml/sso", nil)
	fields := []Param{{"SAMLResponse", strings.Repeat("PHg+/=", 1200)}, {"RelayState", "abc"}}
	frame := Frame{Here: "/flow/ABC", SignOut: "/signout"}
	b.Run("prepared", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = kit.PostForm(httptest.NewRecorder(), r, "https://lire.example/acs", fields, frame)
		}
	})
	b.Run("templates", func(b *testing.B) {
		b.ReportAllocs()
		page := leavePage{Frame: frame, URL: "https://lire.example/acs", Host: "lire.example", Fields: fields}
		for b.Loop() {
			_ = kit.Render(httptest.NewRecorder(), r, http.StatusOK, postName, page)
		}
	})
}
