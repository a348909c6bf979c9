package samlidp_test

import (
	"encoding/xml"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/consent"
	"ecluse/internal/idp"
	"ecluse/internal/idp/samlidp"
	"ecluse/internal/registry"
)

const statuses = "urn:oasis:names:tc:SAML:2.0:status:"

// partsOf lists by status the parts of a request that can be named as what cannot be met.
func partsOf() map[string][]string {
	return map[string][]string{
		"VersionMismatch/": {"Version"}, "Requester/RequestUnsupported": {"Subject", "AttributeConsumingServiceIndex"},
		"Requester/InvalidNameIDPolicy": {"NameIDPolicy Format", "NameIDPolicy SPNameQualifier"}, "Requester/NoAuthnContext": {"RequestedAuthnContext"},
		"Requester/NoSupportedIDP": {"Scoping IDPList"}, "Responder/ProxyCountExceeded": {"Scoping ProxyCount"},
		"Responder/NoAvailableIDP": {"Scoping IDPList"}, "Requester/UnknownPrincipal": {"Subject NameID"},
	}
}

// told checks that the service is told a status at its address, in a response to its request that is ours and signed. Without a
// message it is told in words which part of its request that is about.
func (p *party) told(t *testing.T, got page, r *crewjam.AuthnRequest, relay, code, detail, message string) {
	t.Helper()
	if got.action() != p.AcsURL.String() || got.field("RelayState") != relay || got.status != http.StatusOK {
		t.Fatalf("status %d, form to %q with RelayState %q (%s)", got.status, got.action(), got.field("RelayState"), p.house.fault())
	}
	raw := got.response(t)
	var said crewjam.Response
	if err := xml.Unmarshal(raw, &said); err != nil {
		t.Fatal(err)
	}
	if said.InResponseTo != r.ID || said.Issuer.Value != p.house.base+"/saml/metadata" || said.Destination != got.action() {
		t.Errorf("response to %q from %q for %q", said.InResponseTo, said.Issuer.Value, said.Destination)
	}
	nested, words := "", ""
	if s := said.Status.StatusCode.StatusCode; s != nil {
		nested = strings.TrimPrefix(s.Value, statuses)
	}
	if m := said.Status.StatusMessage; m != nil {
		words = m.Value
	}
	if message == "" && slices.ContainsFunc(partsOf()[code+"/"+detail], func(part string) bool { return strings.HasPrefix(words, part+": ") }) {
		message = words
	}
	if top := strings.TrimPrefix(said.Status.StatusCode.Value, statuses); top != code || nested != detail || words != message {
		t.Errorf("status %s/%s %q, want %s/%s %q", top, nested, words, code, detail, message)
	}
	if strings.Contains(string(raw), "<saml:Assertion") || strings.Contains(string(raw), "<saml:NameID") {
		t.Error("a refusal holds an assertion")
	}
	_, err := p.ParseXMLResponse(raw, []string{r.ID}, p.AcsURL)
	var invalid *crewjam.InvalidResponseError
	if !asInvalid(err, &invalid) || !errors.As(invalid.PrivateErr, new(crewjam.ErrBadStatus)) {
		t.Errorf("the service's library says %v, want a bad status", err)
	}
	xmlsecAccepts(t, raw, "refusal")
}

func TestWhatCannotBeMetIsSaidToTheService(t *testing.T) {
	t.Parallel()
	yes, elsewhere := true, "https://affiliation.example"
	for name, c := range map[string]struct {
		id, code, detail, message string
		how                       func(*crewjam.AuthnRequest)
	}{
		"another version":               {"lire", "VersionMismatch", "", "", func(r *crewjam.AuthnRequest) { r.Version = "2.1" }},
		"another version under a key":   {"signe", "VersionMismatch", "", "", func(r *crewjam.AuthnRequest) { r.Version = "1.1" }},
		"an unknown format":             {"lire", "Requester", "InvalidNameIDPolicy", "", format("urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos")},
		"an encrypted name":             {"lire", "Requester", "InvalidNameIDPolicy", "", format("urn:oasis:names:tc:SAML:2.0:nameid-format:encrypted")},
		"a mail address not declared":   {"lire", "Requester", "InvalidNameIDPolicy", "", format(emailFormat)},
		"another format than the set":   {"suite", "Requester", "InvalidNameIDPolicy", "", format(persistentFormat)},
		"a name for an affiliation":     {"lire", "Requester", "InvalidNameIDPolicy", "", func(r *crewjam.AuthnRequest) { r.NameIDPolicy.SPNameQualifier = &elsewhere }},
		"a person of the service's own": {"lire", "Responder", "UnknownPrincipal", ref, func(r *crewjam.AuthnRequest) { r.Subject = &crewjam.Subject{NameID: &crewjam.NameID{Value: "x"}} }},
		"a stronger sign-in than any": {"lire", "Requester", "NoAuthnContext", "", func(r *crewjam.AuthnRequest) {
			r.RequestedAuthnContext = classes("better", "http://eidas.europa.eu/LoA/high")
		}},
		"a sign-in with a card": {"lire", "Responder", "NoAuthnContext", ref, func(r *crewjam.AuthnRequest) {
			r.RequestedAuthnContext = classes("exact", "urn:oasis:names:tc:SAML:2.0:ac:classes:Smartcard")
		}},
		"a weaker sign-in at most": {"lire", "Responder", "NoAuthnContext", ref, func(r *crewjam.AuthnRequest) {
			r.RequestedAuthnContext = classes("maximum", "urn:oasis:names:tc:SAML:2.0:ac:classes:Password")
		}},
		"a mail address the declaration keeps back": {"muet", "Responder", "RequestDenied", ref, format(emailFormat)},
		"a passive stronger sign-in": {"lire", "Responder", "NoAuthnContext", ref, func(r *crewjam.AuthnRequest) {
			r.IsPassive, r.RequestedAuthnContext = &yes, classes("minimum", "urn:x:strong")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newParty(t, newHouse(t), c.id)
			r := p.request(t, crewjam.HTTPPostBinding, c.how)
			p.told(t, p.house.posted(t, document(t, r), "relay/état & co"), r, "relay/état & co", c.code, c.detail, c.message)
		})
	}
}

func TestSignInAsStrongAsAskedIsAccepted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := newParty(t, h, "lire")
	for comparison, class := range map[string]string{
		"exact": ppt, "minimum": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password",
		"better": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password", "maximum": ppt, "": ppt,
	} {
		p.sign(t, func(r *crewjam.AuthnRequest) { r.RequestedAuthnContext = classes(comparison, class) })
	}
	h.change(func(g *gateway) { g.person.Authn.Method = "" })
	a := p.sign(t, func(r *crewjam.AuthnRequest) {
		r.RequestedAuthnContext = classes("exact", "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified")
	})
	if got := a.AuthnStatements[0].AuthnContext.AuthnContextClassRef.Value; !strings.HasSuffix(got, ":unspecified") {
		t.Errorf("a source that says nothing becomes %s", got)
	}
}

func TestFailuresHaveTheirStatus(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for kind, want := range map[idp.Kind][2]string{
		idp.Denied:           {"Responder", "RequestDenied"},
		idp.PassiveFailed:    {"Responder", "NoPassive"},
		idp.PageNeeded:       {"Responder", "NoPassive"},
		idp.WeakSignIn:       {"Responder", "NoAuthnContext"},
		idp.SignInFailed:     {"Responder", "AuthnFailed"},
		idp.BadRequest:       {"Requester", ""},
		idp.Internal:         {"Responder", ""},
		"a kind of tomorrow": {"Responder", ""},
	} {
		h.change(func(g *gateway) { g.says = &idp.Failure{Kind: kind, Ref: ref} })
		p := newParty(t, h, "lire")
		r := p.request(t, crewjam.HTTPRedirectBinding)
		p.told(t, h.get(t, p.query(t, r, "relay")), r, "relay", want[0], want[1], ref)
	}
}

func TestRequestThatWasNeverAuthenticIsRefusedNowhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, state := range map[string]string{"no state": "", "no address": `{"id":"_1"}`, "no request": `{"acs":"https://lire.example/acs"}`} {
		got, err := h.provider.Refuse(t.Context(), idp.Request{Handle: entity("lire"), State: []byte(state)}, idp.Failure{Kind: idp.Denied})
		if err != nil || !got.Empty() {
			t.Errorf("%s: %v, leads to %q", name, err, got.Action)
		}
	}
	if _, err := h.provider.Refuse(t.Context(), idp.Request{State: []byte("{")}, idp.Failure{}); err == nil {
		t.Error("a state that cannot be read is no error")
	}
}

// cleared signs in once and gives the request as the protocol made it, and a cleared release for a service.
func cleared(t *testing.T, h *house, id string) (idp.Request, consent.Cleared) {
	t.Helper()
	newParty(t, h, "lire").sign(t)
	_, binding, _ := h.snapshot().Binding("saml", entity(id))
	c, err := h.clear(t.Context(), id, binding)
	if err != nil {
		t.Fatal(err)
	}
	return h.last, c
}

func TestAnswersNothingThatWasNotClearedForIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	request, good := cleared(t, h, "lire")
	_, other := cleared(t, h, "cle")
	answer := func(r idp.Request, c consent.Cleared) error {
		handoff, who, err := h.provider.Answer(t.Context(), r, idp.Answered{Cleared: c, At: h.clock.Now()})
		if err != nil && (!handoff.Empty() || who.ServiceID != "") {
			t.Error("an error comes with a message")
		}
		return err
	}
	if err := answer(request, good); err != nil {
		t.Fatalf("a cleared release: %v", err)
	}
	nowhere, unknown := request, request
	nowhere.State = []byte(`{"id":"_1","acs":"https://evil.example/acs","context":{}}`)
	unknown.Handle = entity("cle")
	for name, err := range map[string]error{
		"the zero Cleared":                answer(request, consent.Cleared{}),
		"the zero request and Cleared":    answer(idp.Request{}, consent.Cleared{}),
		"a release for another service":   answer(request, other),
		"an address that was not settled": answer(nowhere, good),
		"a handle of another service":     answer(unknown, good),
		"no state":                        answer(idp.Request{ServiceID: "lire", Handle: entity("lire")}, good),
	} {
		if err == nil {
			t.Errorf("%s is answered", name)
		}
	}
	h.clock.Advance(300 * 24 * time.Hour)
	var failure *idp.Failure
	if err := answer(request, good); !errors.As(err, &failure) || failure.Kind != idp.Denied {
		t.Errorf("a release that has ended: %v", err)
	}
}

func TestServiceThatChangedMeanwhileIsAnsweredByWhatHoldsNow(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := newParty(t, h, "suite")
	p.AuthnNameIDFormat = crewjam.EmailAddressNameIDFormat
	p.sign(t)
	h.change(func(g *gateway) {
		g.before = func(g *gateway, _ *idp.Request) { // the subject is the pseudonym from now on
			g.contents.Services[4].Bindings = []registry.Binding{
				bind(t, entity("suite"), samlidp.Settings{Metadata: metadata("suite", plainMD)}),
			}
		}
	})
	r := p.request(t, crewjam.HTTPPostBinding)
	p.told(t, h.posted(t, document(t, r), ""), r, "", "Requester", "", ref)
}

func TestSubjectThatIsNoMailAddressIsNotSentAsOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := newParty(t, h, "suite")
	p.AuthnNameIDFormat = crewjam.EmailAddressNameIDFormat
	for _, address := range []string{"lea", "Léa <lea@ecole.example>", "lea@ecole.example, x@y.example"} {
		h.change(func(g *gateway) { g.person.Values["mail"] = []string{address} })
		r := p.request(t, crewjam.HTTPPostBinding)
		p.told(t, h.posted(t, document(t, r), ""), r, "", "Requester", "", ref)
	}
}

func TestSignOutIsNotPromised(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := newParty(t, h, "lire")
	if got := h.posted(t, document(t, p.request(t, crewjam.HTTPPostBinding)), ""); got.action() == "" {
		t.Fatalf("status %d", got.status)
	}
	step, err := h.provider.SignOut(t.Context(), h.joined, "step")
	if err != nil || step.Outcome != idp.Unsupported || !step.Browser.Empty() {
		t.Errorf("%+v, %v", step, err)
	}
	if step, err := h.provider.SignOut(t.Context(), idp.Participant{}, "step"); err == nil || step.Outcome != idp.Unsupported {
		t.Errorf("a session that cannot be read: %+v", step)
	}
}

func TestRequestAtTheEdgeOfItsTimeIsAccepted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.clock.Advance(30 * time.Minute)
	p := newParty(t, h, "lire")
	for _, by := range []time.Duration{3 * time.Minute, -10 * time.Minute} {
		r := p.request(t, crewjam.HTTPRedirectBinding, func(r *crewjam.AuthnRequest) { r.IssueInstant = r.IssueInstant.Add(by) })
		if got := h.get(t, p.query(t, r, "")); got.action() != acs("lire") {
			t.Errorf("dated %s from now: status %d (%s)", by, got.status, h.fault())
		}
	}
}
