package register

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// JSON writes what the public may read, for programs.
func (p Public) JSON(w io.Writer) error {
	for _, list := range []*[]PublicLine{&p.Lines, &p.House} {
		if *list == nil {
			*list = []PublicLine{}
		}
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return out.Encode(p)
}

// CSV writes the same for a spreadsheet, in French, in the form of Register.CSV.
func (p Public) CSV(w io.Writer) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.Comma = ';'
	var header []string
	for _, f := range (PublicLine{}).fields() {
		header = append(header, f.Name)
	}
	_ = out.Write(header) // Error below tells
	for _, line := range append(append([]PublicLine(nil), p.Lines...), p.House...) {
		var row []string
		for _, f := range line.fields() {
			row = append(row, plain(f.Value))
		}
		_ = out.Write(row)
	}
	out.Flush()
	return out.Error()
}

func (l PublicLine) fields() []field {
	return []field{
		{"Service", l.Name.FR},
		{"Fournisseur", l.Provider},
		{"État", stoppedWord(l.Stopped)},
		{"Ouvert par", openerWord(l.By)},
		{"Responsable du traitement", lines(l.Controllers, func(c PublicController) string { return c.Name + prefixed(", ", c.Office) })},
		{"Finalités", strings.Join(texts(l.Purposes), "\n")},
		{"Base légale", basis(registry.Basis{Kind: l.Basis, Text: l.Founded})},
		{"Publics", lines(l.Profiles, profile) + prefixed("\nniveaux : ", strings.Join(l.Levels, ", ")) + minAge(l.MinAge)},
		{"Données", l.items()},
		{"Destinataires", strings.Join(texts(l.Recipients), "\n")},
		{"Rôle du fournisseur", l.supplier()},
		{"Hébergement", strings.Join(l.Hosting, ", ")},
		{"Transferts hors EEE", l.transfers()},
		{"Durée de conservation", strings.TrimPrefix(l.Kept.FR+prefixed("\n", lines(l.Erasure, erasure)), "\n")},
		{"Depuis", l.Since.String()},
		{"Jusqu'au", l.Until.String()},
		{"Établissements", schoolsWord(l.Schools)},
	}
}

func stoppedWord(stopped bool) string {
	if stopped {
		return "suspendu"
	}
	return "ouvert"
}

func openerWord(by policy.Opener) string {
	return word(by, map[policy.Opener]string{
		policy.ByController: "l’établissement", policy.ByDASEN: "le DASEN", policy.ByRectorat: "le rectorat", policy.ByCrisis: "le recteur, pour un temps",
	})
}

func (l PublicLine) items() string {
	out := lines(l.Items, func(i PublicItem) string { return i.Label.FR + prefixed(" : ", i.Why.FR) })
	return strings.TrimPrefix(out+prefixed("\n", strings.Join(texts(l.Produced), "\n")), "\n")
}

func (l PublicLine) supplier() string {
	s := registry.Supplier{Relation: l.Supplier.Role, Name: l.Supplier.Name}
	for _, sub := range l.Supplier.Sub {
		s.Sub = append(s.Sub, registry.SubProcessor{Name: sub.Name, Country: sub.Country, For: sub.For})
	}
	return supplier(s)
}

func (l PublicLine) transfers() string {
	if len(l.Transfers) == 0 {
		return "aucun"
	}
	return lines(l.Transfers, func(t PublicTransfer) string {
		return transfer(registry.Transfer{Country: t.Country, Recipient: t.Recipient, Instrument: t.Instrument})
	})
}

func schoolsWord(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}
