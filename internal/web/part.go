package web

import (
	"bytes"
	"fmt"
	"html/template"
)

// PrintPart gives one template of a page as Print would write it, without what surrounds a page: for whoever has to be
// shown what somebody else would read, among other things.
func (k *Kit) PrintPart(lang Lang, name, part string, data any) (template.HTML, error) {
	if lang != English {
		lang = French
	}
	p, ok := k.pages[name]
	if !ok {
		return "", fmt.Errorf("page %s: no such page", name)
	}
	audience := frameOf(data).Audience
	tmpl, err := p.in(variant{lang, audience, audience})
	if err != nil {
		return "", fmt.Errorf("page %s: %w", name, err)
	}
	var out bytes.Buffer
	if err := tmpl.ExecuteTemplate(&out, part, data); err != nil {
		return "", fmt.Errorf("page %s: %w", name, err)
	}
	return template.HTML(out.String()), nil // the template escaped every value
}
