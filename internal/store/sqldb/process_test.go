package sqldb

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// childMode and childLocation tell a child process what to do and where.
const (
	childMode     = "SQLDB_TEST_CHILD"
	childLocation = "SQLDB_TEST_LOCATION"
)

// child is the main function of a child process.
func child(mode string) int {
	ctx := context.Background()
	d, err := Open(ctx, os.Getenv(childLocation), Options{})
	if err != nil {
		fmt.Println("open:", err)
		return 1
	}
	if mode == "open" {
		return 0
	}
	// Each line is an acknowledgement; the parent kills us among them.
	var wg sync.WaitGroup
	for writer := range 8 {
		wg.Go(func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%s-%d-%d", mode, writer, i)
				if err := d.grouped(ctx, insert(id, i)); err != nil {
					fmt.Println("error:", err)
					return
				}
				if _, err := os.Stdout.WriteString(id + "\n"); err != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	return 1
}

// startChild runs this test binary again.
func startChild(t *testing.T, mode, location string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childMode+"="+mode, childLocation+"="+location)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// killedAfter lets a child write until it has acknowledged n rows, kills it and
// returns all that it acknowledged.
func killedAfter(t *testing.T, mode, location string, n int) (acknowledged []string) {
	t.Helper()
	cmd, lines := startChild(t, mode, location)
	for lines.Scan() {
		if !strings.HasPrefix(lines.Text(), mode) {
			t.Fatalf("the child says: %s", lines.Text())
		}
		acknowledged = append(acknowledged, lines.Text())
		if len(acknowledged) == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) {
		t.Fatalf("the child was not killed: %v", err)
	}
	if len(acknowledged) < n {
		t.Fatalf("the child acknowledged %d rows, want %d", len(acknowledged), n)
	}
	return acknowledged
}

func TestKillLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			openAt(t, location, Options{}) // makes the table
			for round := range 20 {
				acknowledged := killedAfter(t, fmt.Sprint("r", round), location, 1+round*17)
				d := openAt(t, location, Options{})
				found := ids(t, d)
				for _, id := range acknowledged {
					if !found[id] {
						t.Fatalf("round %d: row %s was acknowledged and is lost", round, id)
					}
				}
				if err := d.grouped(t.Context(), insert(fmt.Sprint("after", round), 0)); err != nil {
					t.Fatalf("write after the kill: %v", err)
				}
			}
		})
	}
}

func TestKillLeavesSQLiteSound(t *testing.T) {
	t.Parallel()
	location := migrated.SQLite(t)
	d := openAt(t, location, Options{})
	// We write to the same file at the same time, as other commands may.
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	written := 0
	wg.Go(func() {
		for ; ctx.Err() == nil; written++ {
			if err := d.grouped(t.Context(), insert(fmt.Sprint("parent", written), 0)); err != nil {
				t.Errorf("write beside another process: %v", err)
				return
			}
		}
	})
	acknowledged := killedAfter(t, "child", location, 300)
	stop()
	wg.Wait()
	found := ids(t, d)
	for i := range written {
		acknowledged = append(acknowledged, fmt.Sprint("parent", i))
	}
	for _, id := range acknowledged {
		if !found[id] {
			t.Fatalf("row %s was acknowledged and is lost", id)
		}
	}
	var verdict string
	if err := d.reader().QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity check: %q, %v", verdict, err)
	}
}

func TestProcessesMayOpenAtOnce(t *testing.T) {
	t.Parallel()
	for name, location := range empty(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var children []*exec.Cmd
			for range 4 {
				cmd, lines := startChild(t, "open", location)
				children = append(children, cmd)
				go func() {
					for lines.Scan() {
						t.Errorf("the child says: %s", lines.Text())
					}
				}()
			}
			for _, cmd := range children {
				if err := cmd.Wait(); err != nil {
					t.Errorf("open beside other processes: %v", err)
				}
			}
			d := openAt(t, location, Options{})
			var applied, distinct int
			err := d.reader().QueryRowContext(t.Context(),
				`SELECT count(*), count(DISTINCT version_id) FROM goose_db_version`).Scan(&applied, &distinct)
			if err != nil || applied != distinct || applied < 3 {
				t.Errorf("%d migrations were applied of %d, %v, want each once", applied, distinct, err)
			}
		})
	}
}

func TestManyHandlesMayOpenAtOnce(t *testing.T) {
	t.Parallel()
	for name, location := range empty(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					d, err := Open(ctx, location, Options{})
					if err != nil {
						t.Errorf("open beside other handles: %v", err)
						return
					}
					if err := d.Close(); err != nil {
						t.Errorf("close: %v", err)
					}
				})
			}
			wg.Wait()
		})
	}
}
