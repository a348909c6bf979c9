package idptest

import (
	"bytes"
	"context"
	"slices"

	"ecluse/internal/store"
)

// newer is a store to which a newer version writes too, as it does while it takes the place of this one: whatever is read has
// a field beside those that this version knows. Every house keeps its tickets there, so that no test passes with a reader that
// refuses what it does not know.
type newer struct{ store.Tickets }

// Get implements store.Tickets.
func (n newer) Get(ctx context.Context, kind store.Kind, name string) (store.Ticket, error) {
	return added(n.Tickets.Get(ctx, kind, name))
}

// Take implements store.Tickets.
func (n newer) Take(ctx context.Context, kind store.Kind, name string) (store.Ticket, error) {
	return added(n.Tickets.Take(ctx, kind, name))
}

func added(t store.Ticket, err error) (store.Ticket, error) {
	if inner, ok := bytes.CutSuffix(t.Value, []byte("}")); ok && bytes.HasPrefix(inner, []byte(`{"`)) {
		t.Value = append(slices.Clone(inner), `,"of_a_newer_version":{"a":[1]}}`...)
	}
	return t, err
}
