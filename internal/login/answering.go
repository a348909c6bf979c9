package login

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/consent"
	"ecluse/internal/idp"
	"ecluse/internal/store"
)

// answering is an answer to a service on its way. It leaves when everything is written that it stands on: the journal entry
// of its release, the mark of its request, the service's place in the session, the right to later answers, what its protocol
// keeps, and that its transaction is over. Where tickets and journal share a database, that is one transaction. Elsewhere
// the mark comes first, then the entry, then all the rest as one write, and what fails between two of them lets nothing out.
type answering struct {
	f *Flow
	t *transaction
	v view

	cleared consent.Cleared
	made    bool // from here on there are handoff and participant
	handoff idp.Handoff
	who     idp.Participant
	right   store.Ticket // to later answers; without a name there is none
	spent   time.Duration

	placed  []store.Op // the place on the service's roll, once there is one
	dropped []string   // rights to later answers that the session has too many of
}

// unmade is why a protocol made no answer.
type unmade struct{ why error }

func (u *unmade) Error() string { return u.why.Error() }
func (u *unmade) Unwrap() error { return u.why }

// write clears a release, makes the answer and writes everything that it stands on. Other tabs may write to the session
// meanwhile, and to the transaction: then both are read again. The error is a *seenBefore for a request that is not new, an
// *unmade where the protocol made no answer, what Clear says, or store.ErrNotFound when the session has ended.
func (a *answering) write(ctx context.Context, r attrs.Release, around consent.Around) (err error) {
	if mark := a.t.Request.Once; mark != nil && a.f.marks.has(mark.Mark) { // nobody signs an answer that will not leave
		return &seenBefore{mark.Told(ctx, store.ErrExists)}
	}
	if a.f.journalled() {
		around.With = func(cleared consent.Cleared) (any, error) { return a.with(ctx, cleared) }
		err = a.again(ctx, func() error { return a.clear(ctx, r, around) })
		err = a.told(ctx, err)
	} else {
		err = a.apart(ctx, r, around)
	}
	if err == nil {
		err = a.f.end(ctx, a.dropped)
	}
	return err
}

// apart writes the mark, the entry and all the rest one after the other; the answer is made once the entry is there.
func (a *answering) apart(ctx context.Context, r attrs.Release, around consent.Around) error {
	if err := a.f.once(ctx, a.t); err != nil {
		return &seenBefore{err}
	}
	if err := a.clear(ctx, r, around); err != nil {
		return err
	}
	if err := a.make(ctx, a.cleared); err != nil {
		return &unmade{err}
	}
	return a.again(ctx, func() error {
		ops, err := a.standsOn(ctx)
		if err == nil && len(ops) > 0 {
			err = a.f.Tickets.Write(ctx, ops...)
		}
		return err
	})
}

// again writes until no other tab was faster.
func (a *answering) again(ctx context.Context, write func() error) error {
	for range maxTabs {
		err := write()
		if !a.made || !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		s, err := a.f.sessionByID(ctx, a.v.session.ID)
		if err != nil {
			return err
		}
		if s == nil {
			return fmt.Errorf("session: gone meanwhile: %w", store.ErrNotFound)
		}
		*a.v.session = *s
		a.t.ticket.Version = 0 // whatever stands there now
	}
	return fmt.Errorf("session: %w", store.ErrConflict)
}

// clear writes the entry, and with it what can be.
func (a *answering) clear(ctx context.Context, r attrs.Release, around consent.Around) (err error) {
	began := time.Now()
	a.spent = 0
	a.cleared, err = a.f.Book.Clear(ctx, a.v.session.Person, r, a.t.Said, around)
	a.f.Meter.Took("record", time.Since(began)-a.spent)
	return err
}

// with makes the answer of what is about to be cleared, and gives what has to be written with the entry.
func (a *answering) with(ctx context.Context, cleared consent.Cleared) (any, error) {
	if err := a.make(ctx, cleared); err != nil {
		return nil, &unmade{err}
	}
	ops, err := a.standsOn(ctx)
	if mark := a.t.Request.Once; mark != nil {
		ops = append(ops, store.Op{Do: store.Create, Ticket: mark.Mark})
	}
	if err != nil || len(ops) == 0 {
		return nil, err
	}
	return a.f.ride(ops...)
}

// make has the protocol make the answer, once: whatever is written again is written for the same.
func (a *answering) make(ctx context.Context, cleared consent.Cleared) (err error) {
	if a.made {
		return nil
	}
	protocol, spoken := a.f.Protocols[a.t.Request.Protocol]
	if !spoken {
		return fmt.Errorf("protocol %q is not spoken", a.t.Request.Protocol)
	}
	if a.t.Request.Later {
		if a.right, err = a.f.newGrant(a.t, a.v, cleared); err != nil {
			return err
		}
	}
	began := time.Now()
	a.handoff, a.who, err = protocol.Answer(ctx, a.t.Request, idp.Answered{Cleared: cleared, Resume: a.right.Name, At: a.f.Now()})
	a.spent = time.Since(began)
	a.f.Meter.Took("answer", a.spent)
	a.made = err == nil
	return err
}

// told asks what became of the mark that was to be written with the entry. A mark that was there already is a release that
// was never written; one in a store that was emptied meanwhile proves nothing, and nothing leaves.
func (a *answering) told(ctx context.Context, written error) error {
	mark := a.t.Request.Once
	switch {
	case mark == nil, written != nil && !a.made, written != nil && !errors.Is(written, store.ErrExists):
		return written
	case written != nil:
		if _, err := a.f.Tickets.Get(ctx, mark.Mark.Kind, mark.Mark.Name); err != nil {
			return written // it is something else that was there
		}
	}
	a.t.Request.Once = nil
	if err := a.f.toldOf(ctx, mark, written); err != nil {
		return &seenBefore{err}
	}
	return written
}

// standsOn is what has to be in the store before the answer leaves, by the session and the transaction as they were read.
func (a *answering) standsOn(ctx context.Context) ([]store.Op, error) {
	ops, err := a.joining(ctx)
	if err != nil {
		return nil, err
	}
	over, err := a.f.finishing(ctx, a.t)
	return append(ops, over...), err
}

// joining adds the service's session to the sign-in: with the right to later answers, what the protocol keeps, and the words
// by which the service may end it. A session that knows all that, and rests for long enough, is not written.
func (a *answering) joining(ctx context.Context) (ops []store.Op, err error) {
	f, s, p := a.f, *a.v.session, a.who
	known := slices.ContainsFunc(s.Participants, func(q idp.Participant) bool {
		return q.Protocol == p.Protocol && q.ServiceID == p.ServiceID && string(q.State) == string(p.State)
	})
	if known && a.right.Name == "" && len(a.handoff.Before) == 0 && s.ticket.Expires.Sub(f.Now()) > f.rest(&s)/2 {
		return nil, nil
	}
	if !known {
		s.Participants = append(slices.Clone(s.Participants[max(0, len(s.Participants)-maxParticipants+1):]), p)
		if a.placed == nil {
			if a.placed, err = f.place(ctx, &s, p.ServiceID); err != nil {
				return nil, err
			}
		}
	}
	a.dropped = nil
	if a.right.Name != "" {
		keep := max(0, len(s.Grants)-maxGrants+1)
		a.dropped = s.Grants[:keep]
		s.Grants = append(slices.Clone(s.Grants[keep:]), a.right.Name)
		ops = append(ops, store.Op{Do: store.Create, Ticket: a.right})
	}
	kept, err := f.keeping(&s)
	return slices.Concat(ops, a.handoff.Before, f.pointer(&s, p), a.placed, []store.Op{kept}), err
}
