package samlidp_test

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/idp/samlidp"
	"ecluse/internal/keys"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
)

func TestSAMLTellsTheSameStory(t *testing.T) {
	t.Parallel()
	idptest.Run(t, idptest.Case{
		Protocol: func(tb testing.TB, k idptest.Tools) idp.Protocol {
			p, err := samlidp.New(samlidp.Config{Kit: k.Kit, Keys: k.Ring, Tickets: k.Tickets, Now: k.Now, Watch: k.Watch})
			if err != nil {
				tb.Fatal(err)
			}
			return p
		},
		Pages: samlidp.Pages(),
		Binding: func(tb testing.TB, service string) registry.Binding {
			return bind(tb, entity(service), samlidp.Settings{Metadata: metadata(service, plainMD)})
		},
		Request: storyRequest, Read: storyRead,
	})
}

func storyRequest(tb testing.TB, k idptest.Tools, ask idptest.Ask) *http.Request {
	tb.Helper()
	message := fmt.Sprintf(`<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="%s" Version="2.0"`+
		` IssueInstant="%s" Destination="%s/saml/sso" ForceAuthn="%t" IsPassive="%t" AssertionConsumerServiceURL="%s">`+
		`<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">%s</saml:Issuer></samlp:AuthnRequest>`,
		saml.NewID(), k.Now().Format(time.RFC3339), idptest.Origin, ask.Fresh, ask.Passive, acs(ask.Service), entity(ask.Service))
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := w.Write([]byte(message)); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	q := url.Values{"SAMLRequest": {base64.StdEncoding.EncodeToString(packed.Bytes())}, "RelayState": {"here & <there>"}}
	return httptest.NewRequest(http.MethodGet, idptest.Origin+"/saml/sso?"+q.Encode(), nil)
}

func storyRead(tb testing.TB, k idptest.Tools, _ func(*http.Request) *http.Response, ask idptest.Ask, at idptest.Landing) idptest.Result {
	tb.Helper()
	if at.Method != http.MethodPost || at.URL.String() != acs(ask.Service) || at.Form.Get("RelayState") != "here & <there>" {
		tb.Errorf("%s to %s with RelayState %q", at.Method, at.URL, at.Form.Get("RelayState"))
	}
	message, err := base64.StdEncoding.DecodeString(at.Form.Get("SAMLResponse"))
	if err != nil {
		tb.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(k.Ring.Signer(keys.UseSAML).Certificate())
	if err != nil {
		tb.Fatal(err)
	}
	facts, err := saml.ReadResponse(message, []crypto.PublicKey{certificate.PublicKey})
	if err != nil {
		tb.Fatal(err)
	}
	if facts.Destination != acs(ask.Service) || facts.InResponseTo == "" {
		tb.Errorf("a response for %q to %q", facts.Destination, facts.InResponseTo)
	}
	if facts.Status != saml.StatusSuccess {
		if !facts.ResponseSigned || bytes.Contains(message, []byte("Assertion")) {
			tb.Errorf("a refusal: signed %v, with an assertion: %s", facts.ResponseSigned, message)
		}
		return idptest.Result{Refused: kindOf(facts.StatusDetail)}
	}
	a := facts.Assertion
	if len(a.Audiences) != 1 || len(a.Audiences[0]) != 1 || a.Audiences[0][0] != entity(ask.Service) {
		tb.Errorf("audience %q", a.Audiences)
	}
	out := idptest.Result{Subject: a.NameID.Value, Session: a.SessionIndex, Attributes: map[attrs.Name][]string{}}
	for _, attribute := range a.Attributes {
		word, known := wordOf(k.Words, attribute.Name)
		if !known {
			tb.Errorf("the attribute %q is no word of the dictionary", attribute.Name)
		}
		out.Attributes[word] = attribute.Values
	}
	return out
}

func wordOf(words *dictionary.Dictionary, name string) (attrs.Name, bool) {
	for _, word := range words.Words() {
		if entry, _ := words.Entry(word); entry.SAML.Name == name {
			return word, true
		}
	}
	return "", false
}

// kindOf reads the second-level status (SAML Core 3.2.2.2).
func kindOf(detail string) idp.Kind {
	switch detail {
	case saml.StatusRequestDenied:
		return idp.Denied
	case saml.StatusNoPassive:
		return idp.PassiveFailed
	case saml.StatusAuthnFailed:
		return idp.SignInFailed
	case saml.StatusNoAuthnContext:
		return idp.WeakSignIn
	default:
		return idp.Internal
	}
}
