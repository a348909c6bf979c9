package oidcop

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"strings"
	"time"

	"ecluse/internal/store"
	"ecluse/internal/web"
)

// userLetters are consonants alone: no code is a word, none has a letter that looks like a digit, and case does not matter
// (RFC 8628 6.1). Eight of them are 34 bits, and ten minutes long.
const (
	userLetters = "BCDFGHJKLMNPQRSTVWXZ"
	userLength  = 8
)

// newUserCode draws a code as the screen shows it: XXXX-XXXX.
func newUserCode() string {
	var out strings.Builder
	for i := range userLength {
		if i == userLength/2 {
			out.WriteByte('-')
		}
		n, _ := rand.Int(rand.Reader, big.NewInt(int64(len(userLetters)))) // never fails
		out.WriteByte(userLetters[n.Int64()])
	}
	return out.String()
}

// readUserCode gives a code in its one form, however it was typed: in small letters, with or without hyphen and spaces.
// What cannot be one gives nothing.
func readUserCode(typed string) string {
	if len(typed) > 64 {
		return ""
	}
	var out strings.Builder
	for _, letter := range strings.ToUpper(typed) {
		switch {
		case strings.ContainsRune(userLetters, letter):
			out.WriteRune(letter)
		case !strings.ContainsRune(" -\u00a0\u2010\u2011\u2013.", letter):
			return ""
		}
	}
	if out.Len() != userLength {
		return ""
	}
	return out.String()
}

// How many wrong codes are taken from one place, by all replicas together: a school has one address, and many fingers. Of
// the 25 billion codes that leaves a guesser no hope (RFC 8628 5.1).
const (
	mostGuesses  = 100
	guessesReset = 10 * time.Minute

	kindGuesses store.Kind = "oidc-device-guessed"
	kindGuesser store.Kind = "oidc-device-guesser"
)

// errGuesses says that a place has had its wrong codes.
var errGuesses = errors.New("user codes are being tried")

// typedCode finds the screen of a code that somebody typed. An empty answer is a wrong code, which is counted.
func (p *Provider) typedCode(ctx context.Context, from netip.Addr, typed string) (signature string, err error) {
	who := web.Network(from)
	if _, err := p.cfg.Tickets.Get(ctx, kindGuesser, who); err == nil {
		return "", errGuesses
	} else if !errors.Is(err, store.ErrNotFound) {
		return "", fmt.Errorf("%s: %w", kindGuesser, err)
	}
	if code := readUserCode(typed); code != "" {
		ticket, err := p.cfg.Tickets.Get(ctx, kindUserCode, p.userCodeName(code))
		if err == nil {
			return string(ticket.Value), nil
		}
		if !errors.Is(err, store.ErrNotFound) {
			return "", fmt.Errorf("%s: %w", kindUserCode, err)
		}
	}
	n, err := p.cfg.Tickets.Increment(ctx, kindGuesses, who, guessesReset)
	if err == nil && n >= mostGuesses {
		err = p.cfg.Tickets.Put(ctx, store.Ticket{Kind: kindGuesser, Name: who, Expires: p.cfg.Now().Add(guessesReset)})
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", kindGuesses, err)
	}
	return "", nil
}
