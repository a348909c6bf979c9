package stepup_test

import (
	"errors"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/roles"
	"ecluse/internal/stepup"
)

const strong = "https://refeds.org/profile/mfa"

// sent has somebody's act wait and sends them to their source for it.
func (h *house) sent(t *testing.T, b *stepup.Book, w stepup.Who, key string) (word, waiting string) {
	t.Helper()
	waiting, err := b.Ask(t.Context(), stepup.Asked{Who: w, Act: roles.Approve, Word: "declaration_approve", Key: key, Path: "/bureau/"})
	if err != nil {
		t.Fatal(err)
	}
	if word, err = b.SendAway(t.Context(), w, waiting, "ent", []string{strong, "mfa"}); err != nil {
		t.Fatal(err)
	}
	return word, waiting
}

func (h *house) said() stepup.Said {
	return stepup.Said{Source: "ent", Handles: []string{"h-elsewhere", me.Handle}, Context: strong, At: h.now()}
}

func TestASourceConfirmsTheActForWhichItWasAskedOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b, replica := h.replica(t, "one"), h.replica(t, "two")
	word, waiting := h.sent(t, b, me, "act")
	id, why, err := replica.ComeBack(t.Context(), word, h.said())
	if err != nil || why != "" || id != waiting {
		t.Fatalf("%q, %v", why, err)
	}
	for name, ok := range map[string]bool{
		"another act":     spends(t, b, me, "other act"),
		"another person":  spends(t, b, another, "act"),
		"another session": spends(t, b, stepup.Who{Handle: me.Handle, Session: "s-9"}, "act"),
	} {
		if ok {
			t.Errorf("%s is confirmed", name)
		}
	}
	means, ok, err := b.Spend(t.Context(), roles.Caller{Handle: me.Handle, Session: me.Session}, "act")
	if err != nil || !ok || means != string(stepup.Source) {
		t.Errorf("%q, %v, %v", means, ok, err)
	}
	if spends(t, replica, me, "act") {
		t.Error("it counts twice")
	}
	if _, _, err := b.ComeBack(t.Context(), word, h.said()); !errors.Is(err, stepup.ErrOver) {
		t.Errorf("the word is taken twice: %v", err)
	}
}

func TestAnAnswerOfTheSourceThatWillNotDoConfirmsNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.replica(t, "one")
	for name, c := range map[string]struct {
		how func(*stepup.Said)
		why stepup.Why
	}{
		"somebody else":              {func(s *stepup.Said) { s.Handles = []string{another.Handle} }, stepup.Other},
		"nobody whom the desk knows": {func(s *stepup.Said) { s.Handles = nil }, stepup.Other},
		"another source":             {func(s *stepup.Said) { s.Source = "other" }, stepup.Other},
		"another way":                {func(s *stepup.Said) { s.Context = "pwd" }, stepup.Weak},
		"no way":                     {func(s *stepup.Said) { s.Context = "" }, stepup.Weak},
		"an old proof":               {func(s *stepup.Said) { s.At = s.At.Add(-2 * time.Second) }, stepup.Stale},
		"a proof of no instant":      {func(s *stepup.Said) { s.At = time.Time{} }, stepup.Stale},
		"a rejected answer":          {func(s *stepup.Said) { s.Why = stepup.Rejected }, stepup.Rejected},
		"no answer":                  {func(s *stepup.Said) { s.Why = stepup.Unavailable }, stepup.Unavailable},
		"somebody who gave up":       {func(s *stepup.Said) { s.Why = stepup.Cancelled }, stepup.Cancelled},
	} {
		word, waiting := h.sent(t, b, me, name)
		said := h.said()
		c.how(&said)
		id, why, err := b.ComeBack(t.Context(), word, said)
		if err != nil || why != c.why || id != waiting || spends(t, b, me, name) {
			t.Errorf("%s: %q, %v", name, why, err)
		}
		if _, _, err := b.ComeBack(t.Context(), word, h.said()); !errors.Is(err, stepup.ErrOver) {
			t.Errorf("%s: a second answer under the same word: %v", name, err)
		}
	}
	page, err := h.db.Audit().List(t.Context(), audit.Query{Action: "step_up_source"})
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[string]int{}
	for _, e := range page.Entries {
		if e.Actor != me.Handle || e.Outcome != audit.Refused || e.Source != "ent" {
			t.Errorf("the journal has %+v", e)
		}
		reasons[e.Reason]++
	}
	if len(reasons) != 4 || reasons["other"] != 3 || reasons["weak"] != 2 || reasons["stale"] != 2 || reasons["rejected"] != 1 {
		t.Errorf("the journal has %v", reasons)
	}
}

func TestNobodyIsSentAwayForSomebodyElsesActNorWithoutAWay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.replica(t, "one")
	_, waiting := h.sent(t, b, me, "act")
	for name, w := range map[string]stepup.Who{"another": another, "another session": {Handle: me.Handle, Session: "s-9"}, "nobody": {}} {
		if _, err := b.SendAway(t.Context(), w, waiting, "ent", []string{strong}); !errors.Is(err, stepup.ErrOver) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, contexts := range map[string][]string{"none": nil, "an empty list": {}} {
		if _, err := b.SendAway(t.Context(), me, waiting, "ent", contexts); !errors.Is(err, stepup.ErrNone) {
			t.Errorf("%s: %v", name, err)
		}
	}
	word, _ := h.sent(t, b, me, "late")
	h.wait(16 * time.Minute)
	if _, _, err := b.ComeBack(t.Context(), word, h.said()); !errors.Is(err, stepup.ErrOver) {
		t.Errorf("after a quarter of an hour: %v", err)
	}
}
