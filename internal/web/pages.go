package web

import (
	"maps"
	"slices"
)

// Pages lists the names of every page there is, in order: the kit's own and those of the contributions. Each stands in
// the page itself, as data-page on its body.
func (k *Kit) Pages() []string { return slices.Sorted(maps.Keys(k.pages)) }
