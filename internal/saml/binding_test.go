package saml_test

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"testing"

	"ecluse/internal/saml"
)

const requestXML = `<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"` +
	` ID="_q1" Version="2.0" IssueInstant="2026-11-22T08:30:00Z" Destination="https://gateway.example.org/saml/sso"` +
	` AssertionConsumerServiceURL="https://lire.example.org/saml/acs"><saml:Issuer>https://lire.example.org/sp</saml:Issuer></samlp:AuthnRequest>`

func deflate(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// redirectValue is a message as it stands in a query.
func redirectValue(t testing.TB, xml string) string {
	t.Helper()
	return url.QueryEscape(base64.StdEncoding.EncodeToString(deflate(t, []byte(xml))))
}

// signQuery appends SigAlg and Signature as a service does.
func signQuery(t testing.TB, who identity, query string) string {
	t.Helper()
	query += "&SigAlg=" + url.QueryEscape(more+"rsa-sha256")
	sum := sha256.Sum256([]byte(query))
	sig, err := who.key.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	return query + "&Signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(sig))
}

func TestDecodeRedirectReadsARequest(t *testing.T) {
	t.Parallel()
	m, err := saml.DecodeRedirect("utm=1&SAMLRequest=" + redirectValue(t, requestXML) + "&RelayState=a%26b+c")
	if err != nil {
		t.Fatal(err)
	}
	if string(m.XML) != requestXML || m.RelayState != "a&b c" || m.Response || m.Signed() || m.Binding != saml.BindingRedirect {
		t.Errorf("got %+v", m)
	}
	if err := m.VerifyDetached(rsaIdentity().public()); !errors.Is(err, saml.ErrSignature) {
		t.Errorf("an unsigned query verifies: %v", err)
	}
}

func TestDetachedSignatureCoversTheOctetsReceived(t *testing.T) {
	t.Parallel()
	who := rsaIdentity()
	value := redirectValue(t, requestXML)
	relay := "&RelayState=%c3%A9+a%2Bb" // mixed case and two spellings of a blank
	signed := signQuery(t, who, "SAMLRequest="+value+relay)
	for name, c := range map[string]struct {
		query string
		good  bool
	}{
		"as signed":          {signed, true},
		"no RelayState":      {signQuery(t, who, "SAMLRequest="+value), true},
		"empty RelayState":   {signQuery(t, who, "SAMLRequest="+value+"&RelayState="), true},
		"other order":        {reorder(signed), true},
		"RelayState dropped": {strings.Replace(signed, relay, "", 1), false},
		"RelayState added":   {signQuery(t, who, "SAMLRequest="+value) + "&RelayState=x", false},
		"re-encoded":         {strings.Replace(signed, "%c3%A9", "%C3%A9", 1), false},
		"other message":      {strings.Replace(signed, value, redirectValue(t, strings.Replace(requestXML, "_q1", "_q2", 1)), 1), false},
		"other algorithm":    {strings.Replace(signed, "rsa-sha256", "rsa-sha512", 1), false},
	} {
		m, err := saml.DecodeRedirect(c.query)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := m.VerifyDetached(who.public()); (err == nil) != c.good {
			t.Errorf("%s: got %v", name, err)
		}
		if m.VerifyDetached(ecIdentity().public()) == nil || m.VerifyDetached(nil) == nil {
			t.Errorf("%s: verifies without the key", name)
		}
	}
}

// reorder puts the last parameter first.
func reorder(query string) string {
	at := strings.LastIndex(query, "&")
	return query[at+1:] + "&" + query[:at]
}

func TestDetachedECDSASignature(t *testing.T) {
	t.Parallel()
	who := ecIdentity()
	query := "SAMLRequest=" + redirectValue(t, requestXML) + "&SigAlg=" + url.QueryEscape(more+"ecdsa-sha256")
	sum := sha256.Sum256([]byte(query))
	der, err := who.key.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		sig  []byte
		good bool
	}{"r and s": {rs(t, der), true}, "ASN.1": {der, false}} {
		m, err := saml.DecodeRedirect(query + "&Signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(c.sig)))
		if err != nil {
			t.Fatal(err)
		}
		if err := m.VerifyDetached(who.public()); (err == nil) != c.good {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestDecodeRedirectRefuses(t *testing.T) {
	t.Parallel()
	value := redirectValue(t, requestXML)
	trailing := base64.StdEncoding.EncodeToString(append(deflate(t, []byte(requestXML)), 'x'))
	bomb := redirectValue(t, "<a>"+strings.Repeat(" ", 10<<20)+"</a>")
	for name, query := range map[string]string{
		"nothing":              "",
		"no message":           "RelayState=x",
		"two requests":         "SAMLRequest=" + value + "&SAMLRequest=" + value,
		"request and response": "SAMLRequest=" + value + "&SAMLResponse=" + value,
		"disguised twin":       "SAMLRequest=" + value + "&SAML%52equest=" + value,
		"disguised":            "SAML%52equest=" + value,
		"two relay states":     "SAMLRequest=" + value + "&RelayState=a&RelayState=b",
		"two algorithms":       "SAMLRequest=" + value + "&SigAlg=a&SigAlg=b&Signature=AAAA",
		"signature alone":      "SAMLRequest=" + value + "&Signature=AAAA",
		"algorithm alone":      "SAMLRequest=" + value + "&SigAlg=a",
		"empty signature":      "SAMLRequest=" + value + "&SigAlg=a&Signature=",
		"odd encoding":         "SAMLRequest=" + value + "&SAMLEncoding=gzip",
		"long relay state":     "SAMLRequest=" + value + "&RelayState=" + strings.Repeat("a", 1025),
		"binary relay state":   "SAMLRequest=" + value + "&RelayState=%00",
		"malformed escape":     "SAMLRequest=%zz",
		"not base64":           "SAMLRequest=!!!!",
		"URL alphabet":         "SAMLRequest=" + strings.Repeat("-_", 20),
		"unescaped plus":       "SAMLRequest=" + value[:8] + "+" + value[8:],
		"not deflated":         "SAMLRequest=" + url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(requestXML))),
		"cut":                  "SAMLRequest=" + url.QueryEscape(base64.StdEncoding.EncodeToString(deflate(t, []byte(requestXML))[:90])),
		"bytes behind":         "SAMLRequest=" + url.QueryEscape(trailing),
		"bomb":                 "SAMLRequest=" + bomb,
		"long":                 "SAMLRequest=" + value + "&x=" + strings.Repeat("a", 1<<20),
	} {
		if _, err := saml.DecodeRedirect(query); !errors.Is(err, saml.ErrBinding) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestDecodePostReadsAMessage(t *testing.T) {
	t.Parallel()
	encoded := base64.StdEncoding.EncodeToString([]byte(requestXML))
	folded := encoded[:76] + "\r\n" + encoded[76:] + "\n"
	for _, v := range []string{encoded, folded} {
		m, err := saml.DecodePost(url.Values{"SAMLResponse": {v}, "RelayState": {"r"}})
		if err != nil || string(m.XML) != requestXML || !m.Response || m.RelayState != "r" || m.Binding != saml.BindingPOST || m.Signed() {
			t.Errorf("got %+v, %v", m, err)
		}
	}
}

func TestDecodePostRefuses(t *testing.T) {
	t.Parallel()
	v := base64.StdEncoding.EncodeToString([]byte(requestXML))
	for name, form := range map[string]url.Values{
		"nothing":      {},
		"twice":        {"SAMLRequest": {v, v}},
		"both":         {"SAMLRequest": {v}, "SAMLResponse": {v}},
		"two states":   {"SAMLRequest": {v}, "RelayState": {"a", "b"}},
		"a blank":      {"SAMLRequest": {v[:10] + " " + v[10:]}},
		"odd byte":     {"SAMLRequest": {v[:10] + "*" + v[10:]}},
		"URL alphabet": {"SAMLRequest": {strings.Repeat("-_", 20)}},
		"no padding":   {"SAMLRequest": {base64.RawStdEncoding.EncodeToString([]byte("<a>1</a>"))}},
		"too long":     {"SAMLRequest": {strings.Repeat("A", 1<<20)}},
		"long state":   {"SAMLRequest": {v}, "RelayState": {strings.Repeat("a", 1025)}},
	} {
		if _, err := saml.DecodePost(form); !errors.Is(err, saml.ErrBinding) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
