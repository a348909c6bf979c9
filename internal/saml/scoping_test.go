package saml_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ecluse/internal/saml"
)

// inRequest puts something into a plain request.
func inRequest(inside string) string {
	return strings.Replace(requestXML, "</samlp:AuthnRequest>", inside+"</samlp:AuthnRequest>", 1)
}

func scopingWith(inside string) string {
	return inRequest("<samlp:Scoping" + inside + "</samlp:Scoping>")
}

func entries(n int, id string) string {
	return "<samlp:IDPList>" + strings.Repeat(`<samlp:IDPEntry ProviderID="`+id+`"/>`, n) + "</samlp:IDPList>"
}

// wishAttacks are requests that say whom they are about, or who may be asked, in ways that are refused. They are written
// with -update; none is signed.
func wishAttacks() map[string]string {
	const requester = "<samlp:RequesterID>https://behind.example</samlp:RequesterID>"
	subject := func(inside string) string { return inRequest("<saml:Subject>" + inside + "</saml:Subject>") }
	return map[string]string{
		"request-control-subject.xml": "accept: about one person\n" + subject("<saml:NameID>p-71f2</saml:NameID>"),
		"request-control-scoping.xml": "accept: as many entries and requesters as are read\n" + scopingWith(` ProxyCount="1">`+entries(64, "https://ent.example")+strings.Repeat(requester, 16)),

		"request-subject-two-names.xml":       "refuse syntax: two persons\n" + subject("<saml:NameID>p-71f2</saml:NameID><saml:NameID>p-0000</saml:NameID>"),
		"request-subject-name-behind.xml":     "refuse syntax: a name behind an encrypted one\n" + subject("<saml:EncryptedID/><saml:NameID>p-0000</saml:NameID>"),
		"request-subject-twice.xml":           "refuse syntax: two Subjects\n" + inRequest(strings.Repeat("<saml:Subject><saml:NameID>p-71f2</saml:NameID></saml:Subject>", 2)),
		"request-subject-empty.xml":           "refuse syntax: a name without a value\n" + subject("<saml:NameID/>"),
		"request-subject-long.xml":            "refuse syntax: a name that nobody would be given\n" + subject("<saml:NameID>"+strings.Repeat("p", 1025)+"</saml:NameID>"),
		"request-subject-markup.xml":          "refuse syntax: markup in a name\n" + subject("<saml:NameID>p-71<saml:x/>f2</saml:NameID>"),
		"request-subject-comment.xml":         "refuse shape: a comment in a name\n" + subject("<saml:NameID>p-71<!-- -->f2</saml:NameID>"),
		"request-subject-foreign.xml":         "refuse syntax: a name of another vocabulary\n" + subject(`<x:NameID xmlns:x="urn:x">p-71f2</x:NameID>`),
		"request-scoping-many-idps.xml":       "refuse syntax: a flood of providers\n" + scopingWith(">"+entries(65, "https://ent.example")),
		"request-scoping-many-requesters.xml": "refuse syntax: a flood of requesters\n" + scopingWith(">"+strings.Repeat(requester, 17)),
		"request-scoping-long-id.xml":         "refuse syntax: a provider with a long name\n" + scopingWith(">"+entries(1, "https://"+strings.Repeat("e", 1024))),
		"request-scoping-no-id.xml":           "refuse syntax: a provider without a name\n" + scopingWith("><samlp:IDPList><samlp:IDPEntry/></samlp:IDPList>"),
		"request-scoping-two-lists.xml":       "refuse syntax: two lists, of which each reader might take another\n" + scopingWith(">"+entries(1, "https://a.example")+entries(1, "https://b.example")),
		"request-scoping-twice.xml":           "refuse syntax: two Scopings\n" + inRequest(strings.Repeat("<samlp:Scoping></samlp:Scoping>", 2)),
		"request-scoping-count.xml":           "refuse syntax: a count that is no number\n" + scopingWith(` ProxyCount="-1">`),
		"request-scoping-foreign.xml":         "refuse syntax: what nobody knows\n" + scopingWith(`><x:IDPList xmlns:x="urn:x"/>`),
		"request-index-two.xml":               "refuse syntax: two indexes\n" + strings.Replace(requestXML, " ID=", ` AttributeConsumingServiceIndex="0" AttributeConsumingServiceIndex="1" ID=`, 1),
		"request-index-negative.xml":          "refuse syntax: a negative index\n" + strings.Replace(requestXML, " ID=", ` AttributeConsumingServiceIndex="-1" ID=`, 1),
		"request-index-huge.xml":              "refuse syntax: an index beyond its type\n" + strings.Replace(requestXML, " ID=", ` AttributeConsumingServiceIndex="65536" ID=`, 1),
	}
}

func TestMakeWishAttacks(t *testing.T) {
	t.Parallel()
	for name, content := range wishAttacks() {
		path := filepath.Join("testdata", "attacks", name)
		if *updateAttacks {
			if err := os.WriteFile(path, []byte(content), 0o644); err != nil { //nolint:gosec // test data
				t.Fatal(err)
			}
		}
		if kept, err := os.ReadFile(path); err != nil || string(kept) != content {
			t.Errorf("%s is not kept as it is made: %v", name, err)
		}
	}
}

func TestScopingIsReadAsFarAsItMatters(t *testing.T) {
	t.Parallel()
	for inside, noProxy := range map[string]bool{
		">": false, ` ProxyCount="0">`: true, ` ProxyCount=" 000 ">`: true, ` ProxyCount="+0">`: true, ` ProxyCount="10">`: false,
		` ProxyCount="0">` + entries(2, " https://ent.example "): true,
	} {
		r, err := saml.ParseAuthnRequest([]byte(scopingWith(inside)))
		if err != nil || r.NoProxy != noProxy {
			t.Errorf("%s: no proxy %v, %v", inside, r.NoProxy, err)
		}
		if strings.Contains(inside, "IDPList") && (len(r.IDPList) != 2 || r.IDPList[0] != "https://ent.example") {
			t.Errorf("%s: list %q", inside, r.IDPList)
		}
	}
	for _, count := range []string{"", "0x0", "1e3", "--1", "1234567890"} {
		if _, err := saml.ParseAuthnRequest([]byte(scopingWith(` ProxyCount="` + count + `">`))); !errors.Is(err, saml.ErrSyntax) {
			t.Errorf("count %q: %v", count, err)
		}
	}
}

func TestSubjectIsReadWhereItIsANameAndNothingElse(t *testing.T) {
	t.Parallel()
	full := saml.NameID{Value: "p-71f2", Format: saml.NameIDPersistent, NameQualifier: "https://us.example", SPNameQualifier: "https://lire.example.org/sp"}
	const confirmation = `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"/>`
	for inside, want := range map[string]saml.NameID{
		"<saml:NameID>p-71f2</saml:NameID>": {Value: "p-71f2"},
		`<saml:NameID Format="` + full.Format + `" NameQualifier="` + full.NameQualifier + `" SPNameQualifier="` + full.SPNameQualifier + `">p-71f2</saml:NameID>`: full,

		"<saml:NameID>p-71f2</saml:NameID>" + confirmation: {},
		confirmation: {},
		"<saml:EncryptedID><x xmlns=''/></saml:EncryptedID>": {},
		"<saml:BaseID/>": {},
		`<saml:NameID SPProvidedID="x">p-71f2</saml:NameID>`: {},
		"": {},
	} {
		r, err := saml.ParseAuthnRequest([]byte(inRequest("<saml:Subject>" + inside + "</saml:Subject>")))
		if err != nil || !r.HasSubject || r.Subject != want {
			t.Errorf("%s: %v, has one: %v, read as wanted: %v", inside, err, r.HasSubject, r.Subject == want)
		}
	}
}
