package web

import (
	"net/http"
	"testing"
)

func TestAHeaderThatIsAddedToChangesNoOther(t *testing.T) {
	t.Parallel()
	h, untouched := http.Header{}, http.Header{}
	secureHeaders(h, true)
	secureHeaders(untouched, true)
	for name := range untouched {
		h.Add(name, "more")
	}
	for name, values := range untouched {
		if len(values) != 1 || values[0] == "" || len(h[name]) != 2 || h[name][0] != values[0] || h[name][1] != "more" {
			t.Errorf("%s: %q beside %q", name, h[name], values)
		}
	}
}

func TestStrictTransportIsSaidOverTLSAlone(t *testing.T) {
	t.Parallel()
	for _, tls := range []bool{true, false} {
		h := http.Header{}
		secureHeaders(h, tls)
		if said := h.Get("Strict-Transport-Security") != ""; said != tls || len(h) < 7 {
			t.Errorf("TLS %v: %v", tls, h)
		}
	}
}
