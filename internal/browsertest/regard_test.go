package browsertest_test

import (
	"fmt"

	"github.com/chromedp/cdproto/input"
)

// view is one way to look at a page.
type view struct {
	width  int64
	scheme string
}

// views are how pages are looked at, without loading them again. The first is judged by every rule of axe-core, the others by
// those whose answer depends on width or colours.
func views() []view { return []view{{320, "light"}, {1280, "dark"}, {320, "dark"}, {1280, "light"}} }

// views are all of them for the album and for words that people meet unasked. To spare minutes, other versions of the words
// are looked at in one half in French, and in the other half in English: each has every width and every scheme.
func (b *wanderer) views() []view {
	all := views()
	if b.as.version == "" || b.shown.dir != "" {
		return all
	}
	if b.as.lang == "fr" {
		return all[:2]
	}
	return all[2:]
}

// axeViews asks again what depends on width and colours.
const axeViews = `(async () => {
	const result = await axe.run(document, {
		runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"]},
		rules: {"target-size": {enabled: true}}, resultTypes: ["violations"],
	});
	return result.violations.map((v) => v.id + ": " + v.help + ": " + v.nodes.map((n) => n.html.slice(0, 160)).join(" | "));
})()`

// lost lists text that is cut off by the element around it.
const lost = `(() => {
	const out = [];
	for (const e of document.body.querySelectorAll("*")) {
		const s = getComputedStyle(e);
		if (!e.checkVisibility() || !e.innerText?.trim() || e.closest(".skip, pre") || e.tagName === "TEXTAREA") continue;
		const cut = (s.overflowY === "hidden" || s.overflowY === "clip") && e.scrollHeight > e.clientHeight + 1
			|| (s.overflowX === "hidden" || s.overflowX === "clip") && e.scrollWidth > e.clientWidth + 1;
		if (cut && e.clientWidth > 1) out.push(e.outerHTML.slice(0, 160));
	}
	return out;
})()`

// regard examines the page that a walk has come to, and takes its pictures. It is false where the walk has come to another
// page.
func (b *wanderer) regard(s stop) bool {
	b.Helper()
	name := b.walk.name + "-" + s.name
	at := evaluate[where](b.tab, whereScript)
	if page := evaluate[string](b.tab, pageScript); page != s.page {
		b.Errorf("%s is the page %q, not %q: %q at %s\n%s", name, page, s.page, at.Heading, at.URL, at.Text)
		return false
	}
	if s.page != "" && at.Lang != b.as.lang {
		b.Errorf("%s is in %q, not in %q", name, at.Lang, b.as.lang)
	}
	if b.still || !b.looked.first(name, at.Lang, at.Audience) {
		return true
	}
	where := fmt.Sprintf("%s-%s-%s", name, at.Lang, at.Audience)
	for _, f := range b.examine(b.views(), func(v view) { b.shown.keep(b, s, at, v) }) {
		b.Errorf("%s, %s: %s: %s", where, f.view, f.kind, f.what)
	}
	if b.looked.first("keyboard", name) {
		for _, fault := range b.byTab() {
			b.Errorf("%s by keyboard: %s", name, fault)
		}
	}
	b.tab.width(1280)
	return true
}

// fault is something wrong with a page in a view.
type fault struct{ view, kind, what string }

// examine looks at the page in the views, and does something while each stands so.
func (b *tab) examine(views []view, each func(view)) (faults []fault) {
	b.Helper()
	ask := func(v view, kind, script string) {
		for _, what := range evaluate[[]string](b, script) {
			faults = append(faults, fault{fmt.Sprint(v.width, " ", v.scheme), kind, what})
		}
	}
	evaluate[int](b, b.axe+"; 0")
	for i, v := range views {
		b.width(v.width)
		b.scheme(v.scheme)
		ask(v, "too wide", tooWide)
		ask(v, "axe", map[bool]string{true: axeRun, false: axeViews}[i == 0])
		if v.scheme == "light" {
			ask(v, "too small", tooSmall)
		}
		each(v)
	}
	large := views[0]
	b.width(large.width)
	b.scheme(large.scheme)
	evaluate[int](b, double)
	ask(large, "too wide with text at 200 %", tooWide)
	ask(large, "lost with text at 200 %", lost)
	evaluate[int](b, undouble)
	return faults
}

// orderScript lists what Tab should reach, in the order of the page: of radio fields of one name the chosen one, or the first.
const orderScript = `(() => {
	const all = [...document.querySelectorAll('a[href], button, input:not([type="hidden"]), select, textarea, summary, [tabindex="0"]')];
	const groups = new Map();
	window.reachable = all.filter((e) => e.checkVisibility() && !e.disabled).filter((e) => {
		if (e.type !== "radio") return true;
		const group = e.form?.id + e.name, chosen = document.querySelector('input[type="radio"][name="' + e.name + '"]:checked');
		if (chosen) return e === chosen;
		if (groups.has(group)) return false;
		groups.set(group, e);
		return true;
	});
	window.scrollTo(0, 0);
	const start = document.createElement("span"); // where it stood is where Tab begins
	start.tabIndex = -1;
	document.body.prepend(start);
	start.focus();
	start.remove();
	return window.reachable.length;
})()`

// focusScript tells where the focus is: its place in that order, -1 for nowhere, -2 for what should not have it.
const focusScript = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body || e === document.documentElement) return {Place: -1};
	const s = getComputedStyle(e), r = e.getBoundingClientRect();
	return {
		Place: window.reachable.includes(e) ? window.reachable.indexOf(e) : -2, What: e.outerHTML.slice(0, 160),
		Top: r.top + scrollY, Bottom: r.bottom + scrollY, Skip: e.classList.contains("skip"), Date: e.type === "date",
		Visible: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2,
		Inside: r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth,
	};
})()`

// focus is where the focus is.
type focus struct {
	Place                 int
	What                  string
	Top, Bottom           float64
	Visible, Inside, Skip bool
	Date                  bool
}

// dateParts is how many fields Chromium makes of one date, the first aside.
const dateParts = 3

// byTab goes through a page by the Tab key alone, and tells what is wrong: everything has to come in reading order, the focus
// always to be seen, and to leave the page at the end.
func (b *tab) byTab() (faults []string) {
	b.Helper()
	total := evaluate[int](b, orderScript)
	var before focus
	for next := range total + 1 {
		b.key("Tab", 9)
		f := evaluate[focus](b, focusScript)
		for part := 0; part < dateParts && f.Date && f.Place == next-1; part++ {
			b.key("Tab", 9)
			f = evaluate[focus](b, focusScript)
		}
		if next == total {
			if f.Place != -1 && f.Place != 0 {
				faults = append(faults, fmt.Sprintf("Tab does not leave the page after its last link, button or field, but is on %s", f.What))
			}
			return faults
		}
		if f.Place != next {
			missing := evaluate[string](b, fmt.Sprintf(`window.reachable[%d].outerHTML.slice(0, 160)`, next))
			return append(faults, fmt.Sprintf("press %d of Tab leads not to %s, but to place %d, %s", next+1, missing, f.Place, f.What))
		}
		if !f.Visible || !f.Inside {
			faults = append(faults, fmt.Sprintf("the focus is not to be seen on %s", f.What))
		}
		if next > 0 && !before.Skip && f.Bottom < before.Top {
			faults = append(faults, fmt.Sprintf("after %s comes, higher up, %s", before.What, f.What))
		}
		before = f
	}
	return faults
}

// key presses a key that types nothing.
func (b *tab) key(name string, code int64) {
	b.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		must(b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: name, Code: name, WindowsVirtualKeyCode: code})
	}
}
