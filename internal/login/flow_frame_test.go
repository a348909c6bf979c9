package login_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
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

func TestWhatLeavesIsNamedInTheVersionThatWasChosen(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	told := b.As(b.Open(byGet(t, request("lire"))), idptest.Lea)
	if told.Offers("place") {
		told = b.Submit(told, "place", 0)
	}
	offers(t, "the information", told, "inform")
	level, _ := h.Words.Entry("level")
	names := func(what string, p *idptest.Page, child bool) {
		t.Helper()
		if text := p.Text(); strings.Contains(text, level.Child.FR) != child || strings.Contains(text, level.Label.FR) == child {
			t.Errorf("%s: %s", what, text)
		}
	}
	names("a child's own words", told, true)
	b.Plant("wording", "detailed")
	names("one step fuller", b.Get(told.URL.String()), false)
}
