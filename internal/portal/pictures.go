package portal

import (
	"embed"
	"errors"
	"html/template"
	"net/http"
	"strings"

	"ecluse/internal/registry"
	"ecluse/internal/web"
)

//go:embed pictures
var pictures embed.FS

// plainPicture is the picture of a service that has none.
const plainPicture = "ecran"

// inline is the picture of a service as elements of a page. It is a file of this program and nothing that anybody typed.
func inline(l *registry.Listing) template.HTML {
	name := plainPicture
	if l != nil && l.Vignette != "" {
		name = l.Vignette
	}
	raw, err := pictures.ReadFile("pictures/" + name + ".svg")
	if err != nil {
		raw, _ = pictures.ReadFile("pictures/" + plainPicture + ".svg")
	}
	return template.HTML(strings.TrimSpace(string(raw))) //nolint:gosec // see above
}

// picture gives a picture to whoever shows our services on a page of their own, such as a médiacentre.
func (p *pages) picture(w http.ResponseWriter, r *http.Request) error {
	name, ok := strings.CutSuffix(r.PathValue("name"), ".svg")
	raw, err := pictures.ReadFile("pictures/" + name + ".svg")
	if !ok || err != nil {
		return web.NotFound(errors.New("no such picture"))
	}
	h := w.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Cache-Control", "public, max-age=86400")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // it is the same for everybody, and an ENT shows it
	_, err = w.Write([]byte(strings.ReplaceAll(string(raw), "currentColor", "#0b5394")))
	return err
}
