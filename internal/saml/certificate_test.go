package saml_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"slices"
	"testing"

	"ecluse/internal/saml"
)

func TestCertificatesAreReadFromPEM(t *testing.T) {
	t.Parallel()
	both := slices.Concat([]byte("the federation's\n"), rsaIdentity().certPEM(), []byte("\n"), ecIdentity().certPEM())
	got, err := saml.ReadCertificates(both)
	if err != nil || len(got) != 2 || got[0].Fingerprint == got[1].Fingerprint || !rsaIdentity().key.Public().(*rsa.PublicKey).Equal(got[0].Key) {
		t.Errorf("%d, %v", len(got), err)
	}
}

func TestWhatIsNoCertificateOfAKeyThatMaySignIsNoneToTrust(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "x"}, NotAfter: now()}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}) }
	for name, text := range map[string][]byte{
		"nothing": nil, "text": []byte("none"), "another kind of key": block("CERTIFICATE", der), "broken": block("CERTIFICATE", der[:40]),
		"a key": block("PUBLIC KEY", der), "one of two": slices.Concat(rsaIdentity().certPEM(), block("CERTIFICATE", der)),
	} {
		if got, err := saml.ReadCertificates(text); err == nil || got != nil {
			t.Errorf("%s: read", name)
		}
	}
}
