package app

import (
	"ecluse/internal/admin/sheets"
	"ecluse/internal/admin/telling"
)

// mountSheets adds the list of services, their sheets, and what people are told of them.
func (g *gateway) mountSheets() {
	sheets.Mount(g.mux, g.frame, sheets.Config{Words: g.words})
	telling.Mount(g.mux, g.frame)
}
