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
	"ecluse/internal/upstream"
	"ecluse/internal/upstream/upstreamtest"
	"ecluse/internal/web/webtest"
)

// resolver is the provider's side of artifacts: a server of its own, asked by SOAP.
type resolver struct {
	*httptest.Server
	mu      sync.Mutex
	asked   []saml.ArtifactResolve
	raw     [][]byte
	say     func(q saml.ArtifactResolve) string // the whole body of the answer
	content string                              // its Content-Type
	status  int
}

func newResolver(t testing.TB) *resolver {
	t.Helper()
	s := &resolver{content: saml.ContentTypeSOAP, status: http.StatusOK}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			body, err = saml.OpenEnvelope(body)
		}
		var q saml.ArtifactResolve
		if err == nil {
			q, err = saml.VerifyArtifactResolve(body, ourKeys(t))
		}
		if err != nil || r.Method != http.MethodPost || !saml.IsSOAP(r.Header.Get("Content-Type")) {
			t.Errorf("asked by %s: %v", r.Method, err)
		}
		s.mu.Lock()
		s.asked, s.raw = append(s.asked, q), append(s.raw, body)
		s.mu.Unlock()
		w.Header().Set("Content-Type", s.content)
		w.WriteHeader(s.status)
		_, _ = io.WriteString(w, s.say(q))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *resolver) times() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

// metadata is the provider's, with an address for artifacts at index 3.
func (s *resolver) metadata() string {
	return theirXML(provider(), "<SingleLogoutService", `<ArtifactResolutionService Binding="urn:oasis:names:tc:SAML:1.0:bindings:SOAP-binding" Location="https://ent.example.org/old" index="1"/>`+
		`<ArtifactResolutionService Binding="`+saml.BindingSOAP+`" Location="`+s.URL+`/artifacts" index="3"/><SingleLogoutService`)
}

func (s *resolver) settings(change ...any) map[string]any {
	m := map[string]any{"metadata": s.metadata(), "insecure": true, "networks": []any{"127.0.0.0/8"}, "answers": "artifact"}
	for i := 0; i+1 < len(change); i += 2 {
		m[change[i].(string)] = change[i+1]
	}
	return m
}

// told wraps a message of the provider's as its answer to an artifact, signed by another implementation than ours.
func told(t testing.TB, who identity, q saml.ArtifactResolve, at time.Time, message string, change ...string) string {
	t.Helper()
	doc := `<samlp:ArtifactResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_p1" Version="2.0" InResponseTo="` + q.ID +
		`" IssueInstant="` + at.UTC().Format(time.RFC3339) + `"><saml:Issuer>` + idpEntity + `</saml:Issuer><samlp:Status><samlp:StatusCode Value="` + saml.StatusSuccess + `"/></samlp:Status>` +
		message + `</samlp:ArtifactResponse>`
	return signed(t, who, strings.NewReplacer(change...).Replace(doc), "ArtifactResponse")
}

func envelope(message string) string { return string(saml.AppendEnvelope(nil, []byte(message))) }

// yes answers rightly for one question.
func (s *resolver) yes(t testing.TB, g *gate, q sent) {
	s.say = func(a saml.ArtifactResolve) string {
		return envelope(told(t, provider(), a, g.now(), signed(t, provider(), theirAnswer(q.AuthnRequest, g.now()), "Assertion")))
	}
}

func artifact() string { return saml.NewArtifact(idpEntity, 3).Encode() }

// brings has the browser bring an artifact.
func (g *gate) brings(artifact, relay string) *httptest.ResponseRecorder {
	query := url.Values{"SAMLart": {artifact}}
	if relay != "" {
		query.Set("RelayState", relay)
	}
	return upstreamtest.Get(g.mux, "/source/ent/acs/artifact?"+query.Encode())
}

func TestAnAnswerIsFetchedForItsArtifact(t *testing.T) {
	t.Parallel()
	s := newResolver(t)
	for name, post := range map[string]bool{"by GET": false, "by POST": true} {
		g := newGate(t, setup{settings: s.settings()})
		q := g.ask(t, upstream.Challenge{})
		if q.ProtocolBinding != saml.BindingArtifact || q.ACSURL != webtest.Origin+"/source/ent/acs/artifact" {
			t.Fatalf("asked for %s at %s", q.ProtocolBinding, q.ACSURL)
		}
		s.yes(t, g, q)
		art := artifact()
		var w *httptest.ResponseRecorder
		if post {
			w = g.post("/source/ent/acs/artifact", url.Values{"SAMLart": {art}, "RelayState": {q.RelayState}})
		} else {
			w = g.brings(art, q.RelayState)
		}
		if w.Code != http.StatusNoContent || !slices.Equal(g.host.Last(t).Attributes["NameID"], []string{"p-71f2"}) {
			t.Errorf("%s: status %d, %v", name, w.Code, g.host.Failures())
		}
		asked := s.asked[len(s.asked)-1]
		if asked.Artifact != art || asked.Issuer != webtest.Origin+"/source/ent/metadata" || asked.Destination != s.URL+"/artifacts" || !asked.HasSignature || !asked.IssueInstant.Equal(g.now()) {
			t.Errorf("%s: asked %s of %s", name, asked.Issuer, asked.Destination)
		}
		xmlsec1(t, s.raw[len(s.raw)-1], "protocol:ArtifactResolve")
		g.silent(t)
	}
}

func TestWhatOurOwnWriterAnswersToAnArtifactIsRead(t *testing.T) {
	t.Parallel()
	s := newResolver(t)
	g := newGate(t, setup{settings: s.settings()})
	q := g.ask(t, upstream.Challenge{})
	signer := signerOf(t, provider())
	s.say = func(a saml.ArtifactResolve) string {
		message, err := signer.AppendResponse(nil, &saml.Response{
			ID: saml.NewID(), InResponseTo: q.ID, Issuer: idpEntity, Destination: q.ACSURL, IssueInstant: g.now(),
			Assertion: saml.Assertion{
				ID: saml.NewID(), NameID: saml.NameID{Value: "p-71f2"}, Audience: q.Issuer, NotBefore: g.now(), NotAfter: g.now().Add(time.Minute),
				Authn: saml.AuthnStatement{At: g.now(), Class: saml.ClassPassword, SessionIndex: "1"},
			},
		}, saml.SignBoth)
		if err == nil {
			message, err = signer.AppendArtifactResponse(nil, &saml.ArtifactResponse{ID: saml.NewID(), InResponseTo: a.ID, Issuer: idpEntity, IssueInstant: g.now(), Message: message})
		}
		if err != nil {
			t.Error(err)
		}
		return envelope(string(message))
	}
	if w := g.brings(artifact(), q.RelayState); w.Code != http.StatusNoContent {
		t.Errorf("status %d, %v", w.Code, g.host.Failures())
	}
}

func TestAFailureComesBehindAnArtifactToo(t *testing.T) {
	t.Parallel()
	s := newResolver(t)
	g := newGate(t, setup{settings: s.settings()})
	q := g.ask(t, upstream.Challenge{})
	s.say = func(a saml.ArtifactResolve) string {
		document, err := saml.AppendFailure(nil, &saml.Failure{
			ID: saml.NewID(), InResponseTo: q.ID, Issuer: idpEntity, Destination: q.ACSURL, IssueInstant: g.now(), Code: saml.StatusResponder, Detail: saml.StatusAuthnFailed,
		})
		if err != nil {
			t.Error(err)
		}
		return envelope(told(t, provider(), a, g.now(), string(document)))
	}
	g.brings(artifact(), q.RelayState)
	if f := g.host.Failures(); len(f) != 1 || !errors.Is(f[0], upstream.ErrCancelled) {
		t.Errorf("%v", f)
	}
}

// Each attack is one change of what would sign somebody in; the control is that without a change it does.
func TestAnArtifactThatIsNotTheirsForUsAndAnsweredRightlySignsNobodyIn(t *testing.T) {
	t.Parallel()
	s := newResolver(t)
	type attack struct {
		artifact string
		say      func(g *gate, q sent, a saml.ArtifactResolve) string
		content  string
		status   int
		unasked  bool // nothing may be asked of the resolver
		want     error
	}
	good := func(g *gate, q sent) string {
		return signed(t, provider(), theirAnswer(q.AuthnRequest, g.now()), "Assertion")
	}
	changed := func(change ...string) func(*gate, sent, saml.ArtifactResolve) string {
		return func(g *gate, q sent, a saml.ArtifactResolve) string {
			return envelope(told(t, provider(), a, g.now(), good(g, q), change...))
		}
	}
	for name, c := range map[string]attack{
		"the control":                   {},
		"another provider's artifact":   {artifact: saml.NewArtifact("https://other.example.org/idp", 3).Encode(), unasked: true, want: upstream.ErrRejected},
		"an address that is not theirs": {artifact: saml.NewArtifact(idpEntity, 4).Encode(), unasked: true, want: upstream.ErrRejected},
		"an address of SAML 1":          {artifact: saml.NewArtifact(idpEntity, 1).Encode(), unasked: true, want: upstream.ErrRejected},
		"no artifact":                   {artifact: "AAQ=", unasked: true, want: upstream.ErrRejected},
		"an address":                    {artifact: "https://evil.example.org/", unasked: true, want: upstream.ErrRejected},
		"to another request":            {say: changed(`InResponseTo="`, `InResponseTo="_x`), want: upstream.ErrRejected},
		"to another request, outside":   {say: changed(`ID="_p1" Version="2.0" InResponseTo="`, `ID="_p1" Version="2.0" InResponseTo="_x`), want: upstream.ErrRejected},
		"to no request":                 {say: changed(`ID="_p1" Version="2.0" InResponseTo=`, `ID="_p1" Version="2.0" X=`), want: upstream.ErrRejected},
		"another issuer": {say: changed(`"><saml:Issuer>`+idpEntity+`</saml:Issuer><samlp:Status><samlp:StatusCode Value="`+saml.StatusSuccess+`"/></samlp:Status><samlp:Response`,
			`"><saml:Issuer>https://other.example.org/idp</saml:Issuer><samlp:Status><samlp:StatusCode Value="`+saml.StatusSuccess+`"/></samlp:Status><samlp:Response`), want: upstream.ErrRejected},
		"of yesterday": {say: func(g *gate, q sent, a saml.ArtifactResolve) string {
			return envelope(told(t, provider(), a, g.now().Add(-24*time.Hour), good(g, q)))
		}, want: upstream.ErrRejected},
		"of tomorrow": {say: func(g *gate, q sent, a saml.ArtifactResolve) string {
			return envelope(told(t, provider(), a, g.now().Add(4*time.Minute), good(g, q)))
		}, want: upstream.ErrRejected},
		"a stranger's": {say: func(g *gate, q sent, a saml.ArtifactResolve) string {
			return envelope(told(t, stranger(), a, g.now(), good(g, q)))
		}, want: upstream.ErrRejected},
		"unsigned": {say: func(g *gate, q sent, a saml.ArtifactResolve) string {
			doc := told(t, provider(), a, g.now(), "MESSAGE")
			from, to := strings.Index(doc, "<ds:Signature"), strings.Index(doc, "</ds:Signature>")+len("</ds:Signature>")
			return envelope(strings.Replace(doc[:from]+doc[to:], "MESSAGE", good(g, q), 1))
		}, want: upstream.ErrRejected},
		"signed outside alone": {say: func(g *gate, q sent, a saml.ArtifactResolve) string {
			return envelope(told(t, provider(), a, g.now(), theirAnswer(q.AuthnRequest, g.now())))
		}, want: upstream.ErrRejected},
		"signed inside by a stranger": {say: func(g *gate, q sent, a saml.ArtifactResolve) string {
			return envelope(told(t, provider(), a, g.now(), signed(t, stranger(), theirAnswer(q.AuthnRequest, g.now()), "Assertion")))
		}, want: upstream.ErrRejected},
		"two bodies": {say: func(g *gate, q sent, a saml.ArtifactResolve) string {
			doc := envelope(told(t, provider(), a, g.now(), good(g, q)))
			return strings.Replace(doc, "<soap:Body>", "<soap:Body><x/></soap:Body><soap:Body>", 1)
		}, want: upstream.ErrRejected},
		"two messages": {say: func(g *gate, q sent, a saml.ArtifactResolve) string {
			doc := told(t, provider(), a, g.now(), good(g, q))
			return envelope(doc + doc)
		}, want: upstream.ErrRejected},
		"a fault": {say: func(*gate, sent, saml.ArtifactResolve) string { return string(saml.AppendFault(nil, nil, "no")) }, want: upstream.ErrRejected},
		"nothing": {say: func(g *gate, _ sent, a saml.ArtifactResolve) string {
			return envelope(told(t, provider(), a, g.now(), ""))
		}, want: upstream.ErrRejected},
		"a refusal":    {say: changed(`<samlp:Status><samlp:StatusCode Value="`+saml.StatusSuccess+`"/></samlp:Status><samlp:Response`, `<samlp:Status><samlp:StatusCode Value="`+saml.StatusRequester+`"/></samlp:Status><samlp:Response`), want: upstream.ErrRejected},
		"no SOAP":      {content: "text/html", want: upstream.ErrUnavailable},
		"status 500":   {status: http.StatusInternalServerError, want: upstream.ErrUnavailable},
		"without end":  {say: func(*gate, sent, saml.ArtifactResolve) string { return strings.Repeat(" ", 600<<10) }, want: upstream.ErrUnavailable},
		"a redirect":   {status: http.StatusFound, want: upstream.ErrUnavailable},
		"another user": {say: changed("p-71f2", "admin"), want: upstream.ErrRejected},
	} {
		g := newGate(t, setup{settings: s.settings()})
		q := g.ask(t, upstream.Challenge{})
		s.yes(t, g, q)
		if c.say != nil {
			s.say = func(a saml.ArtifactResolve) string { return c.say(g, q, a) }
		}
		s.content, s.status = saml.ContentTypeSOAP, http.StatusOK
		if c.content != "" {
			s.content = c.content
		}
		if c.status != 0 {
			s.status = c.status
		}
		if c.artifact == "" {
			c.artifact = artifact()
		}
		before := s.times()
		g.brings(c.artifact, q.RelayState)
		if c.want == nil {
			if len(g.host.Signed()) != 1 {
				t.Errorf("%s: nobody is signed in: %v", name, g.host.Failures())
			}
			continue
		}
		g.nobody(t)
		if f := g.host.Failures(); len(f) != 1 || !errors.Is(f[0], c.want) || strings.Contains(f[0].Error(), c.artifact) {
			t.Errorf("%s: %v", name, f)
		}
		if asked := s.times() - before; asked != 1 && !c.unasked || asked != 0 && c.unasked {
			t.Errorf("%s: asked %d times", name, asked)
		}
	}
}

func TestAnArtifactIsGoodOnceAndForTheBrowserThatWaits(t *testing.T) {
	t.Parallel()
	s := newResolver(t)
	g := newGate(t, setup{settings: s.settings()})
	one := g.ask(t, upstream.Challenge{})
	s.yes(t, g, one)
	art := artifact()
	g.host.foreign = true
	if w := g.brings(art, one.RelayState); w.Code != http.StatusGone || s.times() != 0 {
		t.Errorf("another browser: status %d, asked %d times", w.Code, s.times())
	}
	g.host.foreign = false
	if w := g.brings(art, "_unknown"); w.Code != http.StatusBadRequest || s.times() != 0 {
		t.Errorf("another question: status %d, asked %d times", w.Code, s.times())
	}
	if w := g.brings(art, ""); w.Code != http.StatusBadRequest || s.times() != 0 {
		t.Errorf("no question: status %d, asked %d times", w.Code, s.times())
	}
	head := httptest.NewRecorder()
	g.mux.ServeHTTP(head, httptest.NewRequest(http.MethodHead, webtest.Origin+"/source/ent/acs/artifact?SAMLart="+url.QueryEscape(art)+"&RelayState="+one.RelayState, nil))
	if head.Code != http.StatusBadRequest || s.times() != 0 {
		t.Errorf("by HEAD: status %d, asked %d times", head.Code, s.times())
	}
	if w := upstreamtest.Get(g.mux, "/source/ent/acs/artifact?SAMLart=x&SAMLart=y&RelayState="+one.RelayState); w.Code != http.StatusBadRequest {
		t.Errorf("two artifacts: status %d", w.Code)
	}
	if w := g.brings(art, one.RelayState); w.Code != http.StatusNoContent || s.times() != 1 {
		t.Fatalf("status %d, asked %d times: %v", w.Code, s.times(), g.host.Failures())
	}
	if w := g.brings(art, one.RelayState); w.Code != http.StatusBadRequest || s.times() != 1 {
		t.Errorf("again: status %d, asked %d times", w.Code, s.times())
	}
	two := g.ask(t, upstream.Challenge{})
	if g.brings(art, two.RelayState); s.times() != 1 || len(g.host.Signed()) != 1 || len(g.host.Failures()) != 1 {
		t.Errorf("for the next question: asked %d times, %v", s.times(), g.host.Failures())
	}
	if f := g.host.Failures(); !errors.Is(f[0], upstream.ErrRejected) {
		t.Errorf("a used artifact: %v", f)
	}
	three := g.ask(t, upstream.Challenge{})
	if g.brings(artifact(), three.RelayState); s.times() != 2 || len(g.host.Signed()) != 1 || len(g.host.Failures()) != 2 { // the resolver still answers the first question
		t.Errorf("an answer to another question: asked %d times, %v", s.times(), g.host.Failures())
	}
}

func TestAnArtifactThatNobodyAskedForIsNotLookedAt(t *testing.T) {
	t.Parallel()
	s := newResolver(t)
	g := newGate(t, setup{settings: s.settings("unsolicited", true)})
	if w := g.brings(artifact(), ""); w.Code != http.StatusSeeOther || w.Header().Get("Location") != home || s.times() != 0 {
		t.Errorf("status %d to %s, asked %d times", w.Code, w.Header().Get("Location"), s.times())
	}
	g.nobody(t)
}

func TestWhatResolvesArtifactsIsAskedWithinTheNetworksOfTheSettingsAlone(t *testing.T) {
	t.Parallel()
	s := newResolver(t)
	g := newGate(t, setup{settings: s.settings("networks", nil)})
	q := g.ask(t, upstream.Challenge{})
	s.yes(t, g, q)
	g.brings(artifact(), q.RelayState)
	if f := g.host.Failures(); len(f) != 1 || !errors.Is(f[0], upstream.ErrUnavailable) || s.times() != 0 || strings.Contains(f[0].Error(), s.URL) {
		t.Errorf("asked %d times: %v", s.times(), f)
	}
}

func TestArtifactsAreAskedForOnlyWhereTheyAreResolved(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]map[string]any{"no address": {"answers": "artifact"}, "another word": {"answers": "paos"}} {
		settings["metadata"] = theirXML(provider())
		if _, found := read(t, settings); len(found) != 1 {
			t.Errorf("%s: %v", name, found)
		}
	}
	g := newGate(t, setup{settings: newResolver(t).settings()})
	m, err := saml.ParseSPMetadata(upstreamtest.Get(g.mux, "/source/ent/metadata").Body.Bytes(), g.now())
	if err != nil || len(m.ACS) != 2 || m.ACS[0].IsDefault || m.ACS[0].Index != 0 || !m.ACS[1].IsDefault || m.ACS[1].Index != 1 || m.ACS[1].Binding != saml.BindingArtifact {
		t.Errorf("it says %v, %v", m.ACS, err)
	}
}
