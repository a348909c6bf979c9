package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

func TestLanguageIsChosenThenPreferredThenFrench(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t)
	for _, c := range []struct {
		cookie, accept string
		want           web.Lang
	}{
		{"", "", web.French},
		{"", "en-GB,en;q=0.9", web.English},
		{"", "fr-CA, en;q=0.5", web.French},
		{"", "de, en;q=0.5", web.English},
		{"", "de", web.French},
		{"", "en;q=0.2, fr;q=0.8", web.French},
		{"", "en;q=x;;", web.French},
		{"fr", "en", web.French},
		{"en", "fr", web.English},
		{"xx", "en", web.English},
	} {
		r := request("GET", "/", "")
		setHeader(r, "Accept-Language", c.accept)
		if c.cookie != "" {
			r.AddCookie(&http.Cookie{Name: "__Host-lang", Value: c.cookie})
		}
		if got := kit.Lang(r); got != c.want {
			t.Errorf("cookie %q, Accept-Language %q: %s, want %s", c.cookie, c.accept, got, c.want)
		}
	}
}

func TestLanguageSwitchKeepsTheAddress(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t)
	page := serve(t, kit, request("GET", "/nowhere?a=1&b=%2F", ""))
	link := "/langue/en?retour=" + url.QueryEscape("/nowhere?a=1&b=%2F")
	if !strings.Contains(page.Body.String(), `href="`+link+`"`) {
		t.Fatalf("the page has no link %s:\n%s", link, page.Body)
	}
	w := serve(t, kit, request("GET", link, ""))
	if w.Code != 303 || w.Header().Get("Location") != "/nowhere?a=1&b=%2F" {
		t.Errorf("status %d, Location %q", w.Code, w.Header().Get("Location"))
	}
	if cookie := w.Header().Get("Set-Cookie"); !strings.HasPrefix(cookie, "__Host-lang=en; ") {
		t.Errorf("cookie %q", cookie)
	}
	if w := serve(t, kit, request("GET", "/langue/de", "")); w.Code != 404 || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("unknown language: %d %q", w.Code, w.Header().Get("Set-Cookie"))
	}
}

func TestLanguageSwitchIsNoOpenRedirect(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t)
	for _, path := range []string{
		"", "//evil.example", "///evil.example", "https://evil.example", "https:evil.example", `/\evil.example`, `\\evil.example`,
		`/x\..\..\evil`, "/\t/evil.example", "/\n/evil.example", "/ /evil.example", "evil.example", "javascript:alert(1)",
		"/%5Cevil.example", "/%09/evil.example", "/%2F/evil.example", "/%zz", "@evil.example", "/é", "/" + strings.Repeat("a", 9000),
	} {
		w := serve(t, kit, request("GET", "/langue/fr?retour="+url.QueryEscape(path), ""))
		if got := w.Header().Get("Location"); got != "/" {
			t.Errorf("%q: Location %q, want /", path, got)
		}
	}
	for _, path := range []string{"/", "/a/b?c=d&e=https://x.example//y", "/login/abc%2Fd", "/a#b"} {
		if got, ok := web.LocalPath(path); !ok || got != path {
			t.Errorf("%q is a local path and was refused", path)
		}
	}
}

func TestPageThatAnswersAPostHasASwitchOnlyWhenItSaysWhere(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, showcase(t))
	for here, want := range map[string]bool{"": false, "/login/abc": true, "//evil.example": false} {
		page := showcasePage{Frame: web.Frame{Here: here}, Items: web.Table{Caption: "x"}}
		w := serve(t, kit, request("POST", "/x", "a=b"), web.Route{
			Method: "POST", Pattern: "/x", Handler: func(w http.ResponseWriter, r *http.Request) error {
				return kit.Render(w, r, 200, "showcase/all", page)
			},
		})
		if got := strings.Contains(w.Body.String(), "/langue/en?retour=%2Flogin%2Fabc"); got != want || w.Code != 200 {
			t.Errorf("here %q: status %d, switch %v, want %v", here, w.Code, got, want)
		}
	}
}

func FuzzLocalPathNeverLeavesTheHost(f *testing.F) {
	f.Add("/a?b=c")
	f.Add(`/\evil.example`)
	base := &url.URL{Scheme: "https", Host: "connexion.example"}
	f.Fuzz(func(t *testing.T, path string) {
		local, ok := web.LocalPath(path)
		if !ok {
			return
		}
		// A browser reads a backslash as a slash and drops tabs and line ends.
		read := strings.NewReplacer(`\`, "/", "\t", "", "\n", "", "\r", "").Replace(local)
		u, err := base.Parse(read)
		if err != nil || u.Host != base.Host || u.Scheme != base.Scheme {
			t.Errorf("%q leads to %v, %v", path, u, err)
		}
	})
}
