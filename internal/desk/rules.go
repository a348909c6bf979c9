package desk

import (
	"context"
	"fmt"
	"slices"

	"ecluse/internal/policy/conformity"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// ProposeRules writes a next version of the rules down; the author's signature is the first. The version counts on from
// the newest there is, whatever became of it; from is not past. One proposal waits at a time, because each says the whole
// text.
func (d *Desk) ProposeRules(ctx context.Context, c roles.Caller, r registry.Rules, from registry.Date) (registry.RuleSet, error) {
	var made registry.RuleSet
	err := d.act(ctx, c, "rules_propose", func(t *turn) error {
		in, err := t.may(roles.ProposeRules, roles.Target{})
		if err != nil {
			return err
		}
		next := r
		next.Version = 1
		for _, set := range t.RuleSets() {
			next.Version = max(next.Version, set.Rules.Version+1)
			if set.Rules.Version > 0 && !set.Signed() && !set.Dropped {
				return &Conflict{Code: "state", What: fmt.Sprintf("version %d of the rules waits for a signature: sign it or drop it first", set.Rules.Version)}
			}
		}
		if err := t.rulesForm(d, next, from); err != nil {
			return err
		}
		made = registry.RuleSet{Rules: next, From: from, Author: c.Handle, Proposed: t.now}
		made.Signatures = []registry.Signature{t.signature(d, made, in, r.Note)}
		t.rules(made)
		return nil
	})
	return made, err
}

func (t *turn) rulesForm(d *Desk, r registry.Rules, from registry.Date) error {
	m := mistakes(conformity.CheckRules(r, d.Words))
	m.text("note", r.Note, mostReason)
	m.say(from.IsZero(), "from", "the day from which they hold is missing", "yyyy-mm-dd")
	m.say(!from.IsZero() && before(from, t.today()), "from", "rules do not hold for the past", t.today().String())
	return m.err()
}

// signature is the caller's, with how many services they were shown to be stopped.
func (t *turn) signature(d *Desk, set registry.RuleSet, in roles.Capacity, reason string) registry.Signature {
	stops := t.stopped(d.effect(t.Snapshot, t.now, set))
	return registry.Signature{At: t.now, Role: in.Role, By: t.by.Handle, Stops: stops, Reason: reason}
}

// rules registers a version of the rules, and says in the journal what it does.
func (t *turn) rules(set registry.RuleSet) {
	t.detail("rules", fmt.Sprint(set.Rules.Version))
	t.detail("from", set.From.String())
	if n := len(set.Signatures); n > 0 && !set.Dropped {
		t.detail("stops", fmt.Sprint(set.Signatures[n-1].Stops))
	}
	t.change.RuleSets = []registry.RuleSet{set}
}

// SignRules adds a signature, which records how many services the signatory was shown to be stopped; drop withdraws the
// proposal instead, with a reason. Nobody signs twice, and rules whose day is past are not signed any more: they would
// hold for the past. What two persons signed, one of them the data-protection officer, is changed by a next version only.
func (d *Desk) SignRules(ctx context.Context, c roles.Caller, version int, drop bool, reason string) (registry.RuleSet, error) {
	var made registry.RuleSet
	word := "rules_sign"
	if drop {
		word = "rules_drop"
	}
	err := d.act(ctx, c, word, func(t *turn) error {
		in, err := t.may(roles.SignRules, roles.Target{})
		if err != nil {
			return err
		}
		next, err := t.proposal(version)
		if err != nil {
			return err
		}
		t.bind(Tag(next))
		if drop {
			t.stops()
			next, err = t.drop(next, in, reason)
		} else {
			next, err = t.sign(d, next, in, reason)
		}
		if err != nil {
			return err
		}
		t.rules(next)
		made = next
		return nil
	})
	return made, err
}

// proposal finds rules that wait for a signature.
func (t *turn) proposal(version int) (registry.RuleSet, error) {
	sets := t.RuleSets()
	i := slices.IndexFunc(sets, func(s registry.RuleSet) bool { return s.Rules.Version == version })
	switch {
	case i < 0:
		return registry.RuleSet{}, &NotFound{"rules", fmt.Sprint(version)}
	case version == 0 || sets[i].Signed() || sets[i].Dropped:
		return registry.RuleSet{}, &Conflict{Code: "state", What: fmt.Sprintf("version %d of the rules does not wait for a signature", version)}
	}
	return sets[i], nil
}

func (t *turn) sign(d *Desk, set registry.RuleSet, in roles.Capacity, reason string) (registry.RuleSet, error) {
	if slices.ContainsFunc(set.Signatures, func(s registry.Signature) bool { return s.By == t.by.Handle }) {
		return set, &roles.Denied{Act: roles.SignRules, Why: "own_act"}
	}
	if before(set.From, t.today()) {
		return set, &Conflict{Code: "state", What: fmt.Sprintf("version %d of the rules was to hold from %s, which is past: drop it and propose it again", set.Rules.Version, set.From)}
	}
	set.Signatures = append(slices.Clone(set.Signatures), t.signature(d, set, in, reason))
	return set, nil
}

// drop keeps who withdrew a proposal and why as the last signature; a proposal that was dropped is signed by nobody.
func (t *turn) drop(set registry.RuleSet, in roles.Capacity, reason string) (registry.RuleSet, error) {
	var m mistakes
	m.text("reason", reason, mostReason)
	set.Dropped = true
	set.Signatures = append(slices.Clone(set.Signatures), registry.Signature{At: t.now, Role: in.Role, By: t.by.Handle, Reason: reason})
	return set, m.err()
}
