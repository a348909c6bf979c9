package console

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

// door is the handlers: the protocol, and the gateway that it hands requests to.
type door struct {
	*Console
	gateway idp.Gateway
}

// enter begins a sign-in. The browser keeps a secret whose hash the request carries along.
func (d *door) enter(w http.ResponseWriter, r *http.Request) error {
	snapshot, err := d.gateway.Registry()
	if err != nil {
		return web.Unavailable(err)
	}
	service, _, ok := snapshot.Binding(Name, registry.Desk)
	if !ok || service.ID != registry.Desk {
		return &web.Fault{Status: http.StatusNotFound, Code: "DSK-404", Kind: "console/absent", Cause: errors.New("the desk is not registered")}
	}
	secret, ok := d.Kit.Cookies().Read(r, entryCookie())
	if !ok || len(secret) != len(rand.Text()) {
		secret = rand.Text()
	}
	d.Kit.Cookies().Set(w, entryCookie(), secret)
	state, err := json.Marshal(started{Browser: hashed(secret)})
	if err != nil {
		return err
	}
	return d.gateway.Start(w, r, idp.Request{
		Protocol: Name, ServiceID: registry.Desk, Handle: registry.Desk, Asked: Asked(), State: state,
	})
}

// back opens the session for the browser that began the sign-in, and for no other.
func (d *door) back(w http.ResponseWriter, r *http.Request) error {
	ticket, err := d.Tickets.Take(r.Context(), kindReturn, r.URL.Query().Get("billet"))
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return over(errors.New("the way back was taken already, or took too long"))
	}
	if err != nil {
		return web.Unavailable(err)
	}
	var from waiting
	if err := json.Unmarshal(ticket.Value, &from); err != nil {
		return err
	}
	secret, ok := d.Kit.Cookies().Read(r, entryCookie())
	if !ok || hashed(secret) != from.Browser {
		return over(errors.New("another browser began this sign-in"))
	}
	if err := d.open(w, r, from.Session); err != nil {
		return web.Unavailable(err)
	}
	d.Kit.Cookies().Clear(w, entryCookie())
	return d.Kit.Redirect(w, r, Home, http.StatusSeeOther)
}

func over(cause error) error {
	return &web.Fault{Status: http.StatusGone, Code: "DSK-410", Kind: "console/over", Retry: Home + "entrer", Cause: cause}
}

// leave ends the session.
func (d *door) leave(w http.ResponseWriter, r *http.Request) error {
	if err := d.end(r); err != nil {
		return web.Unavailable(err)
	}
	d.Kit.Cookies().Clear(w, sessionCookie())
	return d.Kit.Redirect(w, r, Home, http.StatusSeeOther)
}

type wordPage struct {
	web.Frame
	Action string
	Wrong  string
}

// askWord shows the form. It uses nothing up, whoever opens it.
func (d *door) askWord(w http.ResponseWriter, r *http.Request) error {
	return d.Kit.Render(w, r, http.StatusOK, "console/lien", wordPage{Action: Home + "lien"})
}

// How often a word may be tried from one address or network: a word cannot be guessed, and trying costs us something.
const (
	mostTries  = 20
	triesReset = 10 * time.Minute
)

// word opens a session for the appointment that a one-time word stands for.
func (d *door) word(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	tries, err := d.Tickets.Increment(r.Context(), kindTries, web.Network(web.ClientAddr(r)), triesReset)
	switch {
	case err != nil:
		return web.Unavailable(err)
	case tries > mostTries:
		return web.TooMany(errors.New("one-time words are being tried"))
	}
	handle, until, err := d.Claim(r.Context(), form.Get("mot"))
	now := d.Now()
	switch {
	case errors.Is(err, ErrWord) || (err == nil && (handle == "" || !now.Before(until))):
		return d.wrong(w, r)
	case err != nil:
		return web.Unavailable(err)
	}
	if err := d.open(w, r, Session{Handle: handle, At: now, Until: earlier(until, now.Add(Longest))}); err != nil {
		return web.Unavailable(err)
	}
	return d.Kit.Redirect(w, r, Home, http.StatusSeeOther)
}

func (d *door) wrong(w http.ResponseWriter, r *http.Request) error {
	page := wordPage{Frame: web.Frame{Here: Home + "lien"}, Action: Home + "lien"}
	var err error
	if page.Wrong, err = d.Kit.Say(r, page.Frame, "console/word.wrong"); err != nil {
		return err
	}
	return d.Kit.Render(w, r, http.StatusForbidden, "console/lien", page)
}
