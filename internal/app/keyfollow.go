package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ecluse/internal/keys"
)

// keysLook is how often a gateway looks whether its keys were changed.
const keysLook = 30 * time.Second

// keyMeter shows how old the keys are and when their certificates end. Instants do not age between two looks, so a rule
// compares them with the clock.
type keyMeter struct{ since, until *prometheus.GaugeVec }

func newKeyMeter(r *prometheus.Registry) keyMeter {
	labels := []string{"use", "state"}
	m := keyMeter{
		since: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "ecluse_key_since_timestamp_seconds", Help: "When a key entered its state (next, active, previous), by use.",
		}, labels),
		until: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "ecluse_certificate_not_after_timestamp_seconds", Help: "When the certificate of a published key ends, by use.",
		}, labels),
	}
	r.MustRegister(m.since, m.until)
	return m
}

// show replaces what was shown. Of several previous keys of a use the last one counts.
func (m keyMeter) show(list []keys.Key) {
	m.since.Reset()
	m.until.Reset()
	for _, k := range list {
		m.since.WithLabelValues(string(k.Use), string(k.State)).Set(float64(k.Since.Unix()))
		if !k.Until.IsZero() {
			m.until.WithLabelValues(string(k.Use), string(k.State)).Set(float64(k.Until.Unix()))
		}
	}
}

// followKeys takes up what a rotation changed, until the context ends. While the keys cannot be read, those from before
// go on.
func (g *gateway) followKeys(ctx context.Context, every time.Duration) {
	meter := newKeyMeter(g.meter.registry)
	meter.show(g.ring.Keys())
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
				meter.show(g.ring.Keys())
			}
		}
	}
}
