// Package factors is the desk's pages about second means: one's own, those of somebody who lost theirs, and the page on
// which whoever does an act that wants a step-up shows that it is them. It works without script; a key of the device wants
// one, a code does not.
//
// Routes:
//
//	GET   /bureau/facteurs                  the means that one has enrolled
//	POST  /bureau/facteurs/code             makes the secret of a code                    -> /bureau/facteurs/code
//	GET   /bureau/facteurs/code             shows it, as a picture and to be typed
//	POST  /bureau/facteurs/code/verifier    takes its first code                          -> /bureau/facteurs
//	POST  /bureau/facteurs/cle              lets the browser make a key
//	POST  /bureau/facteurs/cle/garder       takes the key                                 -> /bureau/facteurs
//	POST  /bureau/facteurs/retirer          takes one of the means away                   -> /bureau/facteurs
//	POST  /bureau/facteurs/perdu            gives the word for a second administrator
//	GET   /bureau/facteurs/aider            asks that one for the word
//	POST  /bureau/facteurs/aider            shows whom it is of; with a reason, takes their means away
//	GET   /bureau/confirmer                 asks for a means, for one act that waits
//	POST  /bureau/confirmer                 takes it, and posts what waited once more
//	POST  /bureau/confirmer/source          asks the source of the session for its own       -> there, and back to /bureau/confirmer
//
// An act that waits is kept sealed, with what was typed, under a name that only the session that asked can use.
package factors

import (
	"embed"
	"net/http"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/roles"
	"ecluse/internal/stepup"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

// Pages are the pages and their texts.
func Pages() web.Contribution { return web.Contribution{Name: name, Files: files} }

const (
	name    = "factors"
	home    = frame.Home + "facteurs"
	confirm = frame.Home + "confirmer"
	waiting = "demande" // the name under which an act waits, in addresses and forms
)

// Config is what the pages stand on. All is required.
type Config struct {
	Book  *stepup.Book
	Again http.Handler // does what was posted once more: the mux
	// Source is that of the session, where it can be asked for a strong factor; ok is false elsewhere.
	Source func(r *http.Request) (source Source, ok bool)
	// Ask sends the browser there. What the source says is given to Book.ComeBack under word, and the browser goes to BackFrom.
	Ask func(w http.ResponseWriter, r *http.Request, source Source, word string) error
}

type page struct{ Config }

// Mount adds the routes and the entry of the menu, and takes over acts that want a step-up.
func Mount(mux *web.Mux, f *frame.Frame, c Config) {
	p := &page{c}
	f.Add(frame.Entry{Task: frame.Doing, Path: home, Key: name + "/title"})
	f.ConfirmWith(p.keep)
	for _, route := range []web.Route{
		{Method: "GET", Pattern: home, Handler: f.Page(name, p.list)},
		{Method: "POST", Pattern: home + "/code", Handler: f.Page(name, p.beginCode)},
		{Method: "GET", Pattern: home + "/code", Handler: f.Page(name, p.code)},
		{Method: "POST", Pattern: home + "/code/verifier", Handler: f.Page(name, p.enrolCode)},
		{Method: "POST", Pattern: home + "/cle", Handler: f.Page(name, p.beginKey)},
		{Method: "POST", Pattern: home + "/cle/garder", Handler: f.Page(name, p.enrolKey)},
		{Method: "POST", Pattern: home + "/retirer", Handler: f.Page(name, p.remove)},
		{Method: "POST", Pattern: home + "/perdu", Handler: f.Page(name, p.lost)},
		{Method: "GET", Pattern: home + "/aider", Handler: f.Page(name, p.help)},
		{Method: "POST", Pattern: home + "/aider", Handler: f.Page(name, p.help)},
		{Method: "GET", Pattern: confirm, Handler: f.Page(name, p.confirm)},
		{Method: "POST", Pattern: confirm, Handler: f.Page(name, p.shown)},
		{Method: "POST", Pattern: confirm + "/source", Handler: f.Page(name, p.askSource)},
	} {
		mux.Handle(route)
	}
}

// who is the visitor as package stepup knows them.
func who(v *frame.Visit) stepup.Who {
	return stepup.Who{Handle: v.Caller.Handle, Session: v.Caller.Session}
}

// at is the address of a page for an act that waits.
func at(path, id string) string {
	if id == "" {
		return path
	}
	return path + "?" + waiting + "=" + id
}

// keep keeps an act with what was posted, and leads to the page that asks for a means.
func (p *page) keep(w http.ResponseWriter, v *frame.Visit, needed *desk.StepUp) error {
	if v.R.Method != http.MethodPost {
		return &roles.Denied{Act: needed.Act, Why: "step_up"} // nothing is done by looking
	}
	form, err := v.Form()
	if err != nil {
		return err
	}
	id, err := p.Book.Ask(v.Context(), stepup.Asked{
		Who: who(v), Act: needed.Act, Word: needed.Word, On: needed.On, Key: needed.Key,
		Path: v.R.URL.RequestURI(), Form: []byte(form.Encode()),
	})
	if err != nil {
		return err
	}
	return v.Redirect(w, at(confirm, id))
}
