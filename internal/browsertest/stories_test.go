package browsertest_test

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/pquerna/otp/totp"
)

// story is what several people do one after the other, through pages alone, in a demonstration of its own.
type story struct {
	name, title string
	stage       func(*stage)
	still       bool // nobody's browser runs a script
	keyboard    bool // nobody touches a mouse
	scenes      []scene
}

// scene is what one person does until a page comes, and what that page says.
type scene struct {
	who   string   // one browser for each
	title string   // for readers of the album, in French
	how   []string // acts, as (*player).act lists them
	page  string   // the template that has to stand there; empty for a page of another site
	says  []string // what it has to say
}

// player is one of the people of a story.
type player struct {
	*wanderer
	play   *performance
	who    string
	secret string // of their second means
}

// performance is a story as it is played.
type performance struct {
	*testing.T
	story  story
	tour   *tour
	house  *house
	clock  *clock
	stage  *stage
	cast   map[string]*player
	noted  map[string]string // what one person reads and another one types
	folder string            // of its pictures; empty when nobody wants them
}

// clock is what the gateway takes for now. It goes on by itself, and can be put forward.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) forward(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += by
}

// TestStoriesOfTheDesk plays what people of a rectorat, of schools and of classes do through the pages, each in their own
// browser: with a mouse, by the keyboard alone, and without a script.
func TestStoriesOfTheDesk(t *testing.T) {
	all := newTour(t)
	told := raced(stories())
	for _, s := range told {
		t.Run(s.name, func(t *testing.T) { all.perform(t, s) })
	}
	hangStories(t, all.shown.dir, told)
}

// perform plays a story.
func (all *tour) perform(t *testing.T, s story) {
	p := &performance{T: t, story: s, tour: all, clock: &clock{}, cast: map[string]*player{}, noted: map[string]string{}}
	own := *all.house
	own.port = startStage(t, func(st *stage) {
		p.stage, st.now, st.stepUp = st, p.clock.now, true
		if s.stage != nil {
			s.stage(st)
		}
	})
	p.house = &own
	if all.shown.dir != "" {
		p.folder = filepath.Join(all.shown.dir, storyFolder, s.name)
		if err := os.MkdirAll(p.folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for i, sc := range s.scenes {
		b := p.enter(sc.who)
		for _, act := range sc.how {
			b.act(act)
		}
		b.see(i, sc)
	}
}

// forward puts the clock forward, and waits until the gateway has looked at its register since: it trusts no old one.
func (p *performance) forward(by time.Duration) {
	p.Helper()
	p.clock.forward(by)
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		answer, err := http.Get("http://" + p.stage.app.OpsAddr().String() + "/readyz")
		if err != nil {
			p.Fatal(err)
		}
		if err := answer.Body.Close(); err != nil || time.Now().After(deadline) {
			p.Fatalf("%v: the gateway is not ready", err)
		}
		if answer.StatusCode == http.StatusOK {
			return
		}
	}
}

// enter gives somebody's browser.
func (p *performance) enter(who string) *player {
	b := p.cast[who]
	if b == nil {
		tab := p.house.tab(p.T)
		tab.scripts(!p.story.still)
		b = &player{play: p, who: who, wanderer: &wanderer{
			tab: tab, tour: p.tour, house: p.house, walk: walk{name: p.story.name}, as: variant{lang: "fr"}, still: p.story.still,
		}}
		b.prefer()
		p.cast[who] = b
	}
	return b
}

// act does what a line says; besides what a walk knows:
//
//	choose SELECTOR VALUE     take one of a list
//	attach SELECTOR NAME      hand in a file of that name
//	note WORD SELECTOR        remember what a page shows; {WORD} stands for it in later lines
//	enrol SELECTOR            show the first code of the second means whose secret the page shows
//	code SELECTOR             show a code of it, half a minute later: no code counts twice
//	after DAYS                is what the gateway's clock is put forward by
//	in DAYS SELECTOR          type the day so many days from then
//	has, lacks SELECTOR       is what has to stand on the page, and what must not
//	phone, desk               are how wide the window is
//	reach SELECTOR            press Tab until the focus is there, always to be seen
//	type TEXT                 by the keyboard, where the focus is
//	enter, space              press the key; enter waits for another page
func (b *player) act(line string) {
	b.Helper()
	for word, value := range b.play.noted {
		line = strings.ReplaceAll(line, "{"+word+"}", value)
	}
	verb, rest, _ := strings.Cut(line, " ")
	field, value, _ := strings.Cut(rest, " ")
	switch verb {
	case "choose":
		b.set(field, value)
	case "attach":
		b.attach(field, value)
	case "note":
		b.play.noted[field] = evaluate[string](b.tab, fmt.Sprintf(`document.querySelector(%q).innerText.trim()`, value))
	case "enrol":
		b.secret = strings.ReplaceAll(evaluate[string](b.tab, `document.querySelector("main p code").innerText`), " ", "")
		b.set(rest, b.code())
	case "code":
		b.play.forward(time.Minute)
		b.set(rest, b.code())
	case "after":
		b.play.forward(time.Duration(count(b, rest)) * 24 * time.Hour)
	case "in":
		b.set(value, b.play.clock.now().AddDate(0, 0, count(b, field)).Format(time.DateOnly))
	case "has", "lacks":
		if evaluate[bool](b.tab, fmt.Sprintf(`document.querySelector(%q) !== null`, rest)) != (verb == "has") {
			at := evaluate[where](b.tab, whereScript)
			b.Errorf("%s, for %s: the page at %s is wrong: it %s\n%s", b.play.story.name, b.who, at.URL, line, at.Text)
		}
	case "phone":
		b.width(320)
	case "desk":
		b.width(1280)
	case "reach":
		b.reach(rest)
	case "type":
		must(b.tab, input.InsertText, input.InsertTextParams{Text: rest})
	case "space":
		b.strike(" ", "Space", 32)
	case "enter":
		left := evaluate[float64](b.tab, documentScript)
		b.strike("\r", "Enter", 13)
		b.settled(line, left)
	default:
		if b.play.story.keyboard && slices.Contains([]string{"press", "open", "fill", "as"}, verb) {
			b.Fatalf("%q wants a mouse", line)
		}
		b.wanderer.act(line)
	}
}

func count(b *player, text string) (n int) {
	b.Helper()
	if _, err := fmt.Sscan(text, &n); err != nil {
		b.Fatalf("%q is no number: %v", text, err)
	}
	return n
}

// set gives a field a value, as a list or a calendar does that Chromium draws itself.
func (b *player) set(field, value string) {
	b.Helper()
	const script = `(() => {
		const e = document.querySelector(%q);
		if (!e || !e.checkVisibility() || e.disabled) return "no field";
		if (e.tagName === "SELECT" && ![...e.options].some((o) => o.value === %[2]q)) {
			const named = [...e.options].find((o) => o.label.includes(%[2]q));
			if (!named) return "among " + [...e.options].map((o) => o.value + " " + o.label).join(", ");
			e.value = named.value;
			return "";
		}
		e.value = %[2]q;
		return e.value === %[2]q ? "" : e.value;
	})()`
	if wrong := evaluate[string](b.tab, fmt.Sprintf(script, field, value)); wrong != "" {
		at := evaluate[where](b.tab, whereScript)
		b.Fatalf("%s does not take %q: %s, on %s\n%s", field, value, wrong, at.URL, at.Text)
	}
}

// attach hands in a file with its own name for its text.
func (b *player) attach(field, name string) {
	b.Helper()
	file := filepath.Join(b.TempDir(), name)
	if err := os.WriteFile(file, []byte("Pièce "+name), 0o600); err != nil {
		b.Fatal(err)
	}
	found := must(b.tab, runtime.Evaluate, runtime.EvaluateParams{Expression: fmt.Sprintf("document.querySelector(%q)", field)})
	must(b.tab, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{file}, ObjectID: found.Result.ObjectID})
}

func (b *player) code() string {
	b.Helper()
	code, err := totp.GenerateCode(b.secret, b.play.clock.now())
	if err != nil {
		b.Fatalf("a code from %q: %v", b.secret, err)
	}
	return code
}

// reach presses Tab until the focus is on what is meant.
func (b *player) reach(selector string) {
	b.Helper()
	const script = `(() => {
		const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
		return {
			There: e.matches(%q), What: e.outerHTML.slice(0, 120),
			Seen: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 && r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth,
		};
	})()`
	var f struct {
		There, Seen bool
		What        string
	}
	for range 200 {
		b.key("Tab", 9)
		f = evaluate[struct {
			There, Seen bool
			What        string
		}](b.tab, fmt.Sprintf(script, selector))
		if f.What == "" || strings.HasPrefix(f.What, "<body") {
			continue // past the page's end
		}
		if !f.Seen {
			b.Errorf("the focus is not to be seen on %s", f.What)
		}
		if f.There {
			return
		}
	}
	at := evaluate[where](b.tab, whereScript)
	b.Fatalf("Tab does not lead to %s on %s\n%s", selector, at.URL, at.Text)
}

// strike presses a key that types something.
func (b *player) strike(text, code string, number int64) {
	b.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		p := input.DispatchKeyEventParams{Type: kind, Key: cmp.Or(strings.TrimSpace(text), code), Code: code, WindowsVirtualKeyCode: number}
		if text == " " {
			p.Key = text
		}
		if kind == input.DispatchKeyEventTypeKeyDown {
			p.Text = text
		}
		must(b.tab, input.DispatchKeyEvent, p)
	}
}

// see looks whether the page is the one that was to come, and says what it has to.
func (b *player) see(i int, sc scene) {
	b.Helper()
	at := evaluate[where](b.tab, whereScript)
	if page := evaluate[string](b.tab, pageScript); page != sc.page {
		b.Fatalf("%d, %s: %s is the page %q, not %q, at %s\n%s", i+1, sc.title, sc.who, page, sc.page, at.URL, at.Text)
	}
	b.shows(at, sc.says...)
	if b.Failed() {
		b.Fatalf("%d, %s", i+1, sc.title)
	}
	for _, fault := range b.heard() {
		b.Errorf("%d, %s: %s", i+1, sc.title, fault)
	}
	b.hang(i)
}
