// Package conformity helps the data-protection officer: it examines a declaration and says what stands against approving
// it, each finding blocking, to be justified by the controller, or for information, with its legal reference, the field
// to mend and what would mend it. It approves nothing. What a lawyer may change is registry.Rules; what is logic is here,
// one rule in one function, worded so that a lawyer can confirm or change it.
package conformity

import (
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Case is what a declaration is examined against.
type Case struct {
	Rules   registry.Rules
	Now     time.Time
	Zone    *time.Location
	Words   *attrs.Dictionary
	Service registry.Service                                // the zero service is not looked at
	School  func(person.UAI) (registry.Establishment, bool) // nil knows no school
	Asked   []person.Attr                                   // what the service's own metadata asks for; nil says nothing
}

// Examine lists what it finds in the order of the rules.
func Examine(d registry.Declaration, c Case) []registry.Finding { panic("not yet") }
