package fetch_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"ecluse/internal/fetch"
)

func TestDownloadWritesTheDocumentAndAsksConditionallyForTheNext(t *testing.T) {
	t.Parallel()
	served := new(changing)
	served.text.Store("one")
	s, c := server(t, served.ServeHTTP)
	var to bytes.Buffer
	got, same, err := client(t, c).Download(t.Context(), s.URL+"/doc", fetch.Copy{}, &to)
	if err != nil || same || to.String() != "one" || got.ETag != `"one"` || got.URL != s.URL+"/doc" {
		t.Fatalf("%+v, %v, %v, %q", got, same, err, to.String())
	}
	to.Reset()
	if again, same, err := client(t, c).Download(t.Context(), s.URL+"/doc", got, &to); err != nil || !same || to.Len() > 0 || again.ETag != got.ETag {
		t.Errorf("%+v, %v, %v, %q", again, same, err, to.String())
	}
}

func TestDownloadHoldsEveryLimit(t *testing.T) {
	t.Parallel()
	bomb := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		zeros := make([]byte, 1<<20)
		for range 1 << 10 {
			if _, err := z.Write(zeros); err != nil {
				return // the client went away
			}
		}
		_ = z.Close()
	}
	slow := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "a")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "a")
	}
	unasked := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }
	away := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://elsewhere.example/", http.StatusFound)
	}
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		want  error
	}{
		"a gigabyte in gzip": {bomb, fetch.ErrTooLarge}, "too long": {body(strings.Repeat("x", 1001)), fetch.ErrTooLarge},
		"slow": {slow, nil}, "cut": {cut, io.ErrUnexpectedEOF}, "empty": {body(""), nil}, "redirect": {away, fetch.ErrRedirect},
		"not modified, unasked": {unasked, fetch.ErrStatus}, "missing": {http.NotFound, fetch.ErrStatus},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, config := server(t, c.serve)
			if config.Timeout = 10 * time.Second; name == "slow" {
				config.Timeout = 300 * time.Millisecond
			}
			var to bytes.Buffer
			_, _, err := client(t, config).Download(t.Context(), s.URL+"/doc?secret", fetch.Copy{}, &to)
			if err == nil || c.want != nil && !errors.Is(err, c.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v", err)
			}
			if to.Len() > int(config.MaxBytes) {
				t.Errorf("%d bytes were written", to.Len())
			}
		})
	}
	s, config := server(t, body("x"))
	config.Allow = nil
	if _, _, err := client(t, config).Download(t.Context(), s.URL, fetch.Copy{}, io.Discard); !errors.Is(err, fetch.ErrAddress) {
		t.Errorf("an internal address: %v", err)
	}
}
