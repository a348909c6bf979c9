package sqldb

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/keybook"
)

const joinedAtOnce = 300

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
// journal, or not at all, without one; whoever does it again ends it.
func TestKillLeavesAListOfPeopleJoinedWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onKills(t, joinForKill, func(t *testing.T, d *DB, k killing) {
		book := bookOn(t, d, ring, "beside")
		whole := 0
		for round := range 6 {
			pairs := joinedPupils(fmt.Sprint(round))
			for _, p := range pairs {
				if _, err := book.Know(t.Context(), "ent", p.Former); err != nil {
					t.Fatal(err)
				}
			}
			n := 1 // when it begins to write, and in the last round when it has
			if round == 5 {
				n = 2
			}
			k.after(t, round, n, time.Duration(round*round)*5*time.Millisecond)
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
		again := bookOn(t, openAt(t, k.location, Options{}), ring, "restarted")
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

func joinEntries(t *testing.T, d *DB) int {
	t.Helper()
	page, err := d.Audit().List(t.Context(), audit.Query{Class: audit.ClassAdmin, Limit: audit.MaxLimit})
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Entries)
}

// joinForKill says when it begins to write, and when it has.
func joinForKill(t *testing.T, d *DB, round string) {
	b := bookOn(t, d, journalRing(t), audit.WriterID("child"))
	j, err := b.PlanJoin(context.Background(), joinedPupils(round))
	if err != nil {
		t.Fatal(err)
	}
	acknowledge("writes")
	if err := b.CarryOut(context.Background(), j, joinEntry()); err != nil {
		t.Fatal(err)
	}
	acknowledge("written")
	time.Sleep(time.Minute)
}
