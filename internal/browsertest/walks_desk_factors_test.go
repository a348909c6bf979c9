package browsertest_test

// factorWalks are those of people who show a second time that it is them, and of an administrator who helps somebody that
// cannot any more.
func factorWalks() []walk {
	asking := func(s *stage) { s.stepUp = true }
	return []walk{{
		name: "stepping-up", who: "Paul Roy, principal, rétablit ce qu'il avait suspendu", stage: asking,
		stops: []stop{
			{"none", "factors/list", []string{"go /bureau/moi", "press main a.button", "as paul", "press [value=informed]", "go /bureau/facteurs"}},
			{"stopped", "sheets/sheet", []string{"go /bureau/services/lire", "open details:has(#motif-suspended) > summary", "fill #motif-suspended Un doute.", "press details[open] .button"}},
			{"confirm", "factors/confirm", []string{"press main button[value=enabled]"}},
			{"waiting", "factors/list", []string{"press main a.button"}},
			{"code", "factors/code", []string{"press form[action='/bureau/facteurs/code'] button"}},
			{"code-wrong", "factors/code", []string{"fill #nom Téléphone", "fill #code abcdef", "press main form .button"}},
		},
	}, {
		name: "lost-means", who: "Alix Rousseau, administration technique, aide quelqu'un", stage: asking,
		stops: []stop{
			{"help", "factors/help", []string{"go /bureau/moi", "press main a.button", "as alix", "press [value=informed]", "go /bureau/facteurs/aider"}},
			{"unknown", "factors/help", []string{"fill #mot AAAA-BBBB-CCCC", "press main form .button"}},
		},
	}}
}
