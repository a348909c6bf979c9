package browsertest_test

import (
	"fmt"
	"slices"
	"time"

	"ecluse/internal/app"
	"ecluse/internal/registry"
)

// stories are those of part one of who answers for a service: written, examined, approved, enabled, stopped, opened again,
// for many schools at once and for another year.
func stories() []story {
	return []story{lifeStory(), schoolsStory(), keyboardStory()}
}

// enters signs somebody in at the desk for the first time.
func enters(who string, then ...string) []string {
	return append([]string{"go /bureau/moi", "press main a.button", "as " + who, "press [value=informed]"}, then...)
}

// enrols goes from the page that asks for a second means, where nobody has one yet, to the act done.
func enrols(then ...string) []string {
	return append([]string{
		"press main a.button", "press form[action='/bureau/facteurs/code'] button", "fill #nom Téléphone", "enrol #code", "press main form .button",
		"press form[action='/bureau/confirmer'] button",
	}, then...)
}

func confirms() []string {
	return []string{"code #code", "press form[action='/bureau/confirmer'] button"}
}

func lifeStory() story {
	return story{
		name: "life", title: "Un service, de la déclaration à l'élève, puis arrêté et rétabli",
		scenes: slices.Concat(appointing(), declaring(), examining(), opening(), stopping(), renewing()),
	}
}

func appointing() []scene {
	return []scene{
		{
			"remi", "Rémi Blanc, délégué de la rectrice, nomme une cheffe de projet", enters("remi", "go /bureau/mandats/nouveau",
				"choose #role drane", "choose #sur academies", "fill #noms exemple", "in 90 #jusque", "fill #motif Cheffe de projet numérique.", "press main form .button-primary"),
			"factors/confirm", nil,
		},
		{"remi", "Il ajoute un second moyen, et la nomination est proposée", enrols("note word .reference-number"), "offices/word", nil},
	}
}

// declaring is done in the seven steps, from a model of the catalogue.
func declaring() []scene {
	next := "press [name=act][value=suite]"
	paper := func(kind, file string) []string {
		return []string{"choose #nature " + kind, "in -20 #date", "attach #fichier " + file, "press form[action$='/piece'] .button"}
	}
	return []scene{
		{"dora", "Dora Faure, déléguée à la protection des données, confirme la nomination", enters("dora", "go /bureau/mandats",
			"press .table th a", "press [name=etat][value=confirmed]"), "factors/confirm", nil},
		{"dora", "La nomination vaut", enrols(), "offices/one", nil},
		{"claire", "Claire Durand, cheffe de projet, donne le mot reçu", []string{
			"go /bureau/moi", "press main a.button", "as claire", "press [name=place]", "press [value=informed]",
			"go /bureau/moi", "fill #mot {word}", "press form[action='/bureau/mandat'] .button",
		}, "access/bureau", []string{"DRANE", "académie exemple"}},
		{"claire", "Elle commence une déclaration à partir d'un modèle", []string{"go /bureau/declarations/nouvelle", "choose #service ancien", "choose #modele editeur-gar", "press main form[method=post] .button-primary"}, "wizard/step", nil},
		{"claire", "Étape 1 : qui en répond", []string{
			"fill #controller_name Académie d'Exemple", "fill #controller_office recteur", "fill #controller_contact rectorat@ac-exemple.fr", "fill #controller_dpo dpd@ac-exemple.fr",
			"fill #supplier_name Éditions du Canal", "fill #supplier_country FR", "choose #supplier_free no", next,
		}, "wizard/step", nil},
		{"claire", "Étape 2 : à quoi cela sert", []string{next}, "wizard/step", nil},
		{"claire", "Étape 3 : les données", []string{"fill [name='recipients.0.fr'] Éditions du Canal et son hébergeur", "fill [name='recipients.0.en'] Éditions du Canal and its host", next}, "wizard/step", nil},
		{"claire", "Étape 4 : où, et jusqu'à quand", []string{
			"fill #hosting FR", "fill #retention l'année scolaire", "fill #retention_en the school year",
			"fill [name='erasure.0.what'] comptes et travaux", "fill [name='erasure.0.what_en'] accounts and work", "fill [name='erasure.0.months'] 3", "choose [name='erasure.0.after'] school_year",
			"in 0 #from", "in 80 #until", "fill [name='security.0.fr'] échanges chiffrés, accès tracés", "fill [name='security.0.en'] encrypted, traced", next,
		}, "wizard/step", nil},
		{"claire", "Étape 5 : le raccordement", []string{"choose #persona eleve-3e", "press form[method=get][action*='/etape/5'] .button"}, "wizard/step", nil},
		{"claire", "Étape 6 : les pièces", slices.Concat(
			[]string{"press nav.actions a:last-child"}, paper("contract", "contrat.pdf"), paper("terms", "conditions.pdf"), paper("dpia", "aipd.pdf"),
			[]string{
				"fill #reference CTR-2026-11", "fill #parties Académie d'Exemple\nÉditions du Canal", "in -20 #signed", "in 500 #contract_until", "fill #signed_by recteur",
				"fill #terms_version 2026-1", "in -20 #terms_accepted", "choose #terms_document conditions.pdf",
				"choose #dpia_done yes", "in -40 #dpia_date", "choose #dpia_document aipd.pdf", "choose #dpia_large yes",
				"choose #risk_information low", "choose #risk_vulnerability medium", "fill #risk_vulnerability_why des mineurs", "choose #risk_framework low", "choose #risk_exposure low",
				"choose #risk_identification low", "choose #risk_flaws low", "choose #risk_harvesting low", "fill #directory DEMO-ANNUAIRE",
				"choose [name='informed.0.kind'] charter", "in -10 [name='informed.0.date']", next,
			}), "wizard/step", nil},
		{"claire", "Étape 7 : la déclaration est soumise", []string{"press form[action$='/soumettre'] .button"}, "wizard/step", []string{"Soumise"}},
	}
}

// begunToday is the address of the first declaration that is begun at the desk: it is numbered by the year, and the demo has six
// of 2026.
func begunToday() string {
	zone, err := time.LoadLocation(app.DefaultConfig().TimeZone)
	if err != nil {
		panic(err)
	}
	id := fmt.Sprintf("%d-001", time.Now().In(zone).Year())
	if id == "2026-001" {
		id = "2026-007"
	}
	return "/bureau/declarations/" + id + "/1"
}

func examining() []scene {
	version := "go " + begunToday()
	told := []string{version + "/etape/6"}
	for i, whom := range []string{"pupils", "guardians", "staff", "council"} {
		row := fmt.Sprintf("informed.%d.", i+1) // the form has one more row each time
		told = append(told, "choose [name='"+row+"kind'] "+whom, "in -10 [name='"+row+"date']", "press [name=act][value=garder]")
	}
	return []scene{
		{"dora", "Dora Faure trouve la déclaration dans la file", []string{"go /bureau/file"}, "review/queue", []string{"Ancien"}},
		{"dora", "Elle commente un champ", []string{version, "choose #champ informed", "fill #commentaire Quand les familles ont-elles été informées ?", "press form[action$='/commentaire'] button"}, "review/version", []string{"Quand les familles ont-elles été informées ?", "bloquant"}},
		{"remi", "Le délégué de la rectrice renvoie la déclaration à corriger, avec ce commentaire", []string{version, "press form[action$='/prendre'] button", "fill #remarque À préciser.", "press form[action$='/correction'] button"}, "review/version", []string{"à corriger"}},
		{"claire", "La cheffe de projet corrige", told, "wizard/step", nil},
		{"claire", "Elle soumet de nouveau", []string{version + "/etape/7", "press form[action$='/soumettre'] .button"}, "wizard/step", []string{"Soumise"}},
		{"claire", "Elle ne peut ni donner un avis, ni approuver ce qu'elle a écrit", []string{version, "lacks form[action$='/avis'], form[action$='/approbation']"}, "review/version", nil},
		{"remi", "Sans avis, le délégué de la rectrice ne peut pas approuver", []string{version, "press form[action$='/approbation'] button"}, "review/version", []string{"avis"}},
		{"dora", "La déléguée rend un avis favorable", []string{version, "choose #avis favourable", "press form[action$='/avis'] button"}, "review/version", nil},
		{"remi", "Le délégué de la rectrice approuve : le bureau demande le second moyen", []string{version, "press form[action$='/approbation'] button"}, "factors/confirm", nil},
		{"remi", "Avec le code du téléphone, la déclaration est approuvée", confirms(), "review/version", []string{"approuvée"}},
	}
}

func opening() []scene {
	return []scene{
		{"hugo", "Hugo, 12 ans, n'entre pas encore : son collège n'a rien décidé", []string{"visit ancien/connexion"}, "login/refusal", []string{"Ancien"}},
		{"paul", "Paul Roy, principal, lit la fiche sur son téléphone", append([]string{"phone"}, enters("paul", "go /bureau/services/ancien")...), "sheets/sheet", []string{"Ancien"}},
		{"paul", "Il ouvre le service pour son collège", []string{"press main button[value=enabled]"}, "sheets/sheet", []string{"activé dans l'établissement"}},
		{"hugo", "Hugo lit ce que le site va savoir", []string{"visit ancien/connexion", "as hugo"}, "login/inform", []string{"Ancien"}},
		{"hugo", "Hugo arrive", []string{"press [value=informed]"}, "", []string{"Bonjour"}},
	}
}

func stopping() []scene {
	return []scene{
		{"dora", "Un soir, la déléguée arrête le service d'un bouton", []string{"go /bureau/services/ancien", "open details:has([value=stop]) > summary", "fill #motif-stop Une liste d'élèves est en ligne.", "press [name=etat][value=stop]"}, "sheets/sheet", nil},
		{"hugo", "Hugo n'entre plus", []string{"visit ancien/connexion"}, "login/refusal", []string{"Ancien"}},
		{"remi", "Le délégué de la rectrice rétablit le service : le bureau demande le second moyen", []string{"go /bureau/services/ancien", "open details:has([value=lift]) > summary", "fill #motif-stop La liste est retirée, le fournisseur a répondu.", "press [name=etat][value=lift]"}, "factors/confirm", nil},
		{"remi", "Le service est rétabli", confirms(), "sheets/sheet", nil},
		{"hugo", "Hugo entre de nouveau", []string{"visit ancien/connexion"}, "", []string{"Bonjour"}},
	}
}

// approvedForSchools has the academy's declaration of the old library approved anew, for the schools that want it: it is the
// demonstration's decision.
func approvedForSchools(s *stage) {
	s.later(func(s *stage) {
		s.change(func(c registry.Contents) registry.Change {
			d := newest(c, "2026-001")
			d.ID, d.ServiceID, d.Version, d.ManagedBy = "2026-090", "ancien", 1, ""
			d.State, d.Decisions, d.Scope.All = registry.Submitted, nil, false
			d.Until = registry.DateOf(s.now()).Add(40)
			d, err := d.Move(registry.Decision{At: s.now(), State: registry.Approved, Office: "démonstration", Demo: true})
			if err != nil {
				s.Fatal(err)
			}
			return registry.Change{Declarations: []registry.Declaration{d}}
		})
	})
}

func schoolsStory() story {
	return story{
		name: "schools", title: "Toutes les écoles d'un coup, sans JavaScript", stage: approvedForSchools, still: true,
		scenes: []scene{
			{"lina", "Lina, 8 ans, n'entre pas encore", []string{"visit ancien/connexion"}, "login/refusal", nil},
			{"diane", "Diane Morel, DASEN, choisit les écoles du département", enters("diane", "go /bureau/lot", "choose #acte activer", "fill #service Ancien", "choose #type ecole", "choose #departement 028", "press main form[method=post] .button-primary"), "bulk/apercu", nil},
			{"diane", "Elle ouvre le service pour toutes, d'un seul acte", []string{"press main form .button-primary"}, "bulk/fait", []string{"Jules-Ferry", "Louise-Michel"}},
			{"lina", "Lina lit ce que le site va savoir", []string{"visit ancien/connexion", "as lina"}, "login/inform", nil},
			{"lina", "Lina arrive", []string{"press [value=informed]"}, "", []string{"Bonjour"}},
			{"dora", "La déléguée voit ce qui finit bientôt", enters("dora", "go /bureau/calendrier", "press th a[href*='mois=']"), "calendar/calendrier", []string{"Ancien"}},
			{"diane", "Un incident : Diane Morel suspend dans toutes les écoles, d'un seul acte", []string{"go /bureau/lot", "choose #acte suspendre", "fill #service Ancien", "choose #type ecole", "choose #departement 028", "fill #raison Un incident chez le fournisseur.", "press main form[method=post] .button-primary"}, "bulk/apercu", nil},
			{"diane", "C'est fait", []string{"press main form .button-danger"}, "bulk/fait", []string{"Jules-Ferry", "Louise-Michel"}},
			{"lina", "Lina n'entre plus", []string{"visit ancien/connexion"}, "login/refusal", nil},
		},
	}
}

func keyboardStory() story {
	return story{
		name: "keyboard", title: "Un principal décide au clavier seul", stage: approvedForSchools, keyboard: true,
		scenes: []scene{
			{"paul", "Paul Roy entre au bureau, sans souris", []string{"go /bureau/", "reach main a.button", "enter", "reach [name=person][value=paul]", "enter"}, "login/inform", nil},
			{"paul", "Il lit ce que le bureau saura de lui", []string{"reach [value=informed]", "enter"}, "home/todo", nil},
			{"paul", "Il va à la liste des services", []string{"reach .menu a[href='/bureau/services']", "enter"}, "sheets/list", []string{"Ancien"}},
			{"paul", "Il cherche le service", []string{"reach #q", "type ancien", "enter"}, "sheets/list", []string{"Ancien"}},
			{"paul", "Il ouvre la fiche", []string{"reach .table th a", "enter"}, "sheets/sheet", nil},
			{"paul", "Il active le service", []string{"reach main button[value=enabled]", "enter"}, "sheets/sheet", []string{"activé dans l'établissement"}},
			{"hugo", "Hugo entre, sans souris", []string{"visit ancien/connexion", "reach [name=person][value=hugo]", "enter", "reach [value=informed]", "enter"}, "", []string{"Bonjour"}},
			{"paul", "Paul Roy suspend, avec une raison", []string{"reach summary:has(+ * #motif-suspended)", "space", "reach #motif-suspended", "type Un doute sur les données.", "reach button[value=suspended]", "enter"}, "sheets/sheet", []string{"Un doute sur les données."}},
			{"hugo", "Hugo n'entre plus", []string{"visit ancien/connexion"}, "login/refusal", nil},
		},
	}
}

func renewing() []scene {
	const list = "go /bureau/lot/renouvellements"
	return []scene{
		{"claire", "La cheffe de projet propose une année de plus", []string{list, "in 400 #jusque", "press form:has([value=commencer]) .button-primary"}, "bulk/renouveler", nil},
		{"claire", "La version suivante attend qu'on l'approuve", []string{"press main form .button-primary"}, "bulk/fait", nil},
		{"remi", "Le délégué de la rectrice relit ce qui attend", []string{list, "press form:has([value=approuver]) .button-primary"}, "bulk/renouveler", []string{"Ouvertures qui en dépendent"}},
		{"remi", "Il approuve : le bureau demande le second moyen", []string{"press main form .button-primary"}, "factors/confirm", nil},
		{"remi", "La déclaration est renouvelée", confirms(), "bulk/fait", nil},
		// The site keeps to the clock of the machine, and would take no answer from the future.
		{"hugo", "Trois mois plus tard, après la première fin, le service est toujours ouvert à Hugo", []string{"after 90", "forget", "go /mes-sites", "press main a.button", "as hugo", "has .site-go[href*='ancien']"}, "portal/sites", []string{"Ancien"}},
	}
}
