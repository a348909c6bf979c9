package redisdb_test

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"ecluse/internal/store"
	"ecluse/internal/store/redisdb"
	"ecluse/internal/store/storetest"
)

func open(t testing.TB, url string, opts redisdb.Options) *redisdb.Tickets {
	t.Helper()
	db, err := redisdb.Open(t.Context(), url, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// raw is a client for what the package does not offer.
func raw(t testing.TB, url string) *redis.Client {
	t.Helper()
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(o)
	t.Cleanup(func() { c.Close() })
	return c
}

func TestRedisKeepsTheContract(t *testing.T) {
	t.Parallel()
	url := storetest.Redis(t)
	storetest.Run(t, func(t testing.TB, now func() time.Time) store.Tickets {
		return open(t, url, redisdb.Options{Prefix: rand.Text() + ":", Now: now})
	}, storetest.Options{RealTime: true})
}

func TestEpochIsLaterAfterAFlush(t *testing.T) {
	t.Parallel()
	url := storetest.Redis(t)
	db := open(t, url, redisdb.Options{})
	first, err := db.Epoch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Until(first)) // an epoch is rounded up to the millisecond
	flushed := time.Now()
	if err := raw(t, url).FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	second, err := db.Epoch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !second.After(first) || second.Before(flushed) {
		t.Errorf("epoch %s before the flush at %s, %s after it, want a later one", first, flushed, second)
	}
}

func TestEpochTakesTheLaterClock(t *testing.T) {
	t.Parallel()
	url := storetest.Redis(t)
	ahead := time.Now().Add(time.Hour)
	for name, now := range map[string]time.Time{"ahead": ahead, "behind": time.Now().Add(-time.Hour)} {
		db := open(t, url, redisdb.Options{Prefix: name + ":", Now: func() time.Time { return now }})
		before := time.Now().Truncate(time.Millisecond)
		got, err := db.Epoch(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got.Before(now) || got.Before(before) {
			t.Errorf("our clock %s: epoch %s is earlier than one of the clocks", name, got)
		}
	}
}

func TestRedisAwayIsAnErrorOfEveryOperation(t *testing.T) {
	t.Parallel()
	url := storetest.Redis(t)
	db := open(t, url, redisdb.Options{})
	ctx := t.Context()
	ticket := store.Ticket{Kind: "replay", Name: "a", Expires: time.Now().Add(time.Hour)}
	if err := db.Create(ctx, ticket); err != nil {
		t.Fatal(err)
	}
	_ = raw(t, url).ShutdownNoSave(ctx).Err() // its answer is the end of the connection
	for name, op := range map[string]func() error{
		"put":       func() error { return db.Put(ctx, ticket) },
		"create":    func() error { return db.Create(ctx, ticket) },
		"replace":   func() error { return db.Replace(ctx, ticket) },
		"get":       func() error { _, err := db.Get(ctx, "replay", "a"); return err },
		"take":      func() error { _, err := db.Take(ctx, "replay", "a"); return err },
		"increment": func() error { _, err := db.Increment(ctx, "replay", "a", time.Hour); return err },
		"delete":    func() error { return db.Delete(ctx, "replay", "a") },
		"epoch":     func() error { _, err := db.Epoch(ctx); return err },
		"ping":      func() error { return db.Ping(ctx) },
	} {
		if err := op(); err == nil {
			t.Errorf("%s succeeded without a server", name)
		}
	}
}

func TestOpenRefusesWhatItCannotRelyOn(t *testing.T) {
	t.Parallel()
	evicting := storetest.Redis(t)
	c := raw(t, evicting)
	for name, value := range map[string]string{"maxmemory": "64mb", "maxmemory-policy": "allkeys-lru"} {
		if err := c.ConfigSet(t.Context(), name, value).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for name, url := range map[string]string{
		"a server that drops keys": evicting,
		"a part of a cluster":      storetest.Redis(t, "--cluster-enabled", "yes"),
		"a closed port":            "redis://:hunter2@127.0.0.1:1/0",
		"another scheme":           "http://:hunter2@127.0.0.1/",
		"no location":              "",
	} {
		db, err := redisdb.Open(t.Context(), url, redisdb.Options{})
		if err == nil {
			db.Close()
			t.Errorf("%s: opened", name)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error shows the password: %v", name, err)
		}
	}
}
