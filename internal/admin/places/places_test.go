package places_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/admin/places"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

const (
	college = "/bureau/etablissements/" + string(desktest.College)
	ent     = "/bureau/sources/ent"
)

// newBench is the pages in a house where "lire" is declared for two collèges and "calcul" for the academy, and refused in one.
func newBench(t *testing.T) *frametest.Bench {
	t.Helper()
	return benchWith(t, places.Config{
		Ready: func(id string) bool { return id == "ent" },
		Seen:  func(_ context.Context, id string) (time.Time, error) { return desktest.Start(), nil },
		Probe: func(_ context.Context, id string) ([]registry.Finding, bool) {
			return []registry.Finding{{What: "the certificate ends soon", Mend: "a newer one"}}, id == "ent"
		},
	})
}

func benchWith(t *testing.T, c places.Config) *frametest.Bench {
	t.Helper()
	b := frametest.New(t, places.Pages(), func(_ *desktest.House, mux *web.Mux, f *frame.Frame) { places.Mount(mux, f, c) },
		"/bureau/suspendre", "/bureau/journal", "/bureau/services/{id}")
	all := desktest.WithPapers(desktest.Reading(), "")
	all.ID, all.ServiceID, all.Scope.All = "a-1", "calcul", true
	b.Apply(t, registry.Change{
		Declarations: []registry.Declaration{approved("d-1", desktest.ForSchools(desktest.College, desktest.Other)), approved("a-1", all)},
		Enablings: []registry.Enabling{{
			Service: "calcul", UAI: desktest.College, State: registry.RefusedHere, Since: desktest.Start(),
			Decisions: []registry.Decision{{At: desktest.Start(), Office: "Chef", Reason: "le conseil ne veut pas"}},
		}},
		Delegations: []registry.Delegation{{ID: "g-1", UAI: desktest.College, Function: "ADJOINT", Act: "acte-12", From: desktest.Day("2026-09-01"), Until: desktest.Day("2027-08-31")}},
		Headcounts:  []registry.Headcount{{UAI: desktest.College, On: desktest.Day("2026-10-01"), Classes: map[string]int{"6A": 28, "6B": 1}}},
	})
	return b
}

func approved(id string, d registry.Declaration) registry.Declaration {
	d.ID, d.Version, d.State, d.Since = id, 1, registry.Approved, desktest.Start()
	d.Decisions = []registry.Decision{{At: desktest.Start(), State: registry.Submitted}, {At: desktest.Start(), State: registry.Approved}}
	return d
}

func TestTheListOfEstablishmentsIsNarrowedByNameTypeAndPlace(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	has, lacks := string(desktest.College), string(desktest.Ecole)
	for query, n := range map[string]int{"": 5, "?q=0280202t": 1, "?type=college": 2, "?ou=chartres": 5, "?ou=028+chartres": 5, "?ou=orleans": 0, "?type=nonsense": 5} {
		page := b.Get(t, b.Head(desktest.Other), "/bureau/etablissements"+query)
		frametest.Has(t, page, fmt.Sprintf("%d établissement", n))
	}
	page := b.Get(t, b.Auditor(), "/bureau/etablissements?type=college")
	frametest.Has(t, page, has, "Collège", "Chartres (028)")
	frametest.Lacks(t, page, lacks)
	b.Refused(t, b.Stranger(), 403, "GET", "/bureau/etablissements")
}

func TestALongListIsShownInParts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var more []registry.Establishment
	for i := range 120 {
		more = append(more, registry.Establishment{UAI: person.UAI(fmt.Sprintf("028%04dX", i)), Name: "École", Town: "Dreux", Kind: registry.Ecole, Academy: desktest.Academy, Department: desktest.Department})
	}
	b.Apply(t, registry.Change{Establishments: more})
	page := b.Get(t, b.DPO(), "/bureau/etablissements?ou=dreux&page=3")
	frametest.Has(t, page, "120 établissements", "0280119X", "page=2")
	frametest.Lacks(t, page, "0280099X")
}

func TestAnEstablishmentTellsWhoAnswersAndWhatIsOpenOnWhichBasis(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	page := b.Get(t, b.Head(desktest.College), college)
	frametest.Has(t, page,
		"Chef ou cheffe d'établissement", "acte acte-12, jusqu'au mardi 31 août 2027", "lire", "pas ouvert", "d-1 v1", "décidé pour l'établissement",
		"calcul", "refusé ici", "le conseil ne veut pas", "a-1 v1", "décidé pour l'académie", "29, dans 2 classes",
		`href="/bureau/suspendre?genre=establishment&id=0280202T"`, `href="/bureau/journal?etablissement=0280202T"`, `href="/bureau/services/lire"`,
	)
	frametest.Lacks(t, page, "handle-of", "/bureau/declarations")
	frametest.Has(t, b.Get(t, b.Head(desktest.Other), "/bureau/etablissements/0280303c"), "calcul", "ouvert")
	frametest.Has(t, b.Get(t, b.DPO(), "/bureau/etablissements/"+string(desktest.Ecole)), "DASEN", "partagés")
}

func TestAnotherSchoolsHeadIsToldWhatIsPublicAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, who := range map[string]roles.Caller{"another head": b.Head(desktest.Other), "a teacher": b.Teacher(desktest.Other)} {
		page := b.Get(t, who, college)
		frametest.Has(t, page, "calcul", "refusé ici", "400, d'après la liste")
		for _, words := range []string{"le conseil ne veut pas", "acte-12", "29, dans", "suspendre", "journal"} {
			if frametest.Lacks(t, page, words); t.Failed() {
				t.Fatal(name)
			}
		}
	}
	b.Refused(t, b.Provider(), 403, "GET", college)
	b.Refused(t, b.DPO(), 404, "GET", "/bureau/etablissements/0289999X")
}

func TestASuspendedEstablishmentSaysSoAndWhyToThoseWhoLiftIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if _, err := b.Desk.Stop(t.Context(), b.OnCall(), desk.Button{Kind: registry.StopEstablishment, ID: string(desktest.College), Reason: "intrusion"}); err != nil {
		t.Fatal(err)
	}
	page := b.Get(t, b.Head(desktest.College), college)
	frametest.Has(t, page, "accès suspendu", "Motif : intrusion", "Remettre l'accès")
	page = b.Get(t, b.Head(desktest.Other), college)
	frametest.Has(t, page, "accès suspendu")
	frametest.Lacks(t, page, "intrusion", "Remettre l'accès")
	frametest.Has(t, b.Get(t, b.DPO(), "/bureau/etablissements"), "accès suspendu")
}

func TestASourceShowsItsSettingsToThoseWhoKeepIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	source, _ := b.Snapshot(t).Source("ent")
	source.Settings, source.Vouches = map[string]any{"url": "ldaps://annuaire.example", "bind_password_file": "mot-de-passe"}, []string{"ine"}
	source.ManagedBy = "sources.yaml"
	b.Apply(t, registry.Change{Sources: []registry.Source{source}})
	page := b.Get(t, b.Admin(), ent+"?essai=1")
	frametest.Has(t, page, "ldaps://annuaire.example", "annuaire LDAP", "en service", "ine", "annuaire-2026-1", "31 décembre 2028",
		"tenu par sources.yaml", "the certificate ends soon: a newer one", "22 novembre 2026", "suspendre?genre=source&id=ent")
	frametest.Lacks(t, b.Get(t, b.Admin(), ent), "the certificate ends soon")
	page = b.Get(t, b.Head(desktest.Other), ent+"?essai=1")
	frametest.Has(t, page, "annuaire LDAP", "annuaire-2026-1")
	frametest.Lacks(t, page, "ldaps://", "mot-de-passe", "the certificate", "22 novembre", "suspendre")
	frametest.Has(t, b.Get(t, b.Head(desktest.Other), "/bureau/sources"), "ENT", "en service", "31 décembre 2028", "tenu par sources.yaml")
	b.Refused(t, b.Provider(), 404, "GET", ent)
	b.Refused(t, b.DPO(), 404, "GET", "/bureau/sources/none")
}

func TestTheDeclarationOfASourceIsDecidedOnItsPage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	source, _ := b.Snapshot(t).Source("ent")
	source.Declaration.State = registry.Submitted
	b.Apply(t, registry.Change{Sources: []registry.Source{source}})
	frametest.Has(t, b.Get(t, b.Recteur(), ent), "pas de déclaration en vigueur", "Approuver la déclaration")
	frametest.Lacks(t, b.Get(t, b.DPO(), ent), "Approuver la déclaration")
	b.Refused(t, b.Head(desktest.College), 403, "POST", ent+"/decision", "etat", "approved")
	a := b.Ask(b.Recteur(), "POST", ent+"/decision", "etat", "refused", "motif", " ")
	if a.Status != 422 {
		t.Errorf("a refusal without a reason: %d", a.Status)
	}
	frametest.Has(t, a.Page, `href="#motif"`, "Écrivez pourquoi")
	frametest.Has(t, b.Sent(t, b.Recteur(), ent+"/decision", "etat", "approved"), "C'est enregistré", "en service", "approuvée")
	b.Refused(t, b.Recteur(), 409, "POST", ent+"/decision", "etat", "approved")
}

func TestASourceThatNobodyConnectedSaysSo(t *testing.T) {
	t.Parallel()
	b := benchWith(t, places.Config{
		Ready: func(string) bool { return false },
		Probe: func(context.Context, string) ([]registry.Finding, bool) { return nil, false },
		Seen:  func(context.Context, string) (time.Time, error) { return time.Time{}, nil },
	})
	frametest.Has(t, b.Get(t, b.Admin(), ent+"?essai=1"), "pas reliée", "La source n'est pas reliée", "aucune récemment")
	b = benchWith(t, places.Config{Probe: func(context.Context, string) ([]registry.Finding, bool) { return nil, true }})
	frametest.Has(t, b.Get(t, b.Admin(), ent+"?essai=1"), "La source répond")
	b = benchWith(t, places.Config{})
	frametest.Lacks(t, b.Get(t, b.Admin(), ent+"?essai=1"), "Essayer", "Dernière connexion")
}
