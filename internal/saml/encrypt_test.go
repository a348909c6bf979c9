package saml_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/saml"
)

const (
	xmlenc11 = "http://www.w3.org/2009/xmlenc11#"
	oaep     = xmlenc + "rsa-oaep-mgf1p"
	oaep11   = xmlenc11 + "rsa-oaep"
)

// reader is who is encrypted to: as long a key as the gateway's own.
var readerIdentity = sync.OnceValue(func() identity {
	key, err := rsa.GenerateKey(rand.Reader, 3072)
	return newIdentity(key, err)
})

func (i identity) private() *rsa.PrivateKey { return i.key.(*rsa.PrivateKey) }

func (i identity) keyPEM(t testing.TB) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(i.key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func (i identity) certificate(methods ...saml.EncryptionMethod) saml.Certificate {
	return saml.Certificate{Key: i.key.Public(), DER: i.der, NotAfter: now().AddDate(5, 0, 0), Methods: methods}
}

// method reads "algorithm digest mask", the last two of which need not be there.
func method(text string) saml.EncryptionMethod {
	words := append(strings.Fields(text), "", "")
	return saml.EncryptionMethod{Algorithm: words[0], Digest: words[1], Mask: words[2]}
}

func methods(texts ...string) []saml.EncryptionMethod {
	var out []saml.EncryptionMethod
	for _, text := range texts {
		out = append(out, method(text))
	}
	return out
}

func recipient(t testing.TB, who identity, listed ...string) *saml.Recipient {
	t.Helper()
	to, err := saml.NewRecipient([]saml.Certificate{who.certificate(methods(listed...)...)}, now())
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func encrypted(t testing.TB, who identity, r *saml.Response, what saml.Signing, to *saml.Recipient) []byte {
	t.Helper()
	doc, _, err := who.signer.AppendEncrypted(nil, r, what, to)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// reading reads what is encrypted to the reader, CBC too.
func reading() saml.Decryption {
	return saml.Decryption{Keys: []crypto.Decrypter{readerIdentity().private()}, EntityID: spEntity, CBC: true}
}

// ways are lists of metadata beside what is written for each: the data's algorithm, the key's, its digest and mask.
func ways() map[string]struct{ listed, written []string } {
	return map[string]struct{ listed, written []string }{
		"nothing listed":          {nil, []string{xmlenc + "aes128-cbc", oaep, dsigNS + "sha1"}},
		"the old ones":            {[]string{xmlenc + "tripledes-cbc", xmlenc + "aes256-cbc", xmlenc + "rsa-1_5", oaep}, []string{xmlenc + "aes128-cbc", oaep, dsigNS + "sha1"}},
		"a transport alone":       {[]string{oaep}, []string{xmlenc + "aes128-cbc", oaep}},
		"CBC and the newer alone": {[]string{xmlenc + "aes128-cbc", oaep11}, []string{xmlenc + "aes128-cbc", oaep11, xmlenc + "sha256"}},
		"GCM-256":                 {[]string{xmlenc + "aes128-cbc", xmlenc11 + "aes128-gcm", xmlenc11 + "aes256-gcm", oaep}, []string{xmlenc11 + "aes256-gcm", oaep, dsigNS + "sha1"}},
		"GCM-192":                 {[]string{xmlenc11 + "aes192-gcm", oaep}, []string{xmlenc11 + "aes192-gcm", oaep}},
		"GCM-128":                 {[]string{xmlenc11 + "aes128-gcm"}, []string{xmlenc11 + "aes128-gcm", oaep}},
		"the newer transport":     {[]string{xmlenc11 + "aes256-gcm", oaep, oaep11}, []string{xmlenc11 + "aes256-gcm", oaep11, xmlenc + "sha256", xmlenc11 + "mgf1sha1"}},
		"with its digest":         {[]string{xmlenc11 + "aes256-gcm", oaep11 + " " + xmlenc + "sha512 " + xmlenc11 + "mgf1sha256"}, []string{xmlenc11 + "aes256-gcm", oaep11, xmlenc + "sha512", xmlenc11 + "mgf1sha256"}},
		"one that is known":       {[]string{xmlenc11 + "aes256-gcm", oaep11 + " urn:md5", oaep11 + " " + more + "sha384 " + xmlenc11 + "mgf1sha384"}, []string{oaep11, more + "sha384", xmlenc11 + "mgf1sha384"}},
		"the older, newer digest": {[]string{xmlenc11 + "aes256-gcm", oaep + " " + xmlenc + "sha256", oaep11 + " urn:md5"}, []string{oaep, xmlenc + "sha256"}},
	}
}

func TestAnAssertionIsEncryptedAsTheMetadataListsAndReadAgain(t *testing.T) {
	t.Parallel()
	for name, way := range ways() {
		for signing, what := range signings() {
			to := recipient(t, readerIdentity(), way.listed...)
			if to.Authenticated() == strings.HasSuffix(way.written[0], "cbc") && strings.HasPrefix(way.written[0], "http://www.w3.org/2001") {
				t.Errorf("%s: it says of itself that it is authenticated: %v", name, to.Authenticated())
			}
			doc := encrypted(t, rsaIdentity(), awkwardResponse(), what, to)
			for _, uri := range way.written {
				if strings.Count(string(doc), `Algorithm="`+uri+`"`) == 0 {
					t.Errorf("%s: not written with %s", name, uri)
				}
			}
			got, err := reading().ReadResponse(doc, rsaIdentity().public())
			if err != nil {
				t.Errorf("%s, %s: %v", name, signing, err)
				continue
			}
			checkFacts(t, name+", "+signing, got, awkwardResponse())
		}
	}
}

func TestNothingOfAnEncryptedAssertionIsInClear(t *testing.T) {
	t.Parallel()
	for signing, what := range signings() {
		doc, read, err := rsaIdentity().signer.AppendEncrypted([]byte("before"), plainResponse(), what, recipient(t, readerIdentity()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(doc, []byte("p-71f2")) || bytes.Contains(doc, []byte("<saml:Assertion")) || !bytes.HasPrefix(doc, []byte("before<samlp:Response ")) {
			t.Errorf("%s: something is in clear", signing)
		}
		if !bytes.Contains(read, []byte("p-71f2")) || bytes.Contains(read, []byte("EncryptedData")) || !bytes.HasPrefix(read, []byte("<samlp:Response ")) || !bytes.HasSuffix(read, []byte("</saml:Assertion></samlp:Response>")) {
			t.Errorf("%s: what is read is something else", signing)
		}
		if _, err := saml.ReadResponse(read, rsaIdentity().public()); what == saml.SignAssertion && err != nil {
			t.Errorf("%s: %v", signing, err)
		}
		again := encrypted(t, rsaIdentity(), plainResponse(), what, recipient(t, readerIdentity()))
		if bytes.Equal(again, doc[len("before"):]) {
			t.Errorf("%s: the same key twice", signing)
		}
	}
}

func TestTheKeyThatEndsLastIsEncryptedTo(t *testing.T) {
	t.Parallel()
	certificate := func(who identity, years int, listed ...string) saml.Certificate {
		c := who.certificate(methods(listed...)...)
		c.NotAfter = now().AddDate(years, 0, 0)
		return c
	}
	a, b, ec := rsaIdentity(), readerIdentity(), ecIdentity()
	for name, c := range map[string]struct {
		keys []saml.Certificate
		want identity
	}{
		"the later one behind": {[]saml.Certificate{certificate(a, 1), certificate(b, 2)}, b},
		"the later one first":  {[]saml.Certificate{certificate(b, 2), certificate(a, 1)}, b},
		"of two alike":         {[]saml.Certificate{certificate(b, 1), certificate(a, 1)}, b},
		"one has ended":        {[]saml.Certificate{certificate(a, -1), certificate(b, 1)}, b},
		"all have ended":       {[]saml.Certificate{certificate(a, -2), certificate(b, -1)}, b},
		"a key on a curve":     {[]saml.Certificate{certificate(ec, 9), certificate(b, 1)}, b},
		"RSA 1.5 alone":        {[]saml.Certificate{certificate(a, 9, xmlenc+"rsa-1_5"), certificate(b, 1)}, b},
		"triple DES alone":     {[]saml.Certificate{certificate(a, 9, xmlenc+"tripledes-cbc", oaep), certificate(b, 1)}, b},
		"unknown digests":      {[]saml.Certificate{certificate(a, 9, oaep+" urn:md5", oaep11+" "+xmlenc+"sha256 urn:mask"), certificate(b, 1)}, b},
		"a mask on the older":  {[]saml.Certificate{certificate(a, 9, oaep+" "+xmlenc+"sha256 "+xmlenc11+"mgf1sha256"), certificate(b, 1)}, b},
	} {
		to, err := saml.NewRecipient(c.keys, now())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if doc := encrypted(t, rsaIdentity(), plainResponse(), saml.SignAssertion, to); !bytes.Contains(doc, []byte(base64.StdEncoding.EncodeToString(c.want.der))) {
			t.Errorf("%s: another key", name)
		}
		if to, err := saml.NewRecipient(c.keys[:1], now()); strings.Contains(name, " alone") || strings.Contains(name, "curve") || strings.Contains(name, "unknown") || strings.Contains(name, "mask") {
			if err == nil {
				t.Errorf("%s: alone it is encrypted to with %s", name, to)
			}
		}
	}
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := saml.NewRecipient([]saml.Certificate{{Key: short.Public()}}, now()); err == nil {
		t.Error("a short key is encrypted to")
	}
	if _, err := saml.NewRecipient(nil, now()); err == nil {
		t.Error("nobody is encrypted to")
	}
}

func TestMetadataSaysHowToEncryptToEachKey(t *testing.T) {
	t.Parallel()
	listed := `<md:EncryptionMethod Algorithm="` + xmlenc11 + `aes256-gcm"/><md:EncryptionMethod Algorithm="` + oaep11 + `">` +
		`<ds:DigestMethod xmlns:ds="` + dsigNS + `" Algorithm="` + xmlenc + `sha512"/><xenc11:MGF xmlns:xenc11="` + xmlenc11 + `" Algorithm="` + xmlenc11 + `mgf1sha512"/></md:EncryptionMethod>`
	key := strings.Replace(keyDescriptor("encryption", readerIdentity().der), "</md:KeyDescriptor>", listed+"</md:KeyDescriptor>", 1)
	md, err := saml.ParseSPMetadata([]byte(mdHead+mdRole+keyDescriptor("", rsaIdentity().der)+key+mdACS+mdRest), now())
	if err != nil || len(md.EncryptionKeys) != 2 {
		t.Fatal(err)
	}
	if got := md.EncryptionKeys[1]; len(got.Methods) != 2 || got.Methods[1] != method(oaep11+" "+xmlenc+"sha512 "+xmlenc11+"mgf1sha512") || !bytes.Equal(got.DER, readerIdentity().der) {
		t.Errorf("%+v", got.Methods)
	}
	if len(md.EncryptionKeys[0].Methods) != 0 {
		t.Error("a key has another's methods")
	}
}

func TestNothingHalfEncryptedLeaves(t *testing.T) {
	t.Parallel()
	bad := plainResponse()
	bad.Assertion.Audience = ""
	for name, c := range map[string]struct {
		r    *saml.Response
		what saml.Signing
		to   *saml.Recipient
	}{
		"nobody": {plainResponse(), saml.SignBoth, nil}, "a bad response": {bad, saml.SignBoth, recipient(t, readerIdentity())},
		"no such choice": {plainResponse(), 9, recipient(t, readerIdentity())},
	} {
		if doc, read, err := rsaIdentity().signer.AppendEncrypted([]byte("x"), c.r, c.what, c.to); err == nil || string(doc) != "x" || read != nil {
			t.Errorf("%s: %q, %v", name, doc, err)
		}
	}
}

// xmlsecDecrypts has xmlsec1 put the assertion in place of what is encrypted.
func xmlsecDecrypts(t *testing.T, who identity, doc []byte) []byte {
	t.Helper()
	out, err := exec.Command("xmlsec1", "--decrypt", "--privkey-pem", file(t, "key.pem", who.keyPEM(t)), file(t, "doc.xml", doc)).CombinedOutput()
	if err != nil {
		t.Fatalf("xmlsec1 does not decrypt: %v\n%.400s", err, out)
	}
	return out
}

func TestXMLSecDecryptsAndVerifiesWhatWeEncrypt(t *testing.T) {
	t.Parallel()
	for name, listed := range map[string][]string{
		"CBC-128": nil, "GCM-128": {xmlenc11 + "aes128-gcm"}, "GCM-192": {xmlenc11 + "aes192-gcm"}, "GCM-256": {xmlenc11 + "aes256-gcm", oaep},
	} {
		for signing, what := range signings() {
			t.Run(name+" "+signing, func(t *testing.T) {
				t.Parallel()
				doc := encrypted(t, rsaIdentity(), awkwardResponse(), what, recipient(t, readerIdentity(), listed...))
				if what != saml.SignAssertion {
					xmlsec1(t, doc, rsaIdentity(), "Response")
				}
				if what == saml.SignResponse {
					xmlsecDecrypts(t, readerIdentity(), doc)
					return
				}
				plain := xmlsecDecrypts(t, readerIdentity(), doc)
				from, to := bytes.Index(plain, []byte("<saml:Assertion ")), bytes.Index(plain, []byte("</saml:Assertion>"))
				if from < 0 || to < from {
					t.Fatalf("no assertion in %s", plain)
				}
				xmlsec1(t, plain[from:to+len("</saml:Assertion>")], rsaIdentity(), "Assertion")
			})
		}
	}
}

// xsec-cipher is of Apache's library for C++, which the Shibboleth service provider reads with.
func TestAnotherImplementationDecryptsTheNewerKeyTransport(t *testing.T) {
	t.Parallel()
	for name, listed := range map[string][]string{
		"the default": {xmlenc11 + "aes256-gcm", oaep11}, "GCM-128": {xmlenc11 + "aes128-gcm", oaep11}, "the older": {xmlenc11 + "aes256-gcm", oaep},
		"the older SHA-256":  {xmlenc11 + "aes256-gcm", oaep + " " + xmlenc + "sha256"},
		"SHA-1":              {xmlenc11 + "aes256-gcm", oaep11 + " " + dsigNS + "sha1"},
		"SHA-256":            {xmlenc11 + "aes256-gcm", oaep11 + " " + xmlenc + "sha256 " + xmlenc11 + "mgf1sha256"},
		"SHA-512 and 1":      {xmlenc11 + "aes256-gcm", oaep11 + " " + xmlenc + "sha512"},
		"SHA-384 and itself": {xmlenc11 + "aes256-gcm", oaep11 + " " + more + "sha384 " + xmlenc11 + "mgf1sha384"},
		"CBC-128":            {xmlenc + "aes128-cbc", oaep},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := encrypted(t, rsaIdentity(), awkwardResponse(), saml.SignAssertion, recipient(t, readerIdentity(), listed...))
			out, err := exec.Command("xsec-cipher", "--key", "kek", "RSA", file(t, "key.pem", readerIdentity().keyPEM(t)), "none", file(t, "doc.xml", doc)).CombinedOutput()
			if err != nil {
				t.Fatalf("xsec-cipher does not decrypt: %v\n%.400s", err, out)
			}
			from, to := bytes.Index(out, []byte("<saml:Assertion ")), bytes.Index(out, []byte("</saml:Assertion>"))
			if from < 0 || to < from {
				t.Fatalf("no assertion in %s", out)
			}
			xmlsec1(t, out[from:to+len("</saml:Assertion>")], rsaIdentity(), "Assertion")
		})
	}
}

func TestCrewjamReadsWhatItCanDecrypt(t *testing.T) {
	t.Parallel()
	for signing, what := range signings() {
		r := presentResponse()
		sp := serviceProvider(t, rsaIdentity())
		certificate, err := x509.ParseCertificate(readerIdentity().der)
		if err != nil {
			t.Fatal(err)
		}
		sp.Key, sp.Certificate = readerIdentity().private(), certificate
		for name, listed := range map[string][]string{"CBC-128": nil, "GCM-128": {xmlenc11 + "aes128-gcm", oaep}} {
			doc := encrypted(t, rsaIdentity(), r, what, recipient(t, readerIdentity(), listed...))
			got, err := sp.ParseXMLResponse(doc, []string{"_q1"}, sp.AcsURL)
			if err != nil {
				t.Errorf("%s, %s: crewjam refuses: %v, %v", name, signing, err, err.(*crewjam.InvalidResponseError).PrivateErr)
				continue
			}
			if got.Subject.NameID.Format != saml.NameIDPersistent || len(got.AttributeStatements[0].Attributes) != len(r.Assertion.Attributes) || got.IssueInstant.Sub(r.IssueInstant).Abs() > time.Second {
				t.Errorf("%s, %s: it reads something else", name, signing)
			}
		}
	}
}
