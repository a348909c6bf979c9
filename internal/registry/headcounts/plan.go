package headcounts

import (
	"encoding/csv"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/annuaire"
)

// How says how a list is to be carried out.
type How struct {
	On      registry.Date // the day on which it was counted; today when zero
	Now     time.Time
	Zone    *time.Location
	SkipBad bool // leave out establishments with a bad row; without it one bad row keeps everything back
}

// Plan is what a list would change.
type Plan struct {
	Created   []registry.Headcount
	Changed   []registry.Headcount
	Unchanged int
	Managed   []person.UAI // that files manage: they stay as they are
	Problems  []annuaire.Problem
	Named     []annuaire.Problem // labels that are written as a person is called: nothing is kept back for them
	Stop      string             // why nothing may be written; empty when it may
	Why       annuaire.Told      // the same
}

// Known is what a plan looks up: whether an establishment is registered, and what was counted there before.
type Known interface {
	Establishment(uai person.UAI) (registry.Establishment, bool)
	Headcount(uai person.UAI) (registry.Headcount, bool)
}

// NewPlan compares a list with what is registered.
func NewPlan(l List, before Known, how How) Plan {
	p := Plan{Problems: slices.Clone(l.Problems), Named: l.Named}
	if how.On.IsZero() {
		how.On = registry.DateOf(how.Now.In(how.Zone))
	}
	if fresh := (registry.Headcount{On: how.On}); !fresh.Holds(how.Now, how.Zone) {
		p.Stop = fmt.Sprintf("what was counted on %s says nothing today: a headcount holds for one year from its day", how.On)
		p.Why = annuaire.Told{Word: "day"}
	}
	spoiled := map[person.UAI]bool{}
	for _, bad := range l.Problems {
		spoiled[bad.UAI] = true
	}
	for _, h := range l.Counts {
		h.On = how.On
		if wrong := p.check(h, before, l.lines[h.UAI]); !wrong && !spoiled[h.UAI] {
			p.add(h, before)
		}
	}
	slices.SortStableFunc(p.Problems, func(a, b annuaire.Problem) int { return a.Line - b.Line })
	if p.Stop == "" {
		p.Stop, p.Why = p.stop(l, how)
	}
	return p
}

// check tells what is wrong with an establishment as a whole.
func (p *Plan) check(h registry.Headcount, before Known, line int) (wrong bool) {
	say := func(what, mend string, told annuaire.Told) {
		p.Problems = append(p.Problems, annuaire.Problem{Line: line, UAI: h.UAI, What: what, Mend: mend, Told: told})
		wrong = true
	}
	if school, known := before.Establishment(h.UAI); !known {
		say(fmt.Sprintf("%s is not registered", h.UAI), "gateway import schools", annuaire.Told{Word: "unknown"})
	} else if school.Closed {
		say(fmt.Sprintf("%s is closed", h.UAI), "leave it out", annuaire.Told{Word: "closed"})
	}
	for _, f := range h.Check() {
		say(f.What, f.Mend, annuaire.Told{Word: "headcount"})
	}
	return wrong
}

func (p *Plan) add(h registry.Headcount, before Known) {
	old, known := before.Headcount(h.UAI)
	switch {
	case !known:
		p.Created = append(p.Created, h)
	case old.ManagedBy != "":
		p.Managed = append(p.Managed, h.UAI)
	case unchanged(old, h):
		p.Unchanged++
	default:
		p.Changed = append(p.Changed, h)
	}
}

// unchanged tells whether two headcounts say the same, an empty list being none.
func unchanged(a, b registry.Headcount) bool {
	same := func(x, y map[string]int) bool { return len(x) == 0 && len(y) == 0 || reflect.DeepEqual(x, y) }
	return a.On == b.On && same(a.Classes, b.Classes) && same(a.Groups, b.Groups)
}

func (p *Plan) stop(l List, how How) (string, annuaire.Told) {
	switch {
	case l.Encoding == "" || len(l.Counts) == 0:
		return "the list holds no class that can be read", annuaire.Told{Word: "uncounted"}
	case l.Cut:
		return "the list cannot be read to its end", annuaire.Told{Word: "cut"}
	case len(p.Problems) > 0 && !how.SkipBad:
		return fmt.Sprintf("%d rows cannot be taken", len(p.Problems)), annuaire.Told{Word: "rows", With: []any{"n", len(p.Problems)}}
	}
	return "", annuaire.Told{}
}

// Headcounts lists everything that the plan writes.
func (p Plan) Headcounts() []registry.Headcount { return slices.Concat(p.Created, p.Changed) }

// Summary counts, in one line.
func (p Plan) Summary() string {
	return fmt.Sprintf("%d establishments counted for the first time, %d again, %d unchanged, %d managed by files, %d bad rows, %d labels like a name",
		len(p.Created), len(p.Changed), p.Unchanged, len(p.Managed), len(p.Problems), len(p.Named))
}

// Report writes what became of each establishment and row that is not unchanged, as CSV: line, uai, what, detail. It repeats
// no label: one may be somebody's name.
func (p Plan) Report(w io.Writer) error {
	out := csv.NewWriter(w)
	write := func(line int, uai person.UAI, what, detail string) {
		at := ""
		if line > 0 {
			at = strconv.Itoa(line)
		}
		_ = out.Write([]string{at, plain(string(uai)), what, plain(detail)}) // Error below tells
	}
	_ = out.Write([]string{"line", "uai", "what", "detail"})
	for _, bad := range p.Problems {
		write(bad.Line, bad.UAI, "bad", detail(bad))
	}
	for _, named := range p.Named {
		write(named.Line, named.UAI, "named", detail(named))
	}
	for _, h := range p.Created {
		write(0, h.UAI, "created", fmt.Sprintf("%d classes, %d groups", len(h.Classes), len(h.Groups)))
	}
	for _, h := range p.Changed {
		write(0, h.UAI, "changed", fmt.Sprintf("%d classes, %d groups", len(h.Classes), len(h.Groups)))
	}
	for _, uai := range p.Managed {
		write(0, uai, "managed", "a file manages it")
	}
	out.Flush()
	return out.Error()
}

func detail(p annuaire.Problem) string {
	if p.Mend == "" {
		return p.What
	}
	return p.What + " (" + p.Mend + ")"
}

// plain keeps a spreadsheet from taking a text for a formula.
func plain(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
