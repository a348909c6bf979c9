package app

import (
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ecluse/internal/keys"
	"ecluse/internal/saml"
)

func (s *fiveSites) ours() []crypto.PublicKey {
	return []crypto.PublicKey{s.gateways[0].ring.Signer(keys.UseSAML).Public()}
}

// told is what a service keeps of the session that it was given.
type toldSession struct {
	name  saml.NameID // SAML
	index string
	token string // OpenID Connect: the id token
}

// enter signs hugo in at a service.
func (s *fiveSites) enter(id string) toldSession {
	s.t.Helper()
	switch id {
	case "lire", "suite":
		return s.enterSAML(id)
	case "carte":
		if l := s.walk(s.ask(http.MethodGet, "/cas/login?"+url.Values{"service": {s.addr(id)}}.Encode(), nil)); l.at == nil || !l.at.Query().Has("ticket") {
			s.t.Fatalf("%s: %s", id, l)
		}
		return toldSession{}
	}
	challenge := sha256.Sum256([]byte(pairVerifier))
	l := s.walk(s.ask(http.MethodGet, "/oidc/authorize?"+url.Values{
		"client_id": {id}, "redirect_uri": {s.addr(id) + "cb"}, "response_type": {"code"}, "scope": {"openid school"}, "state": {"some-state"},
		"code_challenge_method": {"S256"}, "code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])},
	}.Encode(), nil))
	if l.at == nil || !l.at.Query().Has("code") {
		s.t.Fatalf("%s: %s", id, l)
	}
	w := s.ask(http.MethodPost, "/oidc/token", url.Values{
		"grant_type": {"authorization_code"}, "code": {l.at.Query().Get("code")}, "redirect_uri": {s.addr(id) + "cb"}, "client_id": {id}, "code_verifier": {pairVerifier},
	})
	var answer struct {
		ID string `json:"id_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || answer.ID == "" {
		s.t.Fatalf("%s: %d %s", id, w.Code, w.Body)
	}
	return toldSession{token: answer.ID}
}

func (s *fiveSites) enterSAML(id string) toldSession {
	s.t.Helper()
	document, err := saml.AppendAuthnRequest(nil, &saml.AuthnRequest{
		ID: saml.NewID(), IssueInstant: time.Now(), Destination: pairAt + "/saml/sso", Issuer: s.addr(id), ACSURL: s.addr(id) + "acs",
		ProtocolBinding: sloBindingNS + "HTTP-POST", ACSIndex: -1, AttributesIndex: -1,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	query, err := s.signers[id].Query(saml.Outbound{XML: document})
	if err != nil {
		s.t.Fatal(err)
	}
	l := s.walk(s.ask(http.MethodGet, "/saml/sso?"+query, nil))
	raw, err := base64.StdEncoding.DecodeString(l.form.Get("SAMLResponse"))
	if err != nil || len(raw) == 0 {
		s.t.Fatalf("%s: %s", id, l)
	}
	name := regexp.MustCompile(`<saml:NameID([^>]*)>([^<]*)<`).FindStringSubmatch(string(raw))
	if name == nil {
		s.t.Fatalf("%s: the answer has no NameID", id)
	}
	part := func(attr string) string {
		if m := regexp.MustCompile(` ` + attr + `="([^"]*)"`).FindStringSubmatch(name[1]); m != nil {
			return m[1]
		}
		return ""
	}
	return toldSession{
		name:  saml.NameID{Value: name[2], Format: part("Format"), NameQualifier: part("NameQualifier"), SPNameQualifier: part("SPNameQualifier")},
		index: s.find(string(raw), `SessionIndex="([^"]+)"`),
	}
}

// wants is a service's request that its session end.
func (s *fiveSites) wants(id string, at toldSession, path string) *saml.LogoutRequest {
	return &saml.LogoutRequest{
		ID: saml.NewID(), IssueInstant: time.Now(), Destination: pairAt + path, Issuer: s.addr(id), NameID: at.name, Sessions: []string{at.index},
	}
}

func (s *fiveSites) byRedirect(id string, at toldSession) *httptest.ResponseRecorder {
	document, err := saml.AppendLogoutRequest(nil, s.wants(id, at, "/saml/slo"))
	if err != nil {
		s.t.Fatal(err)
	}
	query, err := s.signers[id].Query(saml.Outbound{XML: document, RelayState: "relay"})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.ask(http.MethodGet, "/saml/slo?"+query, nil)
}

func (s *fiveSites) byPost(id string, at toldSession) *httptest.ResponseRecorder {
	document, err := s.signers[id].AppendLogoutRequest(nil, s.wants(id, at, "/saml/slo"))
	if err != nil {
		s.t.Fatal(err)
	}
	return s.ask(http.MethodPost, "/saml/slo", url.Values{"SAMLRequest": {saml.EncodePost(document)}, "RelayState": {"relay"}})
}

// visited has each service to which the browser is sent say that its session is over, and gives where the browser is then.
func (s *fiveSites) visited(l landing) (landing, []string) {
	s.t.Helper()
	var ids []string
	for range 5 {
		if l.at == nil || !strings.HasSuffix(l.at.Path, "/slo") {
			break
		}
		id := strings.Split(l.at.Path, "/")[1]
		in, err := saml.DecodeRedirect(l.at.RawQuery)
		if err == nil {
			err = in.VerifyDetached(s.ours())
		}
		if err != nil {
			s.t.Fatalf("%s is asked: %v", id, err)
		}
		q, err := saml.ParseLogoutRequest(in.XML)
		if err != nil {
			s.t.Fatal(err)
		}
		document, err := saml.AppendLogoutResponse(nil, s.yes(id, q, pairAt+"/saml/slo"))
		if err != nil {
			s.t.Fatal(err)
		}
		query, err := s.signers[id].Query(saml.Outbound{Response: true, XML: document})
		if err != nil {
			s.t.Fatal(err)
		}
		ids = append(ids, id)
		l = s.walk(s.ask(http.MethodGet, "/saml/slo?"+query, nil))
	}
	return l, ids
}

// answeredSAML reads the answer that the browser brings to the service that asked.
func (s *fiveSites) answeredSAML(l landing, id string) (code, detail string) {
	s.t.Helper()
	if l.at == nil || !strings.HasPrefix(l.at.Path, "/"+id+"/slo") || !strings.HasSuffix(l.at.Path, "done") {
		s.t.Fatalf("the browser is at %s", l)
	}
	if l.form != nil {
		raw, err := base64.StdEncoding.DecodeString(l.form.Get("SAMLResponse"))
		if err != nil {
			s.t.Fatal(err)
		}
		a, err := saml.VerifyLogoutResponse(raw, s.ours())
		if err != nil || l.form.Get("RelayState") != "relay" {
			s.t.Fatalf("%v, with %q", err, l.form.Get("RelayState"))
		}
		return a.Code, a.Detail
	}
	in, err := saml.DecodeRedirect(l.at.RawQuery)
	if err == nil {
		err = in.VerifyDetached(s.ours())
	}
	if err != nil || in.RelayState != "relay" {
		s.t.Fatalf("%v, with %q", err, in.RelayState)
	}
	a, err := saml.ParseLogoutResponse(in.XML)
	if err != nil {
		s.t.Fatal(err)
	}
	return a.Code, a.Detail
}

// TestOneSignOutEndsEverythingWhoeverBeginsIt plays two services of SAML, two of OpenID Connect and one of CAS in one sign-in,
// at two replicas, and has each of them, and the person, begin the sign-out.
func TestOneSignOutEndsEverythingWhoeverBeginsIt(t *testing.T) {
	t.Parallel()
	s := newFiveSites(t)
	const closed, frame = "Ces services sont fermés", "Ce service a été prévenu"
	for _, c := range []struct {
		name, asker string
		framed      bool // classe, which has no way to answer, has a session too
		how         func(map[string]toldSession) *httptest.ResponseRecorder
	}{
		{"the person", "", true, func(map[string]toldSession) *httptest.ResponseRecorder {
			return s.ask(http.MethodPost, "/signout", url.Values{})
		}},
		{"lire by redirect", "lire", true, func(at map[string]toldSession) *httptest.ResponseRecorder { return s.byRedirect("lire", at["lire"]) }},
		{"lire by post", "lire", false, func(at map[string]toldSession) *httptest.ResponseRecorder { return s.byPost("lire", at["lire"]) }},
		{"suite by redirect", "suite", false, func(at map[string]toldSession) *httptest.ResponseRecorder { return s.byRedirect("suite", at["suite"]) }},
		{"suite by post", "suite", true, func(at map[string]toldSession) *httptest.ResponseRecorder { return s.byPost("suite", at["suite"]) }},
		{"calcul, all told", "calcul", false, func(at map[string]toldSession) *httptest.ResponseRecorder { return s.endSession(at["calcul"]) }},
		{"calcul", "calcul", true, func(at map[string]toldSession) *httptest.ResponseRecorder { return s.endSession(at["calcul"]) }},
	} {
		at := s.everywhere(c.framed)
		before := s.cookies["session"]
		l, went := s.visited(s.walk(c.how(at)))
		if c.asker == "suite" != (len(went) == 0) || len(went) > 1 {
			t.Errorf("%s: the browser was sent to %v", c.name, went)
		}
		if c.framed || c.asker == "" {
			want := map[string]string{"Lire": closed, "Suite": closed, "Calcul": closed, "Carte": closed, "Classe": frame}
			got := l.fates()
			for name, fate := range want {
				if got[name] != fate || len(got) != len(want) {
					t.Errorf("%s: %s is said to be %q: %s", c.name, name, got[name], l)
				}
			}
			if !strings.Contains(l.page, `<iframe src="`+s.addr("classe")+"frame?") {
				t.Errorf("%s: nothing is loaded for classe", c.name)
			}
			if c.asker != "" {
				l = s.walk(s.ask(http.MethodGet, s.find(l.page, `href="(/signout/back)"`), nil))
			}
		}
		s.answeredAs(c.name, c.asker, c.framed, l)
		s.toldOnce(c.name, c.asker, at)
		s.overOnBoth(c.name, before)
	}
	s.unsigned()
}

// unsigned has suite answer without a signature: it is said to be open, and the way goes on to the service that asked.
func (s *fiveSites) unsigned() {
	s.t.Helper()
	at := s.everywhere(false)
	before := s.cookies["session"]
	l := s.walk(s.byRedirect("lire", at["lire"]))
	in, err := saml.DecodeRedirect(l.at.RawQuery)
	if err != nil {
		s.t.Fatal(err)
	}
	q, err := saml.ParseLogoutRequest(in.XML)
	if err != nil {
		s.t.Fatal(err)
	}
	document, err := saml.AppendLogoutResponse(nil, s.yes("suite", q, pairAt+"/saml/slo"))
	if err != nil {
		s.t.Fatal(err)
	}
	query, err := s.signers["suite"].Query(saml.Outbound{Response: true, XML: document})
	if err != nil {
		s.t.Fatal(err)
	}
	query, _, _ = strings.Cut(query, "&SigAlg=")
	l = s.walk(s.ask(http.MethodGet, "/saml/slo?"+query, nil))
	if got := l.fates(); got["Suite"] != "Ce service reste peut-être ouvert" || got["Carte"] != "Ces services sont fermés" {
		s.t.Errorf("after an answer without a signature: %v: %s", got, l)
	}
	l = s.walk(s.ask(http.MethodGet, s.find(l.page, `href="(/signout/back)"`), nil))
	s.answeredAs("without a signature", "lire", true, l)
	s.toldOnce("without a signature", "lire", at)
	s.overOnBoth("without a signature", before)
}

// TestASignOutBySOAPEndsWhatNeedsNoBrowserAndSaysSo plays the same, asked for without a browser.
func TestASignOutBySOAPEndsWhatNeedsNoBrowserAndSaysSo(t *testing.T) {
	t.Parallel()
	s := newFiveSites(t)
	for _, needed := range []bool{false, true} {
		s.cookies = map[string]string{}
		at := map[string]toldSession{}
		for _, id := range []string{"lire", "calcul", "carte"} {
			at[id] = s.enter(id)
		}
		want := ""
		if needed {
			at["suite"], want = s.enter("suite"), saml.StatusPartialLogout
		}
		before := s.cookies["session"]
		q := s.wants("lire", at["lire"], "/saml/slo/soap")
		document, err := s.signers["lire"].AppendLogoutRequest(nil, q)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, "/saml/slo/soap", strings.NewReader(string(saml.AppendEnvelope(nil, document))))
		r.Host = "127.0.0.1:8080"
		r.Header.Set("Content-Type", saml.ContentTypeSOAP)
		w := httptest.NewRecorder()
		s.gateways[0].mux.ServeHTTP(w, r)
		message, err := saml.OpenEnvelope(w.Body.Bytes())
		if err != nil {
			t.Fatalf("%d: %v: %s", w.Code, err, w.Body)
		}
		a, err := saml.VerifyLogoutResponse(message, s.ours())
		if err != nil || a.InResponseTo != q.ID || a.Code != saml.StatusSuccess || a.Detail != want {
			t.Errorf("with suite %t: %v, %s %s", needed, err, a.Code, a.Detail)
		}
		s.toldOnce("by SOAP", "lire", at)
		s.overOnBoth("by SOAP", before)
	}
}

// everywhere signs hugo in at all services in one sign-in.
func (s *fiveSites) everywhere(framed bool) map[string]toldSession {
	s.t.Helper()
	s.cookies = map[string]string{}
	at := map[string]toldSession{}
	for _, id := range []string{"lire", "suite", "calcul", "carte"} {
		at[id] = s.enter(id)
	}
	if framed {
		at["classe"] = s.enter("classe")
	}
	return at
}

func (s *fiveSites) endSession(at toldSession) *httptest.ResponseRecorder {
	return s.ask(http.MethodGet, "/oidc/logout?"+url.Values{
		"id_token_hint": {at.token}, "post_logout_redirect_uri": {s.addr("calcul") + "left"}, "state": {"st"},
	}.Encode(), nil)
}

// answeredAs makes sure that whoever asked is told the truth.
func (s *fiveSites) answeredAs(name, asker string, partial bool, l landing) {
	s.t.Helper()
	switch asker {
	case "":
	case "calcul":
		if l.at == nil || l.at.Path != "/calcul/left" || l.at.Query().Get("state") != "st" {
			s.t.Errorf("%s: the browser is at %s", name, l)
		}
	default:
		want := ""
		if partial {
			want = saml.StatusPartialLogout
		}
		if code, detail := s.answeredSAML(l, asker); code != saml.StatusSuccess || detail != want {
			s.t.Errorf("%s: the service is told %s %s", name, code, detail)
		}
	}
}

// toldOnce makes sure that each service that needs no browser was told of its session, once, but for the one that asked over SAML.
func (s *fiveSites) toldOnce(name, asker string, at map[string]toldSession) {
	s.t.Helper()
	for _, id := range []string{"lire", "calcul", "carte"} {
		got, want := s.heard(id), 1
		if id == asker && id != "calcul" { // whoever asks over OpenID Connect waits to be told like all others
			want = 0
		}
		if len(got) != want {
			s.t.Errorf("%s: %s was told %d times, want %d", name, id, len(got), want)
			continue
		}
		if id == "lire" && want == 1 && got[0] != at[id].index {
			s.t.Errorf("%s: lire was told of another session", name)
		}
	}
	if got := append(s.heard("suite"), s.heard("classe")...); len(got) != 0 {
		s.t.Errorf("%s: who needs a browser was told without", name)
	}
}

// overOnBoth makes sure that the cookie of the session is worth nothing at either replica.
func (s *fiveSites) overOnBoth(name, session string) {
	s.t.Helper()
	if session == "" {
		s.t.Fatalf("%s: there was no session", name)
	}
	for range s.gateways {
		s.cookies = map[string]string{"session": session}
		if w := s.ask(http.MethodGet, "/signout", nil); !strings.Contains(w.Body.String(), "Aucune connexion en cours") {
			s.t.Errorf("%s: the session goes on at a replica", name)
		}
	}
}
