package browsertest_test

import "time"

// objectWalks are those of people who look after what is registered beside services.
func objectWalks() []walk {
	enter := func(who string) []string {
		return []string{"go /bureau/moi", "press main a.button", "as " + who, "press [value=informed]"}
	}
	soon := time.Now().AddDate(0, 0, 60).Format(time.DateOnly) // the demonstration lives today
	return []walk{{
		name: "places", who: "Alix Rousseau, administratrice technique, regarde les établissements et les sources",
		stops: []stop{
			{"schools", "places/schools", append(enter("alix"), "go /bureau/etablissements")},
			{"found", "places/schools", []string{"fill #q jean-moulin", "press .search .button"}},
			{"school", "places/school", []string{"press .table th a"}},
			{"sources", "places/sources", []string{"go /bureau/sources"}},
			{"source", "places/source", []string{"press .table th a"}},
			{"tried", "places/source", []string{"go /bureau/sources/demo?essai=1"}},
		},
	}, {
		name: "offices", who: "Paul Roy, principal du collège Jean-Moulin, donne une délégation et propose un mandat",
		stops: []stop{
			{"list", "offices/list", append(enter("paul"), "go /bureau/mandats")},
			{"delegations", "offices/delegations", []string{"go /bureau/delegations"}},
			{"delegation", "offices/delegation", []string{"press .table th a"}},
			{"new-delegation", "offices/delegation", []string{"go /bureau/delegations/nouvelle"}},
			{"new", "offices/new", []string{"go /bureau/mandats/nouveau"}},
			{"without-reason", "offices/new", []string{"go /bureau/mandats/nouveau?role=assistant&jusque=" + soon, "fill #motif \u00a0", "press main form .button-primary"}},
			{"word", "offices/word", []string{"fill #motif Secrétariat de direction.", "press main form .button-primary"}},
			{"proposed", "offices/one", []string{"press main .alone a"}},
		},
	}, {
		name: "rules", who: "Dora Faure, déléguée à la protection des données, propose des règles et lit ce qui vaut",
		stops: []stop{
			{"list", "rules/list", append(enter("dora"), "go /bureau/regles")},
			{"new", "rules/new", []string{"press main a.button"}},
			{"version", "rules/one", []string{"go /bureau/regles/0"}},
			{"keys", "rules/keys", []string{"go /bureau/cles"}},
			{"settings", "rules/settings", []string{"go /bureau/reglages"}},
			{"charters", "rules/charters", []string{"go /bureau/chartes"}},
			{"charter", "rules/charter", []string{"press .table th a"}},
			{"place", "rules/place", []string{"go /bureau/etablissements/0280101H/charte"}},
		},
	}, {
		name: "asked-rights", who: "Hugo, 12 ans, demande ce qui a été envoyé, puis Paul Roy, principal, lui répond",
		stops: []stop{
			{"asked", "rights/one", []string{
				"visit classe/connexion", "as hugo", "press [value=informed]", "go /mes-droits", "press .card .links a", "open [name=quoi][value=access]",
				"fill #words Je voudrais savoir.", "press main form .button-primary",
			}},
			{"list", "requests/list", append([]string{"forget"}, append(enter("paul"), "go /bureau/droits")...)},
			{"one", "requests/one", []string{"press .table th a"}},
			{"sent", "requests/fiche", []string{"press main .alone a"}},
			{"longer", "requests/one", []string{"return", "fill #delai Il faut demander au fournisseur.", "press form[action$='/delai'] .button"}},
			{"answered", "requests/one", []string{"fill #reponse Voici ce que nous avons trouvé.", "press form[action$='/reponse'] .button-primary"}},
		},
	}, {
		name: "drafts", who: "Alix Rousseau, administratrice technique, inscrit un service",
		stops: []stop{
			{"list", "beginnings/list", append(enter("alix"), "go /bureau/declarations")},
			{"new", "beginnings/new", []string{"go /bureau/services/nouveau"}},
			{"wrong", "beginnings/new", []string{
				"fill #nom Lectures", "fill #phrase Pour lire.", "fill #fournisseur Canal", "fill #id Lectures", "fill #adresse ici", "press main form .button-primary",
			}},
		},
	}}
}
