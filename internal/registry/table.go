package registry

import (
	"cmp"
	"maps"
	"slices"
	"sync"
)

// table is a set of objects by their name. It is immutable; the zero table is empty. It has two layers, so that one
// change among tens of thousands of objects copies the small layer alone; a look-up costs two map accesses at most.
type table[K comparable, V any] struct {
	base  map[K]*V    // shared by many tables
	fresh map[K]*V    // newer than base
	order []K         // as they were first registered
	names *lazy[[]*V] // byName; nil in the zero table
}

// lazy is worked out when somebody first asks for it, and shared by every snapshot for which it is the same.
type lazy[T any] struct {
	once sync.Once
	v    T
}

func (l *lazy[T]) get(work func() T) T {
	l.once.Do(func() { l.v = work() })
	return l.v
}

// mergeFrom is how many objects a table's small layer holds before it may be merged into the large one.
const mergeFrom = 64

// with is the table with the changed objects put in.
func (t table[K, V]) with(changed []V, name func(V) K) table[K, V] {
	if len(changed) == 0 {
		return t
	}
	next := table[K, V]{base: t.base, order: slices.Clip(t.order), names: &lazy[[]*V]{}}
	if n := len(t.fresh) + len(changed); n > mergeFrom && n*n > 2*len(t.base) { // which keeps both copies rare or small
		next.base = make(map[K]*V, len(t.base)+n)
		maps.Copy(next.base, t.base)
		maps.Copy(next.base, t.fresh)
	} else if next.fresh = maps.Clone(t.fresh); next.fresh == nil {
		next.fresh = make(map[K]*V, len(changed))
	}
	into := next.fresh
	if into == nil {
		into = next.base
	}
	for _, o := range changed {
		id := name(o)
		if !next.has(id) {
			next.order = append(next.order, id)
		}
		into[id] = &o
	}
	return next
}

func (t table[K, V]) has(id K) bool { return t.fresh[id] != nil || t.base[id] != nil }

func (t table[K, V]) len() int { return len(t.order) }

func (t table[K, V]) get(id K) (v V, ok bool) {
	if o := t.find(id); o != nil {
		return *o, true
	}
	return v, false
}

// find is get without the copy: nobody changes what it points to.
func (t *table[K, V]) find(id K) *V {
	if len(t.fresh) > 0 {
		if o := t.fresh[id]; o != nil {
			return o
		}
	}
	return t.base[id]
}

// all lists the objects in the order in which they were first registered.
func (t table[K, V]) all() []V { return t.list(t.order) }

// sorted lists the objects in the order of their names.
func sorted[K cmp.Ordered, V any](t table[K, V]) []V {
	named := byName(t)
	out := make([]V, len(named))
	for i, o := range named {
		out[i] = *o
	}
	return out
}

// byName is sorted without the copies, and put in order once. Nobody may change it.
func byName[K cmp.Ordered, V any](t table[K, V]) []*V {
	if t.names == nil {
		return nil // nothing was ever put in
	}
	return t.names.get(func() []*V {
		out := make([]*V, 0, len(t.order))
		for _, id := range slices.Sorted(slices.Values(t.order)) {
			out = append(out, t.find(id))
		}
		return out
	})
}

func (t table[K, V]) list(names []K) []V {
	out := make([]V, 0, len(names))
	for _, id := range names {
		o, _ := t.get(id)
		out = append(out, o)
	}
	return out
}
