package samlidp_test

import (
	"encoding/json"
	"encoding/pem"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
)

func TestOtherPeoplesLibrarySignsIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, c := range map[string]struct {
		id, binding string
		format      crewjam.NameIDFormat
	}{
		"unsigned redirect":                   {"lire", crewjam.HTTPRedirectBinding, crewjam.PersistentNameIDFormat},
		"unsigned post":                       {"lire", crewjam.HTTPPostBinding, crewjam.PersistentNameIDFormat},
		"transient":                           {"lire", crewjam.HTTPRedirectBinding, crewjam.TransientNameIDFormat},
		"unspecified":                         {"lire", crewjam.HTTPRedirectBinding, crewjam.UnspecifiedNameIDFormat},
		"signed redirect response signed":     {"signe", crewjam.HTTPRedirectBinding, crewjam.PersistentNameIDFormat},
		"signed post response signed":         {"signe", crewjam.HTTPPostBinding, crewjam.PersistentNameIDFormat},
		"required by the operator redirect":   {"exige", crewjam.HTTPRedirectBinding, crewjam.PersistentNameIDFormat},
		"required by the operator post":       {"exige", crewjam.HTTPPostBinding, crewjam.PersistentNameIDFormat},
		"key there and unused both signed":    {"cle", crewjam.HTTPPostBinding, crewjam.PersistentNameIDFormat},
		"mail address as subject by redirect": {"suite", crewjam.HTTPRedirectBinding, crewjam.EmailAddressNameIDFormat},
	} {
		t.Run(name, func(t *testing.T) {
			p := newParty(t, h, c.id)
			p.AuthnNameIDFormat = c.format
			r := p.request(t, c.binding)
			var got page
			if c.binding == crewjam.HTTPRedirectBinding {
				got = h.get(t, p.query(t, r, "relay.-_~1"))
			} else {
				got = h.posted(t, document(t, r), "relay.-_~1")
			}
			if got.action() != acs(c.id) || got.field("RelayState") != "relay.-_~1" {
				t.Fatalf("status %d, form to %q with RelayState %q (%s)", got.status, got.action(), got.field("RelayState"), h.fault())
			}
			judge(t, h, c.id, r.ID, p.accepts(t, got, r.ID))
			xmlsecAccepts(t, got.response(t), c.id)
		})
	}
}

// judge looks at what the library does not require.
func judge(t *testing.T, h *house, id, request string, a *crewjam.Assertion) {
	t.Helper()
	now := h.clock.Now()
	confirmations := a.Subject.SubjectConfirmations
	if len(confirmations) != 1 || confirmations[0].Method != "urn:oasis:names:tc:SAML:2.0:cm:bearer" {
		t.Fatalf("confirmations %+v, want one bearer", confirmations)
	}
	data := confirmations[0].SubjectConfirmationData
	if data.Recipient != acs(id) || data.InResponseTo != request || !data.NotOnOrAfter.Equal(now.Add(5*time.Minute)) {
		t.Errorf("confirmation %+v", data)
	}
	if c := a.Conditions; !c.NotOnOrAfter.Equal(now.Add(5*time.Minute)) || c.NotBefore.After(now) || c.NotBefore.Before(now.Add(-3*time.Minute)) {
		t.Errorf("conditions hold from %s to %s at %s", c.NotBefore, c.NotOnOrAfter, now)
	}
	if r := a.Conditions.AudienceRestrictions; len(r) != 1 || r[0].Audience.Value != entity(id) {
		t.Errorf("audience %+v, want %s alone", r, entity(id))
	}
	if a.Issuer.Value != h.base+"/saml/metadata" {
		t.Errorf("issuer %q", a.Issuer.Value)
	}
	if len(a.AuthnStatements) != 1 {
		t.Fatalf("%d authentication statements", len(a.AuthnStatements))
	}
	s := a.AuthnStatements[0]
	if !s.AuthnInstant.Equal(now.Add(-3*time.Minute)) || s.SessionIndex == "" || s.AuthnContext.AuthnContextClassRef.Value != ppt {
		t.Errorf("authentication statement %+v", s)
	}
}

// xmlsecAccepts has the xmlsec1 program verify every signature with the published certificate. The program takes a comma
// in a path for the end of it.
func xmlsecAccepts(t *testing.T, response []byte, id string) {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	certificate := write("cert.pem", pem.EncodeToMemory(&pem.Block{
		Type: "CERTIFICATE", Bytes: keystest.Ring(t).Signer(keys.UseSAML).Certificate(),
	}))
	signed := map[string][]string{
		"signe": {"Response"}, "cle": {"Response", "Response/Assertion"}, "lire": {"Response/Assertion"},
		"exige": {"Response/Assertion"}, "suite": {"Response/Assertion"}, "refusal": {"Response"},
	}[id]
	if got := strings.Count(string(response), "<ds:Signature "); got != len(signed) {
		t.Fatalf("%d signatures, want %d", got, len(signed))
	}
	doc := write("response.xml", response)
	for _, at := range signed {
		path := "/*[local-name()='" + strings.ReplaceAll(at, "/", "']/*[local-name()='") + "']/*[local-name()='Signature']"
		out, err := exec.Command("xmlsec1", "--verify", "--pubkey-cert-pem", certificate,
			"--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:assertion:Assertion",
			"--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:protocol:Response", "--node-xpath", path, doc).CombinedOutput()
		if err != nil {
			t.Errorf("xmlsec1 refuses the signature of %s: %v\n%s", at, err, out)
		}
	}
}

// sign signs one person in at a service and returns what the service believes.
func (p *party) sign(t *testing.T, changes ...func(*crewjam.AuthnRequest)) *crewjam.Assertion {
	t.Helper()
	r := p.request(t, crewjam.HTTPRedirectBinding, changes...)
	return p.accepts(t, p.house.get(t, p.query(t, r, "")), r.ID)
}

func TestPseudonymIsTheSameAtOneServiceAndAnotherElsewhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lire, cle := newParty(t, h, "lire"), newParty(t, h, "cle")
	a, b, other := lire.sign(t).Subject.NameID, lire.sign(t).Subject.NameID, cle.sign(t).Subject.NameID
	if a.Value != b.Value || a.Value == other.Value || len(a.Value) != 128 {
		t.Errorf("pseudonyms %q, %q and elsewhere %q", a.Value, b.Value, other.Value)
	}
	if a.NameQualifier != h.base+"/saml/metadata" || a.SPNameQualifier != entity("lire") || a.Format != string(crewjam.PersistentNameIDFormat) {
		t.Errorf("NameID %+v", a)
	}
}

func TestTransientSubjectIsFreshEachTimeAndNotThePseudonym(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := newParty(t, h, "lire")
	pseudonym := p.sign(t).Subject.NameID.Value
	p.AuthnNameIDFormat = crewjam.TransientNameIDFormat
	a, b := p.sign(t).Subject.NameID, p.sign(t).Subject.NameID
	if a.Value == b.Value || a.Value == pseudonym || strings.Contains(a.Value, pseudonym) || len(a.Value) < 32 {
		t.Errorf("transient subjects %q and %q, pseudonym %q", a.Value, b.Value, pseudonym)
	}
}

func TestAttributesAreThoseOfTheReleaseInTheirOwnNames(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	names := func(id string) map[string][]string {
		out := map[string][]string{}
		for _, s := range newParty(t, h, id).sign(t, format(map[bool]string{true: emailFormat, false: persistentFormat}[id == "suite"])).AttributeStatements {
			for _, a := range s.Attributes {
				for _, v := range a.Values {
					out[a.FriendlyName+"|"+a.NameFormat] = append(out[a.FriendlyName+"|"+a.NameFormat], v.Value)
				}
				if strings.HasPrefix(a.Name, "urn:") != strings.HasSuffix(a.NameFormat, ":uri") {
					t.Errorf("%s has the name format %s", a.Name, a.NameFormat)
				}
			}
		}
		return out
	}
	flat := func(m map[string][]string) string {
		out, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	lire, suite := flat(names("lire")), flat(names("suite"))
	for _, value := range []string{"CE2", "chorale", `échecs \u0026 \u003cjeux\u003e`} {
		if !strings.Contains(lire, value) {
			t.Errorf("lire is told %s, without %s", lire, value)
		}
	}
	for _, value := range []string{"Léa", "Martin", "lea@"} {
		if strings.Contains(lire, value) {
			t.Errorf("lire is told %s, with %s", lire, value)
		}
	}
	if !strings.Contains(suite, "Léa") || !strings.Contains(suite, "lea@ecole.example") || strings.Contains(suite, "Martin") {
		t.Errorf("suite is told %s", suite)
	}
}

func TestMailAddressIsTheSubjectWhereItIsDeclared(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := newParty(t, h, "suite")
	p.AuthnNameIDFormat = crewjam.EmailAddressNameIDFormat
	if id := p.sign(t).Subject.NameID; id.Value != "lea@ecole.example" || id.Format != emailFormat || id.NameQualifier != "" {
		t.Errorf("NameID %+v", id)
	}
}

func TestRequestSaysWhatTheFlowMustHonour(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := newParty(t, h, "lire")
	yes := true
	p.sign(t)
	if h.last.Fresh || h.last.Passive || len(h.last.Assurance) != 0 || h.last.Later || h.last.Asked != nil {
		t.Errorf("a plain request became %+v", h.last)
	}
	p.sign(t, func(r *crewjam.AuthnRequest) {
		r.ForceAuthn, r.IsPassive, r.RequestedAuthnContext = &yes, &yes, classes("exact", ppt)
	})
	if !h.last.Fresh || !h.last.Passive || len(h.last.Assurance) != 1 || h.last.Assurance[0] != ppt {
		t.Errorf("a demanding request became %+v", h.last)
	}
	if h.last.Protocol != "saml" || h.last.ServiceID != "lire" || h.last.Handle != entity("lire") {
		t.Errorf("request for %s %s %s", h.last.Protocol, h.last.ServiceID, h.last.Handle)
	}
}

func TestParticipantRemembersSubjectAndSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := newParty(t, h, "lire").sign(t)
	var state map[string]string
	if err := json.Unmarshal(h.joined.State, &state); err != nil {
		t.Fatal(err)
	}
	if state["name_id"] != a.Subject.NameID.Value || state["session_index"] != a.AuthnStatements[0].SessionIndex ||
		state["session_index"] == "" || h.joined.ServiceID != "lire" || h.joined.Protocol != "saml" {
		t.Errorf("participant %+v %v", h.joined, state)
	}
}

func TestAnswerGoesWhereTheRequestSaysAmongRegisteredAddresses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := newParty(t, h, "lire")
	for name, c := range map[string]struct{ from, to, want string }{
		"default":          {`AssertionConsumerServiceURL="` + acs("lire") + `"`, "", acs("lire")},
		"by index":         {`AssertionConsumerServiceURL="` + acs("lire") + `"`, `AssertionConsumerServiceIndex="0"`, acs("lire") + "/other"},
		"by address":       {`AssertionConsumerServiceURL="` + acs("lire") + `"`, `AssertionConsumerServiceURL="` + acs("lire") + `/other"`, acs("lire") + "/other"},
		"with its query":   {`AssertionConsumerServiceURL="` + acs("lire") + `"`, `AssertionConsumerServiceURL="` + acs("lire") + `?tenant=1&amp;x=%41"`, acs("lire") + "?tenant=1&x=%41"},
		"without bindings": {`ProtocolBinding="` + crewjam.HTTPPostBinding + `"`, "", acs("lire")},
	} {
		doc := document(t, p.request(t, crewjam.HTTPPostBinding))
		changed := strings.Replace(doc, c.from, c.to, 1)
		if changed == doc {
			t.Fatalf("%s: nothing was changed", name)
		}
		if got := h.posted(t, changed, ""); got.action() != c.want || got.field("RelayState") != "" {
			t.Errorf("%s: form to %q, want %q (%s)", name, got.action(), c.want, h.fault())
		}
	}
}

func TestAssertionEndsWithTheRelease(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	end := h.clock.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	h.clock.Advance(end.Sub(h.clock.Now()) - 2*time.Minute)
	h.change(func(g *gateway) {
		for i := range g.contents.Declarations {
			g.contents.Declarations[i].Until = date(t, h.clock.Now())
		}
		g.person.Authn.At = h.clock.Now()
	})
	p := newParty(t, h, "lire")
	got := h.get(t, p.query(t, p.request(t, crewjam.HTTPRedirectBinding), ""))
	var parsed crewjam.Response
	if err := xml.Unmarshal(got.response(t), &parsed); err != nil {
		t.Fatal(err)
	}
	if parsed.Assertion == nil || !parsed.Assertion.Conditions.NotOnOrAfter.Equal(end) {
		t.Errorf("the assertion does not end at %s, with the declaration", end)
	}
}

const (
	emailFormat      = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
	persistentFormat = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
)

func format(f string) func(*crewjam.AuthnRequest) {
	return func(r *crewjam.AuthnRequest) { r.NameIDPolicy.Format = &f }
}

func classes(comparison, class string) *crewjam.RequestedAuthnContext {
	return &crewjam.RequestedAuthnContext{Comparison: comparison, AuthnContextClassRef: class}
}
