package oidcop

import (
	"context"
	"net/http"
	"net/url"

	"ecluse/internal/registry"
)

// credentials are what a client showed, and how.
type credentials struct{ id, secret, assertion, method string }

func noClient(description string) error {
	return &answerError{http.StatusUnauthorized, "invalid_client", description}
}

// readCredentials finds the one way in which the client showed who it is (RFC 6749 2.3). Showing two is an error, even
// when both are right.
func readCredentials(r *http.Request, form parameters) (credentials, error) {
	if len(form["client_assertion"]) > 0 || len(form["client_assertion_type"]) > 0 {
		return readAssertion(r, form)
	}
	inBody := credentials{id: form.get("client_id"), secret: form.get("client_secret"), method: authNone}
	if len(form["client_secret"]) > 0 {
		inBody.method = authPost
	}
	if r.Header.Get("Authorization") == "" {
		return inBody, nil
	}
	inHeader, err := readBasic(r)
	switch {
	case err != nil:
		return credentials{}, err
	case inBody.method == authPost:
		return credentials{}, &answerError{http.StatusBadRequest, "invalid_request", "the client showed a secret in two places"}
	case inBody.id != "" && inBody.id != inHeader.id:
		return credentials{}, &answerError{http.StatusBadRequest, "invalid_request", "the client gave two names"}
	}
	return inHeader, nil
}

// readBasic reads the header. Both halves are form-encoded inside (RFC 6749 2.3.1).
func readBasic(r *http.Request) (credentials, error) {
	rawID, rawSecret, ok := r.BasicAuth()
	id, err := url.QueryUnescape(rawID)
	secret, err2 := url.QueryUnescape(rawSecret)
	if !ok || len(r.Header.Values("Authorization")) != 1 || err != nil || err2 != nil {
		return credentials{}, noClient("the Authorization header cannot be read")
	}
	return credentials{id: id, secret: secret, method: authBasic}, nil
}

// authenticate finds the client and has it prove itself in the one way that is registered. Whatever fails, the answer is
// the same.
func (p *Provider) authenticate(snapshot *registry.Snapshot, r *http.Request, form parameters) (*client, error) {
	shown, err := readCredentials(r, form)
	if err != nil {
		return nil, err
	}
	c, err := p.client(snapshot, shown.id)
	if err == nil && c.settings.certified() && shown.method == authNone {
		if err := p.proveByCertificate(r, c); err != nil { // RFC 8705 2: the name stands in the form, the proof in the connection
			return nil, err
		}
		return c, nil
	}
	if err != nil || shown.method != c.settings.AuthMethod {
		return nil, noClient("the client is not known by these credentials")
	}
	if err := p.prove(r.Context(), snapshot, c, shown); err != nil {
		return nil, err
	}
	return c, nil
}

// prove checks what the client showed. No hash here is slow: secrets are random.
func (p *Provider) prove(ctx context.Context, snapshot *registry.Snapshot, c *client, shown credentials) error {
	switch {
	case c.settings.AuthMethod == authNone:
		return nil
	case c.settings.signed():
		return p.checkAssertion(ctx, snapshot, c, shown.assertion)
	case !c.settings.secretFits(shown.secret):
		return noClient("the client is not known by these credentials")
	}
	return nil
}
