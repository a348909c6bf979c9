package review_test

import "testing"

// BenchmarkQueue is the first page of the queue of a large academy, as its officer asks for it.
func BenchmarkQueue(b *testing.B) { benched(b, "/bureau/file") }

// BenchmarkVersion is the page of one version there.
func BenchmarkVersion(b *testing.B) { benched(b, "/bureau/declarations/grand-0000/2") }

func benched(b *testing.B, path string) {
	o := newOffice(b)
	o.Enlarge(b)
	for b.Loop() {
		if a := o.Ask(o.DPO(), "GET", path); a.Status != 200 {
			b.Fatal(a.Status)
		}
	}
}
