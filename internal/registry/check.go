package registry

import (
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"ecluse/internal/person"
)

var idPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// tenantPattern is a UAI whose letter may be wrong. Its spelling is the usual one all the same, so that two references to
// one tenant are the same.
var tenantPattern = regexp.MustCompile(`^[0-9]{7}[A-Z]$`)

// TestTenants lists the UAIs of test tenants among establishments.
func TestTenants(list ...Establishment) []person.UAI {
	var out []person.UAI
	for _, e := range list {
		if e.Test {
			out = append(out, e.UAI)
		}
	}
	return out
}

// checker gathers findings.
type checker []Finding

func (c *checker) say(bad bool, where, what, mend string) {
	if bad {
		*c = append(*c, Finding{Where: where, What: what, Mend: mend})
	}
}

// below takes over findings about something that stands at where.
func (c *checker) below(where string, findings []Finding) {
	for _, f := range findings {
		f.Where = where + "." + f.Where
		*c = append(*c, f)
	}
}

func (c *checker) id(where, id string) {
	c.say(!idPattern.MatchString(id), where, fmt.Sprintf("%q is no identifier", id), "small letters, digits, dot, dash, underscore; 64 at most")
}

// uai wants the one spelling that a person's affiliations have: a local refusal in small letters would refuse nobody.
// What a test tenant is called stands, a wrong letter included.
func (c *checker) uai(where string, uai person.UAI, tenants ...person.UAI) {
	if slices.Contains(tenants, uai) {
		return
	}
	canonical, err := person.ParseUAI(string(uai))
	if err != nil {
		c.say(true, where, err.Error(), "")
		return
	}
	c.say(canonical != uai, where, fmt.Sprintf("UAI %q is not in its usual spelling", uai), string(canonical))
}

func (c *checker) address(where, raw string) {
	u, err := url.Parse(raw)
	ok := err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && u.Fragment == ""
	c.say(!ok, where, fmt.Sprintf("%q is no address", raw), "https://host/path")
}

func (c *checker) oneOf(where, word string, words ...string) {
	c.say(!slices.Contains(words, word), where, fmt.Sprintf("%q is not known", word), fmt.Sprintf("one of %q", words))
}

// Check says what is wrong with the service itself; its bindings' settings are its protocols' to check.
func (s Service) Check() []Finding {
	var c checker
	c.id("id", s.ID)
	c.say(s.Name.FR == "", "name.fr", "a French name is missing", "")
	c.say(s.Sentence.FR == "", "sentence.fr", "what it is for, in one sentence a pupil reads, is missing", "")
	c.say(s.Provider == "", "provider", "the provider is missing", "")
	if s.Sector != "" {
		c.id("sector", s.Sector)
	}
	if s.Start != "" {
		c.address("start", s.Start)
	}
	c.oneOf("narrow", string(s.Narrow), "", string(Pseudonymous))
	link := s.Start != "" // a link sends nothing and needs no binding
	c.say(len(s.Bindings) == 0 && !link && s.ID != House, "bindings", "a service needs one binding at least", "or an address where it begins, for a link alone")
	for i, b := range s.Bindings {
		where := fmt.Sprintf("bindings[%d]", i)
		c.say(b.Protocol == "", where+".protocol", "the protocol is missing", "saml, oidc or cas")
		c.say(b.Handle == "" || len(b.Handle) > 1024, where+".handle", "the name that the protocol's messages give the service is missing", "a SAML entityID or an OIDC client_id")
		c.below(where, b.Check())
	}
	if s.Listing != nil {
		c.listing(*s.Listing)
	}
	return c
}

// Check says what is wrong with the establishment.
func (e Establishment) Check() []Finding {
	var c checker
	if !e.Test || !tenantPattern.MatchString(string(e.UAI)) {
		c.uai("uai", e.UAI)
	}
	c.say(e.Name == "", "name", "the name is missing", "")
	c.say(e.Academy == "", "academy", "the academy is missing", "")
	c.say(e.Department == "", "department", "the department is missing", "")
	c.oneOf("kind", string(e.Kind), string(Ecole), string(College), string(Lycee), string(Office), string(Circonscription))
	c.oneOf("devices", string(e.Devices), "", string(SharedDevices), string(PersonalDevices))
	c.say(e.Pupils < 0, "pupils", fmt.Sprintf("%d is not a number of pupils", e.Pupils), "0 where nobody counted")
	c.mailbox("mailbox", e.Mailbox)
	for i, way := range e.Ways {
		c.way(fmt.Sprintf("ways[%d]", i), way)
	}
	return c
}

// mailbox wants a bare address, or none. What is wrong repeats nothing of it.
func (c *checker) mailbox(where, address string) {
	if address == "" {
		return
	}
	parsed, err := mail.ParseAddress(address)
	_, domain, _ := strings.Cut(address, "@")
	ok := err == nil && parsed.Address == address && len(address) <= 254 && strings.Contains(domain, ".") &&
		!strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("{}\"<>,;", r) })
	c.say(!ok, where, "it is no mail address", "ce.0280202t@ac-exemple.fr")
}

func (c *checker) way(where string, w Way) {
	c.address(where+".url", w.URL)
	c.say(w.Label == "", where+".label", "what the other side is called is missing", "Mon ENT")
}

// Check says what is wrong with the source; its settings are its connector's to check. tenants are the UAIs of
// registered test tenants, which may carry a wrong letter.
func (s Source) Check(tenants ...person.UAI) []Finding {
	var c checker
	c.id("id", s.ID)
	c.say(s.Name.FR == "", "name.fr", "a French name is missing", "")
	c.say(s.Connector == "", "connector", "the kind of connector is missing", "ldap")
	c.authority(s)
	c.vouching(s)
	if s.Way != nil {
		c.way("way", *s.Way)
	}
	for i, uai := range s.UAIs {
		c.uai(fmt.Sprintf("uais[%d]", i), uai, tenants...)
	}
	c.say(s.Declaration == nil, "declaration", "a source needs a declaration of its own, which covers the interconnection", "")
	if d := s.Declaration; d != nil {
		c.say(d.Reference == "", "declaration.reference", "the register entry's reference is missing", "")
		c.say(d.Covers == "", "declaration.covers", "the purpose, as extended to the interconnection, is missing", "")
		c.controller("declaration.controller", d.Controller)
		c.span("declaration", d.From, d.Until)
	}
	return c
}

// authority wants the one name under which the source's identifiers are filed: a mapping of its own brings its own.
func (c *checker) authority(s Source) {
	switch {
	case s.Mapping == nil:
		c.say(s.Authority == "", "authority", "who guarantees the identifiers is missing", "")
	case s.Mapping.Authority == "" && (s.Mapping.Like == "" || s.Authority == ""):
		c.say(true, "mapping.authority", "who guarantees the identifiers is missing", s.Authority)
	default:
		bad := s.Authority != "" && s.Mapping.Authority != "" && s.Authority != s.Mapping.Authority
		c.say(bad, "authority", "the mapping names another authority", s.Mapping.Authority)
	}
}

func (c *checker) controller(where string, x Controller) {
	c.say(x.Name == "", where+".name", "the controller is missing", "")
	c.say(x.Office == "", where+".office", "the function that answers is missing", "")
	c.say(x.DPO == "", where+".dpo", "how to reach the data-protection officer is missing", "")
}

func (c *checker) span(where string, from, until Date) {
	if where != "" {
		where += "."
	}
	c.say(from.IsZero(), where+"from", "the first day is missing", "yyyy-mm-dd")
	c.say(until.IsZero(), where+"until", "the last day is missing", "yyyy-mm-dd")
	bad := !from.IsZero() && !until.IsZero() && until.String() < from.String()
	c.say(bad, where+"until", fmt.Sprintf("the last day, %s, is before the first, %s", until, from), "")
}

// Check says what is wrong with the delegation. tenants are the UAIs of registered test tenants.
func (d Delegation) Check(tenants ...person.UAI) []Finding {
	var c checker
	c.id("id", d.ID)
	c.say(d.Function == "", "function", "the function that receives the delegation is missing", "")
	c.say(d.Act == "", "act", "the reference of the act is missing", "")
	c.uai("uai", d.UAI, tenants...)
	c.span("", d.From, d.Until)
	return c
}
