package app

import "ecluse/internal/admin/requests"

// mountRequests adds the pages of what people ask of those who answer for their data.
func (g *gateway) mountRequests() { requests.Mount(g.mux, g.frame) }
