package app

import (
	"cmp"
	"fmt"
	"net/mail"
	"net/url"
	"strings"

	"ecluse/internal/saml"
)

// SAML is what our SAML metadata says of us beside keys and addresses: for people who choose and for federations. ECP answers
// programs that send a password, for services whose settings name the source that checks it.
type SAML struct {
	ECP bool `yaml:"ecp"`

	Name           Bilingual `yaml:"name"`
	Description    Bilingual `yaml:"description"`
	InformationURL Bilingual `yaml:"information_url"`
	PrivacyURL     Bilingual `yaml:"privacy_url"`
	Logo           Logo      `yaml:"logo"`

	Organization SAMLOrganization `yaml:"organization"`
	Contacts     SAMLContacts     `yaml:"contacts"`
	Scopes       []string         `yaml:"scopes"`

	EntityCategories       []string `yaml:"entity_categories"`
	SupportCategories      []string `yaml:"support_categories"`
	ServiceCategories      []string `yaml:"service_categories"`
	AssuranceCertification []string `yaml:"assurance_certification"`
}

// Bilingual is a text in French and English.
type Bilingual struct {
	FR string `yaml:"fr"`
	EN string `yaml:"en"`
}

// Logo is a picture by address, with its size in pixels.
type Logo struct {
	URL    string `yaml:"url"`
	Width  int    `yaml:"width"`
	Height int    `yaml:"height"`
}

// SAMLOrganization is whose the gateway is.
type SAMLOrganization struct {
	Name string `yaml:"name"`
	URL  string `yaml:"url"`
}

// SAMLContacts are mail addresses of functions, not of people.
type SAMLContacts struct {
	Technical string `yaml:"technical"`
	Support   string `yaml:"support"`
	Security  string `yaml:"security"`
}

// or gives the text, or another one where a language is empty.
func (b Bilingual) or(fr, en string) []saml.LocalName {
	return []saml.LocalName{{Lang: "fr", Text: cmp.Or(b.FR, fr)}, {Lang: "en", Text: cmp.Or(b.EN, en)}}
}

// aboutUs is what both of our metadata documents say; categories are those of the role.
func (c Config) aboutUs(categories, support []string) saml.About {
	s := c.SAML
	a := saml.About{
		DisplayNames: s.Name.or("Écluse", "Écluse"),
		Descriptions: s.Description.or(
			"Passerelle d'accès aux ressources numériques : elle ne transmet que ce qui est déclaré et approuvé.",
			"Gateway to digital resources: it passes on only what is declared and approved."),
		InformationURLs: s.InformationURL.or(c.PublicURL+"/aide", c.PublicURL+"/aide"),
		PrivacyURLs:     s.PrivacyURL.or(c.PublicURL+"/confidentialite", c.PublicURL+"/confidentialite"),
		Attributes: []saml.EntityAttribute{
			{Name: saml.EntityCategory, Values: categories},
			{Name: saml.EntityCategorySupport, Values: support},
			{Name: saml.AssuranceCertification, Values: s.AssuranceCertification},
		},
	}
	if s.Logo.URL != "" {
		a.Logos = []saml.Logo{{URL: s.Logo.URL, Width: s.Logo.Width, Height: s.Logo.Height}}
	}
	if s.Organization.Name != "" {
		a.OrgNames = Bilingual{}.or(s.Organization.Name, s.Organization.Name)
		a.OrgURLs = Bilingual{}.or(s.Organization.URL, s.Organization.URL)
	}
	for _, contact := range []saml.Contact{
		{Role: "technical", Mail: s.Contacts.Technical}, {Role: "support", Mail: s.Contacts.Support}, {Role: "security", Mail: s.Contacts.Security},
	} {
		if contact.Mail != "" {
			contact.Name = map[string]string{"technical": "Technique", "support": "Assistance", "security": "Sécurité"}[contact.Role]
			a.Contacts = append(a.Contacts, contact)
		}
	}
	return a
}

// asProvider is what services and federations read of us.
func (c Config) asProvider() saml.About {
	a := c.aboutUs(c.SAML.EntityCategories, c.SAML.SupportCategories)
	a.Scopes = c.SAML.Scopes
	return a
}

// asService is what sources read of us.
func (c Config) asService() saml.About { return c.aboutUs(c.SAML.ServiceCategories, nil) }

// samlMistakes are the mistakes of what our metadata is to say.
func (c Config) samlMistakes() []mistake {
	var out []mistake
	say := func(bad bool, key, what, mend string) {
		if bad {
			out = append(out, mistake{"saml." + key, what, mend})
		}
	}
	s := c.SAML
	for key, address := range map[string]string{
		"information_url.fr": s.InformationURL.FR, "information_url.en": s.InformationURL.EN,
		"privacy_url.fr": s.PrivacyURL.FR, "privacy_url.en": s.PrivacyURL.EN, "logo.url": s.Logo.URL, "organization.url": s.Organization.URL,
	} {
		say(address != "" && !isHTTPS(address), key, "it is no address with https", "https://…")
	}
	say(s.Logo.URL != "" && (s.Logo.Width <= 0 || s.Logo.Height <= 0), "logo", "its size is missing", "width and height in pixels")
	say((s.Organization.Name == "") != (s.Organization.URL == ""), "organization", "name and address belong together", "")
	for key, address := range map[string]string{"technical": s.Contacts.Technical, "support": s.Contacts.Support, "security": s.Contacts.Security} {
		at, err := mail.ParseAddress(address)
		say(address != "" && (err != nil || at.Address != address), "contacts."+key, "it is no mail address", "securite@ac-exemple.fr")
	}
	say(len(s.AssuranceCertification) > 0 && s.Contacts.Security == "", "contacts.security", "who is certified names whom to tell of an incident", "securite@ac-exemple.fr")
	for _, scope := range s.Scopes {
		bad := strings.ToLower(scope) != scope || strings.ContainsAny(scope, " /@:*") || !strings.Contains(scope, ".")
		say(bad, "scopes", fmt.Sprintf("%q is no domain", scope), "ac-exemple.fr")
	}
	for key, list := range map[string][]string{
		"entity_categories": s.EntityCategories, "support_categories": s.SupportCategories,
		"service_categories": s.ServiceCategories, "assurance_certification": s.AssuranceCertification,
	} {
		for _, value := range list {
			u, err := url.Parse(value)
			say(err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "", key, fmt.Sprintf("%q is no address", value), "https://refeds.org/sirtfi")
		}
	}
	return out
}

func isHTTPS(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil
}
