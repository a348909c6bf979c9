package app

import "ecluse/internal/admin/api"

// mountAPI adds the desk's interface for programs. Whoever is signed in at the desk may use it too.
func (g *gateway) mountAPI() {
	api.Mount(g.mux, api.Config{Desk: g.desk, Sessions: g, Journal: g.db.Audit(), Now: g.now})
}
