package portal

import (
	"slices"
	"strings"

	"ecluse/internal/guardian"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// placeWord is an establishment's UAI, or a mark of it where it is only that of a child of whoever reads.
func placeWord(about func(string) string, who person.Person, uai person.UAI) string {
	if guardian.Names(who, uai) {
		return string(uai)
	}
	return about("etablissement " + string(uai))[:markLength]
}

// placeAt finds the establishment that such a word names; -1 for none.
func placeAt(about func(string) string, who person.Person, places []person.UAI, word string) int {
	return slices.IndexFunc(places, func(uai person.UAI) bool { return word == placeWord(about, who, uai) })
}

// placeName is what a page calls an establishment to somebody: its name, or the first names of their children who are there
// where it is only theirs; empty where no source says these.
func placeName(who person.Person, school registry.Establishment) string {
	if guardian.Names(who, school.UAI) {
		return school.Name
	}
	var names []string
	for _, w := range who.Wards {
		if w.UAI == school.UAI && w.Label != "" {
			names = append(names, w.Label)
		}
	}
	return strings.Join(names, ", ")
}

// schoolName is an establishment's name where a page may name it; else empty.
func schoolName(who person.Person, school registry.Establishment) string {
	if guardian.Names(who, school.UAI) {
		return school.Name
	}
	return ""
}

func uaisOf(schools []registry.Establishment) []person.UAI {
	out := make([]person.UAI, len(schools))
	for i, e := range schools {
		out[i] = e.UAI
	}
	return out
}
