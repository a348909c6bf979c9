package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Expiry is a version that will end, and what closes with it.
type Expiry struct {
	Ref
	Service   string
	Level     registry.Level
	Last      registry.Date // its last day
	Why       policy.Lapse
	Schools   int            // of the caller's, in which the service is open and nothing goes on after that day
	Pupils    int            // of these schools, as far as the ministry's list says
	Next      Ref            // the version that is on its way, or that waits for the schools' own act; zero for none
	Standing  registry.State // of Next
	Renewable bool           // the caller may begin its renewal
	Approves  bool           // the caller may approve Next
}

// Month is what ends in one month. A school in which several services end counts once.
type Month struct {
	Year     int
	Month    time.Month
	Expiries []Expiry // the first to end comes first
	Schools  int
	Pupils   int
}

// Calendar lists, month by month, what ends from today on within so many months, this one included, and closes a service in
// schools whose register the caller keeps; or could be renewed by the caller. What a newer version goes on with ends nothing.
// Test tenants and closed schools are in no number.
func (d *Desk) Calendar(ctx context.Context, c roles.Caller, months int) ([]Month, error) {
	t, err := d.begin(ctx, c, "")
	if err != nil {
		return nil, err
	}
	if _, err := t.may(roles.Read, roles.Target{}); err != nil {
		return nil, err
	}
	first := t.now.In(t.Zone())
	k := &calendar{turn: t, ground: t.ground(), rules: t.Rules(t.now), totals: map[string]total{}}
	for i := range max(months, 0) {
		at := time.Date(first.Year(), first.Month()+time.Month(i), 1, 0, 0, 0, 0, time.UTC)
		k.months = append(k.months, Month{Year: at.Year(), Month: at.Month()})
	}
	k.said = make([]int, len(k.schools))
	k.seen = make([][]bool, len(k.months))
	for i := range k.seen {
		k.seen[i] = make([]bool, len(k.schools))
	}
	for _, s := range t.FindServices() {
		k.service(s.ID)
	}
	for i := range k.months {
		slices.SortFunc(k.months[i].Expiries, func(a, b Expiry) int {
			return cmp.Or(strings.Compare(a.Last.String(), b.Last.String()), strings.Compare(a.ID, b.ID), a.Version-b.Version)
		})
	}
	return k.months, nil
}

// ground is the open establishments whose register the caller keeps, each under a number.
type ground struct {
	schools   []registry.Establishment
	number    map[person.UAI]int
	academies map[string][]int // the numbers of those of an academy
	ecoles    map[string][]int // of the public écoles of a department
}

func (t *turn) ground() ground {
	g := ground{number: map[person.UAI]int{}, academies: map[string][]int{}, ecoles: map[string][]int{}}
	departments := map[string][]registry.Establishment{}
	for _, e := range t.Establishments() {
		if !e.Test && !t.closed(e) {
			departments[e.Department] = append(departments[e.Department], e)
		}
	}
	for _, list := range departments {
		g.add(t.kept(list))
	}
	return g
}

// kept leaves out the establishments whose register is not the caller's: asked once for all of them, then one by one.
func (t *turn) kept(list []registry.Establishment) []registry.Establishment {
	uais := make([]person.UAI, len(list))
	for i := range list {
		uais[i] = list[i].UAI
	}
	if _, err := t.may(roles.Export, roles.Target{UAIs: uais}); err == nil {
		return list
	}
	return slices.DeleteFunc(list, func(e registry.Establishment) bool {
		_, err := t.may(roles.Export, roles.Target{UAIs: []person.UAI{e.UAI}})
		return err != nil
	})
}

func (g *ground) add(list []registry.Establishment) {
	for _, e := range list {
		n := len(g.schools)
		g.schools, g.number[e.UAI] = append(g.schools, e), n
		g.academies[e.Academy] = append(g.academies[e.Academy], n)
		if e.Kind == registry.Ecole && !e.Private {
			g.ecoles[e.Department] = append(g.ecoles[e.Department], n)
		}
	}
}

// covered lists the numbers of the establishments that a declaration opens by itself, without a word of theirs.
func (g *ground) covered(s registry.Scope) []int {
	names, lists := s.Academies, g.academies
	if s.Level == registry.ByDepartment {
		names, lists = s.Departments, g.ecoles
	}
	switch {
	case !s.Alone() || len(names) == 0:
		return nil
	case len(names) == 1:
		return lists[names[0]]
	}
	var out []int
	for _, name := range names {
		out = append(out, lists[name]...)
	}
	return out
}

// calendar gathers months.
type calendar struct {
	*turn
	ground
	rules  registry.Rules
	months []Month
	seen   [][]bool // by month and number of the school: counted already
	said   []int    // by number of the school: the last of the questions in which its controller has said something
	asked  int      // how many questions there were
	totals map[string]total
}

// service looks at the declarations of one service.
func (k *calendar) service(id string) {
	var ids []string
	for _, v := range k.Declarations(id) {
		if !slices.Contains(ids, v.ID) {
			ids = append(ids, v.ID)
		}
	}
	for _, declaration := range ids {
		k.declaration(id, k.Versions(declaration))
	}
}

// declaration gives each of its running versions the schools that have nothing after it.
func (k *calendar) declaration(service string, versions []registry.Declaration) {
	var run []underTerm
	for i := range versions { // newest first
		v := &versions[i]
		if v.State != registry.Approved {
			continue
		}
		if end, why := policy.Ends(*v, k.rules, k.Zone()); k.now.Before(end) {
			run = append(run, underTerm{v, end, why})
		}
	}
	for i := range run {
		k.version(service, versions, run, i)
	}
}

// underTerm is a version that is approved and not over.
type underTerm struct {
	*registry.Declaration
	end time.Time
	why policy.Lapse
}

func (k *calendar) version(service string, versions []registry.Declaration, run []underTerm, i int) {
	v := run[i]
	last := registry.DateOf(v.end.Add(-time.Nanosecond).In(k.Zone()))
	if len(k.months) == 0 {
		return
	}
	at := (last.Year-k.months[0].Year)*12 + int(last.Month-k.months[0].Month)
	if at < 0 || at >= len(k.months) {
		return
	}
	o := Expiry{Ref: Ref{v.ID, v.Version}, Service: service, Level: v.Scope.Level, Last: last, Why: v.why}
	if len(k.Said(service)) == 0 { // nobody said anything anywhere: the whole scope goes on with the newest
		if k.lastFor(run, run[0].Version) == i {
			k.all(&o, at, v.Scope)
		}
	} else {
		k.closing(service, run, i, func(n int) {
			o.Schools++
			o.Pupils += k.schools[n].Pupils
			k.mark(at, n)
		})
	}
	k.renewal(&o, v.Declaration, versions)
	if o.Schools > 0 || (i == 0 && (o.Renewable || o.Approves)) {
		k.months[at].Expiries = append(k.months[at].Expiries, o)
	}
}

// mark counts a school in a month, once.
func (k *calendar) mark(at, n int) {
	if !k.seen[at][n] {
		k.seen[at][n] = true
		k.months[at].Schools++
		k.months[at].Pupils += k.schools[n].Pupils
	}
}

// all counts every school that a scope covers by itself. Of a scope that many declarations have it adds up once.
func (k *calendar) all(o *Expiry, at int, s registry.Scope) {
	list := k.covered(s)
	if len(list) == 0 {
		return
	}
	key := fmt.Sprint(s.Level, s.Academies, s.Departments)
	t, known := k.totals[key]
	if !known {
		t = total{months: make([]bool, len(k.months))}
		k.asked++
		for _, n := range list {
			if k.said[n] != k.asked {
				k.said[n] = k.asked
				t.schools++
				t.pupils += k.schools[n].Pupils
			}
		}
		k.totals[key] = t
	}
	o.Schools, o.Pupils = t.schools, t.pupils
	if !t.months[at] {
		t.months[at] = true
		for _, n := range list {
			k.mark(at, n)
		}
	}
}

// total is how many schools and pupils a scope covers by itself, and in which months they are counted already.
type total struct {
	schools, pupils int
	months          []bool
}

// closing gives the numbers of the schools for which nothing of the declaration goes on after a version.
func (k *calendar) closing(service string, run []underTerm, i int, closes func(int)) {
	k.asked++
	follows := k.follower(run, i)
	for _, uai := range k.Said(service) {
		n, ok := k.number[uai]
		if !ok {
			continue
		}
		e := k.FindEnabling(service, uai)
		if e.State == registry.Withdrawn || e.State == registry.ClaimedOnPaper {
			continue // as if nobody had said anything
		}
		k.said[n] = k.asked
		if e.State == registry.Enabled && e.Declaration == run[i].ID && run[i].Scope.Covers(k.schools[n]) && follows(e.Version) {
			closes(n)
		}
	}
	if !follows(run[0].Version) { // who said nothing goes on with the newest
		return
	}
	for _, n := range k.covered(run[i].Scope) {
		if k.said[n] != k.asked {
			k.said[n] = k.asked // in a scope that names a place twice, too
			closes(n)
		}
	}
}

// follower tells of the version that a school accepted whether it is the i-th that it ends with: the newest of those running
// which lets nothing more out than what was accepted, and which begins when another one ends, at the latest.
func (k *calendar) follower(run []underTerm, i int) func(accepted int) bool {
	known := map[int]bool{}
	return func(accepted int) bool {
		is, asked := known[accepted]
		if !asked {
			is = k.lastFor(run, accepted) == i
			known[accepted] = is
		}
		return is
	}
}

// lastFor is the place of the version with which a school ends that accepted one; -1 where none runs.
func (k *calendar) lastFor(run []underTerm, accepted int) int {
	var base *registry.Declaration
	list := k.Versions(run[0].ID)
	for i := range list {
		if list[i].Version == accepted {
			base = &list[i]
		}
	}
	out := -1
	for i := len(run) - 1; i >= 0; i-- { // oldest first
		v := run[i]
		if v.Version > accepted && (base == nil || registry.Compare(*base, *v.Declaration) == registry.Wider) {
			continue
		}
		gap := out >= 0 && v.From.Starts(k.Zone()).After(run[out].end)
		if out < 0 || !gap && !v.end.Before(run[out].end) || !gap && k.begun(*v.Declaration) {
			out = i
		}
	}
	return out
}

// renewal says what follows a version, and what the caller may do about it.
func (k *calendar) renewal(o *Expiry, v *registry.Declaration, versions []registry.Declaration) {
	for i := range versions { // newest first
		next := &versions[i]
		if next.Version <= v.Version || next.State == registry.Refused || next.State == registry.Archived || !k.seesThe(next) {
			continue
		}
		o.Next, o.Standing = Ref{next.ID, next.Version}, stateWord(next.State)
		if next.State == registry.Submitted || next.State == registry.InReview {
			_, err := k.mayApprove(*next)
			o.Approves = err == nil && k.kindOfChange(*next) == registry.Renewal
		}
		return
	}
	o.Renewable = v.ManagedBy == "" && v.Paper == nil && k.mayWriteThe(v) == nil
}
