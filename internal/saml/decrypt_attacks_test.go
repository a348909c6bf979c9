package saml_test

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ecluse/internal/saml"
)

// encryptionKeys is a file of the certificate whose key signed the kept messages that are encrypted, and of the key they
// are encrypted to, which serves nothing else.
var encryptionKeys = filepath.Join("testdata", "attacks", "encryption.pem")

// encryptedAttack gives the keys of the kept messages: who signed, and how they are read.
func encryptedAttack(cbc bool) (public []crypto.PublicKey, d saml.Decryption, err error) {
	raw, err := os.ReadFile(encryptionKeys)
	if err != nil {
		return nil, d, err
	}
	block, rest := pem.Decode(raw)
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, d, err
	}
	block, _ = pem.Decode(rest)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, d, err
	}
	d = saml.Decryption{Keys: []crypto.Decrypter{key.(crypto.Decrypter)}, EntityID: spEntity, CBC: cbc}
	return []crypto.PublicKey{certificate.PublicKey}, d, nil
}

func readEncryptedAttack(family string, message []byte) error {
	public, d, err := encryptedAttack(family == "cbc")
	if err != nil {
		return err
	}
	f, err := d.ReadResponse(message, public)
	if err == nil && f.Assertion.NameID.Value != "p-71f2" {
		return errIdentity
	}
	if errors.Is(err, saml.ErrDecryption) && err.Error() != "response: "+saml.ErrDecryption.Error() {
		return errors.New("a text of its own for one way to fail")
	}
	return err
}

// lock encrypts as nothing of the package does: well or badly.
type lock struct {
	data, how, digest, mask string
	key                     []byte
	hash, masked            crypto.Hash
	to                      *rsa.PublicKey
	raw                     []byte // instead of what is encrypted
	element                 string
}

func goodLock() lock {
	return lock{
		data: xmlenc11 + "aes256-gcm", how: oaep11, digest: xmlenc + "sha256", mask: xmlenc11 + "mgf1sha256", key: bytes.Repeat([]byte{7}, 32),
		hash: crypto.SHA256, masked: crypto.SHA256, to: &rsaReader().private().PublicKey, element: "EncryptedAssertion",
	}
}

func cbcLock() lock {
	l := goodLock()
	l.data, l.how, l.digest, l.mask, l.hash, l.masked, l.key = xmlenc+"aes128-cbc", oaep, "", "", crypto.SHA1, crypto.SHA1, l.key[:16]
	return l
}

func parameter(name, space, uri string) string {
	if uri == "" {
		return ""
	}
	return `<p:` + name + ` xmlns:p="` + space + `" Algorithm="` + uri + `"/>`
}

func (l lock) encryptedKey(attributes string) string {
	value, err := rsa.EncryptOAEPWithOptions(rand.Reader, l.to, l.key, &rsa.OAEPOptions{Hash: l.hash, MGFHash: l.masked})
	if l.how == xmlenc+"rsa-1_5" {
		//lint:ignore SA1019 it is what must be refused
		value, err = rsa.EncryptPKCS1v15(rand.Reader, l.to, l.key)
	}
	if err != nil {
		panic(err)
	}
	return `<xenc:EncryptedKey xmlns:xenc="` + xmlenc + `"` + attributes + `><xenc:EncryptionMethod Algorithm="` + l.how + `">` +
		parameter("DigestMethod", dsigNS, l.digest) + parameter("MGF", xmlenc11, l.mask) + `</xenc:EncryptionMethod>` +
		`<xenc:CipherData><xenc:CipherValue>` + base64.StdEncoding.EncodeToString(value) + `</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>`
}

// ciphertext pads with the last byte of what is encrypted already, where that is whole blocks.
func (l lock) ciphertext(plain []byte) []byte {
	if l.raw != nil {
		return l.raw
	}
	block, err := aes.NewCipher(l.key)
	if err != nil {
		block, _ = aes.NewCipher(make([]byte, 16)) // a key of a wrong length is tried with whatever
	}
	if strings.HasSuffix(l.data, "gcm") {
		gcm, _ := cipher.NewGCM(block)
		return gcm.Seal(make([]byte, 12), make([]byte, 12), plain, nil)
	}
	if n := 16 - len(plain)%16; n < 16 || plain[len(plain)-1] == '>' {
		plain = append(bytes.Clone(plain), bytes.Repeat([]byte{byte(n)}, n)...)
	}
	out := make([]byte, 16+len(plain))
	cipher.NewCBCEncrypter(block, out[:16]).CryptBlocks(out[16:], plain)
	return out
}

// seal makes the element, with its key inside.
func (l lock) seal(plain string) string { return l.sealWith(plain, l.encryptedKey("")) }

func (l lock) sealWith(plain, keys string) string {
	return `<saml:` + l.element + ` xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><xenc:EncryptedData xmlns:xenc="` + xmlenc + `" Type="` + xmlenc + `Element">` +
		`<xenc:EncryptionMethod Algorithm="` + l.data + `"/><ds:KeyInfo xmlns:ds="` + dsigNS + `">` + keys + `</ds:KeyInfo><xenc:CipherData><xenc:CipherValue>` +
		base64.StdEncoding.EncodeToString(l.ciphertext([]byte(plain))) + `</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:` + l.element + `>`
}

// rsaReader is the key that the attacks are encrypted to; when they are made, it is kept.
func rsaReader() identity { return readerIdentity() }

// TestMakeEncryptedAttacks checks that the maker still knows how to build what is kept, and writes it with -update.
func TestMakeEncryptedAttacks(t *testing.T) {
	t.Parallel()
	m := attackMaker{t: t, files: map[string]string{}}
	m.encryptedControls()
	m.encryptedAlgorithms()
	m.encryptedPlaces()
	m.encryptedCiphertexts()
	m.encryptedContents()
	m.cbc()
	if *updateAttacks {
		m.files[filepath.Base(encryptionKeys)] = string(rsaIdentity().certPEM()) + string(rsaReader().keyPEM(t))
	}
	for name, content := range m.files {
		path := filepath.Join("testdata", "attacks", name)
		if !*updateAttacks {
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s is not kept: %v", name, err)
			}
			continue
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// parts are a response with its signed assertion, and the response around a mark.
func (m attackMaker) parts() (around, signed, bare string) {
	doc := string(write(m.t, rsaIdentity(), plainResponse(), saml.SignAssertion))
	signed = m.between(doc, "<saml:Assertion ", "</saml:Assertion>")
	bare = m.replace(signed, m.between(signed, "<ds:Signature ", "</ds:Signature>"), "")
	return m.replace(doc, signed, "HERE"), signed, bare
}

// signedAround has the response signed around what is in it.
func (m attackMaker) signedAround(doc string) string {
	return m.signedMessage(doc, plainResponse().ID, "Response")
}

// sealed adds a message: what is encrypted, in a response that is not signed.
func (m attackMaker) sealed(name, verdict, inside string) {
	around, _, _ := m.parts()
	m.add(name, verdict, m.replace(around, "HERE", inside))
}

func (m attackMaker) encryptedControls() {
	around, signed, bare := m.parts()
	good := goodLock()
	m.sealed("encrypted-control-assertion.xml", "accept: signed, then encrypted", good.seal(signed))
	m.add("encrypted-control-response.xml", "accept: encrypted, then signed around", m.signedAround(m.replace(around, "HERE", good.seal(bare))))
	m.add("encrypted-control-both.xml", "accept: signed inside and around", m.signedAround(m.replace(around, "HERE", good.seal(signed))))
	m.sealed("encrypted-control-plain.xml", "accept: not encrypted at all", signed)
	retrieval := `<ds:RetrievalMethod URI="#k1" Type="` + xmlenc + `EncryptedKey"/>`
	m.sealed("encrypted-control-beside.xml", "accept: the key beside the data, by its ID",
		m.replace(good.sealWith(signed, retrieval), "</saml:EncryptedAssertion>", good.encryptedKey(` Id="k1"`)+"</saml:EncryptedAssertion>"))
	old := good
	old.how, old.digest, old.mask = xmlenc+"rsa-1_5", "", ""
	m.sealed("encrypted-control-recipients.xml", "accept: a key for another recipient, in RSA 1.5, beside ours",
		good.sealWith(signed, old.encryptedKey(` Recipient="https://other.example.org/sp"`)+good.encryptedKey(` Recipient="`+spEntity+`"`)))
	m.sealed("encrypted-control-declaration.xml", "accept: an XML declaration inside", good.seal(`<?xml version="1.0" encoding="UTF-8"?>`+signed))
	name := good
	name.element = "EncryptedID"
	m.sealedName("encrypted-control-name.xml", "accept: an encrypted NameID in a signed assertion", name.seal(m.replace(m.between(bare, "<saml:NameID ", "</saml:NameID>"), "<saml:NameID ", `<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" `)))
}

// sealedName puts something in place of the NameID of an assertion that is then signed.
func (m attackMaker) sealedName(name, verdict, inside string) {
	around, _, bare := m.parts()
	doc := m.replace(around, "HERE", m.replace(bare, m.between(bare, "<saml:NameID ", "</saml:NameID>"), inside))
	m.add(name, verdict, m.signedAround(doc))
}

func (m attackMaker) encryptedAlgorithms() {
	_, signed, _ := m.parts()
	for name, change := range map[string]struct {
		verdict string
		how     func(*lock)
	}{
		"rsa15":      {"encrypted: RSA 1.5", func(l *lock) { l.how, l.digest, l.mask = xmlenc+"rsa-1_5", "", "" }},
		"cbc":        {"encrypted: AES-CBC without an exception", func(l *lock) { *l = cbcLock() }},
		"des":        {"encrypted: triple DES", func(l *lock) { l.data = xmlenc + "tripledes-cbc" }},
		"no-data":    {"encrypted: no algorithm for the data", func(l *lock) { l.data = "" }},
		"null":       {"encrypted: no algorithm for the key", func(l *lock) { l.how = "" }},
		"md5":        {"encrypted: a digest that is not listed", func(l *lock) { l.digest = "http://www.w3.org/2001/04/xmldsig-more#md5" }},
		"mask":       {"encrypted: a mask that is not listed", func(l *lock) { l.mask = "urn:none" }},
		"mask-older": {"encrypted: a mask beside the one that rsa-oaep-mgf1p names", func(l *lock) { l.how = oaep }},
		"confused":   {"decryption: OAEP with SHA-256 called SHA-1", func(l *lock) { l.digest = dsigNS + "sha1" }},
		"confused-default": {
			"decryption: OAEP with SHA-256 called the default",
			func(l *lock) { l.digest = "" },
		},
		"confused-mask": {"decryption: a mask with SHA-256 called one with SHA-1", func(l *lock) { l.mask = xmlenc11 + "mgf1sha1" }},
		"confused-name": {"decryption: rsa-oaep-mgf1p that masks with SHA-256", func(l *lock) { l.how, l.mask = oaep, "" }},
		"confused-cipher": {"decryption: AES-128-GCM called AES-256-GCM", func(l *lock) {
			l.key = l.key[:16]
		}},
		"key-long":    {"decryption: a key that is too long", func(l *lock) { l.key = bytes.Repeat([]byte{7}, 48) }},
		"key-short":   {"decryption: a key that is too short", func(l *lock) { l.key = l.key[:24] }},
		"key-empty":   {"decryption: an empty key", func(l *lock) { l.key = nil }},
		"key-other":   {"decryption: a key for another's private key", func(l *lock) { l.to = &rsaIdentity().private().PublicKey }},
		"raw-empty":   {"decryption: no ciphertext", func(l *lock) { l.raw = []byte{} }},
		"raw-short":   {"decryption: ciphertext shorter than what begins it", func(l *lock) { l.raw = []byte("x") }},
		"raw-nonce":   {"decryption: a nonce alone", func(l *lock) { l.raw = make([]byte, 12) }},
		"raw-tagless": {"decryption: a nonce and half a tag", func(l *lock) { l.raw = make([]byte, 20) }},
		"raw-zero":    {"decryption: zeros", func(l *lock) { l.raw = make([]byte, 4096) }},
	} {
		l := goodLock()
		change.how(&l)
		m.sealed("encrypted-"+name+".xml", "refuse "+change.verdict, l.seal(signed))
	}
}

// encryptedPlaces moves what is encrypted around, and what points at it.
func (m attackMaker) encryptedPlaces() {
	around, signed, bare := m.parts()
	good := goodLock()
	whole := good.seal(signed)
	evil := m.replace(m.replace(bare, "p-71f2", "admin"), "_a0123", "_evil")
	m.sealed("encrypted-beside-plain.xml", "refuse encrypted: a forged assertion beside the encrypted one", whole+evil)
	m.sealed("encrypted-behind-plain.xml", "refuse encrypted: a signed assertion, and a forged one encrypted", signed+good.seal(evil))
	m.sealed("encrypted-two.xml", "refuse encrypted: two encrypted assertions", whole+good.seal(signed))
	m.sealed("encrypted-wrapped.xml", "refuse signature: an assertion in clear in EncryptedAssertion", m.replace(whole, "</saml:EncryptedAssertion>", evil+"</saml:EncryptedAssertion>"))
	m.sealed("encrypted-inside-plain.xml", "refuse signature: an encrypted assertion inside a forged one", m.replace(evil, "</saml:Issuer>", "</saml:Issuer>"+whole))
	m.sealed("encrypted-extensions.xml", "refuse signature: an encrypted assertion parked in Extensions", "<samlp:Extensions>"+whole+"</samlp:Extensions>"+evil)
	m.sealed("encrypted-nested.xml", "refuse signature: an EncryptedAssertion in another", m.replace(whole, "</saml:EncryptedAssertion>", whole+"</saml:EncryptedAssertion>"))
	for name, c := range map[string][3]string{
		"recipient":          {"encrypted: a key for another recipient", "<xenc:EncryptedKey ", `<xenc:EncryptedKey Recipient="https://other.example.org/sp" `},
		"content":            {"encrypted: content, not an element", xmlenc + `Element"`, xmlenc + `Content"`},
		"cipher-reference":   {"encrypted: ciphertext by reference", "<xenc:CipherValue>", `<xenc:CipherReference URI="http://127.0.0.1/"/><xenc:CipherValue>`},
		"no-key":             {"encrypted: no key", m.between(whole, "<xenc:EncryptedKey ", "</xenc:EncryptedKey>"), ""},
		"retrieval":          {"encrypted: its key at an address", "<xenc:EncryptedKey ", `<ds:RetrievalMethod URI="http://127.0.0.1/key"/><xenc:EncryptedKey `},
		"retrieval-response": {"encrypted: its key is another element", "<xenc:EncryptedKey ", `<ds:RetrievalMethod URI="#` + plainResponse().ID + `"/><xenc:EncryptedKey `},
		"retrieval-empty":    {"encrypted: its key is the document", "<xenc:EncryptedKey ", `<ds:RetrievalMethod URI=""/><xenc:EncryptedKey `},
		"retrieval-xslt": {
			"encrypted: its key is to be transformed", "<xenc:EncryptedKey ",
			`<ds:RetrievalMethod URI="#k"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/></ds:Transforms></ds:RetrievalMethod><xenc:EncryptedKey Id="k" `,
		},
		"retrieval-type": {"encrypted: its key is a certificate", "<xenc:EncryptedKey ", `<ds:RetrievalMethod URI="#k" Type="` + dsigNS + `X509Data"/><xenc:EncryptedKey Id="k" `},
		"label":          {"encrypted: a label", "</xenc:EncryptionMethod>", "<xenc:OAEPparams>bGFiZWw=</xenc:OAEPparams></xenc:EncryptionMethod>"},
		"digest-twice":   {"encrypted: two digests", "</xenc:EncryptionMethod>", `<p:DigestMethod xmlns:p="` + dsigNS + `" Algorithm="` + dsigNS + `sha1"/></xenc:EncryptionMethod>`},
		"method-twice":   {"encrypted: two methods for the key", "<xenc:CipherData>", `<xenc:EncryptionMethod Algorithm="` + oaep + `"/><xenc:CipherData>`},
		"key-size":       {"encrypted: a key size of its own", `aes256-gcm"/>`, `aes256-gcm"><xenc:KeySize>128</xenc:KeySize></xenc:EncryptionMethod>`},
		"properties":     {"encrypted: properties", "</xenc:EncryptedData>", "<xenc:EncryptionProperties/></xenc:EncryptedData>"},
		"data-twice":     {"encrypted: two EncryptedData", "</xenc:EncryptedData>", m.between(whole, "</xenc:EncryptedData>", "</xenc:EncryptedData>") + m.between(whole, "<xenc:EncryptedData ", "</xenc:EncryptedData>")},
		"garbage":        {"encrypted: no base64", "</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>", "%</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>"},
		"ids":            {"signature: an ID of the response on the key", "<xenc:EncryptedKey ", `<xenc:EncryptedKey Id="` + plainResponse().ID + `" `},
		"element":        {"syntax: an element in ciphertext", "</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>", "<x/></xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>"},
		"failure":        {"syntax: a failure with an encrypted assertion", "", ""},
	} {
		if name == "failure" {
			m.add("encrypted-failure.xml", "refuse "+c[0], m.replace(m.replace(around, saml.StatusSuccess, saml.StatusRequester), "HERE", whole))
			continue
		}
		m.sealed("encrypted-"+name+".xml", "refuse "+c[0], m.replace(whole, c[1], c[2]))
	}
	m.sealed("encrypted-empty.xml", "refuse encrypted: nothing in it", `<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"/>`)
	m.sealed("encrypted-many-keys.xml", "refuse encrypted: more keys than are tried", good.sealWith(signed, good.encryptedKey("")+good.encryptedKey("")+good.encryptedKey("")))
	name := good
	name.element = "EncryptedID"
	m.sealedName("encrypted-name-other.xml", "refuse decryption: an assertion in place of an encrypted NameID", name.seal(signed))
	m.sealedName("encrypted-name-comment.xml", "refuse decryption: a comment in an encrypted NameID", name.seal(`<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">p-71f2<!-- -->x</saml:NameID>`))
	m.sealedName("encrypted-name-beside.xml", "refuse syntax: a NameID beside an encrypted one", `<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">admin</saml:NameID>`+name.seal(m.replace(m.between(bare, "<saml:NameID ", "</saml:NameID>"), "<saml:NameID ", `<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" `)))
	m.sealedName("encrypted-name-cut.xml", "refuse decryption: ciphertext of an encrypted NameID that is too short", func() string { name.raw = []byte("x"); return name.seal("") }())
}

// encryptedCiphertexts alters what was signed around.
func (m attackMaker) encryptedCiphertexts() {
	around, signed, bare := m.parts()
	good := goodLock()
	whole := m.signedAround(m.replace(around, "HERE", good.seal(bare)))
	evil := good.seal(m.replace(bare, "p-71f2", "admin"))
	m.add("encrypted-swapped.xml", "refuse signature: another ciphertext in a signed response", m.replace(whole, m.between(whole, "<saml:EncryptedAssertion ", "</saml:EncryptedAssertion>"), evil))
	m.add("encrypted-both-forged.xml", "refuse decryption: a signature inside that is wrong, in a signed response",
		m.signedAround(m.replace(around, "HERE", good.seal(m.replace(signed, "p-71f2", "admin")))))
	m.sealed("encrypted-tag.xml", "refuse decryption: a tag that was changed", func() string {
		l := good
		l.raw = l.ciphertext([]byte(signed))
		l.raw[len(l.raw)-1] ^= 1
		return l.seal("")
	}())
	m.sealed("encrypted-changed.xml", "refuse decryption: ciphertext that was changed", func() string {
		l := good
		l.raw = l.ciphertext([]byte(signed))
		l.raw[100] ^= 1
		return l.seal("")
	}())
}

// encryptedContents puts things inside: anybody can encrypt to a key that is published.
func (m attackMaker) encryptedContents() {
	_, signed, bare := m.parts()
	good := goodLock()
	evil := m.replace(m.replace(bare, "p-71f2", "admin"), "_a0123", "_evil")
	const dtd = `<!DOCTYPE a [<!ENTITY e "admin">]>`
	for name, c := range map[string][2]string{
		"unsigned":       {"an assertion that nobody signed (CVE-2026-2092)", evil},
		"forged":         {"a signed assertion that was changed", m.replace(signed, "p-71f2", "admin")},
		"dtd":            {"a DTD inside", dtd + signed},
		"comment":        {"a comment inside", m.replace(signed, "p-71f2", "p-71f2<!-- -->")},
		"pi":             {"a processing instruction inside", m.replace(signed, "p-71f2", "p-71f2<?x?>")},
		"inside-nested":  {"an encrypted assertion inside", good.seal(signed)},
		"inside-two":     {"two assertions inside", signed + evil},
		"inside-around":  {"a whole response inside", string(write(m.t, rsaIdentity(), plainResponse(), saml.SignBoth))},
		"inside-text":    {"text inside", "p-71f2"},
		"inside-nothing": {"nothing inside", ""},
		"inside-blank":   {"blanks inside", "   "},
		"inside-bytes":   {"bytes that are no text inside", "\x00\xff\xfe" + signed},
		"inside-deep":    {"depth inside", strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100)},
		"inside-wide":    {"many elements inside", "<a>" + strings.Repeat("<b/>", 3000) + "</a>"},
		"inside-xsw":     {"a signed assertion in a forged one", m.replace(evil, "</saml:Issuer>", "</saml:Issuer>"+signed)},
		"inside-object":  {"a signed assertion in the Object of a forged one's signature", m.replace(evil, "</saml:Issuer>", "</saml:Issuer>"+m.replace(m.between(signed, "<ds:Signature ", "</ds:Signature>"), "</ds:Signature>", "<ds:Object>"+bare+"</ds:Object></ds:Signature>"))},
		"inside-id":      {"the ID of the response inside", m.replace(signed, plainResponse().Assertion.ID, plainResponse().ID)},
		"inside-prefix":  {"a prefix that is declared outside alone", m.replace(signed, `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"`, "<saml:Assertion")},
		"inside-open":    {"an assertion that is not closed", strings.TrimSuffix(signed, "</saml:Assertion>")},
		"inside-name":    {"an element of another name", strings.ReplaceAll(signed, "saml:Assertion", "saml:Advice")},
	} {
		m.sealed("encrypted-"+name+".xml", "refuse decryption: "+c[0], good.seal(c[1]))
	}
}
