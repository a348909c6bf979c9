package sqldb

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// Whoever marks services is killed in mid-work 6 times: what was acknowledged as marked is there, what was acknowledged as
// unmarked is gone under both of the person's subjects, and no mark is taken back by half.
func TestKillLosesNoFavourite(t *testing.T) {
	t.Parallel()
	onKills(t, markUntilKilled, func(t *testing.T, d *DB, k killing) {
		acts := map[string]int{} // of each person, how many of the three were acknowledged
		for round := range 6 {
			for _, who := range k.after(t, round, 3+round*13, time.Duration(round)*time.Millisecond) {
				acts[who]++
			}
			if err := (&Favourites{DB: d}).Mark(t.Context(), fmt.Sprint("beside-", round), nil, "lire", true); err != nil {
				t.Fatalf("a mark after the kill: %v", err)
			}
		}
		unmarked := 0
		for who, n := range acts {
			first, second := marks(t, d, who), marks(t, d, who+"-before")
			switch {
			case n == 1 && first != 1, n == 2 && first != second, n == 3 && first+second != 0, n > 3:
				t.Errorf("%s: after %d acts there are %d and %d marks", who, n, first, second)
			case n == 3:
				unmarked++
			}
		}
		if unmarked == 0 {
			t.Error("nobody got as far as to take a mark back")
		}
	})
}

func marks(t *testing.T, d *DB, subject string) int {
	t.Helper()
	got, err := (&Favourites{DB: d}).Marked(t.Context(), []string{subject})
	if err != nil {
		t.Fatal(err)
	}
	return len(got)
}

// markUntilKilled has people mark a service under one subject, under another one, and take it back under both.
func markUntilKilled(_ *testing.T, d *DB, round string) {
	s := &Favourites{DB: d}
	untilKilled(3, func(caller, i int) (string, error) {
		ctx, who := context.Background(), fmt.Sprintf("k-%s-%d-%d", round, caller, i/3)
		subject, all := who, []string{who, who + "-before"}
		if i%3 == 1 {
			subject = all[1]
		}
		return who, s.Mark(ctx, subject, all, "lire", i%3 != 2)
	})
}
