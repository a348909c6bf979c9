package samlidp_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/idp/samlidp"
	"ecluse/internal/registry"
	"ecluse/internal/store"
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

// dated spoils the date of a request.
func dated(by time.Duration) attempt {
	return func(t *testing.T, h *house, spoilt bool) page {
		t.Helper()
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

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func TestNothingIsSentAnywhereFor(t *testing.T) {
	t.Parallel()
	address := `AssertionConsumerServiceURL="` + acs("lire") + `"`
	asking := func(url string) string { return `AssertionConsumerServiceURL="` + url + `"` }
	for name, c := range map[string]struct {
		code string
		try  attempt
	}{
		"an unknown issuer":             {"SAM-401", swap("lire", entity("lire")+"<", entity("autre")+"<")},
		"an issuer in capitals":         {"SAM-401", swap("lire", entity("lire")+"<", strings.ToUpper(entity("lire"))+"<")},
		"an issuer with a slash":        {"SAM-401", swap("lire", entity("lire")+"<", entity("lire")+"/<")},
		"a service of another protocol": {"SAM-401", swap("lire", entity("lire")+"<", "https://oidc.example<")},

		"a foreign address":                  {"SAM-402", swap("lire", address, asking("https://evil.example/acs"))},
		"the address of another service":     {"SAM-402", swap("lire", address, asking(acs("suite")))},
		"an address that begins alike":       {"SAM-402", swap("lire", address, asking(acs("lire")+".evil.example"))},
		"an address with more behind it":     {"SAM-402", swap("lire", address, asking(acs("lire")+"?x=1"))},
		"an address with a slash":            {"SAM-402", swap("lire", address, asking(acs("lire")+"/"))},
		"an address in capitals":             {"SAM-402", swap("lire", address, asking(strings.ToUpper(acs("lire"))))},
		"an address with a port":             {"SAM-402", swap("lire", address, asking("https://lire.example:443/acs"))},
		"an address escaped otherwise":       {"SAM-402", swap("lire", address, asking("https://lire.example/%61cs"))},
		"an address without TLS":             {"SAM-402", swap("lire", address, asking("http://lire.example/acs"))},
		"an address that is a script":        {"SAM-402", swap("lire", address, asking("javascript:alert(1)//"))},
		"an address for artifacts":           {"SAM-402", swap("lire", address, asking(acs("lire")+"/artifact"))},
		"an index that is not there":         {"SAM-402", swap("lire", address, `AssertionConsumerServiceIndex="3"`)},
		"an index beyond all":                {"SAM-402", swap("lire", address, `AssertionConsumerServiceIndex="65535"`)},
		"the index of an artifact address":   {"SAM-402", swap("lire", address, `AssertionConsumerServiceIndex="2"`)},
		"a negative index":                   {"SAM-400", swap("lire", address, `AssertionConsumerServiceIndex="-1"`)},
		"an index beside an address":         {"SAM-400", swap("lire", address, address+` AssertionConsumerServiceIndex="1"`)},
		"an answer by another binding":       {"SAM-402", swap("lire", crewjam.HTTPPostBinding, crewjam.HTTPArtifactBinding)},
		"an unknown binding":                 {"SAM-402", swap("lire", crewjam.HTTPPostBinding, "urn:x")},
		"a Destination elsewhere":            {"SAM-403", swap("lire", `/saml/sso"`, `/saml/sso/"`)},
		"a Destination on another host":      {"SAM-403", swap("lire", `Destination="http://`, `Destination="http://evil.example@`)},
		"no ID":                              {"SAM-400", swap("lire", ` ID="`, ` Id="`)},
		"no issuer":                          {"SAM-400", swap("lire", entity("lire")+"<", "<")},
		"a date without a zone":              {"SAM-400", swap("lire", `Z" Destination`, `" Destination`)},
		"a document type":                    {"SAM-400", swap("lire", "<samlp:AuthnRequest", `<!DOCTYPE x [<!ENTITY e "e">]><samlp:AuthnRequest`)},
		"two roots":                          {"SAM-400", swap("lire", "</samlp:AuthnRequest>", "</samlp:AuthnRequest><x/>")},
		"two issuers":                        {"SAM-400", swap("lire", "<saml:Issuer", `<saml:Issuer>`+entity("suite")+`</saml:Issuer><saml:Issuer`)},
		"a comment in the issuer":            {"SAM-400", swap("lire", entity("lire")+"<", entity("lire")+"<!-- -->.evil<")},
		"an unknown element":                 {"SAM-400", swap("lire", "</samlp:AuthnRequest>", "<x/></samlp:AuthnRequest>")},
		"another message":                    {"SAM-400", swap("lire", "samlp:AuthnRequest ", "samlp:LogoutRequest ")},
		"an unfinished message":              {"SAM-400", swap("lire", "</samlp:AuthnRequest>", "")},
		"a date far in the future":           {"SAM-408", dated(3*time.Minute + time.Second)},
		"a date long past":                   {"SAM-408", dated(-10*time.Minute - time.Second)},
		"a date before the store's memory":   {"SAM-408", dated(-2 * time.Second)},
		"no signature, metadata, redirect":   {"SAM-403", unsigned("signe", crewjam.HTTPRedirectBinding)},
		"no signature, metadata, post":       {"SAM-403", unsigned("signe", crewjam.HTTPPostBinding)},
		"no signature, operator, redirect":   {"SAM-403", unsigned("exige", crewjam.HTTPRedirectBinding)},
		"no signature, operator, post":       {"SAM-403", unsigned("exige", crewjam.HTTPPostBinding)},
		"another key, redirect":              {"SAM-403", bySigner("signe", crewjam.HTTPRedirectBinding)},
		"another key, post":                  {"SAM-403", bySigner("signe", crewjam.HTTPPostBinding)},
		"another key, not needed, redirect":  {"SAM-403", bySigner("cle", crewjam.HTTPRedirectBinding)},
		"another key, not needed, post":      {"SAM-403", bySigner("cle", crewjam.HTTPPostBinding)},
		"a change under the signature":       {"SAM-403", resigned("cle", acs("cle")+`"`, acs("cle")+`/other"`)},
		"a forged issuer over the signature": {"SAM-403", resigned("cle", entity("cle")+"<", entity("exige")+"<")},
		"a response":                         {"SAM-400", formed(asResponse)},
		"a message by post in the query":     {"SAM-400", formed(postInQuery)},
		"a message by redirect in a form":    {"SAM-400", formed(redirectInForm)},
		"a query under a form":               {"SAM-400", formed(queryUnderForm)},
		"two messages in a form":             {"SAM-400", formed(twiceInForm)},
		"a message and a response":           {"SAM-400", formed(bothInForm)},
		"a form of another kind":             {"REQ-400", formed(otherForm)},
		"a message that inflates":            {"SAM-400", formed(bomb)},
		"a deep message":                     {"SAM-400", formed(deep)},
		"a body that is too large":           {"LIM-413", formed(huge)},
		"a RelayState beyond 1 kB":           {"SAM-400", formed(longRelay)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refuses(t, c.code, c.try)
		})
	}
}

// refuses checks that the good request reaches its service and that the spoilt one reaches nobody.
func refuses(t *testing.T, code string, try attempt) {
	t.Helper()
	h := newHouse(t)
	if good := try(t, h, false); good.status != http.StatusOK || good.field("SAMLResponse") == "" || h.starts() == 0 {
		t.Fatalf("the good request: status %d, %d sign-ins (%s)", good.status, h.starts(), h.fault())
	}
	before := h.starts()
	bad := try(t, h, true)
	if bad.status < 400 || bad.status > 499 || h.fault() != code {
		t.Errorf("status %d with %s, want %s", bad.status, h.fault(), code)
	}
	if bad.action() != "" || bad.header.Get("Location") != "" || bad.field("SAMLResponse") != "" {
		t.Errorf("something is sent to %q%q", bad.action(), bad.header.Get("Location"))
	}
	if h.starts() != before {
		t.Error("a sign-in was begun")
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

func TestSignatureInTheQueryCoversWhatWasReceived(t *testing.T) {
	t.Parallel()
	replace := func(from, to string) func(string) string {
		return func(q string) string { return strings.Replace(q, from, to, 1) }
	}
	other := deflated(t, "<x/>")
	for name, c := range map[string]struct {
		code string
		how  func(query string) string
	}{
		"another RelayState":          {"SAM-403", replace("RelayState=relay", "RelayState=other")},
		"no RelayState":               {"SAM-403", replace("&RelayState=relay", "")},
		"a second RelayState":         {"SAM-400", func(q string) string { return q + "&RelayState=other" }},
		"a RelayState before":         {"SAM-400", func(q string) string { return "RelayState=other&" + q }},
		"a second request":            {"SAM-400", func(q string) string { return q + "&SAMLRequest=" + other }},
		"a request before":            {"SAM-400", func(q string) string { return "SAMLRequest=" + other + "&" + q }},
		"a disguised request":         {"SAM-400", func(q string) string { return "%53AMLRequest=" + other + "&" + q }},
		"a response too":              {"SAM-400", func(q string) string { return q + "&SAMLResponse=" + other }},
		"a second SigAlg":             {"SAM-400", func(q string) string { return q + "&SigAlg=x" }},
		"a second Signature":          {"SAM-400", func(q string) string { return q + "&Signature=x" }},
		"another SigAlg":              {"SAM-403", replace("rsa-sha256", "rsa-sha1")},
		"no SigAlg":                   {"SAM-400", replace("&SigAlg=", "&Sig=")},
		"no Signature":                {"SAM-400", replace("&Signature=", "&Sig=")},
		"another encoding of it":      {"SAM-403", replace("RelayState=relay", "RelayState=r%65lay")},
		"an empty signature":          {"SAM-400", func(q string) string { return q[:strings.Index(q, "&Signature=")] + "&Signature=" }},
		"a signature of another kind": {"SAM-403", func(q string) string { return q[:strings.Index(q, "&Signature=")] + "&Signature=AAAA" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refuses(t, c.code, rewritten("signe", c.how))
			refuses(t, c.code, rewritten("cle", c.how)) // which need not sign
		})
	}
}

func TestSignedRequestNamesItsDestination(t *testing.T) {
	t.Parallel()
	refuses(t, "SAM-403", func(t *testing.T, h *house, spoilt bool) page {
		t.Helper()
		p := newParty(t, h, "signe")
		return h.posted(t, document(t, p.request(t, crewjam.HTTPPostBinding, func(r *crewjam.AuthnRequest) {
			r.Destination = pick(spoilt, r.Destination, "")
		})), "")
	})
}

func TestRequestServesOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p, other := newParty(t, h, "lire"), newParty(t, h, "suite")
	other.AuthnNameIDFormat = crewjam.EmailAddressNameIDFormat
	r := p.request(t, crewjam.HTTPRedirectBinding)
	query := p.query(t, r, "")
	p.accepts(t, h.get(t, query), r.ID)
	for name, again := range map[string]func() page{
		"the same":           func() page { return h.get(t, query) },
		"by another binding": func() page { return h.posted(t, document(t, r), "") },
		"with another date": func() page {
			r.IssueInstant = r.IssueInstant.Add(time.Second)
			return h.get(t, p.query(t, r, ""))
		},
	} {
		if got := again(); got.action() != "" || got.status != http.StatusBadRequest || h.fault() != "SAM-408" {
			t.Errorf("%s: status %d %s, form to %q", name, got.status, h.fault(), got.action())
		}
	}
	if got := other.sign(t, func(s *crewjam.AuthnRequest) { s.ID = r.ID }); got == nil {
		t.Error("the ID of one service's request is lost to another service")
	}
	h.clock.Advance(10*time.Minute + 30*time.Second) // not yet forgotten where it could still be in time
	if got := h.get(t, query); got.action() != "" {
		t.Error("an old request serves again")
	}
}

// brokenTickets fail at creating, or at saying since when they remember.
type brokenTickets struct {
	store.Tickets
	noCreate, noEpoch bool
}

var errAway = errors.New("the store is away")

func (b *brokenTickets) Create(ctx context.Context, t store.Ticket) error {
	if b.noCreate {
		return errAway
	}
	return b.Tickets.Create(ctx, t)
}

func (b *brokenTickets) Epoch(ctx context.Context) (time.Time, error) {
	if b.noEpoch {
		return time.Time{}, errAway
	}
	return b.Tickets.Epoch(ctx)
}

func TestNoSignInWithoutReplayMarkOrRegistry(t *testing.T) {
	t.Parallel()
	broken := &brokenTickets{}
	h := newHouse(t, func(c *samlidp.Config) {
		broken.Tickets = c.Tickets
		c.Tickets = broken
	})
	p := newParty(t, h, "lire")
	send := func() page { return h.get(t, p.query(t, p.request(t, crewjam.HTTPRedirectBinding), "")) }
	for name, set := range map[string]func(away bool){
		"no mark":      func(away bool) { broken.noCreate = away },
		"no epoch":     func(away bool) { broken.noEpoch = away },
		"old registry": func(away bool) { h.change(func(g *gateway) { g.stale = away }) },
	} {
		if got := send(); got.action() != acs("lire") {
			t.Fatalf("%s: with everything there: status %d (%s)", name, got.status, h.fault())
		}
		before := h.starts()
		set(true)
		if got := send(); got.status != http.StatusServiceUnavailable || got.action() != "" || h.starts() != before {
			t.Errorf("%s: status %d, form to %q", name, got.status, got.action())
		}
		set(false)
	}
}

func TestServiceWhoseMetadataHasExpiredIsNotAnswered(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	until := h.clock.Now().Add(time.Minute)
	h.change(func(g *gateway) {
		md := strings.Replace(metadata("lire", plainMD), " entityID=", ` validUntil="`+until.Format(time.RFC3339)+`" entityID=`, 1)
		g.contents.Services[0].Bindings = []registry.Binding{bind(t, entity("lire"), samlidp.Settings{Metadata: md})}
	})
	p := newParty(t, h, "lire")
	p.sign(t)
	h.clock.Advance(time.Minute)
	got := h.get(t, p.query(t, p.request(t, crewjam.HTTPRedirectBinding), ""))
	if got.action() != "" || h.fault() != "SAM-401" {
		t.Errorf("form to %q (%s)", got.action(), h.fault())
	}
}

func TestHeadStartsNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := newParty(t, h, "lire")
	r := p.request(t, crewjam.HTTPRedirectBinding)
	query := p.query(t, r, "")
	head, err := http.NewRequest(http.MethodHead, h.base+"/saml/sso?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := do(t, head); got.status != http.StatusBadRequest || h.starts() != 0 {
		t.Errorf("status %d, %d sign-ins", got.status, h.starts())
	}
	p.accepts(t, h.get(t, query), r.ID)
}
