package saml

import (
	"crypto"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrVersion is wrapped when a message is not of SAML version 2.0. The request
// is returned with it, so that a VersionMismatch can be answered.
var ErrVersion = errors.New("not SAML 2.0")

// AuthnRequest is what a service asks for (SAML Core 3.4.1). Absent optional
// numbers are -1, absent optional texts empty.
type AuthnRequest struct {
	ID           string
	IssueInstant time.Time
	Destination  string
	Issuer       string

	ForceAuthn, IsPassive bool

	ProtocolBinding string
	ACSURL          string
	ACSIndex        int
	AttributesIndex int

	NameIDPolicy NameIDPolicy
	AuthnContext RequestedAuthnContext
	HasSubject   bool     // the request is about one person
	Subject      NameID   // as the service knows them; empty where it says it in another way than by a NameID alone
	IDPList      []string // entity IDs of Scoping
	NoProxy      bool     // Scoping with a ProxyCount of 0: nobody else may be asked who it is

	// HasSignature tells that an enveloped signature is there. It is worth
	// nothing until VerifyAuthnRequest has looked at it.
	HasSignature bool
}

// NameIDPolicy is the identifier the service would like (SAML Core 3.4.1.1).
type NameIDPolicy struct {
	Format, SPNameQualifier string
	AllowCreate             bool
}

// RequestedAuthnContext is how strongly a person should have signed in (SAML
// Core 3.3.2.2.1). Comparison is exact, minimum, maximum or better.
type RequestedAuthnContext struct {
	Comparison string
	Classes    []string
}

const (
	maxID       = 256  // ours: an ID is echoed and stored
	maxEntityID = 1024 // SAML Core 8.3.6
	maxClasses  = 16   // ours: classes are stored as long as the sign-in takes
	maxClass    = 256  // ours, likewise
)

// ParseAuthnRequest reads an AuthnRequest of at most MessageLimits. ID, Issuer
// and IssueInstant are there and well-formed; every child stands at most once;
// unknown children are refused and Extensions are skipped. Nothing it returns
// is authentic.
func ParseAuthnRequest(msg []byte) (AuthnRequest, error) {
	r, err := openRoot(msg, MessageLimits())
	if err != nil {
		return AuthnRequest{}, fmt.Errorf("authentication request: %w", err)
	}
	req, err := r.authnRequest()
	if err == nil {
		err = r.finish()
	}
	switch {
	case err == nil:
		return req, nil
	case errors.Is(err, ErrVersion):
		return req, fmt.Errorf("authentication request: %w", err)
	}
	return AuthnRequest{}, fmt.Errorf("authentication request: %w", err)
}

// VerifyAuthnRequest verifies the enveloped signature of an AuthnRequest and
// reads the request from the verified bytes.
func VerifyAuthnRequest(msg []byte, keys []crypto.PublicKey) (AuthnRequest, error) {
	body, err := VerifyRoot(msg, MessageLimits(), keys)
	if err != nil {
		return AuthnRequest{}, fmt.Errorf("authentication request: %w", err)
	}
	req, err := ParseAuthnRequest(body)
	req.HasSignature = err == nil
	return req, err
}

func (r reader) authnRequest() (AuthnRequest, error) {
	if !r.is(nsProtocol, "AuthnRequest") {
		return AuthnRequest{}, r.fail("<%s> is not an AuthnRequest", r.local)
	}
	req, err := r.authnRequestAttributes()
	version := r.value("Version")
	if err != nil {
		return req, err
	}
	seen := make(map[string]bool, 6)
	err = r.each(func() error {
		name := string(r.local)
		if seen[name] {
			return r.fail("<%s> twice", name)
		}
		seen[name] = true
		return r.authnRequestChild(&req)
	})
	switch {
	case err != nil:
		return req, err
	case req.Issuer == "" || len(req.Issuer) > maxEntityID:
		return req, r.fail("no Issuer, or too long")
	case version != "2.0":
		return req, fmt.Errorf("version %q: %w", version, ErrVersion)
	}
	return req, nil
}

func (r reader) authnRequestAttributes() (req AuthnRequest, err error) {
	req.ID = r.value("ID")
	req.Destination = strings.TrimSpace(r.value("Destination"))
	req.ProtocolBinding = strings.TrimSpace(r.value("ProtocolBinding"))
	req.ACSURL = strings.TrimSpace(r.value("AssertionConsumerServiceURL"))
	if len(req.ID) > maxID || !isNCName(req.ID) {
		return req, r.fail("ID is not an xs:ID, or too long")
	}
	if req.IssueInstant, err = r.instant("IssueInstant"); err != nil {
		return req, err
	}
	if req.IssueInstant.IsZero() {
		return req, r.fail("no IssueInstant")
	}
	if req.ForceAuthn, err = r.boolean("ForceAuthn"); err != nil {
		return req, err
	}
	if req.IsPassive, err = r.boolean("IsPassive"); err != nil {
		return req, err
	}
	if req.ACSIndex, err = r.indexOr("AssertionConsumerServiceIndex"); err != nil {
		return req, err
	}
	req.AttributesIndex, err = r.indexOr("AttributeConsumingServiceIndex")
	// SAML Core 3.4.1 lets the index exclude ProtocolBinding too, but that pair
	// is common and leaves no doubt about the endpoint; a URL does.
	if err == nil && req.ACSIndex >= 0 && req.ACSURL != "" {
		err = r.fail("AssertionConsumerServiceIndex beside a URL")
	}
	return req, err
}

// indexOr is index with -1 for an absent attribute.
func (r reader) indexOr(name string) (int, error) {
	n, ok, err := r.index(name)
	if err != nil || !ok {
		return -1, err
	}
	return n, nil
}

func (r reader) authnRequestChild(req *AuthnRequest) (err error) {
	switch {
	case r.is(nsAssertion, "Issuer"):
		if f, ok := r.attr("Format"); ok && f != "urn:oasis:names:tc:SAML:2.0:nameid-format:entity" {
			return r.fail("Issuer is not an entity")
		}
		req.Issuer, err = r.trimmed()
		return err
	case r.is(nsDSig, "Signature"):
		req.HasSignature = true
		return nil
	case r.is(nsProtocol, "Extensions"), r.is(nsAssertion, "Conditions"):
		return nil
	case r.is(nsAssertion, "Subject"):
		req.HasSubject = true
		return r.requestedSubject(req)
	case r.is(nsProtocol, "NameIDPolicy"):
		req.NameIDPolicy.Format = strings.TrimSpace(r.value("Format"))
		req.NameIDPolicy.SPNameQualifier = r.value("SPNameQualifier")
		req.NameIDPolicy.AllowCreate, err = r.boolean("AllowCreate")
		return err
	case r.is(nsProtocol, "RequestedAuthnContext"):
		return r.requestedAuthnContext(&req.AuthnContext)
	case r.is(nsProtocol, "Scoping"):
		return r.scoping(req)
	}
	return r.fail("unexpected <%s>", r.local)
}

func (r reader) requestedAuthnContext(c *RequestedAuthnContext) error {
	switch c.Comparison = r.value("Comparison"); c.Comparison {
	case "":
		c.Comparison = "exact"
	case "exact", "minimum", "maximum", "better":
	default:
		return r.fail("unknown Comparison")
	}
	return r.each(func() error {
		if !r.is(nsAssertion, "AuthnContextClassRef") {
			return r.fail("<%s> is not supported here", r.local)
		}
		class, err := r.trimmed()
		if err == nil && (len(class) > maxClass || len(c.Classes) == maxClasses) {
			return r.fail("AuthnContextClassRef is too long, or too many")
		}
		c.Classes = append(c.Classes, class)
		return err
	})
}
