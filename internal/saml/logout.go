package saml

import (
	"crypto"
	"fmt"
	"log/slog"
	"time"
)

// LogoutRequest says that a person's sessions are to end (SAML Core 3.7.1).
type LogoutRequest struct {
	ID           string
	IssueInstant time.Time
	NotOnOrAfter time.Time // zero: not said
	Destination  string
	Issuer       string
	NameID       NameID
	Sessions     []string // SessionIndex; none means all of the person's

	// HasSignature tells that an enveloped signature is there. It is worth nothing until VerifyLogoutRequest has looked at it.
	HasSignature bool
}

// String shows nothing of the person.
func (LogoutRequest) String() string { return "saml.LogoutRequest(redacted)" }

// GoString is String.
func (q LogoutRequest) GoString() string { return q.String() }

// LogValue is String.
func (q LogoutRequest) LogValue() slog.Value { return slog.StringValue(q.String()) }

const maxSessions = 64 // ours: each is looked for

// ParseLogoutRequest reads a LogoutRequest of at most MessageLimits. ID, Issuer, IssueInstant and a NameID in clear are
// there. Nothing it returns is authentic.
func ParseLogoutRequest(msg []byte) (LogoutRequest, error) {
	r, err := openRoot(msg, MessageLimits())
	if err != nil {
		return LogoutRequest{}, fmt.Errorf("logout request: %w", err)
	}
	q, err := r.logoutRequest()
	if err == nil {
		err = r.finish()
	}
	if err != nil {
		return LogoutRequest{}, fmt.Errorf("logout request: %w", err)
	}
	return q, nil
}

// VerifyLogoutRequest verifies the enveloped signature of a LogoutRequest and reads the request from the verified bytes.
func VerifyLogoutRequest(msg []byte, keys []crypto.PublicKey) (LogoutRequest, error) {
	body, err := VerifyRoot(msg, MessageLimits(), keys)
	if err != nil {
		return LogoutRequest{}, fmt.Errorf("logout request: %w", err)
	}
	q, err := ParseLogoutRequest(body)
	q.HasSignature = err == nil
	return q, err
}

func (r reader) logoutRequest() (q LogoutRequest, err error) {
	if !r.is(nsProtocol, "LogoutRequest") {
		return q, r.fail("<%s> is not a LogoutRequest", r.local)
	}
	h, err := r.messageHead()
	if err != nil {
		return q, err
	}
	q.ID, q.IssueInstant, q.Destination = h.id, h.at, h.destination
	if q.NotOnOrAfter, err = r.instant("NotOnOrAfter"); err != nil {
		return q, err
	}
	seen := make(map[string]bool, 4)
	err = r.each(func() error {
		name := string(r.local)
		if seen[name] && name != "SessionIndex" {
			return r.fail("<%s> twice", name)
		}
		seen[name] = true
		return r.logoutChild(&q)
	})
	if err == nil && (q.Issuer == "" || len(q.Issuer) > maxEntityID || q.NameID.Value == "" || len(q.Sessions) > maxSessions) {
		err = r.fail("no Issuer or NameID, or too many sessions")
	}
	return q, err
}

func (r reader) logoutChild(q *LogoutRequest) (err error) {
	switch {
	case r.is(nsAssertion, "Issuer"):
		q.Issuer, err = r.trimmed()
		return err
	case r.is(nsDSig, "Signature"):
		q.HasSignature = true
		return nil
	case r.is(nsProtocol, "Extensions"):
		return nil
	case r.is(nsAssertion, "NameID"):
		q.NameID = NameID{Format: r.value("Format"), NameQualifier: r.value("NameQualifier"), SPNameQualifier: r.value("SPNameQualifier")}
		q.NameID.Value, err = r.content()
		return err
	case r.is(nsProtocol, "SessionIndex"):
		index, err := r.content()
		q.Sessions = append(q.Sessions, index)
		return err
	}
	return r.fail("unexpected <%s>", r.local)
}
