package app

import (
	"context"
	"time"
)

// keysLook is how often a gateway looks whether its keys were changed.
const keysLook = 30 * time.Second

// followKeys takes up what a rotation changed, until the context ends. While the keys cannot be read, those from before
// go on.
func (g *gateway) followKeys(ctx context.Context, every time.Duration) {
	g.meter.keys(g.ring.Keys())
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			changed, err := g.ring.Reload(ctx)
			if err != nil && ctx.Err() == nil {
				g.log.Error("the keys could not be read again", "error", err)
			}
			if changed {
				g.log.Info("the keys were changed; what we publish is made anew")
				g.meter.keys(g.ring.Keys())
			}
		}
	}
}
