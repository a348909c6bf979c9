package app

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLogRepeatsLittleOfALongCause(t *testing.T) {
	t.Parallel()
	said := brief(errors.New(strings.Repeat("é", longestCause)))
	if len(said) > longestCause+3 || !utf8.ValidString(said) {
		t.Errorf("%d bytes, valid %v", len(said), utf8.ValidString(said))
	}
	if brief(nil) != "" || brief(errors.New("short")) != "short" {
		t.Error("a short cause is changed")
	}
}
