package web

// Prepare gives a page that is the same for everybody as a Document: in a language, for adults, with the switch of
// languages in its address rather than on the browser. at gives the local path of the page in each language. What else
// surrounds a page depends on who asks, and is left out.
func (k *Kit) Prepare(lang Lang, name string, data any, at func(Lang) string) (Document, error) {
	if lang != English {
		lang = French
	}
	dot := shell{Product: k.cfg.Product, Demo: k.cfg.Demo, Data: data}
	for _, l := range languages() {
		dot.Languages = append(dot.Languages, languageLink{Lang: l, Name: languageName(l), URL: at(l), Current: l == lang})
	}
	body, err := k.execute(name, variant{lang, Adult, Adult}, dot)
	if err != nil {
		return Document{}, err
	}
	return NewDocument("text/html; charset=utf-8", body), nil
}
