package app

import (
	"ecluse/internal/handbook"
	"ecluse/internal/idp"
	"ecluse/internal/idp/casserver"
	"ecluse/internal/idp/console"
	"ecluse/internal/idp/oidcop"
	"ecluse/internal/idp/samlidp"
	"ecluse/internal/login"
	"ecluse/internal/notices"
	"ecluse/internal/portal"
	"ecluse/internal/portal/published"
	"ecluse/internal/upstream/demo"
	"ecluse/internal/upstream/ldap"
	"ecluse/internal/upstream/local"
	"ecluse/internal/web"
)

// newProtocols makes every protocol that we speak to services: one line each.
func newProtocols(g *gateway, development bool) (map[string]idp.Protocol, error) {
	client, failed, err := samlOutside(g, development)
	if err != nil {
		return nil, err
	}
	saml, err := samlidp.New(samlidp.Config{
		Kit: g.kit, Keys: g.ring, Tickets: g.tickets, Now: g.now, Development: development, Watch: watcher{g.canary}, Entities: g.entities(), About: g.config.asProvider(),
		Dictionary: g.words, Client: client, Failed: failed, ECP: g.config.SAML.ECP,
	})
	if err != nil {
		return nil, err
	}
	if g.oidc, err = newOP(g, development); err != nil {
		return nil, err
	}
	cas, err := newCAS(g, development)
	if err != nil {
		return nil, err
	}
	if g.console, err = g.newConsole(); err != nil {
		return nil, err
	}
	return protocolsOf(saml, g.oidc, cas, g.console), nil
}

// contributions lists every package that brings pages.
func contributions() []web.Contribution {
	return append(deskPages(), login.Pages(), samlidp.Pages(), oidcop.Pages(), casserver.Pages(), console.Pages(), portal.Pages(), portal.RightsPages(), portal.ChildrenPages(), portal.DataPages(), published.Pages(), handbook.Pages(), demo.Pages(), ldap.Pages(), local.Pages(), notices.Pages())
}
