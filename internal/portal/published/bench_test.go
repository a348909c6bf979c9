package published_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"ecluse/internal/desk/desktest"
	"ecluse/internal/portal/published"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// BenchmarkLargeRegister asks for the pages of the register in a large academy, each time anew.
func BenchmarkLargeRegister(b *testing.B) {
	h := desktest.New(b)
	h.Enlarge(b)
	h.Snapshot(b)
	kit := webtest.NewWith(b, web.Config{Now: h.Now, Contributions: []web.Contribution{published.Pages()}})
	mux := web.NewMux(kit)
	published.Mount(mux, published.Config{Kit: kit, Live: h.Live, Words: h.Words, Now: h.Now})
	for _, path := range []string{"", "?q=ville", "/academie?nom=exemple", "/academie/csv?nom=exemple", "/" + string(desktest.College), "/" + string(desktest.College) + "/json"} {
		b.Run("registre"+path, func(b *testing.B) {
			b.ReportAllocs()
			size := 0
			for b.Loop() {
				w := httptest.NewRecorder()
				mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, webtest.Origin+"/registre"+path, nil))
				if w.Code != http.StatusOK {
					b.Fatalf("%d %.300s", w.Code, w.Body)
				}
				size = w.Body.Len()
			}
			b.ReportMetric(float64(size)/1000, "kB/page")
		})
	}
}
