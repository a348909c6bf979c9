package app

import (
	"fmt"

	"ecluse/internal/admin/api"
)

// mountAPI adds the desk's interface for programs. Whoever is signed in at the desk may use it too.
func (g *gateway) mountAPI() error {
	invented, err := personas()
	if err != nil {
		return fmt.Errorf("personas: %w", err)
	}
	api.Mount(g.mux, api.Config{
		Desk: g.desk, Sessions: g, Journal: g.db.Audit(), Now: g.now,
		Simulator: g.base.simulator(g.flow.Protocols, g.flow), Personas: invented,
	})
	return nil
}
