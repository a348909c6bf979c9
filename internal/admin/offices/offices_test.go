package offices_test

import (
	"reflect"
	"regexp"
	"testing"

	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/admin/offices"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

const (
	mandates    = "/bureau/mandats"
	delegations = "/bureau/delegations"
)

func newBench(t *testing.T) *frametest.Bench {
	t.Helper()
	b := frametest.New(t, offices.Pages(), func(_ *desktest.House, mux *web.Mux, f *frame.Frame) { offices.Mount(mux, f) }, "/bureau/suspendre")
	b.Apply(t, registry.Change{Delegations: []registry.Delegation{
		{ID: "g-1", UAI: desktest.College, Function: "ADF", Act: "acte-12", From: desktest.Day("2026-09-01"), Until: desktest.Day("2027-08-31")},
		{ID: "g-2", UAI: desktest.Other, Function: "ADF", Act: "acte-77", From: desktest.Day("2026-01-01"), Until: desktest.Day("2026-08-31"), ManagedBy: "etablissements.yaml"},
	}})
	return b
}

// assistant is a form that proposes an assistant of the collège.
func assistant(more ...string) []string {
	return append([]string{"role", "assistant", "sur", "uais", "noms", "0280202t", "jusque", "2027-08-31", "motif", "secrétariat"}, more...)
}

func proposedIn(t *testing.T, b *frametest.Bench) registry.Appointment {
	t.Helper()
	for _, a := range b.Snapshot(t).Appointments() {
		if a.State == registry.Proposed {
			return a
		}
	}
	t.Fatal("nothing was proposed")
	return registry.Appointment{}
}

func TestAnAppointmentIsProposedByOneAndConfirmedByAnother(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	head := b.Head(desktest.College)
	frametest.Has(t, b.Get(t, head, mandates+"/nouveau"), `value="0280202T"`)
	a := b.Ask(head, "POST", mandates+"/nouveau", assistant()...)
	word := regexp.MustCompile(`[A-Z2-7]{5}(-[A-Z2-7]{1,5}){5}`)
	if a.Status != 200 || !word.MatchString(a.Page) {
		t.Fatalf("%d %s", a.Status, a.Page)
	}
	made := proposedIn(t, b)
	if made.Over.UAIs[0] != desktest.College || made.Reason != "secrétariat" || made.Until != desktest.Day("2027-08-31") {
		t.Errorf("%+v", made)
	}
	path := mandates + "/" + made.ID
	page := b.Get(t, head, path)
	frametest.Has(t, page, "à confirmer", "Quelqu'un d'autre le confirme", "secrétariat", ">Retirer<")
	frametest.Lacks(t, page, ">Confirmer<", "handle-of")
	if word.MatchString(page) {
		t.Error("the word is shown again")
	}
	b.Refused(t, head, 403, "POST", path+"/decision", "etat", "confirmed")
	b.Refused(t, b.Head(desktest.Other), 404, "GET", path)
	b.Refused(t, b.Head(desktest.Other), 404, "POST", path+"/decision", "etat", "revoked", "motif", "x")
	frametest.Has(t, b.Get(t, b.DPO(), mandates+"?etat=proposed"), "1 mandat", path)
	frametest.Has(t, b.Sent(t, b.DPO(), path+"/decision", "etat", "confirmed"), "Le mandat est confirmé", "pas encore pris", "Confirmé le")
	refusal := b.Ask(head, "POST", path+"/decision", "etat", "revoked")
	frametest.Has(t, refusal.Page, `href="#motif"`, "Écrivez pourquoi")
	page = b.Sent(t, head, path+"/decision", "etat", "revoked", "motif", "départ")
	frametest.Has(t, page, "Le mandat est retiré", "départ")
	frametest.Lacks(t, page, ">Retirer<")
}

func TestAProposalIsShownAgainWithAllItsMistakes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	a := b.Ask(b.Recteur(), "POST", mandates+"/nouveau", "role", "dasen", "sur", "uais", "noms", "0280202T", "jusque", "demain")
	if a.Status != 422 {
		t.Fatalf("%d %s", a.Status, a.Page)
	}
	frametest.Has(t, a.Page, `href="#jusque"`, `href="#motif"`, `href="#acte"`, "0280202T", `value="dasen" selected`)
	b.Refused(t, b.Head(desktest.Other), 403, "POST", mandates+"/nouveau", assistant()...)
	b.Refused(t, b.Teacher(desktest.College), 403, "POST", mandates+"/nouveau", assistant()...)
	b.Refused(t, b.Head(desktest.College), 403, "POST", mandates+"/nouveau", "role", "dpo", "sur", "academies", "noms", desktest.Academy, "jusque", "2027-08-31", "motif", "x")
}

func TestEveryPerimeterCanBeNamed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, c := range []struct {
		role, kind, names string
		over              registry.Over
	}{
		{"support", "academies", desktest.Academy, registry.Over{Academies: []string{desktest.Academy}}},
		{"dasen", "departments", desktest.Department, registry.Over{Departments: []string{desktest.Department}}},
		{"ien", "circonscriptions", "Chartres 1", registry.Over{Circonscriptions: []string{"Chartres 1"}}},
		{"provider", "services", "lire calcul", registry.Over{Services: []string{"lire", "calcul"}}},
		{"collectivite", "sources", "ent", registry.Over{Sources: []string{"ent"}}},
	} {
		a := b.Ask(b.Recteur(), "POST", mandates+"/nouveau", "role", c.role, "sur", c.kind, "noms", c.names, "acte", "arrêté 3", "des", "2026-12-01", "jusque", "2027-08-31", "motif", "rentrée")
		if a.Status != 200 {
			t.Errorf("%s: %d %s", c.role, a.Status, a.Page)
			continue
		}
		found := false
		for _, made := range b.Snapshot(t).Appointments() {
			found = found || string(made.Role) == c.role && reflect.DeepEqual(made.Over, c.over) && made.Act == "arrêté 3" && made.From == desktest.Day("2026-12-01")
		}
		if !found {
			t.Errorf("%s is not registered as it was typed", c.role)
		}
	}
}

func TestTheListShowsToEachWhatIsTheirs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	page := b.Get(t, b.DPO(), mandates)
	frametest.Has(t, page, "11 mandats", "académie exemple", "circonscription Chartres 1", "(le vôtre)", "en cours")
	frametest.Lacks(t, page, "Proposer un mandat")
	frametest.Has(t, b.Get(t, b.Recteur(), mandates+"?q=dasen"), "1 mandat", "Proposer un mandat")
	frametest.Has(t, b.Get(t, b.Head(desktest.College), mandates), "1 mandat", "Assistance de l'établissement", "Délégations")
	frametest.Has(t, b.Get(t, b.Head(desktest.Other), mandates), "0 mandat")
	frametest.Has(t, b.Get(t, b.Provider(), mandates), "1 mandat", "(le vôtre)")
	frametest.Has(t, b.Get(t, b.OnCall(), mandates+"/oncall"), "en cours", "Périmètre")
	frametest.Has(t, b.Get(t, b.Admin(), mandates+"/assistant"), "suspendre?genre=appointment&id=assistant")
	b.Refused(t, b.Head(desktest.Other), 404, "GET", mandates+"/assistant")
}

func TestADelegationIsRegisteredRedatedAndSeenByTheEstablishmentAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	head := b.Head(desktest.College)
	page := b.Get(t, head, delegations)
	frametest.Has(t, page, "acte-12", "en cours", "Enregistrer une délégation")
	frametest.Lacks(t, page, "acte-77")
	frametest.Has(t, b.Get(t, head, delegations+"/nouvelle"), `value="0280202T"`)
	form := []string{"uai", "0280202t", "fonction", "CPE", "acte", "acte-13", "des", "2026-11-22", "jusque", "2027-03-31"}
	frametest.Has(t, b.Sent(t, head, delegations+"/nouvelle", form...), "La délégation est enregistrée", "acte-13", "CPE")
	b.Refused(t, b.Head(desktest.Other), 403, "POST", delegations+"/nouvelle", form...)
	b.Refused(t, b.Admin(), 403, "POST", delegations+"/nouvelle", form...)
	a := b.Ask(head, "POST", delegations+"/nouvelle", "uai", "0280202T")
	if a.Status != 422 {
		t.Errorf("an empty delegation: %d", a.Status)
	}
	frametest.Has(t, a.Page, `href="#fonction"`, `href="#acte"`, `href="#jusque"`)
	frametest.Has(t, b.Get(t, head, delegations+"/g-1"), "acte-12", `value="2027-08-31"`, "Changer les dates")
	frametest.Has(t, b.Sent(t, head, delegations+"/g-1", "des", "2026-09-01", "jusque", "2026-11-21"), "terminée")
	a = b.Ask(head, "POST", delegations+"/g-1", "des", "2026-09-01", "jusque", "x")
	if a.Status != 422 {
		t.Errorf("no last day: %d %s", a.Status, a.Page)
	}
	frametest.Has(t, a.Page, "acte-12", `href="#jusque"`)
	for _, who := range []roles.Caller{b.Head(desktest.Other), b.Teacher(desktest.College)} {
		b.Refused(t, who, 404, "GET", delegations+"/g-1")
		b.Refused(t, who, 404, "POST", delegations+"/g-1", "des", "2026-09-01", "jusque", "2027-01-01")
	}
	page = b.Get(t, b.Recteur(), delegations+"/g-2")
	frametest.Has(t, page, "tenu par etablissements.yaml", "terminée")
	frametest.Lacks(t, page, "Changer les dates")
	b.Refused(t, b.Recteur(), 409, "POST", delegations+"/g-2", "des", "2026-01-01", "jusque", "2027-01-01")
}
