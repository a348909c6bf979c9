// Package typed is the pages of a source at which people type who they are: a login, a password, a word for one use. A
// connector says what is asked and what is done with it; the pages, what is wrong with what was typed, and what is told
// when nobody can be signed in are the same for all of them.
//
// A page of the name "password" is the template password of the connector's own contribution, with the texts below the
// same key: a label for each field, {field}_empty and, for what may be typed wrongly, {field}_wrong, and wrong.
//
// Routes, below the source's prefix, for each question:
//
//	GET  /{name}?challenge=  the page
//	POST /{name}             its answer, or cancel
package typed

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

// Method is the authentication context of a password typed into a page under TLS (SAML 2.0 Authentication Context
// 3.4.6).
const Method = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"

// ErrWrong says that what was typed lets nobody in. Nobody learns which part of it was wrong.
var ErrWrong = errors.New("what was typed lets nobody in")

// Unfit says that one input must be typed differently. Nothing was evaluated.
type Unfit struct{ Input string }

// Error names the input.
func (u Unfit) Error() string { return u.Input + " cannot be taken" }

// Field is one input of a page. Its name is the key of its label, too.
type Field struct {
	Name     string
	Type     string // "password", or empty for text
	Complete string // the value of autocomplete (HTML 4.10.18.7.1)
	Hint     bool   // there is a text {name}_hint
}

// LoginAndPassword are the two fields that most pages have.
func LoginAndPassword() []Field {
	return []Field{
		{Name: "login", Complete: "username"}, {Name: "password", Type: "password", Complete: "current-password"},
	}
}

// Question is one page.
type Question struct {
	Name   string // of the page and of its texts
	Fields []Field
	Other  string // the name of another question that may be answered instead; empty for none

	// Take proves what was typed, and where. Its errors are ErrWrong, Unfit, upstream.TooManyError, and
	// everything else, which means that nobody can be signed in now.
	Take func(ctx context.Context, at upstream.Where, said map[string]string) (upstream.Assertion, error)
}

// Pages are the pages of one source.
type Pages struct {
	Kit   *web.Kit
	Texts string        // the name of the connector's contribution
	Pause time.Duration // after how long it is worth trying again when nobody can be signed in
	Log   *slog.Logger

	prefix string
	host   upstream.Host
}

// Mount declares the routes of the questions.
func (p *Pages) Mount(mux *web.Mux, prefix string, host upstream.Host, questions ...Question) {
	p.prefix, p.host = strings.TrimSuffix(prefix, "/"), host
	for _, q := range questions {
		at := p.prefix + "/" + q.Name
		mux.Handle(web.Route{Method: http.MethodGet, Pattern: at, Handler: func(w http.ResponseWriter, r *http.Request) error {
			return p.ask(w, r, q)
		}})
		mux.Handle(web.Route{Method: http.MethodPost, Pattern: at, BodyLimit: 8 << 10, Handler: func(w http.ResponseWriter, r *http.Request) error {
			return p.take(w, r, q)
		}})
	}
}

// Begin sends a browser to a question. Nobody is signed in at such a source from one time to the next: whoever is sent
// here is asked, and a passive challenge finds nobody.
func (p *Pages) Begin(w http.ResponseWriter, r *http.Request, name string, challenge upstream.Challenge) error {
	if challenge.Passive {
		return upstream.ErrNoSession
	}
	return p.Kit.Redirect(w, r, p.address(name, challenge.ID), http.StatusSeeOther)
}

// address is the local address of a page of a challenge.
func (p *Pages) address(name, challenge string) string {
	return p.prefix + "/" + name + "?" + url.Values{"challenge": {challenge}}.Encode()
}

// ask shows a page with nothing wrong on it.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request, q Question) error {
	challenge, err := p.host.Asked(r, r.URL.Query().Get("challenge"))
	if err != nil {
		return err
	}
	s, err := p.sheet(r, challenge, q, challenge.Login)
	if err != nil {
		return err
	}
	return p.show(w, r, http.StatusOK, s)
}

// take reads a page's form, has it proved, and hands the person over or says what is wrong. What was left out never
// reaches the connector.
func (p *Pages) take(w http.ResponseWriter, r *http.Request, q Question) error {
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	challenge, err := p.host.Asked(r, posted.Get("challenge"))
	if err != nil {
		return err
	}
	if posted.Get("cancel") != "" {
		return p.host.Failed(w, r, challenge.ID, upstream.ErrCancelled)
	}
	said, missing := read(posted, q.Fields)
	s, err := p.sheet(r, challenge, q, said["login"])
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return p.mend(w, r, s, "_empty", missing...)
	}
	device := p.device(r)
	assertion, err := q.Take(r.Context(), upstream.Where{From: web.ClientAddr(r), Device: device}, said)
	if unfit := (Unfit{}); errors.As(err, &unfit) {
		return p.mend(w, r, s, "_wrong", unfit.Input)
	}
	if err != nil {
		return p.refuse(w, r, s, err)
	}
	p.nameDevice(w, device)
	return p.host.Finished(w, r, challenge.ID, assertion)
}

// read gives what was typed, and the names of what was left out. A password is taken as it is.
func read(posted url.Values, fields []Field) (said map[string]string, missing []string) {
	said = map[string]string{}
	for _, f := range fields {
		value := posted.Get(f.Name)
		if f.Type != "password" {
			value = strings.TrimSpace(value)
		}
		if said[f.Name] = value; value == "" {
			missing = append(missing, f.Name)
		}
	}
	return said, missing
}
