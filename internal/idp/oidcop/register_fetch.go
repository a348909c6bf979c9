package oidcop

import (
	"context"
	"encoding/json"
	"slices"
)

// ask reads what a client has at addresses, once, while it registers: nobody who signs in waits for it. Only public
// addresses are asked, and why one could not be read is not told, which would say what answers inside.
func (e *endpoints) ask(ctx context.Context, c *checker, m metadata) {
	if m.JWKSURI != "" {
		body, ok := e.fetched(ctx, m.JWKSURI)
		if _, err := parseKeySet(body, false); !ok || err != nil {
			c.say("jwks_uri", "no key set with a signature key was read there", "a public https address that answers with a JSON Web Key Set")
		}
	}
	if m.SectorIdentifierURI != "" {
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
