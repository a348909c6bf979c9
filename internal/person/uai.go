package person

import (
	"fmt"
	"strconv"
	"strings"
)

// UAI is the code of an establishment: seven digits and a check letter, upper case.
type UAI string

const checkLetters = "ABCDEFGHJKLMNPRSTUVWXYZ" // no I, O, Q: they look like digits

// ParseUAI reads a UAI, forgiving case and surrounding space. A wrong check letter is an error that proposes the right
// one; the caller decides whether a test tenant may override it.
func ParseUAI(s string) (UAI, error) {
	u := strings.ToUpper(strings.TrimSpace(s))
	if len(u) != 8 {
		return "", fmt.Errorf("UAI %q: seven digits and a letter are expected", s)
	}
	n, err := strconv.ParseUint(u[:7], 10, 32)
	if err != nil {
		return "", fmt.Errorf("UAI %q: its first seven characters must be digits", s)
	}
	if want := checkLetters[n%uint64(len(checkLetters))]; u[7] != want {
		return "", fmt.Errorf("UAI %q: its letter does not fit its digits; %s%c would", s, u[:7], want)
	}
	return UAI(u), nil
}
