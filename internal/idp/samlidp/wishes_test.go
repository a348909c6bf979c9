package samlidp_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/idp"
	"ecluse/internal/idp/samlidp"
	"ecluse/internal/registry"
)

const (
	transientFormat = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
	entIDP          = "https://ent.example/idp"
)

// rebind changes the settings of one service.
func (h *house) rebind(tb testing.TB, id string, how func(*samlidp.Settings), md string) {
	tb.Helper()
	s := samlidp.Settings{Metadata: md}
	how(&s)
	h.change(func(g *gateway) {
		for i := range g.contents.Services {
			if service := &g.contents.Services[i]; service.ID == id {
				subject := service.Bindings[0].Subject
				service.Bindings = []registry.Binding{bind(tb, entity(id), s)}
				service.Bindings[0].Subject = subject
			}
		}
	})
}

// source makes the one source a provider of a kind, and adds others that nobody uses.
func (h *house) source(kind string, others ...registry.Source) {
	h.change(func(g *gateway) {
		g.contents.Sources[0].Connector, g.contents.Sources[0].Settings = kind, map[string]any{"idp": entIDP}
		g.contents.Sources = append(g.contents.Sources, others...)
	})
}

// scoping puts a Scoping into a request.
func scoping(tb testing.TB, r *crewjam.AuthnRequest, inside string) string {
	tb.Helper()
	doc := document(tb, r)
	out := strings.Replace(doc, "</samlp:AuthnRequest>", "<samlp:Scoping"+inside+"</samlp:Scoping></samlp:AuthnRequest>", 1)
	if out == doc {
		tb.Fatal("the request has no end")
	}
	return out
}

func idps(ids ...string) string {
	out := "><samlp:IDPList>"
	for _, id := range ids {
		out += `<samlp:IDPEntry ProviderID="` + id + `"/>`
	}
	return out + "</samlp:IDPList>"
}

// about is a request for one person.
func about(value, format string) func(*crewjam.AuthnRequest) {
	return func(r *crewjam.AuthnRequest) {
		r.Subject = &crewjam.Subject{NameID: &crewjam.NameID{Value: value, Format: format}}
	}
}

// TestEveryStatusCodeOnTheWire has one row for each code that a service may be told (SAML Core 3.2.2.2).
func TestEveryStatusCodeOnTheWire(t *testing.T) {
	t.Parallel()
	failing := func(kind idp.Kind) func(*house) {
		return func(h *house) { h.change(func(g *gateway) { g.says = &idp.Failure{Kind: kind, Ref: ref} }) }
	}
	none := func(*crewjam.AuthnRequest) {}
	for _, c := range []struct {
		code, detail, message string
		house                 func(*house)
		how                   func(*crewjam.AuthnRequest)
		scoping               string
	}{
		{code: "VersionMismatch", how: func(r *crewjam.AuthnRequest) { r.Version = "3.0" }},
		{code: "Requester", message: ref, house: failing(idp.BadRequest)},
		{code: "Requester", detail: "RequestUnsupported", how: func(r *crewjam.AuthnRequest) { r.AttributeConsumingServiceIndex = "9" }},
		{code: "Requester", detail: "InvalidNameIDPolicy", how: format("urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos")},
		{code: "Requester", detail: "NoAuthnContext", how: func(r *crewjam.AuthnRequest) {
			r.RequestedAuthnContext = classes("better", "http://eidas.europa.eu/LoA/high")
		}},
		{code: "Requester", detail: "UnknownPrincipal", how: about("anybody", transientFormat)},
		{code: "Requester", detail: "NoSupportedIDP", scoping: idps("https://nobody.example/idp")},
		{code: "Responder", detail: "NoAvailableIDP", scoping: idps(entIDP), house: func(h *house) {
			h.change(func(g *gateway) { g.contents.Sources[0].Suspended = true })
		}},
		{code: "Responder", detail: "ProxyCountExceeded", scoping: ` ProxyCount="0">`},
		{code: "Responder", detail: "UnknownPrincipal", message: ref, how: about("somebody", persistentFormat)},
		{code: "Responder", detail: "NoAuthnContext", message: ref, how: func(r *crewjam.AuthnRequest) {
			r.RequestedAuthnContext = classes("minimum", "https://refeds.org/profile/mfa")
		}},
		{code: "Responder", detail: "RequestDenied", message: ref, house: failing(idp.Denied)},
		{code: "Responder", detail: "NoPassive", message: ref, house: failing(idp.PassiveFailed)},
		{code: "Responder", detail: "AuthnFailed", message: ref, house: failing(idp.SignInFailed)},
		{code: "Responder", message: ref, house: failing(idp.Internal)},
	} {
		t.Run(c.code+c.detail, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.source("saml")
			if c.house != nil {
				c.house(h)
			}
			if c.how == nil {
				c.how = none
			}
			p := newParty(t, h, "lire")
			r := p.request(t, crewjam.HTTPPostBinding, c.how)
			doc := document(t, r)
			if c.scoping != "" {
				doc = scoping(t, r, c.scoping)
			}
			p.told(t, h.posted(t, doc, "relay"), r, "relay", c.code, c.detail, c.message)
		})
	}
}

func TestRequestForOnePersonIsAnsweredForThatPersonAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lire, suite := newParty(t, h, "lire"), newParty(t, h, "suite")
	suite.AuthnNameIDFormat = crewjam.EmailAddressNameIDFormat
	number := lire.sign(t).Subject.NameID.Value
	elsewhere := newParty(t, h, "cle").sign(t).Subject.NameID.Value
	for name, c := range map[string]struct {
		party *party
		id    crewjam.NameID
	}{
		"by the pseudonym":              {lire, crewjam.NameID{Value: number, Format: persistentFormat}},
		"by the pseudonym, no format":   {lire, crewjam.NameID{Value: number}},
		"by the pseudonym, in its name": {lire, crewjam.NameID{Value: number, Format: persistentFormat, NameQualifier: h.base + "/saml/metadata", SPNameQualifier: entity("lire")}},
		"by the released mail address":  {suite, crewjam.NameID{Value: "lea@ecole.example", Format: emailFormat}},
	} {
		a := c.party.sign(t, func(r *crewjam.AuthnRequest) { r.Subject = &crewjam.Subject{NameID: &c.id} })
		if a.Subject.NameID.Value != c.id.Value {
			t.Errorf("%s: the answer is about another", name)
		}
		if h.last.Hints != (idp.Hints{}) {
			t.Errorf("%s: the name was passed on as a hint", name)
		}
		if strings.Contains(string(h.last.State), c.id.Value) {
			t.Errorf("%s: the name is kept with the request", name)
		}
	}
	for name, c := range map[string]struct {
		party      *party
		id         crewjam.NameID
		code       string
		atTheStart bool
	}{
		"somebody else":                       {lire, crewjam.NameID{Value: number[1:] + "0", Format: persistentFormat}, "Responder", false},
		"their number at another service":     {lire, crewjam.NameID{Value: elsewhere, Format: persistentFormat}, "Responder", false},
		"a name from another provider":        {lire, crewjam.NameID{Value: number, Format: persistentFormat, NameQualifier: "https://other.example"}, "Requester", true},
		"a name in another service's space":   {lire, crewjam.NameID{Value: number, Format: persistentFormat, SPNameQualifier: entity("cle")}, "Requester", true},
		"a mail address that is not released": {lire, crewjam.NameID{Value: "lea@ecole.example", Format: emailFormat}, "Requester", true},
		"a mail address in capitals":          {suite, crewjam.NameID{Value: "LEA@ecole.example", Format: emailFormat}, "Responder", false},
		"a name of one time":                  {lire, crewjam.NameID{Value: "_x", Format: transientFormat}, "Requester", true},
	} {
		before := h.starts()
		r := c.party.request(t, crewjam.HTTPPostBinding, func(r *crewjam.AuthnRequest) { r.Subject = &crewjam.Subject{NameID: &c.id} })
		words := ref
		if c.atTheStart {
			words = ""
		}
		c.party.told(t, h.posted(t, document(t, r), ""), r, "", c.code, "UnknownPrincipal", words)
		if started := h.starts() != before; started == c.atTheStart {
			t.Errorf("%s: a sign-in was begun: %v", name, started)
		}
	}
}

// What tells whether somebody exists must not depend on whether they do: nobody is looked up.
func TestSubjectThatExistsAndOneThatDoesNotGetTheSameAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := newParty(t, h, "lire")
	mine := p.sign(t).Subject.NameID.Value
	h.change(func(g *gateway) { g.person.Key.ID = "hugo" })
	var said []string
	for _, value := range []string{mine, strings.Repeat("0", 128)} {
		r := p.request(t, crewjam.HTTPPostBinding, about(value, persistentFormat))
		got := h.posted(t, document(t, r), "")
		p.told(t, got, r, "", "Responder", "UnknownPrincipal", ref)
		said = append(said, string(got.response(t)))
	}
	if len(said[0]) != len(said[1]) {
		t.Error("the two answers differ in length")
	}
}

func TestSubjectThatIsMoreThanANameIsNotAnswered(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := newParty(t, h, "lire")
	number := p.sign(t).Subject.NameID.Value
	for name, inside := range map[string]string{
		"with a confirmation": `<saml:NameID>` + number + `</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"/>`,
		"a confirmation":      `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"/>`,
		"encrypted":           `<saml:EncryptedID/>`,
		"a base of their own": `<saml:BaseID/>`,
		"given by them":       `<saml:NameID SPProvidedID="x">` + number + `</saml:NameID>`,
		"nothing":             ``,
	} {
		r := p.request(t, crewjam.HTTPPostBinding)
		doc := strings.Replace(document(t, r), "</samlp:AuthnRequest>", "<saml:Subject>"+inside+"</saml:Subject></samlp:AuthnRequest>", 1)
		before := h.starts()
		p.told(t, h.posted(t, doc, ""), r, "", "Requester", "RequestUnsupported", "")
		if h.starts() != before {
			t.Errorf("%s: a sign-in was begun", name)
		}
	}
}

func TestScopeLeadsToTheOneSourceThatIsNamed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.source("saml", registry.Source{ID: "educonnect", Connector: "saml", Settings: map[string]any{"idp": "https://edu.example/idp"}},
		registry.Source{ID: "annuaire", Connector: "ldap", Settings: map[string]any{"idp": "https://ldap.example"}})
	p := newParty(t, h, "lire")
	ours := h.base + "/saml/metadata"
	ask := func(inside string) (page, *crewjam.AuthnRequest) {
		r := p.request(t, crewjam.HTTPPostBinding)
		return h.posted(t, scoping(t, r, inside), ""), r
	}
	for name, c := range map[string]struct{ inside, hint string }{
		"a list of one source":          {idps(entIDP), "ent"},
		"and of one that nobody knows":  {idps("https://nobody.example", entIDP), "ent"},
		"a list of two sources":         {idps(entIDP, "https://edu.example/idp"), ""},
		"a list of us":                  {idps(ours), ""},
		"a list of us and a source":     {idps("https://edu.example/idp", ours), ""},
		"one indirection":               {` ProxyCount="1">`, ""},
		"a service behind this one":     {`><samlp:RequesterID>https://behind.example</samlp:RequesterID>`, ""},
		"a list that goes on elsewhere": {`><samlp:IDPList><samlp:IDPEntry ProviderID="` + entIDP + `"/><samlp:GetComplete>http://127.0.0.1:9/more</samlp:GetComplete></samlp:IDPList>`, "ent"},
	} {
		got, r := ask(c.inside)
		p.accepts(t, got, r.ID)
		if h.last.Hints.Source != c.hint {
			t.Errorf("%s: hint %q, want %q", name, h.last.Hints.Source, c.hint)
		}
	}
	got, r := ask(idps("https://edu.example/idp")) // the person came from another source all the same
	p.told(t, got, r, "", "Responder", "AuthnFailed", ref)
	for name, c := range map[string]struct{ inside, code, detail string }{
		"a directory has no entityID":  {idps("https://ldap.example"), "Requester", "NoSupportedIDP"},
		"a source by our own id":       {idps("ent"), "Requester", "NoSupportedIDP"},
		"a list without indirection":   {` ProxyCount="0"` + idps(entIDP), "Responder", "ProxyCountExceeded"},
		"none allowed, a directory is": {` ProxyCount="00">`, "Responder", "AuthnFailed"},
	} {
		got, r := ask(c.inside)
		words := ""
		if c.detail == "AuthnFailed" {
			words = ref
			if h.last.Hints.Source != "annuaire" {
				t.Errorf("%s: hint %q", name, h.last.Hints.Source)
			}
		}
		p.told(t, got, r, "", c.code, c.detail, words)
	}
}

// withSets is metadata with two sets of attributes: the given name, and what is asked.
func withSets(id, asked string) string {
	set := func(index int, attributes string) string {
		return fmt.Sprintf(`<md:AttributeConsumingService index="%d"><md:ServiceName xml:lang="fr">Essai</md:ServiceName>%s</md:AttributeConsumingService>`, index, attributes)
	}
	sets := set(0, `<md:RequestedAttribute Name="urn:oid:2.5.4.42"/>`) + set(3, asked)
	return strings.Replace(metadata(id, plainMD), "</md:SPSSODescriptor>", sets+"</md:SPSSODescriptor>", 1)
}

func TestIndexOfAttributesOnlyNarrows(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := newParty(t, h, "lire")
	names := func(index string) []string {
		var out []string
		for _, s := range p.sign(t, func(r *crewjam.AuthnRequest) { r.AttributeConsumingServiceIndex = index }).AttributeStatements {
			for _, a := range s.Attributes {
				out = append(out, a.Name)
			}
		}
		return out
	}
	all := names("")
	if len(all) < 3 {
		t.Fatalf("without an index: %v", all)
	}
	h.rebind(t, "lire", func(*samlidp.Settings) {}, withSets("lire", `<md:RequestedAttribute Name="`+all[1]+`"/><md:RequestedAttribute Name="urn:oid:2.5.4.4"/>`))
	if got := names(""); !slices.Equal(got, all) {
		t.Errorf("without an index: %v", got)
	}
	if got := names("0"); len(got) != 0 { // the given name is not declared
		t.Errorf("the first set: %v", got)
	}
	if got := names("3"); !slices.Equal(got, all[1:2]) {
		t.Errorf("the other set: %v, want %v", got, all[1:2])
	}
	for _, index := range []string{"1", "65535"} {
		r := p.request(t, crewjam.HTTPPostBinding, func(r *crewjam.AuthnRequest) { r.AttributeConsumingServiceIndex = index })
		p.told(t, h.posted(t, document(t, r), ""), r, "", "Requester", "RequestUnsupported", "")
	}
}

func TestNameSpaceOfAnAffiliationIsGivenWhereItIsDeclared(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := newParty(t, h, "lire")
	group := "https://groupe.example/affiliation"
	space := func(of string) func(*crewjam.AuthnRequest) {
		return func(r *crewjam.AuthnRequest) { r.NameIDPolicy.SPNameQualifier = &of }
	}
	own := p.sign(t, space(entity("lire"))).Subject.NameID
	h.rebind(t, "lire", func(s *samlidp.Settings) { s.Affiliation = group }, metadata("lire", plainMD))
	shared := p.sign(t, space(group)).Subject.NameID
	if own.SPNameQualifier != entity("lire") || shared.SPNameQualifier != group || shared.Value != own.Value {
		t.Errorf("qualifiers %q and %q; the same number: %v", own.SPNameQualifier, shared.SPNameQualifier, shared.Value == own.Value)
	}
	r := p.request(t, crewjam.HTTPPostBinding, space("https://other.example/affiliation"))
	p.told(t, h.posted(t, document(t, r), ""), r, "", "Requester", "InvalidNameIDPolicy", "")
}

func TestSignInIsSaidInTheClassThatWasAskedFor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := newParty(t, h, "lire")
	const low, substantial, high = "http://eidas.europa.eu/LoA/low", "http://eidas.europa.eu/LoA/substantial", "http://eidas.europa.eu/LoA/high"
	const mfa, card = "https://refeds.org/profile/mfa", "urn:oasis:names:tc:SAML:2.0:ac:classes:Smartcard"
	for _, c := range []struct{ method, assurance, comparison, asked, said string }{
		{ppt, "eidas2", "exact", substantial, substantial},
		{ppt, "eidas2", "exact", ppt, ppt},
		{ppt, "eidas2", "minimum", low, substantial},
		{ppt, "eidas2", "minimum", ppt, ppt},
		{ppt, "eidas2", "better", low, substantial},
		{ppt, "eidas2", "maximum", low, ppt},
		{ppt, "eidas2", "minimum", high, ""},
		{ppt, "eidas2", "exact", low, ""},
		{mfa, "", "minimum", ppt, mfa},
		{mfa, "", "exact", ppt, ""},
		{mfa, "", "minimum", substantial, ""},
		{ppt, "", "minimum", card, ""},
		{card, "", "minimum", ppt, ""},
		{card, "", "better", ppt, ""},
		{"urn:x:own", "", "exact", "urn:x:own", "urn:x:own"},
		{"urn:x:own", "", "minimum", "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified", ""},
		{"", "eidas1", "exact", low, low},
		{"", "eidas1", "", "", "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"},
	} {
		h.change(func(g *gateway) { g.person.Authn.Method, g.person.Authn.Assurance = c.method, c.assurance })
		r := p.request(t, crewjam.HTTPPostBinding, func(r *crewjam.AuthnRequest) {
			if c.asked != "" {
				r.RequestedAuthnContext = classes(c.comparison, c.asked)
			}
		})
		got := h.posted(t, document(t, r), "")
		if c.said == "" {
			p.told(t, got, r, "", "Responder", "NoAuthnContext", ref)
			continue
		}
		if said := p.accepts(t, got, r.ID).AuthnStatements[0].AuthnContext.AuthnContextClassRef.Value; said != c.said {
			t.Errorf("%+v: said %s", c, said)
		}
	}
}
