package browsertest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
)

// axeRun asks axe-core for everything that a page must have.
const axeRun = `(async () => {
	const result = await axe.run(document, {
		runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"],
	});
	return result.violations.map((v) => v.id + ": " + v.help + ": " + v.nodes.map((n) => n.html.slice(0, 160)).join(" | "));
})()`

// axeColours asks again what depends on colours alone, for the other scheme.
const axeColours = `(async () => {
	const result = await axe.run(document, {runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block"]}});
	return result.violations.map((v) => v.id + ": " + v.help + ": " + v.nodes.map((n) => n.html.slice(0, 160)).join(" | "));
})()`

// tooWide lists what leaves the window at its right edge.
const tooWide = `(() => {
	if (document.documentElement.scrollWidth <= window.innerWidth) return [];
	const wide = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > window.innerWidth + 1);
	return ["the page is " + document.documentElement.scrollWidth + " px wide"].concat(wide.slice(-4).map((e) => e.outerHTML.slice(0, 160)));
})()`

// tooSmall lists what is hard to hit with a finger: lower than 44 px, links in running text aside.
const tooSmall = `(() => {
	const out = [];
	for (const e of document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary")) {
		const target = e.closest("label") || e;
		const box = target.getBoundingClientRect();
		if (!target.checkVisibility() || box.right < 0) continue;
		const running = getComputedStyle(e).display === "inline" && e.parentElement.innerText.trim() !== e.innerText.trim();
		if (!running && box.height < 44) out.push(Math.round(box.height) + " px: " + e.outerHTML.slice(0, 160));
	}
	return out;
})()`

// double makes all text twice as large, as a reader's setting would, or puts it back.
const (
	double   = `document.documentElement.style.fontSize = 2 * parseFloat(getComputedStyle(document.documentElement).fontSize) + "px"; 0`
	undouble = `document.documentElement.style.fontSize = ""; 0`
)

// axeSource reads axe-core, which is not shipped and not embedded.
func axeSource(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "..", "tools", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatalf("axe-core is not installed: run `make setup`, or `npm ci` in tools: %v", err)
	}
	return string(source)
}

// inspect examines the page as it stands: on a phone and on a desk, in light and in dark, with large text, and takes its
// pictures.
func (b *tab) inspect(name string) {
	b.Helper()
	evaluate[int](b, b.axe+"; 0")
	for _, width := range []int64{320, 1280} {
		b.width(width)
		b.scheme("dark")
		b.none(name, width, "axe in the dark", axeColours)
		b.keep(pictureName(name, width, "dark"))
		b.scheme("light")
		b.none(name, width, "axe", axeRun)
		b.keep(pictureName(name, width, "light"))
		b.none(name, width, "too wide", tooWide)
		b.none(name, width, "too small", tooSmall)
		evaluate[int](b, double)
		b.none(name, width, "too wide with text at 200 %", tooWide)
		evaluate[int](b, undouble)
	}
}

func (b *tab) none(name string, width int64, what, script string) {
	b.Helper()
	for _, found := range evaluate[[]string](b, script) {
		b.Errorf("%s at %d px: %s: %s", name, width, what, found)
	}
}

// scheme is what a person prefers: light or dark.
func (b *tab) scheme(name string) {
	b.Helper()
	must(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
	})
}
