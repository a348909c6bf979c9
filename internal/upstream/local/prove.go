package local

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ecluse/internal/accounts"
	"ecluse/internal/audit"
	"ecluse/internal/person"
	"ecluse/internal/upstream"
	"ecluse/internal/upstream/typed"
)

// settleWithin is how long a guess that was none may take to be taken back.
const settleWithin = 5 * time.Second

// signIn proves login and password. An unknown login, a wrong or used word, a wrong password, an account that has not begun
// or is over are all typed.ErrWrong. Its other errors are upstream.TooManyError, and everything else, which means that
// nothing was evaluated.
func (c *Connector) signIn(ctx context.Context, at upstream.Where, login, password string) (a accounts.Account, err error) {
	settle, err := c.count(ctx, at, login)
	if err != nil {
		return accounts.Account{}, err
	}
	defer func() { settle(err) }()
	a, known, err := c.accounts.ByLogin(ctx, c.source, accounts.Login(login))
	if err != nil {
		return accounts.Account{}, fmt.Errorf("%w: %w", upstream.ErrUnavailable, err)
	}
	if !known {
		a = accounts.Account{}
	}
	if len(password) > 4*mostPassword {
		password = "" // longer than any that may be chosen; the work stays the same
	}
	right, err := c.passwords.same(ctx, a.Password, password)
	switch {
	case err != nil:
		return accounts.Account{}, err
	case !right || !known || !a.Open(c.now(), c.zone):
		return accounts.Account{}, typed.ErrWrong
	}
	return a, nil
}

// firstUse proves the one-time word and keeps the password that its holder chose. The word is gone then; of two who use it
// at once, one is refused.
func (c *Connector) firstUse(ctx context.Context, at upstream.Where, login, word, password string) (a accounts.Account, err error) {
	settle, err := c.count(ctx, at, login)
	if err != nil {
		return accounts.Account{}, err
	}
	defer func() { settle(err) }()
	a, known, err := c.accounts.ByLogin(ctx, c.source, accounts.Login(login))
	if err != nil {
		return accounts.Account{}, fmt.Errorf("%w: %w", upstream.ErrUnavailable, err)
	}
	if taken := a.Takes(word, c.now()); !known || !taken || !a.Open(c.now(), c.zone) {
		return accounts.Account{}, typed.ErrWrong
	}
	if a.Password, err = c.passwords.keep(ctx, password); err != nil {
		return accounts.Account{}, err
	}
	a.Word = ""
	err = c.accounts.Put(ctx, a, audit.Entry{
		Class: audit.ClassAdmin, Action: "account_first_use", Outcome: audit.Done, Source: c.source, UAI: string(a.UAI),
		Detail: map[string]string{"account": a.ID},
	})
	if errors.Is(err, accounts.ErrConflict) {
		return accounts.Account{}, typed.ErrWrong
	}
	if err != nil {
		return accounts.Account{}, fmt.Errorf("%w: %w", upstream.ErrUnavailable, err)
	}
	return a, nil
}

// count writes a guess down, by address and by login; settle, called with the outcome, takes it back unless it was wrong.
func (c *Connector) count(ctx context.Context, at upstream.Where, login string) (settle func(outcome error), err error) {
	var undo []func(context.Context) error
	take := func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleWithin)
		defer cancel()
		for _, back := range undo {
			if err := back(ctx); err != nil {
				c.log.WarnContext(ctx, "a sign-in that was no guess counts as one", "error", err)
			}
		}
	}
	login = accounts.Login(login)
	known, err := c.guesses.Familiar(ctx, c.source, login, at)
	if err != nil {
		return nil, err
	}
	subjects := append([]upstream.Subject{c.guesses.First(c.source, login, at, known)}, c.guesses.Then(c.source, login, at, known)...)
	for _, s := range subjects {
		mark, err := c.guesses.Add(ctx, s)
		if err != nil {
			take(ctx) // an account that takes no more guesses does not close a whole school's address
			return nil, err
		}
		undo = append(undo, func(ctx context.Context) error { return c.guesses.TakeBack(ctx, s, mark) })
	}
	return func(outcome error) {
		if !errors.Is(outcome, typed.ErrWrong) {
			take(ctx)
		}
		if outcome != nil {
			return
		}
		if err := c.guesses.Remember(ctx, c.source, login, at); err != nil {
			c.log.WarnContext(ctx, "where somebody signed in could not be remembered", "error", err)
		}
	}, nil
}

// vouch is all that is said of a holder, with the SDET's names: nothing that makes anybody head of anything.
func (c *Connector) vouch(a accounts.Account) person.Raw {
	raw := map[string][]string{
		"ENTPersonJointure": {a.ID}, "sn": {a.FamilyName}, "displayName": {a.Name()},
		"ENTPersonProfils": {string(a.UAI) + "$" + string(a.Profile)},
		"ecluseUntil":      {a.Until.Ends(c.zone).Format(time.RFC3339)},
	}
	if a.GivenName != "" {
		raw["givenName"] = []string{a.GivenName}
	}
	if a.Mail != "" {
		raw["mail"] = []string{a.Mail}
	}
	return person.Raw{Attributes: raw, Authn: person.Authn{At: c.now(), Method: typed.Method}}
}
