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

// signOutKey is the certificate whose key signed the kept messages about sign-outs, artifacts and envelopes.
var signOutKey = filepath.Join("testdata", "attacks", "signout.pem")

// readSignOutAttack is readAttack for the families that are signed with a key of their own.
func readSignOutAttack(family string, message []byte) error {
	if family == "artifactanswer" {
		return readArtifactAnswer(message)
	}
	raw, err := os.ReadFile(signOutKey)
	if err != nil {
		return err
	}
	block, _ := pem.Decode(raw)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return err
	}
	keys := []crypto.PublicKey{cert.PublicKey}
	if family == "soap" {
		if message, err = saml.OpenEnvelope(message); err != nil {
			return err
		}
		family = "logout"
	}
	switch family {
	case "logout":
		q, err := saml.VerifyLogoutRequest(message, keys)
		if err == nil && (q.NameID.Value != "p-71f2" || q.Sessions[0] != "s1") {
			return errIdentity
		}
		return err
	case "logoutanswer":
		p, err := saml.VerifyLogoutResponse(message, keys)
		if err == nil && (p.InResponseTo != "_l1" || p.Code != saml.StatusResponder) {
			return errIdentity
		}
		return err
	case "artifact":
		q, err := saml.VerifyArtifactResolve(message, keys)
		if err == nil && q.Artifact != "AAQAAA==" {
			return errIdentity
		}
		return err
	}
	return errors.New("no such family")
}

// TestMakeSignOutAttacks checks that the maker still knows how to build what is kept, and writes it with -update.
func TestMakeSignOutAttacks(t *testing.T) {
	t.Parallel()
	m := attackMaker{t: t, files: map[string]string{}}
	m.signOuts()
	m.envelopes()
	if *updateAttacks {
		m.files[filepath.Base(signOutKey)] = string(rsaIdentity().certPEM())
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

// signedMessage has xmlsec1 sign a message after its Issuer.
func (m attackMaker) signedMessage(doc, id, root string) string {
	m.t.Helper()
	x := template{more + "rsa-sha256", xmlenc + "sha256", excC14N, "", "", "", ""}
	const end = "</saml:Issuer>"
	doc = m.replace(doc, end, end+x.xml(id))
	signed := string(xmlsecSigned(m.t, rsaIdentity(), doc, root))
	return signed[strings.Index(signed, "<samlp:"):] // without the XML declaration
}

// wraps are the ways to keep the signed original somewhere and be read as another: one for each place that a message has.
func (m attackMaker) wraps(family, signed, evil string) {
	const why = "refuse signature: signature wrapping, "
	sig := m.between(signed, "<ds:Signature ", "</ds:Signature>")
	original, forged := m.replace(signed, sig, ""), m.replace(evil, sig, "")
	m.add(family+"-xsw1.xml", why+"original in an Object of the moved signature", m.replace(forged, "</saml:Issuer>",
		"</saml:Issuer>"+m.replace(sig, "</ds:Signature>", "<ds:Object>"+original+"</ds:Object></ds:Signature>")))
	m.add(family+"-xsw2.xml", why+"original in Extensions, the signature moved", m.replace(forged, "</saml:Issuer>",
		"</saml:Issuer>"+sig+"<samlp:Extensions>"+original+"</samlp:Extensions>"))
	m.add(family+"-xsw3.xml", why+"signed original in Extensions", m.replace(forged, "</saml:Issuer>",
		"</saml:Issuer><samlp:Extensions>"+signed+"</samlp:Extensions>"))
	m.add(family+"-xsw4.xml", why+"original in the KeyInfo of the moved signature", m.replace(forged, "</saml:Issuer>",
		"</saml:Issuer>"+m.replace(sig, "</ds:Signature>", "<ds:KeyInfo>"+original+"</ds:KeyInfo></ds:Signature>")))
}

// signOuts attacks requests and answers about sign-outs, and requests for artifacts.
func (m attackMaker) signOuts() {
	signed := m.signedMessage(logoutXML, "_l1", "LogoutRequest")
	m.add("logout-control.xml", "accept: signed request", signed)
	m.add("logout-unsigned.xml", "refuse signature: no signature", logoutXML)
	m.add("logout-other-person.xml", "refuse signature: another NameID", m.replace(signed, "p-71f2", "p-71f3"))
	m.add("logout-other-session.xml", "refuse signature: another SessionIndex", m.replace(signed, ">s1<", ">s3<"))
	m.add("logout-fewer-sessions.xml", "refuse signature: a SessionIndex taken away", m.replace(signed, "<samlp:SessionIndex>s2</samlp:SessionIndex>", ""))
	m.add("logout-longer.xml", "refuse signature: NotOnOrAfter moved", m.replace(signed, "08:35:00Z", "18:35:00Z"))
	m.add("logout-comment.xml", "refuse shape: comment in the NameID", m.replace(signed, "p-71f2", "p-71f2<!-- -->x"))
	m.add("logout-dtd.xml", "refuse shape: document type", `<!DOCTYPE a [<!ENTITY x "y">]>`+logoutXML)
	m.add("logout-encrypted.xml", "refuse syntax: an encrypted NameID, for which there is no key",
		m.signedMessage(strings.ReplaceAll(logoutXML, "saml:NameID", "saml:EncryptedID"), "_l1", "LogoutRequest"))
	m.add("logout-two-people.xml", "refuse syntax: two NameIDs",
		m.signedMessage(m.replace(logoutXML, "<samlp:SessionIndex>", "<saml:NameID>x</saml:NameID><samlp:SessionIndex>"), "_l1", "LogoutRequest"))
	m.add("logout-duplicate-id.xml", "refuse signature: one ID for two elements", m.replace(signed, `<x xmlns="urn:x"/>`, `<x xmlns="urn:x" ID="_l1"/>`))
	m.wraps("logout", signed, m.replace(m.replace(signed, "p-71f2", "admin"), `ID="_l1"`, `ID="_l2"`))

	answer := m.signedMessage(logoutAnswerXML, "_a1", "LogoutResponse")
	m.add("logoutanswer-control.xml", "accept: signed answer", answer)
	m.add("logoutanswer-unsigned.xml", "refuse signature: no signature", logoutAnswerXML)
	m.add("logoutanswer-success.xml", "refuse signature: status changed to Success", m.replace(answer, "status:Responder", "status:Success"))
	m.add("logoutanswer-other.xml", "refuse signature: answers another request", m.replace(answer, `InResponseTo="_l1"`, `InResponseTo="_l2"`))
	m.add("logoutanswer-two-states.xml", "refuse syntax: two states", m.signedMessage(m.replace(logoutAnswerXML, "<samlp:Status>",
		`<samlp:Status><samlp:StatusCode Value="`+saml.StatusSuccess+`"/></samlp:Status><samlp:Status>`), "_a1", "LogoutResponse"))
	m.wraps("logoutanswer", answer, m.replace(m.replace(answer, "status:Responder", "status:Success"), `ID="_a1"`, `ID="_a2"`))

	resolve := m.signedMessage(resolveXML, "_q7", "ArtifactResolve")
	m.add("artifact-control.xml", "accept: signed request", resolve)
	m.add("artifact-unsigned.xml", "refuse signature: no signature", resolveXML)
	m.add("artifact-other.xml", "refuse signature: another artifact", m.replace(resolve, "AAQAAA==", "AAQAAB=="))
	m.add("artifact-two.xml", "refuse syntax: two artifacts",
		m.signedMessage(m.replace(resolveXML, "<samlp:Artifact>", "<samlp:Artifact>x</samlp:Artifact><samlp:Artifact>"), "_q7", "ArtifactResolve"))
	m.wraps("artifact", resolve, m.replace(m.replace(resolve, "AAQAAA==", "AAQAAB=="), `ID="_q7"`, `ID="_q8"`))
}

// envelopes attacks what is around a message.
func (m attackMaker) envelopes() {
	signed := m.signedMessage(logoutXML, "_l1", "LogoutRequest")
	evil := m.replace(logoutXML, "p-71f2", "admin")
	m.add("soap-control.xml", "accept: one signed message", soaped(signed))
	m.add("soap-control-outside.xml", "accept: its namespaces are the envelope's", m.replace(m.replace(soaped(signed),
		` xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"`, ""), "<e:Envelope ", `<e:Envelope xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" `))
	m.add("soap-header.xml", "refuse signature: signed in a header, read in the body", soapOpen+"<e:Header>"+signed+"</e:Header><e:Body>"+evil+"</e:Body></e:Envelope>")
	m.add("soap-two.xml", "refuse envelope: two messages", soaped(evil+signed))
	m.add("soap-two-bodies.xml", "refuse envelope: two bodies", soapOpen+"<e:Body>"+evil+"</e:Body><e:Body>"+signed+"</e:Body></e:Envelope>")
	m.add("soap-behind.xml", "refuse envelope: a message behind the body", soapOpen+"<e:Body>"+signed+"</e:Body>"+evil+"</e:Envelope>")
	m.add("soap-nested.xml", "refuse signature: an envelope in an envelope", soaped(soaped(signed)))
	m.add("soap-dtd.xml", "refuse shape: document type", `<!DOCTYPE a SYSTEM "http://evil.example.org/">`+soaped(signed))
	m.add("soap-entity.xml", "refuse shape: entities that multiply", `<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>`+soaped("&b;"+signed))
	m.add("soap-huge.xml", "refuse shape: more than 2,000 elements", soaped(strings.Repeat("<x/>", 2000)+signed))
	m.add("soap-12.xml", "refuse version: SOAP 1.2", strings.ReplaceAll(soaped(signed), "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"))
	m.add("soap-must-understand.xml", "refuse header: a header that must be understood", soapOpen+`<e:Header><h e:mustUnderstand="1"/></e:Header><e:Body>`+signed+"</e:Body></e:Envelope>")
}

// The signed parts of kept messages are what xmlsec1 made, so that a reader that agrees with our writer alone is found.
func TestTheKeptSignOutsAreSignedByAnother(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"logout", "logoutanswer", "artifact"} {
		content, err := os.ReadFile(filepath.Join("testdata", "attacks", name+"-control.xml"))
		if err != nil || !strings.Contains(string(content), "\n\t\t<ds:Reference") {
			t.Errorf("%s: it is not written as xmlsec1 was given it: %v", name, err)
		}
	}
}
