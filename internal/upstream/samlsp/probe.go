package samlsp

import (
	"context"
	"fmt"
	"time"

	"ecluse/internal/registry"
)

// soon is how long before its end metadata, or a key's container, is worth a word.
const soon = 14 * 24 * time.Hour

// Probe implements upstream.Connector. Metadata that has an address is asked for now, so that it tells how things are and
// not how the last copy fares; then it says how old that copy is.
func (c *Connector) Probe(ctx context.Context) []registry.Finding {
	var p probe
	if c.theirs.entities != nil {
		return p.published(c)
	}
	refresh := c.theirs.refresh(ctx)
	h := c.theirs.held.Load()
	if refresh != nil {
		p.say("metadata_url", "their metadata could not be refreshed: "+refresh.Error()+"; "+h.age(c.now()),
			"check the address, idp and metadata_keys_file")
	}
	if h != nil {
		p.held(h, c)
	}
	return p.found
}

// published says how the metadata fares that is kept with that of others; it is asked for in its own time.
func (p *probe) published(c *Connector) []registry.Finding {
	h, err := c.theirs.current()
	if err != nil {
		p.say("metadata_from", "nobody can sign in: "+err.Error(), "see gateway metadata")
		return p.found
	}
	if at, failed := c.theirs.entities.Fares(c.settings.MetadataFrom, c.settings.IDP); failed != "" {
		kept := held{fetched: at}
		p.say("metadata_from", "their metadata could not be refreshed: "+failed+"; "+kept.age(c.now()), "see gateway metadata")
	}
	p.held(h, c)
	return p.found
}

type probe struct{ found []registry.Finding }

func (p *probe) say(key, what, mend string) {
	p.found = append(p.found, registry.Finding{Where: "settings." + key, What: what, Mend: mend})
}

// age says how old the last good copy is.
func (h *held) age(now time.Time) string {
	if h == nil {
		return "there is no good copy"
	}
	return fmt.Sprintf("the last good copy is %s old", now.Sub(h.fetched).Truncate(time.Minute))
}

func (p *probe) held(h *held, c *Connector) {
	now := c.now()
	switch {
	case h.ended(now):
		p.say("metadata", "their metadata ended on "+h.ValidUntil.Format(time.DateOnly)+": nobody can sign in", "newer metadata")
	case !h.ValidUntil.IsZero() && c.theirs.source == nil && c.theirs.entities == nil && !now.Add(soon).Before(h.ValidUntil):
		p.say("metadata", "their metadata ends on "+h.ValidUntil.Format(time.DateOnly), "newer metadata, or metadata_url")
	}
	for _, certificate := range h.SigningKeys {
		if !now.Before(certificate.NotAfter) {
			p.say("metadata", "the certificate "+certificate.Fingerprint[:16]+" ended on "+certificate.NotAfter.Format(time.DateOnly)+"; its key still counts",
				"ask them whether the key does")
		}
	}
	if h.Patterns > 0 && len(h.Scopes)+len(c.settings.Scopes) == 0 {
		p.say("scopes", "their metadata has scopes as patterns alone, which are not read", "name their domains in scopes")
	}
}
