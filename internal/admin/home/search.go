package home

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/audit"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// found is how many of one kind an answer shows.
const found = 20

type searchPage struct {
	web.Frame
	Asked    string
	Services []hit
	Schools  []hit
	More     int    // services and schools that were found and do not stand here
	Ref      string // the reference that was typed, as it is written
	Entry    string // the page that tells of it; empty where the caller may read nothing of it
	WhoMay   string // who may read references, where the caller may not
	Nothing  bool
}

type hit struct{ Name, Detail, URL string }

func (p *pages) search(w http.ResponseWriter, v *frame.Visit) error {
	asked := v.Query("q")
	at := v.Around(v.Say("search.title"))
	at.Office.Asked = asked
	out := searchPage{Frame: at, Asked: asked}
	if asked == "" {
		return v.Render(w, http.StatusOK, "search", out)
	}
	if ref, err := web.ParseRef(asked); err == nil {
		if err := p.reference(v, ref, &out); err != nil {
			return err
		}
	}
	if err := names(v, asked, &out); err != nil {
		return err
	}
	out.Nothing = len(out.Services)+len(out.Schools) == 0 && out.Ref == ""
	return v.Render(w, http.StatusOK, "search", out)
}

// reference looks for what the caller may read of a reference. That there is something else under it is told to nobody.
func (p *pages) reference(v *frame.Visit, ref web.Ref, out *searchPage) error {
	out.Ref = string(ref)
	page, err := p.Journal.List(v.Context(), audit.Query{Ref: out.Ref, Limit: audit.MaxLimit})
	if err != nil {
		return err
	}
	for _, e := range page.Entries {
		err := v.Desk.MayReadJournal(v.Context(), v.Caller, person.UAI(e.UAI))
		var denied *roles.Denied
		switch {
		case errors.As(err, &denied):
		case err != nil:
			return err
		default:
			out.Entry = firstOf(v, "/bureau/journal?reference="+url.QueryEscape(out.Ref), "/bureau/simulation?reference="+url.QueryEscape(out.Ref))
			return nil
		}
	}
	var denied *roles.Denied
	_, err = roles.May(v.Snapshot, v.Now, roles.Caller{}, roles.ReadJournal, roles.Target{})
	if errors.As(err, &denied) {
		var who []string
		for _, r := range denied.Who {
			who = append(who, v.Role(r))
		}
		out.WhoMay = strings.Join(who, ", ")
	}
	return nil
}

// names looks through the services in the caller's sight, and through the public list of schools.
func names(v *frame.Visit, asked string, out *searchPage) error {
	services, err := v.Desk.Services(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	sought := frame.Seek(asked)
	if len(sought) == 0 {
		return nil
	}
	for _, s := range services {
		if sought.In(s.Name.FR, s.Name.EN, s.Provider, s.ID) {
			out.add(&out.Services, hit{s.Name.In(v.In()), s.Provider, firstOf(v, "/bureau/services/"+url.PathEscape(s.ID))})
		}
	}
	view, err := v.Desk.Catalogue(v.Context(), v.Caller)
	var denied *roles.Denied
	if errors.As(err, &denied) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range view.Establishments() {
		if sought.In(e.Name, e.Town, string(e.UAI)) {
			out.add(&out.Schools, school(v, e))
		}
	}
	return nil
}

func school(v *frame.Visit, e registry.Establishment) hit {
	return hit{e.Name, strings.Trim(e.Town+" · "+string(e.UAI), " ·"), firstOf(v, "/bureau/etablissements/"+url.PathEscape(string(e.UAI)))}
}

func (out *searchPage) add(to *[]hit, h hit) {
	if len(*to) >= found {
		out.More++
		return
	}
	*to = append(*to, h)
}
