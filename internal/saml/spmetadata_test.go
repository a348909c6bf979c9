package saml_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"ecluse/internal/saml"
)

func keyDescriptor(use string, der []byte) string {
	if use != "" {
		use = ` use="` + use + `"`
	}
	text := base64.StdEncoding.EncodeToString(der)
	return `<md:KeyDescriptor` + use + `><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:KeyName>k</ds:KeyName><ds:X509Data><ds:X509Certificate>
      ` + text[:64] + "\n" + text[64:] + "\n" + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`
}

const (
	mdHead = `<?xml version="1.0"?>
<!-- edited by hand, with care -->
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://lire.example.org/sp" validUntil="2026-12-01T00:00:00Z">
`
	mdRole = `<md:SPSSODescriptor AuthnRequestsSigned="true" WantAssertionsSigned="1" protocolSupportEnumeration="urn:oasis:names:tc:SAML:1.1:protocol urn:oasis:names:tc:SAML:2.0:protocol">
<md:Extensions><mdui:UIInfo xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui"><mdui:DisplayName xml:lang="fr">Lire<!-- not read --> ensemble</mdui:DisplayName></mdui:UIInfo></md:Extensions>
`
	mdACS = `<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://lire.example.org/saml/acs" index="1" isDefault="true"/>
`
	mdRest = `<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://lire.example.org/slo" ResponseLocation="https://lire.example.org/slo2"/>
<md:NameIDFormat> urn:oasis:names:tc:SAML:2.0:nameid-format:persistent </md:NameIDFormat>
<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact" Location="https://lire.example.org/saml/art" index="2"/>
<md:AttributeConsumingService index="0" isDefault="true"><md:ServiceName xml:lang="fr">Lire</md:ServiceName>
<md:RequestedAttribute Name="urn:oid:2.5.4.42" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" FriendlyName="givenName" isRequired="true"/></md:AttributeConsumingService>
</md:SPSSODescriptor><md:ContactPerson contactType="technical"/></md:EntityDescriptor>
`
)

func spMetadata() string {
	return mdHead + mdRole + keyDescriptor("signing", rsaIdentity().der) + keyDescriptor("", ecIdentity().der) + mdACS + mdRest
}

func TestParseSPMetadataReadsEverything(t *testing.T) {
	t.Parallel()
	got, err := saml.ParseSPMetadata([]byte(spMetadata()), now())
	if err != nil {
		t.Fatal(err)
	}
	if len(got.SigningKeys) != 2 || len(got.EncryptionKeys) != 1 {
		t.Fatalf("got %d signing and %d encryption keys", len(got.SigningKeys), len(got.EncryptionKeys))
	}
	if !rsaIdentity().key.Public().(*rsa.PublicKey).Equal(saml.Keys(got.SigningKeys)[0]) {
		t.Error("the signing key is another one")
	}
	got.SigningKeys, got.EncryptionKeys = nil, nil
	want := saml.SPMetadata{
		EntityID: spEntity, ValidUntil: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
		AuthnRequestsSigned: true, WantAssertionsSigned: true, NameIDFormats: []string{saml.NameIDPersistent},
		ACS: []saml.Endpoint{
			{Binding: saml.BindingPOST, Location: "https://lire.example.org/saml/acs", Index: 1, IsDefault: true},
			{Binding: saml.BindingArtifact, Location: "https://lire.example.org/saml/art", Index: 2},
		},
		SingleLogout: []saml.Endpoint{{
			Binding: saml.BindingRedirect, Location: "https://lire.example.org/slo",
			ResponseLocation: "https://lire.example.org/slo2", Index: -1,
		}},
		AttributeRequest: []saml.RequestedAttributes{{
			IsDefault: true, Names: []saml.LocalName{{Lang: "fr", Text: "Lire"}},
			Attributes: []saml.RequestedAttribute{{Name: "urn:oid:2.5.4.42", NameFormat: saml.AttrNameURI, FriendlyName: "givenName", Required: true}},
		}},
		DisplayNames: []saml.LocalName{{Lang: "fr", Text: "Lire ensemble"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if !got.ACS[0].Usable() || got.ACS[1].Usable() {
		t.Error("HTTP-POST alone is usable")
	}
}

func TestExpiredCertificateIsAcceptedAndReported(t *testing.T) {
	t.Parallel()
	doc := strings.Replace(spMetadata(), ` validUntil="2026-12-01T00:00:00Z"`, "", 1)
	got, err := saml.ParseSPMetadata([]byte(doc), now().AddDate(10, 0, 0))
	if err != nil || !got.SigningKeys[0].Expired || !got.ValidUntil.IsZero() {
		t.Errorf("got %+v, %v", got.SigningKeys, err)
	}
	got, err = saml.ParseSPMetadata([]byte(doc), now())
	if err != nil || got.SigningKeys[0].Expired {
		t.Errorf("a valid certificate is reported: %+v, %v", got.SigningKeys, err)
	}
}

func TestPlainHTTPIsForLocalDevelopmentOnly(t *testing.T) {
	t.Parallel()
	for host, local := range map[string]bool{
		"lire.localhost:8080": true, "localhost": true, "127.0.0.1:80": true, "[::1]": true, "LIRE.LOCALHOST": true,
		"lire.example.org": false, "localhost.example.org": false, "10.0.0.1": false, "notlocalhost": false,
	} {
		doc := []byte(strings.Replace(spMetadata(), "https://lire.example.org/saml/acs", "http://"+host+"/acs", 1))
		if _, err := saml.ParseSPMetadata(doc, now()); !errors.Is(err, saml.ErrMetadata) {
			t.Errorf("%s without leave: got %v", host, err)
		}
		if _, err := saml.ParseSPMetadata(doc, now(), saml.AllowLocalHTTP()); (err == nil) != local {
			t.Errorf("%s with leave: got %v", host, err)
		}
	}
}

func TestParseSPMetadataRefuses(t *testing.T) {
	t.Parallel()
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	cert := x509.Certificate{SerialNumber: big.NewInt(1)}
	weak, err := x509.CreateCertificate(rand.Reader, &cert, &cert, short.Public(), short)
	if err != nil {
		t.Fatal(err)
	}
	change := func(old, new string) string {
		if !strings.Contains(spMetadata(), old) {
			t.Fatalf("%q is not there", old)
		}
		return strings.Replace(spMetadata(), old, new, 1)
	}
	const acs, location = "AssertionConsumerService index 1", "https://lire.example.org/saml/acs"
	for name, c := range map[string]struct{ doc, want string }{
		"expired":            {change("2026-12-01", "2026-11-22"), "line 3: EntityDescriptor: expired on 2026-11-22"},
		"role expired":       {change("<md:SPSSODescriptor", `<md:SPSSODescriptor validUntil="2020-01-01T00:00:00Z"`), "line 4: SPSSODescriptor: expired"},
		"not a time":         {change("2026-12-01T", "soon"), "validUntil"},
		"no entityID":        {change("entityID", "entityId"), "entityID"},
		"blank in entityID":  {change("org/sp", "org/ sp"), "entityID"},
		"aggregate":          {`<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"/>`, "one EntityDescriptor expected"},
		"no role":            {change("SAML:2.0:protocol\"", "SAML:1.0:protocol\""), "no SPSSODescriptor"},
		"two roles":          {strings.Replace(spMetadata(), "</md:SPSSODescriptor>", "</md:SPSSODescriptor>"+mdRole+"</md:SPSSODescriptor>", 1), "a second one"},
		"no ACS":             {strings.Replace(change(mdACS, ""), "HTTP-Artifact", "PAOS", 1), "no AssertionConsumerService with HTTP-POST"},
		"nobody to fetch":    {strings.Replace(mdHead+mdRole+mdRest, ` AuthnRequestsSigned="true"`, "", 1), "nor one with HTTP-Artifact and a signing key"},
		"javascript":         {change(location, "javascript:alert(1)"), acs},
		"http":               {change(location, "http://lire.example.org/"), acs + ": Location is not https"},
		"relative":           {change(location, "/acs"), acs},
		"user":               {change(location, "https://a@lire.example.org/"), acs},
		"fragment":           {change(location, "https://lire.example.org/#"), acs},
		"no host":            {change(location, "https:///acs"), acs},
		"artifacts by http":  {change(mdACS, mdACS+`<md:ArtifactResolutionService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" Location="http://lire.example.org/soap" index="0"/>`), "ArtifactResolutionService"},
		"logout over http":   {change("https://lire.example.org/slo2", "http://lire.example.org/"), "SingleLogoutService"},
		"index twice":        {change(`index="2"`, `index="1"`), "index 1"},
		"index not a number": {change(`index="2"`, `index="x"`), "index"},
		"no binding":         {change(` Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"`, ""), "no Binding"},
		"odd use":            {change(`use="signing"`, `use="both"`), "KeyDescriptor: unknown use"},
		"not base64":         {change("MII", "***"), "X509Certificate: not base64"},
		"not a certificate":  {change("MII", "AAA"), "X509Certificate: not a certificate"},
		"no certificate":     {mdHead + mdRole + "<md:KeyDescriptor/>" + mdACS + mdRest, "KeyDescriptor: no X509Certificate"},
		"weak key":           {mdHead + mdRole + keyDescriptor("", weak) + mdACS + mdRest, "2048"},
		"signed, no key":     {mdHead + mdRole + mdACS + mdRest, "AuthnRequestsSigned without"},
		"not a boolean":      {change(`WantAssertionsSigned="1"`, `WantAssertionsSigned="maybe"`), "boolean"},
		"document type":      {`<!DOCTYPE md:EntityDescriptor>` + spMetadata()[strings.Index(spMetadata(), "<md:"):], "document type"},
		"too large":          {change("<!-- ", "<!-- "+strings.Repeat("x", 1<<20)), "bytes"},
		"cut":                {spMetadata()[:900], ""},
	} {
		_, err := saml.ParseSPMetadata([]byte(c.doc), now())
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func TestAnAnswerToASignOutGoesToItsOwnAddressWhereThereIsOne(t *testing.T) {
	t.Parallel()
	doc := mdHead + mdRole + keyDescriptor("signing", rsaIdentity().der) + mdACS +
		`<md:SingleLogoutService Binding="` + saml.BindingRedirect + `" Location="https://a.example/1" ResponseLocation="https://a.example/2"/>` +
		`<md:SingleLogoutService Binding="` + saml.BindingRedirect + `" Location="https://a.example/3"/>` +
		`<md:SingleLogoutService Binding="` + saml.BindingSOAP + `" Location="https://a.example/4"/>` +
		`<md:ArtifactResolutionService Binding="` + saml.BindingSOAP + `" Location="https://a.example/5" index="3"/></md:SPSSODescriptor></md:EntityDescriptor>`
	md, err := saml.ParseSPMetadata([]byte(doc), now())
	if err != nil {
		t.Fatal(err)
	}
	one, redirect := md.Logout(saml.BindingRedirect)
	two, soap := md.Logout(saml.BindingSOAP)
	_, post := md.Logout(saml.BindingPOST)
	if !redirect || !soap || post || one.Location != "https://a.example/1" || one.Answer() != "https://a.example/2" || two.Answer() != "https://a.example/4" {
		t.Errorf("%v %v", one, two)
	}
	if len(md.Artifacts) != 1 || md.Artifacts[0].Location != "https://a.example/5" || md.Artifacts[0].Index != 3 {
		t.Errorf("artifacts: %v", md.Artifacts)
	}
}
