package portal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"ecluse/internal/person"
	"ecluse/internal/web"
)

// Favourites keeps which services people marked. A subject is a derivation of a person's handle that serves for nothing
// else (Keys.Marked): it says not who it is, and cannot be joined with the journal. The journal has no entry of a mark: it
// is nobody's business but the person's.
type Favourites interface {
	// Marked lists the services that are marked under any of some subjects, each once, in their order.
	Marked(ctx context.Context, subjects []string) ([]string, error)
	// Mark marks a service under a subject, or unmarks it under every one of them. Twice is once.
	Mark(ctx context.Context, subject string, all []string, service string, on bool) error
}

// mostMarks is how many services one person may mark.
const mostMarks = 100

// marks reads a person's favourites under each of their keys.
func (p *pages) marks(ctx context.Context, who person.Person) (own, marked []string, err error) {
	handles, err := p.Keys.Own(ctx, who)
	if err != nil {
		return nil, nil, fmt.Errorf("favourites: %w", err)
	}
	for _, handle := range handles {
		own = append(own, p.Keys.Marked(handle))
	}
	if marked, err = p.Favourites.Marked(ctx, own); err != nil {
		return nil, nil, fmt.Errorf("favourites: %w", err)
	}
	return own, marked, nil
}

// favour marks a service or unmarks it, and goes back to the list. What is not on the person's own list is not marked.
func (p *pages) favour(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	who, _, ok, err := p.Visitor(r)
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
	word, service, on := form.Get("etablissement"), form.Get("service"), form.Get("favori") == "oui"
	own := view.SchoolsOf(who, p.Now())
	if at := placeAt(p.About, who, uaisOf(own), word); at >= 0 {
		uai = own[at].UAI
	}
	if _, shown := p.find(r, view, who, uai, service, p.foresee(r.Context(), view, who)); on && !shown {
		return web.BadRequest(errors.New("a service that is not on the list"))
	}
	subjects, marked, err := p.marks(r.Context(), who)
	if err != nil {
		return web.Unavailable(err)
	}
	switch {
	case len(subjects) == 0:
		return web.Unavailable(errors.New("favourites: the person has no handle"))
	case on == slices.Contains(marked, service):
	case on && len(marked) >= mostMarks:
		return web.BadRequest(errors.New("too many favourites"))
	default:
		if err := p.Favourites.Mark(r.Context(), subjects[0], subjects, service, on); err != nil {
			return web.Unavailable(err)
		}
	}
	return p.Kit.Redirect(w, r, sites+"?"+url.Values{"etablissement": {word}}.Encode()+"#s-"+url.PathEscape(service), http.StatusSeeOther)
}
