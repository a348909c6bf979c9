package samlidp

import (
	"slices"
	"testing"

	"ecluse/internal/saml"
)

func TestNeedsAreEverythingThatWouldMeetTheRequest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		want wanted
		in   []string
		out  []string
	}{
		"anything": {wanted{}, nil, []string{saml.ClassUnspecified}},
		"exact":    {wanted{"exact", []string{saml.ClassMFA}}, []string{saml.ClassMFA, "mfa"}, []string{saml.ClassSFA, "sfa", "eidas2"}},
		"minimum": {
			wanted{"minimum", []string{saml.ClassEIDASSubstantial}},
			[]string{saml.ClassEIDASSubstantial, saml.ClassEIDASHigh, "eidas2", "eidas3"},
			[]string{saml.ClassEIDASLow, "eidas1", saml.ClassMFA},
		},
		"maximum":    {wanted{"maximum", []string{saml.ClassPassword}}, []string{saml.ClassPassword, saml.ClassUnspecified}, []string{saml.ClassPasswordTransport}},
		"better":     {wanted{"better", []string{saml.ClassSFA}}, []string{saml.ClassMFA, "mfa"}, []string{saml.ClassSFA, "sfa"}},
		"of nowhere": {wanted{"exact", []string{"urn:x"}}, []string{"urn:x"}, []string{saml.ClassPassword}},
	} {
		got := c.want.needs()
		for _, class := range c.in {
			if !slices.Contains(got, class) {
				t.Errorf("%s: %s is missing", name, class)
			}
		}
		for _, class := range c.out {
			if slices.Contains(got, class) {
				t.Errorf("%s: %s is one too many", name, class)
			}
		}
	}
}
