package requests_test

import (
	"testing"

	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/admin/requests"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/rights"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

const (
	rightsAt  = "/bureau/droits"
	access    = rightsAt + "/AAAA-0001"
	objection = rightsAt + "/AAAA-0002"
)

// bench files requests.
type bench struct{ *frametest.Bench }

// newBench is the pages with an access and an objection of a pupil of the collège, and an access in the other one.
func newBench(t *testing.T) *frametest.Bench {
	t.Helper()
	b := bench{frametest.New(t, requests.Pages(), func(_ *desktest.House, mux *web.Mux, f *frame.Frame) { requests.Mount(mux, f) })}
	b.TakeRights(t)
	b.file(t, "AAAA-0001", rights.Access, desktest.College)
	b.file(t, "AAAA-0002", rights.Objection, desktest.College)
	b.file(t, "BBBB-0003", rights.Access, desktest.Other)
	return b.Bench
}

func TestTheListShowsWhatWaitsAndWhoseItIs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	page := b.Get(t, b.Head(desktest.College), rightsAt)
	frametest.Has(t, page, "AAAA-0001", "Accès", "AAAA-0002", "Opposition", "attend une réponse", "22 décembre 2026", "0280202T")
	frametest.Lacks(t, page, "BBBB-0003", "camille", "moi-même")
	frametest.Has(t, b.Get(t, b.DPO(), rightsAt), "AAAA-0001", "BBBB-0003")
	for _, who := range []roles.Caller{b.Admin(), b.Teacher(desktest.College), b.Auditor(), b.Stranger()} {
		b.Refused(t, who, 403, "GET", rightsAt)
	}
}

func TestARequestIsReadAnsweredAndDiscussedByThoseWhoseItIs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	head := b.Head(desktest.College)
	page := b.Get(t, head, access)
	frametest.Has(t, page, "moi-même", "camille@exemple.fr", "Votre lecture est inscrite", ">Accepter<", "Prolonger le délai", access+"/envois")
	frametest.Lacks(t, page, "MARQUE-1")
	frametest.Lacks(t, b.Get(t, b.DPO(), access), ">Accepter<")
	frametest.Has(t, b.Sent(t, b.DPO(), access+"/remarque", "remarque", "voir la fiche"), "La remarque est ajoutée", "voir la fiche")
	page = b.Sent(t, head, access+"/delai", "delai", "il faut chercher")
	frametest.Has(t, page, "Le délai est prolongé", "il faut chercher", "22 février 2027", "délai prolongé")
	frametest.Lacks(t, page, "Prolonger le délai")
	b.Refused(t, head, 409, "POST", access+"/delai", "delai", "encore")
	frametest.Has(t, b.Get(t, head, access+"/envois"), "Rien n'a été envoyé")
	page = b.Sent(t, head, access+"/reponse", "issue", "accepted", "envois", "1")
	frametest.Has(t, page, "La réponse est donnée", "acceptée", "répondu")
	frametest.Lacks(t, page, ">Accepter<", "Ajouter")
	b.Refused(t, head, 409, "POST", access+"/reponse", "issue", "refused", "reponse", "non")
}

func TestAnObjectionIsAcceptedWithWhatIsDoneInItsPlace(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	head := b.Head(desktest.College)
	a := b.Ask(head, "POST", objection+"/reponse", "issue", "accepted", "reponse", "Nous sommes d'accord.")
	if a.Status != 422 {
		t.Fatalf("%d %s", a.Status, a.Page)
	}
	frametest.Has(t, a.Page, `href="#activite"`, "Nous sommes d'accord.", "Dites ce que la personne fera")
	a = b.Ask(head, "POST", objection+"/reponse", "issue", "refused", "activite", "lire un livre")
	frametest.Has(t, a.Page, `href="#reponse"`, "Écrivez ce que la personne lira")
	a = b.Ask(head, "POST", objection+"/reponse", "issue", "accepted", "reponse", "oui", "service", "inconnu")
	frametest.Has(t, a.Page, `href="#service"`, `value="inconnu"`)
	a = b.Ask(head, "POST", objection+"/delai", "delai", " ")
	frametest.Has(t, a.Page, `href="#delai"`, "Écrivez pourquoi il faut plus de temps")
	frametest.Has(t, b.Sent(t, head, objection+"/reponse", "issue", "accepted", "reponse", "Nous sommes d'accord.", "activite", "lire un livre"), "acceptée", "lire un livre", "Nous sommes d'accord.")
	b.Refused(t, head, 404, "GET", rightsAt+"/AAAA-9999")
}

func TestARefusedObjectionNamesNothingInItsPlace(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	page := b.Sent(t, b.Head(desktest.College), objection+"/reponse", "issue", "refused", "reponse", "Le service est nécessaire.", "activite", "lire un livre")
	frametest.Has(t, page, "refusée", "Le service est nécessaire.")
	frametest.Lacks(t, page, "lire un livre")
}

func TestARequestOfAnotherSchoolIsNone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for status, list := range map[int][]roles.Caller{404: {b.Head(desktest.Other), b.DASEN(), b.Recteur()}, 403: {b.Admin(), b.Teacher(desktest.College), b.Stranger()}} {
		for _, who := range list {
			b.Refused(t, who, status, "GET", access)
			b.Refused(t, who, status, "GET", access+"/envois")
			b.Refused(t, who, status, "POST", access+"/reponse", "issue", "refused", "reponse", "non")
			b.Refused(t, who, status, "POST", access+"/delai", "delai", "x")
			b.Refused(t, who, status, "POST", access+"/remarque", "remarque", "x")
		}
	}
	b.Refused(t, b.DPO(), 403, "POST", access+"/reponse", "issue", "refused", "reponse", "non")
}

func TestWhatIsLateSaysSo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Day("2026-12-24")
	b.Snapshot(t)
	frametest.Has(t, b.Get(t, b.DPO(), rightsAt), "en retard")
}

func (b bench) file(t *testing.T, ref string, kind rights.Kind, uai person.UAI) {
	t.Helper()
	who := rights.Party{Own: []string{person.Key{Authority: "ac", ID: "MARQUE-1"}.Handle(b.Ring)}}
	_, _, err := b.Rights.File(t.Context(), who, rights.Form{
		Ref: ref, Kind: kind, UAI: string(uai), Words: "je demande moi-même", Contact: "camille@exemple.fr",
		Entry: registry.Declaration{ID: "lire-d", ServiceID: "lire", Version: 1, Basis: registry.Basis{Kind: registry.PublicInterest}},
	})
	if err != nil {
		t.Fatal(err)
	}
}
