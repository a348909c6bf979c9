package web

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// The rules of wording. They are those that a machine can count; a text is only called easy once those for whom it is
// written have read it.

// mostWords is how long a sentence may be for an audience, in words.
func mostWords(a Audience) int {
	return map[Audience]int{Child: 12, Teen: 18, Adult: 25}[a]
}

// mostLIX is the readability index above which a text is too hard for a child (Björnsson's LIX: words per sentence, and the
// share in percent of words of more than six letters).
const mostLIX = 30

// jargon are words that mean nothing to a child, in French and in English; a phrase is looked for as it stands.
func jargon(lang Lang) []string {
	if lang == English {
		return []string{
			"personal data", "processing", "purpose", "consent", "provider", "identity", "session", "authentication",
			"protocol", "attribute", "request", "domain", "pseudonym", "declaration", "legal", "rights", "gateway", "portal",
		}
	}
	return []string{
		"donnée", "données", "traitement", "finalité", "finalités", "consentement", "fournisseur", "identité", "session", "authentification",
		"protocole", "attribut", "attributs", "requête", "domaine", "pseudonyme", "déclaration", "juridique", "légal", "légale", "droit", "droits", "passerelle", "portail",
	}
}

// copyFindings looks at every wording that was written for an audience.
func (c *catalogue) copyFindings() []error {
	var errs []error
	for _, lang := range languages() {
		for _, key := range c.keys(lang) {
			for audience, p := range c.byLang[lang][key] {
				for _, said := range []string{p.one.plain(), p.other.plain()} {
					for _, what := range Wording(lang, audience, said) {
						errs = append(errs, fmt.Errorf("text %s, %s, %s: %s", key, lang, audience, what))
					}
				}
			}
		}
	}
	return errs
}

// plain is the phrase with a short word in the place of each argument.
func (p phrase) plain() string {
	var b strings.Builder
	for i, part := range p {
		if i%2 == 1 {
			part = "Nom"
		}
		b.WriteString(part)
	}
	return b.String()
}

// Wording says what is wrong with a text in one language for one audience: sentences that are too long, words that a child
// does not know, capitals that shout, chains of exclamation marks, "click here". Nothing means that none of it was found.
func Wording(lang Lang, audience Audience, said string) []string {
	var wrong []string
	for _, sentence := range Sentences(said) {
		words := frenchWords(sentence)
		if n := len(words); n > mostWords(audience) {
			wrong = append(wrong, fmt.Sprintf("a sentence of %d words, %d at most: %q", n, mostWords(audience), sentence))
		}
		if audience != Child {
			continue
		}
		for _, word := range jargon(lang) {
			if slices.Contains(words, word) || strings.Contains(word, " ") && strings.Contains(strings.ToLower(sentence), word) {
				wrong = append(wrong, fmt.Sprintf("%q is no word for a child: %q", word, sentence))
			}
		}
	}
	if n := lix(said); audience == Child && n > mostLIX {
		wrong = append(wrong, fmt.Sprintf("its words are long: LIX %d, %d at most: %q", n, mostLIX, said))
	}
	if shouting().MatchString(said) {
		wrong = append(wrong, fmt.Sprintf("it shouts: %q", said))
	}
	lower := strings.ToLower(said)
	if strings.Contains(lower, "cliquez ici") || strings.Contains(lower, "clique ici") || strings.Contains(lower, "click here") {
		wrong = append(wrong, "a link says where it leads, not that it can be clicked")
	}
	return wrong
}

// shouting is two exclamation or question marks in a row, or three words in capitals.
func shouting() *regexp.Regexp {
	return regexp.MustCompile(`[!?][\s\x{202f}\x{00a0}]*[!?]|\p{Lu}{3,}\s+\p{Lu}{3,}\s+\p{Lu}{3,}`)
}

// Sentences cuts a text at full stops, exclamation and question marks, colons, semicolons and line ends. A dot inside a
// number, an address or an abbreviation ends nothing.
func Sentences(said string) []string {
	var out []string
	var b strings.Builder
	runes := []rune(said)
	for i, r := range runes {
		b.WriteRune(r)
		last := i+1 == len(runes)
		if r == '\n' || strings.ContainsRune("!?…:;", r) || r == '.' && (last || unicode.IsSpace(runes[i+1])) {
			out = append(out, strings.TrimSpace(b.String()))
			b.Reset()
		}
	}
	out = append(out, strings.TrimSpace(b.String()))
	return slices.DeleteFunc(out, func(s string) bool { return len(frenchWords(s)) == 0 })
}

// lix is the index of a text of at least two sentences and twenty words; of a shorter one it says nothing.
func lix(said string) int {
	sentences, words := len(Sentences(said)), frenchWords(said)
	if sentences < 2 || len(words) < 20 {
		return 0
	}
	long := 0
	for _, w := range words {
		if len([]rune(w)) > 6 {
			long++
		}
	}
	return len(words)/sentences + 100*long/len(words)
}
