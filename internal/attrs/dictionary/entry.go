package dictionary

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Name is the dictionary's word for an attribute. Protocol packages use it without knowing package person.
type Name = person.Attr

// Entry is one word of the dictionary.
type Entry struct {
	Attr     Name          `yaml:"attribute"`
	Label    registry.Text `yaml:"label"`
	Child    registry.Text `yaml:"child"`
	Category string        `yaml:"category"` // one of Categories
	Names    bool          `yaml:"names"`    // it names a person or could single one out
	Feared   bool          `yaml:"feared"`   // a page says that it does not leave, where it does not
	Many     bool          `yaml:"many"`     // a service always gets a list of it, whatever the number of values
	Reveals  Revealing     `yaml:"reveals"`  // how its values may say too much
	GAR      string        `yaml:"gar"`
	SDET     string        `yaml:"sdet"`
	SAML     SAMLName      `yaml:"saml"`
	OIDC     Claim         `yaml:"oidc"`
	CAS      string        `yaml:"cas"`
	Also     []string      `yaml:"also"` // further names by which services ask for the same
	Derived  bool          `yaml:"derived"`
	Corrects string        `yaml:"corrects"` // one of Correctors
	Instead  []Name        `yaml:"instead"`  // words that tell less and often do in its place, what tells least first
}

// SAMLName is how a SAML attribute is named. A name that begins with "urn:" has the uri format, another the basic one.
type SAMLName struct {
	Name     string `yaml:"name"`
	Friendly string `yaml:"friendly"`
}

// Claim is an OIDC claim and the scope that asks for it.
type Claim struct {
	Name  string `yaml:"claim"`
	Scope string `yaml:"scope"`
}

// Revealing is how the values of a word may say of somebody's health, disability, origin or religion (RGPD art. 9).
type Revealing string

// The ways in which values reveal.
const (
	NoLabel Revealing = ""      // they are numbers of ours, names, or words of a closed list
	ByLabel Revealing = "label" // each value is a word or a code that the rules may hold back
	ByLevel Revealing = "level" // a code that says what the level says, and is held back with it
)

// Categories lists the categories of data, as the register names them.
func Categories() []string { return []string{"identity", "contact", "schooling", "place", "technical"} }

// Correctors lists who may correct a value: the school in its own base, the source, or whoever runs the gateway.
func Correctors() []string { return []string{"school", "source", "operator"} }

// longestForAChild bounds a child's wording, in characters: it stands on one line beside a picture.
const longestForAChild = 56

// wire lists every name that the word has anywhere, the dictionary's own first.
func (e Entry) wire() []string {
	all := append([]string{string(e.Attr), e.SAML.Name, e.SAML.Friendly, e.OIDC.Name, e.CAS, e.GAR}, strings.Split(e.SDET, ",")...)
	return append(all, e.Also...)
}

// flaw is one mistake of an entry, at one of its keys.
type flaw struct {
	key string
	err error
}

// flaws tells what is wrong with the entry by itself.
func (e Entry) flaws() []flaw {
	var out []flaw
	say := func(bad bool, key, format string, args ...any) {
		if bad {
			out = append(out, flaw{key, fmt.Errorf(format, args...)})
		}
	}
	say(!isWord(string(e.Attr)), "attribute", "the word is missing, or is not written in small letters, digits and _")
	for _, name := range e.wire() {
		say(Forbidden(name), e.keyOf(name), "%q: %w", strings.TrimSpace(name), ErrForbidden)
	}
	say(e.Label.FR == "" || e.Label.EN == "", "label", "a label is missing: French and English")
	say(e.Child.FR == "" || e.Child.EN == "", "child", "a child's wording is missing: French and English")
	for _, text := range []string{e.Child.FR, e.Child.EN} {
		say(utf8.RuneCountInString(text) > longestForAChild, "child", "%q is long for a child: %d characters at most", text, longestForAChild)
	}
	say(!slices.Contains(Categories(), e.Category), "category", "%q is no category: one of %q", e.Category, Categories())
	say(!slices.Contains(Correctors(), e.Corrects), "corrects", "%q corrects nothing: one of %q", e.Corrects, Correctors())
	say(e.Reveals != NoLabel && e.Reveals != ByLabel && e.Reveals != ByLevel, "reveals", "%q is no way to reveal: label or level", e.Reveals)
	say(e.SAML.Name == "", "saml", "the name of the SAML attribute is missing")
	say(e.OIDC.Name == "" || e.OIDC.Scope == "", "oidc", "the claim is missing, or the scope that asks for it")
	say(ReservedClaim(e.OIDC.Name), "oidc", "the claim %q says something about the token", e.OIDC.Name)
	say(e.CAS == "", "cas", "the name in a CAS answer is missing")
	for _, name := range append([]string{e.SAML.Name, e.OIDC.Name, e.OIDC.Scope, e.CAS}, e.Also...) {
		say(strings.ContainsAny(name, " \t\r\n<>&\"'"), e.keyOf(name), "%q is no name for a protocol", name)
	}
	return out
}

// keyOf tells under which key a name stands.
func (e Entry) keyOf(name string) string {
	switch name {
	case string(e.Attr):
		return "attribute"
	case e.SAML.Name, e.SAML.Friendly:
		return "saml"
	case e.OIDC.Name, e.OIDC.Scope:
		return "oidc"
	case e.CAS:
		return "cas"
	case e.GAR:
		return "gar"
	}
	if slices.Contains(e.Also, name) {
		return "also"
	}
	return "sdet"
}

// ReservedClaim tells claims that say something about the token (OpenID Connect Core 2, RFC 7519 4.1) and so are never
// the name of an attribute.
func ReservedClaim(claim string) bool {
	switch claim {
	case "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "auth_time", "nonce", "acr", "amr", "azp", "sid", "at_hash",
		"c_hash", "s_hash", "rat", "cnf", "act", "may_act", "events", "sub_jwk", "_claim_names", "_claim_sources":
		return true
	}
	return false
}

// isWord tells whether s is written as the dictionary writes its words.
func isWord(s string) bool {
	return s != "" && s[0] >= 'a' && s[0] <= 'z' && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_'
	})
}

// names claims the names of an entry in every protocol. A name that another word has in the same protocol is a mistake.
func (d *Dictionary) names(e Entry) []flaw {
	var out []flaw
	take := func(taken map[string]Name, key, protocol, name string) {
		if other, twice := taken[name]; twice && other != e.Attr {
			out = append(out, flaw{key, fmt.Errorf("the %s %q is that of %s", protocol, name, other)})
			return
		}
		taken[name] = e.Attr
	}
	take(d.claims, "oidc", "claim", e.OIDC.Name)
	take(d.cas, "cas", "CAS name", e.CAS)
	take(d.saml, "saml", "SAML name", e.SAML.Name)
	for _, name := range e.Also {
		take(d.saml, "also", "name", name)
	}
	if e.GAR != "" {
		take(d.gar, "gar", "GAR name", e.GAR)
	}
	return out
}

// instead checks what is offered in the place of an entry: words that are there and do not name when it does not.
func (d *Dictionary) instead(e Entry) []flaw {
	var out []flaw
	say := func(format string, args ...any) { out = append(out, flaw{"instead", fmt.Errorf(format, args...)}) }
	for i, n := range e.Instead {
		other, known := d.Entry(n)
		switch {
		case !known:
			say("instead: %q is no word of the dictionary", n)
		case n == e.Attr, slices.Contains(e.Instead[:i], n):
			say("instead: %q stands twice, or is the word itself", n)
		case other.Names && !e.Names:
			say("instead: %q names a person, and %s does not", n, e.Attr)
		case slices.Contains(other.Instead, e.Attr):
			say("instead: %q and %s stand for each other", n, e.Attr)
		}
	}
	return out
}

// ErrForbidden is a word that no declaration may ever name.
var ErrForbidden = errors.New("this attribute may never be released")
