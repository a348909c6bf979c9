package ldap

import (
	"context"
	"errors"
	"sync"
	"time"
)

// idleUnchecked is for how long a connection that lay idle is trusted; firewalls forget connections without a word.
const idleUnchecked = 30 * time.Second

// pool keeps connections of one kind for their next use, never more than its size.
type pool struct {
	dial  func(context.Context) (*link, error)
	wait  time.Duration // for a connection while all are in use
	slots chan struct{}

	mu     sync.Mutex
	idle   []*link
	closed bool
}

func newPool(size int, wait time.Duration, dial func(context.Context) (*link, error)) *pool {
	return &pool{dial: dial, wait: wait, slots: make(chan struct{}, size)}
}

var (
	errBusy   = errors.New("all connections are in use")
	errClosed = errors.New("the connector is closed")
)

// use runs op on a connection. A kept connection that turns out to be closed by the other side is replaced once. The
// request's end does not interrupt op: somebody who leaves must not make a guess go uncounted.
func (p *pool) use(ctx context.Context, op func(*link) error) error {
	timer := time.NewTimer(p.wait)
	defer timer.Stop()
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-timer.C:
		return errBusy
	case <-ctx.Done():
		return ctx.Err()
	}
	if p.isClosed() {
		return errClosed
	}
	ctx = context.WithoutCancel(ctx)
	if l := p.take(); l != nil {
		err := op(l)
		lost := broken(err) && l.IsClosing()
		p.give(l, err)
		if !lost {
			return err
		}
	}
	l, err := p.dial(ctx)
	if err != nil {
		return err
	}
	err = op(l)
	p.give(l, err)
	return err
}

// take gives a kept connection that works, or nil.
func (p *pool) take() *link {
	for {
		l := p.pop()
		if l == nil {
			return nil
		}
		if !l.IsClosing() && (time.Since(l.used) < idleUnchecked || l.alive()) {
			return l
		}
		_ = l.Close()
	}
}

func (p *pool) pop() *link {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) == 0 {
		return nil
	}
	last := len(p.idle) - 1
	l := p.idle[last]
	p.idle = p.idle[:last]
	return l
}

// give keeps a connection unless its last use broke it.
func (p *pool) give(l *link, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if broken(err) || l.IsClosing() || p.closed {
		go func() { _ = l.Close() }() // closing says goodbye first, for which nobody need wait
		return
	}
	l.used = time.Now()
	p.idle = append(p.idle, l)
}

func (p *pool) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, l := range p.idle {
		_ = l.Close()
	}
	p.idle = nil
}
