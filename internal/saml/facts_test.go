package saml_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"math/big"
	mrand "math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"ecluse/internal/saml"
)

func TestReadResponseGivesBackWhatWasWritten(t *testing.T) {
	t.Parallel()
	for key, who := range identities() {
		for name, what := range signings() {
			want := awkwardResponse()
			got, err := saml.ReadResponse(write(t, who, want, what), who.public())
			if err != nil {
				t.Fatalf("%s/%s: %v", key, name, err)
			}
			checkFacts(t, key+"/"+name, got, want)
			if got.ResponseSigned != (what != saml.SignAssertion) {
				t.Errorf("%s/%s: ResponseSigned is %v", key, name, got.ResponseSigned)
			}
		}
	}
}

func checkFacts(t *testing.T, name string, got saml.Facts, want *saml.Response) {
	t.Helper()
	a, w := got.Assertion, want.Assertion
	at := func(x time.Time) time.Time { return x.UTC().Truncate(time.Millisecond) }
	confirmation := saml.Confirmation{Recipient: want.Destination, InResponseTo: want.InResponseTo, NotOnOrAfter: at(w.NotAfter)}
	for what, pair := range map[string][2]any{
		"response ID":   {got.ResponseID, want.ID},
		"destination":   {got.Destination, want.Destination},
		"InResponseTo":  {got.InResponseTo, want.InResponseTo},
		"status":        {got.Status, saml.StatusSuccess},
		"issuer":        {a.Issuer, want.Issuer},
		"assertion ID":  {a.ID, w.ID},
		"issue instant": {a.IssueInstant, at(want.IssueInstant)},
		"NameID":        {[]string{a.NameID.Value, a.NameID.Format, a.NameID.NameQualifier, a.NameID.SPNameQualifier}, []string{w.NameID.Value, w.NameID.Format, w.NameID.NameQualifier, w.NameID.SPNameQualifier}},
		"confirmations": {a.Confirmations, []saml.Confirmation{confirmation}},
		"window":        {[]time.Time{a.NotBefore, a.NotOnOrAfter}, []time.Time{at(w.NotBefore), at(w.NotAfter)}},
		"audiences":     {a.Audiences, [][]string{{w.Audience}}},
		"authn":         {[]any{a.AuthnInstant, a.SessionIndex, a.SessionNotOnOrAfter, a.Class, a.Authorities}, []any{at(w.Authn.At), w.Authn.SessionIndex, at(w.Authn.SessionNotAfter), w.Authn.Class, w.Authn.Authorities}},
		"attributes":    {a.Attributes, w.Attributes},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("%s: %s is %#v, want %#v", name, what, pair[0], pair[1])
		}
	}
}

// resign signs an element with goxmldsig, an implementation that is not ours.
func resign(t *testing.T, who identity, el *etree.Element, method string) *etree.Element {
	t.Helper()
	ctx, err := dsig.NewSigningContext(who.key, [][]byte{who.der})
	if err != nil {
		t.Fatal(err)
	}
	ctx.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	if err := ctx.SetSignatureMethod(method); err != nil {
		t.Fatal(err)
	}
	signed, err := ctx.SignEnveloped(el)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// foreignResponse has its signature made anew by goxmldsig.
func foreignResponse(t *testing.T, who identity, method string, inner bool) []byte {
	t.Helper()
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(bareResponse(t)); err != nil {
		t.Fatal(err)
	}
	root := doc.Root()
	if inner {
		a := root.FindElement("./Assertion")
		at := a.Index()
		root.RemoveChild(a)
		root.InsertChildAt(at, resign(t, who, a, method))
	} else {
		doc.SetRoot(resign(t, who, root, method))
	}
	out, err := doc.WriteToBytes()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// bareResponse is a response without any signature.
func bareResponse(t testing.TB) []byte {
	t.Helper()
	doc := string(write(t, rsaIdentity(), plainResponse(), saml.SignAssertion))
	from, to := strings.Index(doc, "<ds:Signature "), strings.Index(doc, "</ds:Signature>")
	return []byte(doc[:from] + doc[to+len("</ds:Signature>"):])
}

func TestReadResponseAcceptsGoxmldsig(t *testing.T) {
	t.Parallel()
	for _, inner := range []bool{true, false} {
		doc := foreignResponse(t, rsaIdentity(), dsig.RSASHA256SignatureMethod, inner)
		got, err := saml.ReadResponse(doc, rsaIdentity().public())
		if err != nil {
			t.Fatalf("assertion %v: %v\n%s", inner, err, doc)
		}
		checkFacts(t, "goxmldsig", got, plainResponse())
	}
}

func TestReadResponseRefusesSHA1(t *testing.T) {
	t.Parallel()
	for _, inner := range []bool{true, false} {
		doc := foreignResponse(t, rsaIdentity(), dsig.RSASHA1SignatureMethod, inner)
		if _, err := saml.ReadResponse(doc, rsaIdentity().public()); !errors.Is(err, saml.ErrSignature) {
			t.Errorf("assertion %v: got %v", inner, err)
		}
	}
}

func TestReadResponseRefusesOtherKeys(t *testing.T) {
	t.Parallel()
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	doc := write(t, rsaIdentity(), plainResponse(), saml.SignBoth)
	for name, keys := range map[string][]crypto.PublicKey{
		"none":       nil,
		"other kind": ecIdentity().public(),
		"other RSA":  {short.Public()},
		"symmetric":  {[]byte("secret")},
	} {
		if _, err := saml.ReadResponse(doc, keys); !errors.Is(err, saml.ErrSignature) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	both := append(ecIdentity().public(), rsaIdentity().public()...)
	if _, err := saml.ReadResponse(doc, both); err != nil {
		t.Errorf("the right key beside another: %v", err)
	}
}

func TestVerifierRefusesShortRSAKeys(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	doc := foreignResponse(t, identity{key: key, der: rsaIdentity().der}, dsig.RSASHA256SignatureMethod, true)
	if _, err := saml.ReadResponse(doc, []crypto.PublicKey{key.Public()}); !errors.Is(err, saml.ErrSignature) {
		t.Errorf("got %v", err)
	}
}

func TestNewSignerRefusesUnfitKeys(t *testing.T) {
	t.Parallel()
	short, _ := rsa.GenerateKey(rand.Reader, 1024)
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	for name, key := range map[string]crypto.Signer{"short": short, "P-384": p384, "another's certificate": ecIdentity().key} {
		if _, err := saml.NewSigner(key, rsaIdentity().der); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := saml.NewSigner(rsaIdentity().key, []byte("x")); err == nil {
		t.Error("no certificate: accepted")
	}
}

func TestUnsignedResponseIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := saml.ReadResponse(bareResponse(t), rsaIdentity().public()); !errors.Is(err, saml.ErrSignature) {
		t.Errorf("got %v", err)
	}
}

func TestFailureIsReadAndFlagged(t *testing.T) {
	t.Parallel()
	plain, err := saml.AppendFailure(nil, failure())
	if err != nil {
		t.Fatal(err)
	}
	signed, err := rsaIdentity().signer.AppendFailure(nil, failure())
	if err != nil {
		t.Fatal(err)
	}
	for want, doc := range map[bool][]byte{false: plain, true: signed} {
		got, err := saml.ReadResponse(doc, rsaIdentity().public())
		if err != nil {
			t.Fatalf("signed %v: %v", want, err)
		}
		if got.ResponseSigned != want || got.Assertion != nil || got.Status != saml.StatusResponder ||
			got.StatusDetail != saml.StatusRequestDenied || got.StatusMessage != failure().Message {
			t.Errorf("signed %v: got status %q %q %q, signed %v", want, got.Status, got.StatusDetail, got.StatusMessage, got.ResponseSigned)
		}
	}
	broken := bytes.Replace(signed, []byte("RequestDenied"), []byte("NoPassive"), 1)
	if _, err := saml.ReadResponse(broken, rsaIdentity().public()); !errors.Is(err, saml.ErrSignature) {
		t.Errorf("changed failure: got %v", err)
	}
}

// Whatever is changed in a response of which the assertion is signed, the
// identity stays or the response is refused.
func TestFlippedBytesNeverChangeTheIdentity(t *testing.T) {
	t.Parallel()
	for key, who := range identities() {
		for name, what := range signings() {
			doc := write(t, who, plainResponse(), what)
			want, err := saml.ReadResponse(doc, who.public())
			if err != nil {
				t.Fatal(err)
			}
			rnd := mrand.New(mrand.NewPCG(3, 4))
			accepted := 0
			for range 2000 {
				changed := bytes.Clone(doc)
				at := rnd.IntN(len(doc))
				changed[at] ^= byte(1 + rnd.IntN(255))
				got, err := saml.ReadResponse(changed, who.public())
				if err != nil {
					continue
				}
				accepted++
				if !reflect.DeepEqual(got.Assertion, want.Assertion) {
					t.Fatalf("%s/%s: byte %d (%q to %q) changes the identity", key, name, at, doc[at], changed[at])
				}
			}
			// The certificate in KeyInfo is not read, so some changes must pass:
			// otherwise this test would show nothing.
			if accepted == 0 {
				t.Errorf("%s/%s: no changed response was accepted", key, name)
			}
		}
	}
}

// Here every bit is flipped, but only where nothing is signed.
func TestFlippedBytesOutsideTheAssertionNeverChangeTheIdentity(t *testing.T) {
	t.Parallel()
	who := ecIdentity()
	doc := write(t, who, plainResponse(), saml.SignAssertion)
	want, err := saml.ReadResponse(doc, who.public())
	if err != nil {
		t.Fatal(err)
	}
	from, to := bytes.Index(doc, []byte("<saml:Assertion ")), bytes.Index(doc, []byte("</saml:Assertion>"))
	accepted := 0
	for at := range doc {
		if at >= from && at < to {
			continue
		}
		for bit := range 8 {
			changed := bytes.Clone(doc)
			changed[at] ^= 1 << bit
			got, err := saml.ReadResponse(changed, who.public())
			if err != nil || got.Assertion == nil {
				continue
			}
			accepted++
			if !reflect.DeepEqual(got.Assertion, want.Assertion) {
				t.Fatalf("byte %d (%q to %q) changes the identity", at, doc[at], changed[at])
			}
		}
	}
	if accepted == 0 {
		t.Error("no changed response was accepted: the test shows nothing")
	}
}

func TestECDSASignatureInASN1IsRefused(t *testing.T) {
	t.Parallel()
	who := ecIdentity()
	doc := string(write(t, who, plainResponse(), saml.SignAssertion))
	open, end := "<ds:SignatureValue>", "</ds:SignatureValue>"
	from, to := strings.Index(doc, open)+len(open), strings.Index(doc, end)
	for name, value := range map[string][]byte{
		"zero":  make([]byte, 64),
		"short": make([]byte, 63),
		"ASN.1": append([]byte{0x30, 0x44, 2, 0x20}, append(big.NewInt(1).FillBytes(make([]byte, 32)), append([]byte{2, 0x20}, make([]byte, 32)...)...)...),
	} {
		changed := doc[:from] + saml.EncodePost(value) + doc[to:]
		if _, err := saml.ReadResponse([]byte(changed), who.public()); !errors.Is(err, saml.ErrSignature) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
