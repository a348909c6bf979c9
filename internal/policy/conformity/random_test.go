package conformity_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/policy/conformity"
	"ecluse/internal/registry"
)

// drawn is a declaration made of any words of the dictionary and of none, in any mode, scope and audience.
func drawn(r *rand.Rand, words []person.Attr) registry.Declaration {
	d := conforming()
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	d.Items = nil
	for range r.IntN(12) {
		item := registry.Item{Attr: words[r.IntN(len(words))], Justification: registry.Text{FR: pick("", "parce que")}}
		if r.IntN(3) == 0 {
			item.Profiles = []person.Profile{person.Profiles()[r.IntN(len(person.Profiles()))]}
		}
		d.Items = append(d.Items, item)
	}
	d.Mode = registry.Mode(pick("", "pseudonymous", "nominative", "open"))
	d.Pseudonym = registry.PseudonymScope(pick("", "cycle", "school_year", "stable", "for_ever"))
	d.Overlap = r.IntN(500) - 100
	d.Scope.Level = registry.Level(pick("academy", "department", "establishment", ""))
	d.Audience.Profiles = person.Profiles()[:r.IntN(len(person.Profiles()))]
	return d
}

// around is a case with services, bindings, schools and headcounts of any kind.
func around(t *testing.T, r *rand.Rand, words []person.Attr) conformity.Case {
	t.Helper()
	c := newCase(t)
	binding := registry.Binding{Subject: words[r.IntN(len(words))], Names: map[person.Attr]string{}}
	for range r.IntN(6) {
		word := words[r.IntN(len(words))]
		binding.Names[word] = "n"
		binding.Outputs = append(binding.Outputs, registry.Output{Attr: word, Name: "o"}, registry.Output{Name: "p", Parts: []registry.Part{{Attr: word}, {Text: "x"}}})
	}
	beside([]string{"", "canal", "lire-2"}[r.IntN(3)], registry.Service{ID: "lire-2", Provider: "Éditions du Canal"}, registry.Service{ID: "x", Sector: "canal"})(&c)
	c.Service.Bindings = []registry.Binding{binding, {}}
	labels := map[string]int{}
	for i := range r.IntN(40) {
		labels[fmt.Sprintf("%s %d", []string{"6E", "ULIS", "M. Dupont", ""}[r.IntN(4)], i)] = r.IntN(40) - 5
	}
	counted(count("0280101H", labels, nil), count("0280202T", nil, labels))(&c)
	c.Rules.SmallGroup = r.IntN(40) - 5
	if r.IntN(4) == 0 {
		c.Schools, c.Headcount, c.Words = nil, nil, nil
	}
	return c
}

func TestAnyDeclarationIsExaminedTwiceAlikeAndEveryFindingSaysWhereAndWhy(t *testing.T) {
	t.Parallel()
	words := append(newCase(t).Words.Words(), "", "nir", "INE", "shoe_size")
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 7))
		c := around(t, r, words)
		for range 25 {
			d := drawn(r, words)
			found := conformity.Examine(d, c)
			if again := conformity.Examine(d, c); !reflect.DeepEqual(found, again) {
				t.Fatalf("seed %d: examined again, it is found otherwise:\n%v\n%v", seed, found, again)
			}
			for _, f := range found {
				if f.Rule == "" || f.What == "" || f.Law == "" || f.Where == "" && f.Rule != "rules" || len(f.What) > 1000 {
					t.Fatalf("seed %d: %+v", seed, f)
				}
			}
		}
	}
}
