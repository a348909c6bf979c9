package saml

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const nsShibMD = "urn:mace:shibboleth:metadata:1.0"

// IDPFacts are what an identity provider publishes about itself (SAML Metadata 2.4.3). Who vouches for it is the caller's
// question: parsing verifies no signature.
type IDPFacts struct {
	EntityID   string
	ValidUntil time.Time // zero: not said

	WantRequestsSigned bool
	SigningKeys        []Certificate // at least one
	SSO                []Endpoint    // in document order; at least one is reached by a browser
	SingleLogout       []Endpoint
	Artifacts          []Endpoint // where messages behind its artifacts are fetched
	NameIDFormats      []string
	DisplayNames       []LocalName

	// Scopes are the domains for which it may say scoped values (shibmd:Scope), in lower case. Patterns are not read but
	// counted: a pattern that says too much is too easily written.
	Scopes   []string
	Patterns int
}

// endpointBy gives the first address of a list by a binding.
func endpointBy(list []Endpoint, binding string) (Endpoint, bool) {
	i := slices.IndexFunc(list, func(e Endpoint) bool { return e.Binding == binding })
	if i < 0 {
		return Endpoint{}, false
	}
	return list[i], true
}

// SignOn is where a request goes by a binding; ok is false where there is no such address.
func (f IDPFacts) SignOn(binding string) (location string, ok bool) {
	e, ok := endpointBy(f.SSO, binding)
	return e.Location, ok
}

// Logout is where an answer to a request to sign out goes by a binding.
func (f IDPFacts) Logout(binding string) (location string, ok bool) {
	e, ok := endpointBy(f.SingleLogout, binding)
	return e.Answer(), ok
}

// LogoutAt is where a request to sign out goes by a binding.
func (f IDPFacts) LogoutAt(binding string) (location string, ok bool) {
	e, ok := endpointBy(f.SingleLogout, binding)
	return e.Location, ok
}

// Resolution is where the message behind an artifact is asked for: the address by SOAP with that very index (SAML Bindings
// 3.6.4.2). No other is taken in its place.
func (f IDPFacts) Resolution(index int) (location string, ok bool) {
	i := slices.IndexFunc(f.Artifacts, func(e Endpoint) bool { return e.Binding == BindingSOAP && e.Index == index })
	if i < 0 {
		return "", false
	}
	return f.Artifacts[i].Location, true
}

// ParseIDPMetadata reads the metadata of one identity provider: one EntityDescriptor with one IDPSSODescriptor for SAML
// 2.0. Expired metadata, an address that is not https, and a provider without a signing key or without an address for
// browsers are refused; an error names the element and its line.
func ParseIDPMetadata(doc []byte, now time.Time, options ...MetadataOption) (IDPFacts, error) {
	facts, err := parseIDPMetadata(doc, now, options)
	if err != nil {
		return IDPFacts{}, fmt.Errorf("identity provider metadata: %w", err)
	}
	return facts, nil
}

func parseIDPMetadata(doc []byte, now time.Time, options []MetadataOption) (IDPFacts, error) {
	r, err := openRoot(doc, MetadataLimits())
	if err != nil {
		return IDPFacts{}, err
	}
	p := idpParser{spParser: spParser{reader: r, now: now}}
	for _, o := range options {
		o(&p.spParser)
	}
	if err := p.entity(p.entityChild); err != nil {
		return IDPFacts{}, err
	}
	if err := p.finish(); err != nil {
		return IDPFacts{}, err
	}
	return p.complete()
}

// idpParser reads what both roles have in common as it is read of a service (SAML Metadata 2.4.1 and 2.4.2).
type idpParser struct {
	spParser
	facts IDPFacts
}

func (p *idpParser) entityChild() error {
	switch {
	case p.is(nsMetadata, "Extensions"):
		return p.each(p.extension)
	case p.is(nsMetadata, "IDPSSODescriptor"):
		return p.role()
	}
	return nil
}

func (p *idpParser) role() (err error) {
	if !slices.Contains(strings.Fields(p.value("protocolSupportEnumeration")), nsProtocol) {
		return nil
	}
	if p.roles++; p.roles > 1 {
		return p.wrong("IDPSSODescriptor: a second one for SAML 2.0")
	}
	if err := p.valid(); err != nil {
		return err
	}
	if p.facts.WantRequestsSigned, err = p.boolean("WantAuthnRequestsSigned"); err != nil {
		return err
	}
	return p.each(p.roleChild)
}

func (p *idpParser) roleChild() error {
	switch {
	case p.is(nsMetadata, "SingleSignOnService"):
		e, err := p.endpoint()
		p.facts.SSO = append(p.facts.SSO, e)
		return err
	case p.is(nsMetadata, "Extensions"):
		return p.each(p.extension)
	case p.is(nsMetadata, "KeyDescriptor"), p.is(nsMetadata, "NameIDFormat"), p.is(nsMetadata, "SingleLogoutService"),
		p.is(nsMetadata, "ArtifactResolutionService"):
		return p.spParser.roleChild()
	}
	return nil
}

// extension reads mdui:UIInfo and shibmd:Scope, which stands below the role or the entity, and skips all others.
func (p *idpParser) extension() error {
	if !p.is(nsShibMD, "Scope") {
		return p.spParser.extension()
	}
	pattern, err := p.boolean("regexp")
	if err != nil {
		return err
	}
	text, err := p.trimmed()
	switch {
	case err != nil:
		return err
	case pattern:
		p.facts.Patterns++
	case text != "":
		p.facts.Scopes = append(p.facts.Scopes, strings.ToLower(text))
	}
	return nil
}

// complete refuses metadata with which nobody could be signed in.
func (p *idpParser) complete() (IDPFacts, error) {
	f := p.facts
	f.EntityID, f.ValidUntil, f.SigningKeys = p.md.EntityID, p.md.ValidUntil, p.md.SigningKeys
	f.SingleLogout, f.Artifacts, f.NameIDFormats, f.DisplayNames = p.md.SingleLogout, p.md.Artifacts, p.md.NameIDFormats, p.md.DisplayNames
	_, redirect := f.SignOn(BindingRedirect)
	_, post := f.SignOn(BindingPOST)
	switch {
	case p.roles == 0:
		return IDPFacts{}, fmt.Errorf("%w: %s: no IDPSSODescriptor for SAML 2.0", ErrMetadata, f.EntityID)
	case len(f.SigningKeys) == 0:
		return IDPFacts{}, fmt.Errorf("%w: %s: no signing key", ErrMetadata, f.EntityID)
	case !redirect && !post:
		return IDPFacts{}, fmt.Errorf("%w: %s: no SingleSignOnService with HTTP-Redirect or HTTP-POST", ErrMetadata, f.EntityID)
	}
	return f, nil
}
