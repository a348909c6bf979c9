package dictionary

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// LooksLikeNIR tells whether a value is, or holds, a social security number: thirteen characters (sex, year, month,
// department, commune, rank) and the key of two digits that fits them, with or without spaces, dots and dashes between.
// Without the key, a value that is nothing but a well-formed number is taken for one too. Whatever word carries it, it
// does not leave.
func LooksLikeNIR(value string) bool {
	return enoughDigits(value) && holdsNIR(value) // nearly every value has too few
}

// holdsNIR looks at every character, as they are written and as they are read.
func holdsNIR(value string) bool {
	return readsNIR(value) || foreign(value) && readsNIR(inASCII(value))
}

func readsNIR(value string) bool {
	var c [nirLength + nirKey]byte
	before := ' '
	for at, r := range value {
		if r >= '1' && r <= '8' && !alphanumeric(before) {
			n, end := gather(value[at:], &c)
			rest := value[at+end:]
			switch next, _ := utf8.DecodeRuneInString(rest); {
			case rest != "" && alphanumeric(next):
			case n == len(c) && wellFormed(c[:]) && keyFits(c[:]):
				return true
			case n == nirLength && onlySpace(value[:at]) && onlySpace(rest) && wellFormed(c[:]):
				return true
			}
		}
		before = r
	}
	return false
}

// inASCII writes the digits of every script as ASCII's.
func inASCII(value string) string {
	return strings.Map(func(r rune) rune {
		if r <= unicode.MaxASCII || !unicode.Is(unicode.Nd, r) {
			return r
		}
		first := r // ten digits stand together, from 0 on
		for unicode.Is(unicode.Nd, first-1) {
			first--
		}
		return '0' + (r-first)%10
	}, norm.NFKC.String(value))
}

const (
	nirLength = 13
	nirKey    = 2
)

// nirDigits is how many of a number's characters are digits at least: all but the letter of a Corsican department.
const nirDigits = nirLength - 1

// enoughDigits tells whether a value has as many digits as a number, or may have once it is written in ASCII. Of the
// letters beyond ASCII, those that begin with the byte 0xC3 (À to ÿ) are no digits; among all others it looks.
func enoughDigits(value string) bool {
	if len(value) < nirLength {
		return false
	}
	digits, others := 0, false
	for i := range len(value) {
		c := value[i]
		if c-'0' <= 9 {
			digits++
		}
		others = others || c > 0xC3 || c == 0xC2
	}
	return digits >= nirDigits || others && foreign(value)
}

// gather reads digits, and the letter of a Corsican department, until there are enough or something else comes. It tells
// how many it read and where they end.
func gather(s string, into *[nirLength + nirKey]byte) (n, end int) {
	for at, r := range s {
		switch {
		case n == len(into):
			return n, end
		case r >= '0' && r <= '9':
			into[n] = byte(r)
		case n == 6 && into[5] == '2' && (r == 'A' || r == 'B' || r == 'a' || r == 'b'):
			into[n] = byte(unicode.ToUpper(r))
		case separates(r):
			continue
		default:
			return n, end
		}
		n++
		end = at + utf8.RuneLen(r)
	}
	return n, end
}

// separates tells spaces, dots and dashes in any writing, and what cannot be seen.
func separates(r rune) bool {
	return r == '.' || r == '_' || r == '/' || unicode.IsSpace(r) || unicode.In(r, unicode.Pd, unicode.Cf, unicode.Mn)
}

// foreign tells whether a value has digits that are none of ASCII's: a service that can read nothing else gets them as
// ASCII's, and so does whoever reads them.
func foreign(value string) bool {
	return strings.ContainsFunc(value, func(r rune) bool { return r > unicode.MaxASCII && unicode.IsNumber(r) })
}

func alphanumeric(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func onlySpace(s string) bool {
	for _, r := range s {
		if !unicode.IsSpace(r) {
			return false
		}
	}
	return true
}

// wellFormed checks the parts: a sex that is given out (1, 2; 7, 8 for a number that waits; 3, 4 of old ones), a month or
// one of the numbers that stand for an unknown one, a commune and a rank that are not 0.
func wellFormed(c []byte) bool {
	month := pair(c[3], c[4])
	return (c[0] <= '4' || c[0] >= '7') && c[0] <= '8' &&
		(month >= 1 && month <= 12 || month >= 20 && month <= 42 || month >= 50) &&
		(c[5] != '0' || c[6] != '0') && string(c[10:13]) != "000"
}

func pair(a, b byte) int { return int(a-'0')*10 + int(b-'0') }

// keyFits computes 97 - (number mod 97), where 2A counts as 19 and 2B as 18.
func keyFits(c []byte) bool {
	n := 0
	for i := 0; i < nirLength; i++ {
		digit := c[i]
		switch {
		case i == 5 && (c[6] == 'A' || c[6] == 'B'):
			digit = '1'
		case digit == 'A':
			digit = '9'
		case digit == 'B':
			digit = '8'
		}
		n = (n*10 + int(digit-'0')) % 97
	}
	return pair(c[13], c[14]) == 97-n
}
