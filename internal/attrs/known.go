package attrs

import (
	"encoding/base64"
	"encoding/hex"
	"log/slog"
	"strings"

	"ecluse/internal/registry"
)

// Known is a pseudonym as a service knows it, read in whichever shape it has.
type Known struct {
	shape registry.Shape
	text  string
}

// ReadKnown reads a pseudonym in any of the shapes; false where it has none of them. Capitals count where the shape tells
// them apart, which is in the compact one alone. What stands behind @ does not count: a service may keep it or not, and the
// gateway's address may have been another. A code may be typed without its dashes and with the letters that are
// read for its digits.
func ReadKnown(p string) (Known, bool) {
	p, _, _ = strings.Cut(strings.TrimSpace(p), "@")
	plain := strings.ToLower(p)
	switch {
	case len(p) == 128 && isHex(plain):
		return Known{registry.Hex128, plain}, true
	case len(p) == 64 && isHex(plain):
		return Known{registry.Pairwise, plain}, true
	case len(p) == 43:
		raw, err := base64.RawURLEncoding.Strict().DecodeString(p)
		return Known{registry.Compact, p}, err == nil && len(raw) == 32
	case len(p) == 36 && isUUID(plain):
		return Known{registry.UUID, plain}, true
	default:
		code := typedCode(p)
		return Known{registry.Code, code}, code != ""
	}
}

func isHex(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil
}

func isUUID(s string) bool {
	parts := strings.Split(s, "-")
	return len(parts) == 5 && len(parts[0]) == 8 && len(parts[1]) == 4 && len(parts[2]) == 4 && len(parts[3]) == 4 && isHex(strings.Join(parts, ""))
}

// typedCode is a code as code writes it; empty where it is none.
func typedCode(p string) string {
	letters := strings.NewReplacer("-", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(p))
	if len(letters) != 12 || strings.Trim(letters, codeLetters) != "" {
		return ""
	}
	return letters[:4] + "-" + letters[4:8] + "-" + letters[8:]
}

// Is tells whether the service may have been given a number of 128 hexadecimal digits, in its shape, for this pseudonym.
func (k Known) Is(number string) bool {
	if k.text == "" || len(number) < 128 {
		return false
	}
	if k.shape == registry.Pairwise {
		return number[:64] == k.text
	}
	return shaped(number, k.shape, "") == k.text
}

// String shows no pseudonym.
func (k Known) String() string { return "[pseudonym]" }

// GoString shows no pseudonym.
func (k Known) GoString() string { return k.String() }

// LogValue shows no pseudonym.
func (k Known) LogValue() slog.Value { return slog.StringValue(k.String()) }
