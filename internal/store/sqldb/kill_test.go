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

// killLocation and killRound tell a test that it is the process to be killed.
const (
	killLocation = "SQLDB_TEST_KILL_LOCATION"
	killRound    = "SQLDB_TEST_KILL_ROUND"
)

// killAnswer begins each line of that process; any other line is a fault.
const killAnswer = "acknowledged "

// onKills runs a test on a database of each engine. The test runs itself again, as a process that writes and is killed.
func onKills(t *testing.T, writes func(t *testing.T, d *DB, round string), test func(t *testing.T, d *DB, k killing)) {
	t.Helper()
	if location := os.Getenv(killLocation); location != "" {
		d, err := Open(context.Background(), location, Options{})
		if err != nil {
			t.Fatal(err)
		}
		writes(t, d, os.Getenv(killRound))
		return
	}
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, openAt(t, location, Options{}), killing{location})
		})
	}
}

// acknowledge says that something is written.
func acknowledge(what string) { fmt.Println(killAnswer + what) }

// untilKilled has some callers act at once, one act after another, and acknowledges each. It ends only when they all fail.
func untilKilled(callers int, act func(caller, i int) (string, error)) {
	var wg sync.WaitGroup
	for caller := range callers {
		wg.Go(func() {
			for i := 0; ; i++ {
				what, err := act(caller, i)
				if err != nil {
					fmt.Println("error:", err)
					return
				}
				acknowledge(what)
			}
		})
	}
	wg.Wait()
}

// killing is where the process that is killed writes.
type killing struct{ location string }

// after has the process acknowledge n things, kills it a moment later and gives all that it acknowledged.
func (k killing) after(t *testing.T, round, n int, moment time.Duration) (done []string) {
	t.Helper()
	name, _, _ := strings.Cut(t.Name(), "/")
	cmd := exec.Command(os.Args[0], "-test.run=^"+name+"$", "-test.v=false") //nolint:gosec // this test binary
	cmd.Env = append(os.Environ(), killLocation+"="+k.location, killRound+"="+fmt.Sprint(round))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		what, ok := strings.CutPrefix(lines.Text(), killAnswer)
		if !ok {
			t.Errorf("the writer says: %s", lines.Text())
			continue
		}
		if done = append(done, what); len(done) == n {
			time.Sleep(moment) // in another part of the next act each time
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || len(done) < n {
		t.Fatalf("the writer ended with %v after it acknowledged %d of %d", err, len(done), n)
	}
	return done
}
