package app

import (
	"testing"

	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/store/sqldb"
)

func TestHardCase37TheKeyBookForgetsOnceADayAfterTheConfiguredYears(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		r := newRenewing(t, h)
		store := &sqldb.Keybook{DB: r.db, Journal: r.journal}
		left := func() int {
			t.Helper()
			numbers, err := store.Numbers(t.Context(), "", 10)
			if err != nil {
				t.Fatal(err)
			}
			return len(numbers)
		}
		r.know("ent", "1")
		h.Day("2030-08-31") // the third whole school year after that of 2026 is not over
		last := r.forgetDaily(t.Context(), registry.Date{})
		if last != desktest.Day("2030-08-31") || left() != 1 {
			t.Fatalf("%d people are left on %s", left(), last)
		}
		h.Day("2030-09-01")
		if r.forgetDaily(t.Context(), desktest.Day("2030-09-01")); left() != 1 {
			t.Error("it forgets twice a day")
		}
		for range 2 { // another replica
			if last := r.forgetDaily(t.Context(), last); last != desktest.Day("2030-09-01") || left() != 0 {
				t.Errorf("%d people are left on %s", left(), last)
			}
		}
	})
}
