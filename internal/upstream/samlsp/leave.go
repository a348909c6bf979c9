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

// remember keeps what a sign-out will need, where they take one.
func (c *Connector) remember(ctx context.Context, a *answer) error {
	said := a.Assertion
	session := sessionName(said.NameID, said.SessionIndex)
	if _, ok := a.them.LogoutAt(saml.BindingRedirect); !ok || session == "" {
		return nil
	}
	value, err := json.Marshal(kept{IDP: a.them.EntityID, NameID: said.NameID, Index: said.SessionIndex})
	if err != nil {
		return fmt.Errorf("session: %w", err)
	}
	ends := a.now.Add(longestSession)
	if at := said.SessionNotOnOrAfter; !at.IsZero() && at.Before(ends) {
		ends = at
	}
	if !ends.After(a.now) { // within the clocks' difference
		return nil
	}
	if err := c.tickets.Put(ctx, store.Ticket{Kind: kindSession, Name: c.sessionTicket(session), Value: value, Expires: ends}); err != nil {
		return web.Unavailable(fmt.Errorf("session: %w", err))
	}
	return nil
}

// forget drops what was kept of a session that has ended. What cannot be dropped now ends by itself.
func (c *Connector) forget(ctx context.Context, session string) {
	if err := c.tickets.Delete(ctx, kindSession, c.sessionTicket(session)); err != nil {
		c.log.WarnContext(ctx, "what was kept of a session could not be deleted", "error", err)
	}
}

// SignOutOf implements upstream.Leaver: a signed request by HTTP-Redirect (SAML Profiles 4.4.3.1). It names one session of one
// person; the address holds nothing else.
func (c *Connector) SignOutOf(ctx context.Context, session, word string) (string, error) {
	them, err := c.theirs.current()
	if err != nil {
		return "", err
	}
	location, ok := them.LogoutAt(saml.BindingRedirect)
	if !ok || session == "" {
		return "", nil
	}
	ticket, err := c.tickets.Take(ctx, kindSession, c.sessionTicket(session))
	switch {
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrInvalid):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("session: %w", err)
	}
	var at kept
	if err := json.Unmarshal(ticket.Value, &at); err != nil {
		return "", errors.New("session: what was kept cannot be read")
	}
	if at.IDP != them.EntityID { // another provider answers there by now
		return "", nil
	}
	return c.askToLeave(ctx, at, location, word)
}

func (c *Connector) askToLeave(ctx context.Context, at kept, location, word string) (string, error) {
	now := c.now()
	q := saml.LogoutRequest{
		ID: saml.NewID(), IssueInstant: now, NotOnOrAfter: now.Add(leaveLife), Destination: location, Issuer: c.ours.entityID,
		NameID: at.NameID, Sessions: []string{at.Index},
	}
	document, err := saml.AppendLogoutRequest(nil, &q)
	if err != nil {
		return "", err
	}
	signer, err := c.ours.signer()
	if err != nil {
		return "", err
	}
	query, err := signer.Query(saml.Outbound{XML: document})
	if err != nil {
		return "", err
	}
	value, err := json.Marshal(leaving{IDP: at.IDP, Word: word})
	if err != nil {
		return "", fmt.Errorf("sign-out: %w", err)
	}
	err = c.tickets.Create(ctx, store.Ticket{Kind: kindLeaving, Name: c.questionName(q.ID), Value: value, Expires: now.Add(leaveWait)})
	if err != nil {
		return "", fmt.Errorf("sign-out: %w", err)
	}
	return withQuery(location, query), nil
}

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
	return c.host.Left(w, r, asked.Word, p.Code == saml.StatusSuccess && p.Detail == "")
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
