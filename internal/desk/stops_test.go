package desk_test

import (
	"slices"
	"testing"
	"time"

	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func button(kind registry.StopKind, id string) desk.Button {
	return desk.Button{Kind: kind, ID: id, Reason: "comptes volés"}
}

func school(uai person.UAI) desk.Button {
	return button(registry.StopEstablishment, string(uai))
}

// It tries who may press which button in the place, and with which word the others are denied.
func TestEachButtonIsForThoseWhoAnswerOrWatch(t *testing.T) {
	t.Parallel()
	headOfFar, directeur := at("head-far", registry.HeadOfSchool, right(far)), at("directeur", registry.Directeur, right(jules))
	for name, c := range map[string]struct {
		by   roles.Caller
		what desk.Button
		why  string // empty where it may
	}{
		"the head, the own collège":            {headOfVeil(), school(right(veil)), ""},
		"the head, another school":             {headOfVeil(), school(right(far)), "perimeter"},
		"another head, this collège":           {headOfFar, school(right(veil)), "perimeter"},
		"the directeur, the own école":         {directeur, school(right(jules)), ""},
		"the directeur, a collège":             {directeur, school(right(veil)), "perimeter"},
		"the DASEN, an école":                  {in("dasen"), school(right(jules)), ""},
		"the DASEN, another department":        {in("dasen"), school(right(far)), "perimeter"},
		"the data-protection officer":          {in("dpo"), school(right(veil)), ""},
		"on call":                              {in("oncall"), school(right(veil)), ""},
		"the administrator, a school":          {in("admin"), school(right(veil)), "role"},
		"a teacher":                            {teacher(), school(right(veil)), "role"},
		"the DRANE":                            {in("drane"), school(right(veil)), "role"},
		"another academy's recteur":            {in("elsewhere"), school(right(veil)), "perimeter"},
		"on call, an administrator's mandate":  {in("oncall"), button(registry.StopAppointment, "office-admin"), ""},
		"the officer, the DRANE's mandate":     {in("dpo"), button(registry.StopAppointment, "office-drane"), ""},
		"the administrator, on call's mandate": {in("admin"), button(registry.StopAppointment, "office-oncall"), ""},
		"the head, the recteur's mandate":      {headOfVeil(), button(registry.StopAppointment, "office-recteur"), "perimeter"},
		"a teacher, a mandate":                 {teacher(), button(registry.StopAppointment, "office-admin"), "role"},
		"on call, whoever has a handle":        {in("oncall"), button(registry.StopHolder, "head-veil"), ""},
		"a head, whoever has a handle":         {headOfVeil(), button(registry.StopHolder, "head-far"), "perimeter"},
		"the DASEN, whoever has a handle":      {in("dasen"), button(registry.StopHolder, "head-veil"), "perimeter"},
		"on call, a service":                   {in("oncall"), button(registry.StopService, "lire"), ""},
		"a head, a service":                    {headOfVeil(), button(registry.StopService, "lire"), "role"},
		"the officer, a source":                {in("dpo"), button(registry.StopSource, "annuaire"), ""},
		"a head, a source":                     {headOfVeil(), button(registry.StopSource, "annuaire"), "role"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			got, err := p.Stop(t.Context(), c.by, c.what)
			if c.why != "" {
				wantDenied(t, err, c.why)
				return
			}
			if err != nil || !got.Suspended || got.Decision.Reason != "comptes volés" || got.Decision.By != "" || got.Decision.Office == "" {
				t.Fatalf("%+v, %v", got, err)
			}
			if entries := p.kept(string(c.what.Kind) + "_suspend"); len(entries) != 1 || entries[0].Actor != c.by.Handle {
				t.Errorf("the journal says %+v", entries)
			}
			_, err = p.Stop(t.Context(), c.by, c.what)
			if c.what.Kind != registry.StopHolder || c.what.ID != c.by.Handle {
				wantConflict(t, err, "state")
			}
		})
	}
}

func TestWhatIsStoppedStartsAgainBySomebodyElse(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.given(registry.Change{Appointments: []registry.Appointment{office("secretary", registry.Recteur, registry.Over{Academies: []string{aca}})}})
	veilsDeputy := at("deputy-veil", registry.Deputy, right(veil))
	b := school(right(veil))
	ok[desk.Stopped](t)(p.Stop(t.Context(), headOfVeil(), b))
	for who, why := range map[string]string{"dpo": "role", "oncall": "role", "dasen": "perimeter", "elsewhere": "perimeter"} {
		_, err := p.Start(t.Context(), in(who), b)
		wantDenied(t, err, why)
	}
	_, err := p.Start(t.Context(), headOfVeil(), b)
	wantDenied(t, err, "own_act")
	_, err = p.Start(t.Context(), at("head-far", registry.HeadOfSchool, right(far)), b)
	wantDenied(t, err, "perimeter")
	silent := b
	silent.Reason = ""
	_, err = p.Start(t.Context(), veilsDeputy, silent)
	wantInvalid(t, err, "reason")
	if got := ok[desk.Stopped](t)(p.Start(t.Context(), veilsDeputy, b)); got.Suspended {
		t.Errorf("%+v", got)
	}
	if s, _ := p.snapshot().Stop(b.Kind, b.ID); s.Suspended || len(s.Decisions) != 2 || s.Decisions[0].By != "head-veil" || s.Decisions[1].By != "deputy-veil" {
		t.Errorf("%+v", s)
	}
	_, err = p.Start(t.Context(), in("recteur"), b)
	wantConflict(t, err, "state")

	ok[desk.Stopped](t)(p.Stop(t.Context(), in("recteur"), b))
	_, err = p.Start(t.Context(), in("recteur"), b)
	wantDenied(t, err, "own_act")
	ok[desk.Stopped](t)(p.Start(t.Context(), in("secretary"), b))

	_, err = p.Stop(t.Context(), in("oncall"), school("0280999Z"))
	wantDenied(t, err, "perimeter")
	_, err = p.Stop(t.Context(), in("oncall"), button(registry.StopAppointment, "none"))
	wantMissing(t, err, "appointment")
	_, err = p.Stop(t.Context(), in("oncall"), button("printer", "x"))
	wantInvalid(t, err, "kind")
	_, err = p.Stop(t.Context(), in("oncall"), desk.Button{Kind: registry.StopEstablishment, ID: string(right(veil))})
	wantInvalid(t, err, "reason")
}

func TestAStoppedAdministratorMayNothingAndNoTokenActsForThem(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	_, secret, err := p.MakeToken(t.Context(), in("admin"), "outil", []string{roles.ScopeTechnical}, p.clock.Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	mandate, holder := button(registry.StopAppointment, "office-admin"), button(registry.StopHolder, "head-veil")
	ok[desk.Stopped](t)(p.Stop(t.Context(), in("oncall"), mandate))
	_, err = p.PutService(t.Context(), in("admin"), another("calcul", "x"), "")
	wantDenied(t, err, "role")
	if _, err := p.ByToken(secret); err == nil {
		t.Error("the token still acts")
	}
	if held := roles.Holds(p.snapshot(), p.clock, in("admin")); len(held) != 0 {
		t.Errorf("%+v is held", held)
	}
	_, err = p.Start(t.Context(), in("admin"), mandate)
	wantDenied(t, err, "role")

	ok[desk.Stopped](t)(p.Stop(t.Context(), in("oncall"), holder))
	_, err = p.Stop(t.Context(), headOfVeil(), school(right(veil)))
	wantDenied(t, err, "suspended")
	_, err = p.Start(t.Context(), in("oncall"), holder)
	wantDenied(t, err, "role")
	ok[desk.Stopped](t)(p.Start(t.Context(), in("dpo"), holder))
	ok[desk.Stopped](t)(p.Start(t.Context(), in("dpo"), mandate))
	ok[registry.Service](t)(p.PutService(t.Context(), in("admin"), another("calcul", "x"), ""))
	if _, err := p.ByToken(secret); err == nil {
		t.Error("the token acts again: what was revoked stays so")
	}
	ok[desk.Stopped](t)(p.Stop(t.Context(), headOfVeil(), school(right(veil))))
}

func TestNobodyLiftsTheSuspensionOfTheirOwnMandate(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.given(registry.Change{Appointments: []registry.Appointment{
		office("both", registry.Admin, registry.Over{Academies: []string{aca}}),
		{
			ID: "second", Role: registry.DPO, Over: registry.Over{Academies: []string{aca}}, Reason: "in office", From: day("2026-09-01"), Until: day("2027-08-31"),
			State: registry.ConfirmedApp, Holder: "both", Author: "command:admin-link", Claim: "claimed-second",
		},
	}})
	mandate := button(registry.StopAppointment, "office-both")
	ok[desk.Stopped](t)(p.Stop(t.Context(), in("oncall"), mandate))
	_, err := p.Start(t.Context(), in("both"), mandate)
	wantDenied(t, err, "own_act")
	ok[desk.Stopped](t)(p.Start(t.Context(), in("dpo"), mandate))
}

func TestTheAnswerListsWhereNobodyCanBeSignedOut(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		inForce(t, h, desktest.Reading())
		h.Tells = func(_ registry.Service, b registry.Binding) bool { return b.Protocol == "oidc" }
		lire, _ := h.Snapshot(t).Service("lire")
		lire.Bindings = append(slices.Clone(lire.Bindings), registry.Binding{Protocol: "oidc", Handle: "lire-web"})
		h.Apply(t, registry.Change{Services: []registry.Service{lire}})
		want := []desk.Untold{{Service: "lire", Protocol: "saml", Handle: "https://lire.example/sp"}}
		for _, b := range []desk.Button{button(registry.StopService, "lire"), school(desktest.Ecole)} {
			got, err := h.Stop(t.Context(), h.OnCall(), b)
			if err != nil || !slices.Equal(got.Untold, want) {
				t.Errorf("%s: %+v, %v", b.Kind, got.Untold, err)
			}
		}
		if got, err := h.Stop(t.Context(), h.OnCall(), button(registry.StopSource, "ent")); err != nil || len(got.Untold) != 2 {
			t.Errorf("a source, through which people entered everything: %+v, %v", got.Untold, err)
		}
		if got, err := h.Stop(t.Context(), h.OnCall(), button(registry.StopAppointment, "admin")); err != nil || len(got.Untold) != 0 {
			t.Errorf("a mandate, where roles are looked up at each act: %+v, %v", got.Untold, err)
		}
		all, err := h.Stops(t.Context(), h.OnCall())
		if err != nil || len(all) != 4 {
			t.Fatalf("%+v, %v", all, err)
		}
		mine, err := h.Stops(t.Context(), h.Head(desktest.College))
		if err != nil || slices.ContainsFunc(mine, func(s desk.Stopped) bool {
			return s.Kind != registry.StopService && s.Kind != registry.StopSource
		}) {
			t.Errorf("a head of another school is shown %+v, %v", mine, err)
		}
	})
}
