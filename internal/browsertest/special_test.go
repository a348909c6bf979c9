package browsertest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// withoutScript signs in with a browser that runs no script at all: hand-off pages are left by their button.
func withoutScript(t *testing.T, h *house) {
	b := h.tab(t)
	b.scripts(false)
	b.open(h.at("lire.localhost", "/connexion?par=post"))
	b.arrive("lire.localhost", "En route")
	b.inspectStill("25-no-script-request")
	b.press("Continuer")
	b.arrive(h.gateway, "Qui se connecte")
	b.press("Lina Martin")
	b.arrive(h.gateway, "Tu vas sur Lire")
	b.press("J'ai compris, on y va")
	b.wait("the page that posts the answer", func(at where) bool { return strings.HasPrefix(at.Title, "Vers le service") })
	b.inspectStill("26-no-script-answer")
	b.press("Continuer")
	b.arrive("lire.localhost", "Bonjour")

	b.open(h.at("calcul.localhost", "/connexion"))
	b.arrive(h.gateway, "Tu vas sur Calcul")
	b.press("J'ai compris, on y va")
	b.arrive("calcul.localhost", "Bonjour")
}

// scripts lets pages that load from now on run their scripts, or not.
func (b *tab) scripts(run bool) {
	b.Helper()
	must(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !run})
}

// inspectStill inspects a page that a script of its own would leave at once. It was loaded without scripts, and axe-core is
// the only one that runs now.
func (b *tab) inspectStill(name string) {
	b.Helper()
	b.scripts(true)
	b.inspect(name)
	b.scripts(false)
}

// byKeyboard goes through the information page without a mouse.
func byKeyboard(t *testing.T, h *house) {
	b := h.tab(t)
	b.open(h.at("lire.localhost", "/connexion"))
	b.arrive(h.gateway, "Qui se connecte")
	b.press("Lina Martin")
	b.arrive(h.gateway, "Tu vas sur Lire")
	const focused = `(() => {
		const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
		return {
			Name: e === document.body ? "" : e.innerText.replaceAll("\u2019", "'").trim(),
			Visible: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 && r.top >= 0 && r.bottom <= innerHeight && r.left >= 0,
		};
	})()`
	type focus struct {
		Name    string
		Visible bool
	}
	var order []string
	for range 30 {
		if err := chromedp.Do(b.ctx, chromedp.KeyEvent(kb.Tab)); err != nil {
			t.Fatal(err)
		}
		f := evaluate[focus](b, focused)
		if f.Name == "" {
			break
		}
		order = append(order, f.Name)
		if !f.Visible {
			t.Errorf("nothing shows that the focus is on %q", f.Name)
		}
		if strings.Contains(f.Name, "J'ai compris") {
			break
		}
	}
	if len(order) < 2 || !strings.Contains(order[len(order)-1], "J'ai compris") {
		t.Fatalf("the main button is not reached by Tab: %q", order)
	}
	if !strings.Contains(order[0], "contenu") {
		t.Errorf("Tab goes to %q first, and not past the header", order[0])
	}
	if err := chromedp.Do(b.ctx, chromedp.KeyEvent(kb.Enter)); err != nil {
		t.Fatal(err)
	}
	b.arrive("lire.localhost", "Bonjour")
}

// noticesFaults makes sure that the other parts can fail: a page that does everything wrong is noticed for each of it.
func noticesFaults(t *testing.T, h *house) {
	bad := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "style-src 'self'")
		_, _ = w.Write([]byte(`<!DOCTYPE html><title>x</title><style>b {}</style><h1>Tout faux</h1><img src="missing.png">` +
			`<p><a href="/">petit</a></p><div>` + strings.Repeat("large", 200) + `</div>` +
			`<script>console.error("mauvais"); fetch("http://203.0.113.1/").catch(() => {}); throw new Error("raté")</script>`))
	}))
	t.Cleanup(bad.Close)
	b := h.tab(t)
	b.open(bad.URL)
	b.arrive("127.0.0.1", "Tout faux")
	for name, script := range map[string]string{"axe": axeRun, "width": tooWide, "height": tooSmall} {
		evaluate[int](b, b.axe+"; 0")
		if len(evaluate[[]string](b, script)) == 0 {
			t.Errorf("the bad page passes for %s", name)
		}
	}
	heard := strings.Join(b.heard(), "\n")
	for _, want := range []string{"exception: ", "console error: \"mauvais\"", "content policy: style-src", "stranger: http://203.0.113.1/", "missing.png"} {
		if !strings.Contains(heard, want) {
			t.Errorf("nobody noticed %q, only:\n%s", want, heard)
		}
	}
}
