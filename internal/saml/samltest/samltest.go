// Package samltest makes metadata of federations for tests, and has xmlsec1 sign it.
package samltest

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Signer is a key with its certificate.
type Signer struct {
	Key  crypto.Signer
	Cert []byte // PEM
	DER  []byte
}

// NewSigner makes one.
func NewSigner(t testing.TB) Signer {
	t.Helper()
	s, err := newSigner()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newSigner() (Signer, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return Signer{}, err
	}
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "federation"},
		NotBefore: day, NotAfter: day.AddDate(10, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		return Signer{}, err
	}
	return Signer{Key: key, DER: der, Cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}, nil
}

// certificate is one certificate for every entity, in base64 with line breaks.
var certificate = sync.OnceValue(func() string {
	s, err := newSigner()
	if err != nil {
		panic(err)
	}
	text := base64.StdEncoding.EncodeToString(s.DER)
	var out strings.Builder
	for len(text) > 76 {
		out.WriteString(text[:76] + "\n")
		text = text[76:]
	}
	return out.String() + text
})

// Until is until when an aggregate is good, if nothing else is said.
const Until = "2026-12-01T00:00:00Z"

const (
	dsig = "http://www.w3.org/2000/09/xmldsig#"
	exc  = "http://www.w3.org/2001/10/xml-exc-c14n#"
)

// Template is where xmlsec1 puts the signature of the root, whose ID is given.
func Template(id string) string {
	return `<ds:Signature xmlns:ds="` + dsig + `"><ds:SignedInfo>
<ds:CanonicalizationMethod Algorithm="` + exc + `"/>
<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>
<ds:Reference URI="#` + id + `"><ds:Transforms><ds:Transform Algorithm="` + dsig + `enveloped-signature"/>
<ds:Transform Algorithm="` + exc + `"/></ds:Transforms>
<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference></ds:SignedInfo>
<ds:SignatureValue/></ds:Signature>`
}

// Aggregate writes an EntitiesDescriptor with a template for its signature around entities.
func Aggregate(attributes string, entities ...string) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>
<!-- a federation -->
<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui"
 xmlns:mdattr="urn:oasis:names:tc:SAML:metadata:attribute" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"
 xmlns:mdrpi="urn:oasis:names:tc:SAML:metadata:rpi" xmlns:shibmd="urn:mace:shibboleth:metadata:1.0" xmlns:dsig="` + dsig + `"
 ID="_fed" Name="https://federation.example/" ` + attributes + `>` + Template("_fed") + "\n")
	for _, e := range entities {
		b.WriteString(e)
		b.WriteByte('\n')
	}
	b.WriteString("</md:EntitiesDescriptor>\n")
	return b.Bytes()
}

// Whole is an aggregate of n services, good until Until.
func Whole(n int) []byte {
	entities := make([]string, n)
	for i := range entities {
		entities[i] = Entity(ID(i))
	}
	return Aggregate(`validUntil="`+Until+`"`, entities...)
}

// ID is the entityID of the i-th service of Whole.
func ID(i int) string { return fmt.Sprintf("https://sp%05d.example.org/shibboleth", i) }

// Entity is one service with two keys, UI info, categories and requested attributes, some 6 kB.
func Entity(id string) string {
	host := "https://" + strings.Trim(strings.TrimPrefix(id, "https://"), "/")
	key := `<dsig:KeyInfo><dsig:X509Data><dsig:X509Certificate>` + certificate() + `</dsig:X509Certificate></dsig:X509Data></dsig:KeyInfo></md:KeyDescriptor>`
	return `<md:EntityDescriptor entityID="` + id + `">
  <md:Extensions>
    <mdrpi:RegistrationInfo registrationAuthority="https://registrar.example/" registrationInstant="2020-01-02T03:04:05Z">
      <mdrpi:RegistrationPolicy xml:lang="en">https://registrar.example/policy</mdrpi:RegistrationPolicy>
    </mdrpi:RegistrationInfo>
    <mdattr:EntityAttributes>
      <saml:Attribute Name="http://macedir.org/entity-category" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri">
        <saml:AttributeValue>http://refeds.org/category/research-and-scholarship</saml:AttributeValue>
        <saml:AttributeValue>https://refeds.org/category/code-of-conduct/v2</saml:AttributeValue>
      </saml:Attribute>
      <saml:Attribute Name="urn:oasis:names:tc:SAML:attribute:assurance-certification" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri">
        <saml:AttributeValue>https://refeds.org/sirtfi</saml:AttributeValue>
      </saml:Attribute>
    </mdattr:EntityAttributes>
  </md:Extensions>
  <md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:Extensions><mdui:UIInfo>
      <mdui:DisplayName xml:lang="en">A service &amp; more</mdui:DisplayName>
      <mdui:DisplayName xml:lang="fr">Un service d’été</mdui:DisplayName>
      <mdui:Description xml:lang="en">` + strings.Repeat("What it is for. ", 20) + `</mdui:Description>
      <mdui:PrivacyStatementURL xml:lang="en">` + host + `/privacy</mdui:PrivacyStatementURL>
    </mdui:UIInfo></md:Extensions>
    <md:KeyDescriptor use="signing">` + key + `
    <md:KeyDescriptor use="encryption">` + key + `
    <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</md:NameIDFormat>
    <md:AssertionConsumerService index="1" isDefault="true" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="` + host + `/SAML2/POST"/>
    <md:AssertionConsumerService index="2" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact" Location="` + host + `/SAML2/Artifact"/>
    <md:AttributeConsumingService index="1">
      <md:ServiceName xml:lang="en">A service</md:ServiceName>
      <md:RequestedAttribute FriendlyName="mail" Name="urn:oid:0.9.2342.19200300.100.1.3" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri" isRequired="true"/>
      <md:RequestedAttribute FriendlyName="displayName" Name="urn:oid:2.16.840.1.113730.3.1.241" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"/>
    </md:AttributeConsumingService>
  </md:SPSSODescriptor>
  <md:Organization><md:OrganizationName xml:lang="en">An organisation</md:OrganizationName><md:OrganizationDisplayName xml:lang="en">An organisation</md:OrganizationDisplayName><md:OrganizationURL xml:lang="en">` + host + `</md:OrganizationURL></md:Organization>
</md:EntityDescriptor>`
}

func idAttributes() []string {
	const md = "urn:oasis:names:tc:SAML:2.0:metadata:"
	return []string{"--id-attr:ID", md + "EntitiesDescriptor", "--id-attr:ID", md + "EntityDescriptor"}
}

// Sign has xmlsec1 fill in the template of a document.
func (s Signer) Sign(t testing.TB, doc []byte) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(s.Key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	key := write(t, dir, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	args := append([]string{"--sign", "--privkey-pem", key, "--output", filepath.Join(dir, "out.xml")}, idAttributes()...)
	if out, err := exec.Command("xmlsec1", append(args, write(t, dir, "in.xml", doc))...).CombinedOutput(); err != nil {
		t.Fatalf("xmlsec1 does not sign: %v\n%s", err, out)
	}
	signed, err := os.ReadFile(filepath.Join(dir, "out.xml"))
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// Judge tells whether xmlsec1 finds the first signature of a document good.
func (s Signer) Judge(t testing.TB, doc []byte) bool {
	t.Helper()
	dir := t.TempDir()
	args := append([]string{"--verify", "--pubkey-cert-pem", write(t, dir, "cert.pem", s.Cert)}, idAttributes()...)
	return exec.Command("xmlsec1", append(args, write(t, dir, "in.xml", doc))...).Run() == nil
}

func write(t testing.TB, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
