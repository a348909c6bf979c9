package login

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

const (
	kindWayOut store.Kind = "way-out" // what is left of a sign-out, for the browser that began it

	nextPath  = signOutPath + "/next" // the next service to visit, and then the end
	replyPath = signOutPath + "/back" // back to the service that asked

	// wayOutTime is how long a browser may take to visit the services, and how long the truth can be read again.
	wayOutTime = 10 * time.Minute
	// wayOutShared is the same where somebody else will sit down.
	wayOutShared = 3 * time.Minute
)

// wayOutCookie names the sign-out that is under way. A service may answer by a cross-site post, so it comes along with one.
func wayOutCookie() web.Cookie { return web.Cookie{Name: "signout", CrossSite: true} }

// wayOut is a sign-out after its session is over: which services the browser still has to visit, and what became of each. It
// holds nothing of the person.
type wayOut struct {
	ID       string       `json:"-"`
	Around   web.Frame    `json:"around"`
	Partings []parting    `json:"partings,omitempty"`
	Account  *account     `json:"account,omitempty"` // of the source, when it was asked
	Asked    bool         `json:"asked,omitempty"`   // Account tells what is known
	Leaving  *idp.Leaving `json:"leaving,omitempty"` // what a service asked for, which gets an answer in the end
	Next     string       `json:"next,omitempty"`    // where somebody else goes on with the sign-in that was under way
	Shared   bool         `json:"shared,omitempty"`  // somebody else will sit down here
	Open     bool         `json:"open,omitempty"`    // beside Partings, something may be open that ended without this browser

	ticket store.Ticket
}

// closed tells whether no service is left that may be open.
func (o *wayOut) closed() bool {
	return !o.Open && !slices.ContainsFunc(o.Partings, func(p parting) bool { return p.Fate != fateClosed })
}

// waits tells whether the browser has services to visit.
func (o *wayOut) waits() bool {
	return slices.ContainsFunc(o.Partings, func(p parting) bool { return p.Fate == fateWaiting })
}

// seeOff sends a browser whose session is over on its way out. When the way cannot be kept, the truth is told at once: what
// the browser would have visited stays open.
func (f *Flow) seeOff(w http.ResponseWriter, r *http.Request, out *wayOut) error {
	f.Kit.Cookies().Clear(w, sessionCookie())
	f.Kit.Cookies().Clear(w, fromCookie())
	if out == nil {
		return f.Kit.Redirect(w, r, signOutPath, http.StatusSeeOther)
	}
	if err := f.keepWayOut(r.Context(), out); err != nil {
		f.Log.ErrorContext(r.Context(), "the way out of a sign-out could not be kept", "error", err)
		return f.showWayOut(w, r, out)
	}
	f.Kit.Cookies().Set(w, wayOutCookie(), out.ID)
	to := signOutPath
	if out.waits() || out.Leaving != nil {
		to = nextPath
	}
	return f.Kit.Redirect(w, r, to, http.StatusSeeOther)
}

func (f *Flow) keepWayOut(ctx context.Context, out *wayOut) error {
	value, err := json.Marshal(out)
	if err != nil {
		return fmt.Errorf("way out: %w", err)
	}
	last := wayOutTime
	if out.Shared {
		last = wayOutShared
	}
	id := rand.Text()
	if err := f.Tickets.Put(ctx, store.Ticket{Kind: kindWayOut, Name: id, Value: value, Expires: f.Now().Add(last)}); err != nil {
		return fmt.Errorf("way out: %w", err)
	}
	out.ID = id
	return nil
}

// wayOut reads the one of this browser; nil when there is none.
func (f *Flow) wayOut(r *http.Request) (*wayOut, error) {
	id, ok := f.Kit.Cookies().Read(r, wayOutCookie())
	if !ok || id == "" || len(id) > 64 {
		return nil, nil
	}
	ticket, err := f.Tickets.Get(r.Context(), kindWayOut, id)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return nil, nil
	}
	out := &wayOut{ID: id, ticket: ticket}
	if err == nil {
		err = json.Unmarshal(ticket.Value, out)
	}
	if err != nil {
		return nil, web.Unavailable(fmt.Errorf("way out: %w", err))
	}
	return out, nil
}

// settleOne changes the fate of one parting that is of one fate, and tells which; nil when there is none. Two tabs, or two answers,
// cannot both change one.
func (f *Flow) settleOne(r *http.Request, is func(parting) bool, becomes fate) (*wayOut, *parting, error) {
	for range maxTabs {
		out, err := f.wayOut(r)
		if err != nil || out == nil {
			return nil, nil, err
		}
		i := slices.IndexFunc(out.Partings, is)
		if i < 0 {
			return out, nil, nil
		}
		out.Partings[i].Fate = becomes
		value, err := json.Marshal(out)
		if err != nil {
			return nil, nil, fmt.Errorf("way out: %w", err)
		}
		next := out.ticket
		next.Value = value
		err = f.Tickets.Replace(r.Context(), next)
		switch {
		case err == nil:
			return out, &out.Partings[i], nil
		case errors.Is(err, store.ErrNotFound):
			return nil, nil, nil
		case !errors.Is(err, store.ErrConflict):
			return nil, nil, web.Unavailable(fmt.Errorf("way out: %w", err))
		}
	}
	return nil, nil, web.Unavailable(fmt.Errorf("way out: %w", store.ErrConflict))
}

// goOn sends the browser to the next service that it has to visit, and in the end to whoever asked, or to the truth. A visit
// that was begun is not begun again: one that got lost does not block the others.
func (f *Flow) goOn(w http.ResponseWriter, r *http.Request) error {
	if r.Method == http.MethodHead {
		return web.BadRequest(errHead)
	}
	for {
		out, to, err := f.settleOne(r, func(p parting) bool { return p.Fate == fateWaiting }, fateVisited)
		switch {
		case err != nil:
			return err
		case to == nil && out != nil && out.Leaving != nil && out.closed():
			return f.reply(w, r, *out.Leaving, idp.Outcome{Found: true}, out.Around)
		case to == nil:
			return f.Kit.Redirect(w, r, signOutPath, http.StatusSeeOther)
		}
		if err = f.carry(w, r, to.To, out.Around); err == nil {
			return nil
		}
		f.Log.WarnContext(r.Context(), "a service cannot be visited to sign out", "service", to.Service, "error", err)
	}
}

// Told goes on with a sign-out after a service answered by the browser. Each answer counts once, and only of this browser.
func (f *Flow) Told(w http.ResponseWriter, r *http.Request, step string, ended bool) error {
	if r.Method == http.MethodHead {
		return web.BadRequest(errHead)
	}
	becomes := fateOpen
	if ended {
		becomes = fateClosed
	}
	named := func(p parting) bool { return step != "" && p.Word == step }
	out, answered, err := f.settleOne(r, func(p parting) bool { return named(p) && p.Fate == fateVisited }, becomes)
	if err != nil {
		return err
	}
	if answered != nil {
		f.countParting(*answered)
	}
	to := signOutPath // a step that nobody began here: how things are
	if out != nil && slices.ContainsFunc(out.Partings, named) {
		to = nextPath
	}
	return f.Kit.Redirect(w, r, to, http.StatusSeeOther)
}

// Lost goes on with a sign-out after an answer that cannot be believed. Which visit it was about nobody knows: all that nobody
// came back from are said to be open.
func (f *Flow) Lost(w http.ResponseWriter, r *http.Request, cause error) error {
	if r.Method == http.MethodHead {
		return cause
	}
	out, err := f.wayOut(r)
	if err != nil || out == nil || !slices.ContainsFunc(out.Partings, func(p parting) bool { return p.Fate == fateVisited }) {
		return cause
	}
	f.Log.WarnContext(r.Context(), "an answer to a sign-out is not believed", "error", cause)
	return f.Kit.Redirect(w, r, nextPath, http.StatusSeeOther)
}

// carry sends the browser to a service, by a page of ours: forms of ours may have led here.
func (f *Flow) carry(w http.ResponseWriter, r *http.Request, to idp.Handoff, around web.Frame) error {
	if to.Action == "" {
		return f.Kit.Leave(w, r, to.Location, around)
	}
	fields := make([]web.Param, len(to.Fields))
	for i, field := range to.Fields {
		fields[i] = web.Param(field)
	}
	return f.Kit.PostForm(w, r, to.Action, fields, around)
}

// frames is the origin of an address that a frame of ours may load; empty for one that it may not, our own among them.
func (f *Flow) frames(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.ContainsAny(u.Host, " ;,'\"*") {
		return ""
	}
	if u.Scheme != "https" && (u.Scheme != "http" || f.Kit.Secure()) {
		return ""
	}
	origin := u.Scheme + "://" + u.Host
	if strings.EqualFold(origin, f.Kit.URL("")) {
		return ""
	}
	return origin
}
