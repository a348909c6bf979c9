package ldap

import (
	"context"
	"errors"
	"sync"
	"time"

	"ecluse/internal/upstream"
)

// The breaker opens after breakerFailures in a row and lets one caller try again after breakerPause.
const (
	breakerFailures = 3
	breakerPause    = 10 * time.Second
)

// breaker keeps people from waiting, one timeout each, for a directory that is known to be away.
type breaker struct {
	now func() time.Time

	mu       sync.Mutex
	failures int
	until    time.Time
}

var errOpen = errors.New("it did not answer several times and is left alone for a while")

func (b *breaker) allow() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failures < breakerFailures {
		return nil
	}
	if b.now().Before(b.until) {
		return errOpen
	}
	b.until = b.now().Add(breakerPause) // this caller tries, the others wait for what comes of it
	return nil
}

// report learns from the outcome of a use.
func (b *breaker) report(err error) {
	if errors.Is(err, errBusy) || errors.Is(err, context.Canceled) {
		return // says nothing of the directory
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err == nil {
		b.failures = 0
		return
	}
	b.failures++
	b.until = b.now().Add(breakerPause)
}

// unavailable is the error of a directory that cannot be used now, whatever the reason.
type unavailable struct {
	doing string
	cause error
}

func (u unavailable) Error() string {
	return upstream.ErrUnavailable.Error() + ": " + u.doing + ": " + u.cause.Error()
}

func (u unavailable) Unwrap() []error { return []error{upstream.ErrUnavailable, u.cause} }
