package conformity

import (
	"fmt"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/registry"
)

// CheckRules says everything that is wrong with rules before anybody may sign them: their own form, and words that the
// dictionary does not know or forbids.
func CheckRules(r registry.Rules, words *dictionary.Dictionary) []registry.Finding {
	out := r.Check()
	for i, use := range r.Uses {
		for j, a := range use.Items {
			for _, f := range words.Check([]registry.Item{{Attr: a}}, r) {
				f.Where = fmt.Sprintf("uses[%d].items[%d]", i, j)
				out = append(out, f)
			}
		}
	}
	return out
}
