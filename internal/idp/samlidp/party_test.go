package samlidp_test

import (
	"bytes"
	"compress/flate"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"html"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beevik/etree"
	crewjam "github.com/crewjam/saml"
	dsig "github.com/russellhaering/goxmldsig"
)

func entity(id string) string { return "https://" + id + ".example/saml" }
func acs(id string) string    { return "https://" + id + ".example/acs" }

// pair is a service's key with its certificate.
type pair struct {
	key         *rsa.PrivateKey
	certificate *x509.Certificate
}

func newPair(tb testing.TB) pair {
	tb.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sp.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		tb.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	return pair{key, certificate}
}

// sharedPairs are the key that services register and one that nobody knows.
var sharedPairs struct {
	once           sync.Once
	theirs, forged pair
}

func pairs(tb testing.TB) (theirs, forged pair) {
	tb.Helper()
	sharedPairs.once.Do(func() { sharedPairs.theirs, sharedPairs.forged = newPair(tb), newPair(tb) })
	return sharedPairs.theirs, sharedPairs.forged
}

const plainMD = `<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">`

func keyMD(tb testing.TB) string {
	tb.Helper()
	theirs, _ := pairs(tb)
	return plainMD + `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>` +
		base64.StdEncoding.EncodeToString(theirs.certificate.Raw) + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`
}

func signedMD(tb testing.TB) string {
	tb.Helper()
	return strings.Replace(keyMD(tb), "<md:SPSSODescriptor ", `<md:SPSSODescriptor AuthnRequestsSigned="true" `, 1)
}

// metadata is that of a service: three addresses by POST, one by artifact.
func metadata(id, role string) string {
	at := func(index int, binding, location, more string) string {
		return fmt.Sprintf(`<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:%s" Location="%s" index="%d"%s/>`,
			binding, location, index, more)
	}
	return `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="` + entity(id) + `">` + role +
		at(0, "HTTP-POST", acs(id)+"/other", "") + at(1, "HTTP-POST", acs(id), ` isDefault="true"`) +
		at(2, "HTTP-Artifact", acs(id)+"/artifact", "") + at(7, "HTTP-POST", acs(id)+"?tenant=1&amp;x=%41", "") +
		`</md:SPSSODescriptor></md:EntityDescriptor>`
}

// party is a service played by a library that is not ours.
type party struct {
	*crewjam.ServiceProvider
	house *house
}

// newParty reads our metadata as a service would.
func newParty(tb testing.TB, h *house, id string) *party {
	tb.Helper()
	response, err := http.Get(h.base + "/saml/metadata")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var idp crewjam.EntityDescriptor
	if err := xml.NewDecoder(response.Body).Decode(&idp); err != nil {
		tb.Fatalf("our metadata: %v", err)
	}
	address, err := url.Parse(acs(id))
	if err != nil {
		tb.Fatal(err)
	}
	sp := &crewjam.ServiceProvider{
		EntityID: entity(id), AcsURL: *address, IDPMetadata: &idp, AuthnNameIDFormat: crewjam.PersistentNameIDFormat,
	}
	if id == "signe" || id == "exige" {
		theirs, _ := pairs(tb)
		sp.Key, sp.Certificate, sp.SignatureMethod = theirs.key, theirs.certificate, dsig.RSASHA256SignatureMethod
	}
	return &party{sp, h}
}

// signWith makes the party sign with a key.
func (p *party) signWith(with pair) {
	p.Key, p.Certificate, p.SignatureMethod = with.key, with.certificate, dsig.RSASHA256SignatureMethod
}

// request is a good request, changed and signed for its binding as the party does.
func (p *party) request(tb testing.TB, binding string, changes ...func(*crewjam.AuthnRequest)) *crewjam.AuthnRequest {
	tb.Helper()
	method := p.SignatureMethod
	p.SignatureMethod = ""
	r, err := p.MakeAuthenticationRequest(p.GetSSOBindingLocation(binding), binding, crewjam.HTTPPostBinding)
	p.SignatureMethod = method
	if err != nil {
		tb.Fatal(err)
	}
	r.IssueInstant = p.house.clock.Now()
	for _, change := range changes {
		change(r)
	}
	if method != "" && binding == crewjam.HTTPPostBinding {
		if err := p.SignAuthnRequest(r); err != nil {
			tb.Fatal(err)
		}
	}
	return r
}

// document is the XML of a request.
func document(tb testing.TB, r *crewjam.AuthnRequest) string {
	tb.Helper()
	doc := etree.NewDocument()
	doc.SetRoot(r.Element())
	out, err := doc.WriteToString()
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// query sends a request by HTTP-Redirect. RelayState must be fit for a query as it is.
func (p *party) query(tb testing.TB, r *crewjam.AuthnRequest, relay string) string {
	tb.Helper()
	destination := r.Destination
	r.Destination = p.house.base + "/saml/sso"
	u, err := r.Redirect(relay, p.ServiceProvider)
	if err != nil {
		tb.Fatal(err)
	}
	if r.Destination = destination; destination != p.house.base+"/saml/sso" {
		tb.Fatal("query: send requests for other destinations as XML")
	}
	return u.RawQuery
}

// deflated is the value of SAMLRequest for XML by HTTP-Redirect.
func deflated(tb testing.TB, document string) string {
	tb.Helper()
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := io.WriteString(w, document); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return url.QueryEscape(base64.StdEncoding.EncodeToString(packed.Bytes()))
}

// page is what came back to the browser.
type page struct {
	status int
	header http.Header
	body   string
}

// action is where the form leads, if there is one.
func (p page) action() string {
	m := regexp.MustCompile(`<form[^>]* action="([^"]*)"`).FindStringSubmatch(p.body)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

func (p page) field(name string) string {
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`).FindAllStringSubmatch(p.body, -1) {
		if m[1] == name {
			return html.UnescapeString(m[2])
		}
	}
	return ""
}

// response is the XML that the form carries.
func (p page) response(tb testing.TB) []byte {
	tb.Helper()
	out, err := base64.StdEncoding.DecodeString(p.field("SAMLResponse"))
	if err != nil || len(out) == 0 {
		tb.Fatalf("status %d: no SAMLResponse in the page", p.status)
	}
	return out
}

// browser follows nothing by itself.
var browser = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func do(tb testing.TB, r *http.Request) page {
	tb.Helper()
	response, err := browser.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return page{response.StatusCode, response.Header, string(body)}
}

func (h *house) get(tb testing.TB, query string) page {
	tb.Helper()
	r, err := http.NewRequest(http.MethodGet, h.base+"/saml/sso?"+query, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return do(tb, r)
}

// post sends a form as a browser does from another site.
func (h *house) post(tb testing.TB, form url.Values) page {
	tb.Helper()
	r, err := http.NewRequest(http.MethodPost, h.base+"/saml/sso", strings.NewReader(form.Encode()))
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://lire.example")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	return do(tb, r)
}

// posted sends XML by HTTP-POST.
func (h *house) posted(tb testing.TB, document, relay string) page {
	tb.Helper()
	form := url.Values{"SAMLRequest": {base64.StdEncoding.EncodeToString([]byte(document))}}
	if relay != "" {
		form.Set("RelayState", relay)
	}
	return h.post(tb, form)
}

// accepts has the library check the answer to a request.
func (p *party) accepts(tb testing.TB, got page, id string) *crewjam.Assertion {
	tb.Helper()
	assertion, err := p.ParseXMLResponse(got.response(tb), []string{id}, p.AcsURL)
	if err != nil {
		var why *crewjam.InvalidResponseError
		if ok := asInvalid(err, &why); ok {
			err = why.PrivateErr
		}
		tb.Fatalf("the service refuses the answer: %v", err)
	}
	return assertion
}

func asInvalid(err error, into **crewjam.InvalidResponseError) bool {
	e, ok := err.(*crewjam.InvalidResponseError) //nolint:errorlint // the library returns it bare
	*into = e
	return ok
}
