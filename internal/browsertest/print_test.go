package browsertest_test

import (
	"bytes"
	"regexp"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
)

// The measures of A4 with the margins of the style sheet, and in pixels of the style sheet what lies between them.
const (
	a4Width, a4Height = 210 / 25.4, 297 / 25.4 // inches
	a4Text            = (210 - 2*18) * 96 / 25
)

// printed matches each page of what Chromium prints.
var printed = regexp.MustCompile(`/Type\s*/Page\b[^s]`)

// TestWhatSchoolsHandOutIsPrintedOnA4 prints the notices for families, staff, council and collectivité, and texts of the
// handbook (the head of a school has one side): nothing is cut off at the right, the menus stay on the screen, and a notice is no more than a sheet of two sides.
func TestWhatSchoolsHandOutIsPrintedOnA4(t *testing.T) {
	h := &house{album: newAlbum(t), browser: startBrowser(t, ""), axe: "0", scheme: "http", gateway: "127.0.0.1"}
	h.port = startStage(t, nil)
	css := true
	b := &wanderer{tab: h.tab(t), house: h, as: variant{lang: "fr"}}
	for _, act := range enters("paul") {
		b.act(act)
	}
	for _, c := range []struct {
		path string
		most int
	}{
		{"/bureau/services/lire/notices/familles?uai=0280202T", 2},
		{"/bureau/services/lire/notices/personnels?uai=0280202T", 2},
		{"/bureau/services/lire/notices/conseil?uai=0280202T", 2},
		{"/bureau/services/lire/notices/collectivite?uai=0280202T", 2},
		{"/bureau/services/lire/notices/familles?langue=en&uai=0280202T", 2},
		{"/aide/chef", 1},
		{"/aide/dpd", 3},
		{"/aide/dictionnaire", 15},
	} {
		b.act("go " + c.path)
		must(b.tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
		b.width(a4Text)
		for _, what := range append(evaluate[[]string](b.tab, tooWide), evaluate[[]string](b.tab, lost)...) {
			t.Errorf("%s on paper: %s", c.path, what)
		}
		if evaluate[bool](b.tab, `[...document.querySelectorAll(".header, .footer, .menu, .banner, .crumbs, .button")].some((e) => e.checkVisibility())`) {
			t.Errorf("%s: menus are printed too", c.path)
		}
		paper := must(b.tab, page.PrintToPDF, page.PrintToPDFParams{PaperWidth: a4Width, PaperHeight: a4Height, PreferCSSPageSize: &css})
		sides := len(printed.FindAll(paper.Data, -1))
		t.Logf("%s: %d sides", c.path, sides)
		if !bytes.HasPrefix(paper.Data, []byte("%PDF")) || sides < 1 || sides > c.most {
			t.Errorf("%s is printed on %d sides, and should be on 1 to %d", c.path, sides, c.most)
		}
		must(b.tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})
		b.width(1280)
	}
}
