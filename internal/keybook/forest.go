package keybook

// forest parts names into sets: each leads to another of its set, or to itself.
type forest map[string]string

// root is the one name of a set that all of it lead to.
func (f forest) root(name string) string {
	for {
		up, ok := f[name]
		if !ok || up == name {
			return name
		}
		if further, ok := f[up]; ok {
			f[name] = further
		}
		name = up
	}
}

// unite makes one set of two.
func (f forest) unite(a, b string) {
	for _, name := range []string{a, b} {
		if _, ok := f[name]; !ok {
			f[name] = name
		}
	}
	f[f.root(a)] = f.root(b)
}
