package samlidp_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/idp/samlidp"
	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/saml"
)

// says is an answer of the service to a request of ours, signed.
func (l *leaver) says(tb testing.TB, to, code, detail string, changes ...func(*saml.LogoutResponse)) []byte {
	tb.Helper()
	a := &saml.LogoutResponse{
		ID: saml.NewID(), InResponseTo: to, Issuer: entity(l.id), Destination: l.house.base + "/saml/slo", IssueInstant: l.house.clock.Now(), Code: code, Detail: detail,
	}
	for _, change := range changes {
		change(a)
	}
	doc, err := l.signer.AppendLogoutResponse(nil, a)
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

// asks has the provider end the last session through the browser, and reads what the service gets.
func (l *leaver) asks(tb testing.TB, step string) saml.LogoutRequest {
	tb.Helper()
	got, err := l.house.provider.SignOut(tb.Context(), l.house.joined, step)
	if err != nil || got.Outcome != idp.Needed {
		tb.Fatalf("%v, %v", got, err)
	}
	public := publics(keystest.Ring(tb).Signer(keys.UseSAML))
	if got.Browser.Location != "" {
		at := must(url.Parse(got.Browser.Location))
		in, err := saml.DecodeRedirect(at.RawQuery)
		if err != nil || in.Response || in.RelayState != "" || in.VerifyDetached(public) != nil {
			tb.Fatalf("%v, %v", in, err)
		}
		return must(saml.ParseLogoutRequest(in.XML))
	}
	in, err := saml.DecodePost(url.Values{got.Browser.Fields[0].Name: {got.Browser.Fields[0].Value}})
	if err != nil || in.Response || len(got.Browser.Fields) != 1 {
		tb.Fatal(err)
	}
	return must(saml.VerifyLogoutRequest(in.XML, public))
}

func TestAServiceIsAskedThroughTheBrowserAndBelievedWhenItSigns(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ endpoints, to string }{
		"redirect": {both("cle"), logoutAt("cle")},
		"post":     {sloEndpoint("HTTP-POST", logoutAt("cle")+"/post", ""), logoutAt("cle") + "/post"},
	} {
		h := newHouse(t)
		l := newLeaver(t, h, "cle", c.endpoints)
		s := l.signsIn(t)
		for step, said := range map[string]struct {
			code, detail string
			ended        bool
		}{
			"done":    {saml.StatusSuccess, "", true},
			"partial": {saml.StatusSuccess, saml.StatusPartialLogout, false},
			"no":      {saml.StatusResponder, "", false},
			"never":   {saml.StatusRequester, saml.StatusRequestDenied, false},
		} {
			q := l.asks(t, step)
			if q.Destination != c.to || q.Issuer != h.base+"/saml/metadata" || q.NameID.Value != s.NameID || q.NameID.Format != s.Format ||
				len(q.Sessions) != 1 || q.Sessions[0] != s.SessionIndex || q.NotOnOrAfter.IsZero() || strings.Contains(q.ID, step) {
				t.Errorf("%s: %#v", name, q)
			}
			var got page
			if name == "post" {
				got = l.byForm(t, "SAMLResponse", l.says(t, q.ID, said.code, said.detail), "")
			} else {
				a := &saml.LogoutResponse{ID: saml.NewID(), InResponseTo: q.ID, Issuer: entity("cle"), Destination: h.base + "/saml/slo", IssueInstant: h.clock.Now(), Code: said.code, Detail: said.detail}
				got = h.at(t, http.MethodGet, "/saml/slo?"+must(l.signer.Query(saml.Outbound{Response: true, XML: must(saml.AppendLogoutResponse(nil, a))})), nil, "")
			}
			if ended, told := h.goodbye.told[step]; got.status != http.StatusNoContent || !told || ended != said.ended {
				t.Errorf("%s, %s: status %d (%s), told %v, ended %v", name, step, got.status, h.fault(), told, ended)
			}
		}
	}
}

func TestAnAnswerToASignOutThatIsNotTheirsIsNotBelieved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	other := newLeaver(t, h, "exige", both("exige"))
	l := newLeaver(t, h, "cle", both("cle"))
	l.signsIn(t)
	_, forged := pairs(t)
	stranger := &leaver{l.party, must(saml.NewSigner(forged.key, forged.certificate.Raw)), forged, "cle"}
	q := l.asks(t, "step")
	change := func(how func(*saml.LogoutResponse)) []byte { return l.says(t, q.ID, saml.StatusSuccess, "", how) }
	good := string(l.says(t, q.ID, saml.StatusSuccess, ""))
	signature := good[strings.Index(good, "<ds:Signature"):strings.Index(good, "<samlp:Status>")]
	for name, c := range map[string]struct {
		doc  []byte
		code string
	}{
		"forged":              {stranger.says(t, q.ID, saml.StatusSuccess, ""), "SAM-403"},
		"unsigned":            {[]byte(strings.Replace(good, signature, "", 1)), "SAM-403"},
		"changed":             {[]byte(strings.Replace(good, "status:Success", "status:Requester", 1)), "SAM-403"},
		"of another service":  {other.says(t, q.ID, saml.StatusSuccess, ""), "SAM-403"},
		"to another request":  {l.says(t, "_other", saml.StatusSuccess, ""), "SAM-408"},
		"to a step":           {l.says(t, "step", saml.StatusSuccess, ""), "SAM-408"},
		"for another address": {change(func(a *saml.LogoutResponse) { a.Destination = h.base + "/saml/sso" }), "SAM-403"},
		"old":                 {change(func(a *saml.LogoutResponse) { a.IssueInstant = a.IssueInstant.Add(-11 * time.Minute) }), "SAM-408"},
		"of tomorrow":         {change(func(a *saml.LogoutResponse) { a.IssueInstant = a.IssueInstant.Add(4 * time.Minute) }), "SAM-408"},
		"of nobody known":     {change(func(a *saml.LogoutResponse) { a.Issuer = "https://x.example" }), "SAM-401"},
		"no answer":           {[]byte(plainRequest), "SAM-400"},
	} {
		led := h.goodbye.lost
		if got := l.byForm(t, "SAMLResponse", c.doc, ""); got.status != http.StatusBadRequest || h.fault() != c.code || h.goodbye.lost != led+1 {
			t.Errorf("%s: status %d, %s, led on %d times", name, got.status, h.fault(), h.goodbye.lost-led)
		}
	}
	for name, send := range map[string]func() page{
		"nothing to read": func() page { return h.at(t, http.MethodGet, "/saml/slo?SAMLResponse=x", nil, "") },
		"a form of it":    func() page { return h.at(t, http.MethodPost, "/saml/slo", strings.NewReader("SAMLResponse=x"), forms) },
	} {
		led := h.goodbye.lost
		if got := send(); got.status != http.StatusBadRequest || h.goodbye.lost != led+1 {
			t.Errorf("%s: status %d, led on %d times", name, got.status, h.goodbye.lost-led)
		}
	}
	led := h.goodbye.lost
	if got := l.byForm(t, "SAMLRequest", []byte(plainRequest), ""); got.status != http.StatusBadRequest || h.goodbye.lost != led {
		t.Errorf("a request that is not one to leave: status %d, led on %d times", got.status, h.goodbye.lost-led)
	}
	if len(h.goodbye.told) != 0 {
		t.Fatalf("told %v", h.goodbye.told)
	}
	if got := l.byForm(t, "SAMLResponse", []byte(good), ""); got.status != http.StatusNoContent || !h.goodbye.told["step"] {
		t.Errorf("the good one after all these: status %d, %s", got.status, h.fault())
	}
	h.goodbye.told = nil
	for _, again := range [][]byte{[]byte(good), l.says(t, q.ID, saml.StatusSuccess, "")} {
		if got := l.byForm(t, "SAMLResponse", again, ""); got.status != http.StatusBadRequest || h.fault() != "SAM-408" || h.goodbye.told != nil {
			t.Errorf("again: status %d, %s", got.status, h.fault())
		}
	}
	late := l.asks(t, "late")
	h.clock.Advance(15 * time.Minute)
	if got := l.byForm(t, "SAMLResponse", l.says(t, late.ID, saml.StatusSuccess, ""), ""); got.status != http.StatusBadRequest || h.goodbye.told != nil {
		t.Errorf("late: status %d", got.status)
	}
}

// afar is a service's SOAP address.
type afar struct {
	*httptest.Server
	mu     sync.Mutex
	answer func(saml.LogoutRequest) (status int, kind string, body []byte)
	got    []saml.LogoutRequest
	failed []error
}

func (a *afar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	message, err := saml.OpenEnvelope(body)
	if err != nil || !saml.IsSOAP(r.Header.Get("Content-Type")) || r.Header.Get("SOAPAction") != saml.ActionSOAP {
		http.Error(w, "no SOAP", http.StatusBadRequest)
		return
	}
	q, err := saml.ParseLogoutRequest(message)
	if err != nil {
		http.Error(w, "no request", http.StatusBadRequest)
		return
	}
	a.got = append(a.got, q)
	status, kind, answer := a.answer(q)
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(answer)
}

// farHouse is a house whose service cle has a SOAP address, and others if given.
func farHouse(t *testing.T, more string) (*house, *leaver, *afar) {
	t.Helper()
	a := &afar{}
	a.Server = httptest.NewTLSServer(a)
	t.Cleanup(a.Close)
	h := newHouse(t, func(c *samlidp.Config) {
		c.Client = a.Client()
		c.Failed = func(_ context.Context, err error) { a.failed = append(a.failed, err) }
	})
	l := newLeaver(t, h, "cle", sloEndpoint("SOAP", a.URL+"/soap", "")+more)
	l.signsIn(t)
	return h, l, a
}

func TestAServiceIsAskedBySOAPAndBelievedWhenItSigns(t *testing.T) {
	t.Parallel()
	h, l, far := farHouse(t, "")
	other := newLeaver(t, h, "exige", "")
	_, forged := pairs(t)
	stranger := &leaver{l.party, must(saml.NewSigner(forged.key, forged.certificate.Raw)), forged, "cle"}
	in := func(doc []byte) (int, string, []byte) {
		return http.StatusOK, saml.ContentTypeSOAP, saml.AppendEnvelope(nil, doc)
	}
	for name, c := range map[string]struct {
		want   idp.SignOutOutcome
		answer func(q saml.LogoutRequest) (int, string, []byte)
	}{
		"done": {idp.Done, func(q saml.LogoutRequest) (int, string, []byte) { return in(l.says(t, q.ID, saml.StatusSuccess, "")) }},
		"partial": {idp.Unsupported, func(q saml.LogoutRequest) (int, string, []byte) {
			return in(l.says(t, q.ID, saml.StatusSuccess, saml.StatusPartialLogout))
		}},
		"no": {idp.Unsupported, func(q saml.LogoutRequest) (int, string, []byte) { return in(l.says(t, q.ID, saml.StatusResponder, "")) }},
		"forged": {idp.Unsupported, func(q saml.LogoutRequest) (int, string, []byte) {
			return in(stranger.says(t, q.ID, saml.StatusSuccess, ""))
		}},
		"another's": {idp.Unsupported, func(q saml.LogoutRequest) (int, string, []byte) {
			return in(other.says(t, q.ID, saml.StatusSuccess, ""))
		}},
		"another request's": {idp.Unsupported, func(saml.LogoutRequest) (int, string, []byte) { return in(l.says(t, "_x", saml.StatusSuccess, "")) }},
		"old": {idp.Unsupported, func(q saml.LogoutRequest) (int, string, []byte) {
			return in(l.says(t, q.ID, saml.StatusSuccess, "", func(a *saml.LogoutResponse) { a.IssueInstant = a.IssueInstant.Add(-time.Hour) }))
		}},
		"unsigned": {idp.Unsupported, func(q saml.LogoutRequest) (int, string, []byte) {
			return in(must(saml.AppendLogoutResponse(nil, &saml.LogoutResponse{ID: "_1", InResponseTo: q.ID, Issuer: entity("cle"), Destination: "x", IssueInstant: h.clock.Now(), Code: saml.StatusSuccess})))
		}},
		"a fault": {idp.Unsupported, func(saml.LogoutRequest) (int, string, []byte) {
			return 500, saml.ContentTypeSOAP, saml.AppendFault(nil, nil, "x")
		}},
		"a page": {idp.Unsupported, func(q saml.LogoutRequest) (int, string, []byte) {
			return 200, "text/html", saml.AppendEnvelope(nil, l.says(t, q.ID, saml.StatusSuccess, ""))
		}},
		"no envelope": {idp.Unsupported, func(q saml.LogoutRequest) (int, string, []byte) {
			return 200, saml.ContentTypeSOAP, l.says(t, q.ID, saml.StatusSuccess, "")
		}},
		"without end": {idp.Unsupported, func(saml.LogoutRequest) (int, string, []byte) { return 200, saml.ContentTypeSOAP, make([]byte, 1<<20) }},
		"another code": {idp.Unsupported, func(q saml.LogoutRequest) (int, string, []byte) {
			return 202, saml.ContentTypeSOAP, saml.AppendEnvelope(nil, l.says(t, q.ID, saml.StatusSuccess, ""))
		}},
	} {
		far.answer = c.answer
		step, err := h.provider.SignOut(t.Context(), h.joined, "")
		if step.Outcome != c.want || (err == nil) != (c.want == idp.Done) || !step.Browser.Empty() {
			t.Errorf("%s: %v, %v", name, step.Outcome, err)
		}
		if err != nil && (strings.Contains(err.Error(), "127.0.0.1") || strings.Contains(err.Error(), far.got[0].NameID.Value)) {
			t.Errorf("%s: the error says too much: %v", name, err)
		}
	}
	q := far.got[0]
	if q.Destination != far.URL+"/soap" || q.Issuer != h.base+"/saml/metadata" || len(q.Sessions) != 1 || !q.HasSignature {
		t.Errorf("it is asked %#v", q)
	}
}

func TestAServiceThatDoesNotAnswerBySOAPIsAskedThroughTheBrowser(t *testing.T) {
	t.Parallel()
	h, l, far := farHouse(t, both("cle"))
	far.answer = func(saml.LogoutRequest) (int, string, []byte) { return 503, "text/plain", nil }
	if q := l.asks(t, "step"); q.Destination != logoutAt("cle") || len(far.got) != 1 || len(far.failed) != 1 {
		t.Errorf("%s, asked %d times, failed %d", q.Destination, len(far.got), len(far.failed))
	}
	if step, err := h.provider.SignOut(t.Context(), h.joined, ""); err == nil || step.Outcome != idp.Unsupported {
		t.Errorf("without a browser: %v, %v", step, err)
	}
	far.Close()
	if step, err := h.provider.SignOut(t.Context(), h.joined, ""); err == nil || step.Outcome != idp.Unsupported || strings.Contains(err.Error(), "/soap") {
		t.Errorf("nobody there: %v, %v", step, err)
	}
}

func TestAServiceThatCannotSignIsNotAsked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	l := newLeaver(t, h, "lire", "", func(s *samlidp.Settings) { s.Metadata = metadata("lire", plainMD+both("lire")) })
	l.SignatureMethod = ""
	l.signsIn(t)
	if step, err := h.provider.SignOut(t.Context(), h.joined, "step"); err != nil || step.Outcome != idp.Unsupported {
		t.Errorf("%v, %v", step, err)
	}
	other := h.joined
	other.ServiceID = "cle"
	if step, err := h.provider.SignOut(t.Context(), other, "step"); err != nil || step.Outcome != idp.Unsupported {
		t.Errorf("another service's session: %v, %v", step, err)
	}
}
