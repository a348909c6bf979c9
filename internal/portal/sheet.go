package portal

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// sheetPage says of one service what it is and what it would receive: names of data, never what is in them.
type sheetPage struct {
	web.Frame
	Tile
	School     string
	Back       string // the list
	Register   string // what is open in the school, as anybody may read it
	Known      bool   // what it would receive was found out
	Sent       []sentLine
	Kept       []string
	Number     bool
	Purposes   []string
	Controller string
	DPO        string
	Supplier   string
	Retention  string
	Reference  string
	Staff      bool
	Ask        string // where staff ask for it, for ToEnable
	ClassLink  string // to copy, for staff
}

type sentLine struct{ Label, Why string }

// sheet shows one service of the person's own list.
func (p *pages) sheet(w http.ResponseWriter, r *http.Request) error {
	who, around, ok, err := p.Visitor(r)
	if err != nil {
		return web.Unavailable(err)
	}
	if !ok {
		return p.Kit.Redirect(w, r, sites, http.StatusSeeOther)
	}
	view, err := p.Live.Current()
	if err != nil {
		return web.Unavailable(err)
	}
	var uai person.UAI
	word, own := r.URL.Query().Get("etablissement"), view.SchoolsOf(who, p.Now())
	if at := placeAt(p.About, who, uaisOf(own), word); at >= 0 {
		uai = own[at].UAI
	} else if word == "" && len(own) > 0 {
		uai = own[0].UAI
	}
	would := p.foresee(r.Context(), view, who)
	tile, shown := p.find(r, view, who, uai, r.PathValue("service"), would)
	if !shown {
		return web.NotFound(errors.New("the service is not on this person's list"))
	}
	school, _ := view.Establishment(uai)
	page := sheetPage{Frame: around, Tile: tile, School: schoolName(who, school), Back: p.sitesOf(who, uai), Staff: worksAt(who, uai, p.Now())}
	if around.Audience == web.Child {
		page.Back = sites
	} else if page.School != "" && !school.Test {
		page.Register = "/registre/" + url.PathEscape(string(uai))
	}
	p.staffPart(&page, uai)
	if tile.State == Open || tile.State == Elsewhere {
		p.receives(r, &page, view, would)
	}
	return p.Kit.Render(w, r, http.StatusOK, "portal/sheet", page)
}

func (p *pages) staffPart(page *sheetPage, uai person.UAI) {
	link := classLink(page.Service, uai)
	switch {
	case !page.Staff:
	case page.State == ToEnable:
		page.Ask = link // its refusal says why, and takes the request
	case page.State == Open:
		page.ClassLink = p.Kit.URL(link)
	}
}

// receives fills in what would be sent. Where that cannot be found out the page says so.
func (p *pages) receives(r *http.Request, page *sheetPage, view *registry.Snapshot, would Would) {
	lang := string(p.Kit.Lang(r))
	service, _ := view.Service(page.Service)
	told, err := would(page.place, service)
	if err != nil {
		return
	}
	d, known := view.Declaration(told.Declaration, told.Version)
	if !known {
		return
	}
	reads := reader{Config: p.Config, lang: lang, as: p.Kit.Wording(r, page.Frame)}
	page.Known, page.Number = true, told.Number
	for _, said := range told.Sent {
		page.Sent = append(page.Sent, sentLine{Label: reads.label(string(said.Name)), Why: said.Why.In(lang)})
	}
	for _, name := range told.Kept {
		page.Kept = append(page.Kept, reads.label(string(name)))
	}
	for _, purpose := range d.Purposes {
		page.Purposes = append(page.Purposes, purpose.In(lang))
	}
	page.Controller, page.DPO, page.Supplier = d.Controller.Name, d.Controller.DPO, d.Supplier.Name
	page.Retention, page.Reference = d.Retention.In(lang), fmt.Sprintf("%s v%d", d.ID, d.Version)
}
