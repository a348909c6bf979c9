package samlsp_test

import (
	"bytes"
	"crypto/rsa"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/saml"
	"ecluse/internal/upstream"
	"ecluse/internal/web/webtest"
)

// readers is the shared ring with other keys to decrypt with.
type readers struct {
	*keys.Ring
	decrypters []keys.DecryptionKey
}

func (r readers) Decrypters() []keys.DecryptionKey { return r.decrypters }

// toUs is whom our metadata says to encrypt to.
func toUs(t testing.TB, g *gate) *saml.Recipient {
	t.Helper()
	md, err := saml.ParseSPMetadata(ourMetadata(t, g), g.now())
	if err != nil {
		t.Fatal(err)
	}
	to, err := saml.NewRecipient(md.EncryptionKeys, g.now())
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// toKey is a key without a word on how: that is AES-CBC.
func toKey(t testing.TB, key keys.DecryptionKey, methods ...string) *saml.Recipient {
	t.Helper()
	c := saml.Certificate{Key: key.Public(), DER: key.Certificate()}
	for _, m := range methods {
		c.Methods = append(c.Methods, saml.EncryptionMethod{Algorithm: m})
	}
	to, err := saml.NewRecipient([]saml.Certificate{c}, webtest.Now())
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// theirSealed is what the provider says to a request, signed as said and encrypted.
func theirSealed(t testing.TB, g *gate, q sent, signing saml.Signing, to *saml.Recipient) string {
	t.Helper()
	signer, err := saml.NewSigner(provider().key, provider().der)
	if err != nil {
		t.Fatal(err)
	}
	now := g.now()
	doc, _, err := signer.AppendEncrypted(nil, &saml.Response{
		ID: saml.NewID(), InResponseTo: q.AuthnRequest.ID, Issuer: idpEntity, Destination: q.ACSURL, IssueInstant: now,
		Assertion: saml.Assertion{
			ID: saml.NewID(), NameID: saml.NameID{Value: "p-71f2", Format: saml.NameIDPersistent}, Audience: q.Issuer,
			NotBefore: now.Add(-time.Minute), NotAfter: now.Add(time.Minute),
			Authn:      saml.AuthnStatement{At: now, SessionIndex: "s1", Class: saml.ClassPasswordTransport},
			Attributes: []saml.Attribute{{Name: "ENTPersonJointure", Values: []string{"AC$1234"}}},
		},
	}, signing, to)
	if err != nil {
		t.Fatal(err)
	}
	return string(doc)
}

func TestAnAnswerThatIsEncryptedAsOurMetadataSaysSignsIn(t *testing.T) {
	t.Parallel()
	for name, signing := range map[string]saml.Signing{"assertion": saml.SignAssertion, "response": saml.SignResponse, "both": saml.SignBoth} {
		g := newGate(t, setup{})
		q := g.ask(t, upstream.Challenge{})
		to := toUs(t, g)
		if !to.Authenticated() {
			t.Errorf("it lets itself be written to with %s", to)
		}
		document := theirSealed(t, g, q, signing, to)
		if w := g.answer(document, q.RelayState); w.Code != http.StatusNoContent || len(g.host.Signed()) != 1 {
			t.Fatalf("%s: status %d, %v", name, w.Code, g.host.Failures())
		}
		if a := g.host.Last(t); !slices.Equal(a.Attributes["ENTPersonJointure"], []string{"AC$1234"}) || !slices.Equal(a.Attributes["NameID"], []string{"p-71f2"}) {
			t.Errorf("%s: it is somebody else", name)
		}
		g.silent(t)
		g.answer(document, q.RelayState)
		if len(g.host.Signed()) != 1 {
			t.Errorf("%s: it is good twice", name)
		}
	}
}

func TestAKeyThatIsGoneIsReadAsLongAsItIsOurs(t *testing.T) {
	t.Parallel()
	now, was := sharedRing(t).Decrypters()[0], keystest.Other(t).Decrypters()[0]
	const gcm = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
	for name, c := range map[string]struct {
		ours []keys.DecryptionKey
		to   keys.DecryptionKey
		in   bool
	}{
		"the active one":   {[]keys.DecryptionKey{now, was}, now, true},
		"the one before":   {[]keys.DecryptionKey{now, was}, was, true},
		"one that is gone": {[]keys.DecryptionKey{now}, was, false},
		"no key":           {nil, now, false},
	} {
		g := newGate(t, setup{keys: readers{sharedRing(t), c.ours}})
		q := g.ask(t, upstream.Challenge{})
		g.answer(theirSealed(t, g, q, saml.SignAssertion, toKey(t, c.to, gcm)), q.RelayState)
		if got := len(g.host.Signed()) == 1; got != c.in {
			t.Errorf("%s: %v, %v", name, got, g.host.Failures())
		}
	}
}

func until(g time.Time) map[string]any {
	return map[string]any{"cbc_until": g.Format(time.DateOnly), "cbc_reason": "l'ENT passe à AES-GCM à l'été"}
}

func TestCBCIsReadUntilTheDayOfItsException(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		settings map[string]any
		in       bool
	}{
		"no exception":      {nil, false},
		"the last day":      {until(webtest.Now()), true},
		"a day later":       {until(webtest.Now().AddDate(0, 0, -1)), false},
		"no key to give it": {map[string]any{"encryption": false}, false},
	} {
		g := newGate(t, setup{settings: c.settings})
		q := g.ask(t, upstream.Challenge{})
		g.answer(theirSealed(t, g, q, saml.SignAssertion, toKey(t, sharedRing(t).Decrypters()[0])), q.RelayState)
		if got := len(g.host.Signed()) == 1; got != c.in {
			t.Errorf("%s: %v, %v", name, got, g.host.Failures())
		}
		if f := g.host.Failures(); !c.in && (len(f) != 1 || !strings.Contains(f[0].Error(), "AES-CBC, for which there is no exception")) {
			t.Errorf("%s: %v", name, f)
		}
	}
}

func TestWhateverIsWrongInsideIsOneError(t *testing.T) {
	t.Parallel()
	value := regexp.MustCompile(`<xenc:CipherValue>([A-Za-z0-9+/=]+)</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>`)
	said := map[string]bool{}
	for name, change := range map[string]func(string) string{
		"the ciphertext": func(s string) string { i := value.FindStringSubmatchIndex(s)[2]; return s[:i+400] + "AAAA" + s[i+404:] },
		"its beginning":  func(s string) string { i := value.FindStringSubmatchIndex(s)[2]; return s[:i] + "AAAA" + s[i+4:] },
		"its end":        func(s string) string { i := value.FindStringSubmatchIndex(s)[3]; return s[:i-8] + "AAAAAAA=" + s[i:] },
		"nothing":        func(s string) string { i := value.FindStringSubmatchIndex(s); return s[:i[2]] + s[i[3]:] },
		"the wrapped key": func(s string) string {
			i := strings.Index(s, "<xenc:CipherValue>") + 30
			return s[:i] + "AAAA" + s[i+4:]
		},
	} {
		for _, methods := range [][]string{nil, {"http://www.w3.org/2009/xmlenc11#aes256-gcm"}} {
			g := newGate(t, setup{settings: until(webtest.Now())})
			q := g.ask(t, upstream.Challenge{})
			document := theirSealed(t, g, q, saml.SignAssertion, toKey(t, sharedRing(t).Decrypters()[0], methods...))
			w := g.answer(change(document), q.RelayState)
			g.nobody(t)
			f := g.host.Failures()
			if len(f) != 1 {
				t.Fatalf("%s: status %d, %v", name, w.Code, f)
			}
			said[f[0].Error()+http.StatusText(w.Code)] = true
		}
	}
	if len(said) != 1 {
		t.Errorf("it says %d things: %v", len(said), said)
	}
}

func TestOurMetadataHasTheActiveKeyToEncryptTo(t *testing.T) {
	t.Parallel()
	active := sharedRing(t).Decrypters()[0]
	for name, c := range map[string]struct {
		settings map[string]any
		methods  int // none: no key
		cbc      bool
	}{
		"usually": {nil, 4, false}, "with an exception": {until(webtest.Now()), 6, true},
		"after it": {until(webtest.Now().AddDate(0, 0, -1)), 4, false}, "where none is wanted": {map[string]any{"encryption": false}, 0, false},
	} {
		g := newGate(t, setup{settings: c.settings})
		doc := ourMetadata(t, g)
		xmlsec1(t, doc, "metadata:EntityDescriptor")
		md, err := saml.ParseSPMetadata(doc, g.now())
		if err != nil {
			t.Fatal(err)
		}
		if c.methods == 0 {
			if len(md.EncryptionKeys) != 0 {
				t.Errorf("%s: there is a key", name)
			}
			continue
		}
		if len(md.EncryptionKeys) != 1 || !active.Public().(*rsa.PublicKey).Equal(md.EncryptionKeys[0].Key) || len(md.EncryptionKeys[0].Methods) != c.methods ||
			bytes.Contains(doc, []byte("aes256-cbc")) != c.cbc || md.EncryptionKeys[0].Methods[0].Algorithm != "http://www.w3.org/2009/xmlenc11#aes256-gcm" {
			t.Errorf("%s: %+v", name, md.EncryptionKeys)
		}
	}
}

func TestOurMetadataChangesWithTheKeyToEncryptToAndTheException(t *testing.T) {
	t.Parallel()
	r := &readers{sharedRing(t), sharedRing(t).Decrypters()}
	at := webtest.Now()
	g := newGate(t, setup{keys: r, now: func() time.Time { return at }, settings: until(webtest.Now())})
	first := ourMetadata(t, g)
	if !bytes.Equal(first, ourMetadata(t, g)) {
		t.Error("it changes by itself")
	}
	r.decrypters = keystest.Other(t).Decrypters()
	second := ourMetadata(t, g)
	if bytes.Equal(first, second) {
		t.Error("another key changes nothing")
	}
	at = at.AddDate(0, 0, 1)
	if third := ourMetadata(t, g); bytes.Contains(third, []byte("aes128-cbc")) || !bytes.Contains(second, []byte("aes128-cbc")) {
		t.Error("AES-CBC is listed for other days than it is read")
	}
}

func TestTheExceptionForCBCHasADayAndAReason(t *testing.T) {
	t.Parallel()
	day := func(days int) string { return webtest.Now().AddDate(0, 0, days).Format(time.DateOnly) }
	for name, c := range map[string]struct {
		change map[string]any
		where  []string
	}{
		"both":            {map[string]any{"cbc_until": day(30), "cbc_reason": "x"}, nil},
		"over":            {map[string]any{"cbc_until": day(-30), "cbc_reason": "x"}, nil},
		"the last day":    {map[string]any{"cbc_until": day(400), "cbc_reason": "x"}, nil},
		"too far":         {map[string]any{"cbc_until": day(402), "cbc_reason": "x"}, []string{"settings.cbc_until"}},
		"no reason":       {map[string]any{"cbc_until": day(30), "cbc_reason": " "}, []string{"settings.cbc_reason"}},
		"no day":          {map[string]any{"cbc_reason": "x"}, []string{"settings.cbc_until"}},
		"no such day":     {map[string]any{"cbc_until": "2026-02-30", "cbc_reason": "x"}, []string{"settings.cbc_until", "settings.cbc_until"}},
		"nothing to read": {map[string]any{"cbc_until": day(30), "cbc_reason": "x", "encryption": false}, []string{"settings.cbc_until"}},
	} {
		_, findings := read(t, merged(merged(c.change, "metadata_file", "idp.xml"), "idp", idpEntity))
		var where []string
		for _, f := range findings {
			where = append(where, f.Where)
		}
		if !slices.Equal(where, c.where) {
			t.Errorf("%s: %v", name, findings)
		}
	}
}
