package console_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

// TestAWordIsNotTriedForeverFromOneNetwork: whoever has an IPv6 network has as many addresses as they like.
func TestAWordIsNotTriedForeverFromOneNetwork(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.tab(t)
	try := func(from, word string) int {
		r := b.request(http.MethodPost, "/bureau/lien", url.Values{"mot": {word}})
		r.RemoteAddr = from
		w := httptest.NewRecorder()
		h.mux.ServeHTTP(w, r)
		return w.Code
	}
	for i := range 20 {
		if status := try(fmt.Sprintf("[2001:db8:7::%x]:4711", i+1), "guess"); status != http.StatusForbidden {
			t.Fatalf("wrong word %d: %d", i, status)
		}
	}
	if status := try("[2001:db8:7::ffff]:4711", h.word); status != http.StatusTooManyRequests {
		t.Errorf("from another address of that network: %d", status)
	}
	if status := try("[2001:db8:8::1]:4711", h.word); status != http.StatusSeeOther {
		t.Errorf("from another network: %d", status)
	}
}
