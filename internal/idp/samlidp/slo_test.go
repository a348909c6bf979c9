package samlidp_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/idp"
	"ecluse/internal/saml"
)

func TestAServiceEndsTheSessionThatItNamesAndIsTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	l := newLeaver(t, h, "cle", both("cle"))
	s := l.signsIn(t)
	relay := strings.Repeat("r", 70)
	q := l.wants(s, "/saml/slo")
	a, back := h.answered(t, l.byQuery(t, q, relay), logoutAt("cle")+"/done?x=1")
	if a.Code != saml.StatusSuccess || a.Detail != "" || a.InResponseTo != q.ID || a.Issuer != h.base+"/saml/metadata" || back != relay {
		t.Errorf("by redirect: %+v with %q", a, back)
	}
	q = l.wants(s, "/saml/slo", func(q *saml.LogoutRequest) { q.Sessions = append([]string{"another"}, q.Sessions...) })
	a, back = h.answered(t, l.byForm(t, "SAMLRequest", l.signed(t, q), strings.Repeat("r", 500)), logoutAt("cle")+"/post")
	if a.Code != saml.StatusSuccess || a.Detail != "" || a.InResponseTo != q.ID || len(back) != 500 {
		t.Errorf("by form: %+v", a)
	}
	q = l.wants(s, "/saml/slo", func(q *saml.LogoutRequest) { q.Sessions = nil })
	if a, back = h.answered(t, l.byQuery(t, q, ""), logoutAt("cle")+"/done?x=1"); a.Code != saml.StatusSuccess || a.Detail != "" || back != "" {
		t.Errorf("whatever there is: %+v", a)
	}
	for _, leaving := range h.goodbye.asked {
		if !leaving.Sure || leaving.ServiceID != "cle" || leaving.Protocol != "saml" || leaving.Language == "" || len(leaving.Names) == 0 {
			t.Errorf("%#v", leaving)
		}
		if said := strings.Join(leaving.Names, " ") + string(leaving.State); strings.Contains(said, s.NameID) {
			t.Error("what is kept names the person")
		}
	}
}

func TestAnotherPeoplesLibrarySignsOutAndReadsTheAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	l := newLeaver(t, h, "cle", sloEndpoint("HTTP-POST", logoutAt("cle")+"/post", ""))
	s := l.signsIn(t)
	q, err := l.MakeLogoutRequest(h.base+"/saml/slo", s.NameID)
	if err != nil {
		t.Fatal(err)
	}
	doc := must(q.Bytes())
	got := l.byForm(t, "SAMLRequest", doc, "relay")
	if err := l.ValidateLogoutResponseForm(got.field("SAMLResponse")); err != nil || got.field("RelayState") != "relay" {
		t.Errorf("status %d (%s): %v", got.status, h.fault(), err)
	}
	at, err := l.MakeRedirectLogoutRequest(s.NameID, "relay") // signed inside, as it does it
	if err != nil {
		t.Fatal(err)
	}
	got = h.at(t, http.MethodGet, "/saml/slo?"+at.RawQuery, nil, "")
	if err := l.ValidateLogoutResponseForm(got.field("SAMLResponse")); err != nil {
		t.Errorf("asked by redirect, answered where it can: status %d (%s): %v", got.status, h.fault(), err)
	}
	if front, _ := h.saidGoodbye(); front != 2 || !h.goodbye.asked[0].Sure {
		t.Errorf("%d", front)
	}
}

func TestAServiceIsToldTheTruthOfASignOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	l := newLeaver(t, h, "cle", both("cle"))
	s := l.signsIn(t)
	for name, c := range map[string]struct {
		set          func(*goodbye)
		change       func(*saml.LogoutRequest)
		code, detail string
	}{
		"others stay open":             {func(g *goodbye) { g.partial = true }, nil, saml.StatusSuccess, saml.StatusPartialLogout},
		"the person stays":             {func(g *goodbye) { g.stays = true }, nil, saml.StatusResponder, saml.StatusRequestDenied},
		"another person":               {nil, func(q *saml.LogoutRequest) { q.NameID.Value += "x" }, saml.StatusResponder, saml.StatusUnknownPrincipal},
		"another person, all of them":  {nil, func(q *saml.LogoutRequest) { q.NameID.Value += "x"; q.Sessions = nil }, saml.StatusResponder, saml.StatusUnknownPrincipal},
		"another session":              {nil, func(q *saml.LogoutRequest) { q.Sessions = []string{"other"} }, saml.StatusResponder, saml.StatusUnknownPrincipal},
		"another format":               {nil, func(q *saml.LogoutRequest) { q.NameID.Format = saml.NameIDTransient }, saml.StatusResponder, saml.StatusUnknownPrincipal},
		"another provider's name":      {nil, func(q *saml.LogoutRequest) { q.NameID.NameQualifier = "https://x.example" }, saml.StatusResponder, saml.StatusUnknownPrincipal},
		"another service's name":       {nil, func(q *saml.LogoutRequest) { q.NameID.SPNameQualifier = entity("lire") }, saml.StatusResponder, saml.StatusUnknownPrincipal},
		"what is understood, left out": {nil, func(q *saml.LogoutRequest) { q.NameID.NameQualifier, q.NameID.SPNameQualifier = "", "" }, saml.StatusSuccess, ""},
	} {
		h.change(func(g *gateway) {
			g.goodbye = goodbye{}
			if c.set != nil {
				c.set(&g.goodbye)
			}
		})
		q := l.wants(s, "/saml/slo")
		if c.change != nil {
			c.change(q)
		}
		if a, _ := h.answered(t, l.byQuery(t, q, ""), logoutAt("cle")+"/done?x=1"); a.Code != c.code || a.Detail != c.detail {
			t.Errorf("%s: %s, %s", name, a.Code, a.Detail)
		}
	}
}

func TestAServiceNamesNoSessionOfAnother(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	other := newLeaver(t, h, "exige", both("exige"))
	l := newLeaver(t, h, "cle", both("cle"))
	s := l.signsIn(t)
	for _, change := range []func(*saml.LogoutRequest){
		func(*saml.LogoutRequest) {}, func(q *saml.LogoutRequest) { q.Sessions = nil },
		func(q *saml.LogoutRequest) { q.NameID.NameQualifier, q.NameID.SPNameQualifier = "", "" },
	} {
		a, _ := h.answered(t, other.byQuery(t, other.wants(s, "/saml/slo", change), ""), logoutAt("exige")+"/done?x=1")
		if a.Detail != saml.StatusUnknownPrincipal {
			t.Errorf("%s, %s", a.Code, a.Detail)
		}
	}
	for _, leaving := range h.goodbye.asked {
		if leaving.ServiceID != "exige" || slices.ContainsFunc(leaving.Names, func(n string) bool { return slices.Contains(h.joined.Names, n) }) {
			t.Errorf("%#v names the other's session", leaving)
		}
	}
}

func TestAServiceWithoutAnAddressForAnswersIsServedAllTheSame(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	l := newLeaver(t, h, "cle", sloEndpoint("SOAP", logoutAt("cle"), "")+sloEndpoint("HTTP-POST", logoutAt("cle")+"/é'", ""))
	s := l.signsIn(t)
	if got := l.byQuery(t, l.wants(s, "/saml/slo"), ""); got.status != http.StatusNoContent {
		t.Errorf("status %d (%s)", got.status, h.fault())
	}
	_, binding, _ := h.snapshot().Binding("saml", entity("cle"))
	if found := h.provider.CheckSettings(binding); len(found) != 1 || !strings.Contains(found[0].What, "SingleLogoutService") {
		t.Errorf("%v", found)
	}
}

func TestASignOutThatIsNotTheirsForUsNewAndOfNowEndsNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	l := newLeaver(t, h, "cle", both("cle"))
	s := l.signsIn(t)
	h.clock.Advance(time.Hour)
	_, forged := pairs(t)
	stranger := &leaver{l.party, must(saml.NewSigner(forged.key, forged.certificate.Raw)), forged, "cle"}
	dated := func(by time.Duration) *saml.LogoutRequest {
		return l.wants(s, "/saml/slo", func(q *saml.LogoutRequest) { q.IssueInstant = q.IssueInstant.Add(by) })
	}
	at := func(to string) *saml.LogoutRequest {
		return l.wants(s, "/saml/slo", func(q *saml.LogoutRequest) { q.Destination = to })
	}
	by := func(issuer string) *saml.LogoutRequest {
		return l.wants(s, "/saml/slo", func(q *saml.LogoutRequest) { q.Issuer = issuer })
	}
	plain := must(saml.AppendLogoutRequest(nil, l.wants(s, "/saml/slo")))
	unsignedQuery := must(saml.Outbound{XML: plain}.Query())
	signed := string(l.signed(t, l.wants(s, "/saml/slo")))
	signature := signed[strings.Index(signed, "<ds:Signature"):strings.Index(signed, "<saml:NameID")]
	wrapped := strings.Replace(strings.Replace(strings.Replace(signed, s.NameID, "x", 1), signature, "", 1), "</saml:Issuer>",
		"</saml:Issuer><samlp:Extensions>"+signed+"</samlp:Extensions>", 1)
	used := l.wants(s, "/saml/slo")
	if got := l.byQuery(t, used, ""); got.status != http.StatusSeeOther {
		t.Fatalf("status %d", got.status)
	}
	before, _ := h.saidGoodbye()
	for name, c := range map[string]struct {
		code string
		got  func() page
	}{
		"unsigned query":        {"SAM-403", func() page { return h.at(t, http.MethodGet, "/saml/slo?"+unsignedQuery, nil, "") }},
		"unsigned form":         {"SAM-403", func() page { return l.byForm(t, "SAMLRequest", plain, "") }},
		"a stranger's query":    {"SAM-403", func() page { return stranger.byQuery(t, stranger.wants(s, "/saml/slo"), "") }},
		"a stranger's form":     {"SAM-403", func() page { return stranger.byForm(t, "SAMLRequest", stranger.signed(t, dated(0)), "") }},
		"wrapped":               {"SAM-403", func() page { return l.byForm(t, "SAMLRequest", []byte(wrapped), "") }},
		"both, one forged":      {"SAM-403", func() page { return l.twice(t, stranger) }},
		"used before":           {"SAM-408", func() page { return l.byQuery(t, used, "") }},
		"used before, as form":  {"SAM-408", func() page { return l.byForm(t, "SAMLRequest", l.signed(t, used), "") }},
		"old":                   {"SAM-408", func() page { return l.byQuery(t, dated(-11*time.Minute), "") }},
		"older than the memory": {"SAM-408", func() page { return l.byQuery(t, dated(-2*time.Hour), "") }},
		"of tomorrow":           {"SAM-408", func() page { return l.byQuery(t, dated(4*time.Minute), "") }},
		"over": {"SAM-408", func() page {
			return l.byQuery(t, l.wants(s, "/saml/slo", func(q *saml.LogoutRequest) { q.NotOnOrAfter = h.clock.Now().Add(-3 * time.Minute) }), "")
		}},
		"for another address":     {"SAM-403", func() page { return l.byQuery(t, at(h.base+"/saml/sso"), "") }},
		"for another house":       {"SAM-403", func() page { return l.byQuery(t, at("https://idp.example/saml/slo"), "") }},
		"for another house, form": {"SAM-403", func() page { return l.byForm(t, "SAMLRequest", l.signed(t, at("https://idp.example/saml/slo")), "") }},
		"of nobody known":         {"SAM-401", func() page { return l.byQuery(t, by("https://x.example"), "") }},
		"of another service":      {"SAM-403", func() page { return l.byQuery(t, by(entity("lire")), "") }},
		"another message":         {"SAM-400", func() page { return l.byForm(t, "SAMLRequest", []byte(plainRequest), "") }},
		"no form":                 {"REQ-400", func() page { return h.at(t, http.MethodPost, "/saml/slo", strings.NewReader("x"), "text/plain") }},
		"nothing":                 {"SAM-400", func() page { return h.at(t, http.MethodGet, "/saml/slo", nil, "") }},
		"an empty form":           {"SAM-400", func() page { return h.at(t, http.MethodPost, "/saml/slo", strings.NewReader(""), forms) }},
		"an answer to nothing":    {"SAM-408", func() page { return l.byForm(t, "SAMLResponse", l.says(t, "_x", saml.StatusSuccess, ""), "") }},
		"by HEAD":                 {"SAM-400", func() page { return h.at(t, http.MethodHead, "/saml/slo?"+unsignedQuery, nil, "") }},
	} {
		if got := c.got(); got.status != http.StatusBadRequest || h.fault() != c.code {
			t.Errorf("%s: status %d, %s", name, got.status, h.fault())
		}
	}
	if front, back := h.saidGoodbye(); front != before || back != 0 || len(h.goodbye.told) != 0 {
		t.Errorf("something was ended: %d, %d", front-before, back)
	}
	edge := l.wants(s, "/saml/slo", func(q *saml.LogoutRequest) { q.NotOnOrAfter = h.clock.Now().Add(-3*time.Minute + time.Second) })
	if got := l.byQuery(t, edge, ""); got.status != http.StatusSeeOther {
		t.Errorf("a request that is hardly over: status %d", got.status)
	}
}

const plainRequest = `<p:AuthnRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1" Version="2.0" IssueInstant="2026-11-22T08:00:00Z"><Issuer>x</Issuer></p:AuthnRequest>`

// twice is a query with a good signature around a message with a forged one.
func (l *leaver) twice(tb testing.TB, stranger *leaver) page {
	tb.Helper()
	doc := stranger.signed(tb, stranger.wants(toldSession{NameID: "x", SessionIndex: "y"}, "/saml/slo"))
	return l.house.at(tb, http.MethodGet, "/saml/slo?"+must(l.signer.Query(saml.Outbound{XML: doc})), nil, "")
}

func TestNoSignOutIsTakenAsLongAsNothingIsKnown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	l := newLeaver(t, h, "cle", both("cle"))
	s := l.signsIn(t)
	h.change(func(g *gateway) { g.stale = true })
	if got := l.byQuery(t, l.wants(s, "/saml/slo"), ""); got.status != http.StatusServiceUnavailable {
		t.Errorf("status %d", got.status)
	}
	got := l.byForm(t, "SAMLResponse", l.says(t, "_1", saml.StatusSuccess, ""), "")
	if got.status != http.StatusServiceUnavailable || h.goodbye.lost != 0 { // it may be sent again
		t.Errorf("an answer: status %d, led on %d times", got.status, h.goodbye.lost)
	}
	if _, err := h.provider.SignOut(t.Context(), h.joined, "step"); err == nil {
		t.Error("a service is asked")
	}
	if _, err := h.provider.Left(t.Context(), idp.Leaving{ServiceID: "cle", State: []byte(`{"id":"_1","entity_id":"` + entity("cle") + `"}`)}, idp.Outcome{}); err == nil {
		t.Error("a service is answered")
	}
	h.change(func(g *gateway) { g.stale = false })
	if _, err := h.provider.Left(t.Context(), idp.Leaving{State: []byte(`{}`)}, idp.Outcome{}); err == nil {
		t.Error("an answer to nothing")
	}
	if to, err := h.provider.Left(t.Context(), idp.Leaving{ServiceID: "lire", State: []byte(`{"id":"_1","entity_id":"` + entity("cle") + `"}`)}, idp.Outcome{}); err != nil || !to.Empty() {
		t.Errorf("another service's: %v, %v", to, err)
	}
}

func TestOurMetadataSaysWhereSessionsEndAndArtifactsAreResolved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	role := newParty(t, h, "lire").IDPMetadata.IDPSSODescriptors[0]
	want := []string{crewjam.HTTPRedirectBinding + " /saml/slo", crewjam.HTTPPostBinding + " /saml/slo", crewjam.SOAPBinding + " /saml/slo/soap"}
	var got []string
	for _, e := range role.SingleLogoutServices {
		got = append(got, e.Binding+" "+must(url.Parse(e.Location)).Path)
	}
	if !slices.Equal(got, want) || len(role.ArtifactResolutionServices) != 1 || role.ArtifactResolutionServices[0].Location != h.base+"/saml/artifact" {
		t.Errorf("%v, %v", got, role.ArtifactResolutionServices)
	}
}
