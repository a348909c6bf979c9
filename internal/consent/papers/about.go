package papers

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ecluse/internal/consent"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// About finds the version of a declaration that papers of an establishment can be about: the one named, if it was ever
// approved, or the newest that is in force where the version is 0. It must reach the establishment, rest on consent, and have
// those asked who hold parental authority: elsewhere a paper would change nothing. ok is false with what is wrong.
func About(s *registry.Snapshot, now time.Time, uai person.UAI, id string, version int) (d registry.Declaration, wrong Problem, ok bool) {
	versions := s.Versions(id)
	i := slices.IndexFunc(versions, func(v registry.Declaration) bool {
		if version == 0 {
			return v.State == registry.Approved && v.InForce(now, s.Zone())
		}
		return v.Version == version && (v.State == registry.Approved || v.WasApproved())
	})
	school, known := s.Establishment(uai)
	if i < 0 || !known || !versions[i].Scope.Covers(school) {
		return d, Problem{-1, "declaration", "no such version was ever approved for this establishment", ""}, false
	}
	if d = versions[i]; d.Basis.Kind != registry.Consent || d.Basis.Parents != registry.AnswerYes {
		return d, Problem{
			-1, "declaration", "it asks no holder of parental authority, so that there is nothing to attest",
			"a declaration on the basis of consent under which they are asked",
		}, false
	}
	return d, Problem{}, true
}

// Tally counts what the papers of a list say.
type Tally struct {
	Agreed    int `json:"agreed"`
	Refused   int `json:"refused"`
	Withdrawn int `json:"withdrawn"`
}

// mostDocuments is how many references a journal entry repeats; of more it keeps the number.
const mostDocuments = 50

// Count counts a list.
func Count(lines []SignedPaper) (t Tally) {
	for _, l := range lines {
		switch l.Says {
		case consent.Agreed:
			t.Agreed++
		case consent.Refused:
			t.Refused++
		case consent.Withdrawn:
			t.Withdrawn++
		}
	}
	return t
}

// Detail is what a journal entry says of a list: how many said what, on which documents, and nobody.
func Detail(lines []SignedPaper) map[string]string {
	var documents []string
	for _, l := range lines {
		documents = append(documents, l.Document)
	}
	slices.Sort(documents)
	documents = slices.Compact(documents)
	t := Count(lines)
	out := map[string]string{
		"agreed": fmt.Sprint(t.Agreed), "refused": fmt.Sprint(t.Refused), "withdrawn": fmt.Sprint(t.Withdrawn),
		"documents": fmt.Sprint(len(documents)), "how": "paper",
	}
	if len(documents) <= mostDocuments {
		out["document"] = strings.Join(documents, " ")
	}
	return out
}
