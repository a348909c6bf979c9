package oidcop

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

// ask reads what a client has at addresses, once, while it registers: nobody who signs in waits for it. Only public
// addresses are asked, and why one could not be read is not told, which would say what answers inside.
func (e *endpoints) ask(ctx context.Context, c *checker, m metadata, client string, next *Settings) {
	keys := e.askKeys(ctx, c, m)
	e.askSector(ctx, c, m)
	if len(c.found) == 0 && len(m.RequestURIs) > 0 {
		e.askRequests(ctx, c, m.RequestURIs, client, keys, next)
	}
}

// askKeys gives the keys at jwks_uri, where there is one.
func (e *endpoints) askKeys(ctx context.Context, c *checker, m metadata) []jose.JSONWebKey {
	if m.JWKSURI == "" {
		return nil
	}
	body, ok := e.fetched(ctx, m.JWKSURI)
	keys, err := parseKeySet(body, false)
	if !ok || err != nil {
		c.say("jwks_uri", "no key set with a signature key was read there", "a public https address that answers with a JSON Web Key Set")
	}
	return keys
}

func (e *endpoints) askSector(ctx context.Context, c *checker, m metadata) {
	if m.SectorIdentifierURI == "" {
		return
	}
	body, ok := e.fetched(ctx, m.SectorIdentifierURI)
	var list []string
	if !ok || json.Unmarshal(body, &list) != nil {
		c.say("sector_identifier_uri", "no list of addresses was read there", "a public https address that answers with a JSON array")
		return
	}
	for _, address := range m.RedirectURIs {
		if !slices.Contains(list, address) {
			c.say("sector_identifier_uri", "a return address does not stand in its list (OpenID Connect Registration 5)", "every one of redirect_uris, as written there")
			return
		}
	}
}

func (e *endpoints) fetched(ctx context.Context, address string) ([]byte, bool) {
	if e.cfg.Outside == nil {
		return nil, false
	}
	ctx, cancel := context.WithTimeout(ctx, keysWait)
	defer cancel()
	body, err := e.cfg.Outside.Get(ctx, address)
	return body, err == nil
}
