package saml

import (
	"strconv"
	"strings"
)

// Namespaces of what metadata says of an entity beside keys and addresses.
const (
	nsEntityAttributes = "urn:oasis:names:tc:SAML:metadata:attribute"
	nsAlgorithms       = "urn:oasis:names:tc:SAML:metadata:algsupport"
	nsREFEDS           = "http://refeds.org/metadata"
	nsDiscovery        = "urn:oasis:names:tc:SAML:profiles:SSO:idp-discovery-protocol"
)

// Names of entity attributes (RFC 8409 section 3; SAML V2.0 Identity Assurance Profiles 1.0 section 3).
const (
	EntityCategory         = "http://macedir.org/entity-category"
	EntityCategorySupport  = "http://macedir.org/entity-category-support"
	AssuranceCertification = "urn:oasis:names:tc:SAML:attribute:assurance-certification"
)

const contactSecurity = nsREFEDS + "/contactType/security" // REFEDS Security Contact Metadata Extension 1.0

// About is what an entity's metadata says of it for people and for federations. All of it is optional, and what is there is
// written in the order in which it stands.
type About struct {
	DisplayNames, Descriptions []LocalName // mdui, French first (SAML Metadata UI 2.1)
	Logos                      []Logo
	InformationURLs            []LocalName
	PrivacyURLs                []LocalName

	OrgNames, OrgURLs []LocalName // of the same languages
	Contacts          []Contact
	Attributes        []EntityAttribute
	Scopes            []string // shibmd:Scope, domains as they are
}

// Logo is a picture by address, with its size in pixels.
type Logo struct {
	Lang, URL     string // Lang is optional
	Width, Height int
}

// Contact is whom to write to. Role is technical, support, administrative, billing, or security.
type Contact struct{ Role, Name, Mail string }

// EntityAttribute is one attribute of an entity with its values (SAML Metadata Extension for Entity Attributes 2.1).
type EntityAttribute struct {
	Name   string
	Values []string
}

// entityExtensions writes which algorithms we accept and make (SAML Metadata Profile for Algorithm Support 2.3, 2.4) and
// what the entity is.
func (w *writer) entityExtensions(a *About) {
	w.raw(`<md:Extensions>`)
	for _, digest := range []string{algSHA256, "http://www.w3.org/2001/04/xmldsig-more#sha384", "http://www.w3.org/2001/04/xmlenc#sha512"} {
		w.raw(`<alg:DigestMethod xmlns:alg="` + nsAlgorithms + `" Algorithm="` + digest + `"></alg:DigestMethod>`)
	}
	for _, method := range []string{algRSA256, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"} {
		w.raw(`<alg:SigningMethod xmlns:alg="` + nsAlgorithms + `" Algorithm="` + method + `" MinKeySize="` + strconv.Itoa(minRSABits) + `"></alg:SigningMethod>`)
	}
	for _, method := range []string{algECDSA256, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"} {
		w.raw(`<alg:SigningMethod xmlns:alg="` + nsAlgorithms + `" Algorithm="` + method + `"></alg:SigningMethod>`)
	}
	w.entityAttributes(a.Attributes)
	w.raw(`</md:Extensions>`)
}

func (w *writer) entityAttributes(list []EntityAttribute) {
	open := false
	for _, a := range list {
		if len(a.Values) == 0 {
			continue
		}
		if !open {
			w.raw(`<mdattr:EntityAttributes xmlns:mdattr="` + nsEntityAttributes + `">`)
			open = true
		}
		w.require("name of an entity attribute", a.Name)
		w.raw(`<saml:Attribute xmlns:saml="` + nsAssertion + `"`)
		w.attr(" Name", a.Name)
		w.attr(" NameFormat", AttrNameURI)
		w.raw(`>`)
		for _, value := range a.Values {
			w.element("saml:AttributeValue", value)
		}
		w.raw(`</saml:Attribute>`)
	}
	if open {
		w.raw(`</mdattr:EntityAttributes>`)
	}
}

// roleExtensions writes scopes, where answers of a discovery service go, and what people are shown.
func (w *writer) roleExtensions(a *About, discovery string) {
	shown := len(a.DisplayNames) + len(a.Descriptions) + len(a.Logos) + len(a.InformationURLs) + len(a.PrivacyURLs)
	if shown+len(a.Scopes)+len(discovery) == 0 {
		return
	}
	w.raw(`<md:Extensions>`)
	for _, scope := range a.Scopes {
		w.require("scope", scope)
		w.raw(`<shibmd:Scope xmlns:shibmd="` + nsShibMD + `" regexp="false">`)
		w.text("scope", scope)
		w.raw(`</shibmd:Scope>`)
	}
	if discovery != "" {
		w.raw(`<idpdisc:DiscoveryResponse xmlns:idpdisc="` + nsDiscovery + `"`)
		w.attr(" Binding", nsDiscovery)
		w.attr(" Location", discovery)
		w.raw(` index="0"></idpdisc:DiscoveryResponse>`)
	}
	if shown > 0 {
		w.uiInfo(a)
	}
	w.raw(`</md:Extensions>`)
}

func (w *writer) uiInfo(a *About) {
	w.raw(`<mdui:UIInfo xmlns:mdui="` + nsMDUI + `">`)
	w.localNames("mdui:DisplayName", a.DisplayNames)
	w.localNames("mdui:Description", a.Descriptions)
	for _, logo := range a.Logos {
		if logo.Width <= 0 || logo.Height <= 0 {
			w.refuse("a logo without a size")
		}
		w.require("address of a logo", logo.URL)
		w.raw(`<mdui:Logo`)
		w.attr(" height", strconv.Itoa(logo.Height))
		w.attr(" width", strconv.Itoa(logo.Width))
		w.optional(" xml:lang", logo.Lang)
		w.raw(`>`)
		w.text("mdui:Logo", logo.URL)
		w.raw(`</mdui:Logo>`)
	}
	w.localNames("mdui:InformationURL", a.InformationURLs)
	w.localNames("mdui:PrivacyStatementURL", a.PrivacyURLs)
	w.raw(`</mdui:UIInfo>`)
}

func (w *writer) localNames(element string, names []LocalName) {
	for _, n := range names {
		w.require("language of a name", n.Lang)
		w.raw(`<` + element)
		w.attr(" xml:lang", n.Lang)
		w.raw(`>`)
		w.text(element, n.Text)
		w.raw(`</` + element + `>`)
	}
}

// behind writes what stands behind the roles: all three children of the organization that the schema wants, per language,
// and the contacts (SAML Metadata 2.3.2.1, 2.3.2.2).
func (w *writer) behind(a *About) {
	if len(a.OrgNames) > 0 {
		if len(a.OrgURLs) == 0 {
			w.refuse("no organization address")
		}
		w.raw(`<md:Organization>`)
		w.localNames("md:OrganizationName", a.OrgNames)
		w.localNames("md:OrganizationDisplayName", a.OrgNames)
		w.localNames("md:OrganizationURL", a.OrgURLs)
		w.raw(`</md:Organization>`)
	}
	for _, c := range a.Contacts {
		w.contact(c)
	}
}

func (w *writer) contact(c Contact) {
	w.require("mail address of a contact", c.Mail)
	switch c.Role {
	case "technical", "support", "administrative", "billing":
		w.raw(`<md:ContactPerson contactType="` + c.Role + `">`)
	case "security":
		w.raw(`<md:ContactPerson xmlns:remd="` + nsREFEDS + `" contactType="other" remd:contactType="` + contactSecurity + `">`)
	default:
		w.refuse("a contact for something unknown")
	}
	if c.Name != "" {
		w.element("md:GivenName", c.Name)
	}
	w.element("md:EmailAddress", "mailto:"+strings.TrimPrefix(c.Mail, "mailto:"))
	w.raw(`</md:ContactPerson>`)
}
