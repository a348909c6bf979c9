package sqldb

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/accounts"
	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

func accountsOf(t *testing.T, d *DB) *Accounts {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return &Accounts{DB: d, Journal: audittest.Journal(t, d.Audit(), keystest.Ring(t), "test", time.Now), Zone: zone}
}

func accountEntry(action string) audit.Entry {
	return audit.Entry{Class: audit.ClassAdmin, Action: action, Outcome: audit.Done, Actor: "test"}
}

func someAccount(id string, uai person.UAI, until string) accounts.Account {
	day := func(text string) registry.Date {
		d, err := registry.ParseDate(text)
		if err != nil {
			panic(err) // the days of tests are constants
		}
		return d
	}
	at := time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)
	return accounts.Account{
		ID: id, Login: "TMP-" + id, Source: "comptes", UAI: uai, Profile: person.Teacher, GivenName: "Zoé", FamilyName: "MARQUE", Mail: "z@exemple.fr",
		From: day("2026-11-22"), Until: day(until), Reason: "contrat", Author: "handle", Made: at, State: accounts.Active, Since: at,
		Word: "hash", WordEnds: at.Add(accounts.WordLife),
	}
}

func TestAnAccountIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s, ctx := accountsOf(t, d), t.Context()
		a := someAccount("a", "0280202T", "2026-12-31")
		if err := s.Put(ctx, a, accountEntry("account_open")); err != nil {
			t.Fatal(err)
		}
		a.Revision = 1
		got, found, err := s.Account(ctx, "a")
		if err != nil || !found || !reflect.DeepEqual(got, a) {
			t.Errorf("%+v %v %v", got.From, found, err)
		}
		if got, found, err := s.ByLogin(ctx, "comptes", "TMP-a"); err != nil || !found || got.ID != "a" {
			t.Errorf("by login: %v %v", found, err)
		}
		for _, other := range [][2]string{{"autres", "TMP-a"}, {"comptes", "TMP-b"}, {"comptes", ""}} {
			if _, found, err := s.ByLogin(ctx, other[0], other[1]); err != nil || found {
				t.Errorf("%v: %v %v", other, found, err)
			}
		}
		a.Password, a.Word, a.FamilyName, a.UAI, a.Profile = "hash", "", "AUTRE", "0280303C", person.Head
		if err := s.Put(ctx, a, accountEntry("account_first_use")); err != nil {
			t.Fatal(err)
		}
		got, _, _ = s.Account(ctx, "a")
		if got.Password != "hash" || got.Word != "" || got.Revision != 2 || got.FamilyName != "MARQUE" || got.UAI != "0280202T" || got.Profile != person.Teacher {
			t.Error("who an account is for, where and as what, changed, or its password did not")
		}
	})
}

func TestOfTwoWritersOfAnAccountOneIsTold(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s, ctx := accountsOf(t, d), t.Context()
		a := someAccount("a", "0280202T", "2026-12-31")
		if err := s.Put(ctx, a, accountEntry("account_open")); err != nil {
			t.Fatal(err)
		}
		for _, again := range []accounts.Account{a, func() accounts.Account { b := a; b.ID = "b"; return b }()} {
			if err := s.Put(ctx, again, accountEntry("twice")); !errors.Is(err, accounts.ErrConflict) {
				t.Errorf("the id or the login of another account: %v", err)
			}
		}
		a.Revision = 1
		var wg sync.WaitGroup
		var mu sync.Mutex
		done := 0
		for range 8 {
			wg.Go(func() {
				err := s.Put(ctx, a, accountEntry("account_first_use"))
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					done++
				} else if !errors.Is(err, accounts.ErrConflict) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if done != 1 {
			t.Errorf("%d of 8 wrote", done)
		}
		if got := journaled(t, d); got != "account_open account_first_use" {
			t.Errorf("the journal has %q", got)
		}
	})
}

func TestAccountsAreRemovedAfterTheirLastDayAndTheJournalSaysHowMany(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s, ctx := accountsOf(t, d), t.Context()
		for i, until := range []string{"2026-11-30", "2026-11-30", "2026-12-01", "2027-06-30"} {
			uai := person.UAI("0280202T")
			if i == 3 {
				uai = "0280303C"
			}
			if err := s.Put(ctx, someAccount(fmt.Sprint("a", i), uai, until), accountEntry("account_open")); err != nil {
				t.Fatal(err)
			}
		}
		closed, _, _ := s.Account(ctx, "a3")
		closed.State, closed.Since = accounts.Closed, time.Date(2026, 11, 29, 23, 30, 0, 0, time.UTC) // the 30th in Paris
		if err := s.Put(ctx, closed, accountEntry("account_close")); err != nil {
			t.Fatal(err)
		}
		counts, err := s.Counts(ctx, closed.From.Add(9)) // 1 December
		if err != nil || counts["0280202T"] != (accounts.Counts{Waiting: 1, Over: 2}) || counts["0280303C"] != (accounts.Counts{Over: 1}) {
			t.Errorf("%+v %v", counts, err)
		}
		for _, step := range []struct {
			before  int // days after 22 November
			removed int
		}{{8, 0}, {9, 3}, {9, 0}, {10, 1}} {
			if n, err := s.Purge(ctx, closed.From.Add(step.before), accountEntry("accounts_remove")); err != nil || n != step.removed {
				t.Errorf("before day %d: %d %v", step.before, n, err)
			}
		}
		if left, err := s.In(ctx, "0280202T"); err != nil || len(left) != 0 {
			t.Errorf("%d are left, %v", len(left), err)
		}
		if got := journaled(t, d); strings.Count(got, "accounts_remove") != 2 || strings.Contains(got, "MARQUE") {
			t.Errorf("the journal has %q", got)
		}
	})
}

// journaled is the actions in the journal, and fails when an entry names anybody.
func journaled(t *testing.T, d *DB) string {
	t.Helper()
	chains, err := d.Audit().Chains(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var actions []string
	for _, chain := range chains {
		rows, err := d.Audit().Rows(t.Context(), chain, 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			actions = append(actions, row.Action)
			if text := fmt.Sprintf("%+v", row.Entry); strings.Contains(text, "MARQUE") || strings.Contains(text, "Zo") {
				t.Errorf("an entry names somebody: %s", text)
			}
		}
	}
	return strings.Join(actions, " ")
}
