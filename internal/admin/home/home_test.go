package home_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/admin/access"
	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/admin/home"
	"ecluse/internal/audit"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/notify"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

type bench struct {
	*frametest.Bench
	health home.Health
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{}
	b.Bench = frametest.Of(t, []web.Contribution{home.Pages(), access.Pages()}, func(h *desktest.House, mux *web.Mux, f *frame.Frame) {
		home.Mount(mux, f, home.Config{Journal: h.DB.Audit(), Health: func(context.Context) home.Health { return b.health }})
		access.Mount(mux, f, access.Config{Leave: "/bureau/sortir", API: "/api"})
	}, "/bureau/file", "/bureau/declarations/{id}/{version}", "/bureau/etablissements/{uai}", "/bureau/simulation", "/bureau/enquetes", "/bureau/enquetes/{id}")
	return b
}

func TestWhatWaitsIsSaidWithHowLongAndWhereItIsDone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if _, err := b.Wish(t.Context(), b.Teacher(desktest.College), desktest.College, "calcul", "pour le groupe de maths, en sixième"); err != nil {
		t.Fatal(err)
	}
	b.Wait(3 * 24 * time.Hour)
	b.Snapshot(t)
	page := b.Get(t, b.Head(desktest.College), "/bureau/")
	frametest.Has(t, page, "Ce qui attend", "Demandes à traiter", "depuis 3 jours", `href="/bureau/file"`, "0280202T")
	other := b.Get(t, b.Head(desktest.Other), "/bureau/")
	frametest.Lacks(t, other, "Demandes à traiter", "0280202T")
	if strings.Contains(page, "href=\"/bureau/lot") || strings.Contains(page, "/bureau/services") {
		t.Error("a link leads to a page that is not mounted")
	}
}

func TestAnInquiryStandsThereForItsSecondPersonWithItsEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	q, err := b.Inquire(t.Context(), b.DPO(), desk.Question{Academy: desktest.Academy, Source: "ent", Person: "eleve-4711", Reason: "Demande écrite 2026-18"})
	if err != nil {
		t.Fatal(err)
	}
	said := []string{"Recherches sur une personne, à confirmer", "Quels services une personne a utilisés", "Demande écrite 2026-18", `href="/bureau/enquetes/` + q.ID + `"`}
	for _, who := range []roles.Caller{b.Recteur(), b.Auditor()} {
		page := b.Get(t, who, "/bureau/")
		frametest.Has(t, page, append(said, "jusqu'au dimanche 29 novembre 2026 à 12 h 00")...)
		frametest.Lacks(t, page, "eleve-4711")
	}
	for _, who := range []roles.Caller{b.DPO(), b.Head(desktest.College), b.Admin(), b.Support(), b.DASEN()} {
		frametest.Lacks(t, b.Get(t, who, "/bureau/"), "Recherches sur une personne", "2026-18")
	}
	b.Lang = "en"
	frametest.Has(t, b.Get(t, b.Auditor(), "/bureau/"), "Inquiries about a person to confirm", "Which services a person used", "until ")
	if _, err := b.EndInquiry(t.Context(), b.Auditor(), q.ID, "sans suite"); err != nil {
		t.Fatal(err)
	}
	frametest.Lacks(t, b.Get(t, b.Auditor(), "/bureau/"), "2026-18")
}

func TestWhenNothingWaitsThePageSaysSo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	frametest.Has(t, b.Get(t, b.Teacher(desktest.College), "/bureau/"), "Rien n'attend votre décision")
	page := b.Get(t, roles.Caller{Handle: "nobody-yet"}, "/bureau/")
	frametest.Has(t, page, "Aucune qualité", `href="/bureau/moi"`)
	frametest.Lacks(t, page, "Santé", "Rien n'attend votre")
}

func TestOneOfSeveralCapacitiesNarrowsWhatIsShown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if _, err := b.Wish(t.Context(), b.Teacher(desktest.College), desktest.College, "calcul", "pour le groupe de maths, en sixième"); err != nil {
		t.Fatal(err)
	}
	both := b.Support()
	both.Held = b.Head(desktest.College).Held
	all := b.Get(t, both, "/bureau/")
	frametest.Has(t, all, "Demandes à traiter", `href="/bureau/?qualite=support"`, `href="/bureau/" aria-current="page"`)
	frametest.Has(t, b.Get(t, both, "/bureau/?qualite=head"), "Demandes à traiter", `href="/bureau/?qualite=head" aria-current="page"`)
	narrow := b.Get(t, both, "/bureau/?qualite=support")
	frametest.Lacks(t, narrow, "Demandes à traiter")
	frametest.Has(t, b.Get(t, both, "/bureau/?qualite=recteur"), "Demandes à traiter") // not held: as if nothing was chosen
	frametest.Lacks(t, b.Get(t, b.Head(desktest.College), "/bureau/"), "qualite=")
}

func TestHealthIsOneLine(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.health = home.Health{Sources: 5, Ready: 4, Metadata: b.Now().Add(-12 * time.Minute), Missing: 1, Verified: b.Now().Add(-time.Hour)}
	frametest.Has(t, b.Get(t, b.DPO(), "/bureau/"), "sources prêtes : 4 sur 5", "il y a 12 min", "muettes : 1", "journal vérifié le")
	b.health.Broken, b.health.Metadata, b.health.Missing = true, time.Time{}, 0
	page := b.Get(t, b.DPO(), "/bureau/")
	frametest.Has(t, page, "journal non conforme")
	frametest.Lacks(t, page, "métadonnées")
	b.health = home.Health{}
	frametest.Has(t, b.Get(t, b.DPO(), "/bureau/"), "pas encore vérifié")
}

// wrongMails are two mails to the collège that came back: one lately, and one long ago.
type wrongMails struct{ now time.Time }

func (w wrongMails) List(_ context.Context, q notify.Query) ([]notify.Mail, error) {
	if !q.Wrong || q.UAIs != nil && !slices.Contains(q.UAIs, desktest.College) {
		return nil, nil
	}
	return []notify.Mail{{ID: "m1", State: notify.Bounced, Made: w.now}, {ID: "m2", State: notify.Failed, Made: w.now.AddDate(0, -2, 0)}}, nil
}

func (w wrongMails) Again(context.Context, string, time.Time, audit.Entry) error {
	return notify.ErrNone
}

func TestHealthSaysHowManyMailsWereNotDelivered(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Desk.Mails = wrongMails{b.Now()}
	frametest.Has(t, b.Get(t, b.DPO(), "/bureau/"), "courriers non remis depuis trente jours : 1")
	frametest.Has(t, b.Get(t, b.Head(desktest.College), "/bureau/"), "courriers non remis")
	for _, who := range []roles.Caller{b.Head(desktest.Other), b.Teacher(desktest.College), b.Provider()} {
		frametest.Lacks(t, b.Get(t, who, "/bureau/"), "courriers non remis")
	}
}

func TestTheSearchFindsServicesAndSchoolsWhereTheyMayBeRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	school, _ := b.Snapshot(t).Establishment(desktest.College)
	for _, asked := range []string{"0280202t", strings.ToUpper(school.Name), strings.ToLower(school.Town)} {
		frametest.Has(t, b.Get(t, b.DPO(), "/bureau/recherche?q="+strings.ReplaceAll(asked, " ", "+")), `<a href="/bureau/etablissements/0280202T">`)
	}
	frametest.Has(t, b.Get(t, b.DPO(), "/bureau/recherche?q=calcul"), "Services", "calcul")
	frametest.Has(t, b.Get(t, b.DPO(), "/bureau/recherche?q=zzzz"), "Rien n'a été trouvé")
	frametest.Has(t, b.Get(t, b.DPO(), "/bureau/recherche?q=%22%3Czz%3E"), "Rien n'a été trouvé")
	frametest.Has(t, b.Get(t, b.DPO(), "/bureau/recherche"), "Cherchez un service")
	frametest.Lacks(t, b.Get(t, b.Provider(), "/bureau/recherche?q=bureau"), "/bureau/services")
}

func TestAReferenceOpensForWhoMayReadItAndElseSaysWhoMay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const ref = "K7Q2-9FMZ"
	entry := audit.Entry{Class: audit.ClassSignIn, Action: "sign_in", Outcome: audit.Refused, Ref: ref, UAI: string(desktest.College), Reason: "not_covered"}
	if _, err := b.Journal.Append(t.Context(), entry); err != nil {
		t.Fatal(err)
	}
	open := `href="/bureau/simulation?reference=K7Q2-9FMZ"`
	for name, who := range map[string]roles.Caller{"head": b.Head(desktest.College), "officer": b.DPO(), "support": b.Support()} {
		page := b.Get(t, who, "/bureau/recherche?q=k7q29fmz")
		if !strings.Contains(page, open) {
			t.Errorf("%s: %s", name, page)
		}
	}
	for name, who := range map[string]roles.Caller{"another head": b.Head(desktest.Other), "teacher": b.Teacher(desktest.College)} {
		page := b.Get(t, who, "/bureau/recherche?q="+ref)
		if strings.Contains(page, open) || !strings.Contains(page, "Assistance") || !strings.Contains(page, "Chef ou cheffe") {
			t.Errorf("%s: %s", name, page)
		}
	}
}

func TestMoreThanThePageHoldsIsCounted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for i := range 11 {
		if _, err := b.Wish(t.Context(), b.Teacher(desktest.College), desktest.College, fmt.Sprintf("un site pour la chorale, n° %d", i), "pour les répétitions du soir"); err != nil {
			t.Fatal(err)
		}
	}
	page := b.Get(t, b.Head(desktest.College), "/bureau/")
	frametest.Has(t, page, "Demandes à traiter", "(11)", "Et 3 de plus")
	if n := strings.Count(page, "<li>"); n != 8 {
		t.Errorf("%d lines", n)
	}
}
