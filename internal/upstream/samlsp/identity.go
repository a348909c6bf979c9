package samlsp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"ecluse/internal/person"
	"ecluse/internal/saml"
	"ecluse/internal/upstream"
)

// NameIDAttribute is the name under which a mapping reads the NameID. An attribute of that name is left out: it is not what
// the name says.
const NameIDAttribute = "NameID"

// assertion hands over what was verified: attributes under their Name, letter for letter.
func (c *Connector) assertion(ctx context.Context, a *answer) upstream.Assertion {
	said := a.Assertion
	raw := person.Raw{
		Attributes: map[string][]string{},
		Authn:      person.Authn{At: said.AuthnInstant, Method: said.Class, Authorities: said.Authorities},
	}
	scopes := slices.Concat(a.them.Scopes, lower(c.settings.Scopes))
	for _, at := range said.Attributes {
		values := at.Values
		if c.scoped(at.Name) {
			values = within(scopes, values)
			if left := len(at.Values) - len(values); left > 0 {
				c.log.WarnContext(ctx, "values outside a source's scopes were left out", "attribute", at.Name, "values", left)
			}
		}
		if at.Name != NameIDAttribute && len(values) > 0 {
			raw.Attributes[at.Name] = append(raw.Attributes[at.Name], values...)
		}
	}
	// A transient one is another at every sign-in (SAML Core 8.3.8): it identifies nobody.
	if id := said.NameID; id.Value != "" && id.Format != saml.NameIDTransient {
		raw.Attributes[NameIDAttribute] = []string{id.Value}
	}
	return upstream.Assertion{
		Raw: raw, Session: sessionName(said.NameID, said.SessionIndex), Ends: said.SessionNotOnOrAfter, Context: said.Class,
	}
}

// usuallyScoped are attributes whose values end in the domain that speaks (SAML2int SDP-SP16).
func usuallyScoped() []string {
	return []string{
		"urn:oid:1.3.6.1.4.1.5923.1.1.1.6", "eduPersonPrincipalName", "urn:mace:dir:attribute-def:eduPersonPrincipalName",
		"urn:oid:1.3.6.1.4.1.5923.1.1.1.9", "eduPersonScopedAffiliation", "urn:mace:dir:attribute-def:eduPersonScopedAffiliation",
		"urn:oid:1.3.6.1.4.1.5923.1.1.1.13", "eduPersonUniqueId",
		"urn:oasis:names:tc:SAML:attribute:subject-id", "urn:oasis:names:tc:SAML:attribute:pairwise-id",
	}
}

func (c *Connector) scoped(name string) bool {
	return slices.Contains(usuallyScoped(), name) || slices.Contains(c.settings.Scoped, name)
}

// within keeps the values of known scopes. A provider without any has none to speak for.
func within(scopes, values []string) []string {
	var out []string
	for _, v := range values {
		if at := strings.LastIndexByte(v, '@'); at > 0 && slices.Contains(scopes, strings.ToLower(v[at+1:])) {
			out = append(out, v)
		}
	}
	return out
}

func lower(all []string) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = strings.ToLower(s)
	}
	return out
}

// sessionName is one session of one person there. The index alone may be that of many (SAML Core 2.7.2); of the name the
// value alone counts, since some leave out qualifiers when they sign out.
func sessionName(id saml.NameID, index string) string {
	if index == "" || id.Value == "" {
		return ""
	}
	h := sha256.New()
	for _, part := range []string{id.Value, index} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}
