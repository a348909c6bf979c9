package samlidp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"ecluse/internal/saml"
	"ecluse/internal/web"
)

const (
	sloPath      = "/saml/slo"
	sloSOAPPath  = "/saml/slo/soap"
	artifactPath = "/saml/artifact"

	soapBodyLimit = 256 << 10
)

// mountSignOut declares the routes of sign-outs and artifacts. What services send by SOAP comes from no browser.
func (e *endpoints) mountSignOut(mux *web.Mux) {
	mux.Handle(web.Route{Method: "GET", Pattern: sloPath, Handler: e.sloByRedirect})
	mux.Handle(web.Route{Method: "POST", Pattern: sloPath, Handler: e.sloByPost, CrossSite: true, BodyLimit: ssoBodyLimit})
	mux.Handle(web.Route{Method: "POST", Pattern: sloSOAPPath, Handler: e.soap(e.sloBySOAP), BodyLimit: soapBodyLimit})
	mux.Handle(web.Route{Method: "POST", Pattern: artifactPath, Handler: e.soap(e.resolve), BodyLimit: soapBodyLimit})
}

// soap answers a message in an envelope with another (SAML Bindings 3.2.2). What cannot be answered gets a fault, which tells
// whose it is and nothing more; why is for our own log.
func (e *endpoints) soap(answer func(context.Context, []byte) ([]byte, error)) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		message, err := opened(r)
		if err == nil {
			message, err = answer(r.Context(), message)
		}
		status, body := http.StatusOK, []byte(nil)
		if err == nil {
			body = saml.AppendEnvelope(make([]byte, 0, len(message)+256), message)
		} else {
			e.failed(r.Context(), err)
			status, body = http.StatusInternalServerError, fault(err) // SOAP 1.1, section 6.2
		}
		w.Header().Set("Content-Type", saml.ContentTypeSOAP)
		w.WriteHeader(status)
		_, _ = w.Write(body)
		return nil
	}
}

// opened gives the message in the envelope of a request.
func opened(r *http.Request) ([]byte, error) {
	if !saml.IsSOAP(r.Header.Get("Content-Type")) {
		return nil, badMessage(errors.New("it is not SOAP"))
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, badMessage(fmt.Errorf("SOAP: %w", err))
	}
	message, err := saml.OpenEnvelope(body)
	if err != nil {
		return nil, badMessage(err)
	}
	return message, nil
}

// fault is theirs when it is one of the message, and ours otherwise.
func fault(err error) []byte {
	var f *web.Fault
	if errors.As(err, &f) && f.Status < http.StatusInternalServerError {
		return saml.AppendFault(nil, err, "the message is not accepted")
	}
	return saml.AppendFault(nil, nil, "no answer can be given now")
}

// failed tells the operator of what no page of ours shows.
func (p *Provider) failed(ctx context.Context, err error) {
	if p.cfg.Failed != nil {
		p.cfg.Failed(ctx, err)
	}
}

// sloBySOAP ends sessions without a browser (SAML Profiles 4.4.3.1). One is found by its SessionIndex; which are a person's
// is not kept, so that a request without one is told that it cannot be served.
func (e *endpoints) sloBySOAP(ctx context.Context, message []byte) ([]byte, error) {
	q, err := saml.ParseLogoutRequest(message)
	if err != nil {
		return nil, badMessage(err)
	}
	c, err := e.correspondent(q.Issuer)
	if err != nil {
		return nil, err
	}
	if q, err = saml.VerifyLogoutRequest(message, c.party.keys); err == nil && q.Destination != "" && q.Destination != e.cfg.Kit.URL(sloSOAPPath) {
		err = errors.New("its Destination is another address")
	}
	if err != nil {
		return nil, notTheirs(fmt.Errorf("sign-out of %s: %w", c.binding.Handle, err))
	}
	leaving, err := e.leaving(ctx, q, c, farewell{Binding: saml.BindingSOAP})
	if err != nil {
		return nil, err
	}
	outcome, err := e.gateway.End(ctx, leaving)
	e.mayComeAgain(ctx, q, err)
	if err != nil {
		return nil, fmt.Errorf("sign-out of %s: %w", c.binding.Handle, err)
	}
	said := e.logoutAnswer(farewell{ID: q.ID}, outcome)
	if len(q.Sessions) == 0 && !outcome.Found {
		said.Detail = saml.StatusRequestUnsupported
	}
	signer, err := e.signerFor(c.party)
	if err != nil {
		return nil, err
	}
	return signer.AppendLogoutResponse(nil, said)
}
