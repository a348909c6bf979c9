package registry

import (
	"fmt"
	"strings"
)

// Finding is one thing to say about an object: where, what, and what would be right.
type Finding struct {
	Where    string   `json:"where"`          // the field, as a path: items[2].justification
	What     string   `json:"what"`           // what is wrong or worth knowing
	Mend     string   `json:"mend,omitempty"` // what would be right; empty when What says it
	Severity Severity `json:"severity"`       // Blocking unless it says otherwise
	Law      string   `json:"law,omitempty"`  // the legal reference, where there is one
	Rule     string   `json:"rule,omitempty"` // a stable word for the rule of package conformity that found it
}

// Severity says what a finding does.
type Severity int

// The severities. The zero value blocks.
const (
	Blocking  Severity = iota
	ToJustify          // the controller must justify it
	Note               // for information
)

// MarshalText gives the severity as a word.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a severity; an unknown word blocks.
func (s *Severity) UnmarshalText(text []byte) error {
	switch string(text) {
	case ToJustify.String():
		*s = ToJustify
	case Note.String():
		*s = Note
	default:
		*s = Blocking
	}
	return nil
}

// String gives the severity as a word.
func (s Severity) String() string { return [...]string{"blocking", "to justify", "note"}[s] }

// String gives the finding in one line.
func (f Finding) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", f.Where, f.What)
	if f.Mend != "" {
		fmt.Fprintf(&b, " (%s)", f.Mend)
	}
	if f.Law != "" {
		fmt.Fprintf(&b, " [%s]", f.Law)
	}
	return b.String()
}

// Blocks tells whether any finding blocks.
func Blocks(findings []Finding) bool {
	for _, f := range findings {
		if f.Severity == Blocking {
			return true
		}
	}
	return false
}
