package web_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"ecluse/internal/web"
)

func TestDocumentIsSentOnceAndKnownAgain(t *testing.T) {
	t.Parallel()
	d := web.NewDocument("application/json", []byte(`{"a":1}`))
	ask := func(known string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/jwks", nil)
		r.Header.Set("If-None-Match", known)
		w := httptest.NewRecorder()
		if err := d.Serve(w, r); err != nil {
			t.Fatal(err)
		}
		return w
	}
	first := ask("")
	if first.Code != http.StatusOK || first.Body.String() != `{"a":1}` || first.Header().Get("Content-Type") != "application/json" ||
		first.Header().Get("Content-Length") != "7" || first.Header().Get("Cache-Control") != "public, max-age=300" {
		t.Errorf("status %d, %v, %s", first.Code, first.Header(), first.Body)
	}
	if again := ask(first.Header().Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("a known document: status %d, %s", again.Code, again.Body)
	}
	another := httptest.NewRecorder()
	if err := web.NewDocument("application/json", []byte(`{}`)).Serve(another, httptest.NewRequest(http.MethodGet, "/jwks", nil)); err != nil {
		t.Fatal(err)
	}
	if other := ask(another.Header().Get("ETag")); other.Code != http.StatusOK {
		t.Errorf("another document's tag: status %d", other.Code)
	}
}
