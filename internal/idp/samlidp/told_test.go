package samlidp_test

import (
	"html"
	"net/http"
	"strings"
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/saml"
)

// TestWhoeverWroteAServiceReadsWhichPartOfItsMessageIsWrong: nobody can be answered, so our page keeps it folded beside the
// code: the name of the part and why, never its value.
func TestWhoeverWroteAServiceReadsWhichPartOfItsMessageIsWrong(t *testing.T) {
	t.Parallel()
	const secret = "ma-valeur-secrete"
	h := newHouse(t)
	p, l := newParty(t, h, "lire"), newLeaver(t, h, "cle", both("cle"))
	request := func(from, to string) page {
		return h.posted(t, strings.Replace(document(t, p.request(t, crewjam.HTTPPostBinding)), from, to, 1), "")
	}
	used := document(t, p.request(t, crewjam.HTTPPostBinding))
	h.posted(t, used, "")
	for name, c := range map[string]struct {
		told string
		got  page
	}{
		"nobody":          {"Issuer: no service is registered", request(entity("lire")+"<", "https://"+secret+"<")},
		"no address":      {"AssertionConsumerServiceURL", request(acs("lire"), "https://"+secret+".example/acs")},
		"another address": {"Destination: it is another address", request(h.base+"/saml/sso", "https://"+secret+"/saml/sso")},
		"an old one":      {"IssueInstant: it is too long ago", request(`IssueInstant="20`, `IssueInstant="19`)},
		"a used one":      {"ID: it was used before", h.posted(t, used, "")},
		"no signature":    {"Signature: it is not good", l.byForm(t, "SAMLRequest", must(saml.AppendLogoutRequest(nil, l.wants(toldSession{NameID: secret, SessionIndex: "x"}, "/saml/slo"))), "")},
		"an ended wish": {"NotOnOrAfter: it has passed", l.byQuery(t, l.wants(toldSession{NameID: secret, SessionIndex: "x"}, "/saml/slo", func(q *saml.LogoutRequest) {
			q.NotOnOrAfter = h.clock.Now().Add(-time.Hour)
		}), "")},
		"no service": {"providerId, service: one of them must say", h.at(t, http.MethodGet, "/saml/unsolicited", nil, "")},
	} {
		text := html.UnescapeString(c.got.body)
		open, folded, _ := strings.Cut(text, "<details")
		if c.got.status != http.StatusBadRequest || !strings.Contains(folded, c.told) || strings.Contains(open, c.told) || strings.Contains(text, secret) {
			t.Errorf("%s: status %d: %s", name, c.got.status, text)
		}
	}
}
