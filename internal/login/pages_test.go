package login

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/consent"
	"ecluse/internal/person"
	"ecluse/internal/pictures"
	"ecluse/internal/registry"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

func notMeForm() notMe {
	return notMe{form: form{Action: "/flow/TXN/notme", Hop: "hop-notme"}, Which: "which-me"}
}

func back() form { return form{Action: "/flow/TXN/back", Hop: "hop-back"} }

func fullSource(a web.Audience) sourcePage {
	return sourcePage{
		Frame: web.Frame{Audience: a, Here: "/flow/TXN", WayBack: web.WayBack{Label: "ENT Démo", URL: "https://ent.example/"}},
		Form:  form{Action: "/flow/TXN/source", Hop: "hop-source"}, Service: "Liretou", Back: back(),
		Sources: []choice{{Value: "ent", Label: "ENT Démo"}, {Value: "guichet", Label: "Guichet de l'académie", Detail: "Personnels"}},
	}
}

func fullPlace(a web.Audience) placePage {
	return placePage{
		Frame: web.Frame{Audience: a, Here: "/flow/TXN"}, Form: form{Action: "/flow/TXN/place", Hop: "hop-place"},
		Service: "Liretou", Back: back(),
		Places: []placeChoice{
			{Value: "0", Which: "which-0", School: "École Jules-Ferry", Town: "Chartres", Profile: person.Teacher, ShowProfile: true},
			{Value: "1", Which: "which-1", School: "École Jules-Ferry", Town: "Chartres", Profile: person.Head, ShowProfile: true},
			{Value: "2", Which: "which-2", School: "Collège Jean-Moulin", Town: "Dreux", Profile: person.Guardian, Child: "Lina"},
		},
	}
}

func fullInform(a web.Audience) informPage {
	return informPage{
		Frame: web.Frame{Audience: a, Here: "/flow/TXN"}, Form: form{Action: "/flow/TXN/inform", Hop: "hop-inform"},
		Digest: "the-digest", Act: consent.Informed, Changed: true, First: "Lina", Service: "Liretou",
		Sentence: "Liretou propose des histoires à lire.", School: "École Jules-Ferry", Pseudonym: true,
		Sent: []sentItem{
			{Attr: "uai", Label: "ton école", Values: []string{"0281234A"}, Why: "ranger les lectures par école"},
			{Attr: "profile", Label: "que tu es élève", Values: []string{"National_ELV"}, Why: "montrer les bons livres"},
			{Attr: "classes", Label: "ta classe", Values: []string{"CE2 B", "Groupe bleu"}, Why: "retrouver sa maîtresse"},
			{Attr: "pseudonym", Label: "un numéro secret fait pour ce site", Values: []string{strings.Repeat("9f", 64)}, Why: "garder la page en cours"},
		},
		NotSent: []keptItem{
			{Label: "ton prénom"},
			{Label: "ton nom de famille"},
			{Label: "tes groupes", Reveals: true, Neutral: "le niveau seul"},
			{Label: "ton adresse mail"},
			{Label: "ton identifiant"},
			{Label: "ta date de naissance"},
		},
		Purposes: []string{"Faire lire les élèves.", "Suivre leurs progrès."},
		Controller: registry.Controller{
			Name: "Académie de Démo", Office: "le recteur ou son délégué", DPO: "dpo@academie.example",
		},
		Supplier: "Liretou SAS", Basis: registry.PublicInterest, Retention: "Jusqu'à la fin de l'année scolaire",
		Hosting: []string{"FR", "IS"}, Reference: "lecture-2026 v3", NotMe: notMeForm(), Ref: "K7Q2-9FM7",
	}
}

func fullRefusal(a web.Audience, code string) refusalPage {
	return refusalPage{
		Frame: web.Frame{Audience: a, Here: "/flow/TXN"}, Code: code, Service: "DessinPlus", Office: "le recteur ou son délégué",
		Date: time.Date(2026, time.November, 20, 23, 0, 0, 0, time.UTC), Message: "Un contrôle est en cours.",
		School: "École Jules-Ferry", MinAge: 13, Profiles: person.Profiles(), Attribute: "Prénom", Source: "ENT Démo",
		Alternatives: []alternative{
			{Name: "Atelier Couleurs", Sentence: "Pour peindre à l'écran.", URL: "/go/couleurs"}, {Name: "MusÉcole", URL: "/go/musecole"},
		},
		Ref: "K7Q2-9FM7", BackForm: back(), HasBack: true,
	}
}

func fullRecognise(a web.Audience) recognisePage {
	return recognisePage{
		Frame: web.Frame{Audience: a, Here: "/flow/TXN", SignOut: "/signout"}, Form: form{Action: "/flow/TXN/recognise", Hop: "hop-me"},
		NotMe: notMeForm(), Service: "Liretou", First: "Lina", Called: "Lina M.", School: "École Jules-Ferry", Profile: person.Pupil, Account: "ENT Démo",
	}
}

func fullWish(a web.Audience) wishPage {
	return wishPage{
		Frame: web.Frame{Audience: a, Here: "/demander/lire", SignOut: "/signout"}, Action: "/demander/lire", Proof: "proof", Service: "Liretou",
		Places: []wishPlace{{UAI: "0281234A", School: "École Jules-Ferry", Chosen: true}, {UAI: "0281235B"}}, Reason: "Pour lire.", Trouble: "long", Home: "/mes-sites",
	}
}

func everyFate() []endedService {
	return []endedService{
		{Name: "Closed", Fate: fateClosed},
		{Name: "Told", Fate: fateUnsaid},
		{Name: "Later", Fate: fateQueued},
		{Name: "Open", Fate: fateOpen},
	}
}

func fullSignOut(a web.Audience) signOutPage {
	return signOutPage{
		Frame: web.Frame{Audience: a}, Ended: true,
		Services: []endedService{{Name: "Liretou", Fate: fateClosed}, {Name: "Suite", Fate: fateOpen}, {Fate: fateOpen}},
	}
}

func accountSpecimen(a web.Audience, left account) specimen {
	return specimen{"login/signout", signOutPage{Frame: web.Frame{Audience: a}, Ended: true, Asked: true, Account: &left, Services: []endedService{{Name: "Suite", Fate: fateOpen}}}}
}

// specimen is a page with what it is given.
type specimen struct {
	page string
	data any
}

// specimens are the values that every page is tried with, by what is remarkable about them.
func specimens(a web.Audience) map[string]specimen {
	out := map[string]specimen{
		"source full": {"login/source", fullSource(a)}, "place full": {"login/place", fullPlace(a)},
		"inform full": {"login/inform", fullInform(a)}, "refusal full": {"login/refusal", fullRefusal(a, "expired")},
		"signout full": {"login/signout", fullSignOut(a)},
		"source empty": {"login/source", sourcePage{Frame: web.Frame{Audience: a}}},
		"place empty":  {"login/place", placePage{Frame: web.Frame{Audience: a}}},
		"inform empty": {"login/inform", informPage{Frame: web.Frame{Audience: a}}},
		"refusal empty": {"login/refusal", refusalPage{
			Frame: web.Frame{Audience: a}, Code: "unknown_service",
		}},
		"recognise full":  {"login/recognise", fullRecognise(a)},
		"recognise empty": {"login/recognise", recognisePage{Frame: web.Frame{Audience: a}}},
		"used full": {"login/used", usedPage{
			Frame:   web.Frame{Audience: a, Here: "/flow/TXN", WayBack: web.WayBack{Label: "ENT Démo", URL: "https://ent.example/"}},
			Service: "Liretou", Onward: "/go/lire?source=ent", Home: "/mes-sites",
		}},
		"used empty": {"login/used", usedPage{Frame: web.Frame{Audience: a}}},
		"wish full":  {"login/wish", fullWish(a)},
		"wish empty": {"login/wish", wishPage{Frame: web.Frame{Audience: a}}},
		"wish sent":  {"login/wish", wishPage{Frame: web.Frame{Audience: a}, Sent: true, Service: "Liretou", School: "École Jules-Ferry", Home: "/mes-sites"}},
		"signout notme": {"login/signout", signOutPage{
			Frame: web.Frame{Audience: a}, Ended: true, Next: "/flow/TXN", Services: []endedService{{Name: "Liretou", Fate: fateOpen}},
		}},
		"signout empty":   {"login/signout", signOutPage{Frame: web.Frame{Audience: a}}},
		"signout ended":   {"login/signout", signOutPage{Frame: web.Frame{Audience: a}, Ended: true}},
		"signout account": accountSpecimen(a, account{Name: "Mon ENT", URL: "/signout/source/ID"}),
		"signout shared":  accountSpecimen(a, account{Name: "Mon ENT", URL: "/signout/source/ID", Shared: true}),
		"signout stays":   accountSpecimen(a, account{Name: "Mon ENT"}),
		"signout silent":  accountSpecimen(a, account{Name: "Mon ENT", Failed: true}),
		"signout unknown": accountSpecimen(a, account{}),
		"signout asked by a service": {"login/signout", signOutPage{
			Frame: web.Frame{Audience: a}, SignedIn: true, Action: "/signout/asked/ID", Asker: "Liretou",
		}},
		"signout every fate": {"login/signout", signOutPage{
			Frame: web.Frame{Audience: a}, Ended: true, Asked: true, Rest: "/signout/next", Reply: "/signout/back", Asker: "Liretou",
			Frames: []string{"https://suite.example/quit?sid=1"}, Services: everyFate(),
		}},
		"signout back": {"login/signout", signOutPage{
			Frame: web.Frame{Audience: a}, Ended: true, Asked: true, Reply: "/signout/back", Asker: "Liretou", Services: everyFate(),
		}},
		"signout ask": {"login/signout", signOutPage{Frame: web.Frame{Audience: a}, SignedIn: true, Action: "/signout"}},
	}
	for _, trouble := range []string{"unavailable", "cancelled", "rejected"} {
		page := fullSource(a)
		page.Trouble = trouble
		out["source "+trouble] = specimen{"login/source", page}
	}
	asked := fullInform(a)
	asked.Act, asked.Changed, asked.Basis, asked.Pseudonym = consent.Agreed, false, registry.Consent, false
	out["inform agreed"] = specimen{"login/inform", asked}
	out["declined full"] = specimen{"login/declined", declinedPage{
		Frame: web.Frame{Audience: a, Here: "/flow/TXN"}, Form: form{Action: "/flow/TXN/inform", Hop: "hop"}, Back: back(),
		Service: "Liretou", At: time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC), Ref: "K7Q2-9FM7",
	}}
	out["declined empty"] = specimen{"login/declined", declinedPage{Frame: web.Frame{Audience: a}}}
	otherwise := fullInform(a)
	otherwise.Changes = everyChange(a)
	out["inform changes"] = specimen{"login/inform", otherwise}
	nothing := fullInform(a)
	nothing.Sent, nothing.NotSent = nil, nil
	out["inform nothing"] = specimen{"login/inform", nothing}
	return out
}

func audiences() []web.Audience { return []web.Audience{web.Child, web.Teen, web.Adult} }

func TestEveryPageRendersFullAndEmptyToEverybody(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	for name, specimen := range specimens(web.Adult) {
		t.Run(name, func(t *testing.T) {
			webtest.RenderAll(t, kit, specimen.page, func(a web.Audience) any { return specimens(a)[name].data })
		})
	}
}

// render prints one page and gives it as a reader sees its characters.
func render(t *testing.T, kit *web.Kit, lang web.Lang, page string, data any) string {
	t.Helper()
	return html.UnescapeString(webtest.Straight(webtest.Render(t, kit, lang, page, data)))
}

func wantAll(t *testing.T, page string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// plain undoes the typographic spaces, so that tests are written with ordinary ones.
func plain(s string) string { return strings.NewReplacer("\u202f", " ", "\u00a0", " ").Replace(s) }

func TestFormsCarryTheProofOfTheirStep(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	back := `<form method="post" action="/flow/TXN/back">` + "\n" + `<input type="hidden" name="hop" value="hop-back">`
	for _, a := range audiences() {
		page := render(t, kit, web.French, "login/source", fullSource(a))
		wantAll(t, page, back, `action="/flow/TXN/source"`, `name="hop" value="hop-source"`,
			`name="source" value="ent"`, `name="source" value="guichet"`)

		page = render(t, kit, web.French, "login/inform", fullInform(a))
		wantAll(t, page, `action="/flow/TXN/inform"`, `name="hop" value="hop-inform"`, `name="digest" value="the-digest"`,
			`name="act" value="informed"`, `name="act" value="refused"`, `action="/flow/TXN/notme"`, `name="which" value="which-me"`)

		page = render(t, kit, web.French, "login/refusal", fullRefusal(a, "not_here"))
		wantAll(t, page, back, "/go/couleurs", "/go/musecole", "K7Q2-9FM7")

		page = render(t, kit, web.French, "login/signout", signOutPage{Frame: web.Frame{Audience: a}, SignedIn: true, Action: "/signout"})
		wantAll(t, page, `<form method="post" action="/signout">`)
	}
}

func TestEachPlaceTravelsWithItsOwnProof(t *testing.T) {
	t.Parallel()
	page := render(t, webtest.New(t, Pages()), web.French, "login/place", fullPlace(web.Adult))
	forms := regexp.MustCompile(`(?s)<form .*?</form>`).FindAllString(page, -1)
	if len(forms) != 4 {
		t.Fatalf("%d forms, want one for each of three places and one for the way back", len(forms))
	}
	for i, value := range []string{"0", "1", "2"} {
		wantAll(t, forms[i], `action="/flow/TXN/place"`, `name="hop" value="hop-place"`,
			`name="which" value="which-`+value+`"`, `name="place" value="`+value+`"`)
		if n := strings.Count(forms[i], `name="which"`); n != 1 {
			t.Errorf("form %d has %d proofs", i, n)
		}
	}
	wantAll(t, page, "Enseignement", "Direction", "Pour Lina")
}

func TestConsentOffersYesAndNoAsEqualButtons(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	asked := fullInform(web.Adult)
	asked.Act = consent.Agreed
	page := render(t, kit, web.French, "login/inform", asked)
	wantAll(t, page, `name="act" value="agreed"`, `name="act" value="refused"`, "vous demande votre accord")
	if strings.Contains(page, `value="informed"`) {
		t.Error("a page that asks offers to be merely informed")
	}
	if n := strings.Count(page, `name="act"`); n != 2 {
		t.Errorf("%d answers, want 2", n)
	}
}

func TestInformationShowsEveryValueAndWhatIsKeptBack(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	for _, a := range audiences() {
		data := fullInform(a)
		page := render(t, kit, web.French, "login/inform", data)
		for _, item := range data.Sent {
			wantAll(t, page, append([]string{item.Label, item.Why}, item.Values...)...)
		}
		for _, kept := range data.NotSent {
			wantAll(t, page, kept.Label, kept.Neutral)
		}
		wantAll(t, page, data.Purposes...)
		wantAll(t, page, "Académie de Démo", "le recteur ou son délégué", "dpo@academie.example", "Liretou SAS",
			"La mission de service public", data.Retention, "France, IS", data.Reference)
	}
}

// TestAChildsPageOfInformationHasOnePictureAndTwoButtonsAndKeepsTheRestForTheGrownUp reads what stands open on it.
func TestAChildsPageOfInformationHasOnePictureAndTwoButtonsAndKeepsTheRestForTheGrownUp(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	folded := regexp.MustCompile(`(?s)<details.*</details>`)
	for _, a := range audiences() {
		data := fullInform(a)
		data.Picture = pictures.Inline("livre")
		page := render(t, kit, web.French, "login/inform", data)
		_, main, _ := strings.Cut(page, "<main")
		main, _, _ = strings.Cut(main, "</main>")
		open := folded.ReplaceAllString(main, "")
		child := a == web.Child
		if got := strings.Count(main, string(data.Picture)); (got == 1) != child {
			t.Errorf("%s: the picture stands there %d times", a, got)
		}
		if child && (strings.Contains(open, "<a ") || strings.Contains(open, "Et si je dis non") || strings.Count(open, "<button") != 3) {
			t.Errorf("a child is shown more than the question, the answer and who it is not: %s", open)
		}
		wantAll(t, main, `href="/historique"`)
		if child {
			wantAll(t, main, "Et si je dis non")
		}
	}
}

func TestServiceThatGetsNothingStillGetsANumber(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	for _, a := range audiences() {
		data := fullInform(a)
		data.Sent = nil
		page := plain(render(t, kit, web.French, "login/inform", data))
		if a == web.Child {
			wantAll(t, page, "Liretou reçoit seulement un numéro")
			continue
		}
		if a == web.Child {
			wantAll(t, page, "Liretou reçoit seulement un numéro")
			continue
		}
		wantAll(t, page, "Liretou ne reçoit rien d'autre qu'un numéro")
	}
}

// TestValuesStayOutOfAttributes keeps what is personal in the text of a page: addresses and attributes end in histories
// and logs.
func TestValuesStayOutOfAttributes(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	tags := regexp.MustCompile(`<[^>]*>`)
	for _, a := range audiences() {
		data := fullInform(a)
		for _, tag := range tags.FindAllString(render(t, kit, web.French, "login/inform", data), -1) {
			for _, item := range data.Sent {
				for _, value := range append([]string{data.First, data.School}, item.Values...) {
					if strings.Contains(tag, value) {
						t.Errorf("%q stands in %s", value, tag)
					}
				}
			}
		}
		for _, tag := range tags.FindAllString(render(t, kit, web.French, "login/place", fullPlace(a)), -1) {
			if strings.Contains(tag, "Lina") || strings.Contains(tag, "Jules-Ferry") {
				t.Errorf("a place stands in %s", tag)
			}
		}
	}
}

func TestEveryRefusalExplainsItselfInBothLanguagesToEverybody(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	for _, code := range Reasons() {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			webtest.RenderAll(t, kit, "login/refusal", func(a web.Audience) any { return fullRefusal(a, code) })
			webtest.RenderAll(t, kit, "login/refusal", func(a web.Audience) any {
				return refusalPage{Frame: web.Frame{Audience: a}, Code: code}
			})
		})
	}
}

func TestExpiredRefusalTellsTheDay(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	for _, a := range audiences() {
		page := render(t, kit, web.French, "login/refusal", fullRefusal(a, "expired"))
		wantAll(t, page, "samedi 21 novembre 2026") // the day in Paris, which begins at 23:00 UTC
	}
	wantAll(t, render(t, kit, web.French, "login/refusal", fullRefusal(web.Adult, "expired")),
		"Sa déclaration a pris fin le samedi 21 novembre 2026.")
	page := render(t, kit, web.French, "login/refusal", fullRefusal(web.Adult, "not_here"))
	if strings.Contains(page, "novembre") {
		t.Error("a date is shown that means nothing there")
	}
}

func TestRefusalSaysWhoCanAct(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	wantAll(t, plain(render(t, kit, web.French, "login/refusal", fullRefusal(web.Adult, "not_approved"))),
		"La décision revient à : le recteur ou son délégué.")
	unnamed := fullRefusal(web.Adult, "no_declaration")
	unnamed.Office = ""
	wantAll(t, render(t, kit, web.French, "login/refusal", unnamed), "La direction de l'établissement ou le délégué")
	for _, code := range Reasons() {
		page := render(t, kit, web.French, "login/refusal", fullRefusal(web.Child, code))
		wantAll(t, page, "ce numéro", "K7Q2-9FM7")
	}
}

func TestRefusalWithoutWayBackOffersNone(t *testing.T) {
	t.Parallel()
	data := fullRefusal(web.Adult, "unknown_return_address")
	data.HasBack, data.BackForm = false, form{}
	page := render(t, webtest.New(t, Pages()), web.French, "login/refusal", data)
	if strings.Contains(page, "<form") {
		t.Error("there is a form, and nowhere to go")
	}
}

func TestSignOutTellsWhatStaysOpen(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	page := plain(render(t, kit, web.French, "login/signout", fullSignOut(web.Adult)))
	open, closed, found := strings.Cut(page, "Ce service est fermé")
	if !found {
		t.Fatal("what was ended is not told")
	}
	wantAll(t, open, "Ces services restent peut-être ouverts", "Suite", "ce service")
	if strings.Contains(open, "<span>Liretou</span>") || !strings.Contains(closed, "<span>Liretou</span>") {
		t.Error("a service that was ended is told to be open")
	}
	nothing := render(t, kit, web.French, "login/signout", signOutPage{Ended: true})
	if strings.Contains(nothing, "Ces services") || strings.Contains(nothing, "Ce service") {
		t.Error("services are spoken of and there are none")
	}
}

func TestProfilesAndBasesHaveWords(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	for _, lang := range []web.Lang{web.French, web.English} {
		refusal := render(t, kit, lang, "login/refusal", fullRefusal(web.Adult, "not_for_profile"))
		for _, profile := range person.Profiles() {
			place := fullPlace(web.Adult)
			place.Places = []placeChoice{{Value: "0", School: "École", Profile: profile, ShowProfile: true}}
			if strings.Contains(refusal, string(profile)) || strings.Contains(render(t, kit, lang, "login/place", place), string(profile)) {
				t.Errorf("profile %s has no word in %s", profile, lang)
			}
		}
		for _, basis := range []registry.BasisKind{
			registry.PublicInterest, registry.LegalObligation, registry.Consent, registry.Contract, registry.LegitimateInterest,
		} {
			data := fullInform(web.Adult)
			data.Basis = basis
			if strings.Contains(render(t, kit, lang, "login/inform", data), ">"+string(basis)+"<") {
				t.Errorf("basis %s has no words in %s", basis, lang)
			}
		}
	}
}

func TestOnlyWhoHasChildrenIsAskedForWhich(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	teacher := placePage{Frame: web.Frame{Audience: web.Adult}, Places: []placeChoice{{School: "Collège A", Profile: person.Teacher}, {School: "Collège B", Profile: person.Teacher}}}
	guardian := teacher
	guardian.Places = append(slices.Clone(teacher.Places), placeChoice{Child: "Lina", Profile: person.Guardian})
	for lang, words := range map[web.Lang]string{web.French: "pour quel enfant", web.English: "for which child"} {
		for page, want := range map[*placePage]bool{&teacher: false, &guardian: true} {
			if got := strings.Contains(plain(render(t, kit, lang, "login/place", *page)), words); got != want {
				t.Errorf("%s: %q is asked: %v, want %v", lang, words, got, want)
			}
		}
	}
}
