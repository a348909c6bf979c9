package registry

import (
	"slices"

	"ecluse/internal/person"
)

// Scope is where a declaration holds. It is made at one level and inherited downward; refusals carve holes in it.
type Scope struct {
	Level       Level        `json:"level" yaml:"level"`
	Academies   []string     `json:"academies,omitempty" yaml:"academies"`
	Departments []string     `json:"departments,omitempty" yaml:"departments"`
	UAIs        []person.UAI `json:"uais,omitempty" yaml:"uais"`
	All         bool         `json:"covers_all,omitempty" yaml:"covers_all"` // by academy: the rectorat is controller everywhere in it, and no school enables
	Refused     []person.UAI `json:"refused,omitempty" yaml:"refused"`       // establishments whose controller said no: a local refusal wins
}

// Level is the level at which a declaration is made.
type Level string

// The levels.
const (
	ByAcademy       Level = "academy"
	ByDepartment    Level = "department" // the DASEN's, for public primary schools only
	ByEstablishment Level = "establishment"
)

// Covers tells whether the scope holds in an establishment, local refusals aside.
func (s Scope) Covers(e Establishment) bool {
	switch s.Level {
	case ByAcademy:
		return slices.Contains(s.Academies, e.Academy)
	case ByDepartment:
		return e.Kind == Ecole && !e.Private && slices.Contains(s.Departments, e.Department)
	case ByEstablishment:
		return slices.Contains(s.UAIs, e.UAI)
	default:
		return false
	}
}

// Refuses tells whether the establishment's own controller said no.
func (s Scope) Refuses(uai person.UAI) bool { return slices.Contains(s.Refused, uai) }
