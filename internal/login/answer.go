package login

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"ecluse/internal/consent"
	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

// grant is the right to later answers: enough to ask gate and engine again, and nothing that they said.
type grant struct {
	Person  person.Person `json:"person"`
	Place   policy.Place  `json:"place"`
	Request idp.Request   `json:"request"`
	Session string        `json:"session"`
	Mark    string        `json:"mark,omitempty"`  // the session's
	Stops   int           `json:"stops,omitempty"` // how often what it rests on had been stopped when it was given
	Ref     string        `json:"ref"`
}

// unanswered lets nothing out, and nothing was written yet. An *idp.Failure is a sign-in that is not what the service asked
// for; anything else is our own fault.
func (f *Flow) unanswered(w http.ResponseWriter, r *http.Request, t *transaction, v view, why error) error {
	var refused *idp.Failure
	if !errors.As(why, &refused) {
		return fmt.Errorf("answer to service %s: %w", t.Request.ServiceID, why)
	}
	f.Log.InfoContext(r.Context(), "an answer was not what the service asked for", "ref", t.Ref, "kind", refused.Kind)
	return f.fail(w, r, t, v, &failure{Kind: refused.Kind, Code: "not_as_asked"})
}

// newGrant makes the right to later answers, which is nothing before it is written.
func (f *Flow) newGrant(t *transaction, v view, cleared consent.Cleared) (store.Ticket, error) {
	value, err := json.Marshal(grant{
		Person: v.session.source(), Place: *t.Place, Request: t.Request, Session: v.session.ID, Mark: v.session.Mark, Ref: t.Ref,
		Stops: v.snapshot.StopsOf(t.Request.ServiceID, v.session.Person.Authn.Source, t.Place.UAI),
	})
	if err != nil {
		return store.Ticket{}, fmt.Errorf("right to later answers: %w", err)
	}
	return store.Ticket{Kind: kindGrant, Name: rand.Text(), Value: value, Expires: f.laterEnd(cleared)}, nil
}

// laterEnd is the service's declared maximum, and never beyond the declaration itself.
func (f *Flow) laterEnd(cleared consent.Cleared) time.Time {
	release := cleared.Release()
	span := release.Declaration().MaxSession
	if span <= 0 {
		span = f.Limits.Later
	}
	end := f.Now().Add(span)
	if release.NotAfter().Before(end) {
		return release.NotAfter()
	}
	return end
}

func (f *Flow) readGrant(ctx context.Context, id string) (grant, error) {
	ticket, err := f.Tickets.Get(ctx, kindGrant, id)
	if err != nil {
		return grant{}, err
	}
	var g grant
	if err := json.Unmarshal(ticket.Value, &g); err != nil {
		return grant{}, fmt.Errorf("right to later answers: %w", err)
	}
	over, err := f.left(ctx, g.Person.Key, g.Mark)
	if err == nil && over { // the person ended everything
		err = fmt.Errorf("right to later answers: %w", store.ErrNotFound)
	}
	if err != nil {
		return grant{}, err
	}
	return g, nil
}

// unwritten lets nothing out. There is no right to later answers that no session knows of, which a sign-out would not find:
// they are one write. When the session ended meanwhile in another tab, the dispatcher looks again; when another tab or browser
// was answered for the same request, this one is not.
func (f *Flow) unwritten(w http.ResponseWriter, r *http.Request, t *transaction, why error) error {
	switch {
	case errors.Is(why, store.ErrNotFound):
		return f.saveAndAgain(w, r, t)
	case errors.Is(why, store.ErrExists):
		return gone(why)
	}
	return web.Unavailable(why)
}

// Forget ends a right to later answers.
func (f *Flow) Forget(ctx context.Context, id string) error {
	return f.Tickets.Delete(ctx, kindGrant, id)
}

// handOff uses the transaction up and sends the browser out.
func (f *Flow) handOff(w http.ResponseWriter, r *http.Request, t *transaction, h idp.Handoff, around web.Frame) error {
	if t.stored {
		if err := f.finish(r.Context(), t); err != nil {
			return web.Unavailable(err)
		}
	}
	return f.send(w, r, t, h, around)
}

// send sends the browser out. A stored transaction may have seen a form of ours on the way, after which a browser blocks a
// redirect to another site: then a page of ours leads there.
func (f *Flow) send(w http.ResponseWriter, r *http.Request, t *transaction, h idp.Handoff, around web.Frame) error {
	switch {
	case h.Action != "":
		fields := make([]web.Param, len(h.Fields))
		for i, field := range h.Fields {
			fields[i] = web.Param(field)
		}
		return f.Kit.PostForm(w, r, h.Action, fields, around)
	case t.stored:
		return f.Kit.Leave(w, r, h.Location, around)
	default:
		return f.Kit.Redirect(w, r, h.Location, http.StatusSeeOther)
	}
}
