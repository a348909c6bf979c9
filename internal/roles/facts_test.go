package roles_test

import (
	"slices"
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func facts(with ...string) map[string][]string {
	out := map[string][]string{"uai": {string(college)}, "profile": {"National_DIR"}}
	for i := 0; i+1 < len(with); i += 2 {
		out[with[i]] = append(out[with[i]], with[i+1])
	}
	return out
}

func TestHardCase44AHeadNeedsTheFunctionAndTheSchoolFromTheFederation(t *testing.T) {
	t.Parallel()
	s := newWorld().snapshot()
	for name, one := range map[string]struct {
		facts map[string][]string
		want  []registry.Role
	}{
		"the profile alone":            {facts(), []registry.Role{registry.Staff}},
		"the function alone":           {facts("functions", "DIR"), []registry.Role{registry.Staff}},
		"the school alone":             {facts("heads_of", string(college)), []registry.Role{registry.Staff}},
		"a deputy's function":          {facts("functions", "ADF", "heads_of", string(college)), []registry.Role{registry.Staff}},
		"both":                         {facts("functions", "DIR", "heads_of", string(college)), []registry.Role{registry.Staff, registry.HeadOfSchool}},
		"a public école":               {facts("functions", "DIR", "heads_of", string(ecole)), []registry.Role{registry.Staff, registry.Directeur}},
		"a private école":              {facts("functions", "DIR", "heads_of", string(private)), []registry.Role{registry.Staff, registry.HeadOfSchool}},
		"a service académique":         {facts("functions", "DIR", "heads_of", string(office)), []registry.Role{registry.Staff}},
		"a school that nobody knows":   {facts("functions", "DIR", "heads_of", string(unheard)), []registry.Role{registry.Staff}},
		"a word and not a code":        {facts("functions", "DIR", "heads_of", "X"), []registry.Role{registry.Staff}},
		"a pupil with a head's values": {map[string][]string{"uai": {string(college)}, "profile": {"National_ELV"}, "functions": {"DIR"}, "heads_of": {string(college)}}, nil},
		"a guardian":                   {map[string][]string{"uai": {string(college)}, "profile": {"National_TUT"}}, nil},
		"two profiles":                 {map[string][]string{"uai": {string(college)}, "profile": {"National_ENS", "National_DIR"}}, nil},
		"no profile":                   {map[string][]string{"uai": {string(college)}}, nil},
		"an unknown profile":           {map[string][]string{"uai": {string(college)}, "profile": {"National_KING"}}, nil},
		"an unknown school":            {map[string][]string{"uai": {string(unheard)}, "profile": {"National_ENS"}}, nil},
	} {
		if got := names(roles.FromFacts(one.facts, s, noon)); !slices.Equal(got, one.want) {
			t.Errorf("%s: %v, want %v", name, got, one.want)
		}
	}
}

func TestAHeadOfTwoSchoolsHeadsEachOfThem(t *testing.T) {
	t.Parallel()
	s := newWorld().snapshot()
	c := roles.Caller{Handle: "h", Held: roles.FromFacts(facts("functions", "DIR", "heads_of", string(college), "heads_of", string(college2)), s, noon)}
	may(t, s, c, roles.Enable, schools(college2))
	may(t, s, c, roles.Enable, schools(college, college2))
	mayNot(t, s, c, roles.Enable, schools(private), "perimeter")
}

func TestRolesByFederationLastTwelveHours(t *testing.T) {
	t.Parallel()
	s := newWorld().snapshot()
	held := roles.FromFacts(facts("functions", "DIR", "heads_of", string(college), "acts_for", string(college2)+" 2026-09-01 2026-12-31 délégation 7"), s, noon)
	if len(held) != 3 {
		t.Fatalf("got %+v", held)
	}
	for _, h := range held {
		if !h.Until.Equal(noon.Add(12 * time.Hour)) {
			t.Errorf("%s until %v", h.Role, h.Until)
		}
	}
	if h := held[0]; h.Role != registry.Staff || !slices.Equal(h.Over.UAIs, []person.UAI{college}) {
		t.Errorf("staff is %+v", h)
	}
}

func TestHardCase19ADelegationByFederationHasItsDatesAndIsCited(t *testing.T) {
	t.Parallel()
	s := newWorld().snapshot()
	sign := func(value string, at time.Time) (roles.Capacity, error) {
		c := roles.Caller{Handle: "h", Held: roles.FromFacts(facts("acts_for", value), s, at)}
		return roles.May(s, at, c, roles.Enable, schools(college))
	}
	value := string(college) + " 2026-09-01 2026-09-15 délégation 7"
	in, err := sign(value, noon)
	if err != nil || in.Role != registry.Deputy || in.Under != "délégation 7" {
		t.Errorf("%+v, %v", in, err)
	}
	end := time.Date(2026, 9, 16, 0, 0, 0, 0, zone)
	if _, err := sign(value, end.Add(-1)); err != nil {
		t.Errorf("in its last moment: %v", err)
	}
	if _, err := sign(value, end); err == nil || err.(*roles.Denied).Why != "delegation_over" {
		t.Errorf("after its end: %v", err)
	}
	signedIn := roles.FromFacts(facts("acts_for", value), s, noon)
	if _, err := roles.May(s, end, roles.Caller{Handle: "h", Held: signedIn}, roles.Enable, schools(college)); err == nil {
		t.Error("somebody who signed in before the end signs after it")
	}
	for name, value := range map[string]string{
		"no reference":  string(college) + " 2026-09-01 2026-09-15",
		"blank":         string(college) + " 2026-09-01 2026-09-15  ",
		"no end":        string(college) + " 2026-09-01 - délégation 7",
		"a French date": string(college) + " 01/09/2026 15/09/2026 délégation 7",
		"elsewhere":     string(college2) + " 2026-09-01 2026-09-15 délégation 7",
		"an école":      string(ecole) + " 2026-09-01 2026-09-15 délégation 7",
		"nowhere":       string(unheard) + " 2026-09-01 2026-09-15 délégation 7",
		"not begun":     string(college) + " 2026-09-16 2026-09-20 délégation 7",
		"nothing":       "",
	} {
		if in, err := sign(value, noon); err == nil {
			t.Errorf("%s: signed as %+v", name, in)
		}
	}
}
