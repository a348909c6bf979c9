package browsertest_test

import "testing"

// simulates is what the gateway accounts for: the officer sees what would leave and why, the child reads what did.
func simulates(t *testing.T, h *house) {
	b := h.tab(t)
	b.open(h.at("carte.localhost", "/"))
	b.arrive("carte.localhost", "Bienvenue sur Carte")
	b.press("Entrer avec mon compte")
	b.arrive(h.gateway, "Qui se connecte")
	b.press("Lina Martin")
	b.arrive(h.gateway, "Tu vas sur Carte")
	b.press("J'ai compris, on y va")
	at := b.arrive("carte.localhost", "Bonjour")
	b.hides(at, "Martin")
	b.inspect("30-carte-inside")
	b.open(h.at(h.gateway, "/historique"))
	at = b.arrive(h.gateway, "Ce qui a été envoyé de moi")
	b.shows(at, "Carte", "Jules-Ferry")
	b.inspect("31-history")

	b = h.tab(t)
	b.open(h.at(h.gateway, "/bureau/"))
	b.arrive(h.gateway, "Le bureau")
	b.press("Entrer au bureau")
	b.arrive(h.gateway, "Qui se connecte")
	b.press("Dora")
	b.arrive(h.gateway, "Ce que Bureau va savoir de vous")
	b.press("J'ai compris")
	b.arrive(h.gateway, "À faire")
	b.open(h.at(h.gateway, "/bureau/simulation"))
	b.arrive(h.gateway, "Simulation")
	b.inspect("32-simulation-asked")
	b.open(h.at(h.gateway, "/bureau/simulation?service=lire&persona=eleve-ce2&uai=0280101H"))
	at = b.arrive(h.gateway, "Simulation")
	b.shows(at, "Autorisé", "2026-001 v1", "Message SAML")
	b.press("Ce qui ne serait pas envoyé")
	b.shows(b.arrive(h.gateway, "Simulation"), "non déclarée")
	b.inspect("33-simulation-answered")
}
