package conformity_test

import (
	"testing"

	"ecluse/internal/policy/conformity"
	"ecluse/internal/registry"
)

func TestArticle30WantsEveryFieldOfARegisterEntry(t *testing.T) {
	t.Parallel()
	read(t, []sentence{
		{
			says: "the controller is named, with office and contact", change: func(d *registry.Declaration) { d.Controller = registry.Controller{DPO: "dpd"} },
			want: []string{"blocking controller controller.name", "blocking controller controller.office", "blocking controller controller.contact"}, law: "art. 30(1)(a)",
		},
		{
			says: "the data-protection officer can be reached", change: func(d *registry.Declaration) { d.Controller.DPO = " " },
			want: []string{"blocking controller controller.dpo"}, law: "art. 30(1)(a)",
		},
		{
			says: "a joint controller is named like the first", change: func(d *registry.Declaration) {
				d.Joint = []registry.Controller{{Name: "Région", Office: "président", Contact: "x"}}
			},
			want: []string{"blocking controller joint_controllers[0].dpo"}, law: "art. 30(1)(a)",
		},
		{
			says: "the purposes are named", change: func(d *registry.Declaration) { d.Purposes = []registry.Text{{EN: "read"}} },
			want: []string{"blocking purposes purposes"}, law: "art. 30(1)(b)",
		},
		{
			says: "the categories of persons are named", change: func(d *registry.Declaration) { d.Persons = nil },
			want: []string{"blocking persons persons"}, law: "art. 30(1)(c)",
		},
		{
			says: "the categories of data are named", change: func(d *registry.Declaration) { d.Data = []registry.Text{{}} },
			want: []string{"blocking data data"}, law: "art. 30(1)(c)",
		},
		{
			says: "the recipients are named", change: func(d *registry.Declaration) { d.Recipients = nil },
			want: []string{"blocking recipients recipients"}, law: "art. 30(1)(d)",
		},
		{
			says: "that there are no recipients may be said", change: func(d *registry.Declaration) { d.Recipients = []registry.Text{{FR: "aucun"}} },
			want: nothing(),
		},
		{
			says: "where data rests is named", change: func(d *registry.Declaration) { d.Hosting = nil },
			want: []string{"blocking hosting hosting"}, law: "art. 30(1)(e)",
		},
		{
			says: "erasure delays are given", change: func(d *registry.Declaration) { d.Erasure = nil },
			want: []string{"blocking erasure erasure"}, law: "art. 30(1)(f)",
		},
		{
			says: "security measures are described", change: func(d *registry.Declaration) { d.Security = nil },
			want: []string{"blocking security security"}, law: "art. 30(1)(g)",
		},
		{
			says: "the directory's own entry covers the interconnection", change: func(d *registry.Declaration) { d.Directory = "" },
			want: []string{"to-justify directory directory"}, law: "art. 6(4)",
		},
	})
}

func TestOnlyAnAuthorityAnswers(t *testing.T) {
	t.Parallel()
	office := func(name string) func(*registry.Declaration) {
		return func(d *registry.Declaration) { d.Controller.Office = name }
	}
	refused := []string{"blocking controller-office controller.office"}
	read(t, []sentence{
		{says: "a teacher alone never does", change: office("Professeure de lettres"), want: refused, law: "art. 4(7)"},
		{says: "a directeur d'école does not", change: office("directeur d'école"), want: refused, law: "art. 4(7)"},
		{says: "a public école is its DASEN's", change: both(ofSchools("0280101H"), office("chef d'établissement"), signedBy("DASEN")), given: inSchools, want: refused, law: "art. 4(7)"},
		{says: "the DASEN answers for a public école", change: both(ofSchools("0280101H"), office("IA-DASEN"), signedBy("DASEN")), given: inSchools, want: nothing()},
		{
			says: "a department's declaration is its DASEN's", change: func(d *registry.Declaration) {
				d.Scope, d.Controller.Office = registry.Scope{Level: registry.ByDepartment, Departments: []string{"028"}}, "chef d'établissement"
			}, want: refused, law: "art. 4(7)",
		},
		{says: "the directeur académique answers for a department", change: func(d *registry.Declaration) {
			d.Scope, d.Controller.Office = registry.Scope{Level: registry.ByDepartment, Departments: []string{"028"}}, "Directeur académique (DASEN)"
		}, want: nothing()},
	})
}

func TestUsesAreWordsOfTheRules(t *testing.T) {
	t.Parallel()
	justify := []string{"to-justify item-usual items[0]", "to-justify item-usual items[1]", "to-justify item-usual items[2]", "to-justify item-usual items[3]"}
	read(t, []sentence{
		{says: "a use must be named, or nothing is usual", change: func(d *registry.Declaration) { d.Uses = nil }, want: append([]string{"blocking uses uses"}, justify...), law: "art. 5(1)"},
		{says: "an unknown use makes nothing usual", change: func(d *registry.Declaration) { d.Uses = []string{"loisirs"} }, want: append([]string{"blocking uses uses[0]"}, justify...), law: "art. 5(1)"},
		{says: "under another use everything is justified", change: func(d *registry.Declaration) { d.Uses = []string{"other"} }, want: justify, law: "art. 5(1)(c)"},
	})
}

func TestAModelIsLookedAtAgainInTime(t *testing.T) {
	t.Parallel()
	from := func(d *registry.Declaration) { d.Model = "lecture" }
	reviewed := func(until string) func(*conformity.Case) {
		return func(c *conformity.Case) {
			c.Model = func(id string) (registry.Model, bool) {
				return registry.Model{ID: id, Review: day(until)}, id == "lecture"
			}
		}
	}
	read(t, []sentence{
		{says: "a model within its review is followed", change: from, given: reviewed("2026-11-22"), want: nothing()},
		{says: "a model whose review is overdue is justified", change: from, given: reviewed("2026-11-21"), want: []string{"to-justify model model"}, law: "art. 24(1)"},
		{says: "an unknown model is told", change: func(d *registry.Declaration) { d.Model = "inconnu" }, given: reviewed("2027-01-01"), want: []string{"note model model"}, law: "art. 24(1)"},
		{says: "without a catalogue no model is looked at", change: from, want: nothing()},
	})
}

func signedBy(office string) func(*registry.Declaration) {
	return func(d *registry.Declaration) { d.Supplier.SignedBy = office }
}
