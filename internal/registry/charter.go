package registry

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"ecluse/internal/person"
)

// Charter is what an academy, a department or one establishment says of how digital services are used there: texts in
// three wordings, and whether people are asked to read them. What it leaves unsaid is said by the next broader one; package
// charter joins them. There is at most one of each place.
type Charter struct {
	Academy    string      `json:"academy,omitempty" yaml:"academy"` // exactly one of these three says whose it is
	Department string      `json:"department,omitempty" yaml:"department"`
	UAI        person.UAI  `json:"uai,omitempty" yaml:"uai"`
	Child      CharterText `json:"enfant,omitzero" yaml:"enfant"`
	Teen       CharterText `json:"ado,omitzero" yaml:"ado"`
	Adult      CharterText `json:"adulte,omitzero" yaml:"adulte"`
	Mode       CharterMode `json:"mode,omitempty" yaml:"mode"`
	Until      YearDay     `json:"until,omitempty" yaml:"until"`         // with the mode remind: the last day of each year on which one may put it off; never required when empty
	Begins     YearDay     `json:"begins,omitempty" yaml:"begins"`       // the day from which it is asked anew each year; 1 September where nobody says
	Guardians  Answer      `json:"guardians,omitempty" yaml:"guardians"` // whether guardians are asked too; no where nobody says
	Contact    Text        `json:"contact,omitzero" yaml:"contact"`      // the function to which a question is put, never a name
	Withdrawn  bool        `json:"withdrawn,omitempty" yaml:"withdrawn"` // as if it had never been written
	ManagedBy  string      `json:"managed_by,omitempty" yaml:"-"`
}

// CharterText is the charter in one wording.
type CharterText struct {
	Rules []CharterRule `json:"rules,omitempty" yaml:"rules"`
	Full  Text          `json:"full,omitzero" yaml:"full"` // paragraphs, headings and lists, as CharterBlocks reads them
}

// CharterRule is one sentence, and the word of the picture beside it.
type CharterRule struct {
	Icon string `json:"icon" yaml:"icon"`
	Text Text   `json:"text" yaml:"text"`
}

// CharterMode says what a charter does to a sign-in.
type CharterMode string

// The modes. Where nobody chooses one, people are reminded.
const (
	CharterShown   CharterMode = "shown"   // it can be read on its page, and nobody is asked
	CharterRemind  CharterMode = "remind"  // the page is shown and may be put off, until the day that Until says
	CharterRequire CharterMode = "require" // nobody goes on without having read it
)

// CharterIcons are the pictures that a rule may have. Each is a word that the pages know.
func CharterIcons() []string {
	return []string{"key", "smile", "stop", "talk", "person", "shield", "school", "book", "check", "cross", "info"}
}

// Level is whose charter it is; empty when it says none or several.
func (c Charter) Level() Level {
	level, said := Level(""), 0
	for at, there := range map[Level]bool{ByAcademy: c.Academy != "", ByDepartment: c.Department != "", ByEstablishment: c.UAI != ""} {
		if there {
			level, said = at, said+1
		}
	}
	if said != 1 {
		return ""
	}
	return level
}

// Of is the academy, department or UAI whose charter it is.
func (c Charter) Of() string {
	switch c.Level() {
	case ByAcademy:
		return c.Academy
	case ByDepartment:
		return c.Department
	default:
		return string(c.UAI)
	}
}

// Name names the charter among all: its level and whose it is; empty when it does not say.
func (c Charter) Name() string {
	level := c.Level()
	if level == "" {
		return ""
	}
	return CharterName(level, c.Of())
}

// CharterName is the name of the charter of an academy, a department or an establishment.
func CharterName(level Level, of string) string { return string(level) + " " + of }

// Scope is where the charter holds, for whoever asks who may write it.
func (c Charter) Scope() Scope {
	switch c.Level() {
	case ByAcademy:
		return Scope{Level: ByAcademy, Academies: []string{c.Academy}}
	case ByDepartment:
		return Scope{Level: ByDepartment, Departments: []string{c.Department}}
	case ByEstablishment:
		return Scope{Level: ByEstablishment, UAIs: []person.UAI{c.UAI}}
	default:
		return Scope{}
	}
}

// Texts are the three wordings, for a child, a teenager and an adult.
func (c Charter) Texts() [3]CharterText { return [3]CharterText{c.Child, c.Teen, c.Adult} }

// Files are the texts under their versions, to be kept as evidence of what was read.
func (c Charter) Files() []File {
	var out []File
	for _, text := range c.Texts() {
		if !text.IsZero() {
			out = append(out, File{Hash: text.Version(), Type: CharterFile, Body: text.body()})
		}
	}
	return out
}

// CharterFile is the media type under which the text of a version is kept.
const CharterFile = "application/vnd.ecluse.charter+json"

// IsZero tells whether the wording is not written.
func (t CharterText) IsZero() bool { return len(t.Rules) == 0 && t.Full == (Text{}) }

// Version is the hash of the content, 64 hex, in every language: the same words are the same version, wherever they stand.
// It is empty for no text.
func (t CharterText) Version() string {
	if t.IsZero() {
		return ""
	}
	sum := sha256.Sum256(t.body())
	return hex.EncodeToString(sum[:])
}

func (t CharterText) body() []byte {
	text, err := json.Marshal(t)
	if err != nil {
		return nil // texts always encode
	}
	return text
}

// YearDay is a day of every year, as mm-dd. Each object has its own: there is no end of year that holds for all.
type YearDay string

// In is the day in a year; the zero Date when it is no day.
func (d YearDay) In(year int) Date {
	t, err := time.Parse(time.DateOnly, fmt.Sprintf("%04d-%s", year, string(d)))
	if err != nil {
		return Date{}
	}
	return DateOf(t)
}

// known tells whether it is a day of every year: 29 February is not.
func (d YearDay) known() bool { return !d.In(2027).IsZero() }

// Charter finds the charter of an academy, a department or an establishment.
func (s *Snapshot) Charter(level Level, of string) (Charter, bool) {
	if s == nil {
		return Charter{}, false
	}
	return s.charters.get(CharterName(level, of))
}

// Charters lists every charter by its name, withdrawn ones too.
func (s *Snapshot) Charters() []Charter {
	if s == nil {
		return nil
	}
	return sorted(s.charters)
}

// Reaches tells whether the charter holds in an establishment where nothing narrower is said.
func (c Charter) Reaches(e Establishment) bool {
	switch c.Level() {
	case ByAcademy:
		return e.Academy == c.Academy
	case ByDepartment:
		return e.Department == c.Department
	case ByEstablishment:
		return e.UAI == c.UAI
	default:
		return false
	}
}

// At is the charter of another place that says the same.
func (c Charter) At(level Level, of string) Charter {
	c.Academy, c.Department, c.UAI = "", "", ""
	switch level {
	case ByAcademy:
		c.Academy = of
	case ByDepartment:
		c.Department = of
	case ByEstablishment:
		c.UAI = person.UAI(of)
	}
	return c
}
