package app

import (
	"context"

	"ecluse/internal/idp/casserver"
)

// newCAS makes the CAS server. What it sends to services by itself, which is sign-outs, goes to public addresses and the networks listed for it.
func newCAS(g *gateway, development bool) (*casserver.Server, error) {
	outside, err := g.outside(development)
	if err != nil {
		return nil, err
	}
	return casserver.New(casserver.Config{
		Kit: g.kit, Tickets: g.tickets, Dictionary: g.words, Now: g.now, Development: development, Client: outside,
		Watch: watcher{g.canary},
		Failed: func(ctx context.Context, err error) {
			g.log.ErrorContext(ctx, "a CAS address failed", "error", err)
		},
		Refused: func(ctx context.Context, service, why string) {
			g.log.WarnContext(ctx, "a CAS ticket was refused", "service", service, "reason", why)
		},
	})
}
