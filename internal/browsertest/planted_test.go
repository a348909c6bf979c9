package browsertest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestWhatIsWrongInOneViewAloneIsNoticed plants one fault at a time into a page that is right.
func TestWhatIsWrongInOneViewAloneIsNoticed(t *testing.T) {
	const right = `<!DOCTYPE html><html lang="fr"><meta name="viewport" content="width=device-width"><title>Une page</title>` +
		`<style>body { font: 1rem sans-serif } a, button { display: inline-block; padding: 1rem }` +
		` a:focus, button:focus { outline: 3px solid } %STYLE%</style>` +
		`<main><h1>Une page</h1><p id="p">Du texte.</p><p><a href="/a">Un lien</a></p><p><button>Un bouton</button></p>%MORE%</main>`
	b := (&house{album: newAlbum(t), axe: axeSource(t), browser: startBrowser(t, "")}).tab(t)
	for name, c := range map[string]struct{ style, more, want string }{
		"nothing":                  {},
		"contrast in dark alone":   {style: `@media (prefers-color-scheme: dark) { #p { color: #ddd; background: #fff } }`, want: "1280 dark axe, 320 dark axe"},
		"contrast on phones alone": {style: `@media (max-width: 40rem) { #p { color: #ddd } }`, want: "320 light axe, 320 dark axe"},
		"too wide on phones alone": {style: `@media (max-width: 40rem) { #p { width: 30rem } }`, want: "320 light too wide, 320 dark too wide, 320 light too wide with text at 200 %"},
		"cut off when large":       {style: `#p { height: 20px; overflow: hidden }`, want: "320 light lost with text at 200 %"},
		"a trap":                   {more: `<script>document.querySelector("button").onkeydown = (e) => e.preventDefault()</script>`, want: "keyboard"},
		"out of order":             {more: `<p><a href="/b" tabindex="1">Avant</a></p>`, want: "320 light axe, keyboard"},
		"an invisible focus":       {style: `button:focus { outline: none }`, want: "keyboard"},
		"something out of reach":   {more: `<p><a href="/b" tabindex="-1">Jamais</a></p>`, want: "keyboard"},
	} {
		page := strings.NewReplacer("%STYLE%", c.style, "%MORE%", c.more).Replace(right)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte(page))
		}))
		b.open(server.URL)
		var kinds []string
		for _, f := range b.examine(views(), func(view) {}) {
			if kind := strings.TrimSpace(f.view + " " + f.kind); len(kinds) == 0 || kinds[len(kinds)-1] != kind {
				kinds = append(kinds, kind)
			}
		}
		if len(b.byTab()) > 0 {
			kinds = append(kinds, "keyboard")
		}
		if got := strings.Join(kinds, ", "); got != c.want {
			t.Errorf("%s: noticed %q, not %q", name, got, c.want)
		}
		server.Close()
		b.heard() // its icon is missing
	}
}
