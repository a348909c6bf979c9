package saml

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"errors"
	"io"
	"net/url"
	"sync"
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
	packed, err := deflated(m.XML)
	if err != nil {
		return "", err
	}
	name := paramRequest
	if m.Response {
		name = paramResponse
	}
	query := name + "=" + url.QueryEscape(base64.StdEncoding.EncodeToString(packed))
	if m.RelayState != "" {
		query += "&" + paramRelay + "=" + url.QueryEscape(m.RelayState)
	}
	return query, nil
}

// deflaters are compressors between two messages: a new one takes a megabyte. Reset makes one as if it were new, and at this
// level leaves its tables as they are: at the others it clears 0.6 MB for a message of 0.6 kB, to save some ten bytes of it.
var deflaters = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(io.Discard, flate.BestSpeed) // it is an error of the level alone
	return w
}}

func deflated(xml []byte) ([]byte, error) {
	var packed bytes.Buffer
	w := deflaters.Get().(*flate.Writer) //nolint:forcetypeassert // New makes nothing else
	defer deflaters.Put(w)
	w.Reset(&packed)
	if _, err := w.Write(xml); err != nil {
		return nil, err
	}
	err := w.Close()
	return packed.Bytes(), err
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
