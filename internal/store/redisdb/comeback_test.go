package redisdb_test

import (
	"errors"
	"net/url"
	"os/exec"
	"testing"
	"time"

	"ecluse/internal/store"
	"ecluse/internal/store/redisdb"
	"ecluse/internal/store/storetest"
)

// TestAServerThatCameBackIsUsedAgainAndVouchesForNothingBefore kills Redis and starts it again, empty, at its address.
// What it has forgotten was issued before the epoch that it tells from then on, and is refused by that.
func TestAServerThatCameBackIsUsedAgainAndVouchesForNothingBefore(t *testing.T) {
	t.Parallel()
	address := storetest.Redis(t)
	db := open(t, address, redisdb.Options{})
	mark := store.Ticket{Kind: "replay", Name: "a", Expires: time.Now().Add(time.Hour)}
	if err := db.Create(t.Context(), mark); err != nil {
		t.Fatal(err)
	}
	before, err := db.Epoch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	used := time.Now()
	_ = raw(t, address).ShutdownNoSave(t.Context()).Err() // its answer is the end of the connection
	if err := db.Create(t.Context(), mark); err == nil || errors.Is(err, store.ErrExists) {
		t.Errorf("without a server: %v", err)
	}
	restart(t, address)
	for deadline := time.Now().Add(time.Minute); db.Ping(t.Context()) != nil; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it is back, and not used")
		}
	}
	if err := db.Create(t.Context(), mark); err != nil { // forgotten
		t.Errorf("a mark after it came back: %v", err)
	}
	after, err := db.Epoch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !after.After(before) || !after.After(used) {
		t.Errorf("the epoch is %s, was %s, and the mark was used at %s: nothing tells that it was forgotten", after, before, used)
	}
	if err := db.Create(t.Context(), mark); !errors.Is(err, store.ErrExists) {
		t.Errorf("what is used from then on: %v", err)
	}
}

// restart starts another server, without anything in it, where one was.
func restart(t *testing.T, address string) {
	t.Helper()
	at, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("redis-server", "--port", at.Port(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
}
