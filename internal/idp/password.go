package idp

import (
	"errors"
	"log/slog"
	"net/netip"
	"time"
)

// Password is how a program that shows no page says for whom it speaks. It prints nothing.
type Password struct {
	Source string     // the registered source that is to check it, and no other
	From   netip.Addr // from where it came, for the limits on guesses
	Login  string
	Secret string
}

// String shows nothing of it.
func (Password) String() string { return "idp.Password(redacted)" }

// GoString shows nothing of it.
func (p Password) GoString() string { return p.String() }

// LogValue shows nothing of it.
func (p Password) LogValue() slog.Value { return slog.StringValue(p.String()) }

// ErrPassword says that login and password let nobody in.
var ErrPassword = errors.New("login and password let nobody in")

// WaitError says that nothing was looked at, and for how long nothing will be.
type WaitError struct{ For time.Duration }

// Error says only that.
func (WaitError) Error() string { return "too many guesses" }
