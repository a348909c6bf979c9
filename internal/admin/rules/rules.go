// Package rules is the desk's pages about what holds for everybody: the rules with their two signatures, the charters of
// use, where the gateway's keys stand, and how it is set up.
//
// Routes:
//
//	GET   /bureau/regles                        the versions of the rules
//	GET   /bureau/regles/proposer               the form of a next one
//	POST  /bureau/regles/proposer               proposes it; that is the first signature
//	GET   /bureau/regles/{version}              one version: what it changes, whom it stops, who signed
//	POST  /bureau/regles/{version}/signature    signs it, or drops it
//	GET   /bureau/chartes                       the charters
//	GET   /bureau/chartes/{level}/{of}          one of them, in its wordings
//	GET   /bureau/chartes/{level}/{of}/ecrire   its form; POST writes it
//	GET   /bureau/chartes/textes/{version}      the text of one version, one that no longer holds too
//	GET   /bureau/etablissements/{uai}/charte   what holds in an establishment, and how many have read
//	POST  /bureau/etablissements/{uai}/charte   attests on paper what was read in a class of an école
//	GET   /bureau/cles                          the keys
//	GET   /bureau/reglages                      the settings
//
// Signatures name a function and never a person.
package rules

import (
	"context"
	"embed"
	"net/http"

	"ecluse/internal/admin/frame"
	"ecluse/internal/keys"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

//go:embed pages parts texts
var files embed.FS

const (
	name     = "rules"
	sets     = frame.Home + "regles"
	charters = frame.Home + "chartes"
	keyring  = frame.Home + "cles"
	settings = frame.Home + "reglages"
	schools  = frame.Home + "etablissements"
)

// Pages are the pages and their texts.
func Pages() web.Contribution { return web.Contribution{Name: name, Files: files} }

// Config is what the pages ask of the gateway. Each may be nil and then says nothing.
type Config struct {
	Keys     func(context.Context) ([]keys.Key, error)
	Settings func() []Setting
}

// Setting is one key of the gateway's configuration. It never holds a secret.
type Setting struct {
	Key, Value string
	Custom     bool // the configuration sets it; else it is what the program does by itself
}

type pages struct{ Config }

// Mount adds the routes and the entries of the menu.
func Mount(mux *web.Mux, f *frame.Frame, c Config) {
	p := &pages{c}
	f.Add(frame.Entry{Task: frame.Keeping, Path: sets, Key: name + "/title"})
	f.Add(frame.Entry{Task: frame.Keeping, Path: charters, Key: name + "/charter.title"})
	f.Add(frame.Entry{Task: frame.Keeping, Path: keyring, Key: name + "/key.title", May: oversees})
	f.Add(frame.Entry{Task: frame.Keeping, Path: settings, Key: name + "/setting.title", May: oversees})
	for _, route := range []struct {
		method, path string
		h            frame.Handler
		most         int64
	}{
		{http.MethodGet, sets, list, 0},
		{http.MethodGet, sets + "/proposer", begin, 0},
		{http.MethodPost, sets + "/proposer", propose, 0},
		{http.MethodGet, sets + "/{version}", one, 0},
		{http.MethodPost, sets + "/{version}/signature", sign, 0},
		{http.MethodGet, charters, listCharters, 0},
		{http.MethodGet, charters + "/{level}/{of}", oneCharter, 0},
		{http.MethodGet, charters + "/textes/{version}", oneText, 0},
		{http.MethodGet, charters + "/{level}/{of}/ecrire", writeCharter, 0},
		{http.MethodPost, charters + "/{level}/{of}/ecrire", putCharter, mostForm},
		{http.MethodGet, schools + "/{uai}/charte", charterAt, 0},
		{http.MethodPost, schools + "/{uai}/charte", attest, 0},
		{http.MethodGet, keyring, p.keys, 0},
		{http.MethodGet, settings, p.settings, 0},
	} {
		mux.Handle(web.Route{Method: route.method, Pattern: route.path, BodyLimit: route.most, Handler: f.Page(name, route.h)})
	}
}

// oversees tells whether the visitor holds a role that looks after an academy; package desk is asked on the page.
func oversees(v *frame.Visit) bool {
	return v.Holds(registry.Recteur, registry.DRANE, registry.DPO, registry.Admin, registry.Auditor)
}
