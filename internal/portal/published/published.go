// Package published is the public register: what is open in each school and in each academy, for whom, why, on which basis,
// with which data, until when. It is for parents first, and asks nobody who they are.
//
// Routes:
//
//	GET  /registre                    a search of schools, and the academies; ?q= ?page=
//	GET  /registre/academie           a whole academy; ?nom= ?page=
//	GET  /registre/academie/{form}    the same as csv or json; ?nom=
//	GET  /registre/{uai}              a school; ?page=
//	GET  /registre/{uai}/{form}       the same as csv or json
//
// ?langue=fr or en says the language; without it the browser's choice holds. What may be said is package register's to say,
// whose public types have no room for the rest. Pages are prepared: a page is made once for a state of the register and a
// quarter of an hour, and anybody may keep it for five minutes.
package published

import (
	"bytes"
	"embed"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/register"
	"ecluse/internal/web"
)

//go:embed pages parts texts
var files embed.FS

const name = "published"

// Pages are the pages and their texts.
func Pages() web.Contribution { return web.Contribution{Name: name, Files: files} }

// Home is where the register begins.
const Home = "/registre"

const academyPath = Home + "/academie"

// Foot is the link for the foot of every page.
func Foot() web.Foot { return web.Foot{URL: Home, Text: name + "/foot"} }

// pageOf is the page of an establishment.
func pageOf(uai person.UAI) string { return Home + "/" + url.PathEscape(string(uai)) }

// Config is what the pages are made of. All is required.
type Config struct {
	Kit   *web.Kit
	Live  *registry.Live
	Words *dictionary.Dictionary
	Now   func() time.Time
}

type pages struct {
	Config
	shelf shelf
}

// Mount adds the routes.
func Mount(mux *web.Mux, c Config) {
	p := &pages{Config: c}
	for _, route := range []web.Route{
		{Method: http.MethodGet, Pattern: Home, Handler: p.home},
		{Method: http.MethodGet, Pattern: academyPath, Handler: p.place(p.academy)},
		{Method: http.MethodGet, Pattern: academyPath + "/{form}", Handler: p.export(p.academy)},
		{Method: http.MethodGet, Pattern: Home + "/{uai}", Handler: p.place(p.school)},
		{Method: http.MethodGet, Pattern: Home + "/{uai}/{form}", Handler: p.export(p.school)},
	} {
		mux.Handle(route)
	}
}

var errNowhere = errors.New("no such school or academy, or no such form")

// where is the place that a request is about.
type where struct {
	of   func(*registry.Snapshot, time.Time) (register.Public, bool)
	base *url.URL // of its page
	form string   // of its exports, without the form
}

func (p *pages) school(r *http.Request) where {
	uai := person.UAI(r.PathValue("uai"))
	return where{
		of: func(s *registry.Snapshot, now time.Time) (register.Public, bool) {
			return register.OfSchool(s, p.Words, now, uai)
		},
		base: &url.URL{Path: Home + "/" + string(uai)}, form: pageOf(uai) + "/",
	}
}

func (p *pages) academy(r *http.Request) where {
	academy := r.URL.Query().Get("nom")
	return where{
		of: func(s *registry.Snapshot, now time.Time) (register.Public, bool) {
			return register.OfAcademy(s, p.Words, now, academy)
		},
		base: &url.URL{Path: academyPath, RawQuery: url.Values{"nom": {academy}}.Encode()}, form: academyPath + "/",
	}
}

// asked is what every page here is asked for with.
type asked struct {
	lang web.Lang
	page int
}

// asks reads the language and the page, and says to caches on what the answer depends.
func (p *pages) asks(w http.ResponseWriter, r *http.Request) asked {
	q := r.URL.Query()
	out := asked{lang: web.Lang(q.Get("langue")), page: 1}
	if out.lang != web.French && out.lang != web.English {
		out.lang = p.Kit.Lang(r)
		w.Header().Set("Vary", "Cookie, Accept-Language")
	}
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n > 1 {
		out.page = n
	}
	return out
}

// at is a local path in a language, at a page.
func at(base *url.URL, lang web.Lang, page int) string {
	q := base.Query()
	q.Set("langue", string(lang))
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	return (&url.URL{Path: base.Path, RawQuery: q.Encode()}).String()
}

// place shows what is open in a school or an academy.
func (p *pages) place(find func(*http.Request) where) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		s, err := p.Live.Current()
		if err != nil {
			return web.Unavailable(err)
		}
		is, ask := find(r), p.asks(w, r)
		document, err := p.shelf.get(key{at(is.base, ask.lang, ask.page), s.Revision()}, p.Now(), func() (web.Document, error) {
			told, ok := is.of(s, p.Now())
			if !ok {
				return web.Document{}, web.NotFound(errNowhere)
			}
			return p.prepare(ask, is, told)
		})
		if err != nil {
			return err
		}
		return document.Serve(w, r)
	}
}

// export gives the same to programs and spreadsheets.
func (p *pages) export(find func(*http.Request) where) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		s, err := p.Live.Current()
		if err != nil {
			return web.Unavailable(err)
		}
		is, form := find(r), r.PathValue("form")
		if form != "csv" && form != "json" {
			return web.NotFound(errNowhere)
		}
		document, err := p.shelf.get(key{is.base.String() + " " + form, s.Revision()}, p.Now(), func() (web.Document, error) {
			told, ok := is.of(s, p.Now())
			if !ok {
				return web.Document{}, web.NotFound(errNowhere)
			}
			return exported(told, form)
		})
		if err != nil {
			return err
		}
		w.Header().Set("Content-Disposition", `attachment; filename="registre-public.`+form+`"`)
		return document.Serve(w, r)
	}
}

func exported(told register.Public, form string) (web.Document, error) {
	var out bytes.Buffer
	kind, write := "text/csv; charset=utf-8", told.CSV
	if form == "json" {
		kind, write = "application/json", told.JSON
	}
	if err := write(&out); err != nil {
		return web.Document{}, err
	}
	return web.NewDocument(kind, out.Bytes()), nil
}
