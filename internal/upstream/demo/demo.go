// Package demo is the identity source of the demo: a page of invented people, one click each, and the demo ENT, which
// vouches for whoever has a session there. Package app refuses it outside the demo.
//
// It owns the people's file format and the page. The ENT stands in package internal/demo, on a site of its own; how the
// two speak is given to the connector as two functions, so that neither knows the other.
//
// Routes, below the source's prefix:
//
//	GET  /people  the page of people       POST /people  one was chosen
//	GET  /answer  the ENT's answer
package demo

import (
	"context"
	"embed"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

// Pages are the page of people and its texts.
func Pages() web.Contribution { return web.Contribution{Name: "people", Files: files} }

// Method is the authentication context of a person who only clicked: nothing was proved.
const Method = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"

// ENT is how the connector speaks with the demo ENT.
type ENT struct {
	// Ask gives the address that asks the ENT who is there; anew, when fresh.
	Ask func(challenge, answer string, passive, fresh bool) string
	// Open reads the ENT's token for a challenge.
	Open func(token, challenge string, now time.Time) (id string, at time.Time, err error)
	// Quit is the address of the page on which the ENT ends its own session.
	Quit string
}

// Connector is the demo's identity source. With an ENT it asks that; without one it shows the page of people.
type Connector struct {
	People People
	Kit    *web.Kit
	ENT    *ENT
	Now    func() time.Time

	prefix string
	host   upstream.Host
}

var _ upstream.Connector = (*Connector)(nil)

// Mount implements upstream.Connector.
func (c *Connector) Mount(mux *web.Mux, prefix string, host upstream.Host) {
	c.prefix, c.host = prefix, host
	if c.ENT != nil {
		mux.Handle(web.Route{Method: http.MethodGet, Pattern: prefix + "/answer", Handler: c.answer})
		return
	}
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: prefix + "/people", Handler: c.page})
	mux.Handle(web.Route{Method: http.MethodPost, Pattern: prefix + "/people", Handler: c.chosen})
}

// Begin implements upstream.Connector.
func (c *Connector) Begin(w http.ResponseWriter, r *http.Request, challenge upstream.Challenge) error {
	query := url.Values{"challenge": {challenge.ID}}.Encode()
	switch {
	case c.ENT != nil:
		answer := c.Kit.URL(c.prefix + "/answer?" + query)
		return c.Kit.Leave(w, r, c.ENT.Ask(challenge.ID, answer, challenge.Passive, challenge.Fresh), challenge.Frame)
	case challenge.Passive:
		return upstream.ErrNoSession
	default:
		return c.Kit.Redirect(w, r, c.prefix+"/people?"+query, http.StatusSeeOther)
	}
}

type choosePage struct {
	web.Frame
	Action    string
	Challenge string
	Service   string
	People    []web.Tile
}

func (c *Connector) page(w http.ResponseWriter, r *http.Request) error {
	id := r.URL.Query().Get("challenge")
	challenge, err := c.host.Asked(r, id)
	if err != nil {
		return err
	}
	lang := string(c.Kit.Lang(r))
	page := choosePage{Frame: shown(challenge.Frame), Action: c.prefix + "/people", Challenge: id, Service: challenge.Service}
	for _, p := range c.People {
		page.People = append(page.People, web.Tile{
			Name: "person", Value: p.ID, Label: p.GivenName + " " + p.FamilyName, Detail: p.About.In(lang), Icon: "person",
		})
	}
	return c.Kit.Render(w, r, http.StatusOK, "people/choose", page)
}

// shown is the frame of the journey for a page at an address of its own.
func shown(f web.Frame) web.Frame {
	f.Here = ""
	return f
}

func (c *Connector) chosen(w http.ResponseWriter, r *http.Request) error {
	challenge := r.PostFormValue("challenge")
	if r.PostFormValue("cancel") != "" {
		return c.host.Failed(w, r, challenge, upstream.ErrCancelled)
	}
	return c.finish(w, r, challenge, r.PostFormValue("person"), c.Now())
}

// answer takes what the ENT says. A token that does not open ends the challenge: it is not tried twice.
func (c *Connector) answer(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	challenge := q.Get("challenge")
	switch q.Get("error") {
	case "":
	case "cancelled":
		return c.host.Failed(w, r, challenge, upstream.ErrCancelled)
	default:
		return c.host.Failed(w, r, challenge, upstream.ErrNoSession)
	}
	id, at, err := c.ENT.Open(q.Get("token"), challenge, c.Now())
	if err != nil {
		return c.host.Failed(w, r, challenge, fmt.Errorf("%w: %w", upstream.ErrRejected, err))
	}
	return c.finish(w, r, challenge, id, at)
}

func (c *Connector) finish(w http.ResponseWriter, r *http.Request, challenge, id string, at time.Time) error {
	who, known := c.People.Find(id)
	if !known {
		return c.host.Failed(w, r, challenge, fmt.Errorf("%w: nobody has that id", upstream.ErrRejected))
	}
	raw := who.Raw()
	raw.Authn = person.Authn{At: at, Method: Method, Authorities: who.Authorities}
	return c.host.Finished(w, r, challenge, upstream.Assertion{Raw: raw})
}

// SignOut implements upstream.Connector: the ENT's own page. The page of people keeps no session.
func (c *Connector) SignOut(context.Context, person.Authn) (string, error) {
	if c.ENT == nil {
		return "", upstream.ErrNoSession
	}
	return c.ENT.Quit, nil
}

// Probe implements upstream.Connector.
func (c *Connector) Probe(context.Context) []registry.Finding {
	if len(c.People) == 0 {
		return []registry.Finding{{Where: "people", What: "there is nobody to sign in as"}}
	}
	return nil
}

// Close implements upstream.Connector.
func (c *Connector) Close() error { return nil }
