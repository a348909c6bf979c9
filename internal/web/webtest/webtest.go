// Package webtest gives other packages a kit to test their pages with: fixed clock, fixed reference, every finding a
// failure, and checks that hold for any page. It is test code; no production file imports it.
package webtest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/web"
)

// Ref is the reference on every error page of a test kit; its check symbol fits.
const Ref web.Ref = "K7Q2-9FMZ"

// Origin is the public address of a test kit.
const Origin = "https://connexion.example"

// Now is the clock of every test kit: Monday 7 September 2026, 10:42 in Paris.
func Now() time.Time { return time.Date(2026, time.September, 7, 8, 42, 0, 0, time.UTC) }

// New gives a kit with the contributions in it. The test fails at once on anything New or Findings has to say.
func New(t testing.TB, contributions ...web.Contribution) *web.Kit {
	t.Helper()
	return NewWith(t, web.Config{Contributions: contributions})
}

// NewWith is New for tests that need more of the configuration; what is left open is filled in.
func NewWith(t testing.TB, cfg web.Config) *web.Kit {
	t.Helper()
	if cfg.Product == "" {
		cfg.Product = "Écluse"
	}
	if cfg.PublicURL == "" {
		cfg.PublicURL = Origin
	}
	if cfg.Now == nil {
		cfg.Now = Now
	}
	if cfg.NewRef == nil {
		cfg.NewRef = func() web.Ref { return Ref }
	}
	kit, err := web.New(cfg)
	if err != nil {
		t.Fatalf("web.New: %v", err)
	}
	for _, finding := range kit.Findings() {
		t.Errorf("finding: %v", finding)
	}
	return kit
}

// Faults records what a kit reports; give its Report to web.Config.
type Faults struct {
	mu   sync.Mutex
	list []*web.Fault
}

// Report is a web.Config.Report.
func (f *Faults) Report(_ context.Context, _ web.Ref, fault *web.Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, fault)
}

// All gives what was reported so far, in order.
func (f *Faults) All() []*web.Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]*web.Fault(nil), f.list...)
}

// Straight gives a page as tests write what they look for: with the apostrophe that people type, where French is printed
// with the curved one.
func Straight(page string) string { return strings.ReplaceAll(page, "\u2019", "&#39;") }

// Render prints a page and gives its HTML, after checking what holds for every page.
func Render(t testing.TB, kit *web.Kit, lang web.Lang, name string, data any) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/essai", nil)
	r.Header.Set("Accept-Language", string(lang))
	w := httptest.NewRecorder()
	if err := kit.Render(w, r, http.StatusOK, name, data); err != nil {
		t.Fatalf("render %s in %s: %v", name, lang, err)
	}
	CheckPage(t, w.Body.String())
	return w.Body.String()
}

// RenderAll prints a page in both languages to all three audiences; page makes its value for one audience.
func RenderAll(t *testing.T, kit *web.Kit, name string, page func(web.Audience) any) {
	t.Helper()
	for _, lang := range []web.Lang{web.French, web.English} {
		for _, audience := range []web.Audience{web.Child, web.Teen, web.Adult} {
			t.Run(string(lang)+" "+string(audience), func(t *testing.T) {
				html := Render(t, kit, lang, name, page(audience))
				if want := `<html lang="` + string(lang) + `" data-audience="` + string(audience) + `">`; !strings.Contains(html, want) {
					t.Errorf("page does not begin with %s", want)
				}
			})
		}
	}
}

// CheckPage checks what holds for every page of ours, whatever it says: one h1, a title, no leftover of a template,
// nothing that the policy forbids, a label for every visible field, identifiers used once; and for children, short sentences
// in words that they know.
func CheckPage(t testing.TB, html string) {
	t.Helper()
	if n := strings.Count(html, "<h1"); n != 1 {
		t.Errorf("%d h1, want 1", n)
	}
	if regexp.MustCompile(`<title>\s*–`).MatchString(html) {
		t.Error("the title is empty")
	}
	for _, leftover := range []string{"ZgotmplZ", "<no value>", "%!", "map["} {
		if strings.Contains(html, leftover) {
			t.Errorf("leftover of a template: %q", leftover)
		}
	}
	if found := regexp.MustCompile(`(?i)\s(style|on[a-z]+)\s*=\s*["']`).FindString(html); found != "" {
		t.Errorf("inline style or handler: %q", found)
	}
	checkIdentifiers(t, html)
	checkChild(t, html)
}

func checkIdentifiers(t testing.TB, html string) {
	t.Helper()
	seen := map[string]bool{}
	for _, match := range regexp.MustCompile(`\sid="([^"]*)"`).FindAllStringSubmatch(html, -1) {
		if seen[match[1]] {
			t.Errorf("identifier %q is used twice", match[1])
		}
		seen[match[1]] = true
	}
	labelled := regexp.MustCompile(`(?s)<label[^>]*>.*?</label>`)
	for _, match := range regexp.MustCompile(`<input[^>]*>`).FindAllString(labelled.ReplaceAllStringFunc(html, openLabel), -1) {
		id := regexp.MustCompile(`\sid="([^"]*)"`).FindStringSubmatch(match)
		hidden := strings.Contains(match, `type="hidden"`)
		if !hidden && (id == nil || !strings.Contains(html, `for="`+id[1]+`"`)) {
			t.Errorf("field without label: %s", match)
		}
	}
}

// openLabel keeps the opening tag of a label only, as a field inside a label needs no other.
func openLabel(label string) string { return label[:strings.IndexByte(label, '>')+1] }
