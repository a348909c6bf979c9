package conformity_test

import (
	"strings"
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/policy/conformity"
	"ecluse/internal/registry"
)

// beside gives a case its own service and others beside it.
func beside(sector string, others ...registry.Service) func(*conformity.Case) {
	return func(c *conformity.Case) {
		c.Service = registry.Service{ID: "lire", Provider: "Éditions du Canal", Sector: sector, Bindings: []registry.Binding{{Protocol: "saml"}}}
		c.Services = func() []registry.Service {
			own := []registry.Service{{ID: registry.House, Provider: "Éditions du Canal"}, {ID: registry.Desk, Provider: "Éditions du Canal"}, c.Service}
			return append(own, others...)
		}
	}
}

func bound(change func(*registry.Binding)) func(*conformity.Case) {
	return func(c *conformity.Case) {
		beside("")(c)
		change(&c.Service.Bindings[0])
	}
}

func TestServicesOfOneSectorPutTogetherWhatTheyKnow(t *testing.T) {
	t.Parallel()
	own := registry.Service{ID: "calcul", Provider: "editions du canal", Sector: "canal"}
	foreign := registry.Service{ID: "jeux", Provider: "Jeux SA", Sector: "canal"}
	answered := func(name string, state registry.State) func(*conformity.Case) {
		return func(c *conformity.Case) {
			c.Declared = func(service string) []registry.Declaration {
				if service != "calcul" {
					return nil
				}
				return []registry.Declaration{{State: state, Controller: registry.Controller{Name: name}, From: day("2026-09-01"), Until: day("2027-08-31")}}
			}
		}
	}
	read(t, []sentence{
		{says: "alone in its sector", given: beside("canal", registry.Service{ID: "jeux", Provider: "Jeux SA"}), want: nothing()},
		{says: "a family of one provider is told", given: beside("canal", own), want: []string{"note sector-shared service"}, law: "art. 4(5)"},
		{says: "another provider in the family is justified", given: beside("canal", foreign), want: []string{"to-justify sector-shared service"}, law: "5(1)(b)"},
		{says: "each of the family is told", given: beside("canal", own, foreign), want: []string{"note sector-shared service", "to-justify sector-shared service"}, law: "5(1)(b)"},
		{says: "hard case 34: another controller in the family is justified", given: given(beside("canal", own), answered("Département", registry.Approved)), want: []string{"to-justify sector-shared service"}, law: "4(7)"},
		{says: "hard case 34: the same controller is told", given: given(beside("canal", own), answered("académie d'exemple", registry.Approved)), want: []string{"note sector-shared service"}, law: "4(5)"},
		{says: "hard case 34: who answered for a version that is over does not count", given: given(beside("canal", own), answered("Département", registry.Archived)), want: []string{"note sector-shared service"}, law: "4(5)"},
		{says: "a sector that is another service's id shares its numbers", given: beside("jeux", registry.Service{ID: "jeux", Provider: "Jeux SA"}), want: []string{"to-justify sector-shared service"}, law: "5(1)(b)"},
		{says: "the other way round too", given: beside("", registry.Service{ID: "jeux", Provider: "Jeux SA", Sector: "lire"}), want: []string{"to-justify sector-shared service"}, law: "5(1)(b)"},
	})
}

func TestAnotherServiceIsCalledByItsName(t *testing.T) {
	t.Parallel()
	named := registry.Text{FR: "Calcul au collège", EN: "Sums at the collège"}
	for _, other := range []registry.Service{
		{ID: "calcul-2", Name: named, Provider: "Éditions du Canal", Sector: "canal"}, {ID: "calcul-2", Name: named, Provider: "Éditions du Canal"},
	} {
		c := newCase(t)
		beside("canal", other)(&c)
		said := 0
		for _, f := range conformity.Examine(conforming(), c) {
			if f.Where == "service" && strings.Contains(f.What, "service Sums at the collège") && !strings.Contains(f.What, "calcul-2") {
				said++
			}
		}
		if said != 1 {
			t.Errorf("sector %q: %d findings name it", other.Sector, said)
		}
	}
}

func TestHardCase35TwoWaysToOneProviderCannotBeLinked(t *testing.T) {
	t.Parallel()
	read(t, []sentence{
		{says: "another service of the provider with other numbers is told", given: beside("", registry.Service{ID: "lire-ancien", Provider: "ÉDITIONS DU CANAL"}), want: []string{"note provider-twice service"}, law: "5(1)(d)"},
		{says: "one of another provider is not", given: beside("", registry.Service{ID: "jeux", Provider: "Jeux SA"}), want: nothing()},
		{says: "one of the same family can be linked", given: beside("canal", registry.Service{ID: "calcul", Provider: "Éditions du Canal", Sector: "canal"}), want: []string{"note sector-shared service"}, law: "art. 4(5)"},
	})
}

func TestHardCase26ANewNameIsANewAccountWhereTheSubjectChangesWithIt(t *testing.T) {
	t.Parallel()
	by := func(word person.Attr) func(*conformity.Case) {
		return given(usual, bound(func(b *registry.Binding) { b.Subject = word }))
	}
	read(t, []sentence{
		{says: "an address that is the subject changes", change: both(item("mail"), nominative, noItem("pseudonym")), given: by("mail"), want: []string{"note subject-changes service.bindings[0].subject"}, law: "5(1)(d)"},
		{says: "a login does", change: both(item("login"), nominative, noItem("pseudonym")), given: by("login"), want: []string{"note subject-changes service.bindings[0].subject"}, law: "5(1)(d)"},
		{says: "the anchor of the account does not", change: both(item("source_anchor"), nominative, noItem("pseudonym")), given: by("source_anchor"), want: nothing()},
		{says: "the pseudonym does not", given: by(""), want: nothing()},
		{says: "a subject that is no item lets nobody in", given: by("source_anchor"), want: []string{"note subject-declared service.bindings[0].subject"}, law: "5(1)(d)"},
	})
}

func TestWhatABindingNamesIsComparedWithWhatIsDeclared(t *testing.T) {
	t.Parallel()
	names := func(words ...person.Attr) func(*conformity.Case) {
		return bound(func(b *registry.Binding) {
			b.Names = map[person.Attr]string{}
			for _, w := range words {
				b.Names[w] = "x-" + string(w)
			}
		})
	}
	outputs := func(list ...registry.Output) func(*conformity.Case) {
		return bound(func(b *registry.Binding) { b.Outputs = list })
	}
	vector := func(empty bool) registry.Output {
		return registry.Output{Name: "vecteur", Parts: []registry.Part{{Text: "4"}, {Attr: "uai"}, {Attr: "family_name", Empty: empty}}}
	}
	const at = "service.bindings[0]"
	read(t, []sentence{
		{says: "what is declared may be named", given: names("uai", "level"), want: nothing()},
		{says: "what is named and not declared is told, word by word", given: names("mail", "uai", "login"), want: []string{"note output-declared " + at + ".names", "note output-declared " + at + ".names"}, law: "5(1)(c)"},
		{says: "an output of what is declared", given: outputs(registry.Output{Attr: "uai", Name: "rne"}), want: nothing()},
		{says: "an output of what is not declared", given: outputs(registry.Output{Attr: "uai", Name: "rne"}, registry.Output{Attr: "mail", Name: "m"}), want: []string{"note output-declared " + at + ".outputs[1]"}, law: "5(1)(c)"},
		{says: "a value put together with what is not declared never leaves", given: outputs(vector(false)), want: []string{"note output-declared " + at + ".outputs[0]"}, law: "5(1)(c)"},
		{says: "unless that part may be empty", given: outputs(vector(true)), want: nothing()},
	})
}
