package browsertest_test

// wizardWalks are those of people who write a declaration, and connect a service.
func wizardWalks() []walk {
	return []walk{{
		name: "declaring", who: "Paul Roy, principal du collège Jean-Moulin, écrit une déclaration",
		stops: []stop{
			{"refused-tool", "wizard/begin", []string{"go /bureau/moi", "press main a.button", "as paul", "press [value=informed]", "go /bureau/declarations/nouvelle?q=whatsapp"}},
			{"begin", "wizard/begin", []string{"go /bureau/declarations/nouvelle?q=calcul"}},
			{"service", "wizard/step", []string{"press main form[method=post] .button-primary"}},
			{"purpose", "wizard/step", []string{"press .steps li:nth-child(2) a"}},
			{"data", "wizard/step", []string{"press .steps li:nth-child(3) a"}},
			{"place", "wizard/step", []string{"press .steps li:nth-child(4) a"}},
			{"unreadable", "wizard/step", []string{"fill #session dix", "press [value=garder]"}},
			{"technique", "wizard/step", []string{"press .steps li:nth-child(5) a"}},
			{"papers", "wizard/step", []string{"press .steps li:nth-child(6) a"}},
			{"submit", "wizard/step", []string{"press .steps li:nth-child(7) a"}},
		},
	}, {
		name: "connecting", who: "Alix Rousseau, administratrice technique",
		stops: []stop{
			{"connection", "wizard/connection", []string{"go /bureau/moi", "press main a.button", "as alix", "press [value=informed]", "go /bureau/services/lire/technique"}},
			{"connection-oidc", "wizard/connection", []string{"go /bureau/services/lire/technique?liaison=1&protocole=oidc"}},
			{"connection-wrong", "wizard/connection", []string{"fill #handle x", "press [value=garder]"}},
		},
	}}
}
