package registry

import (
	"slices"

	"ecluse/internal/person"
)

// Scope is where a declaration holds. It is made at one level and inherited downward. Whether it opens a service there
// without the establishment's own controller is Alone's to say; that controller's refusal is an Enabling.
type Scope struct {
	Level       Level        `json:"level" yaml:"level"`
	Academies   []string     `json:"academies,omitempty" yaml:"academies"`
	Departments []string     `json:"departments,omitempty" yaml:"departments"`
	UAIs        []person.UAI `json:"uais,omitempty" yaml:"uais"`
	All         bool         `json:"covers_all,omitempty" yaml:"covers_all"` // by academy: the rectorat is controller everywhere in it, and no school enables
}

// Level is the level at which a declaration is made.
type Level string

// The levels.
const (
	ByAcademy       Level = "academy"
	ByDepartment    Level = "department" // the DASEN's, for public primary schools only
	ByEstablishment Level = "establishment"
)

// Covers tells whether the scope reaches an establishment.
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

// Alone tells whether the declaration opens the service wherever its scope covers, without a word of each establishment's
// controller: the rectorat's for the whole academy, and the DASEN's for the public écoles, whose controller that is. An
// establishment's own declaration waits for the controller of each establishment in its list.
func (s Scope) Alone() bool {
	return s.Level == ByDepartment || s.Level == ByAcademy && s.All
}
