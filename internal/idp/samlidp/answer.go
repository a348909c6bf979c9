package samlidp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/idp"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
)

const (
	assertionLife = 5 * time.Minute
	assertionSkew = 1 * time.Minute // for services whose clock is late
)

// session is what ends a service's session later (SAML Core 3.7.1). It travels as idp.Participant.State.
type session struct {
	NameID       string `json:"name_id"`
	Format       string `json:"format"`
	Qualifier    string `json:"qualifier,omitempty"`
	SPQualifier  string `json:"sp_qualifier,omitempty"`
	SessionIndex string `json:"session_index"`
	EntityID     string `json:"entity_id"`
}

// Answer writes a cleared release as one response with one assertion. An error that is an *idp.Failure is one for the
// service: who signed in did so in another way than it wants, or the release ends now.
func (p *Provider) Answer(_ context.Context, request idp.Request, answered idp.Answered) (idp.Handoff, idp.Participant, error) {
	handoff, participant, err := p.answer(request, answered)
	if err != nil {
		return idp.Handoff{}, idp.Participant{}, fmt.Errorf("answer to service %s: %w", request.Handle, err)
	}
	return handoff, participant, nil
}

func (p *Provider) answer(request idp.Request, answered idp.Answered) (handoff idp.Handoff, who idp.Participant, err error) {
	release := answered.Cleared.Release()
	if answered.Cleared.Empty() || request.ServiceID == "" || release.Service().ID != request.ServiceID {
		return handoff, who, errors.New("nothing was cleared for it")
	}
	var a asked
	if err := json.Unmarshal(request.State, &a); err != nil {
		return handoff, who, err
	}
	binding, sp, err := p.of(release.Service(), request.Handle)
	switch {
	case err != nil:
		return handoff, who, err
	case !a.answerable() || !sp.knows(a) || (a.Unsolicited && !sp.Unsolicited):
		return handoff, who, errors.New("its return address is no longer registered")
	case len(a.Sources) > 0 && !slices.Contains(a.Sources, release.Source().ID):
		return handoff, who, &idp.Failure{Kind: idp.SignInFailed}
	}
	response, err := p.response(release, binding, sp, a)
	if err != nil {
		return handoff, who, err
	}
	signer, err := p.signerFor(sp)
	if err != nil {
		return handoff, who, err
	}
	document, read, err := sp.write(signer, response)
	if err != nil {
		return handoff, who, err
	}
	if who, err = p.participant(request.ServiceID, sp, response.Assertion); err != nil {
		return handoff, who, err
	}
	if handoff, err = p.handoff(a, document); err == nil {
		p.watch(release, request.Handle, read)
	}
	return handoff, who, err
}

// watch tells what is about to be sent, as the service will read it.
func (p *Provider) watch(release attrs.Release, handle string, document []byte) {
	if p.cfg.Watch == nil {
		return
	}
	d := release.Declaration()
	p.cfg.Watch.Sent(idp.Sent{
		Protocol: Name, Kind: "saml-response", Service: release.Service().ID, Handle: handle, Declaration: d.ID, Version: d.Version,
		UAI: string(release.Establishment().UAI), Profile: string(release.Profile()), At: p.cfg.Now(), Body: document,
	})
}

// of finds the binding in the service as the decision knows it.
func (p *Provider) of(service registry.Service, handle string) (registry.Binding, *party, error) {
	i := slices.IndexFunc(service.Bindings, func(b registry.Binding) bool { return b.Protocol == Name && b.Handle == handle })
	if i < 0 {
		return registry.Binding{}, nil, errors.New("it is no longer registered")
	}
	sp, err := p.party(service.Bindings[i])
	return service.Bindings[i], sp, err
}

// response puts the release into the terms of SAML Profiles 4.1.4.2, if it is what was asked for.
func (p *Provider) response(release attrs.Release, b registry.Binding, sp *party, a asked) (*saml.Response, error) {
	now, out := p.cfg.Now(), release.As(attrs.ForSAML, b)
	end := now.Add(assertionLife)
	if release.NotAfter().Before(end) {
		end = release.NotAfter()
	}
	if !end.After(now) {
		return nil, &idp.Failure{Kind: idp.Denied}
	}
	class, strong := a.Context.answer(held(release))
	id, ok := p.nameID(sp.format(a.Format, b), out, sp, a.Qualifier)
	switch {
	case !strong:
		return nil, &idp.Failure{Kind: idp.WeakSignIn}
	case !a.Subject.is(p, out, sp):
		return nil, &idp.Failure{Kind: idp.OtherPerson}
	case !ok:
		return nil, &idp.Failure{Kind: idp.BadRequest}
	}
	return &saml.Response{
		ID: saml.NewID(), InResponseTo: a.ID, Issuer: p.entityID, Destination: a.ACS, IssueInstant: now,
		Assertion: saml.Assertion{
			ID: saml.NewID(), NameID: id, Audience: sp.EntityID, NotBefore: now.Add(-assertionSkew), NotAfter: end,
			Authn: saml.AuthnStatement{
				At: release.Authn().At, SessionIndex: release.Session(), Class: class,
				Authorities: release.Authn().Authorities,
			},
			Attributes: p.attributes(out.Values, sp),
		},
	}, nil
}

func (p *Provider) attributes(values []attrs.Named, sp *party) []saml.Attribute {
	out := make([]saml.Attribute, len(values))
	for i, v := range values {
		out[i] = saml.Attribute{Name: v.Name, NameFormat: nameFormat(v.Format), FriendlyName: v.Friendly, Values: v.Values}
		if v.Name == targetedID {
			out[i].Values, out[i].Names = nil, p.persistent(v.Values, sp.EntityID)
		}
	}
	return out
}

func nameFormat(f registry.NameFormat) string {
	switch f {
	case registry.URIName:
		return saml.AttrNameURI
	case registry.UnspecifiedName:
		return saml.AttrNameUnspecified
	default:
		return saml.AttrNameBasic
	}
}

// participant is the service's session as a sign-out needs it. A service with an address for SOAP may ask by SOAP, too.
func (p *Provider) participant(service string, sp *party, a saml.Assertion) (idp.Participant, error) {
	state, err := json.Marshal(session{
		NameID: a.NameID.Value, Format: a.NameID.Format, Qualifier: a.NameID.NameQualifier,
		SPQualifier: a.NameID.SPNameQualifier, SessionIndex: a.Authn.SessionIndex, EntityID: sp.EntityID,
	})
	_, soap := sp.Logout(saml.BindingSOAP)
	return idp.Participant{
		Protocol: Name, ServiceID: service, State: state, Reachable: soap,
		Names: []string{p.sessionName(a.NameID, sp.EntityID, a.Authn.SessionIndex), p.subjectName(a.NameID, sp.EntityID)},
	}, err
}

// handoff addresses a response to the return address (SAML Bindings 3.5.4). RelayState goes back as it came, and only
// if it came.
func (a asked) handoff(document []byte) idp.Handoff {
	h := idp.Handoff{Action: a.ACS, Fields: []idp.Field{{Name: "SAMLResponse", Value: saml.EncodePost(document)}}}
	if a.Relay != "" {
		h.Fields = append(h.Fields, idp.Field{Name: "RelayState", Value: a.Relay})
	}
	return h
}
