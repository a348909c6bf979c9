package register

import (
	"cmp"
	_ "embed"
	"encoding/csv"
	"fmt"
	"html/template"
	"io"
	"strings"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/registry"
)

// field is one line of an entry: what the law calls it, and what the declaration says.
type field struct{ Name, Value string }

// fields are those of RGPD art. 30(1) first, then what good practice adds.
func (e Entry) fields(words *dictionary.Dictionary) []field {
	return []field{
		{"Responsable du traitement", controllers(e.Declaration)},
		{"Délégué à la protection des données", e.Controller.DPO},
		{"Finalités", strings.Join(texts(e.Purposes), "\n")},
		{"Base légale", basis(e.Basis)},
		{"Catégories de personnes", cmp.Or(strings.Join(texts(e.Persons), "\n"), lines(e.Audience.Profiles, profile))},
		{"Publics", lines(e.Audience.Profiles, profile) + prefixed("\nniveaux : ", strings.Join(e.Audience.Levels, ", ")) + minAge(e.Audience.MinAge)},
		{"Catégories de données", e.data(words)},
		{"Mode", mode(e.Declaration)},
		{"Destinataires", strings.Join(texts(e.Recipients), "\n")},
		{"Fournisseur", supplier(e.Supplier)},
		{"Hébergement", strings.Join(e.Hosting, ", ")},
		{"Transferts hors EEE", cmp.Or(lines(e.Transfers, transfer), "aucun")},
		{"Délais d'effacement", cmp.Or(lines(e.Erasure, erasure), e.Retention.FR)},
		{"Mesures de sécurité", strings.Join(texts(e.Security), "\n")},
		{"Analyse d'impact", dpia(e.DPIA)},
		{"Information des personnes", lines(e.Informed, notice)},
		{"Source des données", e.Directory},
		{"Pièces", lines(e.Documents, func(d registry.Document) string { return d.Name + " (" + d.Hash + ")" })},
		{"Début", e.From.String()},
		{"Fin", e.Until.String() + lapse(e.Ceases, e.Because)},
		{"État", standing(e.Standing)},
		{"Décision", decided(e.Approved)},
		{"Ici", e.Here + prefixed(" depuis le ", e.Since.String())},
	}
}

func minAge(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("\nà partir de %d ans", n)
}

func decided(by *registry.Decision) string {
	if by == nil {
		return ""
	}
	return by.Office + by.At.Format(", le 2006-01-02") + prefixed(", ", by.Under)
}

// CSV writes the register for a spreadsheet: semicolons, UTF-8 with a mark, one row for each version, and a first line
// of headers. A text that a spreadsheet would take for a formula is quoted.
func (r Register) CSV(w io.Writer, words *dictionary.Dictionary) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.Comma = ';'
	header := []string{"Service", "Déclaration", "Version"}
	for _, f := range (Entry{}).fields(words) {
		header = append(header, f.Name)
	}
	_ = out.Write(header) // Error below tells
	for _, e := range r.Entries {
		row := []string{plain(e.Service.Name.FR), plain(e.ID), fmt.Sprint(e.Version)}
		for _, f := range e.fields(words) {
			row = append(row, plain(f.Value))
		}
		_ = out.Write(row)
	}
	for _, s := range r.Sources {
		_ = out.Write(sourceRow(s, header))
	}
	out.Flush()
	return out.Error()
}

// sourceRow prints what the declaration of a source has of the same columns.
func sourceRow(s registry.Source, header []string) []string {
	has := map[string]string{
		"Service": s.Name.FR, "Déclaration": s.Declaration.Reference, "Responsable du traitement": s.Declaration.Controller.Name + ", " + s.Declaration.Controller.Office,
		"Délégué à la protection des données": s.Declaration.Controller.DPO, "Finalités": s.Declaration.Covers, "Début": s.Declaration.From.String(),
		"Fin": s.Declaration.Until.String(), "État": word(s.Declaration.State, map[registry.State]string{
			registry.Approved: "approuvée", registry.Submitted: "soumise", registry.Suspended: "suspendue", registry.Refused: "refusée",
		}),
	}
	row := make([]string, len(header))
	for i, name := range header {
		row[i] = plain(has[name])
	}
	return row
}

func plain(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

//go:embed page.html
var page string

// HTML writes the register as one page that needs nothing else, made to be printed.
func (r Register) HTML(w io.Writer, words *dictionary.Dictionary) error {
	type sheet struct {
		Title  string
		Fields []field
	}
	var sheets []sheet
	for _, e := range r.Entries {
		s := sheet{Title: fmt.Sprintf("%s, %s version %d", e.Service.Name.FR, e.ID, e.Version)}
		for _, f := range e.fields(words) {
			if f.Value != "" {
				s.Fields = append(s.Fields, f)
			}
		}
		sheets = append(sheets, s)
	}
	for _, source := range r.Sources {
		s := sheet{Title: "Source d'identité : " + source.Name.FR}
		header := []string{"Déclaration", "Responsable du traitement", "Délégué à la protection des données", "Finalités", "Début", "Fin", "État"}
		for i, value := range sourceRow(source, header) {
			s.Fields = append(s.Fields, field{header[i], value})
		}
		sheets = append(sheets, s)
	}
	t, err := template.New("register").Funcs(template.FuncMap{"lines": func(s string) []string { return strings.Split(s, "\n") }}).Parse(page)
	if err != nil {
		return err
	}
	return t.Execute(w, map[string]any{"Title": r.Title, "At": r.At.Format("02/01/2006 à 15:04"), "Sheets": sheets})
}
