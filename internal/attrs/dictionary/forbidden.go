package dictionary

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Forbidden tells whether a name, in any protocol and any spelling, is one of the social security number (NIR, loi
// n° 78-17 art. 30) or of biometrics (RGPD art. 9). No configuration changes it. Whole words are compared, without case,
// accents and what separates them: an animateur has no NIR, and an interface is no face.
func Forbidden(name string) bool {
	name = strings.TrimSpace(name)
	if slices.Contains(forbiddenIDs(), strings.TrimPrefix(strings.ToLower(name), "urn:oid:")) {
		return true
	}
	words := wordsOf(name)
	together := strings.Join(words, "")
	if slices.ContainsFunc(words, isForbidden) || isForbidden(together) {
		return true
	}
	if slices.ContainsFunc(forbiddenTogether(), func(s string) bool { return strings.Contains(together, s) }) {
		return true
	}
	for i := range words { // initials one by one, as in n_i_r
		for j := i + 1; j <= len(words) && len(words[j-1]) == 1; j++ {
			if j-i > 1 && isForbidden(strings.Join(words[i:j], "")) {
				return true
			}
		}
	}
	return false
}

// nationalNumber tells whether a name, in any spelling, is one of the national pupil number (INE), which leaves under one
// word and under a cited text only.
func nationalNumber(name string) bool {
	words := wordsOf(name)
	return slices.Contains(words, "ine") || strings.Contains(strings.Join(words, ""), "identifiantnational") || strings.Join(words, "") == "ine"
}

// isForbidden tells whether one word by itself is a name of what may never leave.
func isForbidden(word string) bool {
	if strings.HasPrefix(word, "biometr") {
		return true
	}
	switch word {
	case "nir", "nirpp", "nirs", "nia", "niass", "nss", "numss", "insee", "ssn", "ssns", "secu", "nin", // the number itself
		"face", "faces", "facial", "faciale", "faciales", "facials", "faceid", "faceprint", "iris", "irises", "retina", "retinal", "retine",
		"fingerprint", "fingerprints", "voiceprint", "voiceprints", "palmprint", "dactyloscopy", "dactyloscopie", "dactyloscopic",
		"dna", "adn":
		return true
	}
	return false
}

// forbiddenTogether are names of several words, compared as if written in one: long enough to mean nothing else.
func forbiddenTogether() []string {
	return []string{
		"securitesociale", "socialsecurity", "numerosecu", "numsecu", "nosecu", "cartevitale", "numerovitale",
		"inscriptionaurepertoire", "numeronir", "codenir", "nirnumber", "numeroinsee", "numinsee", "nationalinsurance",
		"biometr", "fingerprint", "empreintedigitale", "empreintesdigitales", "empreintevocale", "empreintesvocales", "empreinteretin",
		"empreintepalmaire", "voiceprint", "voicerecognition", "reconnaissancevocale", "facerecognition", "facialrecognition",
		"reconnaissancefaciale", "faceprint", "facetemplate", "gabaritfacial", "irisscan", "palmvein", "veinepalmaire",
	}
}

// forbiddenIDs are names without words: the NIR as an identity of health (INS-NIR, INS-NIA and their tests), and the
// attributes that other federations keep for a national number.
func forbiddenIDs() []string {
	return []string{
		"1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.9", "1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.11",
		"1.3.6.1.4.1.25178.1.2.15", "schacpersonaluniqueid", "1.3.6.1.4.1.2428.90.1.5", "noredupersonnin",
	}
}

// wordsOf splits a name into words without accents, in small letters: where something stands that is no letter, and
// where a small letter meets a capital one.
func wordsOf(name string) []string {
	var words []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			words = append(words, strings.ToLower(string(word)))
			word = word[:0]
		}
	}
	runes := []rune(norm.NFKD.String(name))
	for i, r := range runes {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue // an accent, or what hides in a word without showing
		case unicode.Is(unicode.Cf, r):
			continue
		case !unicode.IsLetter(r):
			end()
			continue
		case unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsUpper(runes[i-1]) && unicode.IsLower(runes[i+1])):
			end()
		}
		word = append(word, r)
	}
	end()
	return words
}
