package portal

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/guardian"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/rights"
	"ecluse/internal/web"
)

//go:embed rights
var rightsFiles embed.FS

// RightsPages are the pages of what people ask of whoever answers for their data, and their texts.
func RightsPages() web.Contribution { return below("rights", rightsFiles) }

// Requests keeps what a person asks of whoever answers for their data; *rights.Book does.
type Requests interface {
	File(ctx context.Context, p rights.Party, f rights.Form) (made rights.Request, fresh bool, err error)
	Of(ctx context.Context, p rights.Party) ([]rights.Held, error)
	One(ctx context.Context, p rights.Party, ref string) (rights.Held, error)
	Drop(ctx context.Context, p rights.Party, ref string) (rights.Request, error)
	Done(ctx context.Context, p rights.Party, ref string) (rights.Request, error)
	TakeBack(ctx context.Context, p rights.Party, ref string) (rights.Request, error)
}

// RightsConfig is what the pages of rights are made of. All is required but the last two.
type RightsConfig struct {
	Kit      *web.Kit
	Live     *registry.Live
	Words    *dictionary.Dictionary
	Events   audit.Reader
	Visitor  Visitor
	Now      func() time.Time
	Requests Requests
	// Own lists the handles of every key by which whoever has a key was ever known, that of the key first. It files nothing.
	Own func(ctx context.Context, key person.Key) ([]string, error)
	// Sent is under which the journal files what was sent to a service of whoever has a handle.
	Sent func(handle, service string) string
	// About is what a request holds of whom it is about: rights.WhomOf. In an address a part of it names a child.
	About func(handle string) string
	// Children lists those for whom the visitor may ask now: of whom a source says that they hold parental authority.
	Children func(ctx context.Context, who person.Person) ([]person.Ward, error)
	Enter    string // where nobody becomes somebody and comes back; empty shows no link
	// Withdraw is where somebody takes back their own agreement at a service; nil shows no link.
	Withdraw func(service string) string
}

// markLength is how much of a derivation names one child among those of a guardian.
const markLength = 16

const (
	rightsHome = "/mes-droits"
	rightsAsk  = rightsHome + "/demande"
)

type rightsPages struct{ RightsConfig }

// MountRights adds the routes:
//
//	GET  /mes-droits               what can be asked, of whom, and one's own requests
//	GET  /mes-droits/demande       the form, for ?service=, ?etablissement= and ?enfant=; POST sends it
//	GET  /mes-droits/{ref}         one request
//	GET  /mes-droits/{ref}/{acte}  asks before annuler, lu, reprendre; POST does it
//
// Nobody in an école sees them: a child is told to show the page to a grown-up.
func MountRights(mux *web.Mux, c RightsConfig) {
	p := &rightsPages{c}
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: rightsHome, Handler: p.known(p.home)})
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: rightsAsk, Handler: p.known(p.form)})
	mux.Handle(web.Route{Method: http.MethodPost, Pattern: rightsAsk, Handler: p.known(p.send)})
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: rightsHome + "/{ref}", Handler: p.known(p.one)})
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: rightsHome + "/{ref}/{acte}", Handler: p.known(p.confirm)})
	mux.Handle(web.Route{Method: http.MethodPost, Pattern: rightsHome + "/{ref}/{acte}", Handler: p.known(p.act)})
}

// guest is somebody who is signed in and may ask, as one request sees them.
type guest struct {
	web.Frame
	who  person.Person
	own  []string
	view *registry.Snapshot
	lang string
	kids []kid
}

// kid is a child for whom a guest may ask.
type kid struct {
	person.Ward
	handles []string
	mark    string // names the child in an address
}

// closedPage is what is shown to whoever may not ask here: nobody, or a child.
type closedPage struct {
	web.Frame
	Enter string
	Child bool
}

// known finds who is signed in. Nobody, and a child of an école, get a page that says what to do.
func (p *rightsPages) known(f func(http.ResponseWriter, *http.Request, guest) error) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		who, around, ok, err := p.Visitor(r)
		if err != nil {
			return web.Unavailable(err)
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			around.Here = rightsHome
		}
		if !ok {
			return p.Kit.Render(w, r, http.StatusOK, "rights/closed", closedPage{Frame: around, Enter: p.Enter})
		}
		view, err := p.Live.Current()
		if err != nil {
			return web.Unavailable(err)
		}
		if around.Audience == web.Child || schoolchild(view, who, p.Now()) {
			around.Audience = web.Child
			return p.Kit.Render(w, r, http.StatusOK, "rights/closed", closedPage{Frame: around, Child: true})
		}
		g := guest{Frame: around, who: who, view: view, lang: string(p.Kit.Lang(r))}
		if err := p.meet(r.Context(), &g); err != nil {
			return web.Unavailable(fmt.Errorf("rights: %w", err))
		}
		return f(w, r, g)
	}
}

// schoolchild tells whether somebody is a pupil of an école, and nothing else anywhere: whatever wording they chose to read.
func schoolchild(view *registry.Snapshot, who person.Person, now time.Time) bool {
	found := false
	for _, a := range who.Affiliations {
		if !a.Holds(now) {
			continue
		}
		school, known := view.Establishment(a.UAI)
		if a.Profile != person.Pupil || !known || school.Kind != registry.Ecole {
			return false
		}
		found = true
	}
	return found
}

// meet finds the handles of the guest and of the children for whom they may ask.
func (p *rightsPages) meet(ctx context.Context, g *guest) error {
	var err error
	if g.own, err = p.Own(ctx, g.who.Key); err != nil {
		return err
	}
	if len(g.own) == 0 {
		return errors.New("nobody's handle")
	}
	wards, err := p.Children(ctx, g.who)
	if err != nil {
		return err
	}
	for _, ward := range wards {
		if ward.Authority != person.Yes || ward.Child.IsZero() {
			continue // unknown is no
		}
		handles, err := p.Own(ctx, ward.Child)
		if err != nil {
			return err
		}
		g.kids = append(g.kids, kid{ward, handles, p.About(handles[0])[:markLength]})
	}
	return nil
}

// party is the party of a request about the guest, or about one of their children.
func (g guest) party(k *kid) rights.Party {
	if k == nil {
		return rights.Party{Own: g.own}
	}
	return rights.Party{Own: g.own, Child: k.handles}
}

// kid finds a child by its mark; nil for none.
func (g guest) kid(mark string) *kid {
	i := slices.IndexFunc(g.kids, func(k kid) bool { return k.mark == mark })
	if i < 0 {
		return nil
	}
	return &g.kids[i]
}

func (g guest) service(id string) string {
	if id == registry.House {
		return ""
	}
	if s, ok := g.view.Service(id); ok {
		return s.Name.In(g.lang)
	}
	return id
}

// school is an establishment's name; that where only a child of theirs goes is named to nobody.
func (g guest) school(uai person.UAI) string {
	if !guardian.Names(g.who, uai) {
		return ""
	}
	if e, ok := g.view.Establishment(uai); ok {
		return e.Name
	}
	return string(uai)
}
