package saml

import (
	"crypto"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// ErrMetadata is wrapped by every refusal of metadata that is well-formed but
// says what cannot be accepted.
var ErrMetadata = errors.New("metadata refused")

// SPMetadata is what one service publishes about itself (SAML Metadata 2.4.4).
// Who vouches for it is the caller's question: parsing verifies no signature.
type SPMetadata struct {
	EntityID   string
	ValidUntil time.Time // zero: not said

	AuthnRequestsSigned  bool
	WantAssertionsSigned bool

	SigningKeys    []Certificate
	EncryptionKeys []Certificate

	NameIDFormats    []string
	ACS              []Endpoint // in document order; at least one is usable
	SingleLogout     []Endpoint
	Artifacts        []Endpoint // where the service resolves artifacts of its own
	AttributeRequest []RequestedAttributes
	DisplayNames     []LocalName
}

// ErrEnded is wrapped, beside ErrMetadata, by the refusal of a service's metadata that is good no more.
var ErrEnded = errors.New("its validUntil is over")

// Endpoint is one address of a service. Index is -1 where none is given.
type Endpoint struct {
	Binding, Location, ResponseLocation string
	Index                               int
	IsDefault                           bool
}

// Usable tells whether a response can be sent there: by HTTP-POST only.
func (e Endpoint) Usable() bool { return e.Binding == BindingPOST }

// Answer is where an answer to a request goes (SAML Metadata 2.2.2).
func (e Endpoint) Answer() string {
	if e.ResponseLocation != "" {
		return e.ResponseLocation
	}
	return e.Location
}

// Logout gives the service's SingleLogoutService by a binding, the first of several.
func (m SPMetadata) Logout(binding string) (Endpoint, bool) {
	return endpointBy(m.SingleLogout, binding)
}

// RequestedAttributes is one AttributeConsumingService.
type RequestedAttributes struct {
	Index      int
	IsDefault  bool
	Names      []LocalName
	Attributes []RequestedAttribute
}

// RequestedAttribute is one attribute a service says it wants.
type RequestedAttribute struct {
	Name, NameFormat, FriendlyName string
	Required                       bool
}

// LocalName is a text in one language.
type LocalName struct{ Lang, Text string }

// Keys returns the public keys of certificates, for a verifier. Expired ones
// are among them: in metadata a certificate is a container for a key (SAML V2.0
// Metadata Interoperability Profile 2.6.1).
func Keys(certs []Certificate) []crypto.PublicKey {
	keys := make([]crypto.PublicKey, 0, len(certs))
	for _, c := range certs {
		keys = append(keys, c.Key)
	}
	return keys
}

// MetadataOption changes what ParseSPMetadata accepts.
type MetadataOption func(*spParser)

// AllowLocalHTTP accepts plain http for loopback addresses, localhost and
// names below .localhost, for development and the demo.
func AllowLocalHTTP() MetadataOption { return func(p *spParser) { p.localHTTP = true } }

// ParseSPMetadata reads the metadata of one service: one EntityDescriptor with
// one SPSSODescriptor for SAML 2.0. Expired metadata, an address that is not
// https and a service without a POST endpoint are refused; an error names the
// element and its line.
func ParseSPMetadata(doc []byte, now time.Time, options ...MetadataOption) (SPMetadata, error) {
	r, err := openRoot(doc, MetadataLimits())
	if err != nil {
		return SPMetadata{}, fmt.Errorf("service metadata: %w", err)
	}
	p := spParser{reader: r, now: now}
	for _, o := range options {
		o(&p)
	}
	if err = p.entity(p.entityChild); err == nil {
		err = r.finish()
	}
	if err == nil {
		err = p.complete()
	}
	if err != nil {
		return SPMetadata{}, fmt.Errorf("service metadata: %w", err)
	}
	return p.md, nil
}

type spParser struct {
	reader
	now       time.Time
	localHTTP bool
	roles     int
	md        SPMetadata
}

// wrong refuses what the current element says.
func (p *spParser) wrong(format string, args ...any) error {
	return fmt.Errorf("%w: line %d: %s", ErrMetadata, p.line(), fmt.Sprintf(format, args...))
}

// entity reads the root, and each of its children with child.
func (p *spParser) entity(child func() error) error {
	if !p.is(nsMetadata, "EntityDescriptor") {
		return p.wrong("root is <%s>, one EntityDescriptor expected", p.local)
	}
	id := p.value("entityID")
	if id == "" || len(id) > maxEntityID || strings.ContainsAny(id, " \t\r\n") {
		return p.wrong("EntityDescriptor: entityID is empty, longer than 1024 or has blanks")
	}
	p.md.EntityID = id
	if err := p.valid(); err != nil {
		return err
	}
	return p.each(child)
}

func (p *spParser) entityChild() error {
	if p.is(nsMetadata, "SPSSODescriptor") {
		return p.role()
	}
	return nil
}

// valid holds the current element to its validUntil and keeps the earliest.
func (p *spParser) valid() error {
	until, err := p.instant("validUntil")
	if err != nil || until.IsZero() {
		return err
	}
	if !until.After(p.now) {
		return fmt.Errorf("%w: %w", p.wrong("%s: expired on %s", p.local, until.Format(time.RFC3339)), ErrEnded)
	}
	if p.md.ValidUntil.IsZero() || until.Before(p.md.ValidUntil) {
		p.md.ValidUntil = until
	}
	return nil
}

func (p *spParser) role() (err error) {
	if !slices.Contains(strings.Fields(p.value("protocolSupportEnumeration")), nsProtocol) {
		return nil
	}
	if p.roles++; p.roles > 1 {
		return p.wrong("SPSSODescriptor: a second one for SAML 2.0")
	}
	if err := p.valid(); err != nil {
		return err
	}
	if p.md.AuthnRequestsSigned, err = p.boolean("AuthnRequestsSigned"); err != nil {
		return err
	}
	if p.md.WantAssertionsSigned, err = p.boolean("WantAssertionsSigned"); err != nil {
		return err
	}
	return p.each(p.roleChild)
}

func (p *spParser) roleChild() error {
	switch {
	case p.is(nsMetadata, "KeyDescriptor"):
		return p.keyDescriptor()
	case p.is(nsMetadata, "NameIDFormat"):
		f, err := p.trimmed()
		p.md.NameIDFormats = append(p.md.NameIDFormats, f)
		return err
	case p.is(nsMetadata, "AssertionConsumerService"):
		e, err := p.endpoint()
		if err == nil && slices.ContainsFunc(p.md.ACS, func(o Endpoint) bool { return o.Index == e.Index }) {
			return p.wrong("AssertionConsumerService: index %d is missing or used twice", e.Index)
		}
		p.md.ACS = append(p.md.ACS, e)
		return err
	case p.is(nsMetadata, "SingleLogoutService"):
		e, err := p.endpoint()
		p.md.SingleLogout = append(p.md.SingleLogout, e)
		return err
	case p.is(nsMetadata, "ArtifactResolutionService"):
		e, err := p.endpoint()
		p.md.Artifacts = append(p.md.Artifacts, e)
		return err
	case p.is(nsMetadata, "AttributeConsumingService"):
		return p.requestedAttributes()
	case p.is(nsMetadata, "Extensions"):
		return p.each(p.extension)
	}
	return nil
}

// endpoint reads an address (SAML Metadata 2.2.2 and 2.2.3).
func (p *spParser) endpoint() (e Endpoint, err error) {
	e.Binding, e.Location = strings.TrimSpace(p.value("Binding")), strings.TrimSpace(p.value("Location"))
	e.ResponseLocation = strings.TrimSpace(p.value("ResponseLocation"))
	if e.Binding == "" {
		return e, p.wrong("%s: no Binding", p.local)
	}
	if e.Index, err = p.indexOr("index"); err != nil {
		return e, err
	}
	if e.IsDefault, err = p.boolean("isDefault"); err != nil {
		return e, err
	}
	if why := p.badAddress(e.Location); why != "" {
		return e, p.wrong("%s index %d: Location %s", p.local, e.Index, why)
	}
	if why := p.badAddress(e.ResponseLocation); e.ResponseLocation != "" && why != "" {
		return e, p.wrong("%s index %d: ResponseLocation %s", p.local, e.Index, why)
	}
	return e, nil
}

// badAddress says what is wrong with an endpoint's address, or nothing.
func (p *spParser) badAddress(s string) string {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || u.Opaque != "":
		return "is not an absolute URL"
	case u.User != nil || u.Fragment != "" || strings.ContainsRune(s, '#'):
		return "has a user or a fragment"
	case u.Scheme == "https", u.Scheme == "http" && p.localHTTP && isLocalHost(u.Hostname()):
		return ""
	}
	return "is not https"
}

func isLocalHost(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback()
	}
	host = strings.ToLower(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

func (p *spParser) requestedAttributes() (err error) {
	var set RequestedAttributes
	if set.Index, err = p.indexOr("index"); err != nil {
		return err
	}
	if set.IsDefault, err = p.boolean("isDefault"); err != nil {
		return err
	}
	err = p.each(func() error {
		switch {
		case p.is(nsMetadata, "ServiceName"):
			return p.localName(&set.Names)
		case p.is(nsMetadata, "RequestedAttribute"):
			required, err := p.boolean("isRequired")
			set.Attributes = append(set.Attributes, RequestedAttribute{
				Name: p.value("Name"), NameFormat: p.value("NameFormat"),
				FriendlyName: p.value("FriendlyName"), Required: required,
			})
			return err
		}
		return nil
	})
	p.md.AttributeRequest = append(p.md.AttributeRequest, set)
	return err
}

// extension reads mdui:UIInfo (SAML Metadata UI 2.1) and skips all others.
func (p *spParser) extension() error {
	if !p.is(nsMDUI, "UIInfo") {
		return nil
	}
	return p.each(func() error {
		if p.is(nsMDUI, "DisplayName") {
			return p.localName(&p.md.DisplayNames)
		}
		return nil
	})
}

func (p *spParser) localName(to *[]LocalName) error {
	lang := p.lang()
	text, err := p.trimmed()
	*to = append(*to, LocalName{Lang: lang, Text: text})
	return err
}

// reachable tells whether a response can go there: itself, or an artifact, which is fetched by whoever can sign.
func (p *spParser) reachable(e Endpoint) bool {
	return e.Usable() || e.Binding == BindingArtifact && len(p.md.SigningKeys) > 0
}

// complete refuses metadata to which no response could be sent, or whose signed
// requests nobody could verify.
func (p *spParser) complete() error {
	switch {
	case p.roles == 0:
		return fmt.Errorf("%w: %s: no SPSSODescriptor for SAML 2.0", ErrMetadata, p.md.EntityID)
	case !slices.ContainsFunc(p.md.ACS, p.reachable):
		return fmt.Errorf("%w: %s: no AssertionConsumerService with HTTP-POST, nor one with HTTP-Artifact and a signing key", ErrMetadata, p.md.EntityID)
	case p.md.AuthnRequestsSigned && len(p.md.SigningKeys) == 0:
		return fmt.Errorf("%w: %s: AuthnRequestsSigned without a signing key", ErrMetadata, p.md.EntityID)
	}
	return nil
}
