package app_test

import (
	"bytes"
	"context"
	"crypto"
	"encoding/xml"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/idp/samlidp"
	"ecluse/internal/keys"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
	"ecluse/internal/saml"
	"ecluse/internal/upstream"
	"ecluse/internal/upstream/ldap"
	"ecluse/internal/upstream/ldap/ldaptest"
	"ecluse/internal/upstream/upstreamtest"
	"ecluse/internal/web"
)

// twoWays is a source that a browser is sent to, and whose passwords a directory checks.
type twoWays struct {
	*idptest.Source
	directory *ldap.Connector
}

// CheckPassword implements upstream.PasswordChecker.
func (s twoWays) CheckPassword(ctx context.Context, from netip.Addr, login, password string) (upstream.Assertion, error) {
	return s.directory.CheckPassword(ctx, from, login, password)
}

// rich is a house whose services may be asked for by programs, with a real directory behind it.
type rich struct {
	*idptest.House
	directory *ldaptest.Server
}

func newRich(t *testing.T) *rich {
	t.Helper()
	h := idptest.NewHouse(t, idptest.Options{Ring: idptest.NewRing(t), Case: idptest.Case{
		Protocol: func(tb testing.TB, k idptest.Tools) idp.Protocol {
			p, err := samlidp.New(samlidp.Config{Kit: k.Kit, Keys: k.Ring, Tickets: k.Tickets, Now: k.Now, Watch: k.Watch, ECP: true})
			if err != nil {
				tb.Fatal(err)
			}
			return p
		},
		Binding: func(tb testing.TB, service string) registry.Binding {
			return registry.Binding{Protocol: "saml", Handle: richEntity(service), Settings: object(t, samlidp.Settings{ECP: idptest.ENT, Metadata: richMetadata(service)})}
		},
	}})
	r := &rich{h, ldaptest.Start(t)}
	h.Registry.Change(func(c *registry.Contents) {
		for _, uai := range []person.UAI{ldaptest.College, ldaptest.Lycee, ldaptest.Dunes} {
			c.Establishments = append(c.Establishments, registry.Establishment{UAI: uai, Name: string(uai), Kind: registry.College, Academy: "demo"})
		}
		registrytest.Cover(c)
	})
	source, err := ldap.New(ldap.Config{
		Source: registry.Source{ID: idptest.ENT, Connector: "ldap", Authority: "academie", Settings: r.directory.Settings()},
		Kit:    h.Kit, Tickets: h.Tickets, Keys: upstreamtest.Namer("a key"), Now: h.Now, Log: slog.New(slog.DiscardHandler), Path: func(s string) string { return s },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = source.Close() })
	h.Sources[idptest.ENT].People["omar"] = map[string][]string{
		"ENTPersonJointure": {"AC-RENNES$3003"}, "ENTPersonFonctions": {ldaptest.Dunes + "$ENS$1"},
	}
	h.Flow.Connectors[idptest.ENT] = twoWays{h.Sources[idptest.ENT], source}
	mux := web.NewMux(h.Kit)
	h.Flow.Mount(mux)
	h.Handler = mux
	return r
}

func richEntity(service string) string { return "https://" + service + ".example/sp" }

func richACS(service string) string { return "https://" + service + ".example/paos" }

func richMetadata(service string) string {
	return `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="` + richEntity(service) + `"><SPSSODescriptor ` +
		`protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><AssertionConsumerService index="0" Binding="` + saml.BindingPOST +
		`" Location="https://` + service + `.example/acs"/><AssertionConsumerService index="1" Binding="` + saml.BindingPAOS +
		`" Location="` + richACS(service) + `"/></SPSSODescriptor></EntityDescriptor>`
}

// paosRequest is what the program gets from the service that it wants (SAML Bindings 3.3, Profiles 4.2.3.1): its headers are for
// the program, the request in the body for us.
func paosRequest(service string, now time.Time) string {
	return `<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Header><paos:Request xmlns:paos="urn:liberty:paos:2003-08" ` +
		`responseConsumerURL="` + richACS(service) + `" service="urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp" S:mustUnderstand="1" ` +
		`S:actor="http://schemas.xmlsoap.org/soap/actor/next"/></S:Header><S:Body><samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ` +
		`ID="` + saml.NewID() + `" Version="2.0" IssueInstant="` + now.UTC().Format(time.RFC3339) + `" ProtocolBinding="` + saml.BindingPAOS +
		`" AssertionConsumerServiceURL="` + richACS(service) + `"><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">` + richEntity(service) +
		`</saml:Issuer></samlp:AuthnRequest></S:Body></S:Envelope>`
}

// opens is a program, with a parser that is not ours: it takes the request to us, without the service's headers, and looks
// whether our answer is for the address that the service named. What it would hand to the service is read as the service
// does.
func (r *rich) opens(t *testing.T, service, login, password string) (status int, said saml.Facts) {
	t.Helper()
	var from struct {
		Request struct {
			To string `xml:"responseConsumerURL,attr"`
		} `xml:"Header>Request"`
		Body struct {
			Inner []byte `xml:",innerxml"`
		} `xml:"Body"`
	}
	if err := xml.Unmarshal([]byte(paosRequest(service, r.Now())), &from); err != nil {
		t.Fatal(err)
	}
	q := httptest.NewRequest(http.MethodPost, idptest.Origin+"/saml/ecp", bytes.NewReader(saml.AppendEnvelope(nil, from.Body.Inner)))
	q.Header.Set("Content-Type", "text/xml")
	q.SetBasicAuth(login, password)
	w := httptest.NewRecorder()
	r.Handler.ServeHTTP(w, q)
	if w.Code != http.StatusOK {
		return w.Code, said
	}
	var to struct {
		Answer struct {
			ACS string `xml:"AssertionConsumerServiceURL,attr"`
		} `xml:"Header>Response"`
		Body struct {
			Inner []byte `xml:",innerxml"`
		} `xml:"Body"`
	}
	if err := xml.Unmarshal(w.Body.Bytes(), &to); err != nil || to.Answer.ACS != from.Request.To {
		t.Fatalf("%v: %s", err, w.Body)
	}
	said, err := saml.ReadResponse(to.Body.Inner, []crypto.PublicKey{r.Ring.Signer(keys.UseSAML).Public()})
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, said
}

// told has somebody told in a browser what leaves for a service: whoever was told once need not be told again.
func (r *rich) told(t *testing.T, service, who string) {
	t.Helper()
	document, err := saml.AppendAuthnRequest(nil, &saml.AuthnRequest{
		ID: saml.NewID(), IssueInstant: r.Now(), Issuer: richEntity(service), Destination: idptest.Origin + "/saml/sso",
		ACSURL: "https://" + service + ".example/acs",
	})
	if err != nil {
		t.Fatal(err)
	}
	query, err := saml.Outbound{XML: document}.Query()
	if err != nil {
		t.Fatal(err)
	}
	b := r.Browser(t)
	p := b.Get("/saml/sso?" + query)
	if p = b.As(p, who); p.Offers("place") {
		p = b.Submit(p, "place", 0)
	}
	if p.Offers("inform") {
		p = b.Submit(p, "inform", 0, "act", "informed")
	}
	if p.Landing == nil {
		t.Fatalf("status %d at %s: %s", p.Status, p.URL, p.Text())
	}
}

// journaled lists how often each reason of a refusal stands in the journal.
func (r *rich) journaled() map[string]int {
	out := map[string]int{}
	for _, e := range r.Journal.Entries() {
		if e.Outcome == audit.Refused {
			out[e.Reason]++
		}
	}
	return out
}

// A program lets nobody in who would have to read something first: omar is told in a browser, and then a program serves
// him with the directory's password.
func TestAProgramSignsStaffInWithTheDirectorysPassword(t *testing.T) {
	t.Parallel()
	r := newRich(t)
	if status, said := r.opens(t, "calcul", "omar.leroy", ldaptest.Password); status != http.StatusOK || said.StatusDetail != saml.StatusNoPassive {
		t.Fatalf("before anything was told: status %d, %s", status, said.StatusDetail)
	}
	r.told(t, "calcul", "omar")
	before := len(r.Journal.Entries())
	_, said := r.opens(t, "calcul", "omar.leroy", ldaptest.Password)
	if said.Status != saml.StatusSuccess || said.Destination != richACS("calcul") {
		t.Fatalf("%s, %s: %v", said.Status, said.StatusDetail, r.journaled())
	}
	a := said.Assertion
	if a.Class != saml.ClassPasswordTransport || a.NameID.Format != saml.NameIDPersistent || a.Confirmations[0].Recipient != richACS("calcul") || len(a.Attributes) == 0 {
		t.Errorf("%s as %s", a.Class, a.NameID.Format)
	}
	entries := r.Journal.Entries()[before:]
	if len(entries) != 2 || entries[0].Action != "sign_in" || entries[0].Source != idptest.ENT || entries[1].Outcome != audit.Released {
		t.Errorf("%v", entries)
	}
	browser := r.Browser(t)
	if p := browser.Get("/signout"); strings.Contains(p.Text(), "Omar") {
		t.Error("a program left a session")
	}
}

func TestAProgramIsRefusedWhateverWouldNeedAPage(t *testing.T) {
	t.Parallel()
	r := newRich(t)
	r.told(t, "calcul", "omar")
	for _, c := range []struct {
		why, service, login string
		change              func(*registry.Contents)
		detail, reason      string
	}{
		{"several schools", "calcul", "nadia.bernard", nil, saml.StatusNoPassive, "page_needed"},
		{"a pupil", "calcul", "lea.martin", nil, saml.StatusRequestDenied, "not_for_profile"},
		{"a parent", "calcul", "paul.martin", nil, saml.StatusRequestDenied, "not_for_profile"},
		{"not told yet", "annee", "omar.leroy", nil, saml.StatusNoPassive, "page_needed"},
		{"nothing declared", "muette", "omar.leroy", nil, saml.StatusRequestDenied, "no_declaration"},
		{"suspended", "ferme", "omar.leroy", nil, saml.StatusRequestDenied, "declaration_suspended"},
		{"not as declared any more", "calcul", "omar.leroy", func(c *registry.Contents) {
			for i := range c.Declarations {
				if c.Declarations[i].ServiceID == "calcul" {
					c.Declarations[i].Items = append(c.Declarations[i].Items, registry.Item{Attr: "classes", Justification: registry.Text{FR: "x"}})
				}
			}
		}, saml.StatusNoPassive, "page_needed"},
		{"a source that is stopped", "calcul", "omar.leroy", func(c *registry.Contents) { c.Sources[0].Suspended = true }, saml.StatusAuthnFailed, "no_source"},
		{"a source that cannot", "calcul", "omar.leroy", func(c *registry.Contents) { rebind(c, "calcul", idptest.ENT, idptest.Desk) }, saml.StatusAuthnFailed, "no_source"},
		{"a source that nobody knows", "calcul", "omar.leroy", func(c *registry.Contents) { rebind(c, "calcul", idptest.Desk, "nobody") }, saml.StatusRequestDenied, "unknown_source"},
	} {
		before := r.journaled()[c.reason]
		if c.change != nil {
			r.Registry.Change(c.change)
		}
		status, said := r.opens(t, c.service, c.login, ldaptest.Password)
		if status != http.StatusOK || said.StatusDetail != c.detail || said.Assertion != nil || r.journaled()[c.reason] != before+1 {
			t.Errorf("%s: status %d, %s; %v", c.why, status, said.StatusDetail, r.journaled())
		}
	}
	released := 0
	for _, e := range r.Journal.Entries() {
		if e.Outcome == audit.Released {
			released++
		}
	}
	if released != 1 { // in the browser
		t.Errorf("%d releases", released)
	}
}

// rebind has another source check the passwords for a service.
func rebind(c *registry.Contents, service, from, to string) {
	for i := range c.Services {
		if c.Services[i].ID == service {
			b := c.Services[i].Bindings[0]
			b.Settings = bytes.Replace(b.Settings, []byte(`"ecp":"`+from+`"`), []byte(`"ecp":"`+to+`"`), 1)
			c.Services[i].Bindings = []registry.Binding{b}
		}
	}
}

// The limits are those of the page: a wrong password of a program counts, and none is told from an unknown login.
func TestAProgramGuessesNoMoreThanAPage(t *testing.T) {
	t.Parallel()
	r := newRich(t)
	for i := range upstream.VisitorLimit {
		if status, _ := r.opens(t, "calcul", "omar.leroy", "pluie"); status != http.StatusUnauthorized {
			t.Fatalf("guess %d: status %d", i, status)
		}
	}
	for _, password := range []string{"pluie", ldaptest.Password} {
		if status, _ := r.opens(t, "calcul", "omar.leroy", password); status != http.StatusTooManyRequests {
			t.Errorf("after %d guesses: status %d", upstream.VisitorLimit, status)
		}
	}
	for _, login := range []string{"nobody", "double", " ", ""} {
		if status, _ := r.opens(t, "calcul", login, ldaptest.Password); status != http.StatusUnauthorized {
			t.Errorf("%q: status %d", login, status)
		}
	}
	if status, _ := r.opens(t, "calcul", "helene.petit", ""); status != http.StatusUnauthorized {
		t.Errorf("an empty password: status %d", status)
	}
	r.directory.Stop()
	if status, said := r.opens(t, "calcul", "helene.petit", ldaptest.Password); status != http.StatusOK || said.StatusDetail != saml.StatusAuthnFailed {
		t.Errorf("without the directory: status %d, %s", status, said.StatusDetail)
	}
}
