// Package access is the page of whoever is at the desk: in which capacities somebody is there, until when and under which act, and
// which tokens act for them. It works without script; every change is a posted form, which the mux takes from our own
// pages only.
//
// Routes:
//
//	GET   /bureau/moi              the page
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

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

// Pages are the page and its texts.
func Pages() web.Contribution { return web.Contribution{Name: "access", Files: files} }

const (
	home = frame.Home + "moi"
	name = "access"
)

// Config is where the page leads. All is required.
type Config struct {
	Leave string // where a sign-out is posted
	API   string // the description of the interface for programs
}

type page struct{ Config }

// Mount adds the routes and the entry of the menu, which whoever is signed in sees.
func Mount(mux *web.Mux, f *frame.Frame, c Config) {
	p := &page{c}
	f.Add(frame.Entry{Task: frame.Doing, Path: home, Key: name + "/desk.title", May: func(*frame.Visit) bool { return true }})
	for _, route := range []web.Route{
		{Method: "GET", Pattern: home, Handler: f.Page(name, p.show)},
		{Method: "POST", Pattern: frame.Home + "mandat", Handler: f.Page(name, p.claim)},
		{Method: "POST", Pattern: frame.Home + "jeton", Handler: f.Page(name, p.makeToken)},
		{Method: "POST", Pattern: frame.Home + "jeton/retirer", Handler: f.Page(name, p.revoke)},
	} {
		mux.Handle(route)
	}
}

func (p *page) show(w http.ResponseWriter, v *frame.Visit) error {
	return p.render(w, v, http.StatusOK, said{})
}

func (p *page) claim(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	_, err = v.Desk.Claim(v.Context(), v.Caller, f.Get("mot"))
	var conflict *desk.Conflict
	var denied *roles.Denied
	switch {
	case errors.As(err, &conflict):
		return p.render(w, v, http.StatusConflict, said{wrong: map[string]string{"mot": "wrong.word"}})
	case errors.As(err, &denied):
		return p.render(w, v, http.StatusForbidden, said{wrong: map[string]string{"mot": "wrong.own"}})
	case err != nil:
		return err
	}
	return v.Redirect(w, home)
}

func (p *page) makeToken(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	day, err := registry.ParseDate(f.Get("jusque"))
	if err != nil {
		return p.render(w, v, http.StatusUnprocessableEntity, said{wrong: map[string]string{"jusque": "wrong.until"}, form: f})
	}
	until := day.Ends(v.Snapshot.Zone()) // of the day, where the academy is
	_, secret, err := v.Desk.MakeToken(v.Context(), v.Caller, f.Get("nom"), f.Values["portee"], until)
	var invalid *desk.Invalid
	switch {
	case errors.As(err, &invalid):
		return p.render(w, v, http.StatusUnprocessableEntity, said{wrong: wrongFields(invalid), form: f})
	case err != nil:
		return err
	}
	return p.render(w, v, http.StatusOK, said{secret: secret})
}

func (p *page) revoke(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	err = v.Desk.RevokeToken(v.Context(), v.Caller, f.Get("jeton"))
	var denied *roles.Denied
	switch {
	case errors.As(err, &denied):
		return web.NotFound(err) // whose it is, is nobody's business
	case err != nil:
		return err
	}
	return v.Redirect(w, home)
}
