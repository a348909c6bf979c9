// Package errorsx stands in for the part of github.com/ory/x/errorsx that fosite uses: stack-carrying errors and the
// interfaces by which an error tells more about itself.
package errorsx

import "github.com/pkg/errors"

// StackTracer is an error that knows where it was made.
type StackTracer interface{ StackTrace() errors.StackTrace }

// StatusCodeCarrier is an error with an HTTP status code.
type StatusCodeCarrier interface{ StatusCode() int }

// RequestIDCarrier is an error that names the request it belongs to.
type RequestIDCarrier interface{ RequestID() string }

// ReasonCarrier is an error with a reason for people.
type ReasonCarrier interface{ Reason() string }

// DebugCarrier is an error with a text for developers; it must not reach a client.
type DebugCarrier interface{ Debug() string }

// StatusCarrier is an error with an HTTP status text.
type StatusCarrier interface{ Status() string }

// DetailsCarrier is an error with named details.
type DetailsCarrier interface{ Details() map[string]interface{} }

// WithStack gives err a stack trace unless it has one already; nil stays nil.
func WithStack(err error) error {
	if _, has := err.(StackTracer); has { //nolint:errorlint // only the outermost error counts here
		return err
	}
	return errors.WithStack(err)
}

// Cause unwraps err down to the error that started it.
func Cause(err error) error { return errors.Cause(err) }
