// Package papers reads what a school attests from paper about agreements: who said what, on which day, on which document. A
// list is taken whole or not at all, so every mistake is told at once, by its line. It names children as sources of
// identities name them and never by name, and no mistake repeats an identifier.
package papers

import (
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"ecluse/internal/consent"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// What a list may hold at most.
const (
	MostBytes = 4 << 20
	MostLines = 5_000
	mostText  = 256
)

// SignedPaper is one paper. Of the child, and of the holder where the school says which one signed, it has the identifier as the
// source's mapping makes it.
type SignedPaper struct {
	Authority       string        `json:"authority" doc:"who guarantees the child's identifier: Source.authority"`
	ID              string        `json:"id" doc:"the child's identifier, as the source's mapping makes it"`
	Who             Who           `json:"who" enum:"pupil,holder,all_holders" doc:"who signed"`
	Says            consent.Act   `json:"says" enum:"agreed,refused,withdrawn"`
	Day             registry.Date `json:"day" doc:"the day that the paper bears"`
	Document        string        `json:"document" doc:"its reference at the school, which names nobody: at most 64 letters, digits and ._/- with a digit among them"`
	HolderAuthority string        `json:"holder_authority,omitempty" doc:"of who: holder, where the school says which one"`
	HolderID        string        `json:"holder_id,omitempty"`
}

// Who signed a paper.
type Who string

// The signatures.
const (
	Pupil      Who = "pupil"
	Holder     Who = "holder"
	AllHolders Who = "all_holders" // every holder of parental authority, says the school
)

// String shows nothing of the people.
func (SignedPaper) String() string { return "[line of papers]" }

// GoString shows nothing of the people.
func (l SignedPaper) GoString() string { return l.String() }

// LogValue shows nothing of the people.
func (l SignedPaper) LogValue() slog.Value { return slog.StringValue(l.String()) }

// Signed is the line as package consent takes it, with who attests it.
func (l SignedPaper) Signed(office, by string, uai person.UAI) consent.Signed {
	s := consent.Signed{
		Child: person.Key{Authority: l.Authority, ID: l.ID}, Voice: consent.Holder, Act: l.Says,
		Holder: person.Key{Authority: l.HolderAuthority, ID: l.HolderID},
		Paper:  consent.Paper{Office: office, By: by, UAI: uai, Day: l.Day, Document: l.Document, Everyone: l.Who == AllHolders},
	}
	if l.Who == Pupil {
		s.Voice = consent.Self
	}
	return s
}

// Problem is something wrong with a line, the first of which is 0. Column is empty when it is the line as a whole; Line is
// -1 when it is the list.
type Problem struct {
	Line               int
	Column, What, Mend string
}

// Error is the problem in words, without the line.
func (p Problem) Error() string {
	out := p.What
	if p.Column != "" {
		out = p.Column + ": " + out
	}
	if p.Mend != "" {
		out += " (" + p.Mend + ")"
	}
	return out
}

// Check tells everything that is wrong with a list of today. Authorities are those who name pupils of the establishment: a
// paper about somebody whom no source could ever bring would be found by nobody.
func Check(lines []SignedPaper, authorities []string, today registry.Date) []Problem {
	c := checks{authorities: authorities, today: today, first: map[SignedPaper]int{}, reference: regexp.MustCompile(`^[A-Za-z0-9._/-]{1,64}$`)}
	if len(lines) == 0 {
		c.bad(-1, "", "it has no line", "")
	}
	if len(lines) > MostLines {
		c.bad(-1, "", fmt.Sprintf("it has %d lines", len(lines)), fmt.Sprintf("%d at most: part it", MostLines))
		return c.problems
	}
	for i, l := range lines {
		c.line(i, l)
	}
	return c.problems
}

type checks struct {
	authorities []string
	today       registry.Date
	first       map[SignedPaper]int // where a voice stands first
	reference   *regexp.Regexp
	problems    []Problem
}

func (c *checks) bad(line int, column, what, mend string) {
	c.problems = append(c.problems, Problem{line, column, what, mend})
}

func (c *checks) line(i int, l SignedPaper) {
	c.key(i, "", l.Authority, l.ID)
	switch {
	case l.Who != Pupil && l.Who != Holder && l.Who != AllHolders:
		c.bad(i, "who", "nobody who signs", fmt.Sprintf("%s, %s or %s", Pupil, Holder, AllHolders))
	case l.Who == Holder && l.HolderAuthority+l.HolderID != "":
		c.key(i, "holder_", l.HolderAuthority, l.HolderID)
	case l.HolderAuthority+l.HolderID != "":
		c.bad(i, "holder_id", fmt.Sprintf("%s is no single holder", l.Who), "leave it empty")
	}
	if !slices.Contains([]consent.Act{consent.Agreed, consent.Refused, consent.Withdrawn}, l.Says) {
		c.bad(i, "says", "no answer", fmt.Sprintf("%s, %s or %s", consent.Agreed, consent.Refused, consent.Withdrawn))
	}
	switch {
	case l.Day.IsZero():
		c.bad(i, "day", "the day that the paper bears is missing", "yyyy-mm-dd")
	case l.Day.String() > c.today.String():
		c.bad(i, "day", l.Day.String()+" is still to come", "")
	}
	if !c.reference.MatchString(l.Document) || !strings.ContainsFunc(l.Document, unicode.IsDigit) {
		c.bad(i, "document", "no reference of a document", "at most 64 letters, digits and ._/- with a digit among them, and nobody's name")
	}
	voice := SignedPaper{Authority: l.Authority, ID: l.ID, Who: l.Who, HolderAuthority: l.HolderAuthority, HolderID: l.HolderID, Day: l.Day}
	if at, twice := c.first[voice]; twice {
		c.bad(i, "", fmt.Sprintf("line %d has the same child, signature and day", at+1), "each once")
	} else {
		c.first[voice] = i
	}
}

// key wants an identifier that a source could bring.
func (c *checks) key(i int, prefix, authority, id string) {
	switch {
	case authority == "":
		c.bad(i, prefix+"authority", "it is missing", "")
	case !slices.Contains(c.authorities, authority):
		c.bad(i, prefix+"authority", "no source of this establishment has it", fmt.Sprintf("one of %q", c.authorities))
	}
	switch {
	case id == "":
		c.bad(i, prefix+"id", "it is missing", "")
	case len(id) > mostText:
		c.bad(i, prefix+"id", fmt.Sprintf("it is longer than %d bytes", mostText), "")
	case strings.TrimSpace(id) != id || strings.ContainsFunc(id, func(r rune) bool { return !unicode.IsGraphic(r) }):
		c.bad(i, prefix+"id", "there is a space around it or a sign in it that cannot be seen", "")
	}
}

// Authorities lists who names the pupils of an establishment: the authorities of the sources that speak for it.
func Authorities(s *registry.Snapshot, uai person.UAI) []string {
	var out []string
	for _, source := range s.Sources() {
		if source.Authority != "" && source.SpeaksFor(uai) {
			out = append(out, source.Authority)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
