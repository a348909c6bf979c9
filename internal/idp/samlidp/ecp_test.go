package samlidp_test

import (
	"bytes"
	"context"
	"crypto"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/idp/samlidp"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
)

func spoken(c *samlidp.Config) { c.ECP = true }

const rightPassword = "soleil-42"

// ByPassword lets one person in, from one source.
func (g *gateway) ByPassword(ctx context.Context, request idp.Request, who idp.Password) (idp.Handoff, error) {
	switch {
	case g.waits > 0:
		return idp.Handoff{}, idp.WaitError{For: g.waits}
	case who.Source != "ent" || who.Login != "nadia" || who.Secret != rightPassword:
		return idp.Handoff{}, idp.ErrPassword
	case g.says != nil:
		return idp.Handoff{}, g.says
	}
	return g.start(ctx, request)
}

// program is an enhanced client at a service of the house, cle, whose key it has where it signs.
type program struct {
	house    *house
	login    string
	password string
	id       string
	more     string // further attributes of the request
	signs    bool
	signer   *saml.Signer
}

// newProgram lets programs ask for cle.
func newProgram(tb testing.TB, h *house, settings ...func(*samlidp.Settings)) *program {
	tb.Helper()
	l := newLeaver(tb, h, "cle", "", append([]func(*samlidp.Settings){func(s *samlidp.Settings) {
		s.Metadata = strings.Replace(s.Metadata, `</md:SPSSODescriptor>`, `<md:AssertionConsumerService index="9" `+
			`Binding="urn:oasis:names:tc:SAML:2.0:bindings:PAOS" Location="`+acs("cle")+`/ecp"/></md:SPSSODescriptor>`, 1)
		s.ECP = "ent"
	}}, settings...)...)
	return &program{house: h, login: "nadia", password: rightPassword, id: saml.NewID(), signer: l.signer}
}

func (p *program) request(tb testing.TB) []byte {
	tb.Helper()
	message := []byte(`<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="` + p.id + `" Version="2.0" IssueInstant="` +
		p.house.clock.Now().UTC().Format(time.RFC3339Nano) + `"` + p.more + `><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">` +
		entity("cle") + `</saml:Issuer></samlp:AuthnRequest>`)
	if !p.signs {
		return message
	}
	signed, err := p.signer.AppendAuthnRequest(nil, &saml.AuthnRequest{
		ID: p.id, IssueInstant: p.house.clock.Now(), Issuer: entity("cle"), ACSURL: acs("cle") + "/ecp", ProtocolBinding: saml.BindingPAOS,
		Destination: p.house.base + "/saml/ecp",
	})
	if err != nil {
		tb.Fatal(err)
	}
	return signed
}

// answer is what a program is given.
type answer struct {
	*http.Response
	body []byte
}

func (p *program) asks(tb testing.TB) answer {
	tb.Helper()
	r, err := http.NewRequest(http.MethodPost, p.house.base+"/saml/ecp", bytes.NewReader(saml.AppendEnvelope(nil, p.request(tb))))
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("Content-Type", saml.ContentTypeSOAP)
	if p.login != "" {
		r.SetBasicAuth(p.login, p.password)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return answer{response, body}
}

// envelope is how a program reads one, with a parser that is not ours.
type envelope struct {
	Answer struct {
		ACS   string `xml:"AssertionConsumerServiceURL,attr"`
		Actor string `xml:"http://schemas.xmlsoap.org/soap/envelope/ actor,attr"`
		Must  string `xml:"http://schemas.xmlsoap.org/soap/envelope/ mustUnderstand,attr"`
	} `xml:"Header>Response"`
	Authentic *struct{} `xml:"Header>RequestAuthenticated"`
	Body      struct {
		Inner []byte `xml:",innerxml"`
	} `xml:"Body"`
}

func (a answer) opened(tb testing.TB) (envelope, saml.Facts) {
	tb.Helper()
	var e envelope
	if err := xml.Unmarshal(a.body, &e); err != nil || a.StatusCode != http.StatusOK {
		tb.Fatalf("status %d: %s, %v", a.StatusCode, a.body, err)
	}
	facts, err := saml.ReadResponse(e.Body.Inner, []crypto.PublicKey{keystest.Ring(tb).Signer("saml").Public()})
	if err != nil {
		tb.Fatalf("%v: %s", err, e.Body.Inner)
	}
	return e, facts
}

func TestAProgramIsAnsweredWithAnEnvelopeForTheService(t *testing.T) {
	t.Parallel()
	h := newHouse(t, spoken)
	p := newProgram(t, h)
	e, facts := p.asks(t).opened(t)
	to := acs("cle") + "/ecp"
	if e.Answer.ACS != to || e.Answer.Actor != "http://schemas.xmlsoap.org/soap/actor/next" || e.Answer.Must != "1" || e.Authentic != nil {
		t.Errorf("%+v", e)
	}
	if facts.Status != saml.StatusSuccess || facts.Destination != to || facts.InResponseTo != p.id || facts.Assertion.Confirmations[0].Recipient != to {
		t.Errorf("%v at %s, to %s", facts.Status, facts.Destination, facts.InResponseTo)
	}
	if again := p.asks(t); again.StatusCode != http.StatusInternalServerError {
		t.Errorf("the same request again: status %d", again.StatusCode)
	}
	p.id, p.signs = saml.NewID(), true
	if e, _ := p.asks(t).opened(t); e.Authentic == nil {
		t.Error("a signed request is not told to be authentic")
	}
}

func TestAProgramWithoutTheRightPasswordIsAskedForOneAndLosesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, spoken)
	p := newProgram(t, h)
	for _, wrong := range []struct{ login, password string }{{"", ""}, {"nadia", ""}, {"nadia", "pluie"}, {"omar", rightPassword}} {
		p.login, p.password = wrong.login, wrong.password
		a := p.asks(t)
		if a.StatusCode != http.StatusUnauthorized || !strings.HasPrefix(a.Header.Get("WWW-Authenticate"), "Basic realm=") || !bytes.Contains(a.body, []byte("Fault>")) {
			t.Errorf("%q: status %d, %v", wrong, a.StatusCode, a.Header)
		}
	}
	if h.starts() != 0 {
		t.Error("somebody was signed in")
	}
	h.change(func(g *gateway) { g.waits = 90 * time.Second })
	p.login, p.password = "nadia", rightPassword
	if a := p.asks(t); a.StatusCode != http.StatusTooManyRequests || a.Header.Get("Retry-After") != "91" {
		t.Errorf("status %d, %v", a.StatusCode, a.Header)
	}
	h.change(func(g *gateway) { g.waits = 0 })
	p.asks(t).opened(t) // the same request is still good
}

func TestProgramsAreForWhoeverTurnedThemOnAlone(t *testing.T) {
	t.Parallel()
	off := newHouse(t)
	if a := newProgram(t, off).asks(t); a.StatusCode != http.StatusNotFound || off.starts() != 0 {
		t.Errorf("a gateway that answers none: status %d", a.StatusCode)
	}
	if strings.Contains(off.published(t, "").body, "/saml/ecp") || !strings.Contains(newHouse(t, spoken).published(t, "").body, `/saml/ecp"></md:SingleSignOnService>`) {
		t.Error("the metadata does not tell")
	}
	for name, change := range map[string]func(*program, *samlidp.Settings){
		"a service without":   func(_ *program, s *samlidp.Settings) { s.ECP = "" },
		"another binding":     func(p *program, _ *samlidp.Settings) { p.more = ` ProtocolBinding="` + saml.BindingPOST + `"` },
		"a browser's address": func(p *program, _ *samlidp.Settings) { p.more = ` AssertionConsumerServiceURL="` + acs("cle") + `"` },
		"another Destination": func(p *program, _ *samlidp.Settings) { p.more = ` Destination="https://other.example/saml/ecp"` },
		"not signed":          func(_ *program, s *samlidp.Settings) { s.RequireSigned = true },
	} {
		h := newHouse(t, spoken)
		p := newProgram(t, h, func(s *samlidp.Settings) { change(new(program), s) })
		change(p, new(samlidp.Settings))
		if a := p.asks(t); a.StatusCode != http.StatusInternalServerError || !bytes.Contains(a.body, []byte("faultcode>soap:Client")) || h.starts() != 0 {
			t.Errorf("%s: status %d: %s", name, a.StatusCode, a.body)
		}
	}
}

func TestABrowserIsNotSentToAnAddressForPrograms(t *testing.T) {
	t.Parallel()
	h := newHouse(t, spoken)
	p := newProgram(t, h)
	p.more = ` AssertionConsumerServiceURL="` + acs("cle") + `/ecp" ProtocolBinding="` + saml.BindingPAOS + `" Destination="` + h.base + `/saml/sso"`
	h.posted(t, string(p.request(t)), "")
	if h.fault() != "SAM-402" || h.starts() != 0 {
		t.Errorf("fault %q, %d sign-ins", h.fault(), h.starts())
	}
}

func TestANoToAProgramIsAStatus(t *testing.T) {
	t.Parallel()
	for kind, detail := range map[idp.Kind]string{
		idp.PageNeeded: saml.StatusNoPassive, idp.Denied: saml.StatusRequestDenied, idp.SignInFailed: saml.StatusAuthnFailed, idp.Internal: "",
	} {
		h := newHouse(t, spoken)
		h.change(func(g *gateway) { g.says = &idp.Failure{Kind: kind, Ref: ref} })
		_, facts := newProgram(t, h).asks(t).opened(t)
		if facts.Status != saml.StatusResponder || facts.StatusDetail != detail || facts.StatusMessage != ref || facts.Assertion != nil {
			t.Errorf("%s: %s, %s", kind, facts.Status, facts.StatusDetail)
		}
	}
}

func TestSettingsForProgramsAreHeldToTheMetadata(t *testing.T) {
	t.Parallel()
	h := newHouse(t, spoken)
	for name, c := range map[string]struct {
		settings samlidp.Settings
		severity registry.Severity
		found    bool
	}{
		"no address": {samlidp.Settings{Metadata: metadata("cle", keyMD(t)), ECP: "ent"}, registry.Blocking, true},
		"no source":  {samlidp.Settings{Metadata: strings.Replace(metadata("cle", keyMD(t)), "HTTP-Artifact", "PAOS", 1), ECP: "an ent"}, registry.Blocking, true},
		"good":       {samlidp.Settings{Metadata: strings.Replace(metadata("cle", keyMD(t)), "HTTP-Artifact", "PAOS", 1), ECP: "ent"}, registry.Note, true},
		"none":       {samlidp.Settings{Metadata: metadata("cle", keyMD(t))}, registry.Note, false},
	} {
		err := errors.New("nothing was found")
		for _, f := range h.provider.CheckSettings(bind(t, entity("cle"), c.settings)) {
			if f.Where == "settings.ecp" {
				err = nil
				if f.Severity != c.severity {
					err = fmt.Errorf("%s", f)
				}
			}
		}
		if (err == nil) != c.found {
			t.Errorf("%s: %v", name, err)
		}
	}
}
