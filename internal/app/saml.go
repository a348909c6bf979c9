package app

import (
	"context"
	"net/http"
	"net/netip"

	"ecluse/internal/fetch"
)

// samlOutside is how services are asked by SOAP to end their sessions, and who hears of what went wrong there. Services of
// the demo stand on this machine.
func samlOutside(g *gateway, development bool) (*http.Client, func(context.Context, error)) {
	c := fetch.Config{PlainHTTP: development}
	if development {
		c.Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	outside := fetch.New(c)
	g.closers.add(func() error { outside.Close(); return nil })
	return outside.HTTP(), func(ctx context.Context, err error) {
		g.log.ErrorContext(ctx, "a SAML address failed", "error", err)
	}
}
