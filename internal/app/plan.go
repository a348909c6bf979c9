package app

import (
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/manifest"
	"ecluse/internal/strictyaml"
)

// outcome is what a plan does to one object.
type outcome string

const (
	created   outcome = "created"
	changed   outcome = "changed"
	submitted outcome = "submitted" // a person with the right to do so must approve it
	claimed   outcome = "claimed"   // signed on paper: its controller must confirm it
	moved     outcome = "moved"     // it says the same, and another file holds it
	unchanged outcome = "unchanged"
)

// step is what a plan does to one object, and why.
type step struct {
	kind, id string
	what     outcome
	notes    []string
	diff     []registry.Difference
}

// plan is what files would change in the registry. Its change holds what differs and nothing else.
type plan struct {
	change registry.Change
	steps  []step
	gone   []string // what a file of the folder held and holds no more
}

// idle tells whether there is nothing to write.
func (p plan) idle() bool {
	return !slices.ContainsFunc(p.steps, func(s step) bool { return s.what != unchanged })
}

// intent is how files are taken.
type intent struct {
	takeOver bool // objects that the console manages may become a file's
	demo     bool // files of the demo may take over, and enable
}

// planner compares files with what is registered.
type planner struct {
	intent
	now      time.Time
	files    manifest.Loaded
	before   registry.Contents
	plan     plan
	problems strictyaml.Problems
}

// planFor reads files and says what they would change, or every mistake: those of the files, and what they may not do.
func planFor(files fs.FS, l manifest.Loaded, before registry.Contents, how intent, now time.Time) (plan, strictyaml.Problems) {
	p := &planner{intent: how, now: now, files: l, before: before}
	p.takeOver = p.takeOver || p.demo
	c := &p.plan.change
	c.Base = before.Revision
	c.Services = put(p, services(), l.Services, before.Services)
	c.Establishments = put(p, establishments(), l.Establishments, before.Establishments)
	c.Sources = put(p, sources(), l.Sources, before.Sources)
	c.Delegations = put(p, delegations(), l.Delegations, before.Delegations)
	c.Charters = put(p, charters(), l.Charters, before.Charters)
	c.Models = put(p, models(), l.Models, before.Models)
	c.Assessments = put(p, tools(), l.Assessments, before.Assessments)
	p.declarations()
	p.enablings()
	c.Files = namedBy(c.Declarations, l.Files)
	for _, o := range c.Charters {
		c.Files = append(c.Files, o.Files()...)
	}
	p.leftOut(files)
	return p.plan, p.problems
}

// namedBy keeps the papers that the declarations to be written are about.
func namedBy(declarations []registry.Declaration, files []registry.File) []registry.File {
	return slices.DeleteFunc(slices.Clone(files), func(f registry.File) bool {
		return !slices.ContainsFunc(declarations, func(d registry.Declaration) bool { return slices.Contains(d.Papers(), f.Hash) })
	})
}

func (p *planner) step(s step) { p.plan.steps = append(p.plan.steps, s) }

// refuse tells what a file may not do, at its place.
func (p *planner) refuse(kind, id, where, what, mend string) {
	p.problems = append(p.problems, p.files.At(kind, id, registry.Finding{Where: where, What: what, Mend: mend}))
}

// owned refuses to change what the console manages unless that was asked for.
func (p *planner) owned(kind, id, by string) bool {
	if by == "" && !p.takeOver {
		p.refuse(kind, id, "", "the console manages it, and this file says something else", "--take-over makes it this file's")
		return false
	}
	return true
}

// settle decides about an object that is registered already and tells whether it has to be written. An object that says
// the same stays whose it is, unless taking over was asked for.
func (p *planner) settle(s step, was, is string) bool {
	s.what = unchanged
	switch {
	case len(s.diff) > 0 && !p.owned(s.kind, s.id, was):
		return false
	case len(s.diff) > 0:
		s.what = changed
	case was == "" && p.takeOver, was != "" && was != is:
		s.what = moved
		s.notes = append(s.notes, fmt.Sprintf("managed by %s rather than by %s", is, keeper(was)))
	case was == "":
		s.notes = append(s.notes, "managed by the console")
	}
	p.step(s)
	return s.what != unchanged
}

func keeper(by string) string {
	if by == "" {
		return "the console"
	}
	return by
}

// leftOut says what a file of the folder held and holds no more. It stays registered: nothing is ever deleted, and what
// is no longer wanted is suspended, withdrawn or archived by whoever may.
func (p *planner) leftOut(files fs.FS) {
	listed := map[string]bool{}
	for _, s := range p.plan.steps {
		listed[s.kind+" "+s.id] = true
	}
	for _, o := range heldBy(p.before) {
		if _, err := fs.Stat(files, o.file); err == nil && !listed[o.name] && len(p.problems) == 0 {
			p.plan.gone = append(p.plan.gone, fmt.Sprintf("%s: no longer in %s; it stays registered", o.name, o.file))
		}
	}
}

type held struct{ name, file string }

// heldBy lists what files manage.
func heldBy(c registry.Contents) []held {
	var out []held
	add := func(name, file string) {
		if file != "" {
			out = append(out, held{name, file})
		}
	}
	for _, o := range c.Services {
		add("Service "+o.ID, o.ManagedBy)
	}
	for _, o := range c.Declarations {
		add("Declaration "+manifest.DeclarationName(o), o.ManagedBy)
	}
	for _, o := range c.Establishments {
		add("Establishment "+string(o.UAI), o.ManagedBy)
	}
	for _, o := range c.Sources {
		add("Source "+o.ID, o.ManagedBy)
	}
	for _, o := range c.Delegations {
		add("Delegation "+o.ID, o.ManagedBy)
	}
	for _, o := range c.Enablings {
		add("Enabling "+manifest.EnablingName(o), o.ManagedBy)
	}
	for _, o := range c.Charters {
		add("Charter "+o.Name(), o.ManagedBy)
	}
	for _, o := range c.Models {
		add("Model "+o.ID, o.ManagedBy)
	}
	for _, o := range c.Assessments {
		add("Tool "+o.ID, o.ManagedBy)
	}
	return out
}

// longestValue bounds what a plan shows of one value, in characters: metadata would fill the screen.
const longestValue = 80

func shown(s string) string {
	if s == "" {
		return "nothing"
	}
	if r := []rune(s); len(r) > longestValue {
		s = string(r[:longestValue]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// print writes the plan, an object to a line with what differs below, and sums it up.
func (p plan) print(out io.Writer) {
	count := map[outcome]int{}
	for _, s := range p.steps {
		count[s.what]++
		fmt.Fprintf(out, "%-9s  %s %s\n", s.what, s.kind, s.id)
		for _, note := range s.notes {
			fmt.Fprintf(out, "             %s\n", note)
		}
		for _, d := range s.diff {
			fmt.Fprintf(out, "             %s: %s → %s\n", d.Where, shown(d.Before), shown(d.After))
		}
	}
	for _, name := range p.gone {
		fmt.Fprintln(out, "left out  ", name)
	}
	var parts []string
	for _, what := range []outcome{created, changed, submitted, claimed, moved, unchanged} {
		parts = append(parts, fmt.Sprintf("%d %s", count[what], what))
	}
	fmt.Fprintln(out, strings.Join(parts, ", "))
}

func enablingOf(list []registry.Enabling, service string, uai person.UAI) (registry.Enabling, bool) {
	i := slices.IndexFunc(list, func(o registry.Enabling) bool { return o.Service == service && o.UAI == uai })
	if i < 0 {
		return registry.Enabling{}, false
	}
	return list[i], true
}
