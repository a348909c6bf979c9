package web_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"math"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// linkedAssets finds the assets of a page.
func linkedAssets(t *testing.T, kit *web.Kit) []string {
	t.Helper()
	page := serve(t, kit, request("GET", "/nowhere", "")).Body.String()
	found := regexp.MustCompile(`/assets/[a-z]+-[0-9a-f]{16}\.(css|js|svg)`).FindAllString(page, -1)
	if len(found) != 3 {
		t.Fatalf("the page links %v, want style, script and icon", found)
	}
	return found
}

func TestAssetsAreSmallCompressedAndKeptForEver(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t)
	budgets := map[string]int{"css": 12 << 10, "svg": 1 << 10, "js": 10 << 10}
	for _, address := range linkedAssets(t, kit) {
		r := request("GET", address, "")
		plain := serve(t, kit, r)
		r.Header.Set("Accept-Encoding", "br;q=1.0, gzip, deflate")
		zipped := serve(t, kit, r)
		if plain.Code != 200 || zipped.Code != 200 || plain.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s: status %d and %d", address, plain.Code, zipped.Code)
		}
		h := zipped.Header()
		if h.Get("Cache-Control") != "public, max-age=31536000, immutable" || h.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %v", address, h)
		}
		if budget := budgets[address[strings.LastIndex(address, ".")+1:]]; zipped.Body.Len() > budget {
			t.Errorf("%s: %d bytes compressed, budget %d", address, zipped.Body.Len(), budget)
		}
		unzip, err := gzip.NewReader(zipped.Body)
		if err != nil {
			t.Fatal(err)
		}
		if raw, err := io.ReadAll(unzip); err != nil || !bytes.Equal(raw, plain.Body.Bytes()) {
			t.Errorf("%s: compressed and plain differ", address)
		}
	}
	for _, address := range []string{"/assets/ecluse.css", "/assets/", "/assets/other-0000000000000000.css", "/assets/ecluse-0000000000000000.svg", "/assets/ecluse-000000000000000.css", "/assets/../kit.go"} {
		if w := serve(t, kit, request("GET", address, "")); w.Code == 200 {
			t.Errorf("%s was served", address)
		}
	}
}

// While one version takes the place of another, a page of the one asks the other for what it looks like.
func TestAPageOfAnotherVersionFindsItsLookButNobodyKeepsIt(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t)
	for _, address := range linkedAssets(t, kit) {
		ours := serve(t, kit, request("GET", address, ""))
		other := regexp.MustCompile(`-[0-9a-f]{16}`).ReplaceAllString(address, "-0123456789abcdef")
		w := serve(t, kit, request("GET", other, ""))
		if w.Code != 200 || w.Body.String() != ours.Body.String() || w.Header().Get("Content-Type") != ours.Header().Get("Content-Type") {
			t.Errorf("%s: status %d, %s", other, w.Code, w.Header().Get("Content-Type"))
		}
		if kept := w.Header().Get("Cache-Control"); kept != "no-store" {
			t.Errorf("%s is kept: %s", other, kept)
		}
	}
}

func TestRefusedEncodingIsNotUsed(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t)
	for _, accept := range []string{"", "identity", "gzip;q=0", "xgzip"} {
		r := request("GET", "/favicon.ico", "")
		r.Header.Set("Accept-Encoding", accept)
		if w := serve(t, kit, r); w.Header().Get("Content-Encoding") != "" || w.Header().Get("Content-Type") != "image/svg+xml" {
			t.Errorf("%q: %v", accept, w.Header())
		}
	}
}

func TestTokensHaveTheContrastTheyPromise(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t)
	css := serve(t, kit, request("GET", linkedAssets(t, kit)[0], "")).Body.String()
	light, rest, ok := strings.Cut(css, "@media (prefers-color-scheme: dark)")
	dark, _, ok2 := strings.Cut(rest, "@media")
	if !ok || !ok2 {
		t.Fatal("the style sheet has no light and dark tokens")
	}
	for scheme, text := range map[string]string{"light": light, "dark": dark} {
		tokens := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{3,6});`).FindAllStringSubmatch(text, -1) {
			tokens[m[1]] = m[2]
		}
		for _, c := range []struct {
			text, ground string
			least        float64
		}{
			{"text", "page", 7},
			{"text", "surface", 7},
			{"muted", "page", 4.5},
			{"muted", "surface", 4.5},
			{"primary", "page", 4.5},
			{"primary", "surface", 4.5},
			{"on-primary", "primary", 4.5},
			{"success", "success-bg", 4.5},
			{"success", "surface", 4.5},
			{"warning", "warning-bg", 4.5},
			{"danger", "danger-bg", 4.5},
			{"danger", "page", 4.5},
			{"info", "info-bg", 4.5},
			{"border", "page", 3},
			{"border", "surface", 3},
			{"focus", "page", 3},
			{"focus", "surface", 3},
		} {
			if got := contrast(t, tokens[c.text], tokens[c.ground]); got < c.least {
				t.Errorf("%s: %s on %s has %.1f, want %.1f", scheme, c.text, c.ground, got, c.least)
			}
		}
	}
}

// contrast is that of WCAG 2.2.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func luminance(t *testing.T, color string) float64 {
	t.Helper()
	hex := strings.TrimPrefix(color, "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	value, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 6 {
		t.Fatalf("color %q: %v", color, err)
	}
	channel := func(shift uint) float64 {
		c := float64(value>>shift&255) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(16) + 0.7152*channel(8) + 0.0722*channel(0)
}

func TestStyleSheetAndScriptStayAtHome(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t)
	for _, address := range linkedAssets(t, kit)[:3] {
		body := serve(t, kit, request("GET", address, "")).Body.String()
		body = strings.ReplaceAll(body, `xmlns="http://www.w3.org/2000/svg"`, "")
		if found := regexp.MustCompile(`(?i)//[a-z0-9-]+\.|url\(|@import|eval\(|innerHTML`).FindString(body); found != "" {
			t.Errorf("%s: %q", address, found)
		}
	}
}

func TestPagesAreLight(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, showcase(t))
	w := httptest.NewRecorder()
	if err := kit.Render(w, request("GET", "/", ""), 200, "showcase/all", sampleShowcase(web.Child)); err != nil {
		t.Fatal(err)
	}
	if w.Body.Len() > 40<<10 {
		t.Errorf("%d bytes of HTML before compression", w.Body.Len())
	}
}
