package app

import (
	"ecluse/internal/canary"
	"ecluse/internal/idp"
	"ecluse/internal/registry"
)

// newCanary begins to look at what leaves. It has a dictionary of its own, read anew: what befalls the engine's does not
// befall what the canary compares with.
func (g *gateway) newCanary() error {
	words, err := g.config.words()
	if err != nil {
		return err
	}
	g.canary, err = canary.New(canary.Config{
		Registry: g.live, Store: g.store, Words: words, Now: g.now, Meter: g.meter, Log: g.log,
		Share: g.config.Canary.Sample, First: g.config.Canary.First,
	})
	if err != nil {
		return err
	}
	if g.config.Canary.Sample == 0 {
		g.log.Warn("the canary looks at the first messages after each change and at no others: canary.sample is 0")
	}
	g.canary.Start()
	g.closers.add(g.canary.Stop)
	return nil
}

// watched is the registry as the sign-ins of this replica see it: what the canary stopped is suspended in it at once, even
// while the registry itself cannot be written.
type watched struct {
	live   *registry.Live
	canary *canary.Canary
}

// Current implements login.Registry.
func (w watched) Current() (*registry.Snapshot, error) {
	view, err := w.live.Current()
	if err != nil {
		return nil, err
	}
	return w.canary.Over(view), nil
}

// watcher hands what was sent to the canary, which knows no protocol package.
type watcher struct{ *canary.Canary }

var _ idp.Watcher = watcher{}

// Sent implements idp.Watcher.
func (w watcher) Sent(s idp.Sent) { w.Watch(canary.Message(s)) }
