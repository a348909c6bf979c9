package tally_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/tally"
)

func hidden(found []tally.Found, small int) map[string]tally.Count {
	out := map[string]tally.Count{}
	for _, c := range tally.Hide("2026-11", "exemple", found, small) {
		out[fmt.Sprint(c.What, " ", c.Service, " ", c.UAI)] = c
	}
	return out
}

func one(service string, uai person.UAI, n, people int) tally.Found {
	return tally.Found{Service: service, UAI: uai, What: tally.SignIns, N: n, People: people}
}

func TestANumberAboutFewPeopleIsHiddenAndNotComputableFromTheSum(t *testing.T) {
	t.Parallel()
	got := hidden([]tally.Found{one("lire", "A", 400, 100), one("lire", "B", 300, 80), one("lire", "C", 9, 2)}, 5)
	for key, want := range map[string]int{"lire A": 400, "lire *": 709, "* *": 709} {
		if c := got["sign_in "+key]; c.Hidden || c.N != want {
			t.Errorf("%s is %+v", key, c)
		}
	}
	for _, key := range []string{"lire C", "lire B", "* C", "* B"} {
		if c := got["sign_in "+key]; !c.Hidden || c.N != 0 {
			t.Errorf("%s is %+v", key, c)
		}
	}
}

func TestWhatIsHiddenInOneListIsNotComputableFromAnother(t *testing.T) {
	t.Parallel()
	got := hidden([]tally.Found{
		one("lire", "A", 10, 2), one("lire", "B", 100, 30), one("lire", "C", 200, 60), one("calcul", "A", 50, 20), one("calcul", "B", 70, 25), one("calcul", "C", 90, 40),
	}, 5)
	if c := got["sign_in lire A"]; !c.Hidden {
		t.Fatal("it is shown")
	}
	for _, row := range [][]string{{"lire A", "lire B", "lire C"}, {"lire A", "calcul A"}, {"lire B", "calcul B"}} {
		n := 0
		for _, key := range row {
			if got["sign_in "+key].Hidden {
				n++
			}
		}
		if n == 1 {
			t.Errorf("one alone of %v is hidden", row)
		}
	}
}

func TestManyPeopleAreShownAndNothingIsMadeUp(t *testing.T) {
	t.Parallel()
	got := hidden([]tally.Found{one("lire", "A", 10, 5), one("lire", "B", 20, 9)}, 0)
	if len(got) != 6 || got["sign_in lire A"].Hidden || got["sign_in lire *"].N != 30 || got["sign_in * B"].N != 20 || got["sign_in * *"].N != 30 {
		t.Errorf("%+v", got)
	}
	if got := tally.Hide("2026-11", "exemple", nil, 5); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	alone := hidden([]tally.Found{one("lire", "A", 30, 4)}, 5)
	for key, c := range alone {
		if !c.Hidden || c.N != 0 {
			t.Errorf("%s is %+v", key, c)
		}
	}
}

// Every sum that is shown is looked at: what it leaves in the dark is nothing, or two numbers at least that are about enough
// people; and one that is hidden has a part that is.
func TestNoHiddenNumberCanBeComputedFromAnySum(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var found []tally.Found
		people := map[string]int{}
		for s := range 6 {
			for u := range 7 {
				if random.IntN(3) == 0 {
					continue
				}
				f := one(fmt.Sprint("s", s), person.UAI(fmt.Sprint("u", u)), 0, 1+random.IntN(12))
				f.N = f.People + random.IntN(40)
				found = append(found, f)
				people[f.Service+" "+string(f.UAI)] = f.People
			}
		}
		got := hidden(found, 5)
		parts := map[string][]string{}
		for _, f := range found {
			key := f.Service + " " + string(f.UAI)
			parts[f.Service+" *"] = append(parts[f.Service+" *"], key)
			parts["* "+string(f.UAI)] = append(parts["* "+string(f.UAI)], key)
			if people[key] < 5 && !got["sign_in "+key].Hidden {
				t.Fatalf("%s is about %d people", key, people[key])
			}
		}
		for total, keys := range parts {
			n, dark := 0, 0
			for _, key := range keys {
				if got["sign_in "+key].Hidden {
					n++
					dark += people[key]
				}
			}
			switch shown := !got["sign_in "+total].Hidden; {
			case shown && n == 1, shown && n > 0 && dark < 5, !shown && n == 0:
				t.Fatalf("%s: %d of %d hidden, about %d people, the sum shown: %v", total, n, len(keys), dark, shown)
			}
		}
	}
}

func TestARefusalOfNoPlaceIsTheAcademysWhereThereIsOneAlone(t *testing.T) {
	t.Parallel()
	found := []tally.Found{one("lire", "A", 1, 1), one("lire", "", 2, 1), one("lire", "B", 3, 1)}
	in := func(uai person.UAI) bool { return uai == "A" }
	if got := tally.Of(found, in, true); len(got) != 2 || got[0].UAI != "A" || got[1].UAI != "" {
		t.Errorf("%+v", got)
	}
	if got := tally.Of(found, in, false); len(got) != 1 || got[0].UAI != "A" {
		t.Errorf("%+v", got)
	}
}

func TestSomebodyWhoUsesTwoServicesIsOnePersonInTheirSchool(t *testing.T) {
	t.Parallel()
	got := hidden([]tally.Found{one("lire", "A", 40, 3), one("calcul", "A", 50, 3), one("lire", "B", 90, 30), one("calcul", "B", 80, 30)}, 5)
	if c := got["sign_in * A"]; !c.Hidden || c.N != 0 {
		t.Errorf("three people at least, and not six, are %+v", c)
	}
}
