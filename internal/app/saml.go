package app

import (
	"context"
	"net/http"

	"ecluse/internal/fetch"
)

// samlOutside is how services are asked by SOAP to end their sessions, and who hears of what went wrong there.
func samlOutside(g *gateway, development bool) (*http.Client, func(context.Context, error)) {
	outside := fetch.New(fetch.Config{PlainHTTP: development})
	g.closers.add(func() error { outside.Close(); return nil })
	return outside.HTTP(), func(ctx context.Context, err error) {
		g.log.ErrorContext(ctx, "a SAML address failed", "error", err)
	}
}
