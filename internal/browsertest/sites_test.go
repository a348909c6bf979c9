package browsertest_test

import (
	"slices"
	"strings"
	"testing"
)

// findsTheirSites has a child photograph a poster, sign in and find pictures; and a teacher look for services, mark one, read
// what it would receive, and see what pupils see.
func findsTheirSites(t *testing.T, h *house) {
	b := h.tab(t)
	b.open(h.at(h.gateway, "/e/0280101H/affiche"))
	b.arrive(h.gateway, "Tes sites de l'école")
	b.inspect("sites-poster")
	b.open(h.at(h.gateway, "/e/0280101H"))
	at := b.arrive(h.gateway, "Mes sites")
	b.shows(at, "École Jules-Ferry")
	b.inspect("sites-nobody")
	b.press("Entrer")
	b.arrive(h.gateway, "Qui se connecte")
	b.press("Lina Martin")
	at = b.arrive(h.gateway, "Mes sites")
	b.shows(at, "Ce qu'ils savent de moi", "Lire", "Calcul")
	b.inspect("sites-child")
	b.width(320)
	if seen := evaluate[[]float64](b, `[...document.querySelectorAll(".site")].map((e) => e.getBoundingClientRect()).map((r) => r.width * 100 + r.height)`); len(seen) > 0 && slices.Max(seen) > 320*100 {
		t.Errorf("a child's tile takes the width of a phone: %v", seen)
	}
	b.press("Lire")
	b.arrive(h.gateway, "Tu vas sur Lire")

	teacher := h.tab(t)
	teacher.open(h.at(h.gateway, "/entrer?vers=sites"))
	teacher.arrive(h.gateway, "Qui se connecte")
	teacher.press("Claire Durand")
	teacher.arrive(h.gateway, "Mes services")
	teacher.inspect("sites-teacher")
	teacher.press("Ajouter")
	at = teacher.wait("a favourite", func(at where) bool { return strings.Contains(at.Text, "Mes préférés") })
	teacher.shows(at, "Retirer")
	teacher.press("En savoir plus")
	at = teacher.wait("the sheet", func(at where) bool { return at.Heading != "Mes services" && at.Heading != "" })
	teacher.shows(at, "recevrait de vous", "Lien pour la classe")
	teacher.inspect("sites-sheet")
	teacher.open(h.at(h.gateway, "/mes-sites?eleves=5EME"))
	at = teacher.arrive(h.gateway, "Mes services")
	teacher.shows(at, "Voici ce que voient des élèves")
	teacher.inspect("sites-pupils-view")
	teacher.open(h.at(h.gateway, "/mes-sites?q=zzz"))
	at = teacher.arrive(h.gateway, "Mes services")
	teacher.shows(at, "Aucun service ne correspond")
	teacher.inspect("sites-none-found")
}
