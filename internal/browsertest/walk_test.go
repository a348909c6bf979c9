package browsertest_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// width makes the window as wide as a phone or a desk's screen.
func (b *tab) width(pixels int64) {
	b.Helper()
	height := int64(800)
	if pixels < 600 {
		height = 640
	}
	must(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: pixels, Height: height, DeviceScaleFactor: 1,
	})
}

// open types an address.
func (b *tab) open(address string) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(address)); err != nil {
		b.Fatalf("open %s: %v", address, err)
	}
}

// where is what a tab shows.
type where struct {
	URL, Title, Heading, Text, Lang, Audience string
}

const whereScript = `(() => {
	if (document.readyState !== "complete") return {URL: "loading"};
	const plain = (e) => e ? e.innerText.replaceAll("\u00a0", " ").replaceAll("\u202f", " ").replaceAll("\u2019", "'") : "";
	return {
		URL: location.href, Title: document.title, Heading: plain(document.querySelector("h1")), Text: plain(document.body),
		Lang: document.documentElement.lang, Audience: document.documentElement.dataset.audience || "",
	};
})()`

// arrive waits for the page with this heading (a part is enough) on the host, through whatever redirects and pages that go
// on by themselves, and tells what it shows.
func (b *tab) arrive(host, heading string) where {
	b.Helper()
	return b.wait(fmt.Sprintf("%q on %s", heading, host), func(at where) bool {
		return strings.Contains(at.URL, "//"+host+":") && strings.Contains(at.Heading, heading)
	})
}

// wait looks again and again until the tab shows what is wanted.
func (b *tab) wait(what string, wanted func(where) bool) where {
	b.Helper()
	deadline := time.Now().Add(patience)
	var at where
	for time.Now().Before(deadline) {
		now, err := tryEvaluate[where](b, whereScript) // fails while pages change
		if err == nil {
			at = now
			if wanted(at) {
				return at
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.Fatalf("waited for %s, but the tab shows %q at %s:\n%s\n%v", what, at.Heading, at.URL, at.Text, b.heard())
	return at
}

// shows fails unless the page says all of this.
func (b *tab) shows(at where, texts ...string) {
	b.Helper()
	for _, text := range texts {
		if !strings.Contains(at.Text, text) {
			b.Errorf("%s does not say %q:\n%s", at.URL, text, at.Text)
		}
	}
}

// hides fails if the page says any of this.
func (b *tab) hides(at where, texts ...string) {
	b.Helper()
	for _, text := range texts {
		if strings.Contains(at.Text, text) {
			b.Errorf("%s says %q:\n%s", at.URL, text, at.Text)
		}
	}
}

// hasReference fails unless the page gives a number to show to somebody who can help.
func (b *tab) hasReference() {
	b.Helper()
	const script = `document.querySelector(".reference-number")?.innerText ?? ""`
	if number := evaluate[string](b, script); len(number) != len("ABCD-EFGH") {
		b.Errorf("the reference is %q", number)
	}
}

// press clicks with the mouse on the first visible link, button or choice whose words contain the label.
func (b *tab) press(label string) {
	b.Helper()
	b.pressOn(label, fmt.Sprintf(`[...document.querySelectorAll("a, button, label, summary")].filter((e) =>
		e.innerText.replaceAll("\u00a0", " ").replaceAll("\u202f", " ").replaceAll("\u2019", "'").includes(%q))`, label))
}

// pressOn clicks with the mouse on the first visible one of the elements that a script lists.
func (b *tab) pressOn(what, list string) {
	b.Helper()
	type point struct{ X, Y float64 }
	p := evaluate[*point](b, fmt.Sprintf(`(() => {
		for (const e of %s) {
			if (!e.checkVisibility()) continue;
			e.scrollIntoView({block: "center", behavior: "instant"});
			const r = e.getBoundingClientRect();
			return {X: r.x + r.width / 2, Y: r.y + r.height / 2};
		}
		return null;
	})()`, list))
	if p == nil {
		at := evaluate[where](b, whereScript)
		b.Fatalf("nothing to press is %q on %s:\n%s", what, at.URL, at.Text)
	}
	for _, kind := range []input.DispatchMouseEventType{input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased} {
		must(b, input.DispatchMouseEvent, input.DispatchMouseEventParams{
			Type: kind, X: p.X, Y: p.Y, Button: input.MouseButtonLeft, ClickCount: 1,
		})
	}
}
