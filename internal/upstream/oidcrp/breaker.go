package oidcrp

import (
	"sync"
	"time"
)

// The breaker opens after breakerFailures in a row and stays open for breakerPause.
const (
	breakerFailures = 3
	breakerPause    = 10 * time.Second
)

// breaker keeps people from being sent to a source that signs them in and then does not answer us. A code that has come is
// tried in any case: its person waits already, and it tells how the source fares.
type breaker struct {
	now func() time.Time

	mu       sync.Mutex
	failures int
	until    time.Time
}

func (b *breaker) open() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failures >= breakerFailures && b.now().Before(b.until)
}

// report learns from the outcome of an exchange.
func (b *breaker) report(answered bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if answered {
		b.failures = 0
		return
	}
	b.failures++
	b.until = b.now().Add(breakerPause)
}
