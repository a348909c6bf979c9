package policy_test

import (
	"slices"
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
)

const (
	ecole   = person.UAI("0280101H")
	college = person.UAI("0280202T")
	lycee   = person.UAI("0750652B")
)

// world is a small academy: an école, a collège and a private lycée, one source, and the reading service "lire",
// declared for the academy, for pupils and teachers. Each test changes what it is about.
type world struct {
	registry.Contents
	zone *time.Location
}

func newWorld(t testing.TB) *world {
	t.Helper()
	paris := registrytest.Paris()
	school := func(uai person.UAI, kind registry.Kind, private bool) registry.Establishment {
		return registry.Establishment{UAI: uai, Name: string(uai), Kind: kind, Private: private, Academy: "Exemple", Department: "028"}
	}
	w := &world{zone: paris, Contents: registry.Contents{
		Revision:       1,
		Services:       []registry.Service{{ID: "lire", Category: "lecture"}},
		Declarations:   []registry.Declaration{forAcademy("lire", "lire-academie", 1)},
		Establishments: []registry.Establishment{school(ecole, registry.Ecole, false), school(college, registry.College, false), school(lycee, registry.Lycee, true)},
		Sources: []registry.Source{{ID: "ent", Declaration: &registry.SourceDeclaration{
			State: registry.Approved, From: date("2026-01-01"), Until: date("2027-12-31"),
		}}},
	}}
	registrytest.Cover(&w.Contents)
	return w
}

func forAcademy(service, id string, version int) registry.Declaration {
	return registry.Declaration{
		ID: id, ServiceID: service, Version: version, State: registry.Approved,
		Controller: registry.Controller{Name: "Académie", Office: "recteur"},
		Scope:      registry.Scope{Level: registry.ByAcademy, Academies: []string{"Exemple"}, All: true},
		Audience:   registry.Audience{Profiles: []person.Profile{person.Pupil, person.Teacher}},
		Items:      []registry.Item{{Attr: "uai"}, {Attr: "mail", Profiles: []person.Profile{person.Teacher}}},
		From:       date("2026-09-01"), Until: date("2027-08-31"),
	}
}

func date(s string) registry.Date {
	d, err := registry.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// local makes the declaration one that the controllers of some establishments enable for themselves.
func (w *world) local(uais ...person.UAI) {
	w.Declarations[0].Scope = registry.Scope{Level: registry.ByAcademy, Academies: []string{"Exemple"}}
	w.enable(w.Declarations[0], uais...)
}

func (w *world) enable(d registry.Declaration, uais ...person.UAI) {
	registrytest.Enable(&w.Contents, d, uais...)
}

// says is the word of the controller of one establishment.
func (w *world) says(uai person.UAI, state registry.EnablingState) {
	registrytest.Say(&w.Contents, registry.Enabling{Service: "lire", UAI: uai, State: state})
}

// next adds an approved version of the world's declaration, which says what it changes against the one before it.
func (w *world) next(version int, change registry.ChangeKind) *registry.Declaration {
	d := forAcademy("lire", "lire-academie", version)
	d.Scope, d.Change = w.Declarations[0].Scope, change
	w.Declarations = append(w.Declarations, d)
	return &w.Declarations[len(w.Declarations)-1]
}

// house is the gateway's own entry.
func (w *world) house() *registry.Declaration {
	i := slices.IndexFunc(w.Declarations, func(d registry.Declaration) bool { return d.ServiceID == registry.House })
	return &w.Declarations[i]
}

// noon is a moment at which the world's declarations hold.
func (w *world) noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, w.zone) }

func (w *world) snapshot() *registry.Snapshot { return registry.NewSnapshot(w.Contents, w.zone) }

func (w *world) gate(now time.Time, p person.Person, at policy.Place, service string) (policy.Grant, error) {
	return policy.Gate(w.snapshot(), now, policy.Ask{Person: p, Place: at, Service: service})
}

// pupil is ten years old, in CM2 of the école.
func pupil() person.Person {
	return person.Person{
		Key:   person.Key{Authority: "ac", ID: "1"},
		Authn: person.Authn{Source: "ent"},
		Age:   person.AgeFacts{Born: time.Date(2016, 3, 4, 0, 0, 0, 0, time.UTC)},
		Affiliations: []person.Affiliation{{
			UAI: ecole, Profile: person.Pupil, Classes: []string{"CM2A"}, Values: map[person.Attr][]string{person.Level: {"CM2"}},
		}},
	}
}

func someone(at ...person.Affiliation) person.Person {
	return person.Person{Key: person.Key{Authority: "ac", ID: "2"}, Authn: person.Authn{Source: "ent"}, Affiliations: at}
}

func as(uai person.UAI, p person.Profile) policy.Place { return policy.Place{UAI: uai, Profile: p} }

// guardian has one child in the école, with or without authority.
func guardian(authority person.Tri) (person.Person, policy.Place) {
	child := person.Key{Authority: "ac", ID: "1"}
	p := someone(person.Affiliation{UAI: ecole, Profile: person.Guardian})
	p.Wards = []person.Ward{{Child: child, UAI: ecole, Authority: authority, Label: "Ada"}}
	return p, policy.Place{UAI: ecole, Profile: person.Guardian, Child: child}
}

func enters(t *testing.T, g policy.Grant, err error) {
	t.Helper()
	if err != nil || !g.Granted() {
		t.Errorf("refused: %v", err)
	}
}

func refused(t *testing.T, g policy.Grant, err error, want policy.Reason) *policy.Refusal {
	t.Helper()
	refusal, ok := err.(*policy.Refusal) //nolint:errorlint // Gate documents the type
	if !ok || g.Granted() || g.Items() != nil {
		t.Fatalf("got %v and a grant %v, want the refusal %s", err, g.Granted(), want)
	}
	if refusal.Reason != want {
		t.Errorf("refused for %s, want %s", refusal.Reason, want)
	}
	return refusal
}
