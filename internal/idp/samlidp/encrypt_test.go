package samlidp_test

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/idp"
	"ecluse/internal/idp/samlidp"
	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
)

const (
	gcm128 = "http://www.w3.org/2009/xmlenc11#aes128-gcm"
	gcm256 = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
	oaep   = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"
	oaep11 = "http://www.w3.org/2009/xmlenc11#rsa-oaep"
	rsa15  = "http://www.w3.org/2001/04/xmlenc#rsa-1_5"
)

// encryptionMD is a role with a key, for a use, and how to encrypt to it.
func encryptionMD(tb testing.TB, use string, methods ...string) string {
	tb.Helper()
	theirs, _ := pairs(tb)
	role := plainMD + `<md:KeyDescriptor` + use + `><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>` +
		base64.StdEncoding.EncodeToString(theirs.certificate.Raw) + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`
	for _, method := range methods {
		role += `<md:EncryptionMethod Algorithm="` + method + `"/>`
	}
	return role + `</md:KeyDescriptor>`
}

const forEncryption = ` use="encryption"`

// reads reads a response as the service does, with a reader that is tried elsewhere against others.
func reads(t *testing.T, document []byte) (saml.Facts, error) {
	t.Helper()
	theirs, _ := pairs(t)
	d := saml.Decryption{Keys: []crypto.Decrypter{theirs.key}, CBC: true}
	return d.ReadResponse(document, []crypto.PublicKey{keystest.Ring(t).Signer(keys.UseSAML).Public()})
}

func TestAnAssertionIsEncryptedWhereTheMetadataHasAKeyForIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		role, encrypt, sign string
		want                []string // algorithms; none: in clear
	}{
		"a key for it":             {encryptionMD(t, forEncryption, gcm256, oaep11, oaep), "", "", []string{gcm256, oaep11}},
		"the older key transport":  {encryptionMD(t, forEncryption, gcm128, oaep), "when_possible", "both", []string{gcm128, oaep}},
		"a key for both uses":      {encryptionMD(t, "", gcm256), "", "response", []string{gcm256, oaep}},
		"nothing listed":           {encryptionMD(t, forEncryption), "required", "", []string{"http://www.w3.org/2001/04/xmlenc#aes128-cbc", oaep}},
		"a key for signing":        {encryptionMD(t, ` use="signing"`, gcm256), "", "", nil},
		"no key":                   {plainMD, "when_possible", "", nil},
		"nothing that is written":  {encryptionMD(t, forEncryption, gcm256, rsa15), "", "", nil},
		"never, though it has one": {encryptionMD(t, forEncryption, gcm256), "never", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.rebind(t, "lire", func(s *samlidp.Settings) { s.Encrypt, s.Sign = c.encrypt, c.sign }, metadata("lire", c.role))
			p := newParty(t, h, "lire")
			raw := h.get(t, p.query(t, p.request(t, crewjam.HTTPRedirectBinding), "")).response(t)
			if got := bytes.Contains(raw, []byte("<saml:EncryptedAssertion ")); got != (c.want != nil) || got == bytes.Contains(raw, []byte("<saml:NameID")) {
				t.Fatalf("encrypted %v", got)
			}
			for _, uri := range c.want {
				if !bytes.Contains(raw, []byte(`Algorithm="`+uri+`"`)) {
					t.Errorf("not with %s", uri)
				}
			}
			if facts, err := reads(t, raw); err != nil || facts.Assertion.NameID.Value == "" || facts.ResponseSigned != (c.sign == "both" || c.sign == "response") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestAServiceOfAnotherImplementationSignsInEncrypted(t *testing.T) {
	t.Parallel()
	for _, methods := range [][]string{nil, {gcm128, oaep}} {
		h := newHouse(t)
		h.rebind(t, "lire", func(*samlidp.Settings) {}, metadata("lire", encryptionMD(t, "", methods...)))
		p := newParty(t, h, "lire")
		theirs, _ := pairs(t)
		p.signWith(theirs)
		r := p.request(t, crewjam.HTTPPostBinding)
		got := h.posted(t, document(t, r), "")
		if !bytes.Contains(got.response(t), []byte("EncryptedAssertion")) || p.accepts(t, got, r.ID).Subject.NameID.Value == "" {
			t.Errorf("%v: it signs nobody in", methods)
		}
	}
}

func TestAServiceThatMustReadEncryptedAndCannotIsAnsweredNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, role := range map[string]string{"no key": plainMD, "RSA 1.5 alone": encryptionMD(t, forEncryption, gcm256, rsa15)} {
		h.rebind(t, "lire", func(s *samlidp.Settings) { s.Encrypt = "required" }, metadata("lire", role))
		p := newParty(t, h, "lire")
		if got := h.get(t, p.query(t, p.request(t, crewjam.HTTPRedirectBinding), "")); got.action() != "" {
			t.Errorf("%s: an answer goes to %s", name, got.action())
		}
	}
}

func TestWhatBecomesOfAssertionsIsToldWhereItIsNotWhatOneWouldWish(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, c := range map[string]struct {
		role, encrypt string
		blocking      bool
		what          string // of the one finding; none when empty
	}{
		"as it should be":        {encryptionMD(t, forEncryption, gcm256, oaep11), "", false, ""},
		"no key":                 {plainMD, "", false, ""},
		"never, without a key":   {plainMD, "never", false, ""},
		"never, with one":        {encryptionMD(t, forEncryption), "never", false, "in clear inside TLS"},
		"required, without one":  {plainMD, "required", true, "no key that can be encrypted to"},
		"required, RSA 1.5":      {encryptionMD(t, forEncryption, rsa15), "required", true, "no key that can be encrypted to"},
		"RSA 1.5":                {encryptionMD(t, forEncryption, rsa15), "", false, "not encrypted"},
		"CBC":                    {encryptionMD(t, forEncryption), "", false, "AES-128-CBC"},
		"another word":           {plainMD, "always", true, `"always" is not known`},
		"required, and possible": {encryptionMD(t, forEncryption, gcm128), "required", false, ""},
	} {
		found := h.provider.CheckSettings(bind(t, entity("lire"), samlidp.Settings{Metadata: metadata("lire", c.role), Encrypt: c.encrypt}))
		found = slices.DeleteFunc(found, func(f registry.Finding) bool { return strings.Contains(f.What, "certificate of") })
		switch {
		case c.what == "" && len(found) > 0:
			t.Errorf("%s: %v", name, found)
		case c.what != "" && (len(found) != 1 || !strings.Contains(found[0].What, c.what) || (found[0].Severity == registry.Blocking) != c.blocking):
			t.Errorf("%s: %v", name, found)
		}
	}
}

// seen keeps what is told of answers.
type seen struct{ sent []idp.Sent }

func (s *seen) Sent(one idp.Sent) { s.sent = append(s.sent, one) }

func TestWhoeverWatchesSeesWhatTheServiceReads(t *testing.T) {
	t.Parallel()
	watch := &seen{}
	h := newHouse(t, func(c *samlidp.Config) { c.Watch = watch })
	h.rebind(t, "lire", func(*samlidp.Settings) {}, metadata("lire", encryptionMD(t, forEncryption, gcm256, oaep11)))
	p := newParty(t, h, "lire")
	raw := h.get(t, p.query(t, p.request(t, crewjam.HTTPRedirectBinding), "")).response(t)
	facts, err := reads(t, raw)
	if err != nil || len(watch.sent) != 1 {
		t.Fatal(err)
	}
	if told := watch.sent[0].Body; !bytes.Contains(told, []byte(facts.Assertion.NameID.Value)) || bytes.Contains(told, []byte("EncryptedAssertion")) {
		t.Error("what is watched is not what is read")
	}
}
