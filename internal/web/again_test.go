package web_test

import (
	"net/http"
	"testing"

	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// Whoever finds us unavailable is told when to come again, person or program, unless the handler knows better.
func TestWhoeverFindsUsUnavailableIsToldWhenToComeAgain(t *testing.T) {
	t.Parallel()
	kit := webtest.NewWith(t, web.Config{Report: new(webtest.Faults).Report})
	later := failing(nil)
	later.Handler = func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Retry-After", "60")
		return web.Unavailable(nil)
	}
	for want, handler := range map[string]web.Route{"5": failing(web.Unavailable(nil)), "60": later, "": failing(web.Forbidden(nil))} {
		for _, accept := range []string{"text/html", "application/json", "text/plain"} {
			r := request("GET", "/x", "")
			r.Header.Set("Accept", accept)
			if got := serve(t, kit, r, handler).Header().Get("Retry-After"); got != want {
				t.Errorf("%s: Retry-After %q, want %q", accept, got, want)
			}
		}
	}
}
