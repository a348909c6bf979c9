package sqldb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/notify"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

func monday() time.Time { return time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC) }

func aMail(id string, kind notify.Kind, to notify.Box, made time.Time) notify.Mail {
	return notify.Mail{ID: id, To: to, Kind: kind, About: "pix", Subject: "Échéance", Text: "Texte\n", Made: made, State: notify.Queued}
}

func dpo() notify.Box { return notify.Box{Role: registry.DPO, Of: "lille"} }

func head(uai string) notify.Box { return notify.Box{Role: registry.HeadOfSchool, Of: uai} }

func idsOf(list []notify.Mail) []string {
	out := make([]string, len(list))
	for i, m := range list {
		out[i] = m.ID
	}
	return out
}

func put(t *testing.T, s *Mails, marks []string, mails ...notify.Mail) bool {
	t.Helper()
	ok, err := s.Put(t.Context(), marks, mails, monday())
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func TestMailsAreKeptWithTheirMarksOrNotAtAll(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s := &Mails{DB: d}
		if !put(t, s, []string{"a", "b"}, aMail("1", notify.Ending, dpo(), monday())) {
			t.Fatal("the first was refused")
		}
		if put(t, s, []string{"c", "b"}, aMail("2", notify.Ending, dpo(), monday())) {
			t.Error("what was told already was put again")
		}
		left, err := s.Unknown(t.Context(), []string{"a", "c", "b", "d"})
		if err != nil || !slices.Equal(left, []string{"c", "d"}) {
			t.Errorf("unknown are %v, %v", left, err)
		}
		list, err := s.List(t.Context(), notify.Query{Limit: 10})
		if err != nil || len(list) != 1 || list[0].ID != "1" || list[0].Text != "" || list[0].To != dpo() || list[0].State != notify.Queued || !list[0].Made.Equal(monday()) {
			t.Errorf("%+v, %v", list, err)
		}
		many := make([]string, 3*mostMarks)
		for i := range many {
			many[i] = fmt.Sprint("m", i)
		}
		if !put(t, s, many) {
			t.Error("a week without mails was refused")
		}
		if left, err := s.Unknown(t.Context(), append(many, "z")); err != nil || !slices.Equal(left, []string{"z"}) {
			t.Errorf("unknown are %v, %v", left, err)
		}
	})
}

func TestALeasedMailIsNobodyElsesUntilItsLeaseEnds(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s := &Mails{DB: d}
		put(t, s, []string{"a"}, aMail("1", notify.Digest, dpo(), monday()), aMail("2", notify.Suspended, dpo(), monday().Add(time.Minute)), aMail("3", notify.Digest, dpo(), monday().Add(time.Hour)))
		lease := func(limit int, at time.Duration) []notify.Mail {
			t.Helper()
			list, err := s.Lease(t.Context(), limit, monday().Add(at), monday().Add(at+10*time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		first := lease(1, 2*time.Minute)
		if len(first) != 1 || first[0].ID != "2" || first[0].Attempts != 1 || first[0].Text != "Texte\n" || first[0].Kind != notify.Suspended {
			t.Fatalf("the urgent one is not the first: %v", first)
		}
		if got := lease(10, 3*time.Minute); !slices.Equal(idsOf(got), []string{"1"}) {
			t.Errorf("leased %v", idsOf(got))
		}
		if got := lease(10, 5*time.Minute); len(got) != 0 {
			t.Errorf("leased twice: %v", idsOf(got))
		}
		again := lease(10, 12*time.Minute)
		if len(again) != 1 || again[0].ID != "2" || again[0].Attempts != 2 {
			t.Fatalf("after the lease's end: %v", again)
		}
		settle := func(m notify.Mail, state notify.State, code string, next time.Duration) {
			t.Helper()
			m.State, m.Code, m.Settled = state, code, monday().Add(13*time.Minute)
			if err := s.Settle(t.Context(), m, monday().Add(next)); err != nil {
				t.Fatal(err)
			}
		}
		settle(first[0], notify.Failed, "late", 0) // the attempt before
		settle(again[0], notify.Queued, "recipient 450", 30*time.Minute)
		if got := lease(10, 14*time.Minute); !slices.Equal(idsOf(got), []string{"1"}) {
			t.Errorf("before its pause is over: %v", idsOf(got))
		}
		third := lease(10, 31*time.Minute)
		if !slices.Equal(idsOf(third), []string{"2", "1"}) && !slices.Equal(idsOf(third), []string{"1", "2"}) {
			t.Fatalf("after the pause: %v", idsOf(third))
		}
		for _, m := range third {
			settle(m, notify.Sent, "", 0)
		}
		if got := lease(10, 2*time.Hour); !slices.Equal(idsOf(got), []string{"3"}) {
			t.Errorf("what is settled is leased: %v", idsOf(got))
		}
		counts, err := s.Count(t.Context(), monday())
		if err != nil || counts[notify.Sent] != 2 || counts[notify.Queued] != 1 || counts[notify.Failed] != 0 {
			t.Errorf("%v, %v", counts, err)
		}
		if counts, err := s.Count(t.Context(), monday().Add(time.Hour)); err != nil || counts[notify.Sent] != 0 || counts[notify.Queued] != 1 {
			t.Errorf("since later: %v, %v", counts, err)
		}
	})
}

func TestABounceIsOfAMailThatWasSent(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s := mailsWithJournal(t, d)
		put(t, s, []string{"a"}, aMail("1", notify.Digest, dpo(), monday()))
		for _, id := range []string{"1", "absent"} {
			if err := s.Bounce(t.Context(), id, "5.1.1", monday()); !errors.Is(err, notify.ErrNone) {
				t.Errorf("%s: %v", id, err)
			}
		}
		entry := audit.Entry{Class: audit.ClassAdmin, Action: "mail_again", Outcome: audit.Done, Actor: "h"}
		if err := s.Again(t.Context(), "1", monday(), entry); !errors.Is(err, notify.ErrNone) {
			t.Errorf("what waits was put again: %v", err)
		}
		send(t, s, monday())
		if err := s.Bounce(t.Context(), "1", "5.1.1", monday().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		list, err := s.List(t.Context(), notify.Query{Limit: 9, Wrong: true})
		if err != nil || len(list) != 1 || list[0].State != notify.Bounced || list[0].Code != "5.1.1" || !list[0].Settled.Equal(monday().Add(time.Hour)) {
			t.Fatalf("%+v, %v", list, err)
		}
		if err := s.Again(t.Context(), "1", monday().Add(2*time.Hour), entry); err != nil {
			t.Fatal(err)
		}
		again, err := s.Lease(t.Context(), 9, monday().Add(2*time.Hour), monday().Add(3*time.Hour))
		if err != nil || len(again) != 1 || again[0].ID != "1" || again[0].Attempts != 1 || again[0].Code != "" || again[0].Text != "Texte\n" {
			t.Errorf("%+v, %v", again, err)
		}
		page, err := d.Audit().List(t.Context(), audit.Query{Action: "mail_again"})
		if err != nil || len(page.Entries) != 1 {
			t.Errorf("%d entries, %v", len(page.Entries), err)
		}
	})
}

func mailsWithJournal(t *testing.T, d *DB) *Mails {
	t.Helper()
	return &Mails{DB: d, Journal: testJournal(t, d, "mails")}
}

// send takes everything that is due.
func send(t *testing.T, s *Mails, at time.Time) {
	t.Helper()
	due, err := s.Lease(t.Context(), 100, at, at.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range due {
		m.State, m.Settled = notify.Sent, at
		if err := s.Settle(t.Context(), m, time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheListGoesBackPageByPageAndToSomeSchoolsAlone(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s := &Mails{DB: d}
		for i, box := range []notify.Box{dpo(), head("0590001A"), {Role: registry.Directeur, Of: "0590002B"}, head("0590003C"), {Role: registry.DASEN, Of: "0590001A"}} {
			at := monday().Add(time.Duration(i/2) * time.Hour) // two of one instant
			put(t, s, []string{fmt.Sprint("m", i)}, aMail(fmt.Sprint(i), notify.Ending, box, at))
		}
		var got []string
		q := notify.Query{Limit: 2}
		for range 4 {
			list, err := s.List(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, idsOf(list)...)
			if len(list) > 0 {
				q.Before, q.Past = list[len(list)-1].Made, list[len(list)-1].ID
			}
		}
		if !slices.Equal(got, []string{"4", "2", "3", "0", "1"}) {
			t.Errorf("%v", got)
		}
		for name, c := range map[string]struct {
			uais []person.UAI
			want []string
		}{
			"one": {[]person.UAI{"0590001A"}, []string{"1"}}, "two": {[]person.UAI{"0590001A", "0590002B"}, []string{"2", "1"}},
			"none": {[]person.UAI{}, []string{}},
		} {
			list, err := s.List(t.Context(), notify.Query{UAIs: c.uais, Limit: 9})
			if err != nil || !slices.Equal(idsOf(list), c.want) {
				t.Errorf("%s: %v, %v", name, idsOf(list), err)
			}
		}
	})
}

func TestWhatIsOverIsForgottenAndWhatWaitsIsNot(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s := &Mails{DB: d}
		put(t, s, []string{"old"}, aMail("1", notify.Ending, dpo(), monday()))
		send(t, s, monday())
		put(t, s, []string{"waits"}, aMail("2", notify.Ending, dpo(), monday()))
		if err := s.Forget(t.Context(), monday(), monday()); err != nil {
			t.Fatal(err)
		}
		if list, err := s.List(t.Context(), notify.Query{Limit: 9}); err != nil || len(list) != 2 {
			t.Errorf("too early: %v, %v", idsOf(list), err)
		}
		if err := s.Forget(t.Context(), monday().Add(time.Hour), monday().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		list, err := s.List(t.Context(), notify.Query{Limit: 9})
		left, unknown := s.Unknown(t.Context(), []string{"old", "waits"})
		if err != nil || unknown != nil || !slices.Equal(idsOf(list), []string{"2"}) || len(left) != 2 {
			t.Errorf("%v, %v, %v, %v", idsOf(list), left, err, unknown)
		}
	})
}

func TestOfSeveralReplicasOnePutsAndOneSends(t *testing.T) {
	t.Parallel()
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const replicas, rounds = 3, 8
			var putters atomic.Int64
			var mu sync.Mutex
			sent := map[string]int{}
			var wg sync.WaitGroup
			for r := range replicas {
				s := &Mails{DB: openAt(t, location, Options{})}
				wg.Go(func() {
					for i := range rounds {
						mark := fmt.Sprint("digest ", i)
						ok, err := s.Put(t.Context(), []string{mark}, []notify.Mail{aMail(fmt.Sprint(i, "-", r), notify.Digest, dpo(), monday())}, monday())
						if err != nil {
							t.Error(err)
						}
						if ok {
							putters.Add(1)
						}
						due, err := s.Lease(t.Context(), 2, monday(), monday().Add(time.Minute))
						if err != nil {
							t.Error(err)
						}
						mu.Lock()
						for _, m := range due {
							sent[m.ID]++
						}
						mu.Unlock()
					}
				})
			}
			wg.Wait()
			if putters.Load() != rounds || len(sent) != rounds {
				t.Errorf("%d puts and %d mails of %d", putters.Load(), len(sent), rounds)
			}
			for id, n := range sent {
				if n != 1 {
					t.Errorf("mail %s was leased %d times", id, n)
				}
			}
		})
	}
}

func TestMailsThatWereAcknowledgedSurviveAKill(t *testing.T) {
	t.Parallel()
	writes := func(_ *testing.T, d *DB, round string) {
		s := &Mails{DB: d}
		untilKilled(2, func(caller, i int) (string, error) {
			id := fmt.Sprintf("%s-%d-%d", round, caller, i)
			_, err := s.Put(context.Background(), []string{"mark " + id}, []notify.Mail{aMail(id, notify.Suspended, dpo(), monday())}, monday())
			return id, err
		})
	}
	onKills(t, writes, func(t *testing.T, d *DB, k killing) {
		s := &Mails{DB: d}
		for round := range 2 {
			done := k.after(t, round, 5, time.Duration(round)*3*time.Millisecond)
			leased := map[string]bool{}
			for {
				due, err := s.Lease(t.Context(), 50, monday().Add(time.Hour), monday().Add(2*time.Hour))
				if err != nil {
					t.Fatal(err)
				}
				if len(due) == 0 {
					break
				}
				for _, m := range due {
					leased[m.ID] = true
					if left, err := s.Unknown(t.Context(), []string{"mark " + m.ID}); err != nil || len(left) != 0 {
						t.Errorf("mail %s is there without its mark: %v", m.ID, err)
					}
				}
			}
			for _, id := range done {
				if !leased[id] {
					t.Errorf("mail %s was acknowledged and is gone", id)
				}
			}
		}
	})
}
