package app

import "ecluse/internal/portal/published"

// mountPublished adds the public register.
func (g *gateway) mountPublished() {
	published.Mount(g.mux, published.Config{Kit: g.kit, Live: g.live, Words: g.words, Now: g.now})
}
