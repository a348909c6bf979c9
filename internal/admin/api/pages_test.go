package api_test

import (
	"context"
	"errors"
	"mime/multipart"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/admin"
	"ecluse/internal/admin/api"
	"ecluse/internal/admin/bulk"
	"ecluse/internal/admin/calendar"
	"ecluse/internal/admin/factors"
	"ecluse/internal/admin/home"
	"ecluse/internal/admin/incidents"
	"ecluse/internal/admin/journal"
	"ecluse/internal/admin/mails"
	"ecluse/internal/admin/review"
	"ecluse/internal/admin/sheets"
	"ecluse/internal/admin/stats"
	"ecluse/internal/admin/telling"
	"ecluse/internal/admin/wizard"
	"ecluse/internal/audit"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/notify"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// deskPages are the pages and texts of the desk whose routes stand in the table.
func deskPages() []web.Contribution {
	return append(objectPages(),
		home.Pages(), sheets.Pages(), review.Pages(), bulk.Pages(), telling.Pages(), calendar.Pages(), mails.Pages(), journal.Pages(), stats.Pages(), incidents.Pages(), factors.Pages(), wizard.Pages(),
	)
}

// mountDesk adds them. Nothing is asked of the outside, and no service is spoken to.
func (f *front) mountDesk(ask *admin.Simulator, personas admin.Personas) {
	around := f.around
	home.Mount(f.mux, around, home.Config{Journal: f.DB.Audit()})
	sheets.Mount(f.mux, around, sheets.Config{Words: f.Desk.Words})
	review.Mount(f.mux, around, review.Config{Documents: api.Base + "/documents/"})
	bulk.Mount(f.mux, around)
	f.mountTelling(around)
	calendar.Mount(f.mux, around, calendar.Config{Renewals: bulk.Renewals})
	mails.Mount(f.mux, around, true)
	f.mountJournal(around)
	incidents.Mount(f.mux, around)
	f.mountObjects(around)
	factors.Mount(f.mux, around, factors.Config{Book: f.Factors, Again: f.mux, Source: func(*http.Request) (factors.Source, bool) { return factors.Source{}, false }})
	wizard.Mount(f.mux, around, wizard.Config{
		Told: ask, Personas: personas, Asks: func(registry.Service) []string { return nil },
		Reach: func(context.Context, string) (int, error) { return 0, errors.New("no server is there") },
		Fetch: func(context.Context, string) ([]byte, error) { return nil, errors.New("no such document") },
	})
}

// outbox holds one mail to the collège, which came back.
type outbox struct{ notify.Mail }

func oneMail() outbox {
	return outbox{notify.Mail{
		ID: "mail-1", To: notify.Box{Role: registry.HeadOfSchool, Of: string(desktest.College)}, Kind: notify.Stopped, Made: desktest.Start(), State: notify.Bounced,
	}}
}

func (o outbox) List(_ context.Context, q notify.Query) ([]notify.Mail, error) {
	if q.UAIs != nil && !slices.Contains(q.UAIs, desktest.College) {
		return nil, nil
	}
	return []notify.Mail{o.Mail}, nil
}

func (o outbox) Again(_ context.Context, id string, _ time.Time, _ audit.Entry) error {
	if id != o.ID {
		return notify.ErrNone
	}
	return nil
}

// state is what the head of the collège finds in a form of the page at path, in the field that says what it was made from.
func (s *stage) state(t testing.TB, path string) string {
	t.Helper()
	page := s.ask(t, "head", "GET", path, "")
	found := regexp.MustCompile(`name="etat" value="([^"]*)"`).FindStringSubmatch(page.Body.String())
	if found == nil {
		t.Fatalf("%s: %d, and no form", path, page.Code)
	}
	return found[1]
}

// look is a trial of a page.
func look(pattern, path, note string) trial {
	out := trial{route: "GET /bureau/" + pattern, note: note}
	if path != "" {
		out.path = "/bureau/" + path
	}
	return out
}

// upload is a trial of a form that may carry a file; fields are names and values in turn.
func upload(pattern, path, note string, fields ...string) trial {
	var body strings.Builder
	m := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		_ = m.WriteField(fields[i], fields[i+1]) // a strings.Builder takes everything
	}
	if part, err := m.CreateFormFile("fichier", "x.txt"); err == nil {
		_, _ = part.Write([]byte("un texte"))
	}
	_ = m.Close()
	out := postTo(pattern, path, note, body.String())
	out.headers = []string{"Content-Type", m.FormDataContentType()}
	return out
}

func ofReviewPages() []trial {
	const one, draft = "declarations/{id}/{version}", "a draft of the collège"
	act := func(word, id, form string) trial {
		return postTo(one+"/"+word, "declarations/"+id+"/1/"+word, "of the collège", form)
	}
	return []trial{
		look("file", "", ""),
		postTo("file/demande", "file/demande", "of the collège", "demandes=w-1&reponse=taken_up"),
		look(one, "declarations/d-review/1", "of the collège"),
		look(one, "declarations/d-draft/1", draft),
		look(one, "declarations/a-approved/1", "approved, the academy's"),
		act("prendre", "d-submitted", "x=1"),
		act("commentaire", "d-review", "champ=until&commentaire=trop+long"),
		act("avis", "d-submitted", "avis=favourable"),
		act("correction", "d-review", "remarque=trop+vague&correction-champ=purposes"),
		act("approbation", "d-review", "x=1"),
		act("refus", "d-review", "refus-motif=hors+sujet"),
		look("calendrier", "", ""),
	}
}

func ofBulkPages() []trial {
	const refuse = "acte=refuser&service=lire&uai=0280202T&raison=conseil"
	const renew = "geste=renouveler&declaration=d-approved&jusque=2028-08-31"
	return []trial{
		look("lot", "", ""),
		post("lot/apercu", "in the collège", refuse),
		post("lot/confirmer", "in the collège", refuse+"&attendu=1"),
		look("lot/fait", "lot/fait?moment=2026-11-22T09:00:00Z&acte=refuser", "somebody else's"),
		look("lot/renouvellements", "", ""),
		post("lot/renouvellements/apercu", "of the collège", renew),
		post("lot/renouvellements/confirmer", "of the collège", renew),
	}
}

func ofStopPages() []trial {
	const record = "titre=Liste+publi%C3%A9e&nature=confidentiality&services=lire&constat=2026-11-20T08:00"
	press := func(to, note, what string) trial { return post("suspendre"+to, note, what+"&motif=comptes+vol%C3%A9s") }
	return []trial{
		look("suspendre", "", ""),
		press("", "a service", "genre=service&id=calcul"),
		press("", "the collège", "genre=establishment&id=0280202T"),
		press("/lever", "a service", "genre=service&id=arrete"),
		look("incidents", "", ""),
		look("incidents/nouveau", "", ""),
		post("incidents", "of the collège", record+"&uais=0280202T"),
		look("incidents/{ref}", "incidents/academy", "of the academy"),
		look("incidents/{ref}", "incidents/college", "of the collège"),
		postTo("incidents/{ref}", "incidents/college", "", record+"&uais=0280202T&etat=*"),
		postTo("incidents/{ref}/etape", "incidents/college/etape", "", "fait=noted&texte=vu"),
		postTo("incidents/{ref}/clore", "incidents/college/clore", "", "motif=fini"),
		look("incidents/{ref}/notification", "incidents/academy/notification", "of the academy"),
		look("incidents/{ref}/notification", "incidents/college/notification", "of the collège"),
	}
}

func ofMailPages() []trial {
	return []trial{
		look("courriers", "", ""),
		post("courriers/renvoyer", "to the collège", "courrier=mail-1"),
	}
}

// ofFactorPages are about one's own means but for the help: nobody has one here, and no word was given.
func ofFactorPages() []trial {
	return []trial{
		look("facteurs", "", ""),
		post("facteurs/code", "", "x=1"),
		look("facteurs/code", "facteurs/code?secret=rien", "no secret was made"),
		post("facteurs/code/verifier", "no secret was made", "secret=rien&code=123456&nom=t"),
		post("facteurs/cle", "", "x=1"),
		post("facteurs/cle/garder", "nothing was asked", "ceremonie=rien&reponse=%7B%7D&nom=c"),
		post("facteurs/retirer", "that nobody has", "facteur=rien"),
		post("facteurs/perdu", "", "x=1"),
		look("facteurs/aider", "", ""),
		post("facteurs/aider", "a word that nobody was given", "mot=CCCCC-DDDDD"),
		look("confirmer", "", "nothing waits"),
		post("confirmer", "nothing waits", "code=123456"),
		post("confirmer/source", "nothing waits", "x=1"),
	}
}

func ofWizard(t testing.TB, s *stage) []trial {
	const one, mine, technical = "declarations/{id}/{version}", "declarations/d-draft/1", "services/lire/technique"
	return []trial{
		look("declarations/nouvelle", "", ""),
		post("declarations/nouvelle", "", "service=lire"),
		postTo(one+"/suivante", "declarations/d-approved/1/suivante", "of the collège", "x=1"),
		look(one+"/etape/{step}", mine+"/etape/2", "a draft of the collège"),
		postTo(one+"/etape/{step}", mine+"/etape/2", "a draft of the collège", "min_age=11&etat="+s.state(t, "/bureau/"+mine+"/etape/2")),
		upload(one+"/piece", mine+"/piece", "to a draft of the collège", "nature", "other", "nom", "pièce"),
		postTo(one+"/soumettre", mine+"/soumettre", "a draft of the collège", "x=1"),
		look("services/{id}/technique", technical, ""),
		look("services/{id}/technique", "services/calcul/technique", "another provider's"),
		upload("services/{id}/technique", technical, "", "liaison", "0", "protocole", "link", "start", "https://lire.example/", "etat", "*"),
		upload("services/{id}/technique", "services/calcul/technique", "another provider's", "liaison", "0", "protocole", "link", "start", "https://calcul.example/", "etat", "*"),
		postTo("services/{id}/technique/atteindre", technical+"/atteindre", "", "x=1"),
	}
}
