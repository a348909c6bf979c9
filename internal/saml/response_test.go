package saml_test

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/saml"
)

func identities() map[string]identity {
	return map[string]identity{"rsa": rsaIdentity(), "p256": ecIdentity()}
}

func signings() map[string]saml.Signing {
	return map[string]saml.Signing{
		"assertion": saml.SignAssertion, "response": saml.SignResponse, "both": saml.SignBoth,
	}
}

// xmlsec1 judges the signature whose parent has the given local name.
func xmlsec1(t *testing.T, doc []byte, who identity, parent string) {
	t.Helper()
	args := []string{
		"--verify", "--enabled-key-data", "raw-x509-cert,x509,rsa,ec", "--pubkey-cert-pem", file(t, "cert.pem", who.certPEM()),
		"--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:assertion:Assertion",
		"--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:protocol:Response",
		"--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:protocol:AuthnRequest",
		"--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:protocol:LogoutResponse",
		"--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:protocol:LogoutRequest",
		"--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:protocol:ArtifactResponse",
		"--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:protocol:ArtifactResolve",
		"--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:metadata:EntityDescriptor",
		"--node-xpath", "//*[local-name()='" + parent + "']/*[local-name()='Signature']",
		file(t, "doc.xml", doc),
	}
	if out, err := exec.Command("xmlsec1", args...).CombinedOutput(); err != nil {
		t.Errorf("xmlsec1 refuses the %s signature: %v\n%s\n%s", parent, err, out, doc)
	}
}

func TestResponseIsAcceptedByXMLSec(t *testing.T) {
	t.Parallel()
	for key, who := range identities() {
		for name, what := range signings() {
			t.Run(key+"/"+name, func(t *testing.T) {
				t.Parallel()
				doc := write(t, who, awkwardResponse(), what)
				if what != saml.SignResponse {
					xmlsec1(t, doc, who, "Assertion")
				}
				if what != saml.SignAssertion {
					xmlsec1(t, doc, who, "Response")
				}
			})
		}
	}
}

func TestXMLSecRefusesAChangedResponse(t *testing.T) {
	t.Parallel()
	who := rsaIdentity()
	doc := bytes.Replace(write(t, who, plainResponse(), saml.SignAssertion), []byte("valeur une"), []byte("valeur trois"), 1)
	cmd := exec.Command("xmlsec1", "--verify", "--pubkey-cert-pem", file(t, "cert.pem", who.certPEM()),
		"--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:assertion:Assertion", file(t, "doc.xml", doc))
	if cmd.Run() == nil {
		t.Error("the judge accepts a changed response: its verdicts are worth nothing")
	}
}

// serviceProvider is crewjam's, told about our metadata.
func serviceProvider(t *testing.T, who identity) *crewjam.ServiceProvider {
	t.Helper()
	doc, err := who.signer.AppendIDPMetadata(nil, idpMetadata(who))
	if err != nil {
		t.Fatal(err)
	}
	sp := &crewjam.ServiceProvider{EntityID: spEntity, IDPMetadata: &crewjam.EntityDescriptor{}}
	if err := xml.Unmarshal(doc, sp.IDPMetadata); err != nil {
		t.Fatal(err)
	}
	acs, err := url.Parse(acsURL)
	if err != nil {
		t.Fatal(err)
	}
	sp.AcsURL, sp.MetadataURL = *acs, *acs
	return sp
}

// crewjam keeps its clock in a package variable, so the response is written for
// the real present instead.
func presentResponse() *saml.Response {
	r := awkwardResponse()
	at := time.Now()
	r.IssueInstant, r.Assertion.NotBefore, r.Assertion.NotAfter = at, at.Add(-time.Minute), at.Add(5*time.Minute)
	r.Assertion.Authn.At, r.Assertion.Authn.SessionNotAfter = at, at.Add(time.Hour)
	return r
}

func TestResponseIsAcceptedByCrewjam(t *testing.T) {
	t.Parallel()
	for name, what := range signings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			who := rsaIdentity()
			doc := write(t, who, presentResponse(), what)
			sp := serviceProvider(t, who)
			got, err := sp.ParseXMLResponse(doc, []string{"_q1"}, sp.AcsURL)
			if err != nil {
				t.Fatalf("crewjam refuses: %v, %v", err, err.(*crewjam.InvalidResponseError).PrivateErr)
			}
			// crewjam prints and parses again between checking and reading, which
			// normalises carriage returns; everything else has to arrive.
			want := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(awkward)
			if v := got.Subject.NameID.Value; v != want {
				t.Errorf("NameID reads %q, want %q", v, want)
			}
			if v := got.AttributeStatements[0].Attributes[0].Values[0].Value; v != want {
				t.Errorf("attribute reads %q, want %q", v, want)
			}
		})
	}
}

func TestResponseRefusesWhatXMLCannotCarry(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]string{
		"NUL": "a\x00b", "vertical tab": "a\vb", "escape": "\x1b[1m", "invalid UTF-8": "a\xffb",
		"surrogate": "\xed\xa0\x80", "U+FFFE": "\uFFFE", "U+FFFF": "\uFFFF", "overlong": "\xc0\xaf",
	} {
		for place, set := range map[string]func(*saml.Response){
			"NameID":    func(r *saml.Response) { r.Assertion.NameID.Value = bad },
			"attribute": func(r *saml.Response) { r.Assertion.Attributes[3].Values[0] = bad },
			"qualifier": func(r *saml.Response) { r.Assertion.NameID.SPNameQualifier = bad },
			"audience":  func(r *saml.Response) { r.Assertion.Audience = bad },
		} {
			r := plainResponse()
			set(r)
			dst := []byte("kept")
			got, err := rsaIdentity().signer.AppendResponse(dst, r, saml.SignAssertion)
			if err == nil || string(got) != "kept" {
				t.Errorf("%s in %s: got %d bytes, error %v", name, place, len(got), err)
			} else if strings.Contains(err.Error(), bad) {
				t.Errorf("%s in %s: the error repeats the value", name, place)
			}
		}
	}
}

func TestResponseRefusesOpenAssertions(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*saml.Response){
		"no audience":          func(r *saml.Response) { r.Assertion.Audience = "" },
		"no destination":       func(r *saml.Response) { r.Destination = "" },
		"no issuer":            func(r *saml.Response) { r.Issuer = "" },
		"no end":               func(r *saml.Response) { r.Assertion.NotAfter = time.Time{} },
		"no beginning":         func(r *saml.Response) { r.Assertion.NotBefore = time.Time{} },
		"end before start":     func(r *saml.Response) { r.Assertion.NotAfter = r.Assertion.NotBefore },
		"no class":             func(r *saml.Response) { r.Assertion.Authn.Class = "" },
		"no sign-in instant":   func(r *saml.Response) { r.Assertion.Authn.At = time.Time{} },
		"ID not an xs:ID":      func(r *saml.Response) { r.ID = "1" },
		"one ID for both":      func(r *saml.Response) { r.Assertion.ID = r.ID },
		"nameless attribute":   func(r *saml.Response) { r.Assertion.Attributes[0].Name = "" },
		"odd InResponseTo":     func(r *saml.Response) { r.InResponseTo = "a b" },
		"no issue instant":     func(r *saml.Response) { r.IssueInstant = time.Time{} },
		"assertion without ID": func(r *saml.Response) { r.Assertion.ID = "" },
	} {
		r := plainResponse()
		set(r)
		if _, err := rsaIdentity().signer.AppendResponse(nil, r, saml.SignBoth); err == nil {
			t.Errorf("%s: written", name)
		}
	}
}

func TestTimesAreUTCWithMilliseconds(t *testing.T) {
	t.Parallel()
	r := plainResponse()
	r.IssueInstant = now().In(time.FixedZone("CET", 3600))
	doc := write(t, ecIdentity(), r, saml.SignAssertion)
	if want := `IssueInstant="2026-11-22T08:30:00.123Z"`; bytes.Count(doc, []byte(want)) != 2 {
		t.Errorf("want %s twice in %s", want, doc)
	}
}

func failure() *saml.Failure {
	return &saml.Failure{
		ID: "_f1", InResponseTo: "_q1", Issuer: idpEntity, Destination: acsURL, IssueInstant: now(),
		Code: saml.StatusResponder, Detail: saml.StatusRequestDenied, Message: "refusé: <" + awkward + ">",
	}
}

func TestSignedFailureIsAcceptedByXMLSec(t *testing.T) {
	t.Parallel()
	for key, who := range identities() {
		doc, err := who.signer.AppendFailure(nil, failure())
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		xmlsec1(t, doc, who, "Response")
	}
}

func TestFailureNeverSaysSuccess(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"", saml.StatusSuccess, saml.StatusNoPassive, "x"} {
		f := failure()
		f.Code = code
		if _, err := saml.AppendFailure(nil, f); err == nil {
			t.Errorf("code %q: written", code)
		}
	}
}

func TestPersonalDataDoesNotPrint(t *testing.T) {
	t.Parallel()
	r := plainResponse()
	doc := write(t, ecIdentity(), r, saml.SignAssertion)
	f, err := saml.ReadResponse(doc, ecIdentity().public())
	if err != nil {
		t.Fatal(err)
	}
	m, err := saml.DecodePost(url.Values{"SAMLResponse": {saml.EncodePost(doc)}})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{m, &m, r, *r, r.Assertion, r.Assertion.NameID, r.Assertion.Attributes, f, f.Assertion, *f.Assertion} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if s := fmt.Sprintf(verb, v); strings.Contains(s, "p-71f2") || strings.Contains(s, "valeur") {
				t.Errorf("%T with %s prints personal data", v, verb)
			}
		}
	}
}

func TestEncodePostIsBase64(t *testing.T) {
	t.Parallel()
	doc := write(t, ecIdentity(), plainResponse(), saml.SignAssertion)
	back, err := base64.StdEncoding.DecodeString(saml.EncodePost(doc))
	if err != nil || !bytes.Equal(back, doc) {
		t.Errorf("EncodePost does not round-trip: %v", err)
	}
}
