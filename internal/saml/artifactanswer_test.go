package saml_test

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ecluse/internal/saml"
)

const artifactAnswerXML = `<samlp:ArtifactResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_p9" Version="2.0" InResponseTo="_q7" IssueInstant="2026-11-22T08:30:00Z"><saml:Issuer>` + idpEntity +
	`</saml:Issuer><samlp:Status><samlp:StatusCode Value="` + saml.StatusSuccess + `"/></samlp:Status>MESSAGE</samlp:ArtifactResponse>`

func TestARequestForAnArtifactIsSignedAndReadAgain(t *testing.T) {
	t.Parallel()
	q := saml.ArtifactResolve{ID: "_q7", IssueInstant: now(), Destination: "https://idp.example.org/a?x=1&y=2", Issuer: spEntity, Artifact: "AAQ="}
	for name, who := range identities() {
		doc, err := who.signer.AppendArtifactResolve(nil, &q)
		if err != nil {
			t.Fatal(err)
		}
		xmlsec1(t, doc, who, "ArtifactResolve")
		got, err := saml.VerifyArtifactResolve(doc, who.public())
		if err != nil || got.ID != q.ID || got.Artifact != q.Artifact || got.Destination != q.Destination || got.Issuer != q.Issuer || !got.IssueInstant.Equal(q.IssueInstant) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, set := range map[string]func(*saml.ArtifactResolve){
		"no ID": func(q *saml.ArtifactResolve) { q.ID = "" }, "no artifact": func(q *saml.ArtifactResolve) { q.Artifact = "" },
		"no issuer": func(q *saml.ArtifactResolve) { q.Issuer = "" }, "no destination": func(q *saml.ArtifactResolve) { q.Destination = "" },
	} {
		gap := q
		set(&gap)
		if doc, err := rsaIdentity().signer.AppendArtifactResolve([]byte("x"), &gap); err == nil || string(doc) != "x" {
			t.Errorf("%s: written", name)
		}
	}
}

// resolvedBy has xmlsec1 sign an answer around a message that it signed before.
func resolvedBy(t *testing.T, message string) string {
	t.Helper()
	const end = "</saml:Issuer>"
	x := template{more + "rsa-sha256", xmlenc + "sha256", excC14N, "", "", "", ""}
	doc := strings.Replace(strings.Replace(artifactAnswerXML, "MESSAGE", message, 1), end, end+x.xml("_p9"), 1)
	out := string(xmlsecSigned(t, rsaIdentity(), doc, "ArtifactResponse"))
	return out[strings.Index(out, "<samlp:"):]
}

// byXMLSec is a response as xmlsec1 signed it, with namespaces that values alone use.
func byXMLSec(t *testing.T, prefixes string) string {
	t.Helper()
	out := string(signedByXMLSec(t, rsaIdentity(), template{more + "rsa-sha256", xmlenc + "sha256", excC14N, prefixes, "", "", ""}))
	return strings.TrimSpace(out[strings.Index(out, "<samlp:Response"):])
}

func TestASignatureLivesThroughTheAnswerToAnArtifactAndItsEnvelope(t *testing.T) {
	t.Parallel()
	declared := func(s string) string { // as some write it: each value declares what its type is in
		return strings.ReplaceAll(strings.Replace(s, ` xmlns:xs="http://www.w3.org/2001/XMLSchema"`, "", 1), ` xsi:type=`, ` xmlns:xs="http://www.w3.org/2001/XMLSchema" xsi:type=`)
	}
	for name, c := range map[string]struct {
		prefixes string
		change   func(string) string
	}{
		"exclusive": {"", nil}, "inclusive": {"xs", nil}, "everything": {"xs saml samlp #default", nil}, "declared by each value": {"", declared},
	} {
		inner := byXMLSec(t, c.prefixes)
		if c.change != nil {
			if inner = c.change(inner); strings.Count(inner, "xmlns:xs=") < 2 {
				t.Fatal("nothing is declared")
			}
		}
		message, err := saml.OpenEnvelope([]byte(soaped(resolvedBy(t, inner))))
		if err != nil {
			t.Fatal(err)
		}
		a, err := saml.VerifyArtifactResponse(message, rsaIdentity().public())
		if err != nil || a.ID != "_p9" || a.InResponseTo != "_q7" || a.Issuer != idpEntity || a.Status != saml.StatusSuccess || a.IssueInstant.IsZero() {
			t.Fatalf("%s: %v", name, err)
		}
		facts, err := saml.ReadResponse(a.Message, rsaIdentity().public())
		if err != nil {
			t.Fatalf("%s: %v in %s", name, err, a.Message)
		}
		checkFacts(t, name, facts, plainResponse())
	}
}

// An inclusive PrefixList names a namespace that nothing but a value uses and that the assertion's own descendants declare:
// it is part of what was signed.
func TestANamespaceThatOnlyAValueUsesIsNotLostOnTheWay(t *testing.T) {
	t.Parallel()
	const xs = ` xmlns:xs="http://www.w3.org/2001/XMLSchema"`
	doc := strings.ReplaceAll(string(bareResponse(t)), "<saml:AttributeValue>", `<saml:AttributeValue`+xs+` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">`)
	x := template{more + "rsa-sha256", xmlenc + "sha256", excC14N, "xs", "", "", ""}
	doc = strings.Replace(doc, "<saml:Subject>", x.xml(plainResponse().Assertion.ID)+"<saml:Subject>", 1)
	inner := string(xmlsecSigned(t, rsaIdentity(), doc, "Assertion"))
	inner = strings.TrimSpace(inner[strings.Index(inner, "<samlp:Response"):])
	message, err := saml.OpenEnvelope([]byte(soaped(resolvedBy(t, inner))))
	if err != nil {
		t.Fatal(err)
	}
	a, err := saml.VerifyArtifactResponse(message, rsaIdentity().public())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := saml.ReadResponse(a.Message, rsaIdentity().public()); err != nil {
		t.Error(err)
	}
}

func TestAnAnswerToAnArtifactMayHoldNothing(t *testing.T) {
	t.Parallel()
	a, err := saml.VerifyArtifactResponse([]byte(resolvedBy(t, "")), rsaIdentity().public())
	if err != nil || a.Message != nil || a.Status != saml.StatusSuccess {
		t.Errorf("%v", err)
	}
}

// readArtifactAnswer reads what is kept of this family: the signature around, then what is in it by its own.
func readArtifactAnswer(message []byte) error {
	raw, err := os.ReadFile(resolutionKey())
	if err != nil {
		return err
	}
	block, _ := pem.Decode(raw)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return err
	}
	keys := []crypto.PublicKey{cert.PublicKey}
	a, err := saml.VerifyArtifactResponse(message, keys)
	if err != nil {
		return err
	}
	f, err := saml.ReadResponse(a.Message, keys)
	if err == nil && (a.InResponseTo != "_q7" || f.Assertion == nil || f.Assertion.NameID.Value != "p-71f2") {
		return errIdentity
	}
	return err
}

func resolutionKey() string { return filepath.Join("testdata", "attacks", "resolution.pem") }

// TestMakeArtifactAnswerAttacks checks that the maker still knows how to build what is kept, and writes it with -update.
func TestMakeArtifactAnswerAttacks(t *testing.T) {
	t.Parallel()
	m := attackMaker{t: t, files: map[string]string{}}
	m.artifactAnswers()
	if *updateAttacks {
		m.files[filepath.Base(resolutionKey())] = string(rsaIdentity().certPEM())
	}
	for name, content := range m.files {
		path := filepath.Join("testdata", "attacks", name)
		if !*updateAttacks {
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s is not kept: %v", name, err)
			}
			continue
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// artifactAnswers attacks the one message that has another inside.
func (m attackMaker) artifactAnswers() {
	inner := byXMLSec(m.t, "xs")
	signed := resolvedBy(m.t, inner)
	x := m.between(inner, "<ds:Signature ", "</ds:Signature>")
	bare := m.replace(inner, x, "")
	evil := m.replace(inner, "p-71f2", "admin")
	unsigned := m.replace(artifactAnswerXML, "MESSAGE", inner)
	outer := m.between(signed, "<ds:Signature ", "</ds:Signature>")
	add := func(name, verdict, message string) { m.add("artifactanswer-"+name+".xml", verdict, message) }
	add("control", "accept: signed around and inside", signed)
	add("control-response", "accept: the whole response is signed inside", resolvedBy(m.t, string(write(m.t, rsaIdentity(), plainResponse(), saml.SignResponse))))
	add("unsigned", "refuse signature: signed inside alone", unsigned)
	add("inside-unsigned", "refuse signature: signed around alone", resolvedBy(m.t, bare))
	add("other-request", "refuse signature: answers another request", m.replace(signed, `InResponseTo="_q7"`, `InResponseTo="_q8"`))
	add("other-person", "refuse signature: another NameID", m.replace(signed, "p-71f2", "admin"))
	add("inside-forged", "refuse signature: signed around a forged message", resolvedBy(m.t, evil))
	add("two", "refuse syntax: two messages", m.replace(unsigned, inner, inner+inner))
	add("two-signed", "refuse syntax: two messages, of which one is signed", m.replace(signed, "</samlp:ArtifactResponse>", evil+"</samlp:ArtifactResponse>"))
	add("assertion", "refuse signature: an assertion without a response", resolvedBy(m.t, m.between(inner, "<saml:Assertion ", "</saml:Assertion>")))
	add("nested", "refuse signature: an answer in an answer", resolvedBy(m.t, m.replace(signed, "_p9", "_p8")))
	add("extensions", "refuse signature: the message in Extensions", m.replace(unsigned, inner, "<samlp:Extensions>"+inner+"</samlp:Extensions>"))
	add("duplicate-id", "refuse signature: the ID of the answer inside again", m.replace(signed, "<saml:AttributeStatement>", `<saml:AttributeStatement ID="_p9">`))
	add("behind", "refuse syntax: something behind the answer", signed+"<x/>")
	add("another-root", "refuse syntax: a response alone", inner)
	add("comment", "refuse shape: a comment", m.replace(signed, "p-71f2", "p-71f2<!-- -->x"))
	add("two-states", "refuse syntax: two states", resolvedBy(m.t, `<samlp:Status><samlp:StatusCode Value="`+saml.StatusRequester+`"/></samlp:Status>`+inner))
	wrapped := m.replace(m.replace(m.replace(signed, outer, ""), "_p9", "_p8"), "p-71f2", "admin")
	original := m.replace(signed, outer, "")
	const why = "refuse signature: signature wrapping, "
	add("xsw1", why+"original in an Object of the moved signature", m.replace(wrapped, "</saml:Issuer>",
		"</saml:Issuer>"+m.replace(outer, "</ds:Signature>", "<ds:Object>"+original+"</ds:Object></ds:Signature>")))
	add("xsw2", why+"signed original in Extensions", m.replace(wrapped, "</saml:Issuer>", "</saml:Issuer><samlp:Extensions>"+signed+"</samlp:Extensions>"))
	add("xsw3", why+"signed original inside the message", m.replace(m.replace(artifactAnswerXML, "_p9", "_p8"), "MESSAGE", m.replace(evil, "<saml:Assertion ", signed+"<saml:Assertion ")))
	add("xsw4", why+"the signature moved into the message", m.replace(m.replace(signed, outer, ""), "<saml:Assertion ", outer+"<saml:Assertion "))
}

func TestWhatIsNotAnAnswerToAnArtifactIsRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][2]string{
		"no ID": {` ID="_p9"`, ""}, "no time": {` IssueInstant="2026-11-22T08:30:00Z"`, ""}, "to nothing": {` InResponseTo="_q7"`, ""},
		"no issuer": {"<saml:Issuer>" + idpEntity + "</saml:Issuer>", "<saml:Issuer></saml:Issuer>"}, "version": {`Version="2.0"`, `Version="1.1"`},
		"no status": {`<samlp:Status><samlp:StatusCode Value="` + saml.StatusSuccess + `"/></samlp:Status>`, ""}, "unknown": {"MESSAGE", "<samlp:X/>"},
	} {
		doc := strings.Replace(artifactAnswerXML, change[0], change[1], 1)
		if doc == artifactAnswerXML {
			t.Fatalf("%s: nothing is changed", name)
		}
		doc = strings.Replace(doc, "MESSAGE", "", 1)
		x := template{more + "rsa-sha256", xmlenc + "sha256", excC14N, "", "", "", ""}
		if name != "no ID" {
			doc = strings.Replace(doc, "</saml:Issuer>", "</saml:Issuer>"+x.xml("_p9"), 1)
			doc = string(xmlsecSigned(t, rsaIdentity(), doc, "ArtifactResponse"))
		}
		if _, err := saml.VerifyArtifactResponse([]byte(doc), rsaIdentity().public()); err == nil || errors.Is(err, saml.ErrSignature) != (name == "no ID") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzVerifyArtifactResponse(f *testing.F) {
	seed(f, "artifactanswer")
	f.Fuzz(func(t *testing.T, doc []byte) {
		if err := readArtifactAnswer(doc); errors.Is(err, errIdentity) {
			t.Error("somebody else than was signed")
		}
	})
}
