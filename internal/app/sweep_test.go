//go:build !race

// The sweeps send thousands of messages, each signed and read again. Beside them, under the race detector, a registry's view
// would grow older than it may be; `make scale`, part of `make test`, plays them.

package app_test

import (
	"fmt"
	"testing"
	"time"

	"ecluse/configs"
	"ecluse/internal/admin"
	"ecluse/internal/app"
	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/registry/manifest"
	"ecluse/internal/registry/registrytest"
)

// TestTheCanaryAgreesWithEverythingThatTheDemoSends sends every cell of the release matrix, and every persona of the
// simulator in every establishment, to every service over every protocol. A canary that cries at what is honest would stop
// a service that did nothing wrong.
func TestTheCanaryAgreesWithEverythingThatTheDemoSends(t *testing.T) {
	t.Parallel()
	now := func() time.Time { return time.Date(2026, time.November, 22, 9, 0, 0, 0, time.UTC) }
	view, contents := sweptDemo(t, app.DemoOptions{Now: now})
	m := newMouth(t, view, now)
	left := 0
	for _, c := range cells(t, contents) {
		raw := c.who.Raw()
		raw.Authn = person.Authn{Source: "demo", At: now(), Method: "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"}
		who, err := person.SDET("demo").Resolve(raw)
		if err != nil {
			t.Fatalf("%s: %v", c, err)
		}
		left += m.everywhere(who, person.UAI(c.uai), c.service)
	}
	if left < 60 {
		t.Errorf("only %d of the cells' messages left", left)
	}
	for _, p := range shippedPersonas(t) {
		for _, e := range view.Establishments() {
			who := p.At(view, now(), e.UAI, "")
			for _, s := range contents.Services {
				left += m.everywhere(who, e.UAI, s)
			}
		}
	}
	t.Logf("%d releases, messages %v", left, m.sent)
	for _, kind := range []string{"saml-response", "id-token", "userinfo", "cas"} {
		if m.sent[kind] < 60 {
			t.Errorf("only %d messages of kind %s", m.sent[kind], kind)
		}
	}
}

// everywhere sends over every binding of a service, from every place that is open, and counts.
func (m *mouth) everywhere(who person.Person, uai person.UAI, s registry.Service) (left int) {
	m.t.Helper()
	if s.ID == registry.House {
		return 0
	}
	for _, place := range policy.Places(m.view, m.now(), who, s.ID) {
		if place.UAI != uai {
			continue
		}
		for _, b := range s.Bindings {
			if m.says(who, place, s.ID, b) {
				left++
			}
		}
	}
	return left
}

// sweptDemo is the demo's registry, with services that this test can speak to over every protocol.
func sweptDemo(t testing.TB, o app.DemoOptions) (*registry.Snapshot, registry.Contents) {
	t.Helper()
	contents := newWorld(t, o).contents()
	for i, s := range contents.Services {
		if s.ID != registry.House {
			contents.Services[i] = reachable(t, s)
		}
	}
	rules, problems := manifest.ReadRules(configs.Files, "rules.yaml")
	if err := problems.Or(); err != nil {
		t.Fatal(err)
	}
	contents.RuleSets = []registry.RuleSet{{Rules: rules}}
	zone := registrytest.Paris()
	return registry.NewSnapshot(contents, zone), contents
}

func shippedPersonas(t testing.TB) admin.Personas {
	t.Helper()
	data, err := configs.Files.ReadFile("personas.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all, problems := admin.ReadPersonas("personas.yaml", data)
	if err := problems.Or(); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestTheCanaryAgreesWithEveryProductOfTheCatalogue sends every persona of the products' files to every product, in the
// names, forms, shapes and bounds of its recipe: as the model declares, and with each word declared that the recipe speaks of.
func TestTheCanaryAgreesWithEveryProductOfTheCatalogue(t *testing.T) {
	t.Parallel()
	m, left := newMouth(t, nil, noon), 0
	for _, p := range products(t) {
		b := p.recipe.Binding()
		reached := plainBinding(t, p.model.ID, b.Protocol)
		b.Handle, b.Settings = reached.Handle, reached.Settings
		left += m.sweep(p, b, p.model.Draft.Items, p.model.Draft.Mode)
		left += m.sweep(p, b, p.everything(), registry.Nominative)
		left += m.sweep(p, b, p.everything(), registry.Pseudonymous)
	}
	if left < 150 {
		t.Errorf("only %d messages left", left)
	}
}

func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// sweep sends everybody to one product and counts what left.
func (m *mouth) sweep(p product, b registry.Binding, items []registry.Item, mode registry.Mode) (left int) {
	m.t.Helper()
	m.turn(registry.NewSnapshot(p.contents(m.t, b, items, mode), time.UTC))
	for _, who := range personas() {
		who.who.Authn.At = m.now()
		if m.says(who.who, who.place, p.model.ID, b) {
			left++
		}
	}
	return left
}

// TestTheCanaryAgreesWithEveryFormAndShape writes words in each way that a binding knows.
func TestTheCanaryAgreesWithEveryFormAndShape(t *testing.T) {
	t.Parallel()
	words, err := dictionary.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	p := product{model: registry.Model{ID: "sonde"}}
	var all []registry.Item
	for _, w := range words.Words() {
		all = append(all, registry.Item{Attr: w})
	}
	m, left := newMouth(t, nil, noon), 0
	for _, protocol := range []string{"saml", "oidc", "cas"} {
		for name, how := range ways(words) {
			b := plainBinding(t, p.model.ID, protocol)
			how(&b)
			if found := append(b.Check(), attrs.CheckOutputs(words, b)...); registry.Blocks(found) {
				t.Errorf("%s: %v", name, found)
				continue
			}
			m.about = name
			left += m.sweep(p, b, all, registry.Nominative)
			if protocol == "oidc" {
				left += m.sweep(p, b, all, registry.Pseudonymous)
				left += m.sweep(p, b, all[:len(all)/2], registry.Nominative) // and half of it undeclared
			}
		}
	}
	if left < 400 {
		t.Errorf("only %d messages left", left)
	}
}

func ways(words *dictionary.Dictionary) map[string]func(*registry.Binding) {
	out := map[string]func(*registry.Binding){
		"the dictionary's names": func(*registry.Binding) {},
		"a composite with fields that may be empty": func(b *registry.Binding) {
			b.Outputs = []registry.Output{{Name: "vecteur", Between: "|", Parts: []registry.Part{
				{Attr: person.GivenName, Empty: true}, {Attr: person.FamilyName, Empty: true}, {Attr: "uai", Empty: true}, {Attr: "pseudonym"},
			}}}
		},
		"a composite that is joined and wrapped": func(b *registry.Binding) {
			b.Outputs = []registry.Output{{Name: "vecteur", Between: "|", Form: registry.Form{Before: "<", After: ">", Join: ";"}, Parts: []registry.Part{
				{Text: "v1"}, {Attr: person.GivenName, Empty: true}, {Attr: person.Mail, Empty: true}, {Attr: "classes"},
			}}}
		},
		"a composite with a space between": func(b *registry.Binding) {
			b.Outputs = []registry.Output{{Name: "nomComplet", Between: " ", Parts: []registry.Part{
				{Attr: person.GivenName, Empty: true}, {Attr: person.FamilyName, Empty: true}, {Attr: "profile"},
			}}}
		},
	}
	for _, shape := range []registry.Shape{registry.Pairwise, registry.Compact, registry.UUID, registry.Code} {
		out["shape "+string(shape)] = func(b *registry.Binding) { b.Shape = shape }
	}
	for name, f := range map[string]registry.Form{
		"joined": {Join: ";"}, "labelled": {Labelled: "##"}, "wrapped": {Before: "x-", After: "@site.example"}, "upper case": {Case: "upper"},
		"ASCII": {ASCII: true}, "base64": {Encode: "base64"}, "cut": {Most: 12, Over: "cut"}, "first": {First: true},
		"mapped":      {Values: map[string]string{"National_ELV": "eleve", "0280101H": "ecole-1"}, Others: "keep"},
		"all at once": {Before: "a:", After: ":z", Case: "lower", ASCII: true, Join: ","},
	} {
		out[name] = func(b *registry.Binding) {
			for i, w := range words.Words() {
				b.Outputs = append(b.Outputs, registry.Output{Attr: w, Name: fmt.Sprintf("mot%d", i), Form: f})
			}
		}
	}
	for _, w := range []person.Attr{person.Mail, person.Login, person.Anchor, person.PrincipalName, "subject_id", "short_code", "relay_mail", person.SchoolLocalID} {
		out["subject "+string(w)] = func(b *registry.Binding) { b.Subject = w }
		out["wrapped subject "+string(w)] = func(b *registry.Binding) {
			b.Subject, b.SubjectForm = w, registry.Form{Before: "u-", After: "@site.example"}
		}
	}
	return out
}
