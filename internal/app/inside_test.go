package app

import "ecluse/internal/web"

// Routes lists every route of the public side, for the tests that walk them.
func (a *App) Routes() []web.Route { return a.gateway.mux.Routes() }

// Breaches counts what the canary found.
func (a *App) Breaches() int { return int(a.gateway.meter.sum("ecluse_canary_breaches_total")) }

// sum adds up a counter over its labels.
func (m *metrics) sum(name string) (total float64) {
	families, err := m.registry.Gather()
	if err != nil {
		return -1
	}
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, one := range family.GetMetric() {
			total += one.GetCounter().GetValue()
		}
	}
	return total
}

// Contributions are the pages and texts of every package.
func Contributions() []web.Contribution { return contributions() }
