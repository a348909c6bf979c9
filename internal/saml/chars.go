package saml

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// isChar tells whether XML 1.0 allows r in a document (XML 2.2, Char).
func isChar(r rune) bool {
	switch {
	case r < 0x20:
		return r == '\t' || r == '\n' || r == '\r'
	case r <= 0xD7FF:
		return true
	case r < 0xE000:
		return false
	}
	return r <= 0x10FFFF && r != 0xFFFE && r != 0xFFFF
}

// validChars tells whether s is valid UTF-8 made of allowed characters only.
func validChars[T ~string | ~[]byte](s T) bool {
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c < utf8.RuneSelf || c == '\n' || c == '\t' || c == '\r' {
			i++
			continue
		}
		if c < 0x20 {
			return false
		}
		r, n := utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))]))
		if n <= 1 || !isChar(r) {
			return false
		}
		i += n
	}
	return true
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func trimSpace(s []byte) []byte { return bytes.Trim(s, " \t\r\n") }

// isNameStart is NameStartChar of XML 2.3 without the colon, which belongs to
// qualified names.
func isNameStart(r rune) bool {
	switch {
	case r < 0x80:
		return r|0x20 >= 'a' && r|0x20 <= 'z' || r == '_'
	case r < 0x370:
		return r >= 0xC0 && r != 0xD7 && r != 0xF7 && r <= 0x2FF
	case r < 0x2000:
		return r != 0x37E
	case r < 0x3001:
		return r == 0x200C || r == 0x200D || r >= 0x2070 && r <= 0x218F || r >= 0x2C00 && r <= 0x2FEF
	case r <= 0xD7FF:
		return true
	}
	return r >= 0xF900 && r <= 0xFDCF || r >= 0xFDF0 && r <= 0xFFFD || r >= 0x10000 && r <= 0xEFFFF
}

func isNameChar(r rune) bool {
	return isNameStart(r) || r >= '0' && r <= '9' || r == '-' || r == '.' || r == 0xB7 ||
		r >= 0x300 && r <= 0x36F || r == 0x203F || r == 0x2040
}

// asciiNames has an x for each byte that is a name character of ASCII but the colon, 64 to a line.
const asciiNames = "" +
	".............................................xx.xxxxxxxxxx......" +
	".xxxxxxxxxxxxxxxxxxxxxxxxxx....x.xxxxxxxxxxxxxxxxxxxxxxxxxx....." +
	"................................................................" +
	"................................................................"

func isASCIINameChar(c byte) bool { return asciiNames[c] == 'x' }

// ncNameLen returns the length of the NCName that s starts with, or 0.
func ncNameLen(s []byte) int {
	i := 0
	for i < len(s) && isASCIINameChar(s[i]) {
		i++
	}
	if i > 0 && !isNameStart(rune(s[0])) {
		return 0
	}
	for i < len(s) && s[i] != ':' {
		r, n := utf8.DecodeRune(s[i:])
		if i == 0 && !isNameStart(r) || !isNameChar(r) {
			break
		}
		i += n
	}
	return i
}

// isNCName tells whether s is an NCName, which is what xs:ID asks for.
func isNCName(s string) bool { return s != "" && ncNameLen([]byte(s)) == len(s) }

// reference decodes the reference at the head of s, which starts with '&'. Only
// the five predefined entities and numeric references exist here: without a
// document type nothing else can be declared.
func reference(s []byte) (r rune, n int, ok bool) {
	end := bytes.IndexByte(s[:min(len(s), 12)], ';')
	if end < 2 {
		return 0, 0, false
	}
	name := string(s[1:end])
	switch name {
	case "amp":
		return '&', end + 1, true
	case "lt":
		return '<', end + 1, true
	case "gt":
		return '>', end + 1, true
	case "quot":
		return '"', end + 1, true
	case "apos":
		return '\'', end + 1, true
	}
	if name[0] != '#' {
		return 0, 0, false
	}
	digits, base := name[1:], 10
	if len(digits) > 0 && digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	v, err := strconv.ParseUint(digits, base, 32)
	if err != nil || !isChar(rune(v)) || v > 0x10FFFF {
		return 0, 0, false
	}
	return rune(v), end + 1, true
}

// validReferences tells whether every '&' of s starts a known reference.
func validReferences(s []byte) bool {
	for {
		i := bytes.IndexByte(s, '&')
		if i < 0 {
			return true
		}
		_, n, ok := reference(s[i:])
		if !ok {
			return false
		}
		s = s[i+n:]
	}
}

// appendDecoded appends the characters that raw stands for: references
// replaced, line ends normalised (XML 2.11) and, in an attribute value, white
// space turned into spaces (XML 3.3.3). The tokenizer has checked raw.
func appendDecoded(dst, raw []byte, kind rawKind) []byte {
	for i := 0; i < len(raw); {
		c := raw[i]
		switch {
		case c == '&' && kind != rawCDATA:
			r, n, _ := reference(raw[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
			continue
		case c == '\r':
			if i+1 < len(raw) && raw[i+1] == '\n' {
				i++
			}
			c = '\n'
		}
		if kind == rawAttr && isSpace(c) {
			c = ' '
		}
		dst = append(dst, c)
		i++
	}
	return dst
}

type rawKind uint8

const (
	rawText rawKind = iota
	rawCDATA
	rawAttr
)

// decoded returns the characters raw stands for, without a copy where raw is
// already what it says.
func decoded(raw []byte, kind rawKind) []byte {
	if plain(raw) || kind == rawText && bytes.IndexByte(raw, '&') < 0 && bytes.IndexByte(raw, '\r') < 0 ||
		kind == rawCDATA && bytes.IndexByte(raw, '\r') < 0 {
		return raw
	}
	return appendDecoded(make([]byte, 0, len(raw)), raw, kind)
}

// plain tells whether raw has neither a reference nor a character that is no letter, sign or blank: it says what it is,
// wherever it stands.
func plain(raw []byte) bool {
	for _, c := range raw {
		if c < 0x20 || c == '&' {
			return false
		}
	}
	return true
}
