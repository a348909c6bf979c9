package console

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"ecluse/internal/store"
	"ecluse/internal/web"
)

// The kinds of tickets.
const (
	kindSession store.Kind = "desk-session" // by the cookie's value
	kindSignIn  store.Kind = "desk-sign-in" // there as long as the sign-in that a session came from
	kindReturn  store.Kind = "desk-return"  // on its way back from the sign-in
	kindTries   store.Kind = "desk-tries"   // words typed from one address
)

func sessionCookie() web.Cookie { return web.Cookie{Name: "bureau"} }

// entryCookie ties a sign-in to the browser that began it, so that nobody is signed in as somebody else by a link.
func entryCookie() web.Cookie { return web.Cookie{Name: "bureau-entree", MaxAge: entering} }

// Session is somebody at the desk: a handle that is the same from one day to the next, and what the release said. It
// prints nothing by itself.
type Session struct {
	Handle string              `json:"handle"`
	Facts  map[string][]string `json:"facts,omitempty"`  // the released words; none for who came by a one-time word
	Source string              `json:"source,omitempty"` // that vouched for them; empty for who came by a one-time word
	At     time.Time           `json:"at"`
	Until  time.Time           `json:"until"`             // it ends then, and after Idle without a request
	SignIn string              `json:"sign_in,omitempty"` // ends with it; empty for who came by a one-time word

	Name string `json:"-"` // this session and no other: a hash of what the cookie holds, which opens nothing
}

// String shows nothing of the person.
func (s Session) String() string { return "[desk session]" }

// GoString shows nothing of the person.
func (s Session) GoString() string { return s.String() }

// LogValue shows nothing of the person.
func (s Session) LogValue() slog.Value { return slog.StringValue(s.String()) }

// waiting is a session on its way to the browser that began the sign-in.
type waiting struct {
	started
	Session Session `json:"session"`
}

// renewEvery is how often a session that is used is given its idle time anew; Idle is exact to that.
const renewEvery = time.Minute

// Session finds who is at the desk; ok is false for nobody. A store that does not answer is an error, and no end of the
// session: who is there is not known, and nobody may act until it is.
func (c *Console) Session(r *http.Request) (s Session, ok bool, err error) {
	id, ok := c.cookie(r)
	if !ok {
		return Session{}, false, nil
	}
	ticket, err := c.Tickets.Get(r.Context(), kindSession, id)
	now := c.Now()
	if err != nil || json.Unmarshal(ticket.Value, &s) != nil || s.Handle == "" || !now.Before(s.Until) {
		return Session{}, false, unanswered(err)
	}
	if s.SignIn != "" {
		if _, err := c.Tickets.Get(r.Context(), kindSignIn, s.SignIn); err != nil {
			return Session{}, false, unanswered(err)
		}
	}
	if end := earlier(now.Add(Idle), s.Until); end.Sub(ticket.Expires) >= renewEvery {
		ticket.Expires = end
		err := c.Tickets.Replace(r.Context(), ticket)
		if errors.Is(err, store.ErrNotFound) {
			return Session{}, false, nil // it was ended in another tab
		}
	}
	s.Name = hashed(id)
	return s, true, nil
}

// unanswered is the error of a store that did not answer; a ticket that is not there is none.
func unanswered(err error) error {
	if err == nil || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return nil
	}
	return fmt.Errorf("session of the desk: %w", err)
}

func (c *Console) cookie(r *http.Request) (string, bool) {
	id, ok := c.Kit.Cookies().Read(r, sessionCookie())
	return id, ok && id != "" && len(id) <= 64
}

// open begins a session under a name of its own, never one that the browser brought along, and ends the browser's
// previous one.
func (c *Console) open(w http.ResponseWriter, r *http.Request, s Session) error {
	if err := c.end(r); err != nil {
		return err
	}
	id := rand.Text()
	if err := c.put(r.Context(), kindSession, id, s, earlier(c.Now().Add(Idle), s.Until)); err != nil {
		return err
	}
	c.Kit.Cookies().Set(w, sessionCookie(), id)
	return nil
}

// end deletes the browser's session, and what else stands on the same sign-in.
func (c *Console) end(r *http.Request) error {
	id, ok := c.cookie(r)
	if !ok {
		return nil
	}
	ticket, err := c.Tickets.Take(r.Context(), kindSession, id)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("session of the desk: %w", err)
	}
	var s Session
	if json.Unmarshal(ticket.Value, &s) != nil || s.SignIn == "" {
		return nil
	}
	return c.Tickets.Delete(r.Context(), kindSignIn, s.SignIn)
}

func (c *Console) put(ctx context.Context, kind store.Kind, name string, value any, until time.Time) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	if err := c.Tickets.Put(ctx, store.Ticket{Kind: kind, Name: name, Value: text, Expires: until}); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	return nil
}
