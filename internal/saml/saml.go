// Package saml is SAML 2.0 on the wire, for both sides: it checks the shape of
// what arrives, decodes bindings, parses requests and metadata, verifies
// signatures, and writes responses and metadata in canonical form.
//
// It takes no decision: which key belongs to whom, which endpoint is allowed,
// which attribute may leave and how old a message may be are the caller's
// questions. It imports nothing of the gateway and nothing but the standard
// library.
//
// Three rules hold everywhere:
//
//   - Shape first. Every exported reader runs the linear shape check before
//     anything else looks at the bytes.
//   - One parser. The same strict tokenizer serves checking, canonicalising and
//     reading, so there is no second opinion about a document.
//   - Verify, then read. A verifier returns the canonical bytes it hashed, and
//     facts are read from those bytes alone. Keys never come from a message.
//
// Reading order: shape.go, token.go, c14n.go, verify.go for what comes in;
// writer.go, signer.go, response.go for what goes out.
package saml

// Namespaces of the vocabularies this package reads and writes.
const (
	nsAssertion = "urn:oasis:names:tc:SAML:2.0:assertion"
	nsProtocol  = "urn:oasis:names:tc:SAML:2.0:protocol"
	nsMetadata  = "urn:oasis:names:tc:SAML:2.0:metadata"
	nsMDUI      = "urn:oasis:names:tc:SAML:metadata:ui"
	nsDSig      = "http://www.w3.org/2000/09/xmldsig#"
	nsExcC14N   = "http://www.w3.org/2001/10/xml-exc-c14n#"
	nsXML       = "http://www.w3.org/XML/1998/namespace"
	nsXMLNS     = "http://www.w3.org/2000/xmlns/"
)

// Bindings (SAML Bindings 3).
const (
	BindingRedirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
	BindingPOST     = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
	BindingArtifact = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"
	BindingSOAP     = "urn:oasis:names:tc:SAML:2.0:bindings:SOAP"
	BindingPAOS     = "urn:oasis:names:tc:SAML:2.0:bindings:PAOS"
)

// Name identifier formats (SAML Core 8.3).
const (
	NameIDUnspecified = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
	NameIDEmail       = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
	NameIDPersistent  = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
	NameIDTransient   = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
	NameIDX509        = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"
)

// Attribute name formats (SAML Core 8.2).
const (
	AttrNameURI   = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
	AttrNameBasic = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"

	AttrNameUnspecified = "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"
)

// Status codes (SAML Core 3.2.2.2): the first four are top-level, the others
// stand below one of them.
const (
	StatusSuccess         = "urn:oasis:names:tc:SAML:2.0:status:Success"
	StatusRequester       = "urn:oasis:names:tc:SAML:2.0:status:Requester"
	StatusResponder       = "urn:oasis:names:tc:SAML:2.0:status:Responder"
	StatusVersionMismatch = "urn:oasis:names:tc:SAML:2.0:status:VersionMismatch"

	StatusAuthnFailed         = "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"
	StatusInvalidNameIDPolicy = "urn:oasis:names:tc:SAML:2.0:status:InvalidNameIDPolicy"
	StatusNoAvailableIDP      = "urn:oasis:names:tc:SAML:2.0:status:NoAvailableIDP"
	StatusNoAuthnContext      = "urn:oasis:names:tc:SAML:2.0:status:NoAuthnContext"
	StatusNoPassive           = "urn:oasis:names:tc:SAML:2.0:status:NoPassive"
	StatusNoSupportedIDP      = "urn:oasis:names:tc:SAML:2.0:status:NoSupportedIDP"
	StatusProxyCountExceeded  = "urn:oasis:names:tc:SAML:2.0:status:ProxyCountExceeded"
	StatusUnknownPrincipal    = "urn:oasis:names:tc:SAML:2.0:status:UnknownPrincipal"
	StatusPartialLogout       = "urn:oasis:names:tc:SAML:2.0:status:PartialLogout"
	StatusRequestDenied       = "urn:oasis:names:tc:SAML:2.0:status:RequestDenied"
	StatusRequestUnsupported  = "urn:oasis:names:tc:SAML:2.0:status:RequestUnsupported"
)

// Authentication context classes most often met (SAML AuthnContext 3.4).
const (
	ClassUnspecified       = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"
	ClassPassword          = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
	ClassPasswordTransport = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"

	ClassTimeSyncToken = "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken"
	ClassMobileTwo     = "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract"
	ClassX509          = "urn:oasis:names:tc:SAML:2.0:ac:classes:X509"
	ClassSmartcard     = "urn:oasis:names:tc:SAML:2.0:ac:classes:Smartcard"
	ClassSmartcardPKI  = "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI"
)

// Authentication context classes of the research federations (REFEDS Single-Factor and Multi-Factor Authentication
// Profiles) and of public identities (eIDAS SAML Message Format 1.2, 3.2).
const (
	ClassSFA              = "https://refeds.org/profile/sfa"
	ClassMFA              = "https://refeds.org/profile/mfa"
	ClassEIDASLow         = "http://eidas.europa.eu/LoA/low"
	ClassEIDASSubstantial = "http://eidas.europa.eu/LoA/substantial"
	ClassEIDASHigh        = "http://eidas.europa.eu/LoA/high"
)

// MethodBearer is the one subject confirmation method of the Web browser SSO
// profile (SAML Profiles 3.3 and 4.1.4.2).
const MethodBearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
