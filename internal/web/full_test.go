package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// TestWithoutRoomNothingIsBegun: neither the route nor the body of a request is looked at, the person reads what to do, and
// the page has its styles.
func TestWithoutRoomNothingIsBegun(t *testing.T) {
	t.Parallel()
	var full atomic.Bool
	full.Store(true)
	faults := &webtest.Faults{}
	kit := webtest.NewWith(t, web.Config{Report: faults.Report, Full: full.Load})
	begun := 0
	route := web.Route{Method: "POST", Pattern: "/x", Handler: func(w http.ResponseWriter, r *http.Request) error {
		begun++
		return ok(w, r)
	}}
	var w *httptest.ResponseRecorder
	for _, path := range []string{"/x", "/nowhere"} {
		w = serve(t, kit, request("POST", path, "a=b"), route)
		if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "LIM-503") ||
			w.Header().Get("Retry-After") == "" || w.Header().Get("Connection") != "close" || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: status %d, %v", path, w.Code, w.Header())
		}
	}
	if all := faults.All(); begun != 0 || len(all) != 2 || all[0].Code != "LIM-503" {
		t.Errorf("begun %d times, reported %v", begun, all)
	}
	style := regexp.MustCompile(`/assets/[^"]+\.css`).FindString(w.Body.String())
	if w := serve(t, kit, request("GET", style, "")); style == "" || w.Code != http.StatusOK {
		t.Errorf("the style sheet %q: %d", style, w.Code)
	}
	full.Store(false)
	if w := serve(t, kit, request("POST", "/x", "a=b"), route); w.Code != http.StatusOK || begun != 1 {
		t.Errorf("once there is room: %d", w.Code)
	}
}
