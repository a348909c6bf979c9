package login

import (
	"context"
	"errors"

	"ecluse/internal/attrs"
	"ecluse/internal/consent"
	"ecluse/internal/person"
	"ecluse/internal/store"
)

// That a request was seen is written before anything becomes of it: with the journal entry of its answer, or with the
// transaction when that is stored first, so that neither waits for the disk twice. Whoever refuses, or shows a page, without
// having stored the transaction calls once before.

// once writes that the request of a transaction was seen, if nobody has yet. Its error is what the browser is told: the request
// is not new, or nobody can know.
func (f *Flow) once(ctx context.Context, t *transaction) error {
	mark := t.Request.Once
	t.Request.Once = nil
	return mark.Alone(ctx, f.Tickets)
}

// putOnce stores a transaction for the first time, as one write with the mark of its request.
func (f *Flow) putOnce(ctx context.Context, t *transaction, ticket store.Ticket) error {
	mark := t.Request.Once
	if mark == nil {
		return goneOr(f.Tickets.Put(ctx, ticket))
	}
	t.Request.Once = nil
	return mark.Told(ctx, f.Tickets.Write(ctx, store.Op{Do: store.Create, Ticket: mark.Mark}, store.Op{Do: store.Put, Ticket: ticket}))
}

// seenBefore is the refusal of a request that is not new, as its protocol says it.
type seenBefore struct{ said error }

func (s *seenBefore) Error() string { return s.said.Error() }
func (s *seenBefore) Unwrap() error { return s.said }

// clearOnce clears a release together with the mark of its request. The error is a *seenBefore for a request that is not new.
func (f *Flow) clearOnce(ctx context.Context, t *transaction, p person.Person, r attrs.Release, around consent.Around) (consent.Cleared, error) {
	mark := t.Request.Once
	if mark == nil {
		return f.clear(ctx, p, r, t.Said, around)
	}
	rider, err := f.ride(mark.Mark)
	if err != nil {
		return consent.Cleared{}, err
	}
	if rider == nil { // short-lived things are kept elsewhere than the journal
		if err := f.once(ctx, t); err != nil {
			return consent.Cleared{}, &seenBefore{err}
		}
		return f.clear(ctx, p, r, t.Said, around)
	}
	around.With = rider
	return f.clearWith(ctx, t, p, r, around)
}

// clearWith clears a release in one transaction with the mark. A mark that was there already is a release that was never
// written; one in a store that was emptied meanwhile proves nothing, and nothing leaves.
func (f *Flow) clearWith(ctx context.Context, t *transaction, p person.Person, r attrs.Release, around consent.Around) (consent.Cleared, error) {
	mark := t.Request.Once
	cleared, err := f.clear(ctx, p, r, t.Said, around)
	if err != nil && !errors.Is(err, store.ErrExists) {
		return consent.Cleared{}, err // the mark is not written
	}
	t.Request.Once = nil
	if told := mark.Told(ctx, err); told != nil {
		return consent.Cleared{}, &seenBefore{told}
	}
	return cleared, err
}

// ride gives the mark as a part of another transaction, or nothing where there is none that it could be a part of.
func (f *Flow) ride(mark store.Ticket) (store.Rider, error) {
	rides, ok := f.Tickets.(store.Rides)
	if !ok {
		return nil, nil
	}
	return rides.Ride(store.Op{Do: store.Create, Ticket: mark})
}
