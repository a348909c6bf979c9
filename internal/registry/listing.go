package registry

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Listing is how a service is shown among others, in the words of a médiacentre: those of the GAR's wsListeRessources,
// whose lists are terms of ScoLOMFR. It is for finding a service and decides nothing; all of it may be missing.
type Listing struct {
	Resource     string       `json:"id_ressource,omitempty" yaml:"id_ressource"` // an ARK, where the resource has one
	Editor       string       `json:"id_editeur,omitempty" yaml:"id_editeur"`     // SIREN_ISNI, as the GAR writes it
	Presentation Presentation `json:"type_presentation,omitzero" yaml:"type_presentation"`
	Pedagogical  []Term       `json:"type_pedagogique,omitempty" yaml:"type_pedagogique"`
	Documents    []Term       `json:"typologie_document,omitempty" yaml:"typologie_document"`
	Levels       []Term       `json:"niveau_educatif,omitempty" yaml:"niveau_educatif"`
	Subjects     []Term       `json:"domaine_enseignement,omitempty" yaml:"domaine_enseignement"`
	Vignette     string       `json:"vignette,omitempty" yaml:"vignette"` // one of Vignettes: pictures come with the program and from nowhere else
}

// Term is a word of a vocabulary: its address there, where it has one, and what people read.
type Term struct {
	URI  string `json:"uri,omitempty" yaml:"uri"`
	Name string `json:"nom" yaml:"nom"`
}

// Presentation is the GAR's kind of presentation: MAN, MUL, ACC and what it is called.
type Presentation struct {
	Code string `json:"code" yaml:"code"`
	Name string `json:"nom" yaml:"nom"`
}

// Vignette is the word of the service's picture; empty where it has none of its own.
func (s Service) Vignette() string {
	if s.Listing == nil {
		return ""
	}
	return s.Listing.Vignette
}

// Vignettes lists the pictures that a service may have.
func Vignettes() []string {
	return []string{"livre", "calcul", "carte", "message", "cahier", "dessin", "musique", "science", "ecran", "jeu"}
}

// What a listing may hold at most.
const (
	mostTerms    = 30
	longestTerm  = 120
	longestARK   = 1024
	longestMaker = 45
)

var (
	arkPattern   = regexp.MustCompile(`^ark:/[0-9]{5}/[A-Za-z0-9._=*+@$/-]+$`)
	codePattern  = regexp.MustCompile(`^[A-Z]{2,6}$`)
	makerPattern = regexp.MustCompile(`^[0-9]{9}_[0-9X]{16}$`)
)

func (c *checker) listing(l Listing) {
	const where = "catalogue"
	c.say(l.Resource != "" && (len(l.Resource) > longestARK || !arkPattern.MatchString(l.Resource)), where+".id_ressource", fmt.Sprintf("%q is no ARK", l.Resource), "ark:/12345/name")
	c.say(l.Editor != "" && (len(l.Editor) > longestMaker || !makerPattern.MatchString(l.Editor)), where+".id_editeur", fmt.Sprintf("%q is not in the GAR's spelling", l.Editor), "123456789_0000000000000000: the SIREN and the ISNI")
	if p := l.Presentation; p != (Presentation{}) {
		c.say(!codePattern.MatchString(p.Code), where+".type_presentation.code", fmt.Sprintf("%q is no code", p.Code), "MAN, MUL, ACC")
		c.say(strings.TrimSpace(p.Name) == "", where+".type_presentation.nom", "what people read is missing", "")
	}
	for _, list := range []struct {
		name  string
		terms []Term
	}{
		{"type_pedagogique", l.Pedagogical},
		{"typologie_document", l.Documents},
		{"niveau_educatif", l.Levels},
		{"domaine_enseignement", l.Subjects},
	} {
		c.terms(where+"."+list.name, list.terms)
	}
	if l.Vignette != "" {
		c.oneOf(where+".vignette", l.Vignette, Vignettes()...)
	}
}

func (c *checker) terms(where string, terms []Term) {
	c.say(len(terms) > mostTerms, where, fmt.Sprintf("%d terms", len(terms)), fmt.Sprintf("%d at most", mostTerms))
	for i, t := range terms {
		at := fmt.Sprintf("%s[%d]", where, i)
		c.say(strings.TrimSpace(t.Name) == "" || len(t.Name) > longestTerm, at+".nom", "what people read is missing or too long", fmt.Sprintf("1 to %d bytes", longestTerm))
		c.say(slices.ContainsFunc(terms[:i], func(o Term) bool { return o.Name == t.Name }), at+".nom", fmt.Sprintf("%q stands there already", t.Name), "each once")
		if t.URI != "" {
			c.address(at+".uri", t.URI)
		}
	}
}
