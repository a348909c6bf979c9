package casserver

import (
	"embed"
	"net/http"

	"ecluse/internal/idp"
	"ecluse/internal/web"
)

//go:embed texts
var files embed.FS

// Pages are the texts of the faults that only our page can tell, because there is no address to answer to.
func Pages() web.Contribution { return web.Contribution{Name: Name, Files: files} }

// badRequest is a request that cannot be read, or wishes for what there is not.
func badRequest(cause error) *web.Fault {
	return &web.Fault{Status: http.StatusBadRequest, Code: "CAS-400", Kind: "cas/request", Told: idp.ToldOf(cause), Cause: cause}
}

// unknownService is an address that belongs to no registered service, or that nobody should compare.
func unknownService(cause error) *web.Fault {
	return &web.Fault{Status: http.StatusBadRequest, Code: "CAS-401", Kind: "cas/service", Told: "service: it belongs to no registered service, or holds what nobody compares", Cause: cause}
}
