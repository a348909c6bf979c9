package browsertest_test

import (
	"slices"
	"time"

	"ecluse/internal/registry"
)

// catalogueWalks are those of who keeps models, of two people who answer a written request, of a second word, and of a proof
// at a source.
func catalogueWalks() []walk {
	enter := func(who string) []string {
		return []string{"go /bureau/moi", "press main a.button", "as " + who, "press [value=informed]"}
	}
	soon := time.Now().AddDate(0, 0, 60).Format(time.DateOnly) // the demonstration lives today
	again := func(who, path string) []string { return append(append([]string{"forget"}, enter(who)...), "go "+path) }
	return []walk{{
		name: "models", who: "Alix Rousseau, qui instruit aussi, tient les modèles du catalogue", stage: instructing,
		stops: []stop{
			{"list", "wizard/models", append(enter("alix"), "go /bureau/modeles")},
			{"found", "wizard/models", []string{"fill #q pix", "press main form .button"}},
			{"model", "wizard/model", []string{"press .table th a"}},
			{"part", "wizard/model_text", []string{"go /bureau/modeles/pix/texte/3"}},
			{"unreadable", "wizard/model_text", []string{"go /bureau/modeles/pix/texte/4", "fill #session dix", "press main form .button-primary"}},
			{"change", "wizard/model_edit", []string{"go /bureau/modeles/pix/modifier"}},
			{"recipe", "wizard/model_recipe", []string{"go /bureau/modeles/editeur-gar/recettes/1"}},
			{"recipe-unknown-data", "wizard/model_recipe", []string{"fill #r-noms Pointure = P", "press main form .button-primary"}},
			{"recipe-added", "wizard/model", []string{"go /bureau/modeles/pix/recettes/nouvelle", "fill #r-notes À demander à l'éditeur.", "press main form .button-primary"}},
			{"new", "wizard/model_edit", []string{"go /bureau/modeles/nouveau?q=lire"}},
			{"from-a-declaration", "wizard/model_edit", []string{"press main .links a"}},
			{"missing", "wizard/model_edit", []string{"fill #m-resume Lire en ligne.", "fill #m-categorie Lecture en ligne", "press main form .button-primary"}},
			{"made", "wizard/model", []string{"fill #m-categorie lecture", "press main form .button-primary"}},
			{"out-of-use", "wizard/model", []string{"fill #motif L'offre a changé.", "press main form .button-danger"}},
		},
	}, {
		name: "inquiries", who: "Dora Faure cherche sur demande écrite, et Rémi Blanc confirme et lit",
		stops: []stop{
			{"none", "inquiries/list", append(enter("dora"), "go /bureau/enquetes")},
			{"match", "inquiries/ask", []string{"go /bureau/enquetes/nouvelle?genre=pseudonyme"}},
			{"match-twice", "inquiries/ask", []string{
				"fill #service lire", "fill #pseudonyme 0123-4567-89AB", "fill #candidats-demo DEMO-1;DEMO-1", "fill #candidats-ent ENT-1", "fill #motif Dessin 2026-4.",
				"press main form .button-primary",
			}},
			{"ask", "inquiries/ask", []string{"go /bureau/enquetes/nouvelle"}},
			{"without-reason", "inquiries/ask", []string{"fill #personne DEMO-1", "fill #motif \u00a0", "press main form .button-primary"}},
			{"asked", "inquiries/one", []string{"fill #motif Demande écrite 2026-18.", "press main form .button-primary"}},
			{"to-do", "home/todo", again("remi", "/bureau/")},
			{"waits", "inquiries/list", []string{"go /bureau/enquetes"}},
			{"second", "inquiries/one", []string{"press .table th a"}},
			{"confirmed", "inquiries/one", []string{"press [value=confirmer]"}},
			{"result", "inquiries/result", []string{"press [value=page]"}},
		},
	}, {
		name: "second-word", who: "Paul Roy propose un mandat, et Rémi Blanc le confirme pour qui n'est pas encore connu",
		stops: []stop{
			{"proposed", "offices/word", append(enter("paul"), "go /bureau/mandats/nouveau?role=assistant&jusque="+soon, "fill #motif Secrétariat.", "press main form .button-primary")},
			{"waits", "offices/one", append(again("remi", "/bureau/mandats"), "press .table th a")},
			{"second", "offices/word", []string{"fill #motif Premier jour.", "press [value=word]"}},
		},
	}, {
		name: "confirm-at-source", who: "La direction du collège confirme un acte auprès de son compte académique", stage: provingAtSource,
		stops: []stop{
			{"stopped", "sheets/sheet", []string{
				"go /bureau/entrer", "press [value=fort]", "press [value=informed]", "go /bureau/services/lire", "open details:has(#motif-suspended) > summary",
				"fill #motif-suspended Un doute.", "press details[open] .button",
			}},
			{"confirm", "factors/confirm", []string{"press main button[value=enabled]"}},
			{"proved", "factors/confirm", []string{"press form[action='/bureau/confirmer/source'] button"}},
			{"done", "sheets/sheet", []string{"press main form .button-primary"}},
		},
	}}
}

// instructing gives the demonstration's administrator the office that keeps the catalogue.
func instructing(s *stage) {
	s.later(func(s *stage) {
		s.change(func(c registry.Contents) registry.Change {
			i := slices.IndexFunc(c.Appointments, func(a registry.Appointment) bool { return a.Role == registry.Admin })
			if i < 0 {
				s.Fatal("nobody administers the demonstration")
			}
			more := c.Appointments[i]
			more.ID, more.Role = more.ID+"-drane", registry.DRANE
			return registry.Change{Base: c.Revision, Appointments: []registry.Appointment{more}}
		})
	})
}

// provingAtSource adds a source that proves who is there by a strong factor, and asks for a second means.
func provingAtSource(s *stage) {
	s.stepUp, s.with = true, newCounter(s.T).folder(s.T)
}
