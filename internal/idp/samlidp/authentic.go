package samlidp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/saml"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

// authenticate holds the request to its signatures and to its destination. Every signature that is there must be of one
// of the registered keys, whether one was needed or not; from an enveloped one on, only what it covers is looked at.
func (p *Provider) authenticate(m *message, in saml.Inbound) error {
	signed := in.Signed()
	if signed {
		if err := in.VerifyDetached(m.party.keys); err != nil {
			return unverified(err)
		}
	}
	if m.request.HasSignature {
		verified, err := saml.VerifyAuthnRequest(in.XML, m.party.keys)
		if err != nil && !errors.Is(err, saml.ErrVersion) {
			return unverified(err)
		}
		if verified.Issuer != m.request.Issuer {
			return idp.Told("Issuer: the signed part names another one")
		}
		m.request, m.wrongVersion, signed = verified, err != nil, true
	}
	m.signed = signed
	here, soap := p.sso, in.Binding == saml.BindingSOAP
	if soap {
		here = p.cfg.Kit.URL(ecpPath)
	}
	switch {
	case !signed && m.party.mustSign():
		return idp.Told("Signature: it is missing, and the metadata or the register wants one")
	case m.request.Destination == "" && signed && !soap:
		return idp.Told("Destination: it is missing, and a signed request needs one") // SAML Bindings 3.4.5.2 and 3.5.5.2
	case m.request.Destination != "" && m.request.Destination != here:
		return errDestination
	}
	return nil
}

// errDestination is a message for another address than the one at which it came.
const errDestination = idp.Told("Destination: it is another address than the one at which the request came")

// unverified tells that a signature is not good, and not how we came to know.
func unverified(err error) error {
	return fmt.Errorf("%w: %w", idp.Told("Signature: it is not good, or of no key in the registered metadata"), err)
}

func (p *Provider) inTime(issued time.Time) error {
	switch age := p.cfg.Now().Sub(issued); {
	case age < -p.cfg.Ahead:
		return idp.Told("IssueInstant: it is in the future; compare the clocks")
	case age > p.cfg.Behind:
		return idp.Told("IssueInstant: it is too long ago; compare the clocks")
	}
	return nil
}

const kindRequest store.Kind = "saml-request"

// stampUnit is how roughly services date their requests: many to the second.
const stampUnit = time.Second

// once marks the request as seen, until it is too old in any case. Without the mark there is no sign-in, and a mark in a
// store that was emptied since the request was issued proves nothing. Names are hashed because an entityID may be as long
// as a ticket's whole name.
func (p *Provider) once(ctx context.Context, req saml.AuthnRequest) error {
	return p.seen(req).Alone(ctx, p.cfg.Tickets)
}

// seen is the mark for whoever writes it with something else.
func (p *Provider) seen(req saml.AuthnRequest) *idp.Once {
	return &idp.Once{
		Mark: store.Ticket{Kind: kindRequest, Name: markOf(req), Expires: req.IssueInstant.Add(p.cfg.Behind + time.Minute)},
		Told: func(ctx context.Context, written error) error { return p.isNew(ctx, req, written) },
	}
}

// isNew tells from what became of the mark whether the request is new.
func (p *Provider) isNew(ctx context.Context, req saml.AuthnRequest, err error) error {
	if errors.Is(err, store.ErrExists) {
		return tooOld(fmt.Errorf("request of %s: %w", req.Issuer, idp.Told("ID: it was used before")))
	}
	var epoch time.Time
	if err == nil {
		epoch, err = p.cfg.Tickets.Epoch(ctx)
	}
	switch {
	case err != nil:
		return web.Unavailable(fmt.Errorf("request of %s: mark: %w", req.Issuer, err))
	case req.IssueInstant.Add(stampUnit).Before(epoch):
		return tooOld(fmt.Errorf("request of %s: %w", req.Issuer, idp.Told("IssueInstant: it is older than what is remembered here")))
	}
	return nil
}

func markOf(req saml.AuthnRequest) string {
	sum := sha256.Sum256([]byte(req.Issuer + "\n" + req.ID))
	return hex.EncodeToString(sum[:])
}

// unseen takes the mark back from a request that came to nothing and may be shown again. A mark that stays costs whoever
// comes again a new request.
func (p *Provider) unseen(ctx context.Context, req saml.AuthnRequest) {
	if err := p.cfg.Tickets.Delete(ctx, kindRequest, markOf(req)); err != nil {
		p.failed(ctx, fmt.Errorf("request of %s: mark: %w", req.Issuer, err))
	}
}
