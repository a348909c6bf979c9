package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"
)

//go:embed assets
var assetFiles embed.FS

// asset is one file, plain and compressed.
type asset struct {
	kind    string
	raw     []byte
	gzipped []byte
}

// assets are served under names with a hash of their content, so that browsers may keep them for ever.
type assets struct {
	byHashed map[string]asset
	hashed   map[string]string // from plain to hashed name
}

const assetPath = "/assets/"

func loadAssets() (*assets, error) {
	out := &assets{byHashed: map[string]asset{}, hashed: map[string]string{}}
	kinds := map[string]string{
		".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	}
	return out, fs.WalkDir(assetFiles, "assets", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(assetFiles, file)
		if err != nil {
			return err
		}
		ext := path.Ext(file)
		if kinds[ext] == "" {
			return fmt.Errorf("asset %s: unknown kind", file)
		}
		name, sum := path.Base(file), sha256.Sum256(raw)
		hashed := strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:8]) + ext
		out.hashed[name] = hashed
		out.byHashed[hashed] = asset{kind: kinds[ext], raw: raw, gzipped: compress(raw)}
		return nil
	})
}

// compress cannot fail: it writes to memory at a level that exists.
func compress(raw []byte) []byte {
	var out bytes.Buffer
	zip, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	_, _ = zip.Write(raw)
	_ = zip.Close()
	return out.Bytes()
}

// address is where an asset is served.
func (a *assets) address(name string) (string, error) {
	hashed, ok := a.hashed[name]
	if !ok {
		return "", fmt.Errorf("asset %q: no such asset", name)
	}
	return assetPath + hashed, nil
}

// routes are those of the kit itself.
func (k *Kit) routes() []Route {
	return []Route{
		{Method: http.MethodGet, Pattern: assetPath + "{name}", Handler: k.serveAsset},
		{Method: http.MethodGet, Pattern: "/favicon.ico", Handler: k.serveIcon},
		{Method: http.MethodGet, Pattern: "/langue/{lang}", Handler: k.switchLanguage},
		{Method: http.MethodGet, Pattern: "/version/{version}", Handler: k.switchVersion},
		{Method: http.MethodGet, Pattern: voicePath + "{name}", Handler: k.serveVoice},
	}
}

func (k *Kit) serveAsset(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	if found, ok := k.assets.byHashed[name]; ok {
		found.serve(w, r, "public, max-age=31536000, immutable")
		return nil
	}
	if found, ok := k.assets.ofAnotherVersion(name); ok {
		found.serve(w, r, "no-store")
		return nil
	}
	return NotFound(nil)
}

// ofAnotherVersion is our file in the place of another version's, for a page of a replica that is older or newer than this
// one: while one takes the place of the other, a page that looks a little otherwise is better than one without any look.
func (a *assets) ofAnotherVersion(name string) (asset, bool) {
	parts := regexp.MustCompile(`^([a-z]+)-[0-9a-f]{16}(\.[a-z]+)$`).FindStringSubmatch(name)
	if parts == nil {
		return asset{}, false
	}
	found, ok := a.byHashed[a.hashed[parts[1]+parts[2]]]
	return found, ok
}

// serveIcon answers browsers that ask for an icon under its ancient name.
func (k *Kit) serveIcon(w http.ResponseWriter, r *http.Request) error {
	k.assets.byHashed[k.assets.hashed["favicon.svg"]].serve(w, r, "public, max-age=86400")
	return nil
}

func (a asset) serve(w http.ResponseWriter, r *http.Request, cache string) {
	h, body := w.Header(), a.raw
	h.Set("Cache-Control", cache)
	h.Set("Vary", "Accept-Encoding")
	if acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = a.gzipped
	}
	writeBody(w, http.StatusOK, a.kind, body)
}

// acceptsGzip is careful: whatever is not plainly a yes is a no.
func acceptsGzip(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		if name, weight, _ := strings.Cut(strings.TrimSpace(part), ";"); name == "gzip" && strings.TrimSpace(weight) == "" {
			return true
		}
	}
	return false
}
