package tally

import (
	"cmp"
	"slices"
	"strings"

	"ecluse/internal/person"
)

// UsualSmall is how few people are hidden where the rules say no number.
const UsualSmall = 5

// cell is one number, with what decides on hiding it.
type cell struct {
	Count
	people int
}

// Hide makes a month's counts of what was found in an academy: each number, their sums by service and by establishment, and
// the sum of all. A number about fewer than some people is hidden; then so many others are that none of them can be computed
// from a sum that is shown, and that those which a sum leaves in the dark are together about no fewer.
func Hide(month, academy string, found []Found, small int) []Count {
	if small <= 0 {
		small = UsualSmall
	}
	var out []Count
	for _, what := range []What{SignIns, Refusals} {
		t := newTable(month, academy, what, found)
		t.hide(small)
		for _, c := range t.cells {
			if c.Hidden {
				c.N = 0
			}
			out = append(out, c.Count)
		}
	}
	return out
}

// table is the numbers of one kind, and which of them add up to which.
type table struct {
	cells []*cell
	sums  []sum
}

// sum is a number and what adds up to it.
type sum struct {
	total *cell
	parts []*cell
}

func newTable(month, academy string, what What, found []Found) *table {
	t := &table{}
	by := map[[2]string]*cell{}
	at := func(service, uai string) *cell {
		key := [2]string{service, uai}
		if by[key] == nil {
			by[key] = &cell{Count: Count{Month: month, Academy: academy, Service: service, UAI: uai, What: what}}
			t.cells = append(t.cells, by[key])
		}
		return by[key]
	}
	for _, f := range found {
		if f.What != what || f.N == 0 {
			continue
		}
		one, service, place, all := at(f.Service, string(f.UAI)), at(f.Service, All), at(All, string(f.UAI)), at(All, All)
		for _, c := range []*cell{one, service, place, all} {
			c.N += f.N
		}
		one.people += f.People
		service.people += f.People
		place.people = max(place.people, f.People) // somebody who uses two services is one person there
		all.people = max(all.people, f.People)
	}
	slices.SortFunc(t.cells, func(a, b *cell) int {
		return cmp.Or(strings.Compare(a.Service, b.Service), strings.Compare(a.UAI, b.UAI))
	})
	t.addUp(by)
	return t
}

func (t *table) addUp(by map[[2]string]*cell) {
	at := map[*cell]int{}
	part := func(total, c *cell) {
		i, known := at[total]
		if !known {
			i = len(t.sums)
			at[total] = i
			t.sums = append(t.sums, sum{total: total})
		}
		t.sums[i].parts = append(t.sums[i].parts, c)
	}
	services, places := sum{total: by[[2]string{All, All}]}, sum{total: by[[2]string{All, All}]}
	for _, c := range t.cells {
		switch {
		case c.Service == All && c.UAI == All:
		case c.UAI == All:
			services.parts = append(services.parts, c)
		case c.Service == All:
			places.parts = append(places.parts, c)
		default:
			part(by[[2]string{c.Service, All}], c)
			part(by[[2]string{All, c.UAI}], c)
		}
	}
	if services.total != nil {
		t.sums = append(t.sums, services, places)
	}
}

// hide hides until nothing more has to be: each round hides more, so it ends.
func (t *table) hide(small int) {
	for _, c := range t.cells {
		c.Hidden = c.people < small
	}
	for again := true; again; {
		again = false
		for _, s := range t.sums {
			again = s.protect(small) || again
		}
	}
}

// protect hides one more number of a sum, where it has to be.
func (s sum) protect(small int) bool {
	hidden, people := 0, 0
	var least *cell // of those shown
	for _, c := range s.parts {
		switch {
		case c.Hidden:
			hidden++
			people += c.people
		case least == nil || cmp.Or(c.people-least.people, c.N-least.N) < 0:
			least = c
		}
	}
	switch {
	case s.total.Hidden && hidden == 0: // the parts would give it
		least.Hidden = true
	case s.total.Hidden || hidden == 0 || hidden > 1 && people >= small:
		return false
	case least != nil:
		least.Hidden = true
	default:
		s.total.Hidden = true
	}
	return true
}

// Of keeps what is of one academy. A refusal before anybody said where they belong is the academy's where there is one alone.
func Of(found []Found, in func(person.UAI) bool, alone bool) []Found {
	return slices.DeleteFunc(slices.Clone(found), func(f Found) bool {
		if f.UAI == "" {
			return !alone
		}
		return !in(f.UAI)
	})
}
