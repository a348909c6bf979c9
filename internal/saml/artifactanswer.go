package saml

import (
	"crypto"
	"fmt"
	"log/slog"
	"time"
)

// AppendArtifactResolve appends a signed request for the message behind an artifact to dst (SAML Core 3.5.1, Bindings
// 3.6.4). On an error dst comes back as it was.
func (s *Signer) AppendArtifactResolve(dst []byte, q *ArtifactResolve) ([]byte, error) {
	w := writer{b: dst}
	w.id("request ID", q.ID)
	w.require("artifact", q.Artifact)
	w.raw(`<samlp:ArtifactResolve xmlns:samlp="` + nsProtocol + `"`)
	w.destination(q.Destination)
	w.attr(" ID", q.ID)
	w.instant(" IssueInstant", q.IssueInstant)
	w.raw(` Version="2.0">`)
	room := w.issuer(q.Issuer, s, q.ID)
	w.element("samlp:Artifact", q.Artifact)
	w.raw(`</samlp:ArtifactResolve>`)
	return w.finished(dst, s, room, q.ID)
}

// ArtifactAnswer is what an ArtifactResponse says (SAML Core 3.5.2), as it was verified.
type ArtifactAnswer struct {
	ID, InResponseTo string
	Issuer           string
	IssueInstant     time.Time
	Status           string

	// Message is the Response inside as a document of its own: none where the artifact stands for nothing (any more). It is
	// not parsed yet, and the signature around it is not taken for its own: ReadResponse reads it as one that came by a browser.
	Message []byte
}

// String shows nothing of the message.
func (ArtifactAnswer) String() string { return "saml.ArtifactAnswer(redacted)" }

// GoString is String.
func (a ArtifactAnswer) GoString() string { return a.String() }

// LogValue is String.
func (a ArtifactAnswer) LogValue() slog.Value { return slog.StringValue(a.String()) }

// VerifyArtifactResponse verifies the enveloped signature of an ArtifactResponse and reads it from the verified bytes. ID,
// InResponseTo, Issuer, IssueInstant and Status are there. Nothing but one Response may stand in it; in that one alone there
// may be further signatures and assertions, and no ID may stand twice, inside or outside.
func VerifyArtifactResponse(msg []byte, keys []crypto.PublicKey) (ArtifactAnswer, error) {
	s, message, err := surveyArtifact(msg)
	if err != nil {
		return ArtifactAnswer{}, fmt.Errorf("answer to an artifact: %w", err)
	}
	body, err := s.verify(s.root, keys)
	if err != nil {
		return ArtifactAnswer{}, fmt.Errorf("answer to an artifact: %w", err)
	}
	r, err := reopenRoot(body, s.limits)
	if err != nil {
		return ArtifactAnswer{}, fmt.Errorf("answer to an artifact: %w", err)
	}
	a, err := r.artifactAnswer()
	if err != nil {
		return ArtifactAnswer{}, fmt.Errorf("answer to an artifact: %w", err)
	}
	a.Message = message
	return a, nil
}

// surveyArtifact is survey for the one message that has another inside.
func surveyArtifact(msg []byte) (s *outline, message []byte, err error) {
	r, err := openRoot(msg, MessageLimits())
	if err != nil {
		return nil, nil, err
	}
	if !r.is(nsProtocol, "ArtifactResponse") {
		return nil, nil, r.fail("<%s> is not an ArtifactResponse", r.local)
	}
	s = &outline{doc: msg, limits: MessageLimits(), r: r, ids: make(map[string]bool, 4)}
	s.root = &target{span: span{from: r.start}, id: r.value("ID")}
	if err := s.takeIDs(); err != nil {
		return nil, nil, err
	}
	err = r.each(func() (err error) {
		switch {
		case r.is(nsDSig, "Signature"):
			return s.readSignature(s.root)
		case r.is(nsProtocol, "Response") && message != nil:
			return r.fail("two messages in it")
		case r.is(nsProtocol, "Response"):
			message, err = r.lift(s.takeIDs)
			return err
		}
		return s.inside()
	})
	if err != nil {
		return nil, nil, err
	}
	s.root.to = r.pos
	return s, message, r.finish()
}

func (r reader) artifactAnswer() (a ArtifactAnswer, err error) {
	h, err := r.messageHead()
	if err != nil {
		return a, err
	}
	a.ID, a.IssueInstant, a.InResponseTo = h.id, h.at, h.inResponseTo
	err = r.once(func() error {
		switch {
		case r.is(nsAssertion, "Issuer"):
			a.Issuer, err = r.trimmed()
			return err
		case r.is(nsProtocol, "Extensions"), r.is(nsProtocol, "Response"):
			return nil
		case r.is(nsProtocol, "Status"):
			var f Facts
			err = r.status(&f)
			a.Status = f.Status
			return err
		}
		return r.fail("unexpected <%s>", r.local)
	})
	if err == nil && (a.Issuer == "" || len(a.Issuer) > maxEntityID || a.Status == "" || len(a.InResponseTo) > maxID || !isNCName(a.InResponseTo)) {
		err = r.fail("no Issuer, or too long, or no Status or InResponseTo")
	}
	return a, err
}
