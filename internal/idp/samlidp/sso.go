package samlidp

import (
	"errors"
	"fmt"
	"net/http"

	"ecluse/internal/idp"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
	"ecluse/internal/web"
)

// asked is what an AuthnRequest leaves for the answer. It travels as idp.Request.State.
type asked struct {
	ID        string   `json:"id"` // empty where nobody asked
	ACS       string   `json:"acs"`
	Artifact  string   `json:"artifact,omitempty"` // for whom, when the answer waits here to be fetched
	Relay     string   `json:"relay,omitempty"`
	Format    string   `json:"format,omitempty"`    // of the NameIDPolicy
	Qualifier string   `json:"qualifier,omitempty"` // of the NameIDPolicy: the name space in which the subject is said
	Context   wanted   `json:"context"`
	Subject   *named   `json:"subject,omitempty"` // the one person whom it may be about
	Sources   []string `json:"sources,omitempty"` // that may say who it is; any when empty

	Unsolicited bool `json:"unsolicited,omitempty"`
	ECP         bool `json:"ecp,omitempty"` // a program asked, and takes the answer to the service itself
}

// answerable tells whether there is a request, or a sign-in that needs none, to which an answer could belong.
func (a asked) answerable() bool { return a.ACS != "" && (a.ID != "" != a.Unsolicited) }

// byRedirect reads the query as it was received: a signature is over those octets (SAML Bindings 3.4.4.1).
func (e *endpoints) byRedirect(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet {
		return badMessage(errors.New("a request by HEAD starts nothing"))
	}
	in, err := saml.DecodeRedirect(r.URL.RawQuery)
	if err != nil {
		return badMessage(err)
	}
	return e.signOn(w, r, in)
}

func (e *endpoints) byPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	in, err := saml.DecodePost(form)
	if err != nil {
		return badMessage(err)
	}
	return e.signOn(w, r, in)
}

// signOn settles who asks and where the answer would go; until then only our page speaks. Everything after that is
// answered at the return address.
func (e *endpoints) signOn(w http.ResponseWriter, r *http.Request, in saml.Inbound) error {
	m, err := e.receive(r, in)
	if err != nil {
		return err
	}
	a := m.asked()
	a.Relay, a.Artifact = in.RelayState, m.party.artifactFor(m.acs)
	wishes, no := e.wishes(m)
	if no != nil {
		if err := e.once(r.Context(), m.request); err != nil {
			return err
		}
		handoff, err := e.refused(r.Context(), a, *no, "")
		if err != nil {
			return fmt.Errorf("answer to %s: %w", m.request.Issuer, err)
		}
		return e.deliver(w, r, handoff)
	}
	a.Subject, a.Sources = wishes.subject, wishes.sources
	state, err := a.state(m.request.Issuer)
	if err != nil {
		return err
	}
	return e.gateway.Start(w, r, idp.Request{
		Protocol: Name, ServiceID: m.service.ID, Handle: m.binding.Handle, State: state, Asked: wishes.asked,
		Fresh: m.request.ForceAuthn, Passive: m.request.IsPassive, Assurance: a.Context.assurance(), Needs: a.Context.needs(),
		Hints: idp.Hints{Source: hint(wishes.sources)}, Once: e.seen(m.request),
	})
}

// asked is what the request leaves for the answer, whatever way that takes.
func (m *message) asked() asked {
	policy := m.request.NameIDPolicy
	return asked{ID: m.request.ID, ACS: m.acs.Location, Format: policy.Format, Qualifier: policy.SPNameQualifier, Context: wanted(m.request.AuthnContext)}
}

// message is a request that is authentic, for us, in time, and to be answered at a registered address.
type message struct {
	request      saml.AuthnRequest
	wrongVersion bool
	snapshot     *registry.Snapshot
	service      registry.Service
	binding      registry.Binding
	party        *party
	acs          saml.Endpoint
	signed       bool
}

// receive makes all checks that come before a service may be answered by a browser, but for whether the request is new: that
// is told by writing that it was seen, which comes before anything becomes of it.
func (e *endpoints) receive(r *http.Request, in saml.Inbound) (*message, error) {
	m, err := e.heard(in)
	if err != nil {
		return nil, err
	}
	if m.acs, err = m.party.returnAddress(m.request); err != nil {
		name := m.service.Name.In(string(e.cfg.Kit.Lang(r)))
		return nil, wrongAddress(name, fmt.Errorf("request of %s: %w", m.binding.Handle, err))
	}
	return m, nil
}

// heard reads a request, finds whose it is, and holds it to its signatures, to its destination and to the present.
func (e *endpoints) heard(in saml.Inbound) (*message, error) {
	if in.Response {
		return nil, badMessage(idp.Told("SAMLResponse: requests are received here"))
	}
	req, err := saml.ParseAuthnRequest(in.XML)
	if err != nil && !errors.Is(err, saml.ErrVersion) {
		return nil, badMessage(err)
	}
	m := &message{request: req, wrongVersion: err != nil}
	if err := e.find(m); err != nil {
		return nil, err
	}
	if err := e.authenticate(m, in); err != nil {
		return nil, notTheirs(fmt.Errorf("request of %s: %w", m.binding.Handle, err))
	}
	if err := e.inTime(m.request.IssueInstant); err != nil {
		return nil, tooOld(fmt.Errorf("request of %s: %w", m.binding.Handle, err))
	}
	return m, nil
}

// errSender is a message of nobody whom we know.
const errSender = idp.Told("Issuer: no service is registered under this entityID, letter for letter")

// find looks the sender up: the handle of a binding, letter for letter.
func (e *endpoints) find(m *message) error {
	var err error
	if m.snapshot, err = e.gateway.Registry(); err != nil {
		return web.Unavailable(err)
	}
	var found bool
	if m.service, m.binding, found = m.snapshot.Binding(Name, m.request.Issuer); !found {
		return unknownService(errSender)
	}
	if m.party, err = e.party(m.binding); err != nil {
		return e.unusable(m.service, m.binding, err)
	}
	return nil
}

// deliver sends the browser on with a message for the service.
func (e *endpoints) deliver(w http.ResponseWriter, r *http.Request, h idp.Handoff) error {
	if h.Action == "" {
		return e.cfg.Kit.Redirect(w, r, h.Location, http.StatusSeeOther)
	}
	params := make([]web.Param, len(h.Fields))
	for i, f := range h.Fields {
		params[i] = web.Param(f)
	}
	return e.cfg.Kit.PostForm(w, r, h.Action, params, web.Frame{})
}
