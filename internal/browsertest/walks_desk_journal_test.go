package browsertest_test

// journalWalks are those of people who look at what was done, and at how much is used.
func journalWalks() []walk {
	enter := func(who string) []string {
		return []string{"go /bureau/moi", "press main a.button", "as " + who, "press [value=informed]"}
	}
	return []walk{{
		name: "journal", who: "Dora Faure, déléguée à la protection des données, lit le journal",
		stops: []stop{
			{"list", "journal/list", append(enter("dora"), "go /bureau/journal")},
			{"entry", "journal/entry", []string{"press .table th a"}},
			{"chosen", "journal/list", []string{"go /bureau/journal?objet=people&fonction=dpo"}},
			{"wrong", "journal/list", []string{"go /bureau/journal?du=hier"}},
			{"reference", "journal/list", []string{"go /bureau/journal?reference=K7Q2-9FMZ"}},
			{"numbers", "stats/statistiques", []string{"go /bureau/statistiques"}},
		},
	}, {
		name: "journal-head", who: "Paul Roy, principal, lit ce qui s'est fait dans son collège",
		stops: []stop{
			{"list", "journal/list", append(enter("paul"), "go /bureau/journal")},
			{"numbers", "stats/statistiques", []string{"go /bureau/statistiques"}},
			{"not-yours", "web/error", []string{"go /bureau/journal?etablissement=0280101H"}},
		},
	}}
}
