package browsertest_test

// childWalks are those of pupils of an école.
func childWalks() []walk {
	return []walk{{
		name: "child", who: "Lina, 8 ans, école Jules-Ferry",
		stops: []stop{
			{"people", "people/choose", []string{"visit lire/connexion"}},
			{"inform", "login/inform", []string{"as lina"}},
			{"inform-all", "login/inform", []string{"open main > details:nth-of-type(1) > summary"}},
			{"turned-back", "login/refusal", []string{"press [value=refused]"}},
			{"nothing-sent", "portal/history", []string{"go /historique"}},
			{"sites", "portal/sites", []string{"go /mes-sites"}},
			{"sheet", "portal/sheet", []string{"go /mes-sites/lire"}},
			{"sent", "portal/history", []string{"visit lire/connexion", "press [value=informed]", "go /historique"}},
			{"charter", "portal/charter", []string{"go /charte"}},
			{"no-rights", "rights/closed", []string{"go /mes-droits"}},
			{"no-agreements", "login/agreements", []string{"go /accords"}},
			{"help", "notices/help", []string{"go /aide"}},
			{"display", "notices/display", []string{"go /affichage"}},
			{"privacy", "notices/privacy", []string{"go /confidentialite"}},
			{"not-for-profile", "login/refusal", []string{"visit suite/connexion"}},
			{"not-here", "login/refusal", []string{"visit classe/connexion"}},
			{"unknown-page", "web/error", []string{"go /nulle-part"}},
			{"signout", "login/signout", []string{"go /signout"}},
			{"signed-out", "login/signout", []string{"press form[action='/signout'] button"}},
		},
	}, {
		name: "child-from-ent", who: "Lina, 8 ans, venue de l'ENT",
		stops: []stop{
			{"leaving", "web/leave", []string{"hold ent", "go /go/lire?uai=0280101H&source=ent"}},
			{"inform", "login/inform", []string{"let go", "visit ent/", "open [value=lina]", "press main button", "go /go/lire?uai=0280101H&source=ent"}},
			{"answering", "web/post", []string{"hold lire", "press [value=informed]"}},
			{"sites", "portal/sites", []string{"let go", "go /mes-sites"}},
			{"no-declaration", "login/refusal", []string{"go /go/discute?uai=0280101H&source=ent"}},
			{"unknown-school", "login/refusal", []string{"go /go/lire?uai=0999999F&source=ent"}},
			{"unknown-service", "login/refusal", []string{"go /go/inconnu?uai=0280101H&source=ent"}},
			{"unknown-return", "login/refusal", []string{"go /go/lire?uai=0280101H&source=ent&return=https%3A%2F%2Failleurs.example%2F"}},
			{"unknown-source", "login/refusal", []string{"go /go/lire?uai=0280101H&source=autre"}},
			{"not-a-member", "login/refusal", []string{"go /go/lire?uai=0280202T&source=ent"}},
		},
	}, {
		name: "child-steps-back", who: "Lina, 8 ans, qui revient en arrière",
		stops: []stop{
			{"step-used", "login/used", []string{"visit lire/connexion", "as lina", "press [value=informed]", "return"}},
		},
	}, {
		name: "shared-tablet", who: "Inès, 9 ans, école Louise-Michel, tablette partagée",
		stops: []stop{
			{"recognise", "login/recognise", []string{"visit lire/connexion", "as ines", "press [value=informed]", "visit calcul/connexion"}},
			{"not-me", "login/signout", []string{"press form[action$='/notme'] button"}},
			{"somebody-else", "people/choose", []string{"press main a.button"}},
			{"cancelled", "login/source", []string{"press [name=cancel]"}},
		},
	}}
}

// teenWalks are those of pupils of a collège.
func teenWalks() []walk {
	return []walk{{
		name: "teen", who: "Hugo, 12 ans, collège Jean-Moulin",
		stops: []stop{
			{"inform", "login/inform", []string{"visit classe/connexion", "as hugo"}},
			{"inform-all", "login/inform", []string{"open main > details:nth-of-type(1) > summary", "open main > details:nth-of-type(2) > summary"}},
			{"turned-back", "login/refusal", []string{"press [value=refused]"}},
			{"sent", "portal/history", []string{"visit classe/connexion", "press [value=informed]", "go /historique"}},
			{"sites", "portal/sites", []string{"go /mes-sites"}},
			{"favourite", "portal/sites", []string{"press [name=favori]"}},
			{"found", "portal/sites", []string{"fill #q cahier", "press form.search button"}},
			{"none-found", "portal/sites", []string{"go /mes-sites?q=zzz"}},
			{"sheet", "portal/sheet", []string{"go /mes-sites", "press a.site-act"}},
			{"charter", "portal/charter", []string{"go /charte"}},
			{"no-agreements", "login/agreements", []string{"go /accords"}},
			{"no-declaration", "login/refusal", []string{"go /go/discute"}},
			{"expired", "login/refusal", []string{"go /go/ancien"}},
			{"help", "notices/help", []string{"go /aide"}},
			{"privacy", "notices/privacy", []string{"go /confidentialite"}},
			{"may-not-ask", "web/error", []string{"go /demander/discute"}},
			{"signout", "login/signout", []string{"go /signout"}},
			{"signed-out", "login/signout", []string{"press form[action='/signout'] button"}},
		},
	}, {
		name: "teen-steps-back", who: "Hugo, 12 ans, qui revient en arrière",
		stops: []stop{
			{"step-used", "login/used", []string{"visit classe/connexion", "as hugo", "press [value=informed]", "return"}},
		},
	}, {
		name: "teen-rights", who: "Hugo, 12 ans, demande ses droits",
		stops: []stop{
			{"home", "rights/home", []string{"visit classe/connexion", "as hugo", "press [value=informed]", "go /mes-droits"}},
			{"form", "rights/form", []string{"press .card .links a"}},
			{"form-wrong", "rights/form", []string{"open [name=quoi][value=rectification]", "press main form .button-primary"}},
			{"sent", "rights/one", []string{"fill #words Mon prénom est mal écrit.", "press main form .button-primary"}},
			{"home-again", "rights/home", []string{"go /mes-droits"}},
			{"one", "rights/one", []string{"press .card h3 a"}},
			{"confirm", "rights/confirm", []string{"press a[href$='/annuler']"}},
			{"dropped", "rights/one", []string{"press main form .button-primary"}},
		},
	}, {
		name: "teen-data", who: "Hugo, 12 ans, regarde ses données",
		stops: []stop{
			{"home", "data/home", []string{"visit classe/connexion", "as hugo", "press [value=informed]", "go /mes-donnees"}},
			{"everything", "data/everything", []string{"press a[href='/mes-donnees/tout']"}},
			{"not-me", "data/notme", []string{"go /historique", "press a[href$='/pas-moi']"}},
			{"left", "data/left", []string{"go /mes-donnees", "press form[action='/mes-donnees/partout'] button"}},
			{"left-by-somebody-else", "data/left", []string{
				"visit classe/connexion", "as hugo", "go /historique", "press a[href$='/pas-moi']", "press form[action$='/pas-moi'] .button-primary",
			}},
		},
	}, {
		name: "unknown-age", who: "Sacha, en 4e, d'âge inconnu",
		stops: []stop{
			{"too-young", "login/refusal", []string{"visit classe/connexion", "as sacha"}},
			{"sites", "portal/sites", []string{"go /mes-sites"}},
		},
	}}
}
