package annuaire

import (
	"fmt"
	"strings"
)

// column is a column of the list by its technical name. Its other spelling differs in capitals only.
type column string

const (
	colUAI        column = "identifiant_de_l_etablissement"
	colName       column = "nom_etablissement"
	colType       column = "type_etablissement"
	colSector     column = "statut_public_prive"
	colNature     column = "libelle_nature"
	colTown       column = "nom_commune"
	colDepartment column = "code_departement"
	colAcademy    column = "libelle_academie"
	colState      column = "etat"
	colDistrict   column = "code_circonscription"
	colContract   column = "type_contrat_prive"
	colPupils     column = "nombre_d_eleves"
)

// required are the columns without which no row can be understood.
func required() []column {
	return []column{colUAI, colName, colType, colSector, colTown, colDepartment, colAcademy, colState}
}

// columns tells where each column stands.
type columns map[column]int

// readHeader finds the columns. A name that stands twice is told, as nobody knows which one counts.
func readHeader(header []string) (columns, []Problem) {
	at := columns{}
	var problems []Problem
	for i, name := range header {
		name := column(strings.ToLower(strings.TrimSpace(name)))
		if _, twice := at[name]; twice && name != "" {
			problems = append(problems, Problem{Line: 1, What: fmt.Sprintf("the column %s stands twice", name), Told: TellColumn(true, string(name))})
		}
		at[name] = i
	}
	for _, name := range required() {
		if _, ok := at[name]; !ok {
			problems = append(problems, Problem{
				Line: 1, What: fmt.Sprintf("the column %s is missing", name), Mend: "the ministry's list of schools, as it is published",
				Told: TellColumn(false, string(name)),
			})
		}
	}
	return at, problems
}

// of gives a row's value in a column, or nothing.
func (c columns) of(row []string, name column) string {
	if i, ok := c[name]; ok && i < len(row) {
		return strings.TrimSpace(row[i])
	}
	return ""
}
