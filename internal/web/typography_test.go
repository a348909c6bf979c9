package web_test

import (
	"strings"
	"testing"
	"time"

	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

func TestFrenchSpacesAreSetByTheFormatter(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Bonjour !": "Bonjour~!", "Bonjour!": "Bonjour~!", "Qui es-tu ?": "Qui es-tu~?", "Oups : non ; oui": "Oups~: non~; oui",
		"« école »": "«~école~»", "«école»": "«~école~»", "Quoi ?!": "Quoi~?!", "à 10:42": "à 10:42",
		"https://x.example/?a=b;c": "https://x.example/?a=b;c", "50 %": "50~%", "{service} !": "{service}~!", "!": "!",
		"(?)": "(?)", "Note: ici": "Note: ici", "": "", "« {nom} » !": "«~{nom}~»~!", "« Oui ! »": "«~Oui~!~»", "a % b": "a % b",
		"l'école d'à côté": "l’école d’à côté", "Aujourd'hui": "Aujourd’hui", "l'{service} qu'« il » ouvre": "l’{service} qu’«~il~» ouvre",
		"d'1 an": "d’1 an", "qu'": "qu’", "Lorsqu'": "Lorsqu’", "l'": "l’", "mot'": "mot'", "'mot'": "'mot'", "a='b'": "a='b'", "'": "'",
		"5' 3": "5' 3", "rien' là": "rien' là",
	} {
		if got := strings.ReplaceAll(web.TypesetFrench(in), "\u202f", "~"); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}

func FuzzTypesetFrenchKeepsEveryWord(f *testing.F) {
	f.Add("« Qui es-tu ? » dit-il : rien !")
	f.Fuzz(func(t *testing.T, s string) {
		if !strings.Contains(s, "\u202f") && squeeze(web.TypesetFrench(s)) != squeeze(strings.ToValidUTF8(s, "\ufffd")) {
			t.Errorf("%q lost or gained more than spaces: %q", s, web.TypesetFrench(s))
		}
	})
}

func squeeze(s string) string {
	s = strings.NewReplacer(" ", "", "\u202f", "", "\u2019", "'").Replace(s)
	for strings.Contains(s, "\ufffd\ufffd") {
		s = strings.ReplaceAll(s, "\ufffd\ufffd", "\ufffd")
	}
	return s
}

func TestDatesAreToldInTheZoneOfTheSchools(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t)
	for _, c := range []struct {
		lang web.Lang
		at   time.Time
		want string
	}{
		{web.French, webtest.Now(), "lundi 7 septembre 2026 à 10~h~42"},
		{web.English, webtest.Now(), "Monday 7 September 2026 at 10:42"},
		{web.French, time.Date(2026, 1, 31, 23, 5, 0, 0, time.UTC), "dimanche 1er février 2026 à 0~h~05"},
		{web.French, time.Date(2026, 8, 1, 7, 0, 0, 0, time.UTC), "samedi 1er août 2026 à 9~h~00"},
		{web.French, time.Date(2026, 12, 31, 12, 30, 0, 0, time.UTC), "jeudi 31 décembre 2026 à 13~h~30"},
	} {
		if got := strings.ReplaceAll(kit.DateTime(c.lang, c.at), "\u202f", "~"); got != c.want {
			t.Errorf("%s: %q, want %q", c.at, got, c.want)
		}
	}
	reunion := time.FixedZone("Réunion", 4*3600)
	kit = webtest.NewWith(t, web.Config{Zone: reunion})
	if got := kit.Date(web.French, time.Date(2026, 3, 3, 21, 0, 0, 0, time.UTC)); got != "mercredi 4 mars 2026" {
		t.Errorf("configured zone: %q", got)
	}
}

func TestTextsFallBackByAudienceLanguageAndNumber(t *testing.T) {
	t.Parallel()
	c := contribution("c", map[string]string{
		"texts/fr.yaml": "hello: {enfant: 'Salut {name} !', adulte: 'Bonjour {name}'}\nonly: Seulement ici\nn: {one: '{n} école', other: '{n} écoles'}\n",
		"texts/en.yaml": "hello: Hello {name}\nn: {one: '{n} school', other: '{n} schools'}\n",
		"pages/p.html": `{{define "title"}}x{{end}}{{define "main"}}<h1>{{t "hello" "name" .Service}}</h1>` +
			`<p>{{t "only"}}</p><p>{{tn "n" .Count}}</p><p>{{t "common.continue"}}</p>{{end}}`,
	})
	kit, err := web.New(web.Config{Product: "É", PublicURL: webtest.Origin, Contributions: []web.Contribution{c}})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []struct {
		lang     web.Lang
		audience web.Audience
		count    int
		want     string
	}{
		{web.French, web.Child, 0, "<h1>Salut &lt;i&gt;~!</h1><p>Seulement ici</p><p>0 école</p><p>Continuer</p>"},
		{web.French, web.Teen, 1, "<h1>Bonjour &lt;i&gt;</h1><p>Seulement ici</p><p>1 école</p><p>Continuer</p>"},
		{web.French, "", 2, "<h1>Bonjour &lt;i&gt;</h1><p>Seulement ici</p><p>2 écoles</p><p>Continuer</p>"},
		{web.English, web.Child, 0, "<h1>Hello &lt;i&gt;</h1><p>Seulement ici</p><p>0 schools</p><p>Continue</p>"},
		{web.English, "other", 1, "<h1>Hello &lt;i&gt;</h1><p>Seulement ici</p><p>1 school</p><p>Continue</p>"},
	} {
		page := showcasePage{Frame: web.Frame{Audience: s.audience}, Service: "<i>", Count: s.count}
		html := strings.ReplaceAll(webtest.Render(t, kit, s.lang, "c/p", page), "\u202f", "~")
		if !strings.Contains(html, s.want) {
			t.Errorf("%s %s: the page lacks %s:\n%s", s.lang, s.audience, s.want, html)
		}
	}
}

func TestComputedKeyThatIsUnknownStopsThePage(t *testing.T) {
	t.Parallel()
	c := contribution("c", map[string]string{
		"texts/fr.yaml": "a: b",
		"pages/p.html":  `{{define "title"}}x{{end}}{{define "main"}}<h1>{{t .Service}}</h1>{{template "icon" .Service}}{{end}}`,
	})
	kit, err := web.New(web.Config{Product: "É", PublicURL: webtest.Origin, Contributions: []web.Contribution{c}})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"nothing", "a"} { // "a" is a text and no icon
		r := request("GET", "/", "")
		w := serve(t, kit, r, failing(nil))
		before := w.Body.Len()
		if kit.Render(w, r, 200, "c/p", showcasePage{Service: key}) == nil || w.Body.Len() != before {
			t.Errorf("key %q: the page was written", key)
		}
	}
	if kit.Render(nil, request("GET", "/", ""), 200, "c/nothing", nil) == nil {
		t.Error("a page that does not exist was rendered")
	}
}
