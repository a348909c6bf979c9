package browsertest_test

// incidentWalks are those of a bad day: as the data-protection officer, from the finding on. What is stopped is a handle that
// nobody has: other walks go on beside it.
func incidentWalks() []walk {
	return []walk{{
		name: "incident", who: "Dora Faure, déléguée à la protection des données, un vendredi soir",
		stops: []stop{
			{"none", "incidents/list", []string{"go /bureau/moi", "press main a.button", "as dora", "press [value=informed]", "go /bureau/incidents"}},
			{"new", "incidents/new", []string{"go /bureau/incidents/nouveau?service=lire"}},
			{"wrong", "incidents/new", []string{"fill #titre Liste publiée", "fill #services none", "press main form .button-primary"}},
			{"opened", "incidents/one", []string{"fill #services lire", "fill #adulte Nous vérifions ce service.", "press main form .button-primary"}},
			{"printed", "incidents/notification", []string{"press main a.button-secondary"}},
			{"button", "incidents/stop", []string{"go /bureau/suspendre?genre=holder&id=empreinte-inconnue"}},
			{"stopped", "incidents/stop", []string{"fill #motif Compte volé", "press main form .button-danger"}},
			{"list", "incidents/list", []string{"go /bureau/incidents"}},
		},
	}}
}
