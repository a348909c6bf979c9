package login

import (
	"context"
	"errors"
	"net/http"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/consent"
	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

// verdict is what gate and engine say at one hop. It is computed anew each time and stored nowhere.
type verdict struct {
	release attrs.Release
	binding registry.Binding
}

// ask puts the question to gate and engine: steps 6 and 7, pure but for the numbers that serve, which a caller who lets
// nothing out need not know.
func (f *Flow) ask(s *registry.Snapshot, p person.Person, place policy.Place, request idp.Request, session string, numbers serving) (verdict, error) {
	defer f.took("decide")()
	service, binding, ok := s.Binding(request.Protocol, request.Handle)
	if !ok || service.ID != request.ServiceID { // gone, or given to another service meanwhile
		return verdict{}, &policy.Refusal{Reason: policy.UnknownService, Service: request.ServiceID}
	}
	grant, err := policy.Gate(s, f.Now(), policy.Ask{Person: p, Place: place, Service: request.ServiceID})
	if err != nil {
		return verdict{}, err
	}
	ask := attrs.Request{Asked: request.Asked, Subject: binding.Subject, Session: session}
	if numbers != nil {
		if err := numbers(p, grant, &ask); err != nil {
			return verdict{}, err
		}
	}
	release, err := f.Engine.Release(p, grant, ask)
	if err == nil { // told now and here, rather than by a service that takes only part of it
		err = release.Fits(request.Protocol, binding)
	}
	return verdict{release: release, binding: binding}, err
}

// took measures one stage of our own work.
func (f *Flow) took(stage string) func() {
	began := time.Now()
	return func() { f.Meter.Took(stage, time.Since(began)) }
}

// clear writes journal and receipt.
func (f *Flow) clear(ctx context.Context, p person.Person, r attrs.Release, said consent.Said, around consent.Around) (consent.Cleared, error) {
	defer f.took("record")()
	return f.Book.Clear(ctx, p, r, said, around)
}

// decide asks, then informs, asks the person, or answers.
func (f *Flow) decide(w http.ResponseWriter, r *http.Request, t *transaction, v view) error {
	verdict, err := f.ask(v.snapshot, v.session.Person, *t.Place, t.Request, v.session.ID, f.serving(r.Context()))
	if errors.Is(err, errNumbers) {
		return web.Unavailable(err)
	}
	if err != nil {
		return f.fail(w, r, t, v, failed(err))
	}
	around := consent.Around{Ref: t.Ref, Protocol: t.Request.Protocol, Ask: t.Request.Ask}
	if t.Said.Act == consent.Refused {
		if err := f.Book.Refuse(r.Context(), v.session.Person, verdict.release, t.Said, around); err != nil && !never(err) {
			return web.Unavailable(err) // nobody is told that their no is kept while it is not
		}
		return f.fail(w, r, t, v, &failure{Kind: idp.Denied, Code: "refused_by_person"})
	}
	a := &answering{f: f, t: t, v: v}
	err = a.write(r.Context(), verdict.release, around)
	var asking *consent.Asking
	switch {
	case errors.As(err, &asking):
		return f.asks(w, r, t, v, verdict.release, asking.Need)
	case never(err):
		return f.fail(w, r, t, v, unopened(err))
	case errors.Is(err, consent.ErrOver):
		return f.fail(w, r, t, v, over(verdict.release))
	case errors.As(err, new(*seenBefore)):
		return errors.Unwrap(err)
	case errors.As(err, new(*unmade)):
		return f.unanswered(w, r, t, v, errors.Unwrap(err))
	case err != nil && a.made:
		return f.unwritten(w, r, t, err)
	case err != nil:
		return web.Unavailable(err) // no entry, no release
	}
	f.Meter.Decision("released", string(a.cleared.Act()))
	f.Meter.SignIn(t.Request.Protocol, "answered")
	return f.send(w, r, t, a.handoff, frame(t, v))
}

// over is a declaration that ended between the decision and its record.
func over(r attrs.Release) *failure {
	return denied(&policy.Refusal{Reason: policy.Expired, Service: r.Service().ID, Date: r.Declaration().Until})
}

// failed reads what gate or engine said.
func failed(err error) *failure {
	var missing *attrs.Missing
	if errors.As(err, &missing) {
		return lacking(missing)
	}
	var oversize *attrs.Oversize
	if errors.As(err, &oversize) {
		return &failure{Kind: idp.Denied, Code: "too_large", Attr: string(oversize.Word)}
	}
	return denied(err)
}

// lacking names the attribute, and who can correct it: what nobody said can be said; what is held back or not declared is
// for whoever runs the gateway to look at.
func lacking(missing *attrs.Missing) *failure {
	corrects := "operator"
	if missing.Why == attrs.NotKnown {
		corrects = missing.Entry.Corrects
	}
	return &failure{
		Kind: idp.Denied, Code: string(missing.Reason), Attr: string(missing.Entry.Attr), Source: missing.Source, Corrects: corrects,
	}
}

// never tells whether no answer of the person would let anything out.
func never(err error) bool {
	return errors.Is(err, consent.ErrParents) || errors.Is(err, consent.ErrClosed)
}

// unopened is why no answer of the person would let anything out, and what they may do instead.
func unopened(err error) *failure {
	why := &failure{Kind: idp.Denied, Code: unheard(err)}
	var closed *consent.Closing
	if errors.As(err, &closed) {
		why.Instead = closed.Instead
	}
	return why
}

// unheard is the code of what never says yes to.
func unheard(err error) string {
	if errors.Is(err, consent.ErrClosed) {
		return "closed_for_you"
	}
	return "parents_first"
}

// asks shows what the service will learn and what it will not; who said no to it already is told so, and asked only if they
// want to be. A passive request is told that a page is needed.
func (f *Flow) asks(w http.ResponseWriter, r *http.Request, t *transaction, v view, release attrs.Release, need consent.Need) error {
	if t.Request.Passive {
		return f.refusePassive(w, r, t, v)
	}
	if err := f.save(r.Context(), t); err != nil {
		return err
	}
	if !need.Declined.IsZero() && t.Said.Act != again {
		return f.renderDeclined(w, r, t, v, release, need)
	}
	return f.renderInform(w, r, t, v, release, need)
}

func (f *Flow) refusePassive(w http.ResponseWriter, r *http.Request, t *transaction, v view) error {
	return f.fail(w, r, t, v, &failure{Kind: idp.PageNeeded, Code: "passive"})
}

// informed takes the page's answer. The digest ties it to what was shown: if that has changed since, the page comes
// again with what is true now.
func (f *Flow) informed(r *http.Request, t *transaction, _ view) error {
	switch act := consent.Act(r.PostFormValue("act")); act {
	case consent.Informed, consent.Agreed, again:
		t.Said = consent.Said{Act: act, Digest: r.PostFormValue("digest")}
	default:
		t.Said = consent.Said{Act: consent.Refused, Digest: r.PostFormValue("digest")}
	}
	return nil
}

// Resume re-runs gate, release, information and journal for a later answer.
func (f *Flow) Resume(ctx context.Context, id string) (consent.Cleared, error) {
	g, err := f.readGrant(ctx, id)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return consent.Cleared{}, &idp.Failure{Kind: idp.Denied}
	}
	if err != nil {
		f.Log.ErrorContext(ctx, "a right to later answers could not be read", "error", err)
		return consent.Cleared{}, &idp.Failure{Kind: idp.Internal}
	}
	no := func(kind idp.Kind, reason string) (consent.Cleared, error) {
		f.Meter.Decision("refused", reason)
		f.journalRefusal(ctx, g.Ref, g.Request, g.Person, reason, true, "")
		return consent.Cleared{}, &idp.Failure{Kind: kind, Ref: g.Ref}
	}
	snapshot, err := f.Live.Current()
	if err != nil {
		return no(idp.Internal, "registry_stale")
	}
	who, err := f.speaking(ctx, g.Person)
	if err != nil {
		f.Log.ErrorContext(ctx, "a later answer could not be looked up in what schools closed", "ref", g.Ref, "error", err)
		return no(idp.Internal, "internal")
	}
	if f.stoppedSince(snapshot, who, g) {
		if err := f.Forget(ctx, id); err != nil {
			f.Log.WarnContext(ctx, "a right that a suspension ended could not be removed", "ref", g.Ref, "error", err)
		}
		return no(idp.Denied, "stopped_since")
	}
	cleared, why := f.unseen(ctx, hop{snapshot, who, g.Place}, g.Request, g.Session, consent.Around{
		Ref: g.Ref, Protocol: g.Request.Protocol, Later: true,
	})
	switch {
	case why == nil:
	case why.Code == "":
		return consent.Cleared{}, &idp.Failure{Kind: why.Kind, Ref: g.Ref}
	default:
		return no(why.Kind, why.Code)
	}
	f.Meter.Decision("released", "later")
	return cleared, nil
}
