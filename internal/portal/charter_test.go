package portal_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"ecluse/internal/charter"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/portal"
	"ecluse/internal/registry"
	"ecluse/internal/store/sqldb"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// board is an academy with its charter, and the page of it for whoever is set.
type board struct {
	*desktest.House
	book     *charter.Book
	who      person.Person
	audience web.Audience
	nobody   bool
	mux      *web.Mux
}

func newBoard(t *testing.T, change ...func(*registry.Charter)) *board {
	t.Helper()
	h := desktest.New(t)
	rule := func(text string) registry.CharterText {
		return registry.CharterText{Rules: []registry.CharterRule{{Icon: "key", Text: registry.Text{FR: text, EN: text + " EN"}}}}
	}
	c := registry.Charter{
		Academy: desktest.Academy, Child: rule("Texte enfant."), Teen: rule("Texte ado."), Adult: rule("Texte adulte."), Contact: registry.Text{FR: "la vie scolaire"},
	}
	c.Adult.Full = registry.Text{FR: "# Titre\n\n<i>brut</i>", EN: "# Title"}
	for _, change := range change {
		change(&c)
	}
	if _, err := h.Store.Apply(t.Context(), registry.Change{Charters: []registry.Charter{c}}, desktest.Entry("charter")); err != nil {
		t.Fatal(err)
	}
	b := &board{House: h, book: &charter.Book{Store: &sqldb.Charters{DB: h.DB, Journal: h.Journal}, Keys: h.Ring, Now: h.Now}}
	b.in(desktest.College, person.Pupil, web.Teen)
	kit := webtest.NewWith(t, web.Config{Contributions: []web.Contribution{portal.Pages()}})
	b.mux = web.NewMux(kit)
	portal.MountCharter(b.mux, portal.Charters{Kit: kit, Live: h.Live, Book: b.book, Now: h.Now, About: marked, Visitor: func(*http.Request) (person.Person, web.Frame, bool, error) {
		if b.nobody {
			return person.Person{}, web.Frame{}, false, nil
		}
		return b.who, web.Frame{Audience: b.audience}, true, nil
	}})
	return b
}

func (b *board) in(uai person.UAI, profile person.Profile, audience web.Audience) {
	b.who, b.audience = person.Person{Key: lina, Affiliations: []person.Affiliation{{UAI: uai, Profile: profile}}}, audience
}

func (b *board) page(t *testing.T, path string) (int, string) {
	t.Helper()
	b.Snapshot(t)
	r := httptest.NewRequest(http.MethodGet, webtest.Origin+path, nil)
	r.TLS = &tls.ConnectionState{}
	w := httptest.NewRecorder()
	b.mux.ServeHTTP(w, r)
	return w.Code, strings.NewReplacer("\u202f", " ", "\u00a0", " ", "&#39;", "'").Replace(webtest.Straight(w.Body.String()))
}

func (b *board) shows(t *testing.T, path string, want ...string) string {
	t.Helper()
	status, text := b.page(t, path)
	if status != http.StatusOK {
		t.Fatalf("%s: status %d", path, status)
	}
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%s lacks %q", path, w)
		}
	}
	return text
}

func TestTheCharterIsThatOfOnesSchoolAndSaysWhenItWasRead(t *testing.T) {
	t.Parallel()
	b := newBoard(t)
	text := b.shows(t, "/charte", "Texte ado.", "Tu ne l'as pas encore lue", "la vie scolaire", "celui de l'académie")
	if strings.Contains(text, "Tu l'as lue le") {
		t.Error("what was not read is said to be")
	}
	due := charter.DueAt(b.Snapshot(t), b.Now(), desktest.College, person.Pupil)
	if err := b.book.Acknowledge(t.Context(), lina, due, due.Text.Version, ""); err != nil {
		t.Fatal(err)
	}
	b.shows(t, "/charte", "Tu l'as lue le dimanche 22 novembre 2026.")
	b.who.Key = before
	if text := b.shows(t, "/charte"); strings.Contains(text, "Tu l'as lue le") {
		t.Error("somebody else's reading is shown")
	}
	b.who.Key = lina
	b.Day("2027-09-01")
	if text := b.shows(t, "/charte"); strings.Contains(text, "Tu l'as lue le") {
		t.Error("last year's reading is shown for this year's")
	}
}

func TestWhatIsRequiredShownOrReadInClassIsSaid(t *testing.T) {
	t.Parallel()
	required := newBoard(t, func(c *registry.Charter) { c.Mode = registry.CharterRequire })
	required.shows(t, "/charte", "Il faudra l'avoir lue")
	required.in(desktest.Ecole, person.Pupil, web.Child)
	text, _, _ := strings.Cut(required.shows(t, "/charte", "Texte enfant.", "On la lit en classe"), "</main>") // below it is the page's other version
	if strings.Contains(text, "Version") || strings.Contains(text, "pour=") {
		t.Error("a child is shown a version or a choice")
	}
	required.in(desktest.Ecole, person.Teacher, web.Adult)
	required.shows(t, "/charte", "Texte adulte.", "Il faudra l'avoir lue", "pour=enfant")
	required.in(desktest.College, person.Guardian, web.Adult)
	if text := required.shows(t, "/charte", "Texte adulte."); strings.Contains(text, "Il faudra") {
		t.Error("a guardian is told that they will be asked")
	}
	shown := newBoard(t, func(c *registry.Charter) { c.Mode = registry.CharterShown })
	if text := shown.shows(t, "/charte", "Texte ado."); strings.Contains(text, "pas encore lue") {
		t.Error("who is not asked is told so")
	}
}

func TestAnybodyReadsTheTextByTheSchoolAndChoosesTheWording(t *testing.T) {
	t.Parallel()
	b := newBoard(t)
	b.nobody = true
	b.shows(t, "/charte", "Connectez-vous")
	b.shows(t, "/charte?uai="+string(desktest.College), "Texte ado.")
	b.shows(t, "/charte?uai="+string(desktest.Ecole), "Texte enfant.")
	text := b.shows(t, "/charte?uai="+string(desktest.Ecole)+"&pour=adulte", "Texte adulte.", "<h2>Titre</h2>", "&lt;i&gt;brut")
	if strings.Contains(text, "<i>") || strings.Contains(text, "lue le") {
		t.Error("what comes from outside is read as markup, or nobody has read it")
	}
	for path, want := range map[string]int{
		"/charte?uai=0000000A": http.StatusNotFound, "/charte?uai=%3Cscript%3E": http.StatusNotFound, "/charte?pour=bebe": http.StatusBadRequest,
	} {
		if status, text := b.page(t, path); status != want || strings.Contains(text, "<script>") {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	empty := newBoard(t, func(c *registry.Charter) { c.Withdrawn = true })
	empty.shows(t, "/charte", "Il n'y a pas de charte")
}

func TestWhoHasAChildInASchoolReadsItsCharterUnderNoName(t *testing.T) {
	t.Parallel()
	b := newBoard(t)
	b.in(desktest.College, person.Guardian, web.Adult)
	b.who.Affiliations = append(b.who.Affiliations, person.Affiliation{UAI: desktest.Other, Profile: person.Guardian})
	b.who.Wards = []person.Ward{{Child: person.Key{Authority: "ac", ID: "tom"}, UAI: desktest.Other, Label: "Tom"}}
	text := b.shows(t, "/charte", ">Tom</a>", ">Votre enfant</a>")
	for _, uai := range []person.UAI{desktest.College, desktest.Other} {
		school, _ := b.Snapshot(t).Establishment(uai)
		if strings.Contains(text, string(uai)) || strings.Contains(text, school.Name) {
			t.Errorf("%s is named", uai)
		}
	}
	word := marked("etablissement " + string(desktest.Other))[:16]
	if text := b.shows(t, "/charte?uai="+word); !regexp.MustCompile(`aria-current="page">Tom<`).MatchString(text) {
		t.Error("the charter of the other school is not shown")
	}
}

func TestWhoIsInTwoSchoolsChooses(t *testing.T) {
	t.Parallel()
	b := newBoard(t)
	b.who.Affiliations = []person.Affiliation{
		{UAI: desktest.College, Profile: person.Guardian},
		{UAI: desktest.Other, Profile: person.Teacher},
		{UAI: desktest.College, Profile: person.Teacher},
		{UAI: "0000000A", Profile: person.Teacher},
	}
	b.audience = web.Adult
	text := b.shows(t, "/charte", "/charte?uai="+string(desktest.College), "/charte?uai="+string(desktest.Other), `aria-current="page"`, "Vous ne l'avez pas encore lue")
	if strings.Contains(text, "0000000A") {
		t.Error("a school that nobody registered is offered")
	}
	b.shows(t, "/charte?uai="+string(desktest.Other), "Vous ne l'avez pas encore lue")
	if text := b.shows(t, "/charte?uai="+string(desktest.Ecole)); strings.Contains(text, "pas encore lue") {
		t.Error("a school that is not theirs asks them")
	}
}
