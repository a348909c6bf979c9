package desktest

import (
	"testing"

	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Handed is a declaration that somebody wrote and handed over.
func (h *House) Handed(tb testing.TB, by roles.Caller, text registry.Declaration) registry.Declaration {
	tb.Helper()
	d, err := h.Begin(tb.Context(), by, "", text)
	if err == nil {
		d, err = h.Submit(tb.Context(), by, desk.Move{Ref: desk.Ref{ID: d.ID, Version: 1}})
	}
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// InForce is a declaration that was examined by the data-protection officer and approved by the recteur.
func (h *House) InForce(tb testing.TB, text registry.Declaration) registry.Declaration {
	tb.Helper()
	d := h.Handed(tb, h.DRANE(), text)
	m := desk.Move{Ref: desk.Ref{ID: d.ID, Version: d.Version}, Reason: "examiné"}
	if _, err := h.Opine(tb.Context(), h.DPO(), m, registry.Favourable); err != nil {
		tb.Fatal(err)
	}
	d, err := h.Approve(tb.Context(), h.Recteur(), m)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}
