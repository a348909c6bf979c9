package calendar_test

import (
	"testing"

	"ecluse/internal/admin/calendar"
	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/web"
)

func newOffice(t testing.TB) *frametest.Bench {
	t.Helper()
	return frametest.New(t, calendar.Pages(), func(_ *desktest.House, mux *web.Mux, f *frame.Frame) {
		calendar.Mount(mux, f, calendar.Config{Renewals: "/bureau/lot/renouvellements"})
	})
}
