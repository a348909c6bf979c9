package stepup_test

import (
	"errors"
	"strings"
	"testing"

	"ecluse/internal/stepup"
)

// TestAnEnrolmentThatWasBegunWithOtherMeansIsOver: whoever has a means confirms with it that another one is begun. Somebody with
// a stolen session who began before there was one, or before all were taken away because they were stolen, does not finish
// afterwards.
func TestAnEnrolmentThatWasBegunWithOtherMeansIsOver(t *testing.T) {
	t.Parallel()
	thief := stepup.Who{Handle: me.Handle, Session: "s-stolen"}
	for what, meanwhile := range map[string]func(*testing.T, *house, *stepup.Book){
		"a first one was enrolled": func(t *testing.T, h *house, b *stepup.Book) { h.enrolled(t, b, me) },
		"all were taken away": func(t *testing.T, _ *house, b *stepup.Book) {
			if n, err := b.Store.Remove(t.Context(), me.Handle, "", entry()); err != nil || n == 0 {
				t.Fatal(n, err)
			}
		},
		"another one was enrolled after all were taken away": func(t *testing.T, h *house, b *stepup.Book) {
			if _, err := b.Store.Remove(t.Context(), me.Handle, "", entry()); err != nil {
				t.Fatal(err)
			}
			h.enrolled(t, b, me)
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			b := h.replica(t, "one")
			if strings.Contains(what, "taken away") {
				h.enrolled(t, b, me)
			}
			code, err := b.BeginCode(t.Context(), thief)
			if err != nil {
				t.Fatal(err)
			}
			key, options, err := b.BeginKey(t.Context(), thief)
			if err != nil {
				t.Fatal(err)
			}
			meanwhile(t, h, b)
			before, err := b.Factors(t.Context(), me.Handle)
			if err != nil {
				t.Fatal(err)
			}
			secret := strings.ReplaceAll(code.Secret, " ", "")
			if _, err := b.EnrolCode(t.Context(), thief, code.ID, h.code(t, secret, 0), "x", entry()); !errors.Is(err, stepup.ErrOver) {
				t.Errorf("a code: %v", err)
			}
			if _, err := b.EnrolKey(t.Context(), thief, key, newDevice(t).create(options), "x", entry()); !errors.Is(err, stepup.ErrOver) {
				t.Errorf("a key: %v", err)
			}
			if after, err := b.Factors(t.Context(), me.Handle); err != nil || len(after) != len(before) {
				t.Errorf("%d means, were %d: %v", len(after), len(before), err)
			}
		})
	}
}
