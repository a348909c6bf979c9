package login

import (
	"context"
	"errors"

	"ecluse/internal/audit"
	"ecluse/internal/idp"
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
	if mark == nil {
		return nil
	}
	return f.toldOf(ctx, mark, f.Tickets.Create(ctx, mark.Mark))
}

// toldOf asks what became of a mark, and remembers one that is written.
func (f *Flow) toldOf(ctx context.Context, mark *idp.Once, written error) error {
	if written == nil || errors.Is(written, store.ErrExists) {
		f.marks.wrote(mark.Mark)
	}
	return mark.Told(ctx, written)
}

// putOnce stores a transaction for the first time, as one write with the mark of its request and with others, none of which
// finds anything there already.
func (f *Flow) putOnce(ctx context.Context, t *transaction, ticket store.Ticket, with ...store.Op) error {
	mark, ops := t.Request.Once, append(with, store.Op{Do: store.Put, Ticket: ticket})
	if mark == nil {
		return goneOr(f.write(ctx, ops...))
	}
	t.Request.Once = nil
	return f.toldOf(ctx, mark, f.Tickets.Write(ctx, append(ops, store.Op{Do: store.Create, Ticket: mark.Mark})...))
}

// seenBefore is the refusal of a request that is not new, as its protocol says it.
type seenBefore struct{ said error }

func (s *seenBefore) Error() string { return s.said.Error() }
func (s *seenBefore) Unwrap() error { return s.said }

// ride gives a write as a part of another transaction, or nothing where there is none that it could be a part of.
func (f *Flow) ride(ops ...store.Op) (store.Rider, error) {
	rides, ok := f.Tickets.(store.Rides)
	if !ok {
		return nil, nil
	}
	return rides.Ride(ops...)
}

// Joint is a Journal in whose database tickets may be too: With is a store.Rider, which is written with the entry, both or
// neither, and whose error is that of the write.
type Joint interface {
	AppendWith(ctx context.Context, e audit.Entry, with any) (audit.Entry, error)
}

// journalled tells whether short-lived things are kept where the journal is, so that they can be written with an entry.
func (f *Flow) journalled() bool {
	if _, joint := f.Journal.(Joint); !joint {
		return false
	}
	rider, err := f.ride(store.Op{Do: store.Delete, Ticket: store.Ticket{Kind: kindTransaction, Name: "none"}})
	return err == nil && rider != nil
}
