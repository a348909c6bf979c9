package login_test

import (
	"context"
	"errors"
	"testing"

	"ecluse/internal/guardian"
	"ecluse/internal/person"
)

// shutter closes every view, or fails.
type shutter struct {
	guardian.Store
	fails error
}

func (s *shutter) Closed(_ context.Context, pairs []string) (map[string][]string, error) {
	out := map[string][]string{}
	for _, pair := range pairs {
		out[pair] = []string{"closed"}
	}
	return out, s.fails
}

// TestWhoSitsThereHoldsTheAuthorityOfToday: the pages of one's data speak of no child whose view a school has closed.
func TestWhoSitsThereHoldsTheAuthorityOfToday(t *testing.T) {
	t.Parallel()
	h := family(t)
	b := signedIn(t, h, "pere")
	if s, ok, err := h.Flow.Sitting(with(b)); err != nil || !ok || len(s.Who.Wards) != 1 || s.Who.Wards[0].Authority != person.Yes {
		t.Fatalf("before: %v %v %d", ok, err, len(s.Who.Wards))
	}
	shut := &shutter{}
	h.Flow.Guardians = &guardian.Book{Store: shut, Keys: h.Flow.Keys, Now: h.Clock.Now}
	s, ok, err := h.Flow.Sitting(with(b))
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	who, around, _, err := h.Flow.Visitor(with(b))
	if err != nil || len(who.Wards) != len(s.Who.Wards) || len(around.Tabs) != len(s.Around.Tabs) {
		t.Errorf("one reads %d wards and %d tabs, the other %d and %d: %v", len(s.Who.Wards), len(s.Around.Tabs), len(who.Wards), len(around.Tabs), err)
	}
	for _, w := range s.Who.Wards {
		if w.Authority == person.Yes {
			t.Error("a closed view is open on the pages of one's data")
		}
	}
	shut.fails = errors.New("the store is down")
	if _, ok, err := h.Flow.Sitting(with(b)); ok || !errors.Is(err, shut.fails) {
		t.Errorf("a store that fails: %v, %v", ok, err)
	}
}
