package casserver

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ecluse/internal/registry"
)

// CheckSettings says everything that is wrong with a binding to this protocol.
func (s *Server) CheckSettings(b registry.Binding) []registry.Finding { return s.check(b).found }

const allSettings = "services, match, user, ticket_seconds, attributes_in_cas2, logout"

func (s *Server) check(b registry.Binding) *checker {
	c := &checker{local: s.cfg.Development}
	c.address("handle", b.Handle)
	settings, err := parseSettings(b.Settings)
	if err != nil {
		c.say("settings", "they cannot be read: "+err.Error(), "an object with "+allSettings)
		return c
	}
	c.settings = settings
	for i, raw := range settings.Services {
		c.address(fmt.Sprintf("settings.services[%d]", i), raw)
	}
	c.words(b, settings)
	c.names(s, b)
	return c
}

type checker struct {
	local     bool
	settings  Settings
	addresses []address
	found     []registry.Finding
}

func (c *checker) say(where, what, mend string) {
	c.found = append(c.found, registry.Finding{Where: where, What: what, Mend: mend})
}

// address wants one spelling of a registered address, the one in which people can compare two.
func (c *checker) address(where, raw string) {
	const mend = "an https address without query, fragment and user name, as https://service.example/path"
	a, err := parseAddress(raw, c.local)
	switch {
	case err != nil:
		c.say(where, err.Error(), mend)
		return
	case a.query != "":
		c.say(where, "it has a query, which is not looked at", mend)
		return
	case a.usual() != raw && a.usual() != raw+"/":
		c.say(where, "it is not written in the usual form", a.usual())
		return
	case slices.ContainsFunc(c.addresses, func(other address) bool { return other.origin == a.origin && other.path == a.path }):
		c.say(where, "it stands twice", "remove it")
		return
	}
	c.addresses = append(c.addresses, a)
}

// usual is the address without the port that its scheme has anyway.
func (a address) usual() string {
	origin := a.origin
	if scheme, _, _ := strings.Cut(origin, ":"); scheme == "https" {
		origin = strings.TrimSuffix(origin, ":443")
	} else {
		origin = strings.TrimSuffix(origin, ":80")
	}
	return origin + a.path
}

func (c *checker) words(b registry.Binding, s Settings) {
	c.oneOf("settings.match", s.Match, matchBelow, matchExact)
	c.oneOf("settings.user", s.User, userSubject, userTransient)
	if s.User == userTransient && b.Subject != "" {
		c.say("settings.user", "the binding names a subject, which would never be sent", "remove one of the two")
	}
	if most := int(maxTicketLife / time.Second); s.TicketLife < 1 || s.TicketLife > most {
		c.say("settings.ticket_seconds", fmt.Sprintf("%d is out of bounds", s.TicketLife), fmt.Sprintf("1 to %d", most))
	}
}

func (c *checker) oneOf(where, got string, allowed ...string) {
	if !slices.Contains(allowed, got) {
		c.say(where, fmt.Sprintf("%q is not known here", got), strings.Join(allowed, " or "))
	}
}

// names: an attribute is an element, so that its name must be one, and two attributes under one name would be one with
// mixed values to most services.
func (c *checker) names(s *Server, b registry.Binding) {
	seen := map[string]bool{}
	name := func(where, name string) {
		switch {
		case standard(name):
			c.say(where, fmt.Sprintf("%q says something about the sign-in", name), "another name")
		case !elementName(name):
			c.say(where, fmt.Sprintf("%q cannot be the name of an XML element", name), "letters, digits, dots, hyphens and underscores, beginning with a letter")
		case seen[name]:
			c.say(where, fmt.Sprintf("%q is the name of another attribute too", name), "another name")
		}
		seen[name] = true
	}
	for _, word := range slices.Sorted(maps.Keys(b.Names)) {
		name("names."+string(word), b.Names[word])
	}
	for i, o := range b.Outputs {
		if o.Name != "" { // that it is missing is said elsewhere
			name(fmt.Sprintf("outputs[%d].name", i), o.Name)
		}
	}
	for _, word := range slices.Sorted(maps.Keys(b.Names)) {
		for _, other := range s.cfg.Dictionary.Words() {
			entry, _ := s.cfg.Dictionary.Entry(other)
			if other != word && !b.Own(other) && entry.CAS == b.Names[word] {
				c.say("names."+string(word), fmt.Sprintf("%q is the name of another attribute too", entry.CAS), "another name")
			}
		}
	}
}

// standard tells the names of CAS Protocol 2.5.7 that say something about the sign-in.
func standard(name string) bool {
	switch name {
	case attributeDate, attributeLongTerm, attributeNewLogin, "proxyGrantingTicket", "proxies", "user":
		return true
	}
	return false
}

// elementName keeps to the names that every reader of XML takes, and some that read it by pattern.
func elementName(name string) bool {
	for i, c := range []byte(name) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '.' || c == '-')) {
			return false
		}
	}
	return name != "" && len(name) <= 100
}
