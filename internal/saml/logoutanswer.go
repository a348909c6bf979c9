package saml

import (
	"crypto"
	"fmt"
	"time"
)

// LogoutResponse answers a LogoutRequest (SAML Core 3.7.2). Code is top-level; Detail is the second-level code, or empty.
type LogoutResponse struct {
	ID, InResponseTo string
	Issuer           string
	Destination      string
	IssueInstant     time.Time
	Code, Detail     string

	// HasSignature tells that an enveloped signature is there. It is worth nothing until VerifyLogoutResponse has looked at it.
	HasSignature bool
}

// ParseLogoutResponse reads a LogoutResponse of at most MessageLimits. ID, InResponseTo, Issuer, IssueInstant and Code are
// there. Nothing it returns is authentic.
func ParseLogoutResponse(msg []byte) (LogoutResponse, error) {
	r, err := openRoot(msg, MessageLimits())
	if err != nil {
		return LogoutResponse{}, fmt.Errorf("logout response: %w", err)
	}
	p, err := r.logoutResponse()
	if err == nil {
		err = r.finish()
	}
	if err != nil {
		return LogoutResponse{}, fmt.Errorf("logout response: %w", err)
	}
	return p, nil
}

// VerifyLogoutResponse verifies the enveloped signature of a LogoutResponse and reads it from the verified bytes.
func VerifyLogoutResponse(msg []byte, keys []crypto.PublicKey) (LogoutResponse, error) {
	body, err := VerifyRoot(msg, MessageLimits(), keys)
	if err != nil {
		return LogoutResponse{}, fmt.Errorf("logout response: %w", err)
	}
	p, err := ParseLogoutResponse(body)
	p.HasSignature = err == nil
	return p, err
}

func (r reader) logoutResponse() (p LogoutResponse, err error) {
	if !r.is(nsProtocol, "LogoutResponse") {
		return p, r.fail("<%s> is not a LogoutResponse", r.local)
	}
	h, err := r.messageHead()
	if err != nil {
		return p, err
	}
	p.ID, p.IssueInstant, p.Destination, p.InResponseTo = h.id, h.at, h.destination, h.inResponseTo
	err = r.once(func() error { return r.logoutAnswerChild(&p) })
	if err == nil && (p.Issuer == "" || len(p.Issuer) > maxEntityID || p.Code == "" || len(p.InResponseTo) > maxID || !isNCName(p.InResponseTo)) {
		err = r.fail("no Issuer, or too long, or no Status or InResponseTo")
	}
	return p, err
}

func (r reader) logoutAnswerChild(p *LogoutResponse) (err error) {
	switch {
	case r.is(nsAssertion, "Issuer"):
		p.Issuer, err = r.trimmed()
		return err
	case r.is(nsDSig, "Signature"):
		p.HasSignature = true
		return nil
	case r.is(nsProtocol, "Extensions"):
		return nil
	case r.is(nsProtocol, "Status"):
		var f Facts
		err = r.status(&f)
		p.Code, p.Detail = f.Status, f.StatusDetail
		return err
	}
	return r.fail("unexpected <%s>", r.local)
}

// AppendLogoutResponse appends an answer to dst as it travels where its signature is not inside. On an error dst comes
// back as it was.
func AppendLogoutResponse(dst []byte, p *LogoutResponse) ([]byte, error) {
	return appendLogoutResponse(dst, p, nil)
}

// AppendLogoutResponse appends an answer with its signature inside. On an error dst comes back as it was.
func (s *Signer) AppendLogoutResponse(dst []byte, p *LogoutResponse) ([]byte, error) {
	return appendLogoutResponse(dst, p, s)
}

func appendLogoutResponse(dst []byte, p *LogoutResponse, s *Signer) ([]byte, error) {
	w := writer{b: dst}
	w.id("answer ID", p.ID)
	w.id("InResponseTo", p.InResponseTo)
	w.require("status", p.Code)
	w.raw(`<samlp:LogoutResponse xmlns:samlp="` + nsProtocol + `"`)
	if s == nil || p.Destination != "" { // an answer by SOAP goes back as it came, to no address
		w.destination(p.Destination)
	}
	w.attr(" ID", p.ID)
	w.attr(" InResponseTo", p.InResponseTo)
	w.instant(" IssueInstant", p.IssueInstant)
	w.raw(` Version="2.0">`)
	room := w.issuer(p.Issuer, s, p.ID)
	w.raw(`<samlp:Status><samlp:StatusCode`)
	w.attr(" Value", p.Code)
	w.raw(`>`)
	if p.Detail != "" {
		w.raw(`<samlp:StatusCode`)
		w.attr(" Value", p.Detail)
		w.raw(`></samlp:StatusCode>`)
	}
	w.raw(`</samlp:StatusCode></samlp:Status></samlp:LogoutResponse>`)
	return w.finished(dst, s, room, p.ID)
}
