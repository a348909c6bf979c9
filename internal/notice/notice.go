package notice

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// Element is one thing that art. 13 or 14 wants told, as the regulation numbers it.
type Element string

// The elements. What art. 13 and 14 ask for alike bears the number of art. 13.
const (
	Service     Element = "service" // what it is, and that it is a professional service which somebody administers
	Controller  Element = "13(1)(a)"
	Joint       Element = "26(2)"
	Officer     Element = "13(1)(b)"
	Purposes    Element = "13(1)(c)"
	Interest    Element = "13(1)(d)"
	Recipients  Element = "13(1)(e)"
	Transfers   Element = "13(1)(f)"
	Duration    Element = "13(2)(a)"
	Rights      Element = "13(2)(b)"
	Withdrawal  Element = "13(2)(c)"
	Complaint   Element = "13(2)(d)"
	Obligation  Element = "13(2)(e)"
	Automated   Element = "13(2)(f)"
	Categories  Element = "14(1)(d)"
	Source      Element = "14(2)(f)"
	ForYourPart Element = "audience" // what whoever reads has to do with it
)

// Notice is a notice in one language.
type Notice struct {
	To          registry.Reader
	Lang        string // fr or en
	Title       string
	Declaration string
	Version     int
	Sections    []Section
}

// Section is one element, in words.
type Section struct {
	Element Element
	Heading string
	Lines   []string
}

// Lack is one thing that the declaration does not say. Where is the field, as in a finding; Law wants it told.
type Lack struct {
	Where string
	What  registry.Text
	Law   string
}

// Ask says which notice is wanted.
type Ask struct {
	Service string
	School  registry.Establishment
	To      registry.Reader
	Lang    string // en, or else fr
}

// standing is the version that a notice tells of: the one under which the service stands in a school, else the newest that
// is approved, covers the school and is still to end, so that people are told before it opens.
func standing(s *registry.Snapshot, now time.Time, service string, school registry.Establishment) (registry.Declaration, bool) {
	if stand, ok := policy.Here(s, now, service, school); ok && !stand.Stopped {
		return *stand.Version, true
	}
	for _, d := range s.Declarations(service) {
		end, _ := policy.Ends(d, s.Rules(now), s.Zone())
		if d.State == registry.Approved && d.Scope.Covers(school) && now.Before(end) {
			return d, true
		}
	}
	return registry.Declaration{}, false
}

// writer is one notice under way.
type writer struct {
	Ask
	d       registry.Declaration
	service registry.Service
	sources []registry.Source
	words   *dictionary.Dictionary
	last    registry.Date
	lacks   []Lack
}

// Write writes the notice of a service for those of a school. Where anything lacks, the notice is empty and lacks say all of
// it; nothing approved to tell of is a lack too.
func Write(s *registry.Snapshot, words *dictionary.Dictionary, now time.Time, ask Ask) (Notice, []Lack) {
	if ask.Lang != "en" {
		ask.Lang = "fr"
	}
	d, ok := standing(s, now, ask.Service, ask.School)
	service, known := s.Service(ask.Service)
	if !ok || !known {
		return Notice{}, []Lack{{"", registry.Text{
			FR: "aucune déclaration approuvée ne couvre cet établissement", EN: "no approved declaration covers this school",
		}, "RGPD art. 5(2)"}}
	}
	end, _ := policy.Ends(d, s.Rules(now), s.Zone())
	w := &writer{Ask: ask, d: d, service: service, words: words, last: registry.DateOf(end.In(s.Zone())).Add(-1)}
	for _, source := range s.Sources() {
		if !source.Suspended && source.SpeaksFor(ask.School.UAI) && source.Declaration.InForce(now, s.Zone()) {
			w.sources = append(w.sources, source)
		}
	}
	w.check()
	if len(w.lacks) > 0 {
		return Notice{}, w.lacks
	}
	return Notice{
		To: ask.To, Lang: ask.Lang, Title: w.title(), Declaration: d.ID, Version: d.Version, Sections: w.sections(),
	}, nil
}

// Text is the notice as a plain text, for an ENT or a letter: headings stand alone, lines begin with a dash.
func (n Notice) Text() string {
	var b strings.Builder
	b.WriteString(strings.ToUpper(n.Title) + "\n")
	for _, s := range n.Sections {
		fmt.Fprintf(&b, "\n%s\n", s.Heading)
		for _, line := range s.Lines {
			fmt.Fprintf(&b, "- %s\n", line)
		}
	}
	return b.String()
}

// in says something in the notice's language.
func (w *writer) in(fr, en string, args ...any) string {
	text := fr
	if w.Lang == "en" {
		text = en
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

func (w *writer) texts(list []registry.Text) []string {
	var out []string
	for _, t := range list {
		if said := strings.TrimSpace(t.In(w.Lang)); said != "" {
			out = append(out, said)
		}
	}
	return out
}

// concerns tells whether the service is declared for one of these profiles.
func (w *writer) concerns(one ...person.Profile) bool {
	return slices.ContainsFunc(w.d.Audience.Profiles, func(p person.Profile) bool { return slices.Contains(one, p) })
}

func (w *writer) concernsStaff() bool {
	return w.concerns(person.Teacher, person.Librarian, person.Head, person.SchoolLife, person.SchoolStaff, person.LocalAuthority, person.AcademyStaff)
}
