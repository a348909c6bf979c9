package sqldb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ecluse/internal/audit/audittest"
	"ecluse/internal/store"
)

// fullLocation tells a test that it is the process whose disk is full.
const fullLocation = "SQLDB_TEST_FULL_LOCATION"

// TestAFullDiskLosesNothingAndTakesWritesAgainOnceThereIsRoom has a process of its own meet the end of its disk while it
// writes tickets and journal entries: whoever writes is told, whoever reads is answered, and the same process goes on
// once there is room. Everything acknowledged is there, and the chain verifies.
func TestAFullDiskLosesNothingAndTakesWritesAgainOnceThereIsRoom(t *testing.T) {
	t.Parallel()
	if location := os.Getenv(fullLocation); location != "" {
		fillDisk(t, location)
		return
	}
	location := migrated.SQLite(t)
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v=false") //nolint:gosec // this test binary
	cmd.Env = append(os.Environ(), fullLocation+"="+location)
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	d := openAt(t, location, Options{})
	acknowledged := 0
	for line := range strings.Lines(string(said)) {
		name, ok := strings.CutPrefix(strings.TrimSpace(line), killAnswer)
		if !ok {
			continue
		}
		acknowledged++
		if _, err := d.Tickets().Get(t.Context(), "session", name); err != nil {
			t.Errorf("ticket %s was acknowledged and is lost: %v", name, err)
		}
	}
	if r := verified(t, d, journalRing(t)); !r.OK() || r.Entries < int64(acknowledged) || acknowledged < 20 {
		t.Errorf("%d acknowledged, %d entries found: %v", acknowledged, r.Entries, r.Problems)
	}
	var verdict string
	if err := d.reader().QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity check: %q, %v", verdict, err)
	}
}

// fillDisk writes until nothing more can be written, makes room, and writes on.
func fillDisk(t *testing.T, location string) {
	signal.Ignore(syscall.SIGXFSZ) // the write fails then, as it does on a full disk
	d, err := Open(t.Context(), location, Options{})
	if err != nil {
		t.Fatal(err)
	}
	journal := audittest.Journal(t, d.Audit(), journalRing(t), "full", time.Now)
	write := func(i int) error {
		name := fmt.Sprintf("s%d", i)
		ticket := store.Ticket{Kind: "session", Name: name, Value: make([]byte, 2000), Expires: time.Now().Add(time.Hour)}
		_, err := journal.Append(context.Background(), audittest.Entry(i))
		if err = errors.Join(err, d.Tickets().Put(context.Background(), ticket)); err == nil {
			acknowledge(name)
		}
		return err
	}
	for i := range 10 {
		if err := write(i); err != nil {
			t.Fatal(err)
		}
	}
	room := allowFiles(t, largest(t, location)+100<<10)
	i := 10
	for ; err == nil && i < 10_000; i++ {
		err = write(i)
	}
	if err == nil {
		t.Fatal("the disk was never full")
	}
	for range 20 {
		_ = write(i) // it may still fit into what is there, and must not end the process
		i++
	}
	if _, err := d.Tickets().Get(t.Context(), "session", "s0"); err != nil {
		t.Errorf("nothing can be read: %v", err)
	}
	allowFiles(t, room)
	for range 10 {
		if err := write(i); err != nil {
			t.Fatalf("there is room, and nothing can be written: %v", err)
		}
		i++
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// allowFiles bounds how long a file of this process may become, and gives what was allowed before.
func allowFiles(t *testing.T, size uint64) (before uint64) {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	before, limit.Cur = limit.Cur, size
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	return before
}

// largest is the size of the largest file of a database.
func largest(t *testing.T, location string) (size uint64) {
	t.Helper()
	files, err := filepath.Glob(strings.TrimPrefix(location, "sqlite:") + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files of %s: %v", location, err)
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		size = max(size, uint64(info.Size()))
	}
	return size
}
