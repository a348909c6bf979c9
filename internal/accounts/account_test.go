package accounts_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/accounts"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
)

func day(t *testing.T, text string) registry.Date {
	t.Helper()
	d, err := registry.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func account(t *testing.T) accounts.Account {
	t.Helper()
	return accounts.Account{
		ID: "a1", UAI: "0280202T", Profile: person.Teacher, GivenName: "Nour", FamilyName: "MARQUE", Mail: "n.marque@exemple.fr",
		From: day(t, "2026-11-22"), Until: day(t, "2026-12-31"), Reason: "contrat en attente", State: accounts.Active,
	}
}

func TestAnAccountOpensFromItsFirstDayToTheEndOfItsLast(t *testing.T) {
	t.Parallel()
	zone, a := registrytest.Paris(), account(t)
	begin, end := time.Date(2026, 11, 22, 0, 0, 0, 0, zone), time.Date(2027, 1, 1, 0, 0, 0, 0, zone)
	for now, want := range map[time.Time]bool{begin.Add(-1): false, begin: true, end.Add(-1): true, end: false} {
		if a.Open(now, zone) != want {
			t.Errorf("at %v: %v", now, !want)
		}
	}
	for name, change := range map[string]func(*accounts.Account){
		"closed":        func(a *accounts.Account) { a.State = accounts.Closed },
		"no state":      func(a *accounts.Account) { a.State = "" },
		"no first day":  func(a *accounts.Account) { a.From = registry.Date{} },
		"no last day":   func(a *accounts.Account) { a.Until = registry.Date{} },
		"a head's":      func(a *accounts.Account) { a.Profile = person.Head },
		"the academy's": func(a *accounts.Account) { a.Profile = person.AcademyStaff },
		"no profile":    func(a *accounts.Account) { a.Profile = "" },
	} {
		a := account(t)
		change(&a)
		if a.Open(begin, zone) {
			t.Errorf("%s: it opens", name)
		}
	}
}

func TestEverythingThatIsWrongWithAnAccountIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	zone := registrytest.Paris()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, zone)
	if found := account(t).Check(now, zone); len(found) > 0 {
		t.Errorf("a good one: %v", found)
	}
	good := account(t)
	good.GivenName, good.Mail, good.Until = "", "", day(t, "2027-11-22") // a single name; twelve months
	if found := good.Check(now, zone); len(found) > 0 {
		t.Errorf("a good one: %v", found)
	}
	var where []string
	for _, f := range (accounts.Account{Mail: "Nour <n@marque.fr>", From: day(t, "2026-11-21")}).Check(now, zone) {
		where = append(where, f.Where)
		if strings.Contains(f.String(), "marque") {
			t.Errorf("%v repeats what was typed", f)
		}
	}
	if want := []string{"family_name", "profile", "reason", "mail", "until", "from"}; !slices.Equal(where, want) {
		t.Errorf("%q, want %q", where, want)
	}
	for name, change := range map[string]func(*accounts.Account){
		"profile":     func(a *accounts.Account) { a.Profile = person.Head },
		"until":       func(a *accounts.Account) { a.Until = day(t, "2027-11-23") },
		"until ":      func(a *accounts.Account) { a.Until = day(t, "2026-11-21") },
		"from":        func(a *accounts.Account) { a.From, a.Until = day(t, "2027-03-01"), day(t, "2027-04-01") },
		"given_name":  func(a *accounts.Account) { a.GivenName = "a\nb" },
		"family_name": func(a *accounts.Account) { a.FamilyName = strings.Repeat("é", 121) },
		"reason":      func(a *accounts.Account) { a.Reason = strings.Repeat("x", 501) },
	} {
		a := account(t)
		change(&a)
		if found := a.Check(now, zone); len(found) != 1 || found[0].Where != strings.TrimSpace(name) {
			t.Errorf("%s: %v", name, found)
		}
	}
}

func TestAWordIsTakenOnceGivenAndNoOther(t *testing.T) {
	t.Parallel()
	zone, a := registrytest.Paris(), account(t)
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, zone)
	if a.Takes("", now) {
		t.Error("an account without a word takes none")
	}
	a.Password = "old"
	first := a.Give(now, zone)
	if !regexp.MustCompile(`^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$`).MatchString(first) || strings.Contains(a.Word, first) || a.Password != "" {
		t.Errorf("word %q", first)
	}
	for typed, want := range map[string]bool{
		first: true, strings.ToLower(strings.ReplaceAll(first, "-", " ")): true, strings.ReplaceAll(first, "0", "o"): true, strings.ReplaceAll(first, "1", "l"): true,
		"": false, first[:len(first)-1]: false, first + "0": false,
	} {
		if a.Takes(typed, now) != want {
			t.Errorf("%q: %v", typed, !want)
		}
	}
	end := now.Add(accounts.WordLife)
	if !a.Takes(first, end.Add(-1)) || a.Takes(first, end) {
		t.Error("the word does not end after 14 days")
	}
	second := a.Give(now, zone)
	if a.Takes(first, now) || !a.Takes(second, now) {
		t.Error("a new word leaves the old one")
	}
	a.From = day(t, "2026-12-20") // the fortnight begins with the first day
	if third := a.Give(now, zone); !a.Takes(third, a.From.Starts(zone).Add(accounts.WordLife-1)) {
		t.Error("the word ends before it could be used")
	}
}

func TestLoginsAreShortUnlikeEachOtherAndReadHoweverTyped(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		login := accounts.NewLogin()
		if seen[login] || !regexp.MustCompile(`^TMP-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$`).MatchString(login) {
			t.Fatalf("login %q", login)
		}
		seen[login] = true
		for _, typed := range []string{login, strings.ToLower(login), " " + strings.ReplaceAll(login, "-", ""), strings.ReplaceAll(login, "0", "O")} {
			if accounts.Login(typed) != login {
				t.Fatalf("%q is read as %q", typed, accounts.Login(typed))
			}
		}
	}
	if one, other := accounts.NewID(), accounts.NewID(); one == other {
		t.Error("two ids are the same")
	}
}

func TestAnAccountIsOverOnTheDayItWasClosed(t *testing.T) {
	t.Parallel()
	zone, a := registrytest.Paris(), account(t)
	a.Since = time.Date(2026, 11, 30, 23, 30, 0, 0, zone)
	if got := a.LastDay(zone); got != a.Until {
		t.Errorf("an open one: %s", got)
	}
	a.State = accounts.Closed
	if got := a.LastDay(zone).String(); got != "2026-11-30" {
		t.Errorf("closed: %s", got)
	}
	a.Since = a.Since.AddDate(1, 0, 0)
	if got := a.LastDay(zone); got != a.Until {
		t.Errorf("closed after its end: %s", got)
	}
}

func TestAnAccountPrintsNobody(t *testing.T) {
	t.Parallel()
	a := account(t)
	a.Login, a.Word, a.Password = "MARQUE", "MARQUE", "MARQUE"
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", a, "p", &a)
	fmt.Fprintf(&out, "%v %+v %#v %s %v", a, a, a, &a, []any{a})
	if strings.Contains(out.String(), "MARQUE") || strings.Contains(out.String(), "arque") {
		t.Errorf("printed: %s", &out)
	}
}
