package pairs

import (
	"fmt"
	"slices"

	"ecluse/internal/person"
)

// web is what the lines of a list lead to.
type web struct {
	now  map[person.Key][]person.Key // what a line leads to from a former key
	near map[person.Key][]person.Key // either way
	line map[person.Key]int          // where a key stands first
}

// contradictions finds lines that cannot all be true. One authority names a person once: two of its identifiers can be one
// person's only one after the other, and then the lines lead from the former to the later.
func (l *List) contradictions() {
	w := web{map[person.Key][]person.Key{}, map[person.Key][]person.Key{}, map[person.Key]int{}}
	var keys []person.Key
	for i, p := range l.Pairs {
		for _, k := range []person.Key{p.Former, p.Now} {
			if w.line[k] == 0 {
				w.line[k] = l.Lines[i]
				keys = append(keys, k)
			}
		}
		w.now[p.Former] = append(w.now[p.Former], p.Now)
		w.near[p.Former], w.near[p.Now] = append(w.near[p.Former], p.Now), append(w.near[p.Now], p.Former)
	}
	done := map[person.Key]bool{}
	for _, k := range keys {
		if done[k] {
			continue
		}
		one := reached(w.near, k)
		for _, other := range one {
			done[other] = true
		}
		l.person(w, one)
	}
	slices.SortStableFunc(l.Problems, func(a, b Problem) int { return a.Line - b.Line })
}

// person examines the keys that the lines make one person's.
func (l *List) person(w web, keys []person.Key) {
	slices.SortStableFunc(keys, func(a, b person.Key) int { return w.line[a] - w.line[b] })
	if len(keys) > MostKeys {
		l.bad(w.line[keys[MostKeys]], "", fmt.Sprintf("one person would have more than %d identifiers", MostKeys), fmt.Sprintf("line %d is where they begin", w.line[keys[0]]))
		return
	}
	for i, k := range keys {
		for _, before := range keys[:i] {
			if k.Authority == before.Authority && !slices.Contains(reached(w.now, before), k) && !slices.Contains(reached(w.now, k), before) {
				l.bad(w.line[k], "", fmt.Sprintf("with line %d it gives one person two identifiers of %q, and no line leads from one to the other", w.line[before], k.Authority), "")
				break
			}
		}
	}
}

// reached lists a key and all that lines lead to from it.
func reached(leads map[person.Key][]person.Key, from person.Key) []person.Key {
	out, seen := []person.Key{from}, map[person.Key]bool{from: true}
	for i := 0; i < len(out); i++ {
		for _, k := range leads[out[i]] {
			if !seen[k] {
				seen[k] = true
				out = append(out, k)
			}
		}
	}
	return out
}
