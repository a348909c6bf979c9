package registry

import (
	"encoding/json"
	"maps"
	"slices"

	"ecluse/internal/person"
)

// Binding is how a service speaks to us: a protocol, the handle by which its messages name it (a SAML entityID, an OIDC
// client_id, the beginning of a CAS service's address), and settings that belong to the protocol's package, which alone
// reads and validates them. How the service wants its data named and written is data too, and never more than that: it
// renames and reshapes what the declaration lets out, and lets nothing out itself.
//
// A word that no output and no name speaks of leaves under the dictionary's name for the protocol.
type Binding struct {
	Protocol    string                 `json:"protocol" yaml:"protocol"`
	Handle      string                 `json:"handle" yaml:"handle"`
	Settings    json.RawMessage        `json:"settings,omitempty" yaml:"-"`
	Subject     person.Attr            `json:"subject,omitempty" yaml:"subject"`           // the attribute that serves as NameID or sub; the pseudonym when empty
	SubjectOnly bool                   `json:"subject_only,omitempty" yaml:"subject_only"` // its value is not sent as an attribute too, unless a name or an output says so
	SubjectForm Form                   `json:"subject_form,omitzero" yaml:"subject_form"`  // how a released value is written where it is the subject; nothing that could make two values one
	Shape       Shape                  `json:"shape,omitempty" yaml:"shape"`               // how the pseudonym is written where it is the subject
	Names       map[person.Attr]string `json:"names,omitempty" yaml:"names"`               // our word -> the name this service wants: the short way of an Output
	Outputs     []Output               `json:"outputs,omitempty" yaml:"outputs"`           // attributes that need more than a name
	Limit       Limit                  `json:"limit,omitzero" yaml:"limit"`
}

// Output is one attribute as one service wants it. It speaks of one word, or of several that are put together in one
// value (Parts). A word may stand in several outputs: the service then has it under each name.
type Output struct {
	Attr     person.Attr      `json:"attribute,omitempty" yaml:"attribute"`
	Parts    []Part           `json:"parts,omitempty" yaml:"parts"`     // instead of Attr: several words in one value
	Between  string           `json:"between,omitempty" yaml:"between"` // what stands between Parts; a part that holds it counts as missing, unless it is spaces
	Name     string           `json:"name" yaml:"name"`
	Friendly string           `json:"friendly,omitempty" yaml:"friendly"`       // SAML only
	Format   NameFormat       `json:"name_format,omitempty" yaml:"name_format"` // SAML only
	Profiles []person.Profile `json:"profiles,omitempty" yaml:"profiles"`       // for whom; everybody when empty
	Form     Form             `json:"form,omitzero" yaml:"form"`                // of a composite: how the whole is written
}

// Part is one field of a composite value. A field whose word is not released, or has no value, makes the whole value
// absent unless it may be empty: a vector with a hole where a name belongs would be matched with the wrong person. One
// field at most may have several values; there is then one composite for each.
type Part struct {
	Attr  person.Attr   `json:"attribute,omitempty" yaml:"attribute"`
	With  []person.Attr `json:"with,omitempty" yaml:"with"` // further words of which Form.Values decides together: values with a space between, as in "National_ELV ecole"
	Text  string        `json:"text,omitempty" yaml:"text"` // a fixed text instead of a word
	Empty bool          `json:"empty,omitempty" yaml:"empty"`
	Form  Form          `json:"form,omitzero" yaml:"form"`
}

// Form is how values are written. Its steps are taken in the order of its fields.
type Form struct {
	First    bool              `json:"first,omitempty" yaml:"first"`       // the first value only
	Values   map[string]string `json:"values,omitempty" yaml:"values"`     // value -> value, compared without case
	Others   string            `json:"others,omitempty" yaml:"others"`     // what Values does not list: "omit" (default) or "keep"
	Date     string            `json:"date,omitempty" yaml:"date"`         // yyyy-mm-dd, dd/mm/yyyy, yyyymmdd or ddmmyyyy; what is no date is left out
	Labelled string            `json:"labelled,omitempty" yaml:"labelled"` // writes code and label, which are one here, with this between: 5E3##5E3
	Before   string            `json:"before,omitempty" yaml:"before"`     // fixed text in front of each value
	After    string            `json:"after,omitempty" yaml:"after"`       // and behind it
	Case     string            `json:"case,omitempty" yaml:"case"`         // lower, upper
	ASCII    bool              `json:"ascii,omitempty" yaml:"ascii"`       // letters without accents; what has no ASCII letter is left out
	Encode   string            `json:"encode,omitempty" yaml:"encode"`     // base64
	Most     int               `json:"most,omitempty" yaml:"most"`         // bytes that one value may have
	Over     string            `json:"over,omitempty" yaml:"over"`         // a value beyond Most: "omit" (default), "cut" or "refuse"
	Join     string            `json:"join,omitempty" yaml:"join"`         // all values in one, with this between; a value that holds it is left out, unless it is spaces
}

// Limit is what a service takes at most.
type Limit struct {
	Bytes int    `json:"bytes,omitempty" yaml:"bytes"` // all names and values together, in UTF-8; the subject is not counted
	Over  string `json:"over,omitempty" yaml:"over"`   // "refuse" (default), or "drop": values of the word that has most of them go first, the last of a required word never
	ASCII bool   `json:"ascii,omitempty" yaml:"ascii"` // every value is written in ASCII, as by Form.ASCII; a subject that is not ASCII is refused
}

// Shape is how the pseudonym is written. Every shape is a derivation of the same number and as lasting as it is.
type Shape string

// The shapes.
const (
	Hex128   Shape = ""         // 128 hexadecimal digits, as GAR's IDO
	Pairwise Shape = "pairwise" // SAML pairwise-id: 64 digits, @ and our scope
	Compact  Shape = "compact"  // 43 characters of base64url
	UUID     Shape = "uuid"     // a version 8 UUID (RFC 9562)
	Code     Shape = "code"     // twelve letters and digits in three groups, to be read aloud and typed
)

// NameFormat is the NameFormat of a SAML attribute (SAML Core 2.7.3.1).
type NameFormat string

// The formats of names. Without one a name that begins with urn:, http: or https: has the format uri, another basic.
const (
	URIName         NameFormat = "uri"
	BasicName       NameFormat = "basic"
	UnspecifiedName NameFormat = "unspecified"
)

// IsZero tells whether the form changes nothing.
func (f Form) IsZero() bool {
	return !f.First && len(f.Values) == 0 && f.Others == "" && f.Date == "" && f.Labelled == "" && f.Before == "" && f.After == "" &&
		f.Case == "" && !f.ASCII && f.Encode == "" && f.Most == 0 && f.Join == "" && f.Over == ""
}

// For tells whether the output is meant for a profile.
func (o Output) For(p person.Profile) bool {
	return len(o.Profiles) == 0 || slices.Contains(o.Profiles, p)
}

// Words lists the words that the output speaks of, each once.
func (o Output) Words() []person.Attr {
	var out []person.Attr
	add := func(n person.Attr) {
		if n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	add(o.Attr)
	for _, part := range o.Parts {
		add(part.Attr)
		for _, n := range part.With {
			add(n)
		}
	}
	return out
}

// Speaks tells whether the output speaks of a word.
func (o Output) Speaks(n person.Attr) bool {
	return n != "" && (o.Attr == n || slices.ContainsFunc(o.Parts, func(p Part) bool { return p.Attr == n || slices.Contains(p.With, n) }))
}

// Words lists the words that the binding speaks of: its subject, and those to which it gives names. Each stands once.
func (b Binding) Words() []person.Attr {
	out := slices.Sorted(maps.Keys(b.Names))
	add := func(n person.Attr) {
		if n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	for _, o := range b.Outputs {
		for _, n := range o.Words() {
			add(n)
		}
	}
	add(b.Subject)
	return out
}

// Own tells whether the binding says itself under which names a word leaves: the dictionary's is then not used.
func (b Binding) Own(n person.Attr) bool {
	if b.Names[n] != "" {
		return true
	}
	return slices.ContainsFunc(b.Outputs, func(o Output) bool { return o.Speaks(n) })
}

// Called lists the words that leave, alone or together, under a name of the binding's own.
func (b Binding) Called(name string) []person.Attr {
	var out []person.Attr
	for _, n := range slices.Sorted(maps.Keys(b.Names)) {
		if b.Names[n] == name {
			out = append(out, n)
		}
	}
	for _, o := range b.Outputs {
		if o.Name == name {
			for _, n := range o.Words() {
				if !slices.Contains(out, n) {
					out = append(out, n)
				}
			}
		}
	}
	return out
}
