// Package charter says which charter holds in an establishment, who has to be asked to read it, and who has. The texts
// and what each place chose are registry.Charter; this package joins them and keeps the acknowledgements.
//
// What is inherited: of each wording the text of the establishment, or else of its department, or else of its academy,
// always whole. A teenager's text that nobody wrote is the adult's; a child's is never an adult's. The mode with its last
// day, the day on which the year begins, the contact and whether guardians are asked come each from the narrowest place
// that says so.
//
// Who is asked: pupils and staff, once a year for each establishment and each version, whatever the service. Pupils of an
// école are never asked: the text is read to them in class, and the school attests it on paper, by numbers. Guardians are
// asked where the charter says so, and not otherwise: they read for a child.
//
// How: a reminder can be put off, for the rest of the day, and stops nobody. It has a last day of each year where its
// place chose one; from the next day until the year ends it is required. A reminder without a last day is never required.
// Where nobody chose, people are reminded.
package charter

import (
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Wording is for whom a text is written; the words are those of the pages.
type Wording string

// The wordings.
const (
	Child Wording = "enfant"
	Teen  Wording = "ado"
	Adult Wording = "adulte"
)

// Wordings lists them from the youngest.
func Wordings() []Wording { return []Wording{Child, Teen, Adult} }

// WordingOf is the wording in which somebody is asked: by the kind of school for pupils, an adult's for everybody else.
func WordingOf(school registry.Establishment, profile person.Profile) Wording {
	switch {
	case profile != person.Pupil:
		return Adult
	case school.Kind == registry.Ecole:
		return Child
	default:
		return Teen
	}
}

// Text is the text that holds in an establishment for one wording.
type Text struct {
	registry.CharterText
	Version string
	From    registry.Level // whose text it is
	Of      string         // of which academy, department or establishment
	Wording Wording        // in which it is written: an adult's may stand for a teenager's
}

// Terms is what holds in an establishment beside the texts.
type Terms struct {
	Mode      registry.CharterMode
	Until     registry.YearDay // the last day of a reminder; empty when there is none
	Begins    registry.YearDay
	Guardians bool
	Contact   registry.Text // the function to which a question is put; empty when nobody said
}

// usualBegin is the day from which a charter is asked anew where no charter says so.
const usualBegin registry.YearDay = "09-01"

// TextAt finds the text that holds in an establishment in a wording; ok is false when there is none.
func TextAt(s *registry.Snapshot, school registry.Establishment, w Wording) (Text, bool) {
	wordings := []Wording{w}
	if w == Teen {
		wordings = append(wordings, Adult)
	}
	for _, wording := range wordings {
		for _, c := range chain(s, school) {
			if text := of(c, wording); !text.IsZero() {
				return Text{CharterText: text, Version: text.Version(), From: c.Level(), Of: c.Of(), Wording: wording}, true
			}
		}
	}
	return Text{}, false
}

// TermsAt finds what holds in an establishment beside the texts.
func TermsAt(s *registry.Snapshot, school registry.Establishment) Terms {
	t := Terms{Mode: registry.CharterRemind, Begins: usualBegin}
	chosen, guardians, begins := false, false, false
	for _, c := range chain(s, school) {
		if !chosen && c.Mode != "" {
			t.Mode, t.Until, chosen = c.Mode, c.Until, true
		}
		if !begins && c.Begins != "" {
			t.Begins, begins = c.Begins, true
		}
		if !guardians && c.Guardians != "" {
			t.Guardians, guardians = c.Guardians == registry.AnswerYes, true
		}
		if t.Contact.FR == "" {
			t.Contact = c.Contact
		}
	}
	return t
}

// chain lists the charters that hold in an establishment, the narrowest first.
func chain(s *registry.Snapshot, school registry.Establishment) []registry.Charter {
	var out []registry.Charter
	for _, at := range []struct {
		level registry.Level
		of    string
	}{
		{registry.ByEstablishment, string(school.UAI)}, {registry.ByDepartment, school.Department}, {registry.ByAcademy, school.Academy},
	} {
		if c, ok := s.Charter(at.level, at.of); ok && !c.Withdrawn && at.of != "" {
			out = append(out, c)
		}
	}
	return out
}

func of(c registry.Charter, w Wording) registry.CharterText {
	switch w {
	case Child:
		return c.Child
	case Teen:
		return c.Teen
	default:
		return c.Adult
	}
}

// Year is the year in which the charter's own year of a moment began, by the day there.
func (t Terms) Year(now time.Time, zone *time.Location) int {
	local := now.In(zone)
	if local.Before(t.Starts(local.Year()).Starts(zone)) {
		return local.Year() - 1
	}
	return local.Year()
}

// Starts is the first day of the charter's year that begins in a calendar year.
func (t Terms) Starts(year int) registry.Date {
	if day := t.Begins.In(year); !day.IsZero() {
		return day
	}
	return usualBegin.In(year)
}

// LastDay is until when a reminder may be put off in the charter's year of a moment; the zero Date when it always may, or
// never.
func (t Terms) LastDay(now time.Time, zone *time.Location) registry.Date {
	if t.Mode != registry.CharterRemind || t.Until == "" {
		return registry.Date{}
	}
	year := t.Year(now, zone)
	day := t.Until.In(year)
	if !day.IsZero() && day.String() < t.Starts(year).String() {
		day = t.Until.In(year + 1)
	}
	return day
}

// Duty is what somebody owes before they go on.
type Duty int

// The duties.
const (
	Nothing Duty = iota
	Remind       // the page is shown, and may be put off
	Require      // nobody goes on before they have read
)

// String gives the duty as a word.
func (d Duty) String() string { return [...]string{"nothing", "remind", "require"}[d] }

// Due is what somebody has to be asked in an establishment, as things stand: whether they were asked is a Book's to know.
type Due struct {
	Duty
	Text    Text
	Terms   Terms
	School  registry.Establishment
	Profile person.Profile
	Year    int
	Last    registry.Date // until when it may be put off; zero when there is no such day
}

// DueAt says what somebody is owed to be asked in an establishment under a profile. A mode that nobody knows requires.
func DueAt(s *registry.Snapshot, now time.Time, uai person.UAI, profile person.Profile) Due {
	school, known := s.Establishment(uai)
	if !known {
		return Due{}
	}
	terms := TermsAt(s, school)
	text, written := TextAt(s, school, WordingOf(school, profile))
	d := Due{
		Text: text, Terms: terms, School: school, Profile: profile, Year: terms.Year(now, s.Zone()), Last: terms.LastDay(now, s.Zone()),
	}
	if written {
		d.Duty = terms.duty(school, profile, now, s.Zone())
	}
	return d
}

func (t Terms) duty(school registry.Establishment, profile person.Profile, now time.Time, zone *time.Location) Duty {
	switch {
	case profile == person.Pupil && school.Kind == registry.Ecole:
		return Nothing
	case profile == person.Guardian && !t.Guardians:
		return Nothing
	case t.Mode == registry.CharterShown:
		return Nothing
	case t.Mode != registry.CharterRemind:
		return Require
	}
	last := t.LastDay(now, zone)
	if t.Until == "" || !last.IsZero() && now.Before(last.Ends(zone)) {
		return Remind
	}
	return Require
}
