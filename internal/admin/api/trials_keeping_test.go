package api_test

import (
	"mime/multipart"
	"regexp"
	"strings"
	"testing"

	"ecluse/internal/desk/desktest"
)

// tag is what somebody finds in a form of the page at path, in the field that says what it was made from.
func (s *stage) tag(t testing.TB, who, path string) string {
	t.Helper()
	page := s.ask(t, who, "GET", path, "")
	found := regexp.MustCompile(`name="etat" value="([^"]*)"`).FindStringSubmatch(page.Body.String())
	if found == nil {
		t.Fatalf("%s: %d, and no form", path, page.Code)
	}
	return found[1]
}

// listed is a trial of a form that carries a list of schools; fields are names and values in turn.
func listed(pattern, note, list string, fields ...string) trial {
	out := upload(pattern, pattern, note, fields...)
	var body strings.Builder
	m := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		_ = m.WriteField(fields[i], fields[i+1]) // a strings.Builder takes everything
	}
	if part, err := m.CreateFormFile("fichier", "liste.csv"); err == nil {
		_, _ = part.Write([]byte(list))
	}
	_ = m.Close()
	out.body, out.headers = body.String(), []string{"Content-Type", m.FormDataContentType()}
	return out
}

// ofKeepingPages are about what is kept by hand: establishments and lists of them, texts, tokens, sectors.
func ofKeepingPages(t testing.TB, s *stage) []trial {
	t.Helper()
	college := "etablissements/" + string(desktest.College)
	school := "nom=Coll%C3%A8ge&type=college&prive=non&departement=028&academie=exemple&vacant=non&ferme=non"
	list := "uai;type;libell\u00e9;effectif\n" + string(desktest.College) + ";classe;6E 1;25\n"
	const charter = "chartes/establishment/" + string(desktest.College) + "/ecrire"
	const inTime = "nom=essai&jusque=2026-12-10"
	return []trial{
		look("numeros", "", ""),
		look("numeros/{id}", "numeros/lire", ""),
		postTo("numeros/{id}", "numeros/lire", "ask", "acte=demander&motif=une+liste+est+sortie"),
		postTo("numeros/{id}", "numeros/lire", "confirm what nobody asked", "acte=confirmer"),
		look("sources/{id}/jetons", "sources/ent/jetons", ""),
		postTo("sources/{id}/jetons", "sources/ent/jetons", "", inTime),
		postTo("sources/{id}/jetons/fin", "sources/ent/jetons/fin", "that nobody made", "jeton=none"),
		look("services/{id}/jetons", "services/lire/jetons", ""),
		postTo("services/{id}/jetons", "services/lire/jetons", "a client that is not there", inTime+"&client=none"),
		postTo("services/{id}/jetons/fin", "services/lire/jetons/fin", "that nobody made", "jeton=none"),
		send("POST", "/appointments/{id}/confirm-with-word", "/appointments/p-1/confirm-with-word", "", object{"reason": "premier jour"}),
		postTo("mandats/{id}/decision", "mandats/p-1/decision", "confirm with a second word", "etat=word"),
		look("chartes/{level}/{of}/ecrire", charter, "of the collège"),
		postTo("chartes/{level}/{of}/ecrire", charter, "of the collège", "contact=le+CPE"),
		look("chartes/textes/{version}", "chartes/textes/"+strings.Repeat("0", 64), "that nobody wrote"),
		look("etablissements/nouveau", "", ""),
		post("etablissements/nouveau", "", school+"&uai=0280505X"),
		look("etablissements/{uai}/modifier", college+"/modifier", ""),
		postTo("etablissements/{uai}/modifier", college+"/modifier", "", school+"&etat="+s.tag(t, "admin", "/bureau/"+college+"/modifier")),
		look("etablissements/importer", "", ""),
		listed("etablissements/importer/apercu", "headcounts of the coll\u00e8ge", list, "genre", "effectifs"),
		post("etablissements/importer/confirmer", "that nobody was shown", "genre=effectifs&liste=x"),
	}
}

// ofModelPages are about the catalogue. The DRANE's own forms say which state they were made from.
func ofModelPages(t testing.TB, s *stage) []trial {
	t.Helper()
	const one, part, recipe = "modeles/{id}", "modeles/pix/texte/4", "modeles/pix/recettes/nouvelle"
	drane := func(path string) string { return s.tag(t, "drane", "/bureau/"+path) }
	about := "m-nom=Pix&m-editeur=Pix&m-categorie=evaluation&m-resume=Certifier.&m-lu=site&m-ecrit=2026-11-22&m-revoir=2027-06-30"
	return []trial{
		look("modeles", "", ""),
		look(one, "modeles/pix", ""),
		look("modeles/nouveau", "", ""),
		look("modeles/nouveau", "modeles/nouveau?declaration=d-draft", "from a draft of the coll\u00e8ge"),
		post("modeles/nouveau", "", about+"&m-lien=processor&m-noms=pseudonymous"),
		look(one+"/modifier", "modeles/pix/modifier", ""),
		postTo(one+"/modifier", "modeles/pix/modifier", "", about+"&etat="+drane("modeles/pix/modifier")),
		look(one+"/texte/{step}", part, ""),
		postTo(one+"/texte/{step}", part, "", "hosting=FR&etat="+drane(part)),
		look(one+"/recettes/{n}", recipe, ""),
		postTo(one+"/recettes/{n}", recipe, "", "r-protocole=cas&r-notes=noter&etat="+drane(recipe)),
		postTo(one+"/usage", "modeles/pix/usage", "", "acte=retirer&motif=offre+retir%C3%A9e"),
		postTo(one+"/avis", "modeles/pix/avis", "", "avis=favourable"),
	}
}

func ofInquiryPages() []trial {
	const one, person = "enquetes/{id}", "academie=exemple&source=ent&personne=eleve-4711&motif=r%C3%A9clamation"
	return []trial{
		look("enquetes", "", ""),
		look("enquetes/nouvelle", "", ""),
		post("enquetes/nouvelle", "about a person", "genre=services&"+person),
		post("enquetes/nouvelle", "in another academy", "genre=services&academie=ailleurs&source=ent&personne=x&motif=x"),
		look(one, "enquetes/q-asked", "that nobody confirmed"),
		postTo(one+"/decision", "enquetes/q-asked/decision", "by the second person", "acte=confirmer&motif=vu"),
		postTo(one+"/decision", "enquetes/q-asked/decision", "ends it", "acte=clore&motif=fait"),
		postTo(one+"/resultat", "enquetes/q-asked/resultat", "that nobody confirmed", "format=page"),
		journaled(postTo(one+"/resultat", "enquetes/q-confirmed/resultat", "that the auditor confirmed", "format=json")),
		journaled(postTo(one+"/resultat", "enquetes/q-match/resultat", "a match that the auditor confirmed", "format=page")),
	}
}
