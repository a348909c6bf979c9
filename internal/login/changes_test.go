package login

import (
	"strings"
	"testing"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/consent"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// everyChange is one of each topic, with what comes along with it.
func everyChange(a web.Audience) []changeLine {
	words, err := dictionary.Shipped()
	if err != nil {
		panic(err)
	}
	var all []consent.Change
	for _, topic := range consent.Topics() {
		c := consent.Change{Topic: topic}
		switch topic {
		case consent.DataAdded, consent.DataRemoved, consent.DataReason:
			c.Attrs = []person.Attr{"given_name", "classes"}
		case consent.PurposeAdded, consent.PurposeRemoved, consent.Recipients, consent.HowLong, consent.Answers, consent.Supplies:
			c.Texts = []registry.Text{{FR: "texte du registre, une phrase d'adulte qui a bien plus de douze mots pour un enfant"}, {}}
		case consent.Where:
			c.Codes = []string{"DE", "IS"}
		}
		all = append(all, c)
	}
	return changed(all, words, a, spoken{a, "fr"})
}

// TestEachChangeIsSaidInItsOwnWordsToEverybody: a topic without a sentence of its own would be told as something else.
func TestEachChangeIsSaidInItsOwnWordsToEverybody(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	for _, lang := range []web.Lang{web.French, web.English} {
		for _, a := range audiences() {
			seen := map[string]consent.Topic{}
			for _, line := range everyChange(a) {
				page := fullInform(a)
				page.Changes = []changeLine{line}
				text := render(t, kit, lang, "login/inform", page)
				_, text, _ = strings.Cut(text, `<ul class="list">`)
				text, _, _ = strings.Cut(text, "</ul>")
				if before, twice := seen[text]; twice {
					t.Errorf("%s %s: %s is told as %s", lang, a, line.Topic, before)
				}
				seen[text] = line.Topic
				if a == web.Child && strings.Contains(text, "registre") {
					t.Errorf("a child reads the register: %s", text)
				}
			}
		}
	}
	page := fullInform(web.Adult)
	page.Changes = everyChange(web.Adult)
	wantAll(t, render(t, kit, web.French, "login/inform", page), "Prénom", "texte du registre", "Allemagne", "IS")
}

func TestYesAndNoAreButtonsOfOneKind(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	for _, a := range audiences() {
		data := fullInform(a)
		data.Act = consent.Agreed
		page := render(t, kit, web.French, "login/inform", data)
		for _, value := range []string{"agreed", "refused"} {
			wantAll(t, page, `class="button button-primary" name="act" value="`+value+`"`)
		}
	}
}
