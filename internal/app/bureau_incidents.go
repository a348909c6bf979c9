package app

import "ecluse/internal/admin/incidents"

// mountIncidents adds the button that stops, and the records of incidents.
func (g *gateway) mountIncidents() { incidents.Mount(g.mux, g.frame) }
