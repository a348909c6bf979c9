package saml_test

import (
	"crypto"
	"crypto/x509"
	"encoding/xml"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/beevik/etree"
	crewjam "github.com/crewjam/saml"
	dsig "github.com/russellhaering/goxmldsig"

	"ecluse/internal/saml"
)

// crewjamSP is a service provider that signs with the RSA key.
func crewjamSP(t *testing.T) *crewjam.ServiceProvider {
	t.Helper()
	sp := serviceProvider(t, rsaIdentity())
	cert, err := x509.ParseCertificate(rsaIdentity().der)
	if err != nil {
		t.Fatal(err)
	}
	sp.Key, sp.Certificate, sp.SignatureMethod = rsaIdentity().key, cert, dsig.RSASHA256SignatureMethod
	sp.AcsURL.RawQuery = ""
	return sp
}

func TestCrewjamServiceIsUnderstood(t *testing.T) {
	t.Parallel()
	sp := crewjamSP(t)
	raw, err := xml.MarshalIndent(sp.Metadata(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	md, err := saml.ParseSPMetadata(raw, time.Now())
	if err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	if md.EntityID != spEntity || md.ACS[0].Location != sp.AcsURL.String() || len(md.SigningKeys) != 1 || !md.AuthnRequestsSigned {
		t.Errorf("got %+v", md)
	}

	where := sp.GetSSOBindingLocation(crewjam.HTTPRedirectBinding)
	req, err := sp.MakeAuthenticationRequest(where, crewjam.HTTPRedirectBinding, crewjam.HTTPPostBinding)
	if err != nil {
		t.Fatal(err)
	}
	target, err := req.Redirect("state", sp)
	if err != nil {
		t.Fatal(err)
	}
	m, err := saml.DecodeRedirect(target.RawQuery)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.VerifyDetached(saml.Keys(md.SigningKeys)); err != nil {
		t.Errorf("its query signature: %v", err)
	}
	got, err := saml.ParseAuthnRequest(m.XML)
	if err != nil || got.ID != req.ID || got.Issuer != spEntity || got.ACSURL != sp.AcsURL.String() || m.RelayState != "state" {
		t.Errorf("got %+v, %v", got, err)
	}
	checkPostedRequest(t, sp, saml.Keys(md.SigningKeys))
}

// checkPostedRequest sends the signature inside the message.
func checkPostedRequest(t *testing.T, sp *crewjam.ServiceProvider, keys []crypto.PublicKey) {
	t.Helper()
	where := sp.GetSSOBindingLocation(crewjam.HTTPPostBinding)
	req, err := sp.MakeAuthenticationRequest(where, crewjam.HTTPPostBinding, crewjam.HTTPPostBinding)
	if err != nil {
		t.Fatal(err)
	}
	doc := etree.NewDocument()
	doc.SetRoot(req.Element())
	body, err := doc.WriteToBytes()
	if err != nil {
		t.Fatal(err)
	}
	m, err := saml.DecodePost(url.Values{"SAMLRequest": {saml.EncodePost(body)}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := saml.VerifyAuthnRequest(m.XML, keys)
	if err != nil || got.ID != req.ID {
		t.Errorf("its posted request: %+v, %v", got, err)
	}
}

// crewjamResponse is what crewjam's identity provider answers, both signed.
func crewjamResponse(t *testing.T) []byte {
	t.Helper()
	sp := crewjamSP(t)
	idp := &crewjam.IdentityProvider{Key: sp.Key, Certificate: sp.Certificate, SignatureMethod: dsig.RSASHA256SignatureMethod}
	idp.MetadataURL = url.URL{Scheme: "https", Host: "gateway.example.org", Path: "/saml"}
	md := sp.Metadata()
	for i := range md.SPSSODescriptors {
		for j := range md.SPSSODescriptors[i].KeyDescriptors {
			md.SPSSODescriptors[i].KeyDescriptors[j].Use = "signing" // else it encrypts
		}
	}
	req := &crewjam.IdpAuthnRequest{
		IDP: idp, HTTPRequest: httptest.NewRequest("GET", "https://gateway.example.org/saml/sso", nil), Now: time.Now(),
		Request:                 crewjam.AuthnRequest{ID: "_q1", Issuer: &crewjam.Issuer{Value: spEntity}, IssueInstant: time.Now()},
		ServiceProviderMetadata: md, SPSSODescriptor: &md.SPSSODescriptors[0],
		ACSEndpoint: &md.SPSSODescriptors[0].AssertionConsumerServices[0],
	}
	session := &crewjam.Session{
		ID: "s1", Index: "s1", NameID: "p-71f2", CreateTime: time.Now(), ExpireTime: time.Now().Add(time.Hour),
		UserName: "élève <&> \"x\"", UserEmail: "e@example.org", Groups: []string{"a", "b"},
	}
	if err := (crewjam.DefaultAssertionMaker{}).MakeAssertion(req, session); err != nil {
		t.Fatal(err)
	}
	if err := req.MakeResponse(); err != nil {
		t.Fatal(err)
	}
	doc := etree.NewDocument()
	doc.SetRoot(req.ResponseEl)
	body, err := doc.WriteToBytes()
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestCrewjamResponseIsUnderstood(t *testing.T) {
	t.Parallel()
	body := crewjamResponse(t)
	got, err := saml.ReadResponse(body, rsaIdentity().public())
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	a := got.Assertion
	if !got.ResponseSigned || got.InResponseTo != "_q1" || a.NameID.Value != "p-71f2" || a.SessionIndex != "s1" ||
		a.Audiences[0][0] != spEntity || a.Confirmations[0].InResponseTo != "_q1" {
		t.Errorf("got %#v", *a)
	}
	found := false
	for _, at := range a.Attributes {
		found = found || len(at.Values) == 1 && at.Values[0] == "élève <&> \"x\""
	}
	if !found {
		t.Error("the name did not arrive")
	}
}
