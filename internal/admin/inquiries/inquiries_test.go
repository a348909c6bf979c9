package inquiries_test

import (
	"encoding/json"
	"strings"
	"testing"

	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/admin/inquiries"
	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

const (
	enquetes = "/bureau/enquetes"
	nouvelle = enquetes + "/nouvelle"
	pupil    = "eleve-4711"
)

func newBench(t *testing.T) *frametest.Bench {
	t.Helper()
	return frametest.New(t, inquiries.Pages(), func(_ *desktest.House, mux *web.Mux, f *frame.Frame) { inquiries.Mount(mux, f) })
}

func released(t *testing.T, b *frametest.Bench, times int) {
	t.Helper()
	subject := consent.JournalSubject(b.Ring, person.Key{Authority: "ac", ID: pupil}, "lire")
	for range times {
		_, err := b.Journal.Append(t.Context(), audit.Entry{
			Class: audit.ClassRelease, Action: "release", Outcome: audit.Released, Subject: subject, Service: "lire", UAI: string(desktest.College),
			Attributes: []string{"pseudonym", "level"},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func asked(t *testing.T, b *frametest.Bench) string {
	t.Helper()
	a := b.Ask(b.DPO(), "POST", nouvelle, "genre", "services", "academie", desktest.Academy, "source", "ent", "personne", pupil, "motif", "Demande écrite 2026-18")
	at, done := strings.CutSuffix(a.Location, "?fait=demander")
	if a.Status != 303 || !done || strings.Contains(a.Location, pupil) {
		t.Fatalf("%d %s %s", a.Status, a.Location, a.Page)
	}
	return at
}

// read counts the entries of the journal about answers that were read.
func read(t *testing.T, b *frametest.Bench, action string) int {
	t.Helper()
	page, err := b.DB.Audit().List(t.Context(), audit.Query{Class: audit.ClassAdmin, Action: action, Limit: audit.MaxLimit})
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Entries)
}

func TestTwoPersonsReadWhichServicesAPersonUsedAndEachReadingIsJournaled(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	released(t, b, 2)
	at := asked(t, b)
	page := b.Get(t, b.DPO(), at)
	frametest.Has(t, page, "attend une seconde personne", "Demande écrite 2026-18", "Vous l'avez demandée")
	frametest.Lacks(t, page, pupil, "Lire le résultat", `value="confirmer"`)
	b.Refused(t, b.DPO(), 409, "POST", at+"/resultat")
	b.Refused(t, b.DPO(), 403, "POST", at+"/decision", "acte", "confirmer")
	frametest.Has(t, b.Get(t, b.Auditor(), enquetes), "Quels services une personne a utilisés", at)
	frametest.Has(t, b.Get(t, b.Auditor(), at), `value="confirmer"`)
	frametest.Has(t, b.Sent(t, b.Auditor(), at+"/decision", "acte", "confirmer", "motif", "Vu la lettre."), "C'est confirmé", "Lire le résultat", "Vu la lettre.")
	for i, who := range []roles.Caller{b.DPO(), b.Auditor()} {
		a := b.Ask(who, "POST", at+"/resultat", "format", "page")
		if a.Status != 200 || a.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%d %q %s", a.Status, a.Header.Get("Cache-Control"), a.Page)
		}
		frametest.Has(t, a.Page, "2 envois à des services", "lire", string(desktest.College), "Demande écrite 2026-18")
		frametest.Lacks(t, a.Page, pupil, "pseudonym,")
		if n := read(t, b, "inquiry_read"); n != i+1 {
			t.Errorf("%d readings in the journal", n)
		}
	}
	b.Refused(t, b.Recteur(), 403, "POST", at+"/resultat")
	b.Refused(t, b.DPO(), 405, "GET", at+"/resultat")
}

func TestTheAnswerIsKeptAsAFileThatNamesNobody(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	released(t, b, 502)
	at := asked(t, b)
	b.Sent(t, b.Recteur(), at+"/decision", "acte", "confirmer")
	a := b.Ask(b.Recteur(), "POST", at+"/resultat", "format", "json")
	var file []struct {
		Service, UAI string
		Attributes   []string
	}
	if err := json.Unmarshal([]byte(a.Body), &file); err != nil || len(file) != 502 || file[0].Service != "lire" || len(file[0].Attributes) != 2 {
		t.Fatalf("%v: %d entries", err, len(file))
	}
	if !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment") || a.Header.Get("Cache-Control") != "no-store" || strings.Contains(a.Body, pupil) {
		t.Errorf("%v", a.Header)
	}
	page := b.Ask(b.Recteur(), "POST", at+"/resultat").Page
	frametest.Has(t, page, "502 envois", "Les 2 plus anciens")
	if n := strings.Count(page, "<tr>"); n != 501 {
		t.Errorf("%d rows", n)
	}
	if n := read(t, b, "inquiry_read"); n != 2 {
		t.Errorf("%d readings in the journal", n)
	}
}

func TestAPseudonymIsMatchedAmongPeopleOneOnEachLine(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	fields := []string{"genre", "pseudonyme", "academie", desktest.Academy, "service", "lire", "pseudonyme", "0123-4567-89AB", "motif", "Dessin 2026-4"}
	frametest.Has(t, b.Get(t, b.DPO(), nouvelle+"?genre=pseudonyme"), "Personnes possibles", "Pseudonyme")
	a := b.Ask(b.DPO(), "POST", nouvelle, append(fields, "candidats-ent", "eleve-1")...)
	if a.Status != 422 {
		t.Errorf("one person: %d", a.Status)
	}
	frametest.Has(t, a.Page, `href="#candidats-ent"`, "eleve-1", "0123-4567-89AB")
	a = b.Ask(b.DPO(), "POST", nouvelle, append(fields, "candidats-ent", "eleve-1\neleve-1")...)
	frametest.Has(t, a.Page, "Ligne 2 : Une personne est nommée deux fois")
	a = b.Ask(b.DPO(), "POST", nouvelle, "genre", "pseudonyme", "academie", desktest.Academy)
	if a.Status != 422 {
		t.Errorf("nothing typed: %d", a.Status)
	}
	frametest.Has(t, a.Page, `href="#pseudonyme"`, `href="#service"`, `href="#motif"`)
	a = b.Ask(b.DPO(), "POST", nouvelle, append(fields, "candidats-ent", " eleve-1 ; ancien-1 \r\n\r\neleve-2\r\n")...)
	at, _ := strings.CutSuffix(a.Location, "?fait=demander")
	if a.Status != 303 {
		t.Fatalf("%d %s", a.Status, a.Page)
	}
	frametest.Has(t, b.Get(t, b.DPO(), at), "Qui, parmi 2 personnes")
	b.Sent(t, b.Auditor(), at+"/decision", "acte", "confirmer", "motif", "Vu.")
	a = b.Ask(b.Auditor(), "POST", at+"/resultat")
	frametest.Has(t, a.Page, "aucune des personnes de la liste")
	frametest.Lacks(t, a.Page, "eleve-1", "ancien-1", "0123-4567-89AB")
	if body := b.Ask(b.DPO(), "POST", at+"/resultat", "format", "json").Body; !strings.Contains(body, `"positions": []`) {
		t.Errorf("%s", body)
	}
	if n := read(t, b, "inquiry_match"); n != 2 {
		t.Errorf("%d readings in the journal", n)
	}
}

// further adds sources beside the house's own: one that speaks in the academy, and one that speaks elsewhere.
func further(t *testing.T, b *frametest.Bench) {
	t.Helper()
	one, ok := b.Snapshot(t).Source("ent")
	if !ok {
		t.Fatal("no source")
	}
	near, far := one, one
	near.ID, near.Authority, near.Name = "guichet", "guichet", registry.Text{FR: "Guichet", EN: "Counter"}
	far.ID, far.Authority, far.Name, far.UAIs = "loin", "loin", registry.Text{FR: "Ailleurs", EN: "Elsewhere"}, []person.UAI{"0410505X"}
	b.Apply(t, registry.Change{Sources: []registry.Source{near, far}})
	b.Snapshot(t)
}

func TestPossiblePeopleComeFromEverySourceAndOneThatFailsHidesNobody(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	further(t, b)
	frametest.Has(t, b.Get(t, b.DPO(), nouvelle+"?genre=pseudonyme"), `name="candidats-ent"`, `name="candidats-guichet"`, "Connues de la source « Guichet »")
	fields := []string{"genre", "pseudonyme", "academie", desktest.Academy, "service", "lire", "pseudonyme", "0123-4567-89AB", "motif", "Dessin 2026-4", "candidats-ent", "eleve-1", "candidats-guichet", "\r\ng-2; g-2b\r\ng-3"}
	for name, c := range map[string]struct{ field, typed, says string }{
		"a source that speaks elsewhere": {"candidats-loin", "l-1\nl-2", "n'est pas enregistrée, ou ne parle pour aucun établissement"},
		"a source that is gone":          {"candidats-ancien", "l-1\nl-2", "n'est pas enregistrée, ou ne parle pour aucun établissement"},
		"too many identifiers of one":    {"candidats-loin", "a;b;c;d;e;f", "ne parle pour aucun établissement"},
	} {
		a := b.Ask(b.DPO(), "POST", nouvelle, append(fields, c.field, c.typed)...)
		if a.Status != 422 {
			t.Errorf("%s: %d", name, a.Status)
		}
		frametest.Has(t, a.Page, `href="#`+c.field+`"`, `id="`+c.field+`-error"`, c.says, "eleve-1", "g-2; g-2b", "g-3", c.typed[:1])
		frametest.Lacks(t, a.Page, `id="candidats-ent-error"`, `id="candidats-guichet-error"`)
		if n := strings.Count(a.Page, `href="#`+c.field+`"`); n > 2 {
			t.Errorf("%s: told %d times", name, n)
		}
	}
	a := b.Ask(b.DPO(), "POST", nouvelle, append(fields[:len(fields)-1], "g-2\r\n\r\ng-2")...)
	frametest.Has(t, a.Page, `href="#candidats-guichet"`, "Ligne 3 : Une personne est nommée deux fois")
	if a := b.Ask(b.DPO(), "POST", nouvelle, fields[:len(fields)-4]...); a.Status != 422 {
		t.Errorf("nobody at all: %d", a.Status)
	} else {
		frametest.Has(t, a.Page, "Nommez de 2 à 500 personnes")
	}
	if all, err := b.Inquiries(t.Context(), b.DPO()); err != nil || len(all) != 0 {
		t.Fatalf("asked all the same: %v, %v", all, err)
	}
}

func TestWhoIsFoundIsCountedFromOneSourceToTheNext(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	further(t, b)
	numbers, err := b.Book.Know(t.Context(), "guichet", person.Key{Authority: "guichet", ID: "g-3"})
	if err != nil {
		t.Fatal(err)
	}
	known := b.Pseudonyms.Spans(numbers[0], "lire", 0, 2011, 2026)[0]
	a := b.Ask(b.DPO(), "POST", nouvelle, "genre", "pseudonyme", "academie", desktest.Academy, "service", "lire", "pseudonyme", known, "motif", "Dessin 2026-4",
		"candidats-guichet", "g-2\r\ng-3", "candidats-ent", "eleve-1\r\neleve-2")
	at, done := strings.CutSuffix(a.Location, "?fait=demander")
	if a.Status != 303 || !done {
		t.Fatalf("%d %s", a.Status, a.Page)
	}
	b.Sent(t, b.Auditor(), at+"/decision", "acte", "confirmer", "motif", "Vu.")
	frametest.Has(t, b.Ask(b.Auditor(), "POST", at+"/resultat").Page, "la personne n° 4 sur 4 de la liste demandée, comptée d'une source à la suivante")
	b.Lang = "en"
	frametest.Has(t, b.Ask(b.DPO(), "POST", at+"/resultat").Page, "person no. 4 of 4 on the list that was asked about, counted from one source to the next")
}

func TestAnInquiryThatIsMistypedIsShownAgainAndNothingIsAsked(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	a := b.Ask(b.DPO(), "POST", nouvelle, "genre", "services", "academie", desktest.Academy, "source", "rien", "personne", "", "motif", " ")
	if a.Status != 422 {
		t.Errorf("%d", a.Status)
	}
	frametest.Has(t, a.Page, `href="#source"`, `href="#personne"`, `href="#motif"`, "Ne nommez personne")
	a = b.Ask(b.DPO(), "POST", nouvelle, "genre", "services", "academie", desktest.Academy, "source", "ent", "personne", pupil, "motif", "")
	frametest.Has(t, a.Page, `value="`+pupil+`"`)
	if strings.Contains(strings.Join(a.Header["Link"], "")+a.Location, pupil) || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v", a.Header)
	}
	b.Refused(t, b.DPO(), 403, "POST", nouvelle, "genre", "services", "academie", "ailleurs", "source", "ent", "personne", "x", "motif", "x")
	if all, err := b.Inquiries(t.Context(), b.DPO()); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
}

func TestWhatIsEndedOrOverIsReadByNobody(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	at := asked(t, b)
	b.Sent(t, b.Auditor(), at+"/decision", "acte", "confirmer")
	b.Day("2026-12-05")
	frametest.Has(t, b.Get(t, b.DPO(), at), "délai passé")
	a := b.Ask(b.DPO(), "POST", at+"/resultat")
	if a.Status != 409 {
		t.Errorf("%d", a.Status)
	}
	frametest.Has(t, a.Page, "son délai est passé")
	other := asked(t, b)
	frametest.Has(t, b.Sent(t, b.DPO(), other+"/decision", "acte", "clore", "motif", "Retirée."), "La recherche est close", "Retirée.")
	b.Refused(t, b.DPO(), 409, "POST", other+"/decision", "acte", "clore")
	b.Refused(t, b.DPO(), 409, "POST", other+"/resultat")
	for _, q := range b.Snapshot(t).Inquiries() {
		if q.State == registry.Archived && q.Person != "" {
			t.Error("whom it was about is still there")
		}
	}
}

func TestInquiriesAreThereForThoseWhoAskOrConfirm(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	at := asked(t, b)
	for _, who := range []roles.Caller{b.Head(desktest.College), b.Admin(), b.DASEN(), b.DRANE(), b.OnCall(), b.Support(), b.Provider(), b.Stranger()} {
		b.Refused(t, who, 403, "GET", enquetes)
		b.Refused(t, who, 403, "GET", nouvelle)
		b.Refused(t, who, 404, "GET", at)
		b.Refused(t, who, 404, "POST", at+"/decision", "acte", "confirmer")
		b.Refused(t, who, 404, "POST", at+"/resultat")
		b.Refused(t, who, 403, "POST", nouvelle, "genre", "services", "academie", desktest.Academy, "source", "ent", "personne", "x", "motif", "x")
	}
	for _, who := range []roles.Caller{b.Recteur(), b.Auditor()} {
		b.Refused(t, who, 403, "GET", nouvelle)
	}
}
