package app

import (
	"ecluse/internal/admin/inquiries"
	"ecluse/internal/admin/requests"
)

// mountRequests adds the pages of what people ask of those who answer for their data, and of what those look for themselves.
func (g *gateway) mountRequests() {
	requests.Mount(g.mux, g.frame)
	inquiries.Mount(g.mux, g.frame)
}
