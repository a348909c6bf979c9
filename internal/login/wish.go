package login

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

const wishPath = "/demander/"

// mostReason is how long the reason of a request may be, in characters.
const mostReason = 1000

// mayBeAsked lists the refusals that end when somebody at the desk declares or opens the service.
func mayBeAsked() []policy.Reason {
	return []policy.Reason{policy.NoDeclaration, policy.NotApproved, policy.Expired, policy.NotEnabled, policy.NotHere}
}

// wishable tells whether a refusal page offers somebody to ask for the service: staff alone, and no tool that was refused
// after an assessment.
func (f *Flow) wishable(s *registry.Snapshot, who person.Person, service registry.Service, code string) bool {
	return f.Wishes != nil && slices.Contains(mayBeAsked(), policy.Reason(code)) && len(f.asksFor(s, who, service)) > 0
}

// asksFor lists the establishments in which somebody works and the service is refused for want of a declaration or of a
// controller's word.
func (f *Flow) asksFor(s *registry.Snapshot, who person.Person, service registry.Service) []person.Affiliation {
	if _, refused := assessed(s, service); refused || service.ID == "" {
		return nil
	}
	var out []person.Affiliation
	for _, a := range who.Affiliations {
		if !staff(a.Profile) || !a.Holds(f.Now()) || slices.ContainsFunc(out, func(b person.Affiliation) bool { return b.UAI == a.UAI }) {
			continue
		}
		_, err := policy.Gate(s, f.Now(), policy.Ask{Person: who, Place: policy.Place{UAI: a.UAI, Profile: a.Profile}, Service: service.ID})
		refusal, ok := err.(*policy.Refusal) //nolint:errorlint // Gate documents the type
		if ok && slices.Contains(mayBeAsked(), refusal.Reason) {
			out = append(out, a)
		}
	}
	return out
}

// staff is who works in an establishment. A profile that nobody knows does not.
func staff(p person.Profile) bool {
	known := slices.Contains(person.Profiles(), p)
	return known && p != person.Pupil && p != person.Guardian
}

// wishPage is the request, filled in as far as we know, and afterwards the thanks for it.
type wishPage struct {
	web.Frame
	Action  string
	Proof   string
	Service string
	Places  []wishPlace
	Reason  string
	Trouble string // "reason" or "long" when the reason was missing or too long
	Sent    bool
	School  string // where it was sent
	Home    string
}

type wishPlace struct {
	UAI    person.UAI
	School string
	Chosen bool
}

// asking is somebody who may ask for a service.
type asking struct {
	session  *session
	snapshot *registry.Snapshot
	service  registry.Service
	places   []person.Affiliation
}

// mayAsk finds who is there and where they may ask. Nobody else learns anything: not even whether the service exists.
func (f *Flow) mayAsk(r *http.Request) (asking, error) {
	snapshot, err := f.Live.Current()
	if err != nil {
		return asking{}, web.Unavailable(err)
	}
	f.seen.keep(snapshot)
	s, err := f.session(r)
	if err != nil {
		return asking{}, web.Unavailable(err)
	}
	if s == nil || f.Wishes == nil || !slices.ContainsFunc(s.Person.Affiliations, func(a person.Affiliation) bool { return staff(a.Profile) }) {
		return asking{}, web.Forbidden(ErrMayNot)
	}
	service, _ := snapshot.Service(r.PathValue("service"))
	places := f.asksFor(snapshot, s.Person, service)
	if len(places) == 0 {
		return asking{}, web.NotFound(errNothingToAsk)
	}
	return asking{s, snapshot, service, places}, nil
}

var errNothingToAsk = errors.New("there is nothing to ask for: the service is open to this person, or not known")

func (f *Flow) askWish(w http.ResponseWriter, r *http.Request) error {
	a, err := f.mayAsk(r)
	if err != nil {
		return err
	}
	page := f.wishPage(r, a)
	if classes := a.places[0].Classes; len(classes) > 0 { // for them to keep or to change
		if page.Reason, err = f.Kit.Say(r, page.Frame, "login/wish.purpose", "classes", strings.Join(classes, ", ")); err != nil {
			return err
		}
	}
	return f.Kit.Render(w, r, http.StatusOK, "login/wish", page)
}

func (f *Flow) wishPage(r *http.Request, a asking) wishPage {
	page := wishPage{
		Frame: f.signOutFrame(a.session), Action: wishPath + a.service.ID, Proof: f.Keys.MAC("login wish", a.session.ID, a.service.ID),
		Service: a.service.Name.In(string(f.Kit.Lang(r))), Home: f.Home,
	}
	page.Here = page.Action
	for i, place := range a.places {
		school, _ := a.snapshot.Establishment(place.UAI)
		page.Places = append(page.Places, wishPlace{UAI: place.UAI, School: school.Name, Chosen: i == 0})
	}
	return page
}

// wish sends the request. Sending it twice changes nothing.
func (f *Flow) wish(w http.ResponseWriter, r *http.Request) error {
	a, err := f.mayAsk(r)
	if err != nil {
		return err
	}
	if !f.Keys.CheckMAC(r.PostFormValue("proof"), "login wish", a.session.ID, a.service.ID) {
		return web.BadRequest(errHop)
	}
	uai := person.UAI(r.PostFormValue("uai"))
	at := slices.IndexFunc(a.places, func(p person.Affiliation) bool { return p.UAI == uai })
	if at < 0 {
		return web.BadRequest(errors.New("an establishment that is not offered"))
	}
	page := f.wishPage(r, a)
	for i := range page.Places {
		page.Places[i].Chosen = i == at
	}
	page.Reason = strings.TrimSpace(r.PostFormValue("reason"))
	if page.Trouble = unfit(page.Reason); page.Trouble != "" {
		return f.Kit.Render(w, r, http.StatusUnprocessableEntity, "login/wish", page)
	}
	err = f.Wishes.Wish(r.Context(), a.session.Person, uai, a.service.Name.FR, page.Reason)
	switch {
	case errors.Is(err, ErrMayNot):
		return web.Forbidden(err)
	case err != nil:
		return web.Unavailable(err)
	}
	page.Sent, page.School = true, page.Places[at].School
	return f.Kit.Render(w, r, http.StatusOK, "login/wish", page)
}

func unfit(reason string) string {
	switch {
	case reason == "":
		return "reason"
	case len([]rune(reason)) > mostReason:
		return "long"
	default:
		return ""
	}
}
