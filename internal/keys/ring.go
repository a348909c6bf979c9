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
	signing []SigningKey
	derive  *keyed
	mac     *keyed
	names   *keyed
	tickets *sealer
}

// Open reads the keys, making them first when the store holds none. It fails
// with ErrMaster when the master secret is another one, and with ErrDamaged when
// a row was altered or is missing. A Ring that was opened has an active key for
// every use.
func Open(ctx context.Context, c Config) (*Ring, error) {
	if c.Store == nil || c.Now == nil || c.Host == "" {
		return nil, errors.New("opening the key ring: store, clock and host are required")
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	key, err := c.Master.key("rows")
	if err != nil {
		return nil, fmt.Errorf("opening the key ring: %w", err)
	}
	seals, err := newSealer(key, c.Rand)
	if err != nil {
		return nil, fmt.Errorf("opening the key ring: %w", err)
	}
	rows, err := loadOrCreate(ctx, c, seals)
	if err != nil {
		return nil, fmt.Errorf("opening the key ring: %w", err)
	}
	ring, err := build(rows, seals, c.Rand)
	if err != nil {
		return nil, fmt.Errorf("opening the key ring: %w", err)
	}
	return ring, nil
}

func loadOrCreate(ctx context.Context, c Config, seals *sealer) ([]Row, error) {
	rows, err := c.Store.Load(ctx)
	if err != nil || len(rows) > 0 {
		return rows, err
	}
	made, err := maker{host: c.Host, now: c.Now(), random: c.Rand, rows: seals}.firstSet()
	if err != nil {
		return nil, err
	}
	if err := c.Store.Create(ctx, made); err != nil {
		return nil, err
	}
	return c.Store.Load(ctx) // another replica's, if it was first
}

// Signer returns the active key of a use. For a use that does not sign it is the
// zero value, which signs nothing.
func (r *Ring) Signer(use Use) SigningKey {
	for _, k := range r.signing {
		if k.use == use && k.state == Active {
			return k
		}
	}
	return SigningKey{}
}

// All returns the keys to publish for the given uses, in the order of the uses:
// next, active and previous ones.
func (r *Ring) All(uses ...Use) []SigningKey {
	var all []SigningKey
	for _, use := range uses {
		for _, k := range r.signing {
			if k.use == use && k.state != Retired {
				all = append(all, k)
			}
		}
	}
	return all
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

// build opens every row and makes the ring of them.
func build(rows []Row, seals *sealer, random io.Reader) (*Ring, error) {
	private := make([][]byte, len(rows))
	opened := 0
	for i, row := range rows {
		var err error
		if private[i], err = seals.open(row.name(), row.Sealed); err == nil {
			opened++
		}
	}
	if len(rows) > 0 && opened == 0 {
		return nil, ErrMaster
	}
	ring := new(Ring)
	secrets := make(map[Use][]byte)
	for i, row := range rows {
		if private[i] == nil {
			return nil, fmt.Errorf("%w: %s key %s was altered", ErrDamaged, row.Use, row.ID)
		}
		if err := ring.take(row, private[i], secrets); err != nil {
			return nil, err
		}
	}
	if err := ring.complete(secrets); err != nil {
		return nil, err
	}
	return ring, ring.expand(secrets, random)
}

func (r *Ring) take(row Row, private []byte, secrets map[Use][]byte) error {
	if row.Algorithm == Secret {
		if row.State == Active {
			secrets[row.Use] = private
		}
		return nil
	}
	key, err := signingKey(row, private)
	if err != nil {
		return err
	}
	r.signing = append(r.signing, key)
	return nil
}

// complete refuses a ring that lacks a use of the first set.
func (r *Ring) complete(secrets map[Use][]byte) error {
	for _, use := range []Use{UseSAML, UseOIDCES256, UseOIDCRS256} {
		if r.Signer(use).signer == nil {
			return fmt.Errorf("%w: there is no active %s key", ErrDamaged, use)
		}
	}
	for _, use := range []Use{UseDerivation, UseTickets} {
		if len(secrets[use]) != secretSize {
			return fmt.Errorf("%w: there is no active %s secret", ErrDamaged, use)
		}
	}
	return nil
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
