package portal

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sync"

	"ecluse/internal/charter"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// Where the pages of this file stand.
const (
	sites  = "/mes-sites"
	favour = "/mes-sites/favoris"
)

// sitesPage is everything somebody may open. Trouble is what is missing from it: "", "closed" (nothing can be said now),
// "partial" or "favourites".
type sitesPage struct {
	web.Frame
	Known   bool // somebody is signed in
	Enter   string
	School  string // that a poster preselected, for nobody
	Trouble string
	Schools []schoolLink
	Shelves []shelfPage
	Search  search
	Facets  []facet
	Clear   string // the address without a search; empty where there is none
	Pupils  *pupilsPage
}

// schoolLink is one of several establishments to look at.
type schoolLink struct {
	Name, URL string // the name is empty where only a child of whoever reads is there, and no source says what it is called
	Current   bool
}

// shelfPage is the tiles of one establishment.
type shelfPage struct {
	At         string // the establishment's word in addresses
	School     string
	Staff      bool
	Head       bool
	Total      int // before the search
	Favourites []Tile
	Tiles      []Tile
	Mark       string // where a favourite is marked; empty where none can be
	Sheet      string // what stands behind the address of a sheet
	Poster     string
}

// pupilsPage is a pupil's view that a member of staff looks at.
type pupilsPage struct {
	Looking bool
	Level   string // empty for pupils of no level
	Levels  []string
	Back    string
}

// everyLevel is the word for a pupil's view without a level.
const everyLevel = "tous"

// front is the gateway's own address without anything behind it.
func (p *pages) front(w http.ResponseWriter, r *http.Request) error {
	return p.Kit.Redirect(w, r, sites, http.StatusSeeOther)
}

// sites shows what somebody may open. What cannot be found out is told on the page rather than in its place.
func (p *pages) sites(w http.ResponseWriter, r *http.Request) error {
	who, around, ok, err := p.Visitor(r)
	if err != nil {
		return web.Unavailable(err)
	}
	page := sitesPage{Frame: around, Known: ok, Enter: p.Enter("sites")}
	view, err := p.Live.Current()
	switch {
	case err != nil:
		page.Trouble = "closed"
		return p.Kit.Render(w, r, http.StatusServiceUnavailable, "portal/sites", page)
	case !ok:
		if school, known := view.Establishment(p.Preselected(r)); known {
			page.School, page.Audience = school.Name, wording(school)
		}
		return p.Kit.Render(w, r, http.StatusOK, "portal/sites", page)
	}
	p.fill(r, &page, view, who)
	return p.Kit.Render(w, r, http.StatusOK, "portal/sites", page)
}

// fill puts the shelves on the page: that of one establishment, or all of them for a child, who chooses among none.
func (p *pages) fill(r *http.Request, page *sitesPage, view *registry.Snapshot, who person.Person) {
	own := view.SchoolsOf(who, p.Now())
	shown := own
	if page.Audience != web.Child && len(own) > 0 {
		at := max(0, placeAt(p.About, who, uaisOf(own), r.URL.Query().Get("etablissement")))
		shown = own[at : at+1]
		page.Search = readSearch(r.URL.Query())
		if len(own) > 1 {
			for i, e := range own {
				page.Schools = append(page.Schools, schoolLink{Name: placeName(who, e), URL: p.sitesOf(who, e.UAI), Current: i == at})
			}
		}
		if !page.Search.empty() {
			page.Clear = p.sitesOf(who, own[at].UAI)
		}
	}
	_, marked, err := p.marks(r.Context(), who)
	if err != nil {
		page.Trouble = "favourites"
	}
	would := p.foresee(r.Context(), view, who)
	for _, school := range shown {
		s := p.shelf(r, view, who, school.UAI, would)
		p.asPupils(r, page, &s, school)
		at := placeWord(p.About, who, school.UAI)
		out := shelfPage{At: at, School: school.Name, Staff: s.staff, Head: heads(who, school.UAI), Sheet: "?etablissement=" + url.QueryEscape(at)}
		all := s.tiles()
		switch {
		case s.pupils:
			out.Sheet = ""
		case err == nil && page.Audience != web.Child:
			out.Mark = favour
		}
		if s.staff {
			out.Poster = posterOf(school.UAI)
		}
		if s.partial {
			page.Trouble = "partial"
		}
		for i := range all {
			all[i].Favourite = !s.pupils && slices.Contains(marked, all[i].Service)
		}
		out.Total, out.Tiles = len(all), page.Search.in(all)
		if page.Search.empty() {
			out.Favourites, out.Tiles = favouritesFirst(out.Tiles)
		}
		if page.Audience != web.Child {
			page.Facets = page.Search.facets(all)
		}
		page.Shelves = append(page.Shelves, out)
	}
}

// favouritesFirst takes the favourites out.
func favouritesFirst(tiles []Tile) (marked, others []Tile) {
	for _, t := range tiles {
		if t.Favourite {
			marked = append(marked, t)
		} else {
			others = append(others, t)
		}
	}
	return marked, others
}

func (p *pages) sitesOf(who person.Person, uai person.UAI) string {
	return sites + "?etablissement=" + url.QueryEscape(placeWord(p.About, who, uai))
}

// asPupils turns the shelf of a member of staff into what pupils find, where that is asked for.
func (p *pages) asPupils(r *http.Request, page *sitesPage, s *shelf, school registry.Establishment) {
	levels := registry.Levels(school.Kind)
	if !s.staff || len(levels) == 0 {
		return
	}
	page.Pupils = &pupilsPage{Levels: levels, Back: p.sitesOf(s.who, school.UAI)}
	word := r.URL.Query().Get("eleves")
	level, known := s.view.Level(school.Kind, word)
	if !known && word != everyLevel {
		return
	}
	page.Pupils.Looking, page.Pupils.Level = true, level
	s.who = registry.Anybody(school.UAI, person.Pupil, level, s.who.Authn.Source)
	s.would, s.pupils = nil, true
}

// foresee says what sign-ins would come to; nobody knows it while what was said of agreement cannot be read.
func (p *pages) foresee(ctx context.Context, view *registry.Snapshot, who person.Person) Would {
	would, err := p.Foresee(ctx, view, who)
	if err != nil {
		return func(policy.Place, registry.Service) (Forecast, error) {
			return Forecast{}, errors.Join(ErrUnknown, err)
		}
	}
	return would
}

// shelf asks about one person in one establishment.
func (p *pages) shelf(r *http.Request, view *registry.Snapshot, who person.Person, uai person.UAI, would Would) shelf {
	return shelf{
		view: view, now: p.Now(), lifted: sync.OnceValue(func() *registry.Snapshot { return p.lifts.of(view) }), would: would,
		lang: string(p.Kit.Lang(r)), as: wordingOf(view, who, uai), who: only(who, uai), uai: uai, staff: worksAt(who, uai, p.Now()),
	}
}

// wordingOf is how somebody is spoken to of what was stopped in an establishment: as the youngest of what they are there.
func wordingOf(view *registry.Snapshot, who person.Person, uai person.UAI) charter.Wording {
	school, _ := view.Establishment(uai)
	for _, a := range who.Affiliations {
		if a.UAI == uai && a.Profile == person.Pupil {
			return charter.WordingOf(school, a.Profile)
		}
	}
	return charter.WordingOf(school, person.Teacher)
}

// find is one tile of somebody's list.
func (p *pages) find(r *http.Request, view *registry.Snapshot, who person.Person, uai person.UAI, id string, would Would) (Tile, bool) {
	service, known := view.Service(id)
	here := slices.ContainsFunc(view.SchoolsOf(who, p.Now()), func(e registry.Establishment) bool { return e.UAI == uai })
	if !known || !here || id == registry.House || id == registry.Desk {
		return Tile{}, false
	}
	s := p.shelf(r, view, who, uai, would)
	return s.tile(service)
}

func heads(who person.Person, uai person.UAI) bool {
	return slices.ContainsFunc(who.Affiliations, func(a person.Affiliation) bool { return a.UAI == uai && a.Profile == person.Head })
}

// lifts keeps the last view without suspensions: many people ask between two changes of the registry.
type lifts struct {
	mu   sync.Mutex
	from *registry.Snapshot
	view *registry.Snapshot
}

func (l *lifts) of(view *registry.Snapshot) *registry.Snapshot {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.from != view {
		l.from, l.view = view, lift(view)
	}
	return l.view
}
