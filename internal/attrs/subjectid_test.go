package attrs_test

import (
	"strings"
	"testing"

	"ecluse/internal/attrs"
	"ecluse/internal/registry"
)

// TestTheIdentifierThatAllServicesShareLeavesOnlyWhereNamesDo holds subject-id to the profile's shape, and to the rule that
// what lets services compare is no pseudonym.
func TestTheIdentifierThatAllServicesShareLeavesOnlyWhereNamesDo(t *testing.T) {
	t.Parallel()
	at := func(service string, change func(*scene)) attrs.Release {
		s := newScene("uai", "subject_id")
		s.declaration.Mode = registry.Nominative
		s.service.ID, s.declaration.ServiceID = service, service
		change(&s)
		e := engine(t)
		e.Scope = "sso.ac-exemple.fr"
		r, err := e.Release(s.person, s.grant(t), s.request)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	same := func(*scene) {}
	id := values(at("lire", same))["subject_id"]
	if len(id) != 1 || len(id[0]) != 64+len("@sso.ac-exemple.fr") || !strings.HasSuffix(id[0], "@sso.ac-exemple.fr") {
		t.Fatalf("%q", id)
	}
	if other := values(at("calcul", same))["subject_id"]; len(other) != 1 || other[0] != id[0] {
		t.Errorf("another service is told %q, not %q", other, id)
	}
	if other := values(at("lire", func(s *scene) { s.person.Key.ID = "somebody else" }))["subject_id"]; other[0] == id[0] {
		t.Error("two people share it")
	}
	if strings.HasPrefix(id[0], at("lire", same).Subject()[:16]) {
		t.Error("it gives away the pseudonym")
	}
	r := at("lire", func(s *scene) { s.declaration.Mode = registry.Pseudonymous })
	if values(r)["subject_id"] != nil || why(r)["subject_id"] != attrs.NotNominative {
		t.Errorf("under a pseudonym: %v, withheld %v", values(r), why(r))
	}
}

// TestEveryComputedWordHasAValueForSomebody keeps words out of the dictionary that nothing computes.
func TestEveryComputedWordHasAValueForSomebody(t *testing.T) {
	t.Parallel()
	e := engine(t)
	e.Scope, e.Relay = "sso.ac-exemple.fr", attrs.Relay{Domain: "relais.ac-exemple.fr", Pattern: "r-{code}"}
	found := map[attrs.Name]bool{}
	for _, person := range []func() scene{
		func() scene { return newScene() }, func() scene { return guardian() }, teacherOf30Groups,
	} {
		s := person()
		s.declaration.Mode, s.declaration.Overlap, s.declaration.Pseudonym = registry.Nominative, 366, registry.PerSchoolYear
		s.person.Affiliations[0].Functions = []string{"ENS"}
		s.declaration.Items = nil
		for _, entry := range e.Dictionary.Entries() {
			s.declaration.Items = append(s.declaration.Items, registry.Item{Attr: entry.Attr, Justification: registry.Text{FR: "essai"}})
		}
		r, err := e.Release(s.person, s.grant(t), s.request)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range r.Items() {
			found[item.Entry.Attr] = true
		}
	}
	for _, entry := range e.Dictionary.Entries() {
		if entry.Derived && !found[entry.Attr] {
			t.Errorf("%s is said to be computed, and nobody has it", entry.Attr)
		}
	}
}
