package registry_test

import (
	"testing"

	"ecluse/internal/registry"
)

func TestALabelNamesWhomItCallsByName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		label string
		names []string
		want  bool
	}{
		{"GR DUPONT", []string{"Marie", "Dupont"}, true},
		{"gr_dupont_2", []string{"Dupont"}, true},
		{"Aide Élodie", []string{"Elodie"}, true},
		{"soutien lea", []string{"Léa"}, true},
		{"SOUTIEN MDUPONT", []string{"Dupont"}, true},
		{"SOUTIEN DUPONTM", []string{"Dupont"}, true},
		{"Groupe de la Tour", []string{"de La Tour"}, true},
		{"Groupe Tour", []string{"de La Tour"}, true},
		{"Groupe Dupont-Martin", []string{"Dupont-Martin"}, true},
		{"Groupe Martin", []string{"Dupont-Martin"}, true},
		{"Aide Jean Pierre", []string{"Jean-Pierre"}, true},
		{"Aide Li", []string{"Li"}, true},
		{"6E 1", []string{"Marie", "Dupont"}, false},
		{"DUPONTEL", []string{"Dupont"}, false},
		{"Cité de la mer", []string{"de la Tour"}, false},
		{"Sainte-Barbe", []string{"Sainte Claire"}, false},
		{"6E A", []string{"A"}, false},
		{"6E 12", []string{"12", "1 2"}, false},
		{"Latin", []string{"", " ", "-"}, false},
		{"Latin", nil, false},
		{"", []string{"Dupont"}, false},
	} {
		if got := registry.NamesSomebody(c.label, c.names...); got != c.want {
			t.Errorf("%q and %q: %v", c.label, c.names, got)
		}
	}
}

func TestALabelLooksNamedWhereItIsWrittenAsAPersonIsCalled(t *testing.T) {
	t.Parallel()
	for label, want := range map[string]bool{
		"Groupe M. Dupont": true, "GR MME MARTIN": true, "Mlle. Petit": true, "Classe de Monsieur Bernard": true, "MADAME_LEROY": true,
		"Soutien J. Dupont": true, "J.Dupont": true, "AIDE DUPONT J.": true, "M. A. Bernard": true, "Prof. Morel": true, "maîtresse Sophie": true,
		"6E 1": false, "T.P. Physique": false, "E.P.S.": false, "L.V. 2": false, "Groupe M": false, "M 2": false, "M. 2": false, "CM2 B": false, "MATHS M A": false,
		"Latin": false, "": false, "2nde GT 4": false, "Mme": false, "maths.": false,
	} {
		if got := registry.LooksNamed(label); got != want {
			t.Errorf("%q: %v", label, got)
		}
	}
}
