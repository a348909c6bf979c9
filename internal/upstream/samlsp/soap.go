package samlsp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"ecluse/internal/saml"
)

// soapPatience bounds how long a browser waits while we ask its source.
const soapPatience = 5 * time.Second

// exchange sends a signed message in an envelope and gives the one in the answer to it (SAML Bindings 3.2.2.2), within what
// package fetch allows. where is what an error calls the address, which it does not repeat.
func (c *Connector) exchange(ctx context.Context, where, location string, document []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, soapPatience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, location, bytes.NewReader(saml.AppendEnvelope(nil, document)))
	if err != nil {
		return nil, away(where + " cannot be asked")
	}
	r.Header.Set("Content-Type", saml.ContentTypeSOAP)
	r.Header.Set("SOAPAction", saml.ActionSOAP)
	resp, err := c.theirs.client.HTTP().Do(r)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // without the address
		}
		return nil, fmt.Errorf("%w: %w", away(where), err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK || !saml.IsSOAP(resp.Header.Get("Content-Type")) {
		return nil, away(fmt.Sprintf("%s answers with status %d, or not by SOAP", where, resp.StatusCode))
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerBodyLimit+1))
	if err != nil || len(body) > answerBodyLimit {
		return nil, away("what " + where + " says is cut off, or too long")
	}
	message, err := saml.OpenEnvelope(body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", refused("what "+where+" says"), err)
	}
	return message, nil
}
