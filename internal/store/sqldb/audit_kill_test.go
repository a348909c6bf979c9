package sqldb

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
)

const journalLocation = "SQLDB_TEST_JOURNAL"

// The journal's writer is killed in mid-work 20 times; what it acknowledged is
// there and the chains verify. The test runs itself as that writer.
func TestKillLosesNoJournalEntry(t *testing.T) {
	t.Parallel()
	if location := os.Getenv(journalLocation); location != "" {
		writeUntilKilled(t, location)
		return
	}
	ring := journalRing(t)
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openAt(t, location, Options{})
			beside := audittest.Journal(t, d.Audit(), ring, "beside", time.Now)
			var acknowledged []string
			for round := range 20 {
				acknowledged = append(acknowledged, journalKilledAfter(t, location, 1+round*7)...)
				fill(t, beside, 1)
			}
			for _, id := range acknowledged {
				writer, rest, _ := strings.Cut(id, "/")
				class, number, _ := strings.Cut(rest, "/")
				sequence, err := strconv.ParseInt(number, 10, 64)
				if err != nil {
					t.Fatalf("the writer says: %s", id)
				}
				rows, err := d.Audit().Rows(t.Context(), audit.Chain{Writer: writer, Class: audit.Class(class)}, sequence-1, 1)
				if err != nil || len(rows) != 1 || rows[0].ID() != id {
					t.Fatalf("entry %s was acknowledged and is lost: %v", id, err)
				}
			}
			r := verified(t, d, ring)
			if !r.OK() || r.Chains != 21 || r.Entries < int64(len(acknowledged)+20) {
				t.Errorf("%d entries acknowledged; %d found in %d chains, problems %v", len(acknowledged), r.Entries, r.Chains, r.Problems)
			}
		})
	}
}

func writeUntilKilled(t *testing.T, location string) {
	d, err := Open(context.Background(), location, Options{})
	if err != nil {
		t.Fatal(err)
	}
	j := audittest.Journal(t, d.Audit(), journalRing(t), audit.WriterID("child"), time.Now)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := 0; ; i++ {
				e, err := j.Append(context.Background(), audittest.Entry(i))
				if err != nil {
					fmt.Println("error:", err)
					return
				}
				fmt.Println(e.ID())
			}
		})
	}
	wg.Wait()
}

// journalKilledAfter lets the writer acknowledge n entries, kills it, and returns
// all that it acknowledged.
func journalKilledAfter(t *testing.T, location string, n int) (acknowledged []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKillLosesNoJournalEntry$", "-test.v=false")
	cmd.Env = append(os.Environ(), journalLocation+"="+location)
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
		acknowledged = append(acknowledged, lines.Text())
		if len(acknowledged) == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || len(acknowledged) < n {
		t.Fatalf("the writer ended with %v after %d entries", err, len(acknowledged))
	}
	return acknowledged
}
