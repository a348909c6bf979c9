package saml

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"
)

// IDPMetadata is what the gateway publishes about itself as an identity
// provider. Certificates are DER, the signing one first during a rollover.
type IDPMetadata struct {
	EntityID     string
	ValidUntil   time.Time
	Certificates [][]byte

	SSORedirect, SSOPost string // at least one
	SSOSOAP              string // optional: for enhanced clients (SAML Profiles 4.2.5)

	LogoutRedirect, LogoutPost, LogoutSOAP string // optional
	ArtifactSOAP                           string // optional; its index is 0
	NameIDFormats                          []string
	WantRequestsSigned                     bool

	About About
}

// cacheDuration is how often whoever uses our metadata should look for newer one (SAML Metadata 2.3.2).
const cacheDuration = "PT6H"

// AppendIDPMetadata appends a signed EntityDescriptor to dst. Equal inputs give
// equal bytes with an RSA key, and with an ECDSA key held in this process: the
// document's ID is derived from its content. On an error dst comes back as it
// was.
func (s *Signer) AppendIDPMetadata(dst []byte, m *IDPMetadata) ([]byte, error) {
	var body writer
	body.entityExtensions(&m.About)
	body.idpRole(m)
	body.behind(&m.About)
	if body.err != nil {
		return dst, body.err
	}
	w := writer{b: dst}
	id := contentID(m.EntityID, m.ValidUntil, body.b)
	w.raw(`<md:EntityDescriptor xmlns:md="` + nsMetadata + `"`)
	w.attr(" ID", id)
	w.attr(" cacheDuration", cacheDuration)
	w.require("entityID", m.EntityID)
	w.attr(" entityID", m.EntityID)
	w.instant(" validUntil", m.ValidUntil)
	w.raw(`>`)
	room := s.reserve(&w, id)
	w.b = append(w.b, body.b...)
	w.raw(`</md:EntityDescriptor>`)
	s.sign(&w, len(dst), room, id)
	if w.err != nil {
		return dst, w.err
	}
	return w.b, nil
}

func contentID(entityID string, until time.Time, body []byte) string {
	h := sha256.New()
	h.Write([]byte(entityID + "\n" + until.UTC().Format(time.RFC3339Nano) + "\n"))
	h.Write(body)
	return "_" + hex.EncodeToString(h.Sum(nil)[:16])
}

func (w *writer) idpRole(m *IDPMetadata) {
	w.raw(`<md:IDPSSODescriptor`)
	if m.WantRequestsSigned {
		w.attr(" WantAuthnRequestsSigned", "true")
	}
	w.attr(" protocolSupportEnumeration", nsProtocol)
	w.raw(`>`)
	w.roleExtensions(&m.About, "")
	w.keys(m.Certificates)
	w.artifactService(m.ArtifactSOAP)
	w.endpoint("md:SingleLogoutService", BindingRedirect, m.LogoutRedirect)
	w.endpoint("md:SingleLogoutService", BindingPOST, m.LogoutPost)
	w.endpoint("md:SingleLogoutService", BindingSOAP, m.LogoutSOAP)
	for _, f := range m.NameIDFormats {
		w.element("md:NameIDFormat", f)
	}
	w.require("single sign-on address", m.SSORedirect+m.SSOPost)
	w.ssoService(BindingRedirect, m.SSORedirect)
	w.ssoService(BindingPOST, m.SSOPost)
	w.ssoService(BindingSOAP, m.SSOSOAP)
	w.raw(`</md:IDPSSODescriptor>`)
}

// keys writes the keys that sign (SAML Metadata 2.4.1.1).
func (w *writer) keys(certificates [][]byte) {
	if len(certificates) == 0 {
		w.refuse("no certificate")
	}
	for _, der := range certificates {
		w.key("signing", der, nil)
	}
}

// encryptionKeys writes the keys to encrypt to, with how: authenticated encryption, and key transport that tells nothing by
// its failures. AES-CBC, where it is read at all, stands behind them.
func (w *writer) encryptionKeys(certificates [][]byte, cbc bool) {
	methods := []string{algGCM256, algGCM128, algOAEP11, algOAEP}
	if cbc {
		methods = []string{algGCM256, algGCM128, algCBC256, algCBC128, algOAEP11, algOAEP}
	}
	for _, der := range certificates {
		w.key("encryption", der, methods)
	}
}

func (w *writer) key(use string, der []byte, methods []string) {
	w.raw(`<md:KeyDescriptor use="` + use + `"><ds:KeyInfo xmlns:ds="` + nsDSig + `"><ds:X509Data>`)
	w.element("ds:X509Certificate", base64.StdEncoding.EncodeToString(der))
	w.raw(`</ds:X509Data></ds:KeyInfo>`)
	for _, method := range methods {
		w.raw(`<md:EncryptionMethod Algorithm="` + method + `"></md:EncryptionMethod>`)
	}
	w.raw(`</md:KeyDescriptor>`)
}

// artifactService writes where artifacts are resolved (SAML Metadata 2.4.2).
func (w *writer) artifactService(location string) {
	if location == "" {
		return
	}
	w.raw(`<md:ArtifactResolutionService`)
	w.attr(" Binding", BindingSOAP)
	w.attr(" Location", location)
	w.raw(` index="0" isDefault="true"></md:ArtifactResolutionService>`)
}

func (w *writer) ssoService(binding, location string) {
	w.endpoint("md:SingleSignOnService", binding, location)
}

// endpoint writes an address, if there is one (SAML Metadata 2.2.2).
func (w *writer) endpoint(element, binding, location string) {
	if location == "" {
		return
	}
	w.raw(`<` + element)
	w.attr(" Binding", binding)
	w.attr(" Location", location)
	w.raw(`></` + element + `>`)
}
