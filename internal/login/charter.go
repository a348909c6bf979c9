package login

import (
	"context"
	"errors"
	"net/http"
	"time"

	"ecluse/internal/charter"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

// kindPutOff marks for the rest of a day that somebody puts a charter off.
const kindPutOff store.Kind = "charter"

// charter has the person read the charter of the establishment that they enter as a member of, where it is asked of them,
// and goes on to the decision. A reminder that cannot be looked up is not made; what is required and cannot be looked up
// is refused for now. A passive request passes a reminder.
func (f *Flow) charter(w http.ResponseWriter, r *http.Request, t *transaction, v view) error {
	due, err := f.charterDue(r.Context(), v.snapshot, v.session.Person, *t.Place)
	if err != nil && due.Duty == charter.Require {
		return web.Unavailable(err)
	}
	if err != nil {
		f.Log.ErrorContext(r.Context(), "nobody could be reminded of a charter", "ref", t.Ref, "error", err)
	}
	switch {
	case err != nil, due.Duty == charter.Nothing:
		return f.decide(w, r, t, v)
	case t.Request.Passive && due.Duty == charter.Remind:
		return f.decide(w, r, t, v)
	case t.Request.Passive:
		return f.refusePassive(w, r, t, v)
	case due.Duty == charter.Remind && f.putOff(r.Context(), v, due):
		return f.decide(w, r, t, v)
	}
	if err := f.save(r.Context(), t); err != nil {
		return err
	}
	return f.renderCharter(w, r, t, v, due)
}

// charterDue is what is left to be read by this person in a place. With an error its duty is what there is unless they
// have read it.
func (f *Flow) charterDue(ctx context.Context, s *registry.Snapshot, p person.Person, place policy.Place) (charter.Due, error) {
	due := charter.DueAt(s, f.Now(), place.UAI, place.Profile)
	if f.Charters == nil || due.Duty == charter.Nothing {
		return charter.Due{}, nil
	}
	left, err := f.Charters.Asks(ctx, p.Key, due)
	due.Duty = left
	return due, err
}

// charterMissing tells whether a later answer needs the page first: what is required is required of them too.
func (f *Flow) charterMissing(ctx context.Context, s *registry.Snapshot, p person.Person, place policy.Place) (bool, error) {
	due, err := f.charterDue(ctx, s, p, place)
	if due.Duty != charter.Require {
		return false, nil
	}
	return err == nil, err
}

// putOff tells whether the person put this version off today. Who cannot be told is reminded once more.
func (f *Flow) putOff(ctx context.Context, v view, due charter.Due) bool {
	name, _ := f.putOffUntil(v, due)
	_, err := f.Tickets.Get(ctx, kindPutOff, name)
	return err == nil
}

func (f *Flow) putOffUntil(v view, due charter.Due) (name string, end time.Time) {
	today := registry.DateOf(f.Now().In(v.snapshot.Zone()))
	return f.Charters.Mark(v.session.Person.Key, due, today.String()), today.Ends(v.snapshot.Zone())
}

// charterAnswered takes the page's answer. What was read counts only while it is what holds; a reminder alone can be put
// off. Anything else shows the page again.
func (f *Flow) charterAnswered(r *http.Request, t *transaction, v view) error {
	if v.session == nil || t.Place == nil {
		return nil // signed out in another tab: the dispatcher starts over
	}
	due, err := f.charterDue(r.Context(), v.snapshot, v.session.Person, *t.Place)
	if err != nil {
		return web.Unavailable(err)
	}
	t.Question = ""
	switch act := r.PostFormValue("act"); {
	case due.Duty == charter.Nothing: // read in another tab, or no longer asked
	case act == "read":
		err = f.Charters.Acknowledge(r.Context(), v.session.Person.Key, due, r.PostFormValue("version"), t.Ref)
		if errors.Is(err, charter.ErrChanged) {
			err = nil
		}
	case act == "later" && due.Duty == charter.Remind:
		name, end := f.putOffUntil(v, due)
		err = f.Tickets.Put(r.Context(), store.Ticket{Kind: kindPutOff, Name: name, Expires: end})
	case act == "question":
		t.Question = v.session.ID
	}
	if err != nil {
		return web.Unavailable(err)
	}
	return nil
}

// charterPage shows the charter, or to whom a question is put.
type charterPage struct {
	web.Frame
	Form     form
	Back     form
	NotMe    notMe
	Service  string
	School   string
	UAI      person.UAI
	Version  string
	Text     charter.Shown
	Required bool
	Last     time.Time // until when it may be put off; zero when there is no such day
	Question bool
	Contact  string // the function that answers; empty when nobody said
}

func (f *Flow) renderCharter(w http.ResponseWriter, r *http.Request, t *transaction, v view, due charter.Due) error {
	lang := string(f.Kit.Lang(r))
	service, _ := v.snapshot.Service(t.Request.ServiceID)
	page := charterPage{
		Frame: frame(t, v), Form: f.form(t, "charter"), Back: f.form(t, "back"), NotMe: f.notMe(t, v.session),
		Service: service.Name.In(lang), School: due.School.Name, UAI: due.School.UAI,
		Version: due.Text.Version, Text: due.Text.In(lang), Required: due.Duty == charter.Require,
		Question: t.Question == v.session.ID, Contact: due.Terms.Contact.In(lang),
	}
	if !page.Required && !due.Last.IsZero() {
		page.Last = due.Last.Starts(v.snapshot.Zone())
	}
	return f.Kit.Render(w, r, http.StatusOK, "login/charter", page)
}
