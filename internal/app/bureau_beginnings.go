package app

import "ecluse/internal/admin/beginnings"

// mountBeginnings adds the list of declarations on their way, and the form of a new service.
func (g *gateway) mountBeginnings() { beginnings.Mount(g.mux, g.frame) }
