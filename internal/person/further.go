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

// Number is what the key book calls somebody of whom this key alone was ever seen: 64 hexadecimal digits, from which
// nothing can be read without the keys. It is never released.
func (k Key) Number(keys interface {
	Derive(purpose string, parts ...string) []byte
},
) string {
	return hex.EncodeToString(keys.Derive("person number", k.Authority, k.ID)[:32])
}
