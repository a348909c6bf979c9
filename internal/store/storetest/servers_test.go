package storetest_test

import (
	"bufio"
	"database/sql"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"ecluse/internal/store/storetest"
)

// childMode makes the test binary start the servers and wait to be killed.
const childMode = "STORETEST_CHILD"

// TestServersOfAChild is the child's part of the test below; run by itself it
// checks that both servers start and stop.
func TestServersOfAChild(t *testing.T) {
	redis, postgres := storetest.Redis(t), storetest.Postgres(t)
	if os.Getenv(childMode) != "" {
		fmt.Printf("urls %s %s\n", redis, postgres)
		select {}
	}
}

func TestServersEndWithAKilledProcess(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0], "-test.run=^TestServersOfAChild$")
	cmd.Env = append(os.Environ(), childMode+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var redis, socket *url.URL
	for lines := bufio.NewScanner(out); redis == nil && lines.Scan(); {
		if words := strings.Fields(lines.Text()); len(words) == 3 && words[0] == "urls" {
			redis, socket = mustParse(t, words[1]), mustParse(t, words[2])
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed, as it should
	if redis == nil {
		t.Fatal("the child did not start its servers")
	}
	folder := socket.Query().Get("host")
	deadline := time.Now().Add(time.Minute)
	for answers(redis.Host) || exists(folder) {
		if time.Now().After(deadline) {
			t.Fatalf("redis answers: %t, folder of PostgreSQL exists: %t", answers(redis.Host), exists(folder))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func mustParse(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func answers(host string) bool {
	conn, err := net.Dial("tcp", host)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestEachDatabaseIsFresh(t *testing.T) {
	t.Parallel()
	for range 2 {
		db, err := sql.Open("pgx", storetest.Postgres(t))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.ExecContext(t.Context(), "CREATE TABLE one (id TEXT)"); err != nil {
			t.Errorf("a new database is not empty: %v", err)
		}
	}
}

func TestSealersShareNothing(t *testing.T) {
	t.Parallel()
	a, b := storetest.NewSealer(), storetest.NewSealer()
	sealed, err := a.Seal([]byte("ad"), []byte("plain"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := a.Open([]byte("ad"), sealed); err != nil || string(plain) != "plain" {
		t.Errorf("got %q, %v", plain, err)
	}
	if _, err := a.Open([]byte("da"), sealed); err == nil {
		t.Error("opened with other associated data")
	}
	if _, err := b.Open([]byte("ad"), sealed); err == nil {
		t.Error("opened with another key")
	}
	if again := a.Name("k", "n"); again != a.Name("k", "n") || again == b.Name("k", "n") || a.Name("k", "n") == a.Name("kn", "") {
		t.Error("names are not a keyed hash of the pair")
	}
}
