package desk

import (
	"context"
	"fmt"
	"slices"

	"ecluse/internal/attrs"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// PutModel changes a model of the catalogue for this academy. A change of its text makes its next version, which nobody has
// given an opinion on yet.
func (d *Desk) PutModel(ctx context.Context, c roles.Caller, m registry.Model, tag string) (registry.Model, error) {
	err := d.settle(ctx, c, "model_put", func(t *turn) error {
		t.detail("model", m.ID)
		old, known := t.Model(m.ID)
		if _, err := t.may(roles.EditCatalogue, roles.Target{}); err != nil {
			return err
		}
		if err := t.replaces("model", m.ID, known, old, tag, old.ManagedBy); err != nil {
			return err
		}
		m.Version, m.Opinions, m.ManagedBy = max(1, old.Version), old.Opinions, ""
		m.Retired, m.Decisions = old.Retired, old.Decisions
		m.Draft = withLife(m.Draft, registry.Declaration{})
		borrowed, err := d.borrowed(ctx, t, old.Draft, m.Draft)
		if err != nil {
			return err
		}
		if err := slices.Concat(mistakes(m.Check()), d.recipes(m), within("declaration", borrowed)).err(); err != nil {
			return err
		}
		if known && Tag(old) == Tag(m) {
			return errIdle
		}
		m.Version, m.Opinions = old.Version+1, nil
		t.detail("version", fmt.Sprint(m.Version))
		t.change.Models = []registry.Model{m}
		return nil
	})
	if err != nil {
		return registry.Model{}, err
	}
	return m, nil
}

// recipes says what the dictionary knows against a model's recipes: a binding made from one begins with it.
func (d *Desk) recipes(m registry.Model) mistakes {
	var out mistakes
	if d.Words == nil {
		return nil
	}
	for i, r := range m.Recipes {
		for _, f := range within(fmt.Sprintf("recipes[%d]", i), attrs.CheckOutputs(d.Words, r.Binding())) {
			if f.Severity != registry.Note {
				out = append(out, f)
			}
		}
	}
	return out
}

// within puts findings about a text at their place in the object that holds it.
func within(where string, found []registry.Finding) []registry.Finding {
	for i := range found {
		found[i].Where = where + "." + found[i].Where
	}
	return found
}

// RetireModel puts a model out of use, or back into it, with a reason. Declarations that were made from it stay as they
// are; nothing new begins with it, and what adopts it is examined by itself.
func (d *Desk) RetireModel(ctx context.Context, c roles.Caller, id string, retire bool, reason string) (registry.Model, error) {
	var made registry.Model
	word, state := "model_restore", registry.Approved
	if retire {
		word, state = "model_retire", registry.Archived
	}
	err := d.act(ctx, c, word, func(t *turn) error {
		t.detail("model", id)
		next, known := t.Model(id)
		in, err := t.may(roles.EditCatalogue, roles.Target{})
		asked := stopping{kind: "model", id: id, reason: reason, known: known, is: next.Retired, wanted: retire}
		if err := asked.check(err); err != nil {
			return err
		}
		if err := editable("model", id, next.ManagedBy); err != nil {
			return err
		}
		next.Retired = retire
		next.Decisions = append(slices.Clone(next.Decisions), t.decision(in, state, reason))
		t.change.Models = []registry.Model{next}
		made = next
		return nil
	})
	return made, err
}

// PutAssessed changes an assessed tool for this academy: with a reason and an alternative at least, so that nobody who asks
// for it is sent away with nothing.
func (d *Desk) PutAssessed(ctx context.Context, c roles.Caller, a registry.Assessed, tag string) (registry.Assessed, error) {
	err := d.settle(ctx, c, "assessed_put", func(t *turn) error {
		t.detail("tool", a.ID)
		var old registry.Assessed
		all := t.Assessments()
		i := slices.IndexFunc(all, func(o registry.Assessed) bool { return o.ID == a.ID })
		if i >= 0 {
			old = all[i]
		}
		if _, err := t.may(roles.EditCatalogue, roles.Target{}); err != nil {
			return err
		}
		if err := t.replaces("assessed tool", a.ID, i >= 0, old, tag, old.ManagedBy); err != nil {
			return err
		}
		if err := mistakes(append(a.Check(), t.alternatives(a)...)).err(); err != nil {
			return err
		}
		a.ManagedBy = ""
		if i >= 0 && Tag(old) == Tag(a) {
			return errIdle
		}
		t.change.Assessments = []registry.Assessed{a}
		return nil
	})
	if err != nil {
		return registry.Assessed{}, err
	}
	return a, nil
}

// alternatives wants alternatives that the catalogue has, where they name one of its models.
func (t *turn) alternatives(a registry.Assessed) []registry.Finding {
	var m mistakes
	for i, other := range a.Alternatives {
		_, known := t.Model(other.Model)
		m.say(other.Model != "" && !known, fmt.Sprintf("alternatives[%d].model", i), fmt.Sprintf("the catalogue has no model %q", other.Model), "")
	}
	return m
}

// OpineModel records the one examination that adopting the model unchanged needs: a data-protection officer's opinion on
// its present version, as long as that is in use. It wants a reason unless it is favourable. A later opinion stands beside the earlier ones.
func (d *Desk) OpineModel(ctx context.Context, c roles.Caller, id string, value registry.Verdict, reason string) (registry.Model, error) {
	var made registry.Model
	err := d.act(ctx, c, "model_opine", func(t *turn) error {
		t.detail("model", id)
		in, err := t.may(roles.Opine, roles.Target{})
		if err != nil {
			return err
		}
		next, ok := t.Model(id)
		if !ok {
			return &NotFound{"model", id}
		}
		if next.Retired {
			return &Conflict{Code: "retired", What: fmt.Sprintf("the model %s is out of use", id)}
		}
		opinion, err := t.opinion(in, value, reason)
		if err != nil {
			return err
		}
		opinion.Text = next.Draft.Fingerprint()
		next.Opinions = append(slices.Clone(next.Opinions), opinion)
		t.detail("version", fmt.Sprint(next.Version))
		t.detail("opinion", string(value))
		t.change.Models = []registry.Model{next}
		made = next
		return nil
	})
	return made, err
}
