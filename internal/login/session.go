package login

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"ecluse/internal/consent"
	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

// maxParticipants bounds how many sessions at services a sign-in remembers.
const maxParticipants = 200

// maxGrants bounds how many rights to later answers a session has; the oldest end when there would be more.
const maxGrants = 100

// maxTabs is how many tabs may write to a session at once: of those at least one succeeds each time.
const maxTabs = 40

func sessionCookie() web.Cookie { return web.Cookie{Name: "session"} }

// session is one person signed in on one browser. It lives sealed in a ticket; its id is the cookie's value.
type session struct {
	ID           string            `json:"-"`
	Person       person.Person     `json:"person"`
	Upstream     string            `json:"upstream,omitempty"` // the source's own session
	Began        time.Time         `json:"began"`
	Ends         time.Time         `json:"ends,omitzero"`    // when the source's own session ends, where it says so
	Shared       bool              `json:"shared,omitempty"` // it began, or went on, at a device that passes from hand to hand
	Entry        entry             `json:"entry"`
	Participants []idp.Participant `json:"participants,omitempty"`
	Mark         string            `json:"mark,omitempty"`   // the word of the last time that the person ended everything, before this began
	Kept         bool              `json:"kept,omitempty"`   // a recent proof was asked for, and the source could not ask again
	Grants       []string          `json:"grants,omitempty"` // later answers that end when somebody ends the session; one that merely rests leaves them their own end

	ticket store.Ticket
	wards  []person.Ward // what the source said of children, where Person holds what is so today
}

// source is the person as their source said: what is kept, so that a view that is opened again is there again.
func (s *session) source() person.Person {
	p := s.Person
	if s.wards != nil {
		p.Wards = s.wards
	}
	return p
}

// session finds the browser's session; nil when there is none. A store that does not answer is an error, not nobody.
func (f *Flow) session(r *http.Request) (*session, error) {
	id, ok := f.Kit.Cookies().Read(r, sessionCookie())
	if !ok || id == "" || len(id) > 64 {
		return nil, nil
	}
	return f.sessionByID(r.Context(), id)
}

// sessionByID is a session that is there and that its person has not ended together with all others.
func (f *Flow) sessionByID(ctx context.Context, id string) (*session, error) {
	s, err := f.stored(ctx, id)
	if err != nil || s == nil {
		return nil, err
	}
	if over, err := f.left(ctx, s.Person.Key, s.Mark); err != nil || over {
		return nil, err
	}
	return s, nil
}

// stored is a session as it lies in the store, over or not.
func (f *Flow) stored(ctx context.Context, id string) (*session, error) {
	ticket, err := f.Tickets.Get(ctx, kindSession, id)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	s := &session{}
	if err := json.Unmarshal(ticket.Value, s); err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	s.ID, s.ticket = id, ticket
	return s, nil
}

// beginning is what is written of a session that begins: itself, its place on its person's list, and the name by which its
// source may end it.
func (f *Flow) beginning(ctx context.Context, s *session) ([]store.Op, error) {
	value, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	listed, err := f.enlisting(ctx, s)
	begun := store.Op{Do: store.Put, Ticket: store.Ticket{Kind: kindSession, Name: s.ID, Value: value, Expires: f.sessionEnd(s)}}
	return append(f.pointerFrom(s, s.Upstream), begun, listed), err
}

// pointFrom lets a session end with the source's own of a name; without a name nothing is noted.
func (f *Flow) pointFrom(ctx context.Context, s *session, upstream string) error {
	if upstream == "" {
		return nil
	}
	return f.Tickets.Write(ctx, f.pointerFrom(s, upstream)...)
}

// pointerFrom is what pointFrom writes.
func (f *Flow) pointerFrom(s *session, upstream string) []store.Op {
	if upstream == "" {
		return nil
	}
	return []store.Op{{Do: store.Put, Ticket: store.Ticket{
		Kind: kindUpstream, Name: s.Person.Authn.Source + " " + upstream, Value: []byte(s.ID), Expires: s.Began.Add(f.Limits.Session),
	}}}
}

// replace ends the browser's previous session. What services have of the same person goes on, so that one sign-out ends it
// all; somebody else's is over.
func (f *Flow) replace(r *http.Request, old, s *session) error {
	old, err := f.over(r.Context(), old)
	if err != nil || old == nil {
		return err
	}
	if old.Person.Key != s.Person.Key {
		f.tellWithoutBrowser(r.Context(), old)
		return nil
	}
	s.Participants = old.Participants
	for _, p := range s.Participants {
		if err := f.point(r.Context(), s, p); err != nil {
			return err
		}
		if err := f.enroll(r.Context(), s, p.ServiceID); err != nil {
			return err
		}
	}
	return nil
}

// sessionEnd is the end by rest, pushed on by each sign-in, but never beyond the absolute one nor the source's own.
func (f *Flow) sessionEnd(s *session) time.Time {
	end := f.Now().Add(f.rest(s))
	if last := s.Began.Add(f.Limits.Session); last.Before(end) {
		end = last
	}
	if !s.Ends.IsZero() && s.Ends.Before(end) {
		end = s.Ends
	}
	return end
}

// rest is how long a session lasts that nobody uses: minutes on a shared device.
func (f *Flow) rest(s *session) time.Duration {
	if s.Shared {
		return min(f.Limits.Shared, f.Limits.Idle)
	}
	return f.Limits.Idle
}

// keep writes a session back and begins its rest anew. The error is store.ErrConflict when another tab was faster, and
// store.ErrNotFound when the session ended.
func (f *Flow) keep(ctx context.Context, s *session) error {
	op, err := f.keeping(s)
	if err == nil {
		err = f.Tickets.Replace(ctx, op.Ticket)
	}
	if err != nil {
		return fmt.Errorf("session: %w", err)
	}
	return nil
}

// keeping is what keep writes.
func (f *Flow) keeping(s *session) (store.Op, error) {
	kept := *s
	kept.Person = s.source()
	value, err := json.Marshal(kept)
	return store.Op{Do: store.Replace, Ticket: store.Ticket{
		Kind: kindSession, Name: s.ID, Value: value, Version: s.ticket.Version, Expires: f.sessionEnd(s),
	}}, err
}

func (f *Flow) end(ctx context.Context, grants []string) error {
	for _, grant := range grants {
		if err := f.Forget(ctx, grant); err != nil {
			return fmt.Errorf("session: right to later answers: %w", err)
		}
	}
	return nil
}

// journalSubject is how the journal files what a person did at a service, so that the entries of two services do not
// tell that it was one person; the empty service is for what concerns none.
func (f *Flow) journalSubject(k person.Key, service string) string {
	return consent.JournalSubject(f.Keys, k, service)
}
