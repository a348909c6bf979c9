package login

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// TestEveryRefusalIsExplainedToEverybodyInTheirOwnWords walks all codes, wordings and languages: what happened, what to do
// and who can act are said in words made for that reader, and for no two of the three at once.
func TestEveryRefusalIsExplainedToEverybodyInTheirOwnWords(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"fr", "en"} {
		said := texts(t, lang)
		for _, code := range Reasons() {
			for _, audience := range audiences() {
				seen := map[string]string{}
				for _, part := range []string{"title", "what", "do", "who"} {
					wording := said["refusal."+code+"."+part]
					text := heard(wording, audience)
					if text == "" {
						t.Errorf("%s: refusal.%s.%s says nothing to %s", lang, code, part, audience)
					}
					if part != "title" && wording[audience] == "" {
						t.Errorf("%s: refusal.%s.%s has no wording of its own for %s", lang, code, part, audience)
					}
					if other := seen[text]; other != "" {
						t.Errorf("%s: refusal.%s says one thing to %s for %s and %s", lang, code, audience, other, part)
					}
					seen[text] = part
				}
			}
		}
	}
}

// onwards are the ways a refusal page can lead on: back to the service, to the ENT, to one's own pages, to something else.
func onwards() map[string]func(*refusalPage) {
	return map[string]func(*refusalPage){
		"the service":  func(p *refusalPage) { p.HasBack, p.BackForm = true, back() },
		"the ENT":      func(p *refusalPage) { p.WayBack = web.WayBack{Label: "ENT Démo", URL: "https://ent.example/"} },
		"own pages":    func(p *refusalPage) { p.Home = "/mes-sites" },
		"alternatives": func(p *refusalPage) { p.Alternatives = []alternative{{Name: "Autre", URL: "/go/autre"}} },
	}
}

// TestEveryRefusalLeadsOnwardAndShowsItsReference renders every code for everybody, with each single way onward.
func TestEveryRefusalLeadsOnwardAndShowsItsReference(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	leads := regexp.MustCompile(`<main[\s\S]*?(<form|<a [^>]*href="(https://ent|/go/|/mes-sites))[\s\S]*</main>`)
	for _, code := range Reasons() {
		for _, lang := range []web.Lang{web.French, web.English} {
			for _, audience := range audiences() {
				for name, lead := range onwards() {
					data := refusalPage{Frame: web.Frame{Audience: audience}, Code: code, Ref: "K7Q2-9FM7"}
					lead(&data)
					page := render(t, kit, lang, "login/refusal", data)
					if !leads.MatchString(page) {
						t.Fatalf("%s, %s, %s: the page does not lead to %s", code, lang, audience, name)
					}
					if !strings.Contains(page, "K7Q2-9FM7") || strings.Contains(page, ">"+code+"<") {
						t.Fatalf("%s, %s, %s: no reference, or a word of ours", code, lang, audience)
					}
				}
			}
		}
	}
}

func TestADateIsSaidWhereItMeansSomething(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	dated := []policy.Reason{
		policy.NotYet, policy.Expired, policy.Lapsed, policy.DeclarationStopped, policy.SuspendedHere, policy.RefusedHere,
		policy.ServiceSuspended, policy.SourceSuspended, policy.SourceNotDeclared, policy.PlaceClosed, policy.PlaceSuspended,
	}
	for _, code := range Reasons() {
		for _, lang := range []web.Lang{web.French, web.English} {
			for _, audience := range audiences() {
				page := render(t, kit, lang, "login/refusal", fullRefusal(audience, code))
				if got, want := strings.Contains(page, "2026"), slices.Contains(dated, policy.Reason(code)); got != want {
					t.Errorf("%s, %s, %s: a date is shown: %v, want %v", code, lang, audience, got, want)
				}
			}
		}
	}
}

func TestTheRegisterTellsSinceWhen(t *testing.T) {
	t.Parallel()
	stopped := time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC)
	until, closed := registry.Date{Year: 2026, Month: 9, Day: 30}, registry.Date{Year: 2026, Month: 8, Day: 31}
	s := registry.NewSnapshot(registry.Contents{
		Services:       []registry.Service{{ID: "lire", Decisions: []registry.Decision{{At: stopped.Add(-time.Hour)}, {At: stopped}}}},
		Establishments: []registry.Establishment{{UAI: "0010001W", ClosedOn: closed}},
		Sources: []registry.Source{
			{ID: "ent", Decisions: []registry.Decision{{At: stopped}}, Declaration: &registry.SourceDeclaration{Until: until}},
			{ID: "bare"},
		},
	}, time.UTC)
	now := time.Date(2026, 10, 5, 0, 0, 0, 0, time.UTC)
	from := func(source string) *session {
		return &session{Person: person.Person{Authn: person.Authn{Source: source}}}
	}
	for name, c := range map[string]struct {
		refusal *policy.Refusal
		visitor *session
		now     time.Time
		want    time.Time
	}{
		"a service":                       {&policy.Refusal{Reason: policy.ServiceSuspended, Service: "lire"}, nil, now, stopped},
		"a source":                        {&policy.Refusal{Reason: policy.SourceSuspended}, from("ent"), now, stopped},
		"a source nobody decided on":      {&policy.Refusal{Reason: policy.SourceSuspended}, from("bare"), now, time.Time{}},
		"a source's declaration":          {&policy.Refusal{Reason: policy.SourceNotDeclared}, from("ent"), now, until.Starts(time.UTC)},
		"one that is not over":            {&policy.Refusal{Reason: policy.SourceNotDeclared}, from("ent"), stopped.AddDate(0, 0, -1).Add(-9 * time.Hour), time.Time{}},
		"a source without a declaration":  {&policy.Refusal{Reason: policy.SourceNotDeclared}, from("bare"), now, time.Time{}},
		"a school":                        {&policy.Refusal{Reason: policy.PlaceClosed, UAI: "0010001W"}, from("ent"), now, closed.Starts(time.UTC)},
		"a school nobody knows":           {&policy.Refusal{Reason: policy.PlaceClosed, UAI: "0010002X"}, nil, now, time.Time{}},
		"a reason that has no date":       {&policy.Refusal{Reason: policy.NotHere, Service: "lire"}, from("ent"), now, time.Time{}},
		"a refusal that is not the gates": {nil, from("ent"), now, time.Time{}},
	} {
		if got := since(s, c.now, &failure{Refusal: c.refusal}, c.visitor); !got.Equal(c.want) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestAnAlternativeIsShownWithItsUseAndForWhomItIs(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	for _, audience := range audiences() {
		data := fullRefusal(audience, "not_here")
		data.Profiles = nil
		data.Alternatives = []alternative{
			{Name: "Atelier", Sentence: "Pour peindre.", URL: "/go/atelier", For: []person.Profile{person.Pupil, person.Teacher}},
			{Name: "Visio de l'État", Sentence: "Pour les réunions.", Audience: "le personnel"},
		}
		page := plain(render(t, kit, web.French, "login/refusal", data))
		wantAll(t, page, "Pour peindre.", "Pour les réunions.", "le personnel", `href="/go/atelier"`)
		if got := strings.Contains(page, "les élèves, les enseignants"); got != (audience != web.Child) {
			t.Errorf("%s: the profiles that an alternative is for are listed: %v", audience, got)
		}
		data.Alternatives, data.Looked = nil, true
		wantAll(t, plain(render(t, kit, web.French, "login/refusal", data)), "autre s")
	}
	many := fullRefusal(web.Child, "not_here")
	many.Alternatives = slices.Repeat([]alternative{{Name: "Atelier", URL: "/go/atelier"}}, 5)
	if n := strings.Count(render(t, kit, web.French, "login/refusal", many), "/go/atelier"); n != 3 {
		t.Errorf("a child is offered %d things, want 3 at most", n)
	}
}
