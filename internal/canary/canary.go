package canary

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/registry"
)

// Registry is the present view of what is registered.
type Registry interface {
	// Current is the newest view, or an error when it is too old to act on.
	Current() (*registry.Snapshot, error)
	// Changed is closed once there is another view than now.
	Changed() <-chan struct{}
	// Refresh brings every change that was committed before the call.
	Refresh(ctx context.Context) error
}

// Store writes a change and its journal entry in one transaction, as registry.Store does.
type Store interface {
	Apply(ctx context.Context, change registry.Change, entry audit.Entry) (int64, error)
}

// Meter counts. Outcomes are looked, passed_over, dropped; breaches are counted by protocol and kind, never by service.
type Meter interface {
	Watched(outcome Outcome)
	Breached(protocol string, kind Kind)
	Unwritten(stops int)
}

// Outcome is what became of a message that was handed in.
type Outcome int

// The outcomes.
const (
	Looked     Outcome = iota // compared with its declaration
	PassedOver                // not in the sample
	Dropped                   // in the sample, and the queue was full or the gateway was stopping
)

// Config is what a canary is made of. All of it is required.
type Config struct {
	Registry Registry
	Store    Store
	Words    *dictionary.Dictionary // read anew for the canary, not the engine's
	Now      func() time.Time
	Meter    Meter
	Log      *slog.Logger
	Share    float64 // of the messages that are looked at: 0 to 1
	First    int     // so many are looked at in any case after each change and each start
}

// Canary looks at what left. It is safe for concurrent use.
type Canary struct {
	cfg       Config
	saml, cas grammar
	sampler   *sampler
	views     views
	stops     stops

	queue   chan Message
	held    atomic.Int64 // bytes in the queue
	waiting atomic.Int64 // messages taken and not judged yet
	ending  chan struct{}
	end     sync.Once
	wake    chan struct{}
	running sync.WaitGroup
}

// The queue. A message is some kilobytes long.
const (
	mostWaiting = 2048
	mostHeld    = 32 << 20
)

// How long a write that failed waits, and how long one may take.
const (
	retryMin  = 200 * time.Millisecond
	retryMax  = 5 * time.Second
	writeMost = 5 * time.Second
	drainMost = 5 * time.Second
)

// New checks the configuration.
func New(cfg Config) (*Canary, error) {
	if cfg.Registry == nil || cfg.Store == nil || cfg.Words == nil || cfg.Now == nil || cfg.Meter == nil || cfg.Log == nil {
		return nil, errors.New("canary: registry, store, dictionary, clock, meter and log are required")
	}
	if !(cfg.Share >= 0 && cfg.Share <= 1) || cfg.First < 0 || cfg.Share == 0 && cfg.First == 0 {
		return nil, errors.New("canary: the share lies between 0 and 1, and nobody would look when it and the first ones are 0")
	}
	return &Canary{
		cfg: cfg, saml: samlGrammar(), cas: casGrammar(), sampler: newSampler(cfg.Share, cfg.First),
		queue: make(chan Message, mostWaiting), ending: make(chan struct{}), wake: make(chan struct{}, 1),
	}, nil
}

// Start begins to look.
func (c *Canary) Start() {
	c.look()
	c.running.Go(c.work)
	c.running.Go(c.keep)
}

// Stop looks at what is left in the queue and tries to write what is not written yet, for some seconds at most. What is
// handed in afterwards is dropped.
func (c *Canary) Stop() error {
	c.end.Do(func() { close(c.ending) })
	c.running.Wait()
	if left := c.stops.unwritten(); len(left) > 0 {
		return errors.New("canary: a suspension could not be written; the service is open again on the other replicas: suspend it by hand: " + left[0].Service)
	}
	return nil
}

// Watch takes a message. It never blocks and never fails; body and fields must not change afterwards.
func (c *Canary) Watch(m Message) {
	view := c.look()
	if !c.sampler.wants(line{m.Protocol, m.Handle, m.Service, m.Declaration, m.Version}, view) {
		c.cfg.Meter.Watched(PassedOver)
		return
	}
	size := int64(len(m.Body))
	if c.held.Add(size) > mostHeld {
		c.drop(size)
		return
	}
	c.waiting.Add(1)
	select {
	case <-c.ending:
	default:
		select {
		case c.queue <- m:
			return
		default:
		}
	}
	c.waiting.Add(-1)
	c.drop(size)
}

func (c *Canary) drop(size int64) {
	c.held.Add(-size)
	c.cfg.Meter.Watched(Dropped)
}

// Waiting tells how many messages were taken and not judged yet, and how many suspensions are still to be written.
func (c *Canary) Waiting() int { return int(c.waiting.Load()) + len(c.stops.unwritten()) }

// Over gives the view on which this replica may act: what the canary stopped is suspended in it, also as long as the
// registry could not be told.
func (c *Canary) Over(view *registry.Snapshot) *registry.Snapshot { return c.stops.lay(view) }

// look keeps the present view and gives the last one that there was. As long as that is the same it asks for no time.
func (c *Canary) look() *registry.Snapshot {
	last := c.views.last.Load()
	view, err := c.cfg.Registry.Current()
	if err != nil || view == last {
		return last
	}
	if c.views.note(view, c.cfg.Now()) {
		c.sampler.refresh(view)
	}
	return c.views.last.Load()
}

// work judges, one message after the other, and rests as long as each took: it never has more than half of one
// processor. At the end it takes what is left without a rest.
func (c *Canary) work() {
	for {
		select {
		case m := <-c.queue:
			began := time.Now()
			c.judge(&m)
			c.rest(time.Since(began))
		case <-c.ending:
			c.drain()
			return
		}
	}
}

func (c *Canary) rest(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.ending:
	}
}

func (c *Canary) drain() {
	deadline := time.Now().Add(drainMost)
	for {
		select {
		case m := <-c.queue:
			if time.Now().After(deadline) {
				c.waiting.Add(-1)
				c.drop(int64(len(m.Body)))
				continue
			}
			c.judge(&m)
		default:
			return
		}
	}
}

// judge looks at one message and acts.
func (c *Canary) judge(m *Message) {
	defer c.waiting.Add(-1)
	defer c.held.Add(-int64(len(m.Body)))
	c.cfg.Meter.Watched(Looked)
	found := c.examine(m)
	if len(found) == 0 {
		return
	}
	b := m.breach(found)
	c.cfg.Meter.Breached(b.Protocol, b.Kind)
	c.cfg.Log.Error("a message held what its declaration does not cover", "service", b.Service, "declaration", b.Declaration,
		"version", b.Version, "protocol", b.Protocol, "kind", string(b.Kind), "names", b.Names, "suspends", b.Suspends())
	if view := c.views.last.Load(); !b.Suspends() || view == nil || settled(view, b) {
		return
	}
	if c.stops.add(b) {
		c.cfg.Meter.Unwritten(len(c.stops.unwritten()))
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
}

// examine gives what is wrong under every view that the message may rest on; nothing when one of them explains it all. A
// parser that stumbles has read nothing.
func (c *Canary) examine(m *Message) (found []finding) {
	defer func() {
		if recover() != nil {
			found = []finding{{Unreadable, ""}}
		}
	}()
	t, err := c.read(m)
	if err != nil {
		return []finding{{Unreadable, ""}}
	}
	views := c.views.around(m.At)
	if len(views) == 0 {
		return []finding{{Unregistered, ""}}
	}
	for i, view := range views {
		problems := compare(c.cfg.Words, m, t, view)
		if len(problems) == 0 {
			return nil
		}
		if i == 0 {
			found = problems
		}
	}
	return found
}

// keep writes suspensions until they are written, and looks at what is registered meanwhile.
func (c *Canary) keep() {
	wait := retryMin
	var again <-chan time.Time // nil where nothing is left to be written
	for {
		changed := c.cfg.Registry.Changed()
		c.look()
		select {
		case <-changed:
			continue
		case <-c.wake:
		case <-again:
		case <-c.ending:
			c.last()
			return
		}
		if c.writeAll(context.Background()) {
			wait, again = retryMin, nil
			continue
		}
		again, wait = time.After(wait), min(2*wait, retryMax)
	}
}

// last writes what the worker found while it emptied the queue.
func (c *Canary) last() {
	ctx, cancel := context.WithTimeout(context.Background(), drainMost)
	defer cancel()
	for ctx.Err() == nil {
		if c.waiting.Load() == 0 && c.writeAll(ctx) {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// writeAll tells whether nothing is left to be written.
func (c *Canary) writeAll(ctx context.Context) bool {
	left := c.stops.unwritten()
	if len(left) == 0 {
		return true
	}
	done := true
	for _, b := range left {
		try, cancel := context.WithTimeout(ctx, writeMost)
		if err := c.write(try, b); err != nil {
			done = false
			c.cfg.Log.Error("a suspension could not be written: this replica refuses the service until it is", "service", b.Service, "error", err)
		}
		cancel()
	}
	c.cfg.Meter.Unwritten(len(c.stops.unwritten()))
	return done
}
