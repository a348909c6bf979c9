package pictures_test

import (
	"encoding/xml"
	"io"
	"os"
	"strings"
	"testing"

	"ecluse/internal/pictures"
	"ecluse/internal/registry"
)

func TestEveryWordOfTheRegisterHasItsPictureAndNoOther(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".svg") {
			found++
		}
	}
	if found != len(registry.Vignettes()) {
		t.Errorf("%d pictures for %d words", found, len(registry.Vignettes()))
	}
	seen := map[string]string{}
	for _, word := range registry.Vignettes() {
		svg, ok := pictures.SVG(word)
		if !ok {
			t.Errorf("%s has no picture", word)
		}
		if other, twice := seen[svg]; twice {
			t.Errorf("%s and %s look the same", word, other)
		}
		seen[svg] = word
		if got := string(pictures.Inline(word)); got != strings.TrimSpace(svg) {
			t.Errorf("%s is another on a page: %s", word, got)
		}
	}
}

// TestNoPictureBringsAScriptAStyleOrAnAddress: it stands in pages whose policy allows none, and is the same in both schemes.
func TestNoPictureBringsAScriptAStyleOrAnAddress(t *testing.T) {
	t.Parallel()
	for _, word := range registry.Vignettes() {
		svg, _ := pictures.SVG(word)
		read := xml.NewDecoder(strings.NewReader(svg))
		for {
			token, err := read.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", word, err)
			}
			e, ok := token.(xml.StartElement)
			if !ok {
				continue
			}
			if e.Name.Local == "script" || e.Name.Local == "style" || e.Name.Local == "image" || e.Name.Local == "use" {
				t.Errorf("%s has a %s", word, e.Name.Local)
			}
			for _, a := range e.Attr {
				if a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" {
					t.Errorf("%s has %s=%q", word, a.Name.Local, a.Value)
				}
			}
		}
	}
}

func TestWhatHasNoPictureGetsThePlainOne(t *testing.T) {
	t.Parallel()
	want := pictures.Inline("ecran")
	for _, word := range []string{"", "dragon", "../pictures", "livre.svg", "."} {
		if got := pictures.Inline(word); got != want || got == "" {
			t.Errorf("%q: %s", word, got)
		}
		if _, ok := pictures.SVG(word); ok {
			t.Errorf("%q is a picture", word)
		}
	}
}
