package samlidp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/saml"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

const (
	kindLogout store.Kind = "saml-logout" // a LogoutRequest of ours that a browser carries -> the step that it belongs to

	logoutLife   = 15 * time.Minute // how long a browser may take to come back
	soapPatience = 2 * time.Second  // how long a service may take to answer: somebody waits, and its browser may have to go there then
)

// asking is a request of ours that waits for its answer. Its name is the request's ID, which is random and nobody knows but
// the service and the browser.
type asking struct {
	Step     string `json:"step"`
	EntityID string `json:"entity_id"`
}

// SignOut tells a service that its session is over (SAML Profiles 4.4.3.3): at its SOAP address now, else by the browser. It
// is over when the service says so. A service that could not sign its answer is not asked through a browser, which would end
// there.
func (p *Provider) SignOut(ctx context.Context, who idp.Participant, step string) (idp.SignOutStep, error) {
	open := idp.SignOutStep{Outcome: idp.Unsupported}
	var at session
	if err := json.Unmarshal(who.State, &at); err != nil {
		return open, errors.New("sign-out: the session cannot be read")
	}
	c, err := p.correspondent(at.EntityID)
	if err != nil || c.service.ID != who.ServiceID {
		return open, err
	}
	if e, ok := c.party.Logout(saml.BindingSOAP); ok && p.cfg.Client != nil && len(c.party.keys) > 0 {
		if err = p.askBySOAP(ctx, c, at, e.Location); err == nil {
			return idp.SignOutStep{Outcome: idp.Done}, nil
		}
		err = fmt.Errorf("sign-out at service %s: %w", at.EntityID, err)
	}
	e, ok := front(c.party, saml.BindingRedirect, saml.BindingPOST)
	if !ok || step == "" || len(c.party.keys) == 0 {
		return open, err
	}
	if err != nil {
		p.failed(ctx, err)
	}
	handoff, err := p.askByBrowser(ctx, c, at, e, step)
	if err != nil {
		return open, fmt.Errorf("sign-out at service %s: %w", at.EntityID, err)
	}
	return idp.SignOutStep{Outcome: idp.Needed, Browser: handoff}, nil
}

// logoutOf names the session by what the service was told of it.
func (p *Provider) logoutOf(at session, to string) *saml.LogoutRequest {
	now := p.cfg.Now()
	q := &saml.LogoutRequest{
		ID: saml.NewID(), IssueInstant: now, NotOnOrAfter: now.Add(assertionLife), Destination: to, Issuer: p.entityID,
		NameID: saml.NameID{Value: at.NameID, Format: at.Format, NameQualifier: at.Qualifier, SPNameQualifier: at.SPQualifier},
	}
	if at.SessionIndex != "" {
		q.Sessions = []string{at.SessionIndex}
	}
	return q
}

func (p *Provider) askByBrowser(ctx context.Context, c correspondent, at session, e saml.Endpoint, step string) (idp.Handoff, error) {
	q := p.logoutOf(at, e.Location)
	value, err := json.Marshal(asking{Step: step, EntityID: at.EntityID})
	if err != nil {
		return idp.Handoff{}, err
	}
	err = p.cfg.Tickets.Create(ctx, store.Ticket{Kind: kindLogout, Name: q.ID, Value: value, Expires: p.cfg.Now().Add(logoutLife)})
	if err != nil {
		return idp.Handoff{}, err
	}
	return p.carried(c.party, letter{
		binding: e.Binding, to: e.Location,
		plain:  func() ([]byte, error) { return saml.AppendLogoutRequest(nil, q) },
		signed: func(s *saml.Signer) ([]byte, error) { return s.AppendLogoutRequest(nil, q) },
	})
}

// toldByBrowser takes the answer to a request of ours. One that is not believed ends nothing: the person is led on, and told
// that this session may be open. Only where we cannot look is the answer kept for another try.
func (e *endpoints) toldByBrowser(w http.ResponseWriter, r *http.Request, in saml.Inbound) error {
	step, over, err := e.believed(r.Context(), in)
	var fault *web.Fault
	switch {
	case err == nil:
		return e.gateway.Told(w, r, step, over)
	case errors.As(err, &fault) && fault.Status < http.StatusInternalServerError:
		return e.gateway.Lost(w, r, err)
	}
	return err
}

// believed holds an answer to what it has to be: signed, for us, of now, and of the service that was asked; then it counts
// once (SAML Core 3.7.2, Profiles 4.4.4.2). It gives the step that it belongs to, and whether the session there is over.
func (e *endpoints) believed(ctx context.Context, in saml.Inbound) (step string, over bool, err error) {
	a, err := saml.ParseLogoutResponse(in.XML)
	if err != nil {
		return "", false, badMessage(err)
	}
	c, err := e.correspondent(a.Issuer)
	if err != nil {
		return "", false, err
	}
	a, err = signed(in, c.party.keys, a, a.HasSignature, saml.VerifyLogoutResponse)
	switch {
	case err != nil:
	case a.Issuer != c.binding.Handle:
		err = errors.New("the signed part names another issuer")
	case a.Destination != e.cfg.Kit.URL(sloPath):
		err = errors.New("its Destination is another address")
	}
	if err != nil {
		return "", false, notTheirs(fmt.Errorf("answer of %s to a sign-out: %w", c.binding.Handle, err))
	}
	if err := e.inTime(a.IssueInstant); err != nil {
		return "", false, tooOld(fmt.Errorf("answer of %s to a sign-out: %w", c.binding.Handle, err))
	}
	asked, err := e.answered(ctx, a)
	return asked.Step, ended(a), err
}

// answered finds which request of ours an answer is to, and uses it up. An answer of another service uses up nothing.
func (p *Provider) answered(ctx context.Context, a saml.LogoutResponse) (asked asking, err error) {
	ticket, err := p.cfg.Tickets.Get(ctx, kindLogout, a.InResponseTo)
	if err == nil {
		if err = json.Unmarshal(ticket.Value, &asked); err == nil && asked.EntityID != a.Issuer {
			return asked, notTheirs(fmt.Errorf("answer of %s to a sign-out: another service was asked", a.Issuer))
		}
	}
	if err == nil {
		_, err = p.cfg.Tickets.Take(ctx, kindLogout, a.InResponseTo)
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		return asked, tooOld(fmt.Errorf("answer of %s to a sign-out: it answers nothing that waits", a.Issuer))
	case err != nil:
		return asked, web.Unavailable(fmt.Errorf("answer of %s to a sign-out: %w", a.Issuer, err))
	}
	return asked, nil
}

// ended tells whether the service says that its session is over. One that stands for others and could not end them all says
// so below a success, and counts as open.
func ended(a saml.LogoutResponse) bool { return a.Code == saml.StatusSuccess && a.Detail == "" }

// askBySOAP asks at a service's own address (SAML Bindings 3.2.2). Nil means that it said that the session is over.
func (p *Provider) askBySOAP(ctx context.Context, c correspondent, at session, to string) error {
	signer, err := p.signerFor(c.party)
	if err != nil {
		return err
	}
	q := p.logoutOf(at, to)
	document, err := signer.AppendLogoutRequest(nil, q)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, soapPatience)
	defer cancel()
	body, err := p.exchange(ctx, to, saml.AppendEnvelope(nil, document))
	if err != nil {
		return err
	}
	message, err := saml.OpenEnvelope(body)
	if err != nil {
		return err
	}
	a, err := saml.VerifyLogoutResponse(message, c.party.keys)
	if err != nil {
		return err
	}
	switch {
	case a.Issuer != c.binding.Handle, a.InResponseTo != q.ID:
		return errors.New("another service answers, or another request is answered")
	case !ended(a):
		return errors.New("it says that its session is not over")
	}
	return p.inTime(a.IssueInstant)
}

// exchange sends an envelope and reads the answer to it.
func (p *Provider) exchange(ctx context.Context, to string, envelope []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(envelope))
	if err != nil {
		return nil, errors.New("the address cannot be asked")
	}
	r.Header.Set("Content-Type", saml.ContentTypeSOAP)
	r.Header.Set("SOAPAction", saml.ActionSOAP)
	resp, err := p.cfg.Client.Do(r)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // without the address
		}
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK || !saml.IsSOAP(resp.Header.Get("Content-Type")) {
		return nil, fmt.Errorf("it answered with status %d, or not by SOAP", resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, soapBodyLimit+1))
	if err == nil && len(body) > soapBodyLimit {
		err = errors.New("its answer is too long")
	}
	return body, err
}
