package roles

import (
	"slices"
	"strings"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// SignInLasts is how long roles by federation are relied on after a sign-in.
const SignInLasts = 12 * time.Hour

// The words of a release that tell roles.
const (
	factUAI       = "uai"
	factProfile   = "profile"
	factFunctions = "functions"
	factHeadsOf   = "heads_of"
	factActsFor   = "acts_for"
)

// headFunction is the function of whoever heads an establishment (FrEduFonctAdm).
const headFunction = "DIR"

// FromFacts reads the roles that a federation vouches for off a release to the desk: attribute word -> values. A head is
// who holds function DIR and heads the establishment (FrEduRneResp), both; the profile alone makes nobody head. A dated
// delegation (acts_for: `UAI begin end reference`) makes a deputy between its dates. Whoever is no staff holds nothing.
func FromFacts(facts map[string][]string, s *registry.Snapshot, now time.Time) []registry.Held {
	if len(facts[factProfile]) != 1 {
		return nil
	}
	profile, known := person.ParseProfile(facts[factProfile][0])
	if !known || profile == person.Pupil || profile == person.Guardian {
		return nil
	}
	var out []registry.Held
	until := now.Add(SignInLasts)
	for _, uai := range registered(s, facts[factUAI]) {
		out = append(out, registry.Held{Role: registry.Staff, Over: over(uai), Functions: facts[factFunctions], From: now, Until: until})
	}
	if slices.Contains(facts[factFunctions], headFunction) {
		for _, uai := range registered(s, facts[factHeadsOf]) {
			if role, ok := headOf(s, uai); ok {
				out = append(out, registry.Held{Role: role, Over: over(uai), From: now, Until: until})
			}
		}
	}
	for _, v := range facts[factActsFor] {
		if h, ok := actsFor(v, s); ok && h.From.Before(until) {
			if until.Before(h.Until) {
				h.Until = until
			}
			out = append(out, h)
		}
	}
	return out
}

// headOf: a public école has a directeur, who is not its controller.
func headOf(s *registry.Snapshot, uai person.UAI) (registry.Role, bool) {
	e, _ := s.Establishment(uai)
	switch controller, _ := ControllerOf(e); controller {
	case registry.HeadOfSchool:
		return registry.HeadOfSchool, true
	case registry.DASEN:
		return registry.Directeur, true
	default:
		return "", false
	}
}

// actsFor reads one delegation. Its end is the end of that day in the academy's time zone.
func actsFor(v string, s *registry.Snapshot) (registry.Held, bool) {
	part := strings.SplitN(v, " ", 4)
	if len(part) != 4 || strings.TrimSpace(part[3]) == "" {
		return registry.Held{}, false
	}
	at := registered(s, part[:1])
	from, err := registry.ParseDate(part[1])
	until, err2 := registry.ParseDate(part[2])
	if len(at) != 1 || err != nil || err2 != nil {
		return registry.Held{}, false
	}
	if role, ok := headOf(s, at[0]); !ok || role != registry.HeadOfSchool {
		return registry.Held{}, false
	}
	return registry.Held{
		Role: registry.Deputy, Over: over(at[0]), Under: part[3],
		From: from.Starts(s.Zone()), Until: until.Ends(s.Zone()),
	}, true
}

// registered keeps the establishments that the register knows.
func registered(s *registry.Snapshot, values []string) []person.UAI {
	var out []person.UAI
	for _, v := range values {
		if e, ok := s.Establishment(person.UAI(v)); ok && !slices.Contains(out, e.UAI) {
			out = append(out, e.UAI)
		}
	}
	return out
}

func over(uai person.UAI) registry.Over { return registry.Over{UAIs: []person.UAI{uai}} }
