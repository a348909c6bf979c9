package samlidp_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/idp"
	"ecluse/internal/idp/samlidp"
	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/saml"
)

// goodbye is what the gateway of a house does of sign-outs: it knows the one session that was begun last, and notes what it
// was told.
type goodbye struct {
	asked   []idp.Leaving
	ended   []idp.Leaving
	told    map[string]bool
	lost    int // answers that were not believed
	partial bool
	stays   bool
	breaks  error
}

func (g *gateway) found(leaving idp.Leaving) bool {
	return leaving.Protocol == g.joined.Protocol && leaving.ServiceID == g.joined.ServiceID &&
		slices.ContainsFunc(leaving.Names, func(n string) bool { return slices.Contains(g.joined.Names, n) })
}

func (g *gateway) Leave(w http.ResponseWriter, r *http.Request, leaving idp.Leaving) error {
	g.mu.Lock()
	g.goodbye.asked = append(g.goodbye.asked, leaving)
	outcome := idp.Outcome{Found: g.found(leaving), Partial: g.goodbye.partial, Cancelled: g.goodbye.stays}
	breaks := g.goodbye.breaks
	g.mu.Unlock()
	if breaks != nil {
		return breaks
	}
	handoff, err := g.protocol.Left(r.Context(), leaving, outcome)
	if err != nil {
		return err
	}
	if handoff.Empty() {
		w.WriteHeader(http.StatusNoContent) // our own page
		return nil
	}
	return g.send(w, r, handoff)
}

func (g *gateway) End(_ context.Context, leaving idp.Leaving) (idp.Outcome, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.goodbye.ended = append(g.goodbye.ended, leaving)
	found := g.joined.Reachable && len(g.joined.Names) > 0 && leaving.ServiceID == g.joined.ServiceID && slices.Contains(leaving.Names, g.joined.Names[0])
	return idp.Outcome{Found: found, Partial: found && g.goodbye.partial}, g.goodbye.breaks
}

func (g *gateway) Told(w http.ResponseWriter, _ *http.Request, step string, ended bool) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.goodbye.told == nil {
		g.goodbye.told = map[string]bool{}
	}
	g.goodbye.told[step] = ended
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// saidGoodbye gives how often a browser and a service asked.
func (g *gateway) saidGoodbye() (front, back int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.goodbye.asked), len(g.goodbye.ended)
}

// Lost shows the page of what went wrong, as for a browser that visits nobody.
func (g *gateway) Lost(_ http.ResponseWriter, _ *http.Request, cause error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.goodbye.lost++
	return cause
}

func sloEndpoint(binding, location, more string) string {
	return `<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:` + binding + `" Location="` + location + `"` + more + `/>`
}

func logoutAt(id string) string { return "https://" + id + ".example/logout" }

// leaver is a service that can end sessions, played by a library that is not ours where it can, with its own key.
type leaver struct {
	*party
	signer *saml.Signer
	who    pair
	id     string
}

// both are the addresses of a service that is told through the browser.
func both(id string) string {
	return sloEndpoint("HTTP-Redirect", logoutAt(id), ` ResponseLocation="`+logoutAt(id)+`/done?x=1"`) + sloEndpoint("HTTP-POST", logoutAt(id)+"/post", "")
}

// newLeaver gives a service of the house, cle if not another, other addresses.
func newLeaver(tb testing.TB, h *house, id, endpoints string, settings ...func(*samlidp.Settings)) *leaver {
	tb.Helper()
	theirs, _ := pairs(tb)
	s := samlidp.Settings{Metadata: metadata(id, keyMD(tb)+endpoints)}
	for _, change := range settings {
		change(&s)
	}
	h.change(func(g *gateway) {
		for i := range g.contents.Services {
			if g.contents.Services[i].ID == id {
				g.contents.Services[i].Bindings = slices.Clone(g.contents.Services[i].Bindings)
				g.contents.Services[i].Bindings[0] = bind(tb, entity(id), s)
			}
		}
	})
	p := newParty(tb, h, id)
	p.signWith(theirs)
	p.SloURL = *must(url.Parse(logoutAt(id) + "/post"))
	signer, err := saml.NewSigner(theirs.key, theirs.certificate.Raw)
	if err != nil {
		tb.Fatal(err)
	}
	return &leaver{p, signer, theirs, id}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// session is what the service was told of a session.
type toldSession struct {
	NameID       string `json:"name_id"`
	Format       string `json:"format"`
	Qualifier    string `json:"qualifier"`
	SPQualifier  string `json:"sp_qualifier"`
	SessionIndex string `json:"session_index"`
}

// signsIn begins a session and gives what the service knows of it.
func (l *leaver) signsIn(tb testing.TB) toldSession {
	tb.Helper()
	if got := l.house.posted(tb, document(tb, l.request(tb, crewjam.HTTPPostBinding)), ""); got.status != http.StatusOK && got.status != http.StatusSeeOther {
		tb.Fatalf("status %d (%s)", got.status, l.house.fault())
	}
	var s toldSession
	if err := json.Unmarshal(l.house.joined.State, &s); err != nil {
		tb.Fatal(err)
	}
	return s
}

// wants is a good request of the service to end a session, changed.
func (l *leaver) wants(s toldSession, to string, changes ...func(*saml.LogoutRequest)) *saml.LogoutRequest {
	q := &saml.LogoutRequest{
		ID: saml.NewID(), IssueInstant: l.house.clock.Now(), Destination: l.house.base + to, Issuer: entity(l.id), Sessions: []string{s.SessionIndex},
		NameID: saml.NameID{Value: s.NameID, Format: s.Format, NameQualifier: s.Qualifier, SPNameQualifier: s.SPQualifier},
	}
	for _, change := range changes {
		change(q)
	}
	return q
}

func (l *leaver) signed(tb testing.TB, q *saml.LogoutRequest) []byte {
	tb.Helper()
	doc, err := l.signer.AppendLogoutRequest(nil, q)
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

// byQuery sends a request by HTTP-Redirect.
func (l *leaver) byQuery(tb testing.TB, q *saml.LogoutRequest, relay string) page {
	tb.Helper()
	query, err := l.signer.Query(saml.Outbound{XML: must(saml.AppendLogoutRequest(nil, q)), RelayState: relay})
	if err != nil {
		tb.Fatal(err)
	}
	return l.house.at(tb, http.MethodGet, "/saml/slo?"+query, nil, "")
}

// byForm sends a message by HTTP-POST.
func (l *leaver) byForm(tb testing.TB, name string, doc []byte, relay string) page {
	tb.Helper()
	form := url.Values{name: {saml.EncodePost(doc)}}
	if relay != "" {
		form.Set("RelayState", relay)
	}
	return l.house.at(tb, http.MethodPost, "/saml/slo", strings.NewReader(form.Encode()), "application/x-www-form-urlencoded")
}

// bySOAP sends a message in an envelope.
func (l *leaver) bySOAP(tb testing.TB, path string, doc []byte) page {
	tb.Helper()
	return l.house.at(tb, http.MethodPost, path, strings.NewReader(string(saml.AppendEnvelope(nil, doc))), saml.ContentTypeSOAP)
}

func (h *house) at(tb testing.TB, method, path string, body *strings.Reader, kind string) page {
	tb.Helper()
	if body == nil {
		body = strings.NewReader("")
	}
	r, err := http.NewRequest(method, h.base+path, body)
	if err != nil {
		tb.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	return do(tb, r)
}

// answered reads an answer to a sign-out wherever it is, and holds it to our signature.
func (h *house) answered(tb testing.TB, got page, to string) (saml.LogoutResponse, string) {
	tb.Helper()
	public := publics(keystest.Ring(tb).Signer(keys.UseSAML))
	if got.action() != "" {
		if got.action() != to {
			tb.Fatalf("form to %s", got.action())
		}
		a, err := saml.VerifyLogoutResponse(got.response(tb), public)
		if err != nil || a.Destination != to {
			tb.Fatalf("%v, for %s", err, a.Destination)
		}
		return a, got.field("RelayState")
	}
	at, err := url.Parse(got.header.Get("Location"))
	if err != nil || got.status != http.StatusSeeOther || !strings.HasPrefix(at.String(), to) {
		tb.Fatalf("status %d to %s (%s)", got.status, at, h.fault())
	}
	query := strings.TrimPrefix(at.RawQuery, "x=1&")
	in, err := saml.DecodeRedirect(query)
	if err != nil || !in.Response {
		tb.Fatal(err)
	}
	if err := in.VerifyDetached(public); err != nil {
		tb.Fatal(err)
	}
	a, err := saml.ParseLogoutResponse(in.XML)
	if err != nil || a.HasSignature || a.Destination != to {
		tb.Fatalf("%v, for %s", err, a.Destination)
	}
	return a, in.RelayState
}

const (
	minute = time.Minute
	forms  = "application/x-www-form-urlencoded"
)

var _ idp.Gateway = (*gateway)(nil)
