package saml_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"ecluse/internal/saml"
)

const richRequest = `<?xml version="1.0" encoding="UTF-8"?>
<p:AuthnRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" ID="_q1" Version="2.0" IssueInstant=" 2026-11-22T09:30:00.5+01:00 "
  Destination=" https://gateway.example.org/saml/sso " ForceAuthn="1" IsPassive="true" ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
  AssertionConsumerServiceIndex="3" AttributeConsumingServiceIndex="0">
  <Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">
    https://lire.example.org/sp
  </Issuer>
  <p:Extensions><x xmlns="urn:x"><AuthnRequest>skipped</AuthnRequest></x></p:Extensions>
  <a:Subject xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion"><a:NameID>x</a:NameID></a:Subject>
  <p:NameIDPolicy Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" SPNameQualifier="https://groupe.example.org" AllowCreate="true"/>
  <p:RequestedAuthnContext Comparison="minimum"><AuthnContextClassRef xmlns="urn:oasis:names:tc:SAML:2.0:assertion">urn:a</AuthnContextClassRef>
    <AuthnContextClassRef xmlns="urn:oasis:names:tc:SAML:2.0:assertion"> urn:b </AuthnContextClassRef></p:RequestedAuthnContext>
  <p:Scoping ProxyCount="1"><p:IDPList><p:IDPEntry ProviderID="https://ent.example.org"/></p:IDPList><p:RequesterID>x</p:RequesterID></p:Scoping>
</p:AuthnRequest>
`

func TestParseAuthnRequestReadsEverything(t *testing.T) {
	t.Parallel()
	got, err := saml.ParseAuthnRequest([]byte(richRequest))
	if err != nil {
		t.Fatal(err)
	}
	want := saml.AuthnRequest{
		ID: "_q1", IssueInstant: time.Date(2026, 11, 22, 8, 30, 0, 5e8, time.UTC),
		Destination: "https://gateway.example.org/saml/sso", Issuer: spEntity,
		ForceAuthn: true, IsPassive: true, ProtocolBinding: saml.BindingPOST, ACSIndex: 3, AttributesIndex: 0,
		NameIDPolicy: saml.NameIDPolicy{Format: saml.NameIDPersistent, SPNameQualifier: "https://groupe.example.org", AllowCreate: true},
		AuthnContext: saml.RequestedAuthnContext{Comparison: "minimum", Classes: []string{"urn:a", "urn:b"}},
		HasSubject:   true, Subject: saml.NameID{Value: "x"}, IDPList: []string{"https://ent.example.org"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestParseAuthnRequestDefaults(t *testing.T) {
	t.Parallel()
	got, err := saml.ParseAuthnRequest([]byte(requestXML))
	if err != nil {
		t.Fatal(err)
	}
	want := saml.AuthnRequest{
		ID: "_q1", IssueInstant: time.Date(2026, 11, 22, 8, 30, 0, 0, time.UTC), Issuer: spEntity,
		Destination: "https://gateway.example.org/saml/sso", ACSURL: "https://lire.example.org/saml/acs", ACSIndex: -1, AttributesIndex: -1,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestParseAuthnRequestRefuses(t *testing.T) {
	t.Parallel()
	change := func(old, new string) string {
		if !strings.Contains(requestXML, old) {
			t.Fatalf("%q is not there", old)
		}
		return strings.Replace(requestXML, old, new, 1)
	}
	const issuer = "<saml:Issuer>https://lire.example.org/sp</saml:Issuer>"
	for name, doc := range map[string]string{
		"empty":              "",
		"not XML":            "SAMLRequest",
		"no issuer":          change(issuer, ""),
		"empty issuer":       change(issuer, "<saml:Issuer> </saml:Issuer>"),
		"two issuers":        change(issuer, issuer+issuer),
		"issuer of a person": change("<saml:Issuer>", `<saml:Issuer Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">`),
		"markup in issuer":   change("/sp<", "/sp<b/><"),
		"no ID":              change(` ID="_q1"`, ""),
		"ID of digits":       change(`"_q1"`, `"1"`),
		"ID with blank":      change(`"_q1"`, `"_q 1"`),
		"ID with colon":      change(`"_q1"`, `"a:b"`),
		"long ID":            change(`"_q1"`, `"_`+strings.Repeat("q", 256)+`"`),
		"long issuer":        change("org/sp<", "org/"+strings.Repeat("s", 1024)+"<"),
		"ID in a namespace":  change(` ID=`, ` saml:ID=`),
		"no instant":         change(` IssueInstant="2026-11-22T08:30:00Z"`, ""),
		"instant, no zone":   change("08:30:00Z", "08:30:00"),
		"not an instant":     change("08:30:00Z", "morning"),
		"index not a number": change(" ID=", ` AttributeConsumingServiceIndex="-1" ID=`),
		"index too large":    change(" ID=", ` AttributeConsumingServiceIndex="65536" ID=`),
		"index and URL":      change(" ID=", ` AssertionConsumerServiceIndex="1" ID=`),
		"not a boolean":      change(" ID=", ` ForceAuthn="yes" ID=`),
		"another message":    strings.ReplaceAll(requestXML, "AuthnRequest", "LogoutRequest"),
		"another namespace":  change("SAML:2.0:protocol", "SAML:1.0:protocol"),
		"unknown child":      change(issuer, issuer+"<samlp:Other/>"),
		"odd comparison":     change(issuer, issuer+`<samlp:RequestedAuthnContext Comparison="almost"/>`),
		"text":               change(issuer, issuer+"text"),
	} {
		got, err := saml.ParseAuthnRequest([]byte(doc))
		if err == nil || !reflect.DeepEqual(got, saml.AuthnRequest{}) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestOtherVersionIsToldApart(t *testing.T) {
	t.Parallel()
	got, err := saml.ParseAuthnRequest([]byte(strings.Replace(requestXML, `Version="2.0"`, `Version="2.1"`, 1)))
	if !errors.Is(err, saml.ErrVersion) || got.ID != "_q1" || got.Issuer != spEntity {
		t.Errorf("got %+v, %v", got, err)
	}
}

func signedRequest(t testing.TB, who identity) []byte {
	t.Helper()
	ctx, err := dsig.NewSigningContext(who.key, [][]byte{who.der})
	if err != nil {
		t.Fatal(err)
	}
	ctx.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	doc := etree.NewDocument()
	if err := doc.ReadFromString(requestXML); err != nil {
		t.Fatal(err)
	}
	signed, err := ctx.SignEnveloped(doc.Root())
	if err != nil {
		t.Fatal(err)
	}
	doc.SetRoot(signed)
	out, err := doc.WriteToBytes()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestVerifyAuthnRequestReadsOnlySignedRequests(t *testing.T) {
	t.Parallel()
	who := rsaIdentity()
	doc := signedRequest(t, who)
	got, err := saml.VerifyAuthnRequest(doc, who.public())
	if err != nil || got.ID != "_q1" || !got.HasSignature {
		t.Fatalf("got %+v, %v", got, err)
	}
	if plain, err := saml.ParseAuthnRequest(doc); err != nil || !plain.HasSignature {
		t.Errorf("parsing alone: %+v, %v", plain, err)
	}
	for name, bad := range map[string]string{
		"changed":  strings.Replace(string(doc), "saml/acs", "evil/acs", 1),
		"unsigned": requestXML,
	} {
		if _, err := saml.VerifyAuthnRequest([]byte(bad), who.public()); !errors.Is(err, saml.ErrSignature) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := saml.VerifyAuthnRequest(doc, ecIdentity().public()); !errors.Is(err, saml.ErrSignature) {
		t.Errorf("other key: got %v", err)
	}
}
