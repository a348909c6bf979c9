package keys

import (
	"context"
	"crypto/x509"
	"slices"
	"time"
)

// Key is what may be told of a key pair.
type Key struct {
	ID        string
	Use       Use
	Algorithm Algorithm
	State     State
	Since     time.Time // when State was entered
	Until     time.Time // when its certificate ends; zero where there is none
}

// Ready is when the next step of a key may be taken: a next one used, a previous one retired.
func (k Key) Ready() time.Time {
	switch {
	case k.State == Next:
		return k.Since.Add(published)
	case k.State == Previous && k.Use == UseSAMLEncryption:
		return k.Since.Add(keptEncrypted)
	case k.State == Previous:
		return k.Since.Add(kept)
	}
	return k.Since
}

func keyOf(r Row) Key {
	k := Key{ID: r.ID, Use: r.Use, Algorithm: r.Algorithm, State: r.State, Since: r.Changed}
	if cert, err := x509.ParseCertificate(r.Certificate); err == nil {
		k.Until = cert.NotAfter
	}
	return k
}

// List tells of every key pair, in the order of the uses and, within one, of next, active, previous and retired.
func (r *Rotation) List(ctx context.Context) ([]Key, error) {
	_, _, held, err := r.begin(ctx)
	if err != nil {
		return nil, err
	}
	return held.list(func(State) bool { return true }), nil
}

// Keys tells of every key pair of the ring: next, active and previous ones.
func (r *Ring) Keys() []Key { return slices.Clone(r.held().told) }

// Rotating lists the uses whose keys rotate.
func Rotating() []Use {
	var uses []Use
	for _, k := range kinds() {
		uses = append(uses, k.use)
	}
	return uses
}

func (o *opened) list(wanted func(State) bool) (all []Key) {
	for _, use := range Rotating() {
		for _, state := range []State{Next, Active, Previous, Retired} {
			for _, row := range o.rows {
				if row.Use == use && row.State == state && wanted(state) {
					all = append(all, keyOf(row.Row))
				}
			}
		}
	}
	return all
}
