package oidcop

import (
	"embed"

	"ecluse/internal/web"
)

//go:embed texts
var files embed.FS

// Pages are the texts of the faults that only our page can tell, because there is no address to answer to.
func Pages() web.Contribution { return web.Contribution{Name: Name, Files: files} }
