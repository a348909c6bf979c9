package registry

import (
	"cmp"
	"maps"
	"slices"
)

// table is a set of objects by their name. It is immutable; the zero table is empty.
type table[K comparable, V any] struct {
	byID  map[K]V
	order []K // as they were first registered
}

// with is the table with the changed objects put in.
func (t table[K, V]) with(changed []V, name func(V) K) table[K, V] {
	if len(changed) == 0 {
		return t
	}
	next := table[K, V]{byID: maps.Clone(t.byID), order: slices.Clone(t.order)}
	if next.byID == nil {
		next.byID = make(map[K]V, len(changed))
	}
	for _, o := range changed {
		id := name(o)
		if _, known := next.byID[id]; !known {
			next.order = append(next.order, id)
		}
		next.byID[id] = o
	}
	return next
}

func (t table[K, V]) get(id K) (V, bool) {
	v, ok := t.byID[id]
	return v, ok
}

// all lists the objects in the order in which they were first registered.
func (t table[K, V]) all() []V {
	out := make([]V, 0, len(t.order))
	for _, id := range t.order {
		out = append(out, t.byID[id])
	}
	return out
}

// sorted lists the objects in the order of their names.
func sorted[K cmp.Ordered, V any](t table[K, V]) []V {
	out := make([]V, 0, len(t.order))
	for _, id := range slices.Sorted(slices.Values(t.order)) {
		out = append(out, t.byID[id])
	}
	return out
}
