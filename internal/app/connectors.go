package app

import (
	"errors"

	"ecluse/internal/registry"
	"ecluse/internal/upstream"
	"ecluse/internal/upstream/demo"
	"ecluse/internal/upstream/ldap"
)

// connectorMakers lists every kind of source: one line each. The demo's makes people up, so it is there in the demo only.
func connectorMakers(extra sides) map[string]connectorMaker {
	makers := map[string]connectorMaker{"ldap": newLDAP, "demo": refuseDemo}
	if extra.connectors != nil {
		makers["demo"] = extra.connectors
	}
	return makers
}

func newLDAP(g *gateway, source registry.Source) (upstream.Connector, error) {
	return ldap.New(ldap.Config{
		Source: source, Kit: g.kit, Tickets: g.tickets, Keys: g.ring, Now: g.now, Log: g.log, Path: g.config.path,
	})
}

func refuseDemo(*gateway, registry.Source) (upstream.Connector, error) { return nil, errOutsideDemo }

var errOutsideDemo = errors.New("the connector demo works in the demo only")

// demoConnector makes the demo's sources: the page of people, or the ENT when the source's settings say so.
func demoConnector(people demo.People, ent demo.ENT) connectorMaker {
	return func(g *gateway, source registry.Source) (upstream.Connector, error) {
		c := &demo.Connector{People: people, Kit: g.kit, Now: g.now}
		if isENT, _ := source.Settings["ent"].(bool); isENT {
			c.ENT = &ent
		}
		return c, nil
	}
}
