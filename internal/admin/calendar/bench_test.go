package calendar_test

import "testing"

// BenchmarkCalendar is the calendar of a large academy, as its officer asks for it.
func BenchmarkCalendar(b *testing.B) {
	o := newOffice(b)
	o.Enlarge(b)
	for b.Loop() {
		if a := o.get(o.DPO(), "/bureau/calendrier"); a.status != 200 {
			b.Fatal(a.status)
		}
	}
}
