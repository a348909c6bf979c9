package keybook

import (
	"math"
	"slices"
)

// links are those of some numbers, by number: each with the others that it was linked with.
type links map[string][]Link

func (ls links) add(l Link) {
	ls[l.One] = append(ls[l.One], l)
	ls[l.Other] = append(ls[l.Other], Link{l.Other, l.One, l.Place})
}

// together lists the numbers that mean one person: the number first, then what was found to mean the same, in the order in
// which it was. What a later link brings stands after all that was there before, so that the first of them that a service
// knows is the same ever after; what one link brings is sorted.
func (ls links) together(number string) []string {
	out := []string{number}
	for _, place := range ls.places(number) {
		found := ls.reach(number, place)
		fresh := slices.DeleteFunc(found, func(n string) bool { return slices.Contains(out, n) })
		slices.Sort(fresh)
		out = append(out, fresh...)
	}
	return out
}

// reach lists what a number is together with by links that were made at a place or before it.
func (ls links) reach(number string, place int) []string {
	out := []string{number}
	for i := 0; i < len(out); i++ {
		for _, l := range ls[out[i]] {
			if l.Place <= place && !slices.Contains(out, l.Other) {
				out = append(out, l.Other)
			}
		}
	}
	return out
}

// places lists the places of all links of the person whose number this is, in order.
func (ls links) places(number string) []int {
	var out []int
	for _, n := range ls.reach(number, math.MaxInt) {
		for _, l := range ls[n] {
			out = append(out, l.Place)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// next is the place of a link between two numbers: after all links of either.
func (ls links) next(a, b string) int {
	last := 0
	for _, number := range []string{a, b} {
		if places := ls.places(number); len(places) > 0 {
			last = max(last, places[len(places)-1])
		}
	}
	return last + 1
}

// Together gives, for every number that is linked, all that mean the same person: the number first, then the others in the
// order in which they were found.
func Together(all []Link) map[string][]string {
	ls, out := links{}, map[string][]string{}
	for _, l := range all {
		ls.add(l)
	}
	for number := range ls {
		out[number] = ls.together(number)
	}
	return out
}
