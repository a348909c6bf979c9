package desktest

import (
	"context"
	"testing"
	"time"

	"ecluse/internal/audit/audittest"
	"ecluse/internal/consent"
	"ecluse/internal/login"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/rights"
	"ecluse/internal/store/sqldb"
)

// TakeRights has the desk answer requests of people, as the gateway does, and gives the receipts to which an objection
// leads.
func (h *House) TakeRights(tb testing.TB) *consent.Ledger {
	tb.Helper()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		tb.Fatal(err)
	}
	journal := audittest.Journal(tb, h.DB.Audit(), h.Ring, "rights", h.now)
	receipts := &consent.Book{Store: &sqldb.Receipts{DB: h.DB, Journal: journal}, Keys: h.Ring, Now: h.now}
	h.Sent = func(handle, service string) string { return consent.SubjectOf(h.Ring, handle, service) }
	h.Rights = &rights.Book{
		Store: &sqldb.Rights{DB: h.DB, Journal: journal}, Keys: h.Ring, Now: h.now, Zone: paris,
		Doors: doors{login.Doors{Ledger: receipts.Ledger(), Keys: h.Ring}},
	}
	return receipts.Ledger()
}

// doors say in words what to do instead.
type doors struct{ login.Doors }

// Shut implements rights.Doors.
func (d doors) Shut(ctx context.Context, who []string, service string, uai person.UAI, instead rights.Instead) error {
	text := instead.Text + instead.Service
	return d.Doors.Shut(ctx, who, service, uai, registry.Text{FR: text, EN: text})
}
