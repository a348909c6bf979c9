package accounts

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"
)

// alphabet leaves out what is misread on paper: I, L, O, U (Crockford's base 32).
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Logins and words are random: 40 bits of a login beside the limits on guesses, 80 bits of a word, of which only a hash
// is kept.
const (
	loginPrefix = "TMP"
	loginChars  = 8
	wordChars   = 16
)

// NewID makes the name by which journals and routes know an account.
func NewID() string { return strings.ToLower(random(16)) }

// NewLogin makes a login, as TMP-XXXX-XXXX.
func NewLogin() string { return loginPrefix + "-" + grouped(random(loginChars)) }

func newWord() string { return grouped(random(wordChars)) }

// Login is a login as it is filed, however somebody typed it.
func Login(typed string) string {
	bare := bare(typed)
	if body, ok := strings.CutPrefix(bare, loginPrefix); ok && len(body) == loginChars {
		return loginPrefix + "-" + grouped(body)
	}
	return bare
}

// HashWord is what is kept of a word. Case, spaces, hyphens and the letters that look like digits do not count.
func HashWord(word string) string {
	sum := sha256.Sum256([]byte("account word " + bare(word)))
	return hex.EncodeToString(sum[:])
}

// sameWord compares in a time that says nothing. No word is the word of an account that has none.
func sameWord(kept, word string) bool {
	return subtle.ConstantTimeCompare([]byte(kept), []byte(HashWord(word))) == 1
}

func random(n int) string {
	raw := make([]byte, n)
	_, _ = rand.Read(raw) // it never fails, or the program ends
	for i, b := range raw {
		raw[i] = alphabet[int(b)%len(alphabet)] // 256 is a multiple of 32: no letter is likelier
	}
	return string(raw)
}

func grouped(s string) string {
	var groups []string
	for ; len(s) > 4; s = s[4:] {
		groups = append(groups, s[:4])
	}
	return strings.Join(append(groups, s), "-")
}

// bare is what was typed without what does not count. The prefix of a login has none of the letters that look like digits.
func bare(typed string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '-', ' ', '\t', '\u00a0', '\u2011', '\u2013':
			return -1
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		default:
			return r
		}
	}, strings.ToUpper(typed))
}
