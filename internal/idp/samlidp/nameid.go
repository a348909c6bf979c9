package samlidp

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"ecluse/internal/attrs"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
)

// mailWord is the dictionary's word for a mail address.
const mailWord attrs.Name = "mail"

// targetedID is eduPersonTargetedID, whose value is no text but a persistent identifier (eduPerson 201602, 4.15).
const targetedID = "urn:oid:1.3.6.1.4.1.5923.1.1.1.10"

// needsValue tells whether a format is only for a released value, never for the pseudonym.
func needsValue(format string) bool {
	return format == saml.NameIDEmail || format == saml.NameIDUnspecified || format == saml.NameIDX509
}

// format chooses the format of the NameID. What a request names is given or refused, never replaced (SAML Core 3.4.1.1);
// unspecified names nothing. Empty means that it cannot be given.
func (s *party) format(asked string, b registry.Binding) string {
	set, able := formats()[s.NameID], servable(b)
	switch {
	case asked == "" || asked == saml.NameIDUnspecified:
		if set == "" {
			return s.usual(able, b)
		}
		return set
	case set != "" && set != asked, !slices.Contains(able, asked):
		return ""
	}
	return asked
}

// servable lists the formats in which the binding's subject can be said.
func servable(b registry.Binding) []string {
	able := []string{saml.NameIDPersistent, saml.NameIDTransient}
	switch b.Subject {
	case "", "pseudonym":
	case mailWord:
		able = append(able, saml.NameIDEmail, saml.NameIDUnspecified)
	default:
		able = append(able, saml.NameIDUnspecified, saml.NameIDX509)
	}
	return able
}

// usual is the format when neither request nor settings name one: the first that the service's metadata lists, else the
// one that fits the subject.
func (s *party) usual(able []string, b registry.Binding) string {
	for _, f := range s.NameIDFormats {
		if slices.Contains(able, f) {
			return f
		}
	}
	if b.Subject == "" || b.Subject == "pseudonym" {
		return saml.NameIDPersistent
	}
	return saml.NameIDUnspecified
}

// nameID says the subject in a format, in the service's own name space or in the one that it asked for. ok is false when the
// release does not allow it: a format for values says nothing of a pseudonym, and a mail address or the name of a
// certificate's holder is one or is not sent.
func (p *Provider) nameID(format string, out attrs.Output, sp *party, space string) (id saml.NameID, ok bool) {
	id = saml.NameID{Value: out.Subject, Format: format}
	switch format {
	case saml.NameIDTransient:
		id.Value = saml.NewID()
	case saml.NameIDPersistent:
		if out.Pseudonym {
			id.NameQualifier, id.SPNameQualifier = p.entityID, sp.EntityID
			if space != "" && sp.speaksFor(space) {
				id.SPNameQualifier = space
			}
		}
	case saml.NameIDEmail:
		a, err := mail.ParseAddress(out.Subject)
		return id, !out.Pseudonym && err == nil && a.Address == out.Subject
	case saml.NameIDUnspecified:
		return id, !out.Pseudonym && id.Value != ""
	case saml.NameIDX509:
		return id, !out.Pseudonym && distinguished(out.Subject)
	default:
		return id, false
	}
	return id, id.Value != ""
}

// distinguished tells whether a text is the name of a certificate's holder as XML Signature 4.5.4.1 has it written: fields
// of a type and a value, with commas between.
func distinguished(s string) bool {
	field := regexp.MustCompile(`^ *([A-Za-z][A-Za-z0-9-]*|[0-9]+(\.[0-9]+)+) *= *[^ =<>;"]([^=<>;"]*)$`)
	fields := strings.Split(strings.ReplaceAll(strings.ReplaceAll(s, `\\`, "_"), `\,`, "_"), ",")
	return !slices.ContainsFunc(fields, func(f string) bool { return !field.MatchString(f) })
}

// persistent says numbers as identifiers of a service's own.
func (p *Provider) persistent(numbers []string, sp string) []saml.NameID {
	out := make([]saml.NameID, len(numbers))
	for i, n := range numbers {
		out[i] = saml.NameID{Value: n, Format: saml.NameIDPersistent, NameQualifier: p.entityID, SPNameQualifier: sp}
	}
	return out
}
