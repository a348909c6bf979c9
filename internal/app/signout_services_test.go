package app

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
)

// fiveSites are five of the demo's, on a server of their own that the gateway really asks: lire speaks SAML and takes SOAP,
// suite speaks SAML through the browser alone, calcul OpenID Connect with a back channel, classe with a front channel, and
// carte CAS.
type fiveSites struct {
	*pair
	at      *httptest.Server
	signers map[string]*saml.Signer

	mu   sync.Mutex
	told map[string][]string // what each was told, by id, where no browser was needed
}

const (
	pairAt       = "http://127.0.0.1:8080"
	sloBindingNS = `urn:oasis:names:tc:SAML:2.0:bindings:`
)

func newFiveSites(t *testing.T) *fiveSites {
	t.Helper()
	s := &fiveSites{pair: newPair(t), signers: map[string]*saml.Signer{}, told: map[string][]string{}}
	s.at = httptest.NewServer(s)
	t.Cleanup(s.at.Close)
	settings := map[string]any{
		"calcul": map[string]any{
			"type": "public", "redirect_uris": []string{s.addr("calcul") + "cb"}, "backchannel_logout_uri": s.addr("calcul") + "told",
			"post_logout_redirect_uris": []string{s.addr("calcul") + "left"},
		},
		"classe": map[string]any{"type": "public", "redirect_uris": []string{s.addr("classe") + "cb"}, "frontchannel_logout_uri": s.addr("classe") + "frame"},
		"carte":  map[string]any{"match": "below", "user": "transient", "logout": true},
	}
	for id, ring := range map[string]*keys.Ring{"lire": keystest.Ring(t), "suite": keystest.Other(t)} {
		key := ring.Signer(keys.UseSAML)
		signer, err := saml.NewSigner(key, key.Certificate())
		if err != nil {
			t.Fatal(err)
		}
		s.signers[id] = signer
		settings[id] = map[string]any{"metadata": s.metadata(id, key.Certificate())}
	}
	s.register(settings)
	return s
}

func (s *fiveSites) addr(id string) string { return s.at.URL + "/" + id + "/" }

func (s *fiveSites) metadata(id string, certificate []byte) string {
	slo := func(binding, path string) string {
		return `<md:SingleLogoutService Binding="` + sloBindingNS + binding + `" Location="` + s.addr(id) + path + `" ResponseLocation="` + s.addr(id) + path + `done"/>`
	}
	at := slo("HTTP-Redirect", "slo") + slo("HTTP-POST", "slopost")
	if id == "lire" {
		at += `<md:SingleLogoutService Binding="` + sloBindingNS + `SOAP" Location="` + s.addr(id) + `soap"/>`
	}
	return `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="` + s.addr(id) +
		`"><md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data>` +
		`<ds:X509Certificate>` + base64.StdEncoding.EncodeToString(certificate) + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>` + at +
		`<md:AssertionConsumerService index="0" Binding="` + sloBindingNS + `HTTP-POST" Location="` + s.addr(id) + `acs"/></md:SPSSODescriptor></md:EntityDescriptor>`
}

// register gives the services their addresses, and wants them to be without a mistake.
func (s *fiveSites) register(settings map[string]any) {
	s.t.Helper()
	g := s.gateways[0]
	contents, err := g.store.Load(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	var change registry.Change
	for _, one := range contents.Services {
		given, ours := settings[one.ID]
		if !ours {
			continue
		}
		b := &one.Bindings[0]
		if b.Protocol != "oidc" {
			b.Handle = s.addr(one.ID)
		}
		if b.Settings, err = json.Marshal(given); err != nil {
			s.t.Fatal(err)
		}
		if found := checkBindings(one, g.flow.Protocols, g.words); registry.Blocks(found) {
			s.t.Fatalf("%s: %v", one.ID, found)
		}
		change.Services = append(change.Services, one)
	}
	if _, err := g.applied(s.t.Context(), change, "command:test"); err != nil {
		s.t.Fatal(err)
	}
	for _, g := range s.gateways {
		if err := g.live.Refresh(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
	}
}

// ServeHTTP is what the services answer to the gateway itself.
func (s *fiveSites) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, what, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	form, _ := url.ParseQuery(string(body))
	said := form.Get("logout_token") + form.Get("logoutRequest")
	if what == "soap" {
		var answer []byte
		said, answer = s.bySOAP(id, body)
		w.Header().Set("Content-Type", saml.ContentTypeSOAP)
		_, _ = w.Write(saml.AppendEnvelope(nil, answer))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told[id] = append(s.told[id], said)
}

// bySOAP ends the session of a signed request and says so.
func (s *fiveSites) bySOAP(id string, body []byte) (index string, answer []byte) {
	message, err := saml.OpenEnvelope(body)
	if err != nil {
		return err.Error(), nil
	}
	q, err := saml.VerifyLogoutRequest(message, s.ours())
	if err != nil || len(q.Sessions) != 1 {
		return "not understood", nil
	}
	answer, err = s.signers[id].AppendLogoutResponse(nil, s.yes(id, q, ""))
	if err != nil {
		return err.Error(), nil
	}
	return q.Sessions[0], answer
}

func (s *fiveSites) yes(id string, q saml.LogoutRequest, to string) *saml.LogoutResponse {
	return &saml.LogoutResponse{
		ID: saml.NewID(), InResponseTo: q.ID, Issuer: s.addr(id), Destination: to, IssueInstant: time.Now(), Code: saml.StatusSuccess,
	}
}

// heard gives what a service was told without a browser, and forgets it.
func (s *fiveSites) heard(id string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.told[id]
	delete(s.told, id)
	return out
}

// landing is where the browser came to: another site, with what it brings, or a page of ours.
type landing struct {
	at   *url.URL
	form url.Values
	page string
}

// walk goes on as hugo, until the browser leaves us or a page waits.
func (s *fiveSites) walk(w *httptest.ResponseRecorder) landing {
	s.t.Helper()
	for range 25 {
		body := w.Body.String()
		to := w.Header().Get("Location")
		if m := regexp.MustCompile(`http-equiv="refresh" content="0;url=([^"]+)"`).FindString(body); to == "" && m != "" {
			to = s.find(body, `content="0;url=([^"]+)"`)
		}
		switch {
		case to != "" && !strings.HasPrefix(to, "/") && !strings.HasPrefix(to, pairAt):
			u, err := url.Parse(to)
			if err != nil {
				s.t.Fatal(err)
			}
			return landing{at: u}
		case to != "":
			w = s.ask(http.MethodGet, strings.TrimPrefix(to, pairAt), nil)
		case strings.Contains(body, `name="challenge"`):
			w = s.ask(http.MethodPost, s.find(body, `action="([^"]+/people)"`), url.Values{"challenge": {s.find(body, `name="challenge" value="([^"]+)"`)}, "person": {"hugo"}})
		case strings.Contains(body, `name="digest"`):
			w = s.ask(http.MethodPost, s.find(body, `action="([^"]+/inform)"`), url.Values{
				"hop": {s.find(body, `name="hop" value="([^"]+)"`)}, "act": {s.find(body, `name="act" value="(agreed|informed)"`)}, "digest": {s.find(body, `name="digest" value="([^"]+)"`)},
			})
		case strings.Contains(body, `action="`+s.at.URL):
			u, err := url.Parse(s.find(body, `action="([^"]+)"`))
			if err != nil {
				s.t.Fatal(err)
			}
			form := url.Values{}
			for _, m := range regexp.MustCompile(`type="hidden" name="([^"]+)" value="([^"]+)"`).FindAllStringSubmatch(body, -1) {
				form.Set(m[1], s.find(m[0], `value="([^"]+)"`))
			}
			return landing{at: u, form: form}
		default:
			return landing{page: body}
		}
	}
	s.t.Fatal("the browser goes round in circles")
	return landing{}
}

// fates reads, for each service, under which heading the page names it.
func (l landing) fates() map[string]string {
	out := map[string]string{}
	for _, part := range regexp.MustCompile(`(?s)<h2>([^<]+)</h2>\s*<ul(.*?)</ul>`).FindAllStringSubmatch(l.page, -1) {
		for _, m := range regexp.MustCompile(`<span>([^<]+)</span>`).FindAllStringSubmatch(part[2], -1) {
			out[m[1]] = part[1]
		}
	}
	return out
}

func (l landing) String() string {
	if l.at != nil {
		return l.at.Host + l.at.Path
	}
	text := regexp.MustCompile(`(?s)<[^>]*>|\s+`).ReplaceAllString(l.page, " ")
	return "a page of ours: " + text[:min(len(text), 1500)]
}
