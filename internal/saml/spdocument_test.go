package saml_test

import (
	"bytes"
	"encoding/xml"
	"testing"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/saml"
)

func spDocument(who identity) *saml.SPDocument {
	return &saml.SPDocument{
		EntityID: spEntity, ValidUntil: now().AddDate(0, 0, 14), Certificates: [][]byte{who.der, ecIdentity().der}, RequestsSigned: true,
		ACS: []string{"https://lire.example.org/acs", "https://lire.example.org/acs2?x=1&y=\"2\""}, LogoutRedirect: "https://lire.example.org/logout",
		LogoutPost: "https://lire.example.org/logout", NameIDFormats: []string{saml.NameIDPersistent},
		About: about(), Encryption: [][]byte{rsaIdentity().der}, Discovery: "https://lire.example.org/discovery",
		Attributes: []saml.RequestedAttribute{
			{Name: "urn:oid:2.5.4.4", NameFormat: saml.AttrNameURI, FriendlyName: "sn"}, {Name: "ENTPersonJointure", Required: true},
		},
	}
}

func TestOurServiceMetadataIsAcceptedByXMLSecAndReadByTwo(t *testing.T) {
	t.Parallel()
	for key, who := range identities() {
		doc, err := who.signer.AppendSPMetadata(nil, spDocument(who))
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		xmlsec1(t, doc, who, "EntityDescriptor")
		body, err := saml.VerifyRoot(doc, saml.MetadataLimits(), who.public())
		if err != nil {
			t.Fatalf("%s: our own verifier: %v", key, err)
		}
		checkSPDocument(t, body, doc)
	}
}

func checkSPDocument(t *testing.T, verified, doc []byte) {
	t.Helper()
	md, err := saml.ParseSPMetadata(verified, now())
	if err != nil {
		t.Fatal(err)
	}
	if md.EntityID != spEntity || len(md.ACS) != 2 || !md.ACS[0].IsDefault || md.ACS[1].IsDefault || len(md.SigningKeys) != 2 || len(md.EncryptionKeys) != 1 ||
		!md.WantAssertionsSigned || !md.AuthnRequestsSigned || len(md.SingleLogout) != 2 || len(md.DisplayNames) != 2 ||
		len(md.AttributeRequest) != 1 || !md.AttributeRequest[0].Attributes[1].Required || md.AttributeRequest[0].Attributes[0].FriendlyName != "sn" {
		t.Errorf("our own reader: %+v", md)
	}
	var theirs crewjam.EntityDescriptor
	if err := xml.Unmarshal(doc, &theirs); err != nil {
		t.Fatal(err)
	}
	sp := theirs.SPSSODescriptors[0]
	if theirs.EntityID != spEntity || theirs.CacheDuration.Hours() != 6 || len(sp.AssertionConsumerServices) != 2 || len(sp.KeyDescriptors) != 3 ||
		sp.AttributeConsumingServices[0].RequestedAttributes[1].Name != "ENTPersonJointure" {
		t.Errorf("another reader: %+v", theirs)
	}
}

func TestOurServiceMetadataIsByteStable(t *testing.T) {
	t.Parallel()
	for key, who := range identities() {
		one, err1 := who.signer.AppendSPMetadata(nil, spDocument(who))
		two, err2 := who.signer.AppendSPMetadata(make([]byte, 0, 1<<15), spDocument(who))
		if err1 != nil || err2 != nil || !bytes.Equal(one, two) {
			t.Errorf("%s: equal inputs give different bytes (%v, %v)", key, err1, err2)
		}
		changed := spDocument(who)
		changed.ACS[0] += "2"
		three, err := who.signer.AppendSPMetadata(nil, changed)
		if err != nil || bytes.Equal(one[:200], three[:200]) {
			t.Errorf("%s: a change keeps the document's ID (%v)", key, err)
		}
	}
}

func TestOurServiceMetadataRefusesGaps(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*saml.SPDocument){
		"no entityID":    func(m *saml.SPDocument) { m.EntityID = "" },
		"no certificate": func(m *saml.SPDocument) { m.Certificates = nil },
		"no address":     func(m *saml.SPDocument) { m.ACS = nil },
		"empty address":  func(m *saml.SPDocument) { m.ACS[1] = "" },
		"no name":        func(m *saml.SPDocument) { m.About.DisplayNames = nil },
		"unnamed":        func(m *saml.SPDocument) { m.Attributes[0].Name = "" },
		"forbidden byte": func(m *saml.SPDocument) { m.LogoutPost = "https://a\x01" },
	} {
		m := spDocument(rsaIdentity())
		set(m)
		if doc, err := rsaIdentity().signer.AppendSPMetadata([]byte("x"), m); err == nil || string(doc) != "x" {
			t.Errorf("%s: written", name)
		}
	}
}
