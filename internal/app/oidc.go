package app

import (
	"context"
	"time"

	"ecluse/internal/fetch"
	"ecluse/internal/idp/oidcop"
)

// newOP makes the OpenID Connect provider. What it sends to services by itself, which is sign-outs, goes to public
// addresses and the networks listed for it, and waits in the database when a service does not answer.
func newOP(g *gateway, development bool) (*oidcop.Provider, error) {
	outside, err := g.outside(development)
	if err != nil {
		return nil, err
	}
	certificates, err := g.config.certificates()
	if err != nil {
		return nil, err
	}
	keys := fetch.New(fetch.Config{PlainHTTP: development, Timeout: keySetWait, MaxBytes: keySetSize})
	g.closers.add(func() error { keys.Close(); return nil })
	return oidcop.New(oidcop.Config{
		Issuer: g.config.PublicURL, Keys: g.ring, Tickets: g.tickets, Dictionary: g.words, Kit: g.kit, Now: g.now,
		Development: development, Watch: watcher{g.canary}, Client: outside, Outside: keys, Queue: g.db.Queue(), Sealer: g.ring,
		Drafts: drafts{g}, Certificates: certificates,
		Failed: func(ctx context.Context, err error) {
			g.log.ErrorContext(ctx, "an OpenID Connect endpoint failed", "error", err)
		},
	})
}

// What the address of a client's key set may cost.
const (
	keySetWait = 3 * time.Second
	keySetSize = 64 << 10
)

// signOutsEvery is how often the queue of sign-outs is looked at.
const signOutsEvery = 10 * time.Second

// deliverSignOuts tells services again what they did not take at once, until ctx ends.
func (g *gateway) deliverSignOuts(ctx context.Context) {
	tick := time.NewTicker(signOutsEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if _, err := g.oidc.Deliver(ctx); err != nil && ctx.Err() == nil {
				g.log.WarnContext(ctx, "queued sign-outs could not all be told", "error", err)
			}
		}
	}
}
