package saml_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"ecluse/internal/saml"
)

// Whatever of an unsigned request is kept until the person has signed in, anybody may have kept.
func TestParseAuthnRequestKeepsLittleOfWhatAnybodyMaySay(t *testing.T) {
	t.Parallel()
	const from = " urn:b </AuthnContextClassRef>"
	const one = `<AuthnContextClassRef xmlns="urn:oasis:names:tc:SAML:2.0:assertion">urn:c</AuthnContextClassRef>`
	for name, to := range map[string]string{
		"a long class": strings.Repeat("u", 257) + "</AuthnContextClassRef>",
		"many classes": from + strings.Repeat(one, 15),
	} {
		if _, err := saml.ParseAuthnRequest([]byte(strings.Replace(richRequest, from, to, 1))); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	most := strings.Replace(richRequest, from, strings.Repeat("u", 256)+"</AuthnContextClassRef>"+strings.Repeat(one, 14), 1)
	if req, err := saml.ParseAuthnRequest([]byte(most)); err != nil || len(req.AuthnContext.Classes) != 16 {
		t.Errorf("sixteen classes: %d, %v", len(req.AuthnContext.Classes), err)
	}
}

// What cannot be read is logged, and a kilobyte inflates to a hundred.
func TestErrorsRepeatLittleOfADocument(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 50_000)
	for what, in := range map[string]string{
		"child": "<p:" + long + "/>", "prefix": "<" + long + ":a/>", "attribute": "<p:x " + long + "/>",
	} {
		_, err := saml.ParseAuthnRequest([]byte(strings.Replace(richRequest, "<p:Extensions>", in+"<p:Extensions>", 1)))
		if err == nil || len(err.Error()) > 500 || !utf8.ValidString(err.Error()) {
			t.Errorf("%s: an error of %d bytes", what, len(err.Error()))
		}
	}
}
