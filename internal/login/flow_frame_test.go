package login_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"ecluse/internal/idp/idptest"
)

// A picture or a hidden frame on any page must not choose the source and the establishment of somebody's next sign-in:
// the cookie that hints hang on travels across sites.
func TestTileIsFollowedByAPersonAndNotByAPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for _, dest := range []string{"image", "iframe", "script", "empty"} {
		b := h.Browser(t)
		offers(t, "before", b.Open(byGet(t, request("lire"))), "source")
		r := httptest.NewRequest(http.MethodGet, idptest.Origin+"/go/lire?source="+idptest.ENT, nil)
		r.Header.Set("Sec-Fetch-Dest", dest)
		page(t, dest, b.Open(r), http.StatusBadRequest)
		offers(t, "after "+dest, b.Open(byGet(t, request("lire"))), "source")
	}
	r := httptest.NewRequest(http.MethodGet, idptest.Origin+"/go/lire?source="+idptest.ENT, nil)
	r.Header.Set("Sec-Fetch-Dest", "document")
	if p := h.Browser(t).Open(r); p.Landing == nil {
		t.Errorf("status %d, want the service", p.Status)
	}
}
