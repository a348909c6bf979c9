package saml

import (
	"crypto"
	"fmt"
	"log/slog"
	"time"
)

// Facts are what a response says. When Status is StatusSuccess, everything
// about issuer and person was read from verified canonical bytes. The caller
// still has to compare issuer, audience, recipient, InResponseTo and times.
type Facts struct {
	// ResponseSigned tells that the response itself was signed and verified.
	// Without it, the fields up to StatusMessage are anybody's word: good
	// enough to show an error page, never to sign somebody in.
	ResponseSigned bool
	ResponseID     string
	ResponseIssuer string
	Destination    string
	InResponseTo   string // of the Response element
	IssueInstant   time.Time
	Status         string
	StatusDetail   string
	StatusMessage  string

	Assertion *AssertionFacts // nil unless Status is StatusSuccess
}

// AssertionFacts are read from a verified assertion and from nothing else.
type AssertionFacts struct {
	ID           string
	Issuer       string
	IssueInstant time.Time

	NameID        NameID
	Confirmations []Confirmation // bearer only

	NotBefore, NotOnOrAfter time.Time
	Audiences               [][]string // every restriction must be met (SAML Core 2.5.1.4)
	OneTimeUse              bool
	// ProxyRestricted tells that nothing may be issued on the ground of this assertion, or not to everybody (SAML Core
	// 2.5.1.6).
	ProxyRestricted bool

	AuthnInstant        time.Time
	SessionIndex        string
	SessionNotOnOrAfter time.Time
	Class               string
	Authorities         []string

	Attributes []Attribute

	sealedName *sealed // the NameID, while it is not decrypted
}

// Confirmation is one bearer SubjectConfirmation (SAML Core 2.4.1).
type Confirmation struct {
	Recipient, InResponseTo string
	NotBefore, NotOnOrAfter time.Time
}

// String shows nothing of the person.
func (Facts) String() string { return "saml.Facts(redacted)" }

// GoString shows nothing of the person.
func (f Facts) GoString() string { return f.String() }

// LogValue shows nothing of the person.
func (f Facts) LogValue() slog.Value { return slog.StringValue(f.String()) }

// String shows nothing of the person.
func (AssertionFacts) String() string { return "saml.AssertionFacts(redacted)" }

// GoString shows nothing of the person.
func (f AssertionFacts) GoString() string { return f.String() }

// LogValue shows nothing of the person.
func (f AssertionFacts) LogValue() slog.Value { return slog.StringValue(f.String()) }

// ReadResponse verifies a response and reads it. A success holds exactly
// one assertion, and that assertion, or the whole response, is signed by one of
// the keys; every signature that is there must verify. A response that reports
// a failure holds no assertion and may be unsigned.
func ReadResponse(msg []byte, keys []crypto.PublicKey) (Facts, error) {
	return Decryption{}.ReadResponse(msg, keys)
}

// InResponseTo is the request that a response says it answers: anybody's word, for looking up whether there is such a request
// before anything is verified or decrypted. It is empty where there is none, and where the message is no response.
func InResponseTo(msg []byte) string {
	r, err := openRoot(msg, MessageLimits())
	if err != nil || !r.is(nsProtocol, "Response") {
		return ""
	}
	return r.value("InResponseTo")
}

func (d Decryption) readResponse(msg []byte, keys []crypto.PublicKey) (Facts, error) {
	s, err := survey(msg, MessageLimits())
	if err != nil {
		return Facts{}, err
	}
	if s.rootSpace != nsProtocol || s.rootName != "Response" {
		return Facts{}, fmt.Errorf("%w: root is not a Response", ErrSyntax)
	}
	outer, signed := msg, !s.root.signature.empty()
	if signed {
		if outer, err = s.verify(s.root, keys); err != nil {
			return Facts{}, err
		}
	}
	facts, err := s.parseResponse(outer, signed)
	if err != nil {
		return Facts{}, err
	}
	if facts.Status != StatusSuccess {
		if len(s.assertions)+s.encrypted > 0 {
			return Facts{}, fmt.Errorf("%w: failure with an assertion", ErrSyntax)
		}
		return facts, nil
	}
	switch {
	case s.encrypted > 0 && s.encrypted+len(s.assertions) > 1:
		return Facts{}, refuseSealed("it is not alone")
	case s.encrypted > 0:
		facts.Assertion, err = d.sealedAssertion(s, outer, signed, keys)
	default:
		facts.Assertion, err = s.readAssertion(outer, signed, keys)
	}
	if err == nil {
		err = d.openName(facts.Assertion)
	}
	return facts, err
}

// readAssertion reads the one assertion: from its own verified bytes if it is
// signed, else from the verified bytes of the response around it.
func (s *outline) readAssertion(outer []byte, responseSigned bool, keys []crypto.PublicKey) (*AssertionFacts, error) {
	if len(s.assertions) != 1 {
		return nil, fmt.Errorf("%w: %d assertions, exactly one expected", ErrSyntax, len(s.assertions))
	}
	a := s.assertions[0]
	if a.signature.empty() && responseSigned {
		return assertionWithin(outer, s.limits)
	}
	body, err := s.verify(a, keys)
	if err != nil {
		return nil, err
	}
	r, err := reopenRoot(body, s.limits)
	if err != nil {
		return nil, err
	}
	return r.assertion()
}

func assertionWithin(outer []byte, limits Limits) (found *AssertionFacts, err error) {
	r, err := reopenRoot(outer, limits)
	if err != nil {
		return nil, err
	}
	err = r.each(func() (err error) {
		if r.is(nsAssertion, "Assertion") {
			found, err = r.assertion()
		}
		return err
	})
	if err == nil && found == nil {
		err = r.fail("no assertion")
	}
	return found, err
}

// parseResponse reads what stands around the assertion, and steps over that where it was found before in the same bytes.
func (s *outline) parseResponse(outer []byte, signed bool) (Facts, error) {
	t := reopen(outer, MessageLimits())
	r := reader{t}
	if err := t.next(); err != nil {
		return Facts{}, err
	}
	var err error
	f := Facts{
		ResponseSigned: signed,
		ResponseID:     r.value("ID"),
		Destination:    r.value("Destination"),
		InResponseTo:   r.value("InResponseTo"),
	}
	if f.IssueInstant, err = r.instant("IssueInstant"); err != nil {
		return f, err
	}
	if v := r.value("Version"); v != "2.0" {
		return f, fmt.Errorf("version %q: %w", v, ErrVersion)
	}
	found := s.assertions
	seen := make(map[string]bool, 4)
	err = r.each(func() error {
		name := string(r.local)
		if seen[name] && name != "Assertion" && name != "EncryptedAssertion" {
			return r.fail("<%s> twice", name)
		}
		seen[name] = true
		if !signed && len(found) > 0 && r.start == found[0].from {
			r.jump(found[0].to)
			found = found[1:]
			return nil
		}
		return r.responseChild(&f)
	})
	if err == nil && (f.Status == "" || !isNCName(f.ResponseID)) {
		err = r.fail("Response without Status or ID")
	}
	return f, err
}

func (r reader) responseChild(f *Facts) (err error) {
	switch {
	case r.is(nsAssertion, "Issuer"):
		f.ResponseIssuer, err = r.trimmed()
		return err
	case r.is(nsProtocol, "Status"):
		return r.status(f)
	case r.is(nsDSig, "Signature"), r.is(nsAssertion, "Assertion"), r.is(nsAssertion, "EncryptedAssertion"):
		return nil
	}
	return r.fail("unexpected <%s> in a Response", r.local)
}

func (r reader) status(f *Facts) error {
	return r.each(func() (err error) {
		switch {
		case r.is(nsProtocol, "StatusCode") && f.Status == "":
			f.Status = r.value("Value")
			return r.each(func() error {
				if f.StatusDetail == "" {
					f.StatusDetail = r.value("Value")
				}
				return nil
			})
		case r.is(nsProtocol, "StatusMessage"):
			f.StatusMessage, err = r.content()
			return err
		case r.is(nsProtocol, "StatusDetail"):
			return nil
		}
		return r.fail("unexpected <%s> in a Status", r.local)
	})
}
