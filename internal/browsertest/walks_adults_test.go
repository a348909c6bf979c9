package browsertest_test

// teacherWalks are those of a teacher of two schools.
func teacherWalks() []walk {
	return []walk{{
		name: "teacher", who: "Claire Durand, professeure dans deux collèges",
		stops: []stop{
			{"place", "login/place", []string{"visit suite/connexion", "as claire"}},
			{"inform", "login/inform", []string{"press [name=place]"}},
			{"inform-all", "login/inform", []string{"open main > details:nth-of-type(1) > summary", "open main > details:nth-of-type(2) > summary"}},
			{"sites", "portal/sites", []string{"press [value=informed]", "go /mes-sites"}},
			{"favourite", "portal/sites", []string{"press [name=favori]"}},
			{"found", "portal/sites", []string{"fill #q compter", "press form.search button"}},
			{"as-pupils", "portal/sites", []string{"go /mes-sites?eleves=5EME"}},
			{"sheet", "portal/sheet", []string{"go /mes-sites", "press a.site-act"}},
			{"poster", "portal/poster", []string{"go /e/0280202T/affiche"}},
			{"no-declaration", "login/refusal", []string{"visit discute/connexion"}},
			{"wish", "login/wish", []string{"press a[href^='/demander/']"}},
			{"wish-without-reason", "login/wish", []string{"fill #reason \u00a0", "press main form .button-primary"}},
			{"wish-sent", "login/wish", []string{"fill #reason Pour le groupe de maths.", "press main form .button-primary"}},
			{"sent", "portal/history", []string{"go /historique"}},
			{"charter", "portal/charter", []string{"go /charte"}},
			{"rights", "rights/home", []string{"go /mes-droits"}},
			{"help", "notices/help", []string{"go /aide"}},
			{"somebody-else", "login/signout", []string{"visit classe/connexion", "press [name=place]", "press form[action$='/notme'] button"}},
		},
	}}
}

// familyWalks are those of a child's family.
func familyWalks() []walk {
	return []walk{{
		name: "parent", who: "Nadia Martin, mère de Lina",
		stops: []stop{
			{"inform", "login/inform", []string{"visit lire/connexion", "as nadia"}},
			{"sites", "portal/sites", []string{"press [value=informed]", "go /mes-sites"}},
			{"sent", "portal/history", []string{"go /historique"}},
			{"children", "children/children", []string{"go /mes-enfants"}},
			{"data", "data/home", []string{"go /mes-donnees"}},
			{"agreements", "login/agreements", []string{"go /accords"}},
			{"rights", "rights/home", []string{"go /mes-droits"}},
			{"rights-form", "rights/form", []string{"press .card .links a"}},
			{"charter", "portal/charter", []string{"go /charte"}},
		},
	}, {
		name: "relative", who: "Marc Leroy, sans autorité parentale",
		stops: []stop{
			{"no-authority", "login/refusal", []string{"visit lire/connexion", "as marc"}},
			{"agreements", "login/agreements", []string{"go /accords"}},
		},
	}}
}

// anybodysWalks need nobody to be known.
func anybodysWalks() []walk {
	return []walk{{
		name: "nobody", who: "Personne n'est connecté",
		stops: []stop{
			{"sites", "portal/sites", []string{"go /mes-sites"}},
			{"sites-of-poster", "portal/sites", []string{"go /e/0280101H"}},
			{"poster", "portal/poster", []string{"go /e/0280101H/affiche"}},
			{"history", "portal/history", []string{"go /historique"}},
			{"rights", "rights/closed", []string{"go /mes-droits"}},
			{"data", "data/nobody", []string{"go /mes-donnees"}},
			{"agreements", "login/agreements", []string{"go /accords"}},
			{"charter", "portal/charter", []string{"go /charte"}},
			{"charter-of-school", "portal/charter", []string{"go /charte?uai=0280202T"}},
			{"signout", "login/signout", []string{"go /signout"}},
			{"no-declaration", "login/refusal", []string{"go /go/discute"}},
			{"expired", "login/refusal", []string{"go /go/ancien"}},
			{"privacy", "notices/privacy", []string{"go /confidentialite"}},
			{"accessibility", "notices/accessibility", []string{"go /accessibilite"}},
			{"legal", "notices/legal", []string{"go /mentions-legales"}},
			{"help", "notices/help", []string{"go /aide"}},
			{"display", "notices/display", []string{"go /affichage"}},
			{"unknown-page", "web/error", []string{"go /nulle-part"}},
			{"wrong-sign-out", "web/error", []string{"go /oidc/logout?client_id=inconnu", "open main .details > summary"}},
			{"old-step", "web/error", []string{"go /flow/inconnu"}},
		},
	}}
}

// officeWalks are those of people who go to the desk.
func officeWalks() []walk {
	return []walk{{
		name: "head", who: "Paul Roy, principal du collège Jean-Moulin",
		stops: []stop{
			{"not-for-profile", "login/refusal", []string{"visit lire/connexion", "as paul"}},
			{"sites", "portal/sites", []string{"go /mes-sites"}},
		},
	}, {
		name: "officer", who: "Dora Faure, déléguée à la protection des données",
		stops: []stop{
			{"desk-nobody", "frame/nobody", []string{"go /bureau/"}},
			{"desk-word", "console/lien", []string{"go /bureau/lien"}},
			{"desk-word-wrong", "console/lien", []string{"fill #mot faux", "press main form .button-primary"}},
			{"inform", "login/inform", []string{"go /bureau/", "press main a.button", "as dora"}},
			{"desk", "home/todo", []string{"press [value=informed]"}},
			{"desk-search", "home/search", []string{"fill #office-q moulin", "press .office-search button"}},
			{"desk-me", "access/bureau", []string{"go /bureau/moi"}},
			{"simulation", "simulator/simulation", []string{"go /bureau/simulation"}},
			{"simulation-answered", "simulator/simulation", []string{"go /bureau/simulation?service=lire&persona=eleve-ce2&uai=0280101H"}},
			{"simulation-refused", "simulator/simulation", []string{"go /bureau/simulation?service=discute&persona=eleve-ce2&uai=0280101H"}},
		},
	}}
}
