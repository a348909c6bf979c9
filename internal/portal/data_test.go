package portal_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/portal"
	"ecluse/internal/rights"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// stranger is somebody else, of whom nothing may be seen.
var stranger = person.Key{Authority: "ac", ID: "stranger-MARQUE"}

func TestACopyHoldsEverythingOfOnePersonAndNothingOfAnyoneElse(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		d := drawerIn(t, h)
		d.lived()
		page := d.page("/mes-donnees/tout")
		w := d.ask(http.MethodGet, "/mes-donnees/telecharger", nil)
		if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Content-Disposition"), `filename="mes-donnees.json"`) ||
			w.Header().Get("Cache-Control") != "no-store" || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
			t.Fatalf("%d %v", w.Code, w.Header())
		}
		var file map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &file); err != nil || file["version"] != 1.0 {
			t.Fatalf("version %v, %v", file["version"], err)
		}
		for list, want := range map[string]int{"services": 2, "releases": 2, "answers": 2, "favourites": 2, "requests": 1, "looks": 2} {
			if got, _ := file[list].([]any); len(got) != want {
				t.Errorf("%d %s, want %d", len(got), list, want)
			}
		}
		text := readable(w.Body.String())
		for _, want := range []string{
			"Lina-Prénom", "5EME-Niveau", "5A-Classe", lina.ID, "mes mots à moi", "motif lisible par elle", "disparu", "lire-d", "Niveau", string(desktest.College),
		} {
			if !strings.Contains(page, want) || !strings.Contains(text, want) {
				t.Errorf("%q: on the page %v, in the file %v", want, strings.Contains(page, want), strings.Contains(text, want))
			}
		}
		for name, out := range map[string]string{"page": page, "file": text} {
			if strings.Contains(out, "MARQUE") || strings.Contains(out, "handle-of") || strings.Contains(out, before.ID) {
				t.Errorf("the %s says something of somebody else", name)
			}
		}
		if !strings.Contains(page, "Accord donné") || !strings.Contains(text, `"act": "agreed"`) || strings.Contains(text, "refused") {
			t.Error("what was answered is not the person's own")
		}
	})
}

func TestThePageAndTheFileSayTheSame(t *testing.T) {
	t.Parallel()
	d := newDrawer(t)
	d.lived()
	page := d.page("/mes-donnees/tout")
	var file any
	if err := json.Unmarshal(d.ask(http.MethodGet, "/mes-donnees/telecharger", nil).Body.Bytes(), &file); err != nil {
		t.Fatal(err)
	}
	said := 0
	var walk func(key string, v any)
	walk = func(key string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, one := range v {
				walk(k, one)
			}
		case []any:
			for _, one := range v {
				walk(key, one)
			}
		case string: // words of a list and moments are said otherwise on a page
			if slices.Contains([]string{"label", "values", "school", "words", "reason", "ref", "declaration", "purposes", "kinds"}, key) && v != "identifier" {
				said++
				if !strings.Contains(page, readable(v)) {
					t.Errorf("the file says %s %q and the page does not", key, v)
				}
			}
		}
	}
	walk("", file)
	if said < 20 {
		t.Errorf("only %d were compared", said)
	}
}

func TestEachServiceStandsWithWhatWasSentAndAnsweredAndCanBeDone(t *testing.T) {
	t.Parallel()
	d := newDrawer(t)
	d.lived()
	page := d.page("/mes-donnees")
	cards := strings.Split(page, `<section class="card">`)[1:]
	if len(cards) != 2 {
		t.Fatalf("%d services: %s", len(cards), page)
	}
	for _, want := range []string{"Niveau", "mission de service public", "M'opposer", "quoi=objection", "service=lire"} {
		if !strings.Contains(cards[0], want) {
			t.Errorf("the first lacks %q: %s", want, cards[0])
		}
	}
	if strings.Contains(cards[0], "retirer") || !strings.Contains(cards[1], `href="/mes-donnees/calcul/retirer"`) || !strings.Contains(cards[1], "Accord donné") || strings.Contains(cards[1], "objection") || !strings.Contains(cards[1], "Rien n'a été envoyé") {
		t.Errorf("what can be done is mixed up: %s", cards[1])
	}
	d.answers.of[lina] = append(d.answers.of[lina], portal.Answer{Service: "lire", Act: "closed", At: d.Now(), Instead: "un cahier"})
	if page := d.page("/mes-donnees"); !strings.Contains(page, "ne reçoit plus rien de toi") || !strings.Contains(page, "À la place : un cahier") {
		t.Errorf("a service that is closed for one: %s", page)
	}
}

func TestAServiceThatTheRegisterHasLostIsNotDroppedInSilence(t *testing.T) {
	t.Parallel()
	d := newDrawer(t)
	d.lived()
	e := sent(d.House, lina, "disparu")
	write(t, d.House, e)
	d.answers.of[lina] = append(d.answers.of[lina], portal.Answer{Service: "disparu", Declaration: "x", Version: 1, Act: "agreed", At: d.Now()})
	page := d.page("/mes-donnees")
	if !strings.Contains(page, "disparu") || !strings.Contains(page, "n'est plus au registre") || strings.Count(page, `<section class="card">`) != 3 {
		t.Errorf("%s", page)
	}
}

func TestAnAgreementIsTakenBackOnceAndThePageSaysWhatThatDoes(t *testing.T) {
	t.Parallel()
	d := newDrawer(t)
	d.lived()
	const at = "/mes-donnees/calcul/retirer"
	asks := d.page(at)
	for _, want := range []string{"Plus rien ne part", "connexions en cours", "reste chez lui", "l'effacement", "Garder mon accord"} {
		if !strings.Contains(asks, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if d.ask(http.MethodHead, at, nil); d.answers.withdrawn != 0 {
		t.Error("a page that only asks takes it back")
	}
	proof := d.proof(at)
	for name, bad := range map[string]url.Values{
		"none": {}, "of another service": {"preuve": {d.Ring.MAC("test", "withdraw", "lire")}}, "of another act": {"preuve": {d.Ring.MAC("test", "everywhere", "calcul")}},
	} {
		if d.to(http.MethodPost, at, bad); d.answers.withdrawn != 0 {
			t.Errorf("with a proof %s it is taken back", name)
		}
	}
	d.stale = true
	if to := d.to(http.MethodGet, at, nil); to != "/entrer?vers=data&suite=calcul/retirer" {
		t.Errorf("an old proof leads to %s", to)
	}
	if d.to(http.MethodPost, at, proof); d.answers.withdrawn != 0 {
		t.Error("an old proof is good enough for the form")
	}
	d.stale = false
	d.answers.fail = errors.New("disk")
	if w := d.ask(http.MethodPost, at, proof); w.Code != http.StatusServiceUnavailable {
		t.Errorf("somebody is told that it is done while it is not: %d", w.Code)
	}
	d.answers.fail = nil
	for range 3 { // sent twice, and once more by the back button
		if to := d.to(http.MethodPost, at, proof); to != at || d.answers.withdrawn != 1 {
			t.Errorf("leads to %s, taken back %d times", to, d.answers.withdrawn)
		}
		if done := d.page(at); !strings.Contains(done, "Accord retiré") || !strings.Contains(done, "reste chez lui") || strings.Contains(done, `name="preuve"`) {
			t.Errorf("afterwards: %s", done)
		}
	}
	for _, none := range []string{"lire", "avis", "nothing"} {
		if to := d.to(http.MethodGet, "/mes-donnees/"+none+"/retirer", nil); to != "/mes-donnees" {
			t.Errorf("%s has something to take back at %s", none, to)
		}
	}
	d.kept = true
	d.answered(lina, "calcul", "agreed", -time.Hour)
	if page := d.page(at); !strings.Contains(page, "n'a pas pu te redemander") {
		t.Error("that the source could not ask again is not said")
	}
}

func TestACopyWantsARecentProof(t *testing.T) {
	t.Parallel()
	d := newDrawer(t)
	d.stale = true
	for _, at := range []string{"tout", "telecharger"} {
		if to := d.to(http.MethodGet, "/mes-donnees/"+at, nil); to != "/entrer?vers=data&suite="+at {
			t.Errorf("%s leads to %s", at, to)
		}
	}
}

func TestThisWasNotMeEndsEverythingAndOpensOneIncident(t *testing.T) {
	t.Parallel()
	d := newDrawer(t)
	e := sent(d.House, before, "lire")
	e.Ref, e.Declaration = string(web.NewRef()), "lire-d"
	write(t, d.House, e)
	strange := sent(d.House, stranger, "lire")
	strange.Ref = string(web.NewRef())
	write(t, d.House, strange)
	at := "/historique/" + e.Ref + "/pas-moi"
	asks := d.page(at)
	for _, want := range []string{e.Ref, "72 heures", "Toutes tes connexions", "ne change pas ton mot de passe"} {
		if !strings.Contains(asks, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	proof := d.proof(at)
	for _, nobodys := range []string{strange.Ref, string(web.NewRef()), "x"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if w := d.ask(method, "/historique/"+nobodys+"/pas-moi", proof); w.Code != http.StatusNotFound {
				t.Errorf("%s %s: %d", method, nobodys, w.Code)
			}
		}
	}
	if to := d.to(http.MethodPost, at, url.Values{"preuve": {"x"}}); to != at || len(d.left) != 0 {
		t.Errorf("without a proof: to %s, ended %q", to, d.left)
	}
	d.broken = errors.New("store")
	if w := d.ask(http.MethodPost, at, proof); w.Code != http.StatusServiceUnavailable {
		t.Errorf("somebody is told that all is over while it is not: %d", w.Code)
	}
	d.broken = nil
	var refs []string
	for range 2 {
		w := d.ask(http.MethodPost, at, proof)
		page := readable(w.Body.String())
		for _, want := range []string{"prévenus", "professeur principal", "Lire", "Calcul", "Encore ouvert", "Fermé aussi"} {
			if w.Code != http.StatusOK || !strings.Contains(page, want) {
				t.Errorf("%d, the page lacks %q", w.Code, want)
			}
		}
		refs = append(refs, regexp.MustCompile(`class="reference-number">([^<]+)<`).FindStringSubmatch(page)[1])
		if strings.Contains(page, "/signout") {
			t.Error("somebody who is signed out can sign out")
		}
	}
	if !slices.Equal(d.left, []string{e.Ref, e.Ref}) || refs[0] != refs[1] {
		t.Errorf("ended %q, incidents %q", d.left, refs)
	}
	mine, err := d.Rights.Of(t.Context(), rights.Party{Own: []string{lina.Handle(d.Ring)}})
	if err != nil || len(mine) != 1 || mine[0].Kind != rights.Incident || !slices.Equal(mine[0].Lines, []string{e.Ref}) || mine[0].UAI != desktest.College || mine[0].Ref != refs[0] {
		t.Errorf("%+v, %v", mine, err)
	}
	queue, err := d.RightsOf(t.Context(), d.Head(desktest.College))
	if err != nil || len(queue) != 1 || queue[0].Kind != rights.Incident {
		t.Errorf("the controller's queue: %v, %v", queue, err)
	}
	if asked, err := d.Right(t.Context(), d.DPO(), refs[0]); err != nil || !slices.Equal(asked.Words.Lines, []string{e.Ref}) || len(asked.Words.Who) != 0 {
		t.Errorf("the officer reads %+v, %v", asked.Words, err)
	}
	if queue, err := d.RightsOf(t.Context(), d.Head(desktest.Ecole)); err == nil && len(queue) > 0 {
		t.Error("another school's head sees it")
	}
}

func TestOneButtonEndsAllSessions(t *testing.T) {
	t.Parallel()
	d := newDrawer(t)
	home := d.page("/mes-donnees")
	if !strings.Contains(home, "Mes appareils") || strings.Contains(home, "127.0.0.1") {
		t.Errorf("%s", home)
	}
	proof := d.proof("/mes-donnees")
	if to := d.to(http.MethodPost, "/mes-donnees/partout", url.Values{"preuve": {"x"}}); to != "/mes-donnees" || len(d.left) > 0 {
		t.Errorf("without a proof: %s, %q", to, d.left)
	}
	if to := d.to(http.MethodGet, "/mes-donnees/partout", nil); to != "/mes-donnees" || len(d.left) > 0 {
		t.Errorf("by a link: %s, %q", to, d.left)
	}
	w := d.ask(http.MethodPost, "/mes-donnees/partout", proof)
	if page := readable(w.Body.String()); w.Code != http.StatusOK || !slices.Equal(d.left, []string{""}) || strings.Contains(page, "incident") {
		t.Errorf("%d, ended %q: %s", w.Code, d.left, page)
	}
	d.broken = errors.New("store")
	if w := d.ask(http.MethodPost, "/mes-donnees/partout", proof); w.Code != http.StatusServiceUnavailable {
		t.Errorf("a store that fails: %d", w.Code)
	}
}

func TestAChildIsLedToItsOwnPageAndNobodyToTheWayIn(t *testing.T) {
	t.Parallel()
	d := newDrawer(t)
	e := sent(d.House, lina, "lire")
	e.Ref = string(web.NewRef())
	write(t, d.House, e)
	paths := []string{"", "/calcul/retirer", "/tout", "/telecharger", "/partout"}
	for _, how := range []func(){
		func() { d.audience = web.Child },
		func() { d.audience, d.visitor = web.Adult, pupilOf(desktest.Ecole, person.Pupil) }, // whatever words it reads
	} {
		how()
		for _, path := range paths {
			if to := d.to(http.MethodGet, "/mes-donnees"+path, nil); to != "/historique" {
				t.Errorf("a child comes from %s to %s", path, to)
			}
		}
		if to := d.to(http.MethodPost, "/historique/"+e.Ref+"/pas-moi", url.Values{}); to != "/historique" || len(d.left) > 0 {
			t.Errorf("a child comes to %s", to)
		}
	}
	d.nobody = true
	for _, path := range paths {
		if page := d.page("/mes-donnees" + path); !strings.Contains(page, `href="/entrer?vers=data"`) || strings.Contains(page, `class="card"`) {
			t.Errorf("nobody at %s: %s", path, page)
		}
	}
}

func TestThePagesOfDataAreWholeInEveryWordingAndLanguage(t *testing.T) {
	t.Parallel()
	d := newDrawer(t)
	d.lived()
	e := sent(d.House, lina, "lire")
	e.Ref = string(web.NewRef())
	write(t, d.House, e)
	for _, audience := range []web.Audience{web.Teen, web.Adult} {
		for _, lang := range []string{"fr", "en"} {
			d.audience, d.lang = audience, lang
			for _, path := range []string{"/mes-donnees", "/mes-donnees/tout", "/mes-donnees/calcul/retirer", "/historique/" + e.Ref + "/pas-moi"} {
				w := d.ask(http.MethodGet, path, nil)
				webtest.CheckPage(t, w.Body.String())
				text := readable(w.Body.String())
				if strings.Count(text, "<h1") != 1 || strings.Contains(text, "%!") || !strings.Contains(text, `lang="`+lang+`"`) {
					t.Errorf("%s %s %s: %s", audience, lang, path, text)
				}
				if lang == "fr" && audience == web.Teen && regexp.MustCompile(`(?i)\b(votre|vos|vous)\b`).MatchString(text) {
					t.Errorf("a teenager is said vous at %s: %s", path, regexp.MustCompile(`(?i).{30}\b(votre|vos|vous)\b.{20}`).FindString(text))
				}
				if lang == "fr" && audience == web.Adult && regexp.MustCompile(`(?i)[ >](tu|ton|tes|toi) `).MatchString(text) {
					t.Errorf("an adult is said tu at %s: %s", path, regexp.MustCompile(`(?i).{30}[ >](tu|ton|tes|toi) .{30}`).FindString(text))
				}
			}
		}
	}
}

func TestTheHistoryOffersToSayThatItWasSomebodyElse(t *testing.T) {
	t.Parallel()
	for _, audience := range []web.Audience{web.Child, web.Teen, web.Adult} {
		for _, lang := range []web.Lang{"fr", "en"} {
			kit := webtest.NewWith(t, web.Config{Contributions: []web.Contribution{portal.Pages()}})
			page := readable(webtest.Render(t, kit, lang, "portal/history", portal.HistoryForTests(audience, portal.Line{At: webtest.Now(), Service: "Lire", Ref: "7K3M-9QXT", NotMe: "/historique/7K3M-9QXT/pas-moi"}, portal.Line{At: webtest.Now(), Looked: true})))
			pressed := strings.Contains(page, `href="/historique/7K3M-9QXT/pas-moi"`)
			if pressed == (audience == web.Child) || strings.Contains(page, "7K3M-9QXT</strong>") != (audience == web.Child) {
				t.Errorf("%s %s: %s", audience, lang, page)
			}
			if strings.Count(page, "pas-moi") > 1 {
				t.Error("a look at the desk is said to be a sign-in")
			}
		}
	}
}

// TestNoChildsSchoolIsNamedToAGuardian: whoever looks after a child elsewhere reads of no school that they are not at.
func TestNoChildsSchoolIsNamedToAGuardian(t *testing.T) {
	t.Parallel()
	d := newDrawer(t)
	d.audience = web.Adult
	d.visitor = pupilOf(desktest.College, person.Guardian)
	d.visitor.Wards = []person.Ward{{Child: stranger, Label: "Lina", UAI: desktest.College, Authority: person.Yes}}
	school, _ := d.Snapshot(t).Establishment(desktest.College)
	for _, path := range []string{"/mes-donnees", "/mes-donnees/tout", "/mes-donnees/telecharger"} {
		text := d.page(path)
		if strings.Contains(text, school.Name) || strings.Contains(text, string(desktest.College)) {
			t.Errorf("%s names the school: %s", path, text)
		}
	}
}
