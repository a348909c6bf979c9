package saml_test

import (
	"encoding/xml"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/saml"
)

const logoutAnswerXML = `<samlp:LogoutResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a1" InResponseTo="_l1" Version="2.0" IssueInstant="2026-11-22T08:30:00Z" Destination="https://gateway.example.org/saml/slo"><saml:Issuer>https://lire.example.org/sp</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:PartialLogout"/></samlp:StatusCode><samlp:StatusMessage>x</samlp:StatusMessage></samlp:Status></samlp:LogoutResponse>`

func TestALogoutAnswerIsRead(t *testing.T) {
	t.Parallel()
	p, err := saml.ParseLogoutResponse([]byte(logoutAnswerXML))
	at := time.Date(2026, 11, 22, 8, 30, 0, 0, time.UTC)
	want := saml.LogoutResponse{
		ID: "_a1", InResponseTo: "_l1", Issuer: spEntity, Destination: "https://gateway.example.org/saml/slo", IssueInstant: at,
		Code: saml.StatusResponder, Detail: saml.StatusPartialLogout,
	}
	if err != nil || p != want {
		t.Errorf("%+v, %v", p, err)
	}
	for name, c := range map[string]struct {
		old, new string
		want     error
	}{
		"another message": {"LogoutResponse", "Response", saml.ErrSyntax},
		"no ID":           {`ID="_a1"`, "", saml.ErrSyntax},
		"to nothing":      {`InResponseTo="_l1"`, "", saml.ErrSyntax},
		"to no ID":        {`InResponseTo="_l1"`, `InResponseTo="1 1"`, saml.ErrSyntax},
		"to a long ID":    {`InResponseTo="_l1"`, `InResponseTo="_` + strings.Repeat("1", 256) + `"`, saml.ErrSyntax},
		"no time":         {`IssueInstant="2026-11-22T08:30:00Z"`, "", saml.ErrSyntax},
		"no issuer":       {"<saml:Issuer>https://lire.example.org/sp</saml:Issuer>", "", saml.ErrSyntax},
		"a long issuer":   {"https://lire.example.org/sp", strings.Repeat("x", 1025), saml.ErrSyntax},
		"two states":      {"<samlp:Status>", "<samlp:Status/><samlp:Status>", saml.ErrSyntax},
		"no code":         {"samlp:StatusCode", "samlp:StatusDetail", saml.ErrSyntax},
		"two codes":       {"<samlp:StatusMessage>x</samlp:StatusMessage>", `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>`, saml.ErrSyntax},
		"unknown":         {"<samlp:Status>", "<samlp:X/><samlp:Status>", saml.ErrSyntax},
		"version":         {`Version="2.0"`, `Version="1.1"`, saml.ErrVersion},
		"a comment":       {"sp</saml", "sp<!-- x --></saml", saml.ErrShape},
		"behind it":       {"</samlp:LogoutResponse>", "</samlp:LogoutResponse><x/>", saml.ErrSyntax},
	} {
		doc := strings.ReplaceAll(logoutAnswerXML, c.old, c.new)
		if doc == logoutAnswerXML {
			t.Fatalf("%s: nothing is changed", name)
		}
		if _, err := saml.ParseLogoutResponse([]byte(doc)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := saml.VerifyLogoutResponse([]byte(logoutAnswerXML), rsaIdentity().public()); !errors.Is(err, saml.ErrSignature) {
		t.Errorf("unsigned: %v", err)
	}
}

func logoutOf() *saml.LogoutRequest {
	return &saml.LogoutRequest{
		ID: "_l9", IssueInstant: now(), NotOnOrAfter: now().Add(time.Minute), Destination: "https://lire.example.org/slo?a=1&b=2", Issuer: idpEntity,
		NameID: saml.NameID{Value: awkward, Format: saml.NameIDPersistent, NameQualifier: idpEntity, SPNameQualifier: spEntity}, Sessions: []string{"s<1>", "s2"},
	}
}

func TestALogoutRequestOfOursIsAcceptedByXMLSecAndReadByAnother(t *testing.T) {
	t.Parallel()
	for key, who := range identities() {
		q := logoutOf()
		doc, err := who.signer.AppendLogoutRequest(nil, q)
		if err != nil {
			t.Fatal(err)
		}
		xmlsec1(t, doc, who, "LogoutRequest")
		got, err := saml.VerifyLogoutRequest(doc, who.public())
		if err != nil || got.ID != q.ID || got.NameID != q.NameID || !slices.Equal(got.Sessions, q.Sessions) || got.Issuer != q.Issuer ||
			got.Destination != q.Destination || got.NotOnOrAfter.Sub(q.NotOnOrAfter).Abs() > time.Millisecond {
			t.Errorf("%s: %v", key, err)
		}
		q.NameID.Value, q.Sessions = "p-71f2", q.Sessions[:1] // crewjam keeps one session
		if doc, err = saml.AppendLogoutRequest(nil, q); err != nil {
			t.Fatal(err)
		}
		var theirs crewjam.LogoutRequest
		if err := xml.Unmarshal(doc, &theirs); err != nil {
			t.Fatal(err)
		}
		if theirs.ID != q.ID || theirs.NameID.Value != "p-71f2" || theirs.NameID.SPNameQualifier != spEntity || theirs.SessionIndex.Value != "s<1>" || theirs.Issuer.Value != idpEntity {
			t.Errorf("%s: it reads %+v", key, theirs)
		}
	}
	for name, set := range map[string]func(*saml.LogoutRequest){
		"no ID": func(q *saml.LogoutRequest) { q.ID = "" }, "nobody": func(q *saml.LogoutRequest) { q.NameID.Value = "" },
		"no issuer": func(q *saml.LogoutRequest) { q.Issuer = "" }, "no address": func(q *saml.LogoutRequest) { q.Destination = "" },
		"no session": func(q *saml.LogoutRequest) { q.Sessions = []string{""} },
	} {
		gap := logoutOf()
		set(gap)
		if doc, err := saml.AppendLogoutRequest([]byte("x"), gap); err == nil || string(doc) != "x" {
			t.Errorf("%s: written", name)
		}
	}
}

func TestALogoutAnswerIsVerifiedBeforeItIsBelieved(t *testing.T) {
	t.Parallel()
	p := &saml.LogoutResponse{ID: "_p1", InResponseTo: "_l1", Issuer: spEntity, Destination: "https://x.example/slo", IssueInstant: now(), Code: saml.StatusSuccess}
	doc, err := rsaIdentity().signer.AppendLogoutResponse(nil, p)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := saml.VerifyLogoutResponse(doc, rsaIdentity().public()); err != nil || !got.HasSignature || got.InResponseTo != "_l1" || got.Code != saml.StatusSuccess {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := saml.VerifyLogoutResponse(doc, ecIdentity().public()); !errors.Is(err, saml.ErrSignature) {
		t.Errorf("another's key: %v", err)
	}
	changed := strings.Replace(string(doc), `InResponseTo="_l1"`, `InResponseTo="_l2"`, 1)
	if _, err := saml.VerifyLogoutResponse([]byte(changed), rsaIdentity().public()); !errors.Is(err, saml.ErrSignature) {
		t.Errorf("changed: %v", err)
	}
}
