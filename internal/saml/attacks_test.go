package saml_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ecluse/internal/saml"
)

// Every file of testdata/attacks is one message. Its first line says what must
// happen ("accept: why" or "refuse NAME: why", NAME being the sentinel error),
// the rest is the message. The part of the file's name before the first dash is
// the family, which says what reads it; each family has its accepted control.
func TestAttacks(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob(filepath.Join("testdata", "attacks", "*-*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no attacks: %v", err)
	}
	keys := attackKeys(t)
	verdicts := map[string]map[bool]int{}
	for _, name := range names {
		family, _, _ := strings.Cut(filepath.Base(name), "-")
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		first, message, _ := bytes.Cut(content, []byte("\n"))
		verdict, _, _ := strings.Cut(string(first), ":")
		if verdicts[family] == nil {
			verdicts[family] = map[bool]int{}
		}
		verdicts[family][verdict == "accept"]++
		var got error
		spent := cpuTime(t, func() { got = readAttack(family, message, keys) })
		if spent > time.Second {
			t.Errorf("%s: takes %v", name, spent)
		}
		checkVerdict(t, name, verdict, got)
	}
	for family, n := range verdicts {
		if n[true] == 0 || n[false] == 0 {
			t.Errorf("family %s has %d controls and %d attacks", family, n[true], n[false])
		}
	}
}

func checkVerdict(t *testing.T, name, verdict string, got error) {
	t.Helper()
	sentinels := map[string]error{
		"refuse shape": saml.ErrShape, "refuse syntax": saml.ErrSyntax, "refuse signature": saml.ErrSignature,
		"refuse binding": saml.ErrBinding, "refuse metadata": saml.ErrMetadata, "refuse encrypted": saml.ErrEncrypted,
		"refuse decryption": saml.ErrDecryption,
		"refuse envelope":   saml.ErrSOAP, "refuse version": saml.ErrSOAPVersion, "refuse header": saml.ErrMustUnderstand,
	}
	want, known := sentinels[verdict]
	switch {
	case verdict == "accept" && got != nil:
		t.Errorf("%s: control is refused: %v", name, got)
	case verdict != "accept" && !known:
		t.Errorf("%s: first line has no verdict", name)
	case known && !errors.Is(got, want):
		t.Errorf("%s: got %v, want %v", name, got, want)
	}
}

func attackKeys(t testing.TB) []crypto.PublicKey {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "attacks", "registered.pem"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(raw)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return []crypto.PublicKey{cert.PublicKey}
}

var errIdentity = errors.New("another identity than the signed one")

// readAttack reads a message as its receiver would. An accepted response must
// say what was signed.
func readAttack(family string, message []byte, keys []crypto.PublicKey) error {
	switch family {
	case "response":
		f, err := saml.ReadResponse(message, keys)
		if err == nil && f.Status == saml.StatusSuccess && f.Assertion.NameID.Value != "p-71f2" {
			return errIdentity
		}
		return err
	case "request":
		_, err := saml.ParseAuthnRequest(message)
		return err
	case "signedrequest":
		r, err := saml.VerifyAuthnRequest(message, keys)
		if err == nil && r.ACSURL != "https://lire.example.org/saml/acs" {
			return errIdentity
		}
		return err
	case "query":
		m, err := saml.DecodeRedirect(string(message))
		if err != nil {
			return err
		}
		if _, err := saml.ParseAuthnRequest(m.XML); err != nil {
			return err
		}
		return m.VerifyDetached(keys)
	case "metadata":
		_, err := saml.ParseSPMetadata(message, now())
		return err
	case "encrypted", "cbc":
		return readEncryptedAttack(family, message)
	}
	return readSignOutAttack(family, message)
}
