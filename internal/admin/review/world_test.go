package review_test

import (
	"testing"

	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/admin/review"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

func newOffice(t testing.TB) *frametest.Bench {
	t.Helper()
	return frametest.New(t, review.Pages(), func(_ *desktest.House, mux *web.Mux, f *frame.Frame) {
		review.Mount(mux, f, review.Config{Documents: "/api/v1/documents/"})
	})
}

// current is a version as the register has it now.
func current(t *testing.T, o *frametest.Bench, d registry.Declaration) registry.Declaration {
	t.Helper()
	v, ok := o.Snapshot(t).Declaration(d.ID, d.Version)
	if !ok {
		t.Fatalf("no %s", d.ID)
	}
	return v
}

func at(d registry.Declaration) string { return "/bureau/declarations/" + d.ID + "/1" }
