package keys_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
)

// clock is a clock that a test turns.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time       { return testNow.Add(time.Duration(c.at.Load())) }
func (c *clock) pass(d time.Duration) { c.at.Add(int64(d)) }
func why() keys.Asked                 { return keys.Asked{By: "DSI", Reason: "yearly"} }
func early() keys.Asked               { return keys.Asked{By: "DSI", Reason: "stolen", Early: true} }

func stored(tb testing.TB) *keystest.Store {
	tb.Helper()
	store := new(keystest.Store)
	store.Set(keystest.Rows(tb))
	return store
}

// rotate is a rotation of a store whose clock the test turns.
func rotate(tb testing.TB, store keys.Changer) (*keys.Rotation, *clock) {
	tb.Helper()
	c, turned := config(tb, store), new(clock)
	c.Now = turned.now
	r, err := keys.Rotate(c, store)
	if err != nil {
		tb.Fatal(err)
	}
	return r, turned
}

func states(tb testing.TB, r *keys.Rotation, use keys.Use) (out []keys.State) {
	tb.Helper()
	list, err := r.List(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	for _, k := range list {
		if k.Use == use {
			out = append(out, k.State)
		}
	}
	return out
}

func TestAKeyGoesFromNextToActiveToPreviousToRetired(t *testing.T) {
	t.Parallel()
	for _, use := range keys.Rotating() {
		t.Run(string(use), func(t *testing.T) {
			t.Parallel()
			r, c := rotate(t, stored(t))
			next, err := r.Prepare(t.Context(), use, why())
			if err != nil || next.State != keys.Next {
				t.Fatalf("%+v, %v", next, err)
			}
			wait := next.Ready().Sub(c.now())
			c.pass(wait - time.Millisecond)
			var tooEarly *keys.Early
			if _, err := r.Activate(t.Context(), use, why()); !errors.As(err, &tooEarly) || !tooEarly.From.Equal(next.Ready()) {
				t.Errorf("activated a moment before its time: %v", err)
			}
			c.pass(time.Millisecond)
			active, err := r.Activate(t.Context(), use, why())
			if err != nil || active.ID != next.ID || !slices.Equal(states(t, r, use), []keys.State{keys.Active, keys.Previous}) {
				t.Fatalf("%+v, %v, %v", active, err, states(t, r, use))
			}
			stays := 24 * time.Hour
			if use == keys.UseSAMLEncryption {
				stays = 15 * 24 * time.Hour
			}
			c.pass(stays - time.Millisecond)
			if _, err := r.Retire(t.Context(), use, keys.Previous, why()); !errors.As(err, &tooEarly) {
				t.Errorf("retired a moment before its time: %v", err)
			}
			c.pass(time.Millisecond)
			retired, err := r.Retire(t.Context(), use, keys.Previous, why())
			if err != nil || retired.ID == active.ID || !slices.Equal(states(t, r, use), []keys.State{keys.Active, keys.Retired}) {
				t.Fatalf("%+v, %v, %v", retired, err, states(t, r, use))
			}
			if wait != 24*time.Hour {
				t.Errorf("a next key waits for %s", wait)
			}
		})
	}
}

func TestStepsOutOfTurnAreRefusedAndChangeNothing(t *testing.T) {
	t.Parallel()
	store := stored(t)
	r, _ := rotate(t, store)
	must := func(_ keys.Key, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	refused := func(name string, want error, _ keys.Key, err error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
	ctx, use := t.Context(), keys.UseOIDCEdDSA
	before, _ := store.Load(ctx)
	k, err := r.Activate(ctx, use, early())
	refused("activating what was not prepared", keys.ErrNoSuchKey, k, err)
	k, err = r.Retire(ctx, use, keys.Previous, early())
	refused("retiring where none is previous", keys.ErrNoSuchKey, k, err)
	k, err = r.Retire(ctx, use, keys.Active, early())
	refused("retiring the active key", keys.ErrNotNow, k, err)
	for _, secret := range []keys.Use{keys.UseDerivation, keys.UseTickets, "nothing"} {
		k, err = r.Prepare(ctx, secret, early())
		refused("preparing "+string(secret), keys.ErrNoSuchKey, k, err)
	}
	k, err = r.Certify(ctx, use, why())
	refused("a certificate where there is none", keys.ErrNoSuchKey, k, err)
	if after, _ := store.Load(ctx); len(after) != len(before) {
		t.Error("a refused step left a row")
	}
	must(r.Prepare(ctx, use, why()))
	k, err = r.Prepare(ctx, use, why())
	refused("preparing twice", keys.ErrNotNow, k, err)
	must(r.Retire(ctx, use, keys.Next, why())) // nobody needs it yet
	if got := states(t, r, use); !slices.Equal(got, []keys.State{keys.Active, keys.Retired}) {
		t.Errorf("states %v", got)
	}
}

func TestOfTwoActsAtOnceOneIsDone(t *testing.T) {
	t.Parallel()
	store := stored(t)
	r, _ := rotate(t, store)
	for name, act := range map[string]func() error{
		"prepare": func() error { _, err := r.Prepare(t.Context(), keys.UseOIDCEdDSA, why()); return err },
	} {
		var done atomic.Int32
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				err := act()
				if err == nil {
					done.Add(1)
				} else if !errors.Is(err, keys.ErrRaced) && !errors.Is(err, keys.ErrNotNow) {
					t.Errorf("%s: %v", name, err)
				}
			})
		}
		wg.Wait()
		if done.Load() != 1 {
			t.Errorf("%s was done %d times", name, done.Load())
		}
	}
}

func TestANewCertificateIsOfTheSameKey(t *testing.T) {
	t.Parallel()
	store := stored(t)
	ring := open(t, store)
	r, c := rotate(t, store)
	c.pass(3 * 365 * 24 * time.Hour)
	for _, use := range []keys.Use{keys.UseSAML, keys.UseSAMLECDSA} {
		before := ring.Signer(use)
		k, err := r.Certify(t.Context(), use, why())
		if err != nil {
			t.Fatal(err)
		}
		if changed, err := ring.Reload(t.Context()); !changed || err != nil {
			t.Fatalf("taken up: %v, %v", changed, err)
		}
		after := ring.Signer(use)
		if after.KeyID() != before.KeyID() || bytes.Equal(after.Certificate(), before.Certificate()) || after.Mark() == before.Mark() {
			t.Errorf("%s: another key, or the same certificate", use)
		}
		cert, err := x509.ParseCertificate(after.Certificate())
		if err != nil || !cert.PublicKey.(interface{ Equal(crypto.PublicKey) bool }).Equal(before.Public()) {
			t.Errorf("%s: the certificate is of another key: %v", use, err)
		}
		if want := c.now().AddDate(10, 0, 0); !k.Until.Equal(want) {
			t.Errorf("%s: until %s, want %s", use, k.Until, want)
		}
	}
	was := ring.Decrypters()[0]
	if _, err := r.Certify(t.Context(), keys.UseSAMLEncryption, why()); err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if is := ring.Decrypters()[0]; is.KeyID() != was.KeyID() || is.Mark() == was.Mark() {
		t.Error("encryption: another key, or the same certificate")
	}
}

// replica is a ring that follows the others an hour behind, and what it published when.
type replica struct {
	*keys.Ring
	published []map[string]crypto.PublicKey // hour by hour
}

func (r *replica) publish() {
	now := map[string]crypto.PublicKey{}
	for _, k := range r.All(keys.UseOIDCEdDSA) {
		now[k.KeyID()] = k.Public()
	}
	r.published = append(r.published, now)
}

// Around each step of a rollover 10,000 messages are signed on both replicas, of which one has not taken the step up yet,
// and each is checked with what the other one published an hour before.
func TestWhatIsSignedDuringARolloverVerifiesWithWhatWasPublishedAnHourBefore(t *testing.T) {
	t.Parallel()
	store := stored(t)
	rotation, c := rotate(t, store)
	ahead, behind := &replica{Ring: open(t, store)}, &replica{Ring: open(t, store)}
	both := []*replica{ahead, behind}
	for _, r := range both {
		r.publish()
	}
	hour := func(step func() error) {
		t.Helper()
		c.pass(time.Hour)
		if step != nil {
			if err := step(); err != nil {
				t.Fatal(err)
			}
		}
		signAround(t, ahead, behind)
		for _, r := range both {
			if _, err := r.Reload(t.Context()); err != nil {
				t.Fatal(err)
			}
			r.publish()
		}
	}
	act := func(do func(context.Context, keys.Use, keys.Asked) (keys.Key, error)) func() error {
		return func() error { _, err := do(t.Context(), keys.UseOIDCEdDSA, why()); return err }
	}
	hour(act(rotation.Prepare))
	c.pass(24 * time.Hour)
	hour(act(rotation.Activate))
	c.pass(24 * time.Hour)
	hour(act(func(ctx context.Context, use keys.Use, a keys.Asked) (keys.Key, error) {
		return rotation.Retire(ctx, use, keys.Previous, a)
	}))
	hour(nil)
	if len(ahead.All(keys.UseOIDCEdDSA)) != 1 || len(ahead.published[0]) != 1 || len(behind.published[1]) != 2 {
		t.Errorf("published: %d, %d, %d keys", len(ahead.published[0]), len(behind.published[1]), len(ahead.All(keys.UseOIDCEdDSA)))
	}
}

// signAround signs on both replicas while the first takes the step up.
func signAround(t *testing.T, ahead, behind *replica) {
	t.Helper()
	const each = 5000
	var wg sync.WaitGroup
	sign := func(by, readBy *replica) {
		known := readBy.published[len(readBy.published)-1]
		for i := range each {
			if i == each/10 && by == ahead {
				if _, err := by.Reload(t.Context()); err != nil {
					t.Error(err)
				}
			}
			k := by.Signer(keys.UseOIDCEdDSA)
			signature, err := k.Sign(nil, []byte("a sign-in"), crypto.Hash(0))
			public, ok := known[k.KeyID()].(ed25519.PublicKey)
			if err != nil || !ok || !ed25519.Verify(public, []byte("a sign-in"), signature) {
				t.Errorf("signature %d: %v; its key was published an hour before: %v", i, err, ok)
				return
			}
		}
	}
	wg.Go(func() { sign(ahead, behind) })
	wg.Go(func() { sign(behind, ahead) })
	wg.Wait()
}

func TestWhatWasEncryptedToAKeyOpensBeforeAndAfterItIsTheActiveOne(t *testing.T) {
	t.Parallel()
	store := stored(t)
	r, c := rotate(t, store)
	late, ring := open(t, store), open(t, store)
	seal := func(k keys.DecryptionKey) []byte {
		sealed, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, k.Public().(*rsa.PublicKey), []byte("a content key"), nil)
		if err != nil {
			t.Fatal(err)
		}
		return sealed
	}
	opens := func(r *keys.Ring, sealed []byte) bool {
		return slices.ContainsFunc(r.Decrypters(), func(k keys.DecryptionKey) bool {
			plain, err := k.Decrypt(nil, sealed, &rsa.OAEPOptions{Hash: crypto.SHA256})
			return err == nil && string(plain) == "a content key"
		})
	}
	toFormer := seal(ring.Decrypters()[0])
	if _, err := r.Prepare(t.Context(), keys.UseSAMLEncryption, why()); err != nil {
		t.Fatal(err)
	}
	for _, x := range []*keys.Ring{ring, late} {
		if _, err := x.Reload(t.Context()); err != nil || x.Decrypters()[0].State() != keys.Active || len(x.Decrypters()) != 2 {
			t.Fatalf("%v, %d keys, the first %s", err, len(x.Decrypters()), x.Decrypters()[0].State())
		}
	}
	c.pass(24 * time.Hour)
	if _, err := r.Activate(t.Context(), keys.UseSAMLEncryption, why()); err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Reload(t.Context()); err != nil || ring.Decrypters()[0].State() != keys.Active {
		t.Fatal(err)
	}
	toNew := seal(ring.Decrypters()[0])
	if !opens(ring, toFormer) || !opens(late, toNew) || !opens(ring, toNew) {
		t.Error("something that was encrypted to us does not open")
	}
	c.pass(15 * 24 * time.Hour)
	if _, err := r.Retire(t.Context(), keys.UseSAMLEncryption, keys.Previous, why()); err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Reload(t.Context()); err != nil || opens(ring, toFormer) {
		t.Errorf("a retired key still opens: %v", err)
	}
}

func TestReloadKeepsWhatItHasWhenTheKeysAreDamagedOrAway(t *testing.T) {
	t.Parallel()
	store := stored(t)
	ring := open(t, store)
	was := ring.Signer(keys.UseSAML).KeyID()
	if changed, err := ring.Reload(t.Context()); changed || err != nil {
		t.Errorf("nothing changed, and Reload says %v, %v", changed, err)
	}
	rows, _ := store.Load(t.Context())
	for name, bad := range map[string][]keys.Row{
		"gone":            nil,
		"a use gone":      without(rows, keys.UseOIDCEdDSA),
		"signing gone":    without(rows, keys.UseSAML),
		"somebody else's": {{ID: "x", Use: keys.UseSAML, Sealed: []byte{1}}},
	} {
		store.Set(bad)
		if changed, err := ring.Reload(t.Context()); err == nil || changed || ring.Signer(keys.UseSAML).KeyID() != was {
			t.Errorf("%s: %v, %v", name, changed, err)
		}
	}
}

func TestAUseThatHasKeysAndNoActiveOneIsDamaged(t *testing.T) {
	t.Parallel()
	store := stored(t)
	r, _ := rotate(t, store)
	if _, err := r.Prepare(t.Context(), keys.UseOIDCEdDSA, why()); err != nil {
		t.Fatal(err)
	}
	rows, _ := store.Load(t.Context())
	store.Set(slices.DeleteFunc(rows, func(r keys.Row) bool { return r.Use == keys.UseOIDCEdDSA && r.State == keys.Active }))
	if _, err := keys.Open(t.Context(), config(t, store)); !errors.Is(err, keys.ErrDamaged) {
		t.Errorf("err = %v, want ErrDamaged", err)
	}
}
