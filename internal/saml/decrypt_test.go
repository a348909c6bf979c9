package saml_test

import (
	"bytes"
	"crypto"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"ecluse/internal/saml"
)

// xmlsecEncrypts has xmlsec1 encrypt the assertion of a response that is signed as said.
func xmlsecEncrypts(t *testing.T, data, session string) []byte {
	t.Helper()
	doc := string(write(t, rsaIdentity(), plainResponse(), saml.SignAssertion))
	doc = strings.Replace(doc, "<saml:Assertion ", `<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><saml:Assertion `, 1)
	doc = strings.Replace(doc, "</saml:Assertion>", "</saml:Assertion></saml:EncryptedAssertion>", 1)
	template := `<xenc:EncryptedData xmlns:xenc="` + xmlenc + `" Type="` + xmlenc + `Element"><xenc:EncryptionMethod Algorithm="` + data + `"/>` +
		`<ds:KeyInfo xmlns:ds="` + dsigNS + `"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="` + oaep + `"/><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>` +
		`<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>`
	out, err := exec.Command("xmlsec1", "--encrypt", "--pubkey-cert-pem", file(t, "cert.pem", readerIdentity().certPEM()), "--session-key", session,
		"--xml-data", file(t, "doc.xml", []byte(doc)), "--node-name", "urn:oasis:names:tc:SAML:2.0:assertion:Assertion", file(t, "template.xml", []byte(template))).Output()
	if err != nil {
		t.Fatalf("xmlsec1 does not encrypt: %v", err)
	}
	return out
}

func TestWhatXMLSecEncryptsIsRead(t *testing.T) {
	t.Parallel()
	for data, session := range map[string]string{
		xmlenc11 + "aes128-gcm": "aes-128", xmlenc11 + "aes192-gcm": "aes-192", xmlenc11 + "aes256-gcm": "aes-256",
		xmlenc + "aes128-cbc": "aes-128", xmlenc + "aes192-cbc": "aes-192", xmlenc + "aes256-cbc": "aes-256",
	} {
		doc := xmlsecEncrypts(t, data, session)
		got, err := reading().ReadResponse(doc, rsaIdentity().public())
		if err != nil {
			t.Errorf("%s: %v", data, err)
			continue
		}
		checkFacts(t, data, got, plainResponse())
		d := reading()
		if d.CBC = false; strings.HasSuffix(data, "cbc") {
			if _, err := d.ReadResponse(doc, rsaIdentity().public()); !errors.Is(err, saml.ErrEncrypted) {
				t.Errorf("%s: without an exception: %v", data, err)
			}
		}
		if _, err := saml.ReadResponse(doc, rsaIdentity().public()); !errors.Is(err, saml.ErrEncrypted) {
			t.Errorf("%s: without a key: %v", data, err)
		}
	}
}

// counting counts how often a key is used.
type counting struct {
	crypto.Decrypter
	times *atomic.Int32
}

func (c counting) Decrypt(random io.Reader, text []byte, opts crypto.DecrypterOpts) ([]byte, error) {
	c.times.Add(1)
	return c.Decrypter.Decrypt(random, text, opts)
}

func TestEveryWayToFailUsesTheKeysAlike(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob(filepath.Join("testdata", "attacks", "*-*"))
	if err != nil {
		t.Fatal(err)
	}
	failed := 0
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		first, message, _ := bytes.Cut(content, []byte("\n"))
		family, _, _ := strings.Cut(filepath.Base(name), "-")
		if !bytes.HasPrefix(first, []byte("refuse decryption")) || strings.Contains(name, "key-other") { // its length tells that it is for no key of ours
			continue
		}
		failed++
		public, d, err := encryptedAttack(family == "cbc")
		if err != nil {
			t.Fatal(err)
		}
		var times atomic.Int32
		ours := d.Keys[0]
		d.Keys = []crypto.Decrypter{counting{ours, &times}, counting{readerOther(), &times}, counting{ours, &times}}
		if _, err := d.ReadResponse(message, public); !errors.Is(err, saml.ErrDecryption) {
			t.Errorf("%s: %v", name, err)
		}
		if n := times.Load(); n != 2 { // the second key is shorter
			t.Errorf("%s: %d keys were tried", name, n)
		}
	}
	if failed < 40 {
		t.Errorf("%d messages", failed)
	}
}

func readerOther() crypto.Decrypter { return rsaIdentity().private() }

func TestAnEncryptedAttributeIsRefusedByItsName(t *testing.T) {
	t.Parallel()
	m := attackMaker{t: t}
	around, _, bare := m.parts()
	l := goodLock()
	l.element = "EncryptedAttribute"
	bare = m.replace(bare, "<saml:AttributeStatement>", "<saml:AttributeStatement>"+l.seal(`<saml:Attribute xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Name="x"/>`))
	if _, err := reading().ReadResponse([]byte(m.signedAround(m.replace(around, "HERE", bare))), rsaIdentity().public()); !errors.Is(err, saml.ErrEncrypted) {
		t.Errorf("%v", err)
	}
}

func TestARecipientPrintsItsAlgorithmsAlone(t *testing.T) {
	t.Parallel()
	to := recipient(t, readerIdentity())
	if s := to.String(); !strings.Contains(s, "aes128-cbc") || strings.Contains(s, "MII") {
		t.Errorf("it prints %s", s)
	}
}

// FuzzDecrypt alters what is encrypted, and encrypts what is altered: whoever is read was signed.
func FuzzDecrypt(f *testing.F) {
	for _, family := range []string{"encrypted", "cbc"} {
		names, err := filepath.Glob(filepath.Join("testdata", "attacks", family+"-*"))
		if err != nil || len(names) == 0 {
			f.Fatalf("no seeds: %v", err)
		}
		for _, name := range names {
			content, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			_, message, _ := bytes.Cut(content, []byte("\n"))
			f.Add(message, []byte("<saml:Assertion/>"))
		}
	}
	signed := string(write(f, rsaIdentity(), plainResponse(), saml.SignAssertion))
	from, to := strings.Index(signed, "<saml:Assertion "), strings.Index(signed, "</samlp:Response>")
	f.Add([]byte{}, []byte(signed[from:to]))
	public, d, err := encryptedAttack(true)
	if err != nil {
		f.Fatal(err)
	}
	gcm, cbc := goodLock(), cbcLock()
	keys := map[bool]string{true: gcm.encryptedKey(""), false: cbc.encryptedKey("")}
	f.Fuzz(func(t *testing.T, message, inside []byte) {
		if r, err := d.ReadResponse(message, public); err == nil && r.Status == saml.StatusSuccess && r.Assertion.NameID.Value != "p-71f2" {
			t.Error("accepted another identity")
		}
		for isGCM, l := range map[bool]lock{true: gcm, false: cbc} {
			if !isGCM { // whatever stands there is the ciphertext
				l.raw = inside
			}
			doc := signed[:from] + l.sealWith(string(inside), keys[isGCM]) + signed[to:]
			if r, err := reading().ReadResponse([]byte(doc), rsaIdentity().public()); err == nil && r.Assertion.NameID.Value != "p-71f2" {
				t.Error("accepted another identity from inside")
			}
		}
	})
}
