package samlsp

import (
	"fmt"
	"slices"
	"time"

	"ecluse/internal/saml"
	"ecluse/internal/upstream"
)

// answer is one response, beside the question that it answers.
type answer struct {
	saml.Facts
	question

	them          *held
	settings      *Settings
	entityID, acs string             // ours
	id            string             // of the request that is answered
	asked         upstream.Challenge // for whom the question was put
	relay         string             // as the browser brought it
	now           time.Time
}

// judge tells whether the answer may be used. What an unsigned message can say is looked at first, since a failure is
// believed without a signature; it ends a sign-in and begins none.
func (a *answer) judge() error {
	for _, rule := range []func() error{a.exchange, a.addressee, a.sender} {
		if err := rule(); err != nil {
			return err
		}
	}
	if a.Status != saml.StatusSuccess {
		return a.failure()
	}
	for _, rule := range []func() error{
		a.issued, a.conditions, a.audience, a.confirmation, a.passed, a.authn, a.class,
	} {
		if err := rule(); err != nil {
			return err
		}
	}
	return nil
}

// exchange: the message answers this request, and came with what went out with it (SAML Core 3.2.2, Bindings 3.5.3).
func (a *answer) exchange() error {
	switch {
	case a.InResponseTo != a.id:
		return refused("it answers another request")
	case a.relay != "" && a.relay != a.id:
		return refused("its RelayState is another's")
	}
	return nil
}

// addressee: Destination is ours, whether the message is signed or not (SAML Bindings 3.5.5.2).
func (a *answer) addressee() error {
	if a.Destination != a.acs {
		return refused("its Destination is another address")
	}
	return nil
}

// sender: whoever was asked answers, and nobody else (SAML Profiles 4.1.4.2).
func (a *answer) sender() error {
	switch {
	case a.them.EntityID != a.IDP:
		return refused("another provider was asked")
	case a.ResponseIssuer != "" && a.ResponseIssuer != a.IDP:
		return refused("its Issuer is another provider")
	case a.Assertion != nil && a.Assertion.Issuer != a.IDP:
		return refused("its assertion's Issuer is another provider")
	}
	return nil
}

// failure tells apart what the pages tell apart (SAML Core 3.2.2.2).
func (a *answer) failure() error {
	switch a.StatusDetail {
	case saml.StatusNoPassive:
		return fmt.Errorf("%w: NoPassive", upstream.ErrNoSession)
	case saml.StatusAuthnFailed:
		return fmt.Errorf("%w: AuthnFailed", upstream.ErrCancelled)
	case saml.StatusNoAvailableIDP:
		return away("NoAvailableIDP")
	case saml.StatusNoAuthnContext:
		return fmt.Errorf("%w: status %s", upstream.ErrContext, a.StatusDetail)
	case saml.StatusRequestDenied, saml.StatusInvalidNameIDPolicy, saml.StatusNoSupportedIDP, saml.StatusRequestUnsupported:
		return refused("status " + a.StatusDetail)
	}
	switch a.Status {
	case saml.StatusRequester, saml.StatusResponder, saml.StatusVersionMismatch:
		return refused("status " + a.Status)
	}
	return refused("a status that is not known")
}

// early and late judge instants of another clock.
func (a *answer) early(t time.Time) bool {
	return a.now.Add(a.settings.ClockSkew).Before(t)
}

func (a *answer) late(t time.Time) bool {
	return !a.now.Before(t.Add(a.settings.ClockSkew))
}

func (a *answer) older(t time.Time, age time.Duration) bool { return a.late(t.Add(age)) }

// issued: both the response and the assertion are of now (hard case 13: an answer beyond its limit is stale).
func (a *answer) issued() error {
	for _, at := range []time.Time{a.IssueInstant, a.Assertion.IssueInstant} {
		switch {
		case at.IsZero():
			return refused("it does not say when it was issued")
		case a.early(at):
			return refused("it is dated in the future")
		case a.older(at, a.settings.AnswerAge):
			return refused("it is too old")
		}
	}
	return nil
}

// conditions: SAML Core 2.5.1.2.
func (a *answer) conditions() error {
	switch c := a.Assertion; {
	case a.early(c.NotBefore):
		return refused("its assertion is not good yet")
	case !c.NotOnOrAfter.IsZero() && a.late(c.NotOnOrAfter):
		return refused("its assertion has ended")
	}
	return nil
}

// audience: we are among those of every restriction, and there is one (SAML Core 2.5.1.4, Profiles 4.1.4.2).
func (a *answer) audience() error {
	if len(a.Assertion.Audiences) == 0 {
		return refused("its assertion is for nobody in particular")
	}
	for _, restriction := range a.Assertion.Audiences {
		if !slices.Contains(restriction, a.entityID) {
			return refused("its assertion is for another audience")
		}
	}
	return nil
}

// confirmation: one bearer confirmation is for this address, this request and now (SAML Profiles 4.1.4.2 and 4.1.4.3).
func (a *answer) confirmation() error {
	confirms := func(c saml.Confirmation) bool {
		return c.Recipient == a.acs && c.InResponseTo == a.id &&
			!c.NotOnOrAfter.IsZero() && !a.late(c.NotOnOrAfter) && !a.early(c.NotBefore)
	}
	if !slices.ContainsFunc(a.Assertion.Confirmations, confirms) {
		return refused("nothing confirms its subject for this address, this request and this time")
	}
	return nil
}

// passed: what says that nothing may be said on its ground says nothing to a gateway (SAML Core 2.5.1.6).
func (a *answer) passed() error {
	if a.Assertion.ProxyRestricted {
		return refused("its assertion may not be passed on")
	}
	return nil
}

// authn: the person signed in there, lately enough, and anew where that was asked (SAML Core 2.7.2 and 3.4.1).
func (a *answer) authn() error {
	switch at := a.Assertion.AuthnInstant; {
	case at.IsZero():
		return refused("it does not say when the person signed in")
	case a.early(at):
		return refused("the person signed in in the future")
	case a.older(at, a.settings.AuthnAge):
		return refused("the person signed in too long ago")
	case a.Fresh && a.Asked.After(at.Add(a.leeway())):
		return fmt.Errorf("%w: the person was asked to sign in anew, and did not", upstream.ErrStale)
	}
	if end := a.Assertion.SessionNotOnOrAfter; !end.IsZero() && a.late(end) {
		return refused("the person's session there has ended")
	}
	return nil
}

// leeway is by how much a new proof may be dated before the question. One for an act was given after it was asked for: clocks
// that differ may refuse one, and take none from before. An instant may be in whole seconds.
func (a *answer) leeway() time.Duration {
	if a.Proof {
		return a.Asked.Sub(a.Asked.Truncate(time.Second))
	}
	return a.settings.ClockSkew
}

// class: what was asked for exactly is what came. Of a minimum, the order of classes is theirs to know (SAML Core
// 3.3.2.2.1).
func (a *answer) class() error {
	if len(a.Contexts) > 0 {
		if slices.Contains(a.Contexts, a.Assertion.Class) {
			return nil
		}
		return fmt.Errorf("%w: its AuthnContextClassRef is another", upstream.ErrContext)
	}
	asked := a.settings.AuthnContext
	if len(asked) == 0 || a.settings.Comparison == "minimum" || slices.Contains(asked, a.Assertion.Class) {
		return nil
	}
	return refused("the person signed in in another way than was asked for")
}
