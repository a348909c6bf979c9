package demo_test

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml"
)

func TestSAMLAnswersAreRefused(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(*saml.Assertion)
		edit   func(url.Values)
	}{
		{"wrong audience", func(a *saml.Assertion) { a.Conditions.AudienceRestrictions[0].Audience.Value = "http://autre.example/" }, nil},
		{"one wrong audience of two", func(a *saml.Assertion) {
			a.Conditions.AudienceRestrictions = append(a.Conditions.AudienceRestrictions, saml.AudienceRestriction{Audience: saml.Audience{Value: "x"}})
		}, nil},
		{"no audience", func(a *saml.Assertion) { a.Conditions.AudienceRestrictions = nil }, nil},
		{"no confirmation", func(a *saml.Assertion) { a.Subject.SubjectConfirmations = nil }, nil},
		{"no subject", func(a *saml.Assertion) { a.Subject = nil }, nil},
		{"no conditions", func(a *saml.Assertion) { a.Conditions = nil }, nil},
		{"another recipient", func(a *saml.Assertion) {
			a.Subject.SubjectConfirmations[0].SubjectConfirmationData.Recipient = "http://autre.example/"
		}, nil},
		{"another request", func(a *saml.Assertion) {
			a.Subject.SubjectConfirmations[0].SubjectConfirmationData.InResponseTo = "id-other"
		}, nil},
		{"another confirmation method", func(a *saml.Assertion) { a.Subject.SubjectConfirmations[0].Method = "urn:x" }, nil},
		{"expired", func(a *saml.Assertion) { a.Conditions.NotOnOrAfter = time.Now().Add(-time.Hour).UTC() }, nil},
		{"another issuer", func(a *saml.Assertion) { a.Issuer.Value = "http://autre.example/" }, nil},
		{"tampered", nil, func(v url.Values) { editResponse(v, "pseudo-17", "pseudo-18") }},
		{"signatures removed", nil, func(v url.Values) { unsign(v) }},
		{"assertion twice", nil, func(v url.Values) { doubleAssertion(v) }},
		{"not base64", nil, func(v url.Values) { v.Set("SAMLResponse", "%") }},
		{"not XML", nil, func(v url.Values) { v.Set("SAMLResponse", base64.StdEncoding.EncodeToString([]byte("<a>"))) }},
		{"empty", nil, func(v url.Values) { v.Del("SAMLResponse") }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStreet(t)
			g := newSAMLStandIn(s)
			form := g.answer(g.askedByRedirect(s.url("lire", "/connexion")), persistentFormat, "pseudo-17", nil, c.change)
			if c.edit != nil {
				c.edit(form)
			}
			got := s.postFromElsewhere(s.url("lire", "/saml/acs"), form)
			got.want(t, http.StatusBadRequest, "n’est pas valable")
			checkPage(t, got)
			s.get(s.url("lire", "/arrivee")).want(t, http.StatusBadRequest)
			s.get(s.url("lire", "/")).wantNot(t, "pseudo-17", "pseudo-18")
		})
	}
}

func responseOf(v url.Values) []byte {
	body, err := base64.StdEncoding.DecodeString(v.Get("SAMLResponse"))
	if err != nil {
		panic(err)
	}
	return body
}

func editResponse(v url.Values, old, replacement string) {
	body := bytes.ReplaceAll(responseOf(v), []byte(old), []byte(replacement))
	v.Set("SAMLResponse", base64.StdEncoding.EncodeToString(body))
}

func changeDocument(v url.Values, change func(*etree.Document)) {
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(responseOf(v)); err != nil {
		panic(err)
	}
	change(doc)
	body, err := doc.WriteToBytes()
	if err != nil {
		panic(err)
	}
	v.Set("SAMLResponse", base64.StdEncoding.EncodeToString(body))
}

func unsign(v url.Values) {
	changeDocument(v, func(doc *etree.Document) {
		for _, signature := range doc.FindElements("//Signature") {
			signature.Parent().RemoveChild(signature)
		}
	})
}

func doubleAssertion(v url.Values) {
	changeDocument(v, func(doc *etree.Document) {
		doc.Root().RemoveChild(doc.Root().FindElement("./Signature"))
		doc.Root().AddChild(doc.FindElement("//Assertion").Copy())
	})
}

func TestSAMLAnswerCountsOnce(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	g := newSAMLStandIn(s)
	form := g.answer(g.askedByRedirect(s.url("lire", "/connexion")), persistentFormat, "pseudo-17", nil, nil)
	s.postFromElsewhere(s.url("lire", "/saml/acs"), form).wantTo(t, "/arrivee")
	s.postFromElsewhere(s.url("lire", "/saml/acs"), form).want(t, http.StatusBadRequest, "ne l’avait pas demandée")
}

func TestUnsolicitedSAMLAnswerIsRefused(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	g := newSAMLStandIn(s)
	form := g.answer(g.askedByRedirect(s.url("lire", "/connexion")), persistentFormat, "pseudo-17", nil, nil)
	for _, relay := range []string{"", "invented"} {
		form.Set("RelayState", relay)
		s.postFromElsewhere(s.url("lire", "/saml/acs"), form).want(t, http.StatusBadRequest, "ne l’avait pas demandée")
	}
}

func TestSAMLAnswerToAnotherRequestIsRefused(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	g := newSAMLStandIn(s)
	first := g.askedByRedirect(s.url("lire", "/connexion"))
	second := g.askedByRedirect(s.url("lire", "/connexion"))
	form := g.answer(first, persistentFormat, "pseudo-17", nil, nil)
	form.Set("RelayState", second.RelayState)
	s.postFromElsewhere(s.url("lire", "/saml/acs"), form).want(t, http.StatusBadRequest, "n’est pas valable")
}

// TestSAMLAnswerStaysWithItsBrowser: somebody who posts their own answer in
// the browser of another cannot sign that browser in.
func TestSAMLAnswerStaysWithItsBrowser(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	g := newSAMLStandIn(s)
	form := g.answer(g.askedByRedirect(s.url("lire", "/connexion")), persistentFormat, "pseudo-17", nil, nil)
	s.postFromElsewhere(s.url("lire", "/saml/acs"), form).wantTo(t, "/arrivee")
	own := s.browser
	s.browser = s.newBrowser()
	s.get(s.url("lire", "/arrivee")).want(t, http.StatusBadRequest, "ne l’avait pas demandée")
	s.browser = own
	s.get(s.url("lire", "/arrivee")).wantTo(t, "/")
}

func TestSAMLRequestExpires(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	g := newSAMLStandIn(s)
	form := g.answer(g.askedByRedirect(s.url("lire", "/connexion")), persistentFormat, "pseudo-17", nil, nil)
	s.late.advance(31 * time.Minute)
	s.postFromElsewhere(s.url("lire", "/saml/acs"), form).want(t, http.StatusBadRequest, "ne l’avait pas demandée")
}
