package saml_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ecluse/internal/saml"
)

// seed feeds a fuzz target with the kept attacks of the given families.
func seed(f *testing.F, families ...string) {
	f.Helper()
	for _, family := range families {
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
			f.Add(message)
		}
	}
}

func FuzzParseAuthnRequest(f *testing.F) {
	seed(f, "request", "signedrequest")
	f.Fuzz(func(t *testing.T, doc []byte) {
		r, err := saml.ParseAuthnRequest(doc)
		if err == nil && (r.ID == "" || r.Issuer == "" || r.IssueInstant.IsZero()) {
			t.Errorf("accepted without ID, Issuer or IssueInstant: %+v", r)
		}
	})
}

// Nothing that the fuzzer makes of signed responses may say anything else about
// the person than what was signed.
func FuzzVerify(f *testing.F) {
	seed(f, "response")
	keys := attackKeys(f)
	f.Fuzz(func(t *testing.T, doc []byte) {
		r, err := saml.ReadResponse(doc, keys)
		if err == nil && r.Status == saml.StatusSuccess && r.Assertion.NameID.Value != "p-71f2" {
			t.Errorf("accepted another identity")
		}
		if _, err := saml.VerifyRoot(doc, saml.MetadataLimits(), keys); err == nil && !bytes.Contains(doc, []byte("_r0123")) {
			t.Errorf("verified a document that was never signed")
		}
	})
}

func FuzzParseSPMetadata(f *testing.F) {
	seed(f, "metadata")
	f.Fuzz(func(t *testing.T, doc []byte) {
		m, err := saml.ParseSPMetadata(doc, now())
		if err != nil {
			return
		}
		for _, e := range append(m.ACS, m.SingleLogout...) {
			if len(e.Location) < 9 || !strings.EqualFold(e.Location[:8], "https://") {
				t.Errorf("accepted the address %q", e.Location)
			}
		}
	})
}

func FuzzDecodeRedirect(f *testing.F) {
	seed(f, "query")
	keys := attackKeys(f)
	f.Fuzz(func(t *testing.T, query []byte) {
		m, err := saml.DecodeRedirect(string(query))
		if err != nil {
			return
		}
		if saml.CheckShape(m.XML) != nil || len(m.XML) > 128<<10 || len(m.RelayState) > 1<<10 {
			t.Error("a message beyond the limits was decoded")
		}
		if m.VerifyDetached(keys) == nil && !bytes.Contains(m.XML, []byte("lire.example.org/saml/acs")) {
			t.Error("verified a message that was never signed")
		}
	})
}
