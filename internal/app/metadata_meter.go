package app

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ecluse/internal/federation"
)

// metadataCollector tells how each source of metadata stands at the moment it is asked. Its labels are the names of the
// configuration.
type metadataCollector struct {
	kept                         *federation.Federation
	now                          func() time.Time
	entities, age, usable, until *prometheus.Desc
}

// metadata adds what is kept of others' metadata.
func (m *metrics) metadata(kept *federation.Federation, now func() time.Time) {
	desc := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, []string{"source"}, nil)
	}
	m.registry.MustRegister(&metadataCollector{
		kept: kept, now: now,
		entities: desc("ecluse_metadata_entities", "Entities that a source of metadata gives."),
		age:      desc("ecluse_metadata_age_seconds", "Time since a source of metadata was last confirmed."),
		usable:   desc("ecluse_metadata_usable", "1 while what is kept of a source is used, 0 while it is missing or too old."),
		until:    desc("ecluse_metadata_valid_seconds", "Time until what is kept of a source ends."),
	})
}

// Describe implements prometheus.Collector.
func (c *metadataCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.entities, c.age, c.usable, c.until} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (c *metadataCollector) Collect(to chan<- prometheus.Metric) {
	now := c.now()
	for _, s := range c.kept.Status() {
		say := func(d *prometheus.Desc, v float64) {
			to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, s.Name)
		}
		usable := 0.0
		if s.Usable {
			usable = 1
		}
		say(c.usable, usable)
		say(c.entities, float64(s.Entities))
		if !s.Confirmed.IsZero() {
			say(c.age, s.Age(now).Seconds())
		}
		if !s.ValidUntil.IsZero() {
			say(c.until, s.ValidUntil.Sub(now).Seconds())
		}
	}
}
