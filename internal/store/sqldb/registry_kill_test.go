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

	"ecluse/internal/audit"
	"ecluse/internal/registry"
)

const (
	registryLocation = "SQLDB_TEST_REGISTRY"
	registryRound    = "SQLDB_TEST_ROUND"
	bulk             = 130 // schools in one act: more than one statement writes
)

// The desk's writer is killed in mid-work 12 times. Each of its acts enables a service of its own in many schools,
// approves a declaration, keeps a document and is journaled: all of that is there, or none. The test runs itself as
// that writer.
func TestKillLeavesNoActHalfDone(t *testing.T) {
	t.Parallel()
	if location := os.Getenv(registryLocation); location != "" {
		actUntilKilled(t, location, os.Getenv(registryRound))
		return
	}
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openAt(t, location, Options{})
			s := &Registry{DB: d, Journal: testJournal(t, d, "beside")}
			acknowledged := map[string]bool{}
			for round := range 12 {
				for _, act := range actsKilledAfter(t, location, round, 1+round*2) {
					acknowledged[act] = true
				}
				beside := fmt.Sprint("beside", round)
				if err := perform(t.Context(), s, beside); err != nil {
					t.Fatalf("an act after the kill: %v", err)
				}
				acknowledged[beside] = true
			}
			found := checkActs(t, s)
			for act := range acknowledged {
				if !found[act] {
					t.Errorf("act %s was acknowledged and is lost", act)
				}
			}
			if r := verified(t, d, journalRing(t)); !r.OK() || r.Entries != int64(len(found)) {
				t.Errorf("%d acts, %d entries, problems %v", len(found), r.Entries, r.Problems)
			}
			t.Logf("%d acts acknowledged, %d found", len(acknowledged), len(found))
		})
	}
}

// perform does one act.
func perform(ctx context.Context, s *Registry, act string) error {
	d := registry.Declaration{ID: "d-" + act, ServiceID: act, Version: 1, State: registry.Approved, Decisions: decided(registry.Approved)}
	paper := document(act)
	d.Documents = []registry.Document{{Kind: registry.ContractPaper, Hash: paper.Hash}}
	entry := applyEntry()
	entry.Action, entry.Service, entry.Declaration, entry.Version = "enable", act, d.ID, 1
	_, err := s.Apply(ctx, registry.Change{
		Declarations: []registry.Declaration{d}, Enablings: enablings(act, 0, bulk), Files: []registry.File{paper},
	}, entry)
	return err
}

// checkActs gives the acts that are there, and fails when one of them is not whole.
func checkActs(t *testing.T, s *Registry) map[string]bool {
	t.Helper()
	c, err := s.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	schools, found := map[string]int{}, map[string]bool{}
	for _, e := range c.Enablings {
		schools[e.Service]++
	}
	for _, d := range c.Declarations {
		found[d.ServiceID] = true
		p, err := s.DB.Audit().List(t.Context(), audit.Query{Service: d.ServiceID})
		if err != nil || len(p.Entries) != 1 || p.Entries[0].Action != "enable" || p.Entries[0].Declaration != d.ID {
			t.Errorf("act %s: %d entries, %v", d.ServiceID, len(p.Entries), err)
		}
		if _, ok, err := s.File(t.Context(), d.Documents[0].Hash); err != nil || !ok || len(d.Decisions) != 1 {
			t.Errorf("act %s: its document is there: %v, %v", d.ServiceID, ok, err)
		}
	}
	for act, n := range schools {
		if n != bulk || !found[act] {
			t.Errorf("act %s: %d of %d schools, declared %v", act, n, bulk, found[act])
		}
	}
	if int(c.Revision) != len(found) || len(schools) != len(found) {
		t.Errorf("revision %d after %d declarations and %d services", c.Revision, len(found), len(schools))
	}
	return found
}

func actUntilKilled(t *testing.T, location, round string) {
	d, err := Open(context.Background(), location, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &Registry{DB: d, Journal: testJournal(t, d, audit.WriterID("child"))}
	var wg sync.WaitGroup
	for caller := range 3 {
		wg.Go(func() {
			for i := 0; ; i++ {
				act := fmt.Sprintf("s-%s-%d-%d", round, caller, i)
				if err := perform(context.Background(), s, act); err != nil {
					fmt.Println("error:", err)
					return
				}
				fmt.Println(act)
			}
		})
	}
	wg.Wait()
}

// actsKilledAfter lets the writer acknowledge n acts, kills it, and returns all that it acknowledged.
func actsKilledAfter(t *testing.T, location string, round, n int) (acknowledged []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKillLeavesNoActHalfDone$", "-test.v=false")
	cmd.Env = append(os.Environ(), registryLocation+"="+location, registryRound+"="+fmt.Sprint(round))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if !strings.HasPrefix(lines.Text(), "s-") {
			t.Errorf("the writer says: %s", lines.Text())
			continue
		}
		if acknowledged = append(acknowledged, lines.Text()); len(acknowledged) == n {
			time.Sleep(time.Duration(round*3) * time.Millisecond) // in another part of the next act each time
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || len(acknowledged) < n {
		t.Fatalf("the writer ended with %v after %d acts", err, len(acknowledged))
	}
	return acknowledged
}
