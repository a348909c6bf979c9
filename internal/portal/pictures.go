package portal

import (
	"errors"
	"net/http"
	"strings"

	"ecluse/internal/pictures"
	"ecluse/internal/web"
)

// picture gives a picture to whoever shows our services on a page of their own, such as a médiacentre.
func (p *pages) picture(w http.ResponseWriter, r *http.Request) error {
	name, named := strings.CutSuffix(r.PathValue("name"), ".svg")
	svg, ok := pictures.SVG(name)
	if !named || !ok {
		return web.NotFound(errors.New("no such picture"))
	}
	h := w.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Cache-Control", "public, max-age=86400")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // it is the same for everybody, and an ENT shows it
	_, err := w.Write([]byte(strings.ReplaceAll(svg, "currentColor", "#0b5394")))
	return err
}
