package app

import (
	"context"

	"ecluse/internal/fetch"
	"ecluse/internal/idp/casserver"
)

// newCAS makes the CAS server. What it sends to services by itself, which is sign-outs, goes to public addresses alone.
func newCAS(g *gateway, development bool) (*casserver.Server, error) {
	outside := fetch.New(toServices(development))
	g.closers.add(func() error { outside.Close(); return nil })
	return casserver.New(casserver.Config{
		Kit: g.kit, Tickets: g.tickets, Dictionary: g.words, Now: g.now, Development: development, Client: outside.HTTP(),
		Watch: watcher{g.canary},
		Failed: func(ctx context.Context, err error) {
			g.log.ErrorContext(ctx, "a CAS address failed", "error", err)
		},
		Refused: func(ctx context.Context, service, why string) {
			g.log.WarnContext(ctx, "a CAS ticket was refused", "service", service, "reason", why)
		},
	})
}
