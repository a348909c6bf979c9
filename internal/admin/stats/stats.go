// Package stats is the desk's pages about how often services are entered, and how often somebody was refused: by month, by
// service and by establishment, as a picture with a table beside it. What would be about so few people that it says who is
// hidden: package tally counts, and hides.
//
// Routes:
//
//	GET  /bureau/statistiques          ?mois=yyyy-mm ?etablissement= ?service= ?academie=
//	GET  /bureau/statistiques/export   the same as a file (CSV), all of it
//
// A school's numbers are its own to read, those of an academy the academy's; package desk says so.
package stats

import (
	"cmp"
	"embed"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/tally"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

// Pages are the page and its texts.
func Pages() web.Contribution { return web.Contribution{Name: name, Files: files} }

const (
	name = "stats"

	// Home is where the statistics stand.
	Home = frame.Home + "statistiques"

	back    = 12 // months
	perList = 50
)

// Mount adds the routes and the entry of the menu.
func Mount(mux *web.Mux, f *frame.Frame) {
	f.Add(frame.Entry{Task: frame.Reading, Path: Home, Key: name + "/menu", May: reads})
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: Home, Handler: f.Page(name, show)})
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: Home + "/export", Handler: f.Page(name, export)})
}

func reads(v *frame.Visit) bool {
	return v.Holds(registry.HeadOfSchool, registry.Deputy, registry.DASEN, registry.Recteur, registry.DPO, registry.Admin,
		registry.OnCall, registry.Support, registry.Auditor)
}

// asked is what an address asks for, within what the visitor reads.
type asked struct {
	Month, UAI, Service, Academy string
	over                         desk.Counting
	first                        string // of the months in the picture
}

func read(v *frame.Visit) (asked, error) {
	over, err := v.Desk.Counting(v.Context(), v.Caller)
	if err != nil {
		return asked{}, err
	}
	now := v.Now.In(v.Snapshot.Zone())
	a := asked{Month: v.Query("mois"), UAI: strings.ToUpper(v.Query("etablissement")), Service: v.Query("service"), Academy: v.Query("academie"), over: over}
	month, err := time.ParseInLocation("2006-01", a.Month, v.Snapshot.Zone())
	if err != nil {
		month = time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, now.Location())
	}
	a.Month, a.first = tally.MonthOf(month), tally.MonthOf(month.AddDate(0, 1-back, 0))
	if a.UAI == "" && len(over.UAIs) == 1 {
		a.UAI = string(over.UAIs[0])
	}
	if a.Academy == "" && len(over.Academies) > 0 {
		a.Academy = over.Academies[0]
	}
	return a, nil
}

// sums tells whether there is a whole to show: a school, or an academy.
func (a asked) sums() bool { return a.UAI != "" || len(a.over.Academies) > 0 }

func (a asked) address(path string, changed ...string) string {
	q := url.Values{}
	set := func(key, value string) {
		if q.Del(key); value != "" {
			q.Set(key, value)
		}
	}
	set("mois", a.Month)
	set("etablissement", a.UAI)
	set("service", a.Service)
	if len(a.over.Academies) > 1 {
		set("academie", a.Academy)
	}
	for i := 0; i+1 < len(changed); i += 2 {
		set(changed[i], changed[i+1])
	}
	return path + "?" + q.Encode()
}

// all is a word of the query, or All for none.
func all(word string) string { return cmp.Or(word, tally.All) }

// counts are the three lists of a page: by month, by service, by establishment.
type counts struct{ months, services, schools []tally.Count }

func (a asked) counts(v *frame.Visit) (out counts, err error) {
	list := func(to *[]tally.Count, wanted bool, q tally.Query) {
		if !wanted || err != nil {
			return
		}
		q.Academy = a.Academy
		*to, err = v.Desk.Statistics(v.Context(), v.Caller, q)
	}
	list(&out.months, a.sums(), tally.Query{From: a.first, To: a.Month, Service: all(a.Service), UAI: all(a.UAI)})
	list(&out.services, a.sums() && a.Service == "", tally.Query{From: a.Month, To: a.Month, Service: tally.Each, UAI: all(a.UAI)})
	list(&out.schools, a.UAI == "", tally.Query{From: a.Month, To: a.Month, Service: all(a.Service), UAI: tally.Each})
	return out, err
}

// line is a row of a table: what it is about, and its two numbers.
type line struct {
	Name, URL         string
	SignIns, Refusals string
	n                 int // for the order: hidden ones stand last
}

// lines gathers both kinds of counts by what they are about, the most sign-ins first.
func lines(v *frame.Visit, found []tally.Count, of func(tally.Count) string, shows func(string) (label, address string)) []line {
	by := map[string]*line{}
	var keys []string
	for _, c := range found {
		key := of(c)
		if by[key] == nil {
			by[key] = &line{SignIns: v.Number(0), Refusals: v.Number(0)}
			by[key].Name, by[key].URL = shows(key)
			keys = append(keys, key)
		}
		text := v.Number(c.N)
		if c.Hidden {
			text = v.Say("hidden")
		}
		if c.What == tally.Refusals {
			by[key].Refusals = text
		} else {
			by[key].SignIns, by[key].n = text, c.N
		}
	}
	out := make([]line, len(keys))
	for i, key := range keys {
		out[i] = *by[key]
	}
	slices.SortStableFunc(out, func(a, b line) int { return cmp.Or(b.n-a.n, strings.Compare(a.Name, b.Name)) })
	return out
}

func school(v *frame.Visit, uai string) string {
	if uai == "" {
		return v.Say("nowhere")
	}
	return v.School(person.UAI(uai))
}
