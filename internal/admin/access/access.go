// Package access is the first page of the desk: in which capacities somebody is there, until when and under which act, and
// which tokens act for them. It works without script; every change is a posted form, which the mux takes from our own
// pages only.
//
// Routes:
//
//	GET   /bureau/                 the page
//	POST  /bureau/mandat           claims an appointment with a one-time word
//	POST  /bureau/jeton            makes a token; its secret is shown by the answer, once
//	POST  /bureau/jeton/retirer    ends a token
//
// What may be done is package desk's to say. The page names nobody: it knows a handle.
package access

import (
	"embed"
	"errors"
	"net/http"
	"time"

	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

// Pages are the page and its texts.
func Pages() web.Contribution { return web.Contribution{Name: "access", Files: files} }

const home = "/bureau/"

// Visitor is who is at the desk, and until when the session lasts at most.
type Visitor struct {
	Caller roles.Caller
	Until  time.Time
}

// Config is what the page is made of. All is required.
type Config struct {
	Kit     *web.Kit
	Desk    *desk.Desk
	Live    *registry.Live
	Now     func() time.Time
	Visitor func(*http.Request) (v Visitor, ok bool) // ok is false for nobody
	Enter   string                                   // where a sign-in begins
	Leave   string                                   // where a sign-out is posted
	Word    string                                   // where a one-time word is given without a sign-in
	API     string                                   // the description of the interface for programs
}

// Pages of the desk that need somebody.
type page struct{ Config }

// Mount adds the routes.
func Mount(mux *web.Mux, c Config) {
	p := &page{c}
	for _, route := range []web.Route{
		{Method: "GET", Pattern: home + "{$}", Handler: p.show},
		{Method: "POST", Pattern: home + "mandat", Handler: p.claim},
		{Method: "POST", Pattern: home + "jeton", Handler: p.makeToken},
		{Method: "POST", Pattern: home + "jeton/retirer", Handler: p.revoke},
	} {
		mux.Handle(route)
	}
}

func (p *page) show(w http.ResponseWriter, r *http.Request) error {
	v, ok := p.Visitor(r)
	if !ok {
		return p.Kit.Render(w, r, http.StatusOK, "access/nobody", nobody{Enter: p.Enter, Word: p.Word})
	}
	return p.render(w, r, http.StatusOK, v, said{})
}

// acting gives who posted a form and the form, or the page that says that nobody is there.
func (p *page) acting(w http.ResponseWriter, r *http.Request, do func(Visitor, form) error) error {
	v, ok := p.Visitor(r)
	if !ok {
		page := nobody{Frame: web.Frame{Here: home}, Enter: p.Enter, Word: p.Word, Over: true}
		return p.Kit.Render(w, r, http.StatusUnauthorized, "access/nobody", page)
	}
	values, err := web.Form(r)
	if err != nil {
		return err
	}
	return do(v, form{values})
}

func (p *page) claim(w http.ResponseWriter, r *http.Request) error {
	return p.acting(w, r, func(v Visitor, f form) error {
		_, err := p.Desk.Claim(r.Context(), v.Caller, f.Get("mot"))
		var conflict *desk.Conflict
		var denied *roles.Denied
		switch {
		case errors.As(err, &conflict):
			return p.render(w, r, http.StatusConflict, v, said{wrong: map[string]string{"mot": "wrong.word"}})
		case errors.As(err, &denied):
			return p.render(w, r, http.StatusForbidden, v, said{wrong: map[string]string{"mot": "wrong.own"}})
		case err != nil:
			return unavailable(err)
		}
		return p.Kit.Redirect(w, r, home, http.StatusSeeOther)
	})
}

func (p *page) makeToken(w http.ResponseWriter, r *http.Request) error {
	return p.acting(w, r, func(v Visitor, f form) error {
		until, wrong := p.lastDay(f.Get("jusque"))
		if wrong != "" {
			return p.render(w, r, http.StatusUnprocessableEntity, v, said{wrong: map[string]string{"jusque": wrong}, form: f})
		}
		_, secret, err := p.Desk.MakeToken(r.Context(), v.Caller, f.Get("nom"), f.Values["portee"], until)
		var invalid *desk.Invalid
		var denied *roles.Denied
		switch {
		case errors.As(err, &invalid):
			return p.render(w, r, http.StatusUnprocessableEntity, v, said{wrong: wrongFields(invalid), form: f})
		case errors.As(err, &denied):
			return web.Forbidden(err)
		case err != nil:
			return unavailable(err)
		}
		return p.render(w, r, http.StatusOK, v, said{secret: secret})
	})
}

// lastDay is the end of the day that was typed, where the academy is.
func (p *page) lastDay(text string) (until time.Time, wrong string) {
	snapshot, err := p.Live.Current()
	day, bad := registry.ParseDate(text)
	if err != nil || bad != nil {
		return time.Time{}, "wrong.until"
	}
	return day.Ends(snapshot.Zone()), ""
}

func (p *page) revoke(w http.ResponseWriter, r *http.Request) error {
	return p.acting(w, r, func(v Visitor, f form) error {
		err := p.Desk.RevokeToken(r.Context(), v.Caller, f.Get("jeton"))
		var denied *roles.Denied
		var missing *desk.NotFound
		switch {
		case errors.As(err, &denied), errors.As(err, &missing):
			return web.NotFound(err)
		case err != nil:
			return unavailable(err)
		}
		return p.Kit.Redirect(w, r, home, http.StatusSeeOther)
	})
}

// unavailable keeps a fault as it is; anything else means that nothing was written.
func unavailable(err error) error {
	var fault *web.Fault
	if errors.As(err, &fault) {
		return err
	}
	return web.Unavailable(err)
}
