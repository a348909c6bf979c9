package samlidp

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/saml"
	"ecluse/internal/web"
)

// asksPassword is the challenge to a program that sent no password, or a wrong one (RFC 7617).
const asksPassword = `Basic realm="Ecluse", charset="UTF-8"`

// ecp answers an enhanced client (SAML Profiles 4.2): a program that carries the service's request here and our answer to the
// service, and shows no page in between. It says who sits before it by a password (ECP 2.0, 2.3.5; RFC 7617), which the one
// source checks that the service's settings name. What a page of ours would say is a status in the answer; as long as sender
// or return address are in doubt, it is a fault.
func (e *endpoints) ecp(w http.ResponseWriter, r *http.Request) error {
	body, err := e.forProgram(r)
	status, wait := http.StatusOK, idp.WaitError{}
	switch {
	case err == nil:
	case errors.Is(err, idp.ErrPassword):
		w.Header().Set("WWW-Authenticate", asksPassword)
		status, body = http.StatusUnauthorized, fault(badMessage(err))
	case errors.As(err, &wait):
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.For/time.Second)+1))
		status, body = http.StatusTooManyRequests, fault(badMessage(err))
	default:
		e.failed(r.Context(), err)
		status, body = http.StatusInternalServerError, fault(err) // SOAP 1.1, section 6.2
	}
	w.Header().Set("Content-Type", saml.ContentTypeSOAP)
	w.WriteHeader(status)
	_, _ = w.Write(body)
	return nil
}

// forProgram gives the envelope of the answer.
func (e *endpoints) forProgram(r *http.Request) ([]byte, error) {
	document, err := opened(r)
	if err != nil {
		return nil, err
	}
	m, err := e.heard(saml.Inbound{Binding: saml.BindingSOAP, XML: document})
	if err != nil {
		return nil, err
	}
	if m.acs, err = m.party.paosAddress(m.request); err != nil {
		return nil, wrongAddress("", fmt.Errorf("request of %s: %w", m.binding.Handle, err))
	}
	login, secret, ok := r.BasicAuth()
	if !ok {
		return nil, idp.ErrPassword
	}
	if err := e.once(r.Context(), m.request); err != nil {
		return nil, err
	}
	who := idp.Password{Source: m.party.ECP, From: web.ClientAddr(r), Login: login, Secret: secret}
	handoff, err := e.speakFor(r.Context(), m, who)
	if err != nil {
		if errors.Is(err, idp.ErrPassword) || errors.As(err, new(idp.WaitError)) {
			e.unseen(r.Context(), m.request)
		}
		return nil, err
	}
	if len(handoff.Fields) == 0 || handoff.Action != m.acs.Location {
		return nil, fmt.Errorf("answer to %s: it goes elsewhere", m.binding.Handle)
	}
	answer, err := base64.StdEncoding.DecodeString(handoff.Fields[0].Value)
	if err != nil {
		return nil, fmt.Errorf("answer to %s: %w", m.binding.Handle, err)
	}
	return saml.AppendECPAnswer(nil, answer, m.acs.Location, m.signed)
}

// speakFor asks the gateway, and puts its no into the terms of SAML Core 3.2.2.2.
func (e *endpoints) speakFor(ctx context.Context, m *message, who idp.Password) (idp.Handoff, error) {
	a := m.asked()
	a.ECP = true
	wishes, no := e.wishes(m)
	if no == nil && len(wishes.sources) > 0 && !slices.Contains(wishes.sources, who.Source) {
		no = requester(saml.StatusNoAvailableIDP, "Scoping: it leaves out the source that checks passwords for this service")
	}
	if no != nil {
		return e.refused(ctx, a, *no, "")
	}
	a.Subject, a.Sources = wishes.subject, wishes.sources
	state, err := a.state(m.request.Issuer)
	if err != nil {
		return idp.Handoff{}, err
	}
	handoff, err := e.gateway.ByPassword(ctx, idp.Request{
		Protocol: Name, ServiceID: m.service.ID, Handle: m.binding.Handle, State: state, Asked: wishes.asked,
		Fresh: m.request.ForceAuthn, Passive: m.request.IsPassive, Assurance: a.Context.assurance(), Needs: a.Context.needs(),
	}, who)
	var failure *idp.Failure
	if errors.As(err, &failure) {
		return e.refused(ctx, a, statusOf(failure.Kind), failure.Ref)
	}
	return handoff, err
}

// paosAddress is where a program takes the answer: one of the service's addresses by PAOS (SAML Profiles 4.2.4.3), by the
// rules of every other.
func (s *party) paosAddress(req saml.AuthnRequest) (saml.Endpoint, error) {
	if s.ECP == "" || req.ProtocolBinding != "" && req.ProtocolBinding != saml.BindingPAOS {
		return saml.Endpoint{}, errors.New("no program may ask for this service, or not for this binding")
	}
	return s.choose(req, s.takesPAOS)
}

func (s *party) takesPAOS(e saml.Endpoint) bool { return s.ECP != "" && e.Binding == saml.BindingPAOS }

// ecp says what is wrong with the way of programs.
func (c *checker) ecp(s Settings, md saml.SPMetadata, spoken bool) {
	switch {
	case s.ECP == "":
	case strings.ContainsFunc(s.ECP, unescaped):
		c.say("settings.ecp", "this is no name of a source", "the id of a source that checks passwords without a page")
	case !slices.ContainsFunc(md.ACS, func(e saml.Endpoint) bool { return e.Binding == saml.BindingPAOS }):
		c.say("settings.ecp", "the metadata has no AssertionConsumerService by PAOS", "metadata with one, or leave it out")
	case !spoken:
		c.note("settings.ecp", "this gateway answers no program: saml.ecp is not set", "leave it out, or set saml.ecp in the configuration")
	default:
		c.note("settings.ecp", "programs may send the passwords of staff for this service, checked by "+s.ECP, "leave it out where people can use a browser")
	}
}
