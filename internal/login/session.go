package login

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
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

// begin makes a session with a name of its own, never one that the browser brought along, and ends the browser's
// previous one. What services have of the same person goes on, so that one sign-out ends it all; somebody else's is over.
func (f *Flow) begin(w http.ResponseWriter, r *http.Request, s *session) error {
	if err := f.replace(w, r, s); err != nil {
		return fmt.Errorf("previous %w", err)
	}
	var err error
	if s.Mark, err = f.mark(r.Context(), s.Person.Key); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	value, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("session: %w", err)
	}
	begun := store.Op{Do: store.Put, Ticket: store.Ticket{Kind: kindSession, Name: s.ID, Value: value, Expires: f.sessionEnd(s)}}
	if err := f.enlist(r.Context(), s, append(f.pointerFrom(s, s.Upstream), begun)...); err != nil {
		return err
	}
	f.Kit.Cookies().Set(w, sessionCookie(), s.ID)
	return nil
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

// replace ends the browser's previous session, names the new one, and forgets what the last sign-out came to.
func (f *Flow) replace(w http.ResponseWriter, r *http.Request, s *session) error {
	old, err := f.session(r)
	if err == nil && old != nil {
		old, err = f.over(r.Context(), old)
	}
	if err != nil {
		return err
	}
	s.ID, s.Began = rand.Text(), f.Now()
	if _, ok := f.Kit.Cookies().Read(r, wayOutCookie()); ok {
		f.Kit.Cookies().Clear(w, wayOutCookie())
	}
	if old == nil {
		return nil
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

// joined adds a service's session to the sign-in, as one write with what the answer stands on: the right to later answers,
// what its protocol keeps, and the words by which the service may end it. Another tab may do the same at once: then the
// session is read again.
func (f *Flow) joined(ctx context.Context, s *session, p idp.Participant, grant string, with ...store.Op) error {
	var placed []store.Op
	for range maxTabs {
		known := slices.ContainsFunc(s.Participants, func(q idp.Participant) bool {
			return q.Protocol == p.Protocol && q.ServiceID == p.ServiceID && string(q.State) == string(p.State)
		})
		if !known {
			s.Participants = append(s.Participants[max(0, len(s.Participants)-maxParticipants+1):], p)
			if placed == nil {
				var err error
				if placed, err = f.place(ctx, s, p.ServiceID); err != nil {
					return err
				}
			}
		}
		var dropped []string
		if grant != "" {
			keep := max(0, len(s.Grants)-maxGrants+1)
			dropped = s.Grants[:keep]
			s.Grants = append(slices.Clone(s.Grants[keep:]), grant)
		}
		if known && grant == "" && len(with) == 0 && s.ticket.Expires.Sub(f.Now()) > f.rest(s)/2 {
			return nil
		}
		err := f.keep(ctx, s, slices.Concat(with, f.pointer(s, p), placed)...)
		if err == nil {
			return f.end(ctx, dropped)
		}
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
		again, err := f.sessionByID(ctx, s.ID)
		if err != nil {
			return err
		}
		if again == nil {
			return fmt.Errorf("session: gone meanwhile: %w", store.ErrNotFound)
		}
		*s = *again
	}
	return fmt.Errorf("session: %w", store.ErrConflict)
}

// keep writes a session back, as one write with others, and begins its rest anew. The error is store.ErrConflict when another tab was faster, and
// store.ErrNotFound when the session ended.
func (f *Flow) keep(ctx context.Context, s *session, with ...store.Op) error {
	kept := *s
	kept.Person = s.source()
	value, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("session: %w", err)
	}
	err = f.Tickets.Write(ctx, append(slices.Clip(with), store.Op{Do: store.Replace, Ticket: store.Ticket{
		Kind: kindSession, Name: s.ID, Value: value, Version: s.ticket.Version, Expires: f.sessionEnd(s),
	}})...)
	if err != nil {
		return fmt.Errorf("session: %w", err)
	}
	return nil
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
