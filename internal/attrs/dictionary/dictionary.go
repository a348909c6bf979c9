// Package dictionary is every word that may leave: what it is called in SAML, OpenID Connect, CAS, at GAR and in the SDET,
// how to speak of it to adults and to children, what kind of data it is, whether it names somebody, who corrects it, and
// what tells less in its place. It is data shipped with the binary and extended by configuration; what may never leave is
// refused in code, by name (Forbidden) and by value (LooksLikeNIR).
//
// It stands apart from the release engine so that package canary, which does not trust the engine, can read it too.
package dictionary

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Dictionary is every word that may leave. It is immutable.
type Dictionary struct {
	entries []Entry
	at      map[Name]int
	feared  []*Entry
	claims  map[string]Name
	cas     map[string]Name
	saml    map[string]Name // names in SAML, and further names by which services ask
	gar     map[string]Name
}

//go:embed dictionary.yaml
var shipped []byte

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

// New checks entries and indexes them: no forbidden word or name, no word twice, no name of a protocol twice, nothing
// missing. The error holds every mistake; the dictionary that comes with it has the words without one.
func New(entries []Entry) (*Dictionary, error) {
	var problems []error
	d := index(entries, func(i int, f flaw) {
		problems = append(problems, fmt.Errorf("dictionary: %s: %w", entries[i].Attr, f.err))
	})
	return d, errors.Join(problems...)
}

// index makes the dictionary of the entries without a flaw, and says every flaw with the entry's place.
func index(entries []Entry, say func(i int, f flaw)) *Dictionary {
	d := &Dictionary{at: map[Name]int{}, claims: map[string]Name{}, cas: map[string]Name{}, saml: map[string]Name{}, gar: map[string]Name{}}
	for i, e := range entries {
		found := d.add(e)
		for _, f := range found {
			say(i, f)
		}
	}
	for i, e := range entries {
		if _, taken := d.at[e.Attr]; taken {
			for _, f := range d.instead(e) {
				say(i, f)
			}
		}
	}
	for i := range d.entries {
		if d.entries[i].Feared {
			d.feared = append(d.feared, &d.entries[i])
		}
	}
	return d
}

func (d *Dictionary) add(e Entry) []flaw {
	if found := e.flaws(); len(found) > 0 {
		return found
	}
	if _, twice := d.at[e.Attr]; twice {
		return []flaw{{"attribute", errors.New("the word stands twice")}}
	}
	if found := d.names(e); len(found) > 0 {
		return found
	}
	d.at[e.Attr] = len(d.entries)
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

// Find is Entry without the copy, for who asks at every decision; nil where Entry finds nothing. Callers must not change
// what it points to.
func (d *Dictionary) Find(n Name) *Entry {
	if i, ok := d.at[n]; ok {
		return &d.entries[i]
	}
	return nil
}

// Feared lists the entries that a page speaks of even where nobody declared them, in the dictionary's own order. Callers
// must not change the slice or what it points to.
func (d *Dictionary) Feared() []*Entry { return d.feared }

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

// BySAML finds the word for the name of a SAML attribute, or for a further name by which services ask for it.
func (d *Dictionary) BySAML(name string) (Name, bool) {
	n, ok := d.saml[name]
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
