package web

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
)

// Document is an answer that is the same for everybody, prepared once: metadata, a key set. The zero Document is empty.
type Document struct {
	kind string
	body []byte
	etag string
}

// NewDocument prepares a body of a media type. The body is not copied and must not change.
func NewDocument(kind string, body []byte) Document {
	sum := sha256.Sum256(body)
	return Document{kind: kind, body: body, etag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}
}

// Serve sends the document, or says that the one the client has is the same (RFC 9110 13.1.2). Anybody may keep it for
// five minutes.
func (d Document) Serve(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("ETag", d.etag)
	if strings.Contains(r.Header.Get("If-None-Match"), d.etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", d.kind)
	h.Set("Content-Length", strconv.Itoa(len(d.body)))
	_, _ = w.Write(d.body) // nothing to be done when the client is gone
	return nil
}
