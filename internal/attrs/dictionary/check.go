package dictionary

import (
	"fmt"
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
