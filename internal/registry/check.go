package registry

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"

	"ecluse/internal/person"
)

var idPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// checker gathers findings.
type checker []Finding

func (c *checker) say(bad bool, where, what, mend string) {
	if bad {
		*c = append(*c, Finding{Where: where, What: what, Mend: mend})
	}
}

func (c *checker) id(where, id string) {
	c.say(!idPattern.MatchString(id), where, fmt.Sprintf("%q is no identifier", id), "small letters, digits, dot, dash, underscore; 64 at most")
}

// uai wants the one spelling that a person's affiliations have: a local refusal in small letters would refuse nobody.
func (c *checker) uai(where string, uai person.UAI) {
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
	c.say(len(s.Bindings) == 0 && s.ID != House, "bindings", "a service needs one binding at least", "")
	for i, b := range s.Bindings {
		where := fmt.Sprintf("bindings[%d]", i)
		c.say(b.Protocol == "", where+".protocol", "the protocol is missing", "saml or oidc")
		c.say(b.Handle == "" || len(b.Handle) > 1024, where+".handle", "the name that the protocol's messages give the service is missing", "a SAML entityID or an OIDC client_id")
	}
	return c
}

// Check says what is wrong with the establishment.
func (e Establishment) Check() []Finding {
	var c checker
	if !e.Test || len(e.UAI) != 8 {
		c.uai("uai", e.UAI)
	}
	c.say(e.Name == "", "name", "the name is missing", "")
	c.say(e.Academy == "", "academy", "the academy is missing", "")
	c.say(e.Department == "", "department", "the department is missing", "")
	c.oneOf("kind", string(e.Kind), string(Ecole), string(College), string(Lycee), string(Office))
	for i, way := range e.Ways {
		c.way(fmt.Sprintf("ways[%d]", i), way)
	}
	return c
}

func (c *checker) way(where string, w Way) {
	c.address(where+".url", w.URL)
	c.say(w.Label == "", where+".label", "what the other side is called is missing", "Mon ENT")
}

// Check says what is wrong with the source; its settings are its connector's to check.
func (s Source) Check() []Finding {
	var c checker
	c.id("id", s.ID)
	c.say(s.Name.FR == "", "name.fr", "a French name is missing", "")
	c.say(s.Connector == "", "connector", "the kind of connector is missing", "ldap")
	c.authority(s)
	if s.Way != nil {
		c.way("way", *s.Way)
	}
	for i, uai := range s.UAIs {
		c.uai(fmt.Sprintf("uais[%d]", i), uai)
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
	case s.Mapping.Authority == "":
		c.say(true, "mapping.authority", "who guarantees the identifiers is missing", s.Authority)
	default:
		bad := s.Authority != "" && s.Authority != s.Mapping.Authority
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

// Check says what is wrong with the declaration's form: what it names must exist and fit. Whether it may be approved is
// policy's to say, and whether its items are words of the dictionary is attrs' to say.
func (d Declaration) Check() []Finding {
	var c checker
	c.id("id", d.ID)
	c.id("service", d.ServiceID)
	c.say(d.Version < 1, "version", "versions are counted from 1", "")
	c.controller("controller", d.Controller)
	c.oneOf("supplier.relation", string(d.Supplier.Relation), string(Processor), string(JointController), string(PublicBody), string(Internal))
	c.oneOf("basis.kind", string(d.Basis.Kind), string(PublicInterest), string(LegalObligation), string(Consent), string(Contract), string(LegitimateInterest))
	c.oneOf("mode", string(d.Mode), string(Pseudonymous), string(Nominative))
	c.oneOf("pseudonym", string(d.Pseudonym), "", string(PerCycle), string(PerSchoolYear), string(Stable))
	c.say(d.MaxSession < 0, "max_session", "a span cannot be negative", "")
	c.span("", d.From, d.Until)
	c.scope(d.Scope)
	c.paper("paper", d.Paper)
	c.profiles("audience.profiles", d.Audience.Profiles)
	c.say(len(d.Audience.Profiles) == 0, "audience.profiles", "for whom is missing: nobody is declared", "[National_ELV]")
	c.say(d.Audience.MinAge < 0 || d.Audience.MinAge > 99, "audience.min_age", "no age", "")
	for i, item := range d.Items {
		c.profiles(fmt.Sprintf("items[%d].profiles", i), item.Profiles)
	}
	return c
}

func (c *checker) profiles(where string, list []person.Profile) {
	for i, p := range list {
		if !slices.Contains(person.Profiles(), p) {
			c.say(true, fmt.Sprintf("%s[%d]", where, i), fmt.Sprintf("%q is no profile", p), fmt.Sprintf("one of %q", person.Profiles()))
		}
	}
}

func (c *checker) scope(s Scope) {
	c.oneOf("scope.level", string(s.Level), string(ByAcademy), string(ByDepartment), string(ByEstablishment))
	c.say(s.Level == ByAcademy && len(s.Academies) == 0, "scope.academies", "the academy is missing", "")
	c.say(s.Level == ByDepartment && len(s.Departments) == 0, "scope.departments", "the department is missing", "")
	c.say(s.Level == ByEstablishment && len(s.UAIs) == 0, "scope.uais", "the establishments are missing", "")
	for i, uai := range s.UAIs {
		c.uai(fmt.Sprintf("scope.uais[%d]", i), uai)
	}
}

// Check says what is wrong with the delegation.
func (d Delegation) Check() []Finding {
	var c checker
	c.id("id", d.ID)
	c.say(d.Function == "", "function", "the function that receives the delegation is missing", "")
	c.say(d.Act == "", "act", "the reference of the act is missing", "")
	c.uai("uai", d.UAI)
	c.span("", d.From, d.Until)
	return c
}
