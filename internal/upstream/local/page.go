package local

import (
	"context"

	"ecluse/internal/accounts"
	"ecluse/internal/upstream"
	"ecluse/internal/upstream/typed"
)

// password asks for login and password.
func (c *Connector) password() typed.Question {
	return typed.Question{
		Name: "password", Fields: typed.LoginAndPassword(), Other: "first",
		Take: func(ctx context.Context, at upstream.Where, said map[string]string) (upstream.Assertion, error) {
			return c.enter(ctx, func() (accounts.Account, error) {
				return c.signIn(ctx, at, said["login"], said["password"])
			})
		},
	}
}

// first asks for the one-time word and the new password, twice.
func (c *Connector) first() typed.Question {
	return typed.Question{
		Name: "first", Other: "password",
		Fields: []typed.Field{
			{Name: "login", Complete: "username"},
			{Name: "word", Complete: "one-time-code"},
			{Name: "new", Type: "password", Complete: "new-password", Hint: true},
			{Name: "again", Type: "password", Complete: "new-password"},
		},
		Take: func(ctx context.Context, at upstream.Where, said map[string]string) (upstream.Assertion, error) {
			switch {
			case !fits(said["new"]):
				return upstream.Assertion{}, typed.Unfit{Input: "new"}
			case said["new"] != said["again"]:
				return upstream.Assertion{}, typed.Unfit{Input: "again"}
			}
			return c.enter(ctx, func() (accounts.Account, error) {
				return c.firstUse(ctx, at, said["login"], said["word"], said["new"])
			})
		},
	}
}

// enter vouches for whoever was proved, and ends the sign-in before: an account is used in one place at a time.
func (c *Connector) enter(ctx context.Context, prove func() (accounts.Account, error)) (upstream.Assertion, error) {
	a, err := prove()
	if err == nil {
		err = c.host.SignedOut(ctx, c.source, a.ID)
	}
	if err != nil {
		return upstream.Assertion{}, err
	}
	return upstream.Assertion{Raw: c.vouch(a), Session: a.ID}, nil
}
