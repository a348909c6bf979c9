package browsertest_test

// registerWalks are those of a parent who reads the public register, and of people at the desk who tell families and staff.
func registerWalks() []walk {
	return []walk{{
		name: "register", who: "un parent, sans compte, lit le registre public",
		stops: []stop{
			{"home", "published/home", []string{"go /registre"}},
			{"found", "published/home", []string{"fill #q jean moulin", "press main .button"}},
			{"school", "published/place", []string{"press .hits a[href*='0280202T']"}},
			{"more", "published/place", []string{"open main details > summary"}},
			{"academy", "published/place", []string{"go /registre", "press .hits a"}},
			{"nowhere", "web/error", []string{"go /registre/0289999X"}},
		},
	}, {
		name: "telling", who: "Paul Roy, principal du collège Jean-Moulin, informe les familles",
		stops: []stop{
			{"inform", "login/inform", []string{"go /bureau/", "press main a.button", "as paul"}},
			{"notices", "telling/list", []string{"press [value=informed]", "go /bureau/services/lire/notices?uai=0280202T"}},
			{"families", "telling/one", []string{"press main .card a.button"}},
			{"council", "telling/one", []string{"go /bureau/services/lire/notices/conseil?uai=0280202T"}},
			{"wrong", "telling/list", []string{"go /bureau/services/lire/notices?uai=0280202T", "fill #jour 2050-01-01", "press main form .button"}},
			{"recorded", "telling/list", []string{"go /bureau/services/lire/notices?uai=0280202T", "press main form .button"}},
			{"on-the-sheet", "sheets/sheet", []string{"go /bureau/services/lire?uai=0280202T"}},
			{"not-yours", "web/error", []string{"go /bureau/services/lire/notices?uai=0280303C"}},
		},
	}, {
		name: "handbook", who: "quelqu'un lit le manuel",
		stops: []stop{
			{"home", "handbook/home", []string{"go /aide/manuel"}},
			{"officer", "handbook/one", []string{"press .hits a"}},
			{"head", "handbook/one", []string{"go /aide/chef"}},
			{"reference", "handbook/one", []string{"go /aide/donnees"}},
			{"dictionary", "handbook/one", []string{"go /aide/dictionnaire"}},
		},
	}}
}
