package login

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"ecluse/internal/store"
	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

const (
	kindAccount store.Kind = "account" // the source's own sign-out, for the browser that ended our session

	accountPath = signOutPath + "/source/"

	// longestAsk bounds how long a source is waited for that says where its sign-out is: ours is done by then.
	longestAsk = 3 * time.Second

	// accountTime is how long the link stays good.
	accountTime = 10 * time.Minute
)

// account is what the page of a sign-out says of the session at the source, which outlives ours.
type account struct {
	Name   string // the source's; empty when it is not known any more
	URL    string // the page of ours that leads to the source's own sign-out; empty where there is none
	Failed bool   // the source was asked where, and did not say
	Shared bool   // somebody else will sit down here
	Word   string // under which the browser comes back from there; empty where nobody says
	Closed bool   // the source says that its session is over
	Stays  bool   // it says that not all is over
}

// departure is where a browser may go to end the session at the source.
type departure struct {
	Browser string        `json:"browser"`
	Source  string        `json:"source"`
	Exit    upstream.Exit `json:"exit"`
	Word    string        `json:"word"` // as in account
}

// account asks the source of a session that is over how its own may be ended; nil when the source keeps none. Whatever comes
// of it, our session stays ended.
func (f *Flow) account(w http.ResponseWriter, r *http.Request, s *session) *account {
	id := s.Person.Authn.Source
	out := &account{Shared: s.Shared}
	snapshot, err := f.Live.Current()
	if err != nil {
		snapshot = f.seen.last()
	}
	if snapshot != nil {
		source, _ := snapshot.Source(id)
		out.Name, out.Shared = source.Name.In(string(f.Kit.Lang(r))), f.shared(r, snapshot, s.Entry, s)
	}
	connector, there := f.Connectors[id]
	if !there || out.Name == "" {
		return out
	}
	ctx, cancel := context.WithTimeout(r.Context(), longestAsk)
	defer cancel()
	out.Word = rand.Text()
	way, err := exit(ctx, connector, s, out.Word)
	switch {
	case errors.Is(err, upstream.ErrNoSession):
		return nil
	case err == nil && !way.Empty():
		out.URL, err = f.depart(r.Context(), departure{Browser: f.browser(w, r), Source: id, Exit: way, Word: out.Word})
	}
	if err != nil {
		out.Failed = true
		f.Log.WarnContext(r.Context(), "a source's own sign-out is not known", "source", id, "error", err)
	}
	return out
}

// depart keeps the source's address on our side: a page of ours leads there, and nobody can make it lead elsewhere.
func (f *Flow) depart(ctx context.Context, d departure) (string, error) {
	value, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("departure: %w", err)
	}
	id := rand.Text()
	if err := f.Tickets.Put(ctx, store.Ticket{Kind: kindAccount, Name: id, Value: value, Expires: f.Now().Add(accountTime)}); err != nil {
		return "", fmt.Errorf("departure: %w", err)
	}
	return accountPath + id, nil
}

// leaveSource leads to the source's own sign-out, as often as the link is followed while it is good, or asks for it where the
// source takes no browser. Another browser, a link that is too old and a source that is not connected any more lead to our own
// page, which says how things are here.
func (f *Flow) leaveSource(w http.ResponseWriter, r *http.Request) error {
	d, err := f.departure(r)
	if err != nil {
		return web.Unavailable(err)
	}
	browser, _ := f.Kit.Cookies().Read(r, browserCookie())
	connector, there := f.Connectors[d.Source]
	to := d.Exit.Browser
	switch {
	case !there || browser == "" || browser != d.Browser:
	case to.Location != "":
		return f.Kit.Redirect(w, r, to.Location, http.StatusSeeOther)
	case to.Action != "":
		return f.Kit.PostForm(w, r, to.Action, to.Fields, f.Around(r))
	case len(d.Exit.Ask) > 0:
		return f.askSource(w, r, connector, d)
	}
	return f.Kit.Redirect(w, r, signOutPath, http.StatusSeeOther)
}

// askSource has the source end its session without a browser, once, and shows what it said.
func (f *Flow) askSource(w http.ResponseWriter, r *http.Request, connector upstream.Connector, d departure) error {
	if r.Method == http.MethodHead {
		return web.BadRequest(errHead)
	}
	leaver, can := connector.(upstream.Leaver)
	_, err := f.Tickets.Take(r.Context(), kindAccount, r.PathValue("id"))
	switch {
	case !can, errors.Is(err, store.ErrNotFound): // a second click goes on with the first
		return f.Kit.Redirect(w, r, signOutPath, http.StatusSeeOther)
	case err != nil:
		return web.Unavailable(fmt.Errorf("departure: %w", err))
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), longestAsk)
	defer cancel()
	ended, err := leaver.Ask(ctx, d.Exit.Ask)
	if err != nil {
		f.Log.WarnContext(ctx, "a source did not say what became of its session", "source", d.Source, "error", err)
	}
	said := account{Closed: err == nil && ended, Stays: err == nil && !ended, Failed: err != nil}
	if err := f.accountSays(r, d.Word, said); err != nil {
		return err
	}
	return f.Kit.Redirect(w, r, signOutPath, http.StatusSeeOther)
}

// accountSays notes on the way out of this browser what became of the session at the source: once, and that it is over
// prevails.
func (f *Flow) accountSays(r *http.Request, word string, said account) error {
	for range maxTabs {
		out, err := f.wayOut(r)
		if err != nil {
			return err
		}
		if word == "" || out == nil || out.Account == nil || out.Account.Word != word || out.Account.Closed {
			return nil
		}
		a := out.Account
		a.URL, a.Closed, a.Stays, a.Failed = "", said.Closed, said.Stays, said.Failed
		next := out.ticket
		if next.Value, err = json.Marshal(out); err != nil {
			return fmt.Errorf("way out: %w", err)
		}
		err = f.Tickets.Replace(r.Context(), next)
		if err == nil || errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if !errors.Is(err, store.ErrConflict) {
			return web.Unavailable(fmt.Errorf("way out: %w", err))
		}
	}
	return nil
}

// departure reads the one that a link names; empty when there is none.
func (f *Flow) departure(r *http.Request) (departure, error) {
	var d departure
	ticket, err := f.Tickets.Get(r.Context(), kindAccount, r.PathValue("id"))
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return d, nil
	}
	if err == nil {
		err = json.Unmarshal(ticket.Value, &d)
	}
	if err != nil {
		return departure{}, fmt.Errorf("departure: %w", err)
	}
	return d, nil
}
