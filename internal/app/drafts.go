package app

import (
	"context"
	"encoding/json"
	"errors"

	"ecluse/internal/desk"
	"ecluse/internal/idp/oidcop"
	"ecluse/internal/registry"
)

// drafts is the desk, as clients that register themselves meet it: the tokens are made there, and what comes in is written
// there, with whoever made the token in the journal.
type drafts struct{ *gateway }

// Client implements oidcop.Drafts.
func (d drafts) Client(_ context.Context, token string) (registry.Binding, bool, error) {
	binding, manages, err := d.desk.ClientByToken(token)
	return binding, manages, drafted(err)
}

// Register implements oidcop.Drafts.
func (d drafts) Register(ctx context.Context, token string, was, next json.RawMessage) (string, error) {
	manage, err := d.desk.RegisterClient(ctx, token, was, next)
	return manage, drafted(err)
}

// Change implements oidcop.Drafts.
func (d drafts) Change(ctx context.Context, token string, was, next json.RawMessage, over bool) error {
	return drafted(d.desk.ChangeClient(ctx, token, was, next, over))
}

// drafted says in the protocol's words why the desk did not write. What it refuses of a service that was in order when the
// protocol looked is for people at the desk to see, so that the client is told no more than that it is changed there.
func drafted(err error) error {
	var gone *desk.NotFound
	var conflict *desk.Conflict
	var invalid *desk.Invalid
	switch {
	case errors.Is(err, desk.ErrToken):
		return oidcop.ErrDraftToken
	case errors.As(err, &gone), errors.As(err, &conflict), errors.As(err, &invalid):
		return oidcop.ErrDraftClosed
	}
	return err
}
