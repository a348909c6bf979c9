package person

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"strings"
)

// Further is a second way in which a source names a person: an identifier that another authority guarantees, so that two
// sources can mean one person (a pupil's national number, which an ENT writes out and EduConnect sends as a hash). Whether
// the source's word on that authority is taken is said elsewhere, by whoever registers the source.
//
// The steps are taken in the order of the fields. What EduConnect computes its hash from is not published, so it is data:
// where the steps are not those that EduConnect takes, the two keys differ and join nobody.
type Further struct {
	Authority string `yaml:"authority"` // who guarantees the identifier, never the mapping's own
	Attribute string `yaml:"attribute"` // exactly one value
	Case      string `yaml:"case"`      // upper or lower; as it is when empty
	Digest    string `yaml:"digest"`    // md5, sha1, sha256 or sha512, in lower-case hexadecimal; none when empty
}

// Digests lists the words of Further.Digest.
func Digests() []string { return []string{"", "md5", "sha1", "sha256", "sha512"} }

// further gives the further keys. What has no value, or several, is left out: it would be a guess.
func (m Mapping) further(raw Raw) []Key {
	var keys []Key
	for _, f := range m.Also {
		if v := nonEmpty(raw.named(f.Attribute)); len(v) == 1 && f.Authority != "" && f.Authority != m.Authority {
			if id, ok := f.id(v[0]); ok {
				keys = append(keys, Key{Authority: f.Authority, ID: id})
			}
		}
	}
	return keys
}

// id takes the steps; ok is false for a step that nobody knows.
func (f Further) id(v string) (id string, ok bool) {
	switch f.Case {
	case "":
	case "upper":
		v = strings.ToUpper(v)
	case "lower":
		v = strings.ToLower(v)
	default:
		return "", false
	}
	if f.Authority == NationalNumber && !f.somebodys(v) {
		return "", false
	}
	return f.digested(v)
}

// somebodys tells whether a value can be one pupil's national number, or the hash of one. Bases write something of their
// own where the number is missing (0, INCONNU, 00000000000): two sources that do would give two pupils one key, and each
// the other's pseudonyms.
func (f Further) somebodys(v string) bool {
	if f.Digest != "" {
		return isINE(v)
	}
	sum, err := hex.DecodeString(v)
	return err == nil && len(sum) >= md5.Size && !ofNobody(v)
}

// isINE tells the national pupil number: nine digits, a digit or a letter, and a letter, three different ones at least.
func isINE(v string) bool {
	different := map[rune]bool{}
	for i, c := range v {
		digit, letter := c >= '0' && c <= '9', c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
		if !digit && (i < 9 || !letter) || i == 10 && !letter {
			return false
		}
		different[c] = true
	}
	return len(v) == 11 && len(different) >= 3
}

// ofNobody tells the hashes of what stands where a number is missing.
func ofNobody(hash string) bool {
	missing := []string{"", " ", "0", "1", "-", "null", "NULL", "none", "inconnu", "INCONNU", "N/A", "n/a", "NC"}
	for _, c := range []string{"0", "9", "X", "x"} {
		missing = append(missing, strings.Repeat(c, 10), strings.Repeat(c, 11))
	}
	for _, text := range missing {
		for _, digest := range Digests()[1:] {
			if sum, _ := (Further{Digest: digest}).digested(text); strings.EqualFold(sum, hash) {
				return true
			}
		}
	}
	return false
}

// digested takes the last step.
func (f Further) digested(v string) (id string, ok bool) {
	var sum []byte
	switch b := []byte(v); f.Digest {
	case "":
		return v, true
	case "md5": // no protection: the other side's hash is 32 hexadecimal digits
		s := md5.Sum(b)
		sum = s[:]
	case "sha1":
		s := sha1.Sum(b)
		sum = s[:]
	case "sha256":
		s := sha256.Sum256(b)
		sum = s[:]
	case "sha512":
		s := sha512.Sum512(b)
		sum = s[:]
	default:
		return "", false
	}
	return hex.EncodeToString(sum), true
}

// Handle is how the key book and the journal write a key: 64 hexadecimal digits, from which nothing can be read without the
// keys. It is never released.
func (k Key) Handle(keys interface {
	Derive(purpose string, parts ...string) []byte
},
) string {
	return hex.EncodeToString(keys.Derive("key book key", k.Authority, k.ID)[:32])
}

// Number is what the key book calls somebody of whom this key alone was ever seen: 64 hexadecimal digits, from which
// nothing can be read without the keys. It is never released.
func (k Key) Number(keys interface {
	Derive(purpose string, parts ...string) []byte
},
) string {
	return hex.EncodeToString(keys.Derive("person number", k.Authority, k.ID)[:32])
}
