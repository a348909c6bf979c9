package saml

// lift steps over the current element and gives it as a document of its own, in which every signature stays what it was: all
// namespaces are kept that it had from outside or declares itself, those too that only a value uses (xsi:type). visit is
// called on each start tag in it.
func (r reader) lift(visit func() error) ([]byte, error) {
	from, outside, before := r.start, r.depth()-1, r.open[len(r.open)-1].bindings
	prefixes := prefixList(nil, r.ns[:before])
	for r.depth() > outside {
		if r.kind == tokStart {
			prefixes = prefixList(prefixes, r.ns[r.open[len(r.open)-1].bindings:])
			if err := visit(); err != nil {
				return nil, err
			}
		}
		if err := r.next(); err != nil {
			return nil, err
		}
	}
	return canonical(make([]byte, 0, r.pos-from+256), r.doc, r.limits, span{from, r.pos}, span{}, prefixes)
}

// maxPrefixes bounds what canonical form looks for on each element.
const maxPrefixes = 64

// prefixList adds to a PrefixList (Exclusive XML Canonicalization 1.0, section 2) what is not on it yet.
func prefixList(list []string, bindings []binding) []string {
	for _, b := range bindings {
		prefix := string(b.prefix)
		if prefix == "" {
			prefix = "#default"
		}
		known := false
		for _, p := range list {
			known = known || p == prefix
		}
		if !known && len(list) < maxPrefixes {
			list = append(list, prefix)
		}
	}
	return list
}
