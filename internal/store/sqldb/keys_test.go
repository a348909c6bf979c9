package sqldb

import (
	"bytes"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/store"
)

func ringConfig(t testing.TB, s keys.Store) keys.Config {
	return keys.Config{Store: s, Master: keystest.Master(t), Host: "gateway.example.org", Now: time.Now}
}

func TestKeysComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		first, err := keys.Open(t.Context(), ringConfig(t, d.Keys()))
		if err != nil {
			t.Fatal(err)
		}
		second, err := keys.Open(t.Context(), ringConfig(t, d.Keys()))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Derive("p", "x"), second.Derive("p", "x")) ||
			first.Signer(keys.UseSAML).KeyID() != second.Signer(keys.UseSAML).KeyID() ||
			!bytes.Equal(first.Signer(keys.UseSAML).Certificate(), second.Signer(keys.UseSAML).Certificate()) {
			t.Error("the second ring is another one")
		}
		other := ringConfig(t, d.Keys())
		if other.Master, err = keys.NewMaster([]byte("quite another secret, of enough bytes")); err != nil {
			t.Fatal(err)
		}
		if _, err := keys.Open(t.Context(), other); !errors.Is(err, keys.ErrMaster) {
			t.Errorf("with another master secret: %v, want ErrMaster", err)
		}
	})
}

func TestReplicasStartingAtOnceMakeOneSetOfKeys(t *testing.T) {
	t.Parallel()
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ids := make([]string, 4)
			var wg sync.WaitGroup
			for i := range ids {
				d := openAt(t, location, Options{})
				wg.Go(func() {
					ring, err := keys.Open(t.Context(), ringConfig(t, d.Keys()))
					if err != nil {
						t.Error(err)
						return
					}
					ids[i] = ring.Signer(keys.UseSAML).KeyID() + ring.Signer(keys.UseOIDCES256).KeyID() + ring.MAC("p")
				})
			}
			wg.Wait()
			if ids[0] == "" || slices.ContainsFunc(ids, func(id string) bool { return id != ids[0] }) {
				t.Errorf("replicas hold different keys: %q", ids)
			}
			rows, err := openAt(t, location, Options{}).Keys().Load(t.Context())
			if err != nil || len(rows) != 9 {
				t.Errorf("%d rows, %v, want 9", len(rows), err)
			}
		})
	}
}

// A database of the version before knows five uses. Replicas of the next version that start on it at once add the others,
// each once, and leave what was there.
func TestReplicasStartingAtOnceOnOlderKeysMakeWhatIsLacking(t *testing.T) {
	t.Parallel()
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first := openAt(t, location, Options{})
			before := firstFive(t)
			if err := first.Keys().Create(t.Context(), before); err != nil {
				t.Fatal(err)
			}
			ids := make([]string, 3)
			var wg sync.WaitGroup
			for i := range ids {
				d := openAt(t, location, Options{})
				wg.Go(func() {
					ring, err := keys.Open(t.Context(), ringConfig(t, d.Keys()))
					if err != nil {
						t.Error(err)
						return
					}
					for _, k := range ring.All(keys.UseSAML, keys.UseSAMLECDSA, keys.UseOIDCPS256, keys.UseOIDCEdDSA) {
						ids[i] += k.KeyID() + " "
					}
					ids[i] += ring.Decrypters()[0].KeyID() + ring.MAC("p")
				})
			}
			wg.Wait()
			if ids[0] == "" || slices.ContainsFunc(ids, func(id string) bool { return id != ids[0] }) {
				t.Errorf("replicas hold different keys: %q", ids)
			}
			after, err := first.Keys().Load(t.Context())
			if err != nil || len(after) != 9 {
				t.Fatalf("%d rows, %v, want 9", len(after), err)
			}
			for _, row := range before {
				if !slices.ContainsFunc(after, func(r keys.Row) bool { return r.ID == row.ID && bytes.Equal(r.Sealed, row.Sealed) }) {
					t.Errorf("the %s key was changed", row.Use)
				}
			}
		})
	}
}

// firstFive is what the first version made.
func firstFive(t *testing.T) []keys.Row {
	t.Helper()
	store := new(keystest.Store)
	if _, err := keys.Open(t.Context(), ringConfig(t, store)); err != nil {
		t.Fatal(err)
	}
	rows, err := store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first := []keys.Use{keys.UseSAML, keys.UseOIDCES256, keys.UseOIDCRS256, keys.UseDerivation, keys.UseTickets}
	return slices.DeleteFunc(rows, func(r keys.Row) bool { return !slices.Contains(first, r.Use) })
}

func TestCreateKeysLeavesActiveOnes(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		at := time.UnixMilli(1_700_000_000_123).UTC()
		row := func(id string, use keys.Use, state keys.State) keys.Row {
			return keys.Row{ID: id, Use: use, Algorithm: keys.Secret, State: state, Sealed: []byte{0, 255}, Created: at, Changed: at}
		}
		for _, rows := range [][]keys.Row{
			{row("a", "one", keys.Active), row("b", "one", keys.Previous)},
			{row("c", "one", keys.Active), row("d", "one", keys.Next), row("e", "two", keys.Active)},
		} {
			if err := d.Keys().Create(t.Context(), rows); err != nil {
				t.Fatal(err)
			}
		}
		got, err := d.Keys().Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, r := range got {
			ids = append(ids, r.ID)
			if !r.Created.Equal(at) || !bytes.Equal(r.Sealed, []byte{0, 255}) || r.Algorithm != keys.Secret {
				t.Errorf("row came back as %+v", r)
			}
		}
		if !slices.Equal(ids, []string{"a", "b", "d", "e"}) {
			t.Errorf("rows %v, want a, b, d, e", ids)
		}
	})
}

func TestTicketsSealedByTheRingOpenOnAnotherReplica(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		var replicas []store.Tickets
		for range 2 {
			ring, err := keys.Open(t.Context(), ringConfig(t, d.Keys()))
			if err != nil {
				t.Fatal(err)
			}
			replicas = append(replicas, store.Sealed(d.Tickets(), ring))
		}
		ticket := store.Ticket{Kind: "session", Name: "name", Value: []byte("a person"), Expires: time.Now().Add(time.Hour)}
		if err := replicas[0].Put(t.Context(), ticket); err != nil {
			t.Fatal(err)
		}
		if got, err := replicas[1].Get(t.Context(), "session", "name"); err != nil || string(got.Value) != "a person" {
			t.Errorf("%q, %v", got.Value, err)
		}
		var name, value []byte
		err := d.reader().QueryRowContext(t.Context(), `SELECT name, value FROM tickets`).Scan(&name, &value)
		if err != nil || bytes.Contains(name, []byte("name")) || bytes.Contains(value, []byte("person")) {
			t.Errorf("stored in clear: %q, %q, %v", name, value, err)
		}
		other := store.Sealed(d.Tickets(), keystest.Ring(t))
		if _, err := other.Get(t.Context(), "session", "name"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another ring: %v, want ErrNotFound", err)
		}
	})
}
