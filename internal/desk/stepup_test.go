package desk_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// shown keeps which acts somebody stepped up for.
type shown struct {
	keys   []string
	asked  []string
	broken error
}

func (s *shown) Spend(_ context.Context, _ roles.Caller, key string) (string, bool, error) {
	s.asked = append(s.asked, key)
	i := slices.Index(s.keys, key)
	if s.broken != nil || i < 0 {
		return "", false, s.broken
	}
	s.keys = slices.Delete(s.keys, i, i+1)
	return "totp", true, nil
}

func wantsStepUp(t *testing.T, err error) *desk.StepUp {
	t.Helper()
	var needed *desk.StepUp
	if !errors.As(err, &needed) {
		t.Fatalf("%v, want a step-up", err)
	}
	return needed
}

func proposed(role registry.Role) registry.Appointment {
	return registry.Appointment{
		Role: role, Over: registry.Over{Academies: []string{desktest.Academy}}, Reason: "départ", Act: "A-1", Until: desktest.Day("2027-06-30"),
	}
}

func TestAnActThatWantsAStepUpIsWrittenOnceForEach(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	kept := &shown{}
	h.StepUps = kept
	recteur, a := h.Recteur(), proposed(registry.Auditor)
	before := len(h.Snapshot(t).Appointments())
	_, _, err := h.Appoint(t.Context(), recteur, a)
	needed := wantsStepUp(t, err)
	if needed.Act != roles.Appoint || needed.Word != "appointment_propose" || needed.On != "auditor" || needed.Key == "" {
		t.Errorf("%+v", needed)
	}
	if got := len(h.Snapshot(t).Appointments()); got != before {
		t.Errorf("%d appointments, want %d", got, before)
	}
	kept.keys = []string{needed.Key}
	if _, _, err := h.Appoint(t.Context(), recteur, a); err != nil {
		t.Fatal(err)
	}
	entries := h.Entries(t)
	if last := entries[len(entries)-1]; last.Action != "appointment_propose" || last.Detail["step_up"] != "totp" {
		t.Errorf("the journal has %+v", last)
	}
	_, _, err = h.Appoint(t.Context(), recteur, a)
	wantsStepUp(t, err)
}

func TestAStepUpIsForOneActAndForWhatItIsAbout(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	kept := &shown{}
	h.StepUps = kept
	key := func(change func(*registry.Appointment)) string {
		a := proposed(registry.Auditor)
		change(&a)
		_, _, err := h.Appoint(t.Context(), h.Recteur(), a)
		return wantsStepUp(t, err).Key
	}
	same := key(func(*registry.Appointment) {})
	if again := key(func(*registry.Appointment) {}); again != same {
		t.Error("the same act has two names")
	}
	for name, change := range map[string]func(*registry.Appointment){
		"another role":     func(a *registry.Appointment) { a.Role = registry.Admin },
		"another reach":    func(a *registry.Appointment) { a.Over = registry.Over{Departments: []string{desktest.Department}} },
		"another last day": func(a *registry.Appointment) { a.Until = desktest.Day("2027-06-29") },
		"another act":      func(a *registry.Appointment) { a.Act = "A-2" },
	} {
		if key(change) == same {
			t.Errorf("%s: the same step-up would do", name)
		}
	}
}

func TestWithoutAnybodyWhoKeepsStepUpsEveryActThatWantsOneIsRefused(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	h.StepUps = nil
	_, _, err := h.Appoint(t.Context(), h.Recteur(), proposed(registry.Auditor))
	var denied *roles.Denied
	if !errors.As(err, &denied) || denied.Why != "step_up" {
		t.Errorf("%v, want denied for want of a step-up", err)
	}
}

func TestAnActIsRefusedWhileStepUpsCannotBeRead(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	away := errors.New("the store is away")
	h.StepUps = &shown{broken: away}
	if _, _, err := h.Appoint(t.Context(), h.Recteur(), proposed(registry.Auditor)); !errors.Is(err, away) {
		t.Errorf("%v", err)
	}
}

func TestStoppingWantsNoStepUpAndStartingAgainDoes(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	kept := &shown{}
	h.StepUps = kept
	ctx, recteur := t.Context(), h.Recteur()
	if _, err := h.SuspendService(ctx, h.OnCall(), "lire", true, "fuite"); err != nil {
		t.Errorf("a service: %v", err)
	}
	if _, err := h.SuspendSource(ctx, h.OnCall(), "ent", true, "fuite"); err != nil {
		t.Errorf("a source: %v", err)
	}
	if len(kept.asked) != 0 {
		t.Errorf("stopping asked for %d step-ups", len(kept.asked))
	}
	_, err := h.SuspendService(ctx, recteur, "lire", false, "réparé")
	wantsStepUp(t, err)
	_, err = h.SuspendSource(ctx, recteur, "ent", false, "réparé")
	wantsStepUp(t, err)
}

func TestRefusingAndWithdrawingWantNoStepUp(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	ctx, recteur := t.Context(), h.Recteur()
	a, _, err := h.Appoint(ctx, recteur, proposed(registry.Auditor))
	if err != nil {
		t.Fatal(err)
	}
	kept := &shown{}
	h.StepUps = kept
	_, err = h.ConfirmAppointment(ctx, h.DPO(), a.ID, registry.ConfirmedApp, "")
	wantsStepUp(t, err)
	if _, err := h.ConfirmAppointment(ctx, h.DPO(), a.ID, registry.Revoked, "erreur"); err != nil {
		t.Errorf("revoking: %v", err)
	}
	rules := h.Snapshot(t).Rules(h.Now())
	rules.Note = "une règle"
	set, err := h.ProposeRules(ctx, recteur, rules, desktest.Day("2026-12-01"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.SignRules(ctx, h.DPO(), set.Rules.Version, false, "")
	wantsStepUp(t, err)
	if _, err := h.SignRules(ctx, h.DPO(), set.Rules.Version, true, "trop tôt"); err != nil {
		t.Errorf("dropping: %v", err)
	}
}

func TestATokenDoesWhatWantsAStepUpOnlyIfItWasMadeWithOneAndNamesTheAct(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	kept := &shown{}
	h.StepUps = kept
	ctx, recteur, until := t.Context(), h.Recteur(), h.Now().AddDate(0, 1, 0)
	appoint := func(secret string) error {
		c, err := h.ByToken(secret)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = h.Appoint(ctx, c, proposed(registry.Auditor))
		return err
	}
	refused := func(name string, err error) {
		t.Helper()
		var denied *roles.Denied
		if !errors.As(err, &denied) || denied.Why != "step_up" {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, secret, err := h.MakeToken(ctx, recteur, "groupe", []string{roles.ScopeAccess}, until)
	if err != nil {
		t.Fatalf("a token that names no such act: %v", err)
	}
	refused("the word of a group", appoint(secret))
	_, _, err = h.MakeToken(ctx, recteur, "mandats", []string{string(roles.Appoint)}, until)
	needed := wantsStepUp(t, err)
	_, _, err = h.MakeToken(ctx, recteur, "mandats", []string{string(roles.Appoint), string(roles.Lift)}, until)
	if wantsStepUp(t, err).Key == needed.Key {
		t.Error("a token for more would be made by the same step-up")
	}
	kept.keys = []string{needed.Key}
	_, secret, err = h.MakeToken(ctx, recteur, "mandats", []string{string(roles.Appoint)}, until)
	if err != nil {
		t.Fatal(err)
	}
	if err := appoint(secret); err != nil {
		t.Errorf("the token that names the act: %v", err)
	}
	c, err := h.ByToken(secret)
	if err != nil {
		t.Fatal(err)
	}
	c.Stepped = false
	_, _, err = h.Appoint(ctx, c, proposed(registry.Auditor))
	refused("made without a step-up", err)
}
