package saml_test

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ecluse/internal/saml"
)

// readersOfMessages are all that read what anybody may send to us, each with keys where it takes some.
func readersOfMessages() map[string]func([]byte) error {
	keys, sealed := rsaIdentity().public(), reading()
	return map[string]func([]byte) error{
		"CheckShape":         saml.CheckShape,
		"ParseAuthnRequest":  func(m []byte) error { _, err := saml.ParseAuthnRequest(m); return err },
		"VerifyAuthnRequest": func(m []byte) error { _, err := saml.VerifyAuthnRequest(m, keys); return err },
		"ReadResponse":       func(m []byte) error { _, err := sealed.ReadResponse(m, keys); return err },
		"InResponseTo": func(m []byte) error {
			if saml.InResponseTo(m) == "" {
				return errors.New("none")
			}
			return nil
		},
		"ParseLogoutRequest":     func(m []byte) error { _, err := saml.ParseLogoutRequest(m); return err },
		"VerifyLogoutRequest":    func(m []byte) error { _, err := saml.VerifyLogoutRequest(m, keys); return err },
		"VerifyLogoutResponse":   func(m []byte) error { _, err := saml.VerifyLogoutResponse(m, keys); return err },
		"VerifyArtifactResolve":  func(m []byte) error { _, err := saml.VerifyArtifactResolve(m, keys); return err },
		"VerifyArtifactResponse": func(m []byte) error { _, err := saml.VerifyArtifactResponse(m, keys); return err },
		"OpenEnvelope":           func(m []byte) error { _, err := saml.OpenEnvelope(m); return err },
		"DecodePost": func(m []byte) error {
			in, err := saml.DecodePost(url.Values{"SAMLResponse": {saml.EncodePost(m)}})
			if err == nil {
				_, err = saml.ReadResponse(in.XML, keys)
			}
			return err
		},
		"DecodeRedirect": func(m []byte) error {
			_, err := saml.DecodeRedirect("SAMLRequest=" + url.QueryEscape(saml.EncodePost(m)))
			return err
		},
	}
}

// hardMessages are what costs most to look at: as large as the limits allow, and far larger.
func hardMessages(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, root := range []string{"samlp:Response", "samlp:AuthnRequest", "samlp:LogoutRequest", "soap:Envelope"} {
		open := "<" + root + ` xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" ID="_a" Version="2.0">`
		within := func(s string) string { return open + s + "</" + root + ">" }
		out[root+", siblings"] = within(strings.Repeat("<a/>", 1998))
		out[root+", IDs"] = within(strings.Repeat("<a ID=''/>", 1998))
		out[root+", attributes"] = within(strings.Repeat("<b"+manyAttributes(60)+"/>", 400))
		out[root+", nested"] = within(strings.Repeat("<a>", 22) + strings.Repeat("</a>", 22))
		out[root+", signatures"] = within(strings.Repeat(`<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>`, 1998))
		out[root+", references"] = within("<a>" + strings.Repeat("&#x9;", 50_000) + "</a>")
		out[root+", text"] = within("<a>" + strings.Repeat("x", 250<<10) + "</a>")
		out[root+", far too deep"] = within(strings.Repeat("<a>", 20_000) + strings.Repeat("</a>", 20_000))
		out[root+", far too wide"] = within(strings.Repeat("<a/>", 400_000))
	}
	for _, piece := range []string{"<", "<a>", "</a>", "<a b='", "<!--", "<![CDATA[", "&amp", "&#", " a=''", "\x00", "é"} {
		out["a megabyte and a half of "+piece] = strings.Repeat(piece, 3<<19/len(piece))
	}
	names, err := filepath.Glob(filepath.Join("testdata", "attacks", "*-*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no attacks: %v", err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, message, _ := strings.Cut(string(content), "\n")
		out[filepath.Base(name)] = message
	}
	return out
}

func manyAttributes(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(" a" + string(rune('a'+i/26)) + string(rune('a'+i%26)) + "=''")
	}
	return b.String()
}

// TestNoMessageCostsMoreThanItsLimit gives every reader everything that is hard to look at. None takes more than 50 ms of
// processor time, refused or not; the best of three is taken, since the collector works on the same thread.
func TestNoMessageCostsMoreThanItsLimit(t *testing.T) { // alone: neighbours fill the caches
	var worst time.Duration
	for name, message := range hardMessages(t) {
		for reader, read := range readersOfMessages() {
			spent := time.Hour
			for range 3 {
				spent = min(spent, cpuTime(t, func() { _ = read([]byte(message)) }))
				if spent < messageCPU {
					break
				}
			}
			worst = max(worst, spent)
			if spent > messageCPU {
				t.Errorf("%s takes %v for %s", reader, spent, name)
			}
		}
	}
	t.Logf("the dearest message takes %v", worst)
}
