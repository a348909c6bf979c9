package registry

import (
	"slices"
	"strings"

	"ecluse/internal/person"
)

// Levels lists the usual levels of pupils in a kind of establishment, as sources write them; none for a kind without
// pupils.
func Levels(kind Kind) []string {
	switch kind {
	case Ecole:
		return []string{"PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2"}
	case College:
		return []string{"6EME", "5EME", "4EME", "3EME"}
	case Lycee:
		return []string{"2NDE", "1ERE", "TERMINALE"}
	default:
		return nil
	}
}

// Level finds a level that is known in an establishment: a usual one of its kind, or one that some declaration is limited
// to, whatever the case. ok is false for a word that nobody uses.
func (s *Snapshot) Level(kind Kind, word string) (level string, ok bool) {
	known := Levels(kind)
	for _, d := range s.AllDeclarations() {
		known = append(known, d.Audience.Levels...)
	}
	i := slices.IndexFunc(known, func(l string) bool { return strings.EqualFold(l, strings.TrimSpace(word)) })
	if i < 0 {
		return "", false
	}
	return known[i], true
}

// Anybody is somebody who is invented to ask what people of a kind may enter: a profile in an establishment, a level for a
// pupil, and nothing else. A guardian is given a child there. Age is unknown, and no key leads to anyone.
func Anybody(uai person.UAI, profile person.Profile, level, source string) person.Person {
	at := person.Affiliation{UAI: uai, Profile: profile}
	who := person.Person{Authn: person.Authn{Source: source}}
	switch {
	case profile == person.Pupil && level != "":
		at.Values = map[person.Attr][]string{person.Level: {level}}
	case profile == person.Guardian:
		who.Wards = []person.Ward{{Child: person.Key{Authority: "nobody", ID: "nobody"}, UAI: uai, Authority: person.Yes}}
	}
	who.Affiliations = []person.Affiliation{at}
	return who
}
