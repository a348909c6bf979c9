// Package keystest gives tests a key ring and a key store in memory. No
// production package imports it.
package keystest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"ecluse/internal/keys"
)

// Store is a keys.Store in memory. Its zero value is empty and ready; it is safe
// for concurrent use.
type Store struct {
	mu   sync.Mutex
	rows []keys.Row
}

// Load returns a copy of the rows.
func (s *Store) Load(context.Context) ([]keys.Row, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.rows), nil
}

// Create keeps the rows whose use and algorithm have no active row.
func (s *Store) Create(_ context.Context, rows []keys.Row) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	had := len(s.rows)
	for _, row := range rows {
		taken := slices.ContainsFunc(s.rows[:had], func(r keys.Row) bool {
			return r.Use == row.Use && r.Algorithm == row.Algorithm && r.State == keys.Active
		})
		if !taken {
			s.rows = append(s.rows, row)
		}
	}
	return nil
}

// Change implements keys.Changer. The act is kept nowhere.
func (s *Store) Change(_ context.Context, _ keys.Act, was, now []keys.Row) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := slices.Clone(s.rows)
	at := func(id string) int { return slices.IndexFunc(rows, func(r keys.Row) bool { return r.ID == id }) }
	for _, row := range was {
		if i := at(row.ID); i < 0 || !bytes.Equal(rows[i].Sealed, row.Sealed) {
			return keys.ErrRaced
		}
	}
	for _, row := range now {
		if i := at(row.ID); i >= 0 {
			rows[i] = row
		} else {
			rows = append(rows, row)
		}
	}
	taken := map[string]bool{}
	for _, row := range rows {
		place := string(row.Use) + " " + string(row.State)
		if taken[place] && (row.State == keys.Next || row.State == keys.Active) {
			return keys.ErrRaced
		}
		taken[place] = true
	}
	s.rows = rows
	return nil
}

// Rows are the keys of every Ring, sealed with Master, for a store that shall begin with them.
func Rows(tb testing.TB) []keys.Row {
	tb.Helper()
	rows, err := firstSet()
	if err != nil {
		tb.Fatalf("keystest: %v", err)
	}
	return slices.Clone(rows)
}

// Set replaces all rows, as somebody with access to the database would.
func (s *Store) Set(rows []keys.Row) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = slices.Clone(rows)
}

// Master is a fixed master secret, the same in every test.
func Master(tb testing.TB) keys.Master {
	tb.Helper()
	m, err := master()
	if err != nil {
		tb.Fatalf("keystest: %v", err)
	}
	return m
}

func master() (keys.Master, error) {
	return keys.NewMaster([]byte("a master secret that only tests use, 0123456789"))
}

// Ring opens a new ring whose derived values are the same in every test and in
// every run. Its signing keys are those of every other Ring of the test process
// and of those it starts, made once: two RSA keys cost more than most tests.
func Ring(tb testing.TB) *keys.Ring {
	tb.Helper()
	rows, err := firstSet()
	if err != nil {
		tb.Fatalf("keystest: %v", err)
	}
	store := new(Store)
	store.Set(rows)
	return open(tb, store)
}

// Other opens a new ring that derives what every Ring derives and whose signing
// keys are nobody else's.
func Other(tb testing.TB) *keys.Ring {
	tb.Helper()
	return open(tb, new(Store))
}

func open(tb testing.TB, store *Store) *keys.Ring {
	tb.Helper()
	ring, err := keys.Open(context.Background(), config(Master(tb), store))
	if err != nil {
		tb.Fatalf("keystest: %v", err)
	}
	return ring
}

func config(master keys.Master, store *Store) keys.Config {
	return keys.Config{Store: store, Master: master, Host: "gateway.example.org", Now: time.Now, Rand: Random()}
}

// handed is how a test process hands the first set to the processes it starts,
// which are test binaries too.
const handed = "KEYSTEST_ROWS"

// firstSet is what every Ring finds stored. Nobody changes it: Set and Load copy.
var firstSet = sync.OnceValues(func() (rows []keys.Row, err error) {
	if given := os.Getenv(handed); given != "" {
		return rows, json.Unmarshal([]byte(given), &rows)
	}
	master, err := master()
	if err != nil {
		return nil, err
	}
	store := new(Store)
	if _, err := keys.Open(context.Background(), config(master, store)); err != nil {
		return nil, err
	}
	text, err := json.Marshal(store.rows)
	return store.rows, errors.Join(err, os.Setenv(handed, string(text)))
})

// Random returns a source of bytes that is the same each time, safe for
// concurrent use. The first ones become the derivation secret.
func Random() *Reader {
	return &Reader{src: rand.NewChaCha8([32]byte{'e', 'c', 'l', 'u', 's', 'e'})}
}

// Reader is a deterministic io.Reader.
type Reader struct {
	mu  sync.Mutex
	src *rand.ChaCha8
}

// Read fills p.
func (r *Reader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.src.Read(p)
}
