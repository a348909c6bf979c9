package webtest_test

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"

	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// complaints records what a check says instead of failing.
type complaints struct {
	testing.TB
	said []string
}

func (c *complaints) Helper()           {}
func (c *complaints) Error(args ...any) { c.said = append(c.said, fmt.Sprint(args...)) }
func (c *complaints) Errorf(format string, args ...any) {
	c.said = append(c.said, fmt.Sprintf(format, args...))
}

func TestAFreePortIsNoneThatTheSystemHandsOut(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for range 50 {
		port := webtest.FreePort(t)
		again, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err != nil {
			t.Fatalf("it is not free: %v", err)
		}
		_ = again.Close()
		if given := l.Addr().(*net.TCPAddr).Port; len(port) != 5 || port >= strconv.Itoa(given) {
			t.Errorf("port %s, and the system gives %d", port, given)
		}
	}
}

func TestCheckPageSeesWhatNoPageMayHave(t *testing.T) {
	t.Parallel()
	good := `<title>Accueil – Écluse</title><h1 id="a">x</h1><label for="b">B</label><input id="b"><input type="hidden">` +
		`<label>C <input type="radio"></label>`
	for html, want := range map[string]string{
		good:                                    "",
		good + "<h1>y</h1>":                     "2 h1",
		good + `<p id="a">y</p>`:                "used twice",
		good + `<p style="x">y</p>`:             "inline style",
		good + `<p onclick="x">y</p>`:           "inline style or handler",
		good + `<input id="d">`:                 "without label",
		good + `<a href="#ZgotmplZ">y</a>`:      "ZgotmplZ",
		strings.Replace(good, "Accueil", "", 1): "title is empty",
	} {
		c := &complaints{TB: t}
		webtest.CheckPage(c, html)
		all := strings.Join(c.said, "\n")
		if (want == "") != (all == "") || !strings.Contains(all, want) {
			t.Errorf("%s:\nsaid %q, want %q", html, all, want)
		}
	}
}

func TestFixedReferenceIsAReference(t *testing.T) {
	t.Parallel()
	if _, err := web.ParseRef(string(webtest.Ref)); err != nil {
		t.Error(err)
	}
}

func TestAPageForChildrenIsReadAsAChildReadsIt(t *testing.T) {
	t.Parallel()
	page := func(audience, main string) string {
		return `<html lang="fr" data-audience="` + audience + `"><head><title>x</title></head><body><main>` + main + `</main></body></html>`
	}
	for name, c := range map[string]struct {
		page string
		want int
	}{
		"a hard word":                    {page("enfant", `<h1>Tes données</h1>`), 1},
		"the same for an adult":          {page("adulte", `<h1>Tes données</h1>`), 0},
		"folded away for a grown-up":     {page("enfant", `<h1>Toi</h1><details><summary>Pour les grands</summary><p>Tes données</p></details>`), 0},
		"a value told of the child":      {page("enfant", `<h1>Toi</h1><dl><dt>Ta classe</dt><dd>Session du soir</dd></dl>`), 0},
		"two blocks are not one":         {page("enfant", `<h1>Un deux trois quatre cinq six sept</h1><p>Un deux trois quatre cinq six sept</p>`), 0},
		"an element within one sentence": {page("enfant", `<h1>Toi</h1><p>Un deux trois quatre <strong>cinq six sept</strong> huit neuf dix onze douze treize</p>`), 1},
	} {
		r := &complaints{TB: t}
		webtest.CheckPage(r, c.page)
		if len(r.said) != c.want {
			t.Errorf("%s: %q", name, r.said)
		}
	}
}
