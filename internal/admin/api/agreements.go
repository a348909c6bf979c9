package api

import (
	"context"
	"net/http"

	"ecluse/internal/desk"
	"ecluse/internal/roles"
)

func (s *surface) mountAgreements() {
	add(s, kind{
		method: http.MethodPost, path: "/establishments/{uai}/agreements/attestations", id: "attest-agreements", tag: "declarations", status: http.StatusCreated,
		summary: "Attest from paper what pupils and those who hold parental authority said to a declaration that asks them",
		about: "All or none, every mistake at once. A child is named by the identifier that the source of identities gives, and by no name; what is kept " +
			"tells no longer who it is. A no on paper stands until whoever gave it says yes, or all holders do.",
	}, func(ctx context.Context, c roles.Caller, in *struct {
		BySchool
		Body desk.SignedPapers
	},
	) (*plain[desk.SignedPapersFiled], error) {
		filed, err := s.Desk.AttestAgreements(ctx, c, in.UAI, in.Body)
		if err != nil {
			return nil, err
		}
		return &plain[desk.SignedPapersFiled]{http.StatusCreated, filed}, nil
	})
}
