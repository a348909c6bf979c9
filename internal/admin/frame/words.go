package frame

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// Role is a role in words, for everybody who holds it.
func (v *Visit) Role(r registry.Role) string { return v.Say(name + "/role." + string(r)) }

// InOffice is a function as a decision keeps it, which is in French, for the visitor to read. What is no such function stays as
// somebody wrote it.
func (v *Visit) InOffice(office string) string {
	if office == "" {
		return ""
	}
	for _, r := range registry.Roles() {
		if roles.Office(r) == office && v.Lang == web.English {
			return v.Role(r)
		}
		if roles.Office(r) == office {
			return web.TypesetFrench(office)
		}
	}
	return office
}

// List puts texts one behind the other, as the visitor's language parts them.
func (v *Visit) List(texts ...string) string {
	if v.Lang == web.English {
		return strings.Join(texts, "; ")
	}
	return strings.Join(texts, "\u202f; ")
}

// Named puts a word before what it is about.
func (v *Visit) Named(word, text string) string {
	return v.Say(name+"/named", "word", word, "text", text)
}

// Data lists what data is called.
func (v *Visit) Data(words []string) string {
	labels := make([]string, len(words))
	for i, word := range words {
		labels[i] = v.Desk.Called(person.Attr(word), v.In())
	}
	return v.List(labels...)
}

// Law writes a reference to the law as the visitor reads it: the rules write GDPR in French and their remarks in English.
func (v *Visit) Law(law string) string {
	if v.Lang == web.English {
		return strings.ReplaceAll(law, "RGPD", "GDPR")
	}
	return strings.NewReplacer(" and ", " et ", " (to be confirmed)", " (à confirmer)").Replace(law)
}

// Profile is a profile of the SDET in words, for all who have it.
func (v *Visit) Profile(p person.Profile) string {
	return v.said(name+"/profile."+string(p), string(p))
}

// Over says in words what a role is held over.
func (v *Visit) Over(o registry.Over) string {
	var out []string
	for _, id := range o.Academies {
		out = append(out, v.Say(name+"/over.academy", "name", id))
	}
	for _, code := range o.Departments {
		out = append(out, v.Say(name+"/over.department", "name", code))
	}
	for _, of := range o.Circonscriptions {
		out = append(out, v.Say(name+"/over.circonscription", "name", of))
	}
	for _, uai := range o.UAIs {
		out = append(out, v.School(uai))
	}
	return strings.Join(append(out, append(slices.Clone(o.Services), o.Sources...)...), ", ")
}

// School is an establishment's name and UAI, or its UAI alone.
func (v *Visit) School(uai person.UAI) string {
	e, _ := v.Snapshot.Establishment(uai)
	return strings.TrimSpace(e.Name + " (" + string(uai) + ")")
}

// Service is a service's name in the visitor's language, or its identifier.
func (v *Visit) Service(id string) string {
	if s, ok := v.Snapshot.Service(id); ok {
		return s.Name.In(v.In())
	}
	return id
}

// Date is a day of the registry; empty for none.
func (v *Visit) Date(d registry.Date) string {
	if d.IsZero() {
		return ""
	}
	return v.Kit.Date(v.Lang, d.Starts(v.Snapshot.Zone()))
}

// LastDay is an end as people say it: the last day, where it is the end of one, else the moment.
func (v *Visit) LastDay(end time.Time) string {
	before := end.Add(-time.Nanosecond)
	zone := v.Snapshot.Zone()
	if registry.DateOf(end.In(zone)) != registry.DateOf(before.In(zone)) {
		return v.Kit.Date(v.Lang, before)
	}
	return v.Kit.DateTime(v.Lang, end)
}

// Pupils is how many pupils some establishments have, as far as the ministry's list says; of schools that it says nothing
// of, that nobody knows.
func (v *Visit) Pupils(n, schools int) string {
	if n == 0 && schools > 0 {
		return v.Say(name + "/pupils.unknown")
	}
	return v.Number(n)
}

// Number is a count as people read it: thousands apart.
func (v *Visit) Number(n int) string {
	digits, apart := strconv.Itoa(n), "\u202f"
	if v.Lang == web.English {
		apart = ","
	}
	var out strings.Builder
	for i, d := range digits {
		if left := len(digits) - i; i > 0 && left%3 == 0 && digits[i-1] != '-' {
			out.WriteString(apart)
		}
		out.WriteRune(d)
	}
	return out.String()
}
