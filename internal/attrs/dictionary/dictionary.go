// Package dictionary is every word that may leave: what it is called in SAML, OpenID Connect, CAS, at GAR and in the SDET,
// how to speak of it to adults and to children, what kind of data it is, whether it names somebody, and who corrects it.
// It is data shipped with the binary and extended by configuration; what may never leave is refused in code.
//
// It stands apart from the release engine so that package canary, which does not trust the engine, can read it too.
package dictionary

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

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
	Category string        `yaml:"category"`
	Names    bool          `yaml:"names"` // it names a person or could single one out
	GAR      string        `yaml:"gar"`
	SAML     SAMLName      `yaml:"saml"`
	OIDC     Claim         `yaml:"oidc"`
	CAS      string        `yaml:"cas"`
	Derived  bool          `yaml:"derived"`
	Corrects string        `yaml:"corrects"`
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

// Dictionary is every word that may leave. It is immutable.
type Dictionary struct {
	entries []Entry
	at      map[Name]int
	claims  map[string]Name
}

//go:embed dictionary.yaml
var shipped []byte

// ErrForbidden is a word that no declaration may ever name.
var ErrForbidden = errors.New("this attribute may never be released")

// forbidden lists words that are refused in code, whatever configuration says: the social security number and
// biometrics.
func forbidden(n Name) bool {
	switch Name(strings.ToLower(strings.TrimSpace(string(n)))) {
	case "nir", "social_security_number", "biometrics", "fingerprint", "face":
		return true
	}
	return false
}

// Shipped is the dictionary that comes with the binary.
func Shipped() (*Dictionary, error) {
	var entries []Entry
	dec := yaml.NewDecoder(bytes.NewReader(shipped))
	dec.KnownFields(true)
	if err := dec.Decode(&entries); err != nil {
		return nil, fmt.Errorf("dictionary: %w", err)
	}
	return New(entries)
}

// New checks entries and indexes them: no forbidden word, no word or claim twice, no label missing.
func New(entries []Entry) (*Dictionary, error) {
	d := &Dictionary{at: map[Name]int{}, claims: map[string]Name{}}
	var problems []error
	for _, e := range entries {
		if err := d.add(e); err != nil {
			problems = append(problems, fmt.Errorf("dictionary: %s: %w", e.Attr, err))
		}
	}
	return d, errors.Join(problems...)
}

func (d *Dictionary) add(e Entry) error {
	if forbidden(e.Attr) {
		return ErrForbidden
	}
	if _, twice := d.at[e.Attr]; twice || e.Attr == "" {
		return errors.New("the word is missing or stands twice")
	}
	if e.Label.FR == "" || e.Label.EN == "" || e.Child.FR == "" || e.SAML.Name == "" || e.OIDC.Name == "" || e.CAS == "" {
		return errors.New("a label or a name is missing")
	}
	if _, twice := d.claims[e.OIDC.Name]; twice {
		return fmt.Errorf("the claim %q stands twice", e.OIDC.Name)
	}
	d.at[e.Attr] = len(d.entries)
	d.claims[e.OIDC.Name] = e.Attr
	d.entries = append(d.entries, e)
	return nil
}

// Entry explains a word. An unknown or forbidden word is not found.
func (d *Dictionary) Entry(n Name) (Entry, bool) {
	i, ok := d.at[n]
	if !ok {
		return Entry{}, false
	}
	return d.entries[i], true
}

// Entries lists every entry in the dictionary's own order. Callers must not change the slice.
func (d *Dictionary) Entries() []Entry { return d.entries }

// Words lists every word in the dictionary's own order.
func (d *Dictionary) Words() []Name {
	out := make([]Name, len(d.entries))
	for i, e := range d.entries {
		out[i] = e.Attr
	}
	return out
}

// ByClaim finds the word for an OIDC claim.
func (d *Dictionary) ByClaim(claim string) (Name, bool) {
	n, ok := d.claims[claim]
	return n, ok
}

// ByScope lists the words that an OIDC scope asks for, in the dictionary's order.
func (d *Dictionary) ByScope(scope string) []Name {
	var out []Name
	for _, e := range d.entries {
		if e.OIDC.Scope == scope {
			out = append(out, e.Attr)
		}
	}
	return out
}

// uncited tells whether a word is the national pupil number where the rules cite no text that allows it, or a spelling of
// it that is not the dictionary's.
func (d *Dictionary) uncited(n Name, rules registry.Rules) bool {
	_, known := d.at[n]
	return Name(strings.ToLower(strings.TrimSpace(string(n)))) == person.INE && (!known || !Cited(rules))
}

// Cited tells whether rules cite a text that allows the national pupil number to be released here.
func Cited(rules registry.Rules) bool { return strings.TrimSpace(rules.INE) != "" }

// Check says what is wrong with the items of a declaration as far as the dictionary knows, under the rules that hold: they
// alone may allow the national pupil number, by citing the text that does.
func (d *Dictionary) Check(items []registry.Item, rules registry.Rules) []registry.Finding {
	var out []registry.Finding
	seen := map[Name]bool{}
	for i, item := range items {
		where := fmt.Sprintf("items[%d].attribute", i)
		_, known := d.at[item.Attr]
		switch {
		case forbidden(item.Attr):
			out = append(out, registry.Finding{Where: where, What: fmt.Sprintf("%q may never be released", item.Attr), Law: "RGPD art. 9, 87"})
		case d.uncited(item.Attr, rules):
			out = append(out, registry.Finding{
				Where: where, What: fmt.Sprintf("%q may not be released: the rules cite no text that allows the national pupil number here", item.Attr),
				Mend: "another item", Law: "RGPD art. 5(1)(c), 87",
			})
		case !known:
			out = append(out, registry.Finding{Where: where, What: fmt.Sprintf("%q is no word of the dictionary", item.Attr)})
		case seen[item.Attr]:
			out = append(out, registry.Finding{Where: where, What: fmt.Sprintf("%q is declared twice", item.Attr)})
		}
		seen[item.Attr] = true
	}
	return out
}
