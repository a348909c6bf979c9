package saml

import (
	"slices"
	"strings"
	"time"
)

const (
	nsMDAttr = "urn:oasis:names:tc:SAML:metadata:attribute"

	attrCategory  = "http://macedir.org/entity-category"
	attrSupport   = "http://macedir.org/entity-category-support"
	attrAssurance = "urn:oasis:names:tc:SAML:attribute:assurance-certification"
)

// EntityFacts are what an entity's metadata says about it beside its roles, for people to read: whoever registered it, what
// it is called, what it says it keeps to. None of it decides anything.
type EntityFacts struct {
	EntityID   string
	ValidUntil time.Time // zero: not said

	Registrar  string    // mdrpi:RegistrationInfo
	Registered time.Time // zero: not said
	Policies   []LocalName

	Categories []string // entity categories that it is in (RFC 8409 2)
	Supports   []string // those that it supports
	Assurance  []string // assurance certifications (SAML Assurance 1.0), SIRTFI's among them

	Organization []LocalName
	DisplayNames []LocalName // mdui:UIInfo
	Descriptions []LocalName
	Information  []LocalName // addresses of pages
	Privacy      []LocalName
	Scopes       []string // shibmd:Scope, patterns left out
}

// ReadEntityFacts reads them from the metadata of one entity, whatever its roles.
func ReadEntityFacts(doc []byte) (EntityFacts, error) {
	r, err := openRoot(doc, MetadataLimits())
	if err != nil {
		return EntityFacts{}, err
	}
	if !r.is(nsMetadata, "EntityDescriptor") {
		return EntityFacts{}, r.fail("root is <%s>, one EntityDescriptor expected", r.local)
	}
	f := factsReader{reader: r}
	f.facts.EntityID = r.value("entityID")
	if f.facts.ValidUntil, err = r.instant("validUntil"); err == nil {
		err = r.each(f.child)
	}
	if err == nil {
		err = r.finish()
	}
	if err != nil {
		return EntityFacts{}, err
	}
	return f.facts, nil
}

type factsReader struct {
	reader
	facts EntityFacts
}

func (f *factsReader) child() error {
	switch {
	case f.is(nsMetadata, "Extensions"):
		return f.each(f.extension)
	case f.is(nsMetadata, "SPSSODescriptor"), f.is(nsMetadata, "IDPSSODescriptor"):
		return f.each(func() error {
			if f.is(nsMetadata, "Extensions") {
				return f.each(f.extension)
			}
			return nil
		})
	case f.is(nsMetadata, "Organization"):
		return f.each(func() error {
			if f.is(nsMetadata, "OrganizationDisplayName") {
				return f.localText(&f.facts.Organization)
			}
			return nil
		})
	}
	return nil
}

func (f *factsReader) extension() (err error) {
	switch {
	case f.is(nsMDRPI, "RegistrationInfo"):
		return f.registration()
	case f.is(nsMDAttr, "EntityAttributes"):
		return f.each(f.entityAttribute)
	case f.is(nsMDUI, "UIInfo"):
		return f.each(f.uiInfo)
	case f.is(nsShibMD, "Scope"):
		pattern, err := f.boolean("regexp")
		if err != nil || pattern {
			return err
		}
		text, err := f.trimmed()
		if text = strings.ToLower(text); text != "" && !slices.Contains(f.facts.Scopes, text) {
			f.facts.Scopes = append(f.facts.Scopes, text)
		}
		return err
	}
	return nil
}

// registration reads mdrpi:RegistrationInfo (SAML Metadata Registration and Publication Information 2.1).
func (f *factsReader) registration() (err error) {
	if f.facts.Registrar != "" {
		return nil // the first holds, as for the filter
	}
	f.facts.Registrar = f.value("registrationAuthority")
	if f.facts.Registered, err = f.instant("registrationInstant"); err != nil {
		return err
	}
	return f.each(func() error {
		if f.is(nsMDRPI, "RegistrationPolicy") {
			return f.localText(&f.facts.Policies)
		}
		return nil
	})
}

// entityAttribute reads one saml:Attribute of mdattr:EntityAttributes (SAML Metadata Extension for Entity Attributes 2.3).
func (f *factsReader) entityAttribute() error {
	if !f.is(nsAssertion, "Attribute") {
		return nil
	}
	into := map[string]*[]string{attrCategory: &f.facts.Categories, attrSupport: &f.facts.Supports, attrAssurance: &f.facts.Assurance}[f.value("Name")]
	if into == nil {
		return nil
	}
	return f.each(func() error {
		if !f.is(nsAssertion, "AttributeValue") {
			return nil
		}
		text, plain, err := f.plainContent()
		if text = strings.Trim(text, " \t\r\n"); plain && text != "" && !slices.Contains(*into, text) {
			*into = append(*into, text)
		}
		return err
	})
}

func (f *factsReader) uiInfo() error {
	into := map[string]*[]LocalName{
		"DisplayName": &f.facts.DisplayNames, "Description": &f.facts.Descriptions,
		"InformationURL": &f.facts.Information, "PrivacyStatementURL": &f.facts.Privacy,
	}[string(f.local)]
	if into == nil || string(f.space) != nsMDUI {
		return nil
	}
	return f.localText(into)
}

func (f *factsReader) localText(to *[]LocalName) error {
	lang := f.lang()
	text, err := f.trimmed()
	*to = append(*to, LocalName{Lang: lang, Text: text})
	return err
}

// Recognised says in words what the entity says it keeps to, of what federations agree on, each once, then what else it is
// in, as its address. These are its own words, passed on by whoever signed its metadata.
func (f EntityFacts) Recognised() []string {
	var out []string
	var rest []string
	for _, uri := range slices.Concat(f.Categories, f.Assurance) {
		if words, known := categoryWords(uri); known {
			out = append(out, words)
		} else {
			rest = append(rest, uri)
		}
	}
	return append(out, rest...)
}

// categoryWords are the words for what a service may be in or certified for.
func categoryWords(uri string) (words string, known bool) {
	switch uri {
	case "http://refeds.org/category/research-and-scholarship":
		return "Research and Scholarship (REFEDS R&S)", true
	case "http://www.geant.net/uri/dataprotection-code-of-conduct/v1":
		return "Data Protection Code of Conduct, version 1 (GÉANT CoCo v1)", true
	case "https://refeds.org/category/code-of-conduct/v2":
		return "Data Protection Code of Conduct, version 2 (REFEDS CoCo v2)", true
	case "https://refeds.org/category/anonymous":
		return "Anonymous access (REFEDS)", true
	case "https://refeds.org/category/pseudonymous":
		return "Pseudonymous access (REFEDS)", true
	case "https://refeds.org/category/personalized":
		return "Personalized access (REFEDS)", true
	case "https://refeds.org/sirtfi":
		return "Security incident response (SIRTFI)", true
	case "https://refeds.org/sirtfi2":
		return "Security incident response, version 2 (SIRTFI 2)", true
	}
	return "", false
}
