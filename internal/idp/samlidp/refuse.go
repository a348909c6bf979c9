package samlidp

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"ecluse/internal/idp"
	"ecluse/internal/saml"
)

// statusOf is the one table from our kinds of failure to SAML's (SAML Core 3.2.2.2). A service is not told who said no,
// nor why.
func statusOf(kind idp.Kind) status {
	switch kind {
	case idp.Denied:
		return status{code: saml.StatusResponder, detail: saml.StatusRequestDenied}
	case idp.PassiveFailed, idp.PageNeeded:
		return status{code: saml.StatusResponder, detail: saml.StatusNoPassive}
	case idp.WeakSignIn:
		return status{code: saml.StatusResponder, detail: saml.StatusNoAuthnContext}
	case idp.SignInFailed:
		return status{code: saml.StatusResponder, detail: saml.StatusAuthnFailed}
	case idp.OtherPerson:
		return status{code: saml.StatusResponder, detail: saml.StatusUnknownPrincipal}
	case idp.BadRequest:
		return status{code: saml.StatusRequester}
	default:
		return status{code: saml.StatusResponder}
	}
}

// Refuse turns a failure into a signed response without assertion, for the return address of the request. A request that
// never had a registered one gives the zero Handoff.
func (p *Provider) Refuse(ctx context.Context, request idp.Request, failure idp.Failure) (idp.Handoff, error) {
	if len(request.State) == 0 {
		return idp.Handoff{}, nil
	}
	var a asked
	if err := json.Unmarshal(request.State, &a); err != nil {
		return idp.Handoff{}, fmt.Errorf("refusal to service %s: %w", request.Handle, err)
	}
	if !a.answerable() || a.Unsolicited { // a service that asked for nothing is told of nothing
		return idp.Handoff{}, nil
	}
	handoff, err := p.refused(ctx, a, statusOf(failure.Kind), failure.Ref)
	if err != nil {
		return idp.Handoff{}, fmt.Errorf("refusal to service %s: %w", request.Handle, err)
	}
	return handoff, nil
}

// refused is an error response; in words it says which part of the request cannot be met, or else the reference alone.
func (p *Provider) refused(ctx context.Context, a asked, no status, ref string) (idp.Handoff, error) {
	signer, err := p.signers.current()
	if err != nil {
		return idp.Handoff{}, err
	}
	document, err := signer.AppendFailure(nil, &saml.Failure{
		ID: saml.NewID(), InResponseTo: a.ID, Issuer: p.entityID, Destination: a.ACS, IssueInstant: p.cfg.Now(),
		Code: no.code, Detail: no.detail, Message: cmp.Or(ref, no.what),
	})
	if err != nil {
		return idp.Handoff{}, err
	}
	handoff, err := p.handoff(a, document)
	if err != nil || len(handoff.Before) == 0 {
		return handoff, err
	}
	if err := p.cfg.Tickets.Write(ctx, handoff.Before...); err != nil { // whoever refuses has nothing to write beside it
		return idp.Handoff{}, fmt.Errorf("artifact: %w", err)
	}
	handoff.Before = nil
	return handoff, nil
}
