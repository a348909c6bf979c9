package saml_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ecluse/internal/saml"
)

const (
	idpEntity = "https://gateway.example.org/saml"
	spEntity  = "https://lire.example.org/sp"
	acsURL    = "https://lire.example.org/saml/acs?a=1&b=2"
)

// now is the instant at which the tests take place.
func now() time.Time { return time.Date(2026, 11, 22, 8, 30, 0, 123e6, time.UTC) }

// identity is a key with its self-signed certificate and its signer.
type identity struct {
	key    crypto.Signer
	der    []byte
	signer *saml.Signer
}

func (i identity) public() []crypto.PublicKey { return []crypto.PublicKey{i.key.Public()} }

func newIdentity(key crypto.Signer, err error) identity {
	if err != nil {
		panic(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "test"},
		NotBefore: now().AddDate(-1, 0, 0), NotAfter: now().AddDate(5, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	signer, err := saml.NewSigner(key, der)
	if err != nil {
		panic(err)
	}
	return identity{key, der, signer}
}

var rsaIdentity = sync.OnceValue(func() identity {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	return newIdentity(key, err)
})

var ecIdentity = sync.OnceValue(func() identity {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return newIdentity(key, err)
})

// plainResponse has ten attributes with fifteen values.
func plainResponse() *saml.Response {
	r := &saml.Response{
		ID: "_r0123456789abcdef0123456789abcdef", InResponseTo: "_q1", Issuer: idpEntity,
		Destination: acsURL, IssueInstant: now(),
		Assertion: saml.Assertion{
			ID:       "_a0123456789abcdef0123456789abcdef",
			NameID:   saml.NameID{Value: "p-71f2", Format: saml.NameIDPersistent, NameQualifier: idpEntity, SPNameQualifier: spEntity},
			Audience: spEntity, NotBefore: now().Add(-time.Minute), NotAfter: now().Add(5 * time.Minute),
			Authn: saml.AuthnStatement{
				At: now().Add(-time.Minute), SessionIndex: "s1", SessionNotAfter: now().Add(time.Hour),
				Class: saml.ClassPasswordTransport, Authorities: []string{"https://ent.example.org/idp"},
			},
		},
	}
	for i := range 10 {
		a := saml.Attribute{
			Name: "urn:oid:1.3.6.1.4.1.5923.1.1.1." + string(rune('0'+i)), NameFormat: saml.AttrNameURI,
			FriendlyName: "attribut" + string(rune('0'+i)), Values: []string{"valeur une"},
		}
		if i%2 == 0 {
			a.Values = append(a.Values, "valeur deux")
		}
		r.Assertion.Attributes = append(r.Assertion.Attributes, a)
	}
	return r
}

// awkward is text that a careless writer or canonicaliser gets wrong.
const awkward = "\"'&<>]]>\t\n\r\n\r é 𝄞 \u2028\u0085 &amp; &#13; <!-- --> <![CDATA[x]]>"

func awkwardResponse() *saml.Response {
	r := plainResponse()
	r.Assertion.NameID.Value = awkward
	r.Assertion.Authn.SessionIndex = awkward
	r.Assertion.Attributes[0].Values = []string{awkward, "", " ", "\r", "]]>"}
	r.Assertion.Attributes[1].FriendlyName = awkward
	return r
}

func write(t testing.TB, who identity, r *saml.Response, what saml.Signing) []byte {
	t.Helper()
	doc, err := who.signer.AppendResponse(nil, r, what)
	if err != nil {
		t.Fatalf("AppendResponse: %v", err)
	}
	return doc
}

// file writes content below a temporary folder and returns its name.
func file(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (i identity) certPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.der})
}

// rs turns an ASN.1 ECDSA signature into r and s of 32 bytes each.
func rs(t testing.TB, der []byte) []byte {
	t.Helper()
	var sig struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &sig); err != nil {
		t.Fatal(err)
	}
	return append(sig.R.FillBytes(make([]byte, 32)), sig.S.FillBytes(make([]byte, 32))...)
}

// otherRSA makes a key that nobody has registered.
func otherRSA() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) }
