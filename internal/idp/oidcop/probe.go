package oidcop

import (
	"context"
	"fmt"

	"ecluse/internal/idp"
	"ecluse/internal/registry"
)

// Probe implements idp.Protocol: the addresses that the client registered. Its keys have no end of their own (RFC 7517),
// and its secrets are not shown.
func (p *Provider) Probe(ctx context.Context, b registry.Binding, reach idp.Reach) (idp.Probed, error) {
	var out idp.Probed
	s, err := parseSettings(b.Settings)
	if err != nil {
		return out, fmt.Errorf("client %s: %w", b.Handle, err)
	}
	add := func(kind idp.AddressKind, way string, list ...string) {
		for _, address := range list {
			if address != "" {
				out.Addresses = append(out.Addresses, idp.Address{Kind: kind, Way: way, URL: address})
			}
		}
	}
	add(idp.ReturnAddress, "redirect_uris", s.RedirectURIs...)
	add(idp.LogoutAddress, "post_logout_redirect_uris", s.PostLogoutRedirectURIs...)
	add(idp.LogoutAddress, "backchannel_logout_uri", s.BackchannelLogoutURI)
	add(idp.LogoutAddress, "frontchannel_logout_uri", s.FrontchannelLogoutURI)
	add(idp.OtherAddress, "jwks_uri", s.JWKSURI)
	out.Ask(ctx, reach)
	return out, nil
}
