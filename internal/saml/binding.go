package saml

import (
	"bytes"
	"compress/flate"
	"crypto"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"sync"
)

// ErrBinding is wrapped by every refusal of a binding's encoding.
var ErrBinding = errors.New("binding refused")

const (
	maxInflated   = 128 << 10
	maxRelayState = 1 << 10 // tolerant: the standard allows 80 bytes (SAML Bindings 3.4.3)
)

// Inbound is one decoded protocol message with what its binding said about it.
// XML is not parsed yet and not trusted.
type Inbound struct {
	Binding    string
	Response   bool // came as SAMLResponse, not as SAMLRequest
	XML        []byte
	RelayState string

	sigAlg    string
	signature []byte
	signed    []byte
}

// Signed tells whether the message came with a detached signature, which only
// HTTP-Redirect has. It says nothing about its worth.
func (m Inbound) Signed() bool { return m.sigAlg != "" }

// String shows the binding alone: a response in XML is personal data.
func (m Inbound) String() string { return "saml.Inbound(" + m.Binding + ")" }

// GoString is String.
func (m Inbound) GoString() string { return m.String() }

// LogValue is String.
func (m Inbound) LogValue() slog.Value { return slog.StringValue(m.String()) }

// VerifyDetached checks the detached signature of HTTP-Redirect (SAML Bindings
// 3.4.4.1) over the octets as they were received.
func (m Inbound) VerifyDetached(keys []crypto.PublicKey) error {
	if !m.Signed() {
		return fmt.Errorf("%w: query is not signed", ErrSignature)
	}
	if !verifySignature(keys, m.sigAlg, m.signed, m.signature) {
		return fmt.Errorf("%w: made by none of the registered keys, or algorithm refused", ErrSignature)
	}
	return nil
}

// DecodeRedirect reads a message from the raw, still encoded query of an
// HTTP-Redirect request. The query must be the one received, never rebuilt.
// Parameters that the binding does not know are ignored: they are not signed.
func DecodeRedirect(rawQuery string) (Inbound, error) {
	if len(rawQuery) > 2*maxInflated {
		return Inbound{}, fmt.Errorf("%w: query is too long", ErrBinding)
	}
	raw, err := splitQuery(rawQuery)
	if err != nil {
		return Inbound{}, err
	}
	name, err := oneMessage(func(n string) bool { _, ok := raw[n]; return ok })
	if err != nil {
		return Inbound{}, err
	}
	m := Inbound{Binding: BindingRedirect, Response: name == paramResponse}
	if err := m.readQuery(raw, name); err != nil {
		return Inbound{}, err
	}
	return m, nil
}

const (
	paramRequest  = "SAMLRequest"
	paramResponse = "SAMLResponse"
	paramRelay    = "RelayState"
	encodingFlate = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE"
)

// splitQuery keeps the values of the binding's parameters as they were encoded.
// Each may stand once, and its name must not hide behind an escape.
func splitQuery(query string) (map[string]string, error) {
	raw := make(map[string]string, 5)
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		name, value, _ := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(name)
		if err != nil {
			return nil, fmt.Errorf("%w: malformed query", ErrBinding)
		}
		switch plain {
		case paramRequest, paramResponse, paramRelay, "SigAlg", "Signature", "SAMLEncoding":
		default:
			continue
		}
		if _, twice := raw[plain]; twice || plain != name {
			return nil, fmt.Errorf("%w: parameter %s twice or disguised", ErrBinding, plain)
		}
		raw[plain] = value
	}
	return raw, nil
}

func oneMessage(has func(string) bool) (string, error) {
	request, response := has(paramRequest), has(paramResponse)
	switch {
	case request && response:
		return "", fmt.Errorf("%w: a request and a response at once", ErrBinding)
	case request:
		return paramRequest, nil
	case response:
		return paramResponse, nil
	}
	return "", fmt.Errorf("%w: no SAML message", ErrBinding)
}

func (m *Inbound) readQuery(raw map[string]string, name string) error {
	value := make(map[string]string, len(raw))
	for n, v := range raw {
		plain, err := url.QueryUnescape(v)
		if err != nil {
			return fmt.Errorf("%w: malformed %s", ErrBinding, n)
		}
		value[n] = plain
	}
	if e, ok := value["SAMLEncoding"]; ok && e != encodingFlate {
		return fmt.Errorf("%w: unknown SAMLEncoding", ErrBinding)
	}
	var err error
	if m.RelayState, err = checkRelayState(value[paramRelay]); err != nil {
		return err
	}
	if m.XML, err = inflate(value[name]); err != nil {
		return err
	}
	return m.readDetached(raw, value, name)
}

// readDetached rebuilds the signed string in the standard's order from the
// octets received; RelayState is part of it only when it was sent.
func (m *Inbound) readDetached(raw, value map[string]string, name string) error {
	_, hasAlg := raw["SigAlg"]
	_, hasSig := raw["Signature"]
	if !hasAlg && !hasSig {
		return nil
	}
	var err error
	m.sigAlg = value["SigAlg"]
	m.signature, err = decodeBase64(value["Signature"])
	if err != nil || m.sigAlg == "" || len(m.signature) == 0 {
		return fmt.Errorf("%w: incomplete signature parameters", ErrBinding)
	}
	signed := name + "=" + raw[name]
	if relay, ok := raw[paramRelay]; ok {
		signed += "&" + paramRelay + "=" + relay
	}
	m.signed = []byte(signed + "&SigAlg=" + raw["SigAlg"])
	return nil
}

// DecodePost reads a message from the form of an HTTP-POST request (SAML
// Bindings 3.5.4).
func DecodePost(form url.Values) (Inbound, error) {
	for _, n := range []string{paramRequest, paramResponse, paramRelay} {
		if len(form[n]) > 1 {
			return Inbound{}, fmt.Errorf("%w: parameter %s twice", ErrBinding, n)
		}
	}
	name, err := oneMessage(form.Has)
	if err != nil {
		return Inbound{}, err
	}
	m := Inbound{Binding: BindingPOST, Response: name == paramResponse}
	if m.RelayState, err = checkRelayState(form.Get(paramRelay)); err != nil {
		return Inbound{}, err
	}
	limit := MessageLimits().Bytes
	if len(form.Get(name)) > 2*limit {
		return Inbound{}, fmt.Errorf("%w: message is too long", ErrBinding)
	}
	if m.XML, err = decodeBase64(form.Get(name)); err != nil {
		return Inbound{}, fmt.Errorf("%w: message is not base64", ErrBinding)
	}
	return m, CheckShape(m.XML)
}

func checkRelayState(s string) (string, error) {
	if len(s) > maxRelayState || !validChars(s) {
		return "", fmt.Errorf("%w: RelayState is too long or not text", ErrBinding)
	}
	return s, nil
}

// inflate undoes DEFLATE after base64. A little data can inflate without end,
// so it stops at the cap; what follows the stream is refused, for a second
// reader might see another message in it.
func inflate(encoded string) ([]byte, error) {
	packed, err := decodeBase64(encoded)
	if err != nil {
		return nil, fmt.Errorf("%w: message is not base64", ErrBinding)
	}
	source := bytes.NewReader(packed)
	xml, err := inflated(source)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: message is not DEFLATE", ErrBinding)
	case len(xml) > maxInflated:
		return nil, fmt.Errorf("%w: message inflates beyond %d bytes", ErrBinding, maxInflated)
	case source.Len() > 0:
		return nil, fmt.Errorf("%w: bytes behind the message", ErrBinding)
	}
	return xml, CheckShape(xml)
}

// inflaters are decompressors between two messages: a new one takes 40 kB. What
// an earlier message left in one cannot be reached from a later one, as Reset
// forgets its window.
var inflaters = sync.Pool{New: func() any { return flate.NewReader(nil) }}

func inflated(source *bytes.Reader) ([]byte, error) {
	r := inflaters.Get().(io.ReadCloser) //nolint:forcetypeassert // New makes nothing else
	defer inflaters.Put(r)
	if err := r.(flate.Resetter).Reset(source, nil); err != nil { //nolint:forcetypeassert // flate documents it
		return nil, err
	}
	out := bytes.NewBuffer(make([]byte, 0, 4*source.Len()+bytes.MinRead))
	_, err := out.ReadFrom(io.LimitReader(r, maxInflated+1))
	return out.Bytes(), err
}

// EncodePost returns the value of the SAMLRequest or SAMLResponse form field. It
// goes piece by piece, so that the value is in memory once.
func EncodePost(xml []byte) string {
	const most = 768
	var piece [most / 3 * 4]byte
	var out strings.Builder
	out.Grow(base64.StdEncoding.EncodedLen(len(xml)))
	for len(xml) > 0 {
		n := min(len(xml), most)
		base64.StdEncoding.Encode(piece[:], xml[:n])
		out.Write(piece[:base64.StdEncoding.EncodedLen(n)])
		xml = xml[n:]
	}
	return out.String()
}
