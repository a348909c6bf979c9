package samlidp_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/idp/samlidp"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/web/webtest"
)

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// refusal is an attempt and the code of the page that answers it when it is spoilt.
type refusal struct {
	code string
	try  attempt
}

func refusesAll(t *testing.T, refusals map[string]refusal) {
	t.Helper()
	for name, c := range refusals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refuses(t, c.code, c.try)
		})
	}
}

func TestNothingIsSentAnywhereForAnUnknownSenderOrAddress(t *testing.T) {
	t.Parallel()
	address := `AssertionConsumerServiceURL="` + acs("lire") + `"`
	asking := func(url string) string { return `AssertionConsumerServiceURL="` + url + `"` }
	refusesAll(t, map[string]refusal{
		"an unknown issuer":                {"SAM-401", swap("lire", entity("lire")+"<", entity("autre")+"<")},
		"an issuer in capitals":            {"SAM-401", swap("lire", entity("lire")+"<", strings.ToUpper(entity("lire"))+"<")},
		"an issuer with a slash":           {"SAM-401", swap("lire", entity("lire")+"<", entity("lire")+"/<")},
		"a service of another protocol":    {"SAM-401", swap("lire", entity("lire")+"<", "https://oidc.example<")},
		"a foreign address":                {"SAM-402", swap("lire", address, asking("https://evil.example/acs"))},
		"the address of another service":   {"SAM-402", swap("lire", address, asking(acs("suite")))},
		"an address that begins alike":     {"SAM-402", swap("lire", address, asking(acs("lire")+".evil.example"))},
		"an address with more behind it":   {"SAM-402", swap("lire", address, asking(acs("lire")+"?x=1"))},
		"an address with a slash":          {"SAM-402", swap("lire", address, asking(acs("lire")+"/"))},
		"an address in capitals":           {"SAM-402", swap("lire", address, asking(strings.ToUpper(acs("lire"))))},
		"an address with a port":           {"SAM-402", swap("lire", address, asking("https://lire.example:443/acs"))},
		"an address escaped otherwise":     {"SAM-402", swap("lire", address, asking("https://lire.example/%61cs"))},
		"an address without TLS":           {"SAM-402", swap("lire", address, asking("http://lire.example/acs"))},
		"an address that is a script":      {"SAM-402", swap("lire", address, asking("javascript:alert(1)//"))},
		"an address for artifacts":         {"SAM-402", swap("lire", address, asking(acs("lire")+"/artifact"))},
		"an index that is not there":       {"SAM-402", swap("lire", address, `AssertionConsumerServiceIndex="3"`)},
		"an index beyond all":              {"SAM-402", swap("lire", address, `AssertionConsumerServiceIndex="65535"`)},
		"the index of an artifact address": {"SAM-402", swap("lire", address, `AssertionConsumerServiceIndex="2"`)},
		"an answer by another binding":     {"SAM-402", swap("lire", crewjam.HTTPPostBinding, crewjam.HTTPArtifactBinding)},
		"an unknown binding":               {"SAM-402", swap("lire", crewjam.HTTPPostBinding, "urn:x")},
	})
}

func TestNothingIsSentAnywhereForAMessageThatIsNotInOrder(t *testing.T) {
	t.Parallel()
	address := `AssertionConsumerServiceURL="` + acs("lire") + `"`
	refusesAll(t, map[string]refusal{
		"a negative index":           {"SAM-400", swap("lire", address, `AssertionConsumerServiceIndex="-1"`)},
		"an index beside an address": {"SAM-400", swap("lire", address, address+` AssertionConsumerServiceIndex="1"`)},
		"no ID":                      {"SAM-400", swap("lire", ` ID="`, ` Id="`)},
		"no issuer":                  {"SAM-400", swap("lire", entity("lire")+"<", "<")},
		"a date without a zone":      {"SAM-400", swap("lire", `Z" Destination`, `" Destination`)},
		"a document type":            {"SAM-400", swap("lire", "<samlp:AuthnRequest", `<!DOCTYPE x [<!ENTITY e "e">]><samlp:AuthnRequest`)},
		"two roots":                  {"SAM-400", swap("lire", "</samlp:AuthnRequest>", "</samlp:AuthnRequest><x/>")},
		"two issuers":                {"SAM-400", swap("lire", "<saml:Issuer", `<saml:Issuer>`+entity("suite")+`</saml:Issuer><saml:Issuer`)},
		"a comment in the issuer":    {"SAM-400", swap("lire", entity("lire")+"<", entity("lire")+"<!-- -->.evil<")},
		"an unknown element":         {"SAM-400", swap("lire", "</samlp:AuthnRequest>", "<x/></samlp:AuthnRequest>")},
		"another message":            {"SAM-400", swap("lire", "samlp:AuthnRequest ", "samlp:LogoutRequest ")},
		"an unfinished message":      {"SAM-400", swap("lire", "</samlp:AuthnRequest>", "")},
	})
}

func TestNothingIsSentAnywhereForWhatIsNotTheirsOrNotNow(t *testing.T) {
	t.Parallel()
	refusesAll(t, map[string]refusal{
		"a Destination elsewhere":            {"SAM-403", swap("lire", `/saml/sso"`, `/saml/sso/"`)},
		"a Destination on another host":      {"SAM-403", swap("lire", `Destination="http://`, `Destination="http://evil.example@`)},
		"a date far in the future":           {"SAM-408", dated(3*time.Minute+time.Second, time.Hour)},
		"a date long past":                   {"SAM-408", dated(-10*time.Minute-time.Second, time.Hour)},
		"a date before the store's memory":   {"SAM-408", dated(-2*time.Second, 0)},
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
	})
}

func TestNothingIsSentAnywhereForAMessageInTheWrongForm(t *testing.T) {
	t.Parallel()
	refusesAll(t, map[string]refusal{
		"a response":                      {"SAM-400", formed(asResponse)},
		"a message by post in the query":  {"SAM-400", formed(postInQuery)},
		"a message by redirect in a form": {"SAM-400", formed(redirectInForm)},
		"a query under a form":            {"SAM-400", formed(queryUnderForm)},
		"two messages in a form":          {"SAM-400", formed(twiceInForm)},
		"a message and a response":        {"SAM-400", formed(bothInForm)},
		"a form of another kind":          {"REQ-400", formed(otherForm)},
		"a message that inflates":         {"SAM-400", formed(bomb)},
		"a deep message":                  {"SAM-400", formed(deep)},
		"a body that is too large":        {"LIM-413", formed(huge)},
		"a RelayState beyond 1 kB":        {"SAM-400", formed(longRelay)},
	})
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
	webtest.CheckPage(t, bad.body)
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
	if got.action() != "" || h.fault() != "SAM-410" || !strings.Contains(got.body, "Service lire") {
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
