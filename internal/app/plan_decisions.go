package app

import (
	"fmt"
	"slices"

	"ecluse/internal/registry"
	"ecluse/internal/registry/manifest"
)

// declarations leaves every version that files brought submitted, and what was decided about one that says the same as it
// is.
func (p *planner) declarations() {
	known := map[string]registry.Declaration{}
	for _, d := range p.before.Declarations {
		known[manifest.DeclarationName(d)] = d
	}
	for _, next := range p.files.Declarations {
		name := manifest.DeclarationName(next)
		old, exists := known[name]
		s := step{kind: "Declaration", id: name, what: submitted}
		switch {
		case !exists:
			s.notes, s.diff = p.against(next)
			p.submit(s, registry.Declaration{}, next)
		case old.SameText(next) || len(registry.Diff(old, next)) == 0:
			s.notes = []string{string(old.State)}
			if p.settle(s, old.ManagedBy, next.ManagedBy) {
				old.ManagedBy = next.ManagedBy
				p.plan.change.Declarations = append(p.plan.change.Declarations, old)
			}
		case p.editable(name, old):
			s.diff = registry.Diff(old, next)
			p.submit(s, old, next)
		}
	}
}

// editable tells whether a file may give a version another text: one that was approved is never edited, one that was
// refused or archived is not taken up again, and what the console manages is not a file's.
func (p *planner) editable(name string, old registry.Declaration) bool {
	mend := fmt.Sprintf("write version %d", old.Version+1)
	switch {
	case old.WasApproved():
		p.refuse("Declaration", name, "version", "it was approved, and an approved version is never edited", mend)
	case old.State == registry.Refused || old.State == registry.Archived:
		p.refuse("Declaration", name, "version", fmt.Sprintf("it is %s, and is not taken up again", old.State), mend)
	default:
		return p.owned("Declaration", name, old.ManagedBy)
	}
	return false
}

func (p *planner) submit(s step, old, next registry.Declaration) {
	next.State, next.Since = registry.Submitted, p.now
	next.Author, next.Opinions, next.Terms, next.Review = old.Author, old.Opinions, old.Terms, old.Review
	next.Decisions = append(slices.Clone(old.Decisions), registry.Decision{At: p.now, State: registry.Submitted, Office: byFile})
	p.plan.change.Declarations = append(p.plan.change.Declarations, next)
	switch {
	case next.Paper != nil:
		s.notes = append(s.notes, fmt.Sprintf("signed on paper (%s): its controller must confirm it before it counts", next.Paper.Act))
	default:
		s.notes = append(s.notes, "a person with the right to do so must approve it")
	}
	p.step(s)
}

// The offices under which what a file says, and what the demo decides by itself, are recorded: nobody's.
const (
	byFile = "apply"
	byDemo = "démonstration"
)

// against says what a new version changes against the one before it.
func (p *planner) against(next registry.Declaration) ([]string, []registry.Difference) {
	var last registry.Declaration
	for _, d := range slices.Concat(p.before.Declarations, p.files.Declarations) {
		if d.ID == next.ID && d.Version < next.Version && d.Version > last.Version {
			last = d
		}
	}
	if last.Version == 0 {
		return nil, nil
	}
	return []string{fmt.Sprintf("against version %d: %s", last.Version, registry.Compare(last, next))}, registry.Diff(last, next)
}

// enablings takes over what files say that controllers decided. A file closes, and opens nothing: what its paper says
// waits for the controller to confirm it. What a person has said here since stands.
func (p *planner) enablings() {
	for _, next := range p.files.Enablings {
		old, exists := enablingOf(p.before.Enablings, next.Service, next.UAI)
		s := step{kind: "Enabling", id: manifest.EnablingName(next), what: changed, diff: said(old, next)}
		switch opens := next.State == registry.Enabled || next.State == registry.ClaimedOnPaper; {
		case exists && (standing(old, next) || settled(old, next)):
			s.notes, s.diff = []string{string(old.State)}, nil
			if p.settle(s, old.ManagedBy, next.ManagedBy) {
				old.ManagedBy = next.ManagedBy
				p.plan.change.Enablings = append(p.plan.change.Enablings, old)
			}
		case exists && p.demo && decidedHere(old):
			p.step(step{kind: s.kind, id: s.id, what: unchanged, notes: []string{"left as it was decided here: " + string(old.State)}})
		case exists && !p.demo && !p.mayReplace(s.id, old, next), exists && !p.owned(s.kind, s.id, old.ManagedBy):
		case opens && next.Paper == nil && !p.demo:
			p.refuse(s.kind, s.id, "state", "a file enables nothing: its controller does, here or on paper", "paper: {act, date, signatory, document}")
		default:
			if !exists {
				s.what, s.diff = created, nil
			}
			p.enabling(s, old, next)
		}
	}
}

// enabling writes what a file says: in the demo it counts, elsewhere a yes is claimed.
func (p *planner) enabling(s step, old, next registry.Enabling) {
	office := byFile
	if next.State == registry.Enabled || next.State == registry.ClaimedOnPaper {
		if next.State = registry.ClaimedOnPaper; p.demo {
			next.State, office = registry.Enabled, byDemo
		} else {
			s.what = claimed
			s.notes = append(s.notes, fmt.Sprintf("signed on paper (%s): its controller must confirm it before it counts", next.Paper.Act))
		}
	}
	by := registry.Decision{At: p.now, State: registry.State(next.State), Office: office, Demo: p.demo}
	next.Since, next.Decisions = p.now, append(slices.Clone(old.Decisions), by)
	p.plan.change.Enablings = append(p.plan.change.Enablings, next)
	p.step(s)
}

// standing tells whether a file says what is so already.
func standing(old, next registry.Enabling) bool {
	same := old.Declaration == next.Declaration && old.Version == next.Version
	switch next.State {
	case registry.Enabled:
		return old.State == registry.Enabled && same && (next.Paper == nil || samePaper(old, next))
	case registry.ClaimedOnPaper:
		return old.State == registry.ClaimedOnPaper && same && samePaper(old, next)
	default:
		return old.State == next.State && old.Message == next.Message
	}
}

// settled tells whether a file's paper was taken over before: what became of it since is the controller's word.
func settled(old, next registry.Enabling) bool {
	opens := next.State == registry.Enabled || next.State == registry.ClaimedOnPaper
	same := old.Declaration == next.Declaration && old.Version == next.Version || old.State == registry.Withdrawn
	return opens && next.Paper != nil && samePaper(old, next) && same
}

func samePaper(a, b registry.Enabling) bool { return len(fields(a.Paper, b.Paper)) == 0 }

// mayReplace refuses to undo what a controller said here: a no is lifted by whoever said it, and a yes to one version is
// not taken back while a paper about another waits to be confirmed.
func (p *planner) mayReplace(id string, old, next registry.Enabling) bool {
	stops := next.State == registry.RefusedHere || next.State == registry.SuspendedHere && old.State != registry.RefusedHere
	closed := old.State == registry.RefusedHere || old.State == registry.SuspendedHere
	switch {
	case stops:
		return true
	case closed && (decidedHere(old) || refusedHere(old)):
		p.refuse("Enabling", id, "state", fmt.Sprintf("its controller said %s here on %s", old.State, old.Since.Format("2006-01-02")), "whoever said so lifts it")
		return false
	case old.State == registry.Enabled && next.State != registry.Withdrawn:
		what := fmt.Sprintf("it is enabled under %s v%d, and waiting for another paper to be confirmed would close it", old.Declaration, old.Version)
		p.refuse("Enabling", id, "version", what, "its controller accepts the version here")
		return false
	}
	return true
}

// decidedHere tells whether a person decided last, rather than a file.
func decidedHere(e registry.Enabling) bool {
	if len(e.Decisions) == 0 {
		return true
	}
	office := e.Decisions[len(e.Decisions)-1].Office
	return office != byFile && office != byDemo
}

// refusedHere tells whether a no was the last word that a person said, whatever a file has repeated since: a file that says
// the same no does not make it its own.
func refusedHere(e registry.Enabling) bool {
	for _, by := range slices.Backward(e.Decisions) {
		if by.Office != byFile && by.Office != byDemo {
			return by.State == registry.State(registry.RefusedHere) || by.State == registry.State(registry.SuspendedHere)
		}
	}
	return false
}

// said compares what a file may say of two enablings.
func said(old, next registry.Enabling) []registry.Difference {
	bare := func(e registry.Enabling) registry.Enabling {
		e.Decisions, e.Since, e.Before = nil, next.Since, 0
		return e
	}
	return fields(bare(old), bare(next))
}
