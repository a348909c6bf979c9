package roles_test

import (
	"slices"
	"testing"
	"time"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func day(m time.Month, d int) registry.Date { return registry.Date{Year: 2026, Month: m, Day: d} }

func TestAnAppointmentCountsConfirmedClaimedReasonedAndBetweenItsDates(t *testing.T) {
	t.Parallel()
	good := func() (*world, *registry.Appointment) {
		w := newWorld()
		return w, w.appoint("h-dpo", registry.DPO, inAcademy("exemple"))
	}
	c := roles.Caller{Handle: "h-dpo"}
	w, _ := good()
	held := roles.Holds(w.snapshot(), noon, c)
	if len(held) != 1 || held[0].Role != registry.DPO || held[0].Under != "appointment a-h-dpo" {
		t.Fatalf("got %+v", held)
	}
	for name, spoil := range map[string]func(*registry.Appointment){
		"proposed":       func(a *registry.Appointment) { a.State = registry.Proposed },
		"revoked":        func(a *registry.Appointment) { a.State = registry.Revoked },
		"no state":       func(a *registry.Appointment) { a.State = "" },
		"unclaimed":      func(a *registry.Appointment) { a.Holder = "" },
		"another's":      func(a *registry.Appointment) { a.Holder = "h-other" },
		"no reason":      func(a *registry.Appointment) { a.Reason = "" },
		"no end":         func(a *registry.Appointment) { a.Until = registry.Date{} },
		"no beginning":   func(a *registry.Appointment) { a.From = registry.Date{} },
		"over":           func(a *registry.Appointment) { a.Until = day(9, 14) },
		"not yet":        func(a *registry.Appointment) { a.From = day(9, 16) },
		"over nothing":   func(a *registry.Appointment) { a.Over = registry.Over{} },
		"over no school": func(a *registry.Appointment) { a.Role = registry.HeadOfSchool },
	} {
		w, a := good()
		spoil(a)
		if held := roles.Holds(w.snapshot(), noon, c); len(held) != 0 {
			t.Errorf("%s: held is %+v, want nothing", name, held)
		}
	}
}

func TestAnAppointmentEndsExactlyAtTheEndOfItsLastDayInTheAcademysZone(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("h-dpo", registry.DPO, inAcademy("exemple")) // 1 to 30 September
	s, c := w.snapshot(), roles.Caller{Handle: "h-dpo"}
	first, end := time.Date(2026, 9, 1, 0, 0, 0, 0, zone), time.Date(2026, 10, 1, 0, 0, 0, 0, zone)
	for at, want := range map[time.Time]int{first: 1, first.Add(-1): 0, end.Add(-1): 1, end: 0} {
		if got := len(roles.Holds(s, at.UTC(), c)); got != want {
			t.Errorf("%v: %d roles, want %d", at, got, want)
		}
	}
}

func TestAFederationVouchesForFourRolesAndUntilItsEnd(t *testing.T) {
	t.Parallel()
	s := newWorld().snapshot()
	federated := []registry.Role{registry.Staff, registry.Directeur, registry.HeadOfSchool, registry.Deputy}
	for _, role := range registry.Roles() {
		c := roles.Caller{Handle: "h", Held: []registry.Held{{Role: role, Over: registry.Over{
			UAIs: at(college, ecole).UAIs, Academies: []string{"exemple"}, Departments: []string{"028"}, Services: []string{"lecture"},
		}, Until: noon.Add(time.Minute)}}}
		if got, want := len(roles.Holds(s, noon, c)) == 1, slices.Contains(federated, role); got != want {
			t.Errorf("%s: held is %t, want %t", role, got, want)
		}
		if got := roles.Holds(s, noon.Add(time.Minute), c); len(got) != 0 {
			t.Errorf("%s: still held at its end", role)
		}
	}
	endless := roles.Caller{Handle: "h", Held: []registry.Held{{Role: registry.HeadOfSchool, Over: at(college)}}}
	if got := roles.Holds(s, noon, endless); len(got) != 0 {
		t.Errorf("a role without an end is held: %+v", got)
	}
}

func TestACallerWithoutAHandleHoldsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("", registry.DPO, inAcademy("exemple"))
	c := by(registry.HeadOfSchool, college)
	c.Handle = ""
	if held := roles.Holds(w.snapshot(), noon, c); len(held) != 0 {
		t.Errorf("held is %+v", held)
	}
	mayNot(t, w.snapshot(), c, roles.Enable, schools(college), "role")
}

func TestHardCase19AnInterimHeadSignsBetweenTheDatesOfTheDelegationAndNotAfter(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.Delegations = []registry.Delegation{{ID: "g", UAI: vacant, Function: "ADF", Act: "arrêté 12", From: day(9, 1), Until: day(10, 31)}}
	s := w.snapshot()
	c := roles.Caller{Handle: "h-interim"}
	enable := func(at time.Time) (roles.Capacity, error) {
		c.Held = roles.FromFacts(map[string][]string{"uai": {string(vacant)}, "profile": {"National_DIR"}, "functions": {"ADF"}}, s, at)
		return roles.May(s, at, c, roles.Enable, schools(vacant))
	}
	in, err := enable(noon)
	if err != nil || in.Role != registry.Deputy || in.Under != "arrêté 12" || in.Office != "chef d'établissement, par délégation" {
		t.Errorf("under the delegation: %+v, %v", in, err)
	}
	last, end := time.Date(2026, 10, 31, 23, 59, 59, 0, zone), time.Date(2026, 11, 1, 0, 0, 0, 0, zone)
	if _, err := enable(last); err != nil {
		t.Errorf("on its last day: %v", err)
	}
	if _, err := enable(end); err == nil || err.(*roles.Denied).Why != "delegation_over" {
		t.Errorf("after its end: %v, want delegation_over", err)
	}
	if _, err := enable(time.Date(2026, 8, 31, 23, 59, 59, 0, zone)); err == nil {
		t.Error("it counts before it begins")
	}
}

func TestADelegationThatIsShortenedEndsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.Delegations = []registry.Delegation{{ID: "g", UAI: college, Function: "ADF", Act: "arrêté 12", From: day(9, 1), Until: day(10, 31)}}
	c := roles.Caller{Handle: "h", Held: roles.FromFacts(map[string][]string{
		"uai": {string(college)}, "profile": {"National_DIR"}, "functions": {"ADF"},
	}, w.snapshot(), noon)}
	may(t, w.snapshot(), c, roles.Enable, schools(college))
	w.Delegations[0].Until = day(9, 14)
	mayNot(t, w.snapshot(), c, roles.Enable, schools(college), "delegation_over")
}

func TestADelegationWantsTheFunctionThereAnActAndBothDates(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*registry.Delegation){
		"another function": func(d *registry.Delegation) { d.Function = "ENS" },
		"another school":   func(d *registry.Delegation) { d.UAI = college2 },
		"no act":           func(d *registry.Delegation) { d.Act = "" },
		"no end":           func(d *registry.Delegation) { d.Until = registry.Date{} },
		"no beginning":     func(d *registry.Delegation) { d.From = registry.Date{} },
	} {
		w := newWorld()
		w.Delegations = []registry.Delegation{{ID: "g", UAI: college, Function: "ADF", Act: "arrêté 12", From: day(9, 1), Until: day(10, 31)}}
		spoil(&w.Delegations[0])
		c := roles.Caller{Handle: "h", Held: roles.FromFacts(map[string][]string{
			"uai": {string(college)}, "profile": {"National_DIR"}, "functions": {"ADF"},
		}, w.snapshot(), noon)}
		if got := names(roles.Holds(w.snapshot(), noon, c)); !slices.Equal(got, []registry.Role{registry.Staff}) {
			t.Errorf("%s: held is %v, want staff alone", name, got)
		}
	}
}

func TestTokensNarrow(t *testing.T) {
	t.Parallel()
	s, c := newWorld().snapshot(), by(registry.HeadOfSchool, college)
	d := declared(registry.ByEstablishment, string(college))
	for scope, want := range map[string]map[roles.Act]bool{
		"read":    {roles.ReadDrafts: true, roles.Draft: false, roles.Approve: false},
		"draft":   {roles.ReadDrafts: false, roles.Draft: true, roles.Approve: false},
		"decide":  {roles.ReadDrafts: false, roles.Draft: false, roles.Approve: true},
		"approve": {roles.ReadDrafts: false, roles.Draft: false, roles.Approve: true, roles.Instruct: false},
		"nothing": {roles.ReadDrafts: false, roles.Draft: false, roles.Approve: false},
	} {
		c.Scopes = []string{scope}
		for act, ok := range want {
			if ok {
				may(t, s, c, act, about(d))
			} else {
				mayNot(t, s, c, act, about(d), "token")
			}
		}
	}
	c.Scopes = []string{}
	mayNot(t, s, c, roles.ReadDrafts, about(d), "token")
	c.Scopes = []string{"access", "make_token"}
	mayNot(t, s, c, roles.MakeToken, roles.Target{}, "token")
	if roles.KnownScope("make_token") || roles.KnownScope("everything") || !roles.KnownScope("decide") || !roles.KnownScope("approve") {
		t.Error("a token may be given a word that it may not, or the other way round")
	}
}

func TestWhatSomebodyHoldsIsTheirsToSeeAndToEnd(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("h-dpo", registry.DPO, inAcademy("exemple"))
	s, teacher, dpo := w.snapshot(), by(registry.Staff, college), roles.Caller{Handle: "h-dpo"}
	may(t, s, teacher, roles.MakeToken, roles.Target{})
	for _, act := range []roles.Act{roles.ReadAccess, roles.RevokeToken} {
		may(t, s, teacher, act, roles.Target{Holder: teacher.Handle})
		mayNot(t, s, teacher, act, roles.Target{Holder: "h-other"}, "perimeter")
		mayNot(t, s, teacher, act, roles.Target{}, "perimeter")
		may(t, s, dpo, act, roles.Target{Holder: teacher.Handle})
	}
	mayNot(t, s, teacher, roles.MakeToken, roles.Target{Holder: "h-other"}, "perimeter")
}

func TestTheDemosOwnHandStandsInForTheController(t *testing.T) {
	t.Parallel()
	s, c := newWorld().snapshot(), roles.Caller{Demo: true}
	for level, want := range map[registry.Level]registry.Role{
		registry.ByAcademy: registry.Recteur, registry.ByDepartment: registry.DASEN, registry.ByEstablishment: registry.HeadOfSchool,
	} {
		if in := may(t, s, c, roles.Approve, about(declared(level, "x"))); in.Role != want || in.Office != roles.Office(want) {
			t.Errorf("%s: it stands in for %v, want %s", level, in, want)
		}
	}
}

func TestADelegationLastsNoLongerThanTheSignInThatSaidTheFunction(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.Delegations = []registry.Delegation{{ID: "g", UAI: college, Function: "ADF", Act: "arrêté 12", From: day(9, 1), Until: day(10, 31)}}
	s := w.snapshot()
	c := roles.Caller{Handle: "h", Held: roles.FromFacts(map[string][]string{
		"uai": {string(college)}, "profile": {"National_DIR"}, "functions": {"ADF"},
	}, s, noon)}
	if got := roles.Holds(s, noon.Add(roles.SignInLasts-1), c); len(got) != 2 {
		t.Errorf("before its end: %+v", got)
	}
	if got := roles.Holds(s, noon.Add(roles.SignInLasts), c); len(got) != 0 {
		t.Errorf("after its end: %+v", got)
	}
}

func TestAnAppointmentThatIsOverIsNoRoleRatherThanADelegation(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("h-recteur", registry.Recteur, inAcademy("exemple")).Until = day(9, 14)
	mayNot(t, w.snapshot(), roles.Caller{Handle: "h-recteur"}, roles.Enable, schools(office), "role")
}

func TestASourceThatIsStoppedMakesNobodyHeadAnyMore(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.Delegations = []registry.Delegation{{ID: "g", UAI: college, Function: "DIR", Act: "arrêté 12", From: day(9, 1), Until: day(10, 31)}}
	entry := registry.SourceDeclaration{State: registry.Approved, From: day(9, 1), Until: day(10, 31)}
	w.Sources[0].Declaration = &entry
	c := roles.Caller{Handle: "h", Held: roles.FromFacts(map[string][]string{
		"uai": {string(college)}, "profile": {"National_DIR"}, "functions": {"DIR"}, "heads_of": {string(college)},
	}, w.snapshot(), noon)}
	for i := range c.Held {
		c.Held[i].Source = w.Sources[0].ID
	}
	want := []registry.Role{registry.Staff, registry.HeadOfSchool, registry.Deputy}
	for name, stop := range map[string]func(*registry.Source){
		"suspended":     func(s *registry.Source) { s.Suspended = true },
		"refused":       func(s *registry.Source) { s.Declaration.State = registry.Refused },
		"not declared":  func(s *registry.Source) { s.Declaration = nil },
		"over":          func(s *registry.Source) { s.Declaration.Until = day(9, 1) },
		"another by it": func(s *registry.Source) { s.ID = "autre" },
	} {
		if got := names(roles.Holds(w.snapshot(), noon, c)); !sameRoles(got, want) {
			t.Fatalf("before: held is %v", got)
		}
		spoiled := *w
		source := w.Sources[0]
		own := entry
		source.Declaration = &own
		stop(&source)
		spoiled.Sources = []registry.Source{source}
		if got := names(roles.Holds(spoiled.snapshot(), noon, c)); len(got) > 0 {
			t.Errorf("%s: held is %v", name, got)
		}
	}
}

func sameRoles(a, b []registry.Role) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}
