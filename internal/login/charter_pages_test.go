package login

import (
	"strings"
	"testing"
	"time"

	"ecluse/internal/charter"
	"ecluse/internal/registry"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

func fullCharter(a web.Audience) charterPage {
	page := charterPage{
		Frame: web.Frame{Audience: a, Here: "/flow/TXN"}, Form: form{Action: "/flow/TXN/charter", Hop: "hop-charter"}, Back: back(),
		Service: "Liretou", School: "Collège Jean-Moulin", UAI: "0280202T", Version: "the-version", Required: true, Contact: "la vie scolaire",
		Text: charter.Shown{Lang: "fr", Full: []registry.CharterBlock{{Heading: "Titre"}, {Text: "<script>x</script>"}, {Items: []string{"un", "deux"}}}},
	}
	for _, icon := range registry.CharterIcons() {
		page.Text.Rules = append(page.Text.Rules, charter.ShownRule{Icon: icon, Text: "Une phrase <b>courte</b>."})
	}
	return page
}

func TestTheCharterRendersToEverybodyWithEveryPicture(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	for name, change := range map[string]func(*charterPage){
		"required":                      func(*charterPage) {},
		"a reminder":                    func(p *charterPage) { p.Required = false },
		"until a day":                   func(p *charterPage) { p.Required, p.Last = false, time.Date(2026, 10, 15, 0, 0, 0, 0, time.UTC) },
		"a question":                    func(p *charterPage) { p.Question = true },
		"a question of who is reminded": func(p *charterPage) { p.Question, p.Required, p.Contact = true, false, "" },
		"empty":                         func(p *charterPage) { *p = charterPage{Frame: p.Frame} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			webtest.RenderAll(t, kit, "login/charter", func(a web.Audience) any {
				page := fullCharter(a)
				change(&page)
				return page
			})
		})
	}
}

func TestTheCharterIsPrintedAsItIsWritten(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	page := webtest.Render(t, kit, web.French, "login/charter", fullCharter(web.Teen))
	if strings.Contains(page, "<script>x") || strings.Contains(page, "<b>") || !strings.Contains(page, "&lt;b&gt;courte") {
		t.Error("what comes from outside is read as markup")
	}
	wantAll(t, page, `name="version" value="the-version"`, `name="hop" value="hop-charter"`, `name="act" value="read"`, `name="act" value="question"`,
		`href="/charte?uai=0280202T"`, `<h2>Titre</h2>`, `action="/flow/TXN/back"`)
	if strings.Contains(page, `value="later"`) {
		t.Error("what is required can be put off")
	}
}
