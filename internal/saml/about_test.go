package saml_test

import (
	"encoding/xml"
	"slices"
	"strings"
	"testing"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/saml"
)

func about() saml.About {
	both := func(fr, en string) []saml.LocalName {
		return []saml.LocalName{{Lang: "fr", Text: fr}, {Lang: "en", Text: en}}
	}
	return saml.About{
		DisplayNames: both("Écluse", "Ecluse <&>"), Descriptions: both("Passerelle", "Gateway"),
		Logos:           []saml.Logo{{URL: "https://www.example.org/logo.png?a=1&b=2", Width: 80, Height: 60}, {Lang: "fr", URL: "https://www.example.org/fr.png", Width: 16, Height: 16}},
		InformationURLs: both("https://www.example.org/fr", "https://www.example.org/en"),
		PrivacyURLs:     both("https://www.example.org/confidentialite", "https://www.example.org/privacy"),
		OrgNames:        both("Académie", "Academy"), OrgURLs: both("https://www.example.org/", "https://www.example.org/en"),
		Contacts: []saml.Contact{
			{Role: "technical", Name: "Technique", Mail: "tech@example.org"},
			{Role: "support", Mail: "mailto:aide@example.org"},
			{Role: "security", Name: "Sécurité", Mail: "securite@example.org"},
		},
		Attributes: []saml.EntityAttribute{
			{Name: saml.EntityCategory, Values: []string{"http://refeds.org/category/hide-from-discovery"}},
			{Name: saml.EntityCategorySupport},
			{Name: saml.AssuranceCertification, Values: []string{"https://refeds.org/sirtfi", "https://refeds.org/sirtfi2"}},
		},
		Scopes: []string{"example.org", "lycee.example.org"},
	}
}

// told is the part of our metadata that crewjam's types leave out, read by encoding/xml with its names in full.
type told struct {
	Extensions struct {
		Digests []struct {
			Algorithm string `xml:",attr"`
		} `xml:"urn:oasis:names:tc:SAML:metadata:algsupport DigestMethod"`
		Methods []struct {
			Algorithm  string `xml:",attr"`
			MinKeySize string `xml:",attr"`
		} `xml:"urn:oasis:names:tc:SAML:metadata:algsupport SigningMethod"`
		Entity struct {
			Attributes []struct {
				Name   string   `xml:",attr"`
				Values []string `xml:"urn:oasis:names:tc:SAML:2.0:assertion AttributeValue"`
			} `xml:"urn:oasis:names:tc:SAML:2.0:assertion Attribute"`
		} `xml:"urn:oasis:names:tc:SAML:metadata:attribute EntityAttributes"`
	} `xml:"Extensions"`
	Role struct {
		Scopes []struct {
			Regexp string `xml:"regexp,attr"`
			Text   string `xml:",chardata"`
		} `xml:"urn:mace:shibboleth:metadata:1.0 Scope"`
		Discovery []struct {
			Location string `xml:",attr"`
		} `xml:"urn:oasis:names:tc:SAML:profiles:SSO:idp-discovery-protocol DiscoveryResponse"`
		UI struct {
			Names []struct {
				Lang string `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
				Text string `xml:",chardata"`
			} `xml:"DisplayName"`
			Logos []struct {
				Width  int    `xml:"width,attr"`
				Height int    `xml:"height,attr"`
				URL    string `xml:",chardata"`
			} `xml:"Logo"`
			Privacy []string `xml:"PrivacyStatementURL"`
			Inform  []string `xml:"InformationURL"`
		} `xml:"urn:oasis:names:tc:SAML:metadata:ui UIInfo"`
	} `xml:"IDPSSODescriptor>Extensions"`
	Contacts []struct {
		Security string `xml:"http://refeds.org/metadata contactType,attr"`
		Mail     string `xml:"EmailAddress"`
	} `xml:"ContactPerson"`
}

func TestOurMetadataTellsFederationsAndPeopleWhatWasConfigured(t *testing.T) {
	t.Parallel()
	doc, err := rsaIdentity().signer.AppendIDPMetadata(nil, idpMetadata(rsaIdentity()))
	if err != nil {
		t.Fatal(err)
	}
	var read told
	if err := xml.Unmarshal(doc, &read); err != nil {
		t.Fatal(err)
	}
	e, role := read.Extensions, read.Role
	if len(e.Digests) != 3 || len(e.Methods) != 6 || e.Methods[0].MinKeySize != "2048" || strings.Contains(string(doc), "sha1\"") {
		t.Errorf("algorithms: %+v %+v", e.Digests, e.Methods)
	}
	of := e.Entity.Attributes
	if len(of) != 2 || of[0].Name != saml.EntityCategory || of[1].Name != saml.AssuranceCertification ||
		!slices.Equal(of[1].Values, []string{"https://refeds.org/sirtfi", "https://refeds.org/sirtfi2"}) {
		t.Errorf("entity attributes: %+v", of)
	}
	if len(role.Scopes) != 2 || role.Scopes[0].Text != "example.org" || role.Scopes[0].Regexp != "false" || len(role.Discovery) != 0 {
		t.Errorf("scopes: %+v, discovery %+v", role.Scopes, role.Discovery)
	}
	ui := role.UI
	if len(ui.Names) != 2 || ui.Names[0].Lang != "fr" || ui.Names[1].Text != "Ecluse <&>" || len(ui.Logos) != 2 || ui.Logos[0].Width != 80 ||
		ui.Logos[0].Height != 60 || ui.Logos[0].URL != "https://www.example.org/logo.png?a=1&b=2" || len(ui.Privacy) != 2 || len(ui.Inform) != 2 {
		t.Errorf("for people: %+v", ui)
	}
	c := read.Contacts
	if len(c) != 3 || !strings.Contains(string(doc), `<md:ContactPerson contactType="technical">`) || c[1].Mail != "mailto:aide@example.org" ||
		!strings.Contains(string(doc), ` contactType="other" remd:contactType=`) || c[2].Security != "http://refeds.org/metadata/contactType/security" || c[2].Mail != "mailto:securite@example.org" {
		t.Errorf("contacts: %+v", c)
	}
	facts, err := saml.ParseIDPMetadata(doc, now())
	if err != nil || !slices.Equal(facts.Scopes, []string{"example.org", "lycee.example.org"}) || facts.Patterns != 0 || len(facts.DisplayNames) != 2 {
		t.Errorf("our own reader: %+v, %v", facts, err)
	}
	var theirs crewjam.EntityDescriptor
	if err := xml.Unmarshal(doc, &theirs); err != nil || theirs.CacheDuration.Hours() != 6 || theirs.Organization == nil ||
		len(theirs.Organization.OrganizationURLs) != 2 {
		t.Errorf("another reader: %+v, %v", theirs, err)
	}
}

func TestOurMetadataWithNothingToTellSaysNothingEmpty(t *testing.T) {
	t.Parallel()
	m := idpMetadata(rsaIdentity())
	m.About = saml.About{}
	doc, err := rsaIdentity().signer.AppendIDPMetadata(nil, m)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"mdui:", "mdattr:", "shibmd:", "Organization", "ContactPerson"} {
		if strings.Contains(string(doc), name) {
			t.Errorf("%s is written", name)
		}
	}
	xmlsec1(t, doc, rsaIdentity(), "EntityDescriptor")
}

// A source learns with what to encrypt: authenticated encryption, and no key transport by PKCS #1 v1.5.
func TestOurServiceMetadataSaysHowToEncryptAndWhereDiscoveryAnswers(t *testing.T) {
	t.Parallel()
	doc, err := rsaIdentity().signer.AppendSPMetadata(nil, spDocument(rsaIdentity()))
	if err != nil {
		t.Fatal(err)
	}
	md, err := saml.ParseSPMetadata(doc, now())
	if err != nil || len(md.EncryptionKeys) != 1 {
		t.Errorf("%+v, %v", md.EncryptionKeys, err)
	}
	text := string(doc)
	for _, method := range []string{"2009/xmlenc11#aes256-gcm", "2009/xmlenc11#rsa-oaep", "2001/04/xmlenc#rsa-oaep-mgf1p"} {
		if !strings.Contains(text, `<md:EncryptionMethod Algorithm="http://www.w3.org/`+method+`">`) {
			t.Errorf("%s is not offered", method)
		}
	}
	if strings.Contains(text, "rsa-1_5") || strings.Contains(text, "-cbc") {
		t.Error("an algorithm is offered that must not be")
	}
	if !strings.Contains(text, `Location="https://lire.example.org/discovery" index="0"></idpdisc:DiscoveryResponse>`) {
		t.Error("where a discovery service answers is missing")
	}
}
