package stepup

import (
	"encoding/base32"
	"testing"
	"time"
)

// TestTheCodesAreThoseOfRFC6238 takes the SHA-1 rows of appendix B, whose eight digits end in our six.
func TestTheCodesAreThoseOfRFC6238(t *testing.T) {
	t.Parallel()
	secret := base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))
	for at, eight := range map[int64]string{
		59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130",
	} {
		b := &Book{Config: Config{Now: func() time.Time { return time.Unix(at, 0) }}}
		six := eight[2:]
		if got := b.step(secret, six, 0); got != at/30 {
			t.Errorf("%d: %s is of step %d, want %d", at, six, got, at/30)
		}
		if got := b.step(secret, six[:3]+" "+six[3:], 0); got != at/30 {
			t.Errorf("%d: with a space, step %d", at, got)
		}
		if got := b.step(secret, six, at/30); got != 0 {
			t.Errorf("%d: used and taken", at)
		}
		for _, wrong := range []string{"", "000000", eight, six[:5], six + "0", "abcdef"} {
			if got := b.step(secret, wrong, 0); got != 0 {
				t.Errorf("%d: %q is of step %d", at, wrong, got)
			}
		}
	}
}
