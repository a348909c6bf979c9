package desktest

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ecluse/internal/keys"
	"ecluse/internal/store/sqldb"
)

// LendKeys puts one set of keys, made once for the whole run, where a demonstration would make its own in its folder: making RSA
// keys is most of what a start costs.
func LendKeys(tb testing.TB, dir string) {
	tb.Helper()
	files, err := madeKeys()
	if err != nil {
		tb.Fatalf("keys: %v", err)
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
}

// madeKeys are the files of such a folder that holds nothing but keys.
var madeKeys = sync.OnceValues(func() (map[string][]byte, error) { //nolint:gochecknoglobals // made once, read only
	dir, err := os.MkdirTemp("", "ecluse-keys-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	db, err := sqldb.Open(ctx, "sqlite:"+filepath.Join(dir, "ecluse.db"), sqldb.Options{Now: time.Now})
	if err != nil {
		return nil, err
	}
	master, err := keys.CreateMaster(filepath.Join(dir, "master.secret"), rand.Reader)
	if err == nil {
		_, err = keys.Open(ctx, keys.Config{Store: db.Keys(), Master: master, Host: "127.0.0.1", Now: time.Now})
	}
	if err := errors.Join(err, db.Close()); err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	for _, name := range []string{"ecluse.db", "master.secret"} {
		if out[name], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	return out, nil
})
