package oidcop

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"ecluse/internal/store"
)

// Marks of what may be shown one time.
const (
	kindAssertion store.Kind = "oidc-assertion"
	kindProof     store.Kind = "oidc-dpop"
)

// stampUnit is how roughly clients date what they sign.
const stampUnit = time.Second

// once marks something as shown, on every replica, until it is too old in any case, and tells whether this is the first
// time. A mark in a store that was emptied since the thing was issued proves nothing; the epoch is read after the mark was
// made, so that no emptying goes unseen.
func (p *Provider) once(ctx context.Context, kind store.Kind, issued, end time.Time, parts ...string) (bool, error) {
	name := base64.RawURLEncoding.EncodeToString(p.cfg.Keys.Derive("oidc "+string(kind), parts...)[:32])
	err := p.cfg.Tickets.Create(ctx, store.Ticket{Kind: kind, Name: name, Expires: end})
	if errors.Is(err, store.ErrExists) {
		return false, nil
	}
	var epoch time.Time
	if err == nil {
		epoch, err = p.cfg.Tickets.Epoch(ctx)
	}
	if err != nil {
		return false, fmt.Errorf("%s: %w", kind, err)
	}
	return !issued.Add(stampUnit).Before(epoch), nil
}
