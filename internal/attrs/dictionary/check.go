package dictionary

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

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
		case Forbidden(string(item.Attr)):
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

// CheckMapping says what is wrong with what a source is read into, as far as the dictionary knows: a mapping fills words,
// never what we compute; it reads no social security number and nothing biometric, under whatever word; and it gives the
// national pupil number no other word than its own.
func (d *Dictionary) CheckMapping(m person.Mapping) []registry.Finding {
	var out []registry.Finding
	say := func(where, law, what string, args ...any) {
		out = append(out, registry.Finding{Where: where, What: fmt.Sprintf(what, args...), Law: law})
	}
	for _, list := range []struct {
		key    string
		filled map[Name]string
	}{{"mapping.values", m.Values}, {"mapping.local", m.Local}} {
		for _, n := range slices.Sorted(maps.Keys(list.filled)) {
			where, name := list.key+"."+string(n), list.filled[n]
			entry, known := d.Entry(n)
			switch {
			case Forbidden(string(n)) || Forbidden(name):
				say(where, "RGPD art. 9, 87", "%q is never read", name)
			case !known:
				say(where, "", "%q is no word of the dictionary", n)
			case entry.Derived:
				say(where, "", "%q is computed by the gateway, a source does not say it", n)
			case n != person.INE && nationalNumber(name):
				say(where, "RGPD art. 87", "%q is the national pupil number, whose word is %s", name, person.INE)
			case !entry.Names && d.namesSomebody(m.Whole(m.Authority), entry, name):
				say(where, "RGPD art. 4(1), 5(1)(c)", "%q names a person, and %s is a word that names nobody", name, n)
			}
		}
	}
	others := slices.Concat([]string{m.ID, m.Structure, m.Profile, m.Functions, m.Born, m.Adult, m.Wards, m.Until, m.Levels, m.WardBorn, m.Vectors},
		m.Classes, m.Groups, m.Taught, m.Mandates.Names())
	for _, f := range m.Also {
		others = append(others, f.Attribute)
	}
	for _, name := range others {
		if Forbidden(name) {
			say("mapping", "RGPD art. 9, 87", "%q is never read", name)
		}
	}
	return out
}

// namesSomebody tells whether what a source says under a name names a person: it is the source's identifier, the mapping
// reads it into a word that names one, or it is called as such a word is. Read into a word that names nobody it would leave
// under a pseudonym.
func (d *Dictionary) namesSomebody(m person.Mapping, into Entry, name string) bool {
	same := func(other string) bool {
		return other != "" && strings.EqualFold(strings.TrimSpace(other), strings.TrimSpace(name))
	}
	if same(m.ID) || same(m.Born) || slices.ContainsFunc(into.wire()[1:], same) {
		return same(m.ID) || same(m.Born)
	}
	return slices.ContainsFunc(d.entries, func(e Entry) bool {
		return e.Names && (same(m.Values[e.Attr]) || same(m.Local[e.Attr]) || slices.ContainsFunc(e.wire()[1:], same))
	})
}
