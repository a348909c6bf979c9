package login

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"ecluse/internal/policy"
	"ecluse/internal/web"
)

func TestRefusalTextsAreCompleteAndNoneIsLeftOver(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"fr", "en"} {
		said := texts(t, lang)
		for _, code := range Reasons() {
			for _, part := range []string{"title", "what", "do", "who"} {
				wording := said["refusal."+code+"."+part]
				if wording[web.Adult] == "" {
					t.Errorf("%s: refusal.%s.%s is missing", lang, code, part)
				}
				if lang == "fr" && part != "title" && (wording[web.Child] == "" || wording[web.Teen] == "") {
					t.Errorf("refusal.%s.%s has no wording of its own for children or teenagers", code, part)
				}
			}
		}
		for key := range said {
			parts := strings.Split(key, ".")
			if parts[0] == "refusal" && !slices.Contains(Reasons(), parts[1]) {
				t.Errorf("%s: %s explains a refusal that does not exist", lang, key)
			}
		}
	}
}

func TestEveryLapseIsSaidInPlainWords(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"fr", "en"} {
		said := texts(t, lang)
		for _, lapse := range policy.Lapses() {
			wording := said["refusal_parts.lapse."+string(lapse)]
			if lapse == policy.LapseEnd {
				continue // the end of the declaration itself is the reason "expired"
			}
			if wording[web.Adult] == "" || wording[web.Child] == "" {
				t.Errorf("%s: the lapse %s is not said", lang, lapse)
			}
		}
	}
}

// texts reads one language as key -> audience -> wording.
func texts(t *testing.T, lang string) map[string]map[web.Audience]string {
	t.Helper()
	raw, err := fs.ReadFile(Pages().Files, "texts/"+lang+".yaml")
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	out := map[string]map[web.Audience]string{}
	flatten(out, "", doc)
	return out
}

func flatten(out map[string]map[web.Audience]string, key string, node any) {
	group, ok := node.(map[string]any)
	if !ok {
		text, _ := node.(string)
		out[key] = map[web.Audience]string{web.Adult: text}
		return
	}
	if _, ok := group[string(web.Adult)]; ok {
		out[key] = map[web.Audience]string{}
		for audience, text := range group {
			out[key][web.Audience(audience)], _ = text.(string)
		}
		return
	}
	for name, child := range group {
		flatten(out, strings.TrimPrefix(key+"."+name, "."), child)
	}
}

// forGrownUps are texts that a child's page shows only behind "Pour les grands".
func forGrownUps(key string) bool {
	return strings.HasPrefix(key, "inform.register.") || strings.HasPrefix(key, "inform.basis.") ||
		key == "inform.exact" || key == "inform.kept_all" || key == "inform.why"
}

// heard is what an audience reads, and whether anything is said to it under that key.
func heard(wording map[web.Audience]string, a web.Audience) string {
	if said := wording[a]; said != "" {
		return said
	}
	return wording[web.Adult]
}

func TestSentencesAreShortEnoughForTheirReaders(t *testing.T) {
	t.Parallel()
	limits := map[web.Audience]int{web.Child: 12, web.Teen: 18, web.Adult: 25}
	ends := regexp.MustCompile(`[.!?…]+(\s|$)`)
	word := regexp.MustCompile(`[\p{L}\p{N}{}]+(['’-][\p{L}\p{N}]+)*`)
	for _, lang := range []string{"fr", "en"} {
		for key, wording := range texts(t, lang) {
			for audience, limit := range limits {
				if audience == web.Child && forGrownUps(key) {
					continue
				}
				for _, sentence := range ends.Split(heard(wording, audience), -1) {
					if n := len(word.FindAllString(sentence, -1)); n > limit {
						t.Errorf("%s: %s: %d words for %s, at most %d: %s", lang, key, n, audience, limit, sentence)
					}
				}
			}
		}
	}
}

func TestChildrenAreSparedJargon(t *testing.T) {
	t.Parallel()
	banned := regexp.MustCompile(`(?i)(^|[^\p{L}])(données? à caractère personnel|données? personnelles?|traitements?|finalités?|` +
		`consentements?|fournisseurs?|identités?|sessions?|authentification|protocoles?|attributs?|requêtes?|domaines?|` +
		`déclaration|registre|serveurs?|utilisateurs?)([^\p{L}]|$)`)
	for key, wording := range texts(t, "fr") {
		if said := heard(wording, web.Child); !forGrownUps(key) && banned.MatchString(said) {
			t.Errorf("%s: %s", key, said)
		}
	}
}

func TestNobodyIsToldThatNothingIsKnown(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"fr", "en"} {
		promise := regexp.MustCompile(`(?i)anonym|aucune donnée|no data|no personal data`)
		for key, wording := range texts(t, lang) {
			for _, said := range wording {
				if promise.MatchString(said) {
					t.Errorf("%s: %s promises what a pseudonym does not: %s", lang, key, said)
				}
			}
		}
	}
}

// TestPupilsAreNotSpokenToAsAdults looks at what they read, wordings for adults included where they have none.
func TestPupilsAreNotSpokenToAsAdults(t *testing.T) {
	t.Parallel()
	formal := regexp.MustCompile(`(?i)(^|[^\p{L}])(vous|votre|vos|\p{L}{3,}ez)([^\p{L}]|$)`)
	familiar := regexp.MustCompile(`(?i)(^|[^\p{L}])(tu|te|toi|ton|ta|tes)([^\p{L}]|$)`)
	for key, wording := range texts(t, "fr") {
		for _, audience := range []web.Audience{web.Child, web.Teen} {
			said := strings.NewReplacer("assez", "", "chez", "").Replace(heard(wording, audience))
			if formal.MatchString(said) {
				t.Errorf("%s says vous to %s: %s", key, audience, said)
			}
		}
		if familiar.MatchString(wording[web.Adult]) {
			t.Errorf("%s says tu to adults: %s", key, wording[web.Adult])
		}
	}
}
