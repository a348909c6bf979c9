package samlidp_test

import (
	"context"
	"crypto/x509"
	"encoding/xml"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beevik/etree"
	crewjam "github.com/crewjam/saml"
	dsig "github.com/russellhaering/goxmldsig"

	"ecluse/internal/idp"
	"ecluse/internal/idp/samlidp"
	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/saml"
	"ecluse/internal/store"
	"ecluse/internal/store/sqldb"
)

func byArtifact(s *samlidp.Settings) { s.ResponseBinding = "artifact" }

// fetches begins a sign-in whose answer waits, and gives the address that the browser is sent to.
func (l *leaver) fetches(tb testing.TB, changes ...func(*crewjam.AuthnRequest)) (*url.URL, string) {
	tb.Helper()
	r := l.request(tb, crewjam.HTTPPostBinding, append([]func(*crewjam.AuthnRequest){func(r *crewjam.AuthnRequest) {
		r.ProtocolBinding, r.AssertionConsumerServiceURL = crewjam.HTTPArtifactBinding, acs(l.id)+"/artifact"
	}}, changes...)...)
	got := l.house.posted(tb, document(tb, r), "relay")
	at, err := url.Parse(got.header.Get("Location"))
	if err != nil || got.status != http.StatusSeeOther || !strings.HasPrefix(at.String(), acs(l.id)+"/artifact?SAMLart=") || at.Query().Get("RelayState") != "relay" {
		tb.Fatalf("status %d to %s (%s)", got.status, at, l.house.fault())
	}
	return at, r.ID
}

func TestAnotherPeoplesLibraryFetchesAnAnswer(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]func(*samlidp.Settings){
		"assertion": func(*samlidp.Settings) {}, "both": func(s *samlidp.Settings) { s.Sign = "both" }, "response": func(s *samlidp.Settings) { s.Sign = "response" },
	} {
		h := newHouse(t)
		l := newLeaver(t, h, "cle", "", settings)
		at, id := l.fetches(t)
		var question string
		got := l.shows(t, at.Query().Get("SAMLart"), func(q *crewjam.ArtifactResolve) { question = q.ID })
		l.AcsURL = *must(url.Parse(acs("cle") + "/artifact"))
		a, err := l.ParseXMLArtifactResponse([]byte(got.body), []string{id}, question, l.AcsURL)
		var why *crewjam.InvalidResponseError
		if err != nil && asInvalid(err, &why) {
			err = why.PrivateErr
		}
		if err != nil || a.Subject.NameID.Value == "" {
			t.Errorf("%s: %v (%s)", name, err, h.fault())
		}
		if _, err := l.ParseXMLArtifactResponse([]byte(got.body), []string{id}, "another", l.AcsURL); err == nil {
			t.Errorf("%s: it answers another question", name)
		}
	}
}

// shows sends an artifact to be resolved, as the library writes and signs it, changed before that.
func (l *leaver) shows(tb testing.TB, artifact string, changes ...func(*crewjam.ArtifactResolve)) page {
	tb.Helper()
	return l.house.at(tb, http.MethodPost, "/saml/artifact", strings.NewReader(l.resolving(tb, artifact, changes...)), "text/xml")
}

func (l *leaver) resolving(tb testing.TB, artifact string, changes ...func(*crewjam.ArtifactResolve)) string {
	tb.Helper()
	method := l.SignatureMethod
	l.SignatureMethod = ""
	q := must(l.MakeArtifactResolveRequest(artifact))
	q.IssueInstant = l.house.clock.Now()
	for _, change := range changes {
		change(q)
	}
	if l.SignatureMethod = method; method != "" {
		if err := l.SignArtifactResolve(q); err != nil {
			tb.Fatal(err)
		}
	}
	doc := etree.NewDocument()
	doc.SetRoot(q.SoapRequest())
	return must(doc.WriteToString())
}

// showsAt is shows with a Destination, which the library leaves out.
func (l *leaver) showsAt(tb testing.TB, artifact, to string) page {
	tb.Helper()
	method := l.SignatureMethod
	l.SignatureMethod = ""
	q := must(l.MakeArtifactResolveRequest(artifact))
	l.SignatureMethod = method
	q.IssueInstant = l.house.clock.Now()
	el := q.Element()
	el.CreateAttr("Destination", to)
	doc := etree.NewDocument()
	doc.SetRoot(must(must(crewjam.GetSigningContext(l.ServiceProvider)).SignEnveloped(el)))
	return l.bySOAP(tb, "/saml/artifact", must(doc.WriteToBytes()))
}

// fetched is what an answer holds: nothing, or a response to a request.
func (h *house) fetched(tb testing.TB, got page) string {
	tb.Helper()
	if got.status != http.StatusOK || got.header.Get("Content-Type") != saml.ContentTypeSOAP || got.header.Get("Cache-Control") != "no-store" {
		tb.Fatalf("status %d: %s", got.status, got.body)
	}
	message := must(saml.OpenEnvelope([]byte(got.body)))
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(message); err != nil {
		tb.Fatal(err)
	}
	ours := must(x509.ParseCertificate(keystest.Ring(tb).Signer(keys.UseSAML).Certificate()))
	judge := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{ours}})
	judge.IdAttribute = "ID"
	if _, err := judge.Validate(doc.Root()); err != nil {
		tb.Fatalf("the answer's signature: %v", err)
	}
	var read struct {
		Status struct {
			Code struct {
				Value string `xml:",attr"`
			} `xml:"StatusCode"`
		}
		Response *struct {
			InResponseTo string `xml:",attr"`
		}
	}
	if err := xml.Unmarshal(message, &read); err != nil || read.Status.Code.Value != saml.StatusSuccess {
		tb.Fatalf("%s, %v", message, err)
	}
	if read.Response == nil {
		return ""
	}
	return read.Response.InResponseTo
}

func TestAnArtifactGivesItsAnswerOnceAndToItsServiceAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	other := newLeaver(t, h, "exige", "")
	l := newLeaver(t, h, "cle", "", byArtifact)
	at, id := l.fetches(t)
	artifact := at.Query().Get("SAMLart")
	if got := h.fetched(t, l.shows(t, artifact)); got != id {
		t.Errorf("the answer is to %q", got)
	}
	if got := h.fetched(t, l.shows(t, artifact)); got != "" {
		t.Error("it is given twice")
	}
	at, _ = l.fetches(t)
	artifact = at.Query().Get("SAMLart")
	if got := h.fetched(t, other.shows(t, artifact)); got != "" {
		t.Error("another service gets it")
	}
	if got := h.fetched(t, l.shows(t, artifact)); got != "" {
		t.Error("an artifact that was stolen is still good")
	}
	at, _ = l.fetches(t)
	h.clock.Advance(time.Minute)
	if got := h.fetched(t, l.shows(t, at.Query().Get("SAMLart"))); got != "" {
		t.Error("it is given after a minute")
	}
	strange := saml.NewArtifact("https://x.example", 0)
	for name, shown := range map[string]string{
		"nobody's": saml.NewArtifact(h.base+"/saml/metadata", 0).Encode(), "another provider's": strange.Encode(), "none": "AAAA", "garbage": "!",
	} {
		if got := h.fetched(t, l.shows(t, shown)); got != "" {
			t.Errorf("%s: something is given", name)
		}
	}
	at, id = l.fetches(t)
	if got := h.fetched(t, l.showsAt(t, at.Query().Get("SAMLart"), h.base+"/saml/artifact")); got != id {
		t.Errorf("with a destination: %q", got)
	}
}

func TestARequestForAnArtifactThatIsNotTheirsGetsNothingAndBurnsNothing(t *testing.T) {
	t.Parallel()
	var failed atomic.Int64
	h := newHouse(t, func(c *samlidp.Config) { c.Failed = func(context.Context, error) { failed.Add(1) } })
	l := newLeaver(t, h, "cle", "")
	at, id := l.fetches(t)
	artifact := at.Query().Get("SAMLart")
	theirs, forged := pairs(t)
	before := failed.Load()
	for name, show := range map[string]func() page{
		"unsigned":     func() page { l.SignatureMethod = ""; return l.shows(t, artifact) },
		"a stranger's": func() page { l.signWith(forged); return l.shows(t, artifact) },
		"of nobody known": func() page {
			return l.shows(t, artifact, func(q *crewjam.ArtifactResolve) { q.Issuer.Value = "https://x.example" })
		},
		"for another address": func() page { return l.showsAt(t, artifact, h.base+"/saml/slo") },
		"old": func() page {
			return l.shows(t, artifact, func(q *crewjam.ArtifactResolve) { q.IssueInstant = q.IssueInstant.Add(-time.Hour) })
		},
		"another message": func() page { return l.bySOAP(t, "/saml/artifact", []byte(plainRequest)) },
		"no envelope":     func() page { return h.at(t, http.MethodPost, "/saml/artifact", strings.NewReader("<a/>"), "text/xml") },
		"another kind": func() page {
			return h.at(t, http.MethodPost, "/saml/artifact", strings.NewReader("<a/>"), "text/plain")
		},
		"huge": func() page {
			return h.at(t, http.MethodPost, "/saml/artifact", strings.NewReader(strings.Repeat("x", 200<<10)), "text/xml")
		},
	} {
		l.signWith(theirs)
		got := show()
		if got.status != http.StatusInternalServerError || !strings.Contains(got.body, "soap:Client") && name != "no envelope" || strings.Contains(got.body, "Response") {
			t.Errorf("%s: status %d: %s", name, got.status, got.body)
		}
		if failed.Add(-1); failed.Load() != before {
			t.Errorf("%s: the operator is not told", name)
			failed.Store(before)
		}
	}
	l.signWith(theirs)
	if got := h.fetched(t, l.shows(t, artifact)); got != id {
		t.Errorf("after all these it gives %q", got)
	}
}

// One of very many takers wins, whatever the store.
func TestOneOfManyTakersOfAnArtifactGetsIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *samlidp.Config) {
		db, err := sqldb.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "t.db"), sqldb.Options{Now: c.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		c.Tickets = store.Sealed(db.Tickets(), keystest.Ring(t))
	})
	l := newLeaver(t, h, "cle", "")
	at, id := l.fetches(t)
	artifact := at.Query().Get("SAMLart")
	const takers = 200 // of one signed request each
	pages := make([]page, takers)
	var all sync.WaitGroup
	body := l.resolving(t, artifact)
	for i := range takers {
		all.Go(func() {
			r, _ := http.NewRequest(http.MethodPost, h.base+"/saml/artifact", strings.NewReader(body))
			r.Header.Set("Content-Type", "text/xml")
			pages[i] = do(t, r)
		})
	}
	all.Wait()
	won := 0
	for _, got := range pages {
		if h.fetched(t, got) == id {
			won++
		}
	}
	if won != 1 {
		t.Errorf("%d got it", won)
	}
}

func TestWhoMayBeAnsweredByArtifact(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	l := newLeaver(t, h, "cle", "", byArtifact)
	got := h.posted(t, document(t, l.request(t, crewjam.HTTPPostBinding, func(r *crewjam.AuthnRequest) {
		r.ProtocolBinding, r.AssertionConsumerServiceURL = "", ""
	})), "")
	if got.status != http.StatusSeeOther || !strings.HasPrefix(got.header.Get("Location"), acs("cle")+"/artifact?SAMLart=") {
		t.Errorf("by its settings: status %d (%s)", got.status, h.fault())
	}
	if got := h.posted(t, document(t, l.request(t, crewjam.HTTPPostBinding)), ""); got.action() != acs("cle") {
		t.Errorf("the request says otherwise: status %d (%s)", got.status, h.fault())
	}
	plain := newLeaver(t, h, "cle", "")
	two := `<p:AuthnRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="_2" Version="2.0" IssueInstant="` +
		h.clock.Now().Format(time.RFC3339) + `" AssertionConsumerServiceIndex="2"><Issuer>` + entity("cle") + `</Issuer></p:AuthnRequest>`
	if got := h.posted(t, two, ""); got.status != http.StatusSeeOther {
		t.Errorf("by an index: status %d (%s)", got.status, h.fault())
	}
	keyless := strings.ReplaceAll(strings.ReplaceAll(two, entity("cle"), entity("lire")), `"_2"`, `"_3"`)
	if got := h.posted(t, keyless, ""); strings.Contains(got.header.Get("Location"), "SAMLart") || got.status < 400 {
		t.Errorf("a service that could not fetch it: status %d to %s (%s)", got.status, got.header.Get("Location"), h.fault())
	}
	at, id := plain.fetches(t, func(r *crewjam.AuthnRequest) { r.Subject = &crewjam.Subject{NameID: &crewjam.NameID{Value: "x"}} })
	if got := h.fetched(t, plain.shows(t, at.Query().Get("SAMLart"))); got != id {
		t.Errorf("a refusal: %q", got)
	}
	_, with, _ := h.snapshot().Binding("saml", entity("cle"))
	for name, c := range map[string]struct{ metadata, binding string }{
		"another word": {metadata("cle", keyMD(t)), "paos"}, "no key": {metadata("cle", plainMD), "artifact"},
		"no address": {strings.Replace(metadata("cle", keyMD(t)), "HTTP-Artifact", "PAOS", 1), "artifact"},
	} {
		b := bind(t, with.Handle, samlidp.Settings{Metadata: c.metadata, ResponseBinding: c.binding})
		if found := h.provider.CheckSettings(b); len(found) != 1 || found[0].Where != "settings.response_binding" || found[0].Mend == "" {
			t.Errorf("%s: %v", name, found)
		}
	}
}

func TestAServiceEndsASessionBySOAP(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	l := newLeaver(t, h, "cle", sloEndpoint("SOAP", "https://cle.example/soap", ""))
	s := l.signsIn(t)
	if !h.joined.Reachable || len(h.joined.Names) != 2 {
		t.Fatalf("%#v", h.joined)
	}
	said := func(got page) (string, string) {
		t.Helper()
		if got.status != http.StatusOK || got.header.Get("Content-Type") != saml.ContentTypeSOAP {
			t.Fatalf("status %d: %s", got.status, got.body)
		}
		a, err := saml.VerifyLogoutResponse(must(saml.OpenEnvelope([]byte(got.body))), publics(keystest.Ring(t).Signer(keys.UseSAML)))
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimPrefix(a.Code, "urn:oasis:names:tc:SAML:2.0:status:"), strings.TrimPrefix(a.Detail, "urn:oasis:names:tc:SAML:2.0:status:")
	}
	for name, c := range map[string]struct {
		change func(*saml.LogoutRequest)
		want   string
	}{
		"it":              {func(*saml.LogoutRequest) {}, "Success"},
		"no destination":  {func(q *saml.LogoutRequest) { q.Sessions = []string{"x", s.SessionIndex} }, "Success"},
		"another":         {func(q *saml.LogoutRequest) { q.Sessions = []string{"x"} }, "ResponderUnknownPrincipal"},
		"another person":  {func(q *saml.LogoutRequest) { q.NameID.Value = "x" }, "ResponderUnknownPrincipal"},
		"all of a person": {func(q *saml.LogoutRequest) { q.Sessions = nil }, "ResponderRequestUnsupported"},
	} {
		if code, detail := said(l.bySOAP(t, "/saml/slo/soap", l.signed(t, l.wants(s, "/saml/slo/soap", c.change)))); code+detail != c.want {
			t.Errorf("%s: %s%s", name, code, detail)
		}
	}
	h.change(func(g *gateway) { g.goodbye.partial = true })
	if code, detail := said(l.bySOAP(t, "/saml/slo/soap", l.signed(t, l.wants(s, "/saml/slo/soap")))); code+detail != "SuccessPartialLogout" {
		t.Errorf("others stay open: %s%s", code, detail)
	}
	_, before := h.saidGoodbye()
	_, forged := pairs(t)
	stranger := &leaver{l.party, must(saml.NewSigner(forged.key, forged.certificate.Raw)), forged, "cle"}
	used := l.signed(t, l.wants(s, "/saml/slo/soap"))
	l.bySOAP(t, "/saml/slo/soap", used)
	for name, got := range map[string]page{
		"unsigned":            l.bySOAP(t, "/saml/slo/soap", must(saml.AppendLogoutRequest(nil, l.wants(s, "/saml/slo/soap")))),
		"a stranger's":        l.bySOAP(t, "/saml/slo/soap", stranger.signed(t, l.wants(s, "/saml/slo/soap"))),
		"used before":         l.bySOAP(t, "/saml/slo/soap", used),
		"for the browser":     l.bySOAP(t, "/saml/slo/soap", l.signed(t, l.wants(s, "/saml/slo"))),
		"old":                 l.bySOAP(t, "/saml/slo/soap", l.signed(t, l.wants(s, "/saml/slo/soap", func(q *saml.LogoutRequest) { q.IssueInstant = q.IssueInstant.Add(-time.Hour) }))),
		"another message":     l.bySOAP(t, "/saml/slo/soap", []byte(plainRequest)),
		"an answer":           l.bySOAP(t, "/saml/slo/soap", l.says(t, "_1", saml.StatusSuccess, "")),
		"of nobody known":     l.bySOAP(t, "/saml/slo/soap", l.signed(t, l.wants(s, "/saml/slo/soap", func(q *saml.LogoutRequest) { q.Issuer = "https://x.example" }))),
		"a document type":     h.at(t, http.MethodPost, "/saml/slo/soap", strings.NewReader(`<!DOCTYPE a>`+string(saml.AppendEnvelope(nil, used))), "text/xml"),
		"as a form, not SOAP": h.at(t, http.MethodPost, "/saml/slo/soap", strings.NewReader(string(saml.AppendEnvelope(nil, used))), forms),
	} {
		if got.status != http.StatusInternalServerError || !strings.Contains(got.body, "soap:Client") {
			t.Errorf("%s: status %d: %s", name, got.status, got.body)
		}
	}
	if _, after := h.saidGoodbye(); after != before+1 {
		t.Errorf("%d were ended", after-before-1)
	}
	h.change(func(g *gateway) { g.goodbye.breaks = context.DeadlineExceeded })
	if got := l.bySOAP(t, "/saml/slo/soap", l.signed(t, l.wants(s, "/saml/slo/soap"))); got.status != 500 || !strings.Contains(got.body, "soap:Server") {
		t.Errorf("no store: status %d: %s", got.status, got.body)
	}
}

// unwritten are tickets that take several things at one instant no more.
type unwritten struct{ store.Tickets }

func (unwritten) Write(context.Context, ...store.Op) error { return errAway }

func TestAnArtifactLeavesOnlyWithWhatItStandsForWritten(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *samlidp.Config) { c.Tickets = unwritten{c.Tickets} })
	l := newLeaver(t, h, "cle", "", func(*samlidp.Settings) {})
	ask := func() page {
		r := l.request(t, crewjam.HTTPPostBinding, func(r *crewjam.AuthnRequest) {
			r.ProtocolBinding, r.AssertionConsumerServiceURL = crewjam.HTTPArtifactBinding, acs("cle")+"/artifact"
		})
		return h.posted(t, document(t, r), "")
	}
	if got := ask(); got.header.Get("Location") != "" || got.status < 500 {
		t.Errorf("an answer: status %d to %s", got.status, got.header.Get("Location"))
	}
	h.change(func(g *gateway) { g.says = &idp.Failure{Kind: idp.Denied, Ref: ref} })
	if got := ask(); got.header.Get("Location") != "" || got.status < 500 {
		t.Errorf("a refusal: status %d to %s", got.status, got.header.Get("Location"))
	}
	request, c := cleared(t, newHouse(t), "lire") // what goes by itself needs nothing in the store
	handoff, _, err := h.provider.Answer(t.Context(), request, idp.Answered{Cleared: c, At: h.clock.Now()})
	if err != nil || len(handoff.Before) != 0 {
		t.Errorf("%v, %d things", err, len(handoff.Before))
	}
}
