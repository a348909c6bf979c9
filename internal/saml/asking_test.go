package saml_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"ecluse/internal/saml"
)

// question is a request of ours in full.
func question() *saml.AuthnRequest {
	return &saml.AuthnRequest{
		ID: "_q0123456789abcdef0123456789abcdef", IssueInstant: now(), Issuer: spEntity,
		Destination: "https://ent.example.org/idp/sso?a=1&b=2", ACSURL: acsURL, ProtocolBinding: saml.BindingPOST,
		ForceAuthn: true, IsPassive: true, ACSIndex: -1, AttributesIndex: -1,
		NameIDPolicy: saml.NameIDPolicy{Format: saml.NameIDPersistent, AllowCreate: true, SPNameQualifier: spEntity},
		AuthnContext: saml.RequestedAuthnContext{Comparison: "minimum", Classes: []string{saml.ClassPasswordTransport, "urn:x:<&>\""}},
		IDPList:      []string{"https://ent.example.org/idp", "urn:fi:ac-exemple:ts:1.0"},
	}
}

func TestARequestIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]*saml.AuthnRequest{"full": question(), "plain": {
		ID: "_q", IssueInstant: now(), Issuer: spEntity, Destination: "https://ent.example.org/sso", ACSURL: acsURL, ACSIndex: -1, AttributesIndex: -1,
	}} {
		doc, err := saml.AppendAuthnRequest([]byte("before"), want)
		if err != nil || !strings.HasPrefix(string(doc), "before<") {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := saml.ParseAuthnRequest(doc[len("before"):])
		if err != nil || !reflect.DeepEqual(got, *want) {
			t.Errorf("%s: got %+v, %v\nwant %+v", name, got, err, *want)
		}
	}
}

func TestASignedRequestIsAcceptedByXMLSec(t *testing.T) {
	t.Parallel()
	for key, who := range identities() {
		doc, err := who.signer.AppendAuthnRequest(nil, question())
		if err != nil {
			t.Fatal(err)
		}
		xmlsec1(t, doc, who, "AuthnRequest")
		got, err := saml.VerifyAuthnRequest(doc, who.public())
		if err != nil || got.ID != question().ID || got.ACSURL != acsURL {
			t.Errorf("%s: our own reader: %v", key, err)
		}
		if _, err := saml.VerifyAuthnRequest([]byte(strings.Replace(string(doc), "urn:fi:ac-exemple", "urn:fi:ac-autre", 1)), who.public()); err == nil {
			t.Errorf("%s: the list is not signed", key)
		}
	}
}

func TestARequestWithAGapIsNotWritten(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*saml.AuthnRequest){
		"no ID":          func(q *saml.AuthnRequest) { q.ID = "" },
		"an odd ID":      func(q *saml.AuthnRequest) { q.ID = "1 2" },
		"no issuer":      func(q *saml.AuthnRequest) { q.Issuer = "" },
		"no destination": func(q *saml.AuthnRequest) { q.Destination = "" },
		"no address":     func(q *saml.AuthnRequest) { q.ACSURL = "" },
		"no time":        func(q *saml.AuthnRequest) { q.IssueInstant = time.Time{} },
		"a gap in list":  func(q *saml.AuthnRequest) { q.IDPList[0] = "" },
		"forbidden byte": func(q *saml.AuthnRequest) { q.AuthnContext.Classes[0] = "\x01" },
	} {
		q := question()
		set(q)
		if doc, err := saml.AppendAuthnRequest([]byte("x"), q); err == nil || string(doc) != "x" {
			t.Errorf("%s: written", name)
		}
		if doc, err := rsaIdentity().signer.AppendAuthnRequest([]byte("x"), q); err == nil || string(doc) != "x" {
			t.Errorf("%s: written and signed", name)
		}
	}
}

func TestAQueryIsSignedOverItsOwnOctets(t *testing.T) {
	t.Parallel()
	doc, err := saml.AppendAuthnRequest(nil, question())
	if err != nil {
		t.Fatal(err)
	}
	for key, who := range identities() {
		for _, relay := range []string{"", "a&SAMLRequest=evil b+c%20=/é"} {
			query, err := who.signer.Query(saml.Outbound{XML: doc, RelayState: relay})
			if err != nil {
				t.Fatal(err)
			}
			m, err := saml.DecodeRedirect(query)
			if err != nil || m.VerifyDetached(who.public()) != nil || m.RelayState != relay || m.Response || string(m.XML) != string(doc) {
				t.Errorf("%s, %q: %v", key, relay, err)
			}
			changed := strings.Replace(query, "&SigAlg=", "x&SigAlg=", 1)
			if m, err := saml.DecodeRedirect(changed); err == nil && m.VerifyDetached(who.public()) == nil {
				t.Errorf("%s: a changed query is signed too", key)
			}
		}
	}
	checkQueryByHand(t, doc)
}

// checkQueryByHand verifies with nothing of ours but the words of the standard.
func checkQueryByHand(t *testing.T, doc []byte) {
	t.Helper()
	query, err := rsaIdentity().signer.Query(saml.Outbound{Response: true, XML: doc, RelayState: "r s"})
	if err != nil {
		t.Fatal(err)
	}
	signed, value, _ := strings.Cut(query, "&Signature=")
	value, err = url.QueryUnescape(value)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte(signed))
	if err := rsa.VerifyPKCS1v15(rsaIdentity().key.Public().(*rsa.PublicKey), crypto.SHA256, digest[:], signature); err != nil {
		t.Error(err)
	}
	names := []string{}
	for _, pair := range strings.Split(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		names = append(names, name)
	}
	if strings.Join(names, " ") != "SAMLResponse RelayState SigAlg Signature" {
		t.Errorf("the parameters are %v", names)
	}
}

func TestALongRelayStateIsNotSent(t *testing.T) {
	t.Parallel()
	m := saml.Outbound{XML: []byte("<x></x>"), RelayState: strings.Repeat("a", 81)}
	if _, err := m.Query(); err == nil {
		t.Error("81 bytes were sent")
	}
	if _, err := rsaIdentity().signer.Query(m); err == nil {
		t.Error("81 bytes were signed")
	}
	m.RelayState = m.RelayState[:80]
	if _, err := m.Query(); err != nil {
		t.Errorf("80 bytes: %v", err)
	}
}
