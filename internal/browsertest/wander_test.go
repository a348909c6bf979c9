package browsertest_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// walk is how one person comes by pages, one after the other, in a demonstration of its own.
type walk struct {
	name  string       // begins the names of its pictures
	who   string       // for readers of the album
	stage func(*stage) // what the register holds besides what the demonstration brings; nil for nothing
	stops []stop
}

// stop is one page on the way.
type stop struct {
	name string   // of its pictures
	page string   // the template it has to be, as its body says; empty for a page of another site
	how  []string // what brings the person there from the stop before: acts, as act lists them
}

// variant is in which language, and in which version of the words, a walk is walked.
type variant struct{ lang, version string }

// variants are all in which pages are shown. The versions but the usual one change nothing for some people: what has been
// looked at in the same words is passed by.
func variants() []variant {
	var out []variant
	for _, version := range []string{"", "simple", "detailed"} {
		out = append(out, variant{"fr", version}, variant{"en", version})
	}
	return out
}

func (v variant) String() string { return v.lang + " " + cmp.Or(v.version, "usual") }

// looked remembers, for all walks, what has been looked at.
type looked struct {
	mu   sync.Mutex
	seen map[string]bool
}

// first tells whether nobody has looked at this yet, and remembers that somebody does.
func (l *looked) first(what ...string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := strings.Join(what, " ")
	known := l.seen[key]
	l.seen[key] = true
	return !known
}

// tour is what all walks have in common.
type tour struct {
	house  *house
	looked *looked
	shown  *exhibition
	idle   chan *tab // browsers that wait for a walk: to begin with a new one costs more than to look at a page
}

func newTour(t *testing.T) *tour {
	t.Helper()
	h := &house{
		album: newAlbum(t), axe: axeSource(t), scheme: "http", gateway: "127.0.0.1",
		// Every site on one process: to start them takes most of the time, and nothing here is about what keeps them apart.
		browser: startBrowser(t, "", chromedp.Flag("disable-site-isolation-trials", true), chromedp.Flag("disable-features", "IsolateOrigins,site-per-process,BackForwardCache")),
	}
	all := &tour{house: h, looked: &looked{seen: map[string]bool{}}, shown: newExhibition(t), idle: make(chan *tab, 64)}
	for range flag.Lookup("test.parallel").Value.(flag.Getter).Get().(int) {
		all.idle <- h.tab(t)
	}
	return all
}

// wanderer is a browser on a walk.
type wanderer struct {
	*tab
	*tour
	house *house
	walk  walk
	as    variant
	held  bool // pages that would go on by themselves stay
	still bool // pages run no script; nobody looks at them closer than that they come
}

// wander walks a walk in one variant.
func (all *tour) wander(t *testing.T, w walk, as variant, still bool) {
	tab := <-all.idle
	before := tab.T
	tab.T = t
	defer func() {
		for _, fault := range tab.heard() {
			t.Errorf("%s: %s", w.name, fault)
		}
		tab.T = before
		all.idle <- tab
	}()
	own := *all.house
	own.port = startStage(t, w.stage)
	b := &wanderer{tab: tab, tour: all, house: &own, walk: w, as: as, still: still}
	b.scripts(!still)
	must(tab, fetch.Disable, cdp.Empty{})
	must(tab, network.ClearBrowserCookies, cdp.Empty{})
	b.prefer()
	for _, s := range w.stops {
		for _, act := range s.how {
			b.act(act)
		}
		if !b.regard(s) {
			return
		}
	}
}

// prefer sets what the switches of languages and versions set.
func (b *wanderer) prefer() {
	b.Helper()
	for name, value := range map[string]string{"lang": b.as.lang, "wording": b.as.version} {
		if value != "" {
			must(b.tab, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: b.house.at(b.house.gateway, "/")})
		}
	}
}

// act does what a line says:
//
//	go PATH              type an address of the gateway
//	visit SITE/PATH      type an address of a site of the demonstration
//	as PERSON            choose somebody where the people of the demonstration are listed
//	press SELECTOR       click on the first that is visible, and wait for another page
//	open SELECTOR        click, and stay
//	fill SELECTOR TEXT   type into a field
//	hand SELECTOR TEXT   hand in a file of that text, whose lines are apart by |
//	screen CLIENT SELECTOR  type the code that the screen of a client shows
//	forget               begin with a browser that knows nothing but the language and version
//	return               go back in the browser's history
//	hold SITE            let nothing that goes to a site arrive, so that a page on the way stays
//	let go
func (b *wanderer) act(line string) {
	b.Helper()
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "go":
		b.open(b.house.at(b.house.gateway, rest))
		b.settled(line, 0)
	case "visit":
		site, path, _ := strings.Cut(rest, "/")
		b.open(b.house.at(site+".localhost", "/"+path))
		b.settled(line, 0)
	case "as":
		b.leaveBy(line, fmt.Sprintf(`[name="person"][value=%q]`, rest))
	case "press":
		b.leaveBy(line, rest)
	case "open":
		b.click(rest)
	case "fill":
		field, text, _ := strings.Cut(rest, " ")
		b.write(field, text)
	case "hand":
		field, text, _ := strings.Cut(rest, " ")
		b.hand(field, strings.ReplaceAll(text, "|", "\n"))
	case "screen":
		client, field, _ := strings.Cut(rest, " ")
		b.write(field, b.screenAsks(client))
	case "forget":
		must(b.tab, network.ClearBrowserCookies, cdp.Empty{})
		b.prefer()
	case "return":
		left := evaluate[float64](b.tab, documentScript)
		past := must(b.tab, page.GetNavigationHistory, cdp.Empty{})
		must(b.tab, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: past.Entries[past.CurrentIndex-1].ID})
		b.settled(line, left)
	case "hold":
		must(b.tab, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: "*://" + rest + ".localhost:*/*"}}})
		b.held = true
	case "let":
		must(b.tab, fetch.Disable, cdp.Empty{})
		b.held = false
	default:
		b.Fatalf("nobody knows how to %q", line)
	}
}

// hand puts a file into a form.
func (b *wanderer) hand(field, text string) {
	b.Helper()
	file := filepath.Join(b.TempDir(), "liste.csv")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	found := must(b.tab, runtime.Evaluate, runtime.EvaluateParams{Expression: fmt.Sprintf("document.querySelector(%q)", field)})
	must(b.tab, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{file}, ObjectID: found.Result.ObjectID})
}

func (b *wanderer) leaveBy(line, selector string) {
	b.Helper()
	left := evaluate[float64](b.tab, documentScript)
	b.click(selector)
	b.settled(line, left)
}

// click presses the mouse on the first element that is visible.
func (b *wanderer) click(selector string) {
	b.Helper()
	b.pressOn(selector, fmt.Sprintf(`[...document.querySelectorAll(%q)]`, selector))
}

const pageScript = `document.body.dataset.page ?? ""`

// documentScript tells one document from another, also from one that is shown again.
const documentScript = `performance.timeOrigin`

// settledScript tells whether another document stands there that will not go on by itself.
const settledScript = `(() => {
	if (performance.timeOrigin === %v || document.readyState !== "complete" || location.href === "about:blank") return false;
	return %t || !document.querySelector('meta[http-equiv="refresh"], [data-autosubmit], form#envoi');
})()`

// onwardScript tells which document stands there that is left by its button where no script does it; 0 for another one.
const onwardScript = `document.readyState === "complete" && document.querySelector("[data-autosubmit] button, form#envoi button")
	? performance.timeOrigin : 0`

// settled waits until the browser has left a document and come to a page that waits for a person.
func (b *wanderer) settled(line string, left float64) {
	b.Helper()
	script := fmt.Sprintf(settledScript, strconv.FormatFloat(left, 'f', -1, 64), b.held)
	deadline, pressed := time.Now().Add(patience), 0.0
	for time.Now().Before(deadline) {
		if there, err := tryEvaluate[bool](b.tab, script); err == nil && there {
			return
		}
		if onward, err := tryEvaluate[float64](b.tab, onwardScript); b.still && !b.held && err == nil && onward > 0 && onward != pressed {
			pressed = onward
			b.pressOn(line, `[...document.querySelectorAll("[data-autosubmit] button, form#envoi button")]`)
		}
		time.Sleep(10 * time.Millisecond)
	}
	at := evaluate[where](b.tab, whereScript)
	b.Fatalf("%s: after %q no page came; the tab shows %q at %s:\n%s", b.walk.name, line, at.Heading, at.URL, at.Text)
}

// walks are all of them.
func walks() []walk {
	return slices.Concat(childWalks(), teenWalks(), teacherWalks(), familyWalks(), anybodysWalks(), officeWalks(), circumstances(), leavingWalks(), mailWalks(), screenWalks(), sheetWalks(), wizardWalks(), reviewWalks(), incidentWalks(), objectWalks(), keepingWalks(), catalogueWalks(), journalWalks(), factorWalks(), registerWalks())
}

// apart are the pages on no walk, each with the reason.
func apart() map[string]string {
	const typed = "the demonstration has neither a directory nor temporary accounts; the tests of the package hold its pages"
	const bare = "a demonstration is asked for by a bare address, to which no key of a device can be bound"
	return map[string]string{"factors/key": bare, "ldap/password": typed, "local/password": typed, "local/first": typed}
}

// TestEveryPageIsOnAWalk holds the walks to what the program can show.
func TestEveryPageIsOnAWalk(t *testing.T) {
	t.Parallel()
	missing, walked, names := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, w := range walks() {
		for _, s := range w.stops {
			name := w.name + "-" + s.name
			if names[name] {
				t.Errorf("two stops are called %s", name)
			}
			names[name], walked[s.page] = true, true
		}
	}
	pages := demoPages(t)
	for _, name := range pages {
		missing[name] = !walked[name] && apart()[name] == ""
	}
	for page, lacks := range missing {
		if lacks {
			t.Errorf("nobody walks by the page %s: put it into the walks, or into the exceptions with a reason", page)
		}
	}
	for page := range walked {
		if page != "" && !slices.Contains(pages, page) {
			t.Errorf("the walks lead to the page %s, which the program does not have", page)
		}
	}
	for page := range apart() {
		if walked[page] || !slices.Contains(pages, page) {
			t.Errorf("the page %s is no exception: it is on a walk, or there is none", page)
		}
	}
}

// TestEveryPageInEveryWordingOnPhoneAndDesk walks all walks in both languages and every version of the words.
func TestEveryPageInEveryWordingOnPhoneAndDesk(t *testing.T) {
	all := newTour(t)
	t.Run("walks", func(t *testing.T) {
		for _, as := range variants()[:all.shown.variants()] {
			for _, w := range raced(walks()) {
				t.Run(as.String()+" "+w.name, func(t *testing.T) {
					t.Parallel()
					all.wander(t, w, as, false)
				})
			}
		}
	})
	all.shown.open(t)
}

// TestEveryJourneyWithoutScript walks all walks in a browser that runs no script at all: every page comes all the same.
func TestEveryJourneyWithoutScript(t *testing.T) {
	all := newTour(t)
	t.Run("walks", func(t *testing.T) {
		for _, w := range raced(walks()) {
			t.Run(w.name, func(t *testing.T) {
				t.Parallel()
				all.wander(t, w, variant{lang: "fr"}, true)
			})
		}
	})
}
