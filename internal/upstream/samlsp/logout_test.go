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
	"ecluse/internal/upstream"
	"ecluse/internal/upstream/upstreamtest"
	"ecluse/internal/web/webtest"
)

const sloURL = "https://ent.example.org/slo"

// theirLogout is a request of the provider to end a session, unsigned.
func theirLogout(at time.Time, change ...string) string {
	stamp := func(d time.Duration) string { return at.Add(d).UTC().Format("2006-01-02T15:04:05.000Z") }
	doc := `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_l1" Version="2.0" IssueInstant="` + stamp(0) +
		`" NotOnOrAfter="` + stamp(5*time.Minute) + `" Destination="` + webtest.Origin + `/source/ent/logout"><saml:Issuer>` + idpEntity + `</saml:Issuer>` +
		`<saml:NameID>p-71f2</saml:NameID><samlp:SessionIndex>s1</samlp:SessionIndex></samlp:LogoutRequest>`
	return strings.NewReplacer(change...).Replace(doc)
}

// signerOf signs queries with a provider's key.
func signerOf(t testing.TB, who identity) *saml.Signer {
	t.Helper()
	s, err := saml.NewSigner(who.key, who.der)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (g *gate) logoutQuery(t testing.TB, who identity, document, relay string) *httptest.ResponseRecorder {
	t.Helper()
	query, err := signerOf(t, who).Query(saml.Outbound{XML: []byte(document), RelayState: relay})
	if err != nil {
		t.Fatal(err)
	}
	return upstreamtest.Get(g.mux, "/source/ent/logout?"+query)
}

// status is what a signed answer to a logout says.
func status(t testing.TB, w *httptest.ResponseRecorder, relay string) string {
	t.Helper()
	s := carried(t, w)
	if !strings.HasPrefix(s.target, sloURL) || !s.Response || s.RelayState != relay {
		t.Fatalf("status %d to %s with %q", w.Code, s.target, s.RelayState)
	}
	if s.Binding == saml.BindingRedirect && s.VerifyDetached(ourKeys(t)) != nil {
		t.Error("the answer is not signed")
	}
	if s.Binding == saml.BindingPOST {
		if _, err := saml.VerifyRoot(s.XML, saml.MessageLimits(), ourKeys(t)); err != nil {
			t.Error(err)
		}
	}
	if said := string(s.XML); !strings.Contains(said, `InResponseTo="_l1"`) || !strings.Contains(said, webtest.Origin+"/source/ent/metadata") || strings.Contains(said, "p-71f2") {
		t.Errorf("it says %s", said)
	}
	_, rest, _ := strings.Cut(string(s.XML), "StatusCode Value=\"")
	first, rest, _ := strings.Cut(rest, `"`)
	if _, second, nested := strings.Cut(rest, "StatusCode Value=\""); nested {
		second, _, _ = strings.Cut(second, `"`)
		return second
	}
	return first
}

func TestASignOutOfTheSourceEndsTheSessionThatRestsOnIt(t *testing.T) {
	t.Parallel()
	relay := strings.Repeat("r", 200)
	for name, ask := range map[string]func(*gate) *httptest.ResponseRecorder{
		"by redirect": func(g *gate) *httptest.ResponseRecorder { return g.logoutByRelay(t, relay) },
		"by form":     func(g *gate) *httptest.ResponseRecorder { return g.logoutByForm(t, theirLogout(g.now()), relay) },
	} {
		g := newGate(t, setup{})
		g.signsIn(t, g.ask(t, upstream.Challenge{}))
		session := g.host.Last(t).Session
		if got := status(t, ask(g), relay); got != saml.StatusSuccess {
			t.Errorf("%s: %s", name, got)
		}
		if got := g.host.Ended(); !slices.Equal(got, []string{session}) {
			t.Errorf("%s: ended %v", name, got)
		}
		g.silent(t)
	}
}

func (g *gate) logoutByForm(t testing.TB, document, relay string) *httptest.ResponseRecorder {
	t.Helper()
	return g.post("/source/ent/logout", url.Values{
		"SAMLRequest": {saml.EncodePost([]byte(signed(t, provider(), document, "LogoutRequest")))}, "RelayState": {relay},
	})
}

// logoutByRelay sends a long RelayState, as some providers do.
func (g *gate) logoutByRelay(t testing.TB, relay string) *httptest.ResponseRecorder {
	t.Helper()
	document := signed(t, provider(), theirLogout(g.now()), "LogoutRequest")
	query, err := saml.Outbound{XML: []byte(document)}.Query()
	if err != nil {
		t.Fatal(err)
	}
	return upstreamtest.Get(g.mux, "/source/ent/logout?"+query+"&RelayState="+relay)
}

func TestASignOutByFormIsAnsweredByFormWhereTheyTakeIt(t *testing.T) {
	t.Parallel()
	byPost := theirXML(provider(), `<SingleLogoutService Binding="`+saml.BindingRedirect+`" Location="https://ent.example.org/slo"/>`,
		`<SingleLogoutService Binding="`+saml.BindingPOST+`" Location="https://ent.example.org/slo/post" ResponseLocation="https://ent.example.org/slo/answer"/>`)
	g := newGate(t, setup{settings: map[string]any{"metadata": byPost}})
	w := g.logoutQuery(t, provider(), theirLogout(g.now()), "r")
	if got := status(t, w, "r"); got != saml.StatusSuccess || !strings.Contains(w.Body.String(), `action="https://ent.example.org/slo/answer"`) {
		t.Errorf("%s", got)
	}
}

func TestASignOutThatIsNotTheirsForUsAndOfNowEndsNothing(t *testing.T) {
	t.Parallel()
	at := webtest.Now()
	g := newGate(t, setup{})
	for name, w := range map[string]*httptest.ResponseRecorder{
		"a stranger's":                     g.logoutQuery(t, stranger(), theirLogout(at), ""),
		"another issuer":                   g.logoutQuery(t, provider(), theirLogout(at, idpEntity, idpEntity+"2"), ""),
		"another destination":              g.logoutQuery(t, provider(), theirLogout(at, "/logout", "/logout2"), ""),
		"no destination":                   g.logoutQuery(t, provider(), theirLogout(at, ` Destination="`+webtest.Origin+`/source/ent/logout"`, ""), ""),
		"of yesterday":                     g.logoutQuery(t, provider(), theirLogout(at.Add(-24*time.Hour)), ""),
		"of tomorrow":                      g.logoutQuery(t, provider(), theirLogout(at.Add(4*time.Minute)), ""),
		"ended":                            g.logoutQuery(t, provider(), theirLogout(at.Add(-9*time.Minute)), ""),
		"encrypted":                        g.logoutQuery(t, provider(), theirLogout(at, "saml:NameID", "saml:EncryptedID"), ""),
		"unsigned form":                    g.post("/source/ent/logout", url.Values{"SAMLRequest": {saml.EncodePost([]byte(theirLogout(at)))}}),
		"a stranger's form":                g.post("/source/ent/logout", url.Values{"SAMLRequest": {saml.EncodePost([]byte(signed(t, stranger(), theirLogout(at), "LogoutRequest")))}}),
		"signed twice, once by a stranger": g.logoutQuery(t, provider(), signed(t, stranger(), theirLogout(at), "LogoutRequest"), ""),
		"an answer":                        g.post("/source/ent/logout", url.Values{"SAMLResponse": {saml.EncodePost([]byte(theirLogout(at)))}}),
		"nothing":                          upstreamtest.Get(g.mux, "/source/ent/logout"),
	} {
		if w.Code != http.StatusBadRequest {
			t.Errorf("%s: status %d", name, w.Code)
		}
	}
	query, err := saml.Outbound{XML: []byte(theirLogout(at))}.Query()
	if err != nil {
		t.Fatal(err)
	}
	if w := upstreamtest.Get(g.mux, "/source/ent/logout?"+query); w.Code != http.StatusBadRequest {
		t.Errorf("unsigned: status %d", w.Code)
	}
	signedQuery, err := signerOf(t, provider()).Query(saml.Outbound{XML: []byte(theirLogout(at))})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if g.mux.ServeHTTP(w, httptest.NewRequest(http.MethodHead, webtest.Origin+"/source/ent/logout?"+signedQuery, nil)); w.Code != http.StatusBadRequest {
		t.Errorf("by HEAD: status %d", w.Code)
	}
	if got := g.host.Ended(); len(got) != 0 {
		t.Errorf("ended %v", got)
	}
}

func TestASignOutWithoutASessionIsAnsweredThatItCannotBeDone(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	w := g.logoutQuery(t, provider(), theirLogout(g.now(), "<samlp:SessionIndex>s1</samlp:SessionIndex>", ""), "")
	if got := status(t, w, ""); got != saml.StatusRequestUnsupported || len(g.host.Ended()) != 0 {
		t.Errorf("%s, ended %v", got, g.host.Ended())
	}
}

func TestWhatMayStillBeOpenIsNotSaidToHaveEnded(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	g.host.Open = true
	if got := status(t, g.logoutQuery(t, provider(), theirLogout(g.now()), ""), ""); got != saml.StatusPartialLogout {
		t.Errorf("%s", got)
	}
}

func TestASignOutIsTakenOnlyFromWhomAnAnswerReaches(t *testing.T) {
	t.Parallel()
	none := theirXML(provider(), "SingleLogoutService", "Ignored")
	g := newGate(t, setup{settings: map[string]any{"metadata": none}})
	if w := g.logoutQuery(t, provider(), theirLogout(g.now()), ""); w.Code != http.StatusBadRequest || len(g.host.Ended()) != 0 {
		t.Errorf("status %d, ended %v", w.Code, g.host.Ended())
	}
}
