package person

import (
	"maps"
	"slices"
	"strings"
)

// Further words that a source may say, beside those of the SDET's core. A code of the MEFSTAT classification has four
// digits; what stands at one, two or three of them is the beginning of the longer one.
const (
	OtherNames       Attr = "other_names"
	BirthName        Attr = "birth_name"
	SchoolLocalID    Attr = "school_local_id" // the pupil's number in the school's own base; for a guardian, the child's
	LevelLabel       Attr = "level_label"
	Stream           Attr = "stream"
	LevelStat4       Attr = "level_stat4"
	Courses          Attr = "courses"
	MainClasses      Attr = "main_classes"
	SubjectCodes     Attr = "subject_codes"
	TaughtLevelCodes Attr = "taught_level_codes"
	TaughtStat4      Attr = "taught_stat4"
	BeforePupils     Attr = "before_pupils"
	Entitlement      Attr = "entitlement"
	PrincipalName    Attr = "principal_name"
)

// profile reads the source's word for a profile: ours, or one that the mapping explains. Anything else is no profile.
func (m Mapping) profile(s string) (Profile, bool) {
	if p, known := ParseProfile(s); known {
		return p, true
	}
	for word, p := range m.Profiles {
		if strings.EqualFold(strings.TrimSpace(s), strings.TrimSpace(word)) {
			return ParseProfile(p)
		}
	}
	return "", false
}

// codes fills what codes of the source say of an establishment: the subjects that stand behind classes and groups, the
// level behind a code of the classification, and that code at its lesser depths. What the source says itself stays.
func (m Mapping) codes(raw Raw, a *Affiliation) {
	if v := subjects(raw.all(m.Taught), a.UAI); len(v) > 0 && len(a.Values[SubjectCodes]) == 0 {
		a.Values[SubjectCodes] = v
	}
	if len(a.Values[Level]) == 0 {
		var levels []string
		for _, code := range a.Values[LevelStat4] {
			levels = append(levels, m.ByCode[code])
		}
		if levels = nonEmpty(levels); len(levels) > 0 {
			a.Values[Level] = levels
		}
	}
	for _, deepest := range []Attr{LevelStat4, TaughtStat4} {
		for digits := 1; digits < 4; digits++ {
			n := Attr(strings.TrimSuffix(string(deepest), "4") + string(rune('0'+digits)))
			if v := beginnings(a.Values[deepest], digits); len(v) > 0 && len(a.Values[n]) == 0 {
				a.Values[n] = v
			}
		}
	}
}

// subjects gives what stands behind the class or the group in `UAI$class$subject$…`.
func subjects(values []string, uai UAI) []string {
	var out []string
	for _, v := range values {
		if at, rest, ok := split(v); ok && at == uai {
			if parts := strings.Split(rest, "$"); len(parts) > 1 {
				out = append(out, parts[1:]...)
			}
		}
	}
	return nonEmpty(out)
}

func beginnings(codes []string, digits int) []string {
	var out []string
	for _, code := range codes {
		if len(code) == 4 && strings.Trim(code, "0123456789") == "" {
			out = append(out, code[:digits])
		}
	}
	return nonEmpty(out)
}

// Shipped gives the mapping that comes with the program under a word: sdet or educonnect.
func Shipped(word, authority string) (Mapping, bool) {
	switch word {
	case "sdet":
		return SDET(authority), true
	case "educonnect":
		return EduConnect(authority), true
	default:
		return Mapping{}, false
	}
}

// Whole lays the mapping over the one that it is like: what it says counts, what it leaves out is that one's, and a word
// whose name it gives as empty is not read. A mapping that is like none that we know reads nobody.
func (m Mapping) Whole(authority string) Mapping {
	if m.Authority == "" {
		m.Authority = authority
	}
	if m.Like == "" {
		return m
	}
	out, known := Shipped(m.Like, m.Authority)
	if !known {
		return Mapping{Authority: m.Authority}
	}
	for into, said := range map[*string]string{
		&out.ID: m.ID, &out.Structure: m.Structure, &out.Profile: m.Profile, &out.Functions: m.Functions, &out.Born: m.Born, &out.Adult: m.Adult,
		&out.Wards: m.Wards, &out.Until: m.Until, &out.Levels: m.Levels, &out.WardBorn: m.WardBorn, &out.Vectors: m.Vectors, &out.Mandates.Application: m.Mandates.Application,
	} {
		if said != "" {
			*into = said
		}
	}
	for into, said := range map[*[]string][]string{
		&out.Classes: m.Classes, &out.Groups: m.Groups, &out.Taught: m.Taught,
		&out.Mandates.Schools: m.Mandates.Schools, &out.Mandates.Heads: m.Mandates.Heads,
		&out.Mandates.Functions: m.Mandates.Functions, &out.Mandates.Delegations: m.Mandates.Delegations,
	} {
		if said != nil {
			*into = slices.Clone(said)
		}
	}
	if m.Also != nil {
		out.Also = slices.Clone(m.Also)
	}
	out.Values, out.Local = laid(out.Values, m.Values), laid(out.Local, m.Local)
	out.ByFunc, out.Profiles, out.ByCode = laid(out.ByFunc, m.ByFunc), laid(out.Profiles, m.Profiles), laid(out.ByCode, m.ByCode)
	return out
}

// laid lays one map over another; an empty text takes a key away.
func laid[K ~string](under, over map[K]string) map[K]string {
	if len(over) == 0 {
		return maps.Clone(under)
	}
	out := map[K]string{}
	maps.Copy(out, under)
	maps.Copy(out, over)
	maps.DeleteFunc(out, func(_ K, v string) bool { return v == "" })
	return out
}
