package keys

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"
)

// Config is what Open needs.
type Config struct {
	Store  Store
	Master Master
	Host   string           // the public host name, the subject of the SAML certificate
	Now    func() time.Time // the clock
	Rand   io.Reader        // secrets and nonces; crypto/rand when nil
}

// Ring holds the gateway's keys, opened. It is safe for concurrent use and
// prints nothing.
type Ring struct {
	conceal
	pairs   *atomic.Pointer[pairs]
	read    func(context.Context) (*opened, error)
	derive  *keyed
	mac     *keyed
	names   *keyed
	tickets *sealer
}

// pairs are the key pairs of a ring. They never change: a ring takes others.
type pairs struct {
	signing    []SigningKey
	decrypting []DecryptionKey // the active one first
	told       []Key
}

// Open reads the keys, making them first when the store holds none, and those of
// a use that came later when it lacks one. It fails with ErrMaster when the
// master secret is another one, and with ErrDamaged when a row was altered or is
// missing. A Ring that was opened has an active key for every use.
func Open(ctx context.Context, c Config) (*Ring, error) {
	ring, err := open(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("opening the key ring: %w", err)
	}
	return ring, nil
}

func open(ctx context.Context, c Config) (*Ring, error) {
	seals, err := c.seals()
	if err != nil {
		return nil, err
	}
	held, err := complete(ctx, c, seals)
	if err != nil {
		return nil, err
	}
	ring := &Ring{pairs: new(atomic.Pointer[pairs]), read: func(ctx context.Context) (*opened, error) {
		rows, err := c.Store.Load(ctx)
		if err != nil {
			return nil, err
		}
		return openRows(rows, seals)
	}}
	ring.pairs.Store(held.pairs())
	return ring, ring.expand(held.secrets, seals.random)
}

// seals checks a configuration and gives what opens its rows.
func (c Config) seals() (*sealer, error) {
	if c.Store == nil || c.Now == nil || c.Host == "" {
		return nil, errors.New("store, clock and host are required")
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	key, err := c.Master.key("rows")
	if err != nil {
		return nil, err
	}
	return newSealer(key, c.Rand)
}

// Reload takes up what a rotation changed, in this process or another, and tells
// whether there was anything. What is being signed meanwhile is signed with the
// keys from before, which stay published. On an error the ring goes on with what
// it has.
func (r *Ring) Reload(ctx context.Context) (bool, error) {
	held, err := r.read(ctx)
	if err != nil {
		return false, fmt.Errorf("reading the keys again: %w", err)
	}
	if len(held.lacking()) > 0 {
		return false, fmt.Errorf("reading the keys again: %w: a use has no keys any more", ErrDamaged)
	}
	taken := held.pairs()
	changed := !slices.Equal(taken.marks(), r.held().marks())
	if changed {
		r.pairs.Store(taken)
	}
	return changed, nil
}

// marks tell one set of pairs from another.
func (p *pairs) marks() (all []string) {
	for _, k := range p.signing {
		all = append(all, k.mark)
	}
	for _, k := range p.decrypting {
		all = append(all, k.mark)
	}
	return all
}

// complete reads the rows and makes those that are not there yet.
func complete(ctx context.Context, c Config, seals *sealer) (*opened, error) {
	rows, err := c.Store.Load(ctx)
	if err != nil {
		return nil, err
	}
	m := maker{host: c.Host, now: c.Now(), random: seals.random, rows: seals}
	var made []Row
	if len(rows) == 0 {
		made, err = m.firstSet()
	} else {
		var held *opened
		if held, err = openRows(rows, seals); err == nil {
			made, err = m.pairs(Active, held.lacking()...)
		}
		if err == nil && len(made) == 0 {
			return held, nil
		}
	}
	if err != nil {
		return nil, err
	}
	if err := c.Store.Create(ctx, made); err != nil {
		return nil, err
	}
	if rows, err = c.Store.Load(ctx); err != nil { // another replica's, if it was first
		return nil, err
	}
	return openRows(rows, seals)
}

// Signer returns the active key of a use. For a use that does not sign it is the
// zero value, which signs nothing.
func (r *Ring) Signer(use Use) SigningKey {
	for _, k := range r.held().signing {
		if k.use == use && k.state == Active {
			return k
		}
	}
	return SigningKey{}
}

// All returns the keys to publish for the given uses, in the order of the uses:
// next, active and previous ones. Keys that others encrypt to are not among them.
func (r *Ring) All(uses ...Use) []SigningKey {
	var all []SigningKey
	for _, use := range uses {
		for _, k := range r.held().signing {
			if k.use == use && k.state != Retired {
				all = append(all, k)
			}
		}
	}
	return all
}

// Decrypters returns the keys for what was encrypted to us: the active one, which
// is the one to publish, then previous and next ones. The slice is the caller's.
func (r *Ring) Decrypters() []DecryptionKey {
	return slices.Clone(r.held().decrypting)
}

func (r *Ring) held() *pairs {
	if r.pairs == nil {
		return new(pairs)
	}
	return r.pairs.Load()
}

// Derive returns 64 bytes that depend on the purpose and on each part, always
// the same for the same ones, unguessable and unlinkable without the ring. The
// parts' borders count: ("ab", "c") and ("a", "bc") are unrelated.
func (r *Ring) Derive(purpose string, parts ...string) []byte {
	return r.derive.sum(purpose, parts)
}

// MAC returns a text of 43 URL-safe characters that only this ring can make for
// this purpose and these parts. It never changes while the derivation secret
// lives.
func (r *Ring) MAC(purpose string, parts ...string) string {
	return base64.RawURLEncoding.EncodeToString(r.mac.sum(purpose, parts))
}

// CheckMAC reports, in constant time, whether mac is what MAC returns.
func (r *Ring) CheckMAC(mac, purpose string, parts ...string) bool {
	return hmac.Equal([]byte(mac), []byte(r.MAC(purpose, parts...)))
}

// Name hides a ticket's name: 43 URL-safe characters, always the same for the
// same kind and name.
func (r *Ring) Name(kind, name string) string {
	return base64.RawURLEncoding.EncodeToString(r.names.sum(kind, []string{name}))
}

// Seal encrypts a ticket and binds it to ad.
func (r *Ring) Seal(ad, plain []byte) ([]byte, error) {
	return r.tickets.seal(ad, plain)
}

// Open returns what Seal was given, or ErrOpen when sealed was not made by Seal
// with the same ad.
func (r *Ring) Open(ad, sealed []byte) ([]byte, error) {
	return r.tickets.open(ad, sealed)
}

func (r *Ring) expand(secrets map[Use][]byte, random io.Reader) error {
	part := func(use Use, label string, size int) ([]byte, error) {
		return hkdf.Key(sha512.New, secrets[use], nil, "ecluse/"+string(use)+"/1/"+label, size)
	}
	derive, err1 := part(UseDerivation, "derive", 64)
	mac, err2 := part(UseDerivation, "mac", 32)
	name, err3 := part(UseTickets, "name", 32)
	seal, err4 := part(UseTickets, "seal", 32)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return err
	}
	r.derive = newKeyed(sha512.New, derive)
	r.mac = newKeyed(sha256.New, mac)
	r.names = newKeyed(sha256.New, name)
	var err error
	r.tickets, err = newSealer(seal, random)
	return err
}
