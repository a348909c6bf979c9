package oidcop

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/ory/fosite"

	"ecluse/internal/idp"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

// The pages for whoever lets a screen in. The code is typed and never comes in an address, so that no link can bring it; what
// the screen is and at which service is said before anything else is asked, and a yes is good in the browser in which it was
// said alone (RFC 8628 5.4: somebody else's screen is the danger). After it the sign-in is one like any other, and the page
// of the declaration is shown in any case.
const (
	screenPath   = "/appareil"
	answerPath   = screenPath + "/reponse"
	onwardPath   = screenPath + "/suite"
	donePath     = screenPath + "/fini"
	nothingPath  = screenPath + "/rien"
	screenLimit  = 4 << 10
	screenAnswer = "oui"

	kindScreenYes store.Kind = "oidc-device-yes"
)

// screenCookie ties a yes to the browser in which it was said.
func screenCookie() web.Cookie { return web.Cookie{Name: "ecran", MaxAge: deviceLife} }

// Needed lists the cookies without which no screen can be let in.
func Needed() []web.Cookie { return []web.Cookie{screenCookie()} }

// mountScreens declares the pages.
func (e *endpoints) mountScreens(mux *web.Mux) {
	for _, route := range []web.Route{
		{Method: "POST", Pattern: devicePath, Handler: e.device, CrossSite: true},
		{Method: "OPTIONS", Pattern: devicePath, Handler: e.tokenPreflight, CrossSite: true},
		{Method: "GET", Pattern: screenPath, Handler: e.askCode},
		{Method: "POST", Pattern: screenPath, Handler: e.typed, BodyLimit: screenLimit},
		{Method: "POST", Pattern: answerPath, Handler: e.answered, BodyLimit: screenLimit},
		{Method: "GET", Pattern: onwardPath, Handler: e.onward},
		{Method: "GET", Pattern: donePath, Handler: e.ended(true)},
		{Method: "GET", Pattern: nothingPath, Handler: e.ended(false)},
	} {
		mux.Handle(route)
	}
}

// codePage asks for the code.
type codePage struct {
	web.Frame
	Action string
	Typed  string
	Wrong  string
	Errors []web.InputError
}

// questionPage asks whether the screen may go on.
type questionPage struct {
	web.Frame
	Action  string
	Code    string
	Service string
	Screen  string
}

// endPage says what became of it.
type endPage struct {
	web.Frame
	Done  bool
	Again string
}

// around is what surrounds a page. Which screen is meant is not known yet, or no more: the address may say in which words
// the page speaks, as in a link of a school, and nothing else.
func around(r *http.Request, path string) web.Frame {
	if a := web.Audience(r.URL.Query().Get("pour")); a != "" && known(a) {
		return web.Frame{Audience: a, Here: worded(path, a)}
	}
	return web.Frame{Here: path}
}

// worded is the address of a page in the words for somebody.
func worded(path string, a web.Audience) string {
	if a == "" {
		return path
	}
	return path + "?pour=" + string(a)
}

func (e *endpoints) askCode(w http.ResponseWriter, r *http.Request) error {
	frame := around(r, screenPath)
	return e.cfg.Kit.Render(w, r, http.StatusOK, Name+"/appareil", codePage{Frame: frame, Action: frame.Here})
}

// typed looks a code up, and asks. Nothing is used up by that.
func (e *endpoints) typed(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	frame := around(r, screenPath)
	_, c, err := e.screenOf(r, form.Get("code"))
	if errors.Is(err, errScreenGone) {
		wrong, err := e.cfg.Kit.Say(r, frame, Name+"/screen.wrong")
		if err != nil {
			return err
		}
		page := codePage{Frame: frame, Action: frame.Here, Wrong: wrong, Errors: []web.InputError{{Name: "code", Text: wrong}}}
		if len(form.Get("code")) <= 2*userLength {
			page.Typed = form.Get("code")
		}
		return e.cfg.Kit.Render(w, r, http.StatusUnprocessableEntity, Name+"/appareil", page)
	}
	if err != nil {
		return err
	}
	code, lang := readUserCode(form.Get("code")), string(e.cfg.Kit.Lang(r))
	return e.cfg.Kit.Render(w, r, http.StatusOK, Name+"/question", questionPage{
		Frame: web.Frame{Audience: c.settings.Device.For, Here: frame.Here}, Action: answerPath, Code: code[:userLength/2] + "-" + code[userLength/2:],
		Service: c.service.Name.In(lang), Screen: c.settings.Device.Screen.In(lang),
	})
}

// errScreenGone is a code that leads to no screen that waits: unknown, used, over, or of a client that has none any more.
var errScreenGone = errors.New("no screen waits under this code")

// screenOf finds the screen of a code that was typed.
func (e *endpoints) screenOf(r *http.Request, typed string) (signature string, c *client, err error) {
	signature, err = e.typedCode(r.Context(), web.ClientAddr(r), typed)
	switch {
	case errors.Is(err, errGuesses):
		return "", nil, web.TooMany(err)
	case err != nil:
		return "", nil, web.Unavailable(err)
	case signature == "":
		return "", nil, errScreenGone
	}
	_, c, err = e.waitsThere(r.Context(), signature)
	return signature, c, err
}

// waitsThere gives the record of a screen that still waits, and its client as it is registered now.
func (e *endpoints) waitsThere(ctx context.Context, signature string) (screen, *client, error) {
	snapshot, err := e.gateway.Registry()
	if err != nil {
		return screen{}, nil, web.Unavailable(err)
	}
	found, _, err := grants{tickets: e.cfg.Tickets, now: e.cfg.Now}.screen(ctx, signature)
	if err != nil && !errors.Is(err, fosite.ErrNotFound) {
		return screen{}, nil, web.Unavailable(err)
	}
	if err != nil || found.State != deviceWaits {
		return screen{}, nil, errScreenGone
	}
	c, err := e.client(snapshot, found.Grant.Client)
	if err != nil || c.settings.Device == nil || c.service.ID != found.Grant.Service {
		return screen{}, nil, errScreenGone
	}
	return found, c, nil
}

// answered takes the answer. A yes is kept for this browser, which comes back for it by a page that it loads itself: the
// sign-in then belongs to it, and to nobody whom it sends a link.
func (e *endpoints) answered(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	signature, c, err := e.screenOf(r, form.Get("code"))
	if errors.Is(err, errScreenGone) {
		return screenOver(err)
	}
	if err != nil {
		return err
	}
	if form.Get("act") != screenAnswer {
		if err := (grants{tickets: e.cfg.Tickets, now: e.cfg.Now}).deny(r.Context(), signature); err != nil {
			return web.Unavailable(err)
		}
		return e.cfg.Kit.Redirect(w, r, worded(nothingPath, c.settings.Device.For), http.StatusSeeOther)
	}
	word := rand.Text()
	err = e.cfg.Tickets.Put(r.Context(), store.Ticket{
		Kind: kindScreenYes, Name: hashOf(word), Value: []byte(signature), Expires: e.cfg.Now().Add(deviceLife),
	})
	if err != nil {
		return web.Unavailable(err)
	}
	e.cfg.Kit.Cookies().Set(w, screenCookie(), word)
	return e.cfg.Kit.Redirect(w, r, onwardPath, http.StatusSeeOther)
}

// onward begins the sign-in of whoever said yes in this browser, once.
func (e *endpoints) onward(w http.ResponseWriter, r *http.Request) error {
	if r.Method == http.MethodHead {
		return web.BadRequest(errScreenGone)
	}
	word, _ := e.cfg.Kit.Cookies().Read(r, screenCookie())
	ticket, err := e.cfg.Tickets.Take(r.Context(), kindScreenYes, hashOf(word))
	if errors.Is(err, store.ErrNotFound) {
		return screenOver(errScreenGone)
	}
	if err != nil {
		return web.Unavailable(err)
	}
	e.cfg.Kit.Cookies().Clear(w, screenCookie())
	found, c, err := e.waitsThere(r.Context(), string(ticket.Value))
	if errors.Is(err, errScreenGone) {
		return screenOver(err)
	}
	if err != nil {
		return err
	}
	state, err := json.Marshal(asked{Type: typeCode, Device: string(ticket.Value), InUserinfo: found.Grant.InUserinfo})
	if err != nil {
		return fmt.Errorf("screen: %w", err)
	}
	return e.gateway.Start(w, r, idp.Request{
		Protocol: Name, ServiceID: c.service.ID, Handle: c.GetID(), Later: true, Ask: true,
		Asked: slices.Clone(found.Grant.InUserinfo), State: state,
	})
}

// screenOver is our page for whoever comes too late.
func screenOver(cause error) error {
	return &web.Fault{Status: http.StatusGone, Code: "OIC-405", Kind: "oidc/screen", Retry: screenPath, Cause: cause}
}

// errScreen refuses a sign-in whose screen waits no longer.
func errScreen() error { return &idp.Failure{Kind: idp.BadRequest} }

// ended shows what became of it, to whomever: the page knows nothing.
func (e *endpoints) ended(done bool) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		path := nothingPath
		if done {
			path = donePath
		}
		frame := around(r, path)
		return e.cfg.Kit.Render(w, r, http.StatusOK, Name+"/fini", endPage{Frame: frame, Done: done, Again: worded(screenPath, frame.Audience)})
	}
}

// toward is where the browser goes after a sign-in for a screen.
func (p *Provider) toward(path string) idp.Handoff { return idp.Handoff{Location: p.cfg.Issuer + path} }

// noScreen tells a screen that nobody lets it in. It may wait a moment longer where that could not be written.
func (p *Provider) noScreen(ctx context.Context, signature string) (idp.Handoff, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	err := grants{tickets: p.cfg.Tickets, now: p.cfg.Now}.deny(ctx, signature)
	return p.toward(nothingPath), err
}
