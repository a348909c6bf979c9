package samlsp

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"ecluse/internal/saml"
	"ecluse/internal/web"
)

// logout is one request of theirs to end sessions (SAML Profiles 4.4), as it was verified.
type logout struct {
	saml.LogoutRequest
	relay string
	them  *held

	binding, location string // of the answer
}

// logoutAsked takes a request by HTTP-Redirect.
func (c *Connector) logoutAsked(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet {
		return c.badLogout(errors.New("a request by HEAD ends nothing"))
	}
	in, err := saml.DecodeRedirect(r.URL.RawQuery)
	if err != nil {
		return c.badLogout(err)
	}
	return c.logOut(w, r, in)
}

// logoutPosted takes one by HTTP-POST.
func (c *Connector) logoutPosted(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	in, err := saml.DecodePost(form)
	if err != nil {
		return c.badLogout(err)
	}
	return c.logOut(w, r, in)
}

func (c *Connector) badLogout(err error) error {
	return web.BadRequest(fmt.Errorf("source %s: no sign-out: %w", c.id, err))
}

// logOut ends what they name, and answers. Until it is known to be theirs, and for us, only our page speaks. A request that
// comes twice ends what has ended, so that none need be remembered.
func (c *Connector) logOut(w http.ResponseWriter, r *http.Request, in saml.Inbound) error {
	if in.Response {
		return c.badLogout(errors.New("an answer to no request of ours"))
	}
	them, err := c.theirs.current()
	if err != nil {
		return web.Unavailable(err)
	}
	q, err := verified(in, them)
	if err != nil {
		return c.badLogout(err)
	}
	q.relay, q.them = in.RelayState, them
	q.reach(in.Binding)
	if err := c.meant(q); err != nil {
		return c.badLogout(err)
	}
	return c.answerLogout(w, r, q, c.end(r.Context(), q))
}

// verified is the request as its signature covers it. There is one in any case (SAML Profiles 4.4.4.1), and every one that
// is there must be theirs.
func verified(in saml.Inbound, them *held) (*logout, error) {
	if in.Signed() {
		if err := in.VerifyDetached(them.keys); err != nil {
			return nil, err
		}
	}
	q, err := saml.ParseLogoutRequest(in.XML)
	if err != nil {
		return nil, err
	}
	if q.HasSignature || !in.Signed() {
		if q, err = saml.VerifyLogoutRequest(in.XML, them.keys); err != nil {
			return nil, err
		}
	}
	return &logout{LogoutRequest: q}, nil
}

// meant: it is theirs, for this address and of now.
func (c *Connector) meant(q *logout) error {
	a := answer{settings: &c.settings, now: c.now()}
	switch {
	case q.Issuer != q.them.EntityID:
		return errors.New("its Issuer is another provider")
	case q.Destination != c.ours.logout:
		return errors.New("its Destination is another address")
	case q.location == "":
		return errors.New("their metadata has no address for an answer")
	case a.early(q.IssueInstant):
		return errors.New("it is dated in the future")
	case a.older(q.IssueInstant, c.settings.AnswerAge), !q.NotOnOrAfter.IsZero() && a.late(q.NotOnOrAfter):
		return errors.New("it is too old")
	}
	return nil
}

// end ends the sessions that are named, and gives the status in detail; none when all is done. One without SessionIndex
// means all of a person's: which those are is not kept.
func (c *Connector) end(ctx context.Context, q *logout) (detail string) {
	if len(q.Sessions) == 0 {
		return saml.StatusRequestUnsupported
	}
	for _, index := range q.Sessions {
		name := sessionName(q.NameID, index)
		if name == "" {
			continue
		}
		if err := c.host.SignedOut(ctx, c.id, name); err != nil {
			c.log.ErrorContext(ctx, "a session that its source ended goes on", "error", err)
			detail = saml.StatusPartialLogout
		}
	}
	return detail
}

// reach settles where the answer goes: in the way that they asked, where they take answers so.
func (q *logout) reach(asked string) {
	for _, binding := range []string{asked, saml.BindingRedirect, saml.BindingPOST} {
		if location, ok := q.them.Logout(binding); ok {
			q.binding, q.location = binding, location
			return
		}
	}
}

// answerLogout tells them what became of it.
func (c *Connector) answerLogout(w http.ResponseWriter, r *http.Request, q *logout, detail string) error {
	signer, err := c.ours.signer()
	if err != nil {
		return err
	}
	said := &saml.LogoutResponse{
		ID: saml.NewID(), InResponseTo: q.ID, Issuer: c.ours.entityID, Destination: q.location, IssueInstant: c.now(), Code: saml.StatusSuccess, Detail: detail,
	}
	if detail != "" {
		said.Code = saml.StatusResponder
	}
	if q.binding == saml.BindingPOST {
		return c.postLogout(w, r, signer, said, q.relay)
	}
	document, err := saml.AppendLogoutResponse(nil, said)
	if err != nil {
		return err
	}
	query, err := signer.Query(saml.Outbound{Response: true, XML: document, RelayState: q.relay})
	if err != nil {
		return err
	}
	return c.kit.Redirect(w, r, withQuery(q.location, query), http.StatusSeeOther)
}

func (c *Connector) postLogout(w http.ResponseWriter, r *http.Request, signer *saml.Signer, said *saml.LogoutResponse, relay string) error {
	document, err := signer.AppendLogoutResponse(nil, said)
	if err != nil {
		return err
	}
	fields := []web.Param{{Name: "SAMLResponse", Value: saml.EncodePost(document)}}
	if relay != "" {
		fields = append(fields, web.Param{Name: "RelayState", Value: relay})
	}
	return c.kit.PostForm(w, r, said.Destination, fields, web.Frame{})
}
