package published

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ecluse/internal/registry"
	"ecluse/internal/registry/register"
	"ecluse/internal/web"
)

// How many stand on one page.
const (
	schoolsPerPage  = 50
	servicesPerPage = 30
)

type homePage struct {
	web.Frame
	Asked     string
	Lang      web.Lang
	Sought    bool
	Count     int
	Schools   []link
	Academies []link
	Pager     web.Pager
}

type link struct {
	Name, Detail, URL string
	Closed            bool
}

// home finds schools. It is made for each question: there are as many as people ask.
func (p *pages) home(w http.ResponseWriter, r *http.Request) error {
	s, err := p.Live.Current()
	if err != nil {
		return web.Unavailable(err)
	}
	ask, text := p.asks(w, r), strings.TrimSpace(r.URL.Query().Get("q"))
	base := &url.URL{Path: Home}
	if text != "" {
		base.RawQuery = url.Values{"q": {text}}.Encode()
	}
	page := homePage{Lang: ask.lang, Asked: text, Sought: text != ""}
	for _, academy := range register.Academies(s) {
		page.Academies = append(page.Academies, link{Name: academy, URL: at(&url.URL{Path: academyPath, RawQuery: url.Values{"nom": {academy}}.Encode()}, ask.lang, 1)})
	}
	if page.Sought {
		found := register.FindSchools(s, p.Now(), text)
		page.Count = len(found)
		found, page.Pager = part(found, schoolsPerPage, base, ask)
		for _, e := range found {
			page.Schools = append(page.Schools, link{Name: e.Name, Detail: strings.Trim(e.Town+", "+string(e.UAI), ", "), URL: at(&url.URL{Path: pageOf(e.UAI)}, ask.lang, 1), Closed: e.Closed})
		}
	}
	document, err := p.Kit.Prepare(ask.lang, name+"/home", page, func(l web.Lang) string { return at(base, l, ask.page) })
	if err != nil {
		return err
	}
	return document.Serve(w, r)
}

// part is the part of a list that was asked for, and the way to the others. A page that is not there is the nearest one.
func part[T any](all []T, size int, base *url.URL, ask asked) ([]T, web.Pager) {
	pages := max(1, (len(all)+size-1)/size)
	out := web.Pager{Page: min(ask.page, pages), Pages: pages}
	if out.Page > 1 {
		out.Earlier = at(base, ask.lang, out.Page-1)
	}
	if out.Page < pages {
		out.Later = at(base, ask.lang, out.Page+1)
	}
	from := (out.Page - 1) * size
	return all[from:min(from+size, len(all))], out
}

type placePage struct {
	web.Frame
	Title, Detail string
	School        *register.PublicSchool
	Schools       int
	On            time.Time
	Services      []service
	House         []service
	Count         int
	Pager         web.Pager
	CSV, JSON     string
	Back          string
}

// service is one line in the language of the page.
type service struct {
	register.PublicLine
	ID           string // of its heading
	Called       string
	Does         string
	Authorities  []register.PublicController
	Purposes     []string
	Persons      []string
	Items        []item
	Produced     []string
	Recipients   []string
	Hosting      string
	LevelWords   string
	Transfers    []transfer
	Sub          []transfer
	Kept         string
	Erasure      []erasure
	Since, Until time.Time
}

type item struct{ Label, Why string }

type transfer struct {
	Who, Country, For string
	Instrument        registry.Instrument
	Remote            bool
}

type erasure struct {
	What   string
	Months int
	After  registry.Event
}

// prepare makes the page of a place.
func (p *pages) prepare(ask asked, is where, told register.Public) (web.Document, error) {
	lines, pager := part(told.Lines, servicesPerPage, is.base, ask)
	form := func(f string) string {
		out := *is.base
		out.Path += "/" + f
		return out.String()
	}
	page := placePage{
		School: told.School, Schools: told.Schools, Count: len(told.Lines), Pager: pager, On: noon(told.On),
		CSV: form("csv"), JSON: form("json"), Back: at(&url.URL{Path: Home}, ask.lang, 1), Title: told.Academy,
	}
	if told.School != nil {
		page.Title, page.Detail = told.School.Name, strings.Trim(told.School.Town+", "+string(told.School.UAI), ", ")
	}
	for _, l := range lines {
		page.Services = append(page.Services, inWords(l, ask.lang))
	}
	for _, l := range told.House {
		page.House = append(page.House, inWords(l, ask.lang))
	}
	return p.Kit.Prepare(ask.lang, name+"/place", page, func(l web.Lang) string { return at(is.base, l, ask.page) })
}

func inWords(l register.PublicLine, lang web.Lang) service {
	in := string(lang)
	out := service{
		PublicLine: l, ID: l.Service, Called: l.Name.In(in), Does: l.Sentence.In(in), Authorities: l.Controllers,
		Purposes: said(l.Purposes, in), Persons: said(l.Persons, in), Produced: said(l.Produced, in), Recipients: said(l.Recipients, in),
		LevelWords: strings.Join(l.Levels, ", "), Kept: l.Kept.In(in), Since: noon(l.Since), Until: noon(l.Until),
	}
	var countries []string
	for _, code := range l.Hosting {
		countries = append(countries, web.CountryOf(lang, code))
	}
	out.Hosting = strings.Join(countries, ", ")
	for _, i := range l.Items {
		out.Items = append(out.Items, item{i.Label.In(in), i.Why.In(in)})
	}
	for _, t := range l.Transfers {
		out.Transfers = append(out.Transfers, transfer{Who: t.Recipient, Country: web.CountryOf(lang, t.Country), Instrument: t.Instrument, Remote: t.Remote})
	}
	for _, s := range l.Supplier.Sub {
		out.Sub = append(out.Sub, transfer{Who: s.Name, Country: web.CountryOf(lang, s.Country), For: s.For})
	}
	for _, e := range l.Erasure {
		out.Erasure = append(out.Erasure, erasure{e.What.In(in), e.Months, e.After})
	}
	return out
}

func said(list []registry.Text, lang string) []string {
	var out []string
	for _, t := range list {
		out = append(out, t.In(lang))
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// noon is a day as pages show it; the zero time for none.
func noon(d registry.Date) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return d.Starts(time.UTC).Add(12 * time.Hour)
}
