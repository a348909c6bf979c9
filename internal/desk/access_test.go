package desk_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func appointment(role registry.Role, over registry.Over) registry.Appointment {
	return registry.Appointment{Role: role, Over: over, Reason: "remplacement", Act: "décision 12", Until: day("2027-06-30")}
}

func all() registry.Over { return registry.Over{Academies: []string{aca}} }

func TestAnAppointmentCountsWhenConfirmedByAnotherAndClaimedByAThird(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	newcomer := in("newcomer")
	a, word, err := p.Appoint(t.Context(), in("admin"), appointment(registry.OnCall, all()))
	if err != nil || a.State != registry.Proposed || a.Claim != "" || a.From != day("2026-11-23") {
		t.Fatalf("%+v, %v", a, err)
	}
	if !regexp.MustCompile(`^[A-Z2-7]{5}(-[A-Z2-7]{1,5}){5}$`).MatchString(word) || len(strings.ReplaceAll(word, "-", "")) != 26 {
		t.Errorf("word %q", word)
	}
	_, err = p.Claim(t.Context(), newcomer, word)
	wantConflict(t, err, "state")
	_, err = p.ConfirmAppointment(t.Context(), in("admin"), a.ID, registry.ConfirmedApp, "")
	wantDenied(t, err, "role")
	ok[registry.Appointment](t)(p.ConfirmAppointment(t.Context(), in("dpo"), a.ID, registry.ConfirmedApp, ""))
	_, err = p.ConfirmAppointment(t.Context(), in("recteur"), a.ID, registry.ConfirmedApp, "")
	wantConflict(t, err, "state")
	for _, own := range []string{"admin", "dpo"} {
		_, err = p.Claim(t.Context(), in(own), word)
		wantDenied(t, err, "own_act")
	}
	_, err = p.SuspendService(t.Context(), newcomer, "lire", true, "incident")
	wantDenied(t, err, "role")
	got := ok[registry.Appointment](t)(p.Claim(t.Context(), newcomer, " "+strings.ToLower(strings.ReplaceAll(word, "-", " "))))
	if got.Holder != "newcomer" || got.Claim != "" || len(got.Decisions) != 1 || got.Decisions[0].By != "dpo" {
		t.Errorf("%+v", got)
	}
	ok[registry.Service](t)(p.SuspendService(t.Context(), newcomer, "lire", true, "incident"))
	_, err = p.Claim(t.Context(), in("thief"), word)
	wantConflict(t, err, "state")
	for _, entry := range p.kept("appointment_propose") {
		for _, text := range entry.Detail {
			if strings.Contains(text, word) {
				t.Error("the journal holds the word")
			}
		}
	}
	p.at("2027-07-01T09:00:00Z")
	_, err = p.SuspendService(t.Context(), newcomer, "lire", true, "incident")
	wantDenied(t, err, "role")
}

func TestNobodyConfirmsTheirOwnProposal(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	a, _, err := p.Appoint(t.Context(), in("recteur"), appointment(registry.Auditor, all()))
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.ConfirmAppointment(t.Context(), in("recteur"), a.ID, registry.ConfirmedApp, "")
	wantDenied(t, err, "own_act")
	ok[registry.Appointment](t)(p.ConfirmAppointment(t.Context(), in("dpo"), a.ID, registry.ConfirmedApp, ""))
}

func TestAnAppointmentByHandHasAReasonAndAnEnd(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	for name, c := range map[string]struct {
		change func(*registry.Appointment)
		want   []string
	}{
		"no reason":   {func(a *registry.Appointment) { a.Reason = "" }, []string{"reason"}},
		"no end":      {func(a *registry.Appointment) { a.Until = registry.Date{} }, []string{"until"}},
		"too long":    {func(a *registry.Appointment) { a.Until = day("2027-11-24") }, []string{"until"}},
		"over before": {func(a *registry.Appointment) { a.From, a.Until = day("2026-09-01"), day("2026-11-22") }, []string{"until"}},
		"backwards":   {func(a *registry.Appointment) { a.From, a.Until = day("2027-02-01"), day("2027-01-01") }, []string{"until"}},
		"no act":      {func(a *registry.Appointment) { a.Role, a.Act = registry.Recteur, "" }, []string{"act"}},
		"unknown school": {func(a *registry.Appointment) {
			a.Role, a.Over = registry.Support, registry.Over{Academies: []string{aca}, Services: []string{"none"}, Sources: []string{"none"}}
		}, []string{"over.services[0]", "over.sources[0]"}},
	} {
		a := appointment(registry.DRANE, all())
		c.change(&a)
		_, word, err := p.Appoint(t.Context(), in("admin"), a)
		t.Log(name)
		wantInvalid(t, err, c.want...)
		if word != "" {
			t.Error("a word was given with a refusal")
		}
		want := c.want
		if roles.Decides(a.Role) {
			want = append([]string{"role"}, want...)
		}
		_, _, err = p.AppointByLink(t.Context(), a)
		wantInvalid(t, err, want...)
	}
	_, _, err := p.AppointByLink(t.Context(), registry.Appointment{Role: "king", Reason: "x", Until: day("2027-01-01"), Over: registry.Over{UAIs: []person.UAI{right("0289999A")}}})
	wantInvalid(t, err, "role", "over.uais[0]")
	_, _, err = p.AppointByLink(t.Context(), registry.Appointment{Role: registry.Admin, Reason: "x", Until: day("2027-01-01")})
	wantInvalid(t, err, "over")
	a := appointment(registry.DRANE, all())
	a.Until = day("2027-11-23")
	if _, _, err := p.Appoint(t.Context(), in("admin"), a); err != nil {
		t.Errorf("a year to the day: %v", err)
	}
}

func TestNobodyGivesARoleOverMoreThanTheyHold(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	for name, c := range map[string]struct {
		by   roles.Caller
		what registry.Appointment
	}{
		"another academy":         {in("admin"), appointment(registry.DPO, registry.Over{Academies: []string{"ailleurs"}})},
		"a head elsewhere":        {headOfVeil(), appointment(registry.Assistant, registry.Over{UAIs: []person.UAI{right(private)}})},
		"a head makes an auditor": {headOfVeil(), appointment(registry.Auditor, registry.Over{UAIs: []person.UAI{right(veil)}})},
		"over nothing":            {in("admin"), appointment(registry.DPO, registry.Over{})},
	} {
		_, _, err := p.Appoint(t.Context(), c.by, c.what)
		t.Log(name)
		wantDenied(t, err, "perimeter")
	}
	for _, c := range []roles.Caller{in("dpo"), in("drane"), in("oncall"), teacher()} {
		_, _, err := p.Appoint(t.Context(), c, appointment(registry.DPO, all()))
		wantDenied(t, err, "role")
	}
	if _, _, err := p.Appoint(t.Context(), headOfVeil(), appointment(registry.Assistant, registry.Over{UAIs: []person.UAI{right(veil)}})); err != nil {
		t.Errorf("a head cannot appoint an assistant: %v", err)
	}
}

func TestTheFirstAdministratorComesByLinkAndIsShown(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	a, word, err := p.AppointByLink(t.Context(), appointment(registry.Admin, all()))
	if err != nil || a.State != registry.ConfirmedApp || a.Author != "command:admin-link" || a.Holder != "" {
		t.Fatalf("%+v, %v", a, err)
	}
	got := ok[registry.Appointment](t)(p.Claim(t.Context(), in("first"), word))
	if got.Holder != "first" {
		t.Errorf("%+v", got)
	}
	kept := p.kept("appointment_by_link")
	if len(kept) != 1 || kept[0].Actor != "command:admin-link" || kept[0].Detail["role"] != "admin" || kept[0].Detail["until"] != "2027-06-30" {
		t.Errorf("journal %+v", kept)
	}
	ok[registry.Service](t)(p.PutService(t.Context(), in("first"), another("calcul", "x"), ""))
}

func TestAWordThatDoesNotFitSaysNothing(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	a, word, err := p.AppointByLink(t.Context(), appointment(registry.Admin, all()))
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, wrong := range []string{"", "no", strings.Repeat("A", 26), word + "A", word[1:], "claimed-admin"} {
		_, err := p.Claim(t.Context(), in("x"), wrong)
		wantConflict(t, err, "state")
		said = append(said, err.Error())
	}
	_, err = p.Claim(t.Context(), in(""), word)
	wantDenied(t, err, "role")
	_, err = p.Claim(t.Context(), roles.Caller{Handle: "x", Scopes: []string{"access"}}, word)
	wantDenied(t, err, "token")
	p.at("2027-06-30T21:59:00Z")
	revoked, other, err := p.AppointByLink(t.Context(), appointment(registry.Admin, all()))
	if err != nil {
		t.Fatal(err)
	}
	ok[registry.Appointment](t)(p.ConfirmAppointment(t.Context(), in("recteur"), revoked.ID, registry.Revoked, "erreur"))
	_, err = p.Claim(t.Context(), in("x"), other)
	wantConflict(t, err, "state")
	said = append(said, err.Error())
	p.at("2027-06-30T22:00:00Z")
	_, err = p.Claim(t.Context(), in("x"), word)
	wantConflict(t, err, "state")
	for _, s := range append(said, err.Error()) {
		if s != said[0] || strings.Contains(s, a.ID) {
			t.Errorf("%q and %q tell words apart", s, said[0])
		}
	}
}

func TestARevokedAppointmentGivesNothingAtOnce(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	_, err := p.ConfirmAppointment(t.Context(), in("drane"), "office-oncall", registry.Revoked, "départ")
	wantDenied(t, err, "role")
	_, err = p.ConfirmAppointment(t.Context(), in("admin"), "office-oncall", registry.Revoked, "")
	wantInvalid(t, err, "reason")
	_, err = p.ConfirmAppointment(t.Context(), in("admin"), "office-oncall", "held", "x")
	wantInvalid(t, err, "state")
	ok[registry.Appointment](t)(p.ConfirmAppointment(t.Context(), in("admin"), "office-oncall", registry.Revoked, "départ"))
	_, err = p.SuspendService(t.Context(), in("oncall"), "lire", true, "incident")
	wantDenied(t, err, "role")
	_, err = p.ConfirmAppointment(t.Context(), in("admin"), "office-oncall", registry.Revoked, "départ")
	wantConflict(t, err, "state")
	_, err = p.ConfirmAppointment(t.Context(), in("dpo"), "office-oncall", registry.ConfirmedApp, "")
	wantConflict(t, err, "state")
}

func delegation() registry.Delegation {
	return registry.Delegation{UAI: right(veil), Function: "ADJ", Act: "arrêté 7", From: day("2026-11-23"), Until: day("2027-01-22")}
}

func deputy() roles.Caller {
	c := at("adjoint", registry.Staff, right(veil))
	c.Held[0].Functions = []string{"ADJ"}
	return c
}

func TestHardCase19AnInterimHeadSignsBetweenTwoDatesUnderTheAct(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	_, err := p.Decide(t.Context(), deputy(), enable(right(veil)))
	wantDenied(t, err, "role")
	g := ok[registry.Delegation](t)(p.PutDelegation(t.Context(), headOfVeil(), delegation()))
	ok[desk.Report](t)(p.Decide(t.Context(), deputy(), enable(right(veil))))
	by := p.enabling("lire", right(veil)).Decisions[0]
	if by.Under != "arrêté 7" || by.By != "adjoint" {
		t.Errorf("%+v does not cite the act", by)
	}
	_, err = p.PutDelegation(t.Context(), deputy(), registry.Delegation{UAI: right(veil), Function: "SEC", Act: "x", From: day("2026-11-23"), Until: day("2027-01-22")})
	wantDenied(t, err, "role")
	p.at("2027-01-22T22:59:00Z")
	ok[desk.Report](t)(p.Decide(t.Context(), deputy(), stop(registry.SuspendedHere, right(veil))))
	p.at("2027-01-22T23:00:00Z")
	_, err = p.Decide(t.Context(), deputy(), stop(registry.RefusedHere, right(veil)))
	wantDenied(t, err, "delegation_over")
	if e := p.enabling("lire", right(veil)); len(e.Decisions) != 2 || e.State != registry.SuspendedHere {
		t.Errorf("what was signed before no longer stands: %+v", e)
	}
	_ = g
}

func TestADelegationIsTheHeadsOrTheRecteurs(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	for name, c := range map[string]roles.Caller{"admin": in("admin"), "dpo": in("dpo"), "dasen": in("dasen"), "teacher": teacher()} {
		_, err := p.PutDelegation(t.Context(), c, delegation())
		t.Log(name)
		wantDenied(t, err, "role")
	}
	_, err := p.PutDelegation(t.Context(), at("h", registry.HeadOfSchool, right(private)), delegation())
	wantDenied(t, err, "perimeter")
	bad := delegation()
	bad.Act, bad.Function, bad.Until = "", "", day("2026-11-01")
	_, err = p.PutDelegation(t.Context(), headOfVeil(), bad)
	wantInvalid(t, err, "act", "function", "until")

	interim := delegation()
	interim.UAI = right(vacant)
	ok[registry.Delegation](t)(p.PutDelegation(t.Context(), in("recteur"), interim))

	g := ok[registry.Delegation](t)(p.PutDelegation(t.Context(), headOfVeil(), delegation()))
	g.Until = day("2026-11-30")
	ok[registry.Delegation](t)(p.PutDelegation(t.Context(), headOfVeil(), g))
	if s := p.snapshot().DelegationsAt(right(veil)); len(s) != 1 || s[0].Until != g.Until {
		t.Errorf("%+v", s)
	}
	revision := p.snapshot().Revision()
	ok[registry.Delegation](t)(p.PutDelegation(t.Context(), headOfVeil(), g))
	if p.snapshot().Revision() != revision {
		t.Error("the same delegation was written twice")
	}
	g.Act = "arrêté 8"
	_, err = p.PutDelegation(t.Context(), headOfVeil(), g)
	wantConflict(t, err, "state")
	g.UAI = right(private)
	_, err = p.PutDelegation(t.Context(), at("h", registry.HeadOfSchool, right(private)), g)
	wantMissing(t, err, "delegation")
	managed := delegation()
	managed.ID, managed.ManagedBy = "fichier", "delegations.yaml"
	p.given(registry.Change{Delegations: []registry.Delegation{managed}})
	_, err = p.PutDelegation(t.Context(), headOfVeil(), managed)
	wantConflict(t, err, "managed")
}

func TestATokenDoesWhatItsScopesAndItsHolderMay(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	head := headOfVeil()
	k, secret, err := p.MakeToken(t.Context(), head, " mon  script ", []string{"decide", "read", "read"}, p.clock.AddDate(1, 0, 0))
	if err != nil || k.Hash != "" || k.Name != "mon script" || strings.Join(k.Scopes, " ") != "decide read" {
		t.Fatalf("%+v, %v", k, err)
	}
	if !regexp.MustCompile(`^ecl_[0-9A-Za-z]{43}$`).MatchString(secret) {
		t.Errorf("secret of %d characters", len(secret))
	}
	stored := p.snapshot().Tokens()
	if len(stored) != 1 || len(stored[0].Hash) != 64 || strings.Contains(secret, stored[0].Hash) {
		t.Error("what is stored is not a hash")
	}
	c := ok[roles.Caller](t)(p.ByToken(secret))
	if c.Handle != "head-veil" || len(c.Held) != 1 || !c.Held[0].Until.Equal(p.clock.Add(12*time.Hour)) {
		t.Errorf("%+v", c)
	}
	ok[desk.Report](t)(p.Decide(t.Context(), c, enable(right(veil))))
	_, err = p.PutDelegation(t.Context(), c, delegation())
	wantDenied(t, err, "token")
	_, _, err = p.MakeToken(t.Context(), c, "encore", []string{"read"}, p.clock.Add(time.Hour))
	wantDenied(t, err, "token")
	p.clock = p.clock.Add(12 * time.Hour)
	p.snapshot()
	c = ok[roles.Caller](t)(p.ByToken(secret))
	_, err = p.Decide(t.Context(), c, stop(registry.RefusedHere, right(veil)))
	wantDenied(t, err, "role")
	if kept := p.kept("token_make"); len(kept) != 1 || strings.Contains(strings.Join([]string{kept[0].Detail["token"], kept[0].Detail["scopes"]}, ""), secret) {
		t.Errorf("journal %+v", kept)
	}
}

func TestRolesByAppointmentOutliveTheTwelveHours(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	_, secret, err := p.MakeToken(t.Context(), in("oncall"), "astreinte", []string{"decide"}, p.clock.Add(100*24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	p.clock = p.clock.Add(30 * 24 * time.Hour)
	p.snapshot()
	c := ok[roles.Caller](t)(p.ByToken(secret))
	ok[registry.Service](t)(p.SuspendService(t.Context(), c, "lire", true, "incident"))
}

func TestATokenThatIsNoTokenSaysNothing(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	k, secret, err := p.MakeToken(t.Context(), in("admin"), "un", []string{"technical"}, p.clock.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	stored := p.snapshot().Tokens()[0]
	for _, wrong := range []string{"", "ecl_", secret[4:], secret + "0", secret[:len(secret)-1], strings.ToUpper(secret), "ecl_" + strings.Repeat("0", 43), stored.Hash, k.ID} {
		if c, err := p.ByToken(wrong); !errors.Is(err, desk.ErrToken) || c.Handle != "" {
			t.Errorf("%d characters: %v, %v", len(wrong), c, err)
		}
	}
	clock := p.clock
	p.clock = clock.Add(time.Hour)
	p.snapshot()
	if _, err := p.ByToken(secret); !errors.Is(err, desk.ErrToken) {
		t.Errorf("at its end: %v", err)
	}
	p.clock = clock.Add(time.Hour - time.Second)
	p.snapshot()
	ok[roles.Caller](t)(p.ByToken(secret))
	if err := p.RevokeToken(t.Context(), in("drane"), k.ID); err == nil {
		t.Error("somebody revoked another's token")
	}
	wantDenied(t, p.RevokeToken(t.Context(), in("drane"), "none"), "perimeter")
	wantMissing(t, p.RevokeToken(t.Context(), in("oncall"), "none"), "token")
	if err := p.RevokeToken(t.Context(), in("admin"), k.ID); err != nil {
		t.Error(err)
	}
	if _, err := p.ByToken(secret); !errors.Is(err, desk.ErrToken) {
		t.Errorf("revoked: %v", err)
	}
	if err := p.RevokeToken(t.Context(), in("oncall"), k.ID); err != nil || len(p.kept("token_revoke")) != 1 {
		t.Errorf("revoking twice: %v", err)
	}
	p.clock = p.clock.Add(registry.MaxAge)
	if _, err := p.ByToken(secret); !errors.Is(err, registry.ErrStale) {
		t.Errorf("on a view that is too old: %v", err)
	}
}

func TestATokenHasANameScopesAndAnEnd(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	_, secret, err := p.MakeToken(t.Context(), in("admin"), "", nil, p.clock)
	wantInvalid(t, err, "name", "scopes", "until")
	if secret != "" {
		t.Error("a secret was given with a refusal")
	}
	_, _, err = p.MakeToken(t.Context(), in("admin"), "x", []string{"read", "everything", "make_token", ""}, p.clock.AddDate(1, 0, 0).Add(time.Second))
	wantInvalid(t, err, "scopes[1]", "scopes[2]", "scopes[3]", "until")
	_, _, err = p.MakeToken(t.Context(), in("nobody"), "x", []string{"read"}, p.clock.Add(time.Hour))
	wantDenied(t, err, "role")
	_, _, err = p.MakeToken(t.Context(), in(""), "x", []string{"read"}, p.clock.Add(time.Hour))
	wantDenied(t, err, "role")
}
