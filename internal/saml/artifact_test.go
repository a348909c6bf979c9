package saml_test

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // the standard's
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"ecluse/internal/saml"
)

const resolveXML = `<samlp:ArtifactResolve xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_q7" Version="2.0" IssueInstant="2026-11-22T08:30:00Z" Destination="https://gateway.example.org/saml/artifact"><saml:Issuer>https://lire.example.org/sp</saml:Issuer><samlp:Artifact> AAQAAA== </samlp:Artifact></samlp:ArtifactResolve>`

func TestAnArtifactHasTheFormOfTheStandard(t *testing.T) {
	t.Parallel()
	a := saml.NewArtifact(idpEntity, 258)
	raw, err := base64.StdEncoding.DecodeString(a.Encode())
	source := sha1.Sum([]byte(idpEntity)) //nolint:gosec // as above
	if err != nil || len(raw) != 44 || !bytes.Equal(raw[:4], []byte{0, 4, 1, 2}) || !bytes.Equal(raw[4:24], source[:]) || !bytes.Equal(raw[24:], a.Handle[:]) {
		t.Errorf("%x, %v", raw, err)
	}
	if back, err := saml.ParseArtifact(a.Encode()); err != nil || back != a {
		t.Errorf("it is read otherwise: %v", err)
	}
	if saml.NewArtifact(idpEntity, 0).Handle == a.Handle || a.Handle == [20]byte{} {
		t.Error("the handle is not random")
	}
	if said := fmt.Sprintf("%v %+v %#v", a, a, a); strings.Contains(said, fmt.Sprint(a.Handle[0], " ", a.Handle[1])) || strings.Count(said, "redacted") != 3 {
		t.Error("it prints itself")
	}
	encode := func(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
	other := bytes.Clone(raw)
	other[1] = 3
	for name, s := range map[string]string{
		"nothing": "", "another type": encode(other), "short": encode(raw[:43]), "long": encode(append(bytes.Clone(raw), 0)),
		"no base64": strings.Repeat("!", 60), "two lines": a.Encode()[:30] + "\n" + a.Encode()[30:],
	} {
		if _, err := saml.ParseArtifact(s); !errors.Is(err, saml.ErrBinding) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestARequestForAnArtifactIsRead(t *testing.T) {
	t.Parallel()
	q, err := saml.ParseArtifactResolve([]byte(resolveXML))
	if err != nil || q.ID != "_q7" || q.Issuer != spEntity || q.Artifact != "AAQAAA==" || q.HasSignature ||
		q.Destination != "https://gateway.example.org/saml/artifact" || q.IssueInstant.IsZero() {
		t.Errorf("%#v %v", q, err)
	}
	if said := fmt.Sprintf("%v %+v %#v", q, q, q); strings.Contains(said, "AAQ") {
		t.Error("it prints the artifact")
	}
	for name, c := range map[string]struct {
		old, new string
		want     error
	}{
		"another message": {"ArtifactResolve", "ArtifactQuery", saml.ErrSyntax},
		"no ID":           {`ID="_q7"`, "", saml.ErrSyntax},
		"no time":         {`IssueInstant="2026-11-22T08:30:00Z"`, "", saml.ErrSyntax},
		"no issuer":       {"<saml:Issuer>https://lire.example.org/sp</saml:Issuer>", "", saml.ErrSyntax},
		"no artifact":     {"AAQAAA==", "", saml.ErrSyntax},
		"two":             {"<samlp:Artifact>", "<samlp:Artifact>x</samlp:Artifact><samlp:Artifact>", saml.ErrSyntax},
		"unknown":         {"<samlp:Artifact>", "<samlp:X/><samlp:Artifact>", saml.ErrSyntax},
		"version":         {`Version="2.0"`, `Version="1.1"`, saml.ErrVersion},
		"a comment":       {"AAQAAA", "AAQ<!-- x -->AAA", saml.ErrShape},
		"behind it":       {"</samlp:ArtifactResolve>", "</samlp:ArtifactResolve><x/>", saml.ErrSyntax},
	} {
		doc := strings.ReplaceAll(resolveXML, c.old, c.new)
		if doc == resolveXML {
			t.Fatalf("%s: nothing is changed", name)
		}
		if _, err := saml.ParseArtifactResolve([]byte(doc)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := saml.VerifyArtifactResolve([]byte(resolveXML), rsaIdentity().public()); !errors.Is(err, saml.ErrSignature) {
		t.Errorf("unsigned: %v", err)
	}
}

func TestAnAnswerToAnArtifactIsAcceptedByXMLSecInsideAndOutside(t *testing.T) {
	t.Parallel()
	for key, who := range identities() {
		for name, what := range signings() {
			inner := write(t, who, awkwardResponse(), what)
			p := &saml.ArtifactResponse{ID: "_p9", InResponseTo: "_q7", Issuer: idpEntity, IssueInstant: now(), Message: inner}
			doc, err := who.signer.AppendArtifactResponse(nil, p)
			if err != nil {
				t.Fatal(err)
			}
			xmlsec1(t, doc, who, "ArtifactResponse")
			if what != saml.SignAssertion {
				xmlsec1(t, doc, who, "Response")
			}
			if what != saml.SignResponse {
				xmlsec1(t, doc, who, "Assertion")
			}
			xmlsec1(t, saml.AppendEnvelope(nil, doc), who, "ArtifactResponse")
			if strings.Count(string(doc), `xmlns:samlp=`) != 1 {
				t.Errorf("%s, %s: it is not in canonical form", key, name)
			}
		}
	}
}

func TestAnAnswerToAnArtifactMayBeEmptyAndNeverHalf(t *testing.T) {
	t.Parallel()
	good := saml.ArtifactResponse{ID: "_p9", InResponseTo: "_q7", Issuer: idpEntity, IssueInstant: now()}
	doc, err := rsaIdentity().signer.AppendArtifactResponse(nil, &good)
	if err != nil || !strings.HasSuffix(string(doc), `</samlp:Status></samlp:ArtifactResponse>`) {
		t.Fatalf("%s, %v", doc, err)
	}
	xmlsec1(t, doc, rsaIdentity(), "ArtifactResponse")
	for name, set := range map[string]func(*saml.ArtifactResponse){
		"no ID": func(p *saml.ArtifactResponse) { p.ID = "" }, "to nothing": func(p *saml.ArtifactResponse) { p.InResponseTo = "" },
		"no issuer": func(p *saml.ArtifactResponse) { p.Issuer = "" }, "another's": func(p *saml.ArtifactResponse) { p.Message = []byte("<x/>") },
	} {
		gap := good
		set(&gap)
		if doc, err := rsaIdentity().signer.AppendArtifactResponse([]byte("x"), &gap); err == nil || string(doc) != "x" {
			t.Errorf("%s: written", name)
		}
	}
}

func FuzzParseArtifactResolve(f *testing.F) {
	seed(f, "artifact", "request")
	f.Add([]byte(resolveXML))
	f.Fuzz(func(t *testing.T, doc []byte) {
		q, err := saml.ParseArtifactResolve(doc)
		if err == nil && (q.ID == "" || q.Issuer == "" || q.Artifact == "" || q.IssueInstant.IsZero()) {
			t.Error("accepted with a gap")
		}
	})
}
