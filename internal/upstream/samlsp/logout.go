package samlsp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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

// logout is one request of theirs to end sessions (SAML Profiles 4.4), as it was verified.
type logout struct {
	saml.LogoutRequest
	asker
	them *held
}

// asker is what the answer to a request of theirs needs of it.
type asker struct {
	ID      string `json:"id"`
	Relay   string `json:"relay,omitempty"`
	Binding string `json:"binding"`
}

// logoutAsked takes a request, or an answer to ours, by HTTP-Redirect.
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

// logOut ends what they name, and has it answered. Until it is known to be theirs, for us and new, only our page speaks. So it
// does to whoever loads the same request again, honest or not: what it names has ended, and they were answered.
func (c *Connector) logOut(w http.ResponseWriter, r *http.Request, in saml.Inbound) error {
	them, err := c.theirs.current()
	if err != nil {
		return web.Unavailable(err)
	}
	if in.Response {
		return c.cameBack(w, r, in, them)
	}
	q, err := verified(in, them)
	if err != nil {
		return c.badLogout(err)
	}
	q.asker, q.them = asker{ID: q.LogoutRequest.ID, Relay: in.RelayState, Binding: in.Binding}, them
	if err := c.meant(q); err != nil {
		return c.badLogout(err)
	}
	if err := c.once(r.Context(), q); err != nil {
		return err
	}
	return c.end(w, r, q)
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
	case !q.reached():
		return errors.New("their metadata has no address for an answer")
	case a.early(q.IssueInstant):
		return errors.New("it is dated in the future")
	case a.older(q.IssueInstant, c.settings.AnswerAge), !q.NotOnOrAfter.IsZero() && a.late(q.NotOnOrAfter):
		return errors.New("it is too old")
	}
	return nil
}

const kindLogout store.Kind = "saml-logout" // a request of theirs to sign out that was seen

// once marks the request as seen, on all replicas and for every source of this provider, until it would be refused for its age
// in any case: a session that they begin anew may have the name of the one that ended. Nothing ends without the mark, and one in
// a store that was emptied since the request was issued proves nothing.
func (c *Connector) once(ctx context.Context, q *logout) error {
	sum := sha256.Sum256([]byte(q.Issuer + "\n" + q.LogoutRequest.ID))
	err := c.tickets.Create(ctx, store.Ticket{Kind: kindLogout, Name: hex.EncodeToString(sum[:]), Expires: c.settings.forgets(q.IssueInstant)})
	if errors.Is(err, store.ErrExists) {
		return c.badLogout(errors.New("it was used before"))
	}
	var epoch time.Time
	if err == nil {
		epoch, err = c.tickets.Epoch(ctx)
	}
	switch {
	case err != nil:
		return web.Unavailable(fmt.Errorf("sign-out: mark: %w", err))
	case q.IssueInstant.Add(stampUnit).Before(epoch):
		return c.badLogout(errors.New("it is older than what is remembered"))
	}
	return nil
}

// stampUnit is how roughly providers date their requests: many to the second.
const stampUnit = time.Second

// end ends the sessions that are named, and has them answered. One without SessionIndex means all of a person's: which those
// are is not kept.
func (c *Connector) end(w http.ResponseWriter, r *http.Request, q *logout) error {
	if len(q.Sessions) == 0 {
		to, err := c.answerLogout(q.asker, q.them, saml.StatusRequestUnsupported)
		if err != nil {
			return err
		}
		return c.carry(w, r, to)
	}
	state, err := json.Marshal(q.asker)
	if err != nil {
		return fmt.Errorf("sign-out: %w", err)
	}
	leaving := upstream.Leaving{State: state}
	for _, index := range q.Sessions {
		if name := sessionName(q.NameID, index); name != "" {
			c.forget(r.Context(), name)
			leaving.Sessions = append(leaving.Sessions, name)
		}
	}
	return c.host.Leave(w, r, leaving)
}

// Answer implements upstream.Leaver: PartialLogout when some session may still be open (SAML Core 3.7.3.2).
func (c *Connector) Answer(_ context.Context, state json.RawMessage, open bool) (upstream.Handoff, error) {
	var q asker
	if err := json.Unmarshal(state, &q); err != nil {
		return upstream.Handoff{}, errors.New("a sign-out that was asked for cannot be read")
	}
	them, err := c.theirs.current()
	if err != nil {
		return upstream.Handoff{}, err
	}
	detail := ""
	if open {
		detail = saml.StatusPartialLogout
	}
	return c.answerLogout(q, them, detail)
}

func (q *logout) reached() bool {
	_, location := q.reach(q.them)
	return location != ""
}

// reach is where the answer goes: in the way that they asked, where they take answers so.
func (q asker) reach(them *held) (binding, location string) {
	for _, binding := range []string{q.Binding, saml.BindingRedirect, saml.BindingPOST} {
		if location, ok := them.Logout(binding); ok {
			return binding, location
		}
	}
	return "", ""
}

// answerLogout writes what they are told.
func (c *Connector) answerLogout(q asker, them *held, detail string) (to upstream.Handoff, err error) {
	binding, location := q.reach(them)
	if location == "" {
		return to, away("their metadata has no address for an answer")
	}
	signer, err := c.ours.signer()
	if err != nil {
		return to, err
	}
	said := &saml.LogoutResponse{
		ID: saml.NewID(), InResponseTo: q.ID, Issuer: c.ours.entityID, Destination: location, IssueInstant: c.now(), Code: saml.StatusSuccess, Detail: detail,
	}
	if detail != "" {
		said.Code = saml.StatusResponder
	}
	if binding == saml.BindingPOST {
		document, err := signer.AppendLogoutResponse(nil, said)
		if err != nil {
			return to, err
		}
		to.Action, to.Fields = location, []web.Param{{Name: "SAMLResponse", Value: saml.EncodePost(document)}}
		if q.Relay != "" {
			to.Fields = append(to.Fields, web.Param{Name: "RelayState", Value: q.Relay})
		}
		return to, nil
	}
	document, err := saml.AppendLogoutResponse(nil, said)
	if err != nil {
		return to, err
	}
	query, err := signer.Query(saml.Outbound{Response: true, XML: document, RelayState: q.Relay})
	to.Location = withQuery(location, query)
	return to, err
}

func (c *Connector) carry(w http.ResponseWriter, r *http.Request, to upstream.Handoff) error {
	if to.Action != "" {
		return c.kit.PostForm(w, r, to.Action, to.Fields, web.Frame{})
	}
	return c.kit.Redirect(w, r, to.Location, http.StatusSeeOther)
}
