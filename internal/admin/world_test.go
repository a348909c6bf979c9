package admin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"ecluse/configs"
	"ecluse/internal/admin"
	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/idp"
	"ecluse/internal/idp/casserver"
	"ecluse/internal/idp/oidcop"
	"ecluse/internal/idp/samlidp"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
	"ecluse/internal/store/memdb"
	"ecluse/internal/web"
)

const (
	ecole    = person.UAI("0280101H")
	college  = person.UAI("0280202T")
	college2 = person.UAI("0280303C")
	lycee    = person.UAI("0750652B")
)

func noon() time.Time { return time.Date(2026, time.November, 22, 11, 0, 0, 0, time.UTC) }

// world is a simulator with real protocols and keys, and a registry of one service.
type world struct {
	*admin.Simulator
	words       *dictionary.Dictionary
	declaration registry.Declaration
	service     registry.Service
	personas    admin.Personas
}

func newWorld(t testing.TB, items ...person.Attr) *world {
	t.Helper()
	words, err := dictionary.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	ring := keystest.Ring(t)
	w := &world{Simulator: &admin.Simulator{Engine: &attrs.Engine{Dictionary: words, Keys: ring}, Now: noon}, words: words}
	kit, err := web.New(web.Config{Product: "Écluse", PublicURL: "https://idp.example", Contributions: []web.Contribution{samlidp.Pages(), oidcop.Pages()}})
	if err != nil {
		t.Fatal(err)
	}
	saml, err := samlidp.New(samlidp.Config{Kit: kit, Keys: ring, Tickets: memdb.New(noon), Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	oidc, err := oidcop.New(oidcop.Config{Issuer: "https://idp.example", Keys: ring, Tickets: memdb.New(noon), Dictionary: words, Kit: kit, Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	cas, err := casserver.New(casserver.Config{Kit: kit, Tickets: memdb.New(noon), Dictionary: words, Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	w.Protocols = map[string]idp.Protocol{"saml": saml, "oidc": oidc, "cas": cas}
	w.service = registry.Service{
		ID: "lire", Name: registry.Text{FR: "Lire"}, Sentence: registry.Text{FR: "Pour lire."}, Provider: "Éditions du Canal",
		Bindings: []registry.Binding{
			{Protocol: "saml", Handle: "https://lire.example/sp", Settings: metadata()},
			{Protocol: "oidc", Handle: "lire", Settings: []byte(`{"type":"public","redirect_uris":["https://lire.example/cb"]}`)},
		},
	}
	w.declaration = registry.Declaration{
		ID: "lire-academie", ServiceID: "lire", Version: 1, State: registry.Approved, Mode: registry.Pseudonymous, Change: registry.First,
		Scope:    registry.Scope{Level: registry.ByAcademy, Academies: []string{"exemple"}, All: true},
		Basis:    registry.Basis{Kind: registry.PublicInterest, Text: "art. L. 131-2"},
		Purposes: []registry.Text{{FR: "proposer des lectures"}}, Audience: registry.Audience{Profiles: person.Profiles()},
		From: registry.Date{Year: 2020, Month: 1, Day: 1}, Until: registry.Date{Year: 2040, Month: 1, Day: 1},
	}
	w.declaration.Items = declared(items...)
	data, err := configs.Files.ReadFile("personas.yaml")
	if err != nil {
		t.Fatal(err)
	}
	personas, problems := admin.ReadPersonas("personas.yaml", data)
	if err := problems.Or(); err != nil {
		t.Fatal(err)
	}
	w.personas = personas
	return w
}

// metadata are the settings of a SAML service.
func metadata() []byte {
	text := `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://lire.example/sp">` +
		`<SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><AssertionConsumerService index="0" isDefault="true" ` +
		`Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://lire.example/acs"/></SPSSODescriptor></EntityDescriptor>`
	settings, err := json.Marshal(map[string]string{"metadata": text})
	if err != nil {
		panic(err)
	}
	return settings
}

func declared(items ...person.Attr) []registry.Item {
	var out []registry.Item
	for _, n := range items {
		out = append(out, registry.Item{Attr: n, Justification: registry.Text{FR: "pour " + string(n)}})
	}
	return out
}

func (w *world) view() *registry.Snapshot {
	paris := registrytest.Paris()
	school := func(uai person.UAI, kind registry.Kind) registry.Establishment {
		return registry.Establishment{UAI: uai, Name: "Établissement " + string(uai), Kind: kind, Academy: "exemple", Department: "028"}
	}
	contents := registry.Contents{
		Services: []registry.Service{w.service}, Declarations: []registry.Declaration{w.declaration},
		Establishments: []registry.Establishment{
			school(ecole, registry.Ecole), school(college, registry.College), school(college2, registry.College), school(lycee, registry.Lycee),
		},
		Sources: []registry.Source{
			{ID: "a-closed", Suspended: true}, {ID: "ent", Authority: "ac", Declaration: &registry.SourceDeclaration{
				State: registry.Approved, From: w.declaration.From, Until: w.declaration.Until,
			}},
		},
	}
	registrytest.Cover(&contents)
	return registry.NewSnapshot(contents, paris)
}

// persona asks about one persona in one establishment.
func (w *world) persona(t testing.TB, id string, uai person.UAI) admin.Question {
	t.Helper()
	p, ok := w.personas.Find(id)
	if !ok {
		t.Fatalf("no persona %s", id)
	}
	return admin.Question{Person: p.At(w.view(), noon(), uai, ""), UAI: uai, Service: "lire", Invented: true}
}

// somebody is a person made up from chance, with every word that the dictionary has.
func somebody(r *rand.Rand, words *dictionary.Dictionary) (person.Person, person.UAI) {
	uai := []person.UAI{ecole, college, lycee}[r.IntN(3)]
	profiles := person.Profiles()
	p := person.Person{
		Key: person.Key{Authority: "ac", ID: fmt.Sprint(r.Uint64())}, Values: map[person.Attr][]string{},
		Authn: person.Authn{Source: "ent", At: noon()},
	}
	a := person.Affiliation{UAI: uai, Profile: profiles[r.IntN(len(profiles))], Values: map[person.Attr][]string{}}
	for _, e := range words.Entries() {
		for range r.IntN(3) {
			value := fmt.Sprintf("%s-%d", e.Attr, r.IntN(1000))
			if r.IntN(2) == 0 {
				p.Values[e.Attr] = append(p.Values[e.Attr], value)
			} else {
				a.Values[e.Attr] = append(a.Values[e.Attr], value)
			}
		}
	}
	for range r.IntN(4) {
		a.Classes = append(a.Classes, fmt.Sprintf("CLASSE %d", r.IntN(1000)))
		a.Groups = append(a.Groups, fmt.Sprintf("GROUPE %d", r.IntN(1000)))
	}
	p.Affiliations = []person.Affiliation{a}
	if a.Profile == person.Guardian {
		p.Wards = []person.Ward{{Child: person.Key{Authority: "ac", ID: "child"}, UAI: uai, Authority: person.Tri(r.IntN(3))}}
	}
	return p, uai
}

// some chooses words of the dictionary.
func some(r *rand.Rand, words *dictionary.Dictionary) []person.Attr {
	var out []person.Attr
	for _, e := range words.Entries() {
		if r.IntN(3) == 0 {
			out = append(out, e.Attr)
		}
	}
	return out
}

// memory is a journal of a few entries, the newest first.
type memory []audit.Entry

func (m memory) List(_ context.Context, q audit.Query) (audit.Page, error) {
	var out audit.Page
	for _, e := range m {
		if e.Ref == q.Ref {
			out.Entries = append(out.Entries, e)
		}
	}
	return out, nil
}
