package browsertest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// startPage is what a newcomer sees first.
func startPage(t *testing.T, h *house) {
	b := h.tab(t)
	b.open(h.at(h.gateway, "/"))
	at := b.arrive(h.gateway, "Bienvenue dans la démonstration")
	b.shows(at, "Lire", "Calcul", "Suite", "Discute", "Ancien", "ENT", "Lina Martin", "/saml/metadata")
	b.inspect("01-start")
	b.show("start", 1280, 780)
}

// childSignsIn opens a reading site over SAML, then a site for sums over OpenID Connect: no second sign-in, and another
// number on each.
func childSignsIn(t *testing.T, h *house) {
	b := h.tab(t)
	b.open(h.at("lire.localhost", "/"))
	b.arrive("lire.localhost", "Bienvenue sur Lire")
	b.inspect("02-lire-outside")
	b.press("Entrer avec mon compte")
	b.arrive(h.gateway, "Qui se connecte")
	b.inspect("03-people")
	b.press("Lina Martin")
	at := b.arrive(h.gateway, "Tu vas sur Lire")
	if at.Audience != "enfant" {
		t.Errorf("a pupil of eight reads the wording for %q", at.Audience)
	}
	b.shows(at, "Lire va savoir", "Lire ne saura pas", "J'ai compris, on y va")
	b.inspect("04-inform-child")
	b.show("information", 1280, 1000)
	b.press("Pour les grands")
	b.inspect("04-inform-child-details")
	b.press("J'ai compris, on y va")
	at = b.arrive("lire.localhost", "Bonjour")
	b.hides(at, "Martin")
	b.inspect("05-lire-inside")
	first := pseudonym(b)

	b.open(h.at("calcul.localhost", "/"))
	b.arrive("calcul.localhost", "Bienvenue sur Calcul")
	b.press("Entrer avec mon compte")
	b.arrive(h.gateway, "Tu vas sur Calcul")
	b.inspect("06-inform-calcul")
	b.press("J'ai compris, on y va")
	at = b.arrive("calcul.localhost", "Bonjour")
	b.hides(at, "Martin")
	b.inspect("07-calcul-inside")
	if second := pseudonym(b); first == "" || first == second {
		t.Errorf("the two sites know the child as %q and %q", first, second)
	}

	b.open(h.at("lire.localhost", "/connexion"))
	b.arrive("lire.localhost", "Bonjour")
	if again := pseudonym(b); again != first {
		t.Errorf("the site knew the child as %q and now as %q", first, again)
	}
}

// pseudonym is the number under which the site that is shown knows its visitor.
func pseudonym(b *tab) string {
	b.Helper()
	return evaluate[string](b, `(() => {
		for (const row of document.querySelectorAll("tr")) {
			if (/NameID|\bsub\b/.test(row.textContent)) return row.querySelector("td").innerText.trim();
		}
		return "";
	})()`)
}

// teacherChooses goes to a service that may know names.
func teacherChooses(t *testing.T, h *house) {
	b := h.tab(t)
	b.open(h.at("suite.localhost", "/connexion"))
	b.arrive(h.gateway, "Qui se connecte")
	b.press("Claire Durand")
	at := b.arrive(h.gateway, "Vous allez sur Suite")
	b.shows(at, "Jean-Moulin")
	b.inspect("08-place")
	b.press("Jean-Moulin")
	at = b.arrive(h.gateway, "Ce que Suite va savoir de vous")
	b.shows(at, "Durand", "claire.durand@ac-exemple.fr")
	b.press("Tous les détails")
	b.inspect("09-inform-adult")
	b.press("J'ai compris")
	at = b.arrive("suite.localhost", "Bonjour")
	b.shows(at, "Durand", "claire.durand@ac-exemple.fr")
	b.inspect("10-suite-inside")
}

// refusals ask nobody for a password.
func refusals(t *testing.T, h *house) {
	b := h.tab(t)
	b.open(h.at("discute.localhost", "/connexion"))
	at := b.arrive(h.gateway, "Discute n'est pas encore accessible")
	b.shows(at, "Suite", "Revenir vers Discute")
	b.hasReference()
	b.inspect("11-refused")
	b.show("refusal", 1280, 900)
	b.press("Revenir vers Discute")
	at = b.arrive("discute.localhost", "Tu ne peux pas entrer sur Discute")
	b.shows(at, "access_denied")
	b.inspect("12-discute-refused")

	b.open(h.at("ancien.localhost", "/connexion"))
	at = b.arrive(h.gateway, "Ancien")
	b.shows(at, "Ce qui se passe", "Sa déclaration a pris fin le")
	// The date is the day before today where the academy is.
	yesterday := time.Now().In(h.zone).AddDate(0, 0, -1)
	day := fmt.Sprint(yesterday.Day())
	if day == "1" {
		day = "1er"
	}
	b.shows(at, " "+day+" ", fmt.Sprint(yesterday.Year()))
	b.hasReference()
	b.inspect("13-expired")
	b.press("Revenir vers Ancien")
	at = b.arrive("ancien.localhost", "Tu ne peux pas entrer sur Ancien")
	b.shows(at, "RequestDenied")
}

// entLeadsIn comes from a portal on another origin, with its session, by the portal's tiles.
func entLeadsIn(t *testing.T, h *house) {
	b := h.tab(t)
	b.open(h.at("ent.localhost", "/"))
	b.arrive("ent.localhost", "Qui es-tu")
	b.inspect("14-ent-door")
	b.press("Lina Martin")
	b.press("Se connecter")
	b.arrive("ent.localhost", "Bonjour Lina")
	b.inspect("15-ent-desk")
	for _, service := range []struct{ name, host string }{{"Lire", "lire.localhost"}, {"Calcul", "calcul.localhost"}} {
		b.press(service.name)
		at := b.arrive(h.gateway, "Tu vas sur "+service.name)
		b.shows(at, "Mon ENT")
		b.inspect("16-inform-from-ent-" + strings.ToLower(service.name))
		b.press("J'ai compris, on y va")
		b.arrive(service.host, "Bonjour")
		b.open(h.at("ent.localhost", "/"))
		b.arrive("ent.localhost", "Bonjour Lina")
	}
	b.press("Discute")
	at := b.arrive(h.gateway, "Discute")
	b.shows(at, "Mon ENT")
	b.hasReference()
	b.inspect("17-refused-from-ent")
	b.press("Mon ENT")
	b.arrive("ent.localhost", "Bonjour Lina")
}

// entTilesThatLie name what nobody registered. None is followed.
func entTilesThatLie(t *testing.T, h *house) {
	b := h.tab(t)
	b.open(h.at("ent.localhost", "/"))
	b.arrive("ent.localhost", "Qui es-tu")
	b.press("Hugo Petit")
	b.press("Se connecter")
	for i, tile := range []string{"Établissement inconnu", "Retour inconnu", "Service inconnu"} {
		b.arrive("ent.localhost", "Bonjour Hugo")
		b.press(tile)
		at := b.arrive(h.gateway, "")
		b.shows(at, "Mon ENT")
		b.hasReference()
		b.hides(at, "ailleurs.example")
		b.inspect(fmt.Sprintf("18-tile-that-lies-%d", i+1))
		b.press("Mon ENT")
	}
	b.arrive("ent.localhost", "Bonjour Hugo")
}

// signsOut ends a session and is told the truth about the services.
func signsOut(t *testing.T, h *house) {
	b := h.tab(t)
	b.open(h.at(h.gateway, "/signout"))
	b.arrive(h.gateway, "Aucune connexion en cours")
	b.inspect("19-signout-nobody")
	b.open(h.at("classe.localhost", "/connexion"))
	b.arrive(h.gateway, "Qui se connecte")
	b.press("Hugo Petit")
	at := b.arrive(h.gateway, "Avant d'aller sur Classe")
	if at.Audience != "ado" {
		t.Errorf("a pupil of twelve reads the wording for %q", at.Audience)
	}
	b.inspect("20-inform-teenager")
	b.press("J'ai compris")
	b.arrive("classe.localhost", "Bonjour")
	b.open(h.at(h.gateway, "/signout"))
	b.arrive(h.gateway, "Veux-tu te déconnecter")
	b.inspect("21-signout-ask")
	b.press("Me déconnecter")
	at = b.arrive(h.gateway, "Déconnexion faite")
	b.shows(at, "Classe")
	b.inspect("22-signed-out")
	b.open(h.at("classe.localhost", "/connexion"))
	b.arrive(h.gateway, "Qui se connecte")
}

// unknownPageInEnglish errs, and reads in the other language.
func unknownPageInEnglish(t *testing.T, h *house) {
	b := h.tab(t)
	b.open(h.at(h.gateway, "/nulle-part"))
	at := b.arrive(h.gateway, "")
	if at.Lang != "fr" {
		t.Errorf("the first language is %q", at.Lang)
	}
	b.hasReference()
	b.inspect("23-unknown-page")
	b.open(h.at("discute.localhost", "/connexion"))
	b.arrive(h.gateway, "Discute n'est pas encore accessible")
	b.press("EN")
	at = b.arrive(h.gateway, "Chat")
	if at.Lang != "en" {
		t.Errorf("after choosing English the page is in %q", at.Lang)
	}
	b.shows(at, "Reference")
	b.hasReference()
	b.inspect("24-refused-in-english")
}
