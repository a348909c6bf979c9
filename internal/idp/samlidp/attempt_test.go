package samlidp_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"
)

// attempt sends a request, good or spoilt in one way. Both come from the same lines, so that the refusal of the one is
// for that one reason.
type attempt func(t *testing.T, h *house, spoilt bool) page

// pick is bad when spoilt.
func pick(spoilt bool, good, bad string) string {
	if spoilt {
		return bad
	}
	return good
}

// swap spoils an unsigned request by replacing a part of its XML, and sends it by both bindings in turn.
func swap(id, from, to string) attempt {
	return func(t *testing.T, h *house, spoilt bool) page {
		t.Helper()
		doc := document(t, newParty(t, h, id).request(t, crewjam.HTTPPostBinding))
		if spoilt {
			changed := strings.Replace(doc, from, to, 1)
			if changed == doc {
				t.Fatalf("%q is not in the request", from)
			}
			doc = changed
		}
		if byQuery := h.get(t, "SAMLRequest="+deflated(t, doc)); spoilt && (byQuery.action() != "" || byQuery.status < 400) {
			t.Errorf("by redirect: status %d, form to %q", byQuery.status, byQuery.action())
		}
		return h.posted(t, strings.Replace(doc, `ID="id-`, `ID="again-`, 1), "relay")
	}
}

// dated spoils the date of a request, sent when the gateway has run for some time.
func dated(by, running time.Duration) attempt {
	return func(t *testing.T, h *house, spoilt bool) page {
		t.Helper()
		if !spoilt {
			h.clock.Advance(running)
		}
		p := newParty(t, h, "lire")
		r := p.request(t, crewjam.HTTPRedirectBinding, func(r *crewjam.AuthnRequest) {
			if spoilt {
				r.IssueInstant = r.IssueInstant.Add(by)
			}
		})
		return h.get(t, p.query(t, r, ""))
	}
}

// rewritten spoils the query of a signed request by HTTP-Redirect.
func rewritten(id string, how func(query string) string) attempt {
	return func(t *testing.T, h *house, spoilt bool) page {
		t.Helper()
		p := newParty(t, h, id)
		theirs, _ := pairs(t)
		p.signWith(theirs)
		query := p.query(t, p.request(t, crewjam.HTTPRedirectBinding), "relay")
		if spoilt {
			query = how(query)
		}
		return h.get(t, query)
	}
}

// bySigner has a request signed by a key that is registered, or not.
func bySigner(id, binding string) attempt {
	return func(t *testing.T, h *house, spoilt bool) page {
		t.Helper()
		p := newParty(t, h, id)
		theirs, forged := pairs(t)
		if p.signWith(theirs); spoilt {
			p.signWith(forged)
		}
		r := p.request(t, binding)
		if binding == crewjam.HTTPRedirectBinding {
			return h.get(t, p.query(t, r, "relay"))
		}
		return h.posted(t, document(t, r), "relay")
	}
}

// unsigned leaves the signature out.
func unsigned(id, binding string) attempt {
	return func(t *testing.T, h *house, spoilt bool) page {
		t.Helper()
		p := newParty(t, h, id)
		if spoilt {
			p.SignatureMethod = ""
		}
		r := p.request(t, binding)
		if binding == crewjam.HTTPRedirectBinding {
			return h.get(t, p.query(t, r, "relay"))
		}
		return h.posted(t, document(t, r), "relay")
	}
}

// resigned changes a request by HTTP-POST after it was signed.
func resigned(id, from, to string) attempt {
	return func(t *testing.T, h *house, spoilt bool) page {
		t.Helper()
		p := newParty(t, h, id)
		theirs, _ := pairs(t)
		p.signWith(theirs)
		doc := document(t, p.request(t, crewjam.HTTPPostBinding))
		if changed := strings.Replace(doc, from, to, 1); spoilt && changed == doc {
			t.Fatalf("%q is not in the request", from)
		} else if spoilt {
			doc = changed
		}
		return h.posted(t, doc, "relay")
	}
}

// formed sends a good message in another form.
func formed(how func(t *testing.T, h *house, xml string) page) attempt {
	return func(t *testing.T, h *house, spoilt bool) page {
		t.Helper()
		doc := document(t, newParty(t, h, "lire").request(t, crewjam.HTTPPostBinding))
		if spoilt {
			return how(t, h, doc)
		}
		return h.posted(t, doc, "relay")
	}
}

func asResponse(t *testing.T, h *house, xml string) page {
	t.Helper()
	return h.post(t, url.Values{"SAMLResponse": {b64(xml)}})
}

func postInQuery(t *testing.T, h *house, xml string) page {
	t.Helper()
	return h.get(t, "SAMLRequest="+url.QueryEscape(b64(xml)))
}

func redirectInForm(t *testing.T, h *house, xml string) page {
	t.Helper()
	value, err := url.QueryUnescape(deflated(t, xml))
	if err != nil {
		t.Fatal(err)
	}
	return h.post(t, url.Values{"SAMLRequest": {value}})
}

func queryUnderForm(t *testing.T, h *house, xml string) page {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, h.base+"/saml/sso?SAMLRequest="+url.QueryEscape(b64(xml)), strings.NewReader("a=b"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return do(t, r)
}

func twiceInForm(t *testing.T, h *house, xml string) page {
	t.Helper()
	return h.post(t, url.Values{"SAMLRequest": {b64(xml), b64(xml)}})
}

func bothInForm(t *testing.T, h *house, xml string) page {
	t.Helper()
	return h.post(t, url.Values{"SAMLRequest": {b64(xml)}, "SAMLResponse": {b64(xml)}})
}

func otherForm(t *testing.T, h *house, xml string) page {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, h.base+"/saml/sso", strings.NewReader(xml))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "text/xml")
	return do(t, r)
}

func bomb(t *testing.T, h *house, xml string) page {
	t.Helper()
	return h.get(t, "SAMLRequest="+deflated(t, xml+strings.Repeat(" ", 20<<20)))
}

func deep(t *testing.T, h *house, xml string) page {
	t.Helper()
	return h.posted(t, strings.Replace(xml, "<saml:Issuer", strings.Repeat("<a>", 9000)+strings.Repeat("</a>", 9000)+"<saml:Issuer", 1), "")
}

func huge(t *testing.T, h *house, xml string) page {
	t.Helper()
	return h.posted(t, xml, strings.Repeat("x", 600<<10))
}

func longRelay(t *testing.T, h *house, xml string) page {
	t.Helper()
	return h.posted(t, xml, strings.Repeat("x", 1025))
}
