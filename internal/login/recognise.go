package login

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"ecluse/internal/consent"
	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

// shared tells whether the device at the other end passes from hand to hand: because the session has been on one, an ENT
// says so, it comes from a network that the operator named, or the school of somebody who learns or works there says so.
// A guardian's school is where the child sits, not the guardian.
func (f *Flow) shared(r *http.Request, s *registry.Snapshot, e entry, who *session) bool {
	if who.Shared || e.Shared || f.onSharedNetwork(r) {
		return true
	}
	return slices.ContainsFunc(who.Person.Affiliations, func(a person.Affiliation) bool {
		school, known := s.Establishment(a.UAI)
		return known && a.Profile != person.Guardian && a.Holds(f.Now()) && school.SharesDevices()
	})
}

// onSharedNetwork looks at the client's own address, as the trusted proxies tell it.
func (f *Flow) onSharedNetwork(r *http.Request) bool {
	addr := web.ClientAddr(r).Unmap().WithZone("")
	for _, network := range f.SharedNetworks {
		if network.Contains(addr) {
			return true
		}
	}
	return false
}

// recognisePage asks who is there, and shows no more of the person than they need to tell themself from another.
type recognisePage struct {
	web.Frame
	Form    form // "it is me"
	NotMe   notMe
	Service string
	First   string // the first name, when the source told it
	Called  string // the first name and the first letter of the family name
	School  string
	Profile person.Profile
	Account string // the source that vouched for the person
}

// notMe is what the button "it is not me" carries. It ends the session it was shown for and no other.
type notMe struct {
	form
	Which string
}

func (f *Flow) notMe(t *transaction, s *session) notMe {
	if s == nil {
		return notMe{}
	}
	return notMe{form: f.form(t, "notme"), Which: f.which(t, s)}
}

// which is the proof that a form was shown for one session.
func (f *Flow) which(t *transaction, s *session) string {
	return f.Keys.MAC("login recognise", t.ID, s.ID)
}

func (f *Flow) checkWhich(r *http.Request, t *transaction, s *session) bool {
	return s != nil && f.Keys.CheckMAC(r.PostFormValue("which"), "login recognise", t.ID, s.ID)
}

// recognise asks, or tells a passive request that a page is needed: nothing leaves before the answer.
func (f *Flow) recognise(w http.ResponseWriter, r *http.Request, t *transaction, v view) error {
	if t.Request.Passive {
		return f.refusePassive(w, r, t, v)
	}
	if err := f.save(r.Context(), t); err != nil {
		return err
	}
	lang, who := string(f.Kit.Lang(r)), v.session.Person
	service, _ := v.snapshot.Service(t.Request.ServiceID)
	source, _ := v.snapshot.Source(who.Authn.Source)
	page := recognisePage{
		Frame: frame(t, v), Form: f.form(t, "recognise"), NotMe: f.notMe(t, v.session), Service: service.Name.In(lang),
		First: who.First(person.GivenName), Called: called(who), Account: source.Name.In(lang),
	}
	if i := slices.IndexFunc(who.Affiliations, func(a person.Affiliation) bool { return a.Holds(f.Now()) }); i >= 0 {
		at := who.Affiliations[i]
		page.School, page.Profile = named(v.snapshot, who, at.UAI), at.Profile
	}
	return f.Kit.Render(w, r, http.StatusOK, "login/recognise", page)
}

// called is how a class tells two people of one first name apart.
func called(p person.Person) string {
	first, family := p.First(person.GivenName), []rune(p.First(person.FamilyName))
	if first == "" || len(family) == 0 {
		return first
	}
	return first + " " + string(family[0]) + "."
}

// recognised takes "it is me". An answer that was shown for somebody else's session counts for nothing.
func (f *Flow) recognised(r *http.Request, t *transaction, v view) error {
	if !f.checkWhich(r, t, v.session) {
		return nil
	}
	if err := f.stay(r.Context(), v.session); err != nil {
		return web.Unavailable(err)
	}
	t.Recognised = v.session.ID
	return nil
}

// stay begins a session's rest anew, on a shared device from now on. One that ended meanwhile stays ended.
func (f *Flow) stay(ctx context.Context, s *session) error {
	for range maxTabs {
		s.Shared = true
		err := f.keep(ctx, s)
		if !errors.Is(err, store.ErrConflict) {
			if errors.Is(err, store.ErrNotFound) {
				return nil
			}
			return err
		}
		again, err := f.sessionByID(ctx, s.ID)
		if err != nil || again == nil {
			return err
		}
		*s = *again
	}
	return fmt.Errorf("session: %w", store.ErrConflict)
}

// saysNotMe ends the session and everything that rests on it, and begins again at the source, which is to ask for a proof:
// what it vouched for until now is no use to this request. What stays open at services is told on the way.
func (f *Flow) saysNotMe(w http.ResponseWriter, r *http.Request) error {
	t, v, err := f.posted(w, r, "notme")
	if errors.Is(err, errUsed) {
		return f.used(w, r, t)
	}
	if err != nil {
		return err
	}
	if !f.checkWhich(r, t, v.session) { // signed out already, or somebody else signed in meanwhile
		return f.again(w, r, t)
	}
	out, err := f.leave(r, v.session, cause{Reason: "not_me", Ref: t.Ref}, idp.Leaving{})
	if err != nil {
		return err
	}
	f.Kit.Cookies().Clear(w, sessionCookie())
	t.Source, t.Renewed = v.session.Person.Authn.Source, f.Now()
	t.Session, t.Place, t.Said, t.Recognised = "", nil, consent.Said{}, ""
	t.Failure, t.Refused, t.Back, t.Trouble = nil, false, false, ""
	if err := f.save(r.Context(), t); err != nil {
		return f.settle(w, r, t, err)
	}
	if out == nil || out.closed() {
		return f.again(w, r, t)
	}
	out.Around, out.Next = frame(t, v), "/flow/"+t.ID
	out.Around.SignOut, out.Around.Here = "", signOutPath
	return f.seeOff(w, r, out)
}
