package charter

import (
	"slices"

	"ecluse/internal/registry"
)

// Shown is a text as a page prints it, in one language throughout: a text of which a sentence is missing in English is
// shown in French.
type Shown struct {
	Rules []ShownRule
	Full  []registry.CharterBlock
	Lang  string // fr or en
}

// ShownRule is one sentence and its picture, which the pages know.
type ShownRule struct{ Icon, Text string }

// In is the text in a language.
func (t Text) In(lang string) Shown {
	out := Shown{Lang: "fr"}
	if lang == "en" && t.english() {
		out.Lang = "en"
	}
	for _, rule := range t.Rules {
		icon := rule.Icon
		if !slices.Contains(registry.CharterIcons(), icon) {
			icon = "info" // of a later version of the program
		}
		out.Rules = append(out.Rules, ShownRule{Icon: icon, Text: rule.Text.In(out.Lang)})
	}
	out.Full = registry.CharterBlocks(t.Full.In(out.Lang))
	return out
}

func (t Text) english() bool {
	missing := func(text registry.Text) bool { return text.FR != "" && text.EN == "" }
	return !missing(t.Full) && !slices.ContainsFunc(t.Rules, func(r registry.CharterRule) bool { return missing(r.Text) })
}
