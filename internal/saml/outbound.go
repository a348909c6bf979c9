package saml

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"errors"
	"net/url"
)

// Outbound is one message to be sent by HTTP-Redirect.
type Outbound struct {
	Response   bool // a SAMLResponse, not a SAMLRequest
	XML        []byte
	RelayState string // at most 80 bytes (SAML Bindings 3.4.3), in an answer as long as it came; none when empty
}

// String shows nothing of the message.
func (Outbound) String() string { return "saml.Outbound(redacted)" }

// GoString is String.
func (m Outbound) GoString() string { return m.String() }

const maxRelayOut = 80

// Query is the message as the query of an address, without a signature.
func (m Outbound) Query() (string, error) {
	if len(m.RelayState) > maxRelayOut && !m.Response {
		return "", errors.New("write saml: RelayState is longer than 80 bytes")
	}
	var packed bytes.Buffer
	deflater, err := flate.NewWriter(&packed, flate.DefaultCompression)
	if err != nil {
		return "", err
	}
	if _, err := deflater.Write(m.XML); err != nil {
		return "", err
	}
	if err := deflater.Close(); err != nil {
		return "", err
	}
	name := paramRequest
	if m.Response {
		name = paramResponse
	}
	query := name + "=" + url.QueryEscape(base64.StdEncoding.EncodeToString(packed.Bytes()))
	if m.RelayState != "" {
		query += "&" + paramRelay + "=" + url.QueryEscape(m.RelayState)
	}
	return query, nil
}

// Query is the message as the query of an address, signed over its own octets (SAML Bindings 3.4.4.1). The message itself
// holds no signature then.
func (s *Signer) Query(m Outbound) (string, error) {
	query, err := m.Query()
	if err != nil {
		return "", err
	}
	query += "&SigAlg=" + url.QueryEscape(s.algorithm)
	digest := s.hashed.New()
	digest.Write([]byte(query))
	value, err := s.value(digest.Sum(nil))
	if err != nil {
		return "", err
	}
	return query + "&Signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(value)), nil
}
