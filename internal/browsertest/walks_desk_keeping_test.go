package browsertest_test

import "time"

// schoolList begins a list of the ministry's.
const schoolList = "Identifiant_de_l_etablissement;Nom_etablissement;Type_etablissement;Statut_public_prive;Nom_commune;Code_departement;Libelle_academie;etat|"

// keepingWalks are those of people who keep by hand what is registered beside services.
func keepingWalks() []walk {
	enter := func(who string) []string {
		return []string{"go /bureau/moi", "press main a.button", "as " + who, "press [value=informed]"}
	}
	soon := time.Now().AddDate(0, 0, 60).Format(time.DateOnly) // the demonstration lives today
	return []walk{{
		name: "keeping-places", who: "Alix Rousseau, administratrice technique, enregistre un établissement et importe une liste",
		stops: []stop{
			{"new", "places/edit", append(enter("alix"), "go /bureau/etablissements/nouveau")},
			{"wrong-letter", "places/edit", []string{"fill #uai 0280606A", "fill #nom École neuve", "fill #departement 028", "press main form .button-primary"}},
			{"registered", "places/school", []string{"fill #uai 0280606G", "press main form .button-primary"}},
			{"change", "places/edit", []string{"press main .alone a[href$='/modifier']"}},
			{"mailbox-that-is-none", "places/edit", []string{"fill #boite accueil", "press main form .button-primary"}},
			{"mailbox", "places/school", []string{"fill #boite accueil@ecole.example", "press main form .button-primary"}},
			{"change-again", "places/edit", []string{"press main .alone a[href$='/modifier']"}},
			{"closing", "places/edit", []string{"fill #eleves beaucoup", "fill #successeur 0280606G", "press main form .button-primary"}},
			{"kept-by-a-file", "places/school", []string{"go /bureau/etablissements/0280202T"}},
			{"import", "lists/form", []string{"go /bureau/etablissements/importer"}},
			{"cannot-be-read", "lists/plan", []string{
				"hand #fichier " + schoolList + "0280606A;École refaite;Ecole;Public;Dreux;28;Exemple;OUVERT|0280101H;Une autre;Ecole;Peut-être;Dreux;28;Exemple;OUVERT",
				"press main form .button-primary",
			}},
			{"would-change", "lists/plan", []string{
				"go /bureau/etablissements/importer", "hand #fichier " + schoolList + "0280606G;École refaite;Ecole;Public;Dreux;28;Exemple;OUVERT", "press main form .button-primary",
			}},
			{"written", "lists/form", []string{"press main form .button-primary"}},
		},
	}, {
		name: "keeping-tokens", who: "Alix Rousseau, administratrice technique, fait un jeton pour l'ENT",
		stops: []stop{
			{"tokens", "places/tokens", append(enter("alix"), "go /bureau/sources/demo/jetons")},
			{"too-long", "places/tokens", []string{"fill #nom Médiacentre", "fill #jusque 2099-01-01", "press main form .button-primary"}},
			{"made", "places/secret", []string{"fill #jusque " + soon, "press main form .button-primary"}},
			{"there", "places/tokens", []string{"press main .alone a"}},
			{"ended", "places/tokens", []string{"press main form .button-danger"}},
			{"integrators", "places/tokens", []string{"go /bureau/services/lire/jetons"}},
		},
	}, {
		name: "keeping-numbers", who: "Dora Faure, déléguée à la protection des données, après la sortie d'une liste de numéros",
		stops: []stop{
			{"sectors", "numbers/list", append(enter("dora"), "go /bureau/numeros")},
			{"one", "numbers/one", []string{"press .table th a"}},
			{"without-reason", "numbers/one", []string{"press main form .button-primary"}},
		},
	}, {
		name: "keeping-charter", who: "Paul Roy, principal du collège Jean-Moulin, écrit la charte de son établissement",
		stops: []stop{
			{"write", "rules/write", append(enter("paul"), "go /bureau/chartes/establishment/0280202T/ecrire")},
			{"nothing-said", "rules/write", []string{"press main form .button-primary"}},
			{"written", "rules/charter", []string{"fill #contact le CPE", "press main form .button-primary"}},
			{"version", "rules/text", []string{"go /bureau/etablissements/0280202T/charte", "press main .version a"}},
		},
	}}
}
