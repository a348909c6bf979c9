package saml

import (
	"strconv"
	"time"
)

// SPDocument is what the gateway publishes about itself as a service of an identity provider. Certificates are DER, the
// signing one first during a rollover.
type SPDocument struct {
	EntityID     string
	ValidUntil   time.Time
	Certificates [][]byte

	RequestsSigned             bool
	ACS                        []string // by HTTP-POST, the default first; at least one
	ArtifactACS                string   // by HTTP-Artifact; optional
	ArtifactFirst              bool     // ArtifactACS is the default
	LogoutRedirect, LogoutPost string   // optional
	NameIDFormats              []string // optional
	Encryption                 [][]byte // certificates to encrypt to, DER; optional
	EncryptionCBC              bool     // AES-CBC is listed behind what is better
	Discovery                  string   // where a discovery service answers; optional
	About                      About
	Attributes                 []RequestedAttribute // optional; needs display names
}

// AppendSPMetadata appends a signed EntityDescriptor to dst. Equal inputs give equal bytes, as AppendIDPMetadata does. On
// an error dst comes back as it was.
func (s *Signer) AppendSPMetadata(dst []byte, m *SPDocument) ([]byte, error) {
	var body writer
	body.entityExtensions(&m.About)
	body.spRole(m)
	body.behind(&m.About)
	if body.err != nil {
		return dst, body.err
	}
	w := writer{b: dst}
	id := contentID(m.EntityID, m.ValidUntil, body.b)
	w.require("entityID", m.EntityID)
	w.raw(`<md:EntityDescriptor xmlns:md="` + nsMetadata + `"`)
	w.attr(" ID", id)
	w.attr(" cacheDuration", cacheDuration)
	w.attr(" entityID", m.EntityID)
	w.instant(" validUntil", m.ValidUntil)
	w.raw(`>`)
	room := s.reserve(&w, id)
	w.b = append(w.b, body.b...)
	w.raw(`</md:EntityDescriptor>`)
	return w.finished(dst, s, room, id)
}

// spRole writes the role with its children in the order of the schema (SAML Metadata 2.4.4).
func (w *writer) spRole(m *SPDocument) {
	w.raw(`<md:SPSSODescriptor`)
	w.attr(" AuthnRequestsSigned", strconv.FormatBool(m.RequestsSigned))
	w.attr(" WantAssertionsSigned", "true")
	w.attr(" protocolSupportEnumeration", nsProtocol)
	w.raw(`>`)
	w.roleExtensions(&m.About, m.Discovery)
	w.keys(m.Certificates)
	w.encryptionKeys(m.Encryption, m.EncryptionCBC)
	w.endpoint("md:SingleLogoutService", BindingRedirect, m.LogoutRedirect)
	w.endpoint("md:SingleLogoutService", BindingPOST, m.LogoutPost)
	for _, f := range m.NameIDFormats {
		w.element("md:NameIDFormat", f)
	}
	w.consumers(m)
	w.requested(m)
	w.raw(`</md:SPSSODescriptor>`)
}

// consumers lists where answers go. Each address keeps its index, whichever is the default: a source may have noted it.
func (w *writer) consumers(m *SPDocument) {
	if len(m.ACS) == 0 {
		w.refuse("no address for answers")
	}
	artifact := m.ArtifactFirst && m.ArtifactACS != ""
	for i, location := range m.ACS {
		w.consumer(BindingPOST, location, i, i == 0 && !artifact)
	}
	if m.ArtifactACS != "" {
		w.consumer(BindingArtifact, m.ArtifactACS, len(m.ACS), artifact)
	}
}

func (w *writer) consumer(binding, location string, index int, first bool) {
	w.require("address for answers", location)
	w.raw(`<md:AssertionConsumerService`)
	w.attr(" Binding", binding)
	w.attr(" Location", location)
	w.attr(" index", strconv.Itoa(index))
	w.flag(" isDefault", first)
	w.raw(`></md:AssertionConsumerService>`)
}

// requested lists the attributes that are read (SAML Metadata 2.4.4.1).
func (w *writer) requested(m *SPDocument) {
	if len(m.Attributes) == 0 {
		return
	}
	if len(m.About.DisplayNames) == 0 {
		w.refuse("attributes without a name of the service")
	}
	w.raw(`<md:AttributeConsumingService index="0">`)
	w.localNames("md:ServiceName", m.About.DisplayNames)
	for _, a := range m.Attributes {
		w.require("attribute name", a.Name)
		w.raw(`<md:RequestedAttribute`)
		w.optional(" FriendlyName", a.FriendlyName)
		w.attr(" Name", a.Name)
		w.optional(" NameFormat", a.NameFormat)
		w.flag(" isRequired", a.Required)
		w.raw(`></md:RequestedAttribute>`)
	}
	w.raw(`</md:AttributeConsumingService>`)
}
