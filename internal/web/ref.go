package web

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
)

// Ref is the reference number of one occurrence, in its printed form XXXX-XXXX: seven random symbols and a check
// symbol of Crockford's base 32, which has no I, L, O or U. It can be read aloud and typed back.
type Ref string

// crockford lists the symbols in the order of their values.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const refSymbols = 8

var errRef = errors.New("not a reference number")

// NewRef draws a reference number from the system's randomness.
func NewRef() Ref {
	var raw [refSymbols]byte
	_, _ = rand.Read(raw[:]) // never fails: the program is ended instead (crypto/rand)
	for i := range raw {
		raw[i] &= 31
	}
	return makeRef(raw)
}

// makeRef sets the last symbol so that the weighted sum is zero, and prints.
func makeRef(v [refSymbols]byte) Ref {
	v[refSymbols-1] = 0
	v[refSymbols-1] = checksum(v) // its weight is one
	var b strings.Builder
	for i, d := range v {
		if i == refSymbols/2 {
			b.WriteByte('-')
		}
		b.WriteByte(crockford[d])
	}
	return Ref(b.String())
}

// ParseRef reads a reference number as people type it: any case, with or without the dash, O for 0, I and L for 1. It
// refuses one whose check symbol does not fit: any one wrong symbol and any two exchanged ones are found.
func ParseRef(typed string) (Ref, error) {
	tidy := strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(typed))
	if len(tidy) != refSymbols {
		return "", fmt.Errorf("%d symbols: %w", len(tidy), errRef)
	}
	var v [refSymbols]byte
	for i := range refSymbols {
		d := strings.IndexByte(crockford, tidy[i])
		if d < 0 {
			return "", fmt.Errorf("symbol %d is not in the alphabet: %w", i+1, errRef)
		}
		v[i] = byte(d)
	}
	if checksum(v) != 0 {
		return "", fmt.Errorf("the check symbol does not fit: %w", errRef)
	}
	return makeRef(v), nil
}

// checksum is the sum of the symbols in GF(32), each weighted with its own power of the generator, the last with
// one. Different weights everywhere are what finds every single mistake and every exchange of two symbols.
func checksum(v [refSymbols]byte) byte {
	var sum byte
	for _, d := range v { // Horner's rule
		sum = double(sum) ^ d
	}
	return sum
}

// double multiplies by the generator x modulo the primitive polynomial x^5+x^2+1.
func double(a byte) byte {
	a <<= 1
	if a&32 != 0 {
		a ^= 0b100101
	}
	return a
}
