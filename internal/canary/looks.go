package canary

import (
	"regexp"
	"strings"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
)

var (
	mailShape = regexp.MustCompile(`^[^\s@<>]+@[^\s@<>]+\.[A-Za-z]{2,24}$`)
	ineShape  = regexp.MustCompile(`^([0-9]{9}[A-Za-z]{2}|[0-9]{10}[A-Za-z])$`)
	wireName  = regexp.MustCompile(`^[A-Za-z0-9_.:/#-]{1,64}$`)

	hexShape      = regexp.MustCompile(`^[0-9a-f]{128}$`)
	pairwiseShape = regexp.MustCompile(`^[0-9a-f]{64}@[A-Za-z0-9][A-Za-z0-9.-]*$`)
	compactShape  = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	uuidShape     = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	codeShape     = regexp.MustCompile(`^[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}$`)
	scopedShape   = regexp.MustCompile(`^(student|faculty|staff|employee|member|affiliate|alum|library-walk-in)@[A-Za-z0-9.-]+$`)
	handleShape   = regexp.MustCompile(`^[A-Za-z0-9_-]{16,128}$`)
)

func isMail(value string) bool { return mailShape.MatchString(strings.TrimSpace(value)) }

// isINE tells whether a whole value has the shape of the national pupil number, in either of its two forms.
func isINE(value string) bool { return ineShape.MatchString(strings.TrimSpace(value)) }

// disguised tells whether a value is one that no word but its own may hold.
func disguised(value string) bool {
	return isMail(value) || isINE(value) || dictionary.LooksLikeNIR(value)
}

// isUAI tells whether a whole value is the code of an establishment.
func isUAI(value string) bool {
	uai, err := person.ParseUAI(value)
	return err == nil && string(uai) == value
}

// plain is a name from the wire as it may be told: what is no name is not repeated, since it could be a value.
func plain(name string) string {
	if !wireName.MatchString(name) || disguised(name) || hexShape.MatchString(name) {
		return "(unprintable)"
	}
	return name
}
