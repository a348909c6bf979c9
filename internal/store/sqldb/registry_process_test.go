package sqldb

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"ecluse/internal/registry"
)

const followedLocation = "SQLDB_TEST_FOLLOWED"

// An academy's whole registry, and a replica that is a process of its own. The test runs itself as that replica. It runs
// beside no other test: it counts on a second.
func TestAnActIsSeenByAnotherProcessOfAWholeAcademy(t *testing.T) {
	if location := os.Getenv(followedLocation); location != "" {
		follow(t, location)
		return
	}
	everything := academy()
	if raced { // a tenth of it; `make scale`, part of `make test`, plays the whole
		everything.Services, everything.Declarations = everything.Services[:300], everything.Declarations[:300]
		everything.Enablings = everything.Enablings[7*2500 : 8*2500]
	}
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			d := openAt(t, location, Options{})
			s := &Registry{DB: d, Journal: testJournal(t, d, "w-1")}
			whole := applied(t, s, everything)
			said := follower(t, location)
			if got, want := heard(t, said, time.Minute), fmt.Sprint(whole, " ", registry.Enabled); got != want {
				t.Fatalf("the other process begins with %q, want %q", got, want)
			}
			e := enablings("s7", 0, 1)[0]
			for _, act := range []registry.EnablingState{registry.RefusedHere, registry.Enabled, registry.SuspendedHere} {
				e.State = act
				e.Decisions = append(e.Decisions, registry.Decision{At: time.Now(), State: registry.Approved, Office: "chef d'établissement", By: "h", Reason: "conseil d'administration"})
				revision := applied(t, s, registry.Change{Enablings: []registry.Enabling{e}})
				committed := time.Now()
				if got, want := heard(t, said, time.Minute), fmt.Sprint(revision, " ", act); got != want {
					t.Fatalf("the other process sees %q, want %q", got, want)
				}
				t.Logf("%s: seen after %s", act, time.Since(committed))
			}
		})
	}
}

// applied is the revision that a change became.
func applied(t *testing.T, s *Registry, change registry.Change) int64 {
	t.Helper()
	revision, err := s.Apply(t.Context(), change, applyEntry())
	if err != nil {
		t.Fatal(err)
	}
	return revision
}

// follow is the replica: it says each view that Run brings, as its revision and one enabling, until it is killed.
func follow(t *testing.T, location string) {
	live := &registry.Live{
		Store: &Registry{DB: openAt(t, location, Options{})}, Zone: time.UTC, Now: time.Now,
		Failed: func(err error) { fmt.Println("look:", err) },
	}
	if err := live.Refresh(t.Context()); err != nil {
		fmt.Println("first look:", err)
		return
	}
	go live.Run(context.Background())
	for last := int64(-1); ; time.Sleep(time.Millisecond) {
		s, err := live.Current()
		if err != nil {
			fmt.Println("current:", err)
			return
		}
		if e, _ := s.Enabling("s7", "0000000A"); s.Revision() != last {
			schools, services := len(s.Establishments()), len(s.Services())
			if said := len(s.Said("s7")); schools != 2500 || (services != 3000 && !raced) || said != 2500 {
				fmt.Println("not the whole academy:", schools, services, said)
				return
			}
			last = s.Revision()
			fmt.Println(last, e.State)
		}
	}
}

// follower starts the replica and gives what it says, line by line.
func follower(t *testing.T, location string) <-chan string {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestAnActIsSeenByAnotherProcessOfAWholeAcademy$", "-test.v=false")
	cmd.Env = append(os.Environ(), followedLocation+"="+location)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := make(chan string, 100)
	go func() {
		defer close(said)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			said <- lines.Text()
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		for range said { // the pipe is read to its end before Wait closes it
		}
		_ = cmd.Wait() // killed, as it was told
	})
	return said
}

// heard is the next line, in time.
func heard(t *testing.T, said <-chan string, within time.Duration) string {
	t.Helper()
	select {
	case line := <-said:
		return line
	case <-time.After(within):
		t.Fatalf("the other process said nothing for %s", within)
		return ""
	}
}
