package wizard_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// typed are the values of a whole declaration, step by step, as somebody types them over what the page holds.
func typed() map[int]url.Values {
	one := func(pairs ...string) url.Values {
		out := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			out.Add(pairs[i], pairs[i+1])
		}
		return out
	}
	return map[int]url.Values{
		1: one("controller_name", "Collège d'Exemple", "controller_office", "chef d'établissement", "controller_contact", "college@ac-exemple.fr",
			"controller_dpo", "dpd@ac-exemple.fr", "relation", "processor", "supplier_name", "Éditions du Canal", "supplier_kind", "private",
			"supplier_country", "FR", "supplier_free", "no", "scope_level", "establishment", "scope_uais", "0280202T"),
		2: one("uses", "reading", "purposes.0.fr", "Proposer des lectures", "purposes.0.en", "Offer readings", "profiles", "National_ELV", "profiles", "National_ENS",
			"persons.0.fr", "élèves, enseignants", "basis_kind", "public_interest", "basis_text", "Code de l'éducation, art. L. 131-2", "prescribed", "yes"),
		3: one("mode", "pseudonymous", "pseudonym", "school_year", "items", "pseudonym", "items", "level", "items.pseudonym.why", "retrouver ses lectures",
			"items.level.why", "choisir des lectures", "data.0.fr", "numéro opaque, niveau", "recipients.0.fr", "Éditions du Canal"),
		4: one("hosting", "FR", "sub.0.name", "Hébergement du Midi", "sub.0.country", "FR", "sub.0.for", "hébergement", "retention", "l'année scolaire",
			"erasure.0.what", "comptes", "erasure.0.months", "3", "erasure.0.after", "school_year", "from", "2026-09-01", "until", "2027-08-31",
			"security.0.fr", "chiffrement, accès tracés"),
		6: one("evidence", "contract", "reference", "CTR-1", "parties", "Collège d'Exemple\nÉditions du Canal", "signed", "2026-06-15", "contract_until", "2029-08-31",
			"signed_by", "chef d'établissement", "council_act", "CA-2026-12", "offer", "education", "terms_version", "2026-1", "terms_accepted", "2026-06-15",
			"dpia_done", "yes", "dpia_date", "2026-05-20", "risk_information", "low", "risk_vulnerability", "medium", "risk_vulnerability_why", "des mineurs",
			"risk_framework", "low", "risk_exposure", "low", "risk_identification", "low", "risk_flaws", "low", "risk_harvesting", "low",
			"informed.0.kind", "council", "informed.0.date", "2026-07-01", "directory", "annuaire-2026-1"),
	}
}

// written writes a whole declaration through the pages and gives its address without the step.
func (b *bench) written(t *testing.T) string {
	t.Helper()
	b.get(t, "/bureau/declarations/nouvelle").want(t, http.StatusOK, "Nouvelle déclaration", "Commencer le brouillon")
	to := b.post(t, "/bureau/declarations/nouvelle", url.Values{"service": {"lire"}, "modele": {""}}).leads(t)
	base, ok := strings.CutSuffix(to, "/etape/1")
	if !ok {
		t.Fatalf("it begins at %s", to)
	}
	for step, changes := range typed() {
		if step == 6 {
			continue
		}
		b.saved(t, base, step, changes)
	}
	for _, paper := range []string{"contract", "terms", "dpia", "council_act"} {
		to := b.upload(t, base+"/piece", url.Values{"nature": {paper}, "nom": {paper + ".txt"}, "date": {"2026-06-15"}}, "x.txt", []byte("le document "+paper)).leads(t)
		if !strings.HasPrefix(to, base+"/etape/6") {
			t.Fatalf("after a document: %s", to)
		}
	}
	six := typed()[6]
	page := b.get(t, base+"/etape/6")
	form := page.fill(t, base+"/etape/6", nil)
	for i := range 4 {
		hash := form.Get(fmt.Sprintf("documents.%d.hash", i))
		switch form.Get(fmt.Sprintf("documents.%d.kind", i)) {
		case "terms":
			six.Set("terms_document", hash)
		case "dpia":
			six.Set("dpia_document", hash)
		}
	}
	b.saved(t, base, 6, six)
	return base
}

// saved saves one step.
func (b *bench) saved(t *testing.T, base string, step int, changes url.Values) {
	t.Helper()
	path := fmt.Sprintf("%s/etape/%d", base, step)
	form := b.get(t, path).want(t, http.StatusOK).fill(t, path, changes)
	form.Set("act", "garder")
	if to := b.post(t, path, form).leads(t); to != path+"?enregistre=1" {
		t.Fatalf("step %d leads to %s", step, to)
	}
}

func (b *bench) text(t *testing.T, base string) registry.Declaration {
	t.Helper()
	var id string
	var version int
	if _, err := fmt.Sscanf(strings.ReplaceAll(strings.TrimPrefix(base, "/bureau/declarations/"), "/", " "), "%s %d", &id, &version); err != nil {
		t.Fatal(err)
	}
	for _, d := range b.Snapshot(t).Versions(id) {
		if d.Version == version {
			return d
		}
	}
	t.Fatalf("nothing is written at %s", base)
	return registry.Declaration{}
}

func TestAWholeDeclarationIsWrittenAndSubmittedThroughThePages(t *testing.T) {
	t.Parallel()
	for name, who := range map[string]func(*desktest.House) roles.Caller{
		"as provider": (*desktest.House).Provider, "as head of a collège": func(h *desktest.House) roles.Caller { return h.Head(desktest.College) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.caller = who(b.House)
			base := b.written(t)
			d := b.text(t, base)
			if d.Controller.Name != "Collège d'Exemple" || len(d.Items) != 2 || d.Items[1].Justification.FR != "choisir des lectures" ||
				len(d.Documents) != 4 || d.DPIA.Document == "" || d.Erasure[0].Months != 3 || d.Supplier.Sub[0].Name != "Hébergement du Midi" ||
				d.Until.String() != "2027-08-31" || len(d.Supplier.Parties) != 2 || d.Risk.Vulnerability.Why != "des mineurs" || d.Purposes[0].EN != "Offer readings" {
				t.Errorf("%+v", d)
			}
			last := b.get(t, base+"/etape/7").want(t, http.StatusOK, "La forme est complète", "Ce qui sera dit", "Version école", "Tu vas sur lire")
			to := b.post(t, base+"/soumettre", last.fill(t, base+"/soumettre", nil)).leads(t)
			b.get(t, to).want(t, http.StatusOK, "La déclaration est soumise", "Soumise")
			if got := b.text(t, base); got.State != registry.Submitted {
				t.Errorf("it is %s", got.State)
			}
			b.post(t, base+"/soumettre", nil).want(t, http.StatusConflict)
		})
	}
}

func TestEveryStepIsReachedAtAnyTimeAndSaysWhatIsMissingBesideTheFields(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.caller = b.Head(desktest.College)
	base := strings.TrimSuffix(b.post(t, "/bureau/declarations/nouvelle", url.Values{"service": {"lire"}}).leads(t), "/etape/1")
	for step, says := range []string{
		"Le responsable n'est pas décrit en entier", "Aucune finalité n'est nommée", "Seules les données cochées", "Le pays où reposent les données manque",
		"Essayer avec une personne de démonstration", "Joindre un document", "Des champs manquent ou ne vont pas",
	} {
		b.get(t, fmt.Sprintf("%s/etape/%d", base, step+1)).want(t, http.StatusOK, says, "Ce qui sera dit", "Relire et soumettre")
	}
	for _, path := range []string{"/etape/0", "/etape/8", "/etape/x"} {
		b.get(t, base+path).want(t, http.StatusNotFound)
	}
	b.post(t, base+"/soumettre", nil).want(t, http.StatusUnprocessableEntity, "Elle n'a pas été soumise")
}

// The last step says once what is the same of several fields, under the step that mends it, with their names. What the rules
// say in English is folded.
func TestTheLastStepSaysOnceWhatIsTheSameOfSeveralFields(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.caller = b.Head(desktest.College)
	base := strings.TrimSuffix(b.post(t, "/bureau/declarations/nouvelle", url.Values{"service": {"lire"}}).leads(t), "/etape/1")
	last := b.get(t, base+"/etape/7").want(t, http.StatusOK, "Nature des informations ; Vulnérabilité des personnes ; Cadre", "En détail (en anglais)")
	if n := strings.Count(last.says(), "Un point de la fiche de risque n'a pas de réponse complète."); n != 1 {
		t.Errorf("it is said %d times: %s", n, last.says())
	}
	page := last.Body.String()
	if strings.Count(page, `href="`+base+`/etape/6"`) != 3 { // among the steps, of what is found there, and back
		t.Errorf("the step is led to %d times", strings.Count(page, `href="`+base+`/etape/6"`))
	}
	for _, path := range []string{"/etape/1", "/etape/7"} {
		page := b.get(t, base+path).Body.String()
		open := regexp.MustCompile(`<details[^>]*>[\s\S]*?</details>`).ReplaceAllString(page, "")
		for _, english := range []string{"the controller is missing", "the first day is missing"} {
			if strings.Contains(open, english) {
				t.Errorf("%s says %q on a French page", path, english)
			}
		}
		if !strings.Contains(page, `lang="en"`) || strings.Contains(open, `<p lang="en"`) {
			t.Errorf("%s: English stands unfolded on a French page", path)
		}
	}
}

func TestNobodyElsesDraftIsFound(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.caller = b.Head(desktest.College)
	base := strings.TrimSuffix(b.post(t, "/bureau/declarations/nouvelle", url.Values{"service": {"lire"}}).leads(t), "/etape/1")
	for name, who := range map[string]roles.Caller{"another head": b.Head(desktest.Other), "a teacher": b.Teacher(desktest.College), "an administrator": b.Admin()} {
		b.caller = who
		for step := 1; step <= 7; step++ {
			path := fmt.Sprintf("%s/etape/%d", base, step)
			if got := b.get(t, path); got.Code != http.StatusNotFound {
				t.Errorf("%s at step %d: %d", name, step, got.Code)
			}
			if got := b.post(t, path, url.Values{"controller_name": {"x"}}); got.Code != http.StatusNotFound {
				t.Errorf("%s writes at step %d: %d", name, step, got.Code)
			}
		}
		if got := b.post(t, base+"/soumettre", nil); got.Code != http.StatusNotFound {
			t.Errorf("%s submits: %d", name, got.Code)
		}
		if got := b.upload(t, base+"/piece", url.Values{"nature": {"other"}}, "x.txt", []byte("x")); got.Code != http.StatusNotFound {
			t.Errorf("%s attaches: %d", name, got.Code)
		}
	}
	b.caller = b.DPO()
	page := b.get(t, base+"/etape/1").want(t, http.StatusOK, "Vous pouvez lire cette version")
	if strings.Contains(page.Body.String(), `name="controller_name"`) {
		t.Error("who only reads is offered a form")
	}
	b.post(t, base+"/etape/1", url.Values{"controller_name": {"x"}}).want(t, http.StatusConflict) // no such state was on the page
	b.caller = roles.Caller{}
	b.get(t, base+"/etape/1").want(t, http.StatusOK, "Entrer au bureau")
}

func TestTwoWritersOfOneStepLoseNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.caller = b.Head(desktest.College)
	base := strings.TrimSuffix(b.post(t, "/bureau/declarations/nouvelle", url.Values{"service": {"lire"}}).leads(t), "/etape/1")
	path := base + "/etape/1"
	mine := b.get(t, path).fill(t, path, url.Values{"controller_name": {"Collège un"}, "supplier_name": {"Fournisseur un"}, "act": {"garder"}})
	b.caller = b.Assistant()
	b.saved(t, base, 1, url.Values{"controller_name": {"Collège deux"}})
	b.saved(t, base, 2, url.Values{"min_age": {"11"}})
	b.caller = b.Head(desktest.College)
	crossed := b.post(t, path, mine).want(t, http.StatusConflict, "Quelqu'un d'autre a enregistré cette étape", "Collège deux")
	again := crossed.fill(t, path, url.Values{"act": {"garder"}})
	if again.Get("controller_name") != "Collège un" || again.Get("supplier_name") != "Fournisseur un" {
		t.Errorf("what was typed is lost: %q", again)
	}
	if got := b.text(t, base); got.Controller.Name != "Collège deux" {
		t.Errorf("kept is %q", got.Controller.Name)
	}
	b.post(t, path, again).leads(t)
	if got := b.text(t, base); got.Controller.Name != "Collège un" || got.Supplier.Name != "Fournisseur un" || got.Audience.MinAge != 11 {
		t.Errorf("%+v", got)
	}
	two := base + "/etape/2"
	other := b.get(t, two).fill(t, two, url.Values{"basis_text": {"un texte"}, "act": {"garder"}})
	b.saved(t, base, 1, url.Values{"controller_contact": {"x@y.example"}})
	b.post(t, two, other).leads(t) // another step stands in nobody's way
}

func TestWhatCannotBeReadIsSaidBesideItsFieldAndNothingIsKept(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.caller = b.Head(desktest.College)
	base := strings.TrimSuffix(b.post(t, "/bureau/declarations/nouvelle", url.Values{"service": {"lire"}}).leads(t), "/etape/1")
	path := base + "/etape/4"
	before := b.text(t, base)
	form := b.get(t, path).fill(t, path, url.Values{
		"until": {"31 août"}, "session": {"dix"}, "retention": {"un an"}, "transfers.0.country": {"US"}, "transfers.0.until": {"demain"}, "transfers.0.instrument": {"habit"}, "act": {"garder"},
	})
	wrong := b.post(t, path, form).want(t, http.StatusUnprocessableEntity, "Ce n'est pas une date", "Ce n'est pas un nombre entier", "Ce n'est pas un des choix")
	for _, link := range []string{`href="#until"`, `href="#session"`, `href="#transfers.0.until"`, `href="#transfers.0.instrument"`} {
		if !strings.Contains(wrong.Body.String(), link) {
			t.Errorf("the summary does not lead to %s", link)
		}
	}
	if kept := wrong.fill(t, path, nil); kept.Get("until") != "31 août" || kept.Get("retention") != "un an" || kept.Get("transfers.0.country") != "US" {
		t.Errorf("what was typed is lost: %q", kept)
	}
	if !b.text(t, base).SameText(before) {
		t.Error("something was kept")
	}
	one := base + "/etape/1"
	form = b.get(t, one).fill(t, one, url.Values{"scope_uais": {"0280202T, 0280303X"}, "act": {"garder"}})
	b.post(t, one, form).want(t, http.StatusUnprocessableEntity, "0280303C")
	form = b.get(t, one).fill(t, one, url.Values{"supplier_name": {"Discord.com"}, "act": {"garder"}})
	b.post(t, one, form).want(t, http.StatusUnprocessableEntity, "a été examiné et refusé", "Ce qu'il y a à la place")
}

func TestTheEffectIsSeenBeforeAnythingIsSaved(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.caller = b.Head(desktest.College)
	base := b.written(t)
	path := base + "/etape/3"
	before := b.text(t, base)
	form := b.get(t, path).fill(t, path, nil)
	form.Add("items", "uai")
	form.Set("items.uai.why", "ouvrir aux abonnés")
	form.Set("act", "voir")
	seen := b.post(t, path, form).want(t, http.StatusOK, "n'est pas encore enregistré", "ouvrir aux abonnés", "Ce que lire va savoir", "Tu vas sur lire")
	if got := seen.fill(t, path, nil)["items"]; len(got) != 3 {
		t.Errorf("what was typed is lost: %q", got)
	}
	if !b.text(t, base).SameText(before) {
		t.Error("looking saved something")
	}
	if strings.Contains(b.get(t, path).says(), "ouvrir aux abonnés") {
		t.Error("looking is remembered")
	}
	b.caller = b.DPO()
	b.post(t, path, form).want(t, http.StatusForbidden) // whoever could not save it has nothing to try
}

func TestWhatTheServiceAsksForAndIsNotDeclaredStandsBesideTheData(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.asks = []string{"mail", "level"}
	b.caller = b.Head(desktest.College)
	base := b.written(t)
	text := b.get(t, base+"/etape/3").want(t, http.StatusOK, "demandée par le service").says()
	if strings.Count(text, "demandée par le service") != 2 || strings.Count(text, "non déclarée") != 1 {
		t.Errorf("the page says %s", text)
	}
}

func TestAPersonaIsTriedAndTheMessageShown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.caller = b.Head(desktest.College)
	base := b.written(t)
	b.get(t, base+"/etape/5?persona=eleve-3e").want(t, http.StatusOK, "Essayer avec une personne", "Elle entrerait", "3EME", "choisir des lectures")
	b.get(t, base+"/etape/5?persona=eleve-ce2").want(t, http.StatusOK, "dans aucun établissement de la déclaration")
	b.get(t, base+"/etape/5?persona=nobody").want(t, http.StatusOK, "Essayer avec une personne")
}

func TestARefusedToolSaysSoBeforeAnyForm(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.caller = b.Head(desktest.College)
	b.get(t, "/bureau/declarations/nouvelle?q=whatsapp").want(t, http.StatusOK, "WhatsApp a été examiné et refusé", "Ce qu'il y a à la place")
	if text := b.get(t, "/bureau/declarations/nouvelle?q=lire").want(t, http.StatusOK).says(); strings.Contains(text, "a été examiné et refusé ") {
		t.Error("a tool that nobody refused")
	}
	b.Apply(t, registry.Change{Services: []registry.Service{{ID: "visio", Name: registry.Text{FR: "La visio"}, Start: "https://www.discord.com/app"}}})
	b.post(t, "/bureau/declarations/nouvelle", url.Values{"service": {"visio"}}).want(t, http.StatusUnprocessableEntity, "examiné et refusé")
	b.post(t, "/bureau/declarations/nouvelle", url.Values{"service": {"rien"}}).want(t, http.StatusUnprocessableEntity, "Choisissez un service")
	b.post(t, "/bureau/declarations/nouvelle", url.Values{"service": {"lire"}, "modele": {"rien"}}).want(t, http.StatusUnprocessableEntity)
	b.caller = b.Teacher(desktest.College)
	b.post(t, "/bureau/declarations/nouvelle", url.Values{"service": {"lire"}}).want(t, http.StatusForbidden)
	if all, _ := b.Find(t.Context(), b.Auditor(), desk.Query{Service: "lire"}); len(all) != 0 {
		t.Errorf("something was begun: %v", all)
	}
}

func TestADocumentThatIsNotKeptIsSaidAndNamedNowhere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.caller = b.Head(desktest.College)
	base := strings.TrimSuffix(b.post(t, "/bureau/declarations/nouvelle", url.Values{"service": {"lire"}}).leads(t), "/etape/1")
	form := url.Values{"nature": {"contract"}, "nom": {"contrat"}}
	for name, c := range map[string]struct {
		file   []byte
		status int
	}{
		"larger than is kept":    {[]byte(strings.Repeat("x", registry.MaxFile+1)), http.StatusUnprocessableEntity},
		"larger than is read":    {[]byte(strings.Repeat("x", registry.MaxFile+1<<20+1)), http.StatusRequestEntityTooLarge},
		"empty":                  {nil, http.StatusUnprocessableEntity},
		"of a type nobody keeps": {[]byte("MZ\x00\x01"), http.StatusUnprocessableEntity},
	} {
		if got := b.upload(t, base+"/piece", form, "x.pdf", c.file); got.Code != c.status {
			t.Errorf("%s: %d\n%s", name, got.Code, got.says())
		}
	}
	b.upload(t, base+"/piece", url.Values{"nature": {"habit"}}, "x.txt", []byte("x")).want(t, http.StatusUnprocessableEntity, "Le document n'a pas été gardé", "Dites ce que c'est")
	b.post(t, base+"/piece", form).want(t, http.StatusBadRequest)
	if got := b.text(t, base).Documents; len(got) != 0 {
		t.Errorf("named all the same: %v", got)
	}
	b.upload(t, base+"/piece", url.Values{"nature": {"contract"}}, "contrat.txt", []byte("le contrat")).leads(t)
	six := base + "/etape/6"
	page := b.get(t, six)
	if got := b.text(t, base).Documents; len(got) != 1 || got[0].Name != "contrat.txt" {
		t.Fatalf("%v", got)
	}
	out := page.fill(t, six, url.Values{"documents.0.out": {"1"}, "act": {"garder"}})
	b.post(t, six, out).leads(t)
	if got := b.text(t, base).Documents; len(got) != 0 {
		t.Errorf("a document that was taken out stays: %v", got)
	}
}
