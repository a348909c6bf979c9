package registry

import (
	"cmp"
	"slices"

	"ecluse/internal/person"
)

// kin are the services by what two of them can have in common.
type kin struct {
	family, provider map[string][]*Service // provider: plainName
}

// Kin lists the services of a family, and those of a provider under whatever spelling SameName takes for one, in the order
// of their ids.
func (s *Snapshot) Kin(family, provider string) []Service {
	if s == nil || s.kin == nil {
		return nil
	}
	of := s.kin.get(s.befriend)
	found := slices.Concat(of.family[family], of.provider[plainName(provider)])
	slices.SortFunc(found, func(a, b *Service) int { return cmp.Compare(a.ID, b.ID) })
	found = slices.Compact(found)
	out := make([]Service, len(found))
	for i, o := range found {
		out[i] = *o
	}
	return out
}

func (s *Snapshot) befriend() kin {
	out := kin{map[string][]*Service{}, map[string][]*Service{}}
	for _, v := range s.FindServices() {
		provider := plainName(v.Provider)
		out.family[v.Family()] = append(out.family[v.Family()], v)
		out.provider[provider] = append(out.provider[provider], v)
	}
	return out
}

// LabelsFor are the labels of rules: those that are prepared already where rules of the register have the same words.
func (s *Snapshot) LabelsFor(r Rules) *Labels {
	if i := s.sameWords(r); i >= 0 {
		return s.labels[i]
	}
	return r.Labels()
}

func (s *Snapshot) sameWords(r Rules) int {
	if s == nil {
		return -1
	}
	return slices.IndexFunc(s.rules, func(set RuleSet) bool {
		return slices.Equal(set.Rules.Sensitive, r.Sensitive) && slices.Equal(set.Rules.SensitiveCodes, r.SensitiveCodes)
	})
}

// Revealing is what labels reveal under some rules: in which establishments the name alone does, and how many labels of
// classes and of groups do where somebody counted. Callers must not change it.
type Revealing struct {
	Places          map[person.UAI]bool
	Classes, Groups map[person.UAI]int
}

// Revealing looks through every name and every label that is known, once for a state of them.
func (s *Snapshot) Revealing(r Rules) Revealing {
	find := func() Revealing { return s.reveals(s.LabelsFor(r)) }
	if i := s.sameWords(r); i >= 0 {
		return s.revealing[i].get(find)
	}
	return find()
}

func (s *Snapshot) reveals(labels *Labels) Revealing {
	out := Revealing{map[person.UAI]bool{}, map[person.UAI]int{}, map[person.UAI]int{}}
	for _, e := range s.FindEstablishments() {
		if _, found := labels.Reveals(e.Name); found {
			out.Places[e.UAI] = true
		}
		h := s.FindHeadcount(e.UAI)
		if h == nil {
			continue
		}
		for counts, in := range map[*map[person.UAI]int]map[string]int{&out.Classes: h.Classes, &out.Groups: h.Groups} {
			for label := range in {
				if _, found := labels.Reveals(label); found {
					(*counts)[e.UAI]++
				}
			}
		}
	}
	return out
}

// renewKin forgets what was worked out from what has changed.
func (s *Snapshot) renewKin(c Contents) {
	if len(c.Services) > 0 || s.kin == nil {
		s.kin = &lazy[kin]{}
	}
	if len(c.Establishments)+len(c.Headcounts)+len(c.RuleSets) > 0 {
		s.revealing = make([]*lazy[Revealing], len(s.rules))
		for i := range s.revealing {
			s.revealing[i] = &lazy[Revealing]{}
		}
	}
}
