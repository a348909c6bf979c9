package keys

import (
	"context"
	"crypto/rand"
	"testing"
	"time"
)

// testStore is a store of a test that seals rows by itself.
type testStore struct{ rows []Row }

func (k *testStore) Load(context.Context) ([]Row, error) { return k.rows, nil }

func (k *testStore) Create(_ context.Context, rows []Row) error {
	k.rows = append(k.rows, rows...)
	return nil
}

func TestARowOfAUseThatOnlyALaterVersionKnowsIsLeftAside(t *testing.T) {
	t.Parallel()
	master, err := NewMaster([]byte("a master secret that only tests use, 0123456789"))
	if err != nil {
		t.Fatal(err)
	}
	store := new(testStore)
	c := Config{Store: store, Master: master, Host: "gateway.example.org", Now: time.Now}
	ring, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	key, err := master.key("rows")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := newSealer(key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	row, err := maker{now: time.Now(), rows: rows}.finish(
		Row{ID: "x", Use: "saml-mldsa65", Algorithm: "ML-DSA-65", State: Active}, []byte("a key of a sort that is not known"))
	if err != nil {
		t.Fatal(err)
	}
	store.rows = append(store.rows, row)
	again, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if again.Signer(UseSAML).KeyID() != ring.Signer(UseSAML).KeyID() || again.Signer("saml-mldsa65").Public() != nil {
		t.Error("the unknown use changed what is known")
	}
}
