package saml_test

import (
	"cmp"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"ecluse/internal/saml"
)

// template is a signature for xmlsec1 to fill in.
type template struct {
	signature, digest, c14n string
	prefixes                string // of the transform
	methodPrefixes          string // of the canonicalization method
	method, uri             string // if not c14n and not the assertion's
}

const (
	excC14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
	dsigNS  = "http://www.w3.org/2000/09/xmldsig#"
	more    = "http://www.w3.org/2001/04/xmldsig-more#"
	xmlenc  = "http://www.w3.org/2001/04/xmlenc#"
)

func inclusive(prefixes string) string {
	if prefixes == "" {
		return ""
	}
	return `<ec:InclusiveNamespaces xmlns:ec="` + excC14N + `" PrefixList="` + prefixes + `"/>`
}

func (x template) xml(id string) string {
	method, uri := cmp.Or(x.method, x.c14n), cmp.Or(x.uri, "#"+id)
	return `<ds:Signature xmlns:ds="` + dsigNS + `"><ds:SignedInfo>
		<ds:CanonicalizationMethod Algorithm="` + method + `">` + inclusive(x.methodPrefixes) + `</ds:CanonicalizationMethod>
		<ds:SignatureMethod Algorithm="` + x.signature + `"/>
		<ds:Reference URI="` + uri + `"><ds:Transforms>
		<ds:Transform Algorithm="` + dsigNS + `enveloped-signature"/>
		<ds:Transform Algorithm="` + x.c14n + `">` + inclusive(x.prefixes) + `</ds:Transform></ds:Transforms>
		<ds:DigestMethod Algorithm="` + x.digest + `"/><ds:DigestValue/></ds:Reference></ds:SignedInfo>
		<ds:SignatureValue/></ds:Signature>`
}

// signedByXMLSec returns the response with its assertion signed by xmlsec1.
func signedByXMLSec(t *testing.T, who identity, x template) []byte {
	t.Helper()
	doc := string(bareResponse(t))
	doc = strings.Replace(doc, "<samlp:Response ", `<samlp:Response xmlns="urn:default" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" `, 1)
	doc = strings.ReplaceAll(doc, "<saml:AttributeValue>", `<saml:AttributeValue xsi:type="xs:string">`)
	id := plainResponse().Assertion.ID
	doc = strings.Replace(doc, "<saml:Subject>", x.xml(id)+"<saml:Subject>", 1)
	return xmlsecSigned(t, who, doc, "Assertion")
}

// xmlsecSigned has xmlsec1 fill in the template in a document.
func xmlsecSigned(t *testing.T, who identity, doc, signed string) []byte {
	t.Helper()
	space := "urn:oasis:names:tc:SAML:2.0:protocol:"
	if signed == "Assertion" {
		space = "urn:oasis:names:tc:SAML:2.0:assertion:"
	}
	der, err := x509.MarshalPKCS8PrivateKey(who.key)
	if err != nil {
		t.Fatal(err)
	}
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	out, err := exec.Command("xmlsec1", "--sign", "--privkey-pem", file(t, "key.pem", key),
		"--id-attr:ID", space+signed, file(t, "doc.xml", []byte(doc))).Output()
	if err != nil {
		t.Fatalf("xmlsec1 does not sign: %v", err)
	}
	return out
}

func TestReadResponseAcceptsXMLSec(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		who identity
		x   template
	}{
		"rsa-sha256":   {rsaIdentity(), template{more + "rsa-sha256", xmlenc + "sha256", excC14N, "", "", "", ""}},
		"rsa-sha384":   {rsaIdentity(), template{more + "rsa-sha384", more + "sha384", excC14N, "", "", "", ""}},
		"rsa-sha512":   {rsaIdentity(), template{more + "rsa-sha512", xmlenc + "sha512", excC14N, "", "", "", ""}},
		"ecdsa-sha256": {ecIdentity(), template{more + "ecdsa-sha256", xmlenc + "sha256", excC14N, "", "", "", ""}},
		"ecdsa-sha512": {ecIdentity(), template{more + "ecdsa-sha512", xmlenc + "sha512", excC14N, "", "", "", ""}},
		"inclusive":    {rsaIdentity(), template{more + "rsa-sha256", xmlenc + "sha256", excC14N, "xs", "", "", ""}},
		"several":      {rsaIdentity(), template{more + "rsa-sha256", xmlenc + "sha256", excC14N, "xs samlp #default nosuch", "", "", ""}},
		"method":       {rsaIdentity(), template{more + "rsa-sha256", xmlenc + "sha256", excC14N, "xs", "xs saml #default", "", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := saml.ReadResponse(signedByXMLSec(t, c.who, c.x), c.who.public())
			if err != nil {
				t.Fatal(err)
			}
			checkFacts(t, name, got, plainResponse())
		})
	}
}

func TestReadResponseRefusesAlgorithmsOffTheList(t *testing.T) {
	t.Parallel()
	const c14n10 = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
	for name, c := range map[string]struct {
		who identity
		x   template
	}{
		"inclusive C14N":     {rsaIdentity(), template{more + "rsa-sha256", xmlenc + "sha256", c14n10, "", "", "", ""}},
		"with comments":      {rsaIdentity(), template{more + "rsa-sha256", xmlenc + "sha256", excC14N + "WithComments", "", "", "", ""}},
		"C14N of SignedInfo": {rsaIdentity(), template{more + "rsa-sha256", xmlenc + "sha256", excC14N, "", "", c14n10, ""}},
		"C14N of transform":  {rsaIdentity(), template{more + "rsa-sha256", xmlenc + "sha256", c14n10, "", "", excC14N, ""}},
		"XPointer":           {rsaIdentity(), template{more + "rsa-sha256", xmlenc + "sha256", excC14N, "", "", "", "#xpointer(id('" + plainResponse().Assertion.ID + "'))"}},
		"SHA-1 digest":       {rsaIdentity(), template{more + "rsa-sha256", dsigNS + "sha1", excC14N, "", "", "", ""}},
		"SHA-1":              {rsaIdentity(), template{dsigNS + "rsa-sha1", xmlenc + "sha256", excC14N, "", "", "", ""}},
		"ECDSA SHA-1":        {ecIdentity(), template{more + "ecdsa-sha1", xmlenc + "sha256", excC14N, "", "", "", ""}},
		"SHA-224":            {rsaIdentity(), template{more + "rsa-sha224", xmlenc + "sha256", excC14N, "", "", "", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := saml.ReadResponse(signedByXMLSec(t, c.who, c.x), c.who.public()); !errors.Is(err, saml.ErrSignature) {
				t.Errorf("got %v", err)
			}
		})
	}
}
