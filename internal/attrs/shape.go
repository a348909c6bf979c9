package attrs

import (
	"encoding/base64"
	"encoding/hex"
	"strings"

	"ecluse/internal/registry"
)

// codeLetters are Crockford's: no I, L, O or U, which are read as something else or spell something.
const codeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// shaped writes a number of 128 hexadecimal digits in a shape. Each shape is a part of the same number, so that it lasts as
// long and two services of one family can match theirs; none of them gives the number back. It is empty where the number
// cannot be written so: there is none, or no scope for a pairwise-id.
func shaped(number string, s registry.Shape, scope string) string {
	raw, err := hex.DecodeString(number)
	if err != nil || len(raw) < 64 {
		return ""
	}
	switch s {
	case registry.Hex128:
		return number
	case registry.Pairwise:
		return pairwise(number[:64], scope)
	case registry.Compact:
		return base64.RawURLEncoding.EncodeToString(raw[:32])
	case registry.UUID:
		return uuid8(raw)
	case registry.Code:
		return code(raw)
	default:
		return ""
	}
}

// Shaped writes a number of 128 hexadecimal digits as a service has it under a binding of this shape; empty where it cannot
// be written so.
func (e *Engine) Shaped(number string, s registry.Shape) string { return shaped(number, s, e.Scope) }

// pairwise writes a pairwise-id (OASIS SAML V2.0 Subject Identifier Attributes Profile 1.0, 3.4.1): an identifier that
// begins with a letter or digit, @, and a scope of at most 127 letters, digits, dots and dashes.
func pairwise(id, scope string) string {
	scope = strings.ToLower(scope)
	plain := func(c rune) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' }
	for i, c := range scope {
		if !plain(c) && (i == 0 || c != '.' && c != '-') {
			return ""
		}
	}
	if scope == "" || len(scope) > 127 {
		return ""
	}
	return id + "@" + scope
}

// uuid8 writes the first bits as a UUID whose content is the maker's own (RFC 9562, 5.8): 122 bits of the number.
func uuid8(raw []byte) string {
	var u [16]byte
	copy(u[:], raw)
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80
	h := hex.EncodeToString(u[:])
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// code writes the first 60 bits as twelve letters and digits in three groups.
func code(raw []byte) string {
	var out strings.Builder
	for i := range 12 {
		if i > 0 && i%4 == 0 {
			out.WriteByte('-')
		}
		bit := 5 * i
		two := uint(raw[bit/8])<<8 | uint(raw[bit/8+1])
		out.WriteByte(codeLetters[two>>(11-bit%8)&31])
	}
	return out.String()
}

// shaped writes the pseudonym as a service wants it; empty where it cannot be written so.
func (r Release) shaped(s registry.Shape) string { return shaped(r.subject, s, r.scope) }
