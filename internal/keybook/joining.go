package keybook

import (
	"maps"
	"slices"
)

// joining is a list of pairs under decision.
type joining struct {
	year    int
	pairs   [][2]named
	rows    map[string]Row
	links   links
	before  forest // keys and numbers of one person as the book has it
	listed  forest // keys of one person as the pairs have it
	group   forest // as both together have it
	fates   []Fate
	settled int
	merged  []Merge
	fresh   map[string]bool // keys whose row is to be written
	linked  []Link
}

func newJoining(year int) *joining {
	return &joining{
		year: year, rows: map[string]Row{}, links: links{}, before: forest{}, listed: forest{}, group: forest{}, fresh: map[string]bool{},
	}
}

// keys lists the keys of all pairs once, in order.
func (p *joining) keys() []string {
	var out []string
	for _, pair := range p.pairs {
		out = append(out, pair[0].hash, pair[1].hash)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (p *joining) fill(s Shelf) {
	for _, r := range s.Rows {
		p.rows[r.Key] = r
		if r.somebodys() {
			p.before.unite(r.Key, r.Number)
			p.group.unite(r.Key, r.Number)
		}
	}
	for _, l := range s.Links {
		p.links.add(l)
		p.before.unite(l.One, l.Other)
		p.group.unite(l.One, l.Other)
	}
	for _, pair := range p.pairs {
		p.listed.unite(pair[0].hash, pair[1].hash)
		p.group.unite(pair[0].hash, pair[1].hash)
	}
}

// somebodys tells whether a row says whose key it is: a note of what was refused does not, nor does a key in doubt with
// which nobody signed in.
func (r Row) somebodys() bool { return r.Authority != "" && (r.Owned || !r.Disputed) }

// decide goes person by person: what is refused of one is nothing to the others.
func (p *joining) decide() {
	p.fates = make([]Fate, len(p.pairs))
	people, order := map[string][]int{}, []string(nil)
	for i, pair := range p.pairs {
		who := p.group.root(pair[0].hash)
		if people[who] == nil {
			order = append(order, who)
		}
		people[who] = append(people[who], i)
	}
	rows := map[string][]Row{}
	for _, r := range p.rows {
		if r.somebodys() {
			who := p.group.root(r.Key)
			rows[who] = append(rows[who], r)
		}
	}
	for _, who := range order {
		p.person(people[who], rows[who])
	}
}

// person decides on the pairs of one person, whose rows these are so far.
func (p *joining) person(pairs []int, rows []Row) {
	switch {
	case len(rows) == 0:
		p.all(pairs, Unseen)
	case p.twice(pairs, rows):
		p.all(pairs, Apart)
		for _, i := range pairs {
			if p.one(i) {
				p.fates[i] = Already
			}
		}
	default:
		p.join(pairs)
	}
}

func (p *joining) all(pairs []int, f Fate) {
	for _, i := range pairs {
		p.fates[i] = f
	}
}

// one tells whether the book says already what a pair says.
func (p *joining) one(i int) bool {
	a, b := p.rows[p.pairs[i][0].hash], p.rows[p.pairs[i][1].hash]
	return a.somebodys() && b.somebodys() && !a.Disputed && !b.Disputed && slices.Contains(p.links.together(a.Number), b.Number)
}

// join takes the pairs of one person in their order, and again those both of whose keys nobody was known by until another
// pair said whose they are.
func (p *joining) join(pairs []int) {
	for waiting := pairs; len(waiting) > 0; {
		var later []int
		for _, i := range waiting {
			a, b := p.rows[p.pairs[i][0].hash], p.rows[p.pairs[i][1].hash]
			switch {
			case p.one(i):
				if p.fates[i] == "" {
					p.fates[i] = Already
				}
			case a.somebodys() && b.somebodys():
				p.link(i, a, b)
			case a.somebodys():
				p.give(i, p.pairs[i][1], a.Number)
			case b.somebodys():
				p.give(i, p.pairs[i][0], b.Number)
			default:
				later = append(later, i)
			}
		}
		if len(later) == len(waiting) {
			p.all(later, Unseen)
			return
		}
		waiting = later
	}
}

// link makes one person of two.
func (p *joining) link(i int, a, b Row) {
	p.fates[i] = Joined
	if one, other := p.links.together(a.Number), p.links.together(b.Number); !slices.Contains(one, b.Number) {
		l := Link{a.Number, b.Number, p.links.next(a.Number, b.Number)}
		p.links.add(l)
		p.linked, p.merged = append(p.linked, l), append(p.merged, Merge{i, one, other})
	}
	p.put(a)
	p.put(b)
}

// give files a key that is nobody's yet under the number of the one beside it.
func (p *joining) give(i int, k named, number string) {
	p.fates[i] = Joined
	p.put(Row{Key: k.hash, Number: number, Authority: k.authority, Disputed: p.rows[k.hash].Disputed})
}

// put settles whose a key is.
func (p *joining) put(r Row) {
	if r.Disputed {
		p.settled++
	}
	r.Disputed, r.Settled, r.Year = false, true, max(r.Year, p.year)
	p.rows[r.Key], p.fresh[r.Key] = r, true
}

func (p *joining) written() Change {
	change := Change{Links: p.linked}
	for _, key := range slices.Sorted(maps.Keys(p.fresh)) {
		change.Rows = append(change.Rows, p.rows[key])
	}
	return change
}

// twice tells whether one authority would name a person twice. That it gave them another key is believed where the pairs
// lead from the one to the other; that two people of it are one because others say so of further keys is not.
func (p *joining) twice(pairs []int, rows []Row) bool {
	seen, all := forest{}, map[string][]string{} // authority -> people of it as they are now
	add := func(authority, key string) {
		now := authority + " " + p.before.root(key)
		all[authority] = append(all[authority], now)
		if p.listed[key] != "" {
			seen.unite(now, authority+"/"+p.listed.root(key))
		}
	}
	for _, r := range rows {
		add(r.Authority, r.Key)
	}
	for _, i := range pairs {
		add(p.pairs[i][0].authority, p.pairs[i][0].hash)
		add(p.pairs[i][1].authority, p.pairs[i][1].hash)
	}
	for _, people := range all {
		for _, one := range people {
			if seen.root(one) != seen.root(people[0]) {
				return true
			}
		}
	}
	return false
}
