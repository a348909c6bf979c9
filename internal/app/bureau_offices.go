package app

import "ecluse/internal/admin/offices"

// mountOffices adds the pages of appointments and delegations.
func (g *gateway) mountOffices() { offices.Mount(g.mux, g.frame) }
