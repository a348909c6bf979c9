package desk_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/stepup"
)

// seated is somebody in a session of the desk.
func seated(c roles.Caller, session string) roles.Caller {
	c.Session = session
	return c
}

// asking is a house that asks for second means, as a gateway does.
func asking(t *testing.T) *desktest.House {
	t.Helper()
	h := desktest.New(t)
	h.StepUps = h.Factors
	return h
}

// enrols gives somebody their first code.
func enrols(t *testing.T, h *desktest.House, c roles.Caller) (secret string) {
	t.Helper()
	e, err := h.BeginCode(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	secret = strings.ReplaceAll(e.Secret, " ", "")
	if _, err := h.EnrolCode(t.Context(), c, e.ID, codeNow(t, h, secret), "téléphone"); err != nil {
		t.Fatal(err)
	}
	h.Wait(2 * time.Minute)
	return secret
}

func codeNow(t *testing.T, h *desktest.House, secret string) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, h.Now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestAnActIsDoneAfterACodeForItAndAnotherActIsNot(t *testing.T) {
	t.Parallel()
	h := asking(t)
	ctx, recteur := t.Context(), seated(h.Recteur(), "s-1")
	secret := enrols(t, h, recteur)
	_, _, err := h.Appoint(ctx, recteur, proposed(registry.Auditor))
	key := wantsStepUp(t, err).Key
	if err := h.ShowCode(ctx, recteur, key, codeNow(t, h, secret)); err != nil {
		t.Fatal(err)
	}
	_, _, err = h.Appoint(ctx, recteur, proposed(registry.Admin))
	wantsStepUp(t, err)
	_, _, err = h.Appoint(ctx, seated(h.Recteur(), "s-2"), proposed(registry.Auditor))
	wantsStepUp(t, err)
	if _, _, err := h.Appoint(ctx, recteur, proposed(registry.Auditor)); err != nil {
		t.Errorf("the act that the code was for: %v", err)
	}
	_, _, err = h.Appoint(ctx, recteur, proposed(registry.Auditor))
	wantsStepUp(t, err)
}

func TestAFirstMeansIsEnrolledAtOnceAndTheNextAfterAStepUp(t *testing.T) {
	t.Parallel()
	h := asking(t)
	ctx, recteur := t.Context(), seated(h.Recteur(), "s-1")
	secret := enrols(t, h, recteur)
	_, err := h.BeginCode(ctx, recteur)
	needed := wantsStepUp(t, err)
	_, _, err = h.BeginKey(ctx, recteur)
	wantsStepUp(t, err)
	if err := h.ShowCode(ctx, recteur, needed.Key, codeNow(t, h, secret)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.BeginCode(ctx, recteur); err != nil {
		t.Errorf("after a step-up: %v", err)
	}
	all, err := h.MyFactors(ctx, recteur)
	if err != nil || len(all) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	wantsStepUp(t, h.RemoveFactor(ctx, recteur, all[0].ID))
	h.Wait(time.Minute)
	key := wantsStepUp(t, h.RemoveFactor(ctx, recteur, all[0].ID)).Key
	if err := h.ShowCode(ctx, recteur, key, codeNow(t, h, secret)); err != nil {
		t.Fatal(err)
	}
	if err := h.RemoveFactor(ctx, recteur, all[0].ID); err != nil {
		t.Errorf("removing: %v", err)
	}
	if all, _ := h.MyFactors(ctx, recteur); len(all) != 0 {
		t.Errorf("%d are left", len(all))
	}
}

// TestAMeansWithoutANameIsNoneAndTakesNothingAway: in the store nothing named means all of somebody's.
func TestAMeansWithoutANameIsNoneAndTakesNothingAway(t *testing.T) {
	t.Parallel()
	h := asking(t)
	ctx, recteur := t.Context(), seated(h.Recteur(), "s-1")
	secret := enrols(t, h, recteur)
	err := h.RemoveFactor(ctx, recteur, "")
	var needed *desk.StepUp
	if errors.As(err, &needed) {
		h.Wait(time.Minute)
		if err := h.ShowCode(ctx, recteur, needed.Key, codeNow(t, h, secret)); err != nil {
			t.Fatal(err)
		}
		err = h.RemoveFactor(ctx, recteur, "")
	}
	if !errors.As(err, new(*desk.NotFound)) {
		t.Errorf("%v", err)
	}
	if all, err := h.MyFactors(ctx, recteur); err != nil || len(all) != 1 {
		t.Errorf("%d means are left, %v", len(all), err)
	}
}

func TestATokenHasNoMeansAndShowsNone(t *testing.T) {
	t.Parallel()
	h := asking(t)
	token := h.Recteur()
	token.Scopes = []string{roles.ScopeAccess, string(roles.ManageFactors), string(roles.ResetFactors)}
	for name, err := range map[string]error{
		"list":   second(h.MyFactors(t.Context(), token)),
		"begin":  second(h.BeginCode(t.Context(), token)),
		"show":   h.ShowCode(t.Context(), token, "k", "123456"),
		"remove": h.RemoveFactor(t.Context(), token, "f"),
		"lost":   second(h.ReportLost(t.Context(), token)),
		"reset":  h.ResetFactors(t.Context(), token, "AAAA", "perdu"),
	} {
		var denied *roles.Denied
		if !errors.As(err, &denied) || denied.Why != "token" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestASecondAdministratorTakesLostMeansAwayAndNobodyTheirOwn(t *testing.T) {
	t.Parallel()
	h := asking(t)
	ctx := t.Context()
	head, admin := seated(h.Head(desktest.College), "s-head"), seated(h.Admin(), "s-admin")
	if _, err := h.ReportLost(ctx, head); err == nil {
		t.Error("somebody who has none lost some")
	}
	enrols(t, h, head)
	secret := enrols(t, h, admin)
	word, err := h.ReportLost(ctx, head)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.ResetFactors(ctx, head, word, "perdu"); !deniedFor(err, "role") {
		t.Errorf("the head: %v", err)
	}
	own, err := h.ReportLost(ctx, admin)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.ResetFactors(ctx, admin, own, "perdu"); !deniedFor(err, "own_act") {
		t.Errorf("one's own: %v", err)
	}
	if _, err := h.WhoLost(ctx, admin, own); !deniedFor(err, "own_act") {
		t.Errorf("a look at one's own: %v", err)
	}
	if lost, err := h.WhoLost(ctx, admin, strings.ToLower(strings.ReplaceAll(word, "-", " "))); err != nil || lost.Handle != head.Handle || len(lost.Held) == 0 {
		t.Errorf("%+v, %v", lost, err)
	}
	var missing *desk.NotFound
	if err := h.ResetFactors(ctx, admin, "AAAA-BBBB-CCCC", "perdu"); !errors.As(err, &missing) {
		t.Errorf("a word of nobody: %v", err)
	}
	if err := h.ResetFactors(ctx, admin, word, ""); err == nil || len(mustFactors(t, h, head)) != 1 {
		t.Errorf("without a reason: %v", err)
	}
	key := wantsStepUp(t, h.ResetFactors(ctx, admin, word, "perdu")).Key
	if err := h.ShowCode(ctx, admin, key, codeNow(t, h, secret)); err != nil {
		t.Fatal(err)
	}
	if err := h.ResetFactors(ctx, admin, word, "perdu"); err != nil {
		t.Fatal(err)
	}
	if n := len(mustFactors(t, h, head)); n != 0 {
		t.Errorf("%d are left", n)
	}
	if n := len(mustFactors(t, h, admin)); n != 1 {
		t.Errorf("the administrator has %d", n)
	}
	found := false
	for _, e := range h.Entries(t) {
		found = found || e.Action == "factor_reset" && e.Actor == admin.Handle && e.Detail["holder"] == head.Handle && e.Detail["step_up"] == "totp"
	}
	if !found {
		t.Error("the journal does not have who reset whose means")
	}
	if err := h.ResetFactors(ctx, admin, word, "perdu"); !errors.As(err, &missing) {
		t.Errorf("the word again: %v", err)
	}
	enrols(t, h, head)
}

func mustFactors(t *testing.T, h *desktest.House, c roles.Caller) []stepup.Factor {
	t.Helper()
	all, err := h.MyFactors(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func deniedFor(err error, why string) bool {
	var d *roles.Denied
	return errors.As(err, &d) && d.Why == why
}

func TestAWordForLostMeansIsOverAfterADay(t *testing.T) {
	t.Parallel()
	h := asking(t)
	head, dpo := seated(h.Head(desktest.College), "s-head"), seated(h.DPO(), "s-dpo")
	enrols(t, h, head)
	word, err := h.ReportLost(t.Context(), head)
	if err != nil {
		t.Fatal(err)
	}
	h.Wait(24*time.Hour - time.Second)
	if _, err := h.WhoLost(t.Context(), dpo, word); err != nil {
		t.Errorf("within a day: %v", err)
	}
	h.Wait(time.Second)
	var missing *desk.NotFound
	if _, err := h.WhoLost(t.Context(), dpo, word); !errors.As(err, &missing) {
		t.Errorf("after a day: %v", err)
	}
}
