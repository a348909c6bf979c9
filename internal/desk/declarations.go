package desk

import (
	"context"
	"fmt"
	"slices"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Begin makes a draft: version 1 of a new declaration of a registered service, from a model when one is named (fields of
// from that are set win), or from nothing. A tool that was assessed and refused gives *NotOffered before anything else is
// looked at. The id is made, of the year and a number, when from has none.
func (d *Desk) Begin(ctx context.Context, c roles.Caller, model string, from registry.Declaration) (registry.Declaration, error) {
	var made registry.Declaration
	err := d.act(ctx, c, "declaration_begin", func(t *turn) error {
		draft, err := t.started(model, from)
		if err != nil {
			return err
		}
		if err := t.mayWrite(draft); err != nil {
			return err
		}
		if _, ok := t.Service(draft.ServiceID); !ok {
			return &NotFound{"service", draft.ServiceID}
		}
		if err := d.atEntry(ctx, t, registry.Declaration{}, draft); err != nil {
			return err
		}
		if len(t.Versions(draft.ID)) > 0 {
			return &Conflict{Code: "taken", What: fmt.Sprintf("a declaration %s exists already", draft.ID)}
		}
		made = t.written(draft)
		return nil
	})
	return made, err
}

// started is the text that a new declaration begins with.
func (t *turn) started(model string, from registry.Declaration) (registry.Declaration, error) {
	from = withLife(from, registry.Declaration{})
	from.Model = model
	if err := t.offered(from); err != nil {
		return from, err
	}
	if model != "" {
		m, ok := t.Model(model)
		if !ok {
			return from, &NotFound{"model", model}
		}
		if m.Retired {
			return from, &Conflict{Code: "retired", What: fmt.Sprintf("the model %s is out of use", model)}
		}
		m.Draft.ID = ""
		from = over(m.Draft, from)
	}
	from.Version, from.Author = 1, t.by.Handle
	if from.ID == "" {
		from.ID = t.freshID()
	}
	return from, nil
}

// freshID is the first number of the year that no declaration has.
func (t *turn) freshID() string {
	taken := map[string]bool{}
	for _, d := range t.AllDeclarations() {
		taken[d.ID] = true
	}
	for n := 1; ; n++ {
		if id := fmt.Sprintf("%d-%03d", t.today().Year, n); !taken[id] {
			return id
		}
	}
}

// written puts a draft down as its author's.
func (t *turn) written(draft registry.Declaration) registry.Declaration {
	draft.State, draft.Since, draft.Author = registry.Draft, t.now, t.by.Handle
	draft.Decisions = []registry.Decision{t.decision(roles.Capacity{}, registry.Draft, "")}
	t.put(draft)
	return draft
}

// mayWrite asks whether the caller may write a text. Entering a decision that was signed on paper is an act of its own.
func (t *turn) mayWrite(text registry.Declaration) error { return t.mayWriteThe(&text) }

// mayWriteThe is mayWrite without the copy.
func (t *turn) mayWriteThe(text *registry.Declaration) error {
	act := roles.Draft
	if text.Paper != nil {
		act = roles.AttestPaper
	}
	_, err := t.may(act, roles.Target{Service: text.ServiceID, Declaration: text})
	return err
}

// NewVersion makes a draft of the next version from the newest approved one. There is one at a time.
func (d *Desk) NewVersion(ctx context.Context, c roles.Caller, id string) (registry.Declaration, error) {
	var made registry.Declaration
	err := d.act(ctx, c, "declaration_version", func(t *turn) error {
		all := t.Versions(id)
		i := slices.IndexFunc(all, registry.Declaration.WasApproved)
		if i < 0 || !t.sees(all[i]) {
			return &NotFound{"declaration", id}
		}
		next := withLife(all[i], registry.Declaration{})
		next.Version, next.Paper = all[0].Version+1, nil
		t.about(next)
		if err := t.mayWrite(next); err != nil {
			return err
		}
		if err := editable("declaration", id, all[i].ManagedBy); err != nil {
			return err
		}
		if j := slices.IndexFunc(all, underWay); j >= 0 {
			return &Conflict{Code: "state", What: fmt.Sprintf("%s is on its way already", Ref{id, all[j].Version})}
		}
		made = t.written(next)
		return nil
	})
	return made, err
}

// underWay tells whether a version is being written or reviewed.
func underWay(d registry.Declaration) bool {
	return slices.Contains([]registry.State{registry.Draft, registry.Submitted, registry.InReview, registry.ToCorrect}, stateWord(d.State))
}

// writable tells whether a version may be edited: a draft, or one that was sent back.
func writable(d registry.Declaration) bool {
	return stateWord(d.State) == registry.Draft || d.State == registry.ToCorrect
}

// Edit replaces the text of a draft, or of a version to correct. match is the Tag that the writer saw; empty does not care.
// It neither moves a text to another service nor changes what became of it; whoever wrote a part of it counts as an author.
func (d *Desk) Edit(ctx context.Context, c roles.Caller, text registry.Declaration, match string) (registry.Declaration, error) {
	var made registry.Declaration
	err := d.act(ctx, c, "declaration_edit", func(t *turn) error {
		last, err := t.find(Ref{text.ID, text.Version})
		if err != nil {
			return err
		}
		t.about(last)
		next := withLife(text, last)
		if err := t.mayEdit(last, next, match); err != nil {
			return err
		}
		if err := t.offered(next); err != nil {
			return err
		}
		if err := d.atEntry(ctx, t, last, next); err != nil {
			return err
		}
		if !wrote(next, c.Handle) {
			next.Decisions = append(slices.Clone(next.Decisions), t.decision(roles.Capacity{}, registry.Draft, ""))
		}
		t.put(next)
		made = next
		return nil
	})
	return made, err
}

// mayEdit wants the right to write on the text as it was and as it will be, so that nobody takes it into another sight.
func (t *turn) mayEdit(last, next registry.Declaration, tag string) error {
	for _, text := range []registry.Declaration{last, next} {
		if err := t.mayWrite(text); err != nil {
			return err
		}
	}
	if err := editable("declaration", last.ID, last.ManagedBy); err != nil {
		return err
	}
	if !writable(last) {
		return &Conflict{Code: "state", What: fmt.Sprintf("%s is %s: only a draft or a version to correct is edited", Ref{last.ID, last.Version}, last.State)}
	}
	if next.ServiceID != last.ServiceID {
		return &Invalid{Findings: mistakes{{Where: "service", What: "a declaration stays with its service", Mend: last.ServiceID}}}
	}
	return match(last, tag)
}

// wrote tells whether somebody wrote the version or a part of it.
func wrote(d registry.Declaration, handle string) bool {
	return d.Author == handle || slices.ContainsFunc(d.Decisions, func(by registry.Decision) bool {
		return by.State == registry.Draft && by.By == handle
	})
}

// Submit hands a draft over for review. The form must be without mistakes; findings of conformity do not keep it back.
func (d *Desk) Submit(ctx context.Context, c roles.Caller, m Move) (registry.Declaration, error) {
	return d.step(ctx, c, "declaration_submit", m, func(t *turn, v registry.Declaration) (registry.Declaration, error) {
		if err := t.mayWrite(v); err != nil {
			return v, err
		}
		next, err := move(v, t.decision(roles.Capacity{}, registry.Submitted, m.Reason))
		if err != nil {
			return v, err
		}
		if err := t.offered(v); err != nil {
			return v, err
		}
		return next, mistakes(d.form(t, v)).err()
	})
}
