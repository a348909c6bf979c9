package sqldb

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"ecluse/internal/store"
)

// TestAKilledWriteOfSeveralTicketsIsWholeOrNotThere has a process that uses codes up and writes a token beside each, killed
// at an unlucky moment: what it acknowledged is there, and nothing is there in halves.
func TestAKilledWriteOfSeveralTicketsIsWholeOrNotThere(t *testing.T) {
	const callers = 4
	name := func(round string, caller, i int) string { return fmt.Sprint(round, "/", caller, "/", i) }
	end := time.Now().Add(time.Hour)
	onKills(t, func(t *testing.T, d *DB, round string) {
		tickets := d.Tickets()
		untilKilled(callers, func(caller, i int) (string, error) {
			n := name(round, caller, i)
			if err := tickets.Put(context.Background(), store.Ticket{Kind: "code", Name: n, Value: []byte("new"), Expires: end}); err != nil {
				return "", err
			}
			code, err := tickets.Get(context.Background(), "code", n)
			if err != nil {
				return "", err
			}
			code.Value = []byte("used")
			return n, tickets.Write(context.Background(),
				store.Op{Do: store.Replace, Ticket: code},
				store.Op{Do: store.Create, Ticket: store.Ticket{Kind: "token", Name: n, Expires: end}})
		})
	}, func(t *testing.T, d *DB, k killing) {
		tickets := d.Tickets()
		for round := range 4 {
			done := map[string]bool{}
			for _, n := range k.after(t, round, 30, time.Duration(round)*700*time.Microsecond) {
				done[n] = true
			}
			for caller := range callers {
				for i := 0; ; i++ {
					n := name(fmt.Sprint(round), caller, i)
					code, err := tickets.Get(t.Context(), "code", n)
					if errors.Is(err, store.ErrNotFound) {
						break
					}
					_, tokenErr := tickets.Get(t.Context(), "token", n)
					used, token := string(code.Value) == "used", tokenErr == nil
					if err != nil || used != token || done[n] && !used {
						t.Errorf("%s: acknowledged %t, code used %t, token there %t, %v", n, done[n], used, token, err)
					}
					delete(done, n)
				}
			}
			if len(done) > 0 {
				t.Errorf("round %d: %d acknowledged writes are not there", round, len(done))
			}
		}
	})
}
