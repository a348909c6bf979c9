package desk

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/person"
	"ecluse/internal/policy/conformity"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// tries is how often an act is begun again on what another replica wrote meanwhile, before whoever acts is told. Between two
// it waits for some time by chance, up to twice as long each time: a replica whose disk is nearer would win every race of a
// burst otherwise.
const (
	tries     = 10
	firstWait = time.Millisecond
)

// turn is one act under way: what the registry said when it began, who acts, and what will be written.
type turn struct {
	*registry.Snapshot
	now    time.Time
	by     roles.Caller
	in     roles.Capacity // of an act on a request of a person
	demo   bool
	step   step
	change registry.Change
	entry  audit.Entry
	bearer *roles.Bearer     // the caller, now
	shared conformity.Shared // what examinations in this state look up once
}

// Tag is the tag of an object's present state, for If-Match. Two states with the same tag are the same.
func Tag(object any) string {
	text, err := json.Marshal(object)
	if err != nil {
		return "" // registered objects always encode; an empty tag is none
	}
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:18])
}

// view is the newest state of the registry.
func (d *Desk) view(ctx context.Context) (*registry.Snapshot, error) {
	if err := d.Live.Refresh(ctx); err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	return d.Live.Current()
}

// act is the one way in which anything is written: word says what is done, as the journal keeps it. f looks at its turn,
// asks whether the caller may, and puts what is to be written into it; it may run again on a newer state, so it does
// nothing else. Nothing is written when it gives an error; being denied is journaled. An act that wants a step-up and is
// otherwise in order gives *StepUp until the caller has stepped up for it.
func (d *Desk) act(ctx context.Context, c roles.Caller, word string, f func(*turn) error) error {
	if c.Handle == "" && !c.Demo {
		return &roles.Denied{Act: roles.Act(word), Why: "role"} // an act that nobody answers for is none
	}
	d.turns.Lock()
	defer d.turns.Unlock()
	var spent confirmation
	for n := range tries {
		if err := after(ctx, n); err != nil {
			return err
		}
		t, err := d.begin(ctx, c, word)
		if err != nil {
			return err
		}
		if err := f(t); err != nil {
			return d.keepDenial(ctx, t, err)
		}
		if spent, err = d.confirmed(ctx, t, spent); err != nil {
			return d.keepDenial(ctx, t, err)
		}
		t.change.Base = t.Revision()
		revision, err := d.Store.Apply(ctx, t.change, t.entry)
		if errors.Is(err, registry.ErrConflict) {
			continue
		}
		if err != nil {
			return fmt.Errorf("desk: %s: %w", word, err)
		}
		_, _ = d.Live.After(ctx, revision) // it is written: a look that fails now is made again by whoever reads next
		return nil
	}
	return &Conflict{Code: "changed", What: "others write too often: nothing was written"}
}

// after waits before the n-th time that an act is begun; the first, 0, begins at once.
func after(ctx context.Context, n int) error {
	if n == 0 {
		return nil
	}
	wait := time.NewTimer(rand.N(firstWait << n))
	defer wait.Stop()
	select {
	case <-wait.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("desk: %w", ctx.Err())
	}
}

// begin is a turn on the newest state. One that only reads is never applied.
func (d *Desk) begin(ctx context.Context, c roles.Caller, word string) (*turn, error) {
	s, err := d.view(ctx)
	if err != nil {
		return nil, err
	}
	return &turn{
		Snapshot: s, now: d.Now().UTC(), by: c, demo: d.Demo || c.Demo,
		entry: audit.Entry{Class: audit.ClassAdmin, Action: word, Outcome: audit.Done, Actor: c.Handle},
	}, nil
}

// may says in which capacity the caller may, or *roles.Denied. An act of the column step_up in the table of roles is
// remembered: before anything is written the caller has to have stepped up for it.
func (t *turn) may(act roles.Act, on roles.Target) (roles.Capacity, error) {
	in, err := t.asks().May(act, on)
	if err == nil && roles.StepUp(act) {
		t.wants(act, on)
	}
	return in, err
}

// asks is the caller, whose roles are looked up once in a turn.
func (t *turn) asks() *roles.Bearer {
	if t.bearer == nil {
		t.bearer = roles.NewBearer(t.Snapshot, t.now, t.by)
	}
	return t.bearer
}

// decision is the caller's, in a capacity, now.
func (t *turn) decision(in roles.Capacity, state registry.State, reason string) registry.Decision {
	if in.Role != "" {
		t.detail(audit.As, string(in.Role))
	}
	return registry.Decision{
		At: t.now, State: state, Office: in.Office, By: t.by.Handle, Under: in.Under, Reason: reason, Demo: t.demo,
	}
}

// match refuses a writer who saw another state of the object than the present one. An empty tag does not care.
func match(object any, tag string) error {
	if tag != "" && tag != Tag(object) {
		return &Conflict{Code: "changed", What: "somebody else has changed it since you looked"}
	}
	return nil
}

// editable refuses to change an object that a file manages: the file would put it back.
func editable(kind, id, managedBy string) error {
	if managedBy == "" {
		return nil
	}
	return &Conflict{Code: "managed", What: fmt.Sprintf("%s %s is managed by the file %s: change it there", kind, id, managedBy)}
}

// about fills the journal entry's references.
func (t *turn) about(d registry.Declaration) {
	t.entry.Service, t.entry.Declaration, t.entry.Version = d.ServiceID, d.ID, d.Version
}

// at fills the journal entry's establishment; several are only counted.
func (t *turn) at(uais ...person.UAI) {
	if len(uais) == 1 {
		t.entry.UAI = string(uais[0])
	} else {
		t.detail("establishments", fmt.Sprint(len(uais)))
	}
}

// detail adds a harmless word to the journal entry.
func (t *turn) detail(key, value string) {
	if t.entry.Detail == nil {
		t.entry.Detail = map[string]string{}
	}
	t.entry.Detail[key] = value
}
