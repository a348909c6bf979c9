package notices

import (
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

func full() Config {
	return Config{
		Notice: Notice{
			Controller: "Académie d'Exemple", Address: "1 rue de l'Exemple, 28000 Chartres", DPO: "dpd@ac-exemple.fr", Basis: "RGPD, art. 6(1)(e)",
			Publisher: "Académie d'Exemple", Director: "La rectrice", Host: "Centre de calcul", Support: "https://assistance.ac-exemple.fr/",
		},
		Accessibility: Accessibility{
			Level: Partial, Audited: "2026-06-01", Auditor: "Bureau Exemple", Contact: "acces@ac-exemple.fr",
			Failures: []string{"Un contraste est trop faible : le pied de page."}, Exemptions: []string{"La carte."},
		},
		Kept: []Kept{
			{What: "transaction", For: 30 * time.Minute},
			{What: "idle", For: time.Hour},
			{What: "absolute", For: 90 * time.Minute},
			{What: "accounts", Days: 30},
			{What: "places", Days: 90},
			{What: "numbers", SchoolYears: 3},
			{What: "journal"},
		},
		Cookies: []Cookie{
			{Cookie: web.Cookie{Name: "session"}},
			{Cookie: web.Cookie{Name: "appareil", MaxAge: 60 * 24 * time.Hour}},
			{Cookie: web.Cookie{Name: "ecole", MaxAge: 4 * time.Hour}, Chosen: true},
			{Cookie: web.Cookie{Name: "lang", MaxAge: 365 * 24 * time.Hour}, Chosen: true},
		},
	}
}

// kit has the pages in it, and links to them at the foot.
func kit(t testing.TB, a Accessibility) *web.Kit {
	t.Helper()
	return webtest.NewWith(t, web.Config{Contributions: []web.Contribution{Pages()}, Foot: Foot(a)})
}

// asks asks a gateway for a page as somebody of an audience, in a language.
type asks func(method, path, lang string, a web.Audience, cookies ...*http.Cookie) *httptest.ResponseRecorder

// of mounts the pages. Around whom they are told stands in a header here.
func of(t *testing.T, c Config) asks {
	t.Helper()
	c.Kit = kit(t, c.Accessibility)
	c.Around = func(r *http.Request) web.Frame {
		return web.Frame{
			Audience: web.Audience(r.Header.Get("Audience")), WayBack: web.WayBack{Label: "ENT Exemple", URL: "https://ent.example/"}, SignOut: "/signout",
		}
	}
	mux := web.NewMux(c.Kit)
	Mount(mux, c)
	return func(method, path, lang string, a web.Audience, cookies ...*http.Cookie) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, webtest.Origin+path, nil)
		r.Header.Set("Accept", "text/html")
		r.Header.Set("Accept-Language", lang)
		r.Header.Set("Audience", string(a))
		for _, cookie := range cookies {
			r.AddCookie(cookie)
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w
	}
}

// read is a page as people read it: without entities, each space a plain one.
func read(w *httptest.ResponseRecorder) string {
	return strings.NewReplacer("\u202f", " ", "\u00a0", " ").Replace(html.UnescapeString(webtest.Straight(w.Body.String())))
}

func paths() []string {
	return []string{privacyPath, accessibilityPath, legalPath, helpPath, displayPath}
}

// bare is a gateway about which nobody has said anything.
func bare() Config { return Config{Accessibility: Accessibility{Level: None}} }

func TestEveryPageStandsInThreeWordingsAndTwoLanguagesFilledInOrNot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]Config{"full": full(), "bare": bare()} {
		this := of(t, c)
		for _, path := range paths() {
			for _, lang := range []string{"fr", "en"} {
				for _, a := range []web.Audience{web.Child, web.Teen, web.Adult} {
					for _, version := range []string{"", "simple", "detailed"} {
						w := this("GET", path, lang, a, &http.Cookie{Name: "__Host-wording", Value: version})
						body := w.Body.String()
						if w.Code != 200 || !strings.Contains(body, `href="https://ent.example/"`) {
							t.Fatalf("%s %s %s %s %s: %d\n%s", name, path, lang, a, version, w.Code, body)
						}
						if !(a == web.Teen && version == "simple") { // a teenager's page in the words for children shows what concerns a teenager
							webtest.CheckPage(t, body)
						}
						for _, to := range paths() {
							if !strings.Contains(body, `<a href="`+to+`">`) {
								t.Errorf("%s %s %s: no way to %s", path, lang, a, to)
							}
						}
					}
				}
			}
		}
	}
}

// open is a page without what is folded away.
func open(page string) string {
	return regexp.MustCompile(`(?s)<details.*?</details>`).ReplaceAllString(page, "")
}

func TestAChildReadsAFewWordsAndTheRestIsFoldedAwayForAGrownUp(t *testing.T) {
	t.Parallel()
	filled := of(t, full())
	for _, path := range paths() {
		child := filled("GET", path, "fr", web.Child).Body.String()
		main := open(child[strings.Index(child, "<main"):strings.Index(child, "</main>")])
		if n := len(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(main, " "))); n > 60 || strings.Count(main, "button-primary") > 1 {
			t.Errorf("%s: a child reads %d words", path, n)
		}
		for _, word := range []string{"droits", "CNIL", "RGAA", "Cookies", "<form", "données"} {
			if strings.Contains(main, word) {
				t.Errorf("%s: a child reads %q", path, word)
			}
		}
		if !strings.Contains(child, "<details") {
			t.Errorf("%s: nothing for the grown-up", path)
		}
	}
	if adult := filled("GET", privacyPath, "fr", web.Adult).Body.String(); strings.Contains(adult, "<details") {
		t.Error("an adult has to unfold the page")
	}
}

func TestThePrivacyNoticeSaysWhatTheRegulationAsks(t *testing.T) {
	t.Parallel()
	filled := of(t, full())
	for _, a := range []web.Audience{web.Child, web.Teen, web.Adult} {
		page := read(filled("GET", privacyPath, "fr", a))
		for _, want := range []string{
			"Académie d'Exemple", "1 rue de l'Exemple", `href="mailto:dpd@ac-exemple.fr"`, "RGPD, art. 6(1)(e)", // 13(1)(a) to (c)
			"Vérifier qu'un service est déclaré", "Les services déclarés", "dans quels pays", // 13(1)(c), (e), (f)
			"30 minutes", "1 heure 30 minutes", "3 années scolaires", "30 jours", "Rien ne l'efface encore", // 13(2)(a)
			`href="/mes-droits"`, "retiré à tout moment", `href="https://www.cnil.fr/fr/plaintes"`, // 13(2)(b) to (d)
			"la connexion n'est pas possible", "règles écrites", "La source de connexion", // 13(2)(e), (f); 14(2)(f)
			"__Host-session", "fermeture du navigateur", "4 heures", "60 jours", "1 an",
		} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: nothing says %q", a, want)
			}
		}
	}
}

func TestWhatNobodyHasFilledInIsSaidToBeMissing(t *testing.T) {
	t.Parallel()
	filled := of(t, full())
	empty := of(t, bare())
	const missing = "Pas encore renseigné par l'académie."
	for path, want := range map[string]int{privacyPath: 4, accessibilityPath: 1, legalPath: 4, helpPath: 1} {
		page := read(empty("GET", path, "fr", web.Adult))
		if got := strings.Count(page, missing); got != want {
			t.Errorf("%s: %d things are said to be missing, want %d", path, got, want)
		}
		if page := read(filled("GET", path, "fr", web.Adult)); strings.Contains(page, missing) {
			t.Errorf("%s: something that was filled in is said to be missing", path)
		}
	}
}

func TestTheStatementOfAccessibilityDeclaresTheLevelOnItsPageAndAtTheFootOfEvery(t *testing.T) {
	t.Parallel()
	filled := of(t, full())
	empty := of(t, bare())
	for level, want := range map[Level][2]string{
		None:    {"Accessibilité : non conforme", "n'est pas conforme au référentiel"},
		Partial: {"Accessibilité : partiellement conforme", "est partiellement conforme au référentiel"},
		Total:   {"Accessibilité : totalement conforme", "est totalement conforme au référentiel"},
	} {
		c := full()
		c.Accessibility.Level = level
		this := of(t, c)
		for _, path := range paths() {
			page := read(this("GET", path, "fr", web.Adult))
			if !strings.Contains(page, `<a href="/accessibilite">`+want[0]+`</a>`) {
				t.Errorf("%s, %s: the foot does not say the level", level, path)
			}
			if path == accessibilityPath && !strings.Contains(page, want[1]) {
				t.Errorf("%s: the page does not say the level", level)
			}
		}
	}
	page := read(filled("GET", accessibilityPath, "fr", web.Adult))
	for _, want := range []string{
		"lundi 1er juin 2026", "Bureau Exemple", "<li>Un contraste est trop faible : le pied de page.</li>", "<li>La carte.</li>", "mailto:acces@ac-exemple.fr",
		"formulaire.defenseurdesdroits.fr", "saisir/delegues", "Libre réponse 71120",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("nothing says %q", want)
		}
	}
	if page := read(empty("GET", accessibilityPath, "fr", web.Adult)); !strings.Contains(page, "Aucun audit n'a encore été déclaré.") {
		t.Error("nothing says that there was no audit")
	}
}

func TestHelpIsForWhoeverReadsIt(t *testing.T) {
	t.Parallel()
	filled := of(t, full())
	for a, want := range map[web.Audience][]string{
		web.Child: {"Montre cet écran à ta maîtresse ou ton maître."}, web.Teen: {"Pour toi", "vie scolaire"},
		web.Adult: {"Pour un personnel", "Pour un responsable d'élève", "Pour un ENT ou un service", `href="/accords"`, "K7Q2-9FMZ"},
	} {
		page := read(filled("GET", helpPath, "fr", a))
		for _, text := range want {
			if !strings.Contains(page, text) {
				t.Errorf("%s: nothing says %q", a, text)
			}
		}
		if !strings.Contains(page, `href="https://assistance.ac-exemple.fr/"`) || a == web.Teen && strings.Contains(page, "Pour un personnel") {
			t.Errorf("%s: no contact, or what is for others", a)
		}
	}
}

func TestForgettingDeletesWhatWasChosenOnThisBrowserAndNothingElse(t *testing.T) {
	t.Parallel()
	filled := of(t, full())
	session, school := &http.Cookie{Name: "__Host-session", Value: "s"}, &http.Cookie{Name: "__Host-ecole", Value: "0281234A"}
	page := filled("GET", displayPath, "fr", web.Adult, session, school).Body.String()
	if !strings.Contains(page, `action="/affichage/oublier"`) || strings.Count(page, "oui</td>") != 2 || strings.Count(page, "non</td>") != 2 {
		t.Errorf("the page does not say what is here:\n%s", page)
	}
	for range 2 { // twice is as good as once
		w := filled("POST", forgetPath, "fr", web.Adult, session, school)
		gone := strings.Join(w.Header().Values("Set-Cookie"), "\n")
		if w.Code != 303 || w.Header().Get("Location") != "/affichage?oublie=1" || strings.Count(gone, "Max-Age=0") != 2 ||
			!strings.Contains(gone, "__Host-ecole=;") || !strings.Contains(gone, "__Host-lang=;") || strings.Contains(gone, "session") {
			t.Errorf("%d to %q:\n%s", w.Code, w.Header().Get("Location"), gone)
		}
	}
	after := filled("GET", "/affichage?oublie=1", "fr", web.Adult, session).Body.String()
	if !strings.Contains(after, `role="status"`) || strings.Contains(after, "<form") || !strings.Contains(after, "retour=%2Faffichage\"") {
		t.Errorf("the page does not say that it is done:\n%s", after)
	}
	if page := filled("GET", "/affichage?oublie=1", "fr", web.Adult, school).Body.String(); strings.Contains(page, `role="status"`) {
		t.Error("a crafted address says that it is done")
	}
	for _, method := range []string{"GET", "HEAD"} {
		if w := filled(method, forgetPath, "fr", web.Adult, school); w.Code != 405 || len(w.Header().Values("Set-Cookie")) > 0 {
			t.Errorf("%s deletes: %d %v", method, w.Code, w.Header())
		}
	}
}

func TestPagesOfOurOwnAnswerHEAD(t *testing.T) {
	t.Parallel()
	filled := of(t, full())
	for _, path := range paths() {
		if w := filled("HEAD", path, "fr", web.Adult); w.Code != 200 || len(w.Header().Values("Set-Cookie")) > 0 {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
	}
}

func TestAContactIsALinkWhenItIsAnAddressAndTextOtherwise(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"dpd@ac-exemple.fr": "mailto:dpd@ac-exemple.fr", "https://x.example/a?b=c": "https://x.example/a?b=c", "": "",
		"Par courrier : 1 rue de l'Exemple": "", "http://x.example/": "", "javascript:alert(1)": "", "dpd@x.fr?body=y": "", "a@b@c": "",
		"https://x.example/ ou par courrier": "", "Écrire à dpd@x.fr": "",
	} {
		if got := says(text).URL; got != want {
			t.Errorf("%q leads to %q, want %q", text, got, want)
		}
	}
}
