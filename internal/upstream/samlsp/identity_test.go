package samlsp_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
	"ecluse/internal/upstream"
)

// attributes is an AttributeStatement.
func attributes(said map[string][]string) string {
	var b strings.Builder
	b.WriteString("<saml:AttributeStatement>")
	for name, values := range said {
		b.WriteString(`<saml:Attribute Name="` + name + `" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri">`)
		for _, v := range values {
			b.WriteString("<saml:AttributeValue>" + v + "</saml:AttributeValue>")
		}
		b.WriteString("</saml:Attribute>")
	}
	return b.String() + "</saml:AttributeStatement>"
}

// saying answers with these attributes and gives what was handed over.
func (g *gate) saying(t testing.TB, said map[string][]string, change ...string) upstream.Assertion {
	t.Helper()
	q := g.ask(t, upstream.Challenge{})
	document := theirAnswer(q.AuthnRequest, g.now(), change...)
	from, to := strings.Index(document, "<saml:AttributeStatement>"), strings.Index(document, "</saml:Assertion>")
	document = document[:from] + attributes(said) + document[to:]
	if w := g.answer(signed(t, provider(), document, "Assertion"), q.RelayState); w.Code != http.StatusNoContent {
		t.Fatalf("status %d, %v", w.Code, g.host.Failures())
	}
	return g.host.Last(t)
}

func TestScopedValuesAreThoseOfTheProvidersOwnDomains(t *testing.T) {
	t.Parallel()
	const eppn = "urn:oid:1.3.6.1.4.1.5923.1.1.1.6"
	said := map[string][]string{
		eppn: {"zoe@ent.example.org", "zoe@ENT.example.org", "zoe@autre.example", "zoe@ent.example.org.autre.example", "zoe@pasent.example.org", "zoe@x.ent.example.org", "zoe", "@ent.example.org", "a@autre.example@ent.example.org"},
		"urn:oasis:names:tc:SAML:attribute:pairwise-id": {"x@autre.example"},
		"mail": {"zoe@autre.example"}, "eleve": {"1@autre.example", "2@ent.example.org", "3@pont.example"},
	}
	g := newGate(t, setup{settings: map[string]any{"scoped": []any{"eleve"}, "scopes": []any{"Pont.example"}}})
	a := g.saying(t, said)
	for name, want := range map[string][]string{
		eppn: {"zoe@ent.example.org", "zoe@ENT.example.org", "a@autre.example@ent.example.org"}, "urn:oasis:names:tc:SAML:attribute:pairwise-id": nil,
		"mail": {"zoe@autre.example"}, "eleve": {"2@ent.example.org", "3@pont.example"},
	} {
		if got := a.Attributes[name]; !slices.Equal(got, want) {
			t.Errorf("%s: %d values, want %d", name, len(got), len(want))
		}
	}
	if said := g.logged.String(); !strings.Contains(said, eppn) || strings.Contains(said, "zoe") {
		t.Errorf("logged %s", said)
	}
	none := newGate(t, setup{settings: map[string]any{"metadata": theirXML(provider(), "<shibmd:Scope>", `<shibmd:Scope regexp="1">`)}})
	if a := none.saying(t, said); len(a.Attributes[eppn]) != 0 {
		t.Error("a provider without a scope speaks for one")
	}
}

func TestATransientNameIsNobodysName(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	if a := g.saying(t, nil, "nameid-format:persistent", "nameid-format:transient"); len(a.Attributes) != 0 || a.Session == "" {
		t.Errorf("%d attributes", len(a.Attributes))
	}
	if a := g.saying(t, map[string][]string{"NameID": {"admin"}}); !slices.Equal(a.Attributes["NameID"], []string{"p-71f2"}) {
		t.Error("an attribute passes for the NameID")
	}
	if a := g.saying(t, map[string][]string{"NameID": {"admin"}}, "nameid-format:persistent", "nameid-format:transient"); len(a.Attributes["NameID"]) != 0 {
		t.Error("an attribute passes for the NameID that is not there")
	}
}

func TestASessionIsThatOfOnePerson(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	one, again := g.saying(t, nil), g.saying(t, nil)
	other, later := g.saying(t, nil, "p-71f2", "p-71f3"), g.saying(t, nil, `SessionIndex="s1"`, `SessionIndex="s2"`)
	if one.Session != again.Session || one.Session == other.Session || one.Session == later.Session || strings.Contains(one.Session, "p-71f2") {
		t.Error("sessions are not told apart, or tell whose they are")
	}
	if none := g.saying(t, nil, ` SessionIndex="s1"`, ""); none.Session != "" {
		t.Error("a session that has no name")
	}
}

const oid = "urn:oid:1.3.6.1.4.1.20326.10.999.1."

// resolved is the person that a source's mapping makes of what was handed over.
func resolved(t testing.TB, m *person.Mapping, authority string, a upstream.Assertion) person.Person {
	t.Helper()
	p, err := registry.Source{Authority: authority, Mapping: m}.Reading().Resolve(a.Raw)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func roles(p person.Person) []string {
	var out []string
	for _, a := range p.Affiliations {
		out = append(out, string(a.UAI)+" "+string(a.Profile))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestAPupilComesFromEduConnect(t *testing.T) {
	t.Parallel()
	m := person.Mapping{Like: "educonnect"}
	g := newGate(t, setup{mapping: &m, settings: map[string]any{"answer_age": "10m"}})
	p := resolved(t, &m, "educonnect", g.saying(t, map[string][]string{
		oid + "7": {"eleve2d"}, oid + "57": {strings.Repeat("0f", 48)}, oid + "64": {strings.Repeat("ab", 16)}, oid + "67": {"2012-03-04"},
		oid + "72": {"0280202T"}, oid + "73": {"2115"}, oid + "76": {"Mme"}, "urn:oid:2.5.4.4": {"Petit"}, "urn:oid:2.5.4.42": {"Zoé"},
	}))
	if p.Key != (person.Key{Authority: "educonnect", ID: strings.Repeat("0f", 48)}) || !slices.Equal(roles(p), []string{"0280202T " + string(person.Pupil)}) ||
		!slices.Equal(p.Values[person.GivenName], []string{"Zoé"}) || !slices.Equal(p.Affiliations[0].Values[person.Level], []string{"4EME"}) {
		t.Errorf("roles %v", roles(p))
	}
	if p.Authn.Method != saml.ClassPasswordTransport || p.Age.Band(g.now()) != person.Under15 {
		t.Errorf("signed in by %q", p.Authn.Method)
	}
}

func TestAParentOfTwoChildrenComesFromEduConnect(t *testing.T) {
	t.Parallel()
	m := person.Mapping{Like: "educonnect"}
	g := newGate(t, setup{mapping: &m})
	p := resolved(t, &m, "educonnect", g.saying(t, map[string][]string{
		oid + "7": {"resp1d", "resp2d"}, oid + "57": {strings.Repeat("1e", 48)}, "urn:oid:2.5.4.4": {"Petit"}, "urn:oid:2.5.4.42": {"Anne"},
		"FrEduVecteur": {"1|Petit|Anne|33|0280101H", "2|Petit|Anne|44|0280202T"},
	}))
	if !slices.Equal(roles(p), []string{"0280101H " + string(person.Guardian), "0280202T " + string(person.Guardian)}) || len(p.Wards) != 2 || p.Wards[0].Child == p.Wards[1].Child {
		t.Errorf("roles %v, %d children", roles(p), len(p.Wards))
	}
	for _, w := range p.Wards {
		if w.Authority != person.Unknown {
			t.Error("a vector says who holds parental authority")
		}
	}
}

func TestATeacherComesFromAnENTWithTheNamesOfTheSDET(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	p := resolved(t, nil, "ac", g.saying(t, map[string][]string{
		"ENTPersonJointure": {"AC$77"}, "sn": {"Martin"}, "ENTPersonStructRattach": {"0280202T"}, "ENTPersonProfils": {"0280202T$National_ENS"},
		"ENTAuxEnsClassesMatieres": {"0280202T$4A$030201"},
	}))
	if p.Key != (person.Key{Authority: "ac", ID: "AC$77"}) || len(roles(p)) != 1 || !strings.HasPrefix(roles(p)[0], "0280202T ") || !slices.Equal(p.Values[person.FamilyName], []string{"Martin"}) {
		t.Errorf("roles %v", roles(p))
	}
}

func TestSomebodyIsKnownByTheirNameIDWhereTheMappingSaysSo(t *testing.T) {
	t.Parallel()
	m := person.Mapping{Authority: "univ", ID: "NameID", Values: map[person.Attr]string{person.Mail: "urn:oid:0.9.2342.19200300.100.1.3"}}
	g := newGate(t, setup{mapping: &m})
	if strings.Contains(string(ourMetadata(t, g)), `Name="NameID"`) {
		t.Error("the NameID is asked for as an attribute")
	}
	p := resolved(t, &m, "univ", g.saying(t, nil))
	if p.Key != (person.Key{Authority: "univ", ID: "p-71f2"}) {
		t.Error("somebody else")
	}
	if _, err := m.Resolve(g.saying(t, nil, "nameid-format:persistent", "nameid-format:transient").Raw); err == nil {
		t.Error("somebody by a transient name")
	}
}
