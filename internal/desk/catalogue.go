package desk

import (
	"context"
	"fmt"
	"slices"

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
		m.Draft = withLife(m.Draft, registry.Declaration{})
		if err := mistakes(m.Check()).err(); err != nil {
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
// its present version. It wants a reason unless it is favourable. A later opinion stands beside the earlier ones.
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
