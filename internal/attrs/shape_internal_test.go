package attrs

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ecluse/internal/registry"
)

func numberOf(parts ...string) string {
	sum := sha512.Sum512([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

func shapes() map[registry.Shape]*regexp.Regexp {
	return map[registry.Shape]*regexp.Regexp{
		registry.Hex128:   regexp.MustCompile(`^[0-9a-f]{128}$`),
		registry.Pairwise: regexp.MustCompile(`^[0-9a-f]{64}@id\.example\.fr$`),
		registry.Compact:  regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`),
		registry.UUID:     regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`),
		registry.Code:     regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$`),
	}
}

func TestEveryShapeIsAsItIsPublished(t *testing.T) {
	t.Parallel()
	for shape, want := range shapes() {
		seen := map[string]bool{}
		for i := range 1000 {
			got := shaped(numberOf(strconv.Itoa(i)), shape, "ID.example.fr")
			if !want.MatchString(got) || seen[got] {
				t.Fatalf("shape %q: %q is not of its form, or came twice", shape, got)
			}
			seen[got] = true
		}
	}
}

func TestShapesOfAKnownNumber(t *testing.T) {
	t.Parallel()
	number := "00443214c74254b635cf84653a56d7c6" + strings.Repeat("f", 96)
	for shape, want := range map[registry.Shape]string{
		registry.UUID:     "00443214-c742-84b6-b5cf-84653a56d7c6",
		registry.Code:     "0123-4567-89AB",
		registry.Pairwise: number[:64] + "@ac.fr",
		registry.Compact:  "AEQyFMdCVLY1z4RlOlbXxv____________________8",
	} {
		if got := shaped(number, shape, "ac.fr"); got != want {
			t.Errorf("shape %q: %q, want %q", shape, got, want)
		}
	}
}

func TestWhatCannotBeWrittenInAShapeIsEmpty(t *testing.T) {
	t.Parallel()
	for _, scope := range []string{"", "::1", ".fr", "-x", "a b", "é.fr", "a@b", strings.Repeat("a", 128)} {
		if got := shaped(numberOf("x"), registry.Pairwise, scope); got != "" {
			t.Errorf("scope %q gives %q", scope, got)
		}
	}
	if shaped(numberOf("x"), registry.Pairwise, strings.Repeat("a", 127)) == "" {
		t.Error("a scope of 127 letters is allowed")
	}
	for _, number := range []string{"", "12", strings.Repeat("x", 128)} {
		for shape := range shapes() {
			if shaped(number, shape, "a.fr") != "" {
				t.Errorf("shape %q of %d characters that are no number", shape, len(number))
			}
		}
	}
	if shaped(numberOf("x"), "round", "a.fr") != "" {
		t.Error("an unknown shape is written")
	}
}

// hashed derives as the key ring does, by a keyed hash.
type hashed string

func (h hashed) Derive(purpose string, parts ...string) []byte {
	m := hmac.New(sha512.New, []byte(h))
	for _, part := range append([]string{purpose}, parts...) {
		m.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		m.Write([]byte(part))
	}
	return m.Sum(nil)
}

// It is for make scale: ten million people at one service, in the shape that keeps fewest bits of their numbers (60: by
// the birthday bound one run in 23,000 would find two alike by chance). The key is fixed, so it is the same run each time.
func TestNoTwoOfTenMillionPeopleShareACodeOfAWholeAcademy(t *testing.T) {
	t.Parallel()
	many := 50_000
	if os.Getenv("ECLUSE_SCALE") != "" {
		many = 10_000_000
	}
	e := &Engine{Keys: hashed("key")}
	codes := make([]uint64, 0, many)
	for i := range many {
		number := e.derive("person "+strconv.Itoa(i), "family", 0, "cycle", "cycle3")
		packed := uint64(0)
		for _, letter := range strings.ReplaceAll(shaped(number, registry.Code, ""), "-", "") {
			packed = packed<<5 | uint64(strings.IndexRune(codeLetters, letter))
		}
		codes = append(codes, packed)
	}
	slices.Sort(codes)
	for i := 1; i < len(codes); i++ {
		if codes[i] == codes[i-1] {
			t.Fatalf("two of %d have one code", many)
		}
	}
}
