package login

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"ecluse/internal/consent"
	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/upstream"
)

// ByPassword answers a program that shows no page. It is the way of a sign-in from the source to the answer, without any of
// its questions: one source, which is named, one establishment, or none at all.
func (f *Flow) ByPassword(ctx context.Context, request idp.Request, said idp.Password) (idp.Handoff, error) {
	request.Hints.Source = said.Source
	t := f.newTransaction(request)
	who, why, err := f.checked(ctx, t, said)
	if err != nil {
		return idp.Handoff{}, err
	}
	var handoff idp.Handoff
	if why == nil {
		handoff, why = f.answerUnseen(ctx, t, who)
	}
	if why == nil {
		f.Meter.SignIn(request.Protocol, "answered")
		return handoff, nil
	}
	f.Meter.Decision("refused", why.Code)
	if why.Code != "" {
		f.journalRefusal(ctx, t.Ref, request, who, why.Code, false, refusedAt(who, why.Refusal))
	}
	return idp.Handoff{}, &idp.Failure{Kind: why.Kind, Ref: t.Ref}
}

// checked has the source check the password, where a sign-in could begin there, and reads whose it is. The error is one of
// the password itself.
func (f *Flow) checked(ctx context.Context, t *transaction, said idp.Password) (person.Person, *failure, error) {
	nobody := func(kind idp.Kind, code string) (person.Person, *failure, error) {
		return person.Person{}, &failure{Kind: kind, Code: code}, nil
	}
	snapshot, err := f.Live.Current()
	if err != nil {
		return nobody(idp.Internal, "registry_stale")
	}
	v := view{snapshot: snapshot}
	if f.refuseClosed(t, v); t.Failure != nil {
		return person.Person{}, t.Failure, nil
	}
	checker, can := f.Connectors[said.Source].(upstream.PasswordChecker)
	sources := f.sources(t, v)
	switch {
	case said.Source == "" || !can:
		return nobody(idp.SignInFailed, "no_source")
	case len(sources) != 1:
		return person.Person{}, f.noSource(t, v), nil
	}
	assertion, err := checker.CheckPassword(ctx, said.From, said.Login, said.Secret)
	var tooMany upstream.TooManyError
	switch {
	case errors.As(err, &tooMany):
		return person.Person{}, nil, idp.WaitError{For: tooMany.Wait}
	case errors.Is(err, upstream.ErrPassword):
		f.Meter.SignIn(t.Request.Protocol, "source_failed")
		return person.Person{}, nil, idp.ErrPassword
	case err != nil:
		f.Log.WarnContext(ctx, "a source gave no identity", "ref", t.Ref, "source", said.Source, "error", err)
		f.Meter.SignIn(t.Request.Protocol, "source_failed")
		return nobody(idp.SignInFailed, "no_source")
	}
	assertion.Authn.Source = said.Source
	assertion.Authn.At = t.proved(assertion.Authn.At, f.Now())
	who, err := sources[0].Reading().Resolve(assertion.Raw)
	if err != nil || !assertion.Ends.IsZero() && !assertion.Ends.After(f.Now()) {
		f.Log.WarnContext(ctx, "an identity is incomplete", "ref", t.Ref, "source", said.Source, "error", err)
		return nobody(idp.SignInFailed, "incomplete_identity")
	}
	if err := f.numbering().Know(ctx, said.Source, &who); err != nil {
		f.Log.ErrorContext(ctx, "a person could not be looked up in the key book", "ref", t.Ref, "error", err)
		return nobody(idp.Internal, "key_book")
	}
	return who, nil, nil
}

// answerUnseen journals the sign-in, decides and answers.
func (f *Flow) answerUnseen(ctx context.Context, t *transaction, who person.Person) (idp.Handoff, *failure) {
	internal := func(what string, err error) (idp.Handoff, *failure) {
		f.Log.ErrorContext(ctx, what, "ref", t.Ref, "error", err)
		return idp.Handoff{}, &failure{Kind: idp.Internal, Code: "internal"}
	}
	if err := f.journalSignIn(ctx, t, who); err != nil {
		return internal("a sign-in could not be journaled", err)
	}
	snapshot, err := f.Live.Current()
	if err != nil {
		return internal("the registry is away", err)
	}
	if who, err = f.speaking(ctx, who); err != nil {
		return internal("what schools closed could not be looked up", err)
	}
	h := hop{snapshot: snapshot, who: who}
	var why *failure
	if h.place, why = f.staffPlace(h, t.Request.ServiceID); why != nil {
		return idp.Handoff{}, why
	}
	cleared, why := f.unseen(ctx, h, t.Request, rand.Text(), consent.Around{Ref: t.Ref, Protocol: t.Request.Protocol})
	if why != nil {
		return idp.Handoff{}, why
	}
	f.Meter.Decision("released", string(cleared.Act()))
	handoff, err := f.unjoined(ctx, t.Request, cleared)
	var refused *idp.Failure
	switch {
	case errors.As(err, &refused):
		return idp.Handoff{}, &failure{Kind: refused.Kind, Code: "not_as_asked"}
	case err != nil:
		return internal("a program could not be answered", err)
	}
	return handoff, nil
}

// unjoined is the answer where there is no session that the service could join.
func (f *Flow) unjoined(ctx context.Context, request idp.Request, cleared consent.Cleared) (idp.Handoff, error) {
	protocol, ok := f.Protocols[request.Protocol]
	if !ok {
		return idp.Handoff{}, fmt.Errorf("protocol %q is not spoken", request.Protocol)
	}
	handoff, _, err := protocol.Answer(ctx, request, idp.Answered{Cleared: cleared, At: f.Now()})
	if err == nil && len(handoff.Before) > 0 {
		err = f.Tickets.Write(ctx, handoff.Before...)
	}
	return handoff, err
}

// staffPlace is where somebody enters as staff, where that is one place. Whoever is a pupil anywhere enters by pages alone:
// a password in a program is nothing for a child.
func (f *Flow) staffPlace(h hop, service string) (policy.Place, *failure) {
	pupil := func(a person.Affiliation) bool { return a.Profile == person.Pupil }
	if slices.ContainsFunc(h.who.Affiliations, pupil) {
		return policy.Place{}, &failure{Kind: idp.Denied, Code: string(policy.NotForProfile)}
	}
	open := policy.Places(h.snapshot, f.Now(), h.who, service)
	if len(open) == 0 {
		return policy.Place{}, denied(policy.Why(h.snapshot, f.Now(), h.who, service))
	}
	open = slices.DeleteFunc(open, func(p policy.Place) bool { return !staff(p.Profile) })
	switch len(open) {
	case 0:
		return policy.Place{}, &failure{Kind: idp.Denied, Code: string(policy.NotForProfile)}
	case 1:
		return open[0], nil
	}
	return policy.Place{}, &failure{Kind: idp.PageNeeded, Code: "page_needed"}
}
