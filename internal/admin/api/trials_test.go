package api_test

import (
	"testing"

	"ecluse/internal/admin/api"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/policy/conformity/conformitytest"
	"ecluse/internal/registry"
)

// trial is one request of the table: a route, with the least that it accepts.
type trial struct {
	route   string // method and pattern
	note    string // what the request is about, where a route is tried more than once
	path    string // below api.Base, where it is not the pattern
	body    string
	headers []string
	without bool // without the rules that wait for a signature
	journal bool // with a journal, without which nothing is answered
}

const version = "/declarations/{id}/versions/{version}"

func get(pattern, path, note string) trial {
	return trial{route: "GET " + api.Base + pattern, path: path, note: note}
}

func send(method, pattern, path, note string, body any, headers ...string) trial {
	return trial{route: method + " " + api.Base + pattern, path: path, note: note, body: jsonOf(body), headers: headers}
}

// step is a trial of a step in the life of a version.
func step(name, id string, body any) trial {
	return send("POST", version+"/"+name, "/declarations/"+id+"/versions/1/"+name, "", body)
}

// alone is the trial without the rules that wait.
func alone(tr trial) trial {
	tr.without = true
	return tr
}

// journaled is the trial with a journal.
func journaled(tr trial) trial {
	tr.journal = true
	return tr
}

type object = map[string]any

// trials is every request of the table, by subject.
func trials(t testing.TB, s *stage) []trial {
	t.Helper()
	var out []trial
	for _, list := range [][]trial{reads(), ofServices(), ofDeclarations(), ofReviews(), ofSchools(), ofAccess(), ofRights(), ofCharters(), ofAgreements(), ofGuardians(), ofIncidents(), ofRules(s), ofPapers(), ofPages(), ofReviewPages(), ofBulkPages(), ofTelling(), ofStopPages(), ofMailPages(), ofJournal(), ofFactorPages(), ofObjectPages(), ofKeepingPages(t, s), ofModelPages(t, s), ofInquiryPages(), ofWizard(t, s), ofSimulations()} {
		out = append(out, list...)
	}
	return out
}

func reads() []trial {
	return []trial{
		get("/me", "", ""),
		get("/todo", "", ""),
		get("/openapi.json", "", ""),
		get("/openapi.yaml", "", ""),
		get("/services", "", ""),
		get("/services/{id}", "/services/lire", ""),
		get("/services/{id}", "/services/calcul", "another provider's"),
		get("/declarations", "", ""),
		get(version, "/declarations/d-approved/versions/1", "approved"),
		get(version, "/declarations/a-approved/versions/1", "approved, the academy's"),
		get(version, "/declarations/d-draft/versions/1", "a draft of the collège"),
		get(version+"/sheet", "/declarations/d-draft/versions/1/sheet", "a draft of the collège"),
		get(version+"/diff", "/declarations/d-approved/versions/1/diff?against=1", ""),
		get("/enablings", "", ""),
		get("/enablings", "/enablings?uai="+string(desktest.College), "of the collège"),
		get("/openings", "", ""),
		get("/wishes", "", ""),
		get("/establishments", "", ""),
		get("/establishments/{uai}", "/establishments/"+string(desktest.College), ""),
		get("/establishments/{uai}/headcount", "/establishments/"+string(desktest.College)+"/headcount", ""),
		get("/sources", "", ""),
		get("/sources/{id}", "/sources/ent", ""),
		get("/appointments", "", ""),
		get("/delegations", "", ""),
		get("/tokens", "", ""),
		get("/rules", "", ""),
		get("/rules/sets", "", ""),
		get("/flags", "", ""),
		get("/catalogue/models", "", ""),
		get("/catalogue/models/{id}", "/catalogue/models/pix", ""),
		get("/catalogue/tools", "", ""),
		get("/catalogue/tools/{id}", "/catalogue/tools/discord", ""),
		get("/documents/{hash}", "/documents/"+conformitytest.Hash("contract"), "of an approved declaration of the academy"),
		get("/documents/{hash}", "/documents/"+schoolContract(), "of an approved declaration of the collège"),
		get("/register", "/register?uai="+string(desktest.College), "of the collège"),
		get("/register", "/register?department=028", "of the department"),
		get("/register", "/register?academy=exemple", "of the academy"),
		get("/journal", "", "of everywhere"),
		get("/journal", "/journal?uai="+string(desktest.College), "of the collège"),
		get("/journal", "/journal?class=sign_in&ref=K7Q2-9FMZ", "one reference number"),
	}
}

func ofServices() []trial {
	service := registry.Service{
		Name: registry.Text{FR: "Neuf"}, Sentence: registry.Text{FR: "Pour essayer."}, Provider: "Éditions du Canal", Category: "lecture",
		Bindings: []registry.Binding{{Protocol: "saml", Handle: "https://neuf.example/sp"}},
	}
	because := object{"reason": "incident"}
	return []trial{
		send("PUT", "/services/{id}", "/services/neuf", "", service),
		send("POST", "/services/{id}/remarks", "/services/neuf/remarks", "", service),
		send("PUT", "/services/{id}/suspension", "/services/lire/suspension", "", because),
		send("PUT", "/services/{id}/suspension", "/services/calcul/suspension", "another provider's", because),
		send("DELETE", "/services/{id}/suspension", "/services/arrete/suspension", "", because),
		send("PUT", "/sources/{id}/suspension", "/sources/ent/suspension", "", because),
		send("DELETE", "/sources/{id}/suspension", "/sources/ent-arrete/suspension", "", because),
		send("PUT", "/sources/{id}/approval", "/sources/ent-seul/approval", "", object{"state": "approved"}),
		send("PUT", "/sources/{id}/approval", "/sources/ent-arrete/approval", "that a collectivité runs", object{"state": "approved"}),
	}
}

// ofReviews are about what waits for review, and about many at once.
func ofReviews() []trial {
	refuse := object{"service": "lire", "state": "refused", "reason": "non", "where": object{"uais": []person.UAI{desktest.College}}}
	return []trial{
		get("/review", "", ""),
		get("/calendar", "", ""),
		get(version+"/comments", "/declarations/d-review/versions/1/comments", "of the collège"),
		send("POST", version+"/comments", "/declarations/d-review/versions/1/comments", "of the collège", object{"where": "until", "says": "trop long"}),
		send("POST", "/renewals", "", "of the collège", object{"declarations": []string{"d-approved"}, "until": "2028-08-31"}),
		send("POST", "/renewals/approval", "", "of what is not begun", object{"versions": []object{{"id": "d-review", "version": 1}}}),
		send("POST", "/wishes/answers", "", "in the collège", object{"wishes": []string{"w-1"}, "state": "taken_up"}),
		send("POST", "/enablings/outlook", "", "in the collège", refuse),
	}
}

func ofDeclarations() []trial {
	mine := desktest.ForSchools(desktest.College)
	mine.ID, mine.Author = "d-new", ""
	because := object{"reason": "parce que"}
	return []trial{
		send("POST", "/declarations", "", "for the collège", object{"declaration": mine}),
		send("POST", "/declarations", "", "for the academy", object{"declaration": desktest.WithPapers(desktest.Reading(), "new")}),
		send("POST", "/declarations", "", "for the écoles", object{"declaration": desktest.ForDepartment()}),
		send("PUT", version, "/declarations/d-draft/versions/1", "", text("d-draft", registry.Draft), "If-Match", "*"),
		send("POST", "/declarations/{id}/versions", "/declarations/d-approved/versions", "", object{}),
		step("submit", "d-draft", object{}),
		step("take", "d-submitted", object{}),
		step("correct", "d-review", object{"reason": "à revoir", "notes": []object{{"where": "purposes", "what": "trop vague"}}}),
		step("refuse", "d-review", because),
		step("approve", "d-review", object{}),
		step("suspend", "d-approved", because),
		step("lift", "d-suspended", because),
		step("archive", "d-approved", because),
		step("opinion", "d-submitted", object{"value": "favourable"}),
		step("terms", "d-approved", object{"version": "2026-1"}),
	}
}

func ofSchools() []trial {
	stance := func(state registry.EnablingState, service, declaration string) desk.Stance {
		return desk.Stance{
			Service: service, Declaration: declaration, State: state, Reason: "conseil d'administration", Message: registry.Text{FR: "Voyez le collège."},
			Where: desk.Where{UAIs: schoolsOf(desktest.College)},
		}
	}
	school := registry.Establishment{Name: "Collège neuf", Town: "Dreux", Kind: registry.College, Academy: desktest.Academy, Department: desktest.Department}
	opening := object{"service": "calcul", "declaration": "a-approved", "academy": desktest.Academy, "act": "2026-10", "reason": "crue", "from": "2027-03-01", "until": "2027-03-20"}
	return []trial{
		send("POST", "/enablings", "", "enable", stance(registry.Enabled, "calcul", "a-approved")),
		send("POST", "/enablings", "", "refuse", stance(registry.RefusedHere, "calcul", "")),
		send("POST", "/enablings", "", "suspend", stance(registry.SuspendedHere, "lire", "")),
		send("POST", "/openings", "", "", opening),
		send("POST", "/openings/{id}/opinion", "/openings/o-1/opinion", "", object{"value": "favourable"}),
		send("DELETE", "/openings/{id}", "/openings/o-1", "", object{"reason": "la crue est passée"}),
		send("POST", "/wishes", "", "", object{"uai": desktest.College, "about": "Lecture libre", "reason": "pour la classe"}),
		send("PUT", "/wishes/{id}/answer", "/wishes/w-1/answer", "", object{"state": "declined", "answer": "pas cette année"}),
		send("PUT", "/establishments/{uai}", "/establishments/0281234P", "", school),
		{
			route: "POST " + api.Base + "/establishments/import", path: "/establishments/import?dry_run=true", headers: []string{"Content-Type", "text/csv", "X-Requested-With", "test"},
			body: "identifiant_de_l_etablissement;nom_etablissement;type_etablissement;statut_public_prive;libelle_nature;nom_commune;code_departement;libelle_academie;etat\n" +
				"0281234P;Collège neuf;Collège;Public;COLLEGE;Dreux;028;Exemple;OUVERT\n",
		},
		{
			route: "POST " + api.Base + "/establishments/headcounts", path: "/establishments/headcounts?dry_run=true", headers: []string{"Content-Type", "text/csv", "X-Requested-With", "test"},
			body: "uai;type;libellé;effectif\n" + string(desktest.College) + ";classe;6E 1;25\n",
		},
	}
}

func ofAccess() []trial {
	at := object{"uais": schoolsOf(desktest.College)}
	return []trial{
		send("POST", "/appointments", "", "an assistant of the collège", object{"role": "assistant", "over": at, "reason": "essai", "until": "2027-06-30"}),
		send("POST", "/appointments", "", "an administrator", object{"role": "admin", "over": object{"academies": []string{desktest.Academy}}, "reason": "essai", "until": "2027-06-30"}),
		send("POST", "/appointments/{id}/confirm", "/appointments/p-1/confirm", "confirm", object{"state": "confirmed"}),
		send("POST", "/appointments/{id}/confirm", "/appointments/p-1/confirm", "revoke", object{"state": "revoked", "reason": "erreur"}),
		send("POST", "/appointments/claim", "", "", object{"word": word}),
		send("PUT", "/delegations/{id}", "/delegations/g-2", "", object{"uai": desktest.College, "function": "ADJ", "act": "2026-11", "from": "2026-11-22", "until": "2027-08-31"}),
		get("/accounts", "", ""),
		send("POST", "/accounts", "", "for the collège", accountFor(desktest.College)),
		send("POST", "/accounts", "", "for the école", accountFor(desktest.Ecole)),
		bodiless("/accounts/{id}/reset", "/accounts/c-1/reset", "of the collège"),
		bodiless("/accounts/{id}/close", "/accounts/c-1/close", "of the collège"),
		bodiless("/accounts/{id}/close", "/accounts/c-9/close", "that is not there"),
		get("/inquiries", "", ""),
		send("POST", "/inquiries", "", "", object{"academy": desktest.Academy, "source": "ent", "person": "eleve-4711", "reason": "réclamation"}),
		send("POST", "/inquiries/{id}/confirm", "/inquiries/q-asked/confirm", "by the second person", object{"reason": "vu"}),
		send("POST", "/inquiries/{id}/end", "/inquiries/q-asked/end", "", object{"reason": "fait"}),
		get("/inquiries/{id}/findings", "/inquiries/q-asked/findings", "that nobody confirmed"),
		journaled(get("/inquiries/{id}/findings", "/inquiries/q-confirmed/findings", "that the auditor confirmed")),
		get("/inquiries/{id}/matches", "/inquiries/q-asked/matches", "that nobody confirmed"),
		journaled(get("/inquiries/{id}/matches", "/inquiries/q-match/matches", "that the auditor confirmed")),
		get("/families", "", ""),
		send("POST", "/families/{id}/renewal", "/families/lire/renewal", "", object{"overlap": "2026-12-31", "reason": "liste publiée"}),
		send("POST", "/families/{id}/renewal", "/families/calcul/renewal", "that was asked for already", object{"reason": "liste publiée"}),
		send("POST", "/families/{id}/renewal/confirm", "/families/calcul/renewal/confirm", "by the second person", object{"reason": "vu"}),
		send("POST", "/families/{id}/renewal/decline", "/families/calcul/renewal/decline", "", object{"reason": "erreur"}),
		get("/me/factors", "", ""),
		send("POST", "/me/factors/codes", "", "", object{}),
		send("POST", "/me/factors/codes/{id}", "/me/factors/codes/none", "that nobody began", object{"code": "abcdef", "name": "téléphone"}),
		send("POST", "/me/factors/lost", "", "of somebody who has none", object{}),
		{route: "DELETE " + api.Base + "/me/factors/{id}", path: "/me/factors/none", note: "that is not there"},
		send("POST", "/step-ups", "", "of somebody who has none", object{"step_up": "act", "code": "abcdef"}),
		send("POST", "/factor-resets", "", "by a word that nobody has", object{"word": "AAAA-BBBB-CCCC", "reason": "perdu"}),
		send("POST", "/factor-resets/look", "", "by a word that nobody has", object{"word": "AAAA-BBBB-CCCC"}),
		send("POST", "/tokens", "", "", object{"name": "mine", "scopes": []string{"read"}, "until": "2026-12-22T00:00:00Z"}),
		{route: "DELETE " + api.Base + "/tokens/{id}", path: "/tokens/t-1", note: "somebody else's"},
		send("POST", "/sources/{id}/tokens", "/sources/ent/tokens", "", object{"name": "mediacentre", "until": "2026-12-22T00:00:00Z"}),
		send("POST", "/services/{id}/tokens", "/services/lire/tokens", "of a client that is not there", object{"client": "lire-web", "name": "Canal", "until": "2026-12-01T00:00:00Z"}),
	}
}

func ofRules(s *stage) []trial {
	rules := s.all.RuleSets[0].Rules
	rules.Note = "essai"
	model := s.all.Models[0]
	model.ID = "modele-neuf"
	tool := s.all.Assessments[0]
	tool.ID, tool.Aliases = "outil-neuf", nil
	tool.Name = registry.Text{FR: "Outil neuf"}
	return []trial{
		send("POST", "/rules/effect", "", "", rules),
		alone(send("POST", "/rules/sets", "", "", object{"rules": rules, "from": "2027-02-01"})),
		send("POST", "/rules/sets", "", "while another waits", object{"rules": rules, "from": "2027-02-01"}),
		send("POST", "/rules/sets/{version}/signatures", "/rules/sets/1/signatures", "", object{"reason": "lu"}),
		send("DELETE", "/rules/sets/{version}", "/rules/sets/1", "", object{"reason": "erreur"}),
		send("PUT", "/catalogue/models/{id}", "/catalogue/models/modele-neuf", "", model),
		send("POST", "/catalogue/models/{id}/opinion", "/catalogue/models/pix/opinion", "", object{"value": "favourable"}),
		send("POST", "/catalogue/models/{id}/retire", "/catalogue/models/pix/retire", "", object{"reason": "offre retirée"}),
		send("POST", "/catalogue/models/{id}/restore", "/catalogue/models/pix/restore", "that is in use", object{"reason": "offre revenue"}),
		send("PUT", "/catalogue/tools/{id}", "/catalogue/tools/outil-neuf", "", tool),
	}
}

func ofPapers() []trial {
	return []trial{
		{
			route: "POST " + api.Base + "/documents", path: "/documents?kind=other", body: "un texte",
			headers: []string{"Content-Type", "application/octet-stream", "X-Requested-With", "test"},
		},
		send("POST", "/papers/confirm", "", "an enabling of the collège", object{"enablings": []object{{"service": "calcul", "uai": desktest.College}}}),
	}
}

// post is a trial of a form of the desk's pages.
func post(pattern, note, form string) trial {
	return trial{route: "POST /bureau/" + pattern, note: note, body: form, headers: []string{"Content-Type", "application/x-www-form-urlencoded"}}
}

// postTo is post for a pattern with a name in it.
func postTo(pattern, path, note, form string) trial {
	out := post(pattern, note, form)
	out.path = "/bureau/" + path
	return out
}

func ofPages() []trial {
	return []trial{
		{route: "GET /bureau/{$}", path: "/bureau/"},
		{route: "GET /bureau/moi"},
		{route: "GET /bureau/services", path: "/bureau/services"},
		{route: "GET /bureau/services/{id}", path: "/bureau/services/calcul"},
		postTo("services/{id}/decision", "services/calcul/decision", "refuses in the collège", "etat=refused&uai=0280202T&motif-refused=conseil"),
		postTo("services/{id}/decision", "services/calcul/decision", "suspends in the collège", "etat=suspended&uai=0280202T&motif-suspended=danger"),
		postTo("services/{id}/arret", "services/calcul/arret", "", "etat=stop&motif-stop=danger"),
		{route: "GET /bureau/recherche", path: "/bureau/recherche?q=jean-moulin"},
		{route: "GET /bureau/entrer"},
		{route: "GET /bureau/retour", note: "without a sign-in"},
		{route: "GET /bureau/lien"},
		post("lien", "a word that opens nothing", "mot=CCCCC-DDDDD"),
		post("sortir", "", "x=1"),
		post("mandat", "", "mot="+word),
		post("jeton", "", "nom=essai&portee=read&jusque=2026-12-22"),
		post("jeton/retirer", "somebody else's", "jeton=t-1"),
	}
}

// stanceOf refuses a service in the collège.
func stanceOf(service string) desk.Stance {
	return desk.Stance{Service: service, State: registry.RefusedHere, Reason: "conseil d'administration", Where: desk.Where{UAIs: schoolsOf(desktest.College)}}
}

// accountFor is a temporary account as it is asked for.
func accountFor(uai person.UAI) object {
	return object{"uai": uai, "profile": "National_ENS", "family_name": temporary, "until": "2026-12-31", "reason": "contrat en attente"}
}

// bodiless is a trial of a step that says nothing.
func bodiless(pattern, path, note string) trial {
	return trial{route: "POST " + api.Base + pattern, path: path, note: note}
}
