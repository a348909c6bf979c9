package upstream

import (
	"context"
	"errors"
	"net/netip"
)

// PasswordChecker is a connector that can prove login and password without its page, for programs that show none.
type PasswordChecker interface {
	// CheckPassword gives what the source says of the person whose login and password these are. The limits on guesses are
	// those of the page, and count together with what is typed there. Its errors are ErrPassword, TooManyError, and everything
	// else, which means that nobody can be signed in now.
	CheckPassword(ctx context.Context, from netip.Addr, login, password string) (Assertion, error)
}

// ErrPassword says that login and password let nobody in. Nobody learns which of them was wrong.
var ErrPassword = errors.New("login and password let nobody in")
