package portal_test

import (
	"context"
	"crypto/tls"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/portal"
	"ecluse/internal/registry"
	"ecluse/internal/rights"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// counter is an academy with the pages of rights of one visitor, who may be changed.
type counter struct {
	*desktest.House
	t        *testing.T
	ledger   *consent.Ledger
	mux      *web.Mux
	visitor  person.Person
	audience web.Audience
	lang     string
}

// pupilOf is somebody in an establishment.
func pupilOf(uai person.UAI, profile person.Profile) person.Person {
	return person.Person{Key: lina, Affiliations: []person.Affiliation{{UAI: uai, Profile: profile}}}
}

// entryOf is an approved entry for the collège and the école.
func entryOf(service string, basis registry.BasisKind) registry.Declaration {
	d := desktest.ForSchools(desktest.College, desktest.Ecole)
	d.ID, d.ServiceID, d.Version, d.State, d.Since = service+"-d", service, 1, registry.Approved, desktest.Start()
	d.Basis.Kind = basis
	d.Controller.DPO = "dpd@exemple.fr"
	return d
}

func newCounter(t *testing.T) *counter {
	t.Helper()
	h := desktest.New(t)
	c := &counter{House: h, t: t, ledger: h.TakeRights(t), visitor: pupilOf(desktest.College, person.Pupil), audience: web.Teen, lang: "fr"}
	h.Apply(t, registry.Change{Declarations: []registry.Declaration{entryOf("lire", registry.PublicInterest), entryOf("calcul", registry.Consent)}})
	kit := webtest.NewWith(t, web.Config{Contributions: []web.Contribution{portal.RightsPages()}})
	c.mux = web.NewMux(kit)
	portal.MountRights(c.mux, portal.RightsConfig{
		Kit: kit, Live: h.Live, Words: h.Words, Events: h.DB.Audit(), Now: h.Now, Requests: h.Rights, Enter: "/entrer",
		Sent: h.Sent, About: func(handle string) string { return rights.WhomOf(h.Ring, handle) },
		Own: func(_ context.Context, key person.Key) ([]string, error) {
			own := []string{key.Handle(h.Ring)}
			if key == lina {
				own = append(own, before.Handle(h.Ring))
			}
			return own, nil
		},
		Children: func(_ context.Context, who person.Person) ([]person.Ward, error) { return who.Wards, nil },
		Visitor: func(r *http.Request) (person.Person, web.Frame, bool, error) {
			return c.visitor, web.Frame{Audience: c.audience}, r.Header.Get("X-Nobody") == "", nil
		},
	})
	return c
}

func (c *counter) ask(method, path string, form url.Values) *httptest.ResponseRecorder {
	c.t.Helper()
	c.Snapshot(c.t)
	r := httptest.NewRequest(method, webtest.Origin+path, strings.NewReader(form.Encode()))
	r.TLS = &tls.ConnectionState{}
	r.Header.Set("Accept-Language", c.lang)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	w := httptest.NewRecorder()
	c.mux.ServeHTTP(w, r)
	if w.Code >= 500 {
		c.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return w
}

// page is a page as its reader sees it, with the spaces of French typography made plain.
func (c *counter) page(path string) string {
	c.t.Helper()
	return readable(c.ask(http.MethodGet, path, nil).Body.String())
}

func readable(page string) string {
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ", "’", "'").Replace(html.UnescapeString(page))
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)">`)

// fields are what a form sends by itself.
func (c *counter) fields(path string) url.Values {
	c.t.Helper()
	out := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(c.ask(http.MethodGet, path, nil).Body.String(), -1) {
		out.Set(m[1], html.UnescapeString(m[2]))
	}
	return out
}

const lireForm = "/mes-droits/demande?etablissement=" + string(desktest.College) + "&service=lire"

// send fills the form about a service and sends it; it gives the address of the request.
func (c *counter) send(path string, more url.Values) string {
	c.t.Helper()
	form := c.fields(path)
	for name, values := range more {
		form[name] = values
	}
	w := c.ask(http.MethodPost, "/mes-droits/demande", form)
	if w.Code != http.StatusSeeOther {
		c.t.Fatalf("%d %s", w.Code, w.Body)
	}
	to, _, _ := strings.Cut(w.Header().Get("Location"), "?")
	return to
}

func objecting() url.Values {
	return url.Values{"quoi": {"objection"}, "texte": {"à cause de MARQUE"}, "arret": {"oui"}, "contact": {"06 MARQUE"}}
}

func (c *counter) shut() bool {
	c.t.Helper()
	said, err := c.ledger.Said(c.t.Context(), []string{c.visitor.Key.Handle(c.Ring)}, "lire")
	if err != nil {
		c.t.Fatal(err)
	}
	return consent.Question{}.Weigh(said).Answer == consent.Shut
}

func TestSomebodyObjectsReadsTheAnswerAndTakesItBack(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	if text := c.page("/mes-droits"); !strings.Contains(text, html.EscapeString("service=lire")) && !strings.Contains(text, "service=lire") || strings.Contains(text, "service=bureau") {
		t.Fatalf("what can be asked about: %s", text)
	}
	one := c.send(lireForm, objecting())
	ref := strings.TrimPrefix(one, "/mes-droits/")
	text := c.page(one + "?fait=envoye")
	for _, want := range []string{"La demande est envoyée", "mardi 22 décembre 2026", ref, "à cause de MARQUE", "06 MARQUE", "arrêtés pour toi", "dpd@exemple.fr", "Annuler"} {
		if !strings.Contains(text, want) {
			t.Errorf("the request does not say %q: %s", want, text)
		}
	}
	if !c.shut() {
		t.Error("nothing stops meanwhile")
	}
	if text := c.page("/mes-droits"); !strings.Contains(text, ref) || !strings.Contains(text, "En attente de réponse") {
		t.Errorf("the list: %s", text)
	}
	_, err := c.AnswerRight(t.Context(), c.Head(desktest.College), ref, desk.RightAnswer{
		Outcome: rights.Accepted, Text: "D'accord.\nBonne lecture", Instead: rights.Instead{Service: "calcul"},
	})
	if err != nil {
		t.Fatal(err)
	}
	text = c.page(one)
	for _, want := range []string{"D'accord.\nBonne lecture", "chef d'établissement", "ne reçoit plus rien sur toi", "À la place", "calcul", "22 janvier 2027"} {
		if !strings.Contains(text, want) {
			t.Errorf("the answer does not say %q: %s", want, text)
		}
	}
	for range 2 { // twice is once
		if w := c.ask(http.MethodPost, one+"/lu", url.Values{"x": {"1"}}); w.Code != http.StatusSeeOther {
			t.Fatalf("%d", w.Code)
		}
	}
	if text = c.page(one); strings.Contains(text, "MARQUE") || strings.Contains(text, "D'accord.") || !strings.Contains(text, "ne reçoit plus rien") || !strings.Contains(text, "calcul") {
		t.Errorf("closed: %s", text)
	}
	if text = c.page(one + "/reprendre"); !strings.Contains(text, `action="`+one+`/reprendre"`) {
		t.Errorf("it does not ask before: %s", text)
	}
	for range 2 {
		c.ask(http.MethodPost, one+"/reprendre", url.Values{"x": {"1"}})
	}
	if text = c.page(one + "?fait=reprendre"); c.shut() || !strings.Contains(text, "L'opposition est reprise") || strings.Contains(text, one+"/reprendre") {
		t.Errorf("taken back: shut %v, %s", c.shut(), text)
	}
}

func TestTheSameFormSentTwiceIsOneRequest(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	form := c.fields(lireForm)
	form.Set("quoi", "erasure")
	var at []string
	for range 2 {
		at = append(at, c.ask(http.MethodPost, "/mes-droits/demande", form).Header().Get("Location"))
	}
	if at[0] != at[1] || !strings.HasSuffix(at[0], "?fait=envoye") {
		t.Errorf("%q", at)
	}
	again := c.ask(http.MethodPost, "/mes-droits/demande", mergedWith(c.fields(lireForm), "quoi", "erasure")).Header().Get("Location")
	if to, done, _ := strings.Cut(again, "?"); to != strings.Split(at[0], "?")[0] || done != "fait=deja" {
		t.Errorf("another form for the same: %q", again)
	}
	form.Set("quoi", "access") // the back button, and something else
	other := c.ask(http.MethodPost, "/mes-droits/demande", form).Header().Get("Location")
	if to, done, _ := strings.Cut(other, "?"); to == strings.Split(at[0], "?")[0] || done != "fait=envoye" {
		t.Errorf("the same form for something else: %q", other)
	}
	if n := strings.Count(c.page("/mes-droits"), "Référence"); n != 2 {
		t.Errorf("%d requests", n)
	}
}

func mergedWith(form url.Values, name, value string) url.Values {
	form.Set(name, value)
	return form
}

func TestTheFormOffersAnObjectionOnlyWhereTheLawGivesIt(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	law := entryOf("calcul", registry.LegalObligation)
	law.ID, law.From = "calcul-law", desktest.Day("2026-11-20")
	for name, c2 := range map[string]struct {
		path string
		want string
		may  bool
	}{
		"public interest": {lireForm, "arrêter les envois", true},
		"consent":         {strings.Replace(lireForm, "lire", "calcul", 1), "repose sur ton accord", false},
		"the gateway":     {strings.Replace(lireForm, "lire", registry.House, 1), "la passerelle de connexion", false},
	} {
		text := c.page(c2.path)
		if strings.Contains(text, `value="objection"`) != c2.may || !strings.Contains(text, c2.want) || !strings.Contains(text, `value="access"`) {
			t.Errorf("%s: %s", name, text)
		}
		w := c.ask(http.MethodPost, "/mes-droits/demande", mergedWith(mergedWith(c.fields(c2.path), "quoi", "objection"), "texte", "non"))
		if (w.Code == http.StatusSeeOther) != c2.may {
			t.Errorf("%s: an objection is answered by %d", name, w.Code)
		}
	}
	old := entryOf("calcul", registry.Consent)
	old.State = registry.Suspended
	c.Apply(t, registry.Change{Declarations: []registry.Declaration{old, law}})
	if text := c.page(strings.Replace(lireForm, "lire", "calcul", 1)); strings.Contains(text, `value="objection"`) || !strings.Contains(text, "Une loi ou un contrat") {
		t.Errorf("a legal obligation: %s", text)
	}
}

func TestOneAsksAboutWhatIsDeclaredForOneWhereOneIsAndAboutWhatWasSent(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	staff := entryOf("calcul", registry.PublicInterest)
	staff.ID, staff.Audience.Profiles = "calcul-staff", []person.Profile{person.Teacher}
	old := entryOf("calcul", registry.Consent)
	old.State = registry.Suspended
	c.Apply(t, registry.Change{Declarations: []registry.Declaration{old, staff}})
	if text := c.page("/mes-droits"); strings.Contains(text, "service=calcul") || !strings.Contains(text, "service=lire") || strings.Contains(text, string(desktest.Other)) {
		t.Errorf("a pupil is offered what is for teachers, or what is elsewhere: %s", text)
	}
	send(c, audit.Entry{Subject: c.Sent(lina.Handle(c.Ring), "calcul"), Service: "calcul", UAI: string(desktest.College)})
	if text := c.page("/mes-droits"); !strings.Contains(text, "service=calcul") {
		t.Errorf("what was sent cannot be asked about: %s", text)
	}
	c.visitor.Affiliations[0].Until = c.Now()
	if text := c.page("/mes-droits"); strings.Contains(text, "service=lire") || !strings.Contains(text, "service=calcul") {
		t.Errorf("somebody who has left: %s", text)
	}
}

func TestWhatIsMissingIsSaidAndWhatWasWrittenIsGivenBack(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	form := c.fields(lireForm)
	form.Set("quoi", "rectification")
	form.Set("contact", strings.Repeat("x", 201))
	form.Set("arret", "oui")
	w := c.ask(http.MethodPost, "/mes-droits/demande", form)
	text := readable(w.Body.String())
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(text, `href="#words"`) || !strings.Contains(text, `href="#contact"`) || strings.Contains(text, `href="#kind"`) ||
		!strings.Contains(text, `value="rectification" required checked`) || !strings.Contains(text, `value="oui" checked`) || !strings.Contains(text, `value="`+form.Get("demande")+`"`) {
		t.Errorf("%d %s", w.Code, text)
	}
	for name, bad := range map[string]url.Values{
		"another service": {"service": {"bureau"}}, "another school": {"etablissement": {string(desktest.Other)}}, "somebody's child": {"enfant": {"0123456789abcdef"}},
	} {
		q := c.fields(lireForm)
		for k, v := range bad {
			q[k] = v
		}
		q.Set("quoi", "access")
		if w := c.ask(http.MethodPost, "/mes-droits/demande", q); w.Header().Get("Location") != "/mes-droits" {
			t.Errorf("%s: %d %q", name, w.Code, w.Header().Get("Location"))
		}
	}
	if w := c.ask(http.MethodPost, "/mes-droits/demande", mergedWith(c.fields(lireForm), "demande", "XXXX-XXXX")); w.Code != http.StatusBadRequest {
		t.Errorf("a reference that is none: %d", w.Code)
	}
	if text := c.page("/mes-droits"); strings.Contains(text, "Référence") {
		t.Error("something was filed")
	}
}

func TestAChildOfAnEcoleSeesNoRightsWhateverWordsItReads(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	for name, v := range map[string]struct {
		who      person.Person
		audience web.Audience
		closed   bool
	}{
		"a child":                    {pupilOf(desktest.Ecole, person.Pupil), web.Child, true},
		"who reads the long version": {pupilOf(desktest.Ecole, person.Pupil), web.Adult, true},
		"a teenager in small words":  {pupilOf(desktest.College, person.Pupil), web.Child, true},
		"a teenager":                 {pupilOf(desktest.College, person.Pupil), web.Teen, false},
		"a teacher of an école":      {pupilOf(desktest.Ecole, person.Teacher), web.Adult, false},
		"somebody of nowhere":        {person.Person{Key: lina}, web.Adult, false},
	} {
		c.visitor, c.audience = v.who, v.audience
		for _, path := range []string{"/mes-droits", lireForm, "/mes-droits/AAAA-BBBB"} {
			text := c.page(path)
			if closed := strings.Contains(text, "Montre cet écran"); closed != v.closed {
				t.Errorf("%s at %s: closed %v: %s", name, path, closed, text)
			}
			_, main, _ := strings.Cut(text, "<main")
			main, _, _ = strings.Cut(main, "</main>") // below it the page offers its other version
			if v.closed && (strings.Contains(main, "droit") || strings.Contains(main, "CNIL") || strings.Count(main, "<a ") != 1) {
				t.Errorf("%s reads of rights: %s", name, text)
			}
		}
		if v.closed {
			w := c.ask(http.MethodPost, "/mes-droits/demande", url.Values{"service": {"lire"}, "etablissement": {string(desktest.Ecole)}, "quoi": {"access"}, "demande": {string(web.NewRef())}})
			if w.Code == http.StatusSeeOther {
				t.Errorf("%s files a request", name)
			}
		}
	}
	if list, err := c.RightsOf(t.Context(), c.DPO()); err != nil || len(list) > 0 {
		t.Errorf("%v, %v", list, err)
	}
}

func TestAHolderOfAuthorityAsksForAChildAndNobodyElseDoes(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	child := person.Key{Authority: "ent", ID: "léo"}
	parent := person.Person{Key: person.Key{Authority: "ac", ID: "parent"}, Affiliations: []person.Affiliation{{UAI: desktest.Ecole, Profile: person.Guardian}}}
	parent.Wards = []person.Ward{
		{Child: child, UAI: desktest.Ecole, Authority: person.Yes, Label: "Léo"},
		{Child: person.Key{Authority: "ent", ID: "zoé"}, UAI: desktest.College, Authority: person.No, Label: "Zoé"},
		{Child: person.Key{Authority: "ent", ID: "max"}, UAI: desktest.College, Label: "Max"},
	}
	c.visitor, c.audience = parent, web.Adult
	text := c.page("/mes-droits")
	link := regexp.MustCompile(`/mes-droits/demande\?enfant=[0-9a-f]{16}&etablissement=[0-9a-f]{16}&service=lire`).FindString(text)
	if link == "" || !strings.Contains(text, "Pour Léo") || strings.Contains(text, "Zoé") || strings.Contains(text, "Max") {
		t.Fatalf("%s", text)
	}
	send(c, audit.Entry{Subject: c.Sent(child.Handle(c.Ring), "lire"), Service: "lire", UAI: string(desktest.Ecole), Attributes: []string{"level"}})
	send(c, audit.Entry{Subject: c.Sent(child.Handle(c.Ring), "lire"), Service: "lire", UAI: string(desktest.Ecole), Attributes: []string{"uai", "level"}})
	for _, path := range []string{"/mes-droits", strings.ReplaceAll(link, "&amp;", "&")} {
		for _, never := range []string{string(desktest.Ecole), string(desktest.College), "Jules Ferry", "déjà utilisés"} {
			if text := c.page(path); strings.Contains(text, never) {
				t.Errorf("%s says where the child goes to school, or what it used: %q", path, never)
			}
		}
	}
	if text := c.page(strings.ReplaceAll(link, "&amp;", "&")); !strings.Contains(text, "pour Léo") {
		t.Errorf("the form is for nobody: %s", text)
	}
	one := c.send(link, url.Values{"quoi": {"access"}})
	ref := strings.TrimPrefix(one, "/mes-droits/")
	if text := c.page(one); !strings.Contains(text, "Léo") {
		t.Errorf("%s", text)
	}
	if _, err := c.AnswerRight(t.Context(), c.DASEN(), ref, desk.RightAnswer{Outcome: rights.Accepted, Fiche: true}); err != nil {
		t.Fatal(err)
	}
	text = c.page(one)
	if strings.Count(text, "<h4>") != 1 || !strings.Contains(text, "Niveau") || regexp.MustCompile(`\d h \d\d`).MatchString(text) {
		t.Errorf("a parent reads when the child was where, or not what was sent: %s", text)
	}
	issued, err := c.Fiche(t.Context(), c.DASEN(), ref)
	if err != nil || len(issued) != 1 || !issued[0].At.IsZero() {
		t.Errorf("the controller's list for a parent: %+v, %v", issued, err)
	}
	// the child has requests of its own, and a parent whose authority ended asks nothing more
	c.visitor, c.audience = person.Person{Key: child, Affiliations: []person.Affiliation{{UAI: desktest.College, Profile: person.Pupil}}}, web.Teen
	if w := c.ask(http.MethodGet, one, nil); w.Code != http.StatusNotFound {
		t.Errorf("the child reads what a parent wrote: %d", w.Code)
	}
	parent.Wards[0].Authority = person.No
	c.visitor, c.audience = parent, web.Adult
	if text := c.page("/mes-droits"); strings.Contains(text, "Pour Léo") {
		t.Errorf("%s", text)
	}
	if text := c.page(one); strings.Contains(text, "Léo") || strings.Contains(text, "<h4>") {
		t.Errorf("%s", text)
	}
}

// send writes a release.
func send(c *counter, e audit.Entry) {
	c.t.Helper()
	e.Class, e.Action, e.Outcome, e.Declaration, e.Version = audit.ClassRelease, "release", audit.Released, e.Service+"-d", 1
	if _, err := c.Journal.Append(c.t.Context(), e); err != nil {
		c.t.Fatal(err)
	}
	c.Wait(time.Minute)
}

// TestHardCase37SomebodyReadsTheFicheOfWhatWasSentOfThem: by the names of what was sent, from each of their keys, at this
// service in this establishment, and no longer once they have closed it.
func TestHardCase37SomebodyReadsTheFicheOfWhatWasSentOfThem(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	at := string(desktest.College)
	send(c, audit.Entry{Subject: c.Sent(lina.Handle(c.Ring), "lire"), Service: "lire", UAI: at, Attributes: []string{"level", "uai"}})
	send(c, audit.Entry{Subject: c.Sent(before.Handle(c.Ring), "lire"), Service: "lire", UAI: at})
	send(c, audit.Entry{Subject: c.Sent(lina.Handle(c.Ring), "calcul"), Service: "calcul", UAI: at, Attributes: []string{"classes"}})
	send(c, audit.Entry{Subject: c.Sent(person.Key{Authority: "ac", ID: "x"}.Handle(c.Ring), "lire"), Service: "lire", UAI: at, Attributes: []string{"mail"}})
	one := c.send(lireForm, url.Values{"quoi": {"access"}})
	ref := strings.TrimPrefix(one, "/mes-droits/")
	if text := c.page(one); strings.Contains(text, "<h4>") {
		t.Error("before an answer")
	}
	if _, err := c.AnswerRight(t.Context(), c.Head(desktest.College), ref, desk.RightAnswer{Outcome: rights.Accepted, Fiche: true}); err != nil {
		t.Fatal(err)
	}
	text := c.page(one)
	if strings.Count(text, "<h4>") != 2 || !strings.Contains(text, "Niveau") || strings.Contains(text, "Adresse") || !strings.Contains(text, "rien, sauf un numéro opaque") ||
		!regexp.MustCompile(`\d h \d\d`).MatchString(text) {
		t.Errorf("%s", text)
	}
	c.ask(http.MethodPost, one+"/lu", url.Values{"x": {"1"}})
	if text := c.page(one); strings.Contains(text, "<h4>") {
		t.Error("after it is closed")
	}
}

func TestARefusalIsReadWithItsReasonTheOfficerAndTheCNIL(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	one := c.send(lireForm, url.Values{"quoi": {"erasure"}})
	ref := strings.TrimPrefix(one, "/mes-droits/")
	c.visitor.Key.ID = "another"
	for _, path := range []string{one, one + "/annuler"} {
		if w := c.ask(http.MethodGet, path, nil); w.Code != http.StatusNotFound {
			t.Errorf("somebody else reads %s: %d", path, w.Code)
		}
	}
	if w := c.ask(http.MethodPost, one+"/annuler", url.Values{"x": {"1"}}); w.Code != http.StatusNotFound {
		t.Errorf("somebody else drops it: %d", w.Code)
	}
	c.visitor.Key = lina
	if _, err := c.ExtendRight(t.Context(), c.DPO(), ref, "l'éditeur cherche"); err != nil {
		t.Fatal(err)
	}
	if text := c.page(one); !strings.Contains(text, "l'éditeur cherche") || !strings.Contains(text, "22 février 2027") {
		t.Errorf("%s", text)
	}
	c.Day("2027-02-23")
	if text := c.page(one); !strings.Contains(text, "en retard") || !strings.Contains(text, "La réponse est en retard") {
		t.Errorf("%s", text)
	}
	if _, err := c.AnswerRight(t.Context(), c.Head(desktest.College), ref, desk.RightAnswer{Outcome: rights.Refused, Text: "Le code oblige à garder."}); err != nil {
		t.Fatal(err)
	}
	text := c.page(one)
	for _, want := range []string{"Refusée", "Le code oblige à garder.", "dpd@exemple.fr", "https://www.cnil.fr/fr/plaintes", "Tu peux écrire au délégué"} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q: %s", want, text)
		}
	}
	c.lang, c.audience = "en", web.Adult
	if text := c.page(one); !strings.Contains(text, "Refused") || !strings.Contains(text, "If you do not agree") {
		t.Errorf("%s", text)
	}
	for path, want := range map[string]int{one + "/annuler": http.StatusSeeOther, one + "/manger": http.StatusNotFound, "/mes-droits/0000": http.StatusNotFound} {
		if w := c.ask(http.MethodGet, path, nil); w.Code != want {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestNobodyIsToldToSignIn(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	r := httptest.NewRequest(http.MethodGet, webtest.Origin+"/mes-droits", nil)
	r.TLS = &tls.ConnectionState{}
	r.Header.Set("X-Nobody", "1")
	w := httptest.NewRecorder()
	c.mux.ServeHTTP(w, r)
	if !strings.Contains(w.Body.String(), `href="/entrer"`) || strings.Contains(w.Body.String(), "CNIL") {
		t.Errorf("%s", w.Body)
	}
}

func TestThePagesOfRightsAreWholeInEveryWordingAndLanguage(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	one := c.send(lireForm, objecting())
	for _, audience := range []web.Audience{web.Teen, web.Adult} {
		for _, lang := range []string{"fr", "en"} {
			c.audience, c.lang = audience, lang
			for _, path := range []string{"/mes-droits", lireForm, one, one + "/annuler"} {
				text := c.page(path)
				if strings.Count(text, "<h1") != 1 || strings.Contains(text, "%!") || strings.Contains(text, "<script>") {
					t.Errorf("%s %s %s: %s", audience, lang, path, text)
				}
				if lang == "fr" && audience == web.Teen && regexp.MustCompile(`(?i)\b(votre|vos|vous)\b`).MatchString(strings.ReplaceAll(text, "Rendez-vous", "")) {
					t.Errorf("a teenager is said vous at %s", path)
				}
				if lang == "fr" && audience == web.Adult && regexp.MustCompile(`(?i)[ >](tu|ton|tes|toi) `).MatchString(text) {
					t.Errorf("an adult is said tu at %s: %s", path, regexp.MustCompile(`(?i).{30}[ >](tu|ton|tes|toi) .{30}`).FindString(text))
				}
			}
		}
	}
}

// Whoever asks reads whose answer they will get: that of the school's own controller, as the desk has it, and not of
// whoever the declaration names for a whole academy.
func TestThePageNamesTheFunctionThatAnswers(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	for _, at := range []struct {
		who        person.Profile
		uai        person.UAI
		want, lack string
	}{
		{person.Pupil, desktest.College, "la direction de l'établissement", "le DASEN"},
		{person.Teacher, desktest.Ecole, "le DASEN, pour les écoles publiques", "la direction de"},
	} {
		c.visitor, c.audience = pupilOf(at.uai, at.who), web.Adult
		form := "/mes-droits/demande?etablissement=" + string(at.uai) + "&service=lire"
		for _, page := range []string{form, c.send(form, url.Values{"quoi": {"access"}})} {
			if text := c.page(page); !strings.Contains(text, "Réponse donnée par") || !strings.Contains(text, at.want) || strings.Contains(text, at.lack) {
				t.Errorf("%s, %s: whose answer it is: %s", at.uai, page, text)
			}
		}
	}
}
