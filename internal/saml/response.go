package saml

import (
	"log/slog"
	"slices"
	"time"
)

// Signing says what of a response is signed. The zero value signs the
// assertion, which every service accepts that follows SAML Profiles 4.1.4.3.
type Signing uint8

// The choices of Signing.
const (
	SignAssertion Signing = iota
	SignResponse
	SignBoth
)

// Response is one successful answer to be written. ID and Assertion.ID come
// from NewID; InResponseTo is empty in an unsolicited response only.
type Response struct {
	ID, InResponseTo string
	Issuer           string
	Destination      string
	IssueInstant     time.Time
	Assertion        Assertion
}

// Assertion is what a response says about one person. Every field but those
// marked optional must be set: an assertion without audience, recipient or end
// is refused, not written wide open.
type Assertion struct {
	ID        string
	NameID    NameID // optional as a whole: no Value, no NameID element
	Audience  string
	NotBefore time.Time
	NotAfter  time.Time // ends Conditions and the bearer confirmation
	Authn     AuthnStatement

	Attributes []Attribute // optional
}

// NameID is the subject's identifier (SAML Core 2.2.2); all but Value optional.
type NameID struct {
	Value, Format, NameQualifier, SPNameQualifier string
}

// AuthnStatement says how and when the person signed in (SAML Core 2.7.2).
type AuthnStatement struct {
	At              time.Time
	SessionIndex    string    // optional
	SessionNotAfter time.Time // optional
	Class           string
	Authorities     []string // optional: identity providers that were involved
}

// Attribute is one attribute with its values as plain strings (SAML Core
// 2.7.3.1). NameFormat and FriendlyName are optional. Names are further values
// that are identifiers, each an element of its own (eduPerson 201602, 4.15); no
// reader fills them.
type Attribute struct {
	Name, NameFormat, FriendlyName string
	Values                         []string
	Names                          []NameID
}

// AppendResponse appends the response to dst, signed as asked, and returns the
// extended buffer. On an error dst comes back as it was: nothing half-written
// leaves. The bytes are in exclusive canonical form.
func (s *Signer) AppendResponse(dst []byte, r *Response, signing Signing) ([]byte, error) {
	w := s.response(dst, r, signing, nil)
	if w.err != nil {
		return dst, w.err
	}
	return w.b, nil
}

// response writes all of a response; then, where it is not nil, may put something else in place of the assertion, which
// begins at from, before the response is signed.
func (s *Signer) response(dst []byte, r *Response, signing Signing, then func(w *writer, from int)) writer {
	w := writer{b: slices.Grow(dst, s.likely(r, signing))}
	if signing > SignBoth {
		w.refuse("unknown choice of signatures")
		return w
	}
	from := len(dst)
	w.responseHead(r.ID, r.InResponseTo, r.Issuer, r.Destination, r.IssueInstant)
	var room span
	if signing != SignAssertion {
		room = s.reserve(&w, r.ID)
	}
	w.raw(`<samlp:Status><samlp:StatusCode Value="` + StatusSuccess + `"></samlp:StatusCode></samlp:Status>`)
	at := len(w.b)
	s.assertion(&w, r, signing != SignResponse)
	if then != nil {
		then(&w, at)
	}
	w.raw(`</samlp:Response>`)
	if !room.empty() {
		s.sign(&w, from, room, r.ID)
	}
	return w
}

// likely is a little more than a response takes, so that room for it is made once. One with long addresses or much to escape
// may take more.
func (s *Signer) likely(r *Response, signing Signing) int {
	n := 2<<10 + s.length(r.ID)
	if signing == SignBoth {
		n += s.length(r.ID)
	}
	for i := range r.Assertion.Attributes {
		a := &r.Assertion.Attributes[i]
		n += 80 + len(a.Name) + len(a.NameFormat) + len(a.FriendlyName)
		for _, v := range a.Values {
			n += 50 + len(v)
		}
	}
	return n
}

// responseHead writes the start tag and the Issuer. The Response declares
// samlp alone; Issuer and Assertion each declare saml, so that an assertion has
// the same bytes inside and outside of its response.
func (w *writer) responseHead(id, inResponseTo, issuer, destination string, at time.Time) {
	w.id("response ID", id)
	if inResponseTo != "" {
		w.id("InResponseTo", inResponseTo)
	}
	w.require("destination", destination)
	w.require("issuer", issuer)
	w.raw(`<samlp:Response xmlns:samlp="` + nsProtocol + `"`)
	w.attr(" Destination", destination)
	w.attr(" ID", id)
	w.optional(" InResponseTo", inResponseTo)
	w.instant(" IssueInstant", at)
	w.raw(` Version="2.0"><saml:Issuer xmlns:saml="` + nsAssertion + `">`)
	w.text("issuer", issuer)
	w.raw(`</saml:Issuer>`)
}

func (s *Signer) assertion(w *writer, r *Response, signed bool) {
	a := &r.Assertion
	w.id("assertion ID", a.ID)
	if a.ID == r.ID {
		w.refuse("assertion and response share an ID")
	}
	from := len(w.b)
	w.raw(`<saml:Assertion xmlns:saml="` + nsAssertion + `"`)
	w.attr(" ID", a.ID)
	w.instant(" IssueInstant", r.IssueInstant)
	w.raw(` Version="2.0">`)
	w.element("saml:Issuer", r.Issuer)
	var room span
	if signed {
		room = s.reserve(w, a.ID)
	}
	w.subject(r)
	w.conditions(a)
	w.authnStatement(&a.Authn)
	w.attributes(a.Attributes)
	w.raw(`</saml:Assertion>`)
	if signed {
		s.sign(w, from, room, a.ID)
	}
}

func (w *writer) subject(r *Response) {
	w.raw(`<saml:Subject>`)
	if n := &r.Assertion.NameID; n.Value != "" {
		w.nameID(n)
	}
	w.raw(`<saml:SubjectConfirmation Method="` + MethodBearer + `"><saml:SubjectConfirmationData`)
	w.optional(" InResponseTo", r.InResponseTo)
	w.instant(" NotOnOrAfter", r.Assertion.NotAfter)
	w.attr(" Recipient", r.Destination)
	w.raw(`></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject>`)
}

func (w *writer) nameID(n *NameID) {
	w.raw(`<saml:NameID`)
	w.optional(" Format", n.Format)
	w.optional(" NameQualifier", n.NameQualifier)
	w.optional(" SPNameQualifier", n.SPNameQualifier)
	w.raw(`>`)
	w.text("NameID", n.Value)
	w.raw(`</saml:NameID>`)
}

func (w *writer) conditions(a *Assertion) {
	w.require("audience", a.Audience)
	if !a.NotBefore.Before(a.NotAfter) {
		w.refuse("assertion ends before it begins")
	}
	w.raw(`<saml:Conditions`)
	w.instant(" NotBefore", a.NotBefore)
	w.instant(" NotOnOrAfter", a.NotAfter)
	w.raw(`><saml:AudienceRestriction>`)
	w.element("saml:Audience", a.Audience)
	w.raw(`</saml:AudienceRestriction></saml:Conditions>`)
}

func (w *writer) authnStatement(st *AuthnStatement) {
	w.require("authentication context class", st.Class)
	w.raw(`<saml:AuthnStatement`)
	w.instant(" AuthnInstant", st.At)
	w.optional(" SessionIndex", st.SessionIndex)
	if !st.SessionNotAfter.IsZero() {
		w.instant(" SessionNotOnOrAfter", st.SessionNotAfter)
	}
	w.raw(`><saml:AuthnContext>`)
	w.element("saml:AuthnContextClassRef", st.Class)
	for _, authority := range st.Authorities {
		w.element("saml:AuthenticatingAuthority", authority)
	}
	w.raw(`</saml:AuthnContext></saml:AuthnStatement>`)
}

// attributes leaves xsi:type out: values are strings, the schema does not ask
// for it, and the response is a seventh shorter.
func (w *writer) attributes(attrs []Attribute) {
	if len(attrs) == 0 {
		return
	}
	w.raw(`<saml:AttributeStatement>`)
	for i := range attrs {
		a := &attrs[i]
		w.require("attribute name", a.Name)
		w.raw(`<saml:Attribute`)
		w.optional(" FriendlyName", a.FriendlyName)
		w.attr(" Name", a.Name)
		w.optional(" NameFormat", a.NameFormat)
		w.raw(`>`)
		for _, v := range a.Values {
			w.raw(`<saml:AttributeValue>`)
			w.text("attribute value", v)
			w.raw(`</saml:AttributeValue>`)
		}
		for i := range a.Names {
			w.require("attribute value", a.Names[i].Value)
			w.raw(`<saml:AttributeValue>`)
			w.nameID(&a.Names[i])
			w.raw(`</saml:AttributeValue>`)
		}
		w.raw(`</saml:Attribute>`)
	}
	w.raw(`</saml:AttributeStatement>`)
}

// The types that hold personal data print as their names alone.

// String shows nothing of the person.
func (Response) String() string { return "saml.Response(redacted)" }

// GoString shows nothing of the person.
func (r Response) GoString() string { return r.String() }

// LogValue shows nothing of the person.
func (r Response) LogValue() slog.Value { return slog.StringValue(r.String()) }

// String shows nothing of the person.
func (Assertion) String() string { return "saml.Assertion(redacted)" }

// GoString shows nothing of the person.
func (a Assertion) GoString() string { return a.String() }

// LogValue shows nothing of the person.
func (a Assertion) LogValue() slog.Value { return slog.StringValue(a.String()) }

// String shows nothing of the person.
func (NameID) String() string { return "saml.NameID(redacted)" }

// GoString shows nothing of the person.
func (n NameID) GoString() string { return n.String() }

// LogValue shows nothing of the person.
func (n NameID) LogValue() slog.Value { return slog.StringValue(n.String()) }

// String shows the attribute's name, never its values.
func (a Attribute) String() string { return "saml.Attribute(" + a.Name + ")" }

// GoString is String.
func (a Attribute) GoString() string { return a.String() }

// LogValue is String.
func (a Attribute) LogValue() slog.Value { return slog.StringValue(a.String()) }
