package local_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"ecluse/internal/accounts"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func TestHardCase45ANewArrivalSignsInUntilTheEndOfTheLastDay(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		d := newDoor(t, h)
		a, word := d.open(t)
		if code := d.try(a.Login, chosen); code != http.StatusUnprocessableEntity {
			t.Errorf("before the first use: %d", code)
		}
		if code := d.first(a.Login, word, chosen); code != http.StatusNoContent {
			t.Fatalf("first use: %d\n%s", code, &d.logged)
		}
		who := d.last(t)
		end := time.Date(2027, 1, 1, 0, 0, 0, 0, d.Live.Zone)
		if who.Key != (person.Key{Authority: "local:comptes", ID: a.ID}) || who.First(person.FamilyName) != name || who.First(person.Mail) != "nour@exemple.fr" ||
			len(who.Affiliations) != 1 || len(who.Wards) != 0 {
			t.Error("not the person for whom the account was opened")
		}
		for now, want := range map[time.Time]bool{d.Now(): true, end.Add(-1): true, end: false} {
			if _, ok := who.At(desktest.College, person.Teacher, now); ok != want {
				t.Errorf("a session of today, at %v: %v", now, ok)
			}
		}
		d.Set(end.Add(-time.Millisecond))
		if code := d.try(a.Login, chosen); code != http.StatusNoContent {
			t.Errorf("on the evening of the last day: %d", code)
		}
		who = d.last(t)
		if _, ok := who.At(desktest.College, person.Teacher, end); ok {
			t.Error("a session of the last evening outlives the account")
		}
		d.Set(end)
		if code := d.try(a.Login, chosen); code != http.StatusUnprocessableEntity {
			t.Errorf("the day after: %d", code)
		}
		d.names(t, a.Login, word)
	})
}

func TestHardCase45AWordWorksOnceForOnePersonAndEnds(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		d := newDoor(t, h)
		a, word := d.open(t)
		for _, bad := range [][2]string{{a.Login, word + "0"}, {a.Login, a.ID}, {"TMP-0000-0000", word}, {a.ID, word}} {
			if code := d.first(bad[0], bad[1], chosen); code != http.StatusUnprocessableEntity {
				t.Errorf("%q %q: %d", bad[0], bad[1], code)
			}
		}
		if code := d.first(" "+a.Login, word, chosen); code != http.StatusNoContent {
			t.Fatalf("first use: %d", code)
		}
		const theirs = "le mot de passe d'un collègue"
		if code := d.first(a.Login, word, theirs); code != http.StatusUnprocessableEntity {
			t.Errorf("a used word: %d", code)
		}
		if d.try(a.Login, theirs) == http.StatusNoContent || d.try(a.Login, chosen) != http.StatusNoContent {
			t.Error("the used word changed the password")
		}
		next, second, err := d.ResetAccount(t.Context(), d.Head(desktest.College), a.ID)
		if err != nil || next.Login != a.Login || second == word {
			t.Fatalf("reset: %v", err)
		}
		if code := d.try(a.Login, chosen); code != http.StatusUnprocessableEntity {
			t.Errorf("the password from before the reset: %d", code)
		}
		if ended := d.host.Ended(); ended[len(ended)-1] != "comptes "+a.ID {
			t.Errorf("the session from before the reset goes on: %q", d.host.Ended())
		}
		if code := d.first(a.Login, word, chosen); code != http.StatusUnprocessableEntity {
			t.Errorf("the word from before the reset: %d", code)
		}
		d.Wait(accounts.WordLife)
		if code := d.first(a.Login, second, chosen); code != http.StatusUnprocessableEntity {
			t.Errorf("a word of fourteen days ago: %d", code)
		}
		d.names(t, a.Login, word, second, theirs)
	})
}

func TestHardCase45AnotherSchoolNeitherSeesNorEndsTheAccount(t *testing.T) {
	t.Parallel()
	d := newDoor(t, desktest.New(t))
	a := d.used(t)
	for name, c := range map[string]roles.Caller{
		"the head of another school": d.Head(desktest.Other), "a directeur": d.Head(desktest.Ecole), "the DASEN": d.DASEN(),
	} {
		_, missing := d.CloseAccount(t.Context(), c, "nothing")
		_, err := d.CloseAccount(t.Context(), c, a.ID)
		_, _, err2 := d.ResetAccount(t.Context(), c, a.ID)
		for _, err := range []error{err, err2, missing} {
			if notFound := (*desk.NotFound)(nil); !errors.As(err, &notFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, _, err := d.OpenAccount(t.Context(), c, asked()); !isDenied(err) {
			t.Errorf("%s opens one: %v", name, err)
		}
		if list, err := d.AccountsOf(t.Context(), c); err != nil || len(list) != 0 {
			t.Errorf("%s sees %d, %v", name, len(list), err)
		}
	}
	for name, c := range map[string]roles.Caller{
		"a teacher": d.Teacher(desktest.College), "the recteur": d.Recteur(), "the DPO": d.DPO(), "an administrator": d.Admin(),
		"an auditor": d.Auditor(), "on call": d.OnCall(), "support": d.Support(), "nobody": {},
	} {
		_, err := d.CloseAccount(t.Context(), c, a.ID)
		_, missing := d.CloseAccount(t.Context(), c, "nothing")
		if !isDenied(err) || !isDenied(missing) {
			t.Errorf("%s: %v and %v", name, err, missing)
		}
		list, err := d.AccountsOf(t.Context(), c)
		for _, at := range list {
			if at.Accounts != nil || at.Counts != (accounts.Counts{Active: 1}) {
				t.Errorf("%s sees whose accounts they are", name)
			}
		}
		if err != nil {
			t.Error(err)
		}
	}
	if code := d.try(a.Login, chosen); code != http.StatusNoContent {
		t.Errorf("the account was touched: %d", code)
	}
	d.names(t, a.Login)
}

func isDenied(err error) bool {
	var denied *roles.Denied
	return errors.As(err, &denied)
}

func TestHardCase45WhoOpensClosesAtOnce(t *testing.T) {
	t.Parallel()
	d := newDoor(t, desktest.New(t))
	ecole := asked()
	ecole.UAI, ecole.Profile = desktest.Ecole, person.Pupil
	for name, by := range map[string]struct {
		caller roles.Caller
		asks   accounts.Account
	}{
		"the head": {d.Head(desktest.College), asked()}, "the deputy": {d.Deputy(desktest.College, "2026-9", desktest.Day("2027-08-31")), asked()},
		"the assistant": {d.Assistant(), asked()}, "the directeur": {d.Head(desktest.Ecole), ecole}, "the DASEN": {d.DASEN(), ecole},
	} {
		a, word, err := d.OpenAccount(t.Context(), by.caller, by.asks)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if code := d.first(a.Login, word, chosen); code != http.StatusNoContent {
			t.Errorf("%s: %d", name, code)
		}
		for range 2 {
			closed, err := d.CloseAccount(t.Context(), by.caller, a.ID)
			if err != nil || closed.State != accounts.Closed || closed.Password != "" || closed.Login != "" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if ended := d.host.Ended(); ended[len(ended)-1] != "comptes "+a.ID {
			t.Errorf("%s: the holder stays signed in", name)
		}
		if code := d.try(a.Login, chosen); code != http.StatusUnprocessableEntity {
			t.Errorf("%s: the closed account lets in: %d", name, code)
		}
		var conflict *desk.Conflict
		if _, _, err := d.ResetAccount(t.Context(), by.caller, a.ID); !errors.As(err, &conflict) || conflict.Code != "state" {
			t.Errorf("%s: a closed account was reset: %v", name, err)
		}
	}
	d.names(t)
}

func TestHardCase45NobodyBecomesHeadByATemporaryAccount(t *testing.T) {
	t.Parallel()
	d := newDoor(t, desktest.New(t))
	for _, profile := range person.Profiles() {
		a := asked()
		a.Profile = profile
		made, word, err := d.OpenAccount(t.Context(), d.Head(desktest.College), a)
		if !slices.Contains(accounts.Profiles(), profile) {
			var invalid *desk.Invalid
			if !errors.As(err, &invalid) || len(invalid.Findings) != 1 || invalid.Findings[0].Where != "profile" {
				t.Errorf("%s: %v", profile, err)
			}
			continue
		}
		if err != nil || d.first(made.Login, word, chosen) != http.StatusNoContent {
			t.Fatalf("%s: %v", profile, err)
		}
		who := d.last(t)
		if len(who.Values[person.HeadsOf])+len(who.Values[person.ActsFor]) > 0 || len(who.Affiliations[0].Functions) > 0 || who.Affiliations[0].Profile != profile {
			t.Errorf("%s: the source says more than the profile", profile)
		}
	}
	injected := asked() // a name is never read as anything else
	injected.GivenName, injected.FamilyName = "0280202T$DIR", "0280202T$UAJ$PU$N$T3$CLG$340"
	a, word, err := d.OpenAccount(t.Context(), d.Head(desktest.College), injected)
	if err != nil || d.first(a.Login, word, chosen) != http.StatusNoContent {
		t.Fatal(err)
	}
	if who := d.last(t); len(who.Values[person.HeadsOf]) > 0 || len(who.Affiliations) != 1 || who.Affiliations[0].Profile != person.Teacher {
		t.Error("a name made somebody head")
	}
}

func TestHardCase45AnAccountNeedsAnEstablishmentThatTheSourceSpeaksFor(t *testing.T) {
	t.Parallel()
	d := newDoor(t, desktest.New(t))
	ask := func(change func(*accounts.Account)) string {
		a := asked()
		change(&a)
		_, _, err := d.OpenAccount(t.Context(), d.Head(desktest.College), a)
		var invalid *desk.Invalid
		if err == nil {
			return ""
		}
		if !errors.As(err, &invalid) || len(invalid.Findings) != 1 {
			t.Fatalf("%v", err)
		}
		return invalid.Findings[0].Where
	}
	if got := ask(func(a *accounts.Account) { a.Source = "ent" }); got != "source" {
		t.Errorf("a source of another kind: %q", got)
	}
	second := source()
	second.ID, second.Authority = "autres", "local:autres"
	d.Apply(t, registry.Change{Sources: []registry.Source{second}})
	if got := ask(func(*accounts.Account) {}); got != "source" {
		t.Errorf("one of two: %q", got)
	}
	if got := ask(func(a *accounts.Account) { a.Source = "autres" }); got != "" {
		t.Errorf("the one that was named: %q", got)
	}
	second.UAIs = []person.UAI{desktest.Other}
	d.Apply(t, registry.Change{Sources: []registry.Source{second}})
	if got := ask(func(*accounts.Account) {}); got != "" {
		t.Errorf("the one that speaks for the collège: %q", got)
	}
	first := source()
	first.UAIs = []person.UAI{desktest.Other}
	d.Apply(t, registry.Change{Sources: []registry.Source{first}})
	if got := ask(func(*accounts.Account) {}); got != "source" {
		t.Errorf("none speaks for the collège: %q", got)
	}
	first.UAIs = nil
	school, _ := d.Snapshot(t).Establishment(desktest.College)
	school.ClosedOn = desktest.Day("2026-11-21")
	d.Apply(t, registry.Change{Sources: []registry.Source{first}, Establishments: []registry.Establishment{school}})
	if got := ask(func(*accounts.Account) {}); got != "uai" {
		t.Errorf("a closed school: %q", got)
	}
}
