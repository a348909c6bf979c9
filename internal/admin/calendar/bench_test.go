package calendar_test

import "testing"

// BenchmarkCalendar is the calendar of a large academy, as its officer asks for it.
func BenchmarkCalendar(b *testing.B) {
	o := newOffice(b)
	o.Enlarge(b)
	for b.Loop() {
		if a := o.Ask(o.DPO(), "GET", "/bureau/calendrier"); a.Status != 200 {
			b.Fatal(a.Status)
		}
	}
}
