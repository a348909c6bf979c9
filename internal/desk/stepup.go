package desk

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// detailStepUp is the journal's word for the means with which an act was confirmed.
const detailStepUp = "step_up"

// StepUps keeps who stepped up for which act. Package stepup does.
type StepUps interface {
	// Spend uses up what the caller showed for one act, which key names, and gives by which means. ok is false when the
	// caller showed nothing for it in this session, or too long ago, or used it already: of several that spend at once,
	// also on several replicas, exactly one has it.
	Spend(ctx context.Context, c roles.Caller, key string) (means string, ok bool, err error)
}

// StepUp says that an act is in order, and that whoever does it has to show once more that it is them, for this act alone.
// Nothing was written.
//
// A page returns the error like any other of this package: package frame keeps what was posted, leads to /bureau/confirmer
// and, once the means was shown, posts it again; the second time the act goes through. The JSON interface answers 403 with
// the code step_up; its caller shows the means at /step-ups and asks the same again. A bulk act is one act with one key,
// whatever the number of its schools.
type StepUp struct {
	Act  roles.Act
	Word string // what is done, as the journal says it: declaration_approve
	On   string // what it is about, for whoever acts to recognise: a declaration's id and version, a service, a role
	Key  string // names the act, all it is about and the state of that; another text has another key
}

// Error names the act.
func (e *StepUp) Error() string { return fmt.Sprintf("%s: wants a step-up", e.Word) }

// step is what an act under way wants before it is written.
type step struct {
	wants []wanted
	bound []string
	never bool // it stops or refuses something
}

// wanted is one thing that the caller may do, and does only after a step-up.
type wanted struct {
	Act roles.Act
	On  roles.Target
}

// confirmation is a step-up that was spent for an act under way.
type confirmation struct{ key, means string }

// wants has the caller step up before the act is written.
func (t *turn) wants(act roles.Act, on roles.Target) {
	t.step.wants = append(t.step.wants, wanted{act, on})
}

// bind adds to what a step-up for this act is about, where the targets that roles was asked about do not say it all.
func (t *turn) bind(words ...string) { t.step.bound = append(t.step.bound, words...) }

// stops says that the act stops or refuses something, whatever roles was asked: it wants no step-up.
func (t *turn) stops() { t.step.never = true }

// confirmed lets an act pass that wants no step-up, or for which the caller stepped up. A confirmation that was spent
// for the same act, before another replica wrote something, still counts.
func (d *Desk) confirmed(ctx context.Context, t *turn, spent confirmation) (confirmation, error) {
	if len(t.step.wants) == 0 || t.step.never || t.by.Demo {
		return spent, nil
	}
	act := t.step.wants[0].Act
	if t.by.Scopes != nil {
		for _, w := range t.step.wants {
			if !t.by.Vouched(w.Act) {
				return spent, &roles.Denied{Act: w.Act, Why: "step_up"}
			}
		}
		t.detail(detailStepUp, "token")
		return spent, nil
	}
	if d.StepUps == nil {
		return spent, &roles.Denied{Act: act, Why: "step_up"}
	}
	key := t.stepKey()
	if spent.key != key {
		means, ok, err := d.StepUps.Spend(ctx, t.by, key)
		if err != nil {
			return spent, fmt.Errorf("desk: step-up: %w", err)
		}
		if !ok {
			return spent, &StepUp{Act: act, Word: t.entry.Action, On: t.on(), Key: key}
		}
		spent = confirmation{key, means}
	}
	t.detail(detailStepUp, spent.means)
	return spent, nil
}

// stepKey names the act under way: the word, everything that roles was asked about it, and what was bound besides.
func (t *turn) stepKey() string {
	asked := make([]string, 0, len(t.step.wants))
	for _, w := range t.step.wants {
		asked = append(asked, Tag(w))
	}
	slices.Sort(asked)
	text, err := json.Marshal([][]string{{t.entry.Action}, asked, t.step.bound})
	if err != nil {
		panic(err) // words always encode
	}
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// on says in a word or two what the act is about.
func (t *turn) on() string {
	if t.entry.Declaration != "" {
		return Ref{t.entry.Declaration, t.entry.Version}.String()
	}
	return cmp.Or(t.entry.Service, t.entry.Source, t.entry.Detail["family"], t.entry.Detail["rules"], t.entry.Detail["role"], t.entry.UAI)
}

// lifts tells whether a stance starts again what somebody stopped in an establishment.
func (s Stance) lifts(old registry.Enabling) bool {
	return s.State == registry.Enabled && old.State == registry.SuspendedHere
}
