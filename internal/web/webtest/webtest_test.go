package webtest_test

import (
	"fmt"
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
