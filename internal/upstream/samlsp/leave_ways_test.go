package samlsp_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/saml"
	"ecluse/internal/store/memdb"
	"ecluse/internal/upstream"
	"ecluse/internal/web/webtest"
)

// exits is the provider's metadata with those addresses for sign-outs and no others: a binding, an address, and so on.
func exits(list ...string) string {
	var out strings.Builder
	for pair := range slices.Chunk(list, 2) {
		out.WriteString(`<SingleLogoutService Binding="` + pair[0] + `" Location="` + pair[1] + `"/>`)
	}
	return theirXML(provider(), `<SingleLogoutService Binding="`+saml.BindingRedirect+`" Location="`+sloURL+`"/>`, out.String())
}

func TestASourceIsAskedToSignOutInTheFirstWayThatItsMetadataHas(t *testing.T) {
	t.Parallel()
	const posted, soap = "https://ent.example.org/slo/post", "https://ent.example.org/slo/soap"
	for name, c := range map[string]struct {
		metadata string
		want     string
	}{
		"a browser before all":   {exits(saml.BindingSOAP, soap, saml.BindingPOST, posted, saml.BindingRedirect, sloURL), sloURL + "?SAMLRequest="},
		"a form before SOAP":     {exits(saml.BindingSOAP, soap, saml.BindingPOST, posted), "form " + posted},
		"by SOAP alone":          {exits(saml.BindingSOAP, soap), "ask"},
		"in a way of the future": {exits("urn:example:bindings:pigeon", soap), ""},
	} {
		g := newGate(t, setup{settings: map[string]any{"metadata": c.metadata}})
		g.signsIn(t, g.ask(t, upstream.Challenge{}))
		way, err := g.SignOutOf(t.Context(), g.host.Last(t).Session, word)
		got := way.Browser.Location
		switch {
		case way.Browser.Action != "":
			got += "form " + way.Browser.Action
		case len(way.Ask) > 0:
			got += "ask"
		}
		if err != nil || !strings.HasPrefix(got, c.want) || (got == "") != (c.want == "") || way.Empty() != (c.want == "") {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		again, err := g.SignOutOf(t.Context(), g.host.Last(t).Session, word)
		if !again.Empty() || err != nil {
			t.Errorf("%s: a second time there is a way, %v", name, err)
		}
		g.silent(t)
	}
}

func TestASignOutThatIsPostedIsSignedInsideAndAnsweredAsOneByRedirectIs(t *testing.T) {
	t.Parallel()
	const posted = "https://ent.example.org/slo/post"
	g := newGate(t, setup{settings: map[string]any{"metadata": exits(saml.BindingPOST, posted)}})
	g.signsIn(t, g.ask(t, upstream.Challenge{}))
	way, err := g.SignOutOf(t.Context(), g.host.Last(t).Session, word)
	if err != nil || len(way.Browser.Fields) != 1 {
		t.Fatalf("%v, %d fields", err, len(way.Browser.Fields))
	}
	in, err := saml.DecodePost(url.Values{way.Browser.Fields[0].Name: {way.Browser.Fields[0].Value}})
	if err != nil || in.Response {
		t.Fatal(err)
	}
	q, err := saml.VerifyLogoutRequest(in.XML, ourKeys(t))
	if err != nil {
		t.Fatal(err)
	}
	if q.NameID.Value != "p-71f2" || !slices.Equal(q.Sessions, []string{"s1"}) || q.Destination != posted || !q.NotOnOrAfter.Equal(g.now().Add(10*time.Minute)) ||
		strings.Contains(string(in.XML), word) {
		t.Errorf("it asks %s for %v until %v", q.Destination, q.Sessions, q.NotOnOrAfter)
	}
	xmlsec1(t, in.XML, "protocol:LogoutRequest")
	g.goodbyePosted(t, provider(), theirGoodbye(q, g.now()))
	if !slices.Equal(g.host.CameBack(), []string{word + " true"}) {
		t.Errorf("came back %v", g.host.CameBack())
	}
}

// exitBySOAP is a provider's own address for sign-outs, asked by SOAP.
type exitBySOAP struct {
	*httptest.Server
	mu    sync.Mutex
	asked []saml.LogoutRequest
	say   func(q saml.LogoutRequest) string // the whole body of the answer
}

func newExitBySOAP(t testing.TB) *exitBySOAP {
	t.Helper()
	s := &exitBySOAP{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			body, err = saml.OpenEnvelope(body)
		}
		var q saml.LogoutRequest
		if err == nil {
			q, err = saml.VerifyLogoutRequest(body, ourKeys(t))
		}
		if err != nil || !saml.IsSOAP(r.Header.Get("Content-Type")) || r.Header.Get("SOAPAction") != saml.ActionSOAP {
			t.Errorf("asked by %s: %v", r.Method, err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked = append(s.asked, q)
		w.Header().Set("Content-Type", saml.ContentTypeSOAP)
		_, _ = io.WriteString(w, s.say(q))
	}))
	t.Cleanup(s.Close)
	return s
}

// leavesBySOAP signs somebody in and out again, and gives what the source is asked with.
func (s *exitBySOAP) leaves(t testing.TB, with setup) (*gate, []byte) {
	t.Helper()
	with.settings = map[string]any{"metadata": exits(saml.BindingSOAP, s.URL+"/slo"), "insecure": true, "networks": []any{"127.0.0.0/8"}}
	g := newGate(t, with)
	g.signsIn(t, g.ask(t, upstream.Challenge{}))
	way, err := g.SignOutOf(t.Context(), g.host.Last(t).Session, word)
	if err != nil || len(way.Ask) == 0 || way.Browser.Location != "" || way.Browser.Action != "" {
		t.Fatalf("%v, to %s", err, way.Browser.Location)
	}
	return g, way.Ask
}

func TestASourceThatIsAskedBySOAPIsAskedWhenThePersonSaysSoAndBelieved(t *testing.T) {
	t.Parallel()
	const destination = ` Destination="` + webtest.Origin + `/source/ent/logout"`
	partly := []string{
		`<samlp:StatusCode Value="` + saml.StatusSuccess + `"/>`,
		`<samlp:StatusCode Value="` + saml.StatusSuccess + `"><samlp:StatusCode Value="` + saml.StatusPartialLogout + `"/></samlp:StatusCode>`,
	}
	for name, c := range map[string]struct {
		change []string
		ended  bool
	}{
		"it is over":              {nil, true},
		"over, to no destination": {[]string{destination, ""}, true},
		"partly":                  {partly, false},
		"not":                     {[]string{saml.StatusSuccess, saml.StatusResponder}, false},
	} {
		s := newExitBySOAP(t)
		g, ask := s.leaves(t, setup{})
		if len(s.asked) != 0 {
			t.Fatalf("%s: asked before the person said so", name)
		}
		s.say = func(q saml.LogoutRequest) string {
			return envelope(signed(t, provider(), theirGoodbye(q, g.now(), c.change...), "LogoutResponse"))
		}
		ended, err := g.Ask(t.Context(), ask)
		if err != nil || ended != c.ended || len(s.asked) != 1 {
			t.Fatalf("%s: %v, %v, asked %d times", name, ended, err, len(s.asked))
		}
		q := s.asked[0]
		if q.NameID != (saml.NameID{Value: "p-71f2", Format: saml.NameIDPersistent}) || !slices.Equal(q.Sessions, []string{"s1"}) || q.Destination != s.URL+"/slo" ||
			q.Issuer != webtest.Origin+"/source/ent/metadata" || !q.NotOnOrAfter.Equal(g.now().Add(10*time.Minute)) {
			t.Errorf("%s: it asks %s for %v until %v", name, q.Destination, q.Sessions, q.NotOnOrAfter)
		}
		if len(g.host.CameBack()) != 0 {
			t.Error("somebody came back")
		}
		g.silent(t)
	}
}

func TestWhatIsNotTheirsToThisRequestAndOfNowIsNotBelievedBySOAPEither(t *testing.T) {
	t.Parallel()
	for name, say := range map[string]func(t *testing.T, g *gate, q saml.LogoutRequest) string{
		"unsigned":   func(_ *testing.T, g *gate, q saml.LogoutRequest) string { return envelope(theirGoodbye(q, g.now())) },
		"a stranger": func(t *testing.T, g *gate, q saml.LogoutRequest) string { return saysOver(t, stranger(), q, g.now()) },
		"another issuer": func(t *testing.T, g *gate, q saml.LogoutRequest) string {
			return saysOver(t, provider(), q, g.now(), idpEntity, idpEntity+"2")
		},
		"another request": func(t *testing.T, g *gate, q saml.LogoutRequest) string {
			return saysOver(t, provider(), q, g.now(), q.ID, "_other")
		},
		"another destination": func(t *testing.T, g *gate, q saml.LogoutRequest) string {
			return saysOver(t, provider(), q, g.now(), "/logout\"", "/logout2\"")
		},
		"of yesterday": func(t *testing.T, g *gate, q saml.LogoutRequest) string {
			return saysOver(t, provider(), q, g.now().Add(-24*time.Hour))
		},
		"of tomorrow": func(t *testing.T, g *gate, q saml.LogoutRequest) string {
			return saysOver(t, provider(), q, g.now().Add(4*time.Minute))
		},
		"a fault":  func(*testing.T, *gate, saml.LogoutRequest) string { return string(saml.AppendFault(nil, nil, "no")) },
		"no SOAP":  func(*testing.T, *gate, saml.LogoutRequest) string { return "<html></html>" },
		"too long": func(*testing.T, *gate, saml.LogoutRequest) string { return strings.Repeat("x", 600<<10) },
	} {
		s := newExitBySOAP(t)
		g, ask := s.leaves(t, setup{})
		s.say = func(q saml.LogoutRequest) string { return say(t, g, q) }
		if ended, err := g.Ask(t.Context(), ask); ended || err == nil || strings.Contains(err.Error(), s.URL) {
			t.Errorf("%s: %v, %v", name, ended, err)
		}
	}
}

func saysOver(t testing.TB, who identity, q saml.LogoutRequest, at time.Time, change ...string) string {
	t.Helper()
	return envelope(signed(t, who, theirGoodbye(q, at, change...), "LogoutResponse"))
}

func TestASourceThatCannotBeAskedIsAway(t *testing.T) {
	t.Parallel()
	s := newExitBySOAP(t)
	g, ask := s.leaves(t, setup{})
	if ended, err := g.Ask(t.Context(), []byte("{")); ended || err == nil {
		t.Errorf("what was kept is no JSON: %v, %v", ended, err)
	}
	if ended, err := g.Ask(t.Context(), []byte(`{"idp":"https://autre.example"}`)); ended || !errors.Is(err, upstream.ErrUnavailable) {
		t.Errorf("of another provider: %v, %v", ended, err)
	}
	inside := newGate(t, setup{settings: map[string]any{"metadata": exits(saml.BindingSOAP, s.URL+"/slo"), "insecure": true}, tickets: memdb.New(webtest.Now)})
	if ended, err := inside.Ask(t.Context(), ask); ended || !errors.Is(err, upstream.ErrUnavailable) || len(s.asked) > 0 {
		t.Errorf("inside our networks: %v, %v", ended, err)
	}
	s.Close()
	if ended, err := g.Ask(t.Context(), ask); ended || !errors.Is(err, upstream.ErrUnavailable) || strings.Contains(err.Error(), s.URL) {
		t.Errorf("it is gone: %v, %v", ended, err)
	}
}
