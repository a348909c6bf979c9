// Package pictures holds the pictures of services, one for each word of registry.Vignettes. They come with the program and
// from nowhere else: no service draws on our pages.
package pictures

import (
	"embed"
	"html/template"
	"strings"
)

//go:embed *.svg
var files embed.FS

// plain is the picture of a service that has none.
const plain = "ecran"

// Inline is a picture as elements of a page, in the colour of the words around it; a word that has none gets the plain one.
// It is a file of this program and nothing that anybody typed.
func Inline(word string) template.HTML {
	svg, ok := SVG(word)
	if !ok {
		svg, _ = SVG(plain)
	}
	return template.HTML(strings.TrimSpace(svg)) //nolint:gosec // see above
}

// SVG is a picture as a file; false for a word that has none.
func SVG(word string) (string, bool) {
	raw, err := files.ReadFile(word + ".svg")
	return string(raw), err == nil
}
