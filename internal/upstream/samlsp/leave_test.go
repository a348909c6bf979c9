package samlsp_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/saml"
	"ecluse/internal/store/memdb"
	"ecluse/internal/upstream"
	"ecluse/internal/upstream/upstreamtest"
	"ecluse/internal/web/webtest"
)

const word = "word-of-the-way-out"

// leaves signs somebody in and out again, and gives the request that leads to the source.
func (g *gate) leaves(t testing.TB) (saml.LogoutRequest, saml.Inbound) {
	t.Helper()
	g.signsIn(t, g.ask(t, upstream.Challenge{}))
	way, err := g.SignOutOf(t.Context(), g.host.Last(t).Session, word)
	location := way.Browser.Location
	if err != nil || !strings.HasPrefix(location, sloURL+"?SAMLRequest=") || len(way.Ask) > 0 {
		t.Fatalf("%v, to %s", err, location)
	}
	_, query, _ := strings.Cut(location, "?")
	in, err := saml.DecodeRedirect(query)
	if err != nil {
		t.Fatal(err)
	}
	q, err := saml.ParseLogoutRequest(in.XML)
	if err != nil {
		t.Fatal(err)
	}
	return q, in
}

// theirGoodbye is what the provider answers, unsigned.
func theirGoodbye(q saml.LogoutRequest, at time.Time, change ...string) string {
	doc := `<samlp:LogoutResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_b1" Version="2.0" InResponseTo="` + q.ID +
		`" IssueInstant="` + at.UTC().Format(time.RFC3339) + `" Destination="` + webtest.Origin + `/source/ent/logout"><saml:Issuer>` + idpEntity +
		`</saml:Issuer><samlp:Status><samlp:StatusCode Value="` + saml.StatusSuccess + `"/></samlp:Status></samlp:LogoutResponse>`
	return strings.NewReplacer(change...).Replace(doc)
}

func (g *gate) goodbye(t testing.TB, who identity, document string) *httptest.ResponseRecorder {
	t.Helper()
	query, err := signerOf(t, who).Query(saml.Outbound{Response: true, XML: []byte(document)})
	if err != nil {
		t.Fatal(err)
	}
	return upstreamtest.Get(g.mux, "/source/ent/logout?"+query)
}

func (g *gate) goodbyePosted(t testing.TB, who identity, document string) *httptest.ResponseRecorder {
	t.Helper()
	return g.post("/source/ent/logout", url.Values{"SAMLResponse": {saml.EncodePost([]byte(signed(t, who, document, "LogoutResponse")))}})
}

func TestASignOutHereAsksTheSourceToEndThatVerySession(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	q, in := g.leaves(t)
	if err := in.VerifyDetached(ourKeys(t)); err != nil {
		t.Error(err)
	}
	if q.NameID != (saml.NameID{Value: "p-71f2", Format: saml.NameIDPersistent}) || !slices.Equal(q.Sessions, []string{"s1"}) || q.Destination != sloURL ||
		q.Issuer != webtest.Origin+"/source/ent/metadata" || !q.IssueInstant.Equal(g.now()) || !q.NotOnOrAfter.Equal(g.now().Add(10*time.Minute)) {
		t.Errorf("it asks %s for %v until %v", q.Destination, q.Sessions, q.NotOnOrAfter)
	}
	if in.RelayState != "" || strings.Contains(string(in.XML), word) {
		t.Error("the address holds more than the request")
	}
	if way, err := g.SignOutOf(t.Context(), g.host.Last(t).Session, word); !way.Empty() || err != nil {
		t.Errorf("a second time: %q, %v", way.Browser.Location, err)
	}
	g.silent(t)
}

func TestWhoComesBackFromTheSourcesSignOutIsToldWhatItSays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status string
		want   string
	}{
		"ended":     {"", word + " true"},
		"partly":    {`<samlp:StatusCode Value="` + saml.StatusSuccess + `"><samlp:StatusCode Value="` + saml.StatusPartialLogout + `"/></samlp:StatusCode>`, word + " false"},
		"not ended": {`<samlp:StatusCode Value="` + saml.StatusResponder + `"/>`, word + " false"},
	} {
		var change []string
		if c.status != "" {
			change = []string{`<samlp:StatusCode Value="` + saml.StatusSuccess + `"/>`, c.status}
		}
		for way, send := range map[string]func(*gate, testing.TB, identity, string) *httptest.ResponseRecorder{
			"redirect": (*gate).goodbye, "form": (*gate).goodbyePosted,
		} {
			g := newGate(t, setup{})
			q, _ := g.leaves(t)
			document := theirGoodbye(q, g.now(), change...)
			if w := send(g, t, provider(), document); w.Code != http.StatusResetContent || !slices.Equal(g.host.CameBack(), []string{c.want}) {
				t.Errorf("%s by %s: status %d, %v", name, way, w.Code, g.host.CameBack())
			}
			if send(g, t, provider(), document); !slices.Equal(g.host.CameBack(), []string{c.want, " false"}) { // again: nothing is believed twice
				t.Errorf("%s by %s, again: %v", name, way, g.host.CameBack())
			}
		}
	}
}

func TestAnAnswerToASignOutThatIsNotTheirsForUsAndOfNowIsNotBelieved(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	q, _ := g.leaves(t)
	at := g.now()
	bare := theirGoodbye(q, at)
	query, err := saml.Outbound{Response: true, XML: []byte(bare)}.Query()
	if err != nil {
		t.Fatal(err)
	}
	for name, w := range map[string]*httptest.ResponseRecorder{
		"a stranger's":                     g.goodbye(t, stranger(), bare),
		"a stranger's form":                g.goodbyePosted(t, stranger(), bare),
		"unsigned":                         upstreamtest.Get(g.mux, "/source/ent/logout?"+query),
		"unsigned form":                    g.post("/source/ent/logout", url.Values{"SAMLResponse": {saml.EncodePost([]byte(bare))}}),
		"signed twice, once by a stranger": g.goodbye(t, provider(), signed(t, stranger(), bare, "LogoutResponse")),
		"another issuer":                   g.goodbye(t, provider(), theirGoodbye(q, at, idpEntity, idpEntity+"2")),
		"another destination":              g.goodbye(t, provider(), theirGoodbye(q, at, "/logout\"", "/logout2\"")),
		"no destination":                   g.goodbye(t, provider(), theirGoodbye(q, at, ` Destination="`+webtest.Origin+`/source/ent/logout"`, "")),
		"of yesterday":                     g.goodbye(t, provider(), theirGoodbye(q, at.Add(-24*time.Hour))),
		"of tomorrow":                      g.goodbye(t, provider(), theirGoodbye(q, at.Add(4*time.Minute))),
		"a request in its place":           g.post("/source/ent/logout", url.Values{"SAMLRequest": {saml.EncodePost([]byte(signed(t, provider(), bare, "LogoutResponse")))}}),
	} {
		if w.Code != http.StatusBadRequest {
			t.Errorf("%s: status %d", name, w.Code)
		}
	}
	if got := g.host.CameBack(); len(got) != 0 {
		t.Errorf("believed: %v", got)
	}
	other := q
	other.ID = "_other"
	if g.goodbye(t, provider(), theirGoodbye(other, at)); !slices.Equal(g.host.CameBack(), []string{" false"}) {
		t.Errorf("to another request: %v", g.host.CameBack())
	}
	if g.goodbye(t, provider(), bare); !slices.Equal(g.host.CameBack(), []string{" false", word + " true"}) {
		t.Errorf("the control is not believed: %v", g.host.CameBack())
	}
}

func TestTheAnswerOfOneSourceIsNoneOfAnother(t *testing.T) {
	t.Parallel()
	tickets := memdb.New(webtest.Now)
	one, two := newGate(t, setup{tickets: tickets}), newGate(t, setup{tickets: tickets, id: "autre"})
	q, _ := one.leaves(t)
	query, err := signerOf(t, provider()).Query(saml.Outbound{Response: true, XML: []byte(theirGoodbye(q, one.now(), "/source/ent/", "/source/autre/"))})
	if err != nil {
		t.Fatal(err)
	}
	upstreamtest.Get(two.mux, "/source/autre/logout?"+query)
	if got := two.host.CameBack(); !slices.Equal(got, []string{" false"}) {
		t.Errorf("believed: %v", got)
	}
	if way, err := two.SignOutOf(t.Context(), one.host.Last(t).Session, word); !way.Empty() || err != nil {
		t.Errorf("another source leads to %q, %v", way.Browser.Location, err)
	}
}

func TestWhatASignOutNeedsEndsWithTheSession(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		metadata string
		change   []string
		later    time.Duration
		then     func(*gate)
	}{
		"they take none":              {metadata: theirXML(provider(), "SingleLogoutService", "Ignored")},
		"in a way that is not ours":   {metadata: theirXML(provider(), `SingleLogoutService Binding="`+saml.BindingRedirect, `SingleLogoutService Binding="`+saml.BindingArtifact)},
		"no index":                    {change: []string{` SessionIndex="s1"`, ""}},
		"their session is over":       {later: time.Hour},
		"they ended it":               {then: func(g *gate) { g.logoutQuery(t, provider(), theirLogout(g.now()), "") }},
		"no session":                  {then: func(g *gate) { g.host = &browsers{} }},
		"ours has lasted its longest": {change: []string{` SessionNotOnOrAfter="`, ` X="`}, later: 12 * time.Hour},
	} {
		now := webtest.Now()
		clock := func() time.Time { return now }
		var settings map[string]any
		if c.metadata != "" {
			settings = map[string]any{"metadata": c.metadata}
		}
		g := newGate(t, setup{settings: settings, now: clock, tickets: memdb.New(clock)})
		g.signsIn(t, g.ask(t, upstream.Challenge{}), c.change...)
		session := g.host.Last(t).Session
		if c.then != nil {
			c.then(g)
			if name == "no session" {
				session = ""
			}
		}
		now = now.Add(c.later)
		if way, err := g.SignOutOf(t.Context(), session, word); !way.Empty() || err != nil {
			t.Errorf("%s: %q, %v", name, way.Browser.Location, err)
		}
	}
}
