package samlsp_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"html"
	"log/slog"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
	"ecluse/internal/store"
	"ecluse/internal/store/memdb"
	"ecluse/internal/upstream"
	"ecluse/internal/upstream/samlsp"
	"ecluse/internal/upstream/upstreamtest"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

const (
	idpEntity = "https://ent.example.org/idp"
	ssoURL    = "https://ent.example.org/sso"
	postURL   = "https://ent.example.org/sso/post"
	home      = "/entrer?vers=sites"
)

// identity is a provider's key in its container.
type identity struct {
	key *rsa.PrivateKey
	der []byte
}

func newIdentity() identity { return lasting(9) }

// lasting is a key whose container is good for some years from a year ago on.
func lasting(years int) identity {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "ent"},
		NotBefore: webtest.Now().AddDate(-1, 0, 0), NotAfter: webtest.Now().AddDate(years-1, 0, -1),
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	return identity{key, der}
}

// Keys cost seconds under the race detector, so that all tests share them.
var (
	provider   = sync.OnceValue(newIdentity)
	stranger   = sync.OnceValue(newIdentity)
	shortLived = sync.OnceValue(func() identity { return lasting(1) })
	ring       struct {
		once sync.Once
		*keys.Ring
	}
	pages struct {
		once   sync.Once
		kit    *web.Kit
		faults upstreamtest.Log // of all tests: nothing personal may ever stand there
	}
)

func sharedKit(t testing.TB) *web.Kit {
	t.Helper()
	pages.once.Do(func() {
		pages.kit = webtest.NewWith(t, web.Config{Report: func(_ context.Context, _ web.Ref, fault *web.Fault) {
			_, _ = pages.faults.Write([]byte(fault.Error() + "\n"))
		}})
	})
	return pages.kit
}

func sharedRing(t testing.TB) *keys.Ring {
	t.Helper()
	ring.once.Do(func() { ring.Ring = keystest.Ring(t) })
	return ring.Ring
}

func (i identity) base64() string { return base64.StdEncoding.EncodeToString(i.der) }

// theirXML is the provider's metadata.
func theirXML(who identity, change ...string) string {
	doc := `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:shibmd="urn:mace:shibboleth:metadata:1.0" ID="_m" entityID="` + idpEntity + `" validUntil="2027-01-01T00:00:00Z">
<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><Extensions><shibmd:Scope>Ent.Example.org</shibmd:Scope></Extensions>
<KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>` + who.base64() + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>
<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://ent.example.org/slo"/>
<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="` + ssoURL + `"/>
<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="` + postURL + `"/>
</IDPSSODescriptor></EntityDescriptor>`
	return strings.NewReplacer(change...).Replace(doc)
}

// gate is a gateway around one connector.
type gate struct {
	*samlsp.Connector
	now     func() time.Time
	mux     *web.Mux
	host    *browsers
	tickets store.Tickets
	logged  *upstreamtest.Log
	kit     *web.Kit
	id      string
}

// browsers is a host that knows one browser and can be told that another one asks.
type browsers struct {
	upstreamtest.Host
	foreign bool
}

func (b *browsers) Asked(r *http.Request, id string) (upstream.Challenge, error) {
	if b.foreign {
		return upstream.Challenge{}, &web.Fault{Status: http.StatusGone, Code: "SES-410", Kind: "bad-request"}
	}
	return b.Host.Asked(r, id)
}

// setup is what a test may change of a gate.
type setup struct {
	settings map[string]any // over the usual ones; nil removes one
	tickets  store.Tickets
	now      func() time.Time
	mapping  *person.Mapping
	id       string
	keys     samlsp.Keys
	path     func(string) string
}

func newGate(t testing.TB, with setup) *gate {
	t.Helper()
	c, g := prepare(t, with)
	connector, err := samlsp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	g.Connector = connector
	t.Cleanup(func() { _ = connector.Close() })
	g.mount()
	return g
}

func (g *gate) mount() {
	g.mux = web.NewMux(g.kit)
	g.host.Leaver = g.Connector
	g.Mount(g.mux, "/source/"+g.id, g.host)
}

func at(i identity) *identity { return &i }

func prepare(t testing.TB, with setup) (samlsp.Config, *gate) {
	t.Helper()
	g := &gate{now: webtest.Now, host: &browsers{}, logged: &upstreamtest.Log{}}
	if with.now != nil {
		g.now = with.now
	}
	if g.tickets = with.tickets; g.tickets == nil {
		g.tickets = memdb.New(g.now)
	}
	settings := map[string]any{"metadata": theirXML(provider())}
	maps.Copy(settings, with.settings)
	maps.DeleteFunc(settings, func(_ string, v any) bool { return v == nil })
	c := samlsp.Config{
		Source: registry.Source{ID: "ent", Connector: "saml", Authority: "ac", Settings: settings, Mapping: with.mapping},
		Kit:    sharedKit(t), Tickets: g.tickets, Keys: sharedRing(t), Now: g.now, Log: slog.New(slog.NewTextHandler(g.logged, nil)), Home: home,
		Path: func(name string) string { return filepath.Join(t.TempDir(), name) },
	}
	if with.id != "" {
		c.Source.ID = with.id
	}
	g.kit, g.id = c.Kit, c.Source.ID
	g.host.Use = g.use
	if with.keys != nil {
		c.Keys = with.keys
	}
	if with.path != nil {
		c.Path = with.path
	}
	return c, g
}

// use writes what an answer uses up.
func (g *gate) use(ctx context.Context, a upstream.Assertion) error {
	switch err := g.tickets.Write(ctx, a.With...); {
	case errors.Is(err, store.ErrExists), errors.Is(err, store.ErrNotFound):
		return upstream.ErrUsed
	case err != nil:
		return web.Unavailable(err)
	}
	return nil
}

// begin begins a challenge as the gateway does.
func (g *gate) begin(w http.ResponseWriter, r *http.Request, challenge upstream.Challenge) error {
	ops, err := g.Prepare(r.Context(), &challenge)
	if err == nil {
		err = g.tickets.Write(r.Context(), ops...)
	}
	if err != nil {
		return err
	}
	return g.Begin(w, r, challenge)
}

// sent is a request as the browser carries it.
type sent struct {
	saml.AuthnRequest
	saml.Inbound
	target string
	status int
}

// ask begins a challenge and reads what the browser is told to carry.
func (g *gate) ask(t testing.TB, challenge upstream.Challenge) sent {
	t.Helper()
	if challenge.ID == "" {
		challenge.ID = upstreamtest.Challenge
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, webtest.Origin+"/flow/x", nil)
	if err := g.begin(w, r, challenge); err != nil {
		t.Fatal(err)
	}
	s := carried(t, w)
	request, err := saml.ParseAuthnRequest(s.XML)
	if err != nil {
		t.Fatal(err)
	}
	s.AuthnRequest = request
	return s
}

func carried(t testing.TB, w *httptest.ResponseRecorder) sent {
	t.Helper()
	s := sent{status: w.Code, target: w.Header().Get("Location")}
	if refresh := regexp.MustCompile(`http-equiv="refresh" content="0;url=([^"]*)"`).FindStringSubmatch(w.Body.String()); refresh != nil {
		s.target = html.UnescapeString(refresh[1])
	}
	var err error
	if s.target != "" {
		_, query, _ := strings.Cut(s.target, "?")
		s.Inbound, err = saml.DecodeRedirect(query)
	} else {
		s.Inbound, s.target, err = inForm(w.Body.String())
	}
	if err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	return s
}

func inForm(page string) (saml.Inbound, string, error) {
	form := url.Values{}
	for _, field := range regexp.MustCompile(`name="(SAMLRequest|SAMLResponse|RelayState)" value="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		form.Set(field[1], html.UnescapeString(field[2]))
	}
	in, err := saml.DecodePost(form)
	action := regexp.MustCompile(`action="(https?:[^"]*)"`).FindStringSubmatch(page)
	if action == nil {
		return in, "", err
	}
	return in, html.UnescapeString(action[1]), err
}

// answer posts what a provider says from its own site.
func (g *gate) answer(document, relay string) *httptest.ResponseRecorder {
	form := url.Values{"SAMLResponse": {saml.EncodePost([]byte(document))}}
	if relay != "" {
		form.Set("RelayState", relay)
	}
	return g.post("/source/ent/acs", form)
}

func (g *gate) post(path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, webtest.Origin+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Origin", "https://ent.example.org")
	r.TLS = &tls.ConnectionState{}
	w := httptest.NewRecorder()
	g.mux.ServeHTTP(w, r)
	return w
}

// theirAnswer is what the provider says to a request, unsigned, dated at.
func theirAnswer(q saml.AuthnRequest, at time.Time, change ...string) string {
	stamp := func(d time.Duration) string { return at.Add(d).UTC().Format("2006-01-02T15:04:05.000Z") }
	doc := `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r1" Version="2.0" IssueInstant="` + stamp(0) + `" Destination="` + q.ACSURL + `" InResponseTo="` + q.ID + `"><saml:Issuer>` + idpEntity + `</saml:Issuer>` +
		`<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>` +
		`<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a` + q.ID + `" Version="2.0" IssueInstant="` + stamp(1) + `"><saml:Issuer>` + idpEntity + `</saml:Issuer>` +
		`<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">p-71f2</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData InResponseTo="` + q.ID + `" NotOnOrAfter="` + stamp(5*time.Minute) + `" Recipient="` + q.ACSURL + `"/></saml:SubjectConfirmation></saml:Subject>` +
		`<saml:Conditions NotBefore="` + stamp(-time.Minute) + `" NotOnOrAfter="` + stamp(5*time.Minute) + `"><saml:AudienceRestriction><saml:Audience>` + q.Issuer + `</saml:Audience></saml:AudienceRestriction></saml:Conditions>` +
		`<saml:AuthnStatement AuthnInstant="` + stamp(0) + `" SessionIndex="s1" SessionNotOnOrAfter="` + stamp(time.Hour) + `"><saml:AuthnContext><saml:AuthnContextClassRef>` + saml.ClassPasswordTransport + `</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>` +
		`<saml:AttributeStatement><saml:Attribute Name="ENTPersonJointure"><saml:AttributeValue>AC$1234</saml:AttributeValue></saml:Attribute><saml:Attribute Name="sn"><saml:AttributeValue>Petit</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>` +
		`</saml:Assertion></samlp:Response>`
	return strings.NewReplacer(change...).Replace(doc)
}

// signed signs one element of the document, by its ID, with an implementation that is not ours.
func signed(t testing.TB, who identity, document, element string) string {
	t.Helper()
	doc := etree.NewDocument()
	if err := doc.ReadFromString(document); err != nil {
		t.Fatal(err)
	}
	ctx := dsig.NewDefaultSigningContext(dsig.TLSCertKeyStore(tls.Certificate{Certificate: [][]byte{who.der}, PrivateKey: who.key}))
	ctx.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	if err := ctx.SetSignatureMethod(dsig.RSASHA256SignatureMethod); err != nil {
		t.Fatal(err)
	}
	target := doc.Root()
	if target.Tag != element {
		target = doc.FindElement("//" + element)
	}
	signature, err := ctx.ConstructSignature(target, true)
	if err != nil {
		t.Fatal(err)
	}
	target.InsertChildAt(1, signature) // behind the Issuer, or first
	out, err := doc.WriteToString()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// signsIn answers a request rightly but for the changes, signed as an assertion, and posts it.
func (g *gate) signsIn(t testing.TB, q sent, change ...string) *httptest.ResponseRecorder {
	t.Helper()
	return g.answer(signed(t, provider(), theirAnswer(q.AuthnRequest, g.now(), change...), "Assertion"), q.RelayState)
}

// nobody makes sure that nobody was signed in, and that the reason holds nothing of the person.
func (g *gate) nobody(t testing.TB) {
	t.Helper()
	if n := len(g.host.Signed()); n != 0 {
		t.Errorf("%d people were signed in", n)
	}
	g.silent(t)
}

func (g *gate) silent(t testing.TB) {
	t.Helper()
	said := g.logged.String() + pages.faults.String()
	for _, err := range g.host.Failures() {
		said += err.Error()
	}
	for _, personal := range []string{"p-71f2", "AC$1234", "Petit"} {
		if strings.Contains(said, personal) {
			t.Errorf("%s is in %s", personal, said)
		}
	}
}
