package samlsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"ecluse/internal/saml"
	"ecluse/internal/store"
	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

const (
	kindSession store.Kind = "saml-session" // what a request to end a session there has to say of it
	kindLeaving store.Kind = "saml-leaving" // a sign-out that we asked for, until it is answered

	// leaveLife is how long a request to sign out is good: as long as the link that leads there.
	leaveLife = 10 * time.Minute
	// leaveWait is how long an answer to it is waited for.
	leaveWait = leaveLife + 5*time.Minute
	// longestSession bounds what is kept of a session there when nobody says when it ends.
	longestSession = 12 * time.Hour
)

// kept is what a request to end a session there has to say of it (SAML Core 3.7.1). It lies sealed, apart from our session,
// under a name that both know.
type kept struct {
	IDP    string      `json:"idp"`
	NameID saml.NameID `json:"name_id"`
	Index  string      `json:"index"`
}

// leaving is a request to sign out that is not answered yet.
type leaving struct {
	IDP  string `json:"idp"`
	Word string `json:"word"`
}

func (c *Connector) sessionTicket(session string) string { return c.id + " " + session }

// exit is how they take a request to sign out: by a browser where they list one, since only with it can they end what else
// rests on their session (SAML Profiles 4.4.3.1), and otherwise by SOAP.
func (h *held) exit() (binding, location string) {
	for _, binding := range []string{saml.BindingRedirect, saml.BindingPOST, saml.BindingSOAP} {
		if location, ok := h.LogoutAt(binding); ok {
			return binding, location
		}
	}
	return "", ""
}

// remembering is what a sign-out will need, where they take one.
func (c *Connector) remembering(a *answer) ([]store.Op, error) {
	said := a.Assertion
	session := sessionName(said.NameID, said.SessionIndex)
	if binding, _ := a.them.exit(); binding == "" || session == "" {
		return nil, nil
	}
	value, err := json.Marshal(kept{IDP: a.them.EntityID, NameID: said.NameID, Index: said.SessionIndex})
	if err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	ends := a.now.Add(longestSession)
	if at := said.SessionNotOnOrAfter; !at.IsZero() && at.Before(ends) {
		ends = at
	}
	if !ends.After(a.now) { // within the clocks' difference
		return nil, nil
	}
	return []store.Op{{Do: store.Put, Ticket: store.Ticket{
		Kind: kindSession, Name: c.sessionTicket(session), Value: value, Expires: ends,
	}}}, nil
}

// forget drops what was kept of a session that has ended. What cannot be dropped now ends by itself.
func (c *Connector) forget(ctx context.Context, session string) {
	if err := c.tickets.Delete(ctx, kindSession, c.sessionTicket(session)); err != nil {
		c.log.WarnContext(ctx, "what was kept of a session could not be deleted", "error", err)
	}
}

// SignOutOf implements upstream.Leaver: a signed request by the binding that their metadata has for it (SAML Profiles 4.4.3.1).
// It names one session of one person; an address holds nothing else.
func (c *Connector) SignOutOf(ctx context.Context, session, word string) (out upstream.Exit, err error) {
	them, err := c.theirs.current()
	if err != nil {
		return out, err
	}
	binding, location := them.exit()
	if binding == "" || session == "" {
		return out, nil
	}
	ticket, err := c.tickets.Take(ctx, kindSession, c.sessionTicket(session))
	switch {
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrInvalid):
		return out, nil
	case err != nil:
		return out, fmt.Errorf("session: %w", err)
	}
	var at kept
	if err := json.Unmarshal(ticket.Value, &at); err != nil {
		return out, errors.New("session: what was kept cannot be read")
	}
	switch {
	case at.IDP != them.EntityID: // another provider answers there by now
		return out, nil
	case binding == saml.BindingSOAP:
		return upstream.Exit{Ask: ticket.Value}, nil
	}
	out.Browser, err = c.askToLeave(ctx, at, binding, location, word)
	return out, err
}

// endOf is the request that names one session there.
func (c *Connector) endOf(at kept, location string) *saml.LogoutRequest {
	now := c.now()
	return &saml.LogoutRequest{
		ID: saml.NewID(), IssueInstant: now, NotOnOrAfter: now.Add(leaveLife), Destination: location, Issuer: c.ours.entityID,
		NameID: at.NameID, Sessions: []string{at.Index},
	}
}

// askToLeave has a browser carry the request, signed as its binding wants it (SAML Bindings 3.4.4.1, 3.5.4).
func (c *Connector) askToLeave(ctx context.Context, at kept, binding, location, word string) (to upstream.Handoff, err error) {
	q := c.endOf(at, location)
	signer, err := c.ours.signer()
	if err != nil {
		return to, err
	}
	if binding == saml.BindingPOST {
		document, err := signer.AppendLogoutRequest(nil, q)
		if err != nil {
			return to, err
		}
		to = upstream.Handoff{Action: location, Fields: []web.Param{{Name: "SAMLRequest", Value: saml.EncodePost(document)}}}
	} else {
		document, err := saml.AppendLogoutRequest(nil, q)
		if err != nil {
			return to, err
		}
		query, err := signer.Query(saml.Outbound{XML: document})
		if err != nil {
			return to, err
		}
		to.Location = withQuery(location, query)
	}
	value, err := json.Marshal(leaving{IDP: at.IDP, Word: word})
	if err != nil {
		return upstream.Handoff{}, fmt.Errorf("sign-out: %w", err)
	}
	err = c.tickets.Create(ctx, store.Ticket{Kind: kindLeaving, Name: c.questionName(q.ID), Value: value, Expires: q.NotOnOrAfter.Add(leaveWait - leaveLife)})
	if err != nil {
		return upstream.Handoff{}, fmt.Errorf("sign-out: %w", err)
	}
	return to, nil
}

// Ask implements upstream.Leaver: the same request by SOAP, whose answer comes at once (SAML Bindings 3.2.2). It must be signed
// and theirs, to this request and of now; what else they say is nobody's word.
func (c *Connector) Ask(ctx context.Context, ask json.RawMessage) (ended bool, err error) {
	var at kept
	if err := json.Unmarshal(ask, &at); err != nil {
		return false, errors.New("session: what was kept cannot be read")
	}
	them, err := c.theirs.current()
	if err != nil {
		return false, err
	}
	location, ok := them.LogoutAt(saml.BindingSOAP)
	if !ok || at.IDP != them.EntityID {
		return false, away("their metadata has no address for this sign-out any more")
	}
	q := c.endOf(at, location)
	signer, err := c.ours.signer()
	if err != nil {
		return false, err
	}
	document, err := signer.AppendLogoutRequest(nil, q)
	if err != nil {
		return false, err
	}
	message, err := c.exchange(ctx, "its address for sign-outs", location, document)
	if err != nil {
		return false, err
	}
	p, err := saml.VerifyLogoutResponse(message, them.keys)
	switch {
	case err != nil:
		return false, fmt.Errorf("%w: %w", refused("what it says of its session"), err)
	case p.InResponseTo != q.ID:
		return false, refused("what it says of its session answers another request")
	case p.Destination == "": // which some leave out, since it goes back as it came
		p.Destination = c.ours.logout
	}
	if err := c.answersUs(p, them); err != nil {
		return false, fmt.Errorf("%w: %w", refused("what it says of its session"), err)
	}
	return over(p), nil
}

// over tells whether they say that the session there is over, and all that rests on it.
func over(p saml.LogoutResponse) bool { return p.Code == saml.StatusSuccess && p.Detail == "" }

// cameBack takes the answer to a request of ours (SAML Profiles 4.4.3.5). It counts once; an authentic one to no open request
// changes nothing, and the browser is shown how things are.
func (c *Connector) cameBack(w http.ResponseWriter, r *http.Request, in saml.Inbound, them *held) error {
	p, err := verifiedAnswer(in, them)
	if err == nil {
		err = c.answersUs(p, them)
	}
	if err != nil {
		return c.badLogout(err)
	}
	ticket, err := c.tickets.Take(r.Context(), kindLeaving, c.questionName(p.InResponseTo))
	switch {
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrInvalid):
		return c.host.Left(w, r, "", false)
	case err != nil:
		return web.Unavailable(fmt.Errorf("sign-out: %w", err))
	}
	var asked leaving
	if err := json.Unmarshal(ticket.Value, &asked); err != nil {
		return errors.New("sign-out: what was kept cannot be read")
	}
	if asked.IDP != them.EntityID {
		return c.badLogout(errors.New("another provider was asked"))
	}
	return c.host.Left(w, r, asked.Word, over(p))
}

// verifiedAnswer is verified for an answer: signed in any case (SAML Profiles 4.4.4.2), and every signature is theirs.
func verifiedAnswer(in saml.Inbound, them *held) (p saml.LogoutResponse, err error) {
	if in.Signed() {
		if err := in.VerifyDetached(them.keys); err != nil {
			return p, err
		}
	}
	if p, err = saml.ParseLogoutResponse(in.XML); err != nil {
		return p, err
	}
	if p.HasSignature || !in.Signed() {
		return saml.VerifyLogoutResponse(in.XML, them.keys)
	}
	return p, nil
}

// answersUs: it is theirs, for this address and of now.
func (c *Connector) answersUs(p saml.LogoutResponse, them *held) error {
	a := answer{settings: &c.settings, now: c.now()}
	switch {
	case p.Issuer != them.EntityID:
		return errors.New("its Issuer is another provider")
	case p.Destination != c.ours.logout:
		return errors.New("its Destination is another address")
	case a.early(p.IssueInstant):
		return errors.New("it is dated in the future")
	case a.older(p.IssueInstant, c.settings.AnswerAge):
		return errors.New("it is too old")
	}
	return nil
}

var _ upstream.Leaver = (*Connector)(nil)
