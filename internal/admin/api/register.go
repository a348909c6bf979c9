package api

import (
	"bytes"
	"context"
	"net/http"

	"ecluse/internal/person"
	"ecluse/internal/registry/register"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// Exporting says whose register is asked for, and in which form.
type Exporting struct {
	UAI        person.UAI `query:"uai"`
	Department string     `query:"department"`
	Academy    string     `query:"academy"`
	Format     string     `query:"format" enum:"csv,html" default:"csv" doc:"csv for a spreadsheet, html to print"`
}

func (s *surface) mountRegister() {
	add(s, kind{
		method: http.MethodGet, path: "/register", id: "export-register", tag: "register",
		summary: "The register of processing activities (RGPD art. 30) of a school, a department or an academy",
		about:   "Exactly one of uai, department and academy is named.", out: []string{"text/csv", "text/html"},
	}, s.export)
}

func (s *surface) export(ctx context.Context, c roles.Caller, in *Exporting) (*file, error) {
	of := register.Of{UAI: in.UAI, Department: in.Department, Academy: in.Academy}
	named := 0
	for _, field := range []string{string(in.UAI), in.Department, in.Academy} {
		if field != "" {
			named++
		}
	}
	if named != 1 {
		return nil, web.Problem(http.StatusUnprocessableEntity, "invalid", "exactly one of uai, department and academy is named", nil).
			With("errors", []Mistake{{Parameter: "uai", Message: "one place, and one only", Mend: "uai, department or academy"}})
	}
	view, err := s.Desk.Exportable(ctx, c, in.UAI, in.Department, in.Academy)
	if err != nil {
		return nil, err
	}
	r, ok := register.Make(view, s.Now(), of)
	if !ok {
		return nil, web.Problem(http.StatusNotFound, "not_found", "no such school, department or academy is registered", nil)
	}
	var out bytes.Buffer
	f := &file{Status: http.StatusOK, Type: "text/csv; charset=utf-8", Disposition: `attachment; filename="registre.csv"`, Policy: inert}
	write := r.CSV
	if in.Format == "html" {
		write, f.Type, f.Disposition = r.HTML, "text/html; charset=utf-8", `attachment; filename="registre.html"`
	}
	if err := write(&out, s.Desk.Words); err != nil {
		return nil, err
	}
	f.Body = out.Bytes()
	return f, nil
}
