package browsertest_test

import (
	"time"

	"ecluse/internal/registry"
)

// reviewWalks are those of people who examine declarations, decide on them, and act for many schools at once.
func reviewWalks() []walk {
	enter := func(who string) []string {
		return []string{"go /bureau/moi", "press main a.button", "as " + who, "press [value=informed]"}
	}
	later := time.Now().AddDate(0, 0, 400).Format(time.DateOnly)
	return []walk{{
		name: "examining", who: "Dora Faure, déléguée à la protection des données, examine", stage: withReview,
		stops: []stop{
			{"queue", "review/queue", append(enter("dora"), "go /bureau/file")},
			{"queue-none", "review/queue", []string{"go /bureau/file?texte=rien-de-tel"}},
			{"version", "review/version", []string{"go /bureau/declarations/2026-001/2"}},
			{"version-field", "review/version", []string{"press td a[href$='#commenter']"}},
			{"comment-empty", "review/version", []string{"fill #commentaire \u00a0", "press form[action$='/commentaire'] button"}},
			{"comment", "review/version", []string{"fill #commentaire Pourquoi aussi longtemps ?", "press form[action$='/commentaire'] button"}},
			{"opinion-none", "review/version", []string{"press form[action$='/avis'] button"}},
			{"calendar", "calendar/calendrier", []string{"go /bureau/calendrier"}},
			{"calendar-month", "calendar/calendrier", []string{"press td a, th a[href*='mois=']"}},
		},
	}, {
		name: "deciding", who: "Rémi Blanc, recteur, décide", stage: withReview,
		stops: []stop{
			{"version", "review/version", append(enter("remi"), "go /bureau/declarations/2026-001/2")},
			{"too-early", "review/version", []string{"press form[action$='/approbation'] button"}},
			{"renewals", "bulk/renouvellements", []string{"go /bureau/lot/renouvellements"}},
			{"renewals-wrong", "bulk/renouvellements", []string{"fill #jusque 2020-01-01", "press form[method=post] .button-primary"}},
			{"renewals-foreseen", "bulk/renouveler", []string{"fill #jusque " + later, "press form[method=post] .button-primary"}},
		},
	}, {
		name: "department", who: "Diane Morel, DASEN, agit pour les écoles du département", stage: withReview,
		stops: []stop{
			{"many", "bulk/lot", append(enter("diane"), "go /bureau/lot?acte=suspendre&service=calcul&departement=028")},
			{"many-wrong", "bulk/lot", []string{"press main form[method=post] .button-primary"}},
			{"many-foreseen", "bulk/apercu", []string{"fill #raison Un incident chez le fournisseur.", "press main form[method=post] .button-primary"}},
			{"many-done", "bulk/fait", []string{"press main form .button-danger"}},
		},
	}, {
		name: "requests", who: "Paul Roy, principal, lit ce que demande son équipe", stage: withReview,
		stops: []stop{
			{"requests", "review/queue", append(enter("paul"), "go /bureau/file")},
			{"declined-without-reason", "review/queue", []string{"press [value=declined]"}},
		},
	}}
}

// withReview has a longer version of the reading site under review, a request of two teachers, and a declaration that no
// file manages.
func withReview(s *stage) {
	s.later(func(s *stage) {
		s.change(func(c registry.Contents) registry.Change {
			at := time.Now().Add(-48 * time.Hour)
			next := newest(c, "2026-001")
			next.Version, next.ManagedBy, next.Opinions, next.Judged, next.Author = 2, "", nil, nil, "command:test"
			next.Retention = registry.Text{FR: "deux ans", EN: "two years"}
			next.From, next.Until = next.Until.Add(1), next.Until.Add(300)
			next.State, next.Since = registry.Submitted, at
			next.Decisions = []registry.Decision{{At: at, State: registry.Draft, By: "command:test"}, {At: at, State: registry.Submitted, By: "command:test"}}
			own := newest(c, "2026-002")
			own.ManagedBy = ""
			return registry.Change{
				Declarations: []registry.Declaration{next, own},
				Wishes: []registry.Wish{{
					ID: "souhait", UAI: "0280202T", About: "Géoportail", Reason: "Pour la géographie en 5e.", By: []string{"h1", "h2"},
					At: at, State: registry.Wished,
				}},
			}
		})
	})
}
