package person

import "strings"

// Attr is a word for something known of a person. What it is called in SAML, OIDC and CAS, its labels and its
// sensitivity are one entry of the dictionary in package attrs.
type Attr string

// Profile is what a person is in one establishment, in the spelling of the SDET (National_ELV).
type Profile string

// The profiles of the SDET. A value outside this list is kept nowhere: it is unknown, and unknown means no.
const (
	Pupil          Profile = "National_ELV"
	Guardian       Profile = "National_TUT"
	Teacher        Profile = "National_ENS"
	Librarian      Profile = "National_DOC"
	Head           Profile = "National_DIR"
	SchoolLife     Profile = "National_EVS"
	SchoolStaff    Profile = "National_ETA"
	LocalAuthority Profile = "National_COL"
	AcademyStaff   Profile = "National_ACA"
)

// Profiles lists every profile, in a fixed order.
func Profiles() []Profile {
	return []Profile{
		Pupil, Guardian, Teacher, Librarian, Head, SchoolLife, SchoolStaff, LocalAuthority, AcademyStaff,
	}
}

// ParseProfile recognises a profile whatever its case, because sources differ (National_ELV, National_elv).
// ok is false for a word that no one defined.
func ParseProfile(s string) (p Profile, ok bool) {
	for _, known := range Profiles() {
		if strings.EqualFold(strings.TrimSpace(s), string(known)) {
			return known, true
		}
	}
	return "", false
}

// Tri is an answer that may be unknown. The zero value is Unknown, and unknown is never yes.
type Tri int

// The three answers.
const (
	Unknown Tri = iota
	Yes
	No
)

// String gives the answer as a word.
func (t Tri) String() string {
	switch t {
	case Yes:
		return "yes"
	case No:
		return "no"
	default:
		return "unknown"
	}
}
