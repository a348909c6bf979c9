package attrs

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// Pseudonym derives the person's number at a family of services from the key book's number of the person: a keyed hash of
// that number, the family, its generation, and the declared scope with its present value. Nothing of it is stored;
// nothing links two families without the key. A number that is empty stands for the first of the person's.
//
// A pupil's level is looked for in all of the pupil's establishments, so that a language group in a second school does
// not give a second number.
func (e *Engine) Pseudonym(p person.Person, grant policy.Grant, number string) string {
	return e.pseudonym(&p, &grant, number)
}

func (e *Engine) pseudonym(p *person.Person, grant *policy.Grant, number string) string {
	scope, value := span(grant, levels(p, grant), grant.Place().Profile == person.Pupil)
	return e.derive(e.number(p, number), grant.Service().Family(), grant.Family().Generation, scope, value)
}

// derive is the one derivation.
func (e *Engine) derive(number, family string, generation int, scope, value string) string {
	return inHex(e.Keys.Derive("pseudonym", number, family, strconv.Itoa(generation), scope, value))
}

// inHex writes a number of 64 bytes in one piece of memory.
func inHex(number []byte) string {
	var digits [128]byte
	return string(hex.AppendEncode(digits[:0], number))
}

// number is what the key book calls the person; of somebody whom it was never asked about, what it would say of a key
// that was never seen beside another.
func (e *Engine) number(p *person.Person, number string) string {
	switch {
	case number != "":
		return number
	case len(p.Numbers) > 0:
		return p.Numbers[0]
	default:
		return p.Key.Number(e.Keys)
	}
}

// levels gives a pupil's levels.
func levels(p *person.Person, grant *policy.Grant) []string {
	var out []string
	if grant.Place().Profile != person.Pupil {
		return nil
	}
	for i := range p.Affiliations {
		if a := &p.Affiliations[i]; a.Profile == person.Pupil && a.Holds(grant.At()) {
			out = append(out, a.Values[person.Level]...)
		}
	}
	return out
}

// Child derives the number of the child for whom a guardian acts: the child's own at that service, so that the two are
// seen to belong together there, wherever that can be known. Under the scope "cycle" it cannot without the child's level:
// then it is a number of its own, which lasts a school year. The number is the key book's; empty stands for what the
// person brings along. It is empty when nobody acts for a child.
func (e *Engine) Child(p person.Person, grant policy.Grant, number string) string {
	return e.child(&p, &grant, number)
}

func (e *Engine) child(p *person.Person, grant *policy.Grant, number string) string {
	child := grant.Place().Child
	if child.IsZero() {
		return ""
	}
	var leveled []string
	for _, w := range p.Wards {
		if w.Child == child {
			if number == "" {
				number = w.Number
			}
			if w.Level != "" {
				leveled = append(leveled, w.Level)
			}
		}
	}
	if number == "" {
		number = child.Number(e.Keys)
	}
	scope, value := span(grant, leveled, true)
	family, generation := grant.Service().Family(), grant.Family().Generation
	if scope != string(declaredScope(grant)) {
		return e.ward(number, family, generation, scope, value)
	}
	return e.derive(number, family, generation, scope, value)
}

// Former derives the number that the person had at the family before the present one, as long as it may be sent beside it:
// after a new generation until the family's overlap ends, after a roll-over for the days that the declaration asks for. A
// cycle rolls over for those who are in its first level; whoever is in a later one has had the number for a year. It is
// empty when there is none to send.
func (e *Engine) Former(p person.Person, grant policy.Grant, number string) string {
	return e.former(&p, &grant, number)
}

func (e *Engine) former(p *person.Person, grant *policy.Grant, number string) string {
	number = e.number(p, number)
	leveled := levels(p, grant)
	scope, value := span(grant, leveled, grant.Place().Profile == person.Pupil)
	family, now := grant.Family(), grant.At()
	if family.Generation > 0 && !family.Overlap.IsZero() && now.Before(family.Overlap.Ends(now.Location())) {
		return e.derive(number, grant.Service().Family(), family.Generation-1, scope, value)
	}
	began, before := rollOver(grant.SchoolYear())
	if days := grant.Version().Overlap; days <= 0 || !now.Before(began.Add(days).Starts(now.Location())) {
		return ""
	}
	switch registry.PseudonymScope(scope) {
	case registry.PerSchoolYear:
		value = before
	case registry.PerCycle:
		value = cycleBefore(leveled)
	default:
		value = ""
	}
	if value == "" {
		return ""
	}
	return e.derive(number, grant.Service().Family(), family.Generation, scope, value)
}

// subjectID derives the one identifier by which every service that is told it knows the person (OASIS SAML V2.0 Subject
// Identifier Attributes Profile 1.0, 3.3). Services can compare what they know by it, as by a mail address: the dictionary
// says that it names somebody, and it leaves only where a declaration lets names out. It hangs on the number of the key
// with which the person signed in, so that finding out that two keys mean one person changes it for neither.
func (e *Engine) subjectID(p *person.Person) string {
	return pairwise(hex.EncodeToString(e.Keys.Derive("subject id", e.number(p, ""))[:32]), e.Scope)
}

// rollOver is the first day of a school year and the name of the one before: the first of September 2026 and 2025-2026 for
// 2026-2027.
func rollOver(year string) (began registry.Date, before string) {
	first, _, _ := strings.Cut(year, "-")
	n, err := strconv.Atoi(first)
	if err != nil {
		return registry.Date{}, ""
	}
	return registry.Date{Year: n, Month: time.September, Day: 1}, fmt.Sprintf("%d-%d", n-1, n)
}

// declaredScope is the declaration's scope by its name.
func declaredScope(grant *policy.Grant) registry.PseudonymScope {
	return cmp.Or(grant.Version().Pseudonym, registry.PerCycle)
}

// span gives the declared scope of a number and its present value.
//
// The scope "cycle" follows the pupil's cycle; staff and guardians have none and keep their number. A pupil whose level
// we cannot place gets the shortest scope instead, the school year: what is unknown must not lengthen a trace.
func span(grant *policy.Grant, levels []string, pupil bool) (scope, value string) {
	cycle := ""
	if pupil {
		cycle = Cycle(levels)
	}
	switch declared := grant.Version().Pseudonym; {
	case declared == registry.Stable:
		return string(declared), ""
	case declared == registry.PerSchoolYear, pupil && cycle == "":
		return string(registry.PerSchoolYear), grant.SchoolYear()
	default:
		return string(registry.PerCycle), cycle
	}
}

// Cycle names the cycle of the French school system that a level belongs to: cycle1 to cycle4 and lycee. CM2 and 6e
// share one. Several levels in one cycle give that cycle; anything unknown or mixed gives nothing.
func Cycle(levels []string) string {
	found := ""
	for _, level := range levels {
		c := cycleOf(level)
		if c == "" || (found != "" && found != c) {
			return ""
		}
		found = c
	}
	return found
}

// cycleBefore names the cycle before the one that every one of these levels begins.
func cycleBefore(levels []string) string {
	before := ""
	for i, level := range levels {
		b := ""
		switch plainLevel(level) {
		case "CP":
			b = "cycle1"
		case "CM1":
			b = "cycle2"
		case "5EME", "5E":
			b = "cycle3"
		case "2NDE", "2DE":
			b = "cycle4"
		}
		if b == "" || i > 0 && b != before {
			return ""
		}
		before = b
	}
	return before
}

func plainLevel(level string) string {
	return strings.ReplaceAll(strings.ToUpper(strings.TrimSpace(level)), "È", "E")
}

func cycleOf(level string) string {
	switch plainLevel(level) {
	case "TPS", "PS", "MS", "GS":
		return "cycle1"
	case "CP", "CE1", "CE2":
		return "cycle2"
	case "CM1", "CM2", "6EME", "6E":
		return "cycle3"
	case "5EME", "5E", "4EME", "4E", "3EME", "3E":
		return "cycle4"
	case "2NDE", "2DE", "1ERE", "1RE", "TERMINALE", "TLE":
		return "lycee"
	default:
		return ""
	}
}
