package notify

import (
	"slices"

	"ecluse/internal/registry"
)

// inquiries counts those that wait for a second person, for each function of their academy that may be it. The mailbox of
// the data-protection officer is told where another one than who asked is in office.
func (v *View) inquiries() map[Box]int {
	out := map[Box]int{}
	for _, q := range v.Inquiries() {
		if !q.Waits(v.now) {
			continue
		}
		out[Box{registry.Recteur, q.Academy}]++
		out[Box{registry.Auditor, q.Academy}]++
		if v.secondOfficer(q) {
			out[Box{registry.DPO, q.Academy}]++
		}
	}
	return out
}

func (v *View) secondOfficer(q registry.Inquiry) bool {
	return slices.ContainsFunc(v.Appointments(), func(a registry.Appointment) bool {
		return a.Role == registry.DPO && slices.Contains(a.Over.Academies, q.Academy) && a.Holder != q.Asker() && v.inOffice(a)
	})
}

// inOffice tells whether somebody holds an office by an appointment now.
func (v *View) inOffice(a registry.Appointment) bool {
	zone := v.Zone()
	return a.State == registry.ConfirmedApp && a.Holder != "" && !a.From.IsZero() && !v.now.Before(a.From.Starts(zone)) &&
		!a.Until.IsZero() && v.now.Before(a.Until.Ends(zone)) &&
		!v.Stopped(registry.StopAppointment, a.ID) && !v.Stopped(registry.StopHolder, a.Holder)
}
