package registry

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// shortestName is the fewest letters by which a name is looked for inside a label: shorter ones are in many words.
const shortestName = 2

// NamesSomebody tells whether a label holds one of some given or family names: whole, without case or accents, or glued to
// one letter as a login is (MDUPONT, DUPONTM). Of a name of several words each that is long enough counts by itself.
// A label that holds by chance what somebody is called is taken for one that names them: it is held back for that person
// alone, who loses a label and no secret.
func NamesSomebody(label string, names ...string) bool {
	words := Words(label)
	for _, name := range names {
		name = visible(name)
		parts := Words(name)
		if len(parts) == 1 && utf8.RuneCountInString(parts[0]) >= shortestName && has(words, parts[0]) || len(parts) > 1 && Mentions(label, name) {
			return true
		}
		for _, part := range parts {
			if utf8.RuneCountInString(part) >= 4 && !slices.Contains(particles(), part) && (has(words, part) || glued(words, part)) {
				return true
			}
		}
	}
	return false
}

func has(words []string, one string) bool { return letters(one) && slices.Contains(words, one) }

func letters(word string) bool { return word != "" && !strings.ContainsAny(word, "0123456789") }

// glued tells whether a word is a name with one letter before or behind it.
func glued(words []string, name string) bool {
	return letters(name) && slices.ContainsFunc(words, func(w string) bool {
		return utf8.RuneCountInString(w) == utf8.RuneCountInString(name)+1 && (strings.HasPrefix(w, name) || strings.HasSuffix(w, name))
	})
}

// particles are parts of names that name nobody by themselves.
func particles() []string { return []string{"saint", "sainte", "della", "dela", "vander"} }

// initial is a capital with its dot before a capitalised word, or behind one: "J. Dupont", "DUPONT J.". What follows
// another abbreviation is none: "T.P. Physique".
var initial = regexp.MustCompile(`(?:^|[^\pL.])\p{Lu}\.[ -]?\p{Lu}\pL{2,}|(?:^|[^\pL.])\p{Lu}\pL{2,} \p{Lu}\.(?:$|[^\pL])`)

// LooksNamed tells whether a label is written as a person is called: a title before a word, or an initial with its dot
// beside one. Nobody is known to be called so; somebody who reads the label can tell.
func LooksNamed(label string) bool {
	words := Words(label)
	for i, w := range words[:max(len(words)-1, 0)] {
		next := words[i+1]
		if slices.Contains(titles(), w) && letters(next) && utf8.RuneCountInString(next) > 1 && !slices.Contains(titles(), next) {
			return true
		}
		if w == "m" && i+2 < len(words) && letters(next) && letters(words[i+2]) && utf8.RuneCountInString(next) == 1 {
			return true // M. A. Dupont
		}
	}
	return initial.MatchString(label)
}

// titles are written as Words writes them.
func titles() []string {
	return []string{"m", "mr", "mme", "mlle", "monsieur", "madame", "mademoiselle", "prof", "professeur", "professeure", "maitre", "maitresse"}
}
