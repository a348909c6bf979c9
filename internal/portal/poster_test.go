package portal_test

import (
	"fmt"
	"image"
	"image/color"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"rsc.io/qr"

	"ecluse/internal/registry"
	"ecluse/internal/web"
)

func TestAPosterOnlyPreselectsItsSchool(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.nobody, s.around = true, web.Frame{}
	for path, want := range map[string]string{"/e/0280101H": string(ecole), "/e/0280202t": string(college), "/e/aucune": ""} {
		s.school = "before"
		w := s.do(http.MethodGet, path, nil)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/mes-sites" || string(s.school) != want {
			t.Errorf("%s: %d to %q, %q is preselected", path, w.Code, w.Header().Get("Location"), s.school)
		}
	}
	for _, path := range []string{"/e/0280404M", "/e/0280999X", "/e/x", "/e/0280101H0280101H", "/e/%22%3E", "/e/0280404M/affiche", "/e/aucune/affiche", "/e/x/affiche"} {
		s.school = "before"
		if w := s.do(http.MethodGet, path, nil); w.Code != http.StatusNotFound || s.school != "before" {
			t.Errorf("%s: %d, %q is preselected", path, w.Code, s.school)
		}
	}
	s.stale = true
	if w := s.do(http.MethodGet, "/e/0280101H", nil); w.Code != http.StatusServiceUnavailable {
		t.Errorf("while the register cannot be read: %d", w.Code)
	}
}

var (
	path  = regexp.MustCompile(`<path d="([^"]+)"`)
	box   = regexp.MustCompile(`class="qr" viewBox="0 0 (\d+) (\d+)"`)
	piece = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)
)

// TestTheCodeOfAPosterIsTheAddressThatStandsBelowIt draws the path and compares it with the library's own picture.
func TestTheCodeOfAPosterIsTheAddressThatStandsBelowIt(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	text := s.page("/e/0280101H/affiche")
	const address = "https://connexion.example/e/0280101H"
	if !strings.Contains(text, "<strong>"+address+"</strong>") || !strings.Contains(text, "École Jules-Ferry") || strings.Contains(text, "data:") || strings.Contains(text, "style=") {
		t.Fatalf("%s", text)
	}
	code, err := qr.Encode(address, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	var wide, high int
	if _, err := fmt.Sscan(strings.Join(box.FindStringSubmatch(text)[1:], " "), &wide, &high); err != nil || wide != code.Size+8 || high != wide {
		t.Fatalf("%d x %d modules, %v", wide, high, err)
	}
	drawn := image.NewGray(image.Rect(0, 0, wide, high))
	for _, m := range piece.FindAllStringSubmatch(path.FindStringSubmatch(text)[1], -1) {
		var x, y, w, back int
		if _, err := fmt.Sscan(strings.Join(m[1:], " "), &x, &y, &w, &back); err != nil || w != back {
			t.Fatal(m, err)
		}
		for i := range w {
			drawn.SetGray(x+i, y, color.Gray{Y: 255})
		}
	}
	for y := range high {
		for x := range wide {
			if got, want := drawn.GrayAt(x, y).Y == 255, code.Black(x-4, y-4); got != want {
				t.Fatalf("module %d,%d is %t", x, y, got)
			}
		}
	}
}

func TestEveryPictureOfTheRegisterIsThereAndHarmless(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	for _, name := range registry.Vignettes() {
		w := s.do(http.MethodGet, "/vignettes/"+name+".svg", nil)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/svg+xml" || !strings.HasPrefix(w.Body.String(), "<svg ") || strings.Contains(w.Body.String(), "currentColor") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		for _, never := range []string{"script", "href", "style", "url(", "<image"} {
			if strings.Contains(w.Body.String(), never) {
				t.Errorf("%s holds %q", name, never)
			}
		}
	}
	for _, name := range []string{"livre", "x.svg", "..%2Fpages%2Fsites.html", "livre.png"} {
		if w := s.do(http.MethodGet, "/vignettes/"+name, nil); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}
