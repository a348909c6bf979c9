package federation

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/saml/samltest"
)

func TestWhatChangesOfASourceIsToldAsOfAService(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 8, 30, 0, 0, time.UTC)
	one, two := samltest.NewSigner(t), samltest.NewSigner(t)
	provider := func(key samltest.Signer, host string) []byte {
		return []byte(`<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="https://a.example/idp">` +
			`<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor><ds:KeyInfo><ds:X509Data><ds:X509Certificate>` +
			base64.StdEncoding.EncodeToString(key.DER) + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>` +
			`<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://` + host + `/sso"/></IDPSSODescriptor></EntityDescriptor>`)
	}
	before := provider(one, "a.example")
	for name, c := range map[string]struct {
		after []byte
		want  []string
	}{
		"nothing":        {before, nil},
		"a host":         {provider(one, "b.example"), []string{"people may now go to b.example, a new host"}},
		"a key":          {provider(two, "a.example"), []string{"a new certificate, SHA-256 "}},
		"it is no use":   {[]byte(strings.Replace(string(before), "HTTP-Redirect", "PAOS", 1)), []string{"it can no longer be used"}},
		"now a service":  {[]byte(samltest.Entity("https://a.example/idp")), []string{"it can no longer be used"}},
		"both at a time": {provider(two, "b.example"), []string{"people may now go to b.example", "a new certificate"}},
	} {
		got := changed("https://a.example/idp", before, c.after, now, nil)
		same := slices.EqualFunc(got, c.want, func(got, want string) bool {
			return strings.HasPrefix(got, "2026-11-22 https://a.example/idp: "+want)
		})
		if !same {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := changed("https://a.example/idp", []byte("<x/>"), before, now, nil); len(got) != 0 {
		t.Errorf("of what could not be used before: %q", got)
	}
}
