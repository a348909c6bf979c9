package web_test

import (
	"slices"
	"strings"
	"testing"

	"ecluse/internal/web"
)

func TestAWordingIsFoundFaultWithForItsAudience(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.TrimSpace(strings.Repeat("mot ", n)) + "." }
	for name, c := range map[string]struct {
		lang     web.Lang
		audience web.Audience
		said     string
		want     string // a part of the only finding; empty for none
	}{
		"twelve words for a child":             {web.French, web.Child, long(12), ""},
		"thirteen words for a child":           {web.French, web.Child, long(13), "13 words, 12 at most"},
		"thirteen words for a teenager":        {web.French, web.Teen, long(13), ""},
		"nineteen words for a teenager":        {web.English, web.Teen, long(19), "19 words, 18 at most"},
		"twenty-five words for an adult":       {web.French, web.Adult, long(25), ""},
		"twenty-six words for an adult":        {web.French, web.Adult, long(26), "26 words, 25 at most"},
		"two sentences are not one":            {web.French, web.Child, long(8) + " " + long(8), ""},
		"a dot within a number ends nothing":   {web.French, web.Child, "La version 2.0 du site est là pour toi.", ""},
		"a legal word for a child":             {web.French, web.Child, "On protège tes données ici.", `"données" is no word`},
		"the same word for an adult":           {web.French, web.Adult, "On protège vos données ici.", ""},
		"a word that only holds one":           {web.French, web.Child, "Voilà de drôles de sessionnettes.", ""},
		"two English words for a child":        {web.English, web.Child, "We look after your personal data.", `"personal data" is no word`},
		"a chain of exclamation marks":         {web.French, web.Adult, "Bravo !!", "it shouts"},
		"a chain with spaces":                  {web.French, web.Teen, "Bravo ! !", "it shouts"},
		"a sentence in capitals":               {web.French, web.Adult, "ATTENTION DANGER IMMÉDIAT", "it shouts"},
		"an acronym":                           {web.French, web.Adult, "La CNIL et le DPD veillent.", ""},
		"a link that says click here":          {web.French, web.Adult, "Cliquez ici pour continuer.", "a link says where"},
		"the same in English":                  {web.English, web.Child, "Click here.", "a link says where"},
		"long words for a child":               {web.French, web.Child, "Mathématiques intéressantes, expérimentations scientifiques, représentations artistiques. Apprentissages complémentaires, productions personnelles, communications collaboratives, organisations départementales, interventions pédagogiques. Utilisations quotidiennes différentes, applications supplémentaires.", "its words are long"},
		"short words for a child, as many":     {web.French, web.Child, "Le chat est sur le lit et il dort. Le chien est dans le jardin et il joue avec toi.", ""},
		"long words, but too few to judge":     {web.French, web.Child, "Mathématiques intéressantes. Expérimentations scientifiques.", ""},
		"long words for an adult are no fault": {web.French, web.Adult, "Mathématiques intéressantes. Expérimentations scientifiques. Organisations départementales.", ""},
	} {
		found := web.Wording(c.lang, c.audience, c.said)
		if c.want == "" && len(found) > 0 || c.want != "" && (len(found) != 1 || !strings.Contains(found[0], c.want)) {
			t.Errorf("%s: found %q, want %q", name, found, c.want)
		}
	}
}

func TestATextIsCutIntoItsSentences(t *testing.T) {
	t.Parallel()
	got := web.Sentences("Bonjour ! Le service : un site, version 2.0. Et puis…\nFin")
	if want := []string{"Bonjour !", "Le service :", "un site, version 2.0.", "Et puis…", "Fin"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
