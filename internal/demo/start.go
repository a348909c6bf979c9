package demo

import "net/http"

// startData is what the start page lists.
type startData struct {
	Services []Site
	ENT      Site
	People   []Visitor
	Metadata string
	OIDC     string
}

// newStart serves the start page at "/" and its assets, on whatever host it is
// mounted.
func newStart(w *World) http.Handler {
	data := startData{
		ENT: w.site(entID), People: w.cfg.People,
		Metadata: w.cfg.Gateway + metadataPath,
		OIDC:     w.cfg.Gateway + "/.well-known/openid-configuration",
	}
	for _, s := range w.sites {
		if s.Protocol != "" {
			data.Services = append(data.Services, s)
		}
	}
	site := w.site(startID)
	mux := http.NewServeMux()
	w.pages.mount(mux, site)
	mux.HandleFunc("GET /{$}", func(rw http.ResponseWriter, r *http.Request) {
		w.pages.show(rw, r, site, page{name: "start", title: "Bienvenue", data: data})
	})
	return mux
}
