package register_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/policy/conformity/conformitytest"
	"ecluse/internal/registry"
	"ecluse/internal/registry/register"
	"ecluse/internal/registry/registrytest"
)

const (
	ecole   = person.UAI("0280101H")
	college = person.UAI("0280202T")
	other   = person.UAI("0750652B")
)

func noon() time.Time { return time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC) }

// world has a service for each way in which a school can come to have one, and a draft.
func world(t *testing.T, change func(*registry.Contents)) *registry.Snapshot {
	t.Helper()
	paris := registrytest.Paris()
	approved := func(service string, scope registry.Scope) registry.Declaration {
		d := conformitytest.Conforming(service, service+"-1")
		d.Overlap = 30
		d.Scope, d.State = scope, registry.Approved
		d.Decisions = []registry.Decision{{At: noon().Add(-48 * time.Hour), State: registry.Approved, Office: "recteur"}}
		return d
	}
	draft := conformitytest.Conforming("brouillon", "brouillon-1")
	c := registry.Contents{
		Declarations: []registry.Declaration{
			approved("partout", registry.Scope{Level: registry.ByAcademy, Academies: []string{"exemple"}, All: true}),
			approved("offert", registry.Scope{Level: registry.ByAcademy, Academies: []string{"exemple"}}),
			approved("ecoles", registry.Scope{Level: registry.ByDepartment, Departments: []string{"028"}}),
			approved("local", registry.Scope{Level: registry.ByEstablishment, UAIs: []person.UAI{college}}),
			draft,
		},
		Establishments: []registry.Establishment{
			{UAI: ecole, Name: "École Jules-Ferry", Town: "Chartres", Kind: registry.Ecole, Academy: "exemple", Department: "028"},
			{UAI: college, Name: "Collège Jean-Moulin", Town: "Chartres", Kind: registry.College, Academy: "exemple", Department: "028"},
			{UAI: other, Name: "Lycée", Town: "Paris", Kind: registry.Lycee, Academy: "paris", Department: "075"},
		},
		Enablings: []registry.Enabling{
			{Service: "local", UAI: college, State: registry.Enabled, Declaration: "local-1", Version: 1, Since: noon().Add(-24 * time.Hour)},
			{Service: "partout", UAI: college, State: registry.RefusedHere, Since: noon()},
		},
		RuleSets: []registry.RuleSet{{Rules: registry.Rules{TermsMonths: 120}}},
		Sources: []registry.Source{
			{ID: "annuaire", Name: registry.Text{FR: "Annuaire"}, Declaration: &registry.SourceDeclaration{Reference: "REG-7", State: registry.Approved, Covers: "interconnexion"}},
			{ID: "ailleurs", Name: registry.Text{FR: "Ailleurs"}, UAIs: []person.UAI{other}, Declaration: &registry.SourceDeclaration{Reference: "REG-8"}},
		},
	}
	for _, d := range c.Declarations {
		c.Services = append(c.Services, registry.Service{ID: d.ServiceID, Name: registry.Text{FR: "Service " + d.ServiceID}})
	}
	if change != nil {
		change(&c)
	}
	return registry.NewSnapshot(c, paris)
}

func words(t *testing.T) *dictionary.Dictionary {
	t.Helper()
	w, err := dictionary.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// print gives the rows of the CSV by service, as maps from the header.
func printed(t *testing.T, r register.Register) map[string]map[string]string {
	t.Helper()
	var out bytes.Buffer
	if err := r.CSV(&out, words(t)); err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(out.String(), "\ufeff")
	if !marked {
		t.Error("a spreadsheet will not know that this is UTF-8")
	}
	in := csv.NewReader(strings.NewReader(text))
	in.Comma = ';'
	rows, err := in.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]map[string]string{}
	for _, row := range rows[1:] {
		entry := map[string]string{}
		for i, name := range rows[0] {
			entry[name] = row[i]
		}
		got[entry["Service"]] = entry
	}
	return got
}

func TestASchoolsRegisterHoldsWhatIsDoneThereAndWhoDecidedIt(t *testing.T) {
	t.Parallel()
	s := world(t, nil)
	for uai, want := range map[person.UAI]map[string]string{
		college: {"Service local": "activé par l’établissement depuis le 2026-11-21", "Service partout": "refusé par l’établissement depuis le 2026-11-22", "Annuaire": ""},
		ecole:   {"Service partout": "décidé par l’académie", "Service ecoles": "décidé par le DASEN", "Annuaire": ""},
		other:   {"Annuaire": "", "Ailleurs": ""},
	} {
		r, ok := register.Make(s, noon(), register.Of{UAI: uai})
		got := printed(t, r)
		if !ok || len(got) != len(want) {
			t.Errorf("%s: %d entries, want %d: %v", uai, len(got), len(want), got)
		}
		for service, here := range want {
			if got[service]["Ici"] != here {
				t.Errorf("%s, %s: %q, want %q", uai, service, got[service]["Ici"], here)
			}
		}
	}
}

func TestAnEntrySaysEverythingOfArticle30(t *testing.T) {
	t.Parallel()
	r, _ := register.Make(world(t, nil), noon(), register.Of{UAI: college})
	e := printed(t, r)["Service local"]
	for name, part := range map[string]string{
		"Responsable du traitement": "Académie d'Exemple, recteur", "Délégué à la protection des données": "dpd@ac-exemple.fr",
		"Finalités": "lectures adaptées", "Base légale": "art. 6(1)(e)", "Catégories de personnes": "élèves", "Catégories de données": "choisir des lectures du bon niveau",
		"Destinataires": "Éditions du Canal et son hébergeur", "Transferts hors EEE": "aucun", "Délais d'effacement": "3 mois après la fin de l’année scolaire",
		"Mesures de sécurité": "chiffrement", "Fournisseur": "sous-traitant ultérieur : Hébergement du Midi, FR", "Hébergement": "FR",
		"Analyse d'impact": "réalisée le 2026-05-20", "Pièces": conformitytest.Hash("contract"), "Début": "2026-09-01", "Fin": "2027-08-31",
		"État": "en vigueur", "Décision": "recteur, le 2026-11-20", "Mode": "pseudonyme par année scolaire ; ancien numéro joint au nouveau pendant 30 jours", "Source des données": "annuaire-2026-1",
		"Version": "1", "Déclaration": "local-1",
	} {
		if !strings.Contains(e[name], part) {
			t.Errorf("%s: %q, want %q in it", name, e[name], part)
		}
	}
}

func TestADraftIsNobodysRegister(t *testing.T) {
	t.Parallel()
	for _, of := range []register.Of{{UAI: college}, {Department: "028"}, {Academy: "exemple"}} {
		r, ok := register.Make(world(t, nil), noon(), of)
		if _, there := printed(t, r)["Service brouillon"]; !ok || there {
			t.Errorf("%+v: the draft is there", of)
		}
	}
}

func TestAnAcademysRegisterCountsItsSchoolsAndNoOthers(t *testing.T) {
	t.Parallel()
	s := world(t, nil)
	r, ok := register.Make(s, noon(), register.Of{Academy: "exemple"})
	if !ok || len(r.Entries) != 4 {
		t.Fatalf("%d entries", len(r.Entries))
	}
	for _, e := range r.Entries {
		if want := map[string]int{"local": 1}[e.Service.ID]; e.Schools != want {
			t.Errorf("%s: %d schools, want %d", e.Service.ID, e.Schools, want)
		}
	}
	for _, of := range []register.Of{{UAI: "0000000A"}, {Department: "999"}, {Academy: "nulle part"}, {}} {
		if _, ok := register.Make(s, noon(), of); ok {
			t.Errorf("%+v has a register", of)
		}
	}
}

func TestVersionsThatEndedStayInTheRegister(t *testing.T) {
	t.Parallel()
	s := world(t, func(c *registry.Contents) {
		old := c.Declarations[3]
		c.Declarations[3].Version, c.Declarations[3].From = 2, registry.Date{Year: 2026, Month: 11, Day: 1}
		old.Until = registry.Date{Year: 2026, Month: 10, Day: 31}
		c.Declarations = append(c.Declarations, old)
	})
	r, _ := register.Make(s, noon(), register.Of{UAI: college})
	var seen []registry.Standing
	for _, e := range r.Entries {
		if e.ID == "local-1" {
			seen = append(seen, e.Standing)
		}
	}
	if len(seen) != 2 || seen[0] != registry.Active || seen[1] != registry.Expired {
		t.Errorf("versions stand %v", seen)
	}
}

func TestThePageEscapesWhatPeopleWroteAndNeedsNothingElse(t *testing.T) {
	t.Parallel()
	s := world(t, func(c *registry.Contents) {
		c.Declarations[3].Purposes[0].FR = `<script>alert(1)</script>`
		c.Declarations[3].Supplier.Name = "=HYPERLINK(1)"
		c.Declarations[3].Controller.DPO = "=cmd()"
	})
	r, _ := register.Make(s, noon(), register.Of{UAI: college})
	var out bytes.Buffer
	if err := r.HTML(&out, words(t)); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	if strings.Contains(text, "<script") || !strings.Contains(text, "&lt;script") {
		t.Error("what was written is not escaped")
	}
	for _, outside := range []string{"http:", "https:", "src=", "@import", "url("} {
		if strings.Contains(text, outside) {
			t.Errorf("the page asks for %q", outside)
		}
	}
	if _, err := html.Parse(strings.NewReader(text)); err != nil || !strings.Contains(text, "Collège Jean-Moulin, Chartres (0280202T)") {
		t.Errorf("%v", err)
	}
	if dpo := printed(t, r)["Service local"]["Délégué à la protection des données"]; dpo != "'=cmd()" {
		t.Errorf("a spreadsheet reads %q as a formula", dpo)
	}
}

func TestHardCase16TheRegisterShowsWhatEndsBeforeItsOwnDay(t *testing.T) {
	t.Parallel()
	for until, want := range map[string]struct{ end, state string }{
		"2026-11-30": {"2027-08-31 ; cesse le 2026-11-30 : fin du contrat", "en vigueur"},
		"2026-11-20": {"2027-08-31 ; cesse le 2026-11-20 : fin du contrat", "terminée"},
		"2030-01-01": {"2027-08-31", "en vigueur"},
	} {
		s := world(t, func(c *registry.Contents) {
			last, err := registry.ParseDate(until)
			if err != nil {
				t.Fatal(err)
			}
			c.Declarations[3].Supplier.Until = last
			c.RuleSets = []registry.RuleSet{{Rules: registry.Rules{TermsMonths: 120}}}
		})
		r, _ := register.Make(s, noon(), register.Of{UAI: college})
		if e := printed(t, r)["Service local"]; e["Fin"] != want.end || e["État"] != want.state {
			t.Errorf("contract until %s: %q, %q", until, e["Fin"], e["État"])
		}
	}
}
