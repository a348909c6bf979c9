package attrs_test

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/binary"
	"sync"
	"testing"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
)

const (
	ecole   = person.UAI("0280101H")
	college = person.UAI("0280202T")
)

// hasher derives with a key of its own, as the key ring does.
type hasher string

func (h hasher) Derive(purpose string, parts ...string) []byte {
	mac := hmac.New(sha512.New, []byte(h))
	text := make([]byte, 0, 512)
	text = append(binary.BigEndian.AppendUint32(text, uint32(len(purpose))), purpose...) //nolint:gosec // no text is that long
	for _, part := range parts {
		text = append(binary.BigEndian.AppendUint32(text, uint32(len(part))), part...) //nolint:gosec // likewise
	}
	mac.Write(text)
	return mac.Sum(text[:0])
}

// shipped is read once: it is immutable.
var shipped = sync.OnceValues(dictionary.Shipped)

func words(t testing.TB) *dictionary.Dictionary {
	t.Helper()
	d, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func engine(t testing.TB) *attrs.Engine {
	t.Helper()
	return &attrs.Engine{Dictionary: words(t), Keys: hasher("key")}
}

// scene is one question to the gate, and the registry behind it; it grants unless a test spoils it.
type scene struct {
	service     registry.Service
	declaration registry.Declaration
	person      person.Person
	place       policy.Place
	now         time.Time
	zone        *time.Location
	request     attrs.Request
	rules       *registry.Rules
	family      registry.Family
	headcount   *registry.Headcount
}

func newScene(items ...person.Attr) scene {
	paris := registrytest.Paris()
	s := scene{
		service: registry.Service{ID: "lire", Name: registry.Text{FR: "Lire"}},
		declaration: registry.Declaration{
			ID: "lire-academie", ServiceID: "lire", Version: 1, State: registry.Approved, Mode: registry.Pseudonymous,
			Scope:    registry.Scope{Level: registry.ByAcademy, Academies: []string{"Exemple"}, All: true},
			Audience: registry.Audience{Profiles: person.Profiles()},
			From:     registry.Date{Year: 2020, Month: 1, Day: 1}, Until: registry.Date{Year: 2040, Month: 1, Day: 1},
		},
		person: pupil(), place: policy.Place{UAI: ecole, Profile: person.Pupil},
		now: time.Date(2026, 11, 22, 12, 0, 0, 0, paris), zone: paris, request: attrs.Request{Session: "s1"},
	}
	for _, n := range items {
		s.declaration.Items = append(s.declaration.Items, registry.Item{Attr: n, Justification: registry.Text{FR: "parce que"}})
	}
	return s
}

func pupil() person.Person {
	return person.Person{
		Key: person.Key{Authority: "ac", ID: "1"},
		Values: map[person.Attr][]string{
			person.GivenName: {"Ada"}, person.FamilyName: {"Lovelace"}, person.DisplayName: {"Ada Lovelace"}, person.Mail: {"ada@example.org"},
			person.Title: {"Mme"}, person.Login: {"alovelace"}, person.BirthDate: {"2016-03-04"}, person.Anchor: {"anchor-1"}, person.INE: {"INE1"},
		},
		Authn: person.Authn{Source: "ent", Method: "password"},
		Affiliations: []person.Affiliation{
			{UAI: ecole, Profile: person.Pupil, Classes: []string{"CM2A"}, Groups: []string{"G1", "G2"}, Values: map[person.Attr][]string{
				person.Level: {"CM2"}, person.LevelCode: {"00210001110"},
			}},
			{UAI: college, Profile: person.Pupil, Classes: []string{"6B"}, Values: map[person.Attr][]string{person.Subjects: {"ALLEMAND"}}},
		},
	}
}

func (s scene) grant(t testing.TB) policy.Grant {
	t.Helper()
	g, err := policy.Gate(s.snapshot(), s.now, policy.Ask{Person: s.person, Place: s.place, Service: s.service.ID})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// snapshot is the registry of the scene.
func (s scene) snapshot() *registry.Snapshot {
	school := func(uai person.UAI, kind registry.Kind) registry.Establishment {
		return registry.Establishment{UAI: uai, Name: "École " + string(uai), Kind: kind, Academy: "Exemple", Department: "028"}
	}
	contents := registry.Contents{
		Services: []registry.Service{s.service}, Declarations: []registry.Declaration{s.declaration},
		Establishments: []registry.Establishment{school(ecole, registry.Ecole), school(college, registry.College)},
		Sources: []registry.Source{{ID: "ent", Declaration: &registry.SourceDeclaration{
			State: registry.Approved, From: s.declaration.From, Until: s.declaration.Until,
		}}},
	}
	registrytest.Cover(&contents)
	if s.family.ID != "" {
		contents.Families = []registry.Family{s.family}
	}
	if s.headcount != nil {
		contents.Headcounts = append(contents.Headcounts, *s.headcount)
	}
	if s.rules != nil {
		contents.RuleSets[0].Rules = *s.rules
	}
	return registry.NewSnapshot(contents, s.zone)
}

func (s scene) release(t testing.TB) (attrs.Release, error) {
	t.Helper()
	return engine(t).Release(s.person, s.grant(t), s.request)
}

func (s scene) must(t testing.TB) attrs.Release {
	t.Helper()
	r, err := s.release(t)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func values(r attrs.Release) map[person.Attr][]string {
	out := map[person.Attr][]string{}
	for _, item := range r.Items() {
		out[item.Entry.Attr] = item.Values
	}
	return out
}

func why(r attrs.Release) map[person.Attr]attrs.WhyNot {
	out := map[person.Attr]attrs.WhyNot{}
	for _, w := range r.Withheld() {
		out[w.Entry.Attr] = w.Why
	}
	return out
}
