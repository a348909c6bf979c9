package keys

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Changer is a Store whose rows change.
type Changer interface {
	Store
	// Change puts the rows of now in the place of those that have their ID, and adds those that have none, all or none,
	// and files the act with them. was are the rows that the act was decided on: when one of them is not what stands there
	// any more, nothing is written and the error is ErrRaced.
	Change(ctx context.Context, act Act, was, now []Row) error
}

// Act is one step of a rotation as the journal keeps it. Nothing in it is secret.
type Act struct {
	Step   Step
	Use    Use
	Key    string // whose state or certificate changed
	Former string // the key that was active until an activation
	Early  bool   // done without the wait that keeps peers from failing
	By     string // the function of whoever did it
	Reason string
}

// Step is what an Act did.
type Step string

// The steps.
const (
	Prepared  Step = "key_prepared"
	Activated Step = "key_activated"
	Withdrawn Step = "key_retired"
	Certified Step = "key_certified"
)

// Asked is who wants an act, and why. Early takes a step before its time.
type Asked struct {
	By, Reason string
	Early      bool
}

var (
	// ErrRaced means that somebody else changed the keys at the same moment.
	ErrRaced = errors.New("the keys were changed meanwhile: look again")
	// ErrNoSuchKey means that no key is in the state from which a step begins.
	ErrNoSuchKey = errors.New("there is no such key")
	// ErrNotNow means that a step was asked for that the state of the keys does not allow.
	ErrNotNow = errors.New("not now")
)

// Early says that a step would come before its time: peers may not know yet, or may still need, what it changes.
type Early struct {
	Use  Use
	From time.Time // when it may be done
}

// Error implements error.
func (e *Early) Error() string {
	return fmt.Sprintf("too early for the %s key: from %s on", e.Use, e.From.UTC().Format("2006-01-02 15:04 UTC"))
}

// published is for how long a next key stands in our documents before it is used, and kept is for how long a previous one
// stays. Whoever reads our documents as they ask to be read has the next key within six hours. What was encrypted to a
// previous key comes for as long as metadata that named it is good.
const (
	published     = 24 * time.Hour
	kept          = 24 * time.Hour
	keptEncrypted = 15 * 24 * time.Hour
)

// Rotation changes the key pairs of a store, one step at a time. Rings take a change up with Reload. The secrets behind
// pseudonyms, marks and tickets do not rotate.
type Rotation struct {
	conceal
	open func() (Changer, maker)
}

// Rotate prepares to change the keys of a store. They must be there: Open makes them.
func Rotate(c Config, store Changer) (*Rotation, error) {
	seals, err := c.seals()
	if err != nil {
		return nil, fmt.Errorf("key rotation: %w", err)
	}
	return &Rotation{open: func() (Changer, maker) {
		return store, maker{host: c.Host, now: c.Now(), random: seals.random, rows: seals}
	}}, nil
}

// begin reads the keys as they stand.
func (r *Rotation) begin(ctx context.Context) (Changer, maker, *opened, error) {
	store, m := r.open()
	rows, err := store.Load(ctx)
	if err != nil {
		return nil, m, nil, err
	}
	held, err := openRows(rows, m.rows)
	return store, m, held, err
}

// Prepare makes the next key of a use. From then on it is published, and not used. A use has one next key at most.
func (r *Rotation) Prepare(ctx context.Context, use Use, why Asked) (Key, error) {
	k, ok := kindOf(use)
	if !ok {
		return Key{}, fmt.Errorf("%w: %q has no key pairs", ErrNoSuchKey, use)
	}
	store, m, held, err := r.begin(ctx)
	if err != nil {
		return Key{}, err
	}
	if next, ok := held.in(use, Next); ok {
		return Key{}, fmt.Errorf("%w: the next %s key is there since %s", ErrNotNow, use, next.Changed.Format(time.DateOnly))
	}
	made, err := m.pairs(Next, k)
	if err != nil {
		return Key{}, err
	}
	row := made[0]
	return keyOf(row), store.Change(ctx, why.act(Prepared, use, row.ID), nil, made)
}

// Activate begins to use the next key of a use, and keeps the one that was active as previous. Before the next key was
// published for a day the error is an Early, unless that is asked for.
func (r *Rotation) Activate(ctx context.Context, use Use, why Asked) (Key, error) {
	store, m, held, err := r.begin(ctx)
	if err != nil {
		return Key{}, err
	}
	next, ok := held.in(use, Next)
	if !ok {
		return Key{}, fmt.Errorf("%w: no next %s key was prepared", ErrNoSuchKey, use)
	}
	if err := why.wait(keyOf(next.Row), m.now); err != nil {
		return Key{}, err
	}
	former, _ := held.active(use)
	old, err1 := m.into(former, Previous)
	now, err2 := m.into(next, Active)
	if err := errors.Join(err1, err2); err != nil {
		return Key{}, err
	}
	act := why.act(Activated, use, now.ID)
	act.Former = old.ID
	// The active key leaves its place before another takes it.
	return keyOf(now), store.Change(ctx, act, []Row{former.Row, next.Row}, []Row{old, now})
}

// Retire takes a previous key of a use, the one that is longest so, out of what is published and accepted; or a next one
// that shall never be used. Before its time is over the error is an Early, unless that is asked for.
func (r *Rotation) Retire(ctx context.Context, use Use, state State, why Asked) (Key, error) {
	if state != Previous && state != Next {
		return Key{}, fmt.Errorf("%w: only a previous or a next key retires", ErrNotNow)
	}
	store, m, held, err := r.begin(ctx)
	if err != nil {
		return Key{}, err
	}
	leaving, ok := held.oldest(use, state)
	if !ok {
		return Key{}, fmt.Errorf("%w: no %s key is %s", ErrNoSuchKey, use, state)
	}
	if state == Previous {
		if err := why.wait(keyOf(leaving.Row), m.now); err != nil {
			return Key{}, err
		}
	}
	row, err := m.into(leaving, Retired)
	if err != nil {
		return Key{}, err
	}
	return keyOf(row), store.Change(ctx, why.act(Withdrawn, use, row.ID), []Row{leaving.Row}, []Row{row})
}

// Certify gives the active key of a use another certificate, for peers that go by dates. The key stays.
func (r *Rotation) Certify(ctx context.Context, use Use, why Asked) (Key, error) {
	store, m, held, err := r.begin(ctx)
	if err != nil {
		return Key{}, err
	}
	active, ok := held.active(use)
	if !ok || !active.kind.certificate {
		return Key{}, fmt.Errorf("%w: no %s key has a certificate", ErrNoSuchKey, use)
	}
	row := active.Row
	if row.Certificate, err = m.certificate(active.kind, active.signer); err != nil {
		return Key{}, err
	}
	if row, err = m.again(row, active); err != nil {
		return Key{}, err
	}
	return keyOf(row), store.Change(ctx, why.act(Certified, use, row.ID), []Row{active.Row}, []Row{row})
}

func (a Asked) act(step Step, use Use, key string) Act {
	return Act{Step: step, Use: use, Key: key, Early: a.Early, By: a.By, Reason: a.Reason}
}

// wait refuses what comes too early.
func (a Asked) wait(k Key, now time.Time) error {
	if from := k.Ready(); !a.Early && now.Before(from) {
		return &Early{Use: k.Use, From: from}
	}
	return nil
}
