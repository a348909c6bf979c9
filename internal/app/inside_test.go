package app

import "ecluse/internal/web"

// Routes lists every route of the public side, for the tests that walk them.
func (a *App) Routes() []web.Route { return a.gateway.mux.Routes() }
