package app_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/saml"
)

// goodbye is what the provider says after a sign-out, as the query of our address.
func (e *ent) goodbye(t *testing.T, q saml.LogoutRequest, status string) string {
	t.Helper()
	address := idptest.Origin + "/source/" + idptest.ENT + "/logout"
	query, err := e.signer.Query(saml.Outbound{Response: true, XML: []byte(`<samlp:LogoutResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ` +
		`xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_b" Version="2.0" InResponseTo="` + q.ID + `" IssueInstant="` + e.Now().UTC().Format(time.RFC3339) +
		`" Destination="` + address + `"><saml:Issuer>` + entEntity + `</saml:Issuer><samlp:Status><samlp:StatusCode Value="` + status + `"/></samlp:Status></samlp:LogoutResponse>`)})
	if err != nil {
		t.Fatal(err)
	}
	return address + "?" + query
}

// signsOut signs Léa in and out, follows the link to her ENT, and gives what the ENT is asked.
func (e *ent) signsOut(t *testing.T, b *idptest.Browser) saml.LogoutRequest {
	t.Helper()
	q := e.asked(t, b.Get("/open"))
	if b.Open(e.answer(q, e.isLea(t, q))); b.Cookie("session") == "" {
		t.Fatal("she was not signed in")
	}
	p := b.Post("/signout", nil)
	link := regexp.MustCompile(`/signout/source/[A-Z0-9]+`).FindString(p.Body)
	if link == "" || strings.Contains(p.Body, "ent.example/slo") {
		t.Fatalf("no link of ours: %s", p.Text())
	}
	there := b.Do(httptest.NewRequest(http.MethodGet, idptest.Origin+link, nil))
	_, query, _ := strings.Cut(there.Header.Get("Location"), "?")
	in, err := saml.DecodeRedirect(query)
	if err != nil {
		t.Fatalf("status %d: %v", there.Status, err)
	}
	out, err := saml.ParseLogoutRequest(in.XML)
	if err != nil || out.NameID.Value != "x" || !in.Signed() {
		t.Fatalf("%v", err)
	}
	return out
}

func TestASignOutHereLeadsToTheENTAndTellsWhatItSaid(t *testing.T) {
	t.Parallel()
	for status, c := range map[string]struct{ says, hides string }{
		saml.StatusSuccess: {"Ce compte est fermé aussi", "reste peut-être"}, saml.StatusResponder: {"Ce compte reste peut-être ouvert", "est fermé aussi"},
	} {
		e := newENT(t)
		b, other := e.Browser(t), e.Browser(t)
		q := e.signsOut(t, b)
		if p := other.Get(e.goodbye(t, q, "urn:oasis:names:tc:SAML:2.0:status:Requester")); p.Status != http.StatusOK || strings.Contains(p.Text(), c.says) {
			t.Errorf("another browser: status %d: %s", p.Status, p.Text())
		}
		if p := b.Get("/signout"); strings.Contains(p.Text(), "compte est fermé") {
			t.Errorf("what another browser brought is believed: %s", p.Text())
		}
		b = e.Browser(t)
		q = e.signsOut(t, b)
		p := b.Get(e.goodbye(t, q, status))
		if p.Status != http.StatusOK || !strings.Contains(p.Text(), c.says) || strings.Contains(p.Text(), c.hides) || strings.Contains(p.Body, "/signout/source/") {
			t.Errorf("%s: status %d: %s", status, p.Status, p.Text())
		}
		if again := b.Get(e.goodbye(t, q, saml.StatusSuccess)); again.Text() != p.Text() {
			t.Errorf("%s: a second answer changes what is said: %s", status, again.Text())
		}
	}
}

// visited is a service that is told of a sign-out by the browser.
type visited struct{ open }

func (visited) SignOut(_ context.Context, _ idp.Participant, step string) (idp.SignOutStep, error) {
	return idp.SignOutStep{Outcome: idp.Needed, Browser: idp.Handoff{Location: "https://lire.example/bye?step=" + step}}, nil
}

// toldOf is what the ENT is answered in the end.
func toldOf(t *testing.T, p *idptest.Page) string {
	t.Helper()
	if p.Landing == nil || p.Landing.URL.Host != "ent.example" {
		t.Fatalf("status %d: %s", p.Status, p.Text())
	}
	in, err := saml.DecodeRedirect(p.Landing.URL.RawQuery)
	if err != nil || !in.Signed() {
		t.Fatal(err)
	}
	a, err := saml.ParseLogoutResponse(in.XML)
	if err != nil {
		t.Fatal(err)
	}
	if a.Detail != "" {
		return a.Detail
	}
	return a.Code
}

// enters goes on to the service.
func (e *ent) enters(t *testing.T, b *idptest.Browser, p *idptest.Page) {
	t.Helper()
	if p = b.Submit(p, "inform", 0, "act", "informed"); p.Landing == nil || p.Landing.URL.Host != "lire.example" {
		t.Fatalf("status %d: %s", p.Status, p.Text())
	}
}

// ends is a request of the provider, as a browser brings it.
func (e *ent) ends(t *testing.T, dest string) *http.Request {
	t.Helper()
	address := idptest.Origin + "/source/" + idptest.ENT + "/logout"
	query, err := e.signer.Query(saml.Outbound{XML: []byte(`<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_l" Version="2.0" IssueInstant="` +
		e.Now().UTC().Format(time.RFC3339) + `" Destination="` + address + `"><saml:Issuer>` + entEntity + `</saml:Issuer><saml:NameID>x</saml:NameID><samlp:SessionIndex>1</samlp:SessionIndex></samlp:LogoutRequest>`)})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, address+"?"+query, nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Sec-Fetch-Dest", dest)
	return r
}

func TestWhatStaysOpenIsSaidToTheENTThatEndsASession(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		protocol idp.Protocol
		joins    bool
		dest     string
		other    bool
		want     string
	}{
		"nobody else":            {open{}, false, "document", false, saml.StatusSuccess},
		"a service stays open":   {open{}, true, "iframe", false, saml.StatusPartialLogout},
		"a frame shows no page":  {visited{}, true, "iframe", false, saml.StatusPartialLogout},
		"another browser":        {visited{}, true, "document", true, saml.StatusPartialLogout},
		"no service was entered": {visited{}, false, "iframe", false, saml.StatusSuccess},
	} {
		e := newENT(t)
		e.Flow.Protocols["open"] = c.protocol
		b := e.Browser(t)
		q := e.asked(t, b.Get("/open"))
		p := b.Open(e.answer(q, e.isLea(t, q)))
		if c.joins {
			e.enters(t, b, p)
		}
		by := b
		if c.other {
			by = e.Browser(t)
		}
		if got := toldOf(t, by.Open(e.ends(t, c.dest))); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
		if p := b.Get("/signout"); strings.Contains(p.Body, `action="/signout"`) {
			t.Errorf("%s: her session goes on", name)
		}
	}
}

func TestTheBrowserVisitsTheServicesBeforeTheENTIsAnswered(t *testing.T) {
	t.Parallel()
	e := newENT(t)
	e.Flow.Protocols["open"] = visited{}
	b := e.Browser(t)
	q := e.asked(t, b.Get("/open"))
	e.enters(t, b, b.Open(e.answer(q, e.isLea(t, q))))
	p := b.Open(e.ends(t, "document"))
	if p.Landing == nil || p.Landing.URL.Host != "lire.example" {
		t.Fatalf("status %d: %s", p.Status, p.Text())
	}
	if p = b.Get("/open/told?step=" + p.Landing.URL.Query().Get("step")); toldOf(t, p) != saml.StatusSuccess {
		t.Errorf("status %d: %s", p.Status, p.Text())
	}
}
