package login

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/store"
)

// Ending all sessions of a person, on every replica and device.
//
// Sessions are tickets under secret names, and a store has no search. Two tickets of the person's own handle make up for it.
// The list names the sessions that began, so that services are told, and rights to later answers deleted, at once. It may be
// incomplete: a session is under way while the list is read, and a long list forgets its oldest. The mark is what is relied
// on: a word, drawn anew each time that somebody ends everything. A session remembers the word that stood when it began, and
// is nobody's when another stands by now; so is a right to later answers. Words are compared and not moments: the clocks of
// two replicas may differ, and a session that began a moment ahead of the clock of the other would live on. Where the mark
// cannot be read there is no session: who cannot be asked whether they left is not let in.
//
// The mark outlives every session and every right that began before it. It costs one more reading of a ticket by its name;
// BenchmarkASignInOnASession measures it.
const (
	kindMark     store.Kind = "left-everywhere"
	kindSessions store.Kind = "sessions-of"
)

// mostSessions is how many sessions of one person the list names.
const mostSessions = 50

// longestLater bounds how long a right to later answers is thought to live. A declaration that grants more is ended for
// whoever leaves everywhere all the same: its rights are on the list of their session.
const longestLater = 366 * 24 * time.Hour

// of names a ticket of whoever has a handle.
func (f *Flow) of(handle string) string {
	return hex.EncodeToString(f.Keys.Derive("sessions of a person", handle)[:32])
}

// mark is the word of the last time that somebody ended everything; empty for never.
func (f *Flow) mark(ctx context.Context, key person.Key) (string, error) {
	ticket, err := f.Tickets.Get(ctx, kindMark, f.of(key.Handle(f.Keys)))
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("mark of a person: %w", err)
	}
	return string(ticket.Value), nil
}

// left tells whether somebody ended everything since a word stood.
func (f *Flow) left(ctx context.Context, key person.Key, word string) (bool, error) {
	now, err := f.mark(ctx, key)
	return now != "" && now != word, err
}

// enlisting adds a session to its person's list, for one write with the session: no session is that is not on it. That write
// fails where another sign-in was faster.
func (f *Flow) enlisting(ctx context.Context, s *session) (store.Op, error) {
	name := f.of(s.Person.Key.Handle(f.Keys))
	ids, ticket, err := f.listed(ctx, name)
	if err != nil {
		return store.Op{}, err
	}
	ids = append(ids[max(0, len(ids)-mostSessions+1):], s.ID)
	value, err := json.Marshal(ids)
	if err != nil {
		return store.Op{}, fmt.Errorf("sessions of a person: %w", err)
	}
	next := store.Ticket{Kind: kindSessions, Name: name, Value: value, Version: ticket.Version, Expires: f.Now().Add(f.Limits.Session)}
	if ticket.Version == 0 {
		return store.Op{Do: store.Create, Ticket: next}, nil
	}
	return store.Op{Do: store.Replace, Ticket: next}, nil
}

// listed reads a list; it is empty, of version 0, where there is none.
func (f *Flow) listed(ctx context.Context, name string) (ids []string, ticket store.Ticket, err error) {
	ticket, err = f.Tickets.Get(ctx, kindSessions, name)
	if errors.Is(err, store.ErrNotFound) {
		return nil, store.Ticket{}, nil
	}
	if err == nil {
		err = json.Unmarshal(ticket.Value, &ids)
	}
	if err != nil {
		return nil, ticket, fmt.Errorf("sessions of a person: %w", err)
	}
	return ids, ticket, nil
}

// running reads the sessions of a person that are listed and still there, under each of their handles.
func (f *Flow) running(ctx context.Context, handles []string) ([]*session, error) {
	var out []*session
	for _, handle := range handles {
		ids, _, err := f.listed(ctx, f.of(handle))
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			s, err := f.stored(ctx, id)
			if err != nil {
				return nil, err
			}
			if s != nil {
				out = append(out, s)
			}
		}
	}
	return out, nil
}

// handles are those of every key by which a person was ever known.
func (f *Flow) handles(ctx context.Context, who person.Person) ([]string, error) {
	me, err := f.Book.Ledger().Myself(ctx, who)
	return me.Of, err
}

// Left is what became of somebody's session at one service.
type Left struct {
	Service string // its name; empty when it is not known any more
	Ended   bool   // its own session is over too
}

// LeaveEverywhere ends every session of whoever is signed in on this browser, on every replica and device, and every right to
// later answers that came from one, and tells what became of each service. ref is that of the release of which they say that
// it was not them; empty when they merely leave. It returns nil when everything is over. Done twice it is done once.
func (f *Flow) LeaveEverywhere(w http.ResponseWriter, r *http.Request, ref string) ([]Left, error) {
	mine, err := f.session(r)
	if err != nil || mine == nil {
		return nil, err
	}
	handles, err := f.handles(r.Context(), mine.Person)
	if err != nil {
		return nil, err
	}
	if err := f.setMarks(r.Context(), handles); err != nil { // from here on nobody goes on with what they had
		return nil, err
	}
	all, err := f.running(r.Context(), handles)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(all, func(s *session) bool { return s.ID == mine.ID }) {
		all = append(all, mine)
	}
	out, err := f.endAll(r, all)
	if err != nil {
		return nil, err
	}
	e := audit.Entry{
		Class: audit.ClassSignIn, Action: "sign_out", Outcome: audit.Done, Reason: "everywhere", Ref: ref,
		Subject: f.journalSubject(mine.Person.Key, ""), Source: mine.Person.Authn.Source,
	}
	if ref != "" {
		e.Reason = "not_me"
	}
	if _, err := f.Journal.Append(r.Context(), e); err != nil {
		f.Log.ErrorContext(r.Context(), "the end of all sessions of a person could not be journaled", "error", err)
	}
	f.Kit.Cookies().Clear(w, sessionCookie())
	f.Kit.Cookies().Clear(w, fromCookie())
	return out, nil
}

func (f *Flow) setMarks(ctx context.Context, handles []string) error {
	word := rand.Text()
	for _, handle := range handles {
		err := f.Tickets.Put(ctx, store.Ticket{
			Kind: kindMark, Name: f.of(handle), Value: []byte(word), Expires: f.Now().Add(max(f.Limits.Session, longestLater)),
		})
		if err != nil {
			return fmt.Errorf("mark of a person: %w", err)
		}
	}
	return nil
}

// endAll ends the sessions and tells the services that need no browser. A service of which one session stays open is said to be
// open.
func (f *Flow) endAll(r *http.Request, all []*session) ([]Left, error) {
	var participants []idp.Participant
	for _, s := range all {
		last, err := f.over(r.Context(), s)
		if err != nil {
			return nil, err
		}
		if last != nil {
			participants = append(participants, last.Participants...)
		}
	}
	partings := f.tell(r.Context(), participants, idp.Leaving{}, false)
	var out []Left
	for _, service := range f.fates(&wayOut{Partings: partings}, string(f.Kit.Lang(r))) {
		out = append(out, Left{service.Name, service.Fate == fateClosed})
	}
	return out, nil
}

// ForgetAt ends the rights to later answers that running sessions of somebody have at one service: those would be refused
// anyway, and hold their person for nothing.
func (f *Flow) ForgetAt(ctx context.Context, who person.Person, service string) error {
	handles, err := f.handles(ctx, who)
	if err != nil {
		return err
	}
	all, err := f.running(ctx, handles)
	if err != nil {
		return err
	}
	for _, s := range all {
		if err := f.forgetAt(ctx, s, service); err != nil {
			return err
		}
	}
	return nil
}

// forgetAt ends the rights to later answers that one session has at one service.
func (f *Flow) forgetAt(ctx context.Context, s *session, service string) error {
	for _, id := range s.Grants {
		g, err := f.readGrant(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err == nil && g.Request.ServiceID == service {
			err = f.Forget(ctx, id)
		}
		if err != nil {
			return fmt.Errorf("rights to later answers: %w", err)
		}
	}
	return nil
}
