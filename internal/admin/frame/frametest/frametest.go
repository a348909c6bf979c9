// Package frametest gives tests of a group of the desk's pages a house with people in every office, whose pages are asked
// over HTTP as somebody.
package frametest

import (
	"context"
	"html"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/roles"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// Bench is a house with one group of pages.
type Bench struct {
	*desktest.House
	Lang   string // what browsers ask for; French when empty
	mux    *web.Mux
	caller roles.Caller
}

// Answer is what somebody was shown, or where they were sent.
type Answer struct {
	Status   int
	Page     string // the text of the page's main part as it stands in the document, entities and blanks read
	Location string
	Body     string // all of it as it was sent
	Header   http.Header
}

// New mounts a group of pages in a new house. Other says which addresses of other groups are there to link to.
func New(t testing.TB, pages web.Contribution, mount func(*desktest.House, *web.Mux, *frame.Frame), other ...string) *Bench {
	t.Helper()
	return Of(t, []web.Contribution{pages}, mount, other...)
}

// Of is New for pages that need those of other groups.
func Of(t testing.TB, pages []web.Contribution, mount func(*desktest.House, *web.Mux, *frame.Frame), other ...string) *Bench {
	t.Helper()
	b := &Bench{House: desktest.New(t)}
	report := func(_ context.Context, _ web.Ref, fault *web.Fault) {
		if fault.Status >= http.StatusInternalServerError { // no page of a test may break
			t.Errorf("%v", fault.Cause)
		}
	}
	kit := webtest.NewWith(t, web.Config{Now: b.Now, Report: report, Offices: frame.Home, Contributions: append([]web.Contribution{frame.Pages()}, pages...)})
	b.mux = web.NewMux(kit)
	f := frame.New(frame.Config{
		Kit: kit, Desk: b.Desk, Live: b.Live, Now: b.Now, Enter: "/bureau/entrer", Word: "/bureau/lien",
		Routes: func() []web.Route {
			routes := b.mux.Routes()
			for _, path := range other {
				routes = append(routes, web.Route{Method: http.MethodGet, Pattern: path})
			}
			return routes
		},
		Who: func(*http.Request) (frame.Who, bool, error) {
			return frame.Who{Caller: b.caller, Until: b.Now().Add(time.Hour)}, b.caller.Handle != "", nil
		},
	})
	mount(b.House, b.mux, f)
	return b
}

// Ask asks for a page as somebody; values are of a form, by pairs.
func (b *Bench) Ask(who roles.Caller, method, path string, values ...string) Answer {
	b.caller = who
	form := url.Values{}
	for i := 0; i+1 < len(values); i += 2 {
		form.Add(values[i], values[i+1])
	}
	return b.asked(method, path, "application/x-www-form-urlencoded", form.Encode())
}

// Upload posts a form with a file as somebody; values are of the form, by pairs.
func (b *Bench) Upload(t testing.TB, who roles.Caller, path, file string, values ...string) Answer {
	t.Helper()
	b.caller = who
	var body strings.Builder
	m := multipart.NewWriter(&body)
	for i := 0; i+1 < len(values); i += 2 {
		_ = m.WriteField(values[i], values[i+1]) // a strings.Builder takes everything
	}
	part, err := m.CreateFormFile(frame.File, "liste.csv")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte(file))
	_ = m.Close()
	return b.asked(http.MethodPost, path, m.FormDataContentType(), body.String())
}

func (b *Bench) asked(method, path, kind, body string) Answer {
	_ = b.Live.Refresh(context.Background()) // the clock may have been put forward
	r := httptest.NewRequest(method, webtest.Origin+path, strings.NewReader(body))
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Accept-Language", b.Lang)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	b.mux.ServeHTTP(w, r)
	_, main, _ := strings.Cut(w.Body.String(), "<main")
	main, _, _ = strings.Cut(main, "</main>")
	text := regexp.MustCompile(`[\s\x{202f}\x{a0}]+`).ReplaceAllString(html.UnescapeString(main), " ")
	return Answer{w.Code, strings.ReplaceAll(text, "’", "'"), w.Header().Get("Location"), w.Body.String(), w.Header()}
}

// Says tells whether the page's main part says all of it.
func (a Answer) Says(words ...string) bool {
	for _, w := range words {
		if !strings.Contains(a.Page, w) {
			return false
		}
	}
	return true
}

// Get asks for a page that has to be shown.
func (b *Bench) Get(t testing.TB, who roles.Caller, path string) string {
	t.Helper()
	a := b.Ask(who, http.MethodGet, path)
	if a.Status != http.StatusOK {
		t.Fatalf("%s: %d %s", path, a.Status, a.Page)
	}
	return a.Page
}

// Refused asks for a page that has to be refused.
func (b *Bench) Refused(t testing.TB, who roles.Caller, status int, method, path string, values ...string) {
	t.Helper()
	if a := b.Ask(who, method, path, values...); a.Status != status {
		t.Errorf("%s %s: %d instead of %d: %s", method, path, a.Status, status, a.Page)
	}
}

// Sent posts a form that has to be done, and gives the page to which it leads.
func (b *Bench) Sent(t testing.TB, who roles.Caller, path string, values ...string) string {
	t.Helper()
	a := b.Ask(who, http.MethodPost, path, values...)
	if a.Status != http.StatusSeeOther {
		t.Fatalf("%s %v: %d %s", path, values, a.Status, a.Page)
	}
	return b.Get(t, who, a.Location)
}

// Has wants words on a page.
func Has(t testing.TB, page string, want ...string) {
	t.Helper()
	for _, words := range want {
		if !strings.Contains(page, words) {
			t.Errorf("the page does not say %q: %s", words, page)
		}
	}
}

// Lacks wants words on no page.
func Lacks(t testing.TB, page string, never ...string) {
	t.Helper()
	for _, words := range never {
		if strings.Contains(page, words) {
			t.Errorf("the page says %q: %s", words, page)
		}
	}
}
