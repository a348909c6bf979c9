package portal

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"ecluse/internal/charter"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// Charters is what the page of a charter is made of. All is required.
type Charters struct {
	Kit     *web.Kit
	Live    *registry.Live
	Book    *charter.Book
	Visitor Visitor
	About   func(what string) string // names something in an address without telling it
	Now     func() time.Time
}

const charterHome = "/charte"

// MountCharter adds the page of a charter:
//
//	GET /charte  that of the visitor's establishment, or of ?uai=; ?pour= chooses a wording
//
// What a charter says hangs on a wall, so that anybody may read it by the UAI. When it was read is told to whoever read it.
func MountCharter(mux *web.Mux, c Charters) {
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: charterHome, Handler: c.show})
}

// charterPage is a charter, for reading and for printing.
type charterPage struct {
	web.Frame
	Known    bool // somebody is signed in
	School   string
	Schools  []charterLink
	Written  bool
	Text     charter.Shown
	Version  string // the beginning of the hash
	Level    registry.Level
	Contact  string
	Wordings []charterLink
	Mine     bool      // it is the wording of which the visitor is asked, in an establishment of theirs
	Read     time.Time // when they read this version this year; zero for never
	InClass  bool      // it is read to pupils in class
	Asked    bool      // they will be asked
	Required bool
}

// charterLink leads to the charter of another establishment, or in another wording.
type charterLink struct {
	Word    string // a name, or the wording
	URL     string
	Current bool
}

var errNoSchool = errors.New("no establishment of that UAI")

func (c Charters) show(w http.ResponseWriter, r *http.Request) error {
	who, around, known, err := c.Visitor(r)
	if err != nil {
		return web.Unavailable(err)
	}
	view, err := c.Live.Current()
	if err != nil {
		return web.Unavailable(err)
	}
	wording := charter.Wording(r.URL.Query().Get("pour"))
	if wording != "" && !slices.Contains(charter.Wordings(), wording) {
		return web.BadRequest(errors.New("pour: no wording"))
	}
	places := charterPlaces(who, view, c.Now())
	word, own := r.URL.Query().Get("uai"), make([]person.UAI, len(places))
	for i, a := range places {
		own[i] = a.UAI
	}
	uai := person.UAI(word) // anybody's
	if at := placeAt(c.About, who, own, word); at >= 0 {
		uai = own[at]
	} else if word == "" && len(own) > 0 {
		uai = own[0]
	}
	page := charterPage{Frame: around, Known: known}
	if uai == "" {
		return c.Kit.Render(w, r, http.StatusOK, "portal/charter", page)
	}
	school, registered := view.Establishment(uai)
	if !registered {
		return web.NotFound(errNoSchool)
	}
	if !known {
		page.Audience = web.Audience(charter.WordingOf(school, person.Pupil))
	}
	if err := c.fill(r, &page, view, who, school, places, wording); err != nil {
		return web.Unavailable(err)
	}
	return c.Kit.Render(w, r, http.StatusOK, "portal/charter", page)
}

// fill puts the text of an establishment into the page, and how the visitor stands to it.
func (c Charters) fill(r *http.Request, page *charterPage, view *registry.Snapshot, who person.Person, school registry.Establishment, places []person.Affiliation, wording charter.Wording) error {
	lang, at := string(c.Kit.Lang(r)), slices.IndexFunc(places, func(a person.Affiliation) bool { return a.UAI == school.UAI })
	own := charter.Wording(page.Audience)
	var due charter.Due
	if at >= 0 {
		due = charter.DueAt(view, c.Now(), school.UAI, places[at].Profile)
		own = charter.WordingOf(school, places[at].Profile)
	}
	if wording == "" {
		wording = own
	}
	text, written := charter.TextAt(view, school, wording)
	page.School, page.Written, page.Level = schoolName(who, school), written, text.From
	page.Contact = charter.TermsAt(view, school).Contact.In(lang)
	if written {
		page.Text, page.Version = text.In(lang), text.Version[:12]
	}
	c.links(page, view, who, school, places, wording)
	if at < 0 || !written || text.Version != due.Text.Version {
		return nil
	}
	page.Mine = true
	page.InClass = places[at].Profile == person.Pupil && school.Kind == registry.Ecole
	page.Asked, page.Required = due.Duty != charter.Nothing, due.Duty == charter.Require
	var err error
	page.Read, _, err = c.Book.When(r.Context(), who.Key, due)
	return err
}

// links lead to the visitor's other establishments, and to the other wordings that are written.
func (c Charters) links(p *charterPage, view *registry.Snapshot, who person.Person, school registry.Establishment, places []person.Affiliation, wording charter.Wording) {
	to := func(uai person.UAI) string { return charterHome + "?uai=" + placeWord(c.About, who, uai) }
	for _, a := range places {
		if other, ok := view.Establishment(a.UAI); ok && len(places) > 1 {
			p.Schools = append(p.Schools, charterLink{Word: placeName(who, other), URL: to(a.UAI), Current: a.UAI == school.UAI})
		}
	}
	for _, w := range charter.Wordings() {
		if text, ok := charter.TextAt(view, school, w); ok && text.Wording == w {
			p.Wordings = append(p.Wordings, charterLink{
				Word: string(w), URL: to(school.UAI) + "&pour=" + string(w), Current: w == wording,
			})
		}
	}
	if len(p.Wordings) < 2 {
		p.Wordings = nil
	}
}

// charterPlaces lists the visitor's establishments, each once: as a pupil or staff rather than as a guardian.
func charterPlaces(who person.Person, view *registry.Snapshot, now time.Time) []person.Affiliation {
	var out []person.Affiliation
	for _, a := range who.Affiliations {
		if _, registered := view.Establishment(a.UAI); !registered || !a.Holds(now) {
			continue
		}
		i := slices.IndexFunc(out, func(o person.Affiliation) bool { return o.UAI == a.UAI })
		switch {
		case i < 0:
			out = append(out, a)
		case out[i].Profile == person.Guardian:
			out[i] = a
		}
	}
	return out
}
