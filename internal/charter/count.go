package charter

import (
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Count is how many of a group acknowledged a version.
type Count struct {
	Version string
	Group   Group
	N       int
}

// Few is the number below which a count is not told: it would be of people whom somebody can name.
const Few = 10

// Told is a count as it may be told: hidden when it is of few people. None is told: it is nobody.
type Told struct {
	Group  Group `json:"group"`
	N      int   `json:"n"`                // 0 when it is hidden
	Hidden bool  `json:"hidden,omitempty"` // between 1 and Few-1
	Older  bool  `json:"older,omitempty"`  // of versions that no longer hold; who read both stands in both
}

// Tell makes counts tellable: one for each group that acknowledged a version that holds, and one for each that acknowledged
// another. versions are those that hold.
func Tell(counts []Count, versions ...string) []Told {
	holds := map[string]bool{}
	for _, v := range versions {
		holds[v] = true
	}
	type line struct {
		group Group
		older bool
	}
	sums := map[line]int{}
	for _, c := range counts {
		sums[line{c.Group, !holds[c.Version]}] += c.N
	}
	var out []Told
	for _, older := range []bool{false, true} {
		for _, group := range []Group{Pupils, Staff, Guardians} {
			n := sums[line{group, older}]
			switch {
			case n >= Few:
				out = append(out, Told{Group: group, N: n, Older: older})
			case n > 0:
				out = append(out, Told{Group: group, Hidden: true, Older: older})
			}
		}
	}
	return out
}

// Attestation is what a school attests on paper of one class: to how many pupils the text was read, for how many a parent
// signed, and where the papers are. It holds numbers and names nobody.
type Attestation struct {
	UAI      person.UAI    `json:"uai"`
	Class    string        `json:"class"` // as the school writes it
	Year     int           `json:"year"`
	Version  string        `json:"version"` // of the children's text
	On       registry.Date `json:"on"`      // the day on which it was read
	Read     int           `json:"read"`
	Signed   int           `json:"signed"`
	Document string        `json:"document"` // where the signed papers are filed: a reference of the school's own
	Office   string        `json:"office"`   // in which quality it was attested
	By       string        `json:"-"`        // by whose hand
	At       time.Time     `json:"at"`
}
