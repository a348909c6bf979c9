package bulk_test

import (
	"testing"

	"ecluse/internal/admin/bulk"
	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

func newOffice(t testing.TB) *frametest.Bench {
	t.Helper()
	return frametest.New(t, bulk.Pages(), func(_ *desktest.House, mux *web.Mux, f *frame.Frame) { bulk.Mount(mux, f) })
}

// state is where an establishment stands on the service "lire".
func state(t *testing.T, o *frametest.Bench, uai person.UAI) registry.EnablingState {
	t.Helper()
	e, _ := o.Snapshot(t).Enabling("lire", uai)
	return e.State
}
