package sqldb

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
)

// The journal's writer is killed in mid-work 20 times; what it acknowledged is
// there and the chains verify.
func TestKillLosesNoJournalEntry(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onKills(t, journalUntilKilled, func(t *testing.T, d *DB, k killing) {
		beside := audittest.Journal(t, d.Audit(), ring, "beside", time.Now)
		var acknowledged []string
		for round := range 20 {
			acknowledged = append(acknowledged, k.after(t, round, 1+round*7, 0)...)
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

func journalUntilKilled(t *testing.T, d *DB, _ string) {
	j := audittest.Journal(t, d.Audit(), journalRing(t), audit.WriterID("child"), time.Now)
	untilKilled(8, func(_, i int) (string, error) {
		e, err := j.Append(context.Background(), audittest.Entry(i))
		return e.ID(), err
	})
}
