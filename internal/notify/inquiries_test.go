package notify_test

import (
	"testing"
	"time"

	"ecluse/internal/notify"
	"ecluse/internal/registry"
)

// asking is a small academy in which somebody asked something that waits for a second person.
func asking(at time.Time) registry.Contents {
	c := academy()
	c.Inquiries = []registry.Inquiry{{
		ID: "q1", Academy: "lille", State: registry.Submitted, Until: at.AddDate(0, 0, registry.InquiryDays),
		Decisions: []registry.Decision{{At: at, State: registry.Submitted, By: "h-asker", Reason: "Demande 2026-18"}},
	}}
	c.Appointments = []registry.Appointment{officer("a1", "h-asker", "lille")}
	return c
}

func officer(id, holder, academy string) registry.Appointment {
	return registry.Appointment{
		ID: id, Role: registry.DPO, Over: registry.Over{Academies: []string{academy}}, Holder: holder, Reason: "essai",
		State: registry.ConfirmedApp, From: day(2026, 9, 1), Until: day(2027, 8, 31),
	}
}

// inquiriesTold counts what the digests say of inquiries, box by box.
func inquiriesTold(t *testing.T, c registry.Contents, at time.Time) map[string]int {
	t.Helper()
	out := map[string]int{}
	for box, parts := range view(t, c, at).Digests(0) {
		for _, p := range parts {
			if p.Word == notify.WaitsInquiry {
				out[box.String()] += p.Count
			}
		}
	}
	return out
}

func TestAnInquiryIsToldToThoseWhoMayBeItsSecondPersonAndToNobodyElse(t *testing.T) {
	t.Parallel()
	c := asking(now())
	got := inquiriesTold(t, c, now())
	if len(got) != 2 || got["recteur lille"] != 1 || got["auditor lille"] != 1 {
		t.Errorf("with one officer: %v", got)
	}
	c.Inquiries = append(c.Inquiries, c.Inquiries[0])
	c.Inquiries[1].ID = "q2"
	c.Appointments = append(c.Appointments, officer("a2", "h-other", "lille"))
	got = inquiriesTold(t, c, now())
	if len(got) != 3 || got["dpo lille"] != 2 || got["auditor lille"] != 2 {
		t.Errorf("with two officers: %v", got)
	}
}

func TestTheOfficersMailboxIsNotToldByWhoCannotBeTheSecondPerson(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*registry.Contents, *registry.Appointment){
		"proposed":         func(_ *registry.Contents, a *registry.Appointment) { a.State = registry.Proposed },
		"nobody yet":       func(_ *registry.Contents, a *registry.Appointment) { a.Holder = "" },
		"who asked":        func(_ *registry.Contents, a *registry.Appointment) { a.Holder = "h-asker" },
		"not yet":          func(_ *registry.Contents, a *registry.Appointment) { a.From = day(2026, 11, 25) },
		"no more":          func(_ *registry.Contents, a *registry.Appointment) { a.Until = day(2026, 11, 23) },
		"without an end":   func(_ *registry.Contents, a *registry.Appointment) { a.Until = registry.Date{} },
		"elsewhere":        func(_ *registry.Contents, a *registry.Appointment) { a.Over.Academies = []string{"amiens"} },
		"another function": func(_ *registry.Contents, a *registry.Appointment) { a.Role = registry.DRANE },
		"stopped": func(c *registry.Contents, _ *registry.Appointment) {
			c.Stops = []registry.Stop{{Kind: registry.StopAppointment, ID: "a2", Suspended: true}}
		},
		"the person stopped": func(c *registry.Contents, _ *registry.Appointment) {
			c.Stops = []registry.Stop{{Kind: registry.StopHolder, ID: "h-other", Suspended: true}}
		},
	} {
		c := asking(now())
		second := officer("a2", "h-other", "lille")
		change(&c, &second)
		c.Appointments = append(c.Appointments, second)
		if got := inquiriesTold(t, c, now()); len(got) != 2 || got["dpo lille"] != 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestAnInquiryThatIsConfirmedEndedOrOverIsToldNoMore(t *testing.T) {
	t.Parallel()
	c := asking(now())
	over := now().AddDate(0, 0, registry.InquiryDays)
	if got := inquiriesTold(t, c, over.Add(-time.Second)); len(got) != 2 {
		t.Errorf("a second before its end: %v", got)
	}
	if got := inquiriesTold(t, c, over); len(got) != 0 {
		t.Errorf("over: %v", got)
	}
	for _, state := range []registry.State{registry.Approved, registry.Archived} {
		c.Inquiries[0].State = state
		if got := inquiriesTold(t, c, now()); len(got) != 0 {
			t.Errorf("%s: %v", state, got)
		}
	}
}
