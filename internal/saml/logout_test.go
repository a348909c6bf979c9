package saml_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/saml"
)

const logoutXML = `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_l1" Version="2.0" IssueInstant="2026-11-22T08:30:00Z" NotOnOrAfter="2026-11-22T08:35:00Z" Destination=" https://lire.example.org/logout "><saml:Issuer> https://ent.example.org/idp </saml:Issuer><samlp:Extensions><x xmlns="urn:x"/></samlp:Extensions><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient" SPNameQualifier="sp" NameQualifier="idp">p-71f2</saml:NameID><samlp:SessionIndex>s1</samlp:SessionIndex><samlp:SessionIndex>s2</samlp:SessionIndex></samlp:LogoutRequest>`

func TestALogoutRequestIsRead(t *testing.T) {
	t.Parallel()
	q, err := saml.ParseLogoutRequest([]byte(logoutXML))
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 22, 8, 30, 0, 0, time.UTC)
	if q.ID != "_l1" || !q.IssueInstant.Equal(at) || !q.NotOnOrAfter.Equal(at.Add(5*time.Minute)) || q.Issuer != "https://ent.example.org/idp" ||
		q.Destination != "https://lire.example.org/logout" || !slices.Equal(q.Sessions, []string{"s1", "s2"}) || q.HasSignature ||
		q.NameID != (saml.NameID{Value: "p-71f2", Format: saml.NameIDTransient, NameQualifier: "idp", SPNameQualifier: "sp"}) {
		t.Error("it is read otherwise")
	}
	if said := fmt.Sprintf("%v %+v %#v", q, q, q); strings.Contains(said, "p-71f2") {
		t.Error("it prints the person")
	}
}

func TestALogoutRequestThatCannotBeReadIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		old, new string
		want     error
	}{
		"another message": {"LogoutRequest", "AuthnRequest", saml.ErrSyntax},
		"no ID":           {`ID="_l1"`, "", saml.ErrSyntax},
		"no time":         {`IssueInstant="2026-11-22T08:30:00Z"`, "", saml.ErrSyntax},
		"no issuer":       {"<saml:Issuer> https://ent.example.org/idp </saml:Issuer>", "", saml.ErrSyntax},
		"nobody":          {">p-71f2<", "><", saml.ErrSyntax},
		"encrypted":       {"saml:NameID", "saml:EncryptedID", saml.ErrSyntax},
		"two people":      {"<samlp:SessionIndex>s1</samlp:SessionIndex>", "<saml:NameID>x</saml:NameID>", saml.ErrSyntax},
		"unknown":         {"<samlp:Extensions>", "<samlp:X/><samlp:Extensions>", saml.ErrSyntax},
		"many sessions":   {"<samlp:SessionIndex>s1</samlp:SessionIndex>", strings.Repeat("<samlp:SessionIndex>s</samlp:SessionIndex>", 64), saml.ErrSyntax},
		"version":         {`Version="2.0"`, `Version="1.1"`, saml.ErrVersion},
		"a comment":       {"p-71f2", "p-71f2<!-- x -->", saml.ErrShape},
		"behind it":       {"</samlp:LogoutRequest>", "</samlp:LogoutRequest><x/>", saml.ErrSyntax},
	} {
		doc := strings.ReplaceAll(logoutXML, c.old, c.new)
		if doc == logoutXML {
			t.Fatalf("%s: nothing is changed", name)
		}
		if _, err := saml.ParseLogoutRequest([]byte(doc)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestALogoutRequestIsVerifiedBeforeItIsBelieved(t *testing.T) {
	t.Parallel()
	if _, err := saml.VerifyLogoutRequest([]byte(logoutXML), rsaIdentity().public()); !errors.Is(err, saml.ErrSignature) {
		t.Errorf("unsigned: %v", err)
	}
}

func TestALogoutAnswerIsAcceptedByXMLSecAndReadByAnother(t *testing.T) {
	t.Parallel()
	p := &saml.LogoutResponse{
		ID: "_p1", InResponseTo: "_l1", Issuer: spEntity, Destination: "https://ent.example.org/slo?a=1&b=2", IssueInstant: now(),
		Code: saml.StatusResponder, Detail: saml.StatusPartialLogout,
	}
	for key, who := range identities() {
		doc, err := who.signer.AppendLogoutResponse(nil, p)
		if err != nil {
			t.Fatal(err)
		}
		xmlsec1(t, doc, who, "LogoutResponse")
		var theirs crewjam.LogoutResponse
		if err := xml.Unmarshal(doc, &theirs); err != nil {
			t.Fatal(err)
		}
		if theirs.ID != p.ID || theirs.InResponseTo != p.InResponseTo || theirs.Destination != p.Destination || theirs.Issuer.Value != spEntity ||
			theirs.Status.StatusCode.Value != p.Code || theirs.Status.StatusCode.StatusCode.Value != p.Detail {
			t.Errorf("%s: it reads %+v", key, theirs)
		}
	}
	for name, set := range map[string]func(*saml.LogoutResponse){
		"no ID": func(p *saml.LogoutResponse) { p.ID = "" }, "to nothing": func(p *saml.LogoutResponse) { p.InResponseTo = "" },
		"no code": func(p *saml.LogoutResponse) { p.Code = "" }, "no issuer": func(p *saml.LogoutResponse) { p.Issuer = "" },
		"no address": func(p *saml.LogoutResponse) { p.Destination = "" },
	} {
		gap := *p
		set(&gap)
		if doc, err := saml.AppendLogoutResponse([]byte("x"), &gap); err == nil || string(doc) != "x" {
			t.Errorf("%s: written", name)
		}
	}
}
