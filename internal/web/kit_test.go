package web_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

func TestOwnPagesAndShowcaseHaveNoFindings(t *testing.T) {
	t.Parallel()
	webtest.New(t, showcase(t))
}

func TestEveryComponentRendersForEveryoneInBothLanguages(t *testing.T) {
	t.Parallel()
	webtest.RenderAll(t, webtest.New(t, showcase(t)), "showcase/all", sampleShowcase)
}

func TestKitRefusesPublicURLsItCannotServe(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"", "connexion.example", "ftp://connexion.example", "https://", "https://connexion.example/sso",
		"https://connexion.example?x=1", "https://u:p@connexion.example", "https://connexion.example#x", "https://a b",
	} {
		if _, err := web.New(web.Config{Product: "Écluse", PublicURL: address}); err == nil {
			t.Errorf("public URL %q was accepted", address)
		}
	}
	if _, err := web.New(web.Config{PublicURL: webtest.Origin}); err == nil {
		t.Error("a kit without product name was accepted")
	}
}

func TestKitBuildsAddressesFromThePublicURLOnly(t *testing.T) {
	t.Parallel()
	kit := webtest.NewWith(t, web.Config{PublicURL: "https://connexion.example:8443/"})
	if got, want := kit.URL("/saml/metadata"), "https://connexion.example:8443/saml/metadata"; got != want {
		t.Errorf("URL = %s, want %s", got, want)
	}
	r := request("GET", "/nowhere", "")
	r.Host = "evil.example"
	w := serve(t, kit, r)
	if all := w.Body.String() + w.Header().Get("Location"); strings.Contains(all, "evil.example") {
		t.Error("the Host header came back in the answer")
	}
}

func TestNewReportsAllMistakesOfContributionsAtOnce(t *testing.T) {
	t.Parallel()
	page := `{{define "title"}}x{{end}}{{define "main"}}<h1>%</h1>{{end}}`
	broken := contribution("broken", map[string]string{
		"texts/fr.yaml":        "a:\n  known: Bonjour {name}\n  twice: x\n  twice: y\n",
		"pages/unknown.html":   strings.Replace(page, "%", `{{t "a.nothing"}}`, 1),
		"pages/nested.html":    strings.Replace(page, "%", `{{if .X}}{{template "icon" (t "a.deep")}}{{end}}`, 1),
		"pages/argument.html":  strings.Replace(page, "%", `{{t "a.known" "nom" .}}`, 1),
		"pages/lacking.html":   strings.Replace(page, "%", `{{t "a.known"}}`, 1),
		"pages/pairs.html":     strings.Replace(page, "%", `{{t "a.known" "name"}}`, 1),
		"pages/syntax.html":    `{{define "main"}}{{if}}`,
		"pages/titleless.html": `{{define "main"}}<h1>x</h1>{{end}}`,
		"pages/thief.html":     page + `{{define "notice"}}mine{{end}}`,
	})
	mute := contribution("mute", map[string]string{"texts/en.yaml": "a: b"})
	greedy := contribution("greedy", map[string]string{"texts/fr.yaml": "common:\n  skip: Mien\nb: {enfant: Toi}\nc: ''\nd: [x]\n"})
	_, err := web.New(web.Config{
		Product: "Écluse", PublicURL: webtest.Origin, Contributions: []web.Contribution{broken, mute, greedy, greedy},
	})
	if err == nil {
		t.Fatal("broken contributions were accepted")
	}
	for _, want := range []string{
		"a.nothing", "a.deep", "no {nom}", "{name} is not given", "not in pairs", "broken/syntax", `"title" is not defined`,
		`"notice" belongs to the kit`, "twice", "mute: texts/fr.yaml", `"common" belongs to the kit`, "adulte", "empty text",
		"neither a text nor a group", `contribution "greedy"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q:\n%v", want, err)
		}
	}
}

func TestFindingsNameWhatMustNotBeShipped(t *testing.T) {
	t.Parallel()
	sloppy := contribution("sloppy", map[string]string{
		"texts/fr.yaml": "a: Bonjour {name}\nb: Elle t'aide\nc: {enfant: Votre école, adulte: École}\nd: Non\u202f!\ne: Seul\n" +
			"faults: {x: {title: Oups}}\n",
		"texts/en.yaml": "a: Hello {nom}\nb: You\nc: School\nd: No!\nf: Alone\nfaults: {x: {title: Oops}}\n",
		"pages/p.html": `{{define "title"}}x{{end}}{{define "main"}}<h1 style="color:red" onclick="x()">x</h1>` +
			`<script>alert(1)</script><a href="javascript:x" target="_blank">y</a><img src="https://x.example/i.png">` +
			`<img src="data:image/png,x">{{end}}`,
		"pages/unsafe.html": `{{define "title"}}x{{end}}{{define "main"}}<h1>x</h1><a href={{if .}}"{{end}}>{{end}}`,
	})
	kit, err := web.New(web.Config{Product: "É", PublicURL: webtest.Origin, Contributions: []web.Contribution{sloppy}})
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, finding := range kit.Findings() {
		all.WriteString(finding.Error() + "\n")
	}
	for _, want := range []string{
		"sloppy/a: arguments", "sloppy/b: says tu", "sloppy/c: says vous", "typographic space", "sloppy/e: said in fr",
		"sloppy/f: said in en", "sloppy/faults.x.what", "inline style", "event handler", "inline script",
		"javascript address", "new window", "address elsewhere", "data address", "page sloppy/unsafe",
	} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("no finding says %q:\n%s", want, all.String())
		}
	}
}

func TestSayGivesTextsToGoCode(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, showcase(t))
	r := request("GET", "/", "")
	got, err := kit.Say(r, web.Frame{Audience: web.Child}, "showcase/all.lead", "service", "Liretou")
	if want := "Tu vas sur Liretou\u202f!"; err != nil || got != want {
		t.Errorf("Say = %q, %v, want %q", got, err, want)
	}
	for key, args := range map[string][]any{
		"showcase/all.nothing": nil, "all.lead": {"service", "x"}, "showcase/all.lead": {"nom", "x"}, "showcase/all.title": {"x"},
	} {
		if got, err := kit.Say(r, web.Frame{}, key, args...); err == nil {
			t.Errorf("Say(%s, %v) = %q", key, args, got)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	kit := webtest.New(b, showcase(b))
	page, r := sampleShowcase(web.Adult), request("GET", "/", "")
	for b.Loop() {
		if err := kit.Render(httptest.NewRecorder(), r, 200, "showcase/all", page); err != nil {
			b.Fatal(err)
		}
	}
}
