package saml

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // it names a sender, as the standard wants it, and protects nothing
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Artifact stands for a message that its sender keeps (SAML Bindings 3.6.4.2, type 0x0004).
type Artifact struct {
	Endpoint int      // index of the sender's ArtifactResolutionService
	Source   [20]byte // SHA-1 of the sender's entityID
	Handle   [20]byte // random: whoever knows it, and is whom it was made for, gets the message
}

const artifactType = 0x0004

// NewArtifact makes one with a fresh handle.
func NewArtifact(entityID string, endpoint int) Artifact {
	a := Artifact{Endpoint: endpoint, Source: sha1.Sum([]byte(entityID))} //nolint:gosec // as above
	_, _ = rand.Read(a.Handle[:])                                         // it never returns an error
	return a
}

// Encode is the artifact as it travels.
func (a Artifact) Encode() string {
	b := make([]byte, 0, 44)
	b = binary.BigEndian.AppendUint16(b, artifactType)
	b = binary.BigEndian.AppendUint16(b, uint16(a.Endpoint)) //nolint:gosec // an index is an xs:unsignedShort
	return base64.StdEncoding.EncodeToString(append(append(b, a.Source[:]...), a.Handle[:]...))
}

// ParseArtifact reads one of type 0x0004, letter for letter as Encode writes it.
func ParseArtifact(s string) (Artifact, error) {
	b, err := decodeBase64(s)
	if err != nil || len(b) != 44 || binary.BigEndian.Uint16(b) != artifactType || strings.ContainsAny(s, "\r\n") {
		return Artifact{}, fmt.Errorf("%w: no artifact of type 0x0004", ErrBinding)
	}
	return Artifact{Endpoint: int(binary.BigEndian.Uint16(b[2:])), Source: [20]byte(b[4:24]), Handle: [20]byte(b[24:])}, nil
}

// String shows nothing of it: it is as good as the message.
func (Artifact) String() string { return "saml.Artifact(redacted)" }

// GoString is String.
func (a Artifact) GoString() string { return a.String() }

// LogValue is String.
func (a Artifact) LogValue() slog.Value { return slog.StringValue(a.String()) }

// ArtifactResolve asks for the message behind an artifact (SAML Core 3.5.1).
type ArtifactResolve struct {
	ID           string
	IssueInstant time.Time
	Destination  string
	Issuer       string
	Artifact     string // as it travelled

	// HasSignature tells that an enveloped signature is there. It is worth nothing until VerifyArtifactResolve has looked at it.
	HasSignature bool
}

// String shows nothing of the artifact.
func (ArtifactResolve) String() string { return "saml.ArtifactResolve(redacted)" }

// GoString is String.
func (q ArtifactResolve) GoString() string { return q.String() }

// LogValue is String.
func (q ArtifactResolve) LogValue() slog.Value { return slog.StringValue(q.String()) }

// ParseArtifactResolve reads an ArtifactResolve of at most MessageLimits. ID, Issuer, IssueInstant and Artifact are there.
// Nothing it returns is authentic.
func ParseArtifactResolve(msg []byte) (ArtifactResolve, error) {
	r, err := openRoot(msg, MessageLimits())
	if err != nil {
		return ArtifactResolve{}, fmt.Errorf("artifact request: %w", err)
	}
	q, err := r.artifactResolve()
	if err == nil {
		err = r.finish()
	}
	if err != nil {
		return ArtifactResolve{}, fmt.Errorf("artifact request: %w", err)
	}
	return q, nil
}

// VerifyArtifactResolve verifies the enveloped signature and reads the request from the verified bytes.
func VerifyArtifactResolve(msg []byte, keys []crypto.PublicKey) (ArtifactResolve, error) {
	body, err := VerifyRoot(msg, MessageLimits(), keys)
	if err != nil {
		return ArtifactResolve{}, fmt.Errorf("artifact request: %w", err)
	}
	q, err := ParseArtifactResolve(body)
	q.HasSignature = err == nil
	return q, err
}

func (r reader) artifactResolve() (q ArtifactResolve, err error) {
	if !r.is(nsProtocol, "ArtifactResolve") {
		return q, r.fail("<%s> is not an ArtifactResolve", r.local)
	}
	h, err := r.messageHead()
	if err != nil {
		return q, err
	}
	q.ID, q.IssueInstant, q.Destination = h.id, h.at, h.destination
	err = r.once(func() error {
		switch {
		case r.is(nsAssertion, "Issuer"):
			q.Issuer, err = r.trimmed()
			return err
		case r.is(nsDSig, "Signature"):
			q.HasSignature = true
			return nil
		case r.is(nsProtocol, "Extensions"):
			return nil
		case r.is(nsProtocol, "Artifact"):
			q.Artifact, err = r.trimmed()
			return err
		}
		return r.fail("unexpected <%s>", r.local)
	})
	if err == nil && (q.Issuer == "" || len(q.Issuer) > maxEntityID || q.Artifact == "") {
		err = r.fail("no Issuer, or too long, or no Artifact")
	}
	return q, err
}

// messageHead are the attributes that every message has (SAML Core 3.2.1 and 3.2.2).
type messageHead struct {
	id, destination, inResponseTo string
	at                            time.Time
}

func (r reader) messageHead() (h messageHead, err error) {
	h.id, h.destination, h.inResponseTo = r.value("ID"), strings.TrimSpace(r.value("Destination")), r.value("InResponseTo")
	if h.at, err = r.instant("IssueInstant"); err != nil {
		return h, err
	}
	if v := r.value("Version"); v != "2.0" {
		return h, fmt.Errorf("version %q: %w", v, ErrVersion)
	}
	if len(h.id) > maxID || !isNCName(h.id) || h.at.IsZero() {
		return h, r.fail("no ID, or too long, or no IssueInstant")
	}
	return h, nil
}

// once is each for children of which none may stand twice.
func (r reader) once(fn func() error) error {
	seen := make(map[string]bool, 4)
	return r.each(func() error {
		name := string(r.local)
		if seen[name] {
			return r.fail("<%s> twice", name)
		}
		seen[name] = true
		return fn()
	})
}

// ArtifactResponse answers an ArtifactResolve (SAML Core 3.5.2). Message is a Response as this package writes it; none where
// there is nothing to give (SAML Core 3.5.3), which is a success all the same.
type ArtifactResponse struct {
	ID, InResponseTo string
	Issuer           string
	IssueInstant     time.Time
	Message          []byte
}

// String shows nothing of the message.
func (ArtifactResponse) String() string { return "saml.ArtifactResponse(redacted)" }

// GoString is String.
func (p ArtifactResponse) GoString() string { return p.String() }

// LogValue is String.
func (p ArtifactResponse) LogValue() slog.Value { return slog.StringValue(p.String()) }

// AppendArtifactResponse appends a signed answer to dst. On an error dst comes back as it was.
func (s *Signer) AppendArtifactResponse(dst []byte, p *ArtifactResponse) ([]byte, error) {
	w := writer{b: dst}
	w.id("answer ID", p.ID)
	w.id("InResponseTo", p.InResponseTo)
	w.raw(`<samlp:ArtifactResponse xmlns:samlp="` + nsProtocol + `"`)
	w.attr(" ID", p.ID)
	w.attr(" InResponseTo", p.InResponseTo)
	w.instant(" IssueInstant", p.IssueInstant)
	w.raw(` Version="2.0">`)
	room := w.issuer(p.Issuer, s, p.ID)
	w.raw(`<samlp:Status><samlp:StatusCode Value="` + StatusSuccess + `"></samlp:StatusCode></samlp:Status>`)
	w.inner(p.Message)
	w.raw(`</samlp:ArtifactResponse>`)
	return w.finished(dst, s, room, p.ID)
}

// inner writes a response of ours inside another message. Its declaration of samlp goes, because the message around it has
// the same: both are then in canonical form, each for itself.
func (w *writer) inner(message []byte) {
	if len(message) == 0 {
		return
	}
	rest, ours := bytes.CutPrefix(message, []byte(`<samlp:Response xmlns:samlp="`+nsProtocol+`"`))
	if !ours {
		w.refuse("the message is not a response of ours")
		return
	}
	w.raw(`<samlp:Response`)
	w.b = append(w.b, rest...)
}
