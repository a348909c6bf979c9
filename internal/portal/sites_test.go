package portal_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/guardian"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/portal"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

var leads = regexp.MustCompile(`href="/go/([a-z0-9-]+)(?:\?uai=([0-9A-Z]+))?"`)

// TestATileLeadsSomewhereExactlyWhereTheGateOpens asks the gate about everybody and everything, and compares the pages.
func TestATileLeadsSomewhereExactlyWhereTheGateOpens(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	links := 0
	for name, who := range s.people() {
		s.is(name)
		for _, wording := range []web.Audience{web.Child, web.Adult} {
			s.around.Audience = wording
			for _, school := range s.contents.Establishments {
				word := string(school.UAI)
				if !guardian.Names(who, school.UAI) {
					word = marked("etablissement " + word)[:16]
				}
				page := s.page("/mes-sites?etablissement=" + word)
				led := map[string]bool{}
				for _, m := range leads.FindAllStringSubmatch(page, -1) {
					if m[2] == "" { // a guardian's, who has one child here: the sign-in asks for which
						m[2] = string(who.Affiliations[0].UAI)
					}
					led[m[1]+" "+m[2]] = true
				}
				for link := range led {
					service, uai, _ := strings.Cut(link, " ")
					if !opens(s, who, service, person.UAI(uai)) {
						t.Errorf("%s in %s words: a tile leads to %s in %s, and the gate is shut", name, wording, service, uai)
					}
				}
				if wording == web.Child || !member(who, school.UAI) {
					continue
				}
				for _, service := range s.contents.Services {
					want := opens(s, who, service.ID, school.UAI) && service.Start != ""
					if led[service.ID+" "+string(school.UAI)] != want {
						t.Errorf("%s: a tile of %s in %s: %t, the gate says %t", name, service.ID, school.UAI, !want, want)
					}
					links++
				}
			}
		}
	}
	if links < 100 {
		t.Errorf("only %d were compared", links)
	}
}

func member(who person.Person, uai person.UAI) bool {
	return slices.ContainsFunc(who.Affiliations, func(a person.Affiliation) bool { return a.UAI == uai })
}

func opens(s *street, who person.Person, service string, uai person.UAI) bool {
	return slices.ContainsFunc(policy.Places(s.view(), s.now, who, service), func(p policy.Place) bool { return p.UAI == uai })
}

func TestEachStateIsToldToThoseWhomItConcerns(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	for _, c := range []struct{ who, service, want string }{
		{"hugo", "lire", "/go/lire?uai=0280202T"},
		{"hugo", "classe", "/go/classe"},
		{"hugo", "a-ouvrir", ""},     // a pupil is not told what the head has not opened
		{"hugo", "profs", ""},        // nor what is for others
		{"hugo", "grands", ""},       // nor what is for older ones
		{"hugo", "fini", ""},         // nor what is over
		{"hugo", "refuse", ""},       // nor what the head refused
		{"hugo", "brouillon", ""},    // nor what nobody approved
		{"hugo", "rien", ""},         // nor what nobody declared
		{"hugo", "ce2", ""},          // nor what is for another level
		{"hugo", "bureau", ""},       // nor the desk
		{"hugo", "ecluse", ""},       // nor the gateway itself
		{"grand", "grands", "/go/"},  // who is old enough enters
		{"hugo", "suspendu", "susp"}, // what is suspended is told
		{"hugo", "arrete", "suspendu"},
		{"hugo", "ici-suspendu", "Le temps d&#39;une vérification."},
		{"hugo", "profs-suspendu", ""}, // but not to those for whom it never was
		{"claire", "profs-suspendu", "suspendu"},
		{"claire", "a-ouvrir", "À ouvrir par la direction"},
		{"paul", "a-ouvrir", "À ouvrir par la direction"},
		{"hugo", "bientot", "Ferme le samedi 5 décembre 2026"},
		{"hugo", "sans-adresse", "S&#39;ouvre depuis son propre site"},
		{"lina", "ce2", "/go/ce2?uai=0280101H"},
		{"nadia", "lire", `href="/go/lire"`},
		{"marc", "lire", ""},   // no parental authority
		{"parti", "lire", ""},  // gone
		{"ferme", "lire", ""},  // the school is closed
		{"claire", "ce2", ""},  // for pupils' levels it asks nobody else's: see below
		{"lina", "classe", ""}, // opened in another school
	} {
		s.is(c.who)
		got := tile(s.page("/mes-sites"), c.service)
		if c.who == "claire" && c.service == "ce2" {
			if got == "" {
				t.Error("a level keeps a teacher out")
			}
			continue
		}
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s finds %s: %q, want %q", c.who, c.service, got, c.want)
		}
		if shutOne := c.want != "" && !strings.Contains(c.want, "/go/") && c.service != "bientot"; shutOne && strings.Contains(got, "href=\"/go") {
			t.Errorf("%s: what is not open is a link", c.service)
		}
	}
	s.is("hugo")
	if text := tile(s.page("/mes-sites"), "lire"); strings.Contains(text, "Ferme le") {
		t.Error("an end that is far is told")
	}
}

func TestWhatCannotBeSentOrFoundOutIsNoLink(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.is("hugo")
	s.would = func(policy.Place, registry.Service) (portal.Forecast, error) {
		return portal.Forecast{}, &policy.Refusal{Reason: "missing_attribute"}
	}
	text := s.page("/mes-sites")
	if len(leads.FindAllString(text, -1)) != 0 || !strings.Contains(tile(text, "lire"), "il manque une information") || strings.Contains(text, "n&#39;a pas pu") {
		t.Errorf("%s", text)
	}
	s.would = func(_ policy.Place, service registry.Service) (portal.Forecast, error) {
		if service.ID == "lire" {
			return portal.Forecast{}, portal.ErrUnknown
		}
		return portal.Forecast{}, nil
	}
	text = s.page("/mes-sites")
	if strings.Contains(tile(text, "lire"), "href=\"/go") || !strings.Contains(tile(text, "classe"), "/go/classe") || !strings.Contains(text, "Ce qui n&#39;est pas sûr reste fermé") {
		t.Error("a list with a gap is not told, or what is uncertain is open")
	}
}

func TestWhatIsClosedForOnePersonIsNotThereAndParentsAreAskedFirst(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.is("hugo")
	s.would = func(_ policy.Place, service registry.Service) (portal.Forecast, error) {
		switch service.ID {
		case "lire":
			return portal.Forecast{}, portal.ErrClosed
		case "classe":
			return portal.Forecast{}, portal.ErrParents
		}
		return portal.Forecast{}, nil
	}
	text := html.UnescapeString(s.page("/mes-sites"))
	if strings.Contains(text, "s-lire") || strings.Contains(text, "/go/lire") || strings.Contains(text, "fermé") {
		t.Error("somebody who looks on sees what is closed for one person")
	}
	if got := tile(text, "classe"); !strings.Contains(got, "On demande d'abord à tes parents") || strings.Contains(got, "/go/") {
		t.Errorf("%s", got)
	}
	if w := s.do(http.MethodGet, "/mes-sites/lire", nil); w.Code != http.StatusNotFound {
		t.Errorf("its sheet: %d", w.Code)
	}
	s.unread = errAway
	if text := s.page("/mes-sites"); strings.Contains(text, "/go/") || !strings.Contains(text, "n&#39;est pas sûr reste fermé") {
		t.Error("what was said cannot be read, and something is open")
	}
}

func TestAListIsNeverABlankPage(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.stale = true
	if w := s.do(http.MethodGet, "/mes-sites", nil); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "ne peut pas être lue") || strings.Contains(w.Body.String(), "/go/") {
		t.Errorf("%d", w.Code)
	}
	s.stale = false
	s.broken = errAway
	if text := s.page("/mes-sites"); !strings.Contains(text, "/go/lire") || !strings.Contains(text, "préférés ne peuvent pas être lus") || strings.Contains(text, "favori") {
		t.Error("without favourites the list is not whole, or offers to mark")
	}
	s.broken = nil
	for who, want := range map[string]string{"nulle-part": "dans quel établissement", "ferme": "dans quel établissement", "marc": "Aucun service n&#39;est encore ouvert"} {
		s.is(who)
		s.around.Audience = web.Adult
		if text := s.page("/mes-sites"); !strings.Contains(text, want) {
			t.Errorf("%s reads %s", who, text)
		}
	}
	s.contents.Services = nil
	s.contents.Revision++
	s.open()
	for who, want := range map[string]string{"hugo": "n&#39;a pas encore ouvert", "lina": "n&#39;a pas encore choisi de sites", "claire": "Proposer un service", "paul": "Choisir des services approuvés"} {
		s.is(who)
		if text := s.page("/mes-sites"); !strings.Contains(text, want) {
			t.Errorf("%s reads of nothing: %s", who, text)
		}
	}
}

func TestNobodyIsAskedToSignInAndSeesTheSchoolOfThePoster(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.nobody, s.around = true, web.Frame{}
	if text := s.page("/mes-sites"); !strings.Contains(text, `href="/entrer?vers=sites"`) || strings.Contains(text, "/go/") || strings.Contains(text, "/e/aucune") {
		t.Error("nobody is not asked to sign in, or sees a service")
	}
	s.school = ecole
	if text := s.page("/mes-sites"); !strings.Contains(text, "École Jules-Ferry") || !strings.Contains(text, `href="/e/aucune"`) || !strings.Contains(text, "<span>Entrer</span>") {
		t.Error("the school of the poster is not shown")
	}
	s.school = "0280999X"
	if text := s.page("/mes-sites"); strings.Contains(text, "0280999X") {
		t.Error("what somebody wrote into a cookie is shown")
	}
	if w := s.do(http.MethodGet, "/mes-sites/lire", nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/mes-sites" {
		t.Errorf("a sheet for nobody: %d", w.Code)
	}
	if w := s.do(http.MethodPost, "/mes-sites/favoris", url.Values{"service": {"lire"}, "favori": {"oui"}, "etablissement": {string(college)}}); w.Code != http.StatusSeeOther || len(s.marks) != 0 {
		t.Errorf("nobody marks: %d, %v", w.Code, s.marks)
	}
}

func TestWhoIsInSeveralSchoolsSwitchesAndAChildChoosesNothing(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.is("claire")
	if text := s.page("/mes-sites"); !strings.Contains(text, `href="/mes-sites?etablissement=0280303C"`) || strings.Contains(text, "/go/lire?uai=0280303C") {
		t.Error("the first school is not shown with a way to the second")
	}
	if text := s.page("/mes-sites?etablissement=0280303C"); !strings.Contains(text, "/go/lire?uai=0280303C") || strings.Contains(text, "uai=0280202T") || tile(text, "classe") != "" && strings.Contains(tile(text, "classe"), "/go/") {
		t.Error("the second school shows the first one's")
	}
	if text := s.page("/mes-sites?etablissement=" + string(ecole)); strings.Contains(text, "uai=0280101H") {
		t.Error("a school that is not one's own is shown")
	}
	s.is("hugo")
	if text := s.page("/mes-sites"); strings.Contains(text, "etablissement=0280303C") {
		t.Error("a switch for one school")
	}
	s.is("deux")
	s.around.Audience = web.Child
	text := s.page("/mes-sites")
	if !strings.Contains(text, "/go/lire?uai=0280101H") || !strings.Contains(text, "/go/lire?uai=0280202T") {
		t.Error("a child does not find the sites of both schools")
	}
	for _, never := range []string{`name="q"`, "favori", "En savoir plus", "Établissement", "<select", "etablissement="} {
		if strings.Contains(text, never) {
			t.Errorf("a child's page has %q", never)
		}
	}
}

func TestWhoHasChildrenInTwoSchoolsChoosesByTheChildAndReadsNoSchool(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.is("nadia")
	s.around.Audience = web.Adult
	s.who.Affiliations = append(s.who.Affiliations, person.Affiliation{UAI: college, Profile: person.Guardian})
	s.who.Wards = []person.Ward{
		{Child: person.Key{Authority: "ac", ID: "lina"}, UAI: ecole, Authority: person.Yes, Label: "Lina"},
		{Child: person.Key{Authority: "ac", ID: "tom"}, UAI: college, Authority: person.Unknown},
	}
	word := func(uai person.UAI) string { return marked("etablissement " + string(uai))[:16] }
	for _, path := range []string{"/mes-sites", "/mes-sites?etablissement=" + word(college), "/mes-sites/lire?etablissement=" + word(ecole)} {
		text := s.page(path)
		for _, school := range s.contents.Establishments {
			if strings.Contains(text, string(school.UAI)) || school.Name != "" && strings.Contains(text, school.Name) {
				t.Errorf("%s names %s", path, school.UAI)
			}
		}
	}
	text := s.page("/mes-sites")
	for uai, name := range map[person.UAI]string{ecole: ">Lina</a>", college: ">Votre enfant</a>"} {
		if !strings.Contains(text, `href="/mes-sites?etablissement=`+word(uai)+`"`) || !strings.Contains(text, name) {
			t.Errorf("no way to the services at %s", uai)
		}
	}
	if !strings.Contains(text, `href="/go/lire"`) {
		t.Error("a tile leads nowhere")
	}
	form := url.Values{"etablissement": {word(ecole)}, "service": {"lire"}, "favori": {"oui"}}
	if w := s.do(http.MethodPost, "/mes-sites/favoris", form); w.Code != http.StatusSeeOther || !strings.Contains(w.Header().Get("Location"), word(ecole)) || len(s.marks) != 1 {
		t.Errorf("a favourite is not marked: %d, %v", w.Code, s.marks)
	}
	form.Set("etablissement", string(college)) // typed: no word of theirs
	form.Set("service", "classe")
	if w := s.do(http.MethodPost, "/mes-sites/favoris", form); w.Code != http.StatusBadRequest || len(s.marks) != 1 {
		t.Errorf("a school by its UAI is taken: %d, %v", w.Code, s.marks)
	}
}

func TestAFavouriteIsMarkedOnceAndFoundUnderEveryKey(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.is("hugo")
	post := func(service, on string) int {
		w := s.do(http.MethodPost, "/mes-sites/favoris", url.Values{"service": {service}, "favori": {on}, "etablissement": {string(college)}})
		return w.Code
	}
	for range 2 {
		if code := post("lire", "oui"); code != http.StatusSeeOther {
			t.Fatalf("marked: %d", code)
		}
	}
	if text := s.page("/mes-sites"); strings.Count(text, `id="s-lire"`) != 1 || !strings.Contains(text, "Mes préférés") || !strings.Contains(tile(text, "lire"), "★") || strings.Contains(tile(text, "classe"), "★") {
		t.Error("the favourite is not shown once, among the favourites")
	}
	if !s.marks["m hugo"]["lire"] {
		t.Errorf("not filed under today's key: %v", s.marks)
	}
	s.marks["m before hugo"] = map[string]bool{"classe": true}
	if text := s.page("/mes-sites"); !strings.Contains(tile(text, "classe"), "★") {
		t.Error("what was marked under a former key is lost")
	}
	post("classe", "non")
	post("lire", "non")
	post("lire", "non")
	if text := s.page("/mes-sites"); strings.Contains(text, "★") {
		t.Error("a mark outlives its end")
	}
	for _, service := range []string{"profs", "rien", "nulle-part", "ecluse", "", "a-ouvrir"} {
		if code := post(service, "oui"); code != http.StatusBadRequest {
			t.Errorf("%q is marked: %d", service, code)
		}
	}
	s.is("grand")
	s.marks = map[string]map[string]bool{"m hugo": {"lire": true}}
	if text := s.page("/mes-sites"); strings.Contains(text, "★") {
		t.Error("somebody else's favourite is shown")
	}
}

func TestWhatIsLookedForIsFoundWithoutAccentsAndByFacets(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	for i, service := range s.contents.Services {
		switch service.ID {
		case "lire":
			s.contents.Services[i].Listing = &registry.Listing{Subjects: []registry.Term{{Name: "Français"}}, Levels: []registry.Term{{Name: "cycle 4"}}, Vignette: "livre"}
		case "classe":
			s.contents.Services[i].Listing = &registry.Listing{Subjects: []registry.Term{{Name: "Mathématiques"}}, Levels: []registry.Term{{Name: "cycle 4"}}}
		}
	}
	s.contents.Revision++
	s.open()
	s.is("hugo")
	found := func(query string) string {
		var out []string
		text := s.page("/mes-sites?" + query)
		for _, id := range []string{"lire", "classe", "bientot"} {
			if tile(text, id) != "" {
				out = append(out, id)
			}
		}
		return strings.Join(out, " ")
	}
	for query, want := range map[string]string{
		"": "lire classe bientot", "q=FRANCAIS": "lire", "q=math%C3%A9": "classe", "q=service+lire": "lire", "q=zzz": "",
		"matiere=Fran%C3%A7ais": "lire", "matiere=autre": "", "niveau=cycle+4&matiere=Math%C3%A9matiques": "classe", "q=" + strings.Repeat("x", 500): "",
	} {
		if got := found(query); got != want {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
	text := s.page("/mes-sites?q=" + url.QueryEscape(`"><script>`))
	if strings.Contains(text, `"><script>`) || !strings.Contains(text, "Aucun site ne correspond") {
		t.Error("what was typed is not shown as it is, or nothing is said of it")
	}
	if !strings.Contains(text, `name="matiere"`) || strings.Contains(text, `id="niveau"`) {
		t.Error("a facet that tells nothing apart is offered, or the other is not")
	}
}

func TestStaffSeeWhatPupilsOfALevelSeeAndNobodyElseDoes(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.would = func(policy.Place, registry.Service) (portal.Forecast, error) {
		return portal.Forecast{}, errAway // it is about invented people: their values are nobody's
	}
	s.is("claire")
	text := s.page("/mes-sites?eleves=3EME")
	if tile(text, "profs") != "" || tile(text, "a-ouvrir") != "" || tile(text, "lire") == "" || !strings.Contains(tile(text, "grands"), "15 ans") || !strings.Contains(text, "Niveau") {
		t.Errorf("%s", text)
	}
	if strings.Contains(text, "/go/") || strings.Contains(text, "★") || strings.Contains(text, "favori") || strings.Contains(text, "En savoir plus") {
		t.Error("a pupil's view leads somewhere, or marks")
	}
	if text := s.page("/mes-sites?eleves=CE9"); !strings.Contains(text, "profs") {
		t.Error("a level that nobody knows shows something else than one's own list")
	}
	for _, who := range []string{"hugo", "nadia", "marc"} {
		s.is(who)
		s.around.Audience = web.Adult
		if text := s.page("/mes-sites?eleves=3EME"); strings.Contains(text, "Voici ce que voient") || strings.Contains(text, "Voir ce que voient") {
			t.Errorf("%s looks with pupils' eyes", who)
		}
	}
}

func TestASheetSaysWhatWouldBeSentByNamesAndWhy(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	for wording, want := range map[web.Audience][]string{
		web.Child: {"Service lire va savoir", "ne saura pas", "Revenir"},
		web.Teen:  {"Ce que Service lire recevrait de toi", "choisir le bon niveau", "d-lire v1", "Proposer des lectures"},
		web.Adult: {"Ce que Service lire recevrait de vous", "Délégué à la protection des données", "Éditions du Canal"},
	} {
		s.is("hugo")
		s.around.Audience, s.foreseen = wording, 0
		text := html.UnescapeString(s.page("/mes-sites/lire"))
		if s.foreseen != 1 {
			t.Errorf("%s: what was said of agreement is read %d times for one page", wording, s.foreseen)
		}
		for _, words := range append(want, "Service lire") {
			if !strings.Contains(text, words) {
				t.Errorf("%s: %q is missing", wording, words)
			}
		}
		if wording == web.Child && (strings.Contains(text, "d-lire") || strings.Contains(text, "Responsable")) {
			t.Error("a child reads legal words")
		}
		if strings.Contains(text, "Lien pour la classe") {
			t.Error("a pupil is given a link for the class")
		}
	}
	for _, service := range []string{"profs", "rien", "nulle-part", "ecluse", "bureau", "fini"} {
		if w := s.do(http.MethodGet, "/mes-sites/"+service, nil); w.Code != http.StatusNotFound {
			t.Errorf("a sheet of %s: %d", service, w.Code)
		}
	}
	if w := s.do(http.MethodGet, "/mes-sites/lire?etablissement="+string(ecole), nil); w.Code != http.StatusNotFound {
		t.Errorf("a sheet in a school that is not one's own: %d", w.Code)
	}
	s.is("claire")
	if text := s.page("/mes-sites/lire"); !strings.Contains(text, "https://connexion.example/go/lire?uai=0280202T") {
		t.Error("a teacher is given no link for the class")
	}
	text := s.page("/mes-sites/a-ouvrir")
	if !strings.Contains(text, `href="/go/a-ouvrir?uai=0280202T"`) || !strings.Contains(text, "il ne reçoit rien") || strings.Contains(text, "Lien pour la classe") {
		t.Errorf("a service that is to be enabled: %s", text)
	}
	s.would = func(policy.Place, registry.Service) (portal.Forecast, error) {
		return portal.Forecast{}, portal.ErrUnknown
	}
	if text := s.page("/mes-sites/lire"); strings.Contains(text, "choisir le bon niveau") || strings.Contains(text, "/go/lire") {
		t.Error("what could not be found out is told, or leads on")
	}
}

func TestTheAddressOfTheGatewayLeadsToWhatOneMayOpen(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	for _, nobody := range []bool{true, false} {
		s.nobody = nobody
		if w := s.do(http.MethodGet, "/", nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/mes-sites" {
			t.Errorf("nobody %v: %d to %q", nobody, w.Code, w.Header().Get("Location"))
		}
	}
	if w := s.do(http.MethodGet, "/autre", nil); w.Code != http.StatusNotFound {
		t.Errorf("another address: %d", w.Code)
	}
}
