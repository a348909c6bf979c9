package oidcop

import (
	"encoding/json"

	"ecluse/internal/registry"
)

// DraftSettings is the part of Settings about a client that registers itself. Its sector_identifier_uri is shown to whoever
// reviews it and joins no family of services: pseudonyms follow the register's.
type DraftSettings struct {
	Registration        string `json:"registration,omitempty"`          // empty at the desk; "awaited" and nothing else, or "made"
	SectorIdentifierURI string `json:"sector_identifier_uri,omitempty"` // which named every return address when it was fetched
}

const (
	registrationAwaited = "awaited"
	registrationMade    = "made"
)

// awaits tells a binding whose client is still to come, which is no client.
func (s DraftSettings) awaits() bool { return s.Registration == registrationAwaited }

// awaited: what waits for a registration says nothing else, so that nothing is there which nobody looked at.
func (c *checker) awaited(raw json.RawMessage) {
	var all map[string]json.RawMessage
	if json.Unmarshal(raw, &all) != nil || len(all) > 1 {
		c.say("settings.registration", "other settings stand beside a registration that is awaited", "leave them to the registration, or leave out registration")
	}
}

func (c *checker) registration(s Settings) {
	c.oneOf("settings.registration", s.Registration, "", registrationMade)
	if s.SectorIdentifierURI != "" {
		if what := c.address(s.SectorIdentifierURI); what != "" {
			c.say("settings.sector_identifier_uri", what, "an https address, complete, without fragment and user name")
		}
	}
}

// reviewed tells whether a service's declaration was ever approved by whom it takes, and is not over: a client that
// registered itself is none before.
func reviewed(snapshot *registry.Snapshot, service string) bool {
	for _, d := range snapshot.Declarations(service) {
		if d.State == registry.Approved || d.State == registry.Suspended {
			return true
		}
	}
	return false
}
