package login

import (
	"embed"
	"html/template"
	"net/http"
	"slices"
	"strconv"

	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/consent"
	"ecluse/internal/person"
	"ecluse/internal/pictures"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

//go:embed pages parts texts
var files embed.FS

// Pages are the pages and texts of a sign-in.
func Pages() web.Contribution { return web.Contribution{Name: "login", Files: files} }

// form is what every form of a step carries.
type form struct {
	Action string
	Hop    string
}

func (f *Flow) form(t *transaction, step string) form {
	return form{Action: "/flow/" + t.ID + "/" + step, Hop: f.hop(t, step)}
}

func frame(t *transaction, v view) web.Frame {
	around := web.Frame{Audience: v.audience, WayBack: t.Entry.Back, Here: "/flow/" + t.ID}
	if v.session != nil {
		around.SignOut = signOutPath
	}
	return around
}

// audience chooses the wording: by the school's kind for pupils, and adult words for everybody else. Before anybody has
// signed in, the establishment that a tile named speaks for its pupils.
func audience(v view, t *transaction) web.Audience {
	uai, pupil := t.hintedUAI(), true
	if v.session != nil {
		pupil = false
		for _, a := range v.session.Person.Affiliations {
			if a.Profile == person.Pupil && (!pupil || a.UAI == t.hintedUAI()) {
				uai, pupil = a.UAI, true
			}
		}
	}
	school, known := v.snapshot.Establishment(uai)
	switch {
	case !pupil || !known:
		return web.Adult
	case school.Kind == registry.Ecole:
		return web.Child
	default:
		return web.Teen
	}
}

// sourcePage asks where one signs in. Trouble is why the last source gave nothing: "", "unavailable", "cancelled" or
// "rejected".
type sourcePage struct {
	web.Frame
	Form    form
	Service string
	Trouble string
	Failed  string // the name of the source that gave nothing
	Sources []choice
	Back    form // gives up and goes back to the service
}

// choice is one thing to choose.
type choice struct {
	Value, Label, Detail string
	Which                string // the proof that Value is what was offered
}

func (f *Flow) renderSources(w http.ResponseWriter, r *http.Request, t *transaction, v view, open []registry.Source) error {
	lang := string(f.Kit.Lang(r))
	service, _ := v.snapshot.Service(t.Request.ServiceID)
	page := sourcePage{
		Frame: frame(t, v), Form: f.form(t, "source"), Service: service.Name.In(lang), Trouble: t.Trouble, Back: f.form(t, "back"),
	}
	if failed, ok := v.snapshot.Source(t.Failed); ok {
		page.Failed = failed.Name.In(lang)
	}
	for _, s := range open {
		page.Sources = append(page.Sources, choice{Value: s.ID, Label: s.Name.In(lang)})
	}
	return f.Kit.Render(w, r, http.StatusOK, "login/source", page)
}

// placePage asks in which establishment, as what, or for which child.
type placePage struct {
	web.Frame
	Form    form
	Service string
	Places  []placeChoice
	Back    form
	NotMe   notMe
}

// placeChoice is one place. Profile is the word of package person; Child is a first name for a guardian's choice.
type placeChoice struct {
	Value, Which string
	School, Town string
	Profile      person.Profile
	Child        string
	ShowProfile  bool // the same school stands in the list under another profile too
}

// OfChildren says that somebody chooses among their children, too.
func (p placePage) OfChildren() bool {
	return slices.ContainsFunc(p.Places, func(c placeChoice) bool { return c.Profile == person.Guardian })
}

func (f *Flow) renderPlaces(w http.ResponseWriter, r *http.Request, t *transaction, v view, open []policy.Place) error {
	service, _ := v.snapshot.Service(t.Request.ServiceID)
	page := placePage{
		Frame: frame(t, v), Form: f.form(t, "place"), Service: service.Name.In(string(f.Kit.Lang(r))), Back: f.form(t, "back"),
		NotMe: f.notMe(t, v.session),
	}
	for i, p := range open {
		school, _ := v.snapshot.Establishment(p.UAI)
		c := placeChoice{
			Value: strconv.Itoa(i), Which: f.Keys.MAC("login place", t.ID, v.session.ID, placeKey(p)),
			Profile: p.Profile,
		}
		if p.Profile != person.Guardian { // a child's school is named to nobody
			c.School, c.Town = school.Name, school.Town
		}
		for _, q := range open {
			c.ShowProfile = c.ShowProfile || (q.UAI == p.UAI && q.Profile != p.Profile)
		}
		c.Child = calledBy(v.session.Person, p)
		page.Places = append(page.Places, c)
	}
	return f.Kit.Render(w, r, http.StatusOK, "login/place", page)
}

// calledBy is what a guardian calls the child of a place; nothing for anybody else.
func calledBy(p person.Person, place policy.Place) string {
	for _, ward := range p.Wards {
		if !place.Child.IsZero() && ward.Child == place.Child {
			return ward.Label
		}
	}
	return ""
}

// informPage says what the service will learn and what it will not, and why. It is a printing of the Release itself.
type informPage struct {
	web.Frame
	Form       form
	Digest     string
	Act        consent.Act // informed, or agreed when the person is asked
	Changed    bool
	Changes    []changeLine  // in what, where it is known
	First      string        // the person's first name, to be greeted by
	Picture    template.HTML // of the service, for a child
	Service    string
	Sentence   string
	School     string
	Child      string // for whom a guardian acts, as the guardian calls the child; no service is told
	Pseudonym  bool   // the service gets an opaque number rather than a name
	Number     bool   // the service gets an opaque number beside what it learns
	Sent       []sentItem
	NotSent    []keptItem
	Purposes   []string
	Controller registry.Controller
	Supplier   string
	Basis      registry.BasisKind
	Retention  string
	Recipients []string
	Hosting    []string
	Reference  string // declaration and version
	NotMe      notMe
	Ref        string
	Preview    bool // nobody is there: the page is shown to somebody who asks what it would be
}

// sentItem is one line of what leaves.
type sentItem struct {
	Attr   string // the dictionary's word, which chooses an icon
	Label  string
	Values []string
	Why    string
}

// keptItem is one line of what does not leave.
type keptItem struct {
	Label   string
	Reveals bool   // only labels that say too much are held back
	Few     bool   // only labels that few share are held back
	Named   bool   // only labels that hold the person's name are held back
	Neutral string // then: what is offered in their place
}

func (f *Flow) renderInform(w http.ResponseWriter, r *http.Request, t *transaction, v view, release attrs.Release, need consent.Need) error {
	in := f.spoken(r, frame(t, v))
	page := informs(release, v.session.Person.First(person.GivenName), need, frame(t, v), in)
	page.Form, page.NotMe, page.Ref = f.form(t, "inform"), f.notMe(t, v.session), t.Ref
	page.Child = calledBy(v.session.Person, *t.Place)
	page.Changes = changed(need.Changes, f.Engine.Dictionary, page.Audience, in)
	return f.Kit.Render(w, r, http.StatusOK, "login/inform", page)
}

// informs prints a release for its page.
func informs(release attrs.Release, first string, need consent.Need, around web.Frame, in spoken) informPage {
	d, service, lang := release.Declaration(), release.Service(), in.lang
	page := informPage{
		Frame: around, Digest: release.Digest(), Act: need.Act, Changed: need.Changed,
		First: first, Service: service.Name.In(lang), Sentence: service.Sentence.In(lang), Picture: pictures.Inline(service.Vignette()),
		Pseudonym: !release.Nominative(), Number: release.Numbered(), Controller: d.Controller,
		Supplier: d.Supplier.Name, Basis: d.Basis.Kind, Retention: d.Retention.In(lang), Recipients: said(d.Recipients, lang), Hosting: d.Hosting,
		Reference: d.ID + " v" + strconv.Itoa(d.Version),
	}
	if release.Profile() != person.Guardian { // what is sent is shown as it is sent; beyond that no child's school is named
		page.School = release.Establishment().Name
	}
	for _, purpose := range d.Purposes {
		page.Purposes = append(page.Purposes, purpose.In(lang))
	}
	for _, item := range release.Items() {
		page.Sent = append(page.Sent, sentItem{
			Attr: string(item.Entry.Attr), Label: in.label(*item.Entry), Values: item.Values, Why: item.Justification.In(lang),
		})
	}
	for _, kept := range keptBack(release) {
		page.NotSent = append(page.NotSent, keptItem{
			Label: in.label(*kept.Entry), Reveals: kept.Why == attrs.Reveals, Few: kept.Why == attrs.TooFew, Named: kept.Why == attrs.NamesThem, Neutral: kept.Neutral,
		})
	}
	return page
}

// keptBack lists what does not leave, what people fear most first.
func keptBack(r attrs.Release) []attrs.Withheld {
	feared := []attrs.Name{person.FamilyName, person.GivenName, person.BirthDate, person.Mail, "classes", "uai"}
	rank := func(e dictionary.Entry) int {
		if i := slices.Index(feared, e.Attr); i >= 0 {
			return i
		}
		return len(feared)
	}
	out := slices.Clone(r.Withheld())
	slices.SortStableFunc(out, func(a, b attrs.Withheld) int { return rank(*a.Entry) - rank(*b.Entry) })
	return out
}

// spoken is in whose words, and in which language, words of the dictionary are printed.
type spoken struct {
	as   web.Audience
	lang string
}

// spoken follows the version that was chosen on this browser. What a page shows follows from the audience of its frame.
func (f *Flow) spoken(r *http.Request, around web.Frame) spoken {
	return spoken{f.Kit.Wording(r, around), string(f.Kit.Lang(r))}
}

func (s spoken) label(e dictionary.Entry) string {
	if s.as == web.Child {
		return e.Child.In(s.lang)
	}
	return e.Label.In(s.lang)
}

// signOutPage asks, and afterwards tells the truth for each service.
type signOutPage struct {
	web.Frame
	SignedIn bool
	Action   string // takes the answer
	Asker    string // the service that asked for it, or that is gone back to in the end
	Ended    bool
	Services []endedService
	Frames   []string // addresses that tell services
	Rest     string   // goes on with the services that the browser has not visited; empty when there are none
	Reply    string   // leads back to the service that asked
	Home     string   // the person's own pages
	Next     string   // where somebody else goes on with the sign-in that was under way; empty after a sign-out
	Asked    bool     // Account tells what is known; otherwise it is not known where the session came from
	Account  *account
}

// endedService is one line of it.
type endedService struct {
	Name string
	Fate fate // closed, unsaid, queued or open
}

// endedList is the services that met one end. Kind is open, later, told or closed: the word of its heading.
type endedList struct {
	Kind     string
	Services []endedService
}

// Lists parts the services by what became of them: what did not say that it is closed is not said to be. A child is shown
// what to close and, where there is nothing, what is closed.
func (p signOutPage) Lists(child bool) []endedList {
	lists := []endedList{{Kind: "open"}, {Kind: "later"}, {Kind: "told"}, {Kind: "closed"}}
	for _, s := range p.Services {
		at := &lists[0]
		switch {
		case s.Fate == fateClosed:
			at = &lists[3]
		case s.Fate == fateQueued && !child:
			at = &lists[1]
		case s.Fate == fateUnsaid && !child:
			at = &lists[2]
		}
		at.Services = append(at.Services, s)
	}
	if child && len(lists[0].Services) > 0 {
		return lists[:1]
	}
	return slices.DeleteFunc(lists, func(l endedList) bool { return len(l.Services) == 0 })
}
