package keybook

import (
	"slices"
	"strings"

	"ecluse/internal/audit"
)

// verdict is what one sign-in comes to.
type verdict struct {
	numbers []string
	change  Change
	apart   []string // authorities of keys that were kept apart
}

// entry reports what was kept apart, without saying whom or what.
func (v verdict) entry(source string) *audit.Entry {
	if len(v.apart) == 0 {
		return nil
	}
	return &audit.Entry{
		Class: audit.ClassSystem, Action: "keybook_conflict", Outcome: audit.Refused, Reason: "kept_apart", Source: source,
		Detail: map[string]string{"authorities": strings.Join(v.apart, " ")},
	}
}

// shelf is a Shelf under decision.
type shelf struct {
	rows  map[string]Row
	links links
	v     verdict
	year  int
}

// decide says what a sign-in changes, if anything. One authority names a person once: a join that would give one person
// two keys of one authority is a mistake or a lie, and is kept apart. It looks at nothing but its arguments.
func decide(t told, s Shelf) verdict {
	d := &shelf{rows: map[string]Row{}, links: links{}, year: t.year}
	for _, r := range s.Rows {
		d.rows[r.Key] = r
	}
	for _, l := range s.Links {
		d.links.add(l)
	}
	number := d.own(t)
	for _, k := range t.also {
		d.further(k, number)
	}
	d.v.numbers = d.links.together(number)
	return d.v
}

// own gives the number of the source's own key, and files the key if it is new: under the number of the first further key
// that may join it, or under one of its own.
func (d *shelf) own(t told) string {
	if r, known := d.rows[t.own.hash]; known {
		return d.came(r, t.own.number)
	}
	number := t.own.number
	for _, k := range t.also {
		r, known := d.rows[k.hash]
		if !known || r.Disputed {
			continue
		}
		if d.names(r.Number, t.own.authority) {
			continue // somebody else of this authority: further reports it
		}
		number = r.Number
		break
	}
	d.put(Row{Key: t.own.hash, Number: number, Authority: t.own.authority, Year: d.year, Owned: true})
	return number
}

// came gives the number of somebody who signs in with a key that the book has. A key that others' sources brought, and of
// two people, is neither's: who truly holds it begins with a number of their own, as if nobody had named it.
func (d *shelf) came(r Row, fresh string) string {
	if r.Owned {
		d.seen(r)
		return r.Number
	}
	if r.Disputed {
		r.Number = fresh
	}
	r.Owned, r.Year = true, max(r.Year, d.year)
	d.put(r)
	return r.Number
}

// further files a key that another authority guarantees, links its number, or keeps it apart.
func (d *shelf) further(k named, number string) {
	r, known := d.rows[k.hash]
	switch {
	case known && (r.Disputed || slices.Contains(d.links.together(number), r.Number)):
		d.seen(r)
	case d.names(number, k.authority), known && r.Settled && d.meet(number, r.Number):
		d.refuse(k, number)
	case known && d.meet(number, r.Number):
		r.Disputed, r.Year = true, d.year
		d.put(r)
		d.v.apart = append(d.v.apart, k.source)
	case known:
		d.seen(r)
		l := Link{number, r.Number, d.links.next(number, r.Number)}
		d.links.add(l)
		d.v.change.Links = append(d.v.change.Links, l)
	default:
		d.put(Row{Key: k.hash, Number: number, Authority: k.authority, Year: d.year})
	}
}

// refuse keeps a second key of one authority from somebody, and one of which an operator said that it is another's. The note is for the journal to be told once. It is no key:
// who truly has this one is not kept from it, and not brought into doubt.
func (d *shelf) refuse(k named, number string) {
	if note, told := d.rows[k.refused]; told {
		d.seen(note)
		return
	}
	d.put(Row{Key: k.refused, Number: number, Disputed: true, Year: d.year})
	d.v.apart = append(d.v.apart, k.source)
}

func (d *shelf) put(r Row) {
	d.rows[r.Key] = r
	d.v.change.Rows = slices.DeleteFunc(d.v.change.Rows, func(o Row) bool { return o.Key == r.Key })
	d.v.change.Rows = append(d.v.change.Rows, r)
}

// seen keeps the school year in which a key was last seen.
func (d *shelf) seen(r Row) {
	if r.Year < d.year {
		r.Year = d.year
		d.put(r)
	}
}

// names tells whether an authority names the person of a number already.
func (d *shelf) names(number, authority string) bool {
	return d.authorities(number)[authority]
}

func (d *shelf) authorities(number string) map[string]bool {
	all, out := d.links.together(number), map[string]bool{}
	for _, r := range d.rows {
		if r.Authority != "" && slices.Contains(all, r.Number) {
			out[r.Authority] = true
		}
	}
	return out
}

// meet tells whether one authority names the people of both numbers, who are then two.
func (d *shelf) meet(a, b string) bool {
	theirs := d.authorities(b)
	for authority := range d.authorities(a) {
		if theirs[authority] {
			return true
		}
	}
	return false
}
