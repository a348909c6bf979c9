package registry

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestTablesStayAsTheyWere makes thousands of random changes and compares every table that was kept with a plain map of
// what it held then: what is shared between them must never be written again.
func TestTablesStayAsTheyWere(t *testing.T) {
	t.Parallel()
	type entry struct{ name, value int }
	type kept struct {
		table table[int, entry]
		want  map[int]int
	}
	r := rand.New(rand.NewPCG(1, 2))
	now, history := kept{want: map[int]int{}}, []kept{}
	for step := range 400 {
		changed := make([]entry, []int{0, 1, 1, 2, 3, mergeFrom - 1, mergeFrom, mergeFrom + 1, 300}[r.IntN(9)])
		want := map[int]int{}
		for name, value := range now.want {
			want[name] = value
		}
		for i := range changed {
			changed[i] = entry{r.IntN(3000), step}
			want[changed[i].name] = step
		}
		from := now
		if r.IntN(10) == 0 && len(history) > 0 { // two tables grow out of one
			from = history[r.IntN(len(history))]
			want = map[int]int{}
			for name, value := range from.want {
				want[name] = value
			}
			for _, e := range changed {
				want[e.name] = step
			}
		}
		now = kept{from.table.with(changed, func(e entry) int { return e.name }), want}
		history = append(history, now)
	}
	for i, k := range history {
		if k.table.len() != len(k.want) || len(k.table.all()) != len(k.want) {
			t.Fatalf("table %d: %d objects, want %d", i, k.table.len(), len(k.want))
		}
		for _, e := range k.table.all() {
			if got, ok := k.table.get(e.name); !ok || got != e || k.want[e.name] != e.value {
				t.Fatalf("table %d: %d is %d, want %d", i, e.name, e.value, k.want[e.name])
			}
		}
		if list := sorted(k.table); !slices.IsSortedFunc(list, func(a, b entry) int { return a.name - b.name }) {
			t.Fatalf("table %d is not in order", i)
		}
		if _, ok := k.table.get(-1); ok {
			t.Fatal("a name that nobody registered is found")
		}
	}
}

func TestOneChangeCopiesLittleOfALargeTable(t *testing.T) {
	name := func(i [2]int) int { return i[0] }
	many := make([][2]int, 40000)
	for i := range many {
		many[i][0] = i
	}
	large := table[int, [2]int]{}.with(many, name)
	allocs := testing.AllocsPerRun(100, func() { large.with([][2]int{{7, 1}}, name) })
	if allocs > 10 {
		t.Errorf("%v allocations", allocs)
	}
}
