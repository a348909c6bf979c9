package desk_test

import (
	"slices"
	"testing"
	"time"

	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// toConfirm are the inquiries that wait for somebody.
func toConfirm(t *testing.T, h *desktest.House, who roles.Caller) []desk.Task {
	t.Helper()
	all, err := h.Waiting(t.Context(), who)
	if err != nil {
		t.Fatal(explain(err))
	}
	return slices.DeleteFunc(all, func(task desk.Task) bool { return task.Kind != "inquiry" })
}

// anotherOfficer is a second data-protection officer of the academy.
func anotherOfficer(t *testing.T, h *desktest.House) roles.Caller {
	t.Helper()
	for _, a := range h.Snapshot(t).Appointments() {
		if a.ID == "dpo" {
			a.ID, a.Holder = "dpo-2", "another-officer"
			h.Apply(t, registry.Change{Appointments: []registry.Appointment{a}})
		}
	}
	return roles.Caller{Handle: "another-officer"}
}

func TestAnInquiryWaitsForThoseWhoMayBeItsSecondPersonAndForNobodyElse(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	other := anotherOfficer(t, h)
	q := asked(t, h)
	for _, who := range []roles.Caller{h.Recteur(), h.Auditor(), other} {
		got := toConfirm(t, h, who)
		if len(got) != 1 || got[0].About != q.ID || got[0].Until != registry.DateOf(q.Until).String() || got[0].Since != q.Asked().UTC().Format(time.RFC3339) {
			t.Errorf("%s: %+v", who.Handle, got)
		}
	}
	for _, who := range []roles.Caller{
		h.DPO(), h.Head(desktest.College), h.Teacher(desktest.College), h.DASEN(), h.DRANE(), h.Admin(), h.OnCall(), h.Support(), h.IEN(),
		h.Provider(), h.Assistant(), h.Stranger(),
	} {
		if got := toConfirm(t, h, who); len(got) != 0 {
			t.Errorf("%s: %+v", who.Handle, got)
		}
	}
	program := h.Auditor()
	program.Scopes = roles.Scopes()
	if got := toConfirm(t, h, program); len(got) != 0 {
		t.Errorf("a program: %+v", got)
	}
}

func TestAnInquiryWaitsNoMoreWhenItIsConfirmedEndedOrOver(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	confirmed, ended, late := asked(t, h), asked(t, h), asked(t, h)
	if got := toConfirm(t, h, h.Recteur()); len(got) != 3 {
		t.Fatalf("%+v", got)
	}
	if _, err := h.ConfirmInquiry(t.Context(), h.Auditor(), confirmed.ID, "vu"); err != nil {
		t.Fatal(explain(err))
	}
	if _, err := h.EndInquiry(t.Context(), h.Recteur(), ended.ID, "sans motif"); err != nil {
		t.Fatal(explain(err))
	}
	if got := toConfirm(t, h, h.Recteur()); len(got) != 1 || got[0].About != late.ID {
		t.Errorf("%+v", got)
	}
	h.Wait(registry.InquiryDays*24*time.Hour - time.Second)
	if got := toConfirm(t, h, h.Auditor()); len(got) != 1 {
		t.Errorf("a second before its end: %+v", got)
	}
	h.Wait(time.Second)
	if got := toConfirm(t, h, h.Auditor()); len(got) != 0 {
		t.Errorf("over: %+v", got)
	}
}
