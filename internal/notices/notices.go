// Package notices is what the gateway says of itself: who answers for it and what it does with people's data (RGPD art. 13
// and 14), how accessible it is, who publishes it, how to get help, and what it keeps on a browser.
//
// Routes:
//
//	GET  /confidentialite     what becomes of people's data here
//	GET  /accessibilite       the statement of accessibility (RGAA)
//	GET  /mentions-legales    who publishes and who hosts
//	GET  /aide                what to do, for pupils, families, staff, and those who run an ENT or a service
//	GET  /affichage           languages, versions, and what is on this browser
//	POST /affichage/oublier   deletes from this browser what somebody chose on it
//
// What is said comes from the configuration and from what the program does; spans are those that are in force. What nobody
// has filled in is said to be missing. The pages read no store, so that they stand when nothing else does.
package notices

import (
	"embed"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ecluse/internal/web"
)

//go:embed pages parts texts
var files embed.FS

// Pages are the pages and their texts.
func Pages() web.Contribution { return web.Contribution{Name: "notices", Files: files} }

// The paths of the pages.
const (
	privacyPath       = "/confidentialite"
	accessibilityPath = "/accessibilite"
	legalPath         = "/mentions-legales"
	helpPath          = "/aide"
	displayPath       = "/affichage"
	forgetPath        = displayPath + "/oublier"
)

// Foot are the links to these pages, for the foot of every page; that to the statement of accessibility says the level, as
// the decree of 24 July 2019 asks. Help stands first: a child has no other.
func Foot(a Accessibility) []web.Foot {
	return []web.Foot{
		{URL: helpPath, Text: "notices/foot.help"},
		{URL: privacyPath, Text: "notices/foot.privacy"},
		{URL: accessibilityPath, Text: "notices/foot.accessibility." + string(a.Level)},
		{URL: legalPath, Text: "notices/foot.legal"},
		{URL: displayPath, Text: "notices/foot.display"},
	}
}

// Kept says for how long something is kept: one of these spans, or none where the program ends nothing by itself. The
// texts say what it is and from when the span counts, under kept and since.
type Kept struct {
	What        string
	For         time.Duration
	Days        int
	Months      int
	Years       int
	SchoolYears int
}

// Hours are the whole hours of the span.
func (k Kept) Hours() int { return int(k.For / time.Hour) }

// Minutes are what is left beside the hours.
func (k Kept) Minutes() int { return int(k.For % time.Hour / time.Minute) }

// Cookie is one that the gateway keeps on a browser. The texts say what it is for, under cookie and its name.
type Cookie struct {
	web.Cookie
	Chosen bool // it remembers what somebody chose here, and can be forgotten at once
}

// Config is what the pages are made of. Kit and Around are required.
type Config struct {
	Kit *web.Kit
	// Around is what surrounds a page. It must answer without fail and at once.
	Around        func(*http.Request) web.Frame
	Notice        Notice
	Accessibility Accessibility
	Kept          []Kept
	Cookies       []Cookie
}

type pages struct{ Config }

// Mount adds the routes.
func Mount(mux *web.Mux, c Config) {
	p := &pages{c}
	for _, route := range []web.Route{
		{Method: http.MethodGet, Pattern: privacyPath, Handler: p.show("notices/privacy")},
		{Method: http.MethodGet, Pattern: accessibilityPath, Handler: p.show("notices/accessibility")},
		{Method: http.MethodGet, Pattern: legalPath, Handler: p.show("notices/legal")},
		{Method: http.MethodGet, Pattern: helpPath, Handler: p.show("notices/help")},
		{Method: http.MethodGet, Pattern: displayPath, Handler: p.show("notices/display")},
		{Method: http.MethodPost, Pattern: forgetPath, Handler: p.forget},
	} {
		mux.Handle(route)
	}
}

// page is what every page here may say.
type page struct {
	web.Frame
	Notice        saidNotice
	Access        Accessibility
	Audit         time.Time
	Auditor       said
	AccessContact said
	Failures      []string
	Exemptions    []string
	Kept          []Kept
	Cookies       []shownCookie
	Languages     []language
	Versions      []web.VersionLink
	Chosen        bool // something that was chosen is on this browser
	Forgotten     bool // it has just been deleted
	Forget        string
	Display       string
}

// said is a text of the configuration, and where it leads if it is an address.
type said struct{ Text, URL string }

// says reads a text of the configuration: a page and a mail address are links.
func says(text string) said {
	text = strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(text, "https://") && !strings.ContainsAny(text, " \t"):
		return said{text, text}
	case strings.Count(text, "@") == 1 && !strings.ContainsAny(text, " \t?&,;:<>\"/"):
		return said{text, "mailto:" + text}
	default:
		return said{Text: web.TypesetFrench(text)}
	}
}

func allSaid(lines []string) []string {
	var out []string
	for _, line := range lines {
		out = append(out, web.TypesetFrench(line))
	}
	return out
}

// saidNotice is a Notice as pages show it.
type saidNotice struct{ Controller, Address, DPO, Basis, Publisher, Director, Host, Support said }

func (n Notice) said() saidNotice {
	return saidNotice{
		Controller: says(n.Controller), Address: says(n.Address), DPO: says(n.DPO), Basis: says(n.Basis),
		Publisher: says(n.Publisher), Director: says(n.Director), Host: says(n.Host), Support: says(n.Support),
	}
}

// shownCookie is a cookie as the page tells of it.
type shownCookie struct {
	Name, Called string // what browsers call it, and what the texts do
	Span         Kept
	Chosen, Here bool
}

// language is one that a page can be read in.
type language struct {
	Lang, Name, URL string
	Current         bool
}

func (p *pages) show(name string) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		return p.Kit.Render(w, r, http.StatusOK, name, p.page(r))
	}
}

func (p *pages) page(r *http.Request) page {
	around := p.Around(r)
	around.Here = r.URL.Path
	out := page{
		Frame: around, Notice: p.Notice.said(), Kept: p.Kept, Versions: p.Kit.Versions(r, around),
		Access: p.Accessibility, Audit: p.Accessibility.On(), Auditor: says(p.Accessibility.Auditor), AccessContact: says(p.Accessibility.Contact),
		Failures: allSaid(p.Accessibility.Failures), Exemptions: allSaid(p.Accessibility.Exemptions),
		Forget: forgetPath, Display: displayPath,
	}
	for _, lang := range []language{{Lang: string(web.French), Name: "Français"}, {Lang: string(web.English), Name: "English"}} {
		lang.Current = lang.Lang == string(p.Kit.Lang(r))
		lang.URL = "/langue/" + lang.Lang + "?retour=" + url.QueryEscape(displayPath)
		out.Languages = append(out.Languages, lang)
	}
	for _, c := range p.Cookies {
		shown := p.shown(r, c)
		out.Cookies = append(out.Cookies, shown)
		out.Chosen = out.Chosen || shown.Chosen && shown.Here
	}
	out.Forgotten = !out.Chosen && r.URL.Query().Has("oublie")
	return out
}

func (p *pages) shown(r *http.Request, c Cookie) shownCookie {
	name := p.Kit.Cookies().Name(c.Cookie)
	out := shownCookie{Name: name, Called: c.Name, Chosen: c.Chosen, Here: len(r.CookiesNamed(name)) > 0, Span: Kept{For: c.MaxAge}}
	switch day := 24 * time.Hour; {
	case c.MaxAge >= 365*day:
		out.Span = Kept{Years: int(c.MaxAge / (365 * day))}
	case c.MaxAge >= 2*day:
		out.Span.Days = int(c.MaxAge / day)
	}
	return out
}

// forget deletes what somebody chose on this browser, and nothing that a sign-in under way or a session needs.
func (p *pages) forget(w http.ResponseWriter, r *http.Request) error {
	for _, c := range p.Cookies {
		if c.Chosen {
			p.Kit.Cookies().Clear(w, c.Cookie)
		}
	}
	return p.Kit.Redirect(w, r, displayPath+"?oublie=1", http.StatusSeeOther)
}
