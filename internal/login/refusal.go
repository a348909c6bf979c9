package login

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/guardian"
	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// refusalPage says what happened, what to do, who can act, and what else there is. Code chooses the texts.
type refusalPage struct {
	web.Frame
	Code         string // texts refusal.<code>.what, .do, .who
	Service      string
	Office       string    // the function that can act, where the register names one
	Date         time.Time // since when or from when: the first moment of that day, or zero
	Message      string    // the words of whoever suspended
	School       string
	MinAge       int
	Lapse        policy.Lapse // what the declaration rested on, for the code "lapsed"
	Profiles     []person.Profile
	Attribute    string
	Source       string
	Corrects     string // who can correct the attribute: a word of the dictionary
	Instead      string // what the controller offers this person in place of the service
	Alternatives []alternative
	Looked       bool   // alternatives were looked for, so that having found none is said
	Wish         string // where staff ask for the service; empty for everybody else
	Ref          string
	BackForm     form // back to the service with its protocol's error; empty when there is no registered address
	HasBack      bool
	NotMe        notMe
	Home         string // the person's own pages
}

// When names the text that goes with Date; nothing where a date would mean nothing.
func (p refusalPage) When() string {
	if p.Date.IsZero() {
		return ""
	}
	switch p.Code {
	case string(policy.NotYet):
		return "opens"
	case string(policy.Expired), string(policy.Lapsed), string(policy.SourceNotDeclared):
		return "ended"
	case string(policy.PlaceClosed):
		return "closed"
	case string(policy.DeclarationStopped), string(policy.SuspendedHere), string(policy.RefusedHere),
		string(policy.ServiceSuspended), string(policy.SourceSuspended), string(policy.PlaceSuspended):
		return "since"
	default:
		return ""
	}
}

// alternative is something else to use: for whom, and for what. Without URL it is a product to ask for.
type alternative struct {
	Name, Sentence, URL string
	For                 []person.Profile
	Audience            string // in words, for a product of the catalogue
}

func (f *Flow) renderRefusal(w http.ResponseWriter, r *http.Request, t *transaction, v view) error {
	page := f.refusalPage(r, v.snapshot, t.Request.ServiceID, t.Failure, t.Ref, v.session, frame(t, v))
	page.BackForm, page.HasBack = f.form(t, "back"), true
	page.NotMe = f.notMe(t, v.session)
	return f.Kit.Render(w, r, status(t.Failure), "login/refusal", page)
}

// refuseEntry refuses what a tile asked for: no service has sent anybody yet, so there is no way back but the ENT's.
func (f *Flow) refuseEntry(w http.ResponseWriter, r *http.Request, s *registry.Snapshot, service registry.Service, e entry, why *policy.Refusal) error {
	ref := string(web.NewRef())
	failure := denied(why)
	f.Meter.Decision("refused", failure.Code)
	visitor, err := f.session(r)
	if err == nil {
		visitor, err = f.today(r.Context(), visitor)
	}
	if err != nil {
		visitor = nil // the refusal stands without knowing whom it is told
	}
	around := web.Frame{Audience: audience(view{snapshot: s, session: visitor}, &transaction{Entry: e}), WayBack: e.Back}
	if visitor != nil {
		around.SignOut = signOutPath
	}
	if around.WayBack == (web.WayBack{}) {
		around.WayBack = f.from(r, s).Back
	}
	f.journalRefusal(r.Context(), ref, idp.Request{ServiceID: service.ID}, person.Person{}, failure.Code, false, "")
	page := f.refusalPage(r, s, service.ID, failure, ref, visitor, around)
	return f.Kit.Render(w, r, status(failure), "login/refusal", page)
}

func (f *Flow) refusalPage(r *http.Request, s *registry.Snapshot, serviceID string, why *failure, ref string, visitor *session, around web.Frame) refusalPage {
	lang := string(f.Kit.Lang(r))
	service, known := s.Service(serviceID)
	page := refusalPage{Frame: around, Code: why.Code, Service: service.Name.In(lang), Ref: ref, Corrects: why.Corrects, Home: f.Home}
	page.Instead = why.Instead.In(lang)
	if source, ok := s.Source(why.Source); ok {
		page.Source = source.Name.In(lang)
	}
	if entry, ok := f.Engine.Dictionary.Entry(attrs.Name(why.Attr)); ok {
		page.Attribute = f.spoken(r, around).label(entry)
	}
	page.explain(s, why.Refusal, lang)
	if why.Refusal != nil {
		page.Message = cmp.Or(why.Refusal.Words.For(string(f.Kit.Wording(r, around)), lang), page.Message)
	}
	if visitor != nil && why.Refusal != nil && !guardian.Names(visitor.Person, why.Refusal.UAI) {
		page.School = ""
	}
	if date := since(s, f.Now(), why, visitor); page.Date.IsZero() && !date.IsZero() {
		page.Date = date
	}
	if known && leadsElsewhere(why.Code) {
		page.Alternatives, page.Looked = f.alternatives(s, service, visitor, lang), true
	}
	if visitor != nil && f.wishable(s, visitor.Person, service, why.Code) {
		page.Wish = wishPath + service.ID
	}
	return page
}

// explain adds what the gate knows.
func (p *refusalPage) explain(s *registry.Snapshot, refusal *policy.Refusal, lang string) {
	if refusal == nil {
		return
	}
	school, _ := s.Establishment(refusal.UAI)
	p.Office, p.Message, p.School = refusal.Office, refusal.Message.In(lang), school.Name
	p.MinAge, p.Profiles, p.Lapse = refusal.MinAge, refusal.For, refusal.Lapse
	if !refusal.Date.IsZero() {
		p.Date = refusal.Date.Starts(s.Zone())
	}
}

// since is what the register says of when a refusal began that the gate gives no day for.
func since(s *registry.Snapshot, now time.Time, why *failure, visitor *session) time.Time {
	refusal := why.Refusal
	if refusal == nil {
		return time.Time{}
	}
	var source registry.Source
	if visitor != nil {
		source, _ = s.Source(visitor.Person.Authn.Source)
	}
	switch refusal.Reason {
	case policy.ServiceSuspended:
		service, _ := s.Service(refusal.Service)
		return lastDecided(service.Decisions)
	case policy.SourceSuspended:
		return lastDecided(source.Decisions)
	case policy.SourceNotDeclared:
		if d := source.Declaration; d != nil && !d.Until.IsZero() && !now.Before(d.Until.Ends(s.Zone())) {
			return d.Until.Starts(s.Zone())
		}
	case policy.PlaceClosed:
		if school, _ := s.Establishment(refusal.UAI); !school.ClosedOn.IsZero() {
			return school.ClosedOn.Starts(s.Zone())
		}
	}
	return time.Time{}
}

func lastDecided(list []registry.Decision) time.Time {
	if len(list) == 0 {
		return time.Time{}
	}
	return list[len(list)-1].At
}

// leadsElsewhere tells whether another service could be of use: not when the person turned back, or something broke.
func leadsElsewhere(code string) bool {
	return !slices.Contains([]string{"refused_by_person", "passive", "page_needed", "internal", "registry_stale", "stale_sign_in", "incomplete_identity", "no_source"}, code)
}

// alternatives lists what else there is for the same purpose. Before anybody has signed in: what is open for a whole
// academy. To somebody who has: what lets them in where they are, and could be told what it requires. What an assessment
// names instead of a refused tool follows. Nothing says who else uses what.
func (f *Flow) alternatives(s *registry.Snapshot, service registry.Service, visitor *session, lang string) []alternative {
	var out []alternative
	add := func(other registry.Service, open []person.Profile) {
		out = append(out, alternative{Name: other.Name.In(lang), Sentence: other.Sentence.In(lang), URL: "/go/" + other.ID, For: open})
	}
	if visitor == nil {
		for _, other := range policy.Alternatives(s, f.Now(), service.ID) {
			if other.Start != "" {
				add(other, policy.AcademyAudience(s, f.Now(), other.ID))
			}
		}
	} else {
		f.openTo(s, visitor, service, add)
	}
	if tool, refused := assessed(s, service); refused {
		for _, a := range tool.Alternatives {
			out = append(out, alternative{Name: a.Name, Sentence: a.Use.In(lang), Audience: a.Audience.In(lang)})
		}
	}
	return out
}

// openTo goes through the services of the same category that let somebody in.
func (f *Flow) openTo(s *registry.Snapshot, visitor *session, service registry.Service, add func(registry.Service, []person.Profile)) {
	if service.Category == "" {
		return
	}
	for _, other := range s.Services() {
		if other.ID == service.ID || other.Category != service.Category || other.Start == "" || len(other.Bindings) == 0 {
			continue
		}
		binding := other.Bindings[0]
		request := idp.Request{Protocol: binding.Protocol, ServiceID: other.ID, Handle: binding.Handle}
		for _, place := range policy.Places(s, f.Now(), visitor.Person, other.ID) {
			if verdict, err := f.ask(s, visitor.Person, place, request, visitor.ID, nil); err == nil {
				add(other, verdict.release.Declaration().Audience.Profiles)
				break
			}
		}
	}
}

// assessed is the entry of a tool that was examined and refused, under the service's id or its name.
func assessed(s *registry.Snapshot, service registry.Service) (registry.Assessed, bool) {
	for _, name := range []string{service.ID, service.Name.FR, service.Name.EN} {
		if tool, ok := s.Assessed(name); ok {
			return tool, true
		}
	}
	return registry.Assessed{}, false
}

// status is the HTTP status of a refusal page.
func status(why *failure) int {
	switch why.Kind {
	case idp.Internal:
		return http.StatusInternalServerError
	case idp.BadRequest:
		return http.StatusBadRequest
	}
	if why.Refusal != nil && why.Refusal.Reason == policy.UnknownService {
		return http.StatusNotFound
	}
	return http.StatusForbidden
}
