package oidcop

import (
	"embed"

	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

// Pages are those for whoever lets a screen in, and the texts of the faults that only our page can tell, because there is no
// address to answer to.
func Pages() web.Contribution { return web.Contribution{Name: Name, Files: files} }
