package browsertest_test

// mailWalks are those of people who look what offices were told.
func mailWalks() []walk {
	return []walk{{
		name: "mails", who: "Dora Faure, déléguée à la protection des données, regarde ce qui a été envoyé",
		stops: []stop{
			{"list", "mails/list", []string{"go /bureau/moi", "press main a.button", "as dora", "press [value=informed]", "go /bureau/courriers"}},
			{"wrong", "mails/list", []string{"go /bureau/courriers?etat=non-remis"}},
		},
	}}
}
