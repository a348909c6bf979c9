package registry

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"

	"ecluse/internal/person"
)

var hashPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Check says what is wrong with the enabling itself; whether its service, version and establishment are registered, and
// whether it may count, is for others to say.
func (e Enabling) Check(tenants ...person.UAI) []Finding {
	var c checker
	c.id("service", e.Service)
	c.uai("uai", e.UAI, tenants...)
	c.oneOf("state", string(e.State), string(Enabled), string(RefusedHere), string(SuspendedHere), string(ClaimedOnPaper), string(Withdrawn))
	opens := e.State == Enabled || e.State == ClaimedOnPaper
	c.say(opens && e.Declaration == "", "declaration", "the declaration under which it is enabled is missing", "")
	c.say(opens && e.Version < 1, "version", "the version that was accepted is missing", "versions are counted from 1")
	c.say(e.State == ClaimedOnPaper && e.Paper == nil, "paper", "the act that was signed on paper is missing", "act, date, signatory, document")
	c.paper("paper", e.Paper)
	return c
}

// paper wants all that lets a controller recognise the act: nothing is confirmed that cannot be found again.
func (c *checker) paper(where string, p *Paper) {
	if p == nil {
		return
	}
	c.say(p.Act == "", where+".act", "the reference of the act is missing", "")
	c.say(p.Date.IsZero(), where+".date", "the day on which it was signed is missing", "yyyy-mm-dd")
	c.say(p.Signatory == "", where+".signatory", "the office that signed is missing", "recteur, DASEN, chef d'établissement")
	c.hash(where+".document", p.Document)
}

func (c *checker) hash(where, hash string) {
	c.say(!hashPattern.MatchString(hash), where, "the hash of the document is missing or none", "SHA-256 in 64 small hexadecimal digits, as sha256sum prints it")
}

// UnknownProtocol is the protocol of a recipe for a product whose protocol nobody has told yet.
const UnknownProtocol = "unknown"

// Check says what is wrong with the model. Its draft is no whole declaration: what only an academy can answer stays empty
// there, and what says who decides has no place in it. Whether its items are words of the dictionary is attrs' to say.
func (m Model) Check() []Finding {
	var c checker
	c.id("id", m.ID)
	c.say(m.Version < 1, "version", "versions are counted from 1", "")
	c.say(m.Name.FR == "", "name.fr", "a French name is missing", "")
	c.say(m.Vendor == "", "vendor", "who makes it is missing", "")
	c.id("category", m.Category)
	c.say(m.About.FR == "", "about.fr", "what it is, in a sentence, is missing", "")
	c.draft(m.Draft)
	for i, r := range m.Recipes {
		c.recipe(fmt.Sprintf("recipes[%d]", i), r)
	}
	c.dated(m.Sources, m.Date, m.Review)
	return c
}

func (c *checker) draft(d Declaration) {
	for _, f := range []struct {
		where string
		said  bool
	}{
		{"id", d.ID != ""},
		{"service", d.ServiceID != ""},
		{"version", d.Version != 0},
		{"controller", d.Controller != Controller{}},
		{"scope", d.Scope.Level != ""},
		{"from", !d.From.IsZero()},
		{"until", !d.Until.IsZero()},
		{"paper", d.Paper != nil},
	} {
		c.say(f.said, "declaration."+f.where, "only whoever makes a declaration of the model can say this", "leave it out")
	}
	relations := []string{string(Processor), string(JointController), string(PublicBody), string(Internal), string(VendorController)}
	c.oneOf("declaration.supplier.relation", string(d.Supplier.Relation), relations...)
	c.oneOf("declaration.mode", string(d.Mode), string(Pseudonymous), string(Nominative))
	c.oneOf("declaration.pseudonym", string(d.Pseudonym), "", string(PerCycle), string(PerSchoolYear), string(Stable))
	bases := []string{"", string(PublicInterest), string(LegalObligation), string(Consent), string(Contract), string(LegitimateInterest)}
	c.oneOf("declaration.basis.kind", string(d.Basis.Kind), bases...)
	c.profiles("declaration.audience.profiles", d.Audience.Profiles)
	for i, item := range d.Items {
		where := fmt.Sprintf("declaration.items[%d]", i)
		c.profiles(where+".profiles", item.Profiles)
		c.say(item.Justification.FR == "", where+".justification.fr", "why it is needed is missing", "")
	}
}

func (c *checker) recipe(where string, r Recipe) {
	c.oneOf(where+".protocol", r.Protocol, "saml", "oidc", "cas", "link", UnknownProtocol)
	c.oneOf(where+".name_id", r.NameID, "", "persistent", "transient", "emailAddress", "unspecified")
	c.say(r.NameID != "" && r.Protocol != "saml", where+".name_id", "only SAML has one", "")
	c.below(where, r.Binding().Check())
}

// dated wants to know where facts come from, and when somebody looks at them again.
func (c *checker) dated(sources []Reference, date, review Date) {
	c.say(len(sources) == 0, "sources", "where this comes from is missing", "")
	for i, s := range sources {
		where := fmt.Sprintf("sources[%d]", i)
		c.say(s.What == "", where+".what", "what was read is missing", "")
		if u, err := url.Parse(s.URL); s.URL != "" {
			c.say(err != nil || u.Scheme != "https" || u.Host == "", where+".url", fmt.Sprintf("%q is no address", s.URL), "https://host/path")
		}
	}
	c.say(date.IsZero(), "date", "when this was written is missing", "yyyy-mm-dd")
	c.say(review.IsZero() || review.String() <= date.String(), "review", "when it is looked at again is missing or not later", "yyyy-mm-dd")
}

// Check says what is wrong with the assessed tool; whether the models that it offers instead are in the catalogue is for
// whoever has the catalogue to say.
func (a Assessed) Check() []Finding {
	var c checker
	c.id("id", a.ID)
	c.say(a.Name.FR == "", "name.fr", "a French name is missing", "")
	c.say(a.Vendor == "", "vendor", "who makes it is missing", "")
	c.say(slices.Contains(a.Aliases, ""), "aliases", "an empty name", "")
	c.say(len(a.Reasons) == 0, "reasons", "why it was refused is missing", "")
	for i, r := range a.Reasons {
		where := fmt.Sprintf("reasons[%d]", i)
		c.say(r.Text.FR == "", where+".text.fr", "the reason is missing", "")
		c.say(r.Law == "", where+".law", "the legal reference is missing", "")
	}
	c.say(len(a.Alternatives) == 0, "alternatives", "what there is instead is missing", "")
	for i, o := range a.Alternatives {
		where := fmt.Sprintf("alternatives[%d]", i)
		c.say(o.Name == "", where+".name", "its name is missing", "")
		c.say(o.Audience.FR == "", where+".audience.fr", "for whom it is, is missing", "")
		c.say(o.Use.FR == "", where+".use.fr", "for which use it is, is missing", "")
	}
	c.dated(a.Sources, a.Date, a.Review)
	return c
}
