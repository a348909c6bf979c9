package login

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

// What a source vouched for is used once. That the challenge is used up, and what its connector writes of it, the journal's
// entry, the session with its place on its person's list, and the transaction are one transaction of the database where
// tickets and journal share one. Elsewhere, and where the browser's previous session has to be ended first, what is used up
// comes first, then the entry, then the session with the transaction: what fails in between signs nobody in.

// Finished makes a session of what the source vouched for, or a proof.
func (h host) Finished(w http.ResponseWriter, r *http.Request, id string, a upstream.Assertion) error {
	c, err := h.answered(r, id, a)
	if err != nil { // another browser's is used up too
		if _, taken := h.take(r, id); taken != nil {
			err = taken
		}
		return err
	}
	in := &arrival{host: h, challenge: c, with: a.With}
	if c.Proof == nil {
		return in.signsIn(w, r, a)
	}
	if err := in.spend(r.Context()); err != nil {
		return err
	}
	return h.proves(w, r, *c.Proof, a)
}

// arrival is an assertion on its way to a session.
type arrival struct {
	host
	challenge challenge
	with      []store.Op // what its connector writes when it is used
	t         *transaction
	s         *session
}

// using is what is written when the challenge is used: one answer, whatever it is.
func (in *arrival) using() []store.Op {
	return append(slices.Clone(in.with), store.Op{Do: store.Take, Ticket: store.Ticket{Kind: kindChallenge, Name: in.challenge.Asked.ID}})
}

// spend uses the challenge up without a session.
func (in *arrival) spend(ctx context.Context) error {
	err := in.flow.Tickets.Write(ctx, in.using()...)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrExists) {
		if used := in.used(ctx); used != nil {
			return used
		}
	}
	return goneOr(err)
}

// used says of a write that failed whether it was because the challenge, or what the connector uses up, is used already.
func (in *arrival) used(ctx context.Context) error {
	if _, err := in.flow.Tickets.Get(ctx, kindChallenge, in.challenge.Asked.ID); err != nil {
		return goneOr(err)
	}
	for _, op := range in.with {
		_, err := in.flow.Tickets.Get(ctx, op.Ticket.Kind, op.Ticket.Name)
		if op.Do == store.Take && errors.Is(err, store.ErrNotFound) || op.Do == store.Create && err == nil {
			return upstream.ErrUsed
		}
	}
	return nil
}

// signsIn makes a session, for the transaction of the challenge.
func (in *arrival) signsIn(w http.ResponseWriter, r *http.Request, a upstream.Assertion) (err error) {
	f, ctx := in.flow, r.Context()
	if in.t, err = f.loadByID(ctx, in.challenge.Txn, in.challenge.Browser); err != nil {
		return err
	}
	snapshot, err := f.Live.Current()
	if err != nil {
		return web.Unavailable(err)
	}
	source, ok := snapshot.Source(in.source)
	if !ok || !f.connected(source) {
		return in.refused(w, r, &failure{Kind: idp.SignInFailed, Code: string(policy.UnknownSource)})
	}
	a.Authn.Source = in.source
	a.Authn.At = in.t.proved(a.Authn.At, f.Now())
	if !a.Ends.IsZero() && !a.Ends.After(f.Now()) { // over before it began
		if err := in.spend(ctx); err != nil {
			return err
		}
		return f.sourceFailed(w, r, in.t, in.source, upstream.ErrRejected)
	}
	who, err := source.Reading().Resolve(a.Raw)
	if err != nil {
		f.Log.WarnContext(ctx, "an identity is incomplete", "ref", in.t.Ref, "source", in.source, "error", err)
		return in.refused(w, r, &failure{Kind: idp.SignInFailed, Code: "incomplete_identity", Source: in.source})
	}
	if err := f.numbering().Know(ctx, in.source, &who); err != nil { // never another number than the person's
		return web.Unavailable(err)
	}
	in.s = &session{Person: who, Upstream: a.Session, Ends: a.Ends}
	return in.enters(w, r, snapshot, source)
}

// refused uses the challenge up, and tells the transaction why nobody is signed in.
func (in *arrival) refused(w http.ResponseWriter, r *http.Request, why *failure) error {
	if err := in.spend(r.Context()); err != nil {
		return err
	}
	in.t.Failure = why
	return in.flow.saveAndAgain(w, r, in.t)
}

// enters begins the session, under a name of its own and never one that the browser brought along.
func (in *arrival) enters(w http.ResponseWriter, r *http.Request, snapshot *registry.Snapshot, source registry.Source) error {
	f, s := in.flow, in.s
	found := in.t.Entry.Back == (web.WayBack{}) // no tile named the way back
	if found && source.Way != nil {
		in.t.Entry.Back = web.WayBack{Label: source.Way.Label, URL: source.Way.URL}
	}
	back := in.t.Entry.Back
	s.ID, s.Began, s.Entry = rand.Text(), f.Now(), entry{Source: in.source, Back: back}
	s.Shared = f.shared(r, snapshot, in.t.Entry, s)
	in.t.makeDo(s, f.Now())
	if err := in.write(r); err != nil {
		return err
	}
	if _, ok := f.Kit.Cookies().Read(r, wayOutCookie()); ok {
		f.Kit.Cookies().Clear(w, wayOutCookie())
	}
	f.Kit.Cookies().Set(w, sessionCookie(), s.ID)
	if found { // what a tile named is remembered since then
		f.rememberFrom(w, entry{Source: in.source, UAI: in.t.Entry.UAI, Back: back})
	}
	f.Meter.SignIn(in.t.Request.Protocol, "signed_in")
	return f.again(w, r, in.t)
}

// write writes the sign-in: no entry, no session.
func (in *arrival) write(r *http.Request) error {
	f, ctx := in.flow, r.Context()
	old, err := f.session(r)
	if err != nil {
		return web.Unavailable(err)
	}
	if old == nil && f.journalled() {
		return in.again(ctx, func(ops []store.Op) error {
			rider, err := f.ride(append(ops, in.using()...)...)
			if err == nil {
				_, err = f.Journal.(Joint).AppendWith(ctx, f.signedIn(in.t, in.s.Person), rider)
			}
			return err
		})
	}
	if err := in.spend(ctx); err != nil {
		return err
	}
	if err := f.journalSignIn(ctx, in.t, in.s.Person); err != nil {
		return err
	}
	if old != nil {
		if err := f.replace(r, old, in.s); err != nil {
			return web.Unavailable(fmt.Errorf("previous %w", err))
		}
	}
	in.challenge.Asked.ID, in.with = "", nil
	return in.again(ctx, func(ops []store.Op) error { return f.Tickets.Write(ctx, ops...) })
}

// again writes session and transaction until nobody else was faster: another sign-in of the same person, or another hop of
// the transaction, which the session then belongs to as that hop left it.
func (in *arrival) again(ctx context.Context, write func([]store.Op) error) error {
	f := in.flow
	for range maxTabs {
		var err error
		if in.s.Mark, err = f.mark(ctx, in.s.Person.Key); err != nil {
			return web.Unavailable(fmt.Errorf("session: %w", err))
		}
		ops, err := f.beginning(ctx, in.s)
		if err != nil {
			return web.Unavailable(err)
		}
		in.t.entered(in.s, in.source, f.Now())
		change, err := f.changed(ctx, in.t)
		if err != nil {
			return goneOr(err)
		}
		err = write(append(ops, change))
		if !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrExists) && !errors.Is(err, store.ErrNotFound) {
			return goneOr(err)
		}
		if in.challenge.Asked.ID != "" {
			if err := in.used(ctx); err != nil {
				return err
			}
		}
		back := in.t.Entry
		if in.t, err = f.loadByID(ctx, in.challenge.Txn, in.challenge.Browser); err != nil {
			return err
		}
		in.t.Entry = back
	}
	return web.Unavailable(fmt.Errorf("session: %w", store.ErrConflict))
}

// entered is what a transaction knows of a session that began for it.
func (t *transaction) entered(s *session, source string, now time.Time) {
	t.Session, t.Place, t.Said, t.Trouble, t.Recognised = s.ID, nil, consent.Said{}, "", ""
	if !s.Person.Authn.At.Before(t.Created) { // proved for this very request, and not by a session that somebody left open
		t.Recognised = s.ID
	}
	if !t.accepts(s, now) { // the source was asked for a fresh proof and gave an old one
		t.Failure = &failure{Kind: idp.SignInFailed, Code: "stale_sign_in", Source: source}
	}
}

// signedIn is the journal's line of a sign-in.
func (f *Flow) signedIn(t *transaction, who person.Person) audit.Entry {
	return audit.Entry{
		Class: audit.ClassSignIn, Action: "sign_in", Outcome: audit.SignedIn, Ref: t.Ref,
		Subject: f.journalSubject(who.Key, t.Request.ServiceID), Service: t.Request.ServiceID, Source: who.Authn.Source,
		Protocol: t.Request.Protocol,
	}
}

func (f *Flow) journalSignIn(ctx context.Context, t *transaction, who person.Person) error {
	if _, err := f.Journal.Append(ctx, f.signedIn(t, who)); err != nil {
		return web.Unavailable(fmt.Errorf("journal: %w", err))
	}
	return nil
}
