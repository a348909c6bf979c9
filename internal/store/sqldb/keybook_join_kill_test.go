package sqldb

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/keybook"
)

const (
	joinLocation = "SQLDB_TEST_JOIN"
	joinRound    = "SQLDB_TEST_JOIN_ROUND"
	joinedAtOnce = 300
)

// joinedPupils is the list of a round: each former identifier was seen, no new one was.
func joinedPupils(round string) []keybook.Pair {
	var out []keybook.Pair
	for i := range joinedAtOnce {
		id := fmt.Sprintf("j-%s-%d", round, i)
		out = append(out, keybook.Pair{Former: named("ent-a", id), Now: named("ent-b", id)})
	}
	return out
}

// Whoever joins a list is killed in mid-work, each time at another moment. The list is joined whole, with its entry in the
// journal, or not at all, without one; whoever does it again ends it. The test runs itself as that writer.
func TestKillLeavesAListOfPeopleJoinedWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	if location := os.Getenv(joinLocation); location != "" {
		joinForKill(t, location, os.Getenv(joinRound))
		return
	}
	ring := journalRing(t)
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openAt(t, location, Options{})
			book := bookOn(t, d, ring, "beside")
			whole := 0
			for round := range 6 {
				pairs := joinedPupils(fmt.Sprint(round))
				for _, p := range pairs {
					if _, err := book.Know(t.Context(), "ent", p.Former); err != nil {
						t.Fatal(err)
					}
				}
				killWhileJoining(t, location, round)
				j, err := book.PlanJoin(t.Context(), pairs)
				if err != nil {
					t.Fatal(err)
				}
				if n := j.Count(keybook.Already); n == joinedAtOnce {
					whole++
				} else if n != 0 {
					t.Errorf("%d of %d pairs are joined", n, joinedAtOnce)
				}
				if got := joinEntries(t, d); got != whole {
					t.Errorf("%d entries, %d lists joined", got, whole)
				}
				if !j.Empty() {
					if err := book.CarryOut(t.Context(), j, joinEntry()); err != nil {
						t.Fatal(err)
					}
					whole++
				}
			}
			again := bookOn(t, openAt(t, location, Options{}), ring, "restarted")
			for _, p := range joinedPupils("3")[:5] {
				was, err := again.Known(t.Context(), p.Former)
				now, worse := again.Known(t.Context(), p.Now)
				if err != nil || worse != nil || !slices.Equal(was, now) {
					t.Errorf("a join is not there after a restart: %v, %v", err, worse)
				}
			}
			if r := verified(t, d, ring); !r.OK() {
				t.Errorf("the journal: %v", r.Problems)
			}
		})
	}
}

func joinEntries(t *testing.T, d *DB) int {
	t.Helper()
	page, err := d.Audit().List(t.Context(), audit.Query{Class: audit.ClassAdmin, Limit: audit.MaxLimit})
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Entries)
}

// joinForKill says when it begins to write, and when it has.
func joinForKill(t *testing.T, location, round string) {
	d, err := Open(context.Background(), location, Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := bookOn(t, d, journalRing(t), audit.WriterID("child"))
	j, err := b.PlanJoin(context.Background(), joinedPupils(round))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("writes")
	if err := b.CarryOut(context.Background(), j, joinEntry()); err != nil {
		t.Fatal(err)
	}
	fmt.Println("written")
	time.Sleep(time.Minute)
}

// killWhileJoining kills the writer at once, a moment later each round, and in the last one when it has written.
func killWhileJoining(t *testing.T, location string, round int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKillLeavesAListOfPeopleJoinedWholeOrNotAtAll$", "-test.v=false") //nolint:gosec // this test binary
	cmd.Env = append(os.Environ(), joinLocation+"="+location, joinRound+"="+fmt.Sprint(round))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines, killed := bufio.NewScanner(out), false
	for !killed && lines.Scan() {
		if round == 5 && lines.Text() == "writes" {
			continue
		}
		time.Sleep(time.Duration(round*round) * 5 * time.Millisecond)
		killed = cmd.Process.Kill() == nil
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !killed || !errors.As(err, &exit) {
		t.Fatalf("the writer ended with %v", err)
	}
}
