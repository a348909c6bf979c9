package browsertest_test

// sheetWalks are those of people who look at services at the desk: a head, who decides for one collège, a head of écoles'
// department, who chooses among several, and a data-protection officer.
func sheetWalks() []walk {
	return []walk{{
		name: "desk-head", who: "Paul Roy, principal du collège Jean-Moulin, au bureau",
		stops: []stop{
			{"inform", "login/inform", []string{"go /bureau/", "press main a.button", "as paul"}},
			{"todo", "home/todo", []string{"press [value=informed]"}},
			{"services", "sheets/list", []string{"go /bureau/services"}},
			{"sheet", "sheets/sheet", []string{"press .table th a"}},
			{"without-reason", "sheets/sheet", []string{"go /bureau/services/suite", "open details:has(#motif-refused) > summary", "fill #motif-refused \u00a0", "press details[open] .button"}},
			{"refused", "sheets/sheet", []string{"fill #motif-refused Le conseil d'administration a dit non.", "press details[open] .button"}},
			{"none-found", "sheets/list", []string{"go /bureau/services?q=introuvable"}},
			{"not-yours", "web/error", []string{"go /bureau/services/inconnu"}},
		},
	}, {
		name: "desk-officer", who: "Dora Faure, déléguée à la protection des données, au bureau",
		stops: []stop{
			{"inform", "login/inform", []string{"go /bureau/", "press main a.button", "as dora"}},
			{"reference", "home/search", []string{"press [value=informed]", "fill #office-q K7Q2-9FMZ", "press .office-search button"}},
			{"sheet", "sheets/sheet", []string{"go /bureau/services/lire"}},
			{"in-a-school", "sheets/sheet", []string{"fill #uai 0280202T", "press form[method=get][action^='/bureau/services/'] .button"}},
		},
	}}
}
