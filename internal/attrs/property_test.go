package attrs_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ecluse/internal/attrs"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// TestAThousandPoliciesAndAThousandPeopleLetOutNothingUndeclared draws a policy for each of a thousand people, with values
// that say whose and what they are: what leaves is then known by its value and not by the engine's word.
func TestAThousandPoliciesAndAThousandPeopleLetOutNothingUndeclared(t *testing.T) {
	t.Parallel()
	all := words(t).Words()
	released := 0
	for i := range 1000 {
		draw := rand.New(rand.NewPCG(7, uint64(i))) //nolint:gosec // the same draw in every run
		s := drawn(draw, all)
		e := engine(t)
		e.Scope, e.Relay = "sso.ac-exemple.fr", attrs.Relay{Domain: "relais.ac-exemple.fr", Pattern: "r-{code}"}
		grant, err := policy.Gate(s.snapshot(), s.now, policy.Ask{Person: s.person, Place: s.place, Service: s.service.ID})
		if err != nil {
			t.Fatalf("%d: %v", i, err)
		}
		r, err := e.Release(s.person, grant, s.request)
		if err != nil {
			t.Fatalf("%d: %v", i, err)
		}
		released += len(r.Items())
		for _, protocol := range []string{attrs.ForSAML, attrs.ForOIDC, attrs.ForCAS} {
			for _, n := range r.As(protocol, registry.Binding{}).Values {
				for _, value := range n.Values {
					covered(t, i, s, n, value)
				}
			}
		}
	}
	if released < 3000 {
		t.Errorf("a thousand releases hold %d items: the draw proves nothing", released)
	}
}

// covered holds one value that a service is told against the declaration: the word behind its name is declared for the
// profile and, where it names, under a nominative declaration; and a drawn value belongs to that very word and place.
func covered(t *testing.T, i int, s scene, n attrs.Named, value string) {
	t.Helper()
	for _, word := range n.Words {
		entry, known := words(t).Entry(word)
		at := slices.IndexFunc(s.declaration.Items, func(d registry.Item) bool { return d.Attr == word && d.For(s.place.Profile) })
		switch {
		case !known || at < 0:
			t.Errorf("%d: %s leaves as %s and is not declared", i, word, n.Name)
		case entry.Names && (s.declaration.Mode != registry.Nominative || s.service.Narrow != ""):
			t.Errorf("%d: %s leaves under a pseudonym", i, word)
		case s.request.Asked != nil && !slices.Contains(s.request.Asked, word):
			t.Errorf("%d: %s leaves and nobody asked", i, word)
		}
		if mark, where, drawn := strings.Cut(value, " of "); drawn && !strings.Contains(mark, "@") {
			if word == "neutral_level" {
				word = person.Level // which it is, where it says nothing more
			}
			if mark != string(word) || where != "everywhere" && where != string(s.place.UAI)+" "+string(s.place.Profile) {
				t.Errorf("%d: as %s leaves %q, which belongs elsewhere", i, word, value)
			}
		}
	}
}

// drawn is a policy and a person. Every value says what it is and where it holds.
func drawn(draw *rand.Rand, all []attrs.Name) scene {
	s := newScene()
	for _, n := range all {
		if draw.IntN(3) == 0 {
			item := registry.Item{Attr: n}
			for _, p := range person.Profiles() {
				if draw.IntN(2) == 0 {
					item.Profiles = append(item.Profiles, p)
				}
			}
			s.declaration.Items = append(s.declaration.Items, item)
		}
	}
	s.declaration.Mode = pick(draw, "", registry.Pseudonymous, registry.Nominative, registry.Nominative)
	s.declaration.Pseudonym = pick(draw, "", registry.PerCycle, registry.PerSchoolYear, registry.Stable)
	s.service.Narrow = pick(draw, "", "", registry.Pseudonymous)
	if draw.IntN(3) == 0 {
		s.request.Asked = []attrs.Name{}
		for range draw.IntN(30) {
			s.request.Asked = append(s.request.Asked, pick(draw, all...))
		}
	}
	child := person.Key{Authority: "ac", ID: "child"}
	s.person = person.Person{
		Key: person.Key{Authority: "ac", ID: strconv.Itoa(draw.Int())}, Authn: person.Authn{Source: "ent"}, Values: marked(draw, all, "everywhere"),
		Wards: []person.Ward{{Child: child, UAI: ecole, Authority: person.Yes}, {Child: child, UAI: college, Authority: person.Yes}},
	}
	for _, uai := range []person.UAI{ecole, college} {
		for _, profile := range person.Profiles() {
			where := string(uai) + " " + string(profile)
			a := person.Affiliation{UAI: uai, Profile: profile, Values: marked(draw, all, where)}
			a.Classes, a.Groups, a.Functions = []string{"classes of " + where}, []string{"groups of " + where}, []string{"functions of " + where}
			s.person.Affiliations = append(s.person.Affiliations, a)
		}
	}
	a := pick(draw, s.person.Affiliations...)
	s.place = policy.Place{UAI: a.UAI, Profile: a.Profile}
	if a.Profile == person.Guardian {
		s.place.Child = child
	}
	return s
}

func marked(draw *rand.Rand, all []attrs.Name, where string) map[person.Attr][]string {
	out := map[person.Attr][]string{}
	for _, n := range all {
		if draw.IntN(2) == 0 {
			out[n] = []string{fmt.Sprintf("%s of %s", n, where)}
		}
	}
	return out
}

func pick[T any](draw *rand.Rand, from ...T) T { return from[draw.IntN(len(from))] }

// TestTwoHundredServicesShareNoIdentifier signs people in to two hundred services and looks for any value of theirs that
// two services were told, in any word that is a number of ours.
func TestTwoHundredServicesShareNoIdentifier(t *testing.T) {
	t.Parallel()
	const services = 200
	s := guardian("pseudonym", "pairwise_id", "short_code", "child", "relay_mail", "former_pseudonym")
	s.declaration.Pseudonym = registry.Stable
	e := engine(t)
	e.Scope, e.Relay = "sso.ac-exemple.fr", attrs.Relay{Domain: "relais.ac-exemple.fr", Pattern: "r-{code}"}
	told := map[string]string{}
	once := func(value, at string) {
		if value == "" {
			return
		}
		if before, twice := told[value]; twice && before != at {
			t.Errorf("%s and %s are told the same identifier", before, at)
		}
		told[value] = at
	}
	for i := range services {
		s.service.ID = fmt.Sprintf("service-%d", i)
		s.declaration.ServiceID, s.declaration.ID = s.service.ID, s.service.ID
		for _, who := range []string{"one", "other"} {
			s.person.Key.ID = who
			r, err := e.Release(s.person, s.grant(t), s.request)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Items()) < 5 {
				t.Fatalf("%v leave", r.Names())
			}
			once(r.Session(), s.service.ID)
			for _, item := range r.Items() {
				if n := item.Entry.Attr; n == "child" {
					once(item.Values[0], s.service.ID) // both guardians speak of one child there
				} else {
					once(item.Values[0], s.service.ID+" "+who)
				}
			}
			for _, shape := range []registry.Shape{registry.Hex128, registry.Pairwise, registry.Compact, registry.UUID, registry.Code} {
				once(r.As(attrs.ForOIDC, registry.Binding{Shape: shape}).Subject, s.service.ID+" "+who)
			}
		}
	}
	if len(told) < services*10 {
		t.Errorf("only %d identifiers were told", len(told))
	}
}

// FuzzValuesCrashNobody hands the engine whatever a source may write.
func FuzzValuesCrashNobody(f *testing.F) {
	for _, v := range []string{"", "CM2", "6E SEGPA", "\xff\xfe", "Ada@", "1 84 12 76 451 089 46", "0123456789a", "CM1-CM2 B", strings.Repeat("é", 500), "0280101H x", "2016-02-30", "@", "5°"} {
		f.Add(v, v)
	}
	all := words(f).Words()
	f.Fuzz(func(t *testing.T, one, other string) {
		s := newScene(all...)
		s.declaration.Mode, s.rules = registry.Nominative, sensitive()
		a := &s.person.Affiliations[0]
		a.Classes, a.Groups, a.Functions = []string{one, other}, []string{other}, []string{one}
		a.Values = map[person.Attr][]string{}
		for _, n := range all {
			s.person.Values[n], a.Values[n] = []string{one, other}, []string{other, one}
		}
		r := s.must(t)
		for _, protocol := range []string{attrs.ForSAML, attrs.ForOIDC, attrs.ForCAS} {
			r.As(protocol, registry.Binding{})
		}
		for _, item := range r.Items() {
			if slices.Contains(item.Values, "1 84 12 76 451 089 46") {
				t.Errorf("%s leaves with a social security number", item.Entry.Attr)
			}
		}
	})
}
