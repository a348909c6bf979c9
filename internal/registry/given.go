package registry

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"ecluse/internal/person"
)

// Given is what a school records of a notice: whom it told of a service, when and how (RGPD art. 5(2), 12 to 14). It is added
// and never changed.
type Given struct {
	ID          string     `json:"id"`
	Service     string     `json:"service"`
	UAI         person.UAI `json:"uai"`
	Declaration string     `json:"declaration"` // what they were told of
	Version     int        `json:"version"`
	To          Reader     `json:"to"`
	On          Date       `json:"on"`
	How         Manner     `json:"how"`
	Note        string     `json:"note,omitempty"` // where the proof is filed
	Office      string     `json:"office"`         // in which function it was recorded
	By          string     `json:"by"`             // the handle, for nobody to read
	At          time.Time  `json:"at"`
}

// Reader is whom a notice is for.
type Reader string

// The readers.
const (
	ReadGuardians Reader = "guardians"
	ReadStaff     Reader = "staff"
	ReadCouncil   Reader = "council"      // conseil d'administration or conseil d'école
	ReadAuthority Reader = "collectivite" // the local authority that the school depends on
)

// Readers lists every reader, in the order of a page.
func Readers() []Reader { return []Reader{ReadGuardians, ReadStaff, ReadCouncil, ReadAuthority} }

// Manner is how a notice was given.
type Manner string

// The manners.
const (
	GivenByENT     Manner = "ent"     // a message or a page of the ENT
	GivenByMail    Manner = "mail"    // letter or mail of the school
	GivenOnPaper   Manner = "paper"   // handed out, or in the carnet
	GivenAtMeeting Manner = "meeting" // told and handed out at a meeting or a sitting
	GivenOnDisplay Manner = "display" // put up in the school
)

// Manners lists every manner, in the order of a page.
func Manners() []Manner {
	return []Manner{GivenByENT, GivenByMail, GivenOnPaper, GivenAtMeeting, GivenOnDisplay}
}

// GivenAt lists what a school recorded of notices about a service, the oldest first. Callers must not change the slice.
func (s *Snapshot) GivenAt(service string, uai person.UAI) []Given {
	if s == nil {
		return nil
	}
	return s.given[EnablingKey{service, uai}]
}

// withGiven files records under their service and school; one that is there already stays as it is.
func withGiven(filed map[EnablingKey][]Given, added []Given) map[EnablingKey][]Given {
	if len(added) == 0 {
		return filed
	}
	if filed = maps.Clone(filed); filed == nil {
		filed = map[EnablingKey][]Given{}
	}
	for _, g := range added {
		key := EnablingKey{g.Service, g.UAI}
		if slices.ContainsFunc(filed[key], func(o Given) bool { return o.ID == g.ID }) {
			continue
		}
		list := append(slices.Clone(filed[key]), g)
		slices.SortFunc(list, func(a, b Given) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID)) })
		filed[key] = list
	}
	return filed
}
