package canary

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"slices"
)

// idTokenClaims are the claims of an ID token that speak of the token and the sign-in (OpenID Connect Core 2 and 3.1.3.6).
func idTokenClaims() []string {
	return []string{"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "auth_time", "nonce", "acr", "amr", "azp", "sid", "at_hash", "c_hash"}
}

// readToken reads a JWT in compact form (RFC 7519 3), whose signature is not the canary's business. own are the claims
// that are no attributes.
func readToken(body []byte, own []string) (told, error) {
	parts := bytes.Split(bytes.TrimSpace(body), []byte("."))
	if len(parts) != 3 {
		return told{}, errUnreadable
	}
	head, err := decoded(parts[0])
	if err != nil {
		return told{}, err
	}
	payload, err := decoded(parts[1])
	if err != nil {
		return told{}, err
	}
	out := claimed(payload, own)
	for _, f := range head {
		if !slices.Contains([]string{"alg", "kid", "typ"}, f.name) {
			out.strange = append(out.strange, f.name)
		}
		out.asides = append(out.asides, f.values...)
	}
	return out, nil
}

// readUserinfo reads a userinfo answer (OpenID Connect Core 5.3.2): JSON, or a signed JWT.
func readUserinfo(body []byte) (told, error) {
	if !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		return readToken(body, []string{"iss", "sub", "aud", "exp", "iat", "jti"})
	}
	fields, err := object(body)
	if err != nil {
		return told{}, err
	}
	return claimed(fields, []string{"sub"}), nil
}

func decoded(part []byte) ([]field, error) {
	text, err := base64.RawURLEncoding.Strict().DecodeString(string(part))
	if err != nil {
		return nil, errUnreadable
	}
	return object(text)
}

// field is one member of an object.
type field struct {
	name   string
	values []string
	raw    json.RawMessage
	odd    bool // neither text, number, truth value nor a list of these
}

// claimed sorts the members of a payload.
func claimed(fields []field, own []string) told {
	var out told
	seen := map[string]bool{}
	for _, f := range fields {
		switch {
		case seen[f.name], f.odd:
			out.strange = append(out.strange, f.name)
		case f.name == "sub" && len(f.values) == 1:
			out.subject = f.values[0]
		case f.name == "acr", f.name == "amr", f.name == "sid", f.name == "jti":
			out.asides = append(out.asides, f.values...)
		}
		seen[f.name] = true
		if !slices.Contains(own, f.name) {
			out.items = append(out.items, item{name: f.name, values: f.values})
		}
	}
	return out
}

// object reads a JSON object member by member, because a decoder into a map hides a member that stands twice.
func object(text []byte) ([]field, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if token, err := dec.Token(); err != nil || token != json.Delim('{') {
		return nil, errUnreadable
	}
	var out []field
	for dec.More() {
		token, err := dec.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, errUnreadable
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, errUnreadable
		}
		out = append(out, member(name, raw))
	}
	if token, err := dec.Token(); err != nil || token != json.Delim('}') {
		return nil, errUnreadable
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errUnreadable
	}
	return out, nil
}

func member(name string, raw json.RawMessage) field {
	if value, ok := scalar(raw); ok {
		return field{name: name, raw: raw, values: []string{value}}
	}
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil || list == nil {
		return field{name: name, raw: raw, odd: true}
	}
	f := field{name: name, raw: raw}
	for _, one := range list {
		value, ok := scalar(one)
		f.odd = f.odd || !ok
		f.values = append(f.values, value)
	}
	return f
}

// scalar is a text as it reads, or a number or a truth value as it is written.
func scalar(raw json.RawMessage) (string, bool) {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0 || bytes.ContainsRune([]byte("{[n"), rune(raw[0])):
		return "", false
	case raw[0] != '"':
		return string(raw), true
	}
	var text string
	err := json.Unmarshal(raw, &text)
	return text, err == nil
}
