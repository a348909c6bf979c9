package browsertest_test

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// album keeps the pictures of pages.
type album struct {
	dir    string
	readme string // the folder of the pictures that the README shows, when they are wanted
}

func newAlbum(t *testing.T) *album {
	t.Helper()
	dir := os.Getenv("ECLUSE_SCREENSHOTS")
	if dir == "" {
		return &album{dir: t.TempDir()}
	}
	a := &album{dir: dir, readme: filepath.Join("..", "..", "docs", "screenshots")}
	for _, folder := range []string{a.dir, a.readme} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// keep takes a picture of the whole page.
func (b *tab) keep(name string) {
	b.Helper()
	b.keepAs(filepath.Join(b.album.dir, name+".png"))
}

func (b *tab) keepAs(file string) {
	b.Helper()
	picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.Fatalf("picture %s: %v", file, err)
	}
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		b.Fatal(err)
	}
}

// show takes a picture of a window of this size for the README, in as few bytes as the format allows.
func (b *tab) show(name string, width, height int64) {
	b.Helper()
	if b.album.readme == "" {
		return
	}
	must(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: height, DeviceScaleFactor: 1,
	})
	evaluate[int](b, `scrollTo(0, 0), 0`)
	picture := must(b, page.CaptureScreenshot, page.CaptureScreenshotParams{})
	decoded, err := png.Decode(bytes.NewReader(picture.Data))
	if err != nil {
		b.Fatal(err)
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, decoded); err != nil {
		b.Fatal(err)
	}
	if out.Len() > 120<<10 {
		b.Errorf("the picture %s has %d bytes: too many for the README", name, out.Len())
	}
	if err := os.WriteFile(filepath.Join(b.album.readme, name+".png"), out.Bytes(), 0o644); err != nil {
		b.Fatal(err)
	}
	b.width(1280)
}

func pictureName(name string, width int64, scheme string) string {
	return fmt.Sprintf("%s-%d-%s", name, width, scheme)
}
