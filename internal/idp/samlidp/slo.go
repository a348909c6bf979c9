package samlidp

import (
	"context"
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"ecluse/internal/idp"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
	"ecluse/internal/web"
)

// farewell is what a LogoutRequest leaves for its answer. It travels as idp.Leaving.State.
type farewell struct {
	ID       string `json:"id"`
	EntityID string `json:"entity_id"`
	Binding  string `json:"binding"`
	Relay    string `json:"relay,omitempty"`
}

// correspondent is a registered service beside what its settings say.
type correspondent struct {
	service registry.Service
	binding registry.Binding
	party   *party
}

// correspondent finds who sends or is sent a message about a sign-out or an artifact: the handle of a binding, letter for
// letter.
func (p *Provider) correspondent(entityID string) (c correspondent, err error) {
	if p.gateway == nil {
		return c, errors.New("saml provider: it is mounted nowhere")
	}
	snapshot, err := p.gateway.Registry()
	if err != nil {
		return c, web.Unavailable(err)
	}
	var found bool
	if c.service, c.binding, found = snapshot.Binding(Name, entityID); !found {
		return c, unknownService(errSender)
	}
	if c.party, err = p.party(c.binding); err != nil {
		return c, unknownService(err)
	}
	return c, nil
}

// sloByRedirect reads the query as it was received: a signature is over those octets (SAML Bindings 3.4.4.1).
func (e *endpoints) sloByRedirect(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet {
		return badMessage(errors.New("a message by HEAD ends nothing"))
	}
	in, err := saml.DecodeRedirect(r.URL.RawQuery)
	if err != nil {
		return e.gateway.Lost(w, r, badMessage(err))
	}
	return e.logOut(w, r, in)
}

func (e *endpoints) sloByPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	in, err := saml.DecodePost(form)
	if err != nil {
		return e.gateway.Lost(w, r, badMessage(err))
	}
	return e.logOut(w, r, in)
}

// logOut takes a request to end sessions, or the answer to one of ours (SAML Profiles 4.4.3).
func (e *endpoints) logOut(w http.ResponseWriter, r *http.Request, in saml.Inbound) error {
	if in.Response {
		return e.toldByBrowser(w, r, in)
	}
	q, err := saml.ParseLogoutRequest(in.XML)
	if err != nil {
		return badMessage(err)
	}
	c, err := e.correspondent(q.Issuer)
	if err != nil {
		return err
	}
	if q, err = signed(in, c.party.keys, q, q.HasSignature, saml.VerifyLogoutRequest); err != nil {
		err = unverified(err)
	} else if q.Destination != e.cfg.Kit.URL(sloPath) {
		err = errDestination
	}
	if err != nil {
		return notTheirs(fmt.Errorf("sign-out of %s: %w", c.binding.Handle, err))
	}
	leaving, err := e.leaving(r.Context(), q, c, farewell{Binding: in.Binding, Relay: in.RelayState})
	if err != nil {
		return err
	}
	leaving.Language = string(e.cfg.Kit.Lang(r))
	err = e.gateway.Leave(w, r, leaving)
	e.mayComeAgain(r.Context(), q, err)
	return err
}

// mayComeAgain takes the mark of a request back that came to nothing through our own fault, so that whoever loads it again is
// served. Any other that comes again is refused: what it names has ended, and its service was answered.
func (p *Provider) mayComeAgain(ctx context.Context, q saml.LogoutRequest, failed error) {
	var f *web.Fault
	if failed == nil || errors.As(failed, &f) && f.Status < http.StatusInternalServerError {
		return
	}
	p.unseen(context.WithoutCancel(ctx), saml.AuthnRequest{ID: q.ID, Issuer: q.Issuer})
}

// signed holds a message to its signatures. There is one in any case (SAML Profiles 4.4.4.1 and 4.4.4.2), every one that is
// there must be of one of the registered keys, and from an enveloped one on only what it covers is looked at.
func signed[T any](in saml.Inbound, keys []crypto.PublicKey, parsed T, enveloped bool, verify func([]byte, []crypto.PublicKey) (T, error)) (T, error) {
	if in.Signed() {
		if err := in.VerifyDetached(keys); err != nil || !enveloped {
			return parsed, err
		}
	}
	return verify(in.XML, keys)
}

// leaving makes an authentic request that is for us a wish to leave, if it is of now and new. It names sessions of that
// person at that service, or all that are there (SAML Core 3.7.1, 3.7.3.2).
func (p *Provider) leaving(ctx context.Context, q saml.LogoutRequest, c correspondent, f farewell) (idp.Leaving, error) {
	var leaving idp.Leaving
	if q.Issuer != c.binding.Handle {
		return leaving, notTheirs(fmt.Errorf("sign-out of %s: %w", c.binding.Handle, idp.Told("Issuer: the signed part names another one")))
	}
	err := p.inTime(q.IssueInstant)
	if err == nil && !q.NotOnOrAfter.IsZero() && !p.cfg.Now().Before(q.NotOnOrAfter.Add(p.cfg.Ahead)) {
		err = idp.Told("NotOnOrAfter: it has passed")
	}
	if err != nil {
		return leaving, tooOld(fmt.Errorf("sign-out of %s: %w", c.binding.Handle, err))
	}
	if err := p.once(ctx, saml.AuthnRequest{ID: q.ID, Issuer: q.Issuer, IssueInstant: q.IssueInstant}); err != nil {
		return leaving, err
	}
	f.ID, f.EntityID = q.ID, c.binding.Handle
	state, err := json.Marshal(f)
	if err != nil {
		return leaving, fmt.Errorf("sign-out of %s: %w", c.binding.Handle, err)
	}
	return idp.Leaving{Protocol: Name, ServiceID: c.service.ID, Names: p.namesOf(q, c.party.EntityID), Sure: true, State: state}, nil
}

func (p *Provider) namesOf(q saml.LogoutRequest, sp string) []string {
	if len(q.Sessions) == 0 {
		return []string{p.subjectName(q.NameID, sp)}
	}
	names := make([]string, len(q.Sessions))
	for i, index := range q.Sessions {
		names[i] = p.sessionName(q.NameID, sp, index)
	}
	return names
}

// sessionName is how a service speaks of one session: by its index, together with whom it is about, so that neither is of
// use without the other. It holds a random index and tells nobody anything.
func (p *Provider) sessionName(id saml.NameID, sp, index string) string {
	return "session:" + digest(append(p.said(id, sp), index))
}

// subjectName is how a service speaks of whatever sessions a person has.
func (p *Provider) subjectName(id saml.NameID, sp string) string {
	return "subject:" + digest(p.said(id, sp))
}

// said is an identifier among those of a service, with what is understood where it is left out: the format (SAML Core 2.2.2), and the qualifiers, which
// are then ours and the service's (SAML Core 8.3.7).
func (p *Provider) said(id saml.NameID, sp string) []string {
	or := func(said, otherwise string) string {
		if said == "" {
			return otherwise
		}
		return said
	}
	return []string{
		sp, or(id.Format, saml.NameIDUnspecified), or(id.NameQualifier, p.entityID), or(id.SPNameQualifier, sp), id.Value,
	}
}

func digest(parts []string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", parts))
	return hex.EncodeToString(sum[:])
}

// Left answers the service that asked: by the binding that it asked by where it takes answers so, else by another; the
// person stays on our page where it has no address for any (SAML Profiles 4.4.3.5).
func (p *Provider) Left(_ context.Context, leaving idp.Leaving, outcome idp.Outcome) (idp.Handoff, error) {
	var f farewell
	if err := json.Unmarshal(leaving.State, &f); err != nil || f.ID == "" {
		return idp.Handoff{}, errors.New("sign-out: what a service asked cannot be read")
	}
	c, err := p.correspondent(f.EntityID)
	if err != nil {
		return idp.Handoff{}, fmt.Errorf("answer to a sign-out: %w", err)
	}
	to, ok := front(c.party, f.Binding, saml.BindingRedirect, saml.BindingPOST)
	if !ok || c.service.ID != leaving.ServiceID {
		return idp.Handoff{}, nil
	}
	said := p.logoutAnswer(f, outcome)
	said.Destination = to.Answer()
	handoff, err := p.carried(c.party, letter{
		binding: to.Binding, to: said.Destination, relay: f.Relay, response: true,
		plain:  func() ([]byte, error) { return saml.AppendLogoutResponse(nil, said) },
		signed: func(s *saml.Signer) ([]byte, error) { return s.AppendLogoutResponse(nil, said) },
	})
	if err != nil {
		return idp.Handoff{}, fmt.Errorf("answer to a sign-out of %s: %w", f.EntityID, err)
	}
	return handoff, nil
}

// logoutAnswer says what became of it. PartialLogout stands below a success: the session here has ended, others have not
// (SAML Core 3.7.3.2).
func (p *Provider) logoutAnswer(f farewell, outcome idp.Outcome) *saml.LogoutResponse {
	said := &saml.LogoutResponse{
		ID: saml.NewID(), InResponseTo: f.ID, Issuer: p.entityID, IssueInstant: p.cfg.Now(), Code: saml.StatusResponder,
	}
	switch {
	case outcome.Cancelled:
		said.Detail = saml.StatusRequestDenied
	case !outcome.Found:
		said.Detail = saml.StatusUnknownPrincipal
	case outcome.Partial:
		said.Code, said.Detail = saml.StatusSuccess, saml.StatusPartialLogout
	default:
		said.Code = saml.StatusSuccess
	}
	return said
}

// front gives the first address for a browser among the bindings.
func front(sp *party, bindings ...string) (saml.Endpoint, bool) {
	for _, binding := range bindings {
		if binding != saml.BindingRedirect && binding != saml.BindingPOST {
			continue
		}
		if e, ok := sp.Logout(binding); ok && !strings.ContainsFunc(e.Location+e.ResponseLocation, unescaped) {
			return e, true
		}
	}
	return saml.Endpoint{}, false
}

// signOut says which addresses for sign-outs are left out.
func (c *checker) signOut(md saml.SPMetadata) {
	for _, e := range md.SingleLogout {
		if strings.ContainsFunc(e.Location+e.ResponseLocation, unescaped) {
			c.note("settings.metadata", "a SingleLogoutService has a character that must be escaped; no browser is sent there", "")
		}
	}
}

// letter is a message about a sign-out that a browser carries.
type letter struct {
	binding, to, relay string
	response           bool

	plain  func() ([]byte, error)
	signed func(*saml.Signer) ([]byte, error)
}

// carried signs a letter as its binding wants it: over the query's octets, or inside (SAML Bindings 3.4.4.1, 3.5.4).
func (p *Provider) carried(sp *party, l letter) (idp.Handoff, error) {
	signer, err := p.signerFor(sp)
	if err != nil {
		return idp.Handoff{}, err
	}
	if l.binding == saml.BindingRedirect {
		document, err := l.plain()
		if err != nil {
			return idp.Handoff{}, err
		}
		query, err := signer.Query(saml.Outbound{Response: l.response, XML: document, RelayState: l.relay})
		return idp.Handoff{Location: withQuery(l.to, query)}, err
	}
	document, err := l.signed(signer)
	if err != nil {
		return idp.Handoff{}, err
	}
	name := "SAMLRequest"
	if l.response {
		name = "SAMLResponse"
	}
	h := idp.Handoff{Action: l.to, Fields: []idp.Field{{Name: name, Value: saml.EncodePost(document)}}}
	if l.relay != "" {
		h.Fields = append(h.Fields, idp.Field{Name: "RelayState", Value: l.relay})
	}
	return h, nil
}

// withQuery puts parameters behind those that an address has already.
func withQuery(address, query string) string {
	if strings.Contains(address, "?") {
		return address + "&" + query
	}
	return address + "?" + query
}
