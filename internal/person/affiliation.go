package person

import (
	"slices"
	"strings"
)

// place is the spot where values of one establishment are gathered while a mapping is applied.
type place struct {
	uai     UAI
	profile Profile
}

// affiliations gathers what the source said of each establishment. An establishment comes from the person's structure,
// functions, classes, groups, and, for a guardian, from the children.
func (m Mapping) affiliations(raw Raw, wards []Ward) []Affiliation {
	places, heads := m.places(raw, wards), m.Mandates.heads(raw)
	out := make([]Affiliation, 0, len(places))
	for _, at := range places {
		a := Affiliation{
			UAI: at.uai, Profile: at.profile,
			Functions: local(m.functions(raw), at.uai, false),
			Values:    map[Attr][]string{},
		}
		if at.profile != Guardian {
			a.Classes = local(raw.all(m.Classes), at.uai, false)
			a.Groups = local(raw.all(m.Groups), at.uai, false)
			m.localValues(raw, &a, oneUAI(places))
			m.codes(raw, &a)
			m.Mandates.place(raw, &a, heads, oneUAI(places))
		}
		out = append(out, a)
	}
	return out
}

// functions are `UAI$code` of the directory and of the federation.
func (m Mapping) functions(raw Raw) []string {
	return append(slices.Clone(raw.named(m.Functions)), m.Mandates.schools(raw)...)
}

func (m Mapping) localValues(raw Raw, a *Affiliation, only bool) {
	for attr, name := range m.Local {
		if v := local(raw.named(name), a.UAI, only); len(v) > 0 {
			a.Values[attr] = v
		}
	}
}

// places lists the (establishment, profile) pairs, each once, in the order the source gave them.
func (m Mapping) places(raw Raw, wards []Ward) []place {
	var out []place
	add := func(uai UAI, p Profile) {
		if at := (place{uai, p}); p != "" && !slices.Contains(out, at) {
			out = append(out, at)
		}
	}
	for _, v := range raw.named(m.Profile) {
		if uai, rest, ok := split(v); ok {
			if p, known := m.profile(rest); known {
				add(uai, p)
			}
			continue
		}
		p, known := m.profile(v)
		if !known {
			continue
		}
		for _, uai := range m.uais(raw, p, wards) {
			add(uai, p)
		}
	}
	for _, v := range m.functions(raw) {
		if uai, rest, ok := split(v); ok {
			code, _, _ := strings.Cut(rest, "$")
			if p, known := ParseProfile(m.ByFunc[code]); known {
				add(uai, p)
			}
		}
	}
	return out
}

// uais lists the establishments for which a bare profile holds: a guardian's are the children's; staff whose functions
// say what they are where get no profile from a bare word elsewhere.
func (m Mapping) uais(raw Raw, p Profile, wards []Ward) []UAI {
	var out []UAI
	add := func(uai UAI) {
		if !slices.Contains(out, uai) {
			out = append(out, uai)
		}
	}
	if p == Guardian {
		for _, w := range wards {
			add(w.UAI)
		}
		return out
	}
	for _, v := range raw.named(m.Structure) {
		if uai, err := ParseUAI(v); err == nil && !m.hasFunctionAt(raw, uai) {
			add(uai)
		}
	}
	if p != Pupil {
		return out
	}
	for _, v := range append(raw.all(m.Classes), raw.all(m.Groups)...) {
		if uai, _, ok := split(v); ok {
			add(uai)
		}
	}
	return out
}

func (m Mapping) hasFunctionAt(raw Raw, uai UAI) bool {
	return slices.ContainsFunc(m.functions(raw), func(v string) bool {
		at, rest, ok := split(v)
		code, _, _ := strings.Cut(rest, "$")
		_, known := ParseProfile(m.ByFunc[code])
		return ok && at == uai && known
	})
}

// local returns the first field after the UAI of the values that belong to uai; a bare value belongs to the person's
// one establishment when bare is true and to none otherwise.
func local(values []string, uai UAI, bare bool) []string {
	var out []string
	for _, v := range values {
		at, rest, ok := split(v)
		switch {
		case ok && at == uai:
			first, _, _ := strings.Cut(rest, "$")
			out = append(out, first)
		case !ok && bare && !strings.Contains(v, "$"):
			out = append(out, v)
		}
	}
	return nonEmpty(out)
}

func split(v string) (UAI, string, bool) {
	head, rest, found := strings.Cut(v, "$")
	uai, err := ParseUAI(head)
	return uai, rest, found && err == nil && rest != ""
}

func oneUAI(places []place) bool {
	for _, p := range places[1:] {
		if p.uai != places[0].uai {
			return false
		}
	}
	return true
}
