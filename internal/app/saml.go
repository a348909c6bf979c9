package app

import (
	"context"
	"net/http"
	"net/netip"

	"ecluse/internal/fetch"
)

// toServices is where services are told that a session is over: at public addresses alone. Those of the demo stand on this
// machine.
func toServices(development bool) fetch.Config {
	c := fetch.Config{PlainHTTP: development}
	if development {
		c.Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	return c
}

// samlOutside is how services are asked by SOAP to end their sessions, and who hears of what went wrong there.
func samlOutside(g *gateway, development bool) (*http.Client, func(context.Context, error)) {
	outside := fetch.New(toServices(development))
	g.closers.add(func() error { outside.Close(); return nil })
	return outside.HTTP(), func(ctx context.Context, err error) {
		g.log.ErrorContext(ctx, "a SAML address failed", "error", err)
	}
}
