package saml

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"time"
)

const nsMDRPI = "urn:oasis:names:tc:SAML:metadata:rpi"

// Roles are the roles for SAML 2.0 that an entity has (SAML Metadata 2.4).
type Roles uint8

// The roles that are looked for.
const (
	RoleSP Roles = 1 << iota
	RoleIDP
)

// AggregateRules say what a document of metadata must be to be taken.
type AggregateRules struct {
	// Signers are the keys of which one must have signed the root element; without any, nothing about a signature is
	// looked at: the document is as good as where it came from.
	Signers []Certificate
	Bytes   int64         // of the whole document
	Ends    bool          // the root must say until when it is good
	Longest time.Duration // and that may be no later than this from now; 0 is any time
	Now     time.Time
}

// Aggregate is what a document says of itself, once every byte of it was read.
type Aggregate struct {
	Name       string    // of an EntitiesDescriptor; most have none
	ValidUntil time.Time // zero: not said
	Signer     string    // fingerprint of the certificate whose key signed; empty where nobody was asked for
	Bytes      int64
}

// EntityAt is one EntityDescriptor of an aggregate: where it stands, and what is needed to read it alone.
type EntityAt struct {
	EntityID   string
	Offset     int64
	Length     int64
	Name       int               // length of its qualified name as written
	Context    string            // namespace declarations of what stands around it, to be written behind that name
	Sum        [sha256.Size]byte // SHA-256 of its bytes as they stand
	ValidUntil time.Time         // the earliest of its own and of everything around it; zero: not said
	Roles      Roles
	Registrar  string // mdrpi:RegistrationInfo
	Problem    string // why it cannot be used; empty when nothing is known against it
}

// Alone is the entity as a document of its own, from its bytes in the aggregate. ok is false for other bytes than those
// that were read: the file is not what was verified.
func (e *EntityAt) Alone(raw []byte) (doc []byte, ok bool) {
	if sha256.Sum256(raw) != e.Sum || len(raw) < e.Name+1 {
		return nil, false
	}
	doc = make([]byte, 0, len(raw)+len(e.Context))
	doc = append(append(doc, raw[:e.Name+1]...), e.Context...)
	return append(doc, raw[e.Name+1:]...), true
}

// AggregateLimits are the limits of a document of many entities; each entity has MetadataLimits of its own.
func AggregateLimits() Limits {
	return Limits{Depth: 40, Attributes: 128, Comments: true}
}

// ReadAggregate reads a document of metadata of any length in one pass and in bounded memory: one EntityDescriptor, or an
// EntitiesDescriptor with others in it (SAML Metadata 2.3.1). each is told every entity in the order of the document, those
// that cannot be used with the reason. None of that may be relied on before ReadAggregate has come back without an error:
// the signature covers the whole, and is known to hold when the last byte was read.
func ReadAggregate(src io.Reader, rules AggregateRules, each func(EntityAt) error) (Aggregate, error) {
	limits := AggregateLimits()
	s, err := newStream(&limitedReader{src: src, left: rules.Bytes}, limits)
	if err != nil {
		return Aggregate{}, fmt.Errorf("metadata: %w", err)
	}
	a := &aggregator{stream: s, rules: rules, each: each, sum: sha256.New()}
	a.found.Bytes = -1
	if err := a.read(); err != nil {
		return Aggregate{}, fmt.Errorf("metadata: %w", err)
	}
	return a.found, nil
}

type aggregator struct {
	*stream
	rules AggregateRules
	each  func(EntityAt) error
	found Aggregate

	seal  *seal // nil without signers
	until []time.Time
	sum   hash.Hash

	in       *EntityAt // the entity in which the tokenizer stands
	elements int
}

// seal is the signature of the root: what it says, and the canonical form of what it covers on its way into the digest.
type seal struct {
	canonicalizer
	rootID    string
	signature int64 // where its element begins
	digest    hash.Hash
	want      []byte
}

func (a *aggregator) read() error {
	if len(a.rules.Signers) > 0 {
		if err := a.unseal(); err != nil {
			return err
		}
	}
	if err := a.step(); err != nil {
		return err
	}
	for {
		if err := a.token(); err != nil {
			return err
		}
		if a.depth() == 0 {
			break
		}
		if err := a.step(); err != nil {
			return err
		}
	}
	for a.kind != tokEOF {
		if err := a.step(); err != nil {
			return err
		}
	}
	a.found.Bytes = a.at()
	return a.sealed()
}

// token looks at one token within the root element.
func (a *aggregator) token() error {
	switch a.kind {
	case tokStart:
		if a.seal != nil && a.base+int64(a.start) == a.seal.signature {
			return a.skipSignature()
		}
		if err := a.opens(); err != nil {
			return err
		}
	case tokEnd:
		if err := a.closes(); err != nil {
			return err
		}
	}
	return a.write()
}

// opens looks at the element that begins here: a group of entities, an entity, or something in one.
func (a *aggregator) opens() error {
	r := reader{a.tokenizer}
	inGroup := a.depth() == len(a.until)+1 && a.in == nil
	switch {
	case a.seal != nil && a.depth() > 1 && a.repeatsID():
		return fmt.Errorf("%w: the ID of the root is used twice", ErrSignature)
	case inGroup && r.is(nsMetadata, "EntitiesDescriptor"):
		return a.group()
	case inGroup && r.is(nsMetadata, "EntityDescriptor"):
		return a.entity()
	case a.depth() == 1:
		return fmt.Errorf("%w: root is <%s>, an EntitiesDescriptor or EntityDescriptor expected", ErrMetadata, a.local)
	case a.in != nil:
		a.inside()
	}
	return nil
}

func (a *aggregator) repeatsID() bool {
	for _, at := range a.attrs {
		switch string(at.local) {
		case "ID", "Id", "id":
			if string(decoded(at.raw, rawAttr)) == a.seal.rootID {
				return true
			}
		}
	}
	return false
}

// validUntil reads that of the current element: the earliest of it and of what stands around it holds (SAML Metadata
// 2.3.1 and 2.3.2).
func (a *aggregator) validUntil() (time.Time, error) {
	until, err := reader{a.tokenizer}.instant("validUntil")
	if n := len(a.until); n > 0 && !a.until[n-1].IsZero() && (until.IsZero() || a.until[n-1].Before(until)) {
		return a.until[n-1], err
	}
	return until, err
}

// group begins an EntitiesDescriptor. One that has ended takes what is in it along.
func (a *aggregator) group() error {
	until, err := a.validUntil()
	if err != nil {
		return err
	}
	if len(a.until) == 0 {
		a.found.Name = reader{a.tokenizer}.value("Name")
		if err := a.root(until); err != nil {
			return err
		}
	}
	a.until = append(a.until, until)
	return nil
}

// root holds the root to what is asked of its validUntil: without an end, an old copy with keys that were given up since
// could be served for ever, and an end that is far away is none (SAML2int SDP-MD02).
func (a *aggregator) root(until time.Time) error {
	a.found.ValidUntil = until
	const day = 24 * time.Hour
	switch {
	case until.IsZero() && a.rules.Ends:
		return fmt.Errorf("%w: it does not say until when it is good (validUntil)", ErrMetadata)
	case until.IsZero():
	case !until.After(a.rules.Now):
		return fmt.Errorf("%w: it has expired on %s", ErrMetadata, until.Format(time.RFC3339))
	case a.rules.Longest > 0 && until.Sub(a.rules.Now) > a.rules.Longest:
		return fmt.Errorf("%w: it would be good until %s, and %d days are the longest", ErrMetadata, until.Format(time.RFC3339), a.rules.Longest/day)
	}
	return nil
}

// entity begins an EntityDescriptor.
func (a *aggregator) entity() error {
	until, err := a.validUntil()
	if err != nil && a.depth() == 1 {
		return err
	}
	if a.depth() == 1 {
		if err := a.root(until); err != nil {
			return err
		}
	}
	e := &EntityAt{
		EntityID: reader{a.tokenizer}.value("entityID"), Offset: a.base + int64(a.start),
		Name: len(a.open[len(a.open)-1].qname), Context: a.context(), ValidUntil: until,
	}
	switch id := e.EntityID; {
	case id == "" || len(id) > maxEntityID || strings.ContainsAny(id, " \t\r\n"):
		e.Problem, e.EntityID = "its entityID is empty, longer than 1024 or has blanks", ""
	case err != nil:
		e.Problem = "its validUntil is no UTC time"
	case !until.IsZero() && !until.After(a.rules.Now):
		e.Problem = "it has expired on " + until.Format(time.RFC3339)
	}
	a.in, a.elements = e, 0
	a.sum.Reset()
	a.raw, a.fed = a.sum, e.Offset
	return nil
}

// context writes the namespaces in scope around the current element that it does not declare itself.
func (a *aggregator) context() string {
	outside := a.open[len(a.open)-1].bindings
	var out []byte
	for i := outside - 1; i >= 0; i-- { // the innermost declaration of a prefix holds
		b := a.ns[i]
		same := func(o binding) bool { return bytes.Equal(o.prefix, b.prefix) }
		if slices.ContainsFunc(a.ns[i+1:], same) || len(b.uri) == 0 {
			continue
		}
		out = append(out, " xmlns"...)
		if len(b.prefix) > 0 {
			out = append(append(out, ':'), b.prefix...)
		}
		out = append(appendAttrValue(append(out, `="`...), b.uri), '"')
	}
	return string(out)
}

// inside notes the roles and the registrar of the entity around the current element.
func (a *aggregator) inside() {
	a.elements++
	r, below := reader{a.tokenizer}, a.depth()-len(a.until)-1
	switch {
	case below == 1 && r.is(nsMetadata, "SPSSODescriptor") && a.speaksSAML2():
		a.in.Roles |= RoleSP
	case below == 1 && r.is(nsMetadata, "IDPSSODescriptor") && a.speaksSAML2():
		a.in.Roles |= RoleIDP
	case below == 2 && r.is(nsMDRPI, "RegistrationInfo") && a.in.Registrar == "":
		a.in.Registrar = r.value("registrationAuthority")
	}
}

func (a *aggregator) speaksSAML2() bool {
	return slices.Contains(strings.Fields(reader{a.tokenizer}.value("protocolSupportEnumeration")), nsProtocol)
}

// closes ends an entity or a group.
func (a *aggregator) closes() error {
	switch depth := a.depth(); {
	case a.in != nil && depth == len(a.until):
		return a.told()
	case a.in == nil && depth < len(a.until):
		a.until = a.until[:depth]
	}
	return nil
}

// told hands the entity on.
func (a *aggregator) told() error {
	e, limits := a.in, MetadataLimits()
	a.feed()
	a.in, a.raw = nil, nil
	e.Length = a.at() - e.Offset
	a.sum.Sum(e.Sum[:0])
	switch {
	case e.Problem != "":
	case e.Length+int64(len(e.Context)) > int64(limits.Bytes):
		e.Problem = fmt.Sprintf("it has %d bytes, and %d are the most", e.Length, limits.Bytes)
	case a.elements >= limits.Elements:
		e.Problem = fmt.Sprintf("it has more than %d elements", limits.Elements)
	case e.Roles == 0:
		e.Problem = noRole
	}
	return a.each(*e)
}

const noRole = "it has no role for SAML 2.0"

// sealed compares what was digested with what the signature says.
func (a *aggregator) sealed() error {
	if a.seal == nil {
		return nil
	}
	a.seal.flush()
	if subtle.ConstantTimeCompare(a.seal.digest.Sum(nil), a.seal.want) != 1 {
		return fmt.Errorf("%w: digest differs", ErrSignature)
	}
	return nil
}
