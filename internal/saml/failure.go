package saml

import "time"

// Failure is one refusal to be written as a response without assertion (SAML
// Core 3.2.2). Code is top-level; Detail is the second-level code, or empty;
// Message is for people and holds nothing personal.
type Failure struct {
	ID, InResponseTo string
	Issuer           string
	Destination      string
	IssueInstant     time.Time

	Code, Detail, Message string
}

// AppendFailure appends an unsigned error response to dst. On an error dst
// comes back as it was.
func AppendFailure(dst []byte, f *Failure) ([]byte, error) {
	return appendFailure(dst, f, nil)
}

// AppendFailure appends an error response signed as a whole.
func (s *Signer) AppendFailure(dst []byte, f *Failure) ([]byte, error) {
	return appendFailure(dst, f, s)
}

func appendFailure(dst []byte, f *Failure, s *Signer) ([]byte, error) {
	w := writer{b: dst}
	switch f.Code {
	case StatusRequester, StatusResponder, StatusVersionMismatch:
	default:
		w.refuse("status code is none of a failure")
	}
	w.responseHead(f.ID, f.InResponseTo, f.Issuer, f.Destination, f.IssueInstant)
	var room span
	if s != nil {
		room = s.reserve(&w, f.ID)
	}
	w.raw(`<samlp:Status><samlp:StatusCode`)
	w.attr(" Value", f.Code)
	w.raw(`>`)
	if f.Detail != "" {
		w.raw(`<samlp:StatusCode`)
		w.attr(" Value", f.Detail)
		w.raw(`></samlp:StatusCode>`)
	}
	w.raw(`</samlp:StatusCode>`)
	if f.Message != "" {
		w.element("samlp:StatusMessage", f.Message)
	}
	w.raw(`</samlp:Status></samlp:Response>`)
	if s != nil {
		s.sign(&w, len(dst), room, f.ID)
	}
	if w.err != nil {
		return dst, w.err
	}
	return w.b, nil
}
