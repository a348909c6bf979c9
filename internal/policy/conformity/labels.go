package conformity

import (
	"fmt"
	"slices"

	"ecluse/internal/registry"
)

const sensitive = "RGPD art. 9(1); loi n° 78-17 du 6 janvier 1978, art. 6"

// audienceReveals refuses an audience that is itself a label: whoever is let in would be known for it.
func audienceReveals(e *exam) {
	for i, level := range e.d.Audience.Levels {
		if w, found := e.revealsIn(level); found {
			e.block("audience-reveals", fmt.Sprintf("audience.levels[%d]", i), fmt.Sprintf("the level %q reveals %s of everybody whom it lets in", level, w.Reveals),
				w.Neutral, sensitive)
		}
	}
}

// dataTaboo asks what is meant where a category of data names what is never asked of pupils.
func dataTaboo(e *exam) {
	for i, t := range e.d.Data {
		if mentions(t.FR, "NIR", "numéro de sécurité sociale", "biométrie", "biométrique", "biométriques", "empreinte digitale", "empreintes digitales", "reconnaissance faciale") {
			e.justify("data-taboo", fmt.Sprintf("data[%d]", i), "the category names the social security number or biometrics", "another category, or the text that allows it",
				"RGPD art. 9, 87; loi n° 78-17 du 6 janvier 1978, art. 30")
		}
	}
}

// dataReveals asks what is meant where the persons or the data are said in words that reveal too much.
func dataReveals(e *exam) {
	e.reveals("persons", e.d.Persons)
	e.reveals("data", e.d.Data)
}

func (e *exam) reveals(where string, list []registry.Text) {
	for i, t := range list {
		if w, found := e.revealsIn(t.FR); found {
			e.justify("data-reveals", fmt.Sprintf("%s[%d]", where, i), fmt.Sprintf("%q reveals %s", w.Word, w.Reveals), "which of the cases of art. 9(2) applies", sensitive)
		}
	}
}

// special tells whether what is declared reveals anything of art. 9.
func (e *exam) special() bool {
	for _, t := range slices.Concat(e.d.Persons, e.d.Data) {
		if _, found := e.revealsIn(t.FR); found {
			return true
		}
	}
	return false
}

// revealsIn tells what a text reveals by the rules' words.
func (e *exam) revealsIn(text string) (registry.SensitiveWord, bool) {
	if e.c.Labels == nil {
		return e.c.Rules.Reveals(text)
	}
	if e.words == nil {
		e.words = e.c.Labels()
	}
	return e.words.Reveals(text)
}
