package app

import (
	"context"
	"sync"
	"time"

	"ecluse/internal/admin/home"
	"ecluse/internal/audit"
)

// mountHome adds what waits for whoever is at the desk, and the search.
func (g *gateway) mountHome() {
	c := g.newChainCheck()
	home.Mount(g.mux, g.frame, home.Config{Journal: g.db.Audit(), Health: func(context.Context) home.Health { return g.health(c) }})
}

// newChainCheck is one for this process.
func (g *gateway) newChainCheck() *chainCheck {
	if g.chain == nil {
		g.chain = &chainCheck{store: g.db.Audit(), mac: g.ring, now: g.now}
		g.closers.add(g.chain.Close)
	}
	return g.chain
}

// health is how this process is, as far as it knows at once.
func (g *gateway) health(c *chainCheck) home.Health {
	var h home.Health
	h.Verified, h.Broken = c.Last()
	if s, err := g.live.Current(); err == nil {
		for _, source := range s.Sources() {
			if source.Suspended {
				continue
			}
			h.Sources++
			if _, ready := g.flow.Connectors[source.ID]; ready {
				h.Ready++
			}
		}
	}
	if g.metadata == nil {
		return h
	}
	for _, s := range g.metadata.Status() {
		if !s.Usable {
			h.Missing++
		}
		if !s.Confirmed.IsZero() && (h.Metadata.IsZero() || s.Confirmed.Before(h.Metadata)) {
			h.Metadata = s.Confirmed
		}
	}
	return h
}

// chainCheck looks the journal's chains through when somebody at the desk asks how the gateway is, once a day at most and
// behind the page, and remembers what came of it.
type chainCheck struct {
	store audit.Store
	mac   audit.MAC
	now   func() time.Time

	mu      sync.Mutex
	begun   time.Time
	at      time.Time
	report  audit.Report
	stopped bool
	cancel  context.CancelFunc
	done    sync.WaitGroup
}

// every is how long a look through the journal counts.
const every = 24 * time.Hour

// Last is when the journal was last looked through, and whether it did not hold.
func (c *chainCheck) Last() (at time.Time, broken bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); !c.stopped && (c.begun.IsZero() || now.Sub(c.begun) >= every) {
		c.begun = now
		ctx, cancel := context.WithCancel(context.Background())
		c.cancel = cancel
		c.done.Go(func() { defer cancel(); c.look(ctx, now) })
	}
	return c.at, !c.report.OK()
}

// Report is Last with all that was found.
func (c *chainCheck) Report() (at time.Time, found audit.Report) {
	c.Last()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at, c.report
}

func (c *chainCheck) look(ctx context.Context, began time.Time) {
	report, err := audit.Verify(ctx, c.store, c.mac)
	if err != nil {
		return // the next day, or the next process, looks again
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, c.report = began, report
}

// Close ends a look that is under way.
func (c *chainCheck) Close() error {
	c.mu.Lock()
	c.stopped = true
	if c.cancel != nil {
		c.cancel()
	}
	c.mu.Unlock()
	c.done.Wait()
	return nil
}
