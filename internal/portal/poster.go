package portal

import (
	"errors"
	"net/http"
	"strings"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// forget is the word that takes a preselected school back.
const forget = "aucune"

func posterOf(uai person.UAI) string { return "/e/" + string(uai) + "/affiche" }

// preselect is where a class poster leads: it remembers the school for a while on this browser, and nothing else. Whoever
// is signed in stays so.
func (p *pages) preselect(w http.ResponseWriter, r *http.Request) error {
	if r.PathValue("uai") == forget {
		p.Preselect(w, "")
		return p.Kit.Redirect(w, r, sites, http.StatusSeeOther)
	}
	school, err := p.posted(r)
	if err != nil {
		return err
	}
	p.Preselect(w, school.UAI)
	return p.Kit.Redirect(w, r, sites, http.StatusSeeOther)
}

// posted is the school of a poster's address. A closed one is none.
func (p *pages) posted(r *http.Request) (registry.Establishment, error) {
	view, err := p.Live.Current()
	if err != nil {
		return registry.Establishment{}, web.Unavailable(err)
	}
	school, known := view.Establishment(person.UAI(strings.ToUpper(r.PathValue("uai"))))
	if !known || school.ClosedAt(p.Now(), view.Zone()) {
		return registry.Establishment{}, web.NotFound(errors.New("no open establishment has this UAI"))
	}
	return school, nil
}

// posterPage is a sheet of paper. Path draws the dark modules of the code in a square of Size, its quiet zone included.
type posterPage struct {
	web.Frame
	School, Town string
	Address      string
	Size         int
	Path         string
}

// poster shows the sheet to print. It holds no secret: its address is that of the school.
func (p *pages) poster(w http.ResponseWriter, r *http.Request) error {
	school, err := p.posted(r)
	if err != nil {
		return err
	}
	page := posterPage{School: school.Name, Town: school.Town, Address: p.Kit.URL("/e/" + string(school.UAI))}
	page.Audience = wording(school)
	if page.Path, page.Size, err = web.QR(page.Address); err != nil {
		return err
	}
	return p.Kit.Render(w, r, http.StatusOK, "portal/poster", page)
}

// wording is how the pupils of a school are spoken to, before anybody has said who they are.
func wording(school registry.Establishment) web.Audience {
	switch {
	case school.Kind == registry.Ecole:
		return web.Child
	case len(registry.Levels(school.Kind)) > 0:
		return web.Teen
	default:
		return web.Adult
	}
}
