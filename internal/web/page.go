package web

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
)

// Audience is whom a page talks to. It chooses words and sizes and how much of a page is folded away, and is never logged.
type Audience string

// The three audiences. The zero value is Adult.
const (
	Child Audience = "enfant"
	Teen  Audience = "ado"
	Adult Audience = "adulte"
)

// WayBack is a link out of our pages, to the ENT or to the service one came from. The caller vouches for the address:
// it was registered, and never taken from the request. The zero value shows nothing.
type WayBack struct {
	Label string // what the other side is called ("Mon ENT")
	URL   string // absolute, https (or http where the gateway itself is on http)
}

// Frame is what surrounds a page. Page values embed it; a page value without one gets the zero Frame.
type Frame struct {
	// Audience chooses what a page shows and, until somebody chooses another version, the wording; empty means Adult.
	Audience Audience
	// WayBack is the link back to the ENT, shown in the header of every page of the journey.
	WayBack WayBack
	// Here is the local path that shows this page again by GET, for the switches of languages and versions. Empty means the
	// address of the request if it was a GET; a page that answers a POST without saying Here has no switch.
	Here string
	// SignOut is the local path of the page that signs out, linked in the header; empty where nobody is signed in.
	SignOut string
	// Tabs are the pages among which somebody goes to and fro, this one among them. Empty shows none.
	Tabs []Tab
	// Office is what surrounds a page at a place of work; nil elsewhere.
	Office *Office
}

// Tab is one of a person's own pages.
type Tab struct {
	Label string
	URL   string // a local path; what stands below it belongs to it
}

// isZero tells whether nothing was said of what surrounds a page.
func (f Frame) isZero() bool {
	return f.Audience == "" && f.WayBack == WayBack{} && f.Here == "" && f.SignOut == "" && len(f.Tabs) == 0 && f.Office == nil
}

// frame is satisfied by whatever embeds Frame.
func (f Frame) frame() Frame { return f }

type framed interface{ frame() Frame }

// frameOf finds the frame of a page value and settles the audience.
func frameOf(data any) Frame {
	var f Frame
	if d, ok := data.(framed); ok {
		f = d.frame()
	}
	if f.Audience != Child && f.Audience != Teen {
		f.Audience = Adult
	}
	return f
}

// shell is the dot of the page shell.
type shell struct {
	Page      string // the name of the page, for tests that count pages and for a theme
	Product   string
	Demo      bool
	WayBack   WayBack
	SignOut   string
	Tabs      []tabLink
	Office    *officeShown
	Languages []languageLink
	Versions  []VersionLink
	Foot      []Foot
	Voice     voice  // what is read aloud; none where its Address is empty
	Refresh   string // where the page goes by itself at once; hand-off pages only
	Data      any    // the dot of the page
}

// tabLink is a tab as the shell shows it.
type tabLink struct {
	Tab
	Current bool
}

func tabLinks(tabs []Tab, path string) []tabLink {
	var out []tabLink
	for _, t := range tabs {
		out = append(out, tabLink{Tab: t, Current: path == t.URL || strings.HasPrefix(path, t.URL+"/")})
	}
	return out
}

// Render writes a page, whole or not at all: an error means that nothing has been written yet. The name is
// "contribution/page"; data is the dot of its templates and normally embeds Frame.
func (k *Kit) Render(w http.ResponseWriter, r *http.Request, status int, name string, data any) error {
	return k.render(w, r, status, name, "", data)
}

func (k *Kit) render(w http.ResponseWriter, r *http.Request, status int, name, refresh string, data any) error {
	f := frameOf(data)
	if f.WayBack != (WayBack{}) {
		if err := k.checkTarget(f.WayBack.URL); err != nil {
			return fmt.Errorf("page %s: way back: %w", name, err)
		}
	}
	as := variant{k.Lang(r), f.Audience, k.Wording(r, f)}
	dot := k.shellOf(r, f, name, as)
	dot.Refresh, dot.Data = refresh, data
	body, err := k.execute(name, as, dot)
	if err != nil {
		return err
	}
	k.write(w, status, dot.Voice, body)
	return nil
}

// shellOf is what surrounds a page in answer to a request. The audience of f is settled.
func (k *Kit) shellOf(r *http.Request, f Frame, name string, as variant) shell {
	return shell{
		Product: k.cfg.Product, Demo: k.cfg.Demo, WayBack: f.WayBack, SignOut: f.SignOut, Tabs: tabLinks(f.Tabs, r.URL.Path),
		Office:    f.Office.shown(r),
		Languages: k.languageLinks(r, f, as.lang), Versions: k.versionLinks(r, f, as.wording),
		Voice: k.voices.of(name, as.wording, as.lang),
	}
}

// write sends a page, and lets it play what is read aloud.
func (k *Kit) write(w http.ResponseWriter, status int, spoken voice, body []byte) {
	if spoken.Address != "" {
		h := w.Header()
		h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; media-src 'self'")
	}
	writeBody(w, status, "text/html; charset=utf-8", body)
}

// Print gives a page as Render would write it, in a language rather than for a request: for whoever has to be shown what
// somebody else would see. It has no switches.
func (k *Kit) Print(lang Lang, name string, data any) ([]byte, error) {
	if lang != English {
		lang = French
	}
	f := frameOf(data)
	return k.execute(name, variant{lang, f.Audience, f.Audience}, shell{Product: k.cfg.Product, Demo: k.cfg.Demo, Data: data})
}

// execute runs a page into memory.
func (k *Kit) execute(name string, as variant, dot shell) ([]byte, error) {
	p, ok := k.pages[name]
	if !ok {
		return nil, fmt.Errorf("page %s: no such page", name)
	}
	tmpl, err := p.in(as)
	if err != nil {
		return nil, fmt.Errorf("page %s: %w", name, err)
	}
	dot.Page, dot.Foot = name, k.cfg.Foot
	var out bytes.Buffer
	if err := tmpl.ExecuteTemplate(&out, "shell", dot); err != nil {
		return nil, fmt.Errorf("page %s: %w", name, err)
	}
	return out.Bytes(), nil
}

// Say gives a text for values that are made in Go, such as the label of a tile: in the language of the request, in the
// wording of the frame on this browser. The key is "contribution/key", the arguments are names and values in turn.
func (k *Kit) Say(r *http.Request, f Frame, key string, args ...any) (string, error) {
	contribution, name, _ := strings.Cut(key, "/")
	w := words{catalogue: k.texts, contribution: contribution, lang: k.Lang(r), audience: k.Wording(r, f)}
	return w.say(name, args...)
}
