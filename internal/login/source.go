package login

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

// sources lists where one may sign in for this transaction: registered, declared, with a connector, and vouching for
// the establishment that a hint names. A hint alone reaches a hidden one.
func (f *Flow) sources(t *transaction, v view) []registry.Source {
	var out []registry.Source
	hint, uai := t.hintedSource(), t.hintedUAI()
	for _, s := range v.snapshot.Sources() {
		switch {
		case !f.vouches(v.snapshot, s):
		case hint != "" && s.ID != hint, hint == "" && s.Hidden:
		case uai != "" && !s.SpeaksFor(uai), !f.gives(s, t.Request.Needs):
		default:
			out = append(out, s)
		}
	}
	return out
}

// vouches tells whether a source may sign anybody in now.
func (f *Flow) vouches(s *registry.Snapshot, source registry.Source) bool {
	return f.connected(source) && !source.Suspended && source.Declaration.InForce(f.Now(), s.Zone())
}

// connected tells whether a source has a connector that was made for it as it is registered now. One that was made for
// another directory, or for people under another authority, would vouch for the wrong ones: it waits for a restart.
func (f *Flow) connected(s registry.Source) bool {
	made, known := f.SetUp[s.ID]
	if _, there := f.Connectors[s.ID]; !there || !known {
		return false
	}
	same := made.Connector == s.Connector && made.Authority == s.Authority &&
		reflect.DeepEqual(made.Settings, s.Settings) && reflect.DeepEqual(made.Mapping, s.Mapping)
	if !same {
		f.Log.Warn("a source was registered anew and cannot be used before a restart", "source", s.ID)
	}
	return same
}

// chooseSource skips the page when there is nothing to choose.
func (f *Flow) chooseSource(w http.ResponseWriter, r *http.Request, t *transaction, v view) error {
	open := f.sources(t, v)
	if len(open) == 0 {
		return f.fail(w, r, t, v, f.noSource(t, v))
	}
	if t.Trouble == "" {
		if t.Source = f.onlySource(open, t, v); t.Source != "" {
			return f.beginSource(w, r, t, v)
		}
	}
	if err := f.save(r.Context(), t); err != nil {
		return err
	}
	return f.renderSources(w, r, t, v, open)
}

// onlySource is the one that there is to choose, or the one that signed somebody in already and can be asked for what that
// sign-in lacks; empty for neither.
func (f *Flow) onlySource(open []registry.Source, t *transaction, v view) string {
	for _, s := range open {
		own := v.session != nil && v.session.Person.Authn.Source == s.ID && t.Renewed.IsZero()
		if len(open) == 1 || own && !holds(t.Request.Needs, v.session.Person.Authn) && len(f.contexts(s, t.Request.Needs)) > 0 {
			return s.ID
		}
	}
	return ""
}

// noSource is why nobody can sign in: there is no source, or none that vouches for what the service needs.
func (f *Flow) noSource(t *transaction, v view) *failure {
	anyhow := *t
	anyhow.Request.Needs = nil
	if len(f.sources(&anyhow, v)) > 0 {
		return &failure{Kind: idp.WeakSignIn, Code: "not_as_asked"}
	}
	return &failure{Kind: idp.SignInFailed, Code: "no_source", Source: t.hintedSource()}
}

// gives tells whether a source may be able to vouch for one of the ways and levels that are needed: by what the register
// says of it, else by what its connector says. One of which nobody says what it can may be.
func (f *Flow) gives(s registry.Source, needs []string) bool {
	can := s.Assurance
	if connector, says := f.Connectors[s.ID].(upstream.Assuring); says && len(can) == 0 {
		can = connector.Assurance()
	}
	return len(needs) == 0 || len(can) == 0 || slices.ContainsFunc(can, func(a string) bool { return slices.Contains(needs, a) })
}

// suits tells whether the source of a session, or the session itself, may be what the service needs. Another source is asked
// otherwise, or the same one for what it was not asked for before.
func (f *Flow) suits(v view, t *transaction) bool {
	if holds(t.Request.Needs, v.session.Person.Authn) {
		return true
	}
	source, known := v.snapshot.Source(v.session.Person.Authn.Source)
	return !known || f.gives(source, t.Request.Needs) && len(f.contexts(source, t.Request.Needs)) == 0
}

// holds tells whether somebody signed in as a service needs.
func holds(needs []string, authn person.Authn) bool {
	return len(needs) == 0 || slices.Contains(needs, authn.Method) || slices.Contains(needs, authn.Assurance)
}

// contexts are a source's own words for what a service needs, as far as it was registered with them: it is asked for these
// then (SAML Core 3.4.1, OpenID Connect Core 3.1.2.1).
func (f *Flow) contexts(s registry.Source, needs []string) []string {
	asking, can := f.Connectors[s.ID].(upstream.Asking)
	if !can || len(needs) == 0 {
		return nil
	}
	return asking.Contexts(needs, s.Assurance)
}

func (f *Flow) sourceChosen(r *http.Request, t *transaction, v view) error {
	chosen := r.PostFormValue("source")
	if !slices.ContainsFunc(f.sources(t, v), func(s registry.Source) bool { return s.ID == chosen }) {
		return web.BadRequest(errors.New("a source that is not offered"))
	}
	t.Source, t.Trouble = chosen, ""
	return nil
}

// challenge is one question to a source, tied to the browser and to the transaction, or to what a proof is for.
type challenge struct {
	Txn     string `json:"txn"`
	Proof   *proof `json:"proof,omitempty"`
	Browser string `json:"browser"`
	Source  string `json:"source"`
	Asked   upstream.Challenge
}

// beginSource sends the browser to the source. The choice is used up: coming back without an answer offers it again.
func (f *Flow) beginSource(w http.ResponseWriter, r *http.Request, t *transaction, v view) error {
	source := t.Source
	if !slices.ContainsFunc(f.sources(t, v), func(s registry.Source) bool { return s.ID == source }) {
		return f.fail(w, r, t, v, &failure{Kind: idp.SignInFailed, Code: "no_source", Source: source})
	}
	service, _ := v.snapshot.Service(t.Request.ServiceID)
	registered, _ := v.snapshot.Source(source)
	contexts := f.contexts(registered, t.Request.Needs)
	renew := t.Request.Fresh || t.Request.MaxAge != nil || !t.Renewed.IsZero() // a source's own session may be too old, or another's
	c := challenge{Txn: t.ID, Browser: t.Browser, Source: source, Asked: upstream.Challenge{
		ID: rand.Text(), Service: service.Name.In(string(f.Kit.Lang(r))), Contexts: contexts,
		Fresh:   renew || v.session != nil && len(contexts) == 0, // whoever is there shows more, and need not begin anew
		Passive: t.Request.Passive, Login: t.Request.Hints.Login, Language: string(f.Kit.Lang(r)), Frame: frame(t, v),
	}}
	if t.Entry.Source == source && !renew {
		c.Asked.Fresh = false // the tile's own source knows who sent them
	}
	t.Source = ""
	ops, err := f.asking(r.Context(), &c, t.Created.Add(f.Limits.Transaction))
	if err == nil {
		if err := f.save(r.Context(), t, ops...); err != nil {
			return err
		}
		err = f.Connectors[source].Begin(w, r, c.Asked)
	}
	if err != nil {
		f.Log.WarnContext(r.Context(), "a source could not be begun", "source", source, "error", err)
		return f.sourceFailed(w, r, t, source, err)
	}
	return nil
}

// asking is what has to be stored before a source is asked: the challenge, and what its connector keeps of it.
func (f *Flow) asking(ctx context.Context, c *challenge, until time.Time) (ops []store.Op, err error) {
	if prepares, can := f.Connectors[c.Source].(upstream.Preparing); can {
		if ops, err = prepares.Prepare(ctx, &c.Asked); err != nil {
			return nil, err
		}
	}
	value, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("challenge: %w", err)
	}
	return append(ops, store.Op{Do: store.Put, Ticket: store.Ticket{Kind: kindChallenge, Name: c.Asked.ID, Value: value, Expires: until}}), nil
}

// host is the gateway as one source's connector sees it.
type host struct {
	flow   *Flow
	source string
}

var _ upstream.Host = host{}

// Asked gives back an open challenge of this browser.
func (h host) Asked(r *http.Request, id string) (upstream.Challenge, error) {
	c, err := h.asked(r, id)
	asked := c.Asked
	asked.Held = c
	return asked, err
}

// answered is the challenge that an assertion is for. One that this browser was just found to have been given is not looked up
// again: whether it is still open is seen when it is used up.
func (h host) answered(r *http.Request, id string, a upstream.Assertion) (challenge, error) {
	if c, known := a.Answers.Held.(challenge); known && c.Asked.ID == id {
		return c, h.given(r, c)
	}
	return h.asked(r, id)
}

func (h host) asked(r *http.Request, id string) (challenge, error) {
	ticket, err := h.flow.Tickets.Get(r.Context(), kindChallenge, id)
	if err != nil {
		return challenge{}, goneOr(err)
	}
	return h.open(r, ticket)
}

// take uses a challenge up: one answer, whatever it is.
func (h host) take(r *http.Request, id string) (challenge, error) {
	ticket, err := h.flow.Tickets.Take(r.Context(), kindChallenge, id)
	if err != nil {
		return challenge{}, goneOr(err)
	}
	return h.open(r, ticket)
}

func (h host) open(r *http.Request, ticket store.Ticket) (challenge, error) {
	var c challenge
	if err := json.Unmarshal(ticket.Value, &c); err != nil {
		return challenge{}, fmt.Errorf("challenge: %w", err)
	}
	if err := h.given(r, c); err != nil {
		return challenge{}, err
	}
	return c, nil
}

// given makes sure that a challenge is of this source and of this browser.
func (h host) given(r *http.Request, c challenge) error {
	browser, _ := h.flow.Kit.Cookies().Read(r, browserCookie())
	if c.Source != h.source || browser == "" || c.Browser != browser {
		return gone(errOtherBrowser)
	}
	return nil
}

// proved is when a proof was given, as far as this request is concerned. A clock that is ahead must not make one good for
// requests to come, and a source that stamps whole seconds means that it was in the course of this one, and after whatever
// was said in it.
func (t *transaction) proved(at, now time.Time) time.Time {
	if at.After(now) {
		at = now
	}
	for _, began := range []time.Time{t.Renewed, t.Created} {
		if at.Equal(began.Truncate(time.Second)) {
			return began
		}
	}
	return at
}

// Failed carries on without an assertion.
func (h host) Failed(w http.ResponseWriter, r *http.Request, id string, cause error) error {
	c, err := h.take(r, id)
	if err != nil {
		return err
	}
	if c.Proof != nil {
		h.flow.Log.InfoContext(r.Context(), "a source gave no proof", "source", h.source, "error", cause)
		return h.flow.proved(w, r, Proved{Word: c.Proof.Word, Source: h.source, Failed: cause})
	}
	t, err := h.flow.loadByID(r.Context(), c.Txn, c.Browser)
	if err != nil {
		return err
	}
	return h.flow.sourceFailed(w, r, t, h.source, cause)
}

// sourceFailed offers the sources again with what happened, or tells a passive request at once. It never falls back to
// another source by itself.
func (f *Flow) sourceFailed(w http.ResponseWriter, r *http.Request, t *transaction, source string, cause error) error {
	f.Log.InfoContext(r.Context(), "a source gave no identity", "ref", t.Ref, "source", source, "error", cause)
	f.Meter.SignIn(t.Request.Protocol, "source_failed")
	switch {
	case t.Request.Passive:
		t.Failure = &failure{Kind: idp.PassiveFailed, Code: "passive"}
	case errors.Is(cause, upstream.ErrContext) && len(t.Request.Needs) > 0: // the service may be content with less, and asks for it
		t.Failure = &failure{Kind: idp.WeakSignIn, Code: "not_as_asked"}
	case errors.Is(cause, upstream.ErrUnavailable):
		t.Trouble = "unavailable"
	case errors.Is(cause, upstream.ErrCancelled):
		t.Trouble = "cancelled"
	default:
		t.Trouble = "rejected"
	}
	t.Source, t.Failed = "", source
	return f.saveAndAgain(w, r, t)
}
