package app

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"

	"ecluse/internal/fetch"
)

// toServices is where services are told that a session is over: at public addresses, and in the networks that the operator
// lists. Those of the demo stand on this machine.
func (b *base) toServices(development bool) (fetch.Config, error) {
	inside, err := networks(b.config.ServiceNetworks)
	if err != nil {
		return fetch.Config{}, fmt.Errorf("service_networks: %w", err)
	}
	c := fetch.Config{PlainHTTP: development, Allow: inside}
	if development {
		c.Allow = append(c.Allow, netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"))
	}
	return c, nil
}

// outside is a client for that.
func (g *gateway) outside(development bool) (*http.Client, error) {
	c, err := g.toServices(development)
	if err != nil {
		return nil, err
	}
	client := fetch.New(c)
	g.closers.add(func() error { client.Close(); return nil })
	return client.HTTP(), nil
}

// samlOutside is how services are asked by SOAP to end their sessions, and who hears of what went wrong there.
func samlOutside(g *gateway, development bool) (*http.Client, func(context.Context, error), error) {
	outside, err := g.outside(development)
	return outside, func(ctx context.Context, err error) {
		g.log.ErrorContext(ctx, "a SAML address failed", "error", err)
	}, err
}
