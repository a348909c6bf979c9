package login_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"ecluse/internal/audit"
	"ecluse/internal/idp/idptest"
)

// A HEAD shows nobody anything: a client or a proxy that tries an address must not use up what is there.
func TestHeadReleasesNothingAndUsesNothingUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := signedIn(t, h, idptest.Lea)
	before := len(h.Released("lire", audit.Released))
	r := byGet(t, request("lire"))
	r.Method = http.MethodHead
	page(t, "a request by HEAD", b.Open(r), http.StatusBadRequest)
	if after := len(h.Released("lire", audit.Released)); after != before {
		t.Errorf("%d releases in the journal after a HEAD, want %d", after, before)
	}
	waiting := b.Do(byPost(t, request("lire"))).Header.Get("Location")
	page(t, "a transaction by HEAD", b.Open(httptest.NewRequest(http.MethodHead, idptest.Origin+waiting, nil)), http.StatusBadRequest)
	yes(t, b.Get(waiting), "lire")
}
