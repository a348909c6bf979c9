package demo

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml"
)

const maxAnswer = 256 << 10

// answer is the assertion consumer service. The browser posts here from the
// gateway's site and so sends none of our cookies: the RelayState finds the
// request, the answer is verified and put aside for the browser that asked,
// and /arrivee, a GET of our own, hands it over to that browser alone.
func (s *samlSite) answer(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxAnswer)
	if err := r.ParseForm(); err != nil {
		s.pages.problem(w, r, s.site, http.StatusBadRequest, notTrusted(""))
		return
	}
	asked, ok := s.visits.pending.take(r.PostForm.Get("RelayState"))
	if !ok {
		s.pages.problem(w, r, s.site, http.StatusBadRequest, notAsked())
		return
	}
	sp, err := s.provider(r.Context())
	if err != nil {
		s.pages.log.WarnContext(r.Context(), "demo answer", "site", s.site.ID, "error", err)
		s.pages.problem(w, r, s.site, http.StatusBadGateway, gatewaySilent())
		return
	}
	o, err := readAnswer(sp, r.PostForm.Get("SAMLResponse"), asked.requestID)
	if err != nil {
		s.pages.log.WarnContext(r.Context(), "demo answer refused", "site", s.site.ID, "error", err)
		s.pages.problem(w, r, s.site, http.StatusBadRequest, notTrusted("SAML"))
		return
	}
	s.visits.arrivals.put(asked.browser, o)
	redirect(w, r, "/arrivee", http.StatusSeeOther)
}

func (s *samlSite) arrival(w http.ResponseWriter, r *http.Request) {
	o, ok := s.visits.arrivals.take(s.visits.jar.read(r, browserCookie))
	if !ok {
		s.pages.problem(w, r, s.site, http.StatusBadRequest, notAsked())
		return
	}
	s.arrive(w, r, o)
}

// readAnswer verifies a response to the request and returns what it says: what
// was received, or the refusal that its status carries.
func readAnswer(sp *saml.ServiceProvider, encoded, requestID string) (outcome, error) {
	body, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return outcome{}, errors.New("the response is not base64")
	}
	doc, err := readShape(body)
	if err != nil {
		return outcome{}, err
	}
	assertion, err := sp.ParseXMLResponse(body, []string{requestID}, sp.AcsURL)
	var invalid *saml.InvalidResponseError
	if errors.As(err, &invalid) {
		var status saml.ErrBadStatus
		if errors.As(invalid.PrivateErr, &status) {
			return readStatus(body, doc)
		}
		err = invalid.PrivateErr
	}
	if err != nil {
		return outcome{}, fmt.Errorf("response: %w", err)
	}
	return outcome{received: describeAssertion(assertion, doc)}, nil
}

// readShape refuses responses whose shape the library takes for granted or
// overlooks: more than one assertion, an encrypted one, or an assertion without
// subject, bearer confirmation or conditions (SAML Profiles 4.1.4.2). It judges
// shape only; nothing it reads is trusted.
func readShape(body []byte) (*etree.Document, error) {
	var parsed saml.Response
	if err := xml.Unmarshal(body, &parsed); err != nil {
		return nil, errors.New("the response is not a SAML response")
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(body); err != nil {
		return nil, errors.New("the response is not XML")
	}
	if len(doc.FindElements("//EncryptedAssertion")) > 0 || len(doc.FindElements("//Assertion")) > 1 {
		return nil, errors.New("the response must hold one assertion in clear at most")
	}
	a := parsed.Assertion
	if a == nil {
		return doc, nil
	}
	if a.Subject == nil || a.Conditions == nil || len(a.Subject.SubjectConfirmations) == 0 {
		return nil, errors.New("the assertion lacks a subject, its confirmation or conditions")
	}
	for _, c := range a.Subject.SubjectConfirmations {
		if c.SubjectConfirmationData == nil || c.Method != "urn:oasis:names:tc:SAML:2.0:cm:bearer" {
			return nil, errors.New("the subject is not confirmed by bearer")
		}
	}
	return doc, nil
}

// readStatus words a response without success. The library has checked by now
// that it answers our request; a refusal may be unsigned and gives nothing.
func readStatus(body []byte, doc *etree.Document) (outcome, error) {
	var parsed saml.Response
	if err := xml.Unmarshal(body, &parsed); err != nil {
		return outcome{}, fmt.Errorf("response: %w", err)
	}
	code := parsed.Status.StatusCode.Value
	if inner := parsed.Status.StatusCode.StatusCode; inner != nil {
		code = inner.Value
	}
	message := ""
	if m := parsed.Status.StatusMessage; m != nil {
		message = m.Value
	}
	no := newRefusal(limitText(code), limitText(message))
	no.Raw = []rawPart{rawResponse(doc)}
	return outcome{refusal: no}, nil
}

func describeAssertion(a *saml.Assertion, doc *etree.Document) *received {
	out := &received{}
	if id := a.Subject.NameID; id != nil {
		out.Facts = append(out.Facts, newFact("NameID "+shortFormat(id.Format), id.Value))
	}
	for _, statement := range a.AttributeStatements {
		for _, attribute := range statement.Attributes {
			out.Facts = append(out.Facts, attributeFact(attribute))
		}
	}
	inOrder(out.Facts)
	out.Unknown = ignorance(out.Facts)
	out.About = aboutAssertion(a)
	out.Raw = []rawPart{rawResponse(doc)}
	return out
}

// attributeFact finds words by the name and falls back on the friendly name,
// which is also what the page shows when there is one: a name may be an OID.
func attributeFact(a saml.Attribute) fact {
	var values []string
	for _, v := range a.Values {
		values = append(values, strings.TrimSpace(v.Value))
	}
	f := newFact(a.Name, values...)
	if f.tells == other && a.FriendlyName != "" {
		f = newFact(a.FriendlyName, values...)
	}
	if a.FriendlyName != "" {
		f.Wire = a.FriendlyName
	}
	return f
}

func shortFormat(format string) string {
	switch format {
	case persistent:
		return "persistent"
	case transient:
		return "transient"
	case emailAddress:
		return "emailAddress"
	}
	return format
}

func aboutAssertion(a *saml.Assertion) []fact {
	about := []fact{
		{Word: word{"Émise par", "Issued by"}, Wire: "Issuer", Values: []string{a.Issuer.Value}},
		{Word: word{"Pour", "For"}, Wire: "Audience", Values: []string{a.Conditions.AudienceRestrictions[0].Audience.Value}},
		{Word: word{"Le", "At"}, Wire: "IssueInstant", Values: []string{clock(a.IssueInstant)}},
		{Word: word{"Valable jusqu’à", "Good until"}, Wire: "NotOnOrAfter", Values: []string{clock(a.Conditions.NotOnOrAfter)}},
	}
	for _, statement := range a.AuthnStatements {
		if ref := statement.AuthnContext.AuthnContextClassRef; ref != nil {
			about = append(about, fact{Word: word{"Connexion", "Sign-in"}, Wire: "AuthnContextClassRef", Values: []string{ref.Value}})
		}
	}
	return about
}

func clock(t time.Time) string { return t.UTC().Format("02/01/2006 15:04:05 UTC") }

// rawResponse lays the whole response out for reading.
func rawResponse(doc *etree.Document) rawPart {
	laid := doc.Copy()
	laid.Indent(2)
	text, err := laid.WriteToString()
	if err != nil {
		text = ""
	}
	return rawPart{Title: "Réponse SAML reçue", TitleEN: "SAML response as received", Text: text}
}
