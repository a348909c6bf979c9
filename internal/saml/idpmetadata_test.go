package saml_test

import (
	"bytes"
	"encoding/xml"
	"testing"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/saml"
)

func idpMetadata(who identity) *saml.IDPMetadata {
	return &saml.IDPMetadata{
		EntityID: idpEntity, ValidUntil: now().AddDate(0, 0, 7),
		Certificates: [][]byte{who.der, ecIdentity().der},
		SSORedirect:  "https://gateway.example.org/saml/sso", SSOPost: "https://gateway.example.org/saml/sso?x=1&y=\"2\"",
		LogoutRedirect: "https://gateway.example.org/saml/slo", LogoutPost: "https://gateway.example.org/saml/slo",
		LogoutSOAP: "https://gateway.example.org/saml/slo/soap", ArtifactSOAP: "https://gateway.example.org/saml/artifact",
		NameIDFormats: []string{saml.NameIDPersistent, saml.NameIDTransient},
		About:         about(),
	}
}

func TestIDPMetadataIsAcceptedByXMLSec(t *testing.T) {
	t.Parallel()
	for key, who := range identities() {
		doc, err := who.signer.AppendIDPMetadata(nil, idpMetadata(who))
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		xmlsec1(t, doc, who, "EntityDescriptor")
		if _, err := saml.VerifyRoot(doc, saml.MetadataLimits(), who.public()); err != nil {
			t.Errorf("%s: our own verifier: %v", key, err)
		}
	}
}

func TestIDPMetadataIsByteStable(t *testing.T) {
	t.Parallel()
	for key, who := range identities() {
		one, err1 := who.signer.AppendIDPMetadata(nil, idpMetadata(who))
		two, err2 := who.signer.AppendIDPMetadata(make([]byte, 0, 1<<15), idpMetadata(who))
		if err1 != nil || err2 != nil || !bytes.Equal(one, two) {
			t.Errorf("%s: equal inputs give different bytes (%v, %v)", key, err1, err2)
		}
		changed := idpMetadata(who)
		changed.SSORedirect += "2"
		three, err := who.signer.AppendIDPMetadata(nil, changed)
		if err != nil || bytes.Equal(one[:200], three[:200]) {
			t.Errorf("%s: a change keeps the document's ID (%v)", key, err)
		}
	}
}

func TestIDPMetadataRefusesGaps(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*saml.IDPMetadata){
		"no entityID":    func(m *saml.IDPMetadata) { m.EntityID = "" },
		"no certificate": func(m *saml.IDPMetadata) { m.Certificates = nil },
		"no address":     func(m *saml.IDPMetadata) { m.SSOPost, m.SSORedirect = "", "" },
		"no language":    func(m *saml.IDPMetadata) { m.About.DisplayNames[0].Lang = "" },
		"no org address": func(m *saml.IDPMetadata) { m.About.OrgURLs = nil },
		"no mail":        func(m *saml.IDPMetadata) { m.About.Contacts[0].Mail = "" },
		"unknown role":   func(m *saml.IDPMetadata) { m.About.Contacts[0].Role = "boss" },
		"no logo size":   func(m *saml.IDPMetadata) { m.About.Logos[0].Height = 0 },
		"no logo":        func(m *saml.IDPMetadata) { m.About.Logos[0].URL = "" },
		"empty scope":    func(m *saml.IDPMetadata) { m.About.Scopes = []string{""} },
		"no category":    func(m *saml.IDPMetadata) { m.About.Attributes[0].Name = "" },
		"forbidden byte": func(m *saml.IDPMetadata) { m.EntityID = "https://a\x01" },
	} {
		m := idpMetadata(rsaIdentity())
		set(m)
		if _, err := rsaIdentity().signer.AppendIDPMetadata(nil, m); err == nil {
			t.Errorf("%s: written", name)
		}
	}
}

func TestOurAddressesForSignOutsAndArtifactsAreReadByAnother(t *testing.T) {
	t.Parallel()
	doc, err := rsaIdentity().signer.AppendIDPMetadata(nil, idpMetadata(rsaIdentity()))
	if err != nil {
		t.Fatal(err)
	}
	var read crewjam.EntityDescriptor
	if err := xml.Unmarshal(doc, &read); err != nil {
		t.Fatal(err)
	}
	role := read.IDPSSODescriptors[0]
	if len(role.SingleLogoutServices) != 3 || role.SingleLogoutServices[2].Binding != crewjam.SOAPBinding ||
		role.SingleLogoutServices[2].Location != "https://gateway.example.org/saml/slo/soap" || len(role.ArtifactResolutionServices) != 1 ||
		role.ArtifactResolutionServices[0].Location != "https://gateway.example.org/saml/artifact" ||
		!bytes.Contains(doc, []byte(`index="0" isDefault="true"></md:ArtifactResolutionService>`)) {
		t.Errorf("%+v %+v", role.SingleLogoutServices, role.ArtifactResolutionServices)
	}
}
